//! Headers of HTTP that log in: `Authorization: Basic …`, `X-Api-Key: …`.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::detect::plausible::login::{Grade, grade, is_filled_in, shown};
use crate::detect::plausible::{strength, value};
use crate::detect::{Cx, Hit, decode};
use crate::document::Span;
use crate::finding::Confidence;

/// Longest header that is looked at.
const LONGEST: usize = 700;

/// Finds the credentials.
pub(super) fn headers(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    cx.read_on(|keyword, _| {
        let end = (keyword.end + LONGEST).min(bytes.len());
        let rest = bytes.get(keyword.end..end).unwrap_or_default();
        let name = header(bytes, keyword);
        let (regex, login) = if name.of(bytes).eq_ignore_ascii_case(b"authorization")
            || name.of(bytes).eq_ignore_ascii_case(b"proxy-authorization")
        {
            (&*LOGIN, true)
        } else {
            (&*KEY, false)
        };
        let found = regex.captures(rest)?;
        let secret = found.name("secret")?;
        let secret = Span::new(keyword.end + secret.start(), keyword.end + secret.end());
        let scheme = found.name("scheme").map_or(&b""[..], |m| m.as_bytes());
        let scheme = String::from_utf8_lossy(scheme).to_ascii_lowercase();
        let hit = if scheme == "basic" {
            basic(bytes, secret)
        } else if login || begins_string(bytes, name.start) {
            token(bytes, secret).map(|sure| Hit::secret(secret).sure(sure))
        } else {
            None
        };
        let hit = hit.map(|hit| match hit.subject {
            Some(_) => hit,
            None => hit.about(String::from_utf8_lossy(name.of(bytes)).to_ascii_lowercase()),
        });
        Some((hit, secret.end))
    })
}

/// From a header's name to its credential, with the name of the way to log in.
static LOGIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi-u)
        ^\\{0,2}['"`]?\]?\s{0,4}(?:[:=,]|=>|\(|\\u003a)\s{0,16}(?:[bru]{0,2}|\$)\\{0,2}['"`]?
        (?P<scheme>basic|bearer|token|apikey|api-?key|bot|key|sso-key|genie-?key|splunk|oauth
            |private-token|negotiate|ntlm|ssws|pve|zoho-oauthtoken|discogs|client-?id|digest)
        (?:\s|%20|\+|[:=])\s{0,3}(?:token=)?\\?['"]?
        (?P<secret>[\w.~+/=:%!@^*-]{6,600})
        "#,
    )
    .expect("a constant regex")
});

/// From the name of a header that holds a key to that key.
static KEY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i-u)^:\s{0,4}(?P<secret>[\w.~+/=:%!@^*-]{6,300})").expect("a constant regex")
});

/// The whole name that a keyword is the end of.
fn header(bytes: &[u8], keyword: Span) -> Span {
    let part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let before = bytes
        .get(keyword.start.saturating_sub(40)..keyword.start)
        .unwrap_or_default();
    let length = before.iter().rev().take_while(part).count();
    Span::new(keyword.start - length, keyword.end)
}

/// Whether a quote opens right before: the header and its value are one string, as
/// `curl -H` takes it.
fn begins_string(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(at.saturating_sub(3)..at).unwrap_or_default();
    matches!(before, [.., b'"' | b'\''] | [b'-', b'H', b' ' | b'='])
}

/// `user:password` in base64 (RFC 7617).
fn basic(bytes: &[u8], secret: Span) -> Option<Hit> {
    let text = std::str::from_utf8(secret.of(bytes)).ok()?;
    let (user, password) = decode::login(text)?;
    let (Ok(user), Ok(password)) = (std::str::from_utf8(&user), std::str::from_utf8(&password))
    else {
        return other_letters(&user, &password, secret);
    };
    let password = password.trim_end();
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    if !plain(user) || !plain(password) || is_filled_in(user) {
        return None;
    }
    if password.is_empty() || value::is_random(user) && password.len() < 4 {
        // A key in place of the user's name.
        return value::is_random(user).then(|| Hit::secret(secret).about("basic authorization"));
    }
    let sure = match grade(&password.replace(' ', ""), user) {
        Grade::Strong | Grade::Set => Confidence::High,
        Grade::Weak => Confidence::Medium,
        Grade::Toy => Confidence::Low,
        Grade::StandIn | Grade::Blank => return None,
    };
    let hit = Hit::secret(secret).sure(sure);
    Some(match shown(user, password) {
        Some(user) => hit.about(format!("user:{user}")),
        None => hit,
    })
}

/// A login with a few letters of another alphabet than UTF-8, or mistyped ones.
fn other_letters(user: &[u8], password: &[u8], secret: Span) -> Option<Hit> {
    let odd = password.iter().filter(|b| !b.is_ascii_graphic()).count();
    let length = user.len() + 1 + password.len();
    let plain = user.iter().all(u8::is_ascii_graphic) && odd * 8 <= length;
    (plain && password.len() >= 8).then(|| Hit::secret(secret).sure(Confidence::Medium))
}

/// How sure it is that a text is a token.
fn token(bytes: &[u8], secret: Span) -> Option<Confidence> {
    let text = std::str::from_utf8(secret.of(bytes)).ok()?;
    // A web token has a rule of its own that reads its times.
    let web = text.starts_with("eyJ") && text.matches('.').count() == 2;
    // A template fills in the rest.
    let rest = bytes.get(secret.end..).unwrap_or_default();
    let cut = [&b"{{"[..], b"${", b"#{"]
        .iter()
        .any(|hole| rest.starts_with(hole));
    // The request of a signed protocol such as ACME (RFC 7515), whose parts are base64 too.
    let request = ["eyJwcm90ZWN0ZWQi", "eyJwYXlsb2FkI"];
    let request = request.iter().any(|start| text.starts_with(start));
    if web || request || cut || is_filled_in(text) || value::is_placeholder(text) {
        return None;
    }
    if value::is_random(text) {
        Some(Confidence::High)
    } else if value::is_uuid(text) || text.len() >= 10 && strength::is_strong_password(text) {
        Some(Confidence::Medium)
    } else {
        None
    }
}
