//! Machines of the project's own that jobs ask for: which of them run a stranger's change.
//!
//! Facts: GitHub Docs, "Secure use reference" ("Hardening for self-hosted runners").

use std::collections::HashMap;

use super::strangers::{Guards, Held};
use super::untrusted;
use crate::detect::code::jobs;
use crate::detect::pipeline::{self, Job, Pipeline, Route, System, Text, Trigger};
use crate::detect::{Cx, Hit};
use crate::document::Node;
use crate::finding::{Confidence, Severity};

/// Finds jobs that run a proposed change on a machine that stays.
pub(in crate::detect::code) fn exposed(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(pipeline) = pipeline::of(cx.document) else {
        return Vec::new();
    };
    if pipeline.system != System::Github {
        return Vec::new();
    }
    // With the project's own rights a job runs the project's own files, unless it fetches
    // others.
    let names = ["pull_request", "pull_request_target", "issue_comment"];
    let of_name = |name: &&str| {
        pipeline
            .triggers
            .iter()
            .find(|trigger| trigger.name == *name)
    };
    let guards: Vec<(&Trigger, Guards<'_>)> = names
        .iter()
        .filter_map(of_name)
        .map(|trigger| (trigger, Guards::of(cx.document, pipeline, trigger)))
        .collect();
    if guards.is_empty() {
        return Vec::new();
    }
    let mut hits = Vec::new();
    let bodies: HashMap<&str, &Node> = jobs::bodies(cx.document).collect();
    for job in &pipeline.jobs {
        let body = bodies.get(job.id.as_str()).copied();
        let Some((label, subject, confidence)) = own_machine(body, job) else {
            continue;
        };
        let foreign = |trigger: &Trigger| {
            trigger.name == "pull_request" || untrusted::takes_proposed(cx.document, pipeline, job)
        };
        let open = guards
            .iter()
            .map(|(trigger, guards)| (guards.held(job), *trigger));
        let open = open.filter(|(held, trigger)| *held != Held::Inside && foreign(trigger));
        if let Some((held, trigger)) = open.min_by_key(|(held, _)| *held) {
            hits.push(hit(pipeline, job, trigger, (label, subject), held).sure(confidence));
        }
    }
    hits
}

fn hit(
    pipeline: &Pipeline,
    job: &Job,
    trigger: &Trigger,
    (label, subject): (&Text, String),
    held: Held,
) -> Hit {
    let route = Route::default()
        .by(
            trigger.span,
            format!("'{}' of anybody starts it", trigger.name),
        )
        .by(job.at, format!("job '{}' runs the proposed change", job.id))
        .by(
            label.span,
            "on a machine that is there for the next job too",
        );
    let severity = if held == Held::Open {
        Severity::High
    } else {
        Severity::Medium
    };
    Hit::new(label.span)
        .anchored(pipeline.anchor(Some(job), None))
        .along(route.stations())
        .grave(severity)
        .saying(format!(
            "Job '{}' runs changes from forks on the project's own machine '{subject}', which the next job uses too{}.",
            job.id,
            held.words()
        ))
        .about(subject)
}

/// The label that asks for a machine of the project's own, by its name, and how certain
/// that is.
fn own_machine<'j>(body: Option<&Node>, job: &'j Job) -> Option<(&'j Text, String, Confidence)> {
    let named = |text: &Text| text.text == "self-hosted";
    if let Some(label) = job.runner.iter().find(|label| named(label)) {
        return Some((label, "self-hosted".to_owned(), Confidence::High));
    }
    // A group may be one of larger machines that GitHub runs.
    if let Some(label) = job
        .runner
        .iter()
        .find(|label| label.text.starts_with("group:"))
    {
        return Some((label, label.text.clone(), Confidence::Low));
    }
    let label = job.runner.iter().find(|label| label.text.contains("${{"))?;
    if label.text.contains("self-hosted") {
        let chooses = ["event_name", "fork", "repository", "vars.", "actor"];
        let chooses = chooses.iter().any(|word| label.text.contains(word));
        let confidence = if chooses {
            Confidence::Low
        } else {
            Confidence::Medium
        };
        return Some((label, "self-hosted".to_owned(), confidence));
    }
    body.is_some_and(|body| in_matrix(body, &label.text))
        .then(|| (label, "self-hosted".to_owned(), Confidence::High))
}

/// Whether the value of the matrix that a label reads has the machines of the project's
/// own.
fn in_matrix(body: &Node, label: &str) -> bool {
    let Some((_, rest)) = label.split_once("matrix.") else {
        return false;
    };
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    let key = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
    let Some(matrix) = body.at(&["strategy", "matrix"]) else {
        return false;
    };
    let included = matrix.get("include").map_or(&[][..], Node::items).iter();
    let values = included
        .filter_map(|entry| entry.get(key))
        .chain(matrix.get(key));
    let mut found = false;
    for value in values {
        value.walk(&mut |_, node| found |= node.text() == Some("self-hosted"));
    }
    found
}
