//! Text for a reader at a terminal, in the manner of `rustc`.

mod block;
pub(super) mod plain;
mod proposals;
mod summary;

use std::io::{self, Write};

use annotate_snippets::renderer as look;

use crate::finding::{Gravity, Problem, Severity};
use crate::register::{Judged, Verdict};
use crate::report::Report;
use plain::{plain, wrap};

/// How text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to use colours.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// 1 shows declared findings and false positives too; 2 adds facts and
    /// fingerprints.
    pub verbose: u8,
    /// Leaves out notes and the summary.
    pub quiet: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            color: false,
            width: 80,
            verbose: 0,
            quiet: false,
        }
    }
}

impl Style {
    /// The narrowest layout that is still of use.
    const NARROWEST: usize = 40;

    fn width(self) -> usize {
        self.width.max(Self::NARROWEST)
    }

    /// The text in a colour, or as it is.
    fn paint(self, look: look::Style, text: &str) -> String {
        if self.color {
            format!("{look}{text}{look:#}")
        } else {
            text.to_owned()
        }
    }
}

/// Writes the report.
pub fn write(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for judged in report.judged.iter().filter(|j| shown(j, style)) {
        block::write(judged, style, out)?;
        writeln!(out)?;
    }
    let problems = || report.problems.iter().filter(|p| told(p, style));
    for problem in problems() {
        write_problem(problem, style, out)?;
    }
    if style.quiet {
        return Ok(());
    }
    if problems().next().is_some() {
        writeln!(out)?;
    }
    proposals::write(&report.proposals, style, out)?;
    summary::write(report, style, out)
}

/// Writes what the change under review does to the register.
pub fn write_proposals(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    proposals::write(&report.proposals, style, out)
}

fn shown(judged: &Judged, style: Style) -> bool {
    judged.verdict.is_open() || style.verbose > 0
}

fn told(problem: &Problem, style: Style) -> bool {
    problem.gravity == Gravity::Error || !style.quiet
}

fn write_problem(problem: &Problem, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let (name, look) = match problem.gravity {
        Gravity::Note => ("note", look::DEFAULT_NOTE_STYLE),
        Gravity::Error => ("error", look::DEFAULT_ERROR_STYLE),
    };
    let path = plain(&problem.path);
    let place = match problem.line {
        Some(line) => format!("{path}:{line}: "),
        None if path.is_empty() => String::new(),
        None => format!("{path}: "),
    };
    let text = format!("{place}{}", plain(&problem.what));
    write_headed(name, look, &text, style, out)
}

/// Writes `head: text`, the text wrapped and its further lines indented.
fn write_headed(
    head: &str,
    look: look::Style,
    text: &str,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    const INDENT: &str = "    ";
    let width = style.width();
    let first = width.saturating_sub(head.chars().count() + 2);
    write!(out, "{}: ", style.paint(look, head))?;
    for (n, line) in wrap(text, first, width - INDENT.len()).iter().enumerate() {
        let indent = if n == 0 { "" } else { INDENT };
        writeln!(out, "{indent}{line}")?;
    }
    Ok(())
}

fn severity_look(severity: Severity) -> look::Style {
    match severity {
        Severity::Critical | Severity::High => look::DEFAULT_ERROR_STYLE,
        Severity::Medium => look::DEFAULT_WARNING_STYLE,
        Severity::Low => look::DEFAULT_NOTE_STYLE,
    }
}

/// What a reader does with a verdict, in a word or two.
const fn label(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Undeclared => "undeclared",
        Verdict::Lapsed => "no longer covered",
        Verdict::Fault => "",
        Verdict::Declared => "declared",
        Verdict::FalsePositive => "false positive",
    }
}

#[cfg(test)]
mod tests;
