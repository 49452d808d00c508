//! Placeholders for token-shaped text.
//!
//! A page writes `ghp_{{base62:30}}{{crc32-base62}}`; its test expands that into
//! a token with a true checksum. So no token-shaped text is ever committed, and
//! push protection, other scanners and our own scan of ourselves stay quiet. The
//! expansion is the same every time and holds no line break, so line numbers stay.

use bech32::{Bech32, Hrp};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use sha2::{Digest, Sha256};

// The build script reads this file under another parent: the paths are explicit.
#[path = "sample/azure.rs"]
pub mod azure;
#[path = "sample/sums.rs"]
pub mod sums;

use sums::BASE62;

/// Character sets by name.
pub(crate) const CHARSETS: &[(&str, &[u8])] = &[
    ("base62", BASE62),
    (
        "base64",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    ),
    (
        "base64url",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    ),
    ("lower-base32", b"abcdefghijklmnopqrstuvwxyz234567"),
    ("base32", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    (
        "base58",
        b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    ),
    ("hex", b"0123456789abcdef"),
    ("digits", b"0123456789"),
    ("lower", b"abcdefghijklmnopqrstuvwxyz"),
    ("upper", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("lower-alnum", b"abcdefghijklmnopqrstuvwxyz0123456789"),
    ("upper-alnum", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
];

type Encode = fn(&[u8]) -> String;

/// Encodings of a text by name.
const ENCODINGS: &[(&str, Encode)] = &[
    ("base64", |text| BASE64.encode(text)),
    ("base64url", |text| BASE64URL_NOPAD.encode(text)),
    ("hex", |text| HEXLOWER.encode(text)),
    ("percent", |text| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b".~-".contains(&b);
        escape(text, "%", plain)
    }),
    ("unicode", |text| escape(text, "\\u00", |_| false)),
];

/// Writes each byte that isn't plain as `sign` and two hexadecimal digits.
fn escape(text: &[u8], sign: &str, plain: fn(u8) -> bool) -> String {
    let mut out = String::new();
    for byte in text {
        if plain(*byte) {
            out.push(char::from(*byte));
        } else {
            out.push_str(sign);
            out.push_str(&HEXUPPER.encode(&[*byte]));
        }
    }
    out
}

/// Most characters that one placeholder stands for.
const MOST: usize = 4096;

/// Expands every placeholder in `text`; `seed` makes the random parts differ from
/// page to page.
///
/// * `{{base62:30}}` and the other `CHARSETS`: so many random characters.
/// * `{{crc32-base62}}` and the other `sums::SUMS`: the checksum of the random part
///   before, or of the text that `{{of TEXT}}` marks.
/// * `{{of TEXT}}`: TEXT, itself expanded.
/// * `{{sha256-base32}}`: eight characters, the SHA-256 of the token so far, as in
///   GitHub's fine-grained tokens.
/// * `{{uuid}}`: a random UUID.
/// * `{{der:300}}`: base64 of a DER sequence of so many random bytes, which is all
///   that can be told of a private key from outside.
/// * `{{openssh:none}}`: base64 of the start of an OpenSSH private key with that cipher.
/// * `{{pkcs12:300}}`: base64 of a PKCS#12 bundle of so many random bytes.
/// * `{{pgp:300}}`: base64 of a secret-key packet of so many random bytes.
/// * `{{bech32:PREFIX}}`: 32 random bytes in bech32, in upper case.
/// * `{{nkey:U}}`: a NATS seed of that kind.
/// * `{{azure-key:+ASt}}`, `{{azure-key:AzSe admin}}`: an Azure key with that signature,
///   and with those rights.
/// * `{{base64 TEXT}}` and the other `ENCODINGS`: TEXT, itself expanded, encoded.
/// * `{{-}}`: nothing, to break up a literal that would be token-shaped.
///
/// Anything else between double braces stays, so template examples can be written,
/// unless it looks like a mistyped placeholder.
///
/// # Errors
///
/// Says what is wrong with a placeholder and what to write.
pub fn expand(text: &str, seed: &str) -> Result<String, String> {
    Expander {
        seed,
        drawn: 0,
        random: String::new(),
    }
    .expand(text)
}

struct Expander<'a> {
    seed: &'a str,
    drawn: u64,
    /// What a checksum is taken over: the last random part, or what was marked.
    random: String,
}

impl Expander<'_> {
    fn expand(&mut self, text: &str) -> Result<String, String> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            out.push_str(before);
            let Some(end) = closing(after) else {
                out.push_str("{{");
                rest = after;
                continue;
            };
            let (inner, tail) = after.split_at(end);
            if let Some(value) = self.one(inner, &out)? {
                out.push_str(&value);
            } else {
                out.extend(["{{", inner, "}}"]);
            }
            rest = tail.strip_prefix("}}").unwrap_or(tail);
        }
        out.push_str(rest);
        Ok(out)
    }

    fn one(&mut self, inner: &str, so_far: &str) -> Result<Option<String>, String> {
        if let Some((name, text)) = inner.split_once(' ')
            && let Some((_, encode)) = ENCODINGS.iter().find(|(n, _)| *n == name)
        {
            return Ok(Some(encode(self.expand(text)?.as_bytes())));
        }
        if let Some(text) = inner.strip_prefix("of ") {
            self.random = self.expand(text)?;
            return Ok(Some(self.random.clone()));
        }
        if let Some((name, count)) = inner.split_once(':') {
            if let Some(key) = self.private_key(name, count)? {
                return Ok(Some(key));
            }
            if let Some(key) = self.key(name, count)? {
                return Ok(Some(key));
            }
            let Some((_, set)) = CHARSETS.iter().find(|(n, _)| *n == name) else {
                return placeholder_like(name).map_or(Ok(None), Err);
            };
            let count = count
                .parse()
                .ok()
                .filter(|count| (1..=MOST).contains(count))
                .ok_or_else(|| {
                    format!("{{{{{inner}}}}}: write a count up to {MOST}, as in {{{{{name}:30}}}}")
                })?;
            self.random = self.draw(set, count);
            return Ok(Some(self.random.clone()));
        }
        Ok(Some(match inner {
            "-" => String::new(),
            "sha256-base32" => sums::of(inner, token_tail(so_far).as_bytes()).unwrap_or_default(),
            "uuid" => {
                let hex = self.draw(b"0123456789abcdef", 32);
                let part = |from, to| hex.get(from..to).unwrap_or_default();
                format!(
                    "{}-{}-4{}-a{}-{}",
                    part(0, 8),
                    part(8, 12),
                    part(13, 16),
                    part(17, 20),
                    part(20, 32)
                )
            }
            _ => match sums::of(inner, self.random.as_bytes()) {
                Some(sum) => sum,
                None => return placeholder_like(inner).map_or(Ok(None), Err),
            },
        }))
    }

    /// A key whose checksum is part of how it is written.
    fn key(&mut self, name: &str, what: &str) -> Result<Option<String>, String> {
        let every: Vec<u8> = (0..=255).collect();
        Ok(match name {
            "bech32" => {
                let prefix = Hrp::parse(what).map_err(|e| format!("{{{{bech32:{what}}}}}: {e}"))?;
                bech32::encode_upper::<Bech32>(prefix, &self.draw_bytes(&every, 32)).ok()
            }
            "nkey" => {
                let kind = what.bytes().next().filter(u8::is_ascii_uppercase);
                let kind = kind.ok_or("{{nkey:}}: write the kind, as in {{nkey:U}}")? - b'A';
                // Two letters in 5 bits each: `S` and the kind.
                let mut bytes = vec![(b'S' - b'A') << 3 | kind >> 2, (kind & 3) << 6];
                bytes.extend(self.draw_bytes(&every, 32));
                Some(sums::nkey_text(&bytes))
            }
            "azure-key" => {
                let (kind, seed) = azure::Kind::asked(what)
                    .ok_or_else(|| format!("{{{{azure-key:{what}}}}}: no such signature"))?;
                std::iter::repeat_with(|| self.draw_bytes(&every, kind.takes()))
                    .find_map(|random| kind.key(seed, &random))
            }
            _ => None,
        })
    }

    /// A private key's outside: what its header says, around random bytes.
    fn private_key(&mut self, name: &str, what: &str) -> Result<Option<String>, String> {
        let sized = |text: &str| {
            text.parse::<u16>()
                .map_err(|_| format!("{{{{{name}:{text}}}}}: write a count of bytes"))
        };
        let (mut key, len) = match name {
            "der" => {
                let len = sized(what)?;
                let [a, b] = len.to_be_bytes();
                (vec![0x30, 0x82, a, b], len)
            }
            "pkcs12" => {
                let len = sized(what)?;
                let [a, b] = len.saturating_add(7).to_be_bytes();
                let [c, d] = len.to_be_bytes();
                (vec![0x30, 0x82, a, b, 2, 1, 3, 0x30, 0x82, c, d], len)
            }
            "pgp" => {
                let len = sized(what)?;
                let [a, b] = len.to_be_bytes();
                (vec![0x95, a, b], len)
            }
            "openssh" => {
                let mut key = b"openssh-key-v1\0".to_vec();
                key.extend([0, 0, 0, u8::try_from(what.len()).unwrap_or(0)]);
                key.extend(what.bytes());
                (key, 200)
            }
            _ => return Ok(None),
        };
        let every: Vec<u8> = (0..=255).collect();
        key.extend(self.draw_bytes(&every, usize::from(len)));
        Ok(Some(BASE64.encode(&key)))
    }

    /// Random characters from a SHA-256 stream over seed and position.
    fn draw(&mut self, set: &[u8], count: usize) -> String {
        self.draw_bytes(set, count)
            .into_iter()
            .map(char::from)
            .collect()
    }

    fn draw_bytes(&mut self, set: &[u8], count: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(count);
        while out.len() < count {
            let mut hasher = Sha256::new();
            hasher.update(self.seed.as_bytes());
            hasher.update(self.drawn.to_le_bytes());
            self.drawn += 1;
            for byte in hasher.finalize() {
                if out.len() < count {
                    out.push(set[usize::from(byte) % set.len()]);
                }
            }
        }
        out
    }
}

