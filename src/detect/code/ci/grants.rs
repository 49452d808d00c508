//! The rights that a workflow's token has because nobody said otherwise.
//!
//! Facts: GitHub Docs, "`GITHUB_TOKEN`" (default permissions) and "Events that trigger
//! workflows".

use super::strangers;
use crate::detect::pipeline::{self, Job, Pipeline, Route, System, TriggerKind};
use crate::detect::{Cx, Hit};
use crate::document::{Document, Node};
use crate::finding::Confidence;
use crate::kind::Kind;

/// Finds workflows that somebody from outside can start and whose token has the
/// repository's default rights, one hit each.
pub(in crate::detect::code) fn by_default(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let found = pipeline::of(cx.document).and_then(|pipeline| default_scope(cx, pipeline));
    found.into_iter().collect()
}

fn default_scope(cx: &Cx<'_, '_>, pipeline: &Pipeline) -> Option<Hit> {
    if pipeline.system != System::Github || pipeline.callable || pipeline.grants.is_some() {
        return None;
    }
    let from_outside = |name: &str| {
        matches!(
            name,
            "pull_request_target"
                | "workflow_run"
                | "issue_comment"
                | "issues"
                | "discussion"
                | "discussion_comment"
                | "repository_dispatch"
        )
    };
    let mut triggers = pipeline.triggers.iter();
    let trigger = triggers.find(|trigger| from_outside(&trigger.name))?;
    let runs = || {
        let jobs = pipeline.jobs.iter().filter(|job| job.grants.is_none());
        jobs.filter(|job| strangers::may_run(job, trigger))
    };
    // A workflow elsewhere may say itself what its token may do.
    let own = runs().find(|job| restricts(cx.document, job) == Some(false));
    let job = own.or_else(|| runs().find(|job| restricts(cx.document, job).is_none()))?;
    let sure = if own.is_none() || reads_by_default(cx.document) {
        Confidence::Low
    } else {
        Confidence::Medium
    };
    let who = if trigger.kind == TriggerKind::External {
        "whoever holds a token of the interface"
    } else {
        "anybody"
    };
    let elsewhere = match (&own, &job.calls) {
        (None, Some(call)) => format!(", unless '{}' says otherwise", call.text),
        _ => String::new(),
    };
    let route = Route::default()
        .by(trigger.span, format!("{who} causes '{}'", trigger.name))
        .by(job.at, format!("job '{}' has the default token", job.id));
    Some(
        Hit::new(trigger.span)
            .anchored(pipeline.root.clone())
            .along(route.stations())
            .sure(sure)
            .saying(format!(
                "{} starts job '{}' by '{}', and no `permissions` say what its token may do: it has the repository's default{elsewhere}.",
                capital(who), job.id, trigger.name
            ))
            .about(trigger.name.clone()),
    )
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// Whether the job only calls a workflow that says itself what its token may do; nothing
/// for one elsewhere.
fn restricts(document: &Document<'_>, job: &Job) -> Option<bool> {
    let Some(call) = &job.calls else {
        return Some(false);
    };
    let (_, callee) = pipeline::callee(document, call)?;
    Some(callee.grants.is_some() || callee.jobs.iter().all(|job| job.grants.is_some()))
}

/// Whether the project's settings as code make the default token one that only reads.
fn reads_by_default(document: &Document<'_>) -> bool {
    let Some(all) = document.neighbours() else {
        return false;
    };
    let mut found = false;
    for file in all.iter().filter(|file| file.kinds().has(Kind::Terraform)) {
        file.tree().root.walk(&mut |member, node: &Node| {
            found |= member.is_some_and(|m| m.key == "default_workflow_permissions")
                && node.text() == Some("read");
        });
    }
    found
}
