//! Could a value be a real secret? Placeholders, templates and examples are not. The
//! name that it is given ([`name`]) and what it looks like ([`value`]) both count.

mod host;
pub(super) mod login;
pub(super) mod name;
pub(super) mod strength;
pub(super) mod value;
mod words;
mod wordy;

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// Whether a value is obviously no secret: one repeated character, a run of digits or
/// letters, a documented example.
pub(super) fn is_filler(value: &[u8]) -> bool {
    let Some(body) = value.rsplit(|b| matches!(b, b'_' | b'-')).next() else {
        return true;
    };
    let body = if body.len() < 8 { value } else { body };
    let distinct = {
        let mut seen = [false; 256];
        for byte in body {
            seen[usize::from(*byte)] = true;
        }
        seen.iter().filter(|s| **s).count()
    };
    distinct < 4 || is_run(body) || has_alphabet(value) || has_example_word(value)
}

/// Whether a piece of the alphabet stands in it, as chance makes none.
fn has_alphabet(value: &[u8]) -> bool {
    let mut row = 1;
    value.windows(2).any(|pair| {
        let follows = matches!(pair, [a, b]
            if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && b.wrapping_sub(*a) == 1);
        row = if follows { row + 1 } else { 1 };
        row >= 7
    })
}

/// Whether somebody counted: chance makes such a row in no token, a person in many a
/// password.
pub(super) fn is_counted(value: &[u8]) -> bool {
    [&b"123456"[..], b"654321", b"012345"]
        .iter()
        .any(|row| memchr::memmem::find(value, row).is_some())
}

/// Mostly neighbours: `1234567890abcdef`, `abcdefghij`.
fn is_run(value: &[u8]) -> bool {
    let steps = value.windows(2).filter(|pair| match pair {
        [a, b] => b.wrapping_sub(*a) == 1 || a == b,
        _ => false,
    });
    value.len() >= 8 && steps.count() * 4 >= (value.len() - 1) * 3
}

/// A word that an author puts into a value to say that it isn't real.
fn has_example_word(value: &[u8]) -> bool {
    static FIND: LazyLock<AhoCorasick> = LazyLock::new(|| finder(words::EXAMPLES));
    FIND.is_match(value)
}

/// Finds any of a few words, whatever their case.
///
/// # Panics
///
/// When the words are too many, which constant ones are not.
fn finder(words: &[&str]) -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(words)
        .expect("constant words")
}
