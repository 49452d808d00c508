//! `jwk-private-key`: a JSON Web Key with its private part, in JSON or in a program.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::detect::{Cx, Hit, decode, plausible};
use crate::document::Span;
use crate::finding::Severity;

/// How far an object reaches from its `kty`: RSA of 4096 bits has some 3300 characters.
const REACH: usize = 6 * 1024;

/// How the private parts begin that the standards print as examples (RFC 7515, 7517,
/// 7520 and 8037).
const PUBLISHED: &[&str] = &[
    "AyM1SysPpb",
    "jpsQnnGQmL",
    "Eq5xpGnNCi",
    "AY5pb7A0UF",
    "870MB6gfuT",
    "X4cTteJY_g",
    "GawgguFyGr",
    "nWGxne_9Wm",
    "bWUC9B-EFR",
    "hJtXIZ2uSN",
    "AAhRON2r9c",
];

pub(super) fn private_keys(cx: &Cx<'_, '_>) -> Vec<Hit> {
    static KIND: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?-u)\bkty\\?["']?\s{0,4}:\s{0,4}\\?["'](?P<kind>RSA|EC|OKP|oct)\b"#)
            .expect("a constant regex")
    });
    static PRIVATE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?-u)[{,\s"'](?P<name>d|k)\\?["']?\s{0,4}:\s{0,4}\\?["'](?P<secret>[0-9A-Za-z_-]{20,1400}={0,2})\\?["']"#)
            .expect("a constant regex")
    });
    let bytes = cx.document.bytes();
    let mut hits: Vec<Hit> = Vec::new();
    for keyword in cx.keywords {
        let Some(object) = around(bytes, *keyword) else {
            continue;
        };
        let text = object.of(bytes);
        let Some(kind) = KIND.captures(text).and_then(|c| c.name("kind")) else {
            continue;
        };
        let private: &[u8] = if kind.as_bytes() == b"oct" {
            b"k"
        } else {
            b"d"
        };
        let found = PRIVATE
            .captures_iter(text)
            .find(|c| c.name("name").is_some_and(|m| m.as_bytes() == private));
        let Some(secret) = found.as_ref().and_then(|c| c.name("secret")) else {
            continue;
        };
        let value = secret.as_bytes();
        let decoded = std::str::from_utf8(value).ok().and_then(decode::base64);
        let published = PUBLISHED.iter().any(|p| value.starts_with(p.as_bytes()));
        if published || plausible::is_filler(value) || decoded.is_none_or(|key| key.len() < 16) {
            continue;
        }
        let span = Span::new(object.start + secret.start(), object.start + secret.end());
        let mut hit = Hit::secret(span);
        let kind = String::from_utf8_lossy(kind.as_bytes()).into_owned();
        if kind == "oct" {
            hit = hit.grave(Severity::High);
        }
        hit.facts.push(("kind".into(), kind));
        if hits.last().is_none_or(|last| last.span != hit.span) {
            hits.push(hit);
        }
    }
    hits
}

/// The innermost object that holds `keyword`, without its braces. A key holds no other
/// object but perhaps after what matters.
fn around(bytes: &[u8], keyword: Span) -> Option<Span> {
    let before = Span::new(keyword.start.saturating_sub(REACH), keyword.start);
    let start = before
        .of(bytes)
        .iter()
        .rposition(|b| matches!(b, b'{' | b'}'))?;
    if before.of(bytes).get(start) != Some(&b'{') {
        return None;
    }
    let after = Span::new(keyword.end, (keyword.end + REACH).min(bytes.len()));
    let end = after
        .of(bytes)
        .iter()
        .position(|b| matches!(b, b'{' | b'}'))?;
    Some(Span::new(before.start + start, after.start + end))
}
