//! Is verification switched off always, or only when somebody asks for it? Code that
//! implements an option `--insecure` has the same calls behind a condition.

use crate::detect::tokens::Code;
use crate::document::{Document, Span};
use crate::kind::Kind;

/// How far the guards of a Python line are looked for, in lines.
const REACH: usize = 40;

/// Words of a condition that make the code behind it an option.
const WORDS: &[&str] = &[
    "insecure", "verif", "skip", "ssl", "tls", "cert", "trust", "unsafe", "strict", "debug",
    "local", "dev", "test", "check", "disable", "allow", "ignore", "warn", "none", "hostname",
    "reject", "self",
];

/// Whether a condition about verification stands around the token at `index`.
pub(super) fn is_optional(document: &Document<'_>, code: &Code<'_>, index: usize) -> bool {
    if document.is(Kind::Python) || document.is(Kind::Ruby) {
        by_indentation(document, code.span(index, index))
    } else {
        by_braces(code, index)
    }
}

fn speaks_of_it(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}

/// The lines above that are indented less, up to the function's own line.
fn by_indentation(document: &Document<'_>, span: Span) -> bool {
    let bytes = document.bytes();
    let lines = document.lines();
    let at = lines.index_of(span.start);
    let text = |index| String::from_utf8_lossy(lines.span(bytes, index).of(bytes)).into_owned();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let own = text(at);
    let mut limit = indent(&own);
    // `x if y else z`, and Ruby's trailing condition.
    let inline = own.trim_start();
    if [" if ", " unless ", " ? "].iter().any(|word| {
        inline
            .split_once(word)
            .is_some_and(|(_, rest)| speaks_of_it(rest))
    }) {
        return true;
    }
    for index in (at.saturating_sub(REACH)..at).rev() {
        let line = text(index);
        let depth = indent(&line);
        let line = line.trim_start();
        if line.is_empty() || depth >= limit {
            continue;
        }
        limit = depth;
        if line.starts_with("def ") || line.starts_with("async def") || line.starts_with("class ") {
            return false;
        }
        let condition = ["if ", "elif ", "unless ", "when "]
            .iter()
            .any(|word| line.starts_with(word));
        if line.starts_with("else") || line.starts_with("except") || condition && speaks_of_it(line)
        {
            return true;
        }
        if depth == 0 {
            return false;
        }
    }
    false
}

/// The heads of the blocks around, up to the function's own.
fn by_braces(code: &Code<'_>, index: usize) -> bool {
    let mut at = index;
    for _ in 0..8 {
        let Some(open) = code.enclosing(at) else {
            return false;
        };
        at = open;
        if code.text(open) != "{" {
            continue;
        }
        let mut start = open;
        let mut head = Vec::new();
        while let Some(before) = start.checked_sub(1) {
            let text = code.text(before);
            if matches!(text, ";" | "{" | "}") || head.len() > 40 {
                break;
            }
            head.push(text);
            start = before;
        }
        if head.first() == Some(&"else") {
            return true;
        }
        let condition = head.iter().any(|t| matches!(*t, "if" | "case" | "match"));
        if condition && head.iter().any(|t| speaks_of_it(t)) {
            return true;
        }
        let function = head
            .iter()
            .any(|t| matches!(*t, "func" | "fn" | "function" | "class"));
        if function {
            return false;
        }
    }
    false
}
