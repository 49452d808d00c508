//! Escapes of URLs and of strings: `%2F`, `\u002f`, `\x2f`, `\/`; and those that colour a
//! log, whose last letter touches the token after them.
//!
//! Text full of escapes is common and most of it hides nothing: a rule reads `\"` and
//! `\n` as they are. What hides a credential is an escape inside of it, or one just
//! before it, whose last letter then looks like a part of it. The first kind is found
//! by [`MARKS`], which the keyword automaton looks for anyway; the second beside a
//! keyword. What stands around such a place is unescaped, and nothing else.

use super::layer::{Encoding, Layer};
use crate::detect::KeywordHit;
use crate::document::Span;

/// The escapes that stand inside of credentials and keywords, in lower case.
pub(in crate::detect) const MARKS: &[&str] = &[
    "%2b", "%2d", "%2f", "%3a", "%3d", "%40", "%5f", "\\u00", "\\x2", "\\x3", "\\x4", "\\x5",
    "\\x6", "\\x7", "\\/",
];

/// Bytes around an escape that are unescaped with it.
const BEFORE: usize = 256;
const AFTER: usize = 512;

/// Longest escape before a token that is looked for: `ESC[1;31m`.
const LONGEST: usize = 8;

/// Longest token that is unescaped to its end.
const TOKEN: usize = 16 << 10;

/// Longest text that is unescaped at once, and how far the next reaches back.
const PART: usize = 256 << 10;
const BACK: usize = 2 << 10;

/// Where escapes of one kind stand that are worth a look.
#[derive(Default)]
pub(super) struct Marks {
    percent: Vec<usize>,
    backslash: Vec<usize>,
    colour: Vec<usize>,
}

impl Marks {
    /// Picks them out of all keyword hits. `known` tells which keywords are of a rule
    /// that decoded text is searched for.
    pub(super) fn new(
        bytes: &[u8],
        hits: &[KeywordHit],
        length: impl Fn(u16) -> usize,
        known: impl Fn(u16) -> bool,
    ) -> Self {
        let mut marks = Self::default();
        for hit in hits {
            let start = hit.end.saturating_sub(length(hit.keyword));
            let rest = bytes.get(start..).unwrap_or_default();
            let before = bytes.get(start.saturating_sub(LONGEST)..start);
            match rest.first() {
                Some(b'%') => marks.percent.push(start),
                Some(b'\\') => {
                    if is_telling(bytes, start, rest) {
                        marks.backslash.push(start);
                    }
                }
                _ => match escape_before(before.unwrap_or_default()) {
                    Some(encoding) if begins_token(rest) && known(hit.keyword) => match encoding {
                        Encoding::Percent => marks.percent.push(start),
                        Encoding::Colour => marks.colour.push(start),
                        _ => marks.backslash.push(start),
                    },
                    _ => {}
                },
            }
        }
        for places in [&mut marks.percent, &mut marks.backslash, &mut marks.colour] {
            places.sort_unstable();
            places.dedup();
        }
        marks
    }

    /// Unescapes what stands around the marks.
    pub(super) fn layers(&self, bytes: &[u8], each: &mut dyn FnMut(Layer)) {
        for (encoding, marks) in [
            (Encoding::Percent, &self.percent),
            (Encoding::Backslash, &self.backslash),
            (Encoding::Colour, &self.colour),
        ] {
            windows(bytes, marks, &mut |window| {
                let mut start = window.start;
                loop {
                    let end = (start + PART).min(window.end);
                    each(unescape(bytes, Span::new(start, end), encoding));
                    if end == window.end {
                        break;
                    }
                    start = end - BACK;
                }
            });
        }
    }
}

