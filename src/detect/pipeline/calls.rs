//! What a job runs in the end: its own steps, those of the local actions that they use,
//! and those of the local workflow that it calls.

use super::{Job, Pipeline, Step, Text, of_neighbour};
use crate::detect::hit::Spot;
use crate::document::neighbours::{self, Neighbour};
use crate::document::{Document, Span};

/// How deep calls are followed.
const DEEPEST: usize = 4;

/// Most called steps that are looked at: of one job, and of all jobs of a pipeline.
const MOST: usize = 500;
const MOST_IN_ALL: usize = 50_000;

/// A step that a job runs.
pub(crate) struct Reached<'p> {
    /// The pipeline, job and step as they are written.
    pub(crate) pipeline: &'p Pipeline,
    pub(crate) job: &'p Job,
    pub(crate) step: &'p Step,
    /// The file of the callee, and where the caller's file calls it.
    through: Option<(&'p Neighbour, Span)>,
}

impl Reached<'_> {
    /// Where a span of the step is, in the caller's file.
    pub(crate) fn place(&self, span: Span) -> Span {
        self.through.map_or(span, |(_, call)| call)
    }

    /// Where a span of the step is written.
    pub(crate) fn spot(&self, span: Span) -> Spot {
        match self.through {
            Some((file, _)) => Spot::there(file, span),
            None => Spot::Here(span),
        }
    }

    /// Whether it is a step of a callee.
    pub(crate) const fn is_called(&self) -> bool {
        self.through.is_some()
    }
}

/// The pipeline of the project that a text calls: `./.github/workflows/x.yml`,
/// `./actions/x`.
pub(crate) fn callee<'p>(
    document: &Document<'p>,
    call: &Text,
) -> Option<(&'p Neighbour, &'p Pipeline)> {
    let path = call.text.strip_prefix("./")?;
    let path = neighbours::resolve("", path)?;
    let all = document.neighbours()?;
    let file = all
        .get(&path)
        .or_else(|| all.get(&format!("{path}/action.yml")))
        .or_else(|| all.get(&format!("{path}/action.yaml")))?;
    Some((file, of_neighbour(file)?))
}

/// Every step that a job of the document's own pipeline runs.
pub(crate) fn reached<'p>(
    document: &Document<'p>,
    pipeline: &'p Pipeline,
    job: &'p Job,
) -> Vec<Reached<'p>> {
    // Each job has its share, so that it doesn't matter which rule asks for which first.
    let share = MOST_IN_ALL / pipeline.jobs.len().max(1);
    let mut reader = Follow {
        document,
        left: share.clamp(8, MOST),
        cut: false,
        out: Vec::new(),
    };
    reader.follow((pipeline, job), None, 0);
    if reader.cut {
        document.note("calls more steps than are looked at");
    }
    reader.out
}

struct Follow<'a, 'p> {
    document: &'a Document<'p>,
    /// How many called steps and jobs may still be looked at.
    left: usize,
    /// Something was not looked at.
    cut: bool,
    out: Vec<Reached<'p>>,
}

impl<'p> Follow<'_, 'p> {
    fn follow(
        &mut self,
        (pipeline, job): (&'p Pipeline, &'p Job),
        through: Option<(&'p Neighbour, Span)>,
        depth: usize,
    ) {
        if let Some(call) = &job.calls {
            self.enter(call, through, depth);
        }
        for step in &job.steps {
            if through.is_some() && !self.pays() {
                return;
            }
            self.out.push(Reached {
                pipeline,
                job,
                step,
                through,
            });
            if let Some(uses) = &step.uses {
                self.enter(uses, through, depth);
            }
        }
    }

    /// Pays for one called step or job; false when no more are looked at.
    fn pays(&mut self) -> bool {
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None => self.cut = true,
        }
        !self.cut
    }

    /// Follows a call.
    fn enter(&mut self, call: &Text, through: Option<(&'p Neighbour, Span)>, depth: usize) {
        if depth >= DEEPEST || self.cut {
            return;
        }
        let Some((file, callee)) = callee(self.document, call) else {
            return;
        };
        let place = through.map_or(call.span, |(_, place)| place);
        for job in &callee.jobs {
            if !self.pays() {
                return;
            }
            self.follow((callee, job), Some((file, place)), depth + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Neighbours;
    use crate::kind::Kinds;

    #[test]
    fn local_workflows_and_actions_are_followed() {
        let mut files = Neighbours::default();
        let mut add = |path: &str, text: &str| files.add(path, text.as_bytes().into(), Kinds::NONE);
        add(
            ".github/workflows/d.yml",
            "on: workflow_call\njobs:\n  d:\n    steps:\n      - uses: ./up\n      - uses: ./none\n",
        );
        add(
            "up/action.yml",
            "runs:\n  using: composite\n  steps:\n    - run: make up\n    - uses: ./up\n",
        );
        let text = "on: push\njobs:\n  a:\n    uses: ./.github/workflows/d.yml\n";
        let document = Document::new(".github/workflows/a.yml", text.as_bytes());
        let document = document.among(&files, Kinds::NONE);
        let pipeline = super::super::of(&document).unwrap();
        let all = reached(&document, pipeline, &pipeline.jobs[0]);
        let makes: Vec<_> = all
            .iter()
            .flat_map(|r| {
                r.step
                    .commands()
                    .map(move |(_, span)| (r.place(span), r.spot(span)))
            })
            .collect();
        // The action calls itself: it is followed so deep and no deeper.
        assert_eq!(makes.len(), DEEPEST - 1);
        let call = text.find("./.github").unwrap();
        for (place, spot) in makes {
            assert_eq!(place.start, call);
            assert!(
                matches!(spot, Spot::There(place) if &*place.path == "up/action.yml" && place.region.line == 4)
            );
        }
    }
}