/// Offset of the `}}` that closes a placeholder, past nested ones.
fn closing(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(pair) = bytes.get(at..at + 2) {
        match pair {
            b"{{" => {
                depth += 1;
                at += 2;
            }
            b"}}" if depth == 0 => return Some(at),
            b"}}" => {
                depth -= 1;
                at += 2;
            }
            b"\n\n" => return None,
            _ => at += 1,
        }
    }
    None
}

/// An error for a name that looks like one of ours but isn't.
fn placeholder_like(name: &str) -> Option<String> {
    let ours = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    ours.then(|| {
        let sets = CHARSETS.iter().map(|(n, _)| format!("{n}:N"));
        let sums = sums::SUMS.iter().map(|(n, _)| (*n).to_owned());
        let sets: Vec<_> = sets.chain(sums).collect();
        let encodings: Vec<_> = ENCODINGS.iter().map(|(n, _)| *n).collect();
        format!(
            "unknown placeholder {{{{{name}}}}}: write one of {}, uuid, {} TEXT, of TEXT, - (a template's own braces are written with a space: {{{{ {name} }}}})",
            sets.join(", "),
            encodings.join(" TEXT, ")
        )
    })
}

/// The token at the end of `text`: letters, digits, `_` and `-`.
fn token_tail(text: &str) -> &str {
    let start = text
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
        .map_or(0, |at| at + 1);
    text.get(start..).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expansion_is_repeatable_and_leaves_templates_alone() {
        let text = "a_{{base62:30}}{{crc32-base62}} {{ .Values.x }} {{base64 u:{{hex:4}}}}";
        let once = expand(text, "seed").unwrap();
        assert_eq!(once, expand(text, "seed").unwrap());
        assert_ne!(once, expand(text, "other").unwrap());
        assert!(once.contains("{{ .Values.x }}"));
        let token = once.split(' ').next().unwrap();
        assert_eq!(token.len(), 38);
        let (body, check) = token.split_at(32);
        assert!(sums::is_of("crc32-base62", &body.as_bytes()[2..], check));
        assert!(expand("{{base63:3}}", "").is_err());
        for (name, text) in [
            ("hex", "613d2f"),
            ("percent", "a%3D%2F"),
            ("unicode", "\\u0061\\u003D\\u002F"),
        ] {
            assert_eq!(expand(&format!("{{{{{name} a=/}}}}"), "").unwrap(), text);
        }
    }

    #[test]
    fn a_checksum_is_taken_over_what_is_marked() {
        let token = expand("{{of ab_{{hex:8}}.}}-{{crc32-hex}}", "seed").unwrap();
        let (body, check) = token.split_once('-').unwrap();
        assert!(body.starts_with("ab_") && body.len() == 12);
        assert!(sums::is_of("crc32-hex", body.as_bytes(), check));
    }

    #[test]
    fn keys_have_the_shape_of_their_kind() {
        let key = expand("{{nkey:U}}", "seed").unwrap();
        assert!(key.starts_with("SU") && key.len() == 58);
        let key = expand("{{bech32:AGE-SECRET-KEY-}}", "seed").unwrap();
        assert!(key.starts_with("AGE-SECRET-KEY-1") && key.len() == 74);
        let key = expand("{{azure-key:+ASt}}", "seed").unwrap();
        assert_eq!(key.get(76..80), Some("+ASt"));
        assert!(expand("{{azure-key:nosuch}}", "").is_err());
        assert!(expand("{{nkey:}}", "").is_err());
    }
}
