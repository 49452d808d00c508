//! Terraform's resources, and what their settings are when a variable says it.

use crate::document::{Document, Node, Span};
use crate::finding::Confidence;

/// A resource block.
pub(super) struct Resource<'n> {
    /// Its type.
    pub(super) kind: &'n str,
    /// Its name in the configuration.
    pub(super) name: &'n str,
    /// Where the block begins.
    pub(super) head: Span,
    /// What stands in it.
    pub(super) body: &'n Node,
    root: &'n Node,
}

/// What a setting is, and how sure that is.
#[derive(Clone, Copy)]
pub(super) struct Set<'n> {
    /// The value.
    pub(super) value: &'n Node,
    /// Where the setting stands; a variable's default stands elsewhere.
    pub(super) span: Span,
    /// Medium when only a variable's default says it, which a caller may replace.
    pub(super) sure: Confidence,
}

/// The resources of these types in a document.
pub(super) fn resources<'n>(
    document: &'n Document<'_>,
    kinds: &'n [&'n str],
) -> impl Iterator<Item = Resource<'n>> {
    document.tree().root.items().iter().flat_map(move |root| {
        kinds.iter().flat_map(move |kind| {
            let named = root.at(&["resource", kind]).map_or(&[][..], Node::members);
            named.iter().flat_map(move |member| {
                let bodies = member.value.one_or_many().iter();
                bodies.map(move |body| Resource {
                    kind,
                    name: &member.key,
                    head: member.key_span,
                    body,
                    root,
                })
            })
        })
    })
}

impl<'n> Resource<'n> {
    /// A setting of the resource; `None` when it isn't there, or computed.
    pub(super) fn set(&self, key: &str) -> Option<Set<'n>> {
        resolve(Some(self.root), self.body.get(key)?)
    }

    /// Whether the setting is there at all, or a `dynamic` block that makes it.
    pub(super) fn has(&self, key: &str) -> bool {
        self.body.get(key).is_some() || self.is_dynamic(key)
    }

    /// The blocks called `key`.
    pub(super) fn blocks(&self, key: &str) -> &'n [Node] {
        self.body.get(key).map_or(&[], Node::one_or_many)
    }

    /// Whether blocks called `key` are made by an expression.
    pub(super) fn is_dynamic(&self, key: &str) -> bool {
        self.body.at(&["dynamic", key]).is_some()
    }
}

/// A value itself, or the default of the variable that it names.
pub(super) fn resolve<'n>(root: Option<&'n Node>, node: &'n Node) -> Option<Set<'n>> {
    if !node.is_expression() {
        return Some(Set {
            value: node,
            span: node.span,
            sure: Confidence::High,
        });
    }
    let name = node.text()?.trim().strip_prefix("var.")?;
    let default = root?.at(&["variable", name, "default"])?;
    (!default.is_expression()).then_some(Set {
        value: default,
        span: node.span,
        sure: Confidence::Medium,
    })
}
