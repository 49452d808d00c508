//! Where findings are heard one after the other, and what shows meanwhile.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::binding::{self, Specificity};
use super::entry::{Cover, Entry, FalsePositive, Register};
use super::faults::{self, Faults};
use super::index::{Index, Seat};
use super::judge::Claim;
use super::lock::Room;
use super::policy::Policy;
use super::state::Standing;
use super::{Coverage, Judged, Verdict};
use crate::finding::Finding;
use crate::rule::Rule;

pub(super) struct Bench<'a> {
    claims: &'a [Claim<'a>],
    register: &'a Register,
    index: Index<'a>,
    /// The repository's name, where it is known.
    repo: Option<&'a str>,
    /// What is still bound, when only what is bound is covered.
    room: Option<Room<'a>>,
    /// Findings that each cover won, in the order of `claims`.
    taken: Vec<Vec<u32>>,
    /// Covers that name a finding, whether they won it or not, in the same order.
    used: Vec<Vec<bool>>,
    /// False positives that name a finding.
    used_false: BTreeSet<usize>,
    /// Covers that lost to an equally specific one of another entry, and its claim.
    overlaps: BTreeSet<(Seat, usize)>,
    /// Records that name a finding, by their claims, and where the first one stands.
    back: Vec<Option<String>>,
    /// Kept from finding to finding.
    candidates: Vec<Seat>,
}

/// A cover that names a finding.
#[derive(Clone, Copy)]
struct Bid {
    seat: Seat,
    specificity: Specificity,
    /// Whether its entry is in force here.
    live: bool,
}

