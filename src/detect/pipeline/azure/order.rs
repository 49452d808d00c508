//! Which jobs wait for which: a stage waits for the one before it unless it says for
//! which, and its jobs run side by side unless they say so.

use std::collections::HashMap;

use super::super::Job;
use super::super::cursor::{Entry, File};
use crate::document::Span;

/// Most pairs of jobs of which one waits for the other by their stages.
const MOST_PAIRS: usize = 50_000;

/// The jobs of a stage.
#[derive(Default)]
pub(super) struct Stage {
    pub(super) name: String,
    /// The stages that it names, and where.
    waits: Option<(Vec<String>, Span)>,
    jobs: Vec<Job>,
}

impl Stage {
    pub(super) fn of(jobs: Vec<Job>) -> Self {
        Self {
            jobs,
            ..Self::default()
        }
    }

    /// `dependsOn` of the stage; without one it waits for the stage before it.
    pub(super) fn after(&mut self, depends: Option<Entry<'_>>) {
        self.waits = depends.map(|entry| (entry.value.ids(), entry.at));
    }
}

/// The jobs of all stages. A name that several stages use is told by its stage.
pub(super) fn jobs(file: &File<'_>, mut stages: Vec<Stage>) -> Vec<Job> {
    tell_apart(&mut stages);
    let index: HashMap<String, usize> = stages
        .iter()
        .enumerate()
        .map(|(index, stage)| (stage.name.clone(), index))
        .collect();
    let ids: Vec<Vec<String>> = stages
        .iter()
        .map(|stage| stage.jobs.iter().map(|job| job.id.clone()).collect())
        .collect();
    let mut left = MOST_PAIRS;
    for (at, stage) in stages.iter_mut().enumerate() {
        let before: Vec<usize> = match &stage.waits {
            Some((names, _)) => names.iter().filter_map(|n| index.get(n).copied()).collect(),
            None => at.checked_sub(1).into_iter().collect(),
        };
        for job in &mut stage.jobs {
            job.out_of_order = stage.waits.as_ref().map(|(_, span)| *span);
            for ids in before.iter().filter_map(|before| ids.get(*before)) {
                let Some(less) = left.checked_sub(ids.len().max(1)) else {
                    file.note("has more jobs than their order is followed");
                    break;
                };
                left = less;
                job.needs
                    .extend(ids.iter().filter(|id| !id.is_empty()).cloned());
            }
        }
    }
    stages.into_iter().flat_map(|stage| stage.jobs).collect()
}

fn tell_apart(stages: &mut [Stage]) {
    let mut count: HashMap<String, usize> = HashMap::new();
    for job in stages.iter_mut().flat_map(|stage| &mut stage.jobs) {
        if job.id.is_empty() {
            // What has no name is waited for as well.
            job.id = job
                .calls
                .as_ref()
                .map_or(String::new(), |calls| calls.text.clone());
        }
        *count.entry(job.id.clone()).or_default() += 1;
    }
    for stage in stages.iter_mut().filter(|stage| !stage.name.is_empty()) {
        let shared = |id: &String| count.get(id).is_some_and(|count| *count > 1);
        let long = |id: &String| format!("{}.{id}", stage.name);
        for job in &mut stage.jobs {
            if shared(&job.id) {
                job.id = long(&job.id);
            }
            for need in job.needs.iter_mut().filter(|need| shared(need)) {
                *need = long(need);
            }
        }
    }
}
