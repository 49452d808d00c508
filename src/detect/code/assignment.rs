//! Literals that are given to a name which promises a credential, in code and
//! configuration alike. In `.env` files every line is an assignment, and a short
//! password counts too.

mod syntax;

use std::sync::LazyLock;

use regex::bytes::Regex;

use self::syntax::{Form, Given, Syntax};
use crate::detect::plausible::name::{Noun, perhaps_credential};
use crate::detect::plausible::strength::{Strength, of_key, of_password};
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
    given: Given,
}

/// Finds the secrets of any file.
pub(super) fn generic_secrets(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let config = Syntax::of(cx.document).is_config();
    literals(cx, |assignment| judge(cx.document, assignment, config))
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
                confidence = step_down(confidence);
            }
            let hit = Hit::secret(given.value).about(subject(bytes, key));
            cx.keep(hit.sure(confidence), &mut hits);
        }
    }
    hits
}

const fn step_down(confidence: Confidence) -> Confidence {
    match confidence {
        Confidence::Certain | Confidence::High => Confidence::Medium,
        Confidence::Medium | Confidence::Low => Confidence::Low,
    }
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

fn judge(document: &Document<'_>, assignment: &Assignment, config: bool) -> Option<Confidence> {
    let bytes = document.bytes();
    let name = text(bytes, assignment.key);
    // `ID/PW: …` and `secret/data/token: …` give something else.
    if name.contains('/') {
        return None;
    }
    let noun = perhaps_credential(name)?;
    let whole = text(bytes, assignment.given.value);
    let literal = bare(whole);
    if whole.starts_with("Basic ") && !is_login(literal) {
        return None;
    }
    let strength = match noun {
        Noun::Password => of_password(literal),
        Noun::Secret => of_key(literal).max(of_password(literal)),
        Noun::Key => of_key(literal),
        Noun::Vague if assignment.given.form == Form::Set => of_key(literal)
            .filter(|s| *s == Strength::Strong && literal.len() >= 20 && !literal.contains('.')),
        Noun::Vague => None,
    }?;
    let form = assignment.given.form;
    let word = strength == Strength::Word && (noun != Noun::Password || form != Form::Set);
    // `"password": "Wachtwoord"` in the texts of a program.
    let translated = strength < Strength::Strong
        && document.context().docs
        && literal
            .bytes()
            .all(|b| b.is_ascii_alphabetic() || b == b'-');
    if word || translated || is_told_otherwise(document, assignment, literal) {
        return None;
    }
    let mut confidence = match (strength, config) {
        (Strength::Strong, _) => Confidence::High,
        (Strength::Fair, _) => Confidence::Medium,
        (Strength::Weak, true) if noun == Noun::Password => Confidence::Medium,
        (Strength::Weak | Strength::Word, _) => Confidence::Low,
    };
    match form {
        Form::Set => {}
        Form::Compared | Form::Beside | Form::Word => {
            if strength < Strength::Strong {
                confidence = Confidence::Low;
            }
        }
        // `login: … password: …` says more than `the password: …`.
        Form::Prose if strength == Strength::Fair && has_login(bytes, assignment.key) => {}
        Form::Prose | Form::Query => confidence = step_down(confidence),
    }
    if noun == Noun::Vague {
        confidence = step_down(confidence);
    }
    Some(confidence)
}

/// Whether a login stands before a password: a user's name or a host.
fn has_login(bytes: &[u8], key: Span) -> bool {
    static LOGIN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i-u)\b(?:user|login|id|account|e?mail|host|ssh|s?ftp|wifi|ssid)[a-z _-]{0,10}[:=/]|[a-z0-9]@[a-z0-9]|\b\d{1,3}(?:\.\d{1,3}){3}\b",
        )
        .expect("a constant regex")
    });
    let near = Span::new(key.start.saturating_sub(80), key.start).of(bytes);
    LOGIN.is_match(near)
}

fn judge_dotenv(document: &Document<'_>, assignment: &Assignment) -> Option<Confidence> {
    let bytes = document.bytes();
    let noun = perhaps_credential(text(bytes, assignment.key))?;
    let literal = bare(text(bytes, assignment.given.value));
    let strength = of_password(literal).max(of_key(literal))?;
    let good = match noun {
        Noun::Password => strength >= Strength::Weak,
        Noun::Secret | Noun::Key => strength >= Strength::Fair,
        Noun::Vague => strength >= Strength::Strong,
    };
    if is_told_otherwise(document, assignment, literal) {
        return None;
    }
    Some(match strength {
        Strength::Strong if good => Confidence::High,
        _ if good => Confidence::Medium,
        _ => Confidence::Low,
    })
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
    let line = lines::around(document, assignment.given.value.start);
    let near = Span::new(
        assignment.key.start.saturating_sub(160),
        (assignment.given.value.end + 160).min(bytes.len()),
    );
    let hex = value.bytes().all(|b| b.is_ascii_hexdigit());
    let short = Span::new(line.start.max(near.start), line.end.min(near.end));
    hex && DIGEST.is_match(short.of(bytes)) || PUBLIC.is_match(near.of(bytes))
}
