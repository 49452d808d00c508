//! Addresses with a login in them: `scheme://user:password@host`.

use crate::detect::plausible::login::{Grade, Where, grade, is_filled_in, shown, weigh};
use crate::detect::plausible::value;
use crate::detect::{Cx, Hit, Read};
use crate::document::Span;
use crate::finding::Confidence;

/// Longest login that is looked for.
const LONGEST: usize = 320;

/// Schemes that the rule on databases looks at.
#[rustfmt::skip]
const DATABASES: &[&str] = &[
    "postgres", "postgresql", "pgsql", "mysql", "mysqlx", "mariadb", "mongodb", "redis", "rediss",
    "valkey", "valkeys", "amqp", "amqps", "rabbitmq", "mssql", "sqlserver", "clickhouse",
    "cockroach", "cockroachdb", "oracle", "db2", "cassandra", "neo4j", "bolt", "couchdb",
    "couchbase", "couchbases", "influxdb", "redshift", "snowflake", "trino", "presto", "vertica",
    "hive", "impala", "arangodb", "nats",
];

/// Schemes in which `a:b@c` is no login.
#[rustfmt::skip]
const OTHER: &[&str] = &[
    "docker", "docker-image", "oci", "containers-storage", "docker-daemon", "data", "urn", "pkg",
    "npm", "file", "package", "workspace", "maven", "jar", "otpauth", "sip", "sips", "xmpp",
    "mailto", "about", "chrome", "resource", "ref+vault",
];

/// Finds the logins.
pub(super) fn logins(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    cx.read_on(|keyword, _| login(bytes, keyword))
}

/// The login in the address whose `://` stands at `colon`, and where its host ends.
fn login(bytes: &[u8], colon: Span) -> Option<Read> {
    let rest = bytes.get(colon.end..)?;
    let rest = rest.get(..LONGEST).unwrap_or(rest);
    let ends =
        |b: &u8| b.is_ascii_whitespace() || !b.is_ascii_graphic() || b"\"'`<>/?#\\,;|^".contains(b);
    let whole = rest.get(..rest.iter().position(ends).unwrap_or(rest.len()))?;
    let at = memchr::memrchr(b'@', whole)?;
    let info = Span::new(colon.end, colon.end + at);
    let text = |span: Span| std::str::from_utf8(span.of(bytes)).unwrap_or_default();
    let scheme = scheme(bytes, colon.start);
    let host = text(Span::new(info.end + 1, colon.end + whole.len()));
    let host = host.trim_end_matches([')', ']', '.', ':', '*']);
    if scheme.is_empty()
        || DATABASES.contains(&scheme.split('+').next().unwrap_or_default())
        || OTHER.contains(&scheme.as_str())
        || host.starts_with("sha256")
        || host.is_empty()
        || is_filled_in(host)
        || !host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._:[]%".contains(&b))
    {
        return None;
    }
    // A user may be an e-mail address, so the first colon after the first name ends it.
    let (user, password) = match memchr::memchr(b':', info.of(bytes)) {
        Some(at) => (
            Span::new(info.start, info.start + at),
            Span::new(info.start + at + 1, info.end),
        ),
        None => (info, Span::new(info.end, info.end)),
    };
    let (secret, user, sure) = judge(text(user), text(password), host, (user, password))?;
    let mut subject = format!("{scheme}://");
    if let Some(user) = shown(user, text(secret)) {
        subject.push_str(user);
        subject.push('@');
    }
    subject.push_str(host);
    let end = info.end + 1 + host.len();
    Some((Some(Hit::secret(secret).sure(sure).about(subject)), end))
}

/// What is secret of a login, and the user's name.
fn judge<'t>(
    user: &'t str,
    password: &str,
    host: &str,
    (user_at, password_at): (Span, Span),
) -> Option<(Span, &'t str, Confidence)> {
    let place = Where::of(host);
    // Git's hosts take a token for the user's name.
    if password.is_empty() || matches!(password, "x-oauth-basic" | "x-token-auth") {
        // A DSN of Sentry's names a project and is public.
        let public = host.contains("sentry") || host.contains("ingest") || is_filled_in(user);
        let key = value::is_random(user) && user.len() >= 20 && place != Where::Example;
        return (key && !public).then_some((user_at, "", Confidence::Medium));
    }
    if is_filled_in(user) || password.bytes().all(|b| b.is_ascii_digit()) && password.len() < 6 {
        return None;
    }
    let grade = grade(password, user);
    let wordy = value::is_wordy(password);
    let sure = match (weigh(grade, place, wordy)?, grade) {
        _ if place == Where::Example => Confidence::Low,
        // Addresses of the web stand in so many texts about them.
        (Confidence::High, Grade::Set) if wordy => Confidence::Low,
        (Confidence::High, Grade::Set) => Confidence::Medium,
        (Confidence::Medium, Grade::Weak | Grade::Toy) => Confidence::Low,
        (sure, _) => sure,
    };
    Some((password_at, user, sure))
}

/// The scheme that ends at `end`, in lower case.
fn scheme(bytes: &[u8], end: usize) -> String {
    let part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    let before = bytes.get(end.saturating_sub(24)..end).unwrap_or_default();
    let length = before.iter().rev().take_while(part).count();
    let name = before.get(before.len() - length..).unwrap_or_default();
    String::from_utf8_lossy(name).to_ascii_lowercase()
}
