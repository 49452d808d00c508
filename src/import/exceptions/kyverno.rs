//! Kyverno's `PolicyException`. Facts: <https://kyverno.io/docs/exceptions/>. No rule of
//! ours looks for what its policies do, so they are listed and not proposed.

use super::{File, Foreign, date, text, texts};
use crate::document::Node;

pub(super) fn read(file: &File<'_>) -> Vec<Foreign> {
    let is = |root: &&Node| root.get("kind").and_then(Node::text) == Some("PolicyException");
    let roots = file.roots.iter().filter(is);
    roots
        .flat_map(|root| {
            let empty = Node::default();
            let spec = root.get("spec").unwrap_or(&empty);
            let notes = root.at(&["metadata", "annotations"]);
            let note = |key: &str| notes.and_then(|notes| text(notes, key));
            let reason = note("reason").or_else(|| note("justification"));
            let expires = date(spec, "expiresAt");
            let owner = note("owner");
            let exceptions = spec.get("exceptions").map(Node::items).unwrap_or_default();
            let refs = spec.get("policyRefs").map(Node::items).unwrap_or_default();
            let named = exceptions.iter().map(|entry| {
                let policy = text(entry, "policyName").unwrap_or_default();
                let rules = texts(entry.get("ruleNames")).join(", ");
                (entry, format!("{policy}: {rules}"))
            });
            let refs = refs
                .iter()
                .map(|entry| (entry, text(entry, "name").unwrap_or_default()));
            named
                .chain(refs)
                .map(|(entry, id)| Foreign {
                    reason: reason.clone(),
                    owner: owner.clone(),
                    expires,
                    ..file.at(entry, &id)
                })
                .collect::<Vec<_>>()
        })
        .collect()
}
