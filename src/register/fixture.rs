//! What the tests of the register share.

use std::borrow::Cow;

use super::entry::Register;
use super::file::{Source, read};
use crate::document::{Region, Tier};
use crate::finding::{Class, Confidence, Excerpt, Finding, Fingerprint, Place, Severity};

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
        tier: Tier::Strict,
    }
}
