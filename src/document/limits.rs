//! How large a tree may grow.
//!
//! Dropping, cloning and querying a [`Node`] recurse, so depth is a
//! matter of safety; the number of nodes bounds what a few kilobytes of aliases
//! or a minified array can cost.

use std::fmt;

use super::node::{Node, Span, Value};
use super::parsed::Fault;

/// A longer text isn't parsed.
pub(super) const MAX_BYTES: usize = 2 << 20;
/// A longer text in HCL isn't: the tree that its parser makes first takes ninety times the
/// length of the text.
pub(super) const MAX_HCL: usize = 512 << 10;
/// Levels of nesting; a scalar document has one.
pub(super) const MAX_DEPTH: usize = 128;
/// Nodes of all documents of a file together.
pub(super) const MAX_NODES: usize = 100_000;

/// Bytes of text that aliases may repeat, beside those of the file itself: one of a
/// megabyte that is named thousands of times makes few nodes.
pub(super) const MAX_REPEATED: usize = 4 << 20;

/// What is left of [`MAX_NODES`] and [`MAX_REPEATED`].
pub(super) struct Budget {
    left: usize,
    repeated: usize,
}

impl Budget {
    pub(super) const fn new() -> Self {
        Self {
            left: MAX_NODES,
            repeated: MAX_REPEATED,
        }
    }

    /// Pays for one node at `depth`, counted from 1.
    pub(super) fn admit(&mut self, depth: usize, offset: usize) -> Result<(), Fault> {
        if depth > MAX_DEPTH {
            return Err(fault(offset, "values are nested too deep"));
        }
        if self.spend(1) {
            Ok(())
        } else {
            Err(large(
                offset,
                format!("it has more than {MAX_NODES} values"),
            ))
        }
    }

    /// Pays for a copy of so many nodes with so many bytes of text; `false` leaves the
    /// budget as it is.
    pub(super) const fn repeat(&mut self, nodes: usize, bytes: usize) -> bool {
        let Some(left) = self.repeated.checked_sub(bytes) else {
            return false;
        };
        if !self.spend(nodes) {
            return false;
        }
        self.repeated = left;
        true
    }

    /// Pays for `nodes` at once; `false` leaves the budget as it is.
    pub(super) const fn spend(&mut self, nodes: usize) -> bool {
        match self.left.checked_sub(nodes) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }
}

/// A fault with a message that quotes nothing.
pub(super) fn fault(offset: usize, what: impl Into<String>) -> Fault {
    Fault {
        offset,
        what: what.into(),
        large: false,
    }
}

/// A file that is only larger than we parse.
pub(super) fn large(offset: usize, what: impl Into<String>) -> Fault {
    Fault {
        large: true,
        ..fault(offset, what)
    }
}

/// The words of an error's variant name, `UnterminatedArray` giving
/// `unterminated array`. Parsers put source text into their messages and into the
/// variants' fields, never into the names.
pub(super) fn variant_words(error: &dyn fmt::Debug) -> String {
    let debug = format!("{error:?}");
    let mut words = String::new();
    for letter in debug.chars().take_while(char::is_ascii_alphanumeric) {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

/// The smallest span that covers both; an empty one covers nothing.
pub(super) fn cover(a: Span, b: Span) -> Span {
    if a.is_empty() {
        b
    } else if b.is_empty() {
        a
    } else {
        Span::new(a.start.min(b.start), a.end.max(b.end))
    }
}

/// How large a tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) nodes: usize,
    /// Levels.
    pub(super) depth: usize,
    /// Bytes of the texts and keys.
    pub(super) bytes: usize,
}

/// Measures a tree.
pub(super) fn measure(node: &Node) -> Size {
    let mut size = Size {
        nodes: 1,
        depth: 1,
        bytes: node.tag.as_ref().map_or(0, |tag| tag.len()),
    };
    let mut add = |below: Size| {
        size.nodes += below.nodes;
        size.depth = size.depth.max(below.depth + 1);
        size.bytes += below.bytes;
    };
    match &node.value {
        Value::Array(items) => items.iter().map(measure).for_each(add),
        Value::Object(members) => {
            for member in members {
                let value = measure(&member.value);
                add(Size {
                    bytes: value.bytes + member.key.len(),
                    ..value
                });
            }
        }
        Value::Str(text) => size.bytes += text.len(),
        _ => {}
    }
    size
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_ends_and_a_name_has_words() {
        let mut budget = Budget::new();
        assert!(budget.admit(MAX_DEPTH, 0).is_ok());
        assert!(budget.admit(MAX_DEPTH + 1, 0).is_err());
        assert!(!budget.spend(MAX_NODES));
        assert!(budget.spend(MAX_NODES - 1));
        assert!(budget.admit(1, 0).is_err());
        assert_eq!(variant_words(&Some("secret")), "some");
    }
}