impl<'a> Bench<'a> {
    pub(super) fn new(
        claims: &'a [Claim<'a>],
        register: &'a Register,
        rules: &'a [Rule],
        coverage: &'a Coverage,
    ) -> Self {
        let covers = claims.iter().map(|claim| claim.covers);
        Self {
            claims,
            register,
            index: Index::new(covers.clone(), &register.false_positives, rules),
            repo: coverage.repo.as_deref(),
            room: coverage.lock.as_ref().map(Room::of),
            taken: covers.clone().map(|covers| vec![0; covers.len()]).collect(),
            used: covers.map(|covers| vec![false; covers.len()]).collect(),
            used_false: BTreeSet::new(),
            overlaps: BTreeSet::new(),
            back: vec![None; claims.len()],
            candidates: Vec::new(),
        }
    }

    fn cover(&self, (c, n): Seat) -> Option<&'a Cover> {
        self.claims.get(c)?.covers.get(n)
    }

    pub(super) fn hear(&mut self, finding: Finding) -> Judged {
        let own = [&*finding.rule];
        let known = self.index.names(&finding.rule).to_vec();
        let names: &[&str] = if known.is_empty() { &own } else { &known };
        if let Some(reason) = self.false_positive(&finding, names) {
            return verdict(finding, Verdict::FalsePositive, None, Some(reason));
        }
        let mut candidates = std::mem::take(&mut self.candidates);
        self.index.candidates(&finding, names, &mut candidates);
        let bids: Vec<_> = candidates
            .iter()
            .filter_map(|seat| self.bid(*seat, &finding, names))
            .collect();
        self.candidates = candidates;
        match self.best(&bids) {
            None => verdict(finding, Verdict::Undeclared, None, None),
            Some(bid) => self.settle(finding, bid),
        }
    }

    fn bid(&mut self, seat: Seat, finding: &Finding, names: &[&str]) -> Option<Bid> {
        let (claim, cover) = (self.claims.get(seat.0)?, self.cover(seat)?);
        let specificity = binding::matches(cover, finding, names)?;
        if self.is_elsewhere(cover) {
            return None;
        }
        if let Some(used) = self.used.get_mut(seat.0).and_then(|u| u.get_mut(seat.1)) {
            *used = true;
        }
        Some(Bid {
            seat,
            specificity,
            live: claim.standing == Standing::Active && !self.is_unsure(cover),
        })
    }

    /// Whether a cover is for other repositories.
    fn is_elsewhere(&self, cover: &Cover) -> bool {
        let repo = self.repo.filter(|_| !cover.repos.is_empty());
        repo.is_some_and(|repo| !cover.repos.is_match(repo))
    }

    /// Whether a cover may be for other repositories.
    fn is_unsure(&self, cover: &Cover) -> bool {
        self.repo.is_none() && !cover.repos.is_empty()
    }

    /// The live bid before the lapsed, then the most specific, then the first by id.
    fn best(&mut self, bids: &[Bid]) -> Option<Bid> {
        // Of an entry's own equal covers, one that has room.
        let room = |(c, n): Seat| {
            let taken = self.taken.get(c).and_then(|covers| covers.get(n));
            let cover = self.cover((c, n));
            taken
                .zip(cover)
                .is_some_and(|(taken, cover)| *taken < cover.max.value)
        };
        let rank = |bid: &Bid| {
            (
                bid.live,
                bid.specificity,
                Reverse(bid.seat.0),
                room(bid.seat),
                Reverse(bid.seat.1),
            )
        };
        let best = bids.iter().copied().max_by_key(rank)?;
        if best.live {
            let winner = best.seat.0;
            let rivals = bids.iter().filter(|bid| {
                bid.live && bid.specificity == best.specificity && bid.seat.0 != winner
            });
            self.overlaps.extend(rivals.map(|bid| (bid.seat, winner)));
        }
        Some(best)
    }

    fn settle(&mut self, finding: Finding, bid: Bid) -> Judged {
        let (c, n) = bid.seat;
        let (Some(claim), Some(cover)) = (self.claims.get(c), self.cover(bid.seat)) else {
            return verdict(finding, Verdict::Undeclared, None, None);
        };
        let id = claim.id;
        let lapsed = |finding, why| verdict(finding, Verdict::Lapsed, claim.entry, Some(why));
        if claim.standing != Standing::Active {
            if matches!(claim.standing, Standing::Closed | Standing::Revoked)
                && let Some(back) = self.back.get_mut(c)
            {
                let place = &finding.place;
                back.get_or_insert_with(|| format!("{} line {}", place.path, place.region.line));
            }
            return lapsed(finding, claim.standing.why(id));
        }
        if !bid.live {
            let why = format!(
                "{id} is for certain repositories, and which one this is isn't known; say so with --repo."
            );
            return lapsed(finding, why);
        }
        let bound = |room: &mut Room<'a>| room.take(id, &finding);
        if !self.room.as_mut().is_none_or(bound) {
            let why = format!(
                "{id} would cover this, but the lock doesn't bind it to {id}; have it reviewed, and run `byway register bind`."
            );
            return lapsed(finding, why);
        }
        let Some(taken) = self.taken.get_mut(c).and_then(|covers| covers.get_mut(n)) else {
            return verdict(finding, Verdict::Undeclared, None, None);
        };
        *taken += 1;
        let (taken, max) = (*taken, cover.max.value);
        if taken <= max {
            return verdict(finding, Verdict::Declared, claim.entry, None);
        }
        let why = format!(
            "{id} covers at most {} here and this is number {taken}.",
            count(max)
        );
        lapsed(finding, why)
    }

    fn false_positive(&mut self, finding: &Finding, names: &[&str]) -> Option<String> {
        let mut reason = None;
        for n in self.index.wrong(finding.fingerprint) {
            let Some(candidate) = self.register.false_positives.get(*n) else {
                continue;
            };
            // Each covers one finding. A second with the same fingerprint, in a copy of
            // the file say, has to be looked at too.
            if is_false(candidate, finding, names) && self.used_false.insert(*n) {
                reason.get_or_insert_with(|| candidate.reason.clone());
            }
        }
        reason
    }

    /// Adds the faults that showed while findings were heard.
    pub(super) fn report(&self, policy: &Policy, faults: &mut Faults) {
        for (claim, taken) in self.claims.iter().zip(&self.taken) {
            let Some(entry) = claim.entry else { continue };
            for (n, (cover, taken)) in claim.covers.iter().zip(taken).enumerate() {
                if *taken > cover.max.value {
                    let message = format!(
                        "{} covers at most {} here, and {taken} match. Mend the surplus, or have a higher `max` approved.",
                        claim.id,
                        count(cover.max.value)
                    );
                    let key = format!("covers[{n}].max");
                    faults.add(faults::OVER_CEILING, entry, &key, &cover.max.spot, message);
                    faults.weigh(policy.ceiling);
                }
            }
        }
        for (claim, place) in self.claims.iter().zip(&self.back) {
            if let (Some(entry), Some(place)) = (claim.entry, place) {
                let message = format!(
                    "{} is {}, but what it excepted is back: {place}. Remove it, or ask for a new exception.",
                    claim.id, entry.status
                );
                let spot = &entry.status_spot;
                faults.add(faults::REAPPEARED, entry, "status", spot, message);
            }
        }
        self.report_overlaps(faults);
    }

    fn report_overlaps(&self, faults: &mut Faults) {
        let mut told = BTreeSet::new();
        for ((c, n), winner) in &self.overlaps {
            let loser = self
                .claims
                .get(*c)
                .and_then(|l| Some((l.entry?, l.covers.get(*n)?)));
            let (Some((entry, cover)), Some(winner)) = (loser, self.claims.get(*winner)) else {
                continue;
            };
            if told.insert((*c, *n)) {
                let message = format!(
                    "{} and {} cover the same finding equally closely; it counts for {}. Make one of them narrower, or join them.",
                    winner.id, entry.id.value, winner.id
                );
                faults.add(
                    faults::OVERLAPPING,
                    entry,
                    &format!("covers[{n}]"),
                    &cover.spot,
                    message,
                );
            }
        }
    }

    /// What a scan of everything says of the entries: those that name nothing, or less
    /// than they allow.
    pub(super) fn report_unused(&self, policy: &Policy, unread: &[Arc<str>], faults: &mut Faults) {
        for (c, claim) in self.claims.iter().enumerate() {
            let Some(entry) = claim.entry.filter(|_| claim.standing == Standing::Active) else {
                continue;
            };
            // An entry confined to no paths could be about any file that wasn't read.
            let unsure = unread.iter().any(|path| {
                let mut covers = entry.covers.iter();
                covers.any(|cover| cover.paths.is_empty() || cover.globs.is_match(path))
            });
            if !unsure {
                self.report_slack(policy, entry, c, faults);
            }
        }
        for (n, candidate) in self.register.false_positives.iter().enumerate() {
            let unsure = unread
                .iter()
                .any(|path| !candidate.confined || candidate.globs.is_match(path));
            if !unsure && !self.used_false.contains(&n) {
                faults.unused_false(candidate);
                faults.weigh(policy.unused);
            }
        }
    }

    fn report_slack(&self, policy: &Policy, entry: &Entry, c: usize, faults: &mut Faults) {
        let (used, taken) = (self.used.get(c), self.taken.get(c));
        let (Some(used), Some(taken)) = (used, taken) else {
            return;
        };
        let id = &entry.id.value;
        for (n, cover) in entry.covers.iter().enumerate() {
            // What is for other repositories matches nothing here, and should not.
            if self.is_elsewhere(cover) || self.is_unsure(cover) {
                continue;
            }
            let (used, taken) = (used.get(n), taken.get(n).copied().unwrap_or_default());
            let max = &cover.max;
            if used == Some(&false) {
                let message = format!(
                    "No finding matches this part of {id}. Take it out, or close the entry."
                );
                let key = format!("covers[{n}]");
                faults.add(faults::UNUSED, entry, &key, &cover.spot, message);
                faults.weigh(policy.unused);
            } else if taken > 0 && taken < max.value {
                let message = format!(
                    "{id} allows {} here, and {taken} match. Write `max = {taken}`, so that one more is noticed.",
                    count(max.value)
                );
                let key = format!("covers[{n}].max");
                faults.add(faults::CEILING_SLACK, entry, &key, &max.spot, message);
            }
        }
    }
}

fn is_false(candidate: &FalsePositive, finding: &Finding, names: &[&str]) -> bool {
    candidate.fingerprint.value == finding.fingerprint
        && (candidate.rules.is_empty()
            || candidate.rules.iter().any(|r| names.contains(&r.as_str())))
        && (!candidate.confined || candidate.globs.is_match(&finding.place.path))
}

fn verdict(
    finding: Finding,
    verdict: Verdict,
    entry: Option<&Arc<Entry>>,
    why: Option<String>,
) -> Judged {
    Judged {
        finding,
        verdict,
        entry: entry.map(Arc::clone),
        why,
    }
}

fn count(max: u32) -> String {
    let noun = if max == 1 { "finding" } else { "findings" };
    format!("{max} {noun}")
}
