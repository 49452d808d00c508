//! What starts a pipeline of Azure's.
//!
//! Facts: Microsoft Learn, "trigger definition", "pr definition", "schedules definition",
//! "resources definition".

use super::super::cursor::{Cursor, Entry};
use super::super::{Trigger, TriggerKind};
use super::branches::{get, member};

/// The triggers that a pipeline names.
pub(super) fn read(root: Cursor<'_>) -> Vec<Trigger> {
    let mut out = Vec::new();
    let push = member(root, "trigger");
    let none = push.filter(|entry| is_none(entry));
    if let Some(entry) = push.filter(|entry| !is_none(entry)) {
        let tags = get(entry.value, "tags").is_some() && get(entry.value, "branches").is_none();
        let kind = if tags {
            TriggerKind::Release
        } else {
            TriggerKind::Push
        };
        out.push(trigger(kind, &entry, branches(entry.value)));
    }
    if let Some(entry) = member(root, "pr").filter(|entry| !is_none(entry)) {
        out.push(trigger(TriggerKind::Review, &entry, branches(entry.value)));
    }
    if let Some(entry) = member(root, "schedules") {
        let list = entry.value.items();
        let named = list.flat_map(|item| branches(item)).collect();
        out.push(trigger(TriggerKind::Schedule, &entry, named));
    }
    for (key, kind) in [
        ("pipelines", TriggerKind::Pipeline),
        ("webhooks", TriggerKind::External),
    ] {
        let list = root.at(&["resources", key]);
        for item in list.iter().flat_map(Cursor::items) {
            let by = match kind {
                TriggerKind::External => item.members().next(),
                _ => item.member("trigger").filter(|entry| !is_none(entry)),
            };
            out.extend(by.map(|entry| trigger(kind, &entry, Vec::new())));
        }
    }
    if out.is_empty()
        && let Some(entry) = none
    {
        out.push(trigger(TriggerKind::Manual, &entry, Vec::new()));
    }
    out
}

fn is_none(entry: &Entry<'_>) -> bool {
    entry.value.str() == Some("none")
}

fn trigger(kind: TriggerKind, entry: &Entry<'_>, branches: Vec<String>) -> Trigger {
    let name = match kind {
        TriggerKind::Push | TriggerKind::Release => "push",
        TriggerKind::Manual => "manual",
        _ => entry.key,
    };
    Trigger {
        kind,
        name: name.to_owned(),
        span: entry.at,
        branches,
    }
}

/// `[main]`, or `{branches: {include: [main]}}`.
fn branches(value: Cursor<'_>) -> Vec<String> {
    let Some(branches) = get(value, "branches") else {
        return value
            .items()
            .filter_map(|b| b.str().map(str::to_owned))
            .collect();
    };
    get(branches, "include").unwrap_or(branches).ids()
}
