//! TOML, by the recoverable parser of the crate `toml`.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::limits::{Budget, cover, fault};
use super::node::{Member, Node, Span, Value};
use super::parsed::{Fault, Parsed};

/// Reads a document; what the parser could not read is left out of the tree.
pub(super) fn read(text: &str) -> Result<Parsed, Fault> {
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader {
        text,
        budget: Budget::new(),
    };
    let mut node = reader.table(root.get_ref(), Span::default(), 1)?;
    node.span = Span::new(0, text.len());
    let mut parsed = Parsed::strict(vec![node], comments(text));
    for error in errors.iter().take(MAX_FAULTS) {
        let offset = error.span().map_or(0, |span| span.start).min(text.len());
        // The parser's messages name what it expected, not what it found.
        let what = error.message().lines().next().unwrap_or_default();
        parsed.faults.push(fault(offset, what));
    }
    if root.get_ref().is_empty() {
        parsed.documents.clear();
    }
    Ok(parsed.graded())
}

/// A binary file read as TOML has a fault in each line.
const MAX_FAULTS: usize = 100;

struct Reader<'a> {
    text: &'a str,
    budget: Budget,
}

impl Reader<'_> {
    fn table(&mut self, table: &DeTable<'_>, own: Span, depth: usize) -> Result<Node, Fault> {
        self.budget.admit(depth, own.start)?;
        let mut members = Vec::with_capacity(table.len());
        let mut span = own;
        for (key, value) in table {
            let key_span = self.span(&key.span());
            let value = self.value(value, depth + 1)?;
            // A table's own span is its header only.
            span = cover(span, cover(key_span, value.span));
            members.push(Member {
                key: key.get_ref().to_string(),
                key_span,
                value,
            });
        }
        Ok(Node::new(span, Value::Object(members)))
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, depth: usize) -> Result<Node, Fault> {
        let span = self.span(&value.span());
        if let DeValue::Table(table) = value.get_ref() {
            return self.table(table, span, depth);
        }
        self.budget.admit(depth, span.start)?;
        if span.is_empty() {
            // The parser puts a zero where it found no value.
            return Ok(Node::new(span, Value::Null));
        }
        let source = || self.text.get(span.range()).unwrap_or_default().to_owned();
        let read = match value.get_ref() {
            DeValue::String(text) => Value::Str(text.to_string()),
            DeValue::Boolean(b) => Value::Bool(*b),
            DeValue::Datetime(_) => Value::Str(source()),
            DeValue::Float(float) => match float.as_str().parse() {
                Ok(n) => Value::Float(n),
                Err(_) => Value::Str(source()),
            },
            DeValue::Integer(int) => match i64::from_str_radix(int.as_str(), int.radix()) {
                Ok(n) => Value::Int(n),
                Err(_) => Value::Str(source()),
            },
            DeValue::Array(array) => {
                let mut items = Vec::with_capacity(array.len());
                let mut whole = span;
                for item in array {
                    let item = self.value(item, depth + 1)?;
                    whole = cover(whole, item.span);
                    items.push(item);
                }
                return Ok(Node::new(whole, Value::Array(items)));
            }
            DeValue::Table(_) => Value::Null,
        };
        Ok(Node::new(span, read))
    }

    fn span(&self, range: &Range<usize>) -> Span {
        let end = range.end.min(self.text.len());
        Span::new(range.start.min(end), end)
    }
}

/// Comments, found by skipping strings: the parser doesn't tell them.
fn comments(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'#' => {
                let rest = bytes.get(at..).unwrap_or_default();
                let len = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                found.push(Span::new(at, at + len));
                at += len;
            }
            b'"' | b'\'' => at = string_end(bytes, at, *byte),
            _ => at += 1,
        }
    }
    found
}

/// Offset after the string that begins at `at`.
fn string_end(bytes: &[u8], at: usize, quote: u8) -> usize {
    let triple = [quote; 3];
    let long = bytes
        .get(at..)
        .is_some_and(|rest| rest.starts_with(&triple));
    let mut next = at + if long { 3 } else { 1 };
    while let Some(byte) = bytes.get(next) {
        let rest = bytes.get(next..).unwrap_or_default();
        match byte {
            b'\\' if quote == b'"' => next += 2,
            b'\n' if !long => return next,
            _ if long && rest.starts_with(&triple) => return next + 3,
            _ if !long && *byte == quote => return next + 1,
            _ => next += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::super::format::Format;

    fn check(text: &str, expected: &str) {
        super::super::render::check(Format::Toml, text, expected);
    }

    #[test]
    fn reads_every_kind_of_value() {
        check(
            "a = 1 # one\n\"b c\" = 'x#y'\nd = 2022-11-09\ne = [1.5, true]\nf = 0x1F\n",
            "{a: 1, b c‹\"b c\"›: 'x#y'‹'x#y'›, d: '2022-11-09', e: [1.5, true]‹[]›, f: 31‹0x1F›}‹a␤› /# one/",
        );
        check("", "");
        check("# only\n", "/# only/");
    }

    #[test]
    fn tables_reach_to_their_last_member() {
        check(
            "[a.b]\nc.d = 1\n[[e]]\nf = 1\n[[e]]\nf = 2\n[g]\nh = {i = \"\"\"x\ny\"\"\"}",
            "{a: {b: {c: {d: 1}‹c1›}‹[1›}‹[1›, e: [{f: 1}‹[1›, {f: 2}‹[2›]‹[2›, g: {h: {i: 'x␤y'‹\"\"\"x␤y\"\"\"›}‹{}›}‹[}›}‹[}›",
        );
    }

    #[test]
    fn recovers_after_an_error() {
        check(
            "a = 1\nb = = 2\nc = \"x\"\n",
            "{a: 1, b: null‹›, c: 'x'‹\"x\"›}‹a␤› !recovered !10:extra `=`, expected nothing !12:unexpected key or value, expected newline, `#`",
        );
    }
}
