//! What stands around a name: whether it is in a comment or a call, and what it is
//! compared with.

use super::reader::Reader;
use crate::document::Span;

/// How far a line is read backwards.
const BEFORE: usize = 240;

/// Whether the name is a URL's parameter: `?token=`, `&token=`.
pub(super) fn is_query(bytes: &[u8], key: Span) -> bool {
    let before = key.start.checked_sub(1).and_then(|at| bytes.get(at));
    matches!(before, Some(b'?' | b'&'))
}

/// The literal before a name that it is compared with: `"…" == password`,
/// `"…".equals(password)`.
pub(super) fn compared_before(bytes: &[u8], key: Span) -> Option<Span> {
    const SIGNS: &[&[u8]] = &[
        b"===",
        b"==",
        b"!==",
        b"!=",
        b".equals(",
        b".Equals(",
        b".equalsIgnoreCase(",
    ];
    const LONGEST: usize = 100;
    let from = key.start.saturating_sub(LONGEST);
    let before = bytes.get(from..key.start)?.trim_ascii_end();
    let sign = SIGNS.iter().find(|sign| before.ends_with(sign))?;
    let before = before.get(..before.len() - sign.len())?.trim_ascii_end();
    let (quote, inside) = before.split_last()?;
    if !matches!(quote, b'"' | b'\'') {
        return None;
    }
    let start = inside.iter().rposition(|b| b == quote || *b == b'\n')?;
    let value = Span::new(from + start + 1, from + inside.len());
    (inside.get(start) == Some(quote) && !value.is_empty()).then_some(value)
}

/// Whether the line up to a place is a comment of a script.
pub(super) fn is_commented(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(at.saturating_sub(BEFORE)..at).unwrap_or_default();
    let line = before.rsplit(|b| *b == b'\n').next().unwrap_or_default();
    line.len() < BEFORE && line.trim_ascii_start().starts_with(b"#")
}

/// Whether the quoted name is the first argument of a call that gives it a value, or takes
/// one from it and says what stands in: `put("password", "…")`, `env("PASSWORD", "…")`.
pub(super) fn is_first_argument(bytes: &[u8], key: Span) -> bool {
    #[rustfmt::skip]
    const CALLS: &[&[u8]] = &[
        b"put", b"set", b"get", b"setproperty", b"getproperty", b"setdefault", b"set_default",
        b"fetch", b"env", b"getenv", b"get_env", b"define", b"getordefault", b"get_or_default",
        b"setattribute", b"addproperty", b"setenv", b"putenv", b"environ.get", b"lookupenv",
        b"getenvordefault", b"setparameter", b"setstring", b"fill", b"type", b"withproperty",
        b"withenv", b"with_env", b"systemproperty", b"setting", b"option", b"addparameter",
    ];
    let before = bytes.get(key.start.saturating_sub(40)..key.start);
    let before = before.unwrap_or_default();
    let end = before.len()
        - before
            .iter()
            .rev()
            .take(4)
            .take_while(|b| matches!(b, b'"' | b'\'' | b'#' | b' ' | b'\\'))
            .count();
    let Some((b'(', name)) = before.get(..end).and_then(<[u8]>::split_last) else {
        return false;
    };
    let length = name
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
        .count();
    let name = name.get(name.len() - length..).unwrap_or_default();
    CALLS.iter().any(|call| call.eq_ignore_ascii_case(name))
}

/// Whether a place is in a comment, or within a string that began before it.
pub(super) fn is_in_text(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(at.saturating_sub(BEFORE)..at).unwrap_or_default();
    let line = before.rsplit(|b| *b == b'\n').next().unwrap_or_default();
    // Where a longer line began to quote can't be told from here.
    if line.len() == BEFORE {
        return false;
    }
    let begins = line.trim_ascii_start();
    if begins.starts_with(b"#") || begins.starts_with(b"* ") || begins.starts_with(b"//") {
        return true;
    }
    let comment = [&b" // "[..], b" # ", b"/* ", b"<!-- "]
        .iter()
        .any(|sign| memchr::memmem::find(line, sign).is_some());
    let odd = |quote| memchr::memchr_iter(quote, line).count() % 2 == 1;
    comment || odd(b'"') || odd(b'\'') || odd(b'`')
}

/// Whether a quoted text is given something itself.
pub(super) fn names_next(bytes: &[u8], quoted: Span) -> bool {
    let mut reader = Reader::new(bytes, quoted.end + 1);
    reader.blanks();
    matches!(reader.peek(), Some(b':' | b'='))
}
