//! Keys of Google's service accounts.

use super::script::assigned;
use super::{At, Claim, Keys, Stored, action, loosely};
use crate::detect::code::alternatives::Service;
use crate::detect::pipeline::{Job, Setting, Step, System, find};
use crate::detect::shell::{Command, Word};
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::{Confidence, Severity};

/// Variables that hold a service account's key, or name the file with it.
const VARIABLES: &[&str] = &[
    "GOOGLE_CREDENTIALS",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_APPLICATION_CREDENTIALS_JSON",
    "GOOGLE_CLOUD_KEYFILE_JSON",
    "GCLOUD_KEYFILE_JSON",
    "GCLOUD_SERVICE_KEY",
];

/// Inputs of Google's own actions that take a key.
const INPUTS: &[&str] = &["credentials_json", "service_account_key", "credentials"];

/// Words in the name of a secret that holds no key but says where one is exchanged.
const FEDERATED: &[&str] = &["WIF", "EXTERNAL", "FEDERATED", "FEDERATION", "WORKLOAD"];

const DOES: &str = "signs in to Google Cloud with the stored key";

/// Finds the keys, once for each job and secret, the widest scope first.
pub(in crate::detect::code) fn keys(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(mut keys) = Keys::of(cx) else {
        return Vec::new();
    };
    keys.environments(|keys, at, env| {
        for name in VARIABLES {
            setting(keys, at, find(env, name));
        }
    });
    keys.steps(step);
    keys.hits
}

fn setting<'p>(keys: &mut Keys<'p>, at: At<'p>, setting: Option<&'p Setting>) {
    if let Some(setting) = setting
        && let Some(stored) = keys.stored(at, &setting.value.text)
    {
        push(keys, at, Claim::new(&setting.value, &stored, DOES), &stored);
    }
}

fn push<'p>(keys: &mut Keys<'p>, at: At<'p>, claim: Claim, stored: &Stored) {
    let upper = stored.name().to_ascii_uppercase();
    let federated = upper.split('_').any(|word| FEDERATED.contains(&word));
    let claim = claim.of(Service::Google);
    let claim = if federated {
        claim.sure(Confidence::Low)
    } else if keys.alternative(claim.service).is_some() {
        claim
    } else {
        claim.grave(Severity::Low).sure(Confidence::Low)
    };
    keys.push(at, claim);
}

fn step<'p>(keys: &mut Keys<'p>, at: At<'p>, job: &'p Job, step: &'p Step) {
    if let Some(name) = action(step) {
        uses(keys, at, &name, step);
    }
    for command in step.script.commands.iter() {
        for set in assigned(command) {
            if VARIABLES.contains(&set.name)
                && let Some(stored) = keys.stored(at, &set.value)
            {
                let place = step.script.place(set.span);
                push(keys, at, Claim::at(place, &stored, DOES), &stored);
            }
        }
        if let Some((span, file)) = activated(command) {
            let place = step.script.place(span);
            key_file(keys, at, job, place, file);
        }
    }
}

fn uses<'p>(keys: &mut Keys<'p>, at: At<'p>, name: &str, step: &'p Step) {
    if name.starts_with("google-github-actions/") {
        for input in INPUTS {
            setting(keys, at, find(&step.with, input));
        }
    } else if name.starts_with("gcp-") || name.contains("/gcp-") || name.contains("gcloud/") {
        orb(keys, at, name, step);
    } else if name.contains("google") {
        setting(keys, at, find(&step.with, "KEY_FILE"));
    }
}

/// An orb's parameter is the name of a variable, in which the platform stores the key;
/// without, it is the one that the orb's documentation names.
fn orb<'p>(keys: &mut Keys<'p>, at: At<'p>, name: &str, step: &'p Step) {
    let federated = find(&step.with, "use_oidc").is_some_and(|s| s.value.text.trim() == "true");
    if federated || keys.system() != System::Circle {
        return;
    }
    let claim = match loosely(&step.with, "gcloud_service_key") {
        Some(setting) => {
            let variable = setting.value.text.trim().trim_start_matches('$');
            let stored = Stored::Secret(variable.to_owned());
            Claim::new(&setting.value, &stored, DOES)
        }
        None if name.ends_with("gcp-cli/setup") || name.ends_with("gcp-cli/initialize") => {
            let stored = Stored::Secret("GCLOUD_SERVICE_KEY".to_owned());
            Claim::at(step.at, &stored, DOES).sure(Confidence::Medium)
        }
        None => return,
    };
    let claim = claim.of(Service::Google);
    keys.push(at, claim);
}

/// The file that a service account is activated with.
fn activated(command: &Command) -> Option<(Span, &str)> {
    let words = command.operands().map(Word::text);
    let verbs = ["auth", "activate-service-account"];
    let found = command.name() == "gcloud" && words.filter(|w| verbs.contains(w)).count() == 2;
    let (_, file) = command.value_of(&["--key-file"]).filter(|_| found)?;
    Some((command.span, file))
}

fn key_file<'p>(keys: &mut Keys<'p>, at: At<'p>, job: &'p Job, span: Span, file: &str) {
    let stored = keys
        .stored(at, file)
        .or_else(|| keys.written(job, &|to| to == file));
    if let Some(stored) = stored {
        return push(keys, at, Claim::at(span, &stored, DOES), &stored);
    }
    // Where an action signs in, it leaves a file that need not hold a key.
    let signed_in = job.steps.iter().filter_map(action);
    let mut signed_in = signed_in.filter(|name| name.starts_with("google-github-actions/"));
    if file.contains('$') || file == "-" || file.contains("/dev/") || signed_in.next().is_some() {
        return;
    }
    let does = "signs in to Google Cloud with the key in";
    let claim = Claim::about(span, file.to_owned(), does).of(Service::Google);
    keys.push(at, claim);
}
