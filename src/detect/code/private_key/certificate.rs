//! A certificate beside a private key. Alone it is public; with its key it tells whom
//! the key speaks for and until when (RFC 5280).

use std::borrow::Cow;

use x509_cert::Certificate;
use x509_cert::der::Decode;

use crate::detect::decode;

/// Certificates of a file that are looked at: a chain has three or four.
const MOST: usize = 8;

/// The longest certificate, in base64.
const LONGEST: usize = 16 * 1024;

/// The first certificates of a file.
pub(super) fn all(bytes: &[u8]) -> Vec<Certificate> {
    const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
    memchr::memmem::find_iter(bytes, BEGIN)
        .take(MOST)
        .filter_map(|at| read(bytes.get(at + BEGIN.len()..)?))
        .collect()
}

/// What the certificate of the key `key` says, when it is among these.
pub(super) fn facts(certificates: &[Certificate], key: &[u8]) -> Vec<(Cow<'static, str>, String)> {
    let own = certificates.iter().find(|one| is_of(one, key));
    own.map_or_else(Vec::new, of)
}

/// The certificate whose body begins `rest`, written in lines or with `\n`.
fn read(rest: &[u8]) -> Option<Certificate> {
    let rest = rest.get(..LONGEST).unwrap_or(rest);
    let end = memchr::memmem::find(rest, b"-----END CERTIFICATE")?;
    let body = std::str::from_utf8(rest.get(..end)?).ok()?;
    let body = body.replace("\\r", "").replace("\\n", "");
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let text: String = body.chars().filter(plain).collect();
    Certificate::from_der(&decode::base64(&text)?).ok()
}

/// Whether the public key of a certificate is inside the private one: an RSA key holds
/// its modulus and exponent, a key on a curve its point.
fn is_of(certificate: &Certificate, key: &[u8]) -> bool {
    let public = &certificate.tbs_certificate.subject_public_key_info;
    let public = public.subject_public_key.raw_bytes();
    let inner = match public {
        [0x30, 0x82, _, _, rest @ ..] | [0x30, 0x81, _, rest @ ..] => rest,
        _ => public,
    };
    inner.len() >= 32 && memchr::memmem::find(key, inner).is_some()
}

fn of(certificate: &Certificate) -> Vec<(Cow<'static, str>, String)> {
    let certificate = &certificate.tbs_certificate;
    let day = |time: x509_cert::time::Time| {
        let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
        decode::day(seconds)
    };
    let subject = certificate.subject.to_string();
    let mut facts = Vec::new();
    if !subject.is_empty() && subject.len() <= 200 {
        facts.push(("certificate-subject".into(), subject));
    }
    let from = day(certificate.validity.not_before);
    facts.extend(from.map(|day| ("certificate-from".into(), day)));
    let until = day(certificate.validity.not_after);
    facts.extend(until.map(|day| ("certificate-until".into(), day)));
    facts
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;

    use super::*;

    /// An element of DER: its tag, its length in two bytes, what it holds.
    fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let inner = parts.concat();
        let [high, low] = u16::try_from(inner.len()).unwrap().to_be_bytes();
        let head: &[u8] = match inner.len() {
            ..128 => &[tag, low],
            128..256 => &[tag, 0x81, low],
            _ => &[tag, 0x82, high, low],
        };
        [head, &inner].concat()
    }

    /// A certificate for `batch` with this modulus, and the key that belongs to it.
    fn pair(modulus: u8) -> (String, Vec<u8>) {
        let rsa = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
        let algorithm = element(0x30, &[&element(6, &[&rsa]), &[5, 0]]);
        let number: Vec<u8> = (0..=255).map(|n: u8| n.wrapping_mul(modulus) | 1).collect();
        let number = element(2, &[&[0], &number]);
        let exponent = element(2, &[&[1, 0, 1]]);
        let public = element(0x30, &[&number, &exponent]);
        let info = element(0x30, &[&algorithm, &element(3, &[&[0], &public])]);
        let name = [&element(6, &[&[0x55, 4, 3]])[..], &element(12, &[b"batch"])];
        let name = element(0x30, &[&element(0x31, &[&element(0x30, &name)])]);
        let time = |text: &[u8]| element(0x17, &[text]);
        let validity = [&time(b"250101000000Z")[..], &time(b"350101000000Z")];
        let validity = element(0x30, &validity);
        let serial = [2, 1, 1];
        let inner: [&[u8]; 6] = [&serial, &algorithm, &name, &validity, &name, &info];
        let inner = element(0x30, &inner);
        let signature = element(3, &[&[0, 1, 2, 3]]);
        let whole = element(0x30, &[&inner, &algorithm, &signature]);
        let text = BASE64.encode(&whole);
        let (dashes, what) = ("-----", "CERTIFICATE");
        let text = format!("{dashes}BEGIN {what}{dashes}\n{text}\n{dashes}END {what}{dashes}\n");
        let key = element(0x30, &[&[2, 1, 0], &number, &exponent, &[2, 1, 7]]);
        (text, key)
    }

    #[test]
    fn the_certificate_of_a_key_tells_whose_it_is_and_until_when() {
        let ((first, key), (second, other)) = (pair(3), pair(5));
        let chain = format!("{second}{first}");
        let found = facts(&all(chain.as_bytes()), &key);
        let found: Vec<_> = found
            .iter()
            .map(|(n, v)| (n.as_ref(), v.as_str()))
            .collect();
        let expected = [
            ("certificate-subject", "CN=batch"),
            ("certificate-from", "2025-01-01"),
            ("certificate-until", "2035-01-01"),
        ];
        assert_eq!(found, expected);
        assert!(facts(&all(first.as_bytes()), &other).is_empty());
        assert!(all(first.replace("MII", "MIJ").as_bytes()).is_empty());
    }
}
