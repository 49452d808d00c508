//! Literals that are given to a name which promises a credential, in code and
//! configuration alike. In `.env` files every line is an assignment, and a short
//! password counts too.

mod syntax;

use std::sync::LazyLock;

use regex::bytes::Regex;

use self::syntax::Syntax;
use crate::detect::plausible::name::{Noun, credential};
use crate::detect::plausible::value;
use crate::detect::{Cx, ENOUGH, Hit, decode, lines};
use crate::document::{Document, Span};
use crate::finding::Confidence;
use crate::kind::Kind;

/// Longest name that is looked at.
const LONGEST_NAME: usize = 96;

/// A literal and the name it is given to.
struct Assignment {
    key: Span,
    value: Span,
}

/// Finds the secrets of any file.
pub(super) fn generic_secrets(cx: &Cx<'_, '_>) -> Vec<Hit> {
    literals(cx, |assignment| judge(cx.document, assignment))
}

/// Finds the credentials of an environment file.
pub(super) fn dotenv_credentials(cx: &Cx<'_, '_>) -> Vec<Hit> {
    literals(cx, |assignment| judge_dotenv(cx.document, assignment))
}

fn literals(cx: &Cx<'_, '_>, judge: impl Fn(&Assignment) -> Option<Confidence>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    let syntax = Syntax::of(cx.document);
    let mut hits: Vec<Hit> = Vec::new();
    let mut done = 0;
    let tests = tests_of_rust(cx.document);
    for keyword in cx.keywords.iter().take_while(|k| k.start < tests) {
        // One name often holds two keywords.
        if keyword.start < done {
            continue;
        }
        let key = name_around(bytes, *keyword);
        done = key.end;
        let Some(value) = syntax.value_after(bytes, key) else {
            continue;
        };
        if hits.len() >= ENOUGH {
            // Whatever it is, it isn't listed: it only may not be shown.
            cx.keep(Hit::secret(value), &mut hits);
            continue;
        }
        let assignment = Assignment { key, value };
        if let Some(confidence) = judge(&assignment) {
            let quoted =
                value.start > 0 && matches!(bytes.get(value.start - 1), Some(b'"' | b'\'' | b'`'));
            let confidence = if syntax.is_unsure() && !quoted {
                Confidence::Low
            } else {
                confidence
            };
            let mut hit = Hit::secret(value).about(subject(bytes, key));
            if confidence == Confidence::Low {
                hit = hit.sure(confidence);
            }
            cx.keep(hit, &mut hits);
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

/// The name that a keyword is a part of.
fn name_around(bytes: &[u8], keyword: Span) -> Span {
    let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'$' | b'/');
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
    // `token.` before a call, `password-` at the end of a word in prose.
    while key.end > keyword.end && matches!(bytes.get(key.end - 1), Some(b'.' | b'-')) {
        key.end -= 1;
    }
    key
}

fn judge(document: &Document<'_>, assignment: &Assignment) -> Option<Confidence> {
    let bytes = document.bytes();
    let noun = credential(text(bytes, assignment.key))?;
    let whole = text(bytes, assignment.value);
    let literal = bare(whole);
    if whole.starts_with("Basic ") && !is_login(literal) {
        return None;
    }
    let good = match noun {
        Noun::Password => value::is_strong_password(literal),
        Noun::Key => value::is_random(literal),
    };
    if !good || is_told_otherwise(document, assignment, literal) {
        return None;
    }
    Some(Confidence::Medium)
}

fn judge_dotenv(document: &Document<'_>, assignment: &Assignment) -> Option<Confidence> {
    let bytes = document.bytes();
    let noun = credential(text(bytes, assignment.key))?;
    let literal = bare(text(bytes, assignment.value));
    let set = value::is_set_password(literal, "") && !value::has_shape(literal);
    let good = match noun {
        Noun::Password => set,
        Noun::Key => {
            value::is_random(literal) || set && literal.len() >= 8 && !value::is_wordy(literal)
        }
    };
    (good && !is_told_otherwise(document, assignment, literal)).then_some(Confidence::Medium)
}

/// The value without the scheme that an `Authorization` header begins with.
fn bare(value: &str) -> &str {
    [
        "Bearer ", "bearer ", "Basic ", "token ", "Token ", "Bot ", "ApiKey ", "base64:",
    ]
    .iter()
    .find_map(|scheme| value.strip_prefix(scheme))
    .unwrap_or(value)
    .trim()
}

/// Whether this is `user:password` in base64, with a password.
fn is_login(encoded: &str) -> bool {
    let decoded = decode::base64(encoded).and_then(|bytes| String::from_utf8(bytes).ok());
    decoded
        .as_deref()
        .and_then(|text| text.split_once(':'))
        .is_some_and(|(user, password)| value::is_set_password(password, user))
}

/// Whether the surroundings say that the literal is something else: a hash of a file,
/// or the identifier that a public client sends to a service of analytics or search.
fn is_told_otherwise(document: &Document<'_>, assignment: &Assignment, value: &str) -> bool {
    static DIGEST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:sha-?\d*|integrity|checksum|digest|md5|fingerprint|commit)\b|_hash\b")
            .expect("a constant regex")
    });
    static PUBLIC: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)algolia|docsearch|indexName|mixpanel|amplitude|posthog|bugsnag|segment|sentry|google_?analytics|firebaseapp|authDomain|measurementId|rollbar|mapbox",
        )
        .expect("a constant regex")
    });
    let bytes = document.bytes();
    let line = lines::around(document, assignment.value.start);
    let near = Span::new(
        assignment.key.start.saturating_sub(160),
        (assignment.value.end + 160).min(bytes.len()),
    );
    let hex = value.bytes().all(|b| b.is_ascii_hexdigit());
    let short = Span::new(line.start.max(near.start), line.end.min(near.end));
    hex && DIGEST.is_match(short.of(bytes)) || PUBLIC.is_match(near.of(bytes))
}
