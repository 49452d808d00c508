//! The way from what starts a pipeline to the step that a finding is about, for a reader
//! to follow: trigger, job, credential, step.

use super::{Job, Pipeline, Trigger};
use crate::detect::hit::Spot;
use crate::document::Span;

/// The stations of a way, in order.
#[derive(Default)]
pub(crate) struct Route(Vec<(Spot, String)>);

impl Route {
    /// From what starts the job on to the job itself.
    pub(crate) fn to(pipeline: &Pipeline, job: &Job) -> Self {
        let mut route = Self::default();
        if let Some(trigger) = foremost(pipeline.triggers_of(job)) {
            route = route.by(trigger.span, format!("'{}' starts it", trigger.name));
        }
        let what = if job.id.is_empty() {
            "its steps run".to_owned()
        } else {
            format!("job '{}' runs", job.id)
        };
        route.by(job.at, what)
    }

    /// One station on.
    pub(crate) fn by(mut self, span: Span, what: impl Into<String>) -> Self {
        self.0.push((Spot::Here(span), what.into()));
        self
    }

    /// One station on, wherever it is.
    pub(crate) fn through(mut self, spot: Spot, what: impl Into<String>) -> Self {
        self.0.push((spot, what.into()));
        self
    }

    /// The stations; none if there would be only one.
    pub(crate) fn stations(self) -> Vec<(Spot, String)> {
        if self.0.len() > 1 { self.0 } else { Vec::new() }
    }
}

/// Of several triggers the one that most people can pull.
fn foremost(triggers: &[Trigger]) -> Option<&Trigger> {
    use super::TriggerKind::{
        External, Manual, Other, Pipeline, Privileged, Push, Release, Review, Schedule,
    };
    triggers.iter().min_by_key(|trigger| match trigger.kind {
        Privileged => 0,
        Push => 1,
        Manual => 2,
        Review => 3,
        Release => 4,
        External => 5,
        Schedule => 6,
        Pipeline => 7,
        Other => 8,
    })
}
