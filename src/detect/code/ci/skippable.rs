//! Gates of a pipeline that don't run for some, or for nobody.

use std::collections::{HashMap, HashSet};

use super::gates::{self, Check, Guard};
use crate::detect::code::controls::control_noun;
use crate::detect::code::scanners;
use crate::detect::condition::Condition;
use crate::detect::pipeline::{self, GateKind, Job, Pipeline, Read, Route, System, reads};
use crate::detect::shell::Command;
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::{Confidence, Severity};

/// Finds scanners and approvals whose condition leaves somebody out.
pub(in crate::detect::code) fn skippable(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(pipeline) = pipeline::of(cx.document) else {
        return Vec::new();
    };
    let always = always(pipeline);
    let mut asked: HashMap<&str, Asked> = HashMap::new();
    let mut hits = Vec::new();
    for guard in gates::guards(cx.document, pipeline) {
        let Some(check @ (Check::Scan(_) | Check::Approval)) = guard.check else {
            continue;
        };
        let when = guard.when;
        let asked = asked
            .entry(when.text.text.as_str())
            .or_insert_with(|| Asked::of(&when.condition));
        let Some((how, severity, confidence)) = asked.judge(pipeline, &guard) else {
            continue;
        };
        let twin = match check {
            Check::Scan(name) => always.get(name).filter(|id| **id != guard.job.id),
            _ => None,
        };
        let (how, confidence) = match twin {
            Some(id) => (
                format!("{how}, though it always runs in '{id}'"),
                Confidence::Low,
            ),
            None => (how, confidence),
        };
        hits.push(
            hit(pipeline, &guard, when.text.span, check, &how)
                .grave(severity)
                .sure(confidence),
        );
    }
    for job in &pipeline.jobs {
        hits.extend(overridden(pipeline, job));
    }
    hits
}

fn hit(pipeline: &Pipeline, guard: &Guard<'_>, span: Span, check: Check, how: &str) -> Hit {
    let subject = match check {
        Check::Scan(name) => name.to_owned(),
        _ => format!("job:{}", guard.job.id),
    };
    let route = Route::to(pipeline, guard.job).by(span, "here it is left out");
    let hit = Hit::new(span)
        .anchored(pipeline.anchor(Some(guard.job), guard.step))
        .along(route.stations())
        .about(subject)
        .saying(format!("{} doesn't hold: {how}.", capital(check.title())));
    match &guard.when.text.defined {
        Some(spot) => hit.beside(spot.clone(), "the condition is written here"),
        None => hit,
    }
}

fn capital(text: &str) -> String {
    match text.strip_prefix("the ") {
        Some(rest) => format!("The {rest}"),
        None => text.to_owned(),
    }
}

/// Scanners that run without a condition, each with the job.
fn always(pipeline: &Pipeline) -> HashMap<&'static str, &str> {
    let mut out = HashMap::new();
    for job in &pipeline.jobs {
        if !job.conditions.is_empty() || job.may_fail.is_some() || !job.gates.is_empty() {
            continue;
        }
        let steps = job.steps.iter();
        for step in steps.filter(|s| s.conditions.is_empty() && s.may_fail.is_none()) {
            for scan in gates::scans(step) {
                out.entry(scan.scanner.name).or_insert(job.id.as_str());
            }
        }
    }
    out
}

/// What a condition leaves out.
struct Asked {
    never: bool,
    actors: Vec<String>,
    branches: Vec<String>,
    switches: Vec<Vec<String>>,
}

/// Where systems keep the name of who acts.
const ACTORS: &[&[&str]] = &[
    &["github", "actor"],
    &["github", "triggering_actor"],
    &["github", "event", "sender", "login"],
    &["github", "event", "pull_request", "user", "login"],
    &["variables", "GITLAB_USER_LOGIN"],
    &["variables", "GITLAB_USER_NAME"],
    &["variables", "GITLAB_USER_EMAIL"],
    &["variables", "Build.RequestedFor"],
    &["variables", "Build.RequestedForEmail"],
    &["build", "creator", "name"],
    &["build", "creator", "email"],
    &["travis", "sender"],
    &["github", "event", "head_commit", "author", "name"],
    &["github", "event", "head_commit", "author", "email"],
    &["variables", "CI_COMMIT_AUTHOR"],
    &["variables", "Build.SourceVersionAuthor"],
    &["build", "author", "name"],
    &["build", "author", "email"],
    &["env", "CI_COMMIT_AUTHOR"],
    &["env", "CI_COMMIT_AUTHOR_EMAIL"],
];

