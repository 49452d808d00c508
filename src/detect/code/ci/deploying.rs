//! Which jobs of a pipeline change something that runs elsewhere, and what holds them
//! until somebody agrees.

use std::collections::HashSet;

use super::strangers::downstream;
use crate::detect::code::deploys::{self, Deploy, Removes, Stage, Unattended};
use crate::detect::code::environments;
use crate::detect::condition::Condition;
use crate::detect::hit::Spot;
use crate::detect::pipeline::{
    self, Gate, GateKind, Job, Pipeline, Reached, Step, System, TriggerKind, find,
};
use crate::document::{Document, Span};

/// A step that deploys.
#[derive(Clone)]
pub(super) struct Evidence {
    pub(super) deploy: Deploy,
    /// Whether nobody is asked before it changes infrastructure, and by what.
    pub(super) unattended: Option<Unattended>,
    /// Where, in the pipeline's own file.
    pub(super) at: Span,
    /// Where it is written.
    pub(super) spot: Spot,
    /// The step's part of an anchor; empty for a callee's.
    pub(super) step: String,
    /// What it only removes, if it does.
    removes: Option<Removes>,
}

/// What a job does, and what holds it.
pub(super) struct Doing {
    /// What it deploys, in order, without what only rehearses.
    pub(super) deploys: Vec<Evidence>,
    pub(super) held: Option<Held>,
    /// A button that anyone may press who may run jobs.
    pub(super) button: Option<Span>,
    /// Where its environment is declared with nobody to guard it.
    pub(super) open: Option<Spot>,
}

/// What holds a job until somebody agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// An environment, at which the platform's settings can ask for approval.
    Environment,
    /// Somebody approves.
    Approval,
    /// A job before it is held.
    Before,
    /// It is started for itself, by a person who promotes a build.
    Promotion,
}

impl Doing {
    /// Whether something it deploys is surely deployed, and to no stage before production.
    pub(super) fn matters(&self) -> bool {
        self.deploys.iter().any(|e| {
            !matches!(e.deploy.stage, Stage::Test | Stage::Staging)
                && (e.deploy.sure || e.deploy.stage == Stage::Production)
        })
    }

    /// The deployment that tells most: the surest, of the highest stage, the first.
    pub(super) fn foremost(&self) -> Option<&Evidence> {
        let weight = |e: &&Evidence| (e.deploy.stage == Stage::Production, e.deploy.sure);
        // Of equals `max_by_key` gives the last.
        self.deploys.iter().rev().max_by_key(weight)
    }
}

/// What each job of a pipeline does, in their order.
pub(super) struct All(Vec<Doing>);

impl All {
    /// The jobs that do something elsewhere, with what they do.
    pub(super) fn deploying<'a>(
        &'a self,
        pipeline: &'a Pipeline,
    ) -> impl Iterator<Item = (&'a Job, &'a Doing)> {
        let jobs = pipeline.jobs.iter().zip(&self.0);
        jobs.filter(|(_, doing)| !doing.deploys.is_empty())
    }

    /// Every job, with what it does.
    pub(super) fn every<'a>(
        &'a self,
        pipeline: &'a Pipeline,
    ) -> impl Iterator<Item = (&'a Job, &'a Doing)> {
        pipeline.jobs.iter().zip(&self.0)
    }
}

/// What the jobs of a document's pipeline do; worked out once for all rules that ask.
pub(super) fn of<'d>(document: &'d Document<'_>) -> Option<(&'d Pipeline, &'d All)> {
    let pipeline = pipeline::of(document)?;
    let all = document.kept(|| {
        let holds = |job: &Job| own(document, pipeline.system, job).is_some() && !is_rehearsal(job);
        let before = downstream(pipeline, &holds);
        let jobs = pipeline.jobs.iter();
        let each = jobs.map(|job| doing(document, pipeline, job, &before));
        All(each.collect())
    })?;
    Some((pipeline, all))
}

