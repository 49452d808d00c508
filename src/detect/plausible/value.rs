//! What a value looks like: chance, words, a placeholder, or something with a shape
//! of its own.

use std::collections::HashSet;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::Regex;

use super::super::entropy;
use super::words::{SAY_SECRET, TOYS};
pub(in crate::detect) use super::wordy::is_wordy;
use super::{finder, is_filler};

/// Longest literal that is looked at; longer ones are data.
const LONGEST: usize = 512;

/// Whether the text stands for a value that is put in later, or says that it is none.
pub(in crate::detect) fn is_placeholder(value: &str) -> bool {
    static TEMPLATE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?x)
            \$\{ | \{\{ | \}\} | \#\{ | <% | \{% | \$\( | %\( | \(\(            # templates
            | ^\$+[A-Za-z_][A-Za-z0-9_.:]*$ | ^%[A-Za-z_]\w*%$ | @[A-Za-z_]+@     # variables
            | ^<.*>$ | ^\[.*\]$ | ^\{.*\}$ | \{[A-Za-z_][A-Za-z0-9_.]*\} | \{\}  # holes
            | <[A-Za-z][A-Za-z0-9_\ -]*> | ^_+[A-Z_]+_+$
            | %[sdv] | \.\$[A-Z]?\d | %\d\$s | \.\.\. | \*\*\* | …
            | \$_?(?:ENV|SERVER)\b | getenv | process\.env | os\.environ | \benv\.
            | ^(?:secrets|vars|var|local|data|module|params|inputs|self|this)\.
            | ^\w+\([^)]*\)$
            ",
        )
        .expect("a constant regex")
    });
    /// A reference into a store of secrets, or a value that is encrypted already.
    const STORED: &[&str] = &[
        "ENC[",
        "ENC(",
        "vault:",
        "op://",
        "ssm:",
        "arn:",
        "env:",
        "@env:",
        "file:",
        "ref+",
        "AQICAH",
        "ENC:",
        "!vault",
        "$ANSIBLE_VAULT",
        "secretsmanager",
        "projects/",
        "kms:",
        "lp://",
        "{aes}",
    ];
    value.is_empty()
        || STORED.iter().any(|start| value.starts_with(start))
        || is_filler(value.as_bytes())
        || TEMPLATE.is_match(value)
}

/// Whether the text has a shape that says what it is: a URL, a path, a date, an
/// address, a version, a UUID, a hash of a password or a file.
pub(in crate::detect) fn has_shape(value: &str) -> bool {
    static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?xi)
            ://
            | ^\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$       # UUID
            | ^v?\d+(?:[.\-:T/_\ ,]\d+)*(?:[-.]?(?:alpha|beta|rc|dev|post|final|z)[.\d]*)?$
            | ^0x[0-9a-f]*$
            | ^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$                            # e-mail
            | ^(?:~|\.{1,2})?/[\w.-]+(?:/|$) | ^[a-z]:[\\/]             # paths
            | ^[\w.@-]+(?:/[\w.@-]+)*\.(?:[a-z]{1,4}|json5?|jsonc|toml|properties|config)$
            | ^(?:[a-z0-9-]+\.)+[a-z]{2,10}(?::\d+)?(?:/.*)?$            # hosts
            | ^\$(?:2[abxy]?|1|5|6|y|argon2\w*|pbkdf2[\w-]*|scrypt)\$ | ^(?:pbkdf2|scrypt|argon2|bcrypt)\w*[:$]
            | ^\{[A-Z0-9]+\}
            | ^(?:sha(?:1|256|384|512)|md5|scram-sha-\d+)[-:=$]
            | ^ssh-(?:rsa|ed25519|dss)\b | ^-----
            | ^(?:pk|pub|phc)[-_]                                       # public by design
            | ^(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}$                      # an id, not its secret
            | ^data: | ^urn:
            | ^MI[IGH][A-Za-z0-9+/]{60}                                 # a certificate, a public key
            | ^U2FsdGVkX1 | ^\*[0-9A-F]{40}$                           # encrypted, hashed
            | ^Eby8vdM02xNO                                             # the storage emulator's
            | ^eyJ[\w-]+\. | ^xox[a-z]-                                  # see their rules
            | ^A[gQ][A-Za-z0-9+/]{160,}={0,2}$                          # a sealed secret
            ",
        )
        .expect("a constant regex")
    });
    SHAPE.is_match(value)
}

