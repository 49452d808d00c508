//! One finding: header, place, source line, and what to do next.

use std::borrow::Cow;
use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, renderer as look};

use super::plain::{plain, wrap};
use super::{Style, label, severity_look, write_headed};
use crate::finding::{Excerpt, Finding, Severity};
use crate::register::entry::Entry;
use crate::register::{Judged, Verdict};

/// Writes a finding.
pub(super) fn write(judged: &Judged, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let finding = &judged.finding;
    let head = format!("{}[{}]", finding.severity, plain(&finding.rule));
    let look = severity_look(finding.severity);
    write_headed(&head, look, &plain(&finding.message), style, out)?;

    // The renderer would count the column in the excerpt, which is masked and may
    // be shortened; the true one is written here and the renderer given no path.
    let region = finding.place.region;
    let gutter = region.line.to_string().len();
    writeln!(
        out,
        "{:gutter$}{} {}:{}:{}",
        "",
        style.paint(look::DEFAULT_LINE_NUM_STYLE, "-->"),
        plain(&finding.place.path),
        region.line,
        region.column,
    )?;
    let renderer = if style.color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer.term_width(style.width());
    let text = renderer.render(&[group(judged, gutter, style)]);
    writeln!(out, "{}", text.trim_end())
}

/// The source line with its underline, and at most one note and one help.
fn group(judged: &Judged, gutter: usize, style: Style) -> Group<'_> {
    let finding = &judged.finding;
    let (source, span) = excerpt(&finding.excerpt);
    let label = match label(judged.verdict) {
        "" => None,
        label => Some(label),
    };
    let snippet = Snippet::source(source)
        .line_start(usize::try_from(finding.place.region.line).unwrap_or(usize::MAX))
        .annotation(AnnotationKind::Primary.span(span).label(label));
    let mut group = Group::with_level(level(finding.severity)).element(snippet);
    if let Some(note) = note(judged, style) {
        group = group.element(Level::NOTE.message(fit(&note, gutter, style)));
    }
    if let Some(help) = help(judged) {
        group = group.element(Level::HELP.message(fit(&help, gutter, style)));
    }
    group
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Critical | Severity::High => Level::ERROR,
        Severity::Medium => Level::WARNING,
        Severity::Low => Level::NOTE,
    }
}

/// The excerpt fit for a terminal, and the highlight in it.
fn excerpt(excerpt: &Excerpt) -> (String, std::ops::Range<usize>) {
    let text = excerpt.text.as_str();
    let (start, end) = (excerpt.highlight.start, excerpt.highlight.end);
    let parts = (text.get(..start), text.get(start..end), text.get(end..));
    let (Some(before), Some(inside), Some(after)) = parts else {
        // A highlight that does not fit its text still shows the line.
        return (plain(text).into_owned(), 0..0);
    };
    let (before, inside) = (plain(before), plain(inside));
    let span = before.len()..before.len() + inside.len();
    (format!("{before}{inside}{}", plain(after)), span)
}

/// Wraps a footer; `gutter`, ` = ` and the longest of the levels come before it.
fn fit(text: &str, gutter: usize, style: Style) -> String {
    let width = style.width().saturating_sub(gutter + " = note: ".len());
    wrap(&plain(text), width, width).join("\n")
}

/// Why, where it isn't plain from the message.
fn note(judged: &Judged, style: Style) -> Option<Cow<'_, str>> {
    let finding = &judged.finding;
    if style.quiet {
        return None;
    }
    if style.verbose > 1 {
        return Some(details(judged).into());
    }
    if let Some(why) = &judged.why {
        return Some(why.into());
    }
    finding.related.first().map(|related| {
        let place = &related.place;
        format!("{}:{}: {}", place.path, place.region.line, related.message).into()
    })
}

/// Everything that is known of a finding.
fn details(judged: &Judged) -> String {
    let Finding {
        subject,
        anchor,
        confidence,
        fingerprint,
        facts,
        ..
    } = &judged.finding;
    let why = judged.why.iter();
    let mut parts: Vec<String> = why.map(|w| w.trim_end_matches('.').to_owned()).collect();
    parts.push(format!("subject `{subject}`, anchor `{anchor}`"));
    parts.push(format!(
        "confidence {confidence}, fingerprint {fingerprint}"
    ));
    parts.extend(facts.iter().map(|(key, value)| format!("{key} = {value}")));
    parts.join("; ")
}

/// What to do next.
fn help(judged: &Judged) -> Option<String> {
    let rule = &judged.finding.rule;
    match (judged.verdict, judged.entry.as_deref()) {
        (Verdict::Undeclared, _) => Some(format!(
            "remove it (`byway rules show {rule}` says how) or declare it in exceptions.toml"
        )),
        (Verdict::Lapsed, Some(entry)) => Some(format!(
            "remove it, or have {} mend or renew {}",
            entry.owner.value,
            located(entry)
        )),
        (Verdict::Lapsed, None) => Some("remove it, or mend its register entry".to_owned()),
        (Verdict::Fault, _) => Some(format!(
            "mend the entry (`byway rules show {rule}` says how)"
        )),
        (Verdict::Declared, Some(entry)) => Some(format!(
            "declared by {} until {}",
            located(entry),
            entry.expires.value
        )),
        (Verdict::Declared, None) | (Verdict::FalsePositive, _) => None,
    }
}

/// An entry's id and where it stands.
fn located(entry: &Entry) -> String {
    let spot = &entry.id.spot;
    format!("{} ({}:{})", entry.id.value, spot.path(), spot.line())
}
