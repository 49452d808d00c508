//! The inventory: every exception path, declared or not, with what the register says of
//! it. False positives and faults of the register are no exception paths.
//!
//! `docs/output.md` is the contract for CSV and JSON Lines; a column never changes its
//! name, its meaning or its place.

use std::io::{self, Write};

use jiff::civil::Date;
use serde::Serialize;

use super::table::{cell, markdown, text};
use super::text::plain::plain;
use crate::names::names;
use crate::register::{Entry, Judged, Verdict};

names! {
    /// How an inventory is written.
    pub enum Layout {
        /// For a reader at a terminal.
        Table = "table",
        /// Comma-separated values, for a spreadsheet.
        Csv = "csv",
        /// One JSON object a line.
        Jsonl = "jsonl",
        /// A table in Markdown.
        Markdown = "markdown",
    }
}

/// One exception path. The order of the fields is the order of columns and keys.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    exception: Option<&'a str>,
    verdict: &'static str,
    category: Option<&'static str>,
    owner: Option<String>,
    granted: Option<String>,
    expires: Option<String>,
    next_review: Option<String>,
    controls: Vec<String>,
    age_days: Option<i32>,
    rule: &'a str,
    severity: &'static str,
    path: &'a str,
    line: u32,
    subject: &'a str,
    anchor: &'a str,
    fingerprint: String,
    why: Option<&'a str>,
}

/// The names of the columns in CSV.
const COLUMNS: &[&str] = &[
    "exception",
    "verdict",
    "category",
    "owner",
    "granted",
    "expires",
    "nextReview",
    "controls",
    "ageDays",
    "rule",
    "severity",
    "path",
    "line",
    "subject",
    "anchor",
    "fingerprint",
    "why",
];

/// Writes the exception paths of a scan: those of each entry together, in the order of
/// the ids, then those that no entry names. With a `width`, a table is made to fit in.
///
/// # Errors
///
/// Any error of `out`.
pub fn write(
    layout: Layout,
    judged: &[Judged],
    today: Date,
    width: Option<u16>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rows = rows(judged, today);
    match layout {
        Layout::Table => {
            let cells: Vec<_> = rows.iter().map(brief).collect();
            out.write_all(text(BRIEF, &cells, width).as_bytes())
        }
        Layout::Markdown => {
            let cells: Vec<_> = rows.iter().map(brief).collect();
            out.write_all(markdown(BRIEF, &cells).as_bytes())
        }
        Layout::Jsonl => rows.iter().try_for_each(|row| {
            serde_json::to_writer(&mut *out, row)?;
            out.write_all(b"\n")
        }),
        Layout::Csv => {
            let mut csv = csv::Writer::from_writer(out);
            csv.write_record(COLUMNS)?;
            for row in &rows {
                csv.write_record(full(row).iter().map(|text| defused(text)))?;
            }
            csv.flush()
        }
    }
}

fn rows(judged: &[Judged], today: Date) -> Vec<Row<'_>> {
    let paths = |j: &&Judged| !matches!(j.verdict, Verdict::Fault | Verdict::FalsePositive);
    let mut rows: Vec<_> = judged.iter().filter(paths).map(|j| row(j, today)).collect();
    // The findings come in the order of reports, and a stable sort keeps it.
    rows.sort_by_key(|row| (row.exception.is_none(), row.exception));
    rows
}

fn row(judged: &Judged, today: Date) -> Row<'_> {
    let finding = &judged.finding;
    let entry: Option<&Entry> = judged.entry.as_deref();
    let since = entry.map(|entry| entry.granted.value);
    Row {
        exception: entry.map(|entry| entry.id.value.as_str()),
        verdict: judged.verdict.name(),
        category: entry.map(|entry| entry.category.name()),
        owner: entry.map(|entry| cell(&entry.owner.value)),
        granted: since.map(|day| day.to_string()),
        expires: entry.map(|entry| entry.expires.value.to_string()),
        next_review: entry.map(|entry| entry.review.due().to_string()),
        controls: entry.map(kinds).unwrap_or_default(),
        age_days: since.and_then(|day| Some(day.until(today).ok()?.get_days())),
        rule: &finding.rule,
        severity: finding.severity.name(),
        path: &finding.place.path,
        line: finding.place.region.line,
        subject: &finding.subject,
        anchor: &finding.anchor,
        fingerprint: finding.fingerprint.to_string(),
        why: judged.why.as_deref(),
    }
}

