//! The register of declared exceptions: reading it, and judging findings by it.
//!
//! Everything here is pure. What the judgement needs from outside (the register's
//! text, today's date, which files were scanned) comes in as values, and every
//! path that consults the register goes through [`judge()`], so that an expired
//! entry is expired everywhere.

pub mod edit;
pub mod entry;
pub mod file;
pub mod history;
pub mod judge;
pub mod lock;
pub mod policy;
pub mod schema;
pub mod trust;

mod bench;
mod binding;
mod evidence;
mod faults;
mod given;
mod globs;
mod index;
mod keys;
mod owners;
mod people;
mod reasons;
mod row;
mod shape;
mod state;
mod text;
mod value;
mod words;
mod yaml;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod judging_tests;
#[cfg(test)]
mod lifecycle_tests;
#[cfg(test)]
mod lock_tests;
#[cfg(test)]
mod policy_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod reading_tests;
#[cfg(test)]
mod schema_tests;
#[cfg(test)]
mod tree_tests;
#[cfg(test)]
mod yaml_tests;

use crate::finding::Finding;
use crate::names::names;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use entry::{Entry, FalsePositive, Register};
pub use judge::judge;
pub use lock::Lock;
pub use policy::Policy;
pub use state::State;

names! {
    /// What the register says of a finding.
    pub enum Verdict {
        /// No entry covers it.
        Undeclared = "undeclared",
        /// An entry names it, but covers nothing (expired, not started, proposed,
        /// incomplete) or is over its ceiling.
        Lapsed = "lapsed",
        /// The finding is a fault of the register itself.
        Fault = "fault",
        /// A valid entry covers it.
        Declared = "declared",
        /// The register names it as a false positive.
        FalsePositive = "false-positive",
    }
}

impl Verdict {
    /// Whether somebody has to act.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Undeclared | Self::Lapsed | Self::Fault)
    }
}

/// A finding and what the register says of it.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The finding.
    pub finding: Finding,
    /// The verdict.
    pub verdict: Verdict,
    /// The entry that covers it, or would if it hadn't lapsed.
    pub entry: Option<Arc<Entry>>,
    /// For a lapsed finding, why the entry does not cover it; for a false positive
    /// its reason. One sentence.
    pub why: Option<String>,
}

/// What of the tree was looked at, and what the judgement has to know of it.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// Whether the whole tree was scanned with all rules: no path given below the
    /// root, no rule left out, nothing excluded.
    pub full: bool,
    /// Paths that could not be read or were skipped, sorted. An entry whose globs
    /// match one of them is never called unused.
    pub unread: Vec<Arc<str>>,
    /// Paths that were scanned, sorted.
    pub paths: Vec<Arc<str>>,
    /// What the files of [`wanted`] hold.
    pub files: Files,
    /// The repository's name, where it is known.
    pub repo: Option<String>,
    /// When given, an entry covers only what is bound to it.
    pub lock: Option<Lock>,
}

/// Files by their paths, each with its text, or `None` for one that isn't there. Of a
/// file that isn't among them nothing is known.
pub type Files = BTreeMap<String, Option<Arc<str>>>;

/// The files of the project that the judgement needs to see, besides the register: what
/// entries name as evidence, and what says who owns what.
pub fn wanted(register: &Register, policy: &Policy) -> BTreeSet<String> {
    let mut wanted = BTreeSet::new();
    evidence::wanted(register.entries.iter().map(AsRef::as_ref), &mut wanted);
    owners::wanted(register, policy, &mut wanted);
    wanted
}
