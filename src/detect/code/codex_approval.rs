//! Codex settings under which the agent never asks.

use crate::detect::{Cx, Hit};
use crate::document::Node;
use crate::finding::Severity;

/// Finds `approval_policy = "never"` at the root and in profiles. The sandbox decides
/// how bad it is: with one that only reads there is nothing to approve.
pub(super) fn never_asked(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for root in cx.document.tree().root.items() {
        let sandbox = root.get("sandbox_mode").and_then(Node::text);
        hits.extend(scope(root, sandbox, "approval_policy: never"));
        let profiles = root.get("profiles").map_or(&[][..], Node::members);
        for profile in profiles {
            let subject = format!("profile {}: approval_policy: never", profile.key);
            hits.extend(scope(&profile.value, sandbox, &subject));
        }
    }
    hits
}

/// One scope: a profile keeps the root's sandbox unless it has its own.
fn scope(node: &Node, outer: Option<&str>, subject: &str) -> Option<Hit> {
    let policy = node.get("approval_policy")?;
    if policy.text() != Some("never") {
        return None;
    }
    let own = node.get("sandbox_mode");
    let sandbox = own.and_then(Node::text).or(outer);
    let (severity, message) = match sandbox {
        Some("read-only") => return None,
        Some("danger-full-access") => (
            Severity::Critical,
            "The agent runs any command without a sandbox and without asking.",
        ),
        _ => (Severity::High, "The agent runs commands without asking."),
    };
    let mut hit = Hit::new(policy.span)
        .about(subject)
        .grave(severity)
        .saying(message);
    if let Some(own) = own {
        hit.related.push((own.span, "in this sandbox".to_owned()));
    }
    Some(hit)
}
