//! `secrets: inherit` on the call of a reusable workflow.

use std::collections::BTreeSet;

use super::jobs;
use crate::detect::{Cx, Hit, pipeline};
use crate::document::{Document, Node, neighbours};
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
            let reads = read_by(cx.document, uses);
            let reads = reads.map_or(String::new(), |reads| format!(", which reads {reads}"));
            hit.grave(Severity::Low).saying(format!(
                "Every secret of this repository goes to its own workflow '{callee}'{reads}."
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

/// The secrets that a workflow of the project names itself, or passes on.
fn read_by(document: &Document<'_>, uses: &str) -> Option<String> {
    let path = neighbours::resolve("", uses.strip_prefix("./")?)?;
    let file = document.neighbours()?.get(&path)?;
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut all = false;
    file.tree().root.walk(&mut |member, node: &Node| {
        let Some(text) = node.text() else {
            return;
        };
        all |= member.is_some_and(|m| m.key == "secrets") && text == "inherit";
        for read in pipeline::reads(pipeline::System::Github, text) {
            if let pipeline::Read::Secret(name) = read {
                names.insert(name);
            }
        }
    });
    names.remove("GITHUB_TOKEN");
    let shown: Vec<&str> = names.iter().take(5).map(String::as_str).collect();
    Some(match names.len() {
        _ if all => return None,
        0 => "none of them itself".to_owned(),
        1..=5 => format!("only {}", shown.join(", ")),
        more => format!("{more} of them"),
    })
}

fn is_commit(version: &str) -> bool {
    version.len() >= 40 && version.bytes().all(|b| b.is_ascii_hexdigit())
}
