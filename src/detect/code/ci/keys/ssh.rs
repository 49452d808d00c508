//! Stored private keys and passwords of machines that a job signs in to.

use super::script::writes_to;
use super::{At, Claim, Keys, Stored, action};
use crate::detect::code::deploys::{self, Stage};
use crate::detect::pipeline::{Job, Setting, Step, find};
use crate::detect::shell::{Command, Word};
use crate::detect::{Cx, Hit};
use crate::finding::{Confidence, Severity};

const DOES: &str = "signs in to another machine with the stored key";

/// Actions and pipes that sign in to a machine, and their inputs that take a key or a
/// password.
const SIGN_IN: &[(&str, &[&str])] = &[
    ("appleboy/ssh-action", &["key", "password"]),
    ("appleboy/scp-action", &["key", "password"]),
    ("easingthemes/ssh-deploy", &["SSH_PRIVATE_KEY"]),
    ("burnett01/rsync-deployments", &["remote_key"]),
    (
        "garygrossgarten/github-action-ssh",
        &["privateKey", "password"],
    ),
    (
        "garygrossgarten/github-action-scp",
        &["privateKey", "password"],
    ),
    (
        "wlixcc/sftp-deploy-action",
        &["ssh_private_key", "password"],
    ),
    ("fifsky/ssh-action", &["key"]),
    ("cross-the-world/ssh-scp-ssh-pipelines", &["key", "pass"]),
    ("up9cloud/action-rsync", &["KEY"]),
    ("appleboy/drone-ssh", &["key", "password"]),
    ("appleboy/drone-scp", &["key", "password"]),
    ("atlassian/ssh-run", &["SSH_KEY"]),
    ("atlassian/scp-deploy", &["SSH_KEY"]),
    ("atlassian/sftp-deploy", &["SSH_KEY", "PASSWORD"]),
    ("atlassian/rsync-deploy", &["SSH_KEY"]),
];

/// Actions that only keep a key ready: later steps use it.
const READY: &[(&str, &[&str])] = &[
    ("webfactory/ssh-agent", &["ssh-private-key"]),
    ("shimataro/ssh-key-action", &["key"]),
    (
        "kielabokkie/ssh-key-and-known-hosts-action",
        &["ssh-private-key"],
    ),
];

/// Finds the keys, once for each job and secret.
pub(in crate::detect::code) fn keys(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(mut keys) = Keys::of(cx) else {
        return Vec::new();
    };
    keys.steps(step);
    keys.hits
}

fn step<'p>(keys: &mut Keys<'p>, at: At<'p>, job: &'p Job, step: &'p Step) {
    let name = action(step).unwrap_or_default();
    let inputs = |table: &[(&str, &'static [&'static str])]| {
        let row = table.iter().find(|(action, _)| *action == name);
        row.map_or(&[][..], |(_, inputs)| inputs)
    };
    for input in inputs(SIGN_IN) {
        let env = find(&step.env, input).filter(|_| name == "easingthemes/ssh-deploy");
        if let Some((setting, stored)) = given(keys, at, find(&step.with, input).or(env)) {
            let claim = Claim::new(&setting.value, &stored, DOES);
            let claim = claim.grave(severity(step));
            keys.push(at, claim);
        }
    }
    for input in inputs(READY) {
        if let Some((setting, stored)) = given(keys, at, find(&step.with, input)) {
            ready(keys, at, job, Claim::new(&setting.value, &stored, DOES));
        }
    }
    if name == "withcredentials"
        && let Some(binding) = find(&step.with, "sshUserPrivateKey")
    {
        let stored = Stored::Secret(binding.value.text.clone());
        ready(keys, at, job, Claim::new(&binding.value, &stored, DOES));
    }
    if name == "sshagent"
        && let Some(id) = job.contexts.iter().find(|id| id.span.start > step.at.start)
    {
        let stored = Stored::Secret(id.text.clone());
        ready(keys, at, job, Claim::new(id, &stored, DOES));
    }
    commands(keys, at, job, step);
}

