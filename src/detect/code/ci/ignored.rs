//! Deployments that go on though a check before them failed, or that wait for none.

use super::deploying::{self, condition, subject};
use super::gates::{Check, Checks};
use crate::detect::pipeline::{Job, Pipeline, Route, System};
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::{Confidence, Severity};

/// How many jobs are looked at on the way back from one.
const MOST: usize = 1_000;

/// Finds them.
pub(in crate::detect::code) fn gates(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some((pipeline, all)) = deploying::of(cx.document) else {
        return Vec::new();
    };
    let deploying: Vec<_> = all
        .deploying(pipeline)
        .filter(|(_, doing)| doing.matters())
        .collect();
    if deploying.is_empty() {
        return Vec::new();
    }
    let checks = Checks::of(cx.document, pipeline);
    let gates = Gates::new(pipeline, &checks);
    deploying
        .into_iter()
        .filter_map(|(job, _)| {
            let failed = gates
                .passed(job)
                .map(|(gate, at)| ran_past(pipeline, job, gate, at));
            let failed = failed.or_else(|| within(pipeline, &checks, job));
            failed.or_else(|| {
                let mut entries = entries(pipeline, job);
                entries.find_map(|job| {
                    let (gate, at) = gates.left_out(job)?;
                    Some(before(pipeline, job, gate, at))
                })
            })
        })
        .collect()
}

/// The jobs by which a deployment is entered: itself, and where it is a task that others
/// of the file use, those.
fn entries<'p>(pipeline: &'p Pipeline, job: &'p Job) -> impl Iterator<Item = &'p Job> {
    let tekton = pipeline.system == System::Tekton;
    let users = job.needs.iter().filter(move |_| tekton);
    let users = users.filter_map(|id| pipeline.job(id));
    std::iter::once(job).chain(users.filter(|user| user.calls.is_some()))
}

/// The jobs of a pipeline that check something.
struct Gates<'p> {
    pipeline: &'p Pipeline,
    jobs: Vec<&'p Job>,
}

impl<'p> Gates<'p> {
    fn new(pipeline: &'p Pipeline, checks: &Checks) -> Self {
        let is = |job: &&Job| {
            let check = checks.of_job(pipeline, job);
            job.may_fail.is_none() && matches!(check, Some(Check::Scan(_) | Check::Tests))
        };
        Self {
            pipeline,
            jobs: pipeline.jobs.iter().filter(is).collect(),
        }
    }

    fn get(&self, id: &str) -> Option<&'p Job> {
        self.jobs.iter().find(|job| job.id == id).copied()
    }

    /// The gate that a job waits for and whose failure doesn't stop it, and what says so.
    fn passed(&self, job: &Job) -> Option<(&'p Job, Span)> {
        if self.jobs.is_empty() {
            return None;
        }
        job.needs.iter().find_map(|id| {
            if let Some(gate) = self.get(id) {
                return Some((gate, self.lenience(job, gate)?));
            }
            // Some systems write the waiting itself as a step.
            let wait = self.pipeline.job(id).filter(|job| job.steps.is_empty())?;
            let at = wait.despite.as_ref()?.span;
            let gate = wait.needs.iter().find_map(|id| self.get(id))?;
            Some((gate, at))
        })
    }

    /// What lets a job run though the gate failed.
    fn lenience(&self, job: &Job, gate: &Job) -> Option<Span> {
        if let Some(despite) = &job.despite {
            return Some(despite.span);
        }
        let first = job.conditions.first()?;
        let all = condition(job);
        let named = matches!(self.pipeline.system, System::Github | System::Gitea);
        let runs = if named {
            all.runs_despite(&gate.id)
        } else {
            all.runs_after_failure()
        };
        let asks = job
            .conditions
            .iter()
            .find(|when| when.condition.asks_for_state());
        runs.then(|| asks.unwrap_or(first).text.span)
    }

    /// The gate that a job doesn't wait for though the order of the pipeline has it
    /// before, and what takes the job out of that order.
    fn left_out(&self, job: &Job) -> Option<(&'p Job, Span)> {
        let at = match self.pipeline.system {
            System::Gitlab => job.out_of_order?,
            System::Tekton if job.needs.is_empty() => job.at,
            _ => return None,
        };
        let before = self.before(job);
        let waits = self
            .jobs
            .iter()
            .any(|gate| before.contains(&gate.id.as_str()));
        let mut others = self.jobs.iter();
        let other = others.find(|gate| gate.id != job.id && self.is_beside(gate, job))?;
        (!waits).then_some((other, at))
    }

    /// Whether two jobs are of one pipeline, of which a file of Tekton's may hold several.
    fn is_beside(&self, one: &Job, other: &Job) -> bool {
        let of = |job: &Job| Some(job.segment.rsplit_once("/task:")?.0.to_owned());
        self.pipeline.system != System::Tekton || of(one).is_some() && of(one) == of(other)
    }

    /// The ids of all jobs that a job waits for.
    fn before<'a>(&'a self, job: &'a Job) -> Vec<&'a str> {
        let mut seen: Vec<&str> = Vec::new();
        let mut open: Vec<&str> = job.needs.iter().map(String::as_str).collect();
        while let Some(id) = open.pop() {
            if seen.contains(&id) || seen.len() > MOST {
                continue;
            }
            seen.push(id);
            let needs = self.pipeline.job(id).map_or(&[][..], |job| &job.needs);
            open.extend(needs.iter().map(String::as_str));
        }
        seen
    }
}

