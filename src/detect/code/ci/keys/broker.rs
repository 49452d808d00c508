//! Stored tokens of brokers: services that hand out secrets or run infrastructure code.

use super::script::assigned;
use super::{At, Claim, Keys, action, given};
use crate::detect::code::alternatives::Service;
use crate::detect::pipeline::{Job, Setting, Step, find};
use crate::detect::{Cx, Hit};
use crate::finding::{Confidence, Severity};

/// Variables that hold the token of a broker.
const VARIABLES: &[(&str, Service)] = &[
    ("VAULT_TOKEN", Service::Vault),
    ("VAULT_SECRET_ID", Service::Vault),
    ("PULUMI_ACCESS_TOKEN", Service::PulumiCloud),
    ("JF_ACCESS_TOKEN", Service::Jfrog),
    ("TF_API_TOKEN", Service::HcpTerraform),
    ("TFE_TOKEN", Service::HcpTerraform),
];

/// Actions, and their inputs that take a token.
const ACTIONS: &[(&str, &[&str], Service)] = &[
    (
        "hashicorp/vault-action",
        &["token", "secretId"],
        Service::Vault,
    ),
    (
        "hashicorp/setup-terraform",
        &["cli_config_credentials_token"],
        Service::HcpTerraform,
    ),
];

/// Finds the tokens, once for each job and secret, the widest scope first.
pub(in crate::detect::code) fn tokens(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(mut keys) = Keys::of(cx) else {
        return Vec::new();
    };
    keys.environments(|keys, at, env| {
        for setting in env {
            if let Some(service) = opened(&setting.name)
                && !exchanges(at, service)
            {
                claim(keys, at, setting, service);
            }
        }
    });
    keys.steps(step);
    keys.hits
}

/// The broker that a variable of this name opens.
fn opened(name: &str) -> Option<Service> {
    if name.starts_with("TF_TOKEN_") {
        return Some(Service::HcpTerraform);
    }
    let (_, service) = VARIABLES.iter().find(|(variable, _)| *variable == name)?;
    Some(*service)
}

/// Whether the step that is given a token signs in by the job's identity all the same.
fn exchanges(at: At<'_>, service: Service) -> bool {
    service == Service::Jfrog
        && at
            .step
            .is_some_and(|step| given(&step.with, "oidc-provider-name"))
}

fn claim<'p>(keys: &mut Keys<'p>, at: At<'p>, setting: &'p Setting, service: Service) {
    if let Some(stored) = keys.stored(at, &setting.value.text) {
        let claim = Claim::new(&setting.value, &stored, does(service));
        push(keys, at, claim, service);
    }
}

fn does(service: Service) -> String {
    let title = match service {
        Service::Vault => "Vault",
        Service::PulumiCloud => "Pulumi Cloud",
        Service::Jfrog => "Artifactory",
        _ => "HCP Terraform",
    };
    format!("signs in to {title} with the stored token")
}

fn push<'p>(keys: &mut Keys<'p>, at: At<'p>, claim: Claim, service: Service) {
    let claim = claim.of(service).grave(Severity::Medium);
    let claim = if keys.alternative(claim.service).is_some() {
        claim
    } else {
        claim.grave(Severity::Low).sure(Confidence::Low)
    };
    keys.push(at, claim);
}

fn step<'p>(keys: &mut Keys<'p>, at: At<'p>, _job: &'p Job, step: &'p Step) {
    let name = action(step).unwrap_or_default();
    if let Some((_, inputs, service)) = ACTIONS.iter().find(|row| row.0 == name) {
        // With another method the token that is given is not the way in.
        let method = find(&step.with, "method").map_or("", |s| s.value.text.trim());
        if matches!(method, "" | "token" | "approle") {
            for input in *inputs {
                if let Some(setting) = find(&step.with, input) {
                    claim(keys, at, setting, *service);
                }
            }
        }
    }
    for command in step.script.commands.iter() {
        let place = step.script.place(command.span);
        if command.name() == "vault"
            && command.begins_with(&["login"])
            && command.flag(&["-method"]).is_none()
            && let Some(word) = command.operands().nth(1)
            && let Some(stored) = keys.stored(at, word.text())
        {
            let claim = Claim::at(place, &stored, does(Service::Vault));
            push(keys, at, claim, Service::Vault);
        }
        for set in assigned(command) {
            if let Some(service) = opened(set.name)
                && let Some(stored) = keys.stored(at, &set.value)
            {
                let place = step.script.place(set.span);
                push(keys, at, Claim::at(place, &stored, does(service)), service);
            }
        }
    }
}
