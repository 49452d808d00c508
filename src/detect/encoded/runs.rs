//! Runs of base64 and hex, found without looking at most bytes.
//!
//! A run that matters is so long that it fills an aligned block, and whether a block is
//! filled is told of all its bytes at once. Most runs in a repository are names, paths,
//! hashes and pictures. Their first bytes, decoded, are no text, and that is all that is
//! ever decoded of them.

use super::layer::{Encoding, Layer};
use crate::document::Span;

/// The shortest run that is decoded: 24 bytes in base64, of which few credentials have
/// less.
const SHORTEST: usize = 32;

/// What any run of [`SHORTEST`] symbols fills once at least, wherever it begins.
const BLOCK: usize = 16;
const _: () = assert!(SHORTEST >= 2 * BLOCK - 1);

/// How much of a run is decoded to tell whether it is text.
const HEAD: usize = 36;

/// The longest text that is decoded. What is longer is no configuration.
pub(super) const LONGEST: usize = 8 << 20;

/// Lines of wrapped base64 are at least so long (MIME has 76, PEM 64).
const LINE: usize = 32;

/// The longest run that may be a path with base64 at its end.
const LONGEST_PATH: usize = 4096;

/// What no base64 has.
const NONE: u8 = 0xFF;

/// Six bits by byte, in either alphabet of RFC 4648.
const BASE64: [u8; 256] = {
    let mut table = [NONE; 256];
    let symbols = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut value = 0;
    while value < 64 {
        table[symbols[value as usize] as usize] = value;
        value += 1;
    }
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table
};

const fn is_symbol(byte: u8) -> bool {
    BASE64[byte as usize] != NONE
}

/// Zero for a symbol. Without branches and tables, so that a block is done at once.
#[inline]
fn no_symbol(byte: u8) -> u8 {
    let beyond = |first: u8, last: u8| byte.wrapping_sub(first).saturating_sub(last - first);
    let letter = (byte | 0x20).wrapping_sub(b'a').saturating_sub(b'z' - b'a');
    let plus_or_minus = byte.wrapping_sub(b'+') & !2;
    letter
        .min(beyond(b'/', b'9'))
        .min(plus_or_minus)
        .min(byte ^ b'_')
}

/// The first run at or after `from`, which is the start of the text or stands after a
/// byte of no run.
pub(super) fn next(bytes: &[u8], from: usize) -> Option<Span> {
    let symbols = |b: &&u8| is_symbol(**b);
    let mut at = from.next_multiple_of(BLOCK);
    loop {
        let (blocks, _) = bytes.get(at..)?.as_chunks::<BLOCK>();
        let is_run = |block: &[u8; BLOCK]| block.iter().fold(0, |odd, b| odd | no_symbol(*b)) == 0;
        at += blocks.iter().position(is_run)? * BLOCK;
        let before = bytes.get(from..at)?.iter().rev();
        let start = at - before.take_while(symbols).count();
        let end = at + bytes.get(at..)?.iter().take_while(symbols).count();
        if end - start >= SHORTEST {
            return Some(Span::new(start, end));
        }
        at = end.next_multiple_of(BLOCK);
    }
}

/// The texts that a run holds, and where to look on.
pub(super) fn read(bytes: &[u8], run: Span, each: &mut dyn FnMut(Layer)) -> usize {
    let run = after_escape(bytes, run);
    if let Some((layer, end)) = whole(bytes, run) {
        each(layer);
        return end.max(run.end);
    }
    // A name may be joined to it, `prefix-…` or `folder/…`: then it is no run at all
    // until that is off.
    let mut end = run.end;
    let mut found = |part: Span| {
        let found = whole(bytes, part);
        found.map(|(layer, to)| {
            each(layer);
            end = end.max(to);
        })
    };
    let joined = memchr::memchr2(b'-', b'_', run.of(bytes)).is_some();
    pieces(bytes, run, |b| matches!(b, b'-' | b'_'), &mut |piece| {
        let done = joined && found(piece).is_some();
        if !done && piece.len() <= LONGEST_PATH {
            pieces(bytes, piece, |b| b == b'/', &mut |part| {
                if part != run && part != piece {
                    found(part);
                }
            });
        }
    });
    end
}

