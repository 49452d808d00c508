//! One reader for the statements of IAM policies, whatever they are written in: JSON
//! files, `CloudFormation`, `jsonencode`, JSON in a heredoc or a string, and
//! Terraform's `aws_iam_policy_document`.

use super::embedded;
use crate::detect::shell::Mapped;
use crate::document::format::{self, Format};
use crate::document::{Document, Node, Span, Value};

/// A statement that allows something to whoever the policy is attached to.
pub(super) struct Statement {
    /// `Action`, or `NotAction` when `excludes`.
    pub(super) actions: Vec<String>,
    /// Whether the statement allows all actions but these.
    pub(super) excludes: bool,
    /// Where the actions stand.
    pub(super) span: Span,
    /// `Resource`; all resources when there is a `NotResource`.
    pub(super) resources: Vec<String>,
    /// Where the resources stand.
    pub(super) resources_span: Span,
    /// Keys that its conditions test.
    pub(super) conditions: Vec<String>,
    /// The keys from the root of the file down to the statement.
    pub(super) path: Vec<String>,
}

/// The statements of identity policies in a document. What names a principal belongs
/// to a resource, where `*` means that resource, and is left out.
pub(super) fn statements(document: &Document<'_>) -> Vec<Statement> {
    let mut reader = Reader {
        bytes: document.bytes(),
        path: Vec::new(),
        found: Vec::new(),
    };
    reader.visit(&document.tree().root, None);
    reader.found
}

/// Texts in which a policy is embedded are rarely longer.
const LONGEST_EMBEDDED: usize = 64 * 1024;

struct Reader<'b> {
    bytes: &'b [u8],
    path: Vec<String>,
    found: Vec<Statement>,
}

impl Reader<'_> {
    /// Visits `node`. Inside an embedded policy whose text was unescaped, every span
    /// is the outer string's: `within`.
    fn visit(&mut self, node: &Node, within: Option<Span>) {
        match &node.value {
            Value::Array(items) => {
                for item in items {
                    self.visit(item, within);
                }
            }
            Value::Object(members) => {
                self.statement(node, within);
                for member in members {
                    self.path.push(member.key.clone());
                    self.visit(&member.value, within);
                    self.path.pop();
                }
            }
            Value::Str(text) if within.is_none() => self.embedded(node, text),
            _ => {}
        }
    }

    fn embedded(&mut self, node: &Node, text: &str) {
        let policy = text.contains("\"Statement\"")
            && text.len() <= LONGEST_EMBEDDED
            && text.trim_start().starts_with('{');
        if !policy {
            return;
        }
        // The source itself when nothing in it is escaped: then spans are exact.
        let exact = embedded::read(Format::Json, &Mapped::raw(self.bytes, node.span));
        if exact.iter().any(|root| root.get("Statement").is_some()) {
            for root in exact {
                self.visit(&root, None);
            }
            return;
        }
        for root in format::parse(Format::Json, text).documents {
            self.visit(&root, Some(node.span));
        }
    }

    fn statement(&mut self, node: &Node, within: Option<Span>) {
        let document_block = self.path.ends_with(&["statement".to_owned()])
            && self.path.iter().any(|key| key == "aws_iam_policy_document");
        let keys = if document_block { &BLOCK } else { &JSON };
        let effect = node.get(keys.effect);
        let allows = match effect.and_then(Node::text) {
            Some(text) => text == "Allow",
            None => document_block && effect.is_none(),
        };
        if !allows || keys.principals.iter().any(|key| node.get(key).is_some()) {
            return;
        }
        let (actions, excludes) = match (node.get(keys.action), node.get(keys.not_action)) {
            (Some(actions), _) => (actions, false),
            (None, Some(actions)) => (actions, true),
            (None, None) => return,
        };
        let not_resource = node.get(keys.not_resource);
        let Some(resource) = node.get(keys.resource).or(not_resource) else {
            return;
        };
        self.found.push(Statement {
            actions: texts(actions),
            excludes,
            span: within.unwrap_or(actions.span),
            resources: match not_resource {
                Some(_) => vec!["*".to_owned()],
                None => texts(resource),
            },
            resources_span: within.unwrap_or(resource.span),
            conditions: conditions(node, document_block),
            path: self.path.clone(),
        });
    }
}

/// The names that a form of statement uses.
struct Keys {
    effect: &'static str,
    action: &'static str,
    not_action: &'static str,
    resource: &'static str,
    not_resource: &'static str,
    principals: [&'static str; 2],
}

const JSON: Keys = Keys {
    effect: "Effect",
    action: "Action",
    not_action: "NotAction",
    resource: "Resource",
    not_resource: "NotResource",
    principals: ["Principal", "NotPrincipal"],
};

const BLOCK: Keys = Keys {
    effect: "effect",
    action: "actions",
    not_action: "not_actions",
    resource: "resources",
    not_resource: "not_resources",
    principals: ["principals", "not_principals"],
};

fn texts(node: &Node) -> Vec<String> {
    let literal = |item: &Node| {
        if item.is_expression() {
            None
        } else {
            item.text().map(str::to_owned)
        }
    };
    node.one_or_many().iter().filter_map(literal).collect()
}

fn conditions(node: &Node, document_block: bool) -> Vec<String> {
    let mut keys: Vec<String> = if document_block {
        let blocks = node.get("condition").map_or(&[][..], Node::one_or_many);
        blocks
            .iter()
            .filter_map(|block| block.get("variable")?.text())
            .map(str::to_owned)
            .collect()
    } else {
        let operators = node.get("Condition").map_or(&[][..], Node::members);
        operators
            .iter()
            .flat_map(|operator| operator.value.members())
            .map(|test| test.key.clone())
            .collect()
    };
    keys.sort();
    keys.dedup();
    keys
}
