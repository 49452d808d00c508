//! Proposed changes from outside that a job with the project's own rights checks out and
//! runs.
//!
//! Facts: GitHub Docs, "Events that trigger workflows" (`pull_request_target`,
//! `workflow_run`, `issue_comment`) and "Secure use reference".

use super::builders;
use super::strangers::{self, Guards, Held};
use crate::detect::pipeline::{self, Grants, Job, Pipeline, Reached, Read, Route, Trigger, find};
use crate::detect::shell::Command;
use crate::detect::{Cx, Hit, Spot};
use crate::document::{Document, Span};
use crate::finding::{Confidence, Severity};

/// Finds the checkouts, one for each job and what it checks out.
pub(in crate::detect::code) fn checkouts(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(pipeline) = pipeline::of(cx.document) else {
        return Vec::new();
    };
    let mut hits = Vec::new();
    let triggers = strangers::privileged(pipeline).into_iter();
    let guards: Vec<(&Trigger, Guards<'_>)> = triggers
        .map(|trigger| (trigger, Guards::of(cx.document, pipeline, trigger)))
        .collect();
    for job in &pipeline.jobs {
        for (trigger, guards) in &guards {
            let held = guards.held(job);
            if held == Held::Inside {
                continue;
            }
            let found = in_job(cx, pipeline, job, trigger, held);
            if !found.is_empty() {
                hits.extend(found);
                // Another trigger leads to the same checkout.
                break;
            }
        }
    }
    hits
}

/// Whether a job checks out what somebody proposes.
pub(super) fn takes_proposed(document: &Document<'_>, pipeline: &Pipeline, job: &Job) -> bool {
    let reached = pipeline::reached(document, pipeline, job);
    reached
        .iter()
        .any(|reached| checked_out(job, reached).is_some())
}

/// A checkout of what somebody proposes.
struct Checkout {
    /// Where it stands in the caller's file.
    span: Span,
    anchor: String,
    /// What it is told by: an expression, or a command.
    what: String,
    /// The folder that it goes to, if not the job's own.
    folder: Option<String>,
    written: Option<Spot>,
    certain: bool,
}

fn in_job(
    cx: &Cx<'_, '_>,
    pipeline: &Pipeline,
    job: &Job,
    trigger: &Trigger,
    held: Held,
) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    let mut open: Option<Checkout> = None;
    let mut of: Option<*const Job> = None;
    for reached in pipeline::reached(cx.document, pipeline, job) {
        // Each job of a callee has a folder of its own; a local action works in its
        // caller's.
        if reached.pipeline.root != "github:action" {
            let own: *const Job = reached.job;
            if of.is_some_and(|before| before != own) {
                open = None;
            }
            of = Some(own);
        }
        if !strangers::lets_in(reached.step, trigger) {
            continue;
        }
        if let Some(checkout) = checked_out(job, &reached) {
            open = Some(checkout);
            continue;
        }
        let Some(checkout) = &open else {
            continue;
        };
        if let Some((span, what)) = runs(&reached, checkout) {
            let hit = hit(
                (pipeline, job),
                trigger,
                checkout,
                held,
                (reached.place(span), what),
            );
            let known = hits.iter().any(|other| other.subject == hit.subject);
            if !known {
                hits.push(hit);
            }
            open = None;
        }
    }
    hits
}

fn hit(
    (pipeline, job): (&Pipeline, &Job),
    trigger: &Trigger,
    checkout: &Checkout,
    held: Held,
    (run, command): (Span, String),
) -> Hit {
    let secrets = has_secrets(pipeline, job);
    let writes = may_write(pipeline, job);
    let rights = match (secrets, writes) {
        (true, true) => "with the project's secrets and a token that writes",
        (true, false) => "with the project's secrets",
        (false, true) => "with a token that writes",
        (false, false) => {
            "where it can fill the project's caches, though without secrets and with a token that only reads"
        }
    };
    let severity = match held {
        _ if !secrets && !writes => Severity::Medium,
        Held::Open => Severity::Critical,
        Held::Label => Severity::High,
        Held::Asked | Held::Approved | Held::Inside => Severity::Medium,
    };
    let confidence = match held {
        Held::Asked | Held::Inside => Confidence::Low,
        Held::Approved | Held::Label => Confidence::Medium,
        Held::Open if !checkout.certain => Confidence::Medium,
        Held::Open => Confidence::High,
    };
    let mut route = Route::default().by(trigger.span, format!("anybody causes '{}'", trigger.name));
    route = route
        .by(job.at, format!("job '{}' runs {rights}", job.id))
        .by(checkout.span, "it checks out what was proposed")
        .by(run, format!("'{command}' runs it"));
    let mut hit = Hit::new(checkout.span)
        .anchored(checkout.anchor.clone())
        .about(checkout.what.clone())
        .along(route.stations())
        .sure(confidence)
        .grave(severity)
        .saying(format!(
            "Job '{}' checks out '{}' on '{}' and '{command}' runs it {rights}{}.",
            job.id,
            checkout.what,
            trigger.name,
            held.words(),
        ));
    if let Some(spot) = &checkout.written {
        hit = hit.beside(spot.clone(), "checked out here");
    }
    hit
}

