//! Whether an entry is in force on a day. This is asked here and nowhere else.

use jiff::civil::Date;

use super::entry::{Entry, Standing, Status};

/// What an entry is on a given day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
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

impl State {
    /// The state of an entry that keeps to the policy.
    pub(super) fn of(entry: &Entry, today: Date) -> Self {
        let starts = entry
            .starts
            .unwrap_or(entry.granted.value)
            .max(entry.granted.value);
        match (entry.status, entry.inert) {
            (Status::Closed, _) => Self::Closed,
            (Status::Revoked, _) => Self::Revoked,
            (_, Some(rule)) => Self::Inert(rule),
            (_, None) if entry.standing == Standing::Pending => Self::Pending,
            (Status::Proposed, None) => Self::Proposed,
            (Status::Active, None) if today < starts => Self::NotStarted(starts),
            (Status::Active, None) if today > entry.expires.value => {
                Self::Expired(entry.expires.value)
            }
            (Status::Active, None) => Self::Active,
        }
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
