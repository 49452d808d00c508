//! Jobs that reach production with nobody to hold them.

use super::break_glass;
use super::deploying::{self, Doing, Evidence, only_by, subject};
use crate::detect::code::deploys::{self, Stage};
use crate::detect::hit::Spot;
use crate::detect::pipeline::{Job, Pipeline, Route, System, TriggerKind};
use crate::detect::{Cx, Hit};
use crate::document::Document;
use crate::finding::{Confidence, Severity};

/// Deployments that no environment and no approval holds.
pub(in crate::detect::code) fn without_approval(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some((pipeline, all)) = deploying::of(cx.document) else {
        return Vec::new();
    };
    if pipeline.callable || !asks(pipeline.system) {
        return Vec::new();
    }
    let routes = break_glass::on_routes(pipeline, all, cx.document);
    let open = all.deploying(pipeline).filter(|(job, doing)| {
        doing.held.is_none()
            && !is_external(pipeline, job)
            && !is_preview(pipeline, job)
            && !routes.contains(&std::ptr::from_ref(*job))
    });
    open.filter_map(|(job, doing)| {
        let evidence = doing.foremost()?;
        // That is a rule of its own.
        if doing.deploys.iter().any(is_unattended) {
            return None;
        }
        let hit = hit(pipeline, job, evidence)?;
        Some(with_reason(pipeline, job, doing, hit))
    })
    .collect()
}

/// Whether the system has a gate for a deployment to wait at. Where it has none the
/// platform around it does, which the file doesn't show.
const fn asks(system: System) -> bool {
    !matches!(
        system,
        System::Tekton | System::Argo | System::CloudBuild | System::CodeBuild
    )
}

/// Whether it runs for proposed changes only: a preview, or a check that deploys.
fn is_preview(pipeline: &Pipeline, job: &Job) -> bool {
    only_by(pipeline, job, TriggerKind::Review)
}

/// Whether what starts a job comes from outside, and no change of a branch does.
fn is_external(pipeline: &Pipeline, job: &Job) -> bool {
    let triggers = pipeline.triggers_of(job);
    let outside = |name: &str, kind| kind == TriggerKind::External || name == "workflow_run";
    triggers.iter().any(|t| outside(&t.name, t.kind))
        && !triggers.iter().any(|t| t.kind == TriggerKind::Push)
}

/// What starts such a job, by the platform's name for it.
fn caller<'p>(pipeline: &'p Pipeline, job: &'p Job) -> &'p str {
    let triggers = pipeline.triggers_of(job);
    let trigger = triggers.iter().find(|t| t.kind == TriggerKind::External);
    trigger.map_or("workflow_run", |t| t.name.as_str())
}

/// A hit at the deployment, as sure as the evidence. What goes to a stage before
/// production needs no approval.
fn hit(pipeline: &Pipeline, job: &Job, evidence: &Evidence) -> Option<Hit> {
    let confidence = match (evidence.deploy.stage, evidence.deploy.sure) {
        (Stage::Test | Stage::Staging, _) => return None,
        (Stage::Production, true) => Confidence::High,
        (Stage::Production, false) | (Stage::Unknown, true) => Confidence::Medium,
        (Stage::Unknown, false) => Confidence::Low,
    };
    if named_for_less(pipeline, job) && evidence.deploy.stage != Stage::Production {
        return None;
    }
    let mut anchor = pipeline.anchor(Some(job), None);
    if !evidence.step.is_empty() {
        anchor.push('/');
        anchor.push_str(&evidence.step);
    }
    let route = Route::to(pipeline, job).by(evidence.at, "this deploys");
    let mut hit = Hit::new(evidence.at)
        .anchored(anchor)
        .along(route.stations())
        .about(subject(pipeline, job))
        .sure(confidence);
    if let Spot::There(_) = evidence.spot {
        hit = hit.beside(evidence.spot.clone(), "deploys here");
    }
    Some(hit)
}

/// Whether the names of job, environment or pipeline say that it is not production.
fn named_for_less(pipeline: &Pipeline, job: &Job) -> bool {
    let names = [
        Some(job.id.as_str()),
        job.name.as_ref().map(|name| name.text.as_str()),
        job.environment.as_ref().map(|e| e.name.text.as_str()),
        pipeline.name.as_ref().map(|name| name.text.as_str()),
        Some(pipeline.root.as_str()),
    ];
    let stages = names.into_iter().flatten().map(deploys::stage);
    matches!(stages.max(), Some(Stage::Test | Stage::Staging))
}

