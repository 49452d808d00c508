//! Documents inside documents: a policy in a string, an object in a script.

use crate::detect::shell::Mapped;
use crate::document::format::{self, Format};
use crate::document::{Node, Tier, Value};

/// Reads a part of a file; spans are those of the whole file. Nothing when the part
/// is not of the format.
pub(super) fn read(format: Format, part: &Mapped) -> Vec<Node> {
    let mut parsed = format::parse(format, part.text());
    if parsed.tier == Tier::Lexical {
        return Vec::new();
    }
    for root in &mut parsed.documents {
        place(root, part);
    }
    parsed.documents
}

/// Moves a tree that was read from a part of the file to where that part stands.
fn place(node: &mut Node, part: &Mapped) {
    node.span = part.span(node.span.start, node.span.end);
    match &mut node.value {
        Value::Array(items) => items.iter_mut().for_each(|item| place(item, part)),
        Value::Object(members) => {
            for member in members {
                member.key_span = part.span(member.key_span.start, member.key_span.end);
                place(&mut member.value, part);
            }
        }
        _ => {}
    }
}
