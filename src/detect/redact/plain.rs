//! What may be shown of a line: plain words, paths, pins, variables.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::document::Span;

/// Values that are no credentials, whatever they are given to.
const HARMLESS: &[&str] = &[
    "true", "false", "yes", "no", "on", "off", "none", "null", "nil", "read", "write", "inherit",
    "admin", "string", "str", "any", "required", "disabled", "enabled", "disable", "enable",
    "insecure", "trust", "self", "this", "git", "bearer", "basic", "token",
];

/// Names that hold a number.
const NUMBERED: &[&str] = &[
    "sha256", "sha384", "sha512", "base64", "base32", "python3", "oauth2", "http2", "utf8",
    "amd64", "arm64", "utf16", "ipv4", "ipv6", "ec2", "bedrock2", "node20", "node22", "node24",
];

/// Whether a value says nothing.
pub(super) fn is_harmless(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    value.is_empty()
        || HARMLESS
            .iter()
            .any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
}

/// Whether a value is put in later: `${{ … }}`, `$NAME`, `{{ … }}`, `%NAME%`.
pub(super) fn is_variable(value: &[u8]) -> bool {
    static VARIABLE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?:[\w-]+:\s*)?(?:(?:Bearer|bearer|Basic|token) )?(?:\$|\$\{\{[^}]*(?:\}\})?|\{\{[^}]*(?:\}\})?|\{|\$\{[A-Za-z_][\w.]*\}?|\$[A-Z_][A-Z0-9_]*|\$\([a-z][\w -]*\)?|%[A-Z_]+%|<[a-z -]+>)$")
            .expect("a constant regex")
    });
    VARIABLE.is_match(value.trim_ascii())
}

/// A commit or a digest that names what is used: `@<40 hex>`, `sha256:<64 hex>`.
static PIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?-u)[\w/.-]+(?P<pin>@[0-9a-f]{40}|@?sha(?:1|256|384|512)[:-][A-Za-z0-9+/=]{40,})")
        .expect("a constant regex")
});

/// The pins in a text, each with its sign.
pub(super) fn pins_in(text: &[u8]) -> Vec<Span> {
    static BARE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?-u)sha(?:1|256|384|512)[:-][A-Za-z0-9+/=]{40,}").expect("a constant regex")
    });
    let named = PIN.captures_iter(text).filter_map(|c| c.name("pin"));
    named
        .chain(BARE.find_iter(text))
        .map(|m| Span::new(m.start(), m.end()))
        .collect()
}

/// Long runs that look like chance, and long numbers.
pub(super) fn keys_in(text: &[u8]) -> Vec<Span> {
    static RUN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?-u)[A-Za-z0-9+/_=-]{16,}|\b[0-9]{6,}\b").expect("a constant regex")
    });
    let pins = pins_in(text);
    RUN.find_iter(text)
        .map(|m| Span::new(m.start(), m.end()))
        .filter(|run| !pins.iter().any(|pin| pin.overlaps(*run)))
        .filter(|run| {
            let bytes = run.of(text);
            let mixed = bytes.iter().any(u8::is_ascii_digit);
            mixed && !is_plain(bytes)
        })
        .collect()
}

/// Whether a text is made of plain words: of letters in one case, short numbers, and
/// the signs of a path between them.
pub(super) fn is_plain(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else {
        return false;
    };
    let pinned = PIN
        .captures(text.as_bytes())
        .and_then(|c| c.name("pin"))
        .and_then(|m| text.get(..m.start()));
    let text = pinned.unwrap_or(text);
    let account = text.starts_with("arn:");
    text.chars()
        .all(|c| c.is_ascii_alphanumeric() || "/.-_:*@,=+()[]{}<>|\\".contains(c))
        && text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .all(|word| is_word(word) || account && word.len() == 12)
}

fn is_word(word: &str) -> bool {
    let bytes = word.as_bytes();
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = bytes.len() - digits;
    if letters == 0 {
        return digits <= 5;
    }
    if digits > 0 {
        // `v1`, `s3`, `30s`, `k8s`
        return bytes.len() <= 3 || NUMBERED.contains(&word.to_ascii_lowercase().as_str());
    }
    let humps = bytes
        .windows(2)
        .filter(|pair| {
            pair.first().is_some_and(u8::is_ascii_lowercase)
                && pair.last().is_some_and(u8::is_ascii_uppercase)
        })
        .count();
    letters <= 40 && humps * 4 <= letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_paths_and_pins_are_plain() {
        for text in [
            "actions/checkout@v4",
            "actions/checkout@0123456789abcdef0123456789abcdef01234567",
            "deploy/prod.yaml",
            "ubuntu-24.04",
            "InsecureSkipVerify",
            "arn:aws:iam::123456789012:role/ops",
            "s3:*",
        ] {
            assert!(is_plain(text.as_bytes()), "{text}");
        }
        for text in [
            "Winter2026",
            "c0rrect",
            "a!b",
            "Xk9v",
            "123456",
            "aBcDeFgH",
            "two words",
        ] {
            assert!(!is_plain(text.as_bytes()), "{text}");
        }
    }
}