fn with_reason(pipeline: &Pipeline, job: &Job, doing: &Doing, hit: Hit) -> Hit {
    let subject = hit.subject.clone().unwrap_or_default();
    if let Some(environment) = &job.environment
        && !environment.can_hold
    {
        let text = format!(
            "'{subject}' deploys to '{}', which {} doesn't hold for anybody's approval.",
            environment.name.text,
            pipeline.system.title()
        );
        return hit.saying(text);
    }
    if let (Some(environment), Some(open)) = (&job.environment, &doing.open) {
        let text = format!(
            "'{subject}' deploys to '{}', which the project declares with nobody to guard it.",
            environment.name.text
        );
        return hit.saying(text).beside(open.clone(), "declared here");
    }
    if let Some(button) = doing.button {
        let text = format!("'{subject}' deploys once anyone who may run jobs presses a button.");
        return hit
            .grave(Severity::Medium)
            .saying(text)
            .beside(Spot::Here(button), "the button");
    }
    if only_by(pipeline, job, TriggerKind::Manual) {
        let text =
            format!("'{subject}' deploys for whoever may start it, with nobody else to agree.");
        return hit.grave(Severity::Medium).saying(text);
    }
    hit.saying(format!(
        "'{subject}' deploys with no environment or approval to hold it."
    ))
}

/// Deployments that a call from outside starts.
pub(in crate::detect::code) fn external(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some((pipeline, all)) = deploying::of(cx.document) else {
        return Vec::new();
    };
    let routes = break_glass::on_routes(pipeline, all, cx.document);
    let open = all.deploying(pipeline).filter(|(job, doing)| {
        doing.held.is_none()
            && is_external(pipeline, job)
            && !doing.deploys.iter().any(is_unattended)
            && !routes.contains(&std::ptr::from_ref(*job))
    });
    open.filter_map(|(job, doing)| {
        let hit = hit(pipeline, job, doing.foremost()?)?;
        let by = caller(pipeline, job);
        let subject = hit.subject.clone().unwrap_or_default();
        Some(hit.saying(format!(
            "'{subject}' deploys at a call from outside the repository ('{by}'), with no environment to hold it."
        )))
    })
    .collect()
}

/// Whether a deployment changes infrastructure with nobody asked. A saved plan could be
/// read before.
fn is_unattended(evidence: &Evidence) -> bool {
    evidence.unattended.is_some_and(|apply| !apply.planned)
}

/// Infrastructure that is changed with nobody asked.
pub(in crate::detect::code) fn unattended(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some((pipeline, all)) = deploying::of(cx.document) else {
        return Vec::new();
    };
    let mut hits = Vec::new();
    let routes = asks(pipeline.system).then(|| break_glass::on_routes(pipeline, all, cx.document));
    for (job, doing) in all.deploying(pipeline).filter(|(job, doing)| {
        doing.held.is_none()
            && !is_used(cx.document, pipeline, job)
            && !routes
                .as_ref()
                .is_some_and(|routes| routes.contains(&std::ptr::from_ref(*job)))
    }) {
        for evidence in doing.deploys.iter().filter(|e| is_unattended(e)) {
            hits.extend(unattended_hit(pipeline, job, evidence));
        }
    }
    hits
}

/// The kinds of a cluster's objects that others use by name.
const OBJECTS: [&str; 4] = [
    "Task",
    "ClusterTask",
    "WorkflowTemplate",
    "ClusterWorkflowTemplate",
];

/// Whether a job is a task or template of a cluster that others of the project use: what
/// it does is judged where they do.
fn is_used(document: &Document<'_>, pipeline: &Pipeline, job: &Job) -> bool {
    let name = match pipeline.system {
        System::Tekton => job.id.as_str(),
        System::Argo => job.id.split('/').nth(1).unwrap_or_default(),
        _ => return false,
    };
    // One that its own file uses waits for those uses.
    pipeline.callable
        && job.needs.is_empty()
        && document.neighbours().is_some_and(|all| {
            let mut kinds = OBJECTS.iter().filter_map(|kind| all.object(kind, name));
            all.uses(name) && kinds.any(|file| **file.path() == *document.path())
        })
}

fn unattended_hit(pipeline: &Pipeline, job: &Job, evidence: &Evidence) -> Option<Hit> {
    let apply = evidence.unattended?;
    let hit = hit(pipeline, job, evidence)?;
    let strangers = |kind| matches!(kind, TriggerKind::Review | TriggerKind::Privileged);
    let triggers = pipeline.triggers_of(job);
    let review = triggers.iter().find(|trigger| strangers(trigger.kind));
    let text = match review {
        Some(trigger) => format!(
            "'{}' changes infrastructure with nobody asked ('{}'), already for a proposed change ('{}').",
            apply.what, apply.by, trigger.name
        ),
        None if is_external(pipeline, job) => format!(
            "'{}' changes infrastructure with nobody asked ('{}'), at a call from outside the repository ('{}').",
            apply.what,
            apply.by,
            caller(pipeline, job)
        ),
        None => format!(
            "'{}' changes infrastructure with nobody asked ('{}').",
            apply.what, apply.by
        ),
    };
    let hit = hit.about(apply.what).sure(Confidence::High).saying(text);
    Some(if review.is_some() {
        hit.grave(Severity::Critical)
    } else {
        hit
    })
}
