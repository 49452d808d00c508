//! A report with one finding of each verdict, for the tests of the writers.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::civil::{Date, date};

use super::{Report, Stats};
use crate::document::{Lines, Span, Tier};
use crate::finding::{
    Class, Confidence, Excerpt, Finding, Fingerprint, Gravity, Place, Problem, Redacted, Related,
    Severity,
};
use crate::line_hash;
use crate::register::entry::Entry;
use crate::register::file;
use crate::register::{Judged, Verdict};
use crate::rule::Rule;
use crate::rule::head::Text;

/// A workflow with characters of one to four bytes before what is found.
pub(super) const WORKFLOW: &str = "on: push\r\nenv: {a: 1}\r\n  \"é😀\": x; SECRETS\r\n";
pub(super) const TODAY: Date = date(2026, 11, 24);

fn rule(id: &'static str, class: Class, severity: Severity, frameworks: &'static [Text]) -> Rule {
    Rule {
        id: id.into(),
        class,
        title: "Something stands where it should not".into(),
        severity,
        confidence: Confidence::High,
        confidence_in_tests: None,
        since: "0.1.0".into(),
        kinds: Cow::Borrowed(&[]),
        not_paths: Cow::Borrowed(&[]),
        keywords: Cow::Borrowed(&[]),
        frameworks: frameworks.into(),
        references: Cow::Borrowed(&[]),
        renamed_from: Cow::Borrowed(&[]),
        also: Cow::Borrowed(&[]),
        message: None,
        generic: false,
        patterns: Cow::Borrowed(&[]),
        queries: Cow::Borrowed(&[]),
        code: None,
        filter: crate::rule::Filter::NONE,
        summary: "Why this is an exception path.".into(),
        help: "Why this is an exception path.\n\n## Fix\n\n```sh good a.sh\ntrue\n```\n".into(),
    }
}

pub(super) fn rules() -> Vec<Rule> {
    const BYPASS: &[Text] = &[Text::Borrowed("CICD-SEC-1"), Text::Borrowed("CWE-693")];
    const FAULT: &[Text] = &[Text::Borrowed("CSF-ID.RA-07")];
    const TOKEN: &[Text] = &[
        Text::Borrowed("NHI2:2025"),
        Text::Borrowed("CWE-798"),
        Text::Borrowed("CSF-ID.RA-07"),
    ];
    vec![
        rule(
            "bypass-route/no-gate",
            Class::BypassRoute,
            Severity::Medium,
            BYPASS,
        ),
        rule("register/expired", Class::Register, Severity::High, FAULT),
        rule(
            "static-key/token",
            Class::StaticKey,
            Severity::Critical,
            TOKEN,
        ),
    ]
}

/// A place in a text, its excerpt and its line hash.
struct Spot {
    place: Place,
    excerpt: Excerpt,
    line_hash: String,
}

fn spot(path: &str, text: &str, needle: &str) -> Spot {
    let bytes = text.as_bytes();
    let start = text.find(needle).unwrap();
    let lines = Lines::new(bytes);
    let region = lines.region(bytes, Span::new(start, start + needle.len()));
    let line = lines.span(bytes, lines.index_of(start));
    let shown = text.get(line.start..line.end).unwrap();
    // Masked as `detect` would: the same length is not promised.
    let masked = shown.replace("SECRETS", "****");
    let at = start - line.start;
    let len = if needle == "SECRETS" { 4 } else { needle.len() };
    Spot {
        place: Place {
            path: path.into(),
            region,
        },
        excerpt: Excerpt {
            text: Redacted::new(masked),
            highlight: at..at + len,
        },
        line_hash: line_hash::of_line(bytes, region.line),
    }
}

fn finding(rule: &'static str, spot: Spot, subject: &str, message: &str) -> Finding {
    let all = rules();
    let rule = all.iter().find(|r| r.id == rule).unwrap().clone();
    Finding {
        rule: rule.id,
        class: rule.class,
        severity: rule.severity,
        confidence: rule.confidence,
        subject: subject.to_owned(),
        anchor: "github:job:deploy".to_owned(),
        place: spot.place,
        excerpt: spot.excerpt,
        fingerprint: Fingerprint::of(&[subject.as_bytes()]),
        line_hash: spot.line_hash,
        message: message.to_owned(),
        facts: vec![("account".into(), "123456789012".to_owned())],
        related: Vec::new(),
        flow: Vec::new(),
        tier: Tier::Strict,
    }
}

