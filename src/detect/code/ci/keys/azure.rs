//! Secrets of Azure's service principals and applications.

use super::script::assigned;
use super::{At, Claim, Keys, action};
use crate::detect::code::alternatives::Service;
use crate::detect::pipeline::{Job, Setting, Step, System, find};
use crate::detect::shell::Command;
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::{Confidence, Severity};

/// Variables that hold a client secret.
const VARIABLES: &[&str] = &["ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET"];

/// Actions that deploy one application, with a password of its own.
const PROFILED: &[&str] = &["azure/webapps-deploy", "azure/functions-action"];

/// The variable that holds the secret of a service connection.
const CONNECTION: &str = "servicePrincipalKey";

const DOES: &str = "signs in to Azure with the stored secret";

/// Finds the secrets, once for each job and secret, the widest scope first.
pub(in crate::detect::code) fn secrets(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(mut keys) = Keys::of(cx) else {
        return Vec::new();
    };
    keys.environments(|keys, at, env| {
        for name in VARIABLES {
            setting(keys, at, find(env, name), Severity::High);
        }
    });
    keys.steps(step);
    keys.hits
}

fn setting<'p>(keys: &mut Keys<'p>, at: At<'p>, setting: Option<&'p Setting>, severity: Severity) {
    let Some(setting) = setting else {
        return;
    };
    let text = &setting.value.text;
    // A login may be written out with a secret in it: only that part counts.
    let text = if text.trim_start().starts_with('{') {
        match text.find("clientSecret") {
            Some(at) => text.get(at..).unwrap_or_default(),
            None => return,
        }
    } else {
        text
    };
    if let Some(stored) = keys.stored(at, text) {
        push(
            keys,
            at,
            Claim::new(&setting.value, &stored, DOES).grave(severity),
        );
    }
}

fn push<'p>(keys: &mut Keys<'p>, at: At<'p>, claim: Claim) {
    let claim = claim.of(Service::Azure);
    let claim = if keys.alternative(claim.service).is_some() {
        claim
    } else {
        claim.grave(Severity::Low).sure(Confidence::Low)
    };
    keys.push(at, claim);
}

fn step<'p>(keys: &mut Keys<'p>, at: At<'p>, _job: &'p Job, step: &'p Step) {
    let name = action(step).unwrap_or_default();
    if name == "azure/login" {
        setting(keys, at, find(&step.with, "creds"), Severity::High);
    } else if PROFILED.contains(&name.as_str()) {
        let profile = find(&step.with, "publish-profile");
        setting(keys, at, profile, Severity::Medium);
    } else if name.contains("azure") {
        // Bitbucket's pipes take the secret by this name.
        setting(keys, at, find(&step.with, "AZURE_PASSWORD"), Severity::High);
    }
    if keys.system() == System::Azure {
        connection(keys, at, step);
    }
    for command in step.script.commands.iter() {
        for set in assigned(command) {
            if VARIABLES.contains(&set.name)
                && let Some(stored) = keys.stored(at, &set.value)
                && stored.name() != CONNECTION
            {
                let place = step.script.place(set.span);
                push(keys, at, Claim::at(place, &stored, DOES));
            }
        }
        if let Some((span, secret)) = signed_in(command)
            && let Some(stored) = keys.stored(at, secret)
            && stored.name() != CONNECTION
        {
            let place = step.script.place(span);
            push(keys, at, Claim::at(place, &stored, DOES));
        }
    }
}

/// The secret that a service principal signs in with.
fn signed_in(command: &Command) -> Option<(Span, &str)> {
    if command.name() != "az"
        || !command.begins_with(&["login"])
        || command.flag(&["--service-principal"]).is_none()
        || command.flag(&["--federated-token"]).is_some()
    {
        return None;
    }
    let (_, secret) = command.value_of(&["-p", "--password"])?;
    Some((command.span, secret))
}

/// A task that hands the secret of its service connection to a script, which reads it.
/// What reads `idToken` instead is the federated use.
fn connection<'p>(keys: &mut Keys<'p>, at: At<'p>, step: &'p Step) {
    let on = |name: &str| {
        let setting = find(&step.with, name);
        setting.filter(|s| s.value.text.trim().eq_ignore_ascii_case("true"))
    };
    let Some(added) = on("addSpnToEnvironment") else {
        return;
    };
    let mut texts = vec![&*step.script.text];
    for name in ["inlineScript", "script", "powerShellScript"] {
        texts.extend(find(&step.with, name).map(|s| s.value.text.as_str()));
    }
    if !texts.iter().any(|text| text.contains(CONNECTION)) {
        return;
    }
    let mut claim = Claim::about(
        added.at,
        CONNECTION.to_owned(),
        "hands the stored secret of its service connection to a script as",
    );
    claim.defined.clone_from(&added.value.defined);
    push(keys, at, claim);
}
