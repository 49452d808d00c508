//! What a register holds, once read.

use std::sync::Arc;

use globset::GlobSet;
use jiff::civil::Date;

use crate::finding::{Excerpt, Fingerprint, Place, Related};
use crate::names::names;

/// The registers that apply to a scan, merged: the repository's own and any that
/// were given.
#[derive(Debug, Clone, Default)]
pub struct Register {
    /// Entries in the order of their files.
    pub entries: Vec<Arc<Entry>>,
    /// Entries of which a required field can't be read. They cover nothing.
    pub broken: Vec<Broken>,
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
    /// The table the entry is one of: `exception` or `false-positive`.
    pub table: &'static str,
    /// The entry's id, or its number when it has none.
    pub entry: String,
    /// The key that is wrong, dotted.
    pub key: String,
    /// Where.
    pub spot: Spot,
    /// What is wrong and what to write instead, one sentence each.
    pub message: String,
    /// Other places that belong to it.
    pub related: Vec<Related>,
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
    /// Where the reason stands.
    pub reason_spot: Spot,
    /// First granted on.
    pub granted: Date,
    /// First day it covers anything; the day it was granted when absent.
    pub starts: Option<Date>,
    /// Last day it covers anything, inclusive, in UTC.
    pub expires: At<Date>,
    /// How often it is looked at.
    pub review: Review,
    /// When it was prolonged.
    pub renewals: Vec<Renewal>,
    /// What is done instead of the control that is bypassed.
    pub controls: Vec<Control>,
    /// What it covers.
    pub covers: Vec<Cover>,
    /// Whether a fault was found in it when reading: then it covers nothing.
    pub inert: Option<&'static str>,
    /// Its header.
    pub spot: Spot,
}

/// An entry of which a required field is missing or can't be read. It is kept so
/// that a finding it names can say why it isn't covered.
#[derive(Debug, Clone)]
pub struct Broken {
    /// Its id, or its number when it has none.
    pub id: String,
    /// What it would cover, as far as that can be read.
    pub covers: Vec<Cover>,
    /// The rule of the fault that broke it.
    pub inert: &'static str,
}

/// One renewal of an entry.
#[derive(Debug, Clone)]
pub struct Renewal {
    /// Day of the decision.
    pub on: Date,
    /// First day of the new term; the day of the decision when absent.
    pub from: Option<Date>,
    /// Last day of the new term.
    pub to: Date,
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
    /// Where it begins.
    pub spot: Spot,
    /// Rule ids, exact.
    pub rules: Vec<At<String>>,
    /// Path globs as written; empty when any path will do.
    pub paths: Vec<At<String>>,
    /// The globs, compiled, in the same order.
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
    /// Its id, or else the fingerprint.
    pub id: String,
    /// The finding.
    pub fingerprint: At<Fingerprint>,
    /// Rule ids that it is confined to; empty when any will do.
    pub rules: Vec<String>,
    /// Whether it is confined to paths.
    pub confined: bool,
    /// The globs of those paths.
    pub globs: GlobSet,
    /// Why it is wrong.
    pub reason: String,
    /// Who says so.
    pub by: String,
}
