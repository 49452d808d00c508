//! Logins of clusters that are kept as secrets.

use super::script::{assigned, writes_to};
use super::{At, Claim, Keys, Stored, action};
use crate::detect::code::deploys;
use crate::detect::pipeline::{Job, Setting, Step, System, find};
use crate::detect::shell::Command;
use crate::detect::{Cx, Hit};
use crate::finding::Confidence;

const DOES: &str = "opens a cluster with the stored login";

/// Finds the logins, once for each job and secret, the widest scope first.
pub(in crate::detect::code) fn logins(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(mut keys) = Keys::of(cx) else {
        return Vec::new();
    };
    keys.environments(|keys, at, env| {
        for setting in env.iter().filter(|s| is_login(&s.name)) {
            given(keys, at, setting);
        }
    });
    keys.steps(step);
    keys.hits
}

/// Whether a name is that of a cluster's login: `KUBECONFIG`, `kube-config-data`,
/// `PROD_KUBE_CONFIG_B64`.
fn is_login(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    plain.contains("kubeconfig") && !plain.ends_with("path") && !plain.ends_with("context")
}

/// Whether a file is where a cluster's login is looked for.
fn is_login_file(file: &str) -> bool {
    file.contains(".kube/") || is_login(file)
}

fn given<'p>(keys: &mut Keys<'p>, at: At<'p>, setting: &'p Setting) {
    if let Some(stored) = keys.stored(at, &setting.value.text) {
        push(keys, at, Claim::new(&setting.value, &stored, DOES), &stored);
    }
}

fn step<'p>(keys: &mut Keys<'p>, at: At<'p>, _job: &'p Job, step: &'p Step) {
    for setting in step.with.iter().filter(|s| is_login(&s.name)) {
        given(keys, at, setting);
    }
    let name = action(step).unwrap_or_default();
    if keys.system() == System::Jenkins {
        wrapper(keys, at, &name, step);
    }
    if name == "azure/k8s-set-context"
        && let Some(setting) = find(&step.with, "k8s-secret")
    {
        given(keys, at, setting);
    }
    for (index, command) in step.script.commands.iter().enumerate() {
        let place = step.script.place(command.span);
        if let Some(token) = bearer(command)
            && let Some(stored) = keys.stored(at, token)
        {
            push(keys, at, Claim::at(place, &stored, DOES), &stored);
        }
        let mut files = writes_to(command).peekable();
        if files.peek().is_some() {
            let to_login = files.any(is_login_file);
            if let Some(stored) = keys.fed(at, step, index)
                && (to_login || is_login(stored.name()))
            {
                push(keys, at, Claim::at(place, &stored, DOES), &stored);
            }
        }
        for set in assigned(command) {
            if is_login(set.name)
                && let Some(stored) = keys.stored(at, &set.value)
            {
                push(keys, at, Claim::at(place, &stored, DOES), &stored);
            }
        }
    }
}

/// A step of Jenkins that wraps others: it is given the id of what is stored.
fn wrapper<'p>(keys: &mut Keys<'p>, at: At<'p>, name: &str, step: &'p Step) {
    let binding = match name {
        "withkubeconfig" => find(&step.with, "credentialsId"),
        "withcredentials" => {
            find(&step.with, "kubeconfigFile").or_else(|| find(&step.with, "kubeconfigContent"))
        }
        _ => None,
    };
    if let Some(binding) = binding {
        let stored = Stored::Secret(binding.value.text.clone());
        push(keys, at, Claim::new(&binding.value, &stored, DOES), &stored);
    }
}

/// The token that a client of clusters is given.
fn bearer(command: &Command) -> Option<&str> {
    let client = matches!(command.name(), "kubectl" | "oc" | "helm" | "kustomize");
    let flags = ["--token", "--kube-token"];
    let (_, token) = command.value_of(&flags).filter(|_| client)?;
    Some(token)
}

fn push<'p>(keys: &mut Keys<'p>, at: At<'p>, claim: Claim, stored: &Stored) {
    // A cluster that the job makes for itself is gone with the job.
    let own = at.job.is_some_and(|job| {
        keys.commands_of(&job.steps).any(deploys::rehearses)
            || job
                .steps
                .iter()
                .filter_map(action)
                .any(|name| deploys::rehearses_by_action(&name))
    });
    // Whose login it is, and what hands it out, only its content says.
    let claim = if own || matches!(stored, Stored::Input(_)) {
        claim.sure(Confidence::Low)
    } else {
        claim
    };
    keys.push(at, claim);
}