/// Whether this is a UUID, and none of those that everybody copies.
pub(in crate::detect) fn is_uuid(value: &str) -> bool {
    let shape = [8, 13, 18, 23];
    value.len() == 36
        && value.bytes().enumerate().all(|(at, byte)| {
            if shape.contains(&at) {
                byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            }
        })
        && ![
            "12345678-",
            "123e4567-",
            "550e8400-",
            "f81d4fae-",
            "6ba7b81",
        ]
        .iter()
        .any(|start| value.starts_with(start))
        && entropy::shannon(value.as_bytes()) > 3.0
}

/// Whether a key, a token or a secret could look like this: long, of mixed
/// characters, no word and no shape.
pub(in crate::detect) fn is_random(value: &str) -> bool {
    let bytes = value.as_bytes();
    if !(16..=LONGEST).contains(&bytes.len()) || !is_one_token(value) {
        return false;
    }
    let classes = Classes::of(bytes);
    if !classes.has(Classes::DIGIT)
        || !classes.has(Classes::LOWER | Classes::UPPER)
        || longest_run(bytes) < 8
    {
        return false;
    }
    if classes.has(Classes::SYMBOL) && classes.count() < 4 {
        return false;
    }
    let hex = bytes.iter().all(u8::is_ascii_hexdigit);
    let least = match bytes.len() {
        _ if hex => 3.0,
        ..20 => 3.1,
        20..32 => 3.4,
        _ => 3.7,
    };
    (!hex || bytes.len() >= 20)
        && entropy::shannon(bytes) >= least
        && !is_wordy(value)
        && !is_periodic(bytes)
        && !is_placeholder(value)
        && !has_shape(value)
        && !names_itself(value)
}

/// Whether the value repeats itself, whatever the case: `abc123ABC123abc123`.
fn is_periodic(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    (1..=lower.len() / 2).any(|period| {
        lower
            .iter()
            .zip(lower.iter().skip(period))
            .all(|(a, b)| a == b)
    })
}

/// Whether something is called: a parenthesis after a name.
pub(super) fn calls(value: &[u8]) -> bool {
    value.first() == Some(&b'(')
        || value
            .windows(2)
            .any(|pair| matches!(pair, [a, b'('] if a.is_ascii_alphanumeric() || *a == b'_'))
}

/// Whether a password that stands where only passwords stand is in force: no
/// placeholder, none of the words that every example has, and not just a word.
pub(in crate::detect) fn is_set_password(value: &str, user: &str) -> bool {
    let bytes = value.as_bytes();
    let classes = Classes::of(bytes);
    (4..=LONGEST).contains(&bytes.len())
        && bytes.iter().all(u8::is_ascii_graphic)
        && classes.count() >= 2
        && !is_toy(value)
        && !value.eq_ignore_ascii_case(user)
        && !is_placeholder(value)
}

/// Whether this is a password that examples use, whatever digits follow it.
pub(in crate::detect) fn is_toy(value: &str) -> bool {
    // Asked of every value of a file full of `token = …`.
    static KNOWN: LazyLock<HashSet<&str>> = LazyLock::new(|| TOYS.iter().copied().collect());
    let lower = value.to_ascii_lowercase();
    let bare = lower.trim_matches(|c: char| !c.is_ascii_alphabetic() && c != '@' && c != '$');
    let plain: String = bare.chars().filter_map(unleet).collect();
    KNOWN.contains(plain.as_str())
}

