//! Faults of the register as findings that point into it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::entry::{Entry, FalsePositive, Fault, Register, Spot, Trust};
use super::judge::Claim;
use super::policy::{Policy, Reaction, end};
use super::state::{REVIEW_OVERDUE, Standing, soon};
use super::words::{meant, shown};
use super::{Judged, Verdict};
use crate::document::Tier;
use crate::finding::{Class, Confidence, Finding, Fingerprint, Related, Severity, veil};
use crate::rule::Rule;

pub(super) const OVER_CEILING: &str = "register/over-ceiling";
pub(super) const OVERLAPPING: &str = "register/overlapping";
pub(super) const UNUSED: &str = "register/unused";
pub(super) const CEILING_SLACK: &str = "register/ceiling-slack";
pub(super) const REAPPEARED: &str = "register/reappeared";
const EXPIRED: &str = "register/expired";
const EXPIRES_SOON: &str = "register/expires-soon";
const RECHECK_DUE: &str = "register/recheck-due";
const UNKNOWN_RULE: &str = "register/unknown-rule";

/// A fault, and how it is told.
struct Told {
    fault: Fault,
    /// Where it isn't its rule's.
    severity: Option<Severity>,
    /// Whether it isn't told, for it is said of what the entry becomes.
    muted: bool,
}

/// The faults of a run.
pub(super) struct Faults {
    list: Vec<Told>,
}

impl Told {
    const fn plainly(fault: Fault) -> Self {
        Self {
            fault,
            severity: None,
            muted: false,
        }
    }
}

impl Faults {
    /// Begins with those found when reading.
    pub(super) fn new(register: &Register, policy: &Policy) -> Self {
        let read = register.faults.iter().chain(&policy.faults);
        Self {
            list: read.cloned().map(Told::plainly).collect(),
        }
    }

    /// Adds a fault of an exception.
    pub(super) fn add(
        &mut self,
        rule: &'static str,
        entry: &Entry,
        key: &str,
        spot: &Spot,
        message: String,
    ) {
        self.push(Fault::of(rule, entry, key, spot, message));
        if let Some(last) = self.list.last_mut() {
            last.muted = entry.trust == Trust::Superseded;
        }
    }

    /// Adds a fault of a false positive.
    fn add_false(
        &mut self,
        rule: &'static str,
        candidate: &FalsePositive,
        key: &str,
        spot: &Spot,
        message: String,
    ) {
        self.push(Fault {
            rule,
            table: "false-positive",
            entry: candidate.id.clone(),
            key: key.to_owned(),
            spot: spot.clone(),
            message,
            related: Vec::new(),
        });
    }

    pub(super) fn push(&mut self, fault: Fault) {
        self.list.push(Told::plainly(fault));
    }

    pub(super) fn unused_false(&mut self, candidate: &FalsePositive) {
        let message = format!(
            "No finding matches the false positive {}. Take it out.",
            candidate.id
        );
        let spot = &candidate.fingerprint.spot;
        self.add_false(UNUSED, candidate, "fingerprint", spot, message);
    }

    /// Makes the last fault as grave as the policy says, if it says so.
    pub(super) fn weigh(&mut self, reaction: Option<Reaction>) {
        let severity = match reaction {
            None => return,
            Some(Reaction::Allow) => {
                self.list.pop();
                return;
            }
            Some(Reaction::Note) => Severity::Low,
            Some(Reaction::Warning) => Severity::Medium,
            Some(Reaction::Error) => Severity::High,
        };
        if let Some(last) = self.list.last_mut() {
            last.severity = Some(severity);
        }
    }

    /// Turns the faults into findings.
    pub(super) fn into_judged(mut self, register: &Register, rules: &[Rule]) -> Vec<Judged> {
        self.list.retain(|told| !told.muted);
        self.list
            .sort_by(|a, b| order(&a.fault).cmp(&order(&b.fault)));
        let mut seen: BTreeMap<(&'static str, String, String), u64> = BTreeMap::new();
        let mut judged = Vec::with_capacity(self.list.len());
        for Told {
            fault, severity, ..
        } in self.list
        {
            let anchor = format!("{}/{}/{}", fault.table, fault.entry, fault.key);
            let ordinal = seen
                .entry((fault.rule, fault.entry.clone(), anchor.clone()))
                .or_default();
            let fingerprint = fingerprint(&fault, &anchor, *ordinal);
            *ordinal += 1;
            let entry = register.entries.iter().rev().find(|e| {
                fault.table == "exception" && e.id.value == fault.entry && stands_in(&fault, e)
            });
            judged.push(Judged {
                entry: entry.map(Arc::clone),
                finding: finding(fault, &anchor, fingerprint, severity, rules),
                verdict: Verdict::Fault,
                why: None,
            });
        }
        judged
    }
}

/// Of entries with the same id, the one a fault belongs to stands in its file.
fn stands_in(fault: &Fault, entry: &Entry) -> bool {
    fault.spot.path() == entry.spot.path() && fault.spot.bytes().start >= entry.spot.bytes().start
}

fn order(fault: &Fault) -> impl Ord + '_ {
    let bytes = fault.spot.bytes();
    (
        fault.spot.path(),
        (bytes.start, bytes.end),
        fault.rule,
        &fault.entry,
        &fault.key,
        &fault.message,
    )
}

