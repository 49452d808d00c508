//! Reports: the judged findings written out. The format never changes the verdict
//! or the exit code.
//!
//! Writers are pure: they read no clock, no environment and no file, so that the
//! same [`Report`] gives the same bytes.

pub mod calendar;
pub mod exceptions;
pub mod inventory;
pub mod jsonl;
pub mod sarif;
pub mod text;

#[cfg(test)]
mod fixture;
mod table;
mod taxonomies;

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::civil::Date;

use crate::finding::{Finding, Problem};
use crate::names::names;
use crate::register::Judged;
use crate::register::trust::Proposal;
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
    /// What the change under review does to the register, in the order of ids.
    pub proposals: Vec<Proposal>,
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
        self.rule_index(id).and_then(|at| self.rules.get(at))
    }

    /// Where the rule with this id stands in [`Report::rules`].
    pub(crate) fn rule_index(&self, id: &str) -> Option<usize> {
        self.rules
            .binary_search_by(|rule| rule.id.as_ref().cmp(id))
            .ok()
    }
}

names! {
    /// How a report is written.
    pub enum Format {
        /// For a reader at a terminal.
        Text = "text",
        /// One JSON object a line.
        Jsonl = "jsonl",
        /// SARIF 2.1.0.
        Sarif = "sarif",
    }
}

/// What some of the formats can be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// For [`Format::Text`].
    pub style: text::Style,
    /// For [`Format::Sarif`].
    pub profile: sarif::Profile,
}

/// Writes a report.
pub fn write(
    format: Format,
    report: &Report<'_>,
    options: Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    match format {
        Format::Text => text::write(report, options.style, &mut out)?,
        Format::Jsonl => jsonl::write(report, &mut out)?,
        Format::Sarif => sarif::write(report, options.profile, &mut out)?,
    }
    out.flush()
}

/// A finding's facts by name, for machines. Where several have one name, what they say
/// stands in one text.
fn facts(finding: &Finding) -> BTreeMap<&str, String> {
    let mut facts = BTreeMap::<&str, String>::new();
    for (name, value) in &finding.facts {
        let fact = facts.entry(name).or_default();
        if !fact.is_empty() {
            fact.push_str(", ");
        }
        fact.push_str(value);
    }
    facts
}
