//! What a register holds, once read.

use std::sync::Arc;

use jiff::civil::Date;

use crate::finding::{Fingerprint, Related};
use crate::names::names;

pub use super::given::Given;
pub use super::globs::Globs;
pub use super::text::Spot;

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
    /// The files that were read, each at its first key.
    pub files: Vec<Spot>,
}

/// A value and where it stands in the register file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where.
    pub spot: Spot,
}

/// A fault of one entry, found when reading or judging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The rule, such as `register/malformed`.
    pub rule: &'static str,
    /// What the entry is one of: `exception`, `false-positive`, `register` for a file
    /// as a whole, or `policy`.
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

impl Fault {
    /// A fault of an exception, with no other place to it.
    pub(super) fn of(
        rule: &'static str,
        entry: &Entry,
        key: &str,
        spot: &Spot,
        message: String,
    ) -> Self {
        Self {
            rule,
            table: "exception",
            entry: entry.id.value.clone(),
            key: key.to_owned(),
            spot: spot.clone(),
            message,
            related: Vec::new(),
        }
    }
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

/// What an entry is to a change under review, where only what stood before it is trusted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Trust {
    /// It stood before, or nothing is under review.
    #[default]
    Own,
    /// It stood before and is changed: it covers what it did, and what is wrong with it
    /// is said of what it becomes.
    Superseded,
    /// It is added or changed: it covers nothing yet.
    Pending,
}

names! {
    /// What becomes of the risk.
    pub enum Treatment {
        /// Controls make up for what is bypassed.
        Mitigated = "mitigated",
        /// It is borne as it is.
        Accepted = "accepted",
        /// It goes away with a change that is on its way.
        Transitional = "transitional",
    }
}

