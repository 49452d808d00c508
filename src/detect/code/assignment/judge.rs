//! Whether what an assignment gives is a secret, and how sure that is: the name says
//! what to expect, the value how good a secret it would make, the place whether only
//! secrets stand there.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::syntax::Form;
use super::{Assignment, text};
use crate::detect::plausible::login::{Grade, grade};
use crate::detect::plausible::name::{Noun, perhaps_credential};
use crate::detect::plausible::strength::{Strength, is_mixed, of_key, of_password};
use crate::detect::plausible::value;
use crate::detect::{anchor, decode, lines, words};
use crate::document::{Document, Span};
use crate::finding::Confidence;

/// Shortest value that the key of something unknown may open.
const VAGUE: usize = 20;

/// What a name promises in any file.
pub(super) fn noun(name: &str) -> Option<Noun> {
    perhaps_credential(own_name(name)?)
}

/// How sure it is that an assignment in any file gives a secret, where its name promises
/// `noun`. `config` says that the file sets things and does nothing.
pub(super) fn anywhere(
    document: &Document<'_>,
    assignment: &Assignment,
    noun: Noun,
    config: bool,
) -> Option<Confidence> {
    let bytes = document.bytes();
    let whole = text(bytes, assignment.given.value);
    let literal = bare(whole);
    let login = is_login_option(text(bytes, assignment.key));
    let literal = match literal.split_once(':') {
        Some((_, password)) if login => password,
        _ if login => return None,
        _ => literal,
    };
    if whole.starts_with("Basic ") && !is_login(literal) {
        return None;
    }
    let form = assignment.given.form;
    let strength = strength(noun, literal, form)?;
    let word = strength == Strength::Word && noun != Noun::Password;
    if word || is_translated(document, literal, strength) {
        return None;
    }
    let told = is_told_otherwise(document, assignment, literal);
    if told || noun == Noun::Password && is_for_everybody(bytes, assignment.key) {
        return None;
    }
    let password = noun == Noun::Password;
    let logs_in =
        password && strength < Strength::Strong && (login || has_login(bytes, assignment.key));
    let chosen = || password && is_chosen(literal);
    let sure = match strength {
        Strength::Strong => Confidence::High,
        Strength::Fair => Confidence::Medium,
        Strength::Weak if password && (config || logs_in) => Confidence::Medium,
        Strength::Weak if chosen() && matches!(form, Form::Set | Form::Compared | Form::Word) => {
            Confidence::Medium
        }
        Strength::Word if password && form == Form::Set => {
            let given = assignment.given.value;
            let served = || config && is_served(document, text(bytes, assignment.key), given);
            weigh_word(literal, || logs_in || served())
        }
        Strength::Word if password && form == Form::Compared => weigh_word(literal, || logs_in),
        Strength::Weak | Strength::Word => Confidence::Low,
    };
    let sure = match form {
        Form::Set => sure,
        _ if strength == Strength::Fair && (logs_in || is_mixed(literal)) => sure,
        Form::Compared | Form::Word if chosen() => sure,
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

/// Whether this is an option of curl's library that takes `user:password`.
fn is_login_option(name: &str) -> bool {
    name.starts_with("CURLOPT_") && name.ends_with("USERPWD")
}

/// Whether somebody chose this for a password: a word with digits in it or after it, and
/// nothing of what names and ids are made of.
fn is_chosen(literal: &str) -> bool {
    let letters = literal.bytes().filter(u8::is_ascii_alphabetic).count();
    let digits = literal.bytes().filter(u8::is_ascii_digit).count();
    let signs = literal.len() - letters - digits;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"!@#$%^&*?~".contains(&b);
    (6..=24).contains(&literal.len())
        && letters >= 3
        && digits + signs >= 1
        && literal.bytes().all(plain)
        && grade(literal, "") >= Grade::Weak
}

/// Whether the name, or what stands above it in a file of settings, tells of a service.
fn is_served(document: &Document<'_>, name: &str, value: Span) -> bool {
    #[rustfmt::skip]
    const SERVICES: &[&str] = &[
        "db", "database", "databases", "datasource", "mysql", "mariadb", "pg", "postgres",
        "postgresql", "redis", "mongo", "mongodb", "rabbitmq", "amqp", "smtp", "ldap", "ftp",
        "sftp", "root", "keystore", "truststore", "jdbc", "sql", "oracle", "elastic",
        "elasticsearch", "grafana", "hibernate", "kafka", "production",
    ];
    let serves = |name: &str| {
        let words = words::words(name);
        words.iter().any(|word| SERVICES.contains(&word.as_str()))
    };
    serves(name) || serves(&anchor::of(document, value))
}

/// How sure a plain word is. Descriptions of data and texts in some language look the
/// same, so that the place has to tell that it logs in.
fn weigh_word(literal: &str, logs_in: impl Fn() -> bool) -> Confidence {
    let plain = literal.bytes().all(|b| b.is_ascii_alphanumeric());
    let said = literal
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_uppercase())
        || literal.to_ascii_lowercase().contains("pass");
    if plain && !said && literal.len() >= 6 && grade(literal, "") == Grade::Weak && logs_in() {
        Confidence::Medium
    } else {
        Confidence::Low
    }
}

/// The same in an environment file, where every line gives something.
pub(super) fn in_dotenv(document: &Document<'_>, assignment: &Assignment) -> Option<Confidence> {
    let bytes = document.bytes();
    let noun = perhaps_credential(text(bytes, assignment.key))?;
    let literal = bare(text(bytes, assignment.given.value));
    let strength = of_password(literal).max(of_key(literal))?;
    let good = match noun {
        Noun::Password if strength == Strength::Word => {
            let name = text(bytes, assignment.key);
            let served = || is_served(document, name, assignment.given.value);
            weigh_word(literal, served) == Confidence::Medium
        }
        Noun::Password => true,
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

/// Whether the password is of a login that anybody may use, and that asks for some text.
fn is_for_everybody(bytes: &[u8], key: Span) -> bool {
    let near = Span::new(key.start.saturating_sub(60), key.start).of(bytes);
    [&b"\"anonymous\""[..], b"'anonymous'"]
        .iter()
        .any(|user| memchr::memmem::find(near, user).is_some())
}

/// Whether a login stands before a password: a user's name or a host.
fn has_login(bytes: &[u8], key: Span) -> bool {
    static LOGIN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"(?i-u)(?:^|[^a-z])(?:user|login|id|account|e?mail|host|ssh|s?ftp|wifi|ssid)[a-z _-]{0,10}["'`]?[ \t]*[:=/>]|[a-z0-9]@[a-z0-9]|\b\d{1,3}(?:\.\d{1,3}){3}\b"#,
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
            r"(?i)algolia|docsearch|indexName|mixpanel|amplitude|posthog|bugsnag|segment|sentry|google_?analytics|firebaseapp|authDomain|measurementId|rollbar|mapbox|facebook_?client_?token",
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
