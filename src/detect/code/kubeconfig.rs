//! `kubeconfig-credential`: what a kubeconfig logs in with.

use data_encoding::BASE64;

use crate::detect::plausible::value;
use crate::detect::slots::trimmed;
use crate::detect::{Cx, Hit, decode};
use crate::document::Node;
use crate::finding::Severity;

pub(super) fn credentials(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for document in cx.document.tree().root.items() {
        if document.get("clusters").is_none() {
            continue;
        }
        for entry in document.get("users").map_or(&[][..], Node::items) {
            let name = entry.get("name").and_then(Node::text).unwrap_or("?");
            if let Some(user) = entry.get("user") {
                hits.extend(login(cx, name, user));
            }
        }
    }
    hits
}

/// The credential of one user: a key, a token or a password.
fn login(cx: &Cx<'_, '_>, name: &str, user: &Node) -> Option<Hit> {
    let (key, node) = ["client-key-data", "token", "password"]
        .into_iter()
        .find_map(|key| Some((key, user.get(key)?)))?;
    let text = node.text().filter(|_| !node.is_expression())?;
    if key == "client-key-data" {
        let key = decode::base64(text)?;
        memchr::memmem::find(&key, b"PRIVATE KEY-----")?;
    } else if value::is_placeholder(text) || !value::is_set_password(text, "") {
        return None;
    }
    let mut hit = Hit::secret(trimmed(cx.document.bytes(), node.span))
        .about(format!("kubeconfig:{name}/{key}"));
    hit.facts.push(("kind".into(), key.to_owned()));
    if key == "password" {
        hit = hit.grave(Severity::High);
    }
    let masters = user
        .get("client-certificate-data")
        .and_then(Node::text)
        .and_then(certificate)
        .is_some_and(|der| memchr::memmem::find(&der, b"system:masters").is_some());
    if masters {
        hit.facts
            .push(("group".into(), "system:masters".to_owned()));
        hit = hit.saying(format!(
            "Key of the group system:masters in a kubeconfig: '{name}' is above every role of the cluster until the certificate ends."
        ));
    }
    Some(hit)
}

/// The certificate in base64 of its PEM form.
fn certificate(text: &str) -> Option<Vec<u8>> {
    let pem = String::from_utf8(decode::base64(text)?).ok()?;
    // Nothing, the header, the body.
    let body: String = pem.split("-----").nth(2)?.split_whitespace().collect();
    BASE64.decode(body.as_bytes()).ok()
}
