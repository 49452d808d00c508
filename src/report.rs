//! Reports: the judged findings written out. The format never changes the verdict
//! or the exit code.

pub mod jsonl;
pub mod sarif;
pub mod text;

mod taxonomies;

use jiff::civil::Date;

use crate::finding::Problem;
use crate::register::Judged;
use crate::rule::Rule;

/// Everything a report is written from. Already filtered and sorted.
#[derive(Debug)]
pub struct Report<'a> {
    /// Every rule of the run, sorted by id, found or not.
    pub rules: &'a [Rule],
    /// The judged findings in the order of [`crate::finding::Finding::order`].
    pub judged: Vec<Judged>,
    /// What could not be read, sorted.
    pub problems: Vec<Problem>,
    /// What the run looked at.
    pub stats: Stats,
    /// The day by which the register was judged.
    pub today: Date,
}

/// What a run looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Files read and searched.
    pub files: u64,
    /// Bytes read and searched.
    pub bytes: u64,
    /// Files left out for their size.
    pub skipped: u64,
    /// Findings below the asked severity or confidence.
    pub hidden: u64,
}

impl<'a> Report<'a> {
    /// The rule with this id.
    pub fn rule(&self, id: &str) -> Option<&'a Rule> {
        let at = self
            .rules
            .binary_search_by(|r| r.id.as_ref().cmp(id))
            .ok()?;
        self.rules.get(at)
    }
}
