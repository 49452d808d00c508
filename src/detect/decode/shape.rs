//! Tokens whose parts decode to something that can be told.

use super::Hit;
use crate::finding::Confidence;

/// Base64 of a number, a colon and random bytes; Bitbucket puts `BBDC-` before.
pub(super) fn atlassian_server(secret: &str, hit: Hit) -> Option<Hit> {
    let body = secret.strip_prefix("BBDC-").unwrap_or(secret);
    let bytes = super::base64(body)?;
    let colon = bytes.iter().position(|b| *b == b':')?;
    let number = bytes.get(..colon)?;
    (colon >= 6 && number.iter().all(u8::is_ascii_digit)).then_some(hit)
}

/// `reftkn:VERSION:NUMBER:SECRET` in base64.
pub(super) fn artifactory(secret: &str, hit: Hit) -> Option<Hit> {
    let text = String::from_utf8(super::base64(secret)?).ok()?;
    let mut parts = text.split(':');
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let right = parts.next()? == "reftkn"
        && number(parts.next()?)
        && number(parts.next()?)
        && parts.next()?.len() >= 16;
    right.then_some(hit)
}

/// The last part is a UUID in base64.
pub(super) fn teamcity(secret: &str, hit: Hit) -> Option<Hit> {
    let bytes = super::base64(secret.rsplit('.').next()?)?;
    let right = bytes.len() == 36
        && bytes.iter().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        });
    right.then_some(hit)
}

/// Begins with the bot's id in base64: a "snowflake", which counts milliseconds since
/// 2015 in all but its last 22 bits.
pub(super) fn discord(secret: &str, mut hit: Hit) -> Option<Hit> {
    /// The first second of 2015.
    const EPOCH: u64 = 1_420_070_400;
    let id = String::from_utf8(super::base64(secret.split('.').next()?)?).ok()?;
    if !(17..=20).contains(&id.len()) {
        return None;
    }
    let number: u64 = id.parse().ok()?;
    let seconds = EPOCH + (number >> 22) / 1000;
    let day = super::day(i64::try_from(seconds).ok()?)?;
    hit.facts.push(("bot".into(), id));
    hit.facts.push(("bot-created".into(), day));
    Some(hit)
}

/// Holds an `ObjectId`, whose first four bytes are the seconds since 1970 when it was
/// made.
pub(super) fn object_id(secret: &str, mut hit: Hit) -> Option<Hit> {
    let id = secret
        .split(['-', '.', '_'])
        .find(|part| part.len() == 24)?;
    let seconds = i64::from_str_radix(id.get(..8)?, 16).ok()?;
    // No service is older, and none has made a key in the far future.
    if (1_262_304_000..4_102_444_800).contains(&seconds) {
        hit.facts.push(("created".into(), super::day(seconds)?));
    } else {
        hit.confidence = Some(Confidence::Low);
    }
    Some(hit)
}

/// A PKCS#12 bundle: a DER sequence that begins with version 3 (RFC 7292).
pub(super) fn pkcs12(secret: &str, mut hit: Hit) -> Option<Hit> {
    let bytes = super::base64_start(secret)?;
    let [0x30, 0x82, a, b, 0x02, 0x01, 0x03, 0x30, ..] = bytes.as_slice() else {
        return None;
    };
    let length = 4 + (usize::from(*a) << 8 | usize::from(*b));
    if bytes.len() > length {
        return None;
    }
    if bytes.len() < length.saturating_sub(2) {
        // Cut short, or broken into lines.
        hit.confidence = Some(Confidence::Medium);
    }
    hit.facts.push(("bytes".into(), length.to_string()));
    Some(hit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Span;
    use crate::rule::sample;

    fn decodes(with: fn(&str, Hit) -> Option<Hit>, text: &str) -> bool {
        let text = sample::expand(text, "shape").unwrap();
        with(&text, Hit::secret(Span::new(0, 1))).is_some()
    }

    #[test]
    fn what_is_inside_tells_a_token_from_a_look_alike() {
        let server = "{{base64 {{digits:12}}:{{base62:20}}}}";
        assert!(decodes(atlassian_server, server));
        assert!(decodes(atlassian_server, &format!("BBDC-{server}")));
        assert!(!decodes(atlassian_server, "{{base64:44}}"));
        assert!(decodes(
            artifactory,
            "{{base64 reftkn:01:0000000000:{{base62:27}}}}"
        ));
        assert!(!decodes(
            artifactory,
            "{{base64 reftkn:There are no tokens here, {{base62:7}}}}"
        ));
        assert!(decodes(teamcity, "a.b.{{base64 {{uuid}}}}"));
        assert!(!decodes(teamcity, "a.b.{{base64:48}}"));
        assert!(decodes(discord, "{{base64url 80351110224678912}}.a.b"));
        assert!(!decodes(discord, "{{base64url:24}}.a.b"));
    }

    #[test]
    fn times_in_identifiers_are_read() {
        let hit = || Hit::secret(Span::new(0, 1));
        // Discord's reference: 175928847299117063 was made on 2016-04-30.
        let bot = sample::expand("{{base64url 175928847299117063}}.a.b", "").unwrap();
        let facts = discord(&bot, hit()).unwrap().facts;
        assert_eq!(facts[1].1, "2016-04-30");
        // MongoDB's manual: 507f1f77bcf86cd799439011 was made on 2012-10-17.
        let key = concat!("PMAK-507f1f77", "bcf86cd799439011-0");
        let facts = object_id(key, hit()).unwrap().facts;
        assert_eq!(facts[0].1, "2012-10-17");
    }
}
