//! Decoders that tell a secret from a look-alike and draw facts from it. Their names
//! are those of `rule::guards`. A fact never holds a part that is secret.

mod aws;
mod azure;
mod json;
mod jwt;
mod macaroon;
mod shape;

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD};
use jiff::Timestamp;

use super::Hit;

/// Decodes `secret`; `None` when it is nothing of the kind.
pub(super) fn by_name(name: &str, secret: &str, hit: Hit) -> Option<Hit> {
    match name {
        "basic-auth" => basic_auth(secret, hit),
        "jwt" => jwt::jwt(secret, hit),
        "aws-key-id" => aws::key_id(secret, hit),
        "bedrock" => aws::bedrock(secret, hit),
        "pypi" => macaroon::pypi(secret, hit),
        "fly" => macaroon::fly(secret, hit),
        "teamcity" => shape::teamcity(secret, hit),
        "discord" => shape::discord(secret, hit),
        "atlassian-server" => shape::atlassian_server(secret, hit),
        "artifactory" => shape::artifactory(secret, hit),
        "object-id" => shape::object_id(secret, hit),
        "pkcs12" => shape::pkcs12(secret, hit),
        "azure-sas" => azure::sas(secret, hit),
        "azure-key" => azure::key(secret, hit),
        "azure-cask" => azure::cask(secret, hit),
        "any" => Some(hit),
        "chance" => is_chance(secret).then_some(hit),
        "32-bytes" => (base64(secret)?.len() == 32).then_some(hit),
        _ => json::by_name(name, secret, hit),
    }
}

/// Whether a value of the right length and alphabet is a generated one: digits among
/// letters, letters of both cases, or many digits, and no words, as identifiers have.
/// Words that hexadecimal digits happen to spell are none.
fn is_chance(secret: &str) -> bool {
    let has = |class: fn(&u8) -> bool| secret.as_bytes().iter().any(class);
    let mixed = if has(u8::is_ascii_digit) {
        secret.len() >= 24 || has(u8::is_ascii_alphabetic)
    } else {
        has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase)
    };
    let hex = |b: u8| b.is_ascii_hexdigit() || b == b'-';
    mixed && (secret.bytes().all(hex) || !super::plausible::value::is_wordy(secret))
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

/// Base64 that may be cut off: its whole groups of four.
fn base64_start(text: &str) -> Option<Vec<u8>> {
    let plain = text.trim_end_matches('=');
    base64(plain).or_else(|| base64(plain.get(..plain.len() / 4 * 4)?))
}

/// The day of a time in seconds since 1970.
pub(super) fn day(seconds: i64) -> Option<String> {
    let time = Timestamp::from_second(seconds).ok()?;
    Some(time.strftime("%Y-%m-%d").to_string())
}

/// Whether a time had passed when this was written: what ended before has ended for
/// every reader, so that a finding still does not depend on the day.
const fn has_ended(seconds: i64) -> bool {
    /// The first of January 2026.
    const WRITTEN: i64 = 1_767_225_600;
    seconds < WRITTEN
}

/// The user and the password of `user:password` in base64 (RFC 7617), in whatever
/// encoding they are.
pub(super) fn login(encoded: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut user = base64(encoded)?;
    let colon = memchr::memchr(b':', &user)?;
    let password = user.split_off(colon + 1);
    user.pop();
    Some((user, password))
}

/// A login of HTTP in UTF-8. The user becomes the subject.
fn basic_auth(secret: &str, mut hit: Hit) -> Option<Hit> {
    let (user, password) = login(secret)?;
    let (user, password) = (
        std::str::from_utf8(&user).ok()?,
        std::str::from_utf8(&password).ok()?,
    );
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic());
    if !plain(password) || super::plausible::is_filler(password.as_bytes()) {
        return None;
    }
    if hit.subject.is_none() && plain(user) {
        hit.subject = Some(format!("user:{user}"));
    }
    Some(hit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::sample::expand;

    #[test]
    fn generated_values_look_like_chance_and_names_do_not() {
        for shape in [
            "{{base62:16}}",
            "{{base62:32}}",
            "{{base62:48}}",
            "{{lower-alnum:24}}",
            "{{base64url:43}}",
            "{{hex:32}}",
            "{{uuid}}",
            "{{digits:32}}",
        ] {
            let taken = (0..500)
                .filter(|seed| is_chance(&expand(shape, &format!("{seed}")).unwrap()))
                .count();
            assert!(taken >= 485, "{shape}: {taken} of 500");
        }
        for name in [
            "my_discord_client_secret_variable",
            "getAccessTokenFromEnvironment2",
            "abcdefghijklmnop",
            "1234567890",
        ] {
            assert!(!is_chance(name), "{name}");
        }
    }
}
