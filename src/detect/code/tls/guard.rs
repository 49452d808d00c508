//! Is verification switched off always, or only when somebody asks for it? Code that
//! implements an option `--insecure` has the same calls behind a condition.

use crate::detect::lines;
use crate::detect::tokens::Code;
use crate::document::{Document, Span};
use crate::kind::Kind;

/// How far the guards of a Python line are looked for, in lines.
const REACH: usize = 40;

/// Longest condition that is looked at, in bytes.
const LONGEST: usize = 512;

/// How deep blocks are looked at from inside.
const DEEPEST: usize = 64;

/// Words of a condition that make the code behind it an option.
const WORDS: &[&str] = &[
    "insecure", "verif", "skip", "ssl", "tls", "cert", "trust", "unsafe", "strict", "debug",
    "local", "dev", "test", "check", "disable", "allow", "ignore", "warn", "none", "hostname",
    "reject",
];

/// Whether a condition about verification stands around the token at `index`.
pub(super) fn is_optional(document: &Document<'_>, code: &Code<'_>, index: usize) -> bool {
    if document.is(Kind::Python) || document.is(Kind::Ruby) {
        by_indentation(document, code.span(index, index))
    } else {
        in_rust_tests(code, index) || by_braces(code, index)
    }
}

fn speaks_of_it(text: &str) -> bool {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text.get(..end).unwrap_or(text).to_ascii_lowercase();
    // Asking whether Python has the function is no option.
    !text.contains("hasattr(") && WORDS.iter().any(|word| text.contains(word))
}

/// The lines above that are indented less, up to the function's own line.
pub(super) fn by_indentation(document: &Document<'_>, span: Span) -> bool {
    let at = document.lines().index_of(span.start);
    // The heads of long lines: a line may be the whole file.
    let text = |index| {
        let line = lines::nth(document, index);
        let head = Span::new(line.start, line.end.min(line.start + LONGEST));
        String::from_utf8_lossy(head.of(document.bytes()))
    };
    let indent = |line: &str| line.len() - line.trim_start().len();
    let near = lines::near(document, span);
    let own = String::from_utf8_lossy(near.of(document.bytes()));
    if inline_condition(&own, span.start - near.start) {
        return true;
    }
    let mut limit = indent(&text(at));
    // The `if` that an `else` belongs to stands at its own depth.
    let mut wanted = None;
    for index in (at.saturating_sub(REACH)..at).rev() {
        let line = text(index);
        let depth = indent(&line);
        let line = line.trim_start();
        let head = wanted == Some(depth) && opens(line);
        if line.is_empty() || depth >= limit && !head {
            continue;
        }
        limit = depth;
        if line.starts_with("def ") || line.starts_with("async def") || line.starts_with("class ") {
            return false;
        }
        wanted = (line.starts_with("else") || line.starts_with("elif")).then_some(depth);
        let condition = ["if ", "elif ", "unless ", "when "]
            .iter()
            .any(|word| line.starts_with(word));
        if condition && speaks_of_it(line) {
            return true;
        }
        if depth == 0 && wanted.is_none() {
            return false;
        }
    }
    false
}

/// Whether a line begins a block that may have an `else`.
fn opens(line: &str) -> bool {
    ["if ", "elif ", "unless ", "try:", "for ", "while "]
        .iter()
        .any(|word| line.starts_with(word))
}

/// `x if y else z`, a trailing condition of Ruby, `if y: x`.
fn inline_condition(line: &str, at: usize) -> bool {
    let trailing = [" if ", " unless ", " ? "].iter().any(|word| {
        line.trim_start()
            .split_once(word)
            .is_some_and(|(_, rest)| speaks_of_it(rest))
    });
    let before = line.get(..at).unwrap_or_default().trim_start();
    trailing || before.starts_with("if ") && speaks_of_it(before)
}

/// Whether the token is inside `mod tests`.
fn in_rust_tests(code: &Code<'_>, index: usize) -> bool {
    let mut at = index;
    for _ in 0..DEEPEST {
        let Some(open) = code.enclosing(at) else {
            return false;
        };
        at = open;
        if open >= 2
            && code.text(open - 2) == "mod"
            && matches!(code.text(open - 1), "test" | "tests")
        {
            return true;
        }
    }
    false
}

/// The statement's own condition and the heads of the blocks around it, up to the
/// function's.
fn by_braces(code: &Code<'_>, index: usize) -> bool {
    let mut at = index;
    let own = head(code, index);
    if own.contains(&"if") && own.iter().any(|t| speaks_of_it(t)) {
        return true;
    }
    for _ in 0..8 {
        let Some(open) = code.enclosing(at) else {
            return false;
        };
        at = open;
        if code.text(open) != "{" {
            continue;
        }
        let head = head(code, open);
        if head.first() == Some(&"else") {
            return true;
        }
        let condition = head
            .iter()
            .any(|t| matches!(*t, "if" | "case" | "match" | "switch"));
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

/// The tokens before `index` back to the statement's beginning, nearest first.
fn head<'c>(code: &Code<'c>, index: usize) -> Vec<&'c str> {
    let mut head = Vec::new();
    let mut at = index;
    while let Some(before) = at.checked_sub(1) {
        let text = code.text(before);
        if matches!(text, ";" | "{" | "}") || head.len() > 40 {
            break;
        }
        head.push(text);
        at = before;
    }
    head
}
