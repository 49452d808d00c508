//! The closing lines: what was found by class and verdict, and what was looked at.

use std::fmt::Write as _;
use std::io::{self, Write};

use annotate_snippets::renderer as look;

use super::Style;
use super::plain::wrap;
use crate::finding::{Class, Gravity, Problem};
use crate::register::{Judged, Verdict};
use crate::report::Report;

/// Counts of findings: `counts[class][verdict]`, in the order of their `ALL`.
struct Counts(Vec<Vec<usize>>);

impl Counts {
    fn of(report: &Report<'_>) -> Self {
        let count = |class: Class, verdict: Verdict| {
            let same = |j: &&Judged| j.finding.class == class && j.verdict == verdict;
            report.judged.iter().filter(same).count()
        };
        let row = |class: &Class| Verdict::ALL.iter().map(|v| count(*class, *v)).collect();
        Self(Class::ALL.iter().map(row).collect())
    }

    fn total(&self, verdict: Verdict) -> usize {
        let column = Verdict::ALL.iter().position(|v| *v == verdict);
        let cell = |row: &Vec<usize>| column.and_then(|at| row.get(at)).copied();
        self.0.iter().filter_map(cell).sum()
    }
}

/// Writes the table and the closing lines.
pub(super) fn write(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let counts = Counts::of(report);
    write_table(&counts, style, out)?;
    let scope = scope(report, !open(&counts).is_empty());
    if !scope.is_empty() {
        for line in wrap(&scope, style.width(), style.width()) {
            writeln!(out, "{line}")?;
        }
    }
    for line in wrap(&verdict(report, &counts), style.width(), style.width()) {
        writeln!(out, "{}", style.paint(look::DEFAULT_EMPHASIS_STYLE, &line))?;
    }
    Ok(())
}

/// Classes down, verdicts across; only those that occur.
fn write_table(counts: &Counts, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let verdicts: Vec<(usize, Verdict)> = Verdict::ALL
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, verdict)| counts.total(*verdict) > 0)
        .collect();
    if verdicts.is_empty() {
        return Ok(());
    }
    let first = Class::ALL.iter().map(|c| c.name().len()).max().unwrap_or(0);
    let mut head = " ".repeat(first);
    for (_, verdict) in &verdicts {
        head.push_str("  ");
        head.push_str(verdict.name());
    }
    writeln!(out, "{}", style.paint(look::DEFAULT_EMPHASIS_STYLE, &head))?;
    let mut rows = 0;
    for (class, row) in Class::ALL.iter().zip(&counts.0) {
        if row.iter().any(|n| *n > 0) {
            rows += 1;
            let cells = verdicts.iter().map(|(at, v)| (*v, row.get(*at).copied()));
            writeln!(out, "{class:first$}{}", line(cells))?;
        }
    }
    if rows > 1 {
        let cells = verdicts.iter().map(|(_, v)| (*v, Some(counts.total(*v))));
        writeln!(out, "{:first$}{}", "total", line(cells))?;
    }
    writeln!(out)
}

/// The cells of a row, each as wide as its verdict's name; a dash for none.
fn line(cells: impl Iterator<Item = (Verdict, Option<usize>)>) -> String {
    let mut line = String::new();
    for (verdict, count) in cells {
        let text = match count {
            Some(count) if count > 0 => count.to_string(),
            _ => "-".to_owned(),
        };
        // Writing to a string cannot fail.
        _ = write!(line, "  {text:>width$}", width = verdict.name().len());
    }
    line
}

/// What was looked at, and what was not; empty when the last line says it all.
fn scope(report: &Report<'_>, open: bool) -> String {
    let stats = report.stats;
    let mut parts = Vec::new();
    if open {
        parts.push(format!("{} scanned", files(stats.files)));
    }
    if stats.skipped > 0 {
        parts.push(format!("{} left out for size", files(stats.skipped)));
    }
    if stats.hidden > 0 {
        let noun = plural(stats.hidden, "finding", "findings");
        parts.push(format!(
            "{} {noun} below the asked severity or confidence not shown",
            stats.hidden
        ));
    }
    let errors = errors(report);
    if errors > 0 {
        let noun = plural(errors, "problem", "problems");
        parts.push(format!("{errors} {noun} in reading"));
    }
    if parts.is_empty() {
        return String::new();
    }
    format!("{}.", parts.join(", "))
}

/// The last line: what the run comes to.
fn verdict(report: &Report<'_>, counts: &Counts) -> String {
    let open = open(counts);
    let rest = match counts.total(Verdict::Declared) {
        0 => String::new(),
        declared => format!("; {declared} declared"),
    };
    if !open.is_empty() {
        return format!("{open}{rest}.");
    }
    if report.stats.files == 0 {
        return "Nothing was scanned.".to_owned();
    }
    let limit = if errors(report) > 0 {
        " in what could be read"
    } else {
        ""
    };
    format!(
        "No exception path without a declaration{limit}: {} scanned{rest}.",
        files(report.stats.files)
    )
}

/// What somebody has to act on; empty for nothing.
fn open(counts: &Counts) -> String {
    let undeclared = counts.total(Verdict::Undeclared);
    let lapsed = counts.total(Verdict::Lapsed);
    let faults = counts.total(Verdict::Fault);
    let mut parts = Vec::new();
    if undeclared > 0 {
        let noun = plural(undeclared, "exception path", "exception paths");
        parts.push(format!("{undeclared} {noun} undeclared"));
    }
    if lapsed > 0 && undeclared > 0 {
        parts.push(format!("{lapsed} lapsed"));
    } else if lapsed > 0 {
        let noun = plural(lapsed, "exception path", "exception paths");
        parts.push(format!("{lapsed} {noun} lapsed"));
    }
    if faults > 0 {
        let noun = plural(faults, "register fault", "register faults");
        parts.push(format!("{faults} {noun}"));
    }
    parts.join(", ")
}

fn errors(report: &Report<'_>) -> usize {
    let grave = |p: &&Problem| p.gravity == Gravity::Error;
    report.problems.iter().filter(grave).count()
}

fn files(count: u64) -> String {
    format!("{count} {}", plural(count, "file", "files"))
}

/// The noun for a count.
fn plural(count: impl TryInto<u64>, one: &'static str, many: &'static str) -> &'static str {
    if count.try_into().is_ok_and(|n| n == 1) {
        one
    } else {
        many
    }
}