fn given<'p>(
    keys: &Keys<'p>,
    at: At<'p>,
    setting: Option<&'p Setting>,
) -> Option<(&'p Setting, Stored)> {
    let setting = setting?;
    let stored = keys.stored(at, &setting.value.text)?;
    Some((setting, stored))
}

/// How bad it is when the key of this step's machine gets lost.
fn severity(step: &Step) -> Severity {
    let text = |names: &[&str]| {
        let mut all = step.with.iter().chain(&step.env);
        all.find(|s| names.iter().any(|name| s.name.eq_ignore_ascii_case(name)))
            .map_or("", |s| s.value.text.trim())
    };
    let user = text(&["username", "user", "remote_user", "SSH_USER"]);
    let host = text(&["host", "remote_host", "server"]);
    graded(user, host)
}

fn graded(user: &str, host: &str) -> Severity {
    if user == "root" || deploys::stage(host) == Stage::Production {
        Severity::High
    } else {
        Severity::Medium
    }
}

fn commands<'p>(keys: &mut Keys<'p>, at: At<'p>, job: &'p Job, step: &'p Step) {
    for (index, command) in step.script.commands.iter().enumerate() {
        let place = step.script.place(command.span);
        // `ssh-add <(echo "$KEY")` reads what its own words print.
        let added = command.name() == "ssh-add";
        let stored = if added {
            let own = command.args().iter();
            let mut own = own.filter_map(|word| keys.stored(at, word.text()));
            own.next().or_else(|| keys.fed(at, step, index))
        } else if writes_to(command).any(is_key_file) {
            keys.fed(at, step, index)
        } else if command.name() == "sshpass" {
            let password = command.value_of(&["-p"]).map(|(_, value)| value);
            password.and_then(|text| keys.stored(at, text))
        } else {
            None
        };
        if let Some(stored) = stored {
            ready(keys, at, job, Claim::at(place, &stored, DOES));
        }
    }
}

/// Whether a file is where a private key is looked for.
fn is_key_file(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    let known = file.contains(".ssh/")
        && !matches!(
            name,
            "known_hosts" | "config" | "authorized_keys" | "environment"
        );
    (known || name.starts_with("id_")) && name.rsplit('.').next() != Some("pub")
}

/// A key that is kept ready, by what the job does with it then. One that only fetches
/// private code is no way into a machine.
fn ready<'p>(keys: &mut Keys<'p>, at: At<'p>, job: &'p Job, claim: Claim) {
    let commands = keys.commands_of(&job.steps);
    let mut worst = None;
    for command in commands.filter(|command| signs_in(command)) {
        let target = command.operands().map(Word::text);
        let mut target = target.filter(|text| text.contains('@') || text.contains(':'));
        let target = target.next().unwrap_or_default();
        let (user, host) = target.split_once('@').unwrap_or(("", target));
        let found = graded(user, host);
        worst = worst.max(Some(found));
    }
    let claim = match worst {
        Some(severity) => claim.grave(severity),
        None => claim.grave(Severity::Low).sure(Confidence::Low),
    };
    keys.push(at, claim);
}

/// Whether a command goes to another machine, other than to fetch or push code.
fn signs_in(command: &Command) -> bool {
    let known = matches!(
        command.name(),
        "ssh"
            | "scp"
            | "sftp"
            | "rsync"
            | "ansible-playbook"
            | "ansible"
            | "sshpass"
            | "lftp"
            | "dep"
            | "cap"
    );
    let forge = command.args().iter().any(|word| {
        [
            "git@github.com",
            "git@gitlab.com",
            "git@bitbucket.org",
            "git@ssh.dev.azure.com",
        ]
        .iter()
        .any(|forge| word.text().contains(forge))
    });
    let remote = command.name() != "rsync" || command.operands().any(|w| w.text().contains(':'));
    known && !forge && remote && command.operands().next().is_some()
}