/// Whether a backslash begins an escape for what a credential is made of.
fn is_telling(bytes: &[u8], start: usize, rest: &[u8]) -> bool {
    if rest.get(1) == Some(&b'/') {
        return is_inside_base64(bytes, start);
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"+/=_-:@.\"".contains(&b);
    string_escape(rest).is_some_and(|(byte, _)| plain(byte))
}

/// Whether the solidus escaped at `start` stands inside of base64: in a key of AWS, not
/// in a URL or a regex.
fn is_inside_base64(bytes: &[u8], start: usize) -> bool {
    const NEAR: usize = 64;
    let symbol = |b: &&u8| b.is_ascii_alphanumeric() || b"+/\\=".contains(b);
    let left = bytes.get(start.saturating_sub(NEAR)..start);
    let left = left.unwrap_or_default().iter().rev().take_while(symbol);
    let right = bytes.get(start..).unwrap_or_default();
    let right = right.iter().take(NEAR).take_while(symbol);
    let [mut length, mut digits, mut upper, mut lower] = [0; 4];
    for byte in left.chain(right) {
        length += 1;
        digits += usize::from(byte.is_ascii_digit());
        upper += usize::from(byte.is_ascii_uppercase());
        lower += usize::from(byte.is_ascii_lowercase());
    }
    length >= 32 && digits > 0 && upper > 2 && lower > 2
}

/// The kind of escape that a text ends with, if its last byte is a letter or digit.
fn escape_before(text: &[u8]) -> Option<Encoding> {
    match text {
        [.., b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
            Some(Encoding::Percent)
        }
        [.., b'\\', b'n' | b'r' | b't']
        | [.., b'\\', b'x', _, _]
        | [.., b'\\', b'u', b'0', b'0', _, _] => Some(Encoding::Backslash),
        [.., b'm'] => {
            let start = memchr::memrchr(ESCAPE, text)?;
            let length = colour_escape(text.get(start..)?)?.1;
            (start + usize::from(length) == text.len()).then_some(Encoding::Colour)
        }
        _ => None,
    }
}

/// Whether a text begins with enough of a token.
fn begins_token(text: &[u8]) -> bool {
    let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    text.get(..16).is_some_and(|text| text.iter().all(part))
}

/// What stands around marks, each byte once.
fn windows(bytes: &[u8], marks: &[usize], each: &mut dyn FnMut(Span)) {
    let mut marks = marks.iter().peekable();
    let mut done = 0;
    while let Some(mark) = marks.next() {
        let start = mark.saturating_sub(BEFORE).max(done);
        let mut end = (mark + AFTER).min(bytes.len());
        loop {
            while let Some(next) = marks.next_if(|next| **next <= end) {
                end = end.max((next + AFTER).min(bytes.len()));
            }
            let whole = token_end(bytes, end);
            let reached = marks.peek().is_some_and(|next| **next <= whole);
            end = whole;
            if !reached {
                break;
            }
        }
        done = end;
        each(Span::new(start, end));
    }
}

fn token_end(bytes: &[u8], end: usize) -> usize {
    let rest = bytes.get(end..).unwrap_or_default();
    let rest = rest.get(..TOKEN).unwrap_or(rest);
    let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`');
    end + rest.iter().position(ends).unwrap_or(rest.len())
}

fn unescape(bytes: &[u8], window: Span, encoding: Encoding) -> Layer {
    let text = window.of(bytes);
    let mut out = Vec::with_capacity(text.len());
    let mut escapes = Vec::new();
    let sign = match encoding {
        Encoding::Percent => b'%',
        Encoding::Colour => ESCAPE,
        _ => b'\\',
    };
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = memchr::memchr(sign, rest).unwrap_or(rest.len());
        out.extend_from_slice(rest.get(..plain).unwrap_or_default());
        at += plain;
        let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) else {
            break;
        };
        let found = match encoding {
            Encoding::Percent => percent_escape(rest),
            Encoding::Colour => colour_escape(rest),
            _ => string_escape(rest),
        };
        let (byte, length) = found.unwrap_or((sign, 1));
        if length > 1 {
            escapes.push((short(out.len()), short(window.start + at), length));
        }
        out.push(byte);
        at += usize::from(length);
    }
    Layer::unescaped(encoding, window, out, escapes)
}

fn short(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// The ASCII byte of two hex digits.
fn hex(text: &[u8]) -> Option<u8> {
    let [a, b] = text else { return None };
    let digit = |b: u8| char::from(b).to_digit(16);
    let value = digit(*a)? << 4 | digit(*b)?;
    u8::try_from(value).ok().filter(u8::is_ascii)
}

fn percent_escape(text: &[u8]) -> Option<(u8, u8)> {
    Some((hex(text.get(1..3)?)?, 3))
}

/// The character that begins the escapes of a terminal.
const ESCAPE: u8 = 0x1b;

/// A blank for `ESC[93m`, and its length.
fn colour_escape(text: &[u8]) -> Option<(u8, u8)> {
    let rest = text.strip_prefix(&[ESCAPE, b'['])?;
    let part = |b: &&u8| b.is_ascii_digit() || **b == b';';
    let length = rest.iter().take(LONGEST).take_while(part).count();
    (rest.get(length) == Some(&b'm')).then_some((b' ', u8::try_from(length + 3).ok()?))
}

/// The byte that an escape stands for, and its length. What is no ASCII stays as it is.
fn string_escape(text: &[u8]) -> Option<(u8, u8)> {
    Some(match text.get(1)? {
        b'n' => (b'\n', 2),
        b'r' => (b'\r', 2),
        b't' => (b'\t', 2),
        byte @ (b'"' | b'\'' | b'`' | b'/' | b'\\') => (*byte, 2),
        b'x' => (hex(text.get(2..4)?)?, 4),
        b'u' if text.get(2..4)? == b"00" => (hex(text.get(4..6)?)?, 6),
        _ => return None,
    })
}
