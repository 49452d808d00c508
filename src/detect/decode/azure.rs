//! Azure: what a shared access signature allows, and when a key was made.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Hit;
use crate::finding::{Confidence, Severity};
use crate::rule::sample::azure::kind_of;

/// The query string of a shared access signature: for storage, of the form
/// `sv=…&sp=…&se=…&sig=…`.
pub(super) fn sas(secret: &str, mut hit: Hit) -> Option<Hit> {
    let text = secret.replace("&amp;", "&");
    let field = |name: &str| {
        let mut fields = text.split('&').filter_map(|f| f.split_once('='));
        let (_, value) = fields.find(|(n, _)| *n == name)?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-:.%".contains(&b);
        (value.len() <= 40 && value.bytes().all(plain)).then(|| value.replace("%3A", ":"))
    };
    let signature = text.split('&').find_map(|f| f.strip_prefix("sig="))?;
    let signature = signature
        .replace("%2B", "+")
        .replace("%2F", "/")
        .replace("%3D", "=");
    let bytes = super::base64(
        &signature
            .replace("%2b", "+")
            .replace("%2f", "/")
            .replace("%3d", "="),
    )?;
    if bytes.len() != 32 {
        return None;
    }
    let rights = field("sp");
    let end = field("se");
    // Rights and end may stand in a stored policy instead, which `si` names.
    if (rights.is_none() || end.is_none()) && field("si").is_none() {
        return None;
    }
    let account = field("ss").is_some() && field("srt").is_some();
    let reach = match field("sr").as_deref() {
        _ if account => "account",
        Some("c") => "container",
        Some("d") => "directory",
        Some("s") => "share",
        Some("b" | "bs" | "bv" | "f") => "file",
        _ => "other",
    };
    hit.facts.push(("reach".into(), reach.to_owned()));
    if let Some(rights) = &rights {
        hit.facts.push(("rights".into(), rights.clone()));
        // Anything but reading and listing.
        let reads = rights.bytes().all(|b| matches!(b, b'r' | b'l'));
        hit.severity = Some(match (account, reads) {
            (true, false) => Severity::Critical,
            (true, true) | (false, false) => Severity::High,
            (false, true) => Severity::Medium,
        });
    }
    if let Some(end) = &end {
        hit.facts.push(("expires".into(), end.clone()));
    }
    let start = field("st").as_deref().and_then(instant);
    let end = end.as_deref().and_then(instant).map(Timestamp::as_second);
    let short = |start: Timestamp| end.is_some_and(|end| end - start.as_second() <= 24 * 60 * 60);
    if start.is_some_and(short) || end.is_some_and(super::has_ended) {
        hit.confidence = Some(Confidence::Low);
    }
    Some(hit)
}

/// A time of a signature, in one of the forms of ISO 8601 that storage takes.
fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let with_seconds = format!("{}:00Z", text.trim_end_matches('Z'));
    if let Ok(time) = with_seconds.parse() {
        return Some(time);
    }
    let day: Date = text.parse().ok()?;
    TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()
}

/// A key whose signature tells the service.
pub(super) fn key(secret: &str, mut hit: Hit) -> Option<Hit> {
    let service = kind_of(secret)?.service;
    hit.facts.push(("service".into(), service.to_owned()));
    Some(hit)
}

/// A Common Annotated Security Key: the year, counted from 2024 by a letter, and the
/// month at 58, the service's signature at 76.
pub(super) fn cask(secret: &str, mut hit: Hit) -> Option<Hit> {
    let bytes = secret.as_bytes();
    let year = 2024 + u16::from(bytes.get(58)?.checked_sub(b'A')?);
    let month = 1 + bytes.get(59)?.checked_sub(b'A')?;
    if month > 12 || !bytes.get(58)?.is_ascii_uppercase() {
        return None;
    }
    let service = match secret.get(76..80)? {
        "AZDO" => "Azure DevOps",
        "ACOG" => "Azure AI services",
        "AZEG" => "Event Grid",
        "APIM" => "API Management",
        other => other,
    };
    hit.facts.push(("service".into(), service.to_owned()));
    hit.facts
        .push(("created".into(), format!("{year}-{month:02}")));
    Some(hit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Span;

    fn hit() -> Hit {
        Hit::secret(Span::new(0, 1))
    }

    fn fact<'a>(hit: &'a Hit, name: &str) -> Option<&'a str> {
        let (_, value) = hit.facts.iter().find(|(n, _)| n == name)?;
        Some(value)
    }

    /// A signature: base64 of 32 bytes, escaped for a URL.
    const SIG: &str = "sig=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE%3D";

    #[test]
    fn a_signature_tells_its_reach_rights_and_end() {
        let text = format!("sv=2022-11-02&ss=b&srt=co&sp=rwdl&se=2030-01-01T00:00:00Z&{SIG}");
        let found = sas(&text, hit()).unwrap();
        assert_eq!(fact(&found, "reach"), Some("account"));
        assert_eq!(fact(&found, "rights"), Some("rwdl"));
        assert_eq!(fact(&found, "expires"), Some("2030-01-01T00:00:00Z"));
        assert_eq!(found.severity, Some(Severity::Critical));
        assert_eq!(found.confidence, None);

        let text = format!(
            "sp=r&st=2026-01-01T00:00:00Z&se=2026-01-01T08:00%3A00Z&sv=2022-11-02&sr=b&{SIG}"
        );
        let found = sas(&text, hit()).unwrap();
        assert_eq!(found.confidence, Some(Confidence::Low));
        assert_eq!(found.severity, Some(Severity::Medium));

        assert!(sas(&format!("sv=2022-11-02&{SIG}"), hit()).is_none());
        assert!(sas(&format!("sv=2022-11-02&si=policy&sr=c&{SIG}"), hit()).is_some());
        assert!(sas("sv=2022-11-02&si=policy&sr=c&sig=short", hit()).is_none());
    }

    #[test]
    fn times_are_read_in_each_form() {
        let day = instant("2026-01-02").unwrap();
        assert_eq!(instant("2026-01-02T00:00Z"), Some(day));
        assert_eq!(instant("2026-01-02T00:00:00Z"), Some(day));
        assert_eq!(instant("soon"), None);
    }

    #[test]
    fn a_key_tells_its_month() {
        let key = format!(
            "{}JQQJ99BF{}AZDO{}",
            "a".repeat(52),
            "b".repeat(16),
            "c".repeat(4)
        );
        let found = cask(&key, hit()).unwrap();
        assert_eq!(fact(&found, "created"), Some("2025-06"));
        assert_eq!(fact(&found, "service"), Some("Azure DevOps"));
        assert!(cask(&key.replace("99BF", "99Bz"), hit()).is_none());
        assert!(cask("", hit()).is_none());
    }
}
