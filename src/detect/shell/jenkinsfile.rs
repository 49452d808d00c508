//! What the steps of a Jenkinsfile run.

use super::forgive::Fails;
use super::{Found, Mapped, lex};
use crate::document::Span;

/// The strings given to `sh`, `bat` and `powershell` steps.
pub(super) fn commands(file: &[u8], out: &mut Found) {
    const STEPS: [&[u8]; 4] = [b"sh", b"bat", b"powershell", b"pwsh"];
    let mut at = 0;
    while at < file.len() {
        let rest = file.get(at..).unwrap_or_default();
        if rest.starts_with(b"//") {
            at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            continue;
        }
        if rest.starts_with(b"/*") {
            at += memchr::memmem::find(rest, b"*/").map_or(rest.len(), |end| end + 2);
            continue;
        }
        let bounded = at == 0
            || file.get(at - 1).is_none_or(|b| {
                !b.is_ascii_alphanumeric() && !matches!(b, b'_' | b'.' | b'/' | b'-')
            });
        let Some(step) = STEPS.iter().find(|s| bounded && rest.starts_with(s)) else {
            at += 1;
            continue;
        };
        at += step.len();
        if let Some((span, end)) = argument(file, at) {
            lex::commands(&Mapped::raw(file, span), Fails::Each, 0, out);
            at = end;
        }
    }
}

/// The string that a Jenkins step is given: its text and where it ends.
fn argument(file: &[u8], start: usize) -> Option<(Span, usize)> {
    let line_end = start + memchr::memchr(b'\n', file.get(start..)?).unwrap_or(file.len() - start);
    let head = file.get(start..line_end)?;
    let quote = start + head.iter().position(|b| matches!(b, b'\'' | b'"'))?;
    let between = file.get(start..quote)?;
    let script = memchr::memmem::find(between, b"script:").is_some();
    let plain = between
        .iter()
        .all(|b| b.is_ascii_whitespace() || *b == b'(');
    if between.is_empty() || !(plain || script) {
        return None;
    }
    let mark = *file.get(quote)?;
    let triple = file.get(quote..quote + 3) == Some(&[mark; 3]);
    let width = if triple { 3 } else { 1 };
    let mut at = quote + width;
    while at < file.len() {
        if file.get(at) == Some(&b'\\') {
            at += 2;
        } else if file.get(at..at + width) == Some(&[mark; 3][..width]) {
            return Some((Span::new(quote + width, at), at + width));
        } else if !triple && file.get(at) == Some(&b'\n') {
            return None;
        } else {
            at += 1;
        }
    }
    None
}
