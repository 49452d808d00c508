//! IAM statements that allow every action on every resource.

use super::iam_policy::{self, Statement};
use crate::detect::{Cx, Hit};
use crate::document::{Document, Node, Span};
use crate::finding::{Confidence, Severity};

/// Terraform resources whose policies grant nothing by themselves (they limit), or
/// belong to the resource.
const NOT_GRANTS: &[&str] = &[
    "aws_organizations_policy",
    "aws_vpc_endpoint",
    "aws_vpc_endpoint_policy",
    "aws_kms_key",
    "aws_kms_key_policy",
];

/// Words by which people name policies that limit rather than grant.
const LIMITS: &[&str] = &[
    "boundary",
    "boundaries",
    "scp",
    "scps",
    "guardrail",
    "guardrails",
];

/// Finds the statements.
pub(super) fn policies(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    let holds = |text: &[u8]| memchr::memmem::find(bytes, text).is_some();
    // Cheap signs, before a tree is asked for.
    let all = holds(b"*") && (holds(b"Allow") || holds(b"aws_iam_policy_document"));
    if !all {
        return Vec::new();
    }
    iam_policy::statements(cx.document)
        .into_iter()
        .filter_map(|statement| judge(cx.document, &statement))
        .collect()
}

fn judge(document: &Document<'_>, statement: &Statement) -> Option<Hit> {
    let everything = |texts: &[String]| texts.iter().any(|t| t == "*" || t == "*:*");
    if !everything(&statement.resources) || is_limit(document, statement) {
        return None;
    }
    let (subject, mut severity) = if statement.excludes {
        let mut but = statement.actions.clone();
        but.sort();
        (
            format!("allow all but {} on *", but.join(", ")),
            Severity::High,
        )
    } else if everything(&statement.actions) {
        ("allow * on *".to_owned(), Severity::Critical)
    } else {
        return None;
    };
    let mut message = if statement.excludes {
        "The policy allows every action except those it lists, on every resource".to_owned()
    } else {
        "The policy allows every action on every resource".to_owned()
    };
    if !statement.conditions.is_empty() {
        severity = severity.min(Severity::High);
        message.push_str(", limited by conditions on ");
        message.push_str(&statement.conditions.join(", "));
    }
    message.push('.');
    let mut hit = Hit::new(statement.span)
        .about(subject)
        .grave(severity)
        .saying(message);
    if named_as_limit(document.path()) || statement.path.iter().any(|key| named_as_limit(key)) {
        hit.confidence = Some(Confidence::Low);
    }
    if statement.resources_span != statement.span && statement.resources_span != Span::default() {
        hit.related
            .push((statement.resources_span, "on these resources".to_owned()));
    }
    Some(hit)
}

/// Whether the policy only limits what other policies grant: one that is not
/// attached to an identity, or is referred to as a boundary.
fn is_limit(document: &Document<'_>, statement: &Statement) -> bool {
    if statement
        .path
        .iter()
        .any(|key| NOT_GRANTS.contains(&key.as_str()))
    {
        return true;
    }
    let [data, kind, name, ..] = statement.path.as_slice() else {
        return false;
    };
    if data != "data" || kind != "aws_iam_policy_document" {
        return false;
    }
    let reference = format!("aws_iam_policy_document.{name}.");
    document.tree().root.items().iter().any(|root| {
        NOT_GRANTS
            .iter()
            .filter_map(|kind| root.at(&["resource", kind]))
            .any(|resources| refers_to(resources, &reference))
    })
}

fn refers_to(node: &Node, reference: &str) -> bool {
    let mut found = false;
    node.walk(&mut |_, value| {
        found |= value.is_expression() && value.text().is_some_and(|t| t.contains(reference));
    });
    found
}

fn named_as_limit(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| LIMITS.contains(&word))
        || lower.contains("permissionsboundary")
        || lower.contains("permissionboundary")
        || lower.contains("service-control")
        || lower.contains("service_control")
}
