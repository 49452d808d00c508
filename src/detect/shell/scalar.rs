//! The text of a YAML or JSON scalar, with its quotes, escapes and folds taken off.

use super::Mapped;
use crate::document::{Node, Span};

/// The text of a YAML or JSON scalar with each byte's place.
pub(super) fn scalar(file: &[u8], node: &Node) -> Mapped {
    let raw = node.span.of(file);
    match raw.first() {
        Some(b'\'') if raw.last() == Some(&b'\'') && raw.len() > 1 => {
            unquoted(file, node.span, b'\'')
        }
        Some(b'"') if raw.last() == Some(&b'"') && raw.len() > 1 => unquoted(file, node.span, b'"'),
        _ => match header(file, node.span.start) {
            Some(b'|') => Mapped::raw(file, node.span),
            _ => folded(file, node.span),
        },
    }
}

/// `|` or `>` when the line before `start` ends in the header of a block scalar.
fn header(file: &[u8], start: usize) -> Option<u8> {
    let before = file.get(..start)?.trim_ascii_end();
    // A plain scalar on its key's line has no line break before it.
    if !file.get(before.len()..start)?.contains(&b'\n') {
        return None;
    }
    let line = before.rsplit(|b| *b == b'\n').next()?;
    let line = match memchr::memmem::find(line, b" #") {
        Some(at) => line.get(..at)?.trim_ascii_end(),
        None => line,
    };
    let sign = line.rsplit(u8::is_ascii_whitespace).next()?;
    let (first, rest) = sign.split_first()?;
    let plain = rest
        .iter()
        .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-'));
    (plain && matches!(first, b'|' | b'>')).then_some(*first)
}

/// A single line break inside is a space.
fn folded(file: &[u8], span: Span) -> Mapped {
    let raw = span.of(file);
    let mut out = Mapped::default();
    for (i, byte) in raw.iter().enumerate() {
        let alone = *byte == b'\n'
            && raw
                .get(i + 1..)
                .unwrap_or_default()
                .iter()
                .find(|b| !matches!(b, b' ' | b'\t' | b'\r'))
                != Some(&b'\n');
        out.push(if alone { b' ' } else { *byte }, span.start + i);
    }
    out
}

fn unquoted(file: &[u8], span: Span, quote: u8) -> Mapped {
    let mut out = Mapped::default();
    let mut at = span.start + 1;
    while at + 1 < span.end {
        let (Some(byte), next) = (file.get(at), file.get(at + 1)) else {
            break;
        };
        match (byte, next) {
            (b'\'', Some(b'\'')) if quote == b'\'' => {
                out.push(b'\'', at);
                at += 1;
            }
            (b'\\', Some(next)) if quote == b'"' => {
                at += 1;
                match next {
                    b'n' => out.push(b'\n', at),
                    b't' | b'\n' => out.push(b' ', at),
                    _ => out.push(*next, at),
                }
            }
            (b'\n', _) => out.push(b' ', at),
            _ => out.push(*byte, at),
        }
        at += 1;
    }
    out
}
