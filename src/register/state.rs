//! Whether an entry is in force on a day. This is asked here and nowhere else.

use std::sync::Arc;

use jiff::civil::Date;

use super::entry::{Entry, Status, Trust};
use super::policy::{Overdue, Policy, end};
use crate::names::names;

names! {
    /// What an entry is on a day.
    pub enum State {
        /// Asked for, not granted.
        Proposed = "proposed",
        /// Granted for days to come.
        NotStarted = "not-started",
        /// In force.
        Active = "active",
        /// In force, and about to end.
        Expiring = "expiring",
        /// Over.
        Expired = "expired",
        /// Ended by its owner.
        Closed = "closed",
        /// Taken back.
        Revoked = "revoked",
        /// Out of force through a fault of its own.
        Faulty = "faulty",
    }
}

impl State {
    /// What an entry is on a day under a policy.
    pub fn of(entry: &Entry, policy: &Policy, today: Date) -> Self {
        match Standing::under(entry, policy, today, &[]) {
            Standing::Active if soon(entry, policy, today) => Self::Expiring,
            Standing::Active => Self::Active,
            Standing::Proposed | Standing::Pending => Self::Proposed,
            Standing::NotStarted(_) => Self::NotStarted,
            Standing::Expired(_) => Self::Expired,
            Standing::Closed => Self::Closed,
            Standing::Revoked => Self::Revoked,
            Standing::Inert(_) => Self::Faulty,
        }
    }

    /// Whether an entry covers anything in this state.
    pub const fn covers(self) -> bool {
        matches!(self, Self::Active | Self::Expiring)
    }
}

/// Whether the end of an entry is near enough to be announced.
pub(super) fn soon(entry: &Entry, policy: &Policy, today: Date) -> bool {
    end(today, policy.warn_before) >= entry.expires.value
}

/// What an entry is, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// In force.
    Active,
    /// Asked for, not granted.
    Proposed,
    /// Added or changed by the change under review.
    Pending,
    /// In force from this day.
    NotStarted(Date),
    /// In force until the end of this day.
    Expired(Date),
    /// Ended by its owner.
    Closed,
    /// Taken back.
    Revoked,
    /// Out of force through the fault of this rule.
    Inert(&'static str),
}

pub(super) const REVIEW_OVERDUE: &str = "register/review-overdue";

impl Standing {
    /// The standing of an entry, whatever the policy.
    pub(super) fn of(entry: &Entry, today: Date) -> Self {
        let granted = entry.granted.value;
        let starts = entry.starts.unwrap_or(granted).max(granted);
        match (entry.status, entry.inert) {
            (Status::Closed, _) => Self::Closed,
            (Status::Revoked, _) => Self::Revoked,
            (_, Some(rule)) => Self::Inert(rule),
            (_, None) if entry.trust == Trust::Pending => Self::Pending,
            (Status::Proposed, None) => Self::Proposed,
            (Status::Active, None) if today < starts => Self::NotStarted(starts),
            (Status::Active, None) if today > entry.expires.value => {
                Self::Expired(entry.expires.value)
            }
            (Status::Active, None) => Self::Active,
        }
    }

    /// The standing of an entry under a policy. `paths` are those of the scan.
    pub(super) fn under(entry: &Entry, policy: &Policy, today: Date, paths: &[Arc<str>]) -> Self {
        let standing = Self::of(entry, today);
        if entry.is_record() {
            return standing;
        }
        let breaches = policy.breaches(entry, today, paths);
        standing
            .held_to(breaches.iter().find(|b| b.inert).map(|b| b.rule))
            .reviewed(entry, policy, today)
    }

    /// The standing of an entry with a breach of the policy that puts it out of force.
    pub(super) fn held_to(self, breach: Option<&'static str>) -> Self {
        match (self, breach) {
            (Self::Inert(_), _) | (_, None) => self,
            (_, Some(rule)) => Self::Inert(rule),
        }
    }

    /// The standing of an entry whose review may be overdue.
    pub(super) fn reviewed(self, entry: &Entry, policy: &Policy, today: Date) -> Self {
        let late = today > end(entry.review.due(), policy.review_grace);
        if self == Self::Active && late && policy.review_overdue == Overdue::Uncover {
            return Self::Inert(REVIEW_OVERDUE);
        }
        self
    }

    /// Why the entry `id` doesn't cover a finding that it names. One sentence.
    pub(super) fn why(self, id: &str) -> String {
        match self {
            Self::Active => format!("{id} is in force."),
            Self::Proposed => format!("{id} is only proposed."),
            Self::Pending => {
                format!("{id} is proposed by this change and counts once it is merged.")
            }
            Self::NotStarted(day) => format!("{id} covers nothing before {day}."),
            Self::Expired(day) => format!("{id} expired on {day}."),
            Self::Closed => format!("{id} is closed."),
            Self::Revoked => format!("{id} was revoked."),
            Self::Inert(rule) => format!("{id} covers nothing because of its fault {rule}."),
        }
    }
}
