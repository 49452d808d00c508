//! Changes of infrastructure that nobody is asked about.
//!
//! Facts: the reference of each program's command line, as
//! <https://developer.hashicorp.com/terraform/cli/commands/apply>,
//! <https://www.pulumi.com/docs/iac/cli/commands/pulumi_up/>,
//! <https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-deploy.html>.

use super::rehearsal;
use super::tools;
use crate::detect::shell::Command;

/// An apply that asks nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unattended {
    /// The program and verb, the subject of a finding: `terraform apply`.
    pub(crate) what: &'static str,
    /// What leaves the question out: `-auto-approve`.
    pub(crate) by: &'static str,
    /// It carries out a plan that was saved, and may have been read, before.
    pub(crate) planned: bool,
    /// It takes everything down: at the end of a test that is tidying up.
    pub(crate) destroys: bool,
}

/// Whether a command changes infrastructure with nobody asked, and by what.
pub(crate) fn unattended_apply(command: &Command) -> Option<Unattended> {
    if rehearsal::changes_nothing(command) {
        return None;
    }
    let verbs = tools::verbs(command);
    match command.name() {
        "terraform" | "tofu" => terraform(command, &verbs, command.name() == "tofu"),
        "terragrunt" => terragrunt(command, &verbs),
        "cdktf" => {
            let by = switched(command, &["--auto-approve"])?;
            either(
                &verbs,
                "cdktf deploy",
                "cdktf destroy",
                &["deploy", "apply"],
                by,
            )
        }
        "pulumi" => {
            let by = switched(command, &["--yes", "-y", "--skip-preview", "-f"])?;
            either(&verbs, "pulumi up", "pulumi destroy", &["up", "update"], by)
        }
        "cdk" => cdk(command, &verbs),
        "aws" => aws(&verbs),
        "sam" => {
            let by = switched(command, &["--no-confirm-changeset"])?;
            either(&verbs, "sam deploy", "sam delete", &["deploy"], by)
        }
        _ => None,
    }
}

const fn found(what: &'static str, by: &'static str) -> Unattended {
    Unattended {
        what,
        by,
        planned: false,
        destroys: false,
    }
}

/// The flag of these that is set, as it stands in the table.
fn switched(command: &Command, flags: &[&'static str]) -> Option<&'static str> {
    flags
        .iter()
        .find(|flag| command.switch(&[flag]).is_some())
        .copied()
}

fn either(
    verbs: &[&str],
    apply: &'static str,
    destroy: &'static str,
    applies: &[&str],
    by: &'static str,
) -> Option<Unattended> {
    let verb = verbs.first()?;
    if applies.contains(verb) {
        return Some(found(apply, by));
    }
    matches!(*verb, "destroy" | "delete" | "remove").then(|| Unattended {
        destroys: true,
        ..found(destroy, by)
    })
}

/// Terraform asks unless told not to or given a plan's file. Without a terminal it
/// fails, so a bare `apply` in a pipeline does nothing.
fn terraform(command: &Command, verbs: &[&str], tofu: bool) -> Option<Unattended> {
    let (verb, rest) = verbs.split_first()?;
    let destroys = match *verb {
        "apply" => command.switch(&["-destroy", "--destroy"]).is_some(),
        "destroy" => true,
        _ => return None,
    };
    let what = match (tofu, *verb == "destroy") {
        (false, false) => "terraform apply",
        (false, true) => "terraform destroy",
        (true, false) => "tofu apply",
        (true, true) => "tofu destroy",
    };
    let planned = *verb == "apply" && !rest.is_empty();
    let by = match switched(command, &["-auto-approve", "--auto-approve"]) {
        Some(_) => "-auto-approve",
        // `yes | terraform apply` is not seen here; a plan needs no flag.
        None if planned => "a saved plan",
        None => return None,
    };
    Some(Unattended {
        what,
        by,
        planned,
        destroys,
    })
}

fn terragrunt(command: &Command, verbs: &[&str]) -> Option<Unattended> {
    let by = switched(
        command,
        &[
            "-auto-approve",
            "--auto-approve",
            "--terragrunt-non-interactive",
            "--non-interactive",
        ],
    )?;
    let destroys = verbs
        .iter()
        .any(|v| matches!(*v, "destroy" | "destroy-all"));
    let applies = verbs.iter().any(|v| matches!(*v, "apply" | "apply-all"));
    let what = match (applies, destroys) {
        (true, _) => "terragrunt apply",
        (_, true) => "terragrunt destroy",
        _ => return None,
    };
    let last = verbs.last().copied().unwrap_or_default();
    Some(Unattended {
        planned: applies && is_plan(last),
        destroys: destroys && !applies,
        ..found(what, by)
    })
}

/// A plan's file by its name.
fn is_plan(text: &str) -> bool {
    matches!(text, "tfplan" | "plan.out")
        || matches!(text.rsplit_once('.'), Some((_, "tfplan" | "plan")))
}

fn cdk(command: &Command, verbs: &[&str]) -> Option<Unattended> {
    if verbs.first() == Some(&"destroy") {
        let by = switched(command, &["--force", "-f"])?;
        return Some(Unattended {
            destroys: true,
            ..found("cdk destroy", by)
        });
    }
    let (_, value) = command.value_of(&["--require-approval"])?;
    (verbs.first() == Some(&"deploy") && value == "never")
        .then(|| found("cdk deploy", "--require-approval never"))
}

/// `cloudformation deploy` makes a change set and carries it out in one.
fn aws(verbs: &[&str]) -> Option<Unattended> {
    let what = match verbs.get(..2)? {
        ["cloudformation", "deploy"] => "aws cloudformation deploy",
        ["cloudformation", "update-stack"] => "aws cloudformation update-stack",
        ["cloudformation", "create-stack"] => "aws cloudformation create-stack",
        ["cloudformation", "delete-stack"] => "aws cloudformation delete-stack",
        _ => return None,
    };
    Some(Unattended {
        destroys: what.ends_with("delete-stack"),
        ..found(what, "no change set to agree to")
    })
}