fn ran_past(pipeline: &Pipeline, job: &Job, gate: &Job, at: Span) -> Hit {
    let subject = subject(pipeline, job);
    // Where a condition replaces the usual one it is often not meant to.
    let meant = pipeline.system != System::Azure || job.despite.is_some();
    hit(pipeline, job, gate, at)
        .sure(if meant {
            Confidence::High
        } else {
            Confidence::Medium
        })
        .saying(format!(
            "'{subject}' deploys even when '{}', which it waits for, has failed.",
            name(gate)
        ))
        .about(subject)
}

/// A step that deploys though a check of the same job failed.
fn within(pipeline: &Pipeline, checks: &Checks, job: &Job) -> Option<Hit> {
    let mut steps = job.steps.iter();
    let gate = steps.find(|step| {
        step.may_fail.is_none()
            && matches!(checks.of_step(step), Some(Check::Scan(_) | Check::Tests))
    })?;
    let (step, at) = steps.find_map(|step| {
        let when = step
            .conditions
            .iter()
            .find(|when| when.condition.runs_after_failure());
        let despite = step.despite.as_ref().map(|despite| despite.span);
        let at = despite.or_else(|| when.map(|when| when.text.span))?;
        checks.step_deploys(step).then_some((step, at))
    })?;
    let subject = subject(pipeline, job);
    let flow = Route::to(pipeline, job).by(at, "goes on whatever the check said");
    let mut hit = Hit::new(at)
        .anchored(pipeline.anchor(Some(job), Some(step)))
        .along(flow.stations())
        .saying(format!(
            "A step of '{subject}' deploys even when a check before it has failed."
        ))
        .about(subject);
    hit.related.push((gate.at, "the check".to_owned()));
    Some(hit)
}

fn before(pipeline: &Pipeline, job: &Job, gate: &Job, at: Span) -> Hit {
    let subject = subject(pipeline, job);
    hit(pipeline, job, gate, at)
        .grave(Severity::Medium)
        .saying(format!(
            "'{subject}' deploys without waiting for '{}'.",
            name(gate)
        ))
        .about(subject)
}

fn hit(pipeline: &Pipeline, job: &Job, gate: &Job, at: Span) -> Hit {
    let flow = Route::to(pipeline, job).by(at, "goes on whatever the check said");
    let mut hit = Hit::new(at)
        .anchored(pipeline.anchor(Some(job), None))
        .along(flow.stations());
    hit.related.push((gate.at, "the check".to_owned()));
    hit
}

/// What a person calls a job.
fn name(job: &Job) -> &str {
    let name = job.name.as_ref().map(|name| name.text.as_str());
    if job.id.is_empty() {
        name.unwrap_or("a check")
    } else {
        &job.id
    }
}
