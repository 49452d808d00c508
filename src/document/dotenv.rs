//! Dotenv files: `KEY=value` lines, as shells and the dotenv libraries read them.

use super::limits::{Budget, fault};
use super::node::{Member, Node, Span, Value};
use super::parsed::{Fault, Parsed};

/// Reads a file; a line that is no assignment is a fault.
pub(super) fn read(text: &str) -> Result<Parsed, Fault> {
    let mut budget = Budget::new();
    budget.admit(1, 0)?;
    let mut members = Vec::new();
    let mut parsed = Parsed::strict(Vec::new(), Vec::new());
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let line = first_line(rest);
        let body = line.trim_start();
        let start = at + line.len() - body.len();
        let mut next = at + line.len();
        if body.starts_with('#') {
            let end = start + body.trim_end().len();
            parsed.comments.push(Span::new(start, end));
        } else if let Some((key, after)) = assignment(text, start, at + line.len()) {
            budget.admit(2, start)?;
            let read = value(text, after, at + line.len());
            next = read.next;
            parsed.comments.extend(read.comment);
            members.push(Member {
                key: text.get(key.range()).unwrap_or_default().to_owned(),
                key_span: key,
                value: Node::new(read.span, Value::Str(read.text)),
            });
        } else if !body.trim().is_empty() && parsed.faults.len() < 100 {
            parsed.faults.push(fault(start, "line is no assignment"));
        }
        at = skip_break(text, next);
    }
    if !members.is_empty() {
        let whole = Span::new(0, text.len());
        parsed
            .documents
            .push(Node::new(whole, Value::Object(members)));
    }
    Ok(parsed.graded())
}

/// The text up to the first line break.
pub(super) fn first_line(text: &str) -> &str {
    let end = memchr::memchr2(b'\n', b'\r', text.as_bytes()).unwrap_or(text.len());
    text.get(..end).unwrap_or(text)
}

/// Offset after the line break at `at`, or after one byte if there is none.
pub(super) fn skip_break(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + if rest.starts_with("\r\n") { 2 } else { 1 }
}

/// The key of an assignment and the offset after its `=`.
fn assignment(text: &str, start: usize, end: usize) -> Option<(Span, usize)> {
    let line = text.get(start..end)?;
    let equals = line.find('=')?;
    let left = line.get(..equals)?.trim_end();
    let bare = left
        .strip_prefix("export")
        .filter(|rest| rest.starts_with([' ', '\t']))
        .map_or(left, str::trim_start);
    if bare.is_empty() || bare.contains(char::is_whitespace) {
        return None;
    }
    let key_end = start + left.len();
    Some((Span::new(key_end - bare.len(), key_end), start + equals + 1))
}

struct Read {
    text: String,
    span: Span,
    comment: Option<Span>,
    /// Offset of the line break that ends the assignment.
    next: usize,
}

fn value(text: &str, after: usize, end: usize) -> Read {
    let raw = text.get(after..end).unwrap_or_default();
    let trimmed = raw.trim_start_matches([' ', '\t']);
    let start = after + raw.len() - trimmed.len();
    if let Some(quote @ ('"' | '\'' | '`')) = trimmed.chars().next()
        && let Some(read) = quoted(text, start, quote)
    {
        return read;
    }
    // A `#` within a word belongs to it.
    let hash = raw
        .char_indices()
        .find(|(i, c)| *c == '#' && raw.get(..*i).is_some_and(|b| b.ends_with([' ', '\t'])))
        .map(|(i, _)| after + i);
    let stop = hash.unwrap_or(end);
    let body = text
        .get(start.min(stop)..stop)
        .unwrap_or_default()
        .trim_end();
    let start = start.min(stop);
    Read {
        text: body.to_owned(),
        span: Span::new(start, start + body.len()),
        comment: hash.map(|at| trimmed_span(text, at, end)),
        next: end,
    }
}

/// A quoted value; only the end of the line or a comment may follow it.
fn quoted(text: &str, start: usize, quote: char) -> Option<Read> {
    let inner_start = start + 1;
    let inner = text.get(inner_start..)?;
    let mut escaped = false;
    let close = inner.char_indices().find_map(|(i, c)| {
        let closes = c == quote && !escaped;
        escaped = c == '\\' && !escaped && quote == '"';
        closes.then_some(i)
    })?;
    let after = inner_start + close + 1;
    let rest = first_line(text.get(after..)?);
    let next = after + rest.len();
    let trailing = rest.trim_start();
    if !trailing.is_empty() && !trailing.starts_with('#') {
        return None;
    }
    let raw = inner.get(..close)?;
    Some(Read {
        text: if quote == '"' {
            unescape(raw)
        } else {
            raw.to_owned()
        },
        span: Span::new(start, after),
        comment: (!trailing.is_empty()).then(|| trimmed_span(text, next - trailing.len(), next)),
        next,
    })
}

fn trimmed_span(text: &str, start: usize, end: usize) -> Span {
    let len = text.get(start..end).unwrap_or_default().trim_end().len();
    Span::new(start, start + len)
}

fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut letters = raw.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some(other @ ('"' | '\\' | '$' | '`')) => out.push(other),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::format::Format;

    fn check(text: &str, expected: &str) {
        super::super::render::check(Format::Dotenv, text, expected);
    }

    #[test]
    fn reads_assignments() {
        check(
            "A=1\nexport B = two words # c\r\n C=x#y\n",
            "{A: '1', B: 'two words', C: 'x#y'}‹A␤› /# c/",
        );
        check("# c\nA=\n", "{A: ''}‹#␤› /# c/");
        check("A=${B}-$C", "{A: '${B}-$C'}‹AC›");
        check("", "");
    }

    #[test]
    fn reads_quotes() {
        check(
            "A=\"x\\n\\\"y\" # c\nB='it\\n'\nC=\"one\ntwo\"\nD=\"open\nE=\"a\"b\n",
            "{A: 'x␤\"y'‹\"x\\n\\\"y\"›, B: 'it\\n'‹'it\\n'›, C: 'one␤two'‹\"one␤two\"›, D: '\"open', E: '\"a\"b'}‹A␤› /# c/",
        );
    }

    #[test]
    fn a_line_that_assigns_nothing_is_a_fault() {
        check(
            "hello world\nA=1\n",
            "{A: '1'}‹h␤› !recovered !0:line is no assignment",
        );
        check("hello\n", "!lexical !0:line is no assignment");
    }
}
