//! Deployments that go on though a check before them failed, or that wait for none.

use std::collections::{HashMap, HashSet};

use super::deploying::{self, condition, subject};
use super::gates::{Check, Checks};
use super::strangers::downstream;
use crate::detect::condition::Condition;
use crate::detect::pipeline::{Job, Pipeline, Route, Step, System, of_same_file};
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::{Confidence, Severity};

/// Of how many checks that a condition tells apart one job's is asked.
const MOST: usize = 100;

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
    let Some(checks) = Checks::of(cx.document) else {
        return Vec::new();
    };
    let gates = Gates::new(pipeline, checks);
    deploying
        .into_iter()
        .filter_map(|(job, _)| {
            let failed = entries(pipeline, job).find_map(|job| {
                let (gate, at) = gates.passed(job).or_else(|| gates.gone_past(job))?;
                Some(ran_past(pipeline, job, gate, at))
            });
            let failed = failed.or_else(|| within(pipeline, checks, job));
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
    let used = pipeline.system.runs_in_a_cluster();
    let users = job.needs.iter().filter(move |_| used);
    let users = users.filter_map(|id| pipeline.job(id));
    std::iter::once(job).chain(users.filter(|user| user.calls.is_some()))
}

/// The jobs of a pipeline that check something.
struct Gates<'p> {
    pipeline: &'p Pipeline,
    jobs: Vec<&'p Job>,
    by_id: HashMap<&'p str, &'p Job>,
    /// The jobs that wait for one of them.
    after: HashSet<&'p str>,
    /// The first of them whose failure the pipeline goes on after, what says so, and the
    /// jobs that come after such.
    loose: Option<(&'p Job, Span)>,
    after_loose: HashSet<&'p str>,
}

impl<'p> Gates<'p> {
    fn new(pipeline: &'p Pipeline, checks: &Checks) -> Self {
        let checks_something = |job: &Job| {
            let check = checks.of_job(pipeline, job);
            matches!(check, Some(Check::Scan(_) | Check::Tests))
        };
        let is = |job: &&Job| {
            job.may_fail.is_none()
                && (checks_something(job)
                    || of_same_file(pipeline, job).is_some_and(checks_something))
        };
        let jobs: Vec<&Job> = pipeline.jobs.iter().filter(is).collect();
        let mut by_id = HashMap::new();
        for job in &jobs {
            by_id.entry(job.id.as_str()).or_insert(*job);
        }
        let after = downstream(pipeline, &|job| by_id.contains_key(job.id.as_str()));
        let loose = |job: &Job| {
            let mut steps = job.steps.iter().filter(|step| is_check(checks, step));
            steps.find_map(|step| Some(step.goes_on.as_ref()?.span))
        };
        let first = jobs.iter().find_map(|job| Some((*job, loose(job)?)));
        let after_loose = if first.is_some() {
            downstream(pipeline, &|job| loose(job).is_some())
        } else {
            HashSet::new()
        };
        Self {
            pipeline,
            jobs,
            by_id,
            after,
            loose: first,
            after_loose,
        }
    }

    /// The gate before a job after whose failure the pipeline goes on, and what says so.
    fn gone_past(&self, job: &Job) -> Option<(&'p Job, Span)> {
        let after = self.after_loose.contains(job.id.as_str());
        self.loose.filter(|_| after)
    }

    fn get(&self, id: &str) -> Option<&'p Job> {
        self.by_id.get(id).copied()
    }

    /// The gate that a job waits for and whose failure doesn't stop it, and what says so.
    fn passed(&self, job: &Job) -> Option<(&'p Job, Span)> {
        if self.jobs.is_empty() {
            return None;
        }
        let mut lenience = Lenient::new(self.pipeline, job);
        job.needs
            .iter()
            .find_map(|id| {
                if let Some(gate) = self.get(id) {
                    return Some((gate, lenience.towards(gate)?));
                }
                // Some systems write the waiting itself as a step.
                let wait = self.pipeline.job(id).filter(|job| job.steps.is_empty())?;
                let at = wait.despite.as_ref()?.span;
                let gate = wait.needs.iter().find_map(|id| self.get(id))?;
                Some((gate, at))
            })
            .or_else(|| self.passed_in_the_end(job))
    }

    /// The same for what runs after all stages of Jenkins, which waits for the last alone.
    fn passed_in_the_end(&self, job: &Job) -> Option<(&'p Job, Span)> {
        let at = job.despite.as_ref()?.span;
        let after = self.pipeline.system == System::Jenkins && self.after.contains(job.id.as_str());
        Some((*self.jobs.first().filter(|_| after)?, at))
    }

    /// The gate that a job doesn't wait for though the order of the pipeline has it
    /// before, and what takes the job out of that order.
    fn left_out(&self, job: &Job) -> Option<(&'p Job, Span)> {
        let at = match self.pipeline.system {
            System::Gitlab => job.out_of_order?,
            System::Tekton if job.needs.is_empty() => job.at,
            _ => return None,
        };
        let waits = self.after.contains(job.id.as_str());
        let mut others = self.jobs.iter();
        let other = others.find(|gate| gate.id != job.id && self.is_beside(gate, job))?;
        (!waits).then_some((other, at))
    }

    /// Whether two jobs are of one pipeline, of which a file of Tekton's may hold several.
    fn is_beside(&self, one: &Job, other: &Job) -> bool {
        let of = |job: &Job| Some(job.segment.rsplit_once("/task:")?.0.to_owned());
        self.pipeline.system != System::Tekton || of(one).is_some() && of(one) == of(other)
    }
}

