//! Access keys of AWS.

use super::script::assigned;
use super::{At, Claim, Keys, Stored, action, given, loosely};
use crate::detect::code::alternatives::{Service, is_s3_compatible};
use crate::detect::pipeline::{Job, Setting, Step, System, Text, find};
use crate::detect::shell::Command;
use crate::detect::{Cx, Hit};
use crate::finding::{Confidence, Severity};

const ID: &str = "AWS_ACCESS_KEY_ID";
const KEY: &str = "AWS_SECRET_ACCESS_KEY";

/// Tells that the key was issued for this run.
const SESSION: &str = "AWS_SESSION_TOKEN";

/// Words in the name of a secret for a store that speaks S3 but is not AWS, and so
/// has no identity to offer.
const OTHER_STORES: &[&str] = &[
    "R2",
    "B2",
    "MINIO",
    "WASABI",
    "SPACES",
    "DO",
    "BACKBLAZE",
    "CLOUDFLARE",
    "TIGRIS",
    "SCW",
    "SCALEWAY",
    "HETZNER",
    "LINODE",
    "OVH",
    "CEPH",
    "GARAGE",
    "STORJ",
    "YC",
    "YANDEX",
    "SCCACHE",
];

/// Finds the keys, once for each job and secret, the widest scope first.
pub(in crate::detect::code) fn keys(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(mut keys) = Keys::of(cx) else {
        return Vec::new();
    };
    keys.environments(environment);
    keys.steps(step);
    keys.hits
}

fn environment<'p>(keys: &mut Keys<'p>, at: At<'p>, env: &'p [Setting]) {
    if given(env, SESSION) || given(env, "AWS_OIDC_ROLE_ARN") {
        return;
    }
    pair(keys, at, find(env, ID), find(env, KEY), None);
}

fn step<'p>(keys: &mut Keys<'p>, at: At<'p>, _job: &'p Job, step: &'p Step) {
    let name = action(step).unwrap_or_default();
    let with = &step.with;
    if name == "aws-actions/configure-aws-credentials" {
        // A session token or a chained role means that the keys were made by an earlier
        // step. A role to assume does not: a stored key still opens the way to it.
        let chained = find(with, "role-chaining").is_some_and(|s| s.value.text.trim() == "true");
        if !chained && !given(with, "aws-session-token") {
            let role = find(with, "role-to-assume").map(|s| &s.value);
            let (id, key) = ("aws-access-key-id", "aws-secret-access-key");
            pair(keys, at, find(with, id), find(with, key), role);
        }
    } else if keys.system() == System::Jenkins {
        wrapper(keys, at, &name, with);
    } else if name.ends_with("aws-cli/setup") || name.ends_with("aws-ecr/ecr_login") {
        orb(keys, at, with);
    } else {
        environment(keys, at, with);
    }
    commands(keys, at, step);
}

/// Steps of Jenkins that wrap others: they are given the id of what is stored.
fn wrapper<'p>(keys: &mut Keys<'p>, at: At<'p>, name: &str, with: &'p [Setting]) {
    let binding = match name {
        "withaws" => find(with, "credentials"),
        "withcredentials" => {
            find(with, "AmazonWebServicesCredentialsBinding").or_else(|| find(with, "aws"))
        }
        _ => None,
    };
    if let Some(binding) = binding {
        let stored = Stored::Secret(binding.value.text.clone());
        let role = find(with, "role").map(|role| &role.value);
        claim(keys, at, &binding.value, &stored, role);
    }
}

/// An orb's parameters are the names of variables, in which the platform stores the key.
fn orb<'p>(keys: &mut Keys<'p>, at: At<'p>, with: &'p [Setting]) {
    if loosely(with, "role_arn").is_some() {
        return;
    }
    let Some(id) = loosely(with, "aws_access_key_id") else {
        return;
    };
    let name = id.value.text.trim().trim_start_matches('$');
    let stored = keys
        .stored(at, &id.value.text)
        .unwrap_or_else(|| Stored::Secret(name.to_owned()));
    claim(keys, at, &id.value, &stored, None);
}

