//! What a register holds, once read.

use std::sync::Arc;

use globset::GlobSet;
use jiff::civil::Date;

use crate::finding::{Excerpt, Fingerprint, Place};
use crate::names::names;
use std::fmt;
use std::str::FromStr;

/// The registers that apply to a scan, merged: the repository's own and any that
/// were given.
#[derive(Debug, Clone, Default)]
pub struct Register {
    /// Entries in the order of their files.
    pub entries: Vec<Arc<Entry>>,
    /// Findings that are declared wrong rather than excepted.
    pub false_positives: Vec<FalsePositive>,
    /// What is wrong with single entries. Such an entry covers nothing.
    pub faults: Vec<Fault>,
}

/// A value and where it stands in the register file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where.
    pub spot: Spot,
}

/// A place in a register file with the line that stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// File, lines and columns.
    pub place: Place,
    /// The line.
    pub excerpt: Excerpt,
    /// GitHub's hash of the line.
    pub line_hash: String,
}

/// A fault of one entry, found when reading or judging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The rule, such as `register/malformed`.
    pub rule: &'static str,
    /// The entry's id, or its number when it has none.
    pub entry: String,
    /// The key that is wrong, dotted.
    pub key: String,
    /// Where.
    pub spot: Spot,
    /// What is wrong and what to write instead, one sentence each.
    pub message: String,
}

names! {
    /// The kinds of exception.
    pub enum Category {
        /// A route for emergencies.
        BreakGlass = "break-glass",
        /// Rights for the time of a migration.
        MigrationWindow = "migration-window",
        /// An AI agent outside the approval gate.
        AgentExemption = "agent-exemption",
        /// A third party outside central identity management.
        ThirdPartyBypass = "third-party-bypass",
        /// A system that only knows static credentials.
        LegacyCredential = "legacy-credential",
        /// Anything else.
        Other = "other",
    }
}

names! {
    /// What an entry says of itself.
    pub enum Status {
        /// Asked for, not granted: covers nothing.
        Proposed = "proposed",
        /// In force between its dates.
        Active = "active",
        /// Ended by its owner; kept as a record.
        Closed = "closed",
        /// Taken back; kept as a record.
        Revoked = "revoked",
    }
}

/// One `[[exception]]`.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its id.
    pub id: At<String>,
    /// One line saying what is excepted.
    pub title: String,
    /// Its kind.
    pub category: Category,
    /// What it says of itself.
    pub status: Status,
    /// Who answers for it.
    pub owner: String,
    /// Who granted it.
    pub approved_by: Vec<String>,
    /// Why it is needed.
    pub reason: String,
    /// First granted on.
    pub granted: Date,
    /// First day it covers anything; the day it was granted when absent.
    pub starts: Option<Date>,
    /// Last day it covers anything, inclusive, in UTC.
    pub expires: At<Date>,
    /// How often it is looked at.
    pub review: Review,
    /// What is done instead of the control that is bypassed.
    pub controls: Vec<Control>,
    /// What it covers.
    pub covers: Vec<Cover>,
    /// Whether a fault was found in it when reading: then it covers nothing.
    pub inert: Option<&'static str>,
}

/// The review of an entry.
#[derive(Debug, Clone)]
pub struct Review {
    /// Length of the interval.
    pub every: jiff::Span,
    /// Day of the last review.
    pub last: At<Date>,
}

/// One compensating control.
#[derive(Debug, Clone)]
pub struct Control {
    /// Its kind, such as `network-restriction`.
    pub kind: String,
    /// What it does.
    pub what: String,
}

/// One `[[exception.covers]]`: lists OR inside, all given lists AND together.
#[derive(Debug, Clone)]
pub struct Cover {
    /// Rule ids, exact.
    pub rules: Vec<String>,
    /// Path globs as written; empty when any path will do.
    pub paths: Vec<String>,
    /// The globs, compiled.
    pub globs: GlobSet,
    /// Repository globs; empty when any will do.
    pub repos: Vec<String>,
    /// Anchors, exact.
    pub anchors: Vec<String>,
    /// Subjects, exact.
    pub subjects: Vec<String>,
    /// Fingerprints, exact.
    pub fingerprints: Vec<Fingerprint>,
    /// The most findings it covers.
    pub max: At<u32>,
}

/// One `[[false-positive]]`.
#[derive(Debug, Clone)]
pub struct FalsePositive {
    /// The finding.
    pub fingerprint: At<Fingerprint>,
    /// Why it is wrong.
    pub reason: String,
    /// Who says so.
    pub by: String,
}
