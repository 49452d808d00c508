//! The values of Kubernetes' Secrets in the clear, or in base64, which is the same.

use crate::detect::plausible::name::credential;
use crate::detect::plausible::value;
use crate::detect::slots::trimmed;
use crate::detect::{Cx, Hit, decode};
use crate::document::{Member, Node, Span};

/// Finds the values.
pub(super) fn secrets(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for document in cx.document.tree().root.items() {
        secret(cx, document, &mut hits);
        // `kind: List` holds objects of any kind.
        if let Some(items) = document.get("items") {
            for item in items.items() {
                secret(cx, item, &mut hits);
            }
        }
    }
    hits
}

fn secret(cx: &Cx<'_, '_>, object: &Node, hits: &mut Vec<Hit>) {
    if object.get("kind").and_then(Node::text) != Some("Secret") || object.get("sops").is_some() {
        return;
    }
    let name = object
        .at(&["metadata", "name"])
        .filter(|name| !name.is_expression())
        .and_then(Node::text)
        .unwrap_or("?");
    for (part, encoded) in [("data", true), ("stringData", false)] {
        for member in object.get(part).map_or(&[][..], Node::members) {
            if let Some(span) = exposed(cx, member, encoded) {
                let mut hit = Hit::secret(span).about(format!("{name}/{}", member.key));
                hit.anchor = Some(format!("k8s:Secret/{name}"));
                hits.push(hit);
            }
        }
    }
}

/// Where the member's value stands, if it is a secret.
fn exposed(cx: &Cx<'_, '_>, member: &Member, encoded: bool) -> Option<Span> {
    let node = &member.value;
    if node.is_expression() || node.tag.is_some() {
        return None;
    }
    let written = node.text()?.trim();
    if value::is_placeholder(written) && written.len() < 200 || written.starts_with("ENC[") {
        return None;
    }
    let text = if encoded {
        let packed: String = written.split_whitespace().collect();
        String::from_utf8(decode::base64(&packed)?).ok()?
    } else {
        written.to_owned()
    };
    is_secret(&member.key, text.trim()).then(|| trimmed(cx.document.bytes(), node.span))
}

fn is_secret(key: &str, text: &str) -> bool {
    if text.contains("PRIVATE KEY-----") {
        return text.len() > 200;
    }
    // Whole files: a registry's logins, a kubeconfig, an application's configuration.
    if text.contains('\n') || text.starts_with('{') {
        return key == ".dockerconfigjson" && text.contains("\"auth");
    }
    if value::is_placeholder(text) || text.starts_with("-----BEGIN CERTIFICATE") {
        return false;
    }
    value::is_random(text)
        || credential(&key.replace(['-', '.'], "_")).is_some()
            && value::is_set_password(text, "")
            && !value::has_shape(text)
        || key == "password" && value::is_set_password(text, "")
}
