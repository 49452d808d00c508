//! AWS access key ids, and the secret that stands near one.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::detect::{Cx, Hit, decode, entropy, plausible};
use crate::document::Span;
use crate::finding::{Confidence, Severity};

/// How far from the id its secret may stand.
const NEAR: usize = 400;

/// Least entropy of a secret, in bits per character: 40 random ones have about 4.9.
const LEAST_ENTROPY: f64 = 4.0;

/// Finds the ids; one with its secret is the whole login.
pub(super) fn access_keys(cx: &Cx<'_, '_>) -> Vec<Hit> {
    static ID: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?-u)\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b").expect("a constant regex")
    });
    let bytes = cx.document.bytes();
    let mut hits = Vec::new();
    for keyword in cx.keywords {
        let window = bytes.get(..(keyword.start + 24).min(bytes.len()));
        let Some(id) = window
            .and_then(|w| ID.find_at(w, keyword.start))
            .map(|m| Span::new(m.start(), m.end()))
            .filter(|id| id.start == keyword.start)
        else {
            continue;
        };
        let Ok(text) = std::str::from_utf8(id.of(bytes)) else {
            continue;
        };
        let word = text.to_ascii_lowercase();
        if plausible::is_filler(text.as_bytes()) || word.ends_with("example") {
            continue;
        }
        if entropy::shannon(id.of(bytes)) < 2.8 {
            continue;
        }
        let Some(mut hit) = decode::by_name("aws-key-id", text, Hit::new(id)) else {
            continue;
        };
        // The scope of a signature names the key in the open: `AKIA…/20240101/…`.
        let after = bytes.get(id.end..).unwrap_or_default();
        if after.starts_with(b"/") || after.starts_with(b"%2F") {
            hit.confidence = Some(Confidence::Low);
        } else if let Some(secret) = secret_near(bytes, id) {
            hit.secret = secret;
            if hit.confidence.is_none() {
                hit.confidence = Some(Confidence::High);
                hit.severity = Some(Severity::Critical);
            }
            hit.facts.push(("secret".into(), "nearby".to_owned()));
            hit.message = Some(format!(
                "AWS access key '{text}' with its secret in the repository."
            ));
        }
        cx.keep(hit, &mut hits);
    }
    hits
}

/// The 40 characters nearest to the id that can be its secret.
fn secret_near(bytes: &[u8], id: Span) -> Option<Span> {
    static SECRET: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?-u)[A-Za-z0-9/+]{40,}").expect("a constant regex"));
    let start = id.start.saturating_sub(NEAR);
    let end = (id.end + NEAR).min(bytes.len());
    let window = bytes.get(start..end)?;
    SECRET
        .find_iter(window)
        .map(|m| Span::new(start + m.start(), start + m.end()))
        .filter_map(|span| exact(bytes, span))
        .filter(|span| is_secret(span.of(bytes)))
        .min_by_key(|span| {
            if span.start >= id.end {
                span.start - id.end
            } else {
                id.start.saturating_sub(span.end)
            }
        })
}

/// Forty characters and no more: a `=` of base64 after them makes it something else.
fn exact(bytes: &[u8], span: Span) -> Option<Span> {
    let next = bytes.get(span.end);
    let tail = matches!(next, Some(b'=' | b'-' | b'_'));
    (span.len() == 40 && !tail).then_some(span)
}

fn is_secret(value: &[u8]) -> bool {
    let has = |test: fn(&u8) -> bool| value.iter().any(test);
    has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_digit)
        && entropy::shannon(value) >= LEAST_ENTROPY
        && !plausible::is_filler(value)
}