pub(super) fn entry(id: &str, expires: Date) -> Arc<Entry> {
    let text = format!(
        r#"version = 1

[[exception]]
id = "{id}"
title = "A static key"
category = "legacy-credential"
owner = "team:settlement"
approved-by = ["user:head@example.org"]
reason = "The adapter knows nothing else."
granted = 2026-06-10
expires = {expires}
review = {{ every = "P90D", last = 2026-09-08 }}

[[exception.control]]
type = "network-restriction"
what = "Two addresses only."

[[exception.covers]]
rules = ["static-key/token"]
paths = ["batch/**"]
max = 1
"#
    );
    let source = file::Source {
        path: "exceptions.toml".into(),
        text: &text,
    };
    let register = file::read(&[source]).unwrap();
    Arc::clone(register.entries.first().unwrap())
}

pub(super) fn judged(finding: Finding, verdict: Verdict) -> Judged {
    Judged {
        finding,
        verdict,
        entry: None,
        why: None,
    }
}

/// An undeclared finding with a certain checksum, after multi-byte characters.
pub(super) fn undeclared() -> Judged {
    let spot = spot(".github/workflows/dé ploy.yml", WORKFLOW, "SECRETS");
    let message = "Token 'TOKEN' stands in a workflow.";
    let mut finding = finding("static-key/token", spot, "TOKEN", message);
    finding.confidence = Confidence::Certain;
    judged(finding, Verdict::Undeclared)
}

pub(super) fn report(rules: &[Rule]) -> Report<'_> {
    let token = |path, subject, verdict| {
        let spot = spot(path, "key: SECRETS", "SECRETS");
        judged(
            finding("static-key/token", spot, subject, "A token stands here."),
            verdict,
        )
    };
    let mut lapsed = token("a/lapsed.yml", "LAPSED", Verdict::Lapsed);
    lapsed.entry = Some(entry("EXC-2026-0001", date(2026, 11, 1)));
    lapsed.why = Some("It expired on 2026-11-01.".to_owned());
    let mut declared = token("a/z.yml", "DECLARED", Verdict::Declared);
    declared.entry = Some(entry("EXC-2026-0002", date(2026, 12, 7)));
    let mut wrong = token("b.yml", "WRONG", Verdict::FalsePositive);
    wrong.why = Some("A placeholder.".to_owned());

    // What a hostile repository would write: escapes, a link, marks that reorder.
    let text = "run: \u{1b}[2J\u{202e}gate: off # \u{7}";
    let hostile = spot("evil\u{1b}[31m.yml", text, "gate: off");
    let message = "Gate \u{1b}[31m'[click](https://example.org)' is off, although the branch \
                   it protects is the one that production is deployed from.";
    let mut hostile = finding("bypass-route/no-gate", hostile, "gate\u{1b}", message);
    hostile.related.push(Related {
        place: spot("ci.yml", "a\nuses: gate", "gate").place,
        message: "The workflow that calls the gate.".to_owned(),
    });

    let id = entry("EXC-2026-0001", date(2026, 11, 1)).id.spot.clone();
    let fault = Spot {
        place: id.place(),
        excerpt: id.excerpt(),
        line_hash: id.line_hash(),
    };
    let message = "EXC-2026-0001 expired on 2026-11-01.";
    let fault = finding("register/expired", fault, "EXC-2026-0001", message);
    Report {
        rules,
        judged: vec![
            undeclared(),
            lapsed,
            declared,
            wrong,
            judged(hostile, Verdict::Undeclared),
            judged(fault, Verdict::Fault),
        ],
        problems: vec![
            Problem {
                path: "big file.json".into(),
                line: None,
                gravity: Gravity::Note,
                what: "Larger than the size cap, so it was not read.".to_owned(),
            },
            Problem {
                path: "odd.yml".into(),
                line: Some(7),
                gravity: Gravity::Error,
                what: "A quoted text has no end, so the rest was not read.".to_owned(),
            },
        ],
        proposals: Vec::new(),
        stats: Stats {
            files: 120,
            bytes: 1 << 20,
            skipped: 1,
            hidden: 4,
        },
        today: TODAY,
    }
}
