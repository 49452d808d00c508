//! Faults of the register as findings that point into it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use super::entry::{Entry, FalsePositive, Fault, Register, Spot, Standing};
use super::judge::{Claim, Seat};
use super::policy::{Policy, end};
use super::state::State;
use super::words::{meant, shown};
use super::{Judged, Verdict};
use crate::document::Tier;
use crate::finding::{Class, Confidence, Finding, Fingerprint, Related, Severity, veil};
use crate::rule::Rule;

pub(super) const OVER_POLICY: &str = "register/over-policy";
pub(super) const OVER_CEILING: &str = "register/over-ceiling";
pub(super) const OVERLAPPING: &str = "register/overlapping";
const EXPIRED: &str = "register/expired";
const EXPIRES_SOON: &str = "register/expires-soon";
const REVIEW_OVERDUE: &str = "register/review-overdue";
const UNUSED: &str = "register/unused";
const UNKNOWN_RULE: &str = "register/unknown-rule";

/// The faults of a run.
pub(super) struct Faults {
    /// Each with a severity, where it isn't its rule's.
    list: Vec<(Fault, Option<Severity>)>,
}

impl Faults {
    /// Begins with those found when reading.
    pub(super) fn new(read: &[Fault]) -> Self {
        Self {
            list: read.iter().map(|fault| (fault.clone(), None)).collect(),
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
        // It is said of what the entry becomes.
        if entry.standing != Standing::Superseded {
            self.push(rule, "exception", &entry.id.value, key, spot, message);
        }
    }

    fn push(
        &mut self,
        rule: &'static str,
        table: &'static str,
        id: &str,
        key: &str,
        spot: &Spot,
        message: String,
    ) {
        let fault = Fault {
            rule,
            table,
            entry: id.to_owned(),
            key: key.to_owned(),
            spot: spot.clone(),
            message,
            related: Vec::new(),
        };
        self.list.push((fault, None));
    }

    /// Makes the last fault a minor one.
    fn soften(&mut self) {
        if let Some((_, severity)) = self.list.last_mut() {
            *severity = Some(Severity::Low);
        }
    }

    /// Turns the faults into findings.
    pub(super) fn into_judged(mut self, register: &Register, rules: &[Rule]) -> Vec<Judged> {
        self.list.sort_by(|(a, _), (b, _)| order(a).cmp(&order(b)));
        let mut seen: BTreeMap<(&'static str, String, String), u64> = BTreeMap::new();
        let mut judged = Vec::with_capacity(self.list.len());
        for (fault, severity) in self.list {
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
pub(super) fn of_time(claims: &[Claim<'_>], policy: &Policy, today: Date, faults: &mut Faults) {
    for claim in claims {
        let told = claim.entry.filter(|e| e.standing != Standing::Superseded);
        let Some(entry) = told else { continue };
        let id = claim.id;
        match claim.state {
            State::Expired(day) => {
                let message = format!(
                    "{id} expired on {day} and covers nothing any more. Remove what it excepts, or have it renewed and say why."
                );
                faults.add(EXPIRED, entry, "expires", &entry.expires.spot, message);
            }
            State::Active => {
                soon(entry, policy, today, faults);
                review(entry, policy, today, faults);
            }
            _ => {}
        }
    }
}

fn soon(entry: &Entry, policy: &Policy, today: Date, faults: &mut Faults) {
    let (id, expires) = (&entry.id.value, &entry.expires);
    if end(today, policy.warn_before) >= expires.value {
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
            faults.soften();
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

/// What a scan of everything says of the entries: those that name nothing.
pub(super) fn of_use(
    claims: &[Claim<'_>],
    false_positives: &[FalsePositive],
    (used, used_false): (&BTreeSet<Seat>, &BTreeSet<usize>),
    unread: &[Arc<str>],
    faults: &mut Faults,
) {
    for (c, claim) in claims.iter().enumerate() {
        let Some(entry) = claim.entry.filter(|_| claim.state == State::Active) else {
            continue;
        };
        // An entry confined to no paths could be about any file that wasn't read.
        let unsure = unread.iter().any(|path| {
            let mut covers = entry.covers.iter();
            covers.any(|cover| cover.paths.is_empty() || cover.globs.is_match(&**path))
        });
        for (n, cover) in entry.covers.iter().enumerate() {
            if !unsure && !used.contains(&(c, n)) {
                let message = format!(
                    "No finding matches this part of {}. Take it out, or close the entry.",
                    claim.id
                );
                faults.add(UNUSED, entry, &format!("covers[{n}]"), &cover.spot, message);
            }
        }
    }
    for (n, candidate) in false_positives.iter().enumerate() {
        let unsure = unread
            .iter()
            .any(|path| !candidate.confined || candidate.globs.is_match(&**path));
        if !unsure && !used_false.contains(&n) {
            let message = format!(
                "No finding matches the false positive {}. Take it out.",
                candidate.id
            );
            let spot = &candidate.fingerprint.spot;
            faults.push(
                UNUSED,
                "false-positive",
                &candidate.id,
                "fingerprint",
                spot,
                message,
            );
        }
    }
}
