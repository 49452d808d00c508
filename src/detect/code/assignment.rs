//! Literals that are given to a name which promises a credential, in code and
//! configuration alike. In `.env` files every line is an assignment, and a short
//! password counts too.

mod judge;
mod syntax;

use self::syntax::{Given, Syntax};
use crate::detect::plausible::name::Noun;
use crate::detect::{Cx, ENOUGH, Hit};
use crate::document::{Document, Span};
use crate::finding::Confidence;
use crate::kind::Kind;

/// Longest name that is looked at.
const LONGEST_NAME: usize = 96;

/// A literal and the name it is given to.
struct Assignment {
    key: Span,
    given: Given,
}

/// Finds the secrets of any file.
pub(super) fn generic_secrets(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let config = Syntax::of(cx.document).is_config();
    let mut nouns = Nouns::default();
    literals(cx, |assignment| {
        let noun = nouns.of(text(cx.document.bytes(), assignment.key))?;
        judge::anywhere(cx.document, assignment, noun, config)
    })
}

/// What names promise. Names come in rows (a log, a table, a minified script), so the last
/// one is remembered: telling what a name promises costs more than all else that a value
/// which is none needs.
#[derive(Default)]
struct Nouns<'b> {
    last: Option<(&'b str, Option<Noun>)>,
}

impl<'b> Nouns<'b> {
    fn of(&mut self, name: &'b str) -> Option<Noun> {
        match self.last {
            Some((last, noun)) if last == name => noun,
            _ => {
                let noun = judge::noun(name);
                self.last = Some((name, noun));
                noun
            }
        }
    }
}

/// Finds the credentials of an environment file.
pub(super) fn dotenv_credentials(cx: &Cx<'_, '_>) -> Vec<Hit> {
    literals(cx, |assignment| judge::in_dotenv(cx.document, assignment))
}

fn literals(cx: &Cx<'_, '_>, mut judge: impl FnMut(&Assignment) -> Option<Confidence>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    let syntax = Syntax::of(cx.document);
    let mut hits: Vec<Hit> = Vec::new();
    let mut done = 0;
    let tests = tests_of_rust(cx.document);
    for keyword in cx.keywords {
        // One name often holds two keywords.
        if keyword.start < done {
            continue;
        }
        let key = name_around(bytes, *keyword);
        done = key.end;
        let Some(given) = syntax.given(bytes, key) else {
            continue;
        };
        if hits.len() >= ENOUGH {
            // Whatever it is, it isn't listed: it only may not be shown.
            cx.keep(Hit::secret(given.value), &mut hits);
            continue;
        }
        if let Some(mut confidence) = judge(&Assignment { key, given }) {
            if key.start > tests {
                confidence = confidence.lowered();
            }
            let hit = Hit::secret(given.value).about(subject(bytes, key));
            cx.keep(hit.sure(confidence), &mut hits);
        }
    }
    hits
}

/// Where the tests of a file in Rust begin, which keeps them at its end.
fn tests_of_rust(document: &Document<'_>) -> usize {
    let bytes = document.bytes();
    let rust = document.kinds_by_path().has(Kind::Rust);
    rust.then(|| memchr::memmem::find(bytes, b"#[cfg(test)]"))
        .flatten()
        .unwrap_or(bytes.len())
}

fn text(bytes: &[u8], span: Span) -> &str {
    std::str::from_utf8(span.of(bytes)).unwrap_or_default()
}

/// The name without what only says where it lives.
fn subject(bytes: &[u8], key: Span) -> String {
    let name = text(bytes, key);
    ["self.", "this.", "process.env.", "$this->"]
        .iter()
        .find_map(|start| name.strip_prefix(start))
        .unwrap_or(name)
        .trim_start_matches(['-', '$', '@', '.'])
        .to_owned()
}

/// The name that a keyword is a part of. A keyword may end with what stands after a
/// name, so that it wakes nothing else.
fn name_around(bytes: &[u8], keyword: Span) -> Span {
    let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'$' | b'/');
    let text = keyword.of(bytes);
    let tail = text
        .iter()
        .rev()
        .take_while(|b| matches!(b, b' ' | b':' | b'=' | b'"'))
        .count();
    let keyword = Span::new(keyword.start, keyword.end - tail);
    let before = bytes.get(..keyword.start).unwrap_or_default();
    let after = bytes.get(keyword.end..).unwrap_or_default();
    let left = before
        .iter()
        .rev()
        .take(LONGEST_NAME)
        .take_while(|b| part(b))
        .count();
    let right = after
        .iter()
        .take(LONGEST_NAME)
        .take_while(|b| part(b) && **b != b'/')
        .count();
    let mut key = Span::new(keyword.start - left, keyword.end + right);
    // A comment: `//token = …`.
    while key.start < keyword.start && bytes.get(key.start) == Some(&b'/') {
        key.start += 1;
    }
    // The letter of a line break in an escaped text: `\npassword = …`.
    let escape = key.start.checked_sub(1).and_then(|at| bytes.get(at));
    let letter = bytes.get(key.start);
    if escape == Some(&b'\\') && matches!(letter, Some(b'n' | b't' | b'r')) {
        key.start = (key.start + 1).min(keyword.start);
    }
    // `token.` before a call, `password-` at the end of a word in prose.
    while key.end > keyword.end && matches!(bytes.get(key.end - 1), Some(b'.' | b'-')) {
        key.end -= 1;
    }
    // What is asked of a value stands behind its name: `password.equals("…")`.
    let own = key.of(bytes);
    if let Some(asked) = syntax::ASKED.iter().find(|asked| own.ends_with(asked))
        && key.end - asked.len() >= keyword.end
    {
        key.end -= asked.len();
        return key;
    }
    // Two words: `Secret Key: …`.
    let next = bytes.get(key.end..key.end + 4);
    let ends = |b: &u8| !b.is_ascii_alphanumeric();
    if next.is_some_and(|next| next.eq_ignore_ascii_case(b" key"))
        && bytes.get(key.end + 4).is_some_and(ends)
    {
        key.end += 4;
    }
    key
}
