//! Signed JSON Web Tokens.

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

use super::Hit;
use crate::finding::Confidence;

/// A signed JSON Web Token (RFC 7519). One that has expired by its own life time of a
/// day or less is no long-lived credential, and neither is one that had ended when this
/// was written; nothing is compared with the clock.
pub(super) fn jwt(secret: &str, mut hit: Hit) -> Option<Hit> {
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
    if let Some(seconds) = life {
        hit.facts
            .push(("lifetime-seconds".into(), seconds.to_string()));
    }
    let end = number("exp");
    let day = end.map_or_else(|| Some("never".to_owned()), super::day);
    hit.facts.extend(day.map(|day| ("expires".into(), day)));
    let documented = claim("name") == Some("John Doe") || claim("sub") == Some("1234567890");
    // What every visitor of a site gets (Supabase and others).
    let public = claim("role") == Some("anon");
    let ended = end.is_some_and(super::has_ended);
    if documented || public || life.is_some_and(|seconds| seconds <= SHORT) || ended {
        hit.confidence = Some(Confidence::Low);
    }
    Some(hit)
}