/// What lets a job run though a gate failed.
struct Lenient<'p> {
    job: &'p Job,
    all: Condition,
    /// Whether the condition can tell one job before from another.
    tells: bool,
    /// The jobs that it names, in lower case.
    named: HashSet<String>,
    /// What it says of all that it doesn't name, once that was asked.
    unnamed: Option<bool>,
    /// How many of those that it names may still be asked.
    left: usize,
}

impl<'p> Lenient<'p> {
    fn new(pipeline: &Pipeline, job: &'p Job) -> Self {
        let all = condition(job);
        let named = all.references().filter_map(|path| path.get(1));
        Self {
            job,
            tells: matches!(pipeline.system, System::Github | System::Gitea),
            named: named.map(|name| name.to_ascii_lowercase()).collect(),
            all,
            unnamed: None,
            left: MOST,
        }
    }

    /// What lets the job run though `gate` failed.
    fn towards(&mut self, gate: &Job) -> Option<Span> {
        if let Some(despite) = &self.job.despite {
            return Some(despite.span);
        }
        let first = self.job.conditions.first()?;
        let (all, tells) = (&self.all, self.tells);
        let ask = || {
            if tells {
                all.runs_despite(&gate.id)
            } else {
                all.runs_after_failure()
            }
        };
        let runs = if tells && self.named.contains(&gate.id.to_ascii_lowercase()) {
            self.left = self.left.checked_sub(1)?;
            ask()
        } else {
            *self.unnamed.get_or_insert_with(ask)
        };
        if !runs {
            return None;
        }
        let mut conditions = self.job.conditions.iter();
        let asks = conditions.find(|when| when.condition.asks_for_state());
        Some(asks.unwrap_or(first).text.span)
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

/// Whether a step checks something and stops something when it fails.
fn is_check(checks: &Checks, step: &Step) -> bool {
    step.may_fail.is_none() && matches!(checks.of_step(step), Some(Check::Scan(_) | Check::Tests))
}

/// A step that deploys though a check of the same job failed.
fn within(pipeline: &Pipeline, checks: &Checks, job: &Job) -> Option<Hit> {
    let mut steps = job.steps.iter();
    // Only after the failure of this phase is there another.
    let build = |step: &Step| pipeline.system != System::CodeBuild || step.segment == "phase:build";
    let gate = steps.find(|step| is_check(checks, step) && build(step))?;
    let goes_on = gate.goes_on.as_ref().map(|goes_on| goes_on.span);
    let (step, at) = steps.find_map(|step| {
        let when = step
            .conditions
            .iter()
            .find(|when| when.condition.runs_after_failure());
        let despite = step.despite.as_ref().map(|despite| despite.span);
        let at = despite
            .or_else(|| when.map(|when| when.text.span))
            .or(goes_on)?;
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
