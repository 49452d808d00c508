//! Logins to package and image registries, in the file where their client looks for
//! them.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::detect::plausible::value;
use crate::detect::{Cx, Hit, decode};
use crate::document::{Node, Span};
use crate::kind::Kind;

/// Finds the logins.
pub(super) fn logins(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let name = cx.document.path().rsplit('/').next().unwrap_or_default();
    if cx.document.kinds_by_path().has(Kind::Npmrc) {
        return lines(cx, &NPMRC);
    }
    match name {
        ".pypirc" => lines(cx, &PYPIRC),
        _ if cx.document.is(Kind::DockerConfig) => docker(cx),
        // A script that writes the file.
        _ => lines(cx, &WRITTEN),
    }
}

/// `//host/:_authToken=…`, or without a host.
static NPMRC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?m-u)^[ \t]*(?://(?P<host>[^\s:]+?)/?:)?_(?:authToken|auth|password)[ \t]*=[ \t]*["']?(?P<secret>[^\s"']+)"#)
        .expect("a constant regex")
});

static WRITTEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?-u)//(?P<host>[\w.-]+(?:/[\w.-]+)*)/?:_authToken[ \t]*=[ \t]*(?P<secret>[\w.+/=-]{16,})")
        .expect("a constant regex")
});

static PYPIRC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m-u)^[ \t]*password[ \t]*[=:][ \t]*(?P<secret>\S+)").expect("a constant regex")
});

fn lines(cx: &Cx<'_, '_>, regex: &Regex) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    let mut hits = Vec::new();
    for found in regex.captures_iter(bytes) {
        let Some(secret) = found.name("secret").map(|m| Span::new(m.start(), m.end())) else {
            continue;
        };
        let text = std::str::from_utf8(secret.of(bytes)).unwrap_or_default();
        if !value::is_set_password(text, "") {
            continue;
        }
        let mut hit = Hit::secret(secret);
        if let Some(host) = found.name("host") {
            hit = hit.about(String::from_utf8_lossy(host.as_bytes()));
        }
        hits.push(hit);
    }
    hits
}

/// `auths.*.auth`, and the identity tokens beside it.
fn docker(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for document in cx.document.tree().root.items() {
        for login in document.get("auths").map_or(&[][..], Node::members) {
            for key in ["auth", "identitytoken", "password"] {
                let Some(node) = login.value.get(key) else {
                    continue;
                };
                let Some(text) = node.text().filter(|_| !node.is_expression()) else {
                    continue;
                };
                let span = Span::new(node.span.start + 1, node.span.end.saturating_sub(1));
                let hit = Hit::secret(span).about(login.key.clone());
                if key == "auth" {
                    hits.extend(decode::by_name("basic-auth", text, hit));
                } else if value::is_set_password(text, "") {
                    hits.push(hit);
                }
            }
        }
    }
    hits
}