/// The kinds of an entry's controls, each once.
fn kinds(entry: &Entry) -> Vec<String> {
    let mut kinds: Vec<_> = entry.controls.iter().map(|c| cell(&c.kind)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

const BRIEF: &[&str] = &[
    "exception",
    "verdict",
    "rule",
    "place",
    "subject",
    "owner",
    "expires",
    "review by",
    "controls",
    "age",
];

fn brief(row: &Row<'_>) -> Vec<String> {
    let or_dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
    vec![
        or_dash(row.exception),
        row.verdict.to_owned(),
        row.rule.to_owned(),
        format!("{}:{}", row.path, row.line),
        row.subject.to_owned(),
        or_dash(row.owner.as_deref()),
        or_dash(row.expires.as_deref()),
        or_dash(row.next_review.as_deref()),
        match row.controls.as_slice() {
            [] => "-".to_owned(),
            kinds => kinds.join(", "),
        },
        row.age_days
            .map_or("-".to_owned(), |days| format!("{days} d")),
    ]
}

fn full(row: &Row<'_>) -> Vec<String> {
    let own = |text: Option<&str>| text.unwrap_or_default().to_owned();
    vec![
        own(row.exception),
        row.verdict.to_owned(),
        own(row.category),
        own(row.owner.as_deref()),
        own(row.granted.as_deref()),
        own(row.expires.as_deref()),
        own(row.next_review.as_deref()),
        row.controls.join("; "),
        row.age_days
            .map(|days| days.to_string())
            .unwrap_or_default(),
        row.rule.to_owned(),
        row.severity.to_owned(),
        row.path.to_owned(),
        row.line.to_string(),
        row.subject.to_owned(),
        row.anchor.to_owned(),
        row.fingerprint.clone(),
        own(row.why),
    ]
}

/// A cell that no spreadsheet takes for a formula. Facts:
/// <https://owasp.org/www-community/attacks/CSV_Injection>.
fn defused(text: &str) -> String {
    let text = plain(text).into_owned();
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<i32>().is_err() {
        return format!("'{text}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use jiff::civil::date;

    fn written(layout: Layout) -> String {
        let rules = fixture::rules();
        let mut report = fixture::report(&rules);
        if let Some(first) = report.judged.first_mut() {
            first.finding.subject = "=HYPERLINK(\"x\")".to_owned();
        }
        let mut out = Vec::new();
        write(layout, &report.judged, date(2026, 11, 24), None, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn declared_come_first_and_no_fault_is_among_them() {
        let table = written(Layout::Table);
        let first = |what: &str| table.lines().position(|line| line.contains(what)).unwrap();
        assert!(first(" declared") < first(" undeclared"), "{table}");
        assert!(
            !table.contains("register/") && !table.contains("false-positive"),
            "{table}"
        );
    }

    #[test]
    fn csv_is_no_formula_and_jsonl_has_the_same_columns() {
        let csv = written(Layout::Csv);
        assert!(
            csv.starts_with("exception,verdict,category,owner,"),
            "{csv}"
        );
        assert!(csv.contains("\"'=HYPERLINK(\"\"x\"\")\""), "{csv}");
        let line = written(Layout::Jsonl).lines().next().unwrap().to_owned();
        let mut at = 0;
        for column in COLUMNS {
            let key = line
                .find(&format!("\"{column}\":"))
                .unwrap_or_else(|| panic!("{column}"));
            assert!(key >= at, "{column}");
            at = key;
        }
        assert_eq!(defused("-1"), "-1");
        assert_eq!(defused("-1+2"), "'-1+2");
    }
}