fn doing(document: &Document<'_>, pipeline: &Pipeline, job: &Job, before: &HashSet<&str>) -> Doing {
    let reached = pipeline::reached(document, pipeline, job);
    let mut deploys: Vec<Evidence> = reached.iter().flat_map(evidence).collect();
    if rehearses(job, &reached) || takes_down(&deploys) || tidies(job, &deploys) {
        deploys.clear();
    }
    let held = if deploys.is_empty() {
        None
    } else {
        held(document, pipeline, job, before).or_else(|| {
            let called = reached
                .iter()
                .any(|r| r.is_called() && own(document, r.pipeline.system, r.job).is_some());
            called.then_some(Held::Environment)
        })
    };
    let button = job.gates.iter().find(|gate| gate.kind == GateKind::Button);
    Doing {
        deploys,
        held,
        button: button.map(|gate| gate.span),
        open: declared_open(document, pipeline.system, job),
    }
}

/// Where the project itself declares a job's environment with nobody to guard it. On
/// GitLab one that is protected at all is kept for those who may deploy there.
fn declared_open(document: &Document<'_>, system: System, job: &Job) -> Option<Spot> {
    let environment = job
        .environment
        .as_ref()
        .filter(|_| system == System::Github)?;
    environments::declared_open(document, environment.name.text.trim())
}

