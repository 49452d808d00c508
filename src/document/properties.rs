//! Java properties.

use super::dotenv::{first_line, skip_break};
use super::limits::Budget;
use super::node::{Member, Node, Span, Value};
use super::parsed::{Fault, Parsed};

/// Reads a file; every text is valid.
pub(super) fn read(text: &str) -> Result<Parsed, Fault> {
    let mut budget = Budget::new();
    budget.admit(1, 0)?;
    let mut members = Vec::new();
    let mut comments = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let line = first_line(text.get(at..).unwrap_or_default());
        let body = line.trim_start_matches(BLANK);
        let start = at + line.len() - body.len();
        let mut end = at + line.len();
        if body.starts_with(['#', '!']) {
            comments.push(Span::new(start, start + body.trim_end().len()));
        } else if !body.is_empty() {
            end = logical_end(text, start);
            budget.admit(2, start)?;
            members.push(pair(text, start, end));
        }
        at = skip_break(text, end);
    }
    let whole = Span::new(0, text.len());
    let documents = if members.is_empty() {
        Vec::new()
    } else {
        vec![Node::new(whole, Value::Object(members))]
    };
    Ok(Parsed::strict(documents, comments))
}

const BLANK: [char; 3] = [' ', '\t', '\u{c}'];

/// End of the line that begins at `start`, with the lines its backslashes join.
fn logical_end(text: &str, start: usize) -> usize {
    let mut at = start;
    loop {
        let line = first_line(text.get(at..).unwrap_or_default());
        let end = at + line.len();
        let slashes = line.len() - line.trim_end_matches('\\').len();
        if slashes.is_multiple_of(2) || end >= text.len() {
            return end;
        }
        at = skip_break(text, end);
    }
}

fn pair(text: &str, start: usize, end: usize) -> Member {
    let line = text.get(start..end).unwrap_or_default();
    let mut escaped = false;
    let key_len = line
        .char_indices()
        .find(|(_, c)| {
            let ends = !escaped && (matches!(c, '=' | ':') || BLANK.contains(c));
            escaped = *c == '\\' && !escaped;
            ends
        })
        .map_or(line.len(), |(i, _)| i);
    let (key, rest) = line.split_at_checked(key_len).unwrap_or((line, ""));
    let rest = rest.trim_start_matches(BLANK);
    let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest);
    let value = rest.trim_start_matches(BLANK);
    let value_start = end - value.len();
    Member {
        key: unescape(key),
        key_span: Span::new(start, start + key_len),
        value: Node::new(Span::new(value_start, end), Value::Str(unescape(value))),
    }
}

fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut letters = after.chars();
        rest = match letters.next() {
            Some('n') => push(&mut out, '\n', letters.as_str()),
            Some('r') => push(&mut out, '\r', letters.as_str()),
            Some('t') => push(&mut out, '\t', letters.as_str()),
            Some('f') => push(&mut out, '\u{c}', letters.as_str()),
            Some('u') => unicode(&mut out, letters.as_str()),
            Some('\r' | '\n') => after
                .strip_prefix("\r\n")
                .unwrap_or(letters.as_str())
                .trim_start_matches(BLANK),
            Some(other) => push(&mut out, other, letters.as_str()),
            None => "",
        };
    }
    out.push_str(rest);
    out
}

fn push<'a>(out: &mut String, letter: char, rest: &'a str) -> &'a str {
    out.push(letter);
    rest
}

fn unicode<'a>(out: &mut String, rest: &'a str) -> &'a str {
    let digits = rest.get(..4);
    let code = digits.and_then(|hex| u32::from_str_radix(hex, 16).ok());
    match code {
        Some(code) => {
            out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            rest.get(4..).unwrap_or_default()
        }
        None => push(out, 'u', rest),
    }
}

#[cfg(test)]
mod tests {
    use super::super::format::Format;

    fn check(text: &str, expected: &str) {
        super::super::render::check(Format::Properties, text, expected);
    }

    #[test]
    fn reads_pairs() {
        check(
            "# c\n! d\na = 1\nb:2\nc 3 4\nd\\ e\\:=f\\u0041\\q\n",
            "{a: '1', b: '2', c: '3 4', d e:‹d\\ e\\:›: 'fAq'‹f\\u0041\\q›}‹#␤› /# c/ /! d/",
        );
        check(
            "a = x, \\\r\n    y\nb",
            "{a: 'x, y'‹x, \\\r␤    y›, b: ''}‹ab›",
        );
        check("a=x\\", "{a: 'x'‹x\\›}‹a\\›");
    }
}
