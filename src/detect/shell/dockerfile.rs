//! What a Dockerfile runs.

use super::forgive::Fails;
use super::{Found, Mapped, Word, lex};
use crate::detect::lines;
use crate::document::{Document, Span};

/// `RUN`, `CMD`, `ENTRYPOINT` and `HEALTHCHECK CMD` of a Dockerfile.
pub(super) fn commands(document: &Document<'_>, out: &mut Found) {
    let file = document.bytes();
    let mut lines = lines::all(document);
    while let Some(first) = lines.next() {
        let Some(start) = instruction(file, first) else {
            continue;
        };
        let mut text = Mapped::default();
        let mut span = Span::new(start, first.end);
        loop {
            let line = span.of(file).trim_ascii();
            let comment = line.starts_with(b"#");
            if !comment {
                text.append(&Mapped::raw(file, span));
                text.push(b'\n', span.end);
            }
            if !comment && !line.is_empty() && !line.ends_with(b"\\") {
                break;
            }
            match lines.next() {
                Some(next) => span = next,
                None => break,
            }
        }
        let body = text.bytes().trim_ascii_start();
        if body.starts_with(b"[") {
            exec_form(&text, out);
        } else if let Some(end) = heredoc(body) {
            let mut script = Mapped::default();
            for line in lines.by_ref() {
                if line.of(file).trim_ascii() == end.as_slice() {
                    break;
                }
                script.append(&Mapped::raw(file, line));
                script.push(b'\n', line.end);
            }
            lex::commands(&script, Fails::Last, 0, out);
        } else {
            lex::commands(&text, Fails::Last, 0, out);
        }
    }
}

/// Offset after an instruction that runs something, and after its options.
fn instruction(file: &[u8], line: Span) -> Option<usize> {
    let mut at = line.start;
    let mut seen = false;
    loop {
        let rest = file.get(at..line.end)?;
        at += rest.len() - rest.trim_ascii_start().len();
        let word = rest
            .trim_ascii_start()
            .split(u8::is_ascii_whitespace)
            .next()?;
        let upper = word.to_ascii_uppercase();
        match upper.as_slice() {
            b"ONBUILD" | b"HEALTHCHECK" if !seen => {}
            b"RUN" | b"CMD" | b"ENTRYPOINT" if !seen => seen = true,
            _ if word.starts_with(b"--") => {}
            _ => return seen.then_some(at),
        }
        at += word.len();
    }
}

/// The delimiter of `RUN <<EOF`.
fn heredoc(body: &[u8]) -> Option<Vec<u8>> {
    let rest = body.strip_prefix(b"<<")?;
    let rest = rest.strip_prefix(b"-").unwrap_or(rest).trim_ascii();
    let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'"' | b'\'');
    rest.iter().all(plain).then(|| {
        rest.iter()
            .copied()
            .filter(|b| !matches!(b, b'"' | b'\''))
            .collect()
    })
}

/// `["a", "b"]`: commas and brackets outside quotes are blanks.
fn exec_form(text: &Mapped, out: &mut Found) {
    let mut words: Vec<Word> = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        if byte != b'"' {
            continue;
        }
        let start = at;
        let mut word = Mapped::default();
        // The text ends with a line break that the file may lack.
        let end = text.len() - usize::from(text.bytes().ends_with(b"\n"));
        while let Some(byte) = text.get(at).filter(|b| *b != b'"' && at < end) {
            at += usize::from(byte == b'\\');
            word.push_from(text, at);
            at += 1;
        }
        at += 1;
        words.push(Word {
            text: word,
            span: text.span(start - 1, at.min(end)),
        });
    }
    lex::listed(words, out);
}
