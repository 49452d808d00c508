//! Stored passwords of registries of images.

use super::{At, Claim, Keys, Stored, action};
use crate::detect::code::alternatives::{Service, registry};
use crate::detect::pipeline::{Job, Setting, Step, System, find, reads};
use crate::detect::shell::{Command, Word};
use crate::detect::{Cx, Hit};
use crate::finding::{Confidence, Severity};

/// Actions, plugins and pipes that log in, and what they call the registry.
const LOGINS: &[(&str, &[&str])] = &[
    ("docker/login-action", &["registry"]),
    ("redhat-actions/podman-login", &["registry"]),
    ("azure/docker-login", &["login-server"]),
    ("azure/container-actions/docker-login", &["login-server"]),
    ("plugins/docker", &["registry"]),
    ("plugins/buildx", &["registry"]),
    ("woodpeckerci/plugin-docker-buildx", &["registry"]),
    ("woodpeckerci/plugin-kaniko", &["registry"]),
    ("docker-login", &["server"]),
];

/// Finds the passwords, once for each job and secret.
pub(in crate::detect::code) fn logins(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(mut keys) = Keys::of(cx) else {
        return Vec::new();
    };
    keys.steps(step);
    keys.hits
}

fn step<'p>(keys: &mut Keys<'p>, at: At<'p>, _job: &'p Job, step: &'p Step) {
    if let Some(name) = action(step) {
        uses(keys, at, &name, step);
    }
    for (index, command) in step.script.commands.iter().enumerate() {
        if !logs_in(command) {
            continue;
        }
        let own = command.value_of(&["-p", "--password"]);
        let stored = match own {
            Some((_, value)) => keys.stored(at, value),
            None if command.flag(&["--password-stdin"]).is_some() => keys.fed(at, step, index),
            None => None,
        };
        if let Some(stored) = stored {
            let place = step.script.place(command.span);
            let claim = |does: String| Claim::at(place, &stored, does);
            push(keys, at, host(command), claim);
        }
    }
}

fn uses<'p>(keys: &mut Keys<'p>, at: At<'p>, name: &str, step: &'p Step) {
    let Some((_, hosts)) = LOGINS.iter().find(|(login, _)| *login == name) else {
        return;
    };
    let with = &step.with;
    let host = hosts.iter().find_map(|name| find(with, name));
    let host = host.map_or("", |setting| setting.value.text.as_str());
    let found = find(with, "password")
        .and_then(|s| Some((s, keys.stored(at, &s.value.text)?)))
        .or_else(|| named(find(with, "password-env")?));
    if let Some((setting, stored)) = found {
        push(keys, at, host, |does| {
            Claim::new(&setting.value, &stored, does)
        });
    }
}

/// A plugin's input that is the name of a variable.
fn named(setting: &Setting) -> Option<(&Setting, Stored)> {
    let name = setting.value.text.trim();
    (!name.is_empty()).then(|| (setting, Stored::Secret(name.to_owned())))
}

fn logs_in(command: &Command) -> bool {
    match command.name() {
        "docker" | "podman" | "nerdctl" | "buildah" | "skopeo" | "oras" | "regctl" => {
            command.begins_with(&["login"]) || command.begins_with(&["registry", "login"])
        }
        "helm" => command.begins_with(&["registry", "login"]),
        "crane" => command.begins_with(&["auth", "login"]),
        _ => false,
    }
}

/// The registry that a command logs in to: what no option takes, after the verbs.
fn host(command: &Command) -> &str {
    let mut skip = false;
    let words = command.args().iter().map(Word::text);
    let mut rest = words.filter(|word| {
        if std::mem::take(&mut skip) {
            return false;
        }
        skip = matches!(
            *word,
            "-u" | "--username" | "-p" | "--password" | "--authfile"
        );
        !word.starts_with('-') && !matches!(*word, "login" | "registry" | "auth")
    });
    rest.next().unwrap_or_default()
}

fn push<'p>(keys: &mut Keys<'p>, at: At<'p>, host: &str, claim: impl FnOnce(String) -> Claim) {
    let host = resolved(keys, at, host);
    let service = registry(&host);
    if keys.system() == System::Gitlab && service == Some(Service::GitlabRegistry) {
        // That a job has a token for its own registry is for another rule to say.
        return;
    }
    let where_to = match service {
        Some(Service::DockerHub) => "Docker Hub".to_owned(),
        _ if host.contains(['$', '(', '<']) => "a registry".to_owned(),
        _ => format!("'{}'", host.trim()),
    };
    let mut claim = claim(format!("logs in to {where_to} with the stored password"));
    claim.service = service;
    let offered = keys.alternative(service).is_some();
    // Docker Hub takes identities of some subscriptions only, and most logins there are
    // for pulling more.
    let claim = if offered && service != Some(Service::DockerHub) {
        claim.grave(Severity::Medium)
    } else {
        claim.grave(Severity::Low).sure(Confidence::Low)
    };
    keys.push(at, claim);
}

/// A registry's name, through one variable of the pipeline's.
fn resolved(keys: &Keys<'_>, at: At<'_>, host: &str) -> String {
    let job = at.job.unwrap_or(&keys.nobody);
    let names = reads(keys.system(), host);
    let variable = match names.as_slice() {
        [read] if host.trim_start().starts_with('$') => {
            keys.pipeline.setting(job, at.step, read.name())
        }
        _ => None,
    };
    variable.map_or_else(|| host.to_owned(), |setting| setting.value.text.clone())
}
