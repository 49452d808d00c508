//! Keys of AWS that tell whose they are.

use std::sync::LazyLock;

use data_encoding::BASE32_NOPAD;
use regex::bytes::Regex;

use super::Hit;
use crate::finding::Confidence;

/// An AWS access key id. Its account number is bits 39 to 46 bytes into the decoded
/// rest (published by several researchers; not for the older `AKIAI…` and `AKIAJ…`).
pub(super) fn key_id(secret: &str, mut hit: Hit) -> Option<Hit> {
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

/// An Amazon Bedrock key. The long one begins with `BedrockAPIKey-USER-at-ACCOUNT:`; the
/// short one is a signed URL, which lives twelve hours at most.
pub(super) fn bedrock(secret: &str, mut hit: Hit) -> Option<Hit> {
    static ACCOUNT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?-u)^BedrockAPIKey-[\w-]*-at-(\d{12})").expect("a constant regex")
    });
    static LIFE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?-u)X-Amz-Expires=(\d{1,6})\b").expect("a constant regex"));
    let number = |regex: &Regex, bytes: &[u8]| {
        let found = regex.captures(bytes)?.get(1)?;
        Some(String::from_utf8_lossy(found.as_bytes()).into_owned())
    };
    if let Some(body) = secret.strip_prefix("bedrock-api-key-") {
        let bytes = super::base64_start(body)?;
        if let Some(seconds) = number(&LIFE, &bytes) {
            hit.facts.push(("lifetime-seconds".into(), seconds));
        }
        hit.confidence = Some(Confidence::Low);
        return Some(hit);
    }
    let bytes = super::base64_start(secret.strip_prefix("ABSK")?)?;
    if let Some(account) = number(&ACCOUNT, &bytes) {
        hit.facts.push(("account".into(), account));
    }
    bytes.starts_with(b"BedrockAPIKey-").then_some(hit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Span;
    use crate::rule::sample;

    fn decoded(token: &str) -> Option<Hit> {
        let token = sample::expand(token, "aws").unwrap();
        bedrock(&token, Hit::secret(Span::new(0, 1)))
    }

    #[test]
    fn a_bedrock_key_tells_its_account_or_its_life() {
        let long = decoded("ABSK{{base64 BedrockAPIKey-a1b2-at-123456789012:{{base62:48}}}}");
        let long = long.unwrap();
        assert_eq!(long.facts[0].1, "123456789012");
        assert_eq!(long.confidence, None);
        let short = decoded(
            "bedrock-api-key-{{base64 bedrock.amazonaws.com/?X-Amz-Expires=43200&X-Amz-Signature={{hex:64}}}}",
        );
        let short = short.unwrap();
        assert_eq!(short.facts[0].1, "43200");
        assert_eq!(short.confidence, Some(Confidence::Low));
        assert!(decoded("ABSK{{base64 SomethingElse-a1b2:{{base62:48}}}}").is_none());
    }
}