/// The letter that a digit or sign stands for; separators vanish.
fn unleet(c: char) -> Option<char> {
    Some(match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        '_' | '-' | '.' | '(' | ')' => return None,
        c => c,
    })
}

/// Whether the value speaks of being a secret, as no generated one does.
pub(super) fn names_itself(value: &str) -> bool {
    static FIND: LazyLock<AhoCorasick> = LazyLock::new(|| finder(SAY_SECRET));
    let plain: String = value.chars().filter_map(unleet).collect();
    FIND.is_match(value) || FIND.is_match(&plain)
}

/// One token of plain characters: no space, quote, bracket, escape or list.
pub(super) fn is_one_token(value: &str) -> bool {
    value
        .bytes()
        .all(|b| b.is_ascii_graphic() && !b"\"'`<>{}[]\\|;,".contains(&b))
}

/// The classes of character in a value, a bit each.
#[derive(Clone, Copy)]
pub(super) struct Classes(u8);

impl Classes {
    pub(super) const LOWER: u8 = 1;
    pub(super) const UPPER: u8 = 2;
    pub(super) const DIGIT: u8 = 4;
    pub(super) const SYMBOL: u8 = 8;

    /// Separators are no class: identifiers have them too.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let class = |byte: &u8| match byte {
            b'a'..=b'z' => Self::LOWER,
            b'A'..=b'Z' => Self::UPPER,
            b'0'..=b'9' => Self::DIGIT,
            b'_' | b'-' | b'.' | b'/' | b':' | b'=' | b'+' | b'~' => 0,
            _ => Self::SYMBOL,
        };
        Self(bytes.iter().map(class).fold(0, |all, one| all | one))
    }

    pub(super) const fn has(self, any: u8) -> bool {
        self.0 & any != 0
    }

    pub(super) const fn count(self) -> u32 {
        self.0.count_ones()
    }
}

/// The longest run of letters and digits.
fn longest_run(bytes: &[u8]) -> usize {
    bytes
        .split(|b| !b.is_ascii_alphanumeric())
        .map(<[u8]>::len)
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::sample::expand;

    /// Made when the test runs, so that no token-shaped text is committed.
    fn made(shape: &str, seed: u32) -> String {
        expand(shape, &seed.to_string()).unwrap()
    }

    #[test]
    fn generated_keys_are_random() {
        for shape in [
            "{{base62:20}}",
            "{{base62:40}}",
            "{{hex:32}}",
            "{{hex:64}}",
            "{{base64url:43}}",
            "{{lower-alnum:32}}",
        ] {
            let taken = (0..200)
                .filter(|seed| is_random(&made(shape, *seed)))
                .count();
            assert!(taken >= 180, "{shape}: {taken} of 200");
        }
    }

    #[test]
    fn what_is_no_key() {
        for value in [
            "short1",
            "the quick brown fox 1",
            "authentication-service-v2",
            "com.example.service1.Handler",
            "my_application_name_2024",
            "https://host/path?x=12345678",
            "/var/run/secrets/token1",
            "123e4567-e89b-12d3-a456-426614174000",
            "2024-01-01T00:00:00Z",
            "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "${API_TOKEN_V1_PRODUCTION}",
            "{{ .Values.token1234567 }}",
            "1234567890abcdef1234567890abcdef",
            "process.env.API_TOKEN_1234",
            "arn:aws:secretsmanager:eu-west-1:1:secret:x",
            "$2b$12$R9h1cIPz0gi.URNNX3kh2OPST9",
            "0x6b175474e89094c44da98b954eedeac495271d0f",
        ] {
            assert!(!is_random(value), "{value}");
        }
    }

    #[test]
    fn passwords_in_their_place() {
        assert!(is_set_password("gr33nt3a", "app") && is_set_password("q7wz", ""));
        assert!(!is_set_password("postgres", "postgres") && !is_set_password("Secret123", ""));
        assert!(is_toy("P@ssw0rd!") && is_toy("root123") && !is_toy("gr33nt3a"));
    }
}
