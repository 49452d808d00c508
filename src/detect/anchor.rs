//! Anchors: where in its file's own terms a finding lives. An anchor names jobs,
//! resources and keys, never lines, so it survives edits.

use crate::document::{Document, Member, Node, Span, Value};
use crate::kind::Kind;

/// One step from the root of a tree down to a place.
enum Step<'n> {
    Key(&'n str, &'n Node),
    Item(&'n Node),
}

/// The anchor of a span; empty when the document has no structure to name it by.
pub(super) fn of(document: &Document<'_>, span: Span) -> String {
    if document.format().is_none() {
        return String::new();
    }
    let Some((root, steps)) = route(document, span) else {
        return String::new();
    };
    let file = document.path().rsplit('/').next().unwrap_or_default();
    let kinds = document.kinds();
    if kinds.has(Kind::GithubWorkflow) {
        return pipeline(&format!("github:workflow:{file}"), &steps);
    }
    if kinds.has(Kind::GiteaWorkflow) {
        return pipeline(&format!("gitea:workflow:{file}"), &steps);
    }
    if kinds.has(Kind::GithubAction) {
        return pipeline("github:action", &steps);
    }
    if kinds.has(Kind::GitlabCi) {
        return gitlab(&steps);
    }
    if kinds.has(Kind::Terraform) {
        return terraform(&steps);
    }
    if kinds.has(Kind::Kubernetes) {
        return kubernetes(root, &steps);
    }
    let keys = dotted(&steps);
    if keys.is_empty() {
        String::new()
    } else {
        format!("key:{keys}")
    }
}

/// The key that a span's value is assigned to.
pub(super) fn key(document: &Document<'_>, span: Span) -> Option<String> {
    let (_, steps) = route(document, span)?;
    steps.iter().rev().find_map(|step| match step {
        Step::Key(key, _) => Some((*key).to_owned()),
        Step::Item(_) => None,
    })
}

/// The document that holds a span and the way down to it.
fn route<'n>(document: &'n Document<'_>, span: Span) -> Option<(&'n Node, Vec<Step<'n>>)> {
    let tree = document.outline();
    let root = tree.root.items().iter().find(|d| d.span.contains(span));
    // A block collection's span may end before its last value's.
    let root = root.or_else(|| {
        tree.root
            .items()
            .iter()
            .rev()
            .find(|d| d.span.start <= span.start)
    })?;
    let mut steps = Vec::new();
    let mut at = root;
    loop {
        let next = match &at.value {
            Value::Object(members) => member(members, span),
            Value::Array(items) => item(items, span).map(Step::Item),
            _ => None,
        };
        match next {
            Some(step) => {
                at = match &step {
                    Step::Key(_, node) | Step::Item(node) => node,
                };
                steps.push(step);
            }
            None => return Some((root, steps)),
        }
    }
}

/// The member that a place belongs to. Members stand in order but for those of blocks
/// that were merged, so the one that begins last before the place is asked first.
fn member(members: &[Member], span: Span) -> Option<Step<'_>> {
    let holds = |m: &&Member| {
        m.key_span.start <= span.start && span.end <= m.value.span.end.max(m.key_span.end)
    };
    let next = members.partition_point(|m| m.key_span.start <= span.start);
    let last = next.checked_sub(1).and_then(|last| members.get(last));
    last.filter(holds)
        .or_else(|| members.iter().find(holds))
        .or_else(|| members.iter().find(|m| reaches(&m.value, span)))
        .map(|m| Step::Key(&m.key, &m.value))
}

/// The item that a place belongs to; the same for items.
fn item(items: &[Node], span: Span) -> Option<&Node> {
    let next = items.partition_point(|i| i.span.start <= span.start);
    let last = next.checked_sub(1).and_then(|last| items.get(last));
    last.filter(|i| reaches(i, span))
        .or_else(|| items.iter().find(|i| reaches(i, span)))
}

fn reaches(node: &Node, span: Span) -> bool {
    node.span.contains(span) && !node.span.is_empty() || has_place_below(node, span)
}

/// Nested blocks merged from several places have no one span: look inside.
fn has_place_below(node: &Node, span: Span) -> bool {
    node.members()
        .iter()
        .any(|m| m.key_span.contains(span) || reaches(&m.value, span))
}

/// Keys joined by dots; an item of a list is named by its id or name.
fn dotted(steps: &[Step<'_>]) -> String {
    let mut out = String::new();
    for step in steps {
        match step {
            Step::Key(key, _) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(key);
            }
            Step::Item(node) => {
                out.push('[');
                out.push_str(&label(node).unwrap_or_default());
                out.push(']');
            }
        }
    }
    out
}

/// What a list's item calls itself.
fn label(node: &Node) -> Option<String> {
    ["id", "name", "Sid", "uses", "key"]
        .iter()
        .find_map(|key| node.get(key).and_then(Node::text))
        .map(|text| text.split('@').next().unwrap_or(text).trim().to_owned())
}

/// `github:workflow:ci.yml/job:deploy/step:login`.
fn pipeline(start: &str, steps: &[Step<'_>]) -> String {
    let mut out = start.to_owned();
    let mut previous = "";
    for step in steps {
        match step {
            Step::Key(key, _) => {
                if previous == "jobs" {
                    out.push_str("/job:");
                    out.push_str(key);
                }
                previous = key;
            }
            Step::Item(node) => {
                if previous == "steps"
                    && let Some(name) = label(node)
                {
                    out.push_str("/step:");
                    out.push_str(&name);
                }
            }
        }
    }
    out
}

/// The keys on the way down.
fn keys<'n>(steps: &[Step<'n>]) -> Vec<&'n str> {
    steps
        .iter()
        .filter_map(|step| match step {
            Step::Key(key, _) => Some(*key),
            Step::Item(_) => None,
        })
        .collect()
}

/// `gitlab:job:deploy/script`.
fn gitlab(steps: &[Step<'_>]) -> String {
    match keys(steps).as_slice() {
        [] => String::new(),
        [job] => format!("gitlab:job:{job}"),
        [job, key, ..] => format!("gitlab:job:{job}/{key}"),
    }
}

/// `tf:aws_iam_policy.admin`.
fn terraform(steps: &[Step<'_>]) -> String {
    match keys(steps).as_slice() {
        ["resource", kind, name, ..] => format!("tf:{kind}.{name}"),
        ["data", kind, name, ..] => format!("tf:data.{kind}.{name}"),
        [block, name, ..] => format!("tf:{block}.{name}"),
        [key] => format!("tf:{key}"),
        [] => String::new(),
    }
}

/// `k8s:ClusterRoleBinding/ops`, with a container where the place is inside one.
fn kubernetes(root: &Node, steps: &[Step<'_>]) -> String {
    let kind = root.get("kind").and_then(Node::text).unwrap_or("Object");
    let name = root
        .at(&["metadata", "name"])
        .and_then(Node::text)
        .unwrap_or("?");
    let mut out = format!("k8s:{kind}/{name}");
    let mut previous = "";
    for step in steps {
        match step {
            Step::Key(key, _) => previous = key,
            Step::Item(node) if previous.ends_with("ontainers") => {
                if let Some(name) = label(node) {
                    out.push_str("/container:");
                    out.push_str(&name);
                }
            }
            Step::Item(_) => {}
        }
    }
    out
}