fn pair<'p>(
    keys: &mut Keys<'p>,
    at: At<'p>,
    id: Option<&'p Setting>,
    key: Option<&'p Setting>,
    role: Option<&Text>,
) {
    let stored = |s: Option<&Setting>| s.and_then(|s| keys.stored(at, &s.value.text));
    let Some(setting) = id.or(key) else {
        return;
    };
    // What only a caller gives may be short-lived; what a store gives is not.
    let found = match (stored(id), stored(key)) {
        (Some(Stored::Input(_)), Some(key @ Stored::Secret(_))) => key,
        (Some(found), _) | (None, Some(found)) => found,
        (None, None) => return,
    };
    claim(keys, at, &setting.value, &found, role);
}

fn claim<'p>(keys: &mut Keys<'p>, at: At<'p>, text: &Text, stored: &Stored, role: Option<&Text>) {
    let mut claim = Claim::new(text, stored, "signs in to AWS with the stored key");
    if let Some(role) = role.filter(|role| !role.text.trim().is_empty()) {
        let name = role.text.trim();
        claim = claim
            .grave(Severity::Medium)
            .besides(format!("which opens the way to role '{name}'"));
    }
    if names_other_store(stored.name()) || points_elsewhere(keys, at) {
        claim = claim.sure(Confidence::Low);
    } else {
        claim = known(keys, claim);
    }
    keys.push(at, claim);
}

/// A claim on AWS; where nothing can be used instead there is little to be done.
fn known(keys: &Keys<'_>, claim: Claim) -> Claim {
    let claim = claim.of(Service::Aws);
    if keys.alternative(claim.service).is_some() {
        claim
    } else {
        claim.grave(Severity::Low).sure(Confidence::Low)
    }
}

fn names_other_store(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    upper
        .split(['_', '-', '.'])
        .any(|word| OTHER_STORES.contains(&word))
}

/// Whether what is given goes to a store that is not AWS.
fn points_elsewhere(keys: &Keys<'_>, at: At<'_>) -> bool {
    let is_endpoint = |setting: &Setting| {
        setting.name.to_ascii_lowercase().contains("endpoint")
            && is_s3_compatible(&setting.value.text)
    };
    if keys.pipeline.env.iter().any(is_endpoint) {
        return true;
    }
    let Some(job) = at.job else {
        return false;
    };
    if job.env.iter().any(is_endpoint) {
        return true;
    }
    let steps = match at.step {
        Some(step) => std::slice::from_ref(step),
        None => job.steps.as_slice(),
    };
    if steps
        .iter()
        .any(|s| s.env.iter().chain(&s.with).any(is_endpoint))
    {
        return true;
    }
    let mut elsewhere = false;
    for command in keys.commands_of(steps) {
        if command.flag(&["--endpoint-url", "--endpoint"]).is_some() {
            elsewhere = true;
        } else if command.name() == "aws" && !command.begins_with(&["configure"]) {
            // The same key is used with AWS itself.
            return false;
        }
    }
    elsewhere
}

/// Keys that a script sets: as variables, or in the client's own file.
fn commands<'p>(keys: &mut Keys<'p>, at: At<'p>, step: &'p Step) {
    let all = &step.script.commands;
    let sets = |name: &str| {
        all.iter()
            .any(|command| assigned(command).iter().any(|set| set.name == name))
    };
    let mut found = None;
    for command in all.iter() {
        if let Some((word, key)) = configured(command) {
            let place = step.script.place(word.span);
            found = found.or_else(|| Some((place, keys.stored(at, key)?)));
        }
        for set in assigned(command) {
            if set.name == ID || set.name == KEY {
                let place = step.script.place(set.span);
                found = found.or_else(|| Some((place, keys.stored(at, &set.value)?)));
            }
        }
    }
    let Some((span, stored)) = found else {
        return;
    };
    if !sets(SESSION) {
        let text = Text {
            span,
            ..Text::default()
        };
        claim(keys, at, &text, &stored, None);
    }
}

/// `aws configure set aws_secret_access_key KEY`.
fn configured(command: &Command) -> Option<(&crate::detect::shell::Word, &str)> {
    if command.name() != "aws" || !command.begins_with(&["configure", "set"]) {
        return None;
    }
    let mut words = command.operands().skip(2);
    let name = words.next()?.text();
    let value = words.next()?;
    let name = name.rsplit('.').next().unwrap_or(name);
    (name == "aws_secret_access_key").then(|| (value, value.text()))
}
