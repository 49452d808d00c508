//! Steps of Azure's jobs.
//!
//! Facts: Microsoft Learn, "steps definition", "Deployment jobs", and the inputs of the
//! tasks that run scripts.

use super::super::cursor::{Cursor, File};
use super::super::{Script, Setting, Step, Text, When};
use super::branches::{Part, get, member, members};
use super::{called, condition, lenience, settings};
use crate::detect::condition::Condition;
use crate::detect::shell::Command;

/// Keys whose value is a script.
const SCRIPTS: &[&str] = &["script", "bash", "pwsh", "powershell"];

/// Inputs of tasks that are scripts.
const INLINE: &[&str] = &["inlineScript", "script", "Inline", "inline"];

/// Steps that are written without a task, by the key that names them.
const SHORT: &[&str] = &[
    "checkout",
    "download",
    "downloadBuild",
    "publish",
    "upload",
    "getPackage",
    "reviewApp",
];

/// Inputs that name a service connection, in lower case: with it a task has the rights
/// that are stored there. Source: the task index of Azure Pipelines.
const CONNECTIONS: &[&str] = &[
    "awscredentials",
    "azureconnection",
    "azureresourcemanagerconnection",
    "azureserviceconnection",
    "azuresubscription",
    "azuresubscriptionendpoint",
    "backendservicearm",
    "connectedservice",
    "connectedservicename",
    "connectedservicenamearm",
    "connectedservicenameclassic",
    "containerregistry",
    "dockerregistryconnection",
    "dockerregistryendpoint",
    "dockerregistryserviceconnection",
    "environmentservicename",
    "environmentservicenameaws",
    "environmentservicenameazurerm",
    "environmentservicenamegcp",
    "externalendpoint",
    "githubconnection",
    "kubernetesserviceconnection",
    "kubernetesserviceendpoint",
    "serviceconnection",
    "sshendpoint",
];

/// The lists of steps that a job has: its own, or those of each part of a deployment.
pub(super) fn lists(body: Cursor<'_>) -> Vec<Cursor<'_>> {
    let mut out: Vec<Cursor<'_>> = get(body, "steps").into_iter().collect();
    let strategy = get(body, "strategy");
    for way in ["runOnce", "rolling", "canary"] {
        let Some(way) = strategy.and_then(|strategy| get(strategy, way)) else {
            continue;
        };
        for part in ["preDeploy", "deploy", "routeTraffic", "postRouteTraffic"] {
            out.extend(get(way, part).and_then(|part| get(part, "steps")));
        }
        for end in ["failure", "success"] {
            let end = get(way, "on").and_then(|on| get(on, end));
            out.extend(end.and_then(|end| get(end, "steps")));
        }
    }
    out
}

/// Reads a step.
pub(super) fn read(file: &File<'_>, part: &Part<'_>) -> Step {
    let item = part.value;
    let text = |key| get(item, key).and_then(|value| value.text());
    let id = get(item, "name")
        .and_then(|name| name.str())
        .map(str::to_owned);
    let name = text("displayName");
    let mut step = Step {
        at: members(item).first().map_or(item.span(), |entry| entry.at),
        conditions: part.conditions.clone(),
        may_fail: lenience(item),
        env: settings(get(item, "env")),
        id,
        name,
        ..Step::default()
    };
    step.conditions.extend(condition(item));
    if let Some(enabled) = get(item, "enabled").filter(|enabled| enabled.truth() == Some(false)) {
        let text = Text {
            text: "false".to_owned(),
            span: enabled.span(),
            defined: enabled.defined(),
        };
        step.conditions.push(When {
            condition: Condition::constant(false),
            text,
        });
    }
    what(file, item, &mut step);
    let label = step
        .id
        .clone()
        .or_else(|| step.name.as_ref().map(|name| name.text.clone()))
        .or_else(|| {
            let uses = &step.uses.as_ref()?.text;
            Some(uses.split('@').next().unwrap_or(uses).to_owned())
        });
    step.segment = label.map_or(String::new(), |label| format!("step:{}", label.trim()));
    step
}

/// What a step does: a script, a task, a template, or one of the short forms.
fn what(file: &File<'_>, item: Cursor<'_>, step: &mut Step) {
    if let Some(script) = SCRIPTS.iter().find_map(|key| get(item, key)) {
        step.script = shell(file, script);
    } else if let Some(task) = get(item, "task").and_then(|task| task.text()) {
        step.uses = Some(task);
        let inputs = get(item, "inputs");
        step.with = settings(inputs);
        let inline = inputs.and_then(|inputs| INLINE.iter().find_map(|key| get(inputs, key)));
        step.script = inline.map_or_else(Script::default, |inline| shell(file, inline));
    } else if let Some(path) = get(item, "template").and_then(|path| path.text()) {
        step.uses = Some(called(file, path));
        step.with = settings(get(item, "parameters"));
    } else if let Some(short) = SHORT.iter().find_map(|key| member(item, key)) {
        step.uses = Some(Text {
            text: short.key.to_owned(),
            span: short.at,
            defined: short.value.defined(),
        });
        let common = [
            "condition",
            "continueOnError",
            "displayName",
            "enabled",
            "env",
            "name",
        ];
        let inputs = members(item).into_iter();
        let inputs = inputs.filter(|entry| !common.contains(&entry.key));
        step.with = inputs.map(|entry| entry.setting()).collect();
    }
}

/// The script, in which `$(name)` is a variable that is put in before a shell reads it.
fn shell(file: &File<'_>, text: Cursor<'_>) -> Script {
    let mut script = text.script();
    let is_variable = |command: &Command| {
        let span = command.span;
        let before = span.start.checked_sub(2);
        let before = before.and_then(|from| file.bytes().get(from..span.start));
        command.words.len() == 1
            && before == Some(b"$(")
            && file.bytes().get(span.end) == Some(&b')')
    };
    if script.commands.iter().any(is_variable) {
        let kept = script.commands.iter().filter(|c| !is_variable(c));
        script.commands = kept.cloned().collect();
    }
    script
}

/// The service connections that a task uses, as contexts of its job.
pub(super) fn connections(step: &Step) -> Vec<Text> {
    let is = |input: &&Setting| {
        let name = input.name.to_ascii_lowercase();
        CONNECTIONS.contains(&name.as_str()) && !input.value.text.is_empty()
    };
    let used = step
        .with
        .iter()
        .filter(|_| !step.uses.as_ref().is_some_and(|u| u.text.starts_with("./")));
    used.filter(is)
        .map(|input| Text {
            text: format!("connection:{}", input.value.text),
            ..input.value.clone()
        })
        .collect()
}
