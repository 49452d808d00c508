//! Whether an edit may stand.

use std::collections::BTreeSet;

use crate::finding::Severity;
use crate::register::entry::Status;
use crate::register::{Judged, Verdict};

/// Faults that a proposal may not have either: such an entry can't be read, or could
/// never be approved as it is.
const UNFIT: &[&str] = &[
    "register/malformed",
    "register/incomplete",
    "register/too-broad",
    "register/duplicate-id",
    "register/unknown-rule",
];

/// Faults that are no reason against an edit: they are the state of things.
const BEARABLE: &[&str] = &[
    "register/expired",
    "register/expires-soon",
    "register/overlapping",
    "register/owner-unknown",
    "register/review-overdue",
    "register/unprotected",
    "register/unused",
];

type Told<'a> = (&'a str, &'a str, &'a str);

fn faults(judged: &[Judged]) -> impl Iterator<Item = (&Judged, Told<'_>)> {
    judged
        .iter()
        .filter(|j| j.verdict == Verdict::Fault)
        .map(|j| {
            let finding = &j.finding;
            let told = (
                &*finding.rule,
                finding.anchor.as_str(),
                finding.message.as_str(),
            );
            (j, told)
        })
}

fn new<'a>(before: &'a [Judged], after: &'a [Judged]) -> impl Iterator<Item = &'a Judged> {
    let known: BTreeSet<_> = faults(before).map(|(_, told)| told).collect();
    faults(after)
        .filter(move |(_, told)| !known.contains(told))
        .map(|(judged, _)| judged)
}

/// The first fault that wasn't there before an edit and is a reason not to make it, as
/// the sentence that tells of it. Both lists are the register judged without findings.
pub fn stopping(before: &[Judged], after: &[Judged]) -> Option<String> {
    new(before, after)
        .find(|judged| is_reason(judged))
        .map(|judged| judged.finding.message.clone())
}

fn is_reason(judged: &Judged) -> bool {
    let rule = &*judged.finding.rule;
    if UNFIT.contains(&rule) {
        return true;
    }
    let entry = judged.entry.as_ref();
    // The longest term doesn't change by being approved; all else can still be mended.
    if entry.is_some_and(|entry| entry.status == Status::Proposed) {
        let key = judged.finding.anchor.rsplit('/').next();
        return matches!(key, Some("expires" | "granted"));
    }
    judged.finding.severity >= Severity::Medium && !BEARABLE.contains(&rule)
}

/// What of a new proposal has to be mended before it can be approved.
pub fn still_open(before: &[Judged], after: &[Judged]) -> Vec<String> {
    new(before, after)
        .filter(|judged| !is_reason(judged) && !BEARABLE.contains(&&*judged.finding.rule))
        .map(|judged| judged.finding.message.clone())
        .collect()
}
