//! A compact rendering of a tree for the tests of the parsers.

use std::fmt::{Result, Write};

use super::format::{Format, parse};
use super::node::{Node, Span, Value};
use super::parsed::{Parsed, Tier};

/// Parses `text` and compares its rendering.
pub(super) fn check(format: Format, text: &str, expected: &str) {
    let mut shown = String::new();
    let done = render(text, &parse(format, text), &mut shown);
    assert!(done.is_ok());
    assert_eq!(shown.trim().replace('\n', "␤"), expected, "{text}");
}

/// `key‹source›: value‹source›`; a source that is the same as the value is left
/// out, a collection shows the first and last letter it covers.
fn render(text: &str, parsed: &Parsed, out: &mut String) -> Result {
    for (i, document) in parsed.documents.iter().enumerate() {
        out.write_str(if i > 0 { " --- " } else { "" })?;
        node(text, document, out)?;
    }
    for comment in &parsed.comments {
        write!(out, " /{}/", slice(text, *comment))?;
    }
    if parsed.tier != Tier::Strict {
        write!(out, " !{}", parsed.tier.name())?;
    }
    for fault in &parsed.faults {
        write!(out, " !{}:{}", fault.offset, fault.what)?;
    }
    Ok(())
}

fn node(text: &str, node: &Node, out: &mut String) -> Result {
    if let Some(tag) = &node.tag {
        write!(out, "{tag} ")?;
    }
    let source = slice(text, node.span);
    let mut letters = source.chars();
    let first = letters.next().unwrap_or(' ');
    let last = letters.next_back().unwrap_or(first);
    match &node.value {
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                out.write_str(if i > 0 { ", " } else { "[" })?;
                self::node(text, item, out)?;
            }
            let open = if items.is_empty() { "[" } else { "" };
            write!(out, "{open}]‹{first}{last}›")
        }
        Value::Object(members) => {
            for (i, member) in members.iter().enumerate() {
                out.write_str(if i > 0 { ", " } else { "{" })?;
                with_source(&member.key, &member.key, slice(text, member.key_span), out)?;
                out.write_str(": ")?;
                self::node(text, &member.value, out)?;
            }
            let open = if members.is_empty() { "{" } else { "" };
            write!(out, "{open}}}‹{first}{last}›")
        }
        Value::Str(value) => with_source(&format!("'{value}'"), value, source, out),
        Value::Null => with_source("null", "null", source, out),
        Value::Bool(b) => with_source(&b.to_string(), &b.to_string(), source, out),
        Value::Int(n) => with_source(&n.to_string(), &n.to_string(), source, out),
        Value::Float(n) => with_source(&format!("{n:?}"), &format!("{n:?}"), source, out),
    }
}

fn with_source(shown: &str, same: &str, source: &str, out: &mut String) -> Result {
    out.write_str(shown)?;
    if source == same {
        return Ok(());
    }
    write!(out, "‹{source}›")
}

fn slice(text: &str, span: Span) -> &str {
    text.get(span.range()).unwrap_or("OUT OF BOUNDS")
}
