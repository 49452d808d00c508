//! `secrets: inherit` on the call of a reusable workflow.

use super::jobs;
use crate::detect::{Cx, Hit};
use crate::document::Node;
use crate::finding::Severity;

/// Finds the calls. The callee decides the severity: one in the same repository is
/// reviewed with it, one elsewhere that is not pinned can change by itself.
pub(super) fn inherited(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for job in jobs::jobs(cx.document) {
        let Some(uses) = job.value.get("uses").and_then(Node::text) else {
            continue;
        };
        let Some(secrets) = job.value.get("secrets") else {
            continue;
        };
        if secrets.text() != Some("inherit") {
            continue;
        }
        let (callee, version) = uses.split_once('@').unwrap_or((uses, ""));
        let hit = Hit::new(secrets.span).about(format!("secrets: inherit to {callee}"));
        hits.push(if callee.starts_with("./") {
            hit.grave(Severity::Low).saying(format!(
                "Every secret of this repository goes to its own workflow '{callee}'."
            ))
        } else if is_commit(version) {
            hit.grave(Severity::Medium).saying(format!(
                "Every secret of this repository goes to '{callee}'."
            ))
        } else {
            hit.grave(Severity::High).saying(format!(
                "Every secret of this repository goes to '{callee}', whose code can change without a change here."
            ))
        });
    }
    hits
}

fn is_commit(version: &str) -> bool {
    version.len() >= 40 && version.bytes().all(|b| b.is_ascii_hexdigit())
}
