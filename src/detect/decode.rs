//! Decoders that tell a secret from a look-alike and draw facts from it. Their names
//! are those of `rule::guards`.

use data_encoding::{BASE32_NOPAD, BASE64, BASE64_NOPAD, BASE64URL_NOPAD};
use serde_json::Value;

use super::Hit;
use crate::finding::Confidence;

/// Decodes `secret`; `None` when it is nothing of the kind.
pub(super) fn by_name(name: &str, secret: &str, hit: Hit) -> Option<Hit> {
    match name {
        "basic-auth" => basic_auth(secret, hit),
        "jwt" => jwt(secret, hit),
        "aws-key-id" => aws_key_id(secret, hit),
        "pypi" => pypi(secret, hit),
        _ => None,
    }
}

/// Base64 with or without padding, in either alphabet.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let plain = text.trim_end_matches('=').as_bytes();
    BASE64
        .decode(text.as_bytes())
        .or_else(|_| BASE64_NOPAD.decode(plain))
        .or_else(|_| BASE64URL_NOPAD.decode(plain))
        .ok()
}

/// `user:password` in base64 (RFC 7617). The user becomes the subject.
fn basic_auth(secret: &str, mut hit: Hit) -> Option<Hit> {
    let decoded = String::from_utf8(base64(secret)?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic());
    if !plain(password) || super::plausible::is_filler(password.as_bytes()) {
        return None;
    }
    if hit.subject.is_none() && plain(user) {
        hit.subject = Some(format!("user:{user}"));
    }
    Some(hit)
}

/// A signed JSON Web Token (RFC 7519). One that has expired by its own life time of a
/// day or less is no long-lived credential; nothing is compared with the clock.
fn jwt(secret: &str, mut hit: Hit) -> Option<Hit> {
    /// Longest life time, in seconds, that isn't long.
    const SHORT: i64 = 24 * 60 * 60;
    let mut parts = secret.split('.');
    let mut json = || -> Option<Value> {
        let bytes = BASE64URL_NOPAD
            .decode(parts.next()?.trim_end_matches('=').as_bytes())
            .ok()?;
        serde_json::from_slice(&bytes).ok()
    };
    let header = json()?;
    let claims = json()?;
    let algorithm = header.get("alg")?.as_str()?;
    let claim = |name: &str| {
        claims
            .get(name)
            .and_then(Value::as_str)
            .filter(|t| t.len() <= 120)
    };
    let number = |name: &str| claims.get(name).and_then(Value::as_i64);
    hit.facts.push(("algorithm".into(), algorithm.to_owned()));
    for name in ["iss", "sub", "aud"] {
        if let Some(text) = claim(name) {
            hit.facts.push((name.into(), text.to_owned()));
        }
    }
    let life = match (number("iat").or_else(|| number("nbf")), number("exp")) {
        (Some(from), Some(to)) => Some(to.saturating_sub(from)),
        _ => None,
    };
    match (life, number("exp")) {
        (Some(seconds), _) => hit
            .facts
            .push(("lifetime-seconds".into(), seconds.to_string())),
        (None, None) => hit.facts.push(("expires".into(), "never".to_owned())),
        (None, Some(_)) => {}
    }
    let documented = claim("name") == Some("John Doe") || claim("sub") == Some("1234567890");
    if documented || life.is_some_and(|seconds| seconds <= SHORT) {
        hit.confidence = Some(Confidence::Low);
    }
    Some(hit)
}

/// An AWS access key id. Its account number is bits 39 to 46 bytes into the decoded
/// rest (published by several researchers; not for the older `AKIAI…` and `AKIAJ…`).
fn aws_key_id(secret: &str, mut hit: Hit) -> Option<Hit> {
    let (prefix, rest) = secret.split_at_checked(4)?;
    let bytes = BASE32_NOPAD.decode(rest.as_bytes()).ok()?;
    let old = rest.starts_with(['I', 'J']);
    if !old && let Some(head) = bytes.get(..6) {
        let number = head.iter().fold(0_u64, |n, b| n << 8 | u64::from(*b));
        let account = (number & 0x7fff_ffff_ff80) >> 7;
        if account > 999_999_999_999 {
            return None;
        }
        hit.facts.push(("account".into(), format!("{account:012}")));
    }
    if prefix == "ASIA" {
        hit.facts.push(("kind".into(), "temporary".to_owned()));
        hit.confidence = Some(Confidence::Low);
    }
    hit.subject = Some(format!("aws:key:{secret}"));
    Some(hit)
}

/// A `PyPI` token: a macaroon whose location is `pypi.org` or `test.pypi.org`. A caveat
/// that names projects limits it.
fn pypi(secret: &str, mut hit: Hit) -> Option<Hit> {
    let body = secret.strip_prefix("pypi-")?;
    // Any length is a token; only whole groups of four can be decoded.
    let whole = body.get(..body.len() / 4 * 4)?;
    let bytes = BASE64URL_NOPAD.decode(whole.as_bytes()).ok()?;
    let has = |needle: &[u8]| memchr::memmem::find(&bytes, needle).is_some();
    if !has(b"pypi.org") {
        return None;
    }
    let limited = has(b"\"projects\"") || has(b"[1,");
    let scope = if limited { "projects" } else { "user" };
    hit.facts.push(("scope".into(), scope.to_owned()));
    Some(hit)
}
