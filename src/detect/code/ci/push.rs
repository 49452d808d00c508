//! Pushes of a pipeline to a branch that others build on.

use crate::detect::code::pushes::{self, Push, Target};
use crate::detect::pipeline::{self, Job, Pipeline, Read, Route, Step, System, TriggerKind, find};
use crate::detect::{Cx, Hit};
use crate::finding::{Confidence, Severity};

/// Pushes to a shared branch without a review, with a token that may. Those that rewrite
/// the branch have a rule of their own.
pub(in crate::detect::code) fn direct(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(pipeline) = pipeline::of(cx.document) else {
        return Vec::new();
    };
    let mut hits = Vec::new();
    for job in &pipeline.jobs {
        for step in &job.steps {
            for (command, span) in step.commands() {
                let Some(push) = pushes::pushes_to(command) else {
                    continue;
                };
                let Some(branch) = shared(pipeline, job, &push) else {
                    continue;
                };
                let Some((token, confidence)) = token(pipeline, job, step) else {
                    continue;
                };
                let route = Route::to(pipeline, job).by(span, "this pushes");
                let silent = if push.skips_pipeline {
                    ", and has no pipeline run on it"
                } else {
                    ""
                };
                let hit = Hit::new(span)
                    .anchored(pipeline.anchor(Some(job), Some(step)))
                    .along(route.stations())
                    .about(format!("git push {branch}"))
                    .sure(confidence)
                    .saying(format!(
                        "The pipeline pushes to '{branch}' with {token}, past its review{silent}."
                    ));
                hits.push(if push.skips_pipeline {
                    hit.grave(Severity::High)
                } else {
                    hit
                });
            }
        }
    }
    hits
}

/// The shared branch that a push adds to. One without a name is that of the trigger.
fn shared(pipeline: &Pipeline, job: &Job, push: &Push) -> Option<String> {
    if let Some((branch, forced)) = push.shared() {
        return (!forced).then(|| branch.to_owned());
    }
    let current = push
        .targets
        .iter()
        .any(|(target, forced)| *target == Target::Current && !forced);
    if !current {
        return None;
    }
    let triggers = pipeline.triggers_of(job);
    let mut pushes = triggers.iter().filter(|t| t.kind == TriggerKind::Push);
    let branches = &pushes.next()?.branches;
    let [branch] = branches.as_slice() else {
        return None;
    };
    matches!(branch.as_str(), "main" | "master" | "production").then(|| branch.clone())
}

/// The token that a step pushes with, when it is one that the branch's rules may let
/// past. A run's own token they hold back.
fn token(pipeline: &Pipeline, job: &Job, step: &Step) -> Option<(String, Confidence)> {
    let name = |text: &str| {
        let reads = pipeline.sources(job, Some(step), text);
        reads.into_iter().find_map(|read| match read {
            Read::Secret(name) if name != "GITHUB_TOKEN" => Some(format!("'secret:{name}'")),
            Read::Output(name) if name.contains("token") => Some(format!("the token of '{name}'")),
            _ => None,
        })
    };
    if matches!(pipeline.system, System::Github | System::Gitea) {
        let checkouts = job
            .steps
            .iter()
            .filter(|step| step.action().is_some_and(|name| name == "actions/checkout"));
        let inputs =
            checkouts.flat_map(|step| ["token", "ssh-key"].map(|key| find(&step.with, key)));
        let checked_out = inputs.flatten().find_map(|input| name(&input.value.text));
        let scripts = job.steps.iter().filter(|step| {
            // A login written into the address or the settings of git.
            let text = &step.script.text;
            text.contains("git push") || text.contains("set-url") || text.contains("extraheader")
        });
        let in_script = || {
            scripts.into_iter().find_map(|step| {
                let lines = step.script.text.lines();
                let mut logins =
                    lines.filter(|line| line.contains('@') || line.contains("extraheader"));
                logins.find_map(&name)
            })
        };
        return Some((checked_out.or_else(in_script)?, Confidence::High));
    }
    // In two systems a run may push where the branch's rules don't say otherwise.
    // Elsewhere its own token can't, so another was stored for it.
    let token = match pipeline.system {
        System::Azure | System::Bitbucket => "the run's own token",
        _ => "a stored token",
    };
    Some((token.to_owned(), Confidence::Medium))
}