/// Whether a job makes the cluster or cloud itself that it deploys to.
fn rehearses(job: &Job, reached: &[Reached<'_>]) -> bool {
    let images = job.images.iter().map(|image| &image.name.text);
    images
        .into_iter()
        .any(|image| deploys::rehearses_by_image(image))
        || reached.iter().any(|r| {
            r.step
                .action()
                .is_some_and(|name| deploys::rehearses_by_action(&name))
                || r.step
                    .commands()
                    .any(|(command, _)| deploys::rehearses(command))
        })
}

/// Whether a job takes down again what it sets up: that was for a test.
fn takes_down(deploys: &[Evidence]) -> bool {
    let destroys = |e: &Evidence| e.unattended.is_some_and(|apply| apply.destroys);
    deploys.iter().any(destroys) && !deploys.iter().all(destroys)
}

/// Whether a job only tidies up after something that was for a test: it removes what is
/// called so, or is called a clean-up itself, and nothing speaks of production.
fn tidies(job: &Job, deploys: &[Evidence]) -> bool {
    let name = job.name.as_ref().map_or(&job.id, |name| &name.text);
    let clean = deploys::is_clean_up(name);
    let tidy = |e: &Evidence| {
        e.deploy.stage != Stage::Production
            && e.unattended.is_none()
            && e.removes
                .is_some_and(|removes| clean || removes == Removes::Trial)
    };
    !deploys.is_empty() && deploys::stage(name) != Stage::Production && deploys.iter().all(tidy)
}

/// What a step deploys.
fn evidence(reached: &Reached<'_>) -> Vec<Evidence> {
    let step = reached.step;
    if step.conditions.iter().any(|when| when.condition.is_never()) {
        return Vec::new();
    }
    let anchor = || {
        if reached.is_called() {
            String::new()
        } else {
            step.segment.clone()
        }
    };
    let found = |deploy: Deploy, unattended, at, span| Evidence {
        deploy,
        unattended,
        at,
        spot: reached.spot(span),
        step: anchor(),
        removes: None,
    };
    let mut out = Vec::new();
    if let Some(deploy) = by_use(step).filter(|deploy| !deploy.rehearsal)
        && let Some(uses) = &step.uses
    {
        out.push(found(deploy, None, reached.place(uses.span), uses.span));
    }
    for command in step.script.commands.iter() {
        let Some(deploy) = deploys::of_command(command).filter(|deploy| !deploy.rehearsal) else {
            continue;
        };
        let place = step.script.place(command.span);
        let unattended = deploys::unattended_apply(command);
        let mut found = found(deploy, unattended, reached.place(place), command.span);
        found.removes = deploys::removes(command);
        out.push(found);
    }
    out
}

/// The deployment that a step's action, orb, task, pipe, plugin or image is.
fn by_use(step: &Step) -> Option<Deploy> {
    let name = step.action()?;
    let input = |name: &str| Some(find(&step.with, name)?.value.text.clone());
    if let Some(provider) = name.strip_prefix("travis:deploy/") {
        return deploys::of_provider(provider);
    }
    deploys::of_action(&name, &input).or_else(|| deploys::of_image(&name, &input))
}

/// What holds a job: something of its own, or a job that it waits for. `before` are the
/// jobs that wait for one that is held by itself.
fn held(
    document: &Document<'_>,
    pipeline: &Pipeline,
    job: &Job,
    before: &HashSet<&str>,
) -> Option<Held> {
    if let Some(own) = own(document, pipeline.system, job) {
        return Some(own);
    }
    let promotes = matches!(pipeline.system, System::Drone | System::Woodpecker);
    let triggers = pipeline.triggers_of(job);
    if promotes && !triggers.is_empty() && triggers.iter().all(|t| t.kind == TriggerKind::Manual) {
        return Some(Held::Promotion);
    }
    // A job that runs whatever became of those before it waits for nobody's consent. A
    // block of Buildkite's can't fail: it is opened or it is not.
    if pipeline.system != System::Buildkite && runs_after_failure(job) {
        return None;
    }
    before.contains(job.id.as_str()).then_some(Held::Before)
}

/// Whether a job only deploys to a stage before production: whoever agreed to that has
/// not agreed to what comes after it.
fn is_rehearsal(job: &Job) -> bool {
    let environment = job.environment.as_ref();
    let stage = environment.map(|environment| deploys::stage(&environment.name.text));
    job.gates.is_empty() && matches!(stage, Some(Stage::Test | Stage::Staging))
}

/// Whether a job runs though what it waits for has failed.
pub(super) fn runs_after_failure(job: &Job) -> bool {
    job.despite.is_some() || !job.conditions.is_empty() && condition(job).runs_after_failure()
}

/// All that must hold for a job to run.
pub(super) fn condition(job: &Job) -> Condition {
    Condition::all(job.conditions.iter().map(|when| when.condition.clone()))
}

/// What holds a job by itself.
fn own(document: &Document<'_>, system: System, job: &Job) -> Option<Held> {
    let environment = job.environment.as_ref();
    let named =
        environment.is_some_and(|e| e.can_hold && !e.only_named && !e.name.text.trim().is_empty());
    if named && declared_open(document, system, job).is_none() {
        return Some(Held::Environment);
    }
    // Who may press a button is everyone who may run a job; in some systems no other
    // gate is to be had, and in some the button can be kept for a team.
    let buttons = !matches!(system, System::Gitlab | System::Jenkins | System::Bitbucket);
    let holds = |gate: &Gate| match gate.kind {
        GateKind::Approval => true,
        GateKind::Button => buttons || !gate.approvers.is_empty(),
        GateKind::Timer => false,
    };
    let gate = job.gates.iter().any(holds);
    gate.then_some(Held::Approval)
}

/// Whether everything that starts a job is of this kind.
pub(super) fn only_by(pipeline: &Pipeline, job: &Job, kind: TriggerKind) -> bool {
    let triggers = pipeline.triggers_of(job);
    !triggers.is_empty() && triggers.iter().all(|trigger| trigger.kind == kind)
}

/// The subject of a finding on a job.
pub(super) fn subject(pipeline: &Pipeline, job: &Job) -> String {
    let name = job.name.as_ref().map_or("", |name| name.text.trim());
    match (job.id.as_str(), name) {
        ("", "") => pipeline.root.clone(),
        ("", name) => format!("job:{name}"),
        // A cluster's objects name theirs within themselves.
        (id, _) if matches!(pipeline.system, System::Argo | System::Tekton) => {
            format!("job:{}", id.rsplit('/').next().unwrap_or(id))
        }
        (id, _) => format!("job:{id}"),
    }
}
