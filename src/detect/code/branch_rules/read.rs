//! Reads branch rules of any origin into one form.

use crate::detect::Hit;
use crate::document::{Document, Node, Span};
use crate::kind::Kind;

/// Which words a protection is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `GitHub`'s branch protection.
    Classic,
    /// `GitHub`'s rulesets.
    Ruleset,
    /// `GitLab`'s protected branches.
    Gitlab,
}

/// The rules of a branch, or of several that a pattern names.
pub(super) struct Protection<'n> {
    pub(super) form: Form,
    /// The settings.
    pub(super) node: &'n Node,
    /// What to point at when a setting is missing.
    pub(super) head: Span,
    /// The branch, or the ruleset's own name.
    pub(super) name: String,
    /// Where variables are declared; only in Terraform.
    pub(super) root: Option<&'n Node>,
    anchor: Option<String>,
}

const TERRAFORM: &[(&str, Form, &str)] = &[
    ("github_branch_protection", Form::Classic, "pattern"),
    ("github_branch_protection_v3", Form::Classic, "branch"),
    ("github_repository_ruleset", Form::Ruleset, "name"),
    ("github_organization_ruleset", Form::Ruleset, "name"),
    ("gitlab_branch_protection", Form::Gitlab, "branch"),
];

/// Every protection in a document.
pub(super) fn protections<'n>(document: &'n Document<'_>) -> Vec<Protection<'n>> {
    let mut found = Vec::new();
    for root in document.tree().root.items() {
        if document.is(Kind::Terraform) {
            terraform(root, &mut found);
        } else {
            settings(root, &mut found);
            for item in root.one_or_many() {
                found.extend(ruleset(item, None));
            }
        }
    }
    found
}

fn terraform<'n>(root: &'n Node, found: &mut Vec<Protection<'n>>) {
    for (kind, form, key) in TERRAFORM {
        for member in root.at(&["resource", kind]).map_or(&[][..], Node::members) {
            for node in member.value.one_or_many() {
                let name = node.get(key).filter(|name| !name.is_expression());
                found.push(Protection {
                    form: *form,
                    node,
                    head: member.key_span,
                    name: name.and_then(Node::text).unwrap_or(&member.key).to_owned(),
                    root: Some(root),
                    anchor: Some(format!("tf:{kind}.{}", member.key)),
                });
            }
        }
    }
}

/// `branches` and `rulesets` of `settings.yml`.
fn settings<'n>(root: &'n Node, found: &mut Vec<Protection<'n>>) {
    for branch in root.get("branches").map_or(&[][..], Node::items) {
        let (Some(name), Some(node)) = (branch.get("name"), branch.get("protection")) else {
            continue;
        };
        let text = name.text().unwrap_or_default();
        if node.members().is_empty() {
            continue;
        }
        found.push(Protection {
            form: Form::Classic,
            node,
            head: name.span,
            name: text.to_owned(),
            root: None,
            anchor: Some(format!("settings:branch:{text}")),
        });
    }
    for item in root.get("rulesets").map_or(&[][..], Node::items) {
        found.extend(ruleset(item, Some("settings:")));
    }
}

/// A ruleset as `GitHub` exports it, told by its shape.
fn ruleset<'n>(node: &'n Node, within: Option<&str>) -> Option<Protection<'n>> {
    let name = node.get("name")?;
    let text = name.text()?;
    let target = node.get("target").and_then(Node::text);
    let whole = node.get("enforcement").is_some()
        && node.get("rules").is_some()
        && (matches!(target, Some("branch" | "tag" | "push")) || node.get("conditions").is_some());
    whole.then(|| Protection {
        form: Form::Ruleset,
        node,
        head: name.span,
        name: text.to_owned(),
        root: None,
        anchor: Some(format!("{}ruleset:{text}", within.unwrap_or_default())),
    })
}

impl Protection<'_> {
    /// Whether the file may be laid over another one, that says what is missing here.
    pub(super) const fn is_layered(&self) -> bool {
        self.root.is_none()
    }

    /// The hit with the anchor of these rules.
    pub(super) fn place(&self, mut hit: Hit) -> Hit {
        hit.anchor.clone_from(&self.anchor);
        hit
    }
}
