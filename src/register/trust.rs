//! The register of a change under review: what stood before it counts, and what it adds
//! does not.
//!
//! A change could otherwise declare what it brings along. It may always make the register
//! stricter, though: what it closes, takes out or lets end sooner covers nothing any more.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::Value;

use super::entry::{Entry, FalsePositive, Register, Spot, Status, Trust};
use super::file::Source;

/// One thing that a change does to the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The entry's id.
    pub id: String,
    /// Its title; for a false positive its reason.
    pub title: String,
    /// What the change does to it.
    pub step: Step,
    /// Where it stands; for what is taken out, where it stood.
    pub spot: Spot,
}

/// What a change does to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// It is new. It covers nothing yet.
    Added,
    /// It reads otherwise. What it covered it still covers, and nothing more yet.
    Changed,
    /// It is closed or revoked, from now on.
    Closed,
    /// It is taken out, from now on.
    Removed,
}

impl Step {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Closed => "closed",
            Self::Removed => "removed",
        }
    }
}

/// A register as read, and the texts it was read from.
#[derive(Clone, Copy)]
pub struct Read<'a> {
    /// The register.
    pub register: &'a Register,
    /// Its files.
    pub sources: &'a [Source<'a>],
}

/// What counts of a register while a change to it is under review, and what the change
/// does to it, in the order of ids.
///
/// Faults are those of the register as the change has it: that is what is reviewed.
pub fn trusted(base: Read<'_>, change: Read<'_>) -> (Register, Vec<Proposal>) {
    let (old, new) = (values(base.sources), values(change.sources));
    let as_it_was = |before: &Arc<str>, after: &Arc<str>| {
        before == after && text(base.sources, before) == text(change.sources, after)
    };
    let mut proposals = Vec::new();
    let mut entries = Vec::new();
    for entry in &change.register.entries {
        let id = entry.id.value.as_str();
        let before = first(base.register, id);
        let same = old.get(id).is_some_and(|value| new.get(id) == Some(value))
            || before.is_some_and(|before| as_it_was(before.spot.path(), entry.spot.path()));
        let step = match before {
            Some(_) if same => None,
            Some(before) if entry.is_record() && !before.is_record() => Some(Step::Closed),
            Some(_) => Some(Step::Changed),
            None => Some(Step::Added),
        };
        // Of two with the same id the second has a fault, and covers nothing as it is.
        let once = first(change.register, id).is_some_and(|first| Arc::ptr_eq(first, entry));
        let Some(step) = step.filter(|_| once) else {
            entries.push(Arc::clone(entry));
            continue;
        };
        proposals.push(proposal(entry, step));
        entries.push(with(entry, |entry| entry.trust = Trust::Pending));
        if let Some(before) = before.filter(|_| step == Step::Changed) {
            entries.extend(still(before, entry));
        }
    }
    let known = |id: &str| new.contains_key(id) || first(change.register, id).is_some();
    let broken = |id: &str| change.register.broken.iter().any(|b| b.id == id);
    for entry in &base.register.entries {
        let id = entry.id.value.as_str();
        if !known(id) && !broken(id) {
            proposals.push(proposal(entry, Step::Removed));
        }
    }
    let false_positives = false_positives(base.register, change.register, &mut proposals);
    proposals.sort_by(|a, b| (&a.id, a.step).cmp(&(&b.id, b.step)));
    let register = Register {
        entries,
        false_positives,
        ..change.register.clone()
    };
    (register, proposals)
}

/// What an entry still covers though the change has it otherwise: what it covered, until
/// the earlier of the two ends. None when the change takes it out of force.
fn still(before: &Arc<Entry>, after: &Entry) -> Option<Arc<Entry>> {
    let in_force = after.status == Status::Active && after.inert.is_none();
    in_force.then(|| {
        with(before, |entry| {
            entry.trust = Trust::Superseded;
            entry.expires.value = entry.expires.value.min(after.expires.value);
            entry.starts = entry.starts.max(after.starts);
        })
    })
}

fn text<'s>(sources: &'s [Source<'_>], path: &Arc<str>) -> Option<&'s str> {
    let source = sources.iter().find(|source| source.path == *path);
    source.map(|source| source.text)
}

fn with(entry: &Entry, change: impl FnOnce(&mut Entry)) -> Arc<Entry> {
    let mut entry = entry.clone();
    change(&mut entry);
    Arc::new(entry)
}

fn first<'r>(register: &'r Register, id: &str) -> Option<&'r Arc<Entry>> {
    register.entries.iter().find(|entry| entry.id.value == id)
}

fn proposal(entry: &Entry, step: Step) -> Proposal {
    Proposal {
        id: entry.id.value.clone(),
        title: entry.title.clone(),
        step,
        spot: entry.spot.clone(),
    }
}

/// A false positive counts if it stood before and still stands. One that reads otherwise
/// counts as it stood.
fn false_positives(
    base: &Register,
    change: &Register,
    proposals: &mut Vec<Proposal>,
) -> Vec<FalsePositive> {
    let mut kept = Vec::new();
    for after in &change.false_positives {
        let mut stood = base.false_positives.iter();
        let before = stood.find(|before| before.fingerprint.value == after.fingerprint.value);
        match before {
            Some(before) if reads_alike(before, after) => kept.push(after.clone()),
            Some(before) => kept.push(before.clone()),
            None => {}
        }
        let step = match before {
            Some(before) if reads_alike(before, after) => continue,
            Some(_) => Step::Changed,
            None => Step::Added,
        };
        proposals.push(Proposal {
            id: after.id.clone(),
            title: after.reason.clone(),
            step,
            spot: after.fingerprint.spot.clone(),
        });
    }
    kept
}

fn reads_alike(a: &FalsePositive, b: &FalsePositive) -> bool {
    a.rules == b.rules && a.confined == b.confined && a.globs.texts().eq(b.globs.texts())
}

/// Every exception as it is written, by its id: all keys, in no order, without comments.
/// What is no TOML has none, and so is always another than it was.
fn values(sources: &[Source<'_>]) -> BTreeMap<String, Value> {
    let mut values = BTreeMap::new();
    for source in sources {
        let Ok(mut table) = toml::from_str::<toml::Table>(source.text) else {
            continue;
        };
        let Some(Value::Array(rows)) = table.remove("exception") else {
            continue;
        };
        for row in rows {
            let id = row.get("id").and_then(Value::as_str).map(str::to_owned);
            if let Some(id) = id {
                values.entry(id).or_insert(row);
            }
        }
    }
    values
}
