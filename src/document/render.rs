//! A compact rendering of a tree for the tests of the parsers.

use super::format::{Format, parse};
use super::node::{Node, Value};
use super::parsed::{Parsed, Tier};

/// Parses `text` and compares its rendering.
pub(super) fn check(format: Format, text: &str, expected: &str) {
    let shown = render(text, &parse(format, text));
    assert_eq!(shown, expected, "{text}");
}

/// `key‹source›: value‹source›`; a key's source is left out when it is the key, a
/// collection shows the first and last byte it covers.
fn render(text: &str, parsed: &Parsed) -> String {
    let mut out = String::new();
    for (i, document) in parsed.documents.iter().enumerate() {
        if i > 0 {
            out.push_str(" --- ");
        }
        node(text, document, &mut out);
    }
    for comment in &parsed.comments {
        out.push_str(" /");
        out.push_str(&text[comment.range()]);
        out.push('/');
    }
    if parsed.tier != Tier::Strict {
        out.push_str(" !");
        out.push_str(parsed.tier.name());
    }
    for fault in &parsed.faults {
        out.push_str(&format!(" !{}:{}", fault.offset, fault.what));
    }
    out.trim().replace('\n', "␤")
}

fn node(text: &str, node: &Node, out: &mut String) {
    if let Some(tag) = &node.tag {
        out.push_str(tag);
        out.push(' ');
    }
    let source = &text[node.span.range()];
    match &node.value {
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                self::node(text, item, out);
            }
            out.push(']');
            ends(source, out);
        }
        Value::Object(members) => {
            out.push('{');
            for (i, member) in members.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                out.push_str(&member.key);
                let key = &text[member.key_span.range()];
                if key != member.key {
                    out.push_str(&format!("‹{key}›"));
                }
                out.push_str(": ");
                self::node(text, &member.value, out);
            }
            out.push('}');
            ends(source, out);
        }
        Value::Str(value) if value == source => out.push_str(&format!("'{value}'")),
        Value::Str(value) => out.push_str(&format!("'{value}'‹{source}›")),
        Value::Null => out.push_str(&format!("null‹{source}›")),
        other => {
            let shown = match other {
                Value::Bool(b) => b.to_string(),
                Value::Int(n) => n.to_string(),
                Value::Float(n) => format!("{n:?}"),
                _ => String::new(),
            };
            out.push_str(&shown);
            if shown != source {
                out.push_str(&format!("‹{source}›"));
            }
        }
    }
}

fn ends(source: &str, out: &mut String) {
    let first = source.chars().next().unwrap_or(' ');
    let last = source.chars().next_back().unwrap_or(' ');
    out.push_str(&format!("‹{first}{last}›"));
}
