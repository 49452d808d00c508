//! What a temporary exception's history amounts to.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;

use super::{Life, Moment, Past, days};
use crate::register::entry::{Category, Cover, Entry, Renewal};
use crate::register::policy::{Policy, end};
use crate::register::reasons::in_common;
use crate::revisions::Commit;

/// A renewal so long before the end, or later, was made at the last minute.
const LAST_MINUTE: i32 = 3;
/// An entry that comes so long before or after another went may be the same exception.
const NEAR: i32 = 90;
/// Two texts of which so many words are the same say the same.
const SAME: (usize, usize) = (9, 10);
/// The longest time an exception may last in all, where no policy says otherwise.
const TOTAL: i64 = 365;

/// One renewal, from git or from the register itself.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    /// The end before.
    pub(super) from: Option<Date>,
    /// The end after.
    pub(super) to: Date,
    pub(super) on: Date,
    pub(super) commit: Option<Arc<Commit>>,
    /// The renewal in the file that records it.
    pub(super) record: Option<Renewal>,
    /// The id it was given to, if another than the entry's.
    pub(super) id: Option<String>,
}

/// The figures of one entry.
#[derive(Debug)]
pub(super) struct Figures {
    pub(super) first_granted: Date,
    /// The days it was first to last.
    pub(super) first_days: i32,
    /// The days it lasts in all.
    pub(super) total_days: i32,
    pub(super) grants: Vec<Grant>,
    pub(super) limit: u32,
    pub(super) unchanged: usize,
    pub(super) last_minute: usize,
    pub(super) exits_moved: usize,
    /// Ids under which it stood before.
    pub(super) former: Vec<String>,
    pub(super) wider: Option<String>,
    too_old: bool,
}

impl Figures {
    /// The figures of an entry that is in the register now.
    pub(super) fn of(entry: &Entry, past: &Past, policy: &Policy) -> Option<Self> {
        let life = past.lives.get(&entry.id.value)?;
        let chain = past.chain(&entry.id.value);
        let oldest = chain.last().map_or(life, |(_, life)| *life);
        let first = &oldest.first.entry;
        let first_granted = first.granted.value.min(entry.granted.value);
        // What came into git with renewals was first to end when the first was made.
        let first_end = first
            .renewals
            .first()
            .map_or(first.expires.value, |renewal| {
                renewal.from.unwrap_or(renewal.on)
            });
        let grants = grants(entry, life, &chain);
        let total_end = end(
            first_granted,
            policy
                .max_total_age
                .unwrap_or(jiff::Span::new().days(TOTAL)),
        );
        let lives = [life]
            .into_iter()
            .chain(chain.iter().map(|(_, life)| *life));
        let exits_moved = lives.flat_map(|life| &life.moves);
        let exits_moved = exits_moved
            .filter(|m| later_exit(&m.before, &m.after.entry))
            .count();
        Some(Self {
            first_granted,
            first_days: days(first_granted, first_end).max(1),
            total_days: days(first_granted, entry.expires.value),
            unchanged: unchanged(entry, &grants, life),
            last_minute: grants
                .iter()
                .filter(|g| g.from.is_some_and(|from| is_last_minute(g.on, from)))
                .count(),
            grants,
            limit: limit(entry.category, policy),
            exits_moved,
            former: chain.iter().map(|(id, _)| (*id).to_owned()).collect(),
            wider: wider(first, entry),
            too_old: entry.expires.value > total_end,
        })
    }

    /// How many times the first term was added to it.
    pub(super) fn stretch(&self) -> f64 {
        f64::from(self.total_days - self.first_days) / f64::from(self.first_days)
    }