names! {
    /// How great a risk is.
    pub enum Level {
        /// Little.
        Low = "low",
        /// Some.
        Medium = "medium",
        /// Much.
        High = "high",
        /// As much as there can be.
        Critical = "critical",
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
    /// Where it says so; its header when it doesn't.
    pub status_spot: Spot,
    /// The normal controls that are not in force.
    pub bypasses: Vec<String>,
    /// How it would be done without the exception.
    pub normal_path: Option<String>,
    /// What becomes of the risk.
    pub treatment: Option<Treatment>,
    /// Who answers for it.
    pub owner: At<String>,
    /// Who answers for it when the owner can't.
    pub owner_backup: Option<At<String>>,
    /// Who asked for it.
    pub requested_by: Option<At<String>>,
    /// Who granted it.
    pub approved_by: Vec<At<String>>,
    /// Day of the approval.
    pub approved_on: Option<Date>,
    /// Why it is needed.
    pub reason: At<String>,
    /// First granted on.
    pub granted: At<Date>,
    /// First day it covers anything; the day it was granted when absent.
    pub starts: Option<Date>,
    /// Last day it covers anything, inclusive, in UTC.
    pub expires: At<Date>,
    /// How often it is looked at.
    pub review: Review,
    /// What is at stake.
    pub risk: Option<Risk>,
    /// For a route for emergencies.
    pub break_glass: Option<BreakGlass>,
    /// For a static credential.
    pub credential: Option<Credential>,
    /// For an agent.
    pub agent: Option<Agent>,
    /// For a third party.
    pub third_party: Option<ThirdParty>,
    /// Where it is worked on.
    pub tickets: Vec<String>,
    /// What ends it.
    pub exit: Option<Exit>,
    /// When it was prolonged.
    pub renewals: Vec<Renewal>,
    /// What is done instead of the control that is bypassed.
    pub controls: Vec<Control>,
    /// What it covers.
    pub covers: Vec<Cover>,
    /// Which keys it gives.
    pub given: Given,
    /// Whether a fault was found in it when reading: then it covers nothing.
    pub inert: Option<&'static str>,
    /// What it is to a change under review.
    pub trust: Trust,
    /// Its header.
    pub spot: Spot,
}

impl Entry {
    /// Whether it is kept as a record only: closed or revoked.
    pub const fn is_record(&self) -> bool {
        matches!(self.status, Status::Closed | Status::Revoked)
    }
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
    /// Who decided.
    pub by: At<String>,
    /// Why it takes longer.
    pub reason: At<String>,
    /// Its header.
    pub spot: Spot,
}

/// The review of an entry.
#[derive(Debug, Clone)]
pub struct Review {
    /// Length of the interval.
    pub every: At<jiff::Span>,
    /// Day of the last review.
    pub last: At<Date>,
    /// Who reviewed it.
    pub by: Option<At<String>>,
}

impl Review {
    /// The last day of the interval: the next review is due by then.
    pub fn due(&self) -> Date {
        super::policy::end(self.last.value, self.every.value)
    }
}

/// What is at stake.
#[derive(Debug, Clone, Default)]
pub struct Risk {
    /// Without the controls.
    pub inherent: Option<Level>,
    /// With them.
    pub residual: Option<Level>,
    /// Where.
    pub environments: Vec<String>,
    /// The kinds of data it reaches.
    pub data: Vec<String>,
}

/// A route for emergencies.
#[derive(Debug, Clone, Default)]
pub struct BreakGlass {
    /// The longest single use.
    pub max_session: Option<jiff::Span>,
    /// What has to be the case before it is used.
    pub activation: Option<String>,
    /// How soon each use is reviewed.
    pub post_use_review_within: Option<jiff::Span>,
    /// When it was last tried.
    pub last_tested: Option<Date>,
}

/// A static credential.
#[derive(Debug, Clone, Default)]
pub struct Credential {
    /// Where it is kept.
    pub store: Option<String>,
    /// What it is called there.
    pub name: Option<String>,
    /// When it was last changed.
    pub last_rotated: Option<At<Date>>,
    /// How often it is changed.
    pub rotate_every: Option<jiff::Span>,
}

/// An agent that acts by itself.
#[derive(Debug, Clone, Default)]
pub struct Agent {
    /// What it may call.
    pub tools: Vec<String>,
    /// How much of it.
    pub limits: Option<String>,
    /// How it is stopped.
    pub kill_switch: Option<String>,
}

/// A third party.
#[derive(Debug, Clone, Default)]
pub struct ThirdParty {
    /// Its name.
    pub name: Option<String>,
    /// Last day of the contract.
    pub contract_end: Option<Date>,
    /// Whom to call.
    pub contact: Option<String>,
}

/// What ends an exception.
#[derive(Debug, Clone, Default)]
pub struct Exit {
    /// What has to be the case.
    pub criteria: Option<String>,
    /// By when.
    pub target: Option<At<Date>>,
    /// Where the work on it is planned.
    pub plan: Option<String>,
    /// What of it stands in the tree already.
    pub evidence: Vec<Evidence>,
}

/// One compensating control.
#[derive(Debug, Clone)]
pub struct Control {
    /// Its id within the entry.
    pub id: Option<String>,
    /// Its kind, such as `network-restriction`.
    pub kind: String,
    /// What it does.
    pub what: String,
    /// Who runs it.
    pub owner: Option<At<String>>,
    /// What shows that it is there.
    pub evidence: Vec<Evidence>,
    /// When somebody last looked whether it works.
    pub verified_on: Option<At<Date>>,
    /// How often that is done.
    pub verify_every: Option<jiff::Span>,
    /// Its header.
    pub spot: Spot,
}

/// What shows that a control is there.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// A file of the repository.
    pub path: Option<At<String>>,
    /// A text that the file holds.
    pub contains: Option<At<String>>,
    /// A page elsewhere.
    pub url: Option<String>,
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
    /// The globs, to match with, in the same order.
    pub globs: Globs,
    /// Repository globs; empty when any will do.
    pub repos: Globs,
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
    pub globs: Globs,
    /// Why it is wrong.
    pub reason: String,
    /// Who says so.
    pub by: String,
    /// Since when.
    pub on: Option<Date>,
    /// When somebody has to look again.
    pub recheck: Option<At<Date>>,
}
