//! Whether what an assignment gives is a secret, and how sure that is: the name says
//! what to expect, the value how good a secret it would make, the place whether only
//! secrets stand there.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::syntax::Form;
use super::{Assignment, text};
use crate::detect::plausible::name::{Noun, perhaps_credential};
use crate::detect::plausible::strength::{Strength, is_mixed, of_key, of_password};
use crate::detect::plausible::value;
use crate::detect::{decode, lines};
use crate::document::{Document, Span};
use crate::finding::Confidence;

/// Shortest value that the key of something unknown may open.
const VAGUE: usize = 20;

/// How sure it is that an assignment in any file gives a secret. `config` says that the
/// file sets things and does nothing.
pub(super) fn anywhere(
    document: &Document<'_>,
    assignment: &Assignment,
    config: bool,
) -> Option<Confidence> {
    let bytes = document.bytes();
    let noun = perhaps_credential(own_name(text(bytes, assignment.key))?)?;
    let whole = text(bytes, assignment.given.value);
    let literal = bare(whole);
    if whole.starts_with("Basic ") && !is_login(literal) {
        return None;
    }
    let form = assignment.given.form;
    let strength = strength(noun, literal, form)?;
    let word = strength == Strength::Word && noun != Noun::Password;
    if word || is_translated(document, literal, strength) {
        return None;
    }
    if is_told_otherwise(document, assignment, literal) {
        return None;
    }
    let logs_in =
        noun == Noun::Password && strength < Strength::Strong && has_login(bytes, assignment.key);
    let sure = match strength {
        Strength::Strong => Confidence::High,
        Strength::Fair => Confidence::Medium,
        Strength::Weak if noun == Noun::Password && (config || logs_in) => Confidence::Medium,
        Strength::Weak | Strength::Word => Confidence::Low,
    };
    let sure = match form {
        Form::Set => sure,
        _ if strength == Strength::Fair && (logs_in || is_mixed(literal)) => sure,
        Form::Compared | Form::Beside | Form::Word if strength == Strength::Strong => sure,
        Form::Compared | Form::Beside | Form::Word => Confidence::Low,
        Form::Prose | Form::Query if strength == Strength::Word => return None,
        Form::Prose | Form::Query => sure.lowered(),
    };
    Some(if noun == Noun::Vague {
        sure.lowered()
    } else {
        sure
    })
}

/// The same in an environment file, where every line gives something.
pub(super) fn in_dotenv(document: &Document<'_>, assignment: &Assignment) -> Option<Confidence> {
    let bytes = document.bytes();
    let noun = perhaps_credential(text(bytes, assignment.key))?;
    let literal = bare(text(bytes, assignment.given.value));
    let strength = of_password(literal).max(of_key(literal))?;
    let good = match noun {
        Noun::Password => strength >= Strength::Weak,
        Noun::Secret | Noun::Key => strength >= Strength::Fair,
        Noun::Pass | Noun::Vague => strength >= Strength::Strong,
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

/// The name without what stands before a slash. `ID/PW: …` gives both, and
/// `secret/data/token: …` is a path.
fn own_name(name: &str) -> Option<&str> {
    const LOGINS: &[&str] = &["id", "user", "username", "login", "account", "name"];
    let Some((before, name)) = name.rsplit_once('/') else {
        return Some(name);
    };
    let login = LOGINS.iter().any(|word| before.eq_ignore_ascii_case(word));
    (!login && !before.contains('/')).then_some(name)
}

/// How good a secret of its kind the value would make.
fn strength(noun: Noun, literal: &str, form: Form) -> Option<Strength> {
    let strong = |strength: &Strength| *strength == Strength::Strong;
    match noun {
        Noun::Password => of_password(literal),
        Noun::Pass => of_password(literal).filter(strong),
        Noun::Secret => of_key(literal).max(of_password(literal)),
        Noun::Key => of_key(literal),
        Noun::Vague if form == Form::Set && literal.len() >= VAGUE && !literal.contains('.') => {
            of_key(literal).filter(strong)
        }
        Noun::Vague => None,
    }
}

/// Whether this is a text of a program in some language: `"password": "Wachtwoord"`.
fn is_translated(document: &Document<'_>, literal: &str, strength: Strength) -> bool {
    strength < Strength::Strong
        && document.context().docs
        && literal
            .bytes()
            .all(|b| b.is_ascii_alphabetic() || b == b'-')
}

/// Whether a login stands before a password: a user's name or a host.
fn has_login(bytes: &[u8], key: Span) -> bool {
    static LOGIN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"(?i-u)(?:^|[^a-z])(?:user|login|id|account|e?mail|host|ssh|s?ftp|wifi|ssid)[a-z _-]{0,10}["'`]?[ \t]*[:=/]|[a-z0-9]@[a-z0-9]|\b\d{1,3}(?:\.\d{1,3}){3}\b"#,
        )
        .expect("a constant regex")
    });
    let near = Span::new(key.start.saturating_sub(80), key.start).of(bytes);
    LOGIN.is_match(near)
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
    let Some((user, password)) = decode::login(encoded) else {
        return false;
    };
    match (std::str::from_utf8(&user), std::str::from_utf8(&password)) {
        (Ok(user), Ok(password)) => value::is_set_password(password, user),
        _ => false,
    }
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