    /// Whether this is permanent whatever it is called. No one sign suffices: a renewal
    /// or two, each with its reason, is what renewals are for.
    pub(super) fn is_permanent(&self) -> bool {
        let signs = [
            (self.grants.len() > self.limit as usize, 3),
            (!self.former.is_empty(), 3),
            (self.stretch() > 2.0, 2),
            (self.too_old, 2),
            (self.unchanged * 2 > self.grants.len(), 2),
            (self.last_minute >= 2, 1),
            (
                self.exits_moved > 0 && self.exits_moved == self.grants.len(),
                1,
            ),
            (self.wider.is_some(), 1),
        ];
        let score: u32 = signs.iter().filter(|(is, _)| *is).map(|(_, n)| n).sum();
        score >= 5 && !self.grants.is_empty()
    }
}

impl Past {
    /// The lives that the one of `id` goes on with under a new id, newest first.
    fn chain(&self, id: &str) -> Vec<(&str, &Life)> {
        let mut chain: Vec<(&str, &Life)> = Vec::new();
        let mut at = self.lives.get(id);
        while let Some(life) = at {
            let known = |other: &str| other == id || chain.iter().any(|(id, _)| *id == other);
            let before = self
                .lives
                .iter()
                .filter(|(other, _)| !known(other))
                .filter(|(_, other)| other.first.day <= life.first.day)
                .find(|(_, other)| other.goes_on_as(&life.first));
            at = before.map(|(id, life)| {
                chain.push((id, life));
                life
            });
        }
        chain
    }
}

impl Life {
    /// Whether it ended about when another began that covers the same.
    fn goes_on_as(&self, born: &Moment) -> bool {
        self.ended
            .iter()
            .any(|gone| days(gone.day, born.day).abs() <= NEAR && alike(&gone.entry, &born.entry))
    }
}

/// Whether two entries are about the same thing.
fn alike(a: &Entry, b: &Entry) -> bool {
    a.covers
        .iter()
        .any(|a| b.covers.iter().any(|b| same_cover(a, b)))
}

fn same_cover(a: &Cover, b: &Cover) -> bool {
    let shares = |a: &[String], b: &[String]| a.iter().any(|text| b.contains(text));
    let texts = |list: &[crate::register::entry::At<String>]| -> BTreeSet<String> {
        list.iter().map(|at| at.value.clone()).collect()
    };
    let rules = !texts(&a.rules).is_disjoint(&texts(&b.rules));
    let named = shares(&a.subjects, &b.subjects) || shares(&a.anchors, &b.anchors);
    let found = a.fingerprints.iter().any(|f| b.fingerprints.contains(f));
    // Another subject in the same files is another matter.
    let other = !a.subjects.is_empty() && !b.subjects.is_empty()
        || !a.anchors.is_empty() && !b.anchors.is_empty()
        || !a.fingerprints.is_empty() && !b.fingerprints.is_empty();
    let paths = !other && !texts(&a.paths).is_disjoint(&texts(&b.paths));
    rules && (named || found || paths)
}

/// All renewals, oldest first: those that git shows, those that only the file knows, and
/// each passage to a new id.
fn grants(entry: &Entry, life: &Life, chain: &[(&str, &Life)]) -> Vec<Grant> {
    let mut grants = Vec::new();
    for (id, life) in chain {
        grants.extend(moves(life).map(|grant| Grant {
            id: Some((*id).to_owned()),
            ..grant
        }));
    }
    let mut next = life;
    for (id, former) in chain {
        let (from, to) = (former.last().expires.value, next.first.entry.expires.value);
        if to > from {
            grants.push(Grant {
                from: Some(from),
                to,
                on: next.first.day,
                commit: next.first.commit.clone(),
                record: None,
                id: Some((*id).to_owned()),
            });
        }
        next = former;
    }
    grants.extend(moves(life));
    for record in &entry.renewals {
        let noted = |grant: &&mut Grant| records(record, grant);
        match grants.iter_mut().find(noted) {
            Some(grant) => grant.record = Some(record.clone()),
            None => grants.push(Grant {
                from: None,
                to: record.to,
                on: record.on,
                commit: None,
                record: Some(record.clone()),
                id: None,
            }),
        }
    }
    grants.sort_by_key(|grant| (grant.on, grant.to));
    grants
}

