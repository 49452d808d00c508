//! The closing lines: what was found by class and verdict, and what was looked at.

use std::io::{self, Write};

use annotate_snippets::renderer as look;

use super::Style;
use super::plain::wrap;
use crate::finding::{Class, Gravity};
use crate::register::Verdict;
use crate::report::Report;

/// Counts of findings: `counts[class][verdict]`, in the order of their `ALL`.
struct Counts(Vec<Vec<usize>>);

impl Counts {
    fn of(report: &Report<'_>) -> Self {
        let count = |class: Class, verdict: Verdict| {
            let same =
                |j: &&crate::register::Judged| j.finding.class == class && j.verdict == verdict;
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
    for line in wrap(&scope(report), style.width(), style.width()) {
        writeln!(out, "{line}")?;
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
    let names: String = verdicts.iter().map(|(_, v)| format!("  {v}")).collect();
    let head = format!("{:first$}{names}", "");
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

/// The cells of a row, each as wide as its verdict's name; a dot for none.
fn line(cells: impl Iterator<Item = (Verdict, Option<usize>)>) -> String {
    cells
        .map(|(verdict, count)| {
            let width = verdict.name().len();
            let text = match count {
                Some(count) if count > 0 => count.to_string(),
                _ => "-".to_owned(),
            };
            format!("  {text:>width$}")
        })
        .collect()
}

/// What was looked at, and what was not.
fn scope(report: &Report<'_>) -> String {
    let stats = report.stats;
    let mut parts = vec![format!("{} scanned", files(stats.files))];
    if stats.skipped > 0 {
        parts.push(format!("{} left out for size", stats.skipped));
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
        parts.push(format!("{errors} could not be read in full"));
    }
    format!("{}, as of {}.", parts.join(", "), report.today)
}

/// The last line: what the run comes to.
fn verdict(report: &Report<'_>, counts: &Counts) -> String {
    let undeclared = counts.total(Verdict::Undeclared);
    let lapsed = counts.total(Verdict::Lapsed);
    let faults = counts.total(Verdict::Fault);
    let declared = counts.total(Verdict::Declared);
    let mut open = Vec::new();
    if undeclared > 0 {
        let noun = plural(undeclared, "exception path", "exception paths");
        open.push(format!("{undeclared} {noun} undeclared"));
    }
    if lapsed > 0 {
        let noun = plural(lapsed, " exception path", " exception paths");
        let noun = if undeclared > 0 { "" } else { noun };
        open.push(format!("{lapsed}{noun} lapsed"));
    }
    if faults > 0 {
        let noun = plural(faults, "register fault", "register faults");
        open.push(format!("{faults} {noun}"));
    }
    let rest = if declared > 0 {
        format!("; {declared} declared")
    } else {
        String::new()
    };
    if !open.is_empty() {
        return format!("{}{rest}.", open.join(", "));
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

fn errors(report: &Report<'_>) -> usize {
    let grave = |p: &&crate::finding::Problem| p.gravity == Gravity::Error;
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