/// Where they keep the branch that a change is proposed from: whoever proposes it gives
/// it its name.
const HEADS: &[&[&str]] = &[
    &["github", "head_ref"],
    &["github", "event", "pull_request", "head", "ref"],
    &["variables", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"],
    &["variables", "System.PullRequest.SourceBranch"],
    &["travis", "head_branch"],
];

impl Asked {
    fn of(condition: &Condition) -> Self {
        let excluded = |paths: &[&[&str]]| {
            let mut out: Vec<String> = paths.iter().flat_map(|p| condition.excludes(p)).collect();
            out.dedup();
            out.retain(|text| !text.is_empty());
            out
        };
        let never = condition.is_never();
        let off = |path: &[String]| path.to_vec();
        Self {
            never,
            actors: excluded(ACTORS),
            branches: excluded(HEADS),
            switches: condition.switched_off_by().into_iter().map(off).collect(),
        }
    }

    /// How the gate can be left out, how bad that is and how sure.
    fn judge(
        &self,
        pipeline: &Pipeline,
        guard: &Guard<'_>,
    ) -> Option<(String, Severity, Confidence)> {
        let what = guard.what();
        if self.never {
            let how = format!("{what} never runs");
            return Some((how, Severity::High, Confidence::High));
        }
        if !self.actors.is_empty() {
            let names = list(&self.actors);
            let how = format!("{what} doesn't run for {names}");
            // Their changes get no secrets, and scans that need some would only fail.
            let updates = self.actors.iter().all(|actor| is_update_bot(actor));
            let confidence = if updates {
                Confidence::Low
            } else {
                Confidence::High
            };
            return Some((how, Severity::High, confidence));
        }
        let names = self.switches.iter();
        let mut stored = names.filter_map(|path| switch(pipeline, guard, path));
        if let Some((name, confidence)) = stored.next() {
            let how = format!("{what} doesn't run where '{name}' is set");
            return Some((how, Severity::Medium, confidence));
        }
        if !self.branches.is_empty() {
            let names = list(&self.branches);
            let how = format!("{what} doesn't run for changes from a branch called {names}");
            let made = |name: &String| {
                [
                    "dependabot",
                    "renovate",
                    "release-please",
                    "changeset-release",
                ]
                .iter()
                .any(|maker| name.trim_start_matches("refs/heads/").starts_with(maker))
            };
            let confidence = if self.branches.iter().all(made) {
                Confidence::Low
            } else {
                Confidence::Medium
            };
            return Some((how, Severity::Medium, confidence));
        }
        None
    }
}

/// Bots that propose updates of dependencies.
fn is_update_bot(actor: &str) -> bool {
    let actor = actor.to_ascii_lowercase();
    [
        "dependabot",
        "renovate",
        "pre-commit-ci",
        "pyup-bot",
        "snyk-bot",
    ]
    .iter()
    .any(|bot| actor.starts_with(bot))
}

fn list(names: &[String]) -> String {
    let quoted: Vec<_> = names
        .iter()
        .take(5)
        .map(|name| format!("'{name}'"))
        .collect();
    quoted.join(", ")
}

/// The name of a stored variable, or of an input, that keeps a gate from running. Inputs
/// that say so by their name are another rule's.
fn switch(pipeline: &Pipeline, guard: &Guard<'_>, path: &[String]) -> Option<(String, Confidence)> {
    let name = path.last()?;
    let sure = |name: &str| {
        if control_noun(name).is_some() {
            Confidence::High
        } else {
            Confidence::Low
        }
    };
    let is_input = |name: &str| {
        let inputs = &mut pipeline.inputs.iter();
        inputs.any(|input| input.name.eq_ignore_ascii_case(name))
    };
    if is_input(name) {
        return control_noun(name)
            .is_none()
            .then(|| (name.clone(), Confidence::Low));
    }
    match path.first()?.as_str() {
        "vars" => Some((name.clone(), sure(name))),
        "variables" => control_noun(name).map(|_| (name.clone(), Confidence::High)),
        "env" => {
            let Some(setting) = pipeline.setting(guard.job, guard.step, name) else {
                return control_noun(name).map(|_| (name.clone(), Confidence::Medium));
            };
            reads(pipeline.system, &setting.value.text)
                .into_iter()
                .find_map(|read| match read {
                    Read::Variable(stored) => Some((stored.clone(), sure(&stored))),
                    _ => None,
                })
        }
        _ => None,
    }
}

/// A job of the system's own templates that the file leaves nothing of, or that waits
/// for a person who need not come.
fn overridden(pipeline: &Pipeline, job: &Job) -> Option<Hit> {
    if pipeline.system != System::Gitlab {
        return None;
    }
    let name = gates::of_setting(pipeline, job).or_else(|| {
        job.steps
            .iter()
            .find_map(|step| Some(gates::scans(step).first()?.scanner.name))
    });
    let commands: HashSet<&str> = job
        .steps
        .iter()
        .flat_map(|step| step.script.commands.iter().map(Command::name))
        .collect();
    let idle = !commands.is_empty()
        && commands
            .iter()
            .all(|name| matches!(*name, "true" | ":" | "exit" | "echo" | "printf" | "return"));
    let template = scanners::gitlab_template(&job.id);
    let button = job.gates.iter().find(|gate| gate.kind == GateKind::Button);
    let (span, how) = match (template, name, button) {
        (Some(_), _, _) if idle => (job.at, "its script does nothing"),
        (_, Some(_), Some(button)) if job.may_fail.is_some() => (
            button.span,
            "it only runs when somebody starts it, and nothing waits for that",
        ),
        _ => return None,
    };
    let name = name.or(template)?;
    let route = Route::to(pipeline, job).by(span, "here it is left out");
    Some(
        Hit::new(span)
            .anchored(pipeline.anchor(Some(job), None))
            .along(route.stations())
            .about(name)
            .saying(format!("{name} doesn't hold: {how}."))
            .grave(Severity::Medium)
            .sure(Confidence::Medium),
    )
}
