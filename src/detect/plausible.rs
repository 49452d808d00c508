//! Could a value be a real secret? Placeholders, templates and examples are not. The
//! name that it is given ([`name`]) and what it looks like ([`value`]) both count.

pub(super) mod login;
pub(super) mod name;
pub(super) mod strength;
pub(super) mod value;
mod words;
mod wordy;

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
    distinct < 4 || is_run(body) || has_example_word(value)
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
    const WORDS: &[&[u8]] = &[
        b"example",
        b"xxxx",
        b"placeholder",
        b"changeme",
        b"change-me",
        b"change_me",
        b"your-",
        b"your_",
        b"yourtoken",
        b"yourkey",
        b"dummy",
        b"redacted",
        b"insert",
        b"replace",
        b"....",
        b"****",
        b"fake",
        b"sample",
        b"notreal",
        b"not-real",
        b"abcdef",
        b"a1b2c3",
        b"123456789",
        b"deadbeef",
        b"000000",
        b"aaaaaa",
    ];
    let lower = value.to_ascii_lowercase();
    WORDS
        .iter()
        .any(|word| memchr::memmem::find(&lower, word).is_some())
}