/// Whether the job is given a stored secret besides its own token.
fn has_secrets(pipeline: &Pipeline, job: &Job) -> bool {
    let given = |text: &str| {
        let mut reads = pipeline::reads(pipeline.system, text).into_iter();
        reads.any(
            |read| matches!(read, Read::Secret(name) if !name.eq_ignore_ascii_case("GITHUB_TOKEN")),
        )
    };
    let steps = job.steps.iter();
    let of_steps = steps.flat_map(|step| step.with.iter().chain(&step.env));
    let mut settings = of_steps
        .chain(&job.env)
        .chain(&pipeline.env)
        .chain(&job.with);
    settings.any(|setting| given(&setting.value.text))
        || job.steps.iter().any(|step| given(&step.script.text))
        || job.calls.is_some()
}

/// Whether the job's token may write, or nothing says that it may not.
fn may_write(pipeline: &Pipeline, job: &Job) -> bool {
    match pipeline.grants_of(job) {
        None | Some(Grants::All(_)) => true,
        Some(Grants::Read(_)) => false,
        Some(Grants::Scopes(scopes)) => scopes.iter().any(|scope| scope.value.text == "write"),
    }
}

fn checked_out(caller: &Job, reached: &Reached<'_>) -> Option<Checkout> {
    let step = reached.step;
    let anchor = reached.pipeline.anchor(Some(reached.job), Some(step));
    let make = |span: Span, what: String, folder: Option<String>, certain: bool| Checkout {
        span: reached.place(span),
        anchor,
        what,
        folder,
        written: reached.is_called().then(|| reached.spot(span)),
        certain,
    };
    if step.action().as_deref() == Some("actions/checkout") {
        for name in ["ref", "repository"] {
            let Some(setting) = step.input(name) else {
                continue;
            };
            let value = &setting.value;
            if let Some((what, certain)) = proposed(caller, reached, &value.text) {
                let folder = step.input("path").map(|path| path.value.text.clone());
                return Some(make(value.span, what, folder, certain));
            }
        }
        return None;
    }
    let mut found = None;
    for (command, span) in step.commands() {
        if command.name() == "gh" && command.begins_with(&["pr", "checkout"]) {
            found = Some((span, "gh pr checkout".to_owned(), true));
        } else if let Some((what, certain)) = by_git(caller, reached, command) {
            found = Some((span, what, certain));
        }
    }
    let (span, what, certain) = found?;
    Some(make(span, what, None, certain))
}

/// `git fetch origin pull/7/head`, `git checkout "$HEAD"`.
fn by_git(caller: &Job, reached: &Reached<'_>, command: &Command) -> Option<(String, bool)> {
    if command.name() != "git" {
        return None;
    }
    let takes = ["checkout", "switch", "pull", "merge", "reset"];
    let takes = takes.iter().any(|verb| command.begins_with(&[verb]));
    let words = command.args().iter();
    words
        .filter_map(|word| proposed(caller, reached, word.text()))
        .find(|_| takes)
}

/// What a text names of a proposed change, and whether that is certain.
fn proposed(caller: &Job, reached: &Reached<'_>, text: &str) -> Option<(String, bool)> {
    let (pipeline, job, step) = (reached.pipeline, reached.job, reached.step);
    let reads = pipeline.sources(job, Some(step), text);
    for read in &reads {
        let found = match read {
            Read::Other(path) => of_head(path).then(|| (path.clone(), true)),
            Read::Output(path) => {
                let lower = path.to_ascii_lowercase();
                let last = lower.rsplit('.').next().unwrap_or_default();
                last.contains("head").then(|| (path.clone(), false))
            }
            Read::Input(name) if reached.is_called() => {
                let given = find(&caller.with, name).or_else(|| {
                    let steps = caller.steps.iter();
                    steps
                        .filter(|step| step.uses.is_some())
                        .find_map(|step| find(&step.with, name))
                });
                given.and_then(|setting| {
                    let reads = pipeline::reads(pipeline.system, &setting.value.text);
                    reads.iter().find_map(|read| match read {
                        Read::Other(path) if of_head(path) => Some((path.clone(), true)),
                        _ => None,
                    })
                })
            }
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    let pull = text.contains("pull/") && (text.contains("/head") || text.contains("/merge"));
    let number = reads.iter().any(|read| read.name().ends_with("number"));
    (pull && number).then(|| ("refs/pull".to_owned(), true))
}

/// Whether a path of the event is the proposed change's commit, branch or repository.
fn of_head(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let Some(path) = path.strip_prefix("github.") else {
        return false;
    };
    path == "head_ref"
        || path == "event.pull_request.merge_commit_sha"
        || path.starts_with("event.pull_request.head.")
        || path.starts_with("event.workflow_run.head_")
        || path.starts_with("event.workflow_run.pull_requests")
}

/// Where a step runs something of the checkout, and what.
fn runs(reached: &Reached<'_>, checkout: &Checkout) -> Option<(Span, String)> {
    let step = reached.step;
    let inside = |text: &str| {
        let folder = checkout
            .folder
            .as_deref()
            .map(|folder| folder.trim_start_matches("./"));
        folder.is_none_or(|folder| !folder.is_empty() && text.contains(folder))
    };
    if let Some(uses) = &step.uses
        && uses.text.starts_with("./")
        && inside(&uses.text)
    {
        return Some((uses.span, uses.text.clone()));
    }
    if let Some(uses) = &step.uses {
        let action = step.action().unwrap_or_default();
        let told = step.with.iter().any(|setting| inside(&setting.value.text));
        let builds = builders::action(&action) && (checkout.folder.is_none() || told);
        return builds.then_some((uses.span, action));
    }
    if !inside(&step.script.text) {
        return None;
    }
    step.commands()
        .find(|(command, _)| builders::runs_project(command))
        .map(|(command, span)| (span, builders::shown(command)))
}
