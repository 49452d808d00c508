//! Pipelines that call themselves a way around approval and reach production with
//! nothing to guard it.

use std::collections::HashSet;
use std::rc::Rc;

use super::deploying::{self, All, Doing};
use crate::detect::code::controls::is_break_glass;
use crate::detect::hit::Spot;
use crate::detect::pipeline::{Input, Job, Pipeline, Route, Step};
use crate::detect::{Cx, Hit};
use crate::document::{Document, Span};

/// How many inputs are looked for in the whole of a pipeline, and how many deployments are
/// shown of one way.
const MOST: usize = 50;

/// Finds the routes.
pub(in crate::detect::code) fn workflows(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some((pipeline, all)) = deploying::of(cx.document) else {
        return Vec::new();
    };
    routes(pipeline, all, cx.document)
        .into_iter()
        .map(|route| hit(pipeline, &route))
        .collect()
}

/// A way around approval.
struct Found<'p> {
    /// What calls itself so.
    subject: String,
    at: Span,
    /// The job, when it is the job that does.
    job: Option<&'p Job>,
    /// The deployments that it leads to.
    to: Rc<[(&'p Job, Spot)]>,
}

/// The jobs that are on such a way, which is then a finding of its own.
pub(super) fn on_routes(
    pipeline: &Pipeline,
    all: &All,
    document: &Document<'_>,
) -> HashSet<*const Job> {
    let routes = routes(pipeline, all, document);
    let jobs = routes.iter().flat_map(|route| route.to.iter());
    jobs.map(|(job, _)| std::ptr::from_ref(*job)).collect()
}

fn routes<'p>(pipeline: &'p Pipeline, all: &'p All, document: &Document<'_>) -> Vec<Found<'p>> {
    let path = document.path();
    let open: Vec<(&Job, &Doing)> = all
        .deploying(pipeline)
        .filter(|(_, doing)| doing.held.is_none())
        .collect();
    if open.is_empty() {
        return Vec::new();
    }
    let to = |(job, doing): &(&'p Job, &Doing)| {
        let first = doing.deploys.first()?;
        Some((*job, first.spot.clone()))
    };
    let every: Rc<[_]> = open.iter().filter_map(to).collect();
    let mut found = Vec::new();
    if let Some(name) = &pipeline.name
        && is_break_glass(&name.text)
    {
        found.push(Found {
            subject: format!("workflow:{}", name.text),
            at: name.span,
            job: None,
            to: Rc::clone(&every),
        });
    }
    let inputs = pipeline.inputs.iter();
    let mut inputs = inputs.filter(|input| is_break_glass(&input.name));
    for input in inputs.by_ref().take(MOST) {
        if is_read(pipeline, input) {
            found.push(Found {
                subject: format!("input:{}", input.name),
                at: input.span,
                job: None,
                to: Rc::clone(&every),
            });
        }
    }
    if inputs.next().is_some() {
        document.note("has more inputs that are named for an emergency than are looked at");
    }
    if !found.is_empty() {
        return found;
    }
    let file = path.rsplit('/').next().unwrap_or_default();
    let stem = file
        .split('.')
        .find(|part| !part.is_empty())
        .unwrap_or(file);
    for deployment in &open {
        let (job, _) = deployment;
        let name = job.name.as_ref().map_or("", |name| name.text.as_str());
        let subject = if is_break_glass(&job.id) || is_break_glass(name) {
            deploying::subject(pipeline, job)
        } else if is_break_glass(stem) {
            format!("workflow:{stem}")
        } else {
            continue;
        };
        found.push(Found {
            subject,
            at: job.at,
            job: Some(job),
            to: to(deployment).into_iter().collect(),
        });
    }
    found
}

fn hit(pipeline: &Pipeline, route: &Found<'_>) -> Hit {
    let subject = &route.subject;
    let mut hit = Hit::new(route.at)
        .anchored(pipeline.anchor(route.job, None))
        .saying(format!(
            "'{subject}' is a way around approval, and it deploys with nothing to hold it."
        ));
    for (_, spot) in route.to.iter().take(MOST) {
        hit = hit.beside(spot.clone(), "deploys here");
    }
    if let Some((job, spot)) = route.to.first() {
        let flow = Route::to(pipeline, job).through(spot.clone(), "deploys");
        hit = hit.along(flow.stations());
    }
    hit.about(subject)
}

/// Whether anything in the pipeline reads an input.
fn is_read(pipeline: &Pipeline, input: &Input) -> bool {
    let name = &input.name;
    let sought = [
        format!("inputs.{name}"),
        format!("inputs['{name}']"),
        format!("parameters.{name}"),
        format!("params.{name}"),
        format!("${name}"),
        format!("${{{name}"),
    ];
    let holds = |text: &str| sought.iter().any(|sought| text.contains(sought));
    let in_step = |step: &Step| {
        holds(&step.script.text)
            || step.conditions.iter().any(|when| holds(&when.text.text))
            || step
                .env
                .iter()
                .chain(&step.with)
                .any(|s| holds(&s.value.text))
    };
    pipeline.env.iter().any(|s| holds(&s.value.text))
        || pipeline.jobs.iter().any(|job| {
            job.conditions.iter().any(|when| holds(&when.text.text))
                || job
                    .env
                    .iter()
                    .chain(&job.with)
                    .any(|s| holds(&s.value.text))
                || job
                    .environment
                    .as_ref()
                    .is_some_and(|e| holds(&e.name.text))
                || job.steps.iter().any(in_step)
        })
}
