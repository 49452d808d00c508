//! What became of the entries of a register, from its own revisions.
//!
//! A register says of itself when an exception was granted and how often it was renewed;
//! its history says whether that is so. A date that was moved is a renewal whoever wrote
//! it down, an entry that goes and comes back under another id is the same exception, and
//! the day of the first grant stays what it was.
//!
//! Pure, as all of [`super`]: the revisions come in as values. Each commit is compared with
//! its own parents, so that it doesn't matter which way a merge went, and what two branches
//! did alike counts once.

mod faults;
mod figures;
mod snapshot;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::entry::{Entry, Status};
use super::file::Source;
use crate::revisions::{Commit, Revisions};
use snapshot::{Reader, Snapshot};

pub use faults::faults;

/// How long after a grant or a renewal its date may still be put right.
const CORRECTION: i32 = 7;

/// All that is known of a register's past.
#[derive(Debug, Default)]
pub struct Past {
    lives: BTreeMap<String, Life>,
    /// Revisions that could not be read as registers.
    unreadable: usize,
    /// Whether older revisions exist that aren't known.
    cut: bool,
}

/// What became of one id.
#[derive(Debug, Clone)]
struct Life {
    /// When it was first in force, and as what.
    first: Moment,
    /// When its end was moved to a later day, oldest first.
    moves: Vec<Move>,
    /// When the day of its first grant was changed.
    regrants: Vec<(Moment, Date)>,
    /// When it was closed, revoked or taken out, and what it was before.
    ended: Vec<Moment>,
}

/// An entry as a commit has it.
#[derive(Debug, Clone)]
struct Moment {
    day: Date,
    /// None for what is not committed yet.
    commit: Option<Arc<Commit>>,
    entry: Arc<Entry>,
}

/// An end that was moved.
#[derive(Debug, Clone)]
struct Move {
    before: Arc<Entry>,
    after: Moment,
}

impl Past {
    /// Reads the revisions of a register. `text` gives the text of a blob by its number
    /// in the states; `current` is the register as it stands now.
    pub fn read(
        revisions: &Revisions,
        text: &mut dyn FnMut(usize) -> Option<String>,
        current: &[Source<'_>],
        today: Date,
    ) -> Self {
        let mut reader = Reader::default();
        let states: Vec<_> = revisions
            .states
            .iter()
            .map(|state| reader.state(state, text))
            .collect();
        let mut past = Self {
            unreadable: states.iter().filter(|state| !state.whole).count(),
            cut: revisions.cut,
            ..Self::default()
        };
        let at = |number: &usize| states.get(*number);
        for change in &revisions.changes {
            let Some(after) = at(&change.after) else {
                continue;
            };
            let before: Vec<_> = change.before.iter().filter_map(at).collect();
            let commit = Arc::new(change.commit.clone());
            past.change(&before, after, change.commit.day, Some(&commit));
        }
        let now = reader.now(current);
        let before: Vec<_> = at(&revisions.now).into_iter().collect();
        past.change(&before, &now, today, None);
        past
    }

    /// The past of a register of which some is missing.
    #[must_use]
    pub const fn or_more(mut self, missing: bool) -> Self {
        self.cut |= missing;
        self
    }

    /// How many revisions are no registers that can be read.
    pub const fn unreadable(&self) -> usize {
        self.unreadable
    }

    fn change(
        &mut self,
        before: &[&Snapshot],
        after: &Snapshot,
        day: Date,
        commit: Option<&Arc<Commit>>,
    ) {
        for entry in &after.entries {
            let id = entry.id.value.as_str();
            let moment = Moment {
                day,
                commit: commit.cloned(),
                entry: Arc::clone(entry),
            };
            let earlier: Vec<_> = before.iter().filter_map(|s| s.get(id)).collect();
            if earlier.iter().any(|earlier| Arc::ptr_eq(earlier, entry)) {
                // It came from that parent as it is.
                continue;
            }
            self.step(id, &earlier, moment);
        }
        let Some((first, others)) = before.split_first().filter(|_| after.whole) else {
            return;
        };
        for entry in &first.entries {
            let id = entry.id.value.as_str();
            let gone = after.get(id).is_none() && others.iter().all(|s| s.get(id).is_some());
            if let Some(life) = self.lives.get_mut(id).filter(|_| gone) {
                life.ended.push(Moment {
                    day,
                    commit: commit.cloned(),
                    entry: Arc::clone(entry),
                });
            }
        }
    }

    /// An entry has become another than each of `earlier`, which its parents have.
    fn step(&mut self, id: &str, earlier: &[&Arc<Entry>], now: Moment) {
        let Some(life) = self.lives.get_mut(id) else {
            // What is only proposed was never granted.
            if now.entry.status != Status::Proposed {
                let life = Life {
                    first: now,
                    moves: Vec::new(),
                    regrants: Vec::new(),
                    ended: Vec::new(),
                };
                self.lives.insert(id.to_owned(), life);
            }
            return;
        };
        if now.entry.status == Status::Proposed {
            return;
        }
        // One that was away for a while is compared with what it was last.
        let last = Arc::clone(life.last());
        let granted: Vec<_> = earlier
            .iter()
            .filter(|entry| entry.status != Status::Proposed)
            .copied()
            .collect();
        let before = granted.iter().max_by_key(|entry| entry.expires.value);
        let before = Arc::clone(before.copied().unwrap_or(&last));
        if now.entry.is_record() && !before.is_record() {
            life.ended.push(Moment {
                entry: Arc::clone(&before),
                ..now.clone()
            });
        }
        let known = |entry: &&Arc<Entry>| entry.granted.value == now.entry.granted.value;
        let kept = granted.iter().any(known);
        if !kept && before.granted.value != now.entry.granted.value {
            let granted = before.granted.value;
            life.regrants.push((now.clone(), granted));
        }
        if now.entry.expires.value > before.expires.value {
            life.moved(before, now);
        }
    }
}

impl Life {
    /// What it was last, as far as its end is concerned.
    fn last(&self) -> &Arc<Entry> {
        let moved = self.moves.last().map(|m| &m.after.entry);
        moved.unwrap_or(&self.first.entry)
    }

    /// Its end was moved. Soon after a grant or a renewal that puts the date right;
    /// what two branches did alike counts once.
    fn moved(&mut self, before: Arc<Entry>, after: Moment) {
        let (from, to) = (before.expires.value, after.entry.expires.value);
        let same = |m: &Move| m.before.expires.value == from && m.after.entry.expires.value == to;
        if self.moves.iter().any(same) {
            return;
        }
        let since = self.moves.last().map_or(self.first.day, |m| m.after.day);
        let soon =
            days(since, after.day) <= CORRECTION && !figures::is_last_minute(after.day, from);
        if !soon {
            self.moves.push(Move { before, after });
            return;
        }
        match self.moves.last_mut() {
            Some(last) if last.after.entry.expires.value == from => last.after.entry = after.entry,
            Some(_) => self.moves.push(Move { before, after }),
            None => self.first.entry = after.entry,
        }
    }
}

/// Days from one to the other.
fn days(from: Date, to: Date) -> i32 {
    from.until(to).map_or(i32::MAX, |span| span.get_days())
}
