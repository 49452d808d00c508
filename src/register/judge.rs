//! Judging findings by the register.
//!
//! One function, pure: the same findings, register, policy and day give the same
//! verdicts, whatever the order the findings come in.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;

use super::binding::{self, Specificity};
use super::entry::{Cover, Entry, FalsePositive, Register};
use super::faults::{self, Faults};
use super::policy::{Policy, end};
use super::state::State;
use super::{Coverage, Judged, Verdict};
use crate::finding::Finding;
use crate::rule::Rule;

/// Says of each finding what the register says of it, and adds the faults of the
/// register itself. Sorted by [`Finding::order`].
pub fn judge(
    mut findings: Vec<Finding>,
    register: &Register,
    policy: &Policy,
    today: Date,
    coverage: &Coverage,
    rules: &[Rule],
) -> Vec<Judged> {
    findings.sort_by(|a, b| by_ceiling(a).cmp(&by_ceiling(b)));
    let mut faults = Faults::new(&register.faults);
    let claims = claims(register, policy, today, &mut faults);
    let mut bench = Bench::new(&claims, register, rules);
    let mut judged: Vec<_> = findings
        .into_iter()
        .map(|finding| bench.hear(finding))
        .collect();
    bench.report(&mut faults);
    faults::of_rules(&claims, rules, &mut faults);
    faults::of_time(&claims, policy, today, &mut faults);
    if coverage.full {
        let used = (&bench.used, &bench.used_false);
        faults::of_use(
            &claims,
            &register.false_positives,
            used,
            &coverage.unread,
            &mut faults,
        );
    }
    judged.extend(faults.into_judged(register, rules));
    judged.sort_by(|a, b| {
        let (a, b) = (&a.finding, &b.finding);
        a.order()
            .cmp(&b.order())
            .then_with(|| by_ceiling(a).cmp(&by_ceiling(b)))
    });
    judged
}

/// What each entry that can be read is on a day, in the order of the ids: `active`,
/// `expiring` (in force, but announced to end), `proposed`, `not started`, `expired`,
/// `closed`, `revoked`, or `faulty`, which puts it out of force.
pub fn states<'r>(
    register: &'r Register,
    policy: &Policy,
    today: Date,
) -> Vec<(&'r Arc<Entry>, &'static str)> {
    let claims = claims(register, policy, today, &mut Faults::new(&[]));
    let states = claims.into_iter().filter_map(|claim| {
        let entry = claim.entry?;
        let ends = entry.expires.value <= end(today, policy.warn_before);
        let name = match claim.state {
            State::Active if ends => "expiring",
            state => state.name(),
        };
        Some((entry, name))
    });
    states.collect()
}

/// The order in which findings take their places under a ceiling.
fn by_ceiling(finding: &Finding) -> impl Ord + '_ {
    let Finding {
        place,
        anchor,
        fingerprint,
        subject,
        rule,
        message,
        ..
    } = finding;
    (
        &place.path,
        anchor,
        *fingerprint,
        place.region,
        rule,
        subject,
        message,
    )
}

/// An entry as the judgement sees it: read well or not, it claims findings.
pub(super) struct Claim<'a> {
    pub(super) id: &'a str,
    pub(super) covers: &'a [Cover],
    pub(super) state: State,
    pub(super) entry: Option<&'a Arc<Entry>>,
}

/// Every entry with its state, in the order of their ids.
fn claims<'a>(
    register: &'a Register,
    policy: &Policy,
    today: Date,
    faults: &mut Faults,
) -> Vec<Claim<'a>> {
    let mut claims = Vec::new();
    for entry in &register.entries {
        let mut state = State::of(entry, today);
        if !matches!(state, State::Closed | State::Revoked) {
            for breach in policy.breaches(entry, today) {
                if !matches!(state, State::Inert(_)) {
                    state = State::Inert(faults::OVER_POLICY);
                }
                faults.add(
                    faults::OVER_POLICY,
                    entry,
                    &breach.key,
                    breach.spot,
                    breach.message,
                );
            }
        }
        claims.push(Claim {
            id: &entry.id.value,
            covers: &entry.covers,
            state,
            entry: Some(entry),
        });
    }
    claims.extend(register.broken.iter().map(|broken| Claim {
        id: &broken.id,
        covers: &broken.covers,
        state: State::Inert(broken.inert),
        entry: None,
    }));
    claims.sort_by(|a, b| a.id.cmp(b.id));
    claims
}

/// One cover of one claim, by their numbers.
pub(super) type Seat = (usize, usize);