/// The ordinal enters only where it tells equals apart.
fn fingerprint(fault: &Fault, anchor: &str, ordinal: u64) -> Fingerprint {
    let fields = [
        fault.rule.as_bytes(),
        fault.entry.as_bytes(),
        anchor.as_bytes(),
    ];
    let [rule, subject, anchor] = fields;
    if ordinal == 0 {
        Fingerprint::of(&[rule, subject, anchor])
    } else {
        Fingerprint::of(&[rule, subject, anchor, &ordinal.to_le_bytes()])
    }
}

/// The finding that a fault is.
///
/// Ids and keys of entries are quoted, and no rule looks at them: what could be a key is
/// masked here.
fn finding(
    fault: Fault,
    anchor: &str,
    fingerprint: Fingerprint,
    severity: Option<Severity>,
    rules: &[Rule],
) -> Finding {
    let rule = rules.iter().find(|rule| rule.id == fault.rule);
    // A false positive without an id goes by its fingerprint, which is no key.
    let plain = fault.entry.parse::<Fingerprint>().is_ok();
    let said = |text: &str| if plain { text.to_owned() } else { veil(text) };
    Finding {
        rule: Cow::Borrowed(fault.rule),
        class: Class::Register,
        severity: severity
            .or(rule.map(|r| r.severity))
            .unwrap_or(Severity::Medium),
        confidence: rule.map_or(Confidence::High, |r| r.confidence),
        subject: said(&fault.entry),
        anchor: said(anchor),
        place: fault.spot.place(),
        excerpt: fault.spot.excerpt(),
        fingerprint,
        line_hash: fault.spot.line_hash(),
        message: said(&fault.message),
        facts: Vec::new(),
        related: fault
            .related
            .into_iter()
            .map(|related| Related {
                message: veil(&related.message),
                ..related
            })
            .collect(),
        flow: Vec::new(),
        tier: Tier::Strict,
    }
}

/// What the calendar says of the entries.
pub(super) fn of_time(
    claims: &[Claim<'_>],
    register: &Register,
    policy: &Policy,
    today: Date,
    faults: &mut Faults,
) {
    for candidate in &register.false_positives {
        let due = candidate.recheck.as_ref();
        if let Some(due) = due.filter(|due| today > due.value) {
            let message = format!(
                "The false positive {} was to be looked at again by {}. See whether it still is one, and write the next day to `recheck`.",
                candidate.id, due.value
            );
            faults.add_false(RECHECK_DUE, candidate, "recheck", &due.spot, message);
        }
    }
    for claim in claims {
        let told = claim.entry.filter(|e| e.trust != Trust::Superseded);
        let Some(entry) = told else { continue };
        let id = claim.id;
        match claim.standing {
            Standing::Expired(day) => {
                let message = format!(
                    "{id} expired on {day} and covers nothing any more. Remove what it excepts, or have it renewed and say why."
                );
                faults.add(EXPIRED, entry, "expires", &entry.expires.spot, message);
            }
            Standing::Active | Standing::Inert(REVIEW_OVERDUE) => {
                ending(entry, policy, today, faults);
                review(entry, policy, today, faults);
            }
            _ => {}
        }
    }
}

fn ending(entry: &Entry, policy: &Policy, today: Date, faults: &mut Faults) {
    let (id, expires) = (&entry.id.value, &entry.expires);
    if soon(entry, policy, today) {
        let message = format!(
            "{id} expires on {}. Remove what it excepts by then, or have it renewed and say why.",
            expires.value
        );
        faults.add(EXPIRES_SOON, entry, "expires", &expires.spot, message);
    }
}

fn review(entry: &Entry, policy: &Policy, today: Date, faults: &mut Faults) {
    let (id, last) = (&entry.id.value, &entry.review.last);
    let due = entry.review.due();
    if last.value > today {
        let message = format!(
            "The last review of {id} is dated {}, which is still to come. Write the day it was reviewed on.",
            last.value
        );
        faults.add(REVIEW_OVERDUE, entry, "review.last", &last.spot, message);
    } else if today > due {
        let message = format!(
            "The review of {id} was due on {due}. Review it, and write the day to `review.last`."
        );
        faults.add(REVIEW_OVERDUE, entry, "review.last", &last.spot, message);
        if today <= end(due, policy.review_grace) {
            faults.weigh(Some(Reaction::Note));
        }
    }
}

/// The rules that entries name and that there are none of: they cover nothing, which
/// nobody would notice before a finding stays undeclared.
pub(super) fn of_rules(claims: &[Claim<'_>], rules: &[Rule], faults: &mut Faults) {
    let known = |id: &str| {
        rules
            .iter()
            .any(|rule| rule.id == id || rule.renamed_from.iter().any(|old| old == id))
    };
    let entries = claims.iter().filter_map(|claim| claim.entry);
    for entry in entries.filter(|entry| entry.inert.is_none()) {
        for (n, cover) in entry.covers.iter().enumerate() {
            for (m, rule) in cover.rules.iter().enumerate() {
                if known(&rule.value) {
                    continue;
                }
                let mend = meant(&rule.value, rules.iter().map(|rule| rule.id.as_ref()))
                    .map_or_else(
                        || "`byway rules list` shows all".to_owned(),
                        |id| format!("write `{id}`"),
                    );
                let message = format!(
                    "No rule is called '{}', so {} covers nothing by it; {mend}.",
                    shown(&rule.value),
                    entry.id.value
                );
                let key = format!("covers[{n}].rules[{m}]");
                faults.add(UNKNOWN_RULE, entry, &key, &rule.spot, message);
            }
        }
    }
}
