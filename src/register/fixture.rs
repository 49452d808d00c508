//! What the tests of the register share.

use std::borrow::Cow;

use super::entry::Register;
use super::file::{Source, read};
use super::{Judged, Verdict};
use crate::document::{Region, Tier};
use crate::finding::{Class, Confidence, Excerpt, Finding, Fingerprint, Place, Severity};
use crate::rule::Rule;

/// A register with one good entry. The tests count its lines from here.
pub(super) const GOOD: &str = r#"version = 1

[[exception]]
id = "EXC-1"
title = "Nightly batch uses a static key"
category = "legacy-credential"
owner = "team:settlement"
approved-by = ["user:appsec@example.org"]
reason = "The adapter accepts only a header key until release 9."
granted = 2026-10-01
expires = 2027-01-31
review = { every = "P90D", last = 2026-10-05 }

[[exception.control]]
type = "network-restriction"
what = "The key is accepted from two addresses only."

[[exception.covers]]
rules = ["static-key/generic"]
paths = ["batch/**"]
max = 2
"#;

/// The good register with one text replaced by another.
pub(super) fn with(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    GOOD.replacen(from, to, 1)
}

/// The entry of a register without the first line, with another id.
pub(super) fn entry(text: &str, id: &str) -> String {
    let entry = text.strip_prefix("version = 1\n").unwrap();
    entry.replacen("EXC-1", id, 1)
}

pub(super) fn register(text: &str) -> Register {
    let source = Source {
        path: "exceptions.toml".into(),
        text,
    };
    read(&[source]).unwrap()
}

/// A finding of `static-key/generic` in the first column of a line.
pub(super) fn finding(path: &str, line: u32, subject: &str, anchor: &str) -> Finding {
    let rule = "static-key/generic";
    Finding {
        rule: Cow::Borrowed(rule),
        class: Class::StaticKey,
        severity: Severity::High,
        confidence: Confidence::High,
        subject: subject.to_owned(),
        anchor: anchor.to_owned(),
        place: Place {
            path: path.into(),
            region: Region {
                line,
                column: 1,
                end_line: line,
                end_column: 2,
            },
        },
        excerpt: Excerpt::default(),
        fingerprint: Fingerprint::of(&[rule.as_bytes(), subject.as_bytes(), anchor.as_bytes()]),
        line_hash: String::new(),
        message: "A key.".to_owned(),
        facts: Vec::new(),
        related: Vec::new(),
        flow: Vec::new(),
        tier: Tier::Strict,
    }
}

/// Two keys that the good entry covers.
pub(super) fn keys() -> Vec<Finding> {
    vec![
        finding("batch/a.py", 3, "A", "key:a"),
        finding("batch/b.py", 4, "B", "key:b"),
    ]
}

/// The verdicts on findings, in order, as `verdict entry: why`.
pub(super) fn verdicts(judged: &[Judged]) -> Vec<String> {
    let findings = judged.iter().filter(|j| j.verdict != Verdict::Fault);
    findings
        .map(|j| {
            let entry = j.entry.as_ref().map_or("-", |e| e.id.value.as_str());
            format!(
                "{} {entry}: {}",
                j.verdict,
                j.why.as_deref().unwrap_or_default()
            )
        })
        .collect()
}

/// The faults, as `rule line anchor`.
pub(super) fn faults(judged: &[Judged]) -> Vec<String> {
    let faults = judged.iter().filter(|j| j.verdict == Verdict::Fault);
    faults
        .map(|j| {
            let Finding {
                rule,
                place,
                anchor,
                ..
            } = &j.finding;
            format!(
                "{} {} {anchor}",
                rule.strip_prefix("register/").unwrap(),
                place.region.line
            )
        })
        .collect()
}

/// The rules of a run.
pub(super) fn rules() -> Vec<Rule> {
    vec![rule("static-key/generic"), rule("static-key/other")]
}

/// A rule of which nothing is remarkable.
pub(super) fn rule(id: &'static str) -> Rule {
    Rule {
        id: id.into(),
        class: Class::Register,
        title: "A rule".into(),
        severity: Severity::High,
        confidence: Confidence::High,
        confidence_in_tests: None,
        since: "0.1.0".into(),
        kinds: Vec::new().into(),
        not_paths: Vec::new().into(),
        keywords: Vec::new().into(),
        frameworks: Vec::new().into(),
        references: Vec::new().into(),
        renamed_from: Vec::new().into(),
        also: Vec::new().into(),
        message: None,
        generic: false,
        patterns: Vec::new().into(),
        queries: Vec::new().into(),
        code: None,
        filter: crate::rule::Filter::NONE,
        summary: "".into(),
        help: "".into(),
    }
}