/// The parts between separators, as far as they are long enough.
fn pieces(bytes: &[u8], run: Span, splits: fn(u8) -> bool, each: &mut dyn FnMut(Span)) {
    let text = run.of(bytes);
    let mut start = run.start;
    for part in text.split(|b| splits(*b)) {
        if part.len() >= SHORTEST {
            each(Span::new(start, start + part.len()));
        }
        start += part.len() + 1;
    }
}

/// The run without the end of an escape that it seems to begin with: the `n` of `\n`.
fn after_escape(bytes: &[u8], run: Span) -> Span {
    let before = run.start.checked_sub(1).and_then(|at| bytes.get(at));
    let skip = match (before, run.of(bytes)) {
        (Some(b'\\'), [b'n' | b'r' | b't', ..]) => 1,
        (Some(b'\\'), [b'u', b'0', b'0', ..]) => 5,
        (Some(b'\\'), [b'x', ..]) => 3,
        (Some(b'%'), [a, b, ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => 2,
        (_, [b'0', b'x', ..]) => 2,
        _ => 0,
    };
    Span::new(run.start + skip, run.end)
}

/// A run as text, if that is what it decodes to, and where its last line ends.
fn whole(bytes: &[u8], run: Span) -> Option<(Layer, usize)> {
    let text = run.of(bytes);
    if text.len() < SHORTEST {
        return None;
    }
    if let Some(found) = head_of_base64(text) {
        if is_source_map(bytes, run.start) {
            return None;
        }
        let lines = wrapped(bytes, run);
        let end = lines.last()?.end;
        let wide = found == Text::Wide;
        return Some((base64(bytes, &lines, wide), end));
    }
    if is_text_in_hex(text) {
        let digits = text.iter().take_while(|b| b.is_ascii_hexdigit()).count() & !1;
        return Some((
            hex(bytes, Span::new(run.start, run.start + digits)),
            run.end,
        ));
    }
    None
}

/// What the head of a run decodes to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    /// ASCII, or nearly so.
    Plain,
    /// UTF-16, as an encoded command of `PowerShell` is.
    Wide,
}

/// Whether a run begins as text does. Chance gives a printable byte two times of five.
fn head_of_base64(text: &[u8]) -> Option<Text> {
    let mut odd = 0;
    let mut zeros = 0;
    let mut length = 0;
    let (groups, _) = text.as_chunks::<4>();
    for group in groups.iter().take(HEAD / 3) {
        for byte in triple(*group) {
            if byte == 0 && length % 2 == 1 {
                zeros += 1;
            } else if !is_text(byte) {
                odd += 1;
            }
            length += 1;
        }
        // A byte order mark, a letter with an accent.
        if odd > 4 {
            return None;
        }
    }
    if zeros == 0 {
        (odd * 8 <= length).then_some(Text::Plain)
    } else {
        // The mark of UTF-16 is two bytes, of which neither is text.
        (odd <= 2 && zeros * 2 + 3 >= length).then_some(Text::Wide)
    }
}

const fn is_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t')
}

const fn triple(group: [u8; 4]) -> [u8; 3] {
    let [a, b, c, d] = group;
    let [a, b] = [BASE64[a as usize], BASE64[b as usize]];
    let [c, d] = [BASE64[c as usize], BASE64[d as usize]];
    [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]
}

/// Whether a run is an inline source map: it holds the sources of what is scanned.
fn is_source_map(bytes: &[u8], start: usize) -> bool {
    let before = bytes.get(start.saturating_sub(96)..start);
    before.is_some_and(|text| memchr::memmem::find(text, b"sourceMappingURL=data:").is_some())
}