/// Where findings are heard one after the other.
struct Bench<'a> {
    claims: &'a [Claim<'a>],
    register: &'a Register,
    rules: &'a [Rule],
    /// Findings that each cover won, in the order of `claims`.
    taken: Vec<Vec<u32>>,
    /// Covers that name a finding, whether they won it or not.
    used: BTreeSet<Seat>,
    /// False positives that name a finding.
    used_false: BTreeSet<usize>,
    /// Covers that lost to an equally specific one of another entry, and its claim.
    overlaps: BTreeSet<(Seat, usize)>,
}

impl<'a> Bench<'a> {
    fn new(claims: &'a [Claim<'a>], register: &'a Register, rules: &'a [Rule]) -> Self {
        Self {
            claims,
            register,
            rules,
            taken: claims
                .iter()
                .map(|claim| vec![0; claim.covers.len()])
                .collect(),
            used: BTreeSet::new(),
            used_false: BTreeSet::new(),
            overlaps: BTreeSet::new(),
        }
    }

    fn hear(&mut self, finding: Finding) -> Judged {
        let names = binding::names(&finding.rule, self.rules);
        if let Some(reason) = self.false_positive(&finding, &names) {
            return verdict(finding, Verdict::FalsePositive, None, Some(reason));
        }
        let mut bids = Vec::new();
        for (c, claim) in self.claims.iter().enumerate() {
            for (n, cover) in claim.covers.iter().enumerate() {
                if let Some(specificity) = binding::matches(cover, &finding, &names) {
                    self.used.insert((c, n));
                    bids.push(((c, n), specificity));
                }
            }
        }
        let Some((winner, _)) = self.best(&bids) else {
            return verdict(finding, Verdict::Undeclared, None, None);
        };
        self.settle(finding, winner)
    }

    /// The live bid before the lapsed, then the most specific, then the first by id.
    fn best(&mut self, bids: &[(Seat, Specificity)]) -> Option<(Seat, Specificity)> {
        let live = |(c, _): Seat| {
            self.claims
                .get(c)
                .is_some_and(|claim| claim.state == State::Active)
        };
        // Of an entry's own equal covers, one that has room.
        let room = |(c, n): Seat| {
            let taken = self.taken.get(c).and_then(|covers| covers.get(n));
            let cover = self.claims.get(c).and_then(|claim| claim.covers.get(n));
            taken
                .zip(cover)
                .is_some_and(|(taken, cover)| *taken < cover.max.value)
        };
        let rank = |(seat, specificity): &(Seat, Specificity)| {
            (
                live(*seat),
                *specificity,
                Reverse(seat.0),
                room(*seat),
                Reverse(seat.1),
            )
        };
        let best = bids.iter().copied().max_by_key(rank)?;
        let ((winner, _), specificity) = best;
        if live(best.0) {
            let rivals = bids
                .iter()
                .filter(|(seat, s)| live(*seat) && *s == specificity && seat.0 != winner);
            self.overlaps
                .extend(rivals.map(|(seat, _)| (*seat, winner)).collect::<Vec<_>>());
        }
        Some(best)
    }

    fn settle(&mut self, finding: Finding, (c, n): Seat) -> Judged {
        let claims = self.claims;
        let (Some(claim), Some(taken)) = (
            claims.get(c),
            self.taken.get_mut(c).and_then(|covers| covers.get_mut(n)),
        ) else {
            return verdict(finding, Verdict::Undeclared, None, None);
        };
        if claim.state != State::Active {
            let why = claim.state.why(claim.id);
            return verdict(finding, Verdict::Lapsed, claim.entry, Some(why));
        }
        *taken += 1;
        let max = claim.covers.get(n).map_or(0, |cover| cover.max.value);
        if *taken <= max {
            return verdict(finding, Verdict::Declared, claim.entry, None);
        }
        let id = claim.id;
        let why = format!(
            "{id} covers at most {} here and this is number {taken}.",
            count(max)
        );
        verdict(finding, Verdict::Lapsed, claim.entry, Some(why))
    }

    fn false_positive(&mut self, finding: &Finding, names: &[&str]) -> Option<String> {
        let mut reason = None;
        for (n, candidate) in self.register.false_positives.iter().enumerate() {
            // Each covers one finding. A second with the same fingerprint, in a copy of
            // the file say, has to be looked at too.
            if is_false(candidate, finding, names) && self.used_false.insert(n) {
                reason.get_or_insert_with(|| candidate.reason.clone());
            }
        }
        reason
    }

    /// Adds the faults that showed while findings were heard.
    fn report(&self, faults: &mut Faults) {
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
                }
            }
        }
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
}

fn is_false(candidate: &FalsePositive, finding: &Finding, names: &[&str]) -> bool {
    candidate.fingerprint.value == finding.fingerprint
        && (candidate.rules.is_empty()
            || candidate.rules.iter().any(|r| names.contains(&r.as_str())))
        && (!candidate.confined || candidate.globs.is_match(&*finding.place.path))
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