fn moves(life: &Life) -> impl Iterator<Item = Grant> + '_ {
    life.moves.iter().map(|m| Grant {
        from: Some(m.before.expires.value),
        to: m.after.entry.expires.value,
        on: m.after.day,
        commit: m.after.commit.clone(),
        record: None,
        id: None,
    })
}

/// Whether a renewal in the file tells of a move that git shows. The end may have been
/// drawn in since.
pub(super) fn records(record: &Renewal, grant: &Grant) -> bool {
    grant.record.is_none()
        && grant.id.is_none()
        && (record.to == grant.to || record.to < grant.to && days(record.on, grant.on).abs() <= 14)
}

pub(super) fn is_last_minute(on: Date, end: Date) -> bool {
    days(on, end) <= LAST_MINUTE
}

/// How often a renewal gave the reason that was given before.
fn unchanged(entry: &Entry, grants: &[Grant], life: &Life) -> usize {
    let first = &life.first.entry.reason.value;
    let reason = |grant: &Grant| {
        let recorded = grant.record.as_ref().map(|r| r.reason.value.clone());
        let moved = life
            .moves
            .iter()
            .find(|m| m.after.entry.expires.value == grant.to && m.after.day == grant.on);
        // Without a record the reason of the entry is all that was said.
        recorded.or_else(|| moved.map(|m| m.after.entry.reason.value.clone()))
    };
    let mut last = first.clone();
    let mut count = 0;
    for grant in grants {
        let Some(reason) = reason(grant) else {
            continue;
        };
        if same_words(&last, &reason)
            || grant.record.is_some() && same_words(&entry.reason.value, &reason)
        {
            count += 1;
        }
        last = reason;
    }
    count
}

fn same_words(a: &str, b: &str) -> bool {
    let (both, all) = in_common(a, b);
    let (part, of) = SAME;
    both * of > all * part
}

fn later_exit(before: &Entry, after: &Entry) -> bool {
    let target = |entry: &Entry| Some(entry.exit.as_ref()?.target.as_ref()?.value);
    target(before)
        .zip(target(after))
        .is_some_and(|(a, b)| b > a)
}

/// How an entry covers more than it first did, in words.
fn wider(first: &Entry, now: &Entry) -> Option<String> {
    let most = |entry: &Entry| {
        entry
            .covers
            .iter()
            .map(|c| u64::from(c.max.value))
            .sum::<u64>()
    };
    let (then, today) = (most(first), most(now));
    if today > then {
        return Some(format!("it covers up to {today} findings and first {then}"));
    }
    let globs = |entry: &Entry| -> BTreeSet<String> {
        let paths = entry.covers.iter().flat_map(|cover| &cover.paths);
        paths.map(|path| path.value.clone()).collect()
    };
    let (old, new) = (globs(first), globs(now));
    let reach = |glob: &str| glob.split(['*', '?', '[', '{']).next().map(str::to_owned);
    let covers_more = |glob: &&String| {
        let reach = reach(glob).unwrap_or_default();
        reach.len() < glob.len()
            && old
                .iter()
                .any(|old| *old != **glob && old.starts_with(&reach))
            && !old.contains(*glob)
    };
    let glob = new.iter().find(covers_more)?;
    Some(format!("it covers '{glob}', which it first did not"))
}

/// The renewals after which somebody else has to decide: as the policy says, else by the
/// kind of exception.
fn limit(category: Category, policy: &Policy) -> u32 {
    let limits = policy.category.get(&category);
    if let Some(renewals) = limits.and_then(|limits| limits.renewals) {
        return renewals;
    }
    match category {
        Category::BreakGlass => 3,
        Category::MigrationWindow | Category::AgentExemption => 1,
        Category::ThirdPartyBypass | Category::LegacyCredential | Category::Other => 2,
    }
}
