//! Documents inside documents: a policy in a heredoc, an object in a script.

use crate::document::format::{self, Format};
use crate::document::{Node, Span, Tier, Value};

/// Reads a part of a file; spans are those of the whole file. Nothing when the part
/// is not of the format.
pub(super) fn read(format: Format, bytes: &[u8], part: Span) -> Vec<Node> {
    let Ok(source) = std::str::from_utf8(part.of(bytes)) else {
        return Vec::new();
    };
    let mut parsed = format::parse(format, source);
    if parsed.tier == Tier::Lexical {
        return Vec::new();
    }
    for root in &mut parsed.documents {
        shift(root, part.start);
    }
    parsed.documents
}

/// Moves a tree that was read from a part of the file to that part's place.
fn shift(node: &mut Node, by: usize) {
    let moved = |span: Span| Span::new(span.start + by, span.end + by);
    node.span = moved(node.span);
    match &mut node.value {
        Value::Array(items) => items.iter_mut().for_each(|item| shift(item, by)),
        Value::Object(members) => {
            for member in members {
                member.key_span = moved(member.key_span);
                shift(&mut member.value, by);
            }
        }
        _ => {}
    }
}
