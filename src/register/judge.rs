//! Judging findings by the register.
//!
//! One function, pure: the same findings, register, policy and day give the same
//! verdicts, whatever the order the findings come in.

use std::sync::Arc;

use jiff::civil::Date;

use super::bench::Bench;
use super::entry::{Cover, Entry, Register};
use super::faults::{self, Faults};
use super::policy::Policy;
use super::state::Standing;
use super::{Coverage, Judged, evidence, owners};
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
    let bound = |finding: &Finding| match &coverage.lock {
        Some(lock) => !lock.names(finding),
        None => false,
    };
    findings.sort_by(|a, b| {
        let places = || by_ceiling(a).cmp(&by_ceiling(b));
        bound(a).cmp(&bound(b)).then_with(places)
    });
    let mut faults = Faults::new(register, policy);
    let claims = claims(register, policy, today, coverage, &mut faults);
    let mut bench = Bench::new(&claims, register, rules, coverage);
    let mut judged: Vec<_> = findings
        .into_iter()
        .map(|finding| bench.hear(finding))
        .collect();
    bench.report(policy, &mut faults);
    faults::of_rules(&claims, rules, &mut faults);
    faults::of_time(&claims, register, policy, today, &mut faults);
    evidence::check(&claims, today, &coverage.files, &mut faults);
    owners::check(&claims, register, policy, &coverage.files, &mut faults);
    if coverage.full {
        bench.report_unused(policy, &coverage.unread, &mut faults);
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
    pub(super) standing: Standing,
    pub(super) entry: Option<&'a Arc<Entry>>,
}

impl<'a> Claim<'a> {
    /// The entry, unless it is a record or couldn't be read well.
    pub(super) fn kept(&self) -> Option<&'a Arc<Entry>> {
        self.entry
            .filter(|entry| entry.inert.is_none() && !entry.is_record())
    }
}

/// Every entry with its standing, in the order of their ids.
fn claims<'a>(
    register: &'a Register,
    policy: &Policy,
    today: Date,
    coverage: &Coverage,
    faults: &mut Faults,
) -> Vec<Claim<'a>> {
    let mut claims = Vec::new();
    for entry in &register.entries {
        let mut standing = Standing::of(entry, today);
        if !entry.is_record() {
            for breach in policy.breaches(entry, today, &coverage.paths) {
                standing = standing.held_to(breach.inert.then_some(breach.rule));
                faults.add(breach.rule, entry, &breach.key, breach.spot, breach.message);
            }
            standing = standing.reviewed(entry, policy, today);
        }
        claims.push(Claim {
            id: &entry.id.value,
            covers: &entry.covers,
            standing,
            entry: Some(entry),
        });
    }
    claims.extend(register.broken.iter().map(|broken| Claim {
        id: &broken.id,
        covers: &broken.covers,
        standing: Standing::Inert(broken.inert),
        entry: None,
    }));
    claims.sort_by(|a, b| a.id.cmp(b.id));
    claims
}
