//! Commands in scripts and pipelines, as far as one line tells.

use crate::document::Span;

/// The logical line around `at`: lines that end in a backslash go on.
pub(super) fn around(bytes: &[u8], at: usize) -> Span {
    let mut start = line_start(bytes, at);
    while start > 0 && continues(bytes, start - 1) {
        start = line_start(bytes, start - 1);
    }
    let mut end = line_end(bytes, at);
    while end < bytes.len() && continues(bytes, end) {
        end = line_end(bytes, end + 1);
    }
    Span::new(start, end)
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    let before = bytes.get(..at).unwrap_or_default();
    memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    let after = bytes.get(at..).unwrap_or_default();
    memchr::memchr(b'\n', after).map_or(bytes.len(), |n| at + n)
}

/// Whether the line whose break stands at `end` goes on in the next.
fn continues(bytes: &[u8], end: usize) -> bool {
    let line = bytes.get(..end).unwrap_or_default();
    line.strip_suffix(b"\r").unwrap_or(line).ends_with(b"\\")
}

/// Whether a line is a comment or only prints its text.
pub(super) fn is_said(line: &[u8]) -> bool {
    let mut words = line
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let first = words.find(|word| !matches!(*word, b"-" | b"run:" | b"RUN"));
    first.is_some_and(|word| {
        word.starts_with(b"#")
            || word.starts_with(b"//")
            || word.starts_with(b"echo")
            || word.starts_with(b"@echo")
            || word.starts_with(b"printf")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_on_after_a_backslash() {
        let text = b"one\ntwo \\\n  three \\\r\n  four\nfive\n";
        let at = |n| around(text, n).of(text).to_vec();
        assert_eq!(at(1), b"one");
        assert_eq!(at(14), b"two \\\n  three \\\r\n  four");
        assert_eq!(at(30), b"five");
    }

    #[test]
    fn comments_and_printing_are_told() {
        assert!(is_said(b"  # kubectl apply"));
        assert!(is_said(b"- run: echo kubectl apply"));
        assert!(!is_said(b"- kubectl apply"));
    }
}