/// The lines of base64 that is wrapped, from its first: as they are, as `\n` in a
/// string, or as the pieces of a sum. The last may be shorter.
fn wrapped(bytes: &[u8], first: Span) -> Vec<Span> {
    let mut lines = vec![first];
    let mut last = first;
    while last.len() == first.len() && first.len() >= LINE {
        let Some(start) = next_line(bytes, last.end) else {
            break;
        };
        let rest = bytes.get(start..).unwrap_or_default();
        // No longer than the first: else it is something else.
        let most = rest.get(..=first.len()).unwrap_or(rest);
        let len = most.iter().take_while(|b| is_symbol(**b)).count();
        let after = rest.get(len);
        let ends = after.is_none_or(|b| b.is_ascii_whitespace() || b"=\"'`\\,);<".contains(b));
        if len == 0 || len > first.len() || !ends {
            break;
        }
        last = Span::new(start, start + len);
        lines.push(last);
    }
    lines
}

/// Where the text goes on after a line break, if nothing else stands between.
fn next_line(bytes: &[u8], from: usize) -> Option<usize> {
    const MOST: usize = 64;
    let rest = bytes.get(from..)?;
    let rest = rest.get(..MOST).unwrap_or(rest);
    let mut broken = false;
    let mut at = 0;
    loop {
        match rest.get(at..)? {
            [b'\n' | b'\r', ..] => {
                broken = true;
                at += 1;
            }
            [b'\\', b'n' | b'r', ..] => {
                broken = true;
                at += 2;
            }
            // Also the sign of a sum.
            [b' ' | b'\t' | b'"' | b'\'' | b'\\' | b',', ..]
            | [b'+', b' ' | b'\n' | b'\r' | b'\t', ..] => at += 1,
            [_, ..] => return broken.then_some(from + at),
            [] => return None,
        }
    }
}

fn base64(bytes: &[u8], lines: &[Span], wide: bool) -> Layer {
    let mut layer = Layer::new(Encoding::Base64, *lines.first().unwrap_or(&Span::new(0, 0)));
    let total: usize = lines.iter().map(|line| line.len()).sum();
    let mut text = Vec::with_capacity(total.min(LONGEST) / 4 * 3 + 3);
    let mut packed = 0;
    let (mut bits, mut count) = (0_u32, 0_u32);
    for line in lines {
        layer.line(packed, *line);
        for byte in line.of(bytes).iter().take(LONGEST - packed.min(LONGEST)) {
            bits = bits << 6 | u32::from(BASE64[usize::from(*byte)] & 63);
            count += 6;
            if count >= 8 {
                count -= 8;
                text.push(low_byte(bits >> count));
            }
        }
        packed += line.len();
    }
    let after = bytes.get(layer.run.end..).unwrap_or_default();
    layer.run.end += after.iter().take(2).take_while(|b| **b == b'=').count();
    layer.cut = packed > LONGEST;
    layer.fill(text, wide);
    layer
}

const fn low_byte(bits: u32) -> u8 {
    bits.to_le_bytes()[0]
}

fn digit(byte: u8) -> u8 {
    char::from(byte)
        .to_digit(16)
        .map_or(0, |d| d.to_le_bytes()[0])
}

/// Whether a run begins as text in hex does, and ends as hex.
fn is_text_in_hex(text: &[u8]) -> bool {
    let digits = text.iter().take(LINE).take_while(|b| b.is_ascii_hexdigit());
    if digits.count() < LINE {
        return false;
    }
    text.chunks_exact(2).take(LINE / 2).all(|pair| match pair {
        [a, b] => is_text(digit(*a) << 4 | digit(*b)),
        _ => false,
    })
}

fn hex(bytes: &[u8], run: Span) -> Layer {
    let mut layer = Layer::new(Encoding::Hex, run);
    layer.line(0, run);
    let pairs = run.of(bytes).chunks_exact(2).take(LONGEST);
    let text = pairs.map(|pair| match pair {
        [a, b] => digit(*a) << 4 | digit(*b),
        _ => 0,
    });
    layer.cut = run.len() > 2 * LONGEST;
    layer.fill(text.collect(), false);
    layer
}
