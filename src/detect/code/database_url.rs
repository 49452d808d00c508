//! Connection strings with their password written out.

use std::sync::LazyLock;

use regex::bytes::{Captures, Regex};

use crate::detect::plausible::login::{Grade, Where, grade, is_filled_in, is_word, shown, weigh};
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::Severity;

/// Longest connection string.
const LONGEST: usize = 600;

/// How far before a keyword one may begin: the user and password of Go's form.
const BEFORE: usize = 160;

/// Finds the passwords.
pub(super) fn passwords(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    cx.read_on(|keyword, done| {
        let go = keyword.of(bytes).first() == Some(&b'@');
        let before = if go { BEFORE } else { 0 };
        let start = keyword.start.saturating_sub(before).max(done);
        let end = (keyword.start + LONGEST).min(bytes.len());
        let last = keyword.start.checked_sub(1).and_then(|at| bytes.get(at));
        let window = bytes.get(start..end)?;
        let inside = last.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        // The regex for Go looks back, so it runs only where its end is in sight.
        if !go && inside || go && memchr::memmem::find(window, b")/").is_none() {
            return None;
        }
        let forms: &[&Regex] = if go {
            &[&GO]
        } else {
            &[&URL, &PARAMETER, &ORACLE]
        };
        let Some(found) = forms.iter().find_map(|form| form.captures(window)) else {
            let end = if go {
                keyword.end
            } else {
                address(bytes, keyword)
            };
            return Some((None, end));
        };
        let end = start + found.get(0).map_or(0, |m| m.end());
        Some((judge(bytes, start, &found), end))
    })
}

/// Where an address ends that begins with a scheme's name and holds no login, so that
/// what follows in it is not searched again; the end of the name when there is none.
fn address(bytes: &[u8], scheme: Span) -> usize {
    let rest = bytes.get(scheme.end..).unwrap_or_default();
    let rest = rest.get(..LONGEST).unwrap_or(rest);
    let ends = |b: &u8| b.is_ascii_whitespace() || b"'\"`,<>\\".contains(b);
    let token = rest.iter().position(ends).unwrap_or(rest.len());
    let token = rest.get(..token).unwrap_or_default();
    let inner = token.get(..32).unwrap_or(token);
    match memchr::memmem::find(inner, b"://") {
        Some(_) => scheme.end + token.len(),
        None => scheme.end,
    }
}

/// `scheme://user:password@host/database`.
static URL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi-u)
        ^(?P<scheme>postgres(?:ql)?|pgsql|mysqlx?|mariadb|mongodb|rediss?|valkeys?|amqps?|rabbitmq
            |mssql|sqlserver|clickhouse|cockroach(?:db)?|oracle|db2|cassandra|neo4j|bolt|couchdb
            |couchbases?|influxdb|redshift|snowflake|trino|presto|vertica|hive|impala|arangodb|nats)
        (?:\+[a-z0-9_+]{1,16})?(?:\+ssl|\+s)?://
        (?P<user>[^\s:/@'"`<>?\#\\]{0,80}):(?P<secret>[^\s'"`@/\\]{1,200}|[^\s'"`@\\]{1,200})@
        (?P<host>[^\s'"`/?,;\#\\)@]{1,255})
        (?:/(?P<db>[\w$-]{0,64}))?
        "#,
    )
    .expect("a constant regex")
});

/// `jdbc:driver://host/database?user=…&password=…`, and SQL Server's with `;`.
static PARAMETER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi-u)
        ^(?:jdbc:)?(?P<scheme>postgres(?:ql)?|mysql|mariadb|sqlserver|mssql|clickhouse|ch|redshift
            |db2|snowflake|sybase|teradata|vertica|trino|presto|hive2|oracle|mongodb)
        (?::[a-z0-9:]{1,24})?://
        (?P<host>[^\s'"`/?,;\#\\)@]{1,255})
        (?:/(?P<db>[\w$-]{0,64}))?
        [^\s'"`<>]{0,300}?(?:[?;:]|&(?:amp;)?)(?:password|passwd|pwd)=(?P<secret>[^\s'"`&;<\\]{1,200})
        "#,
    )
    .expect("a constant regex")
});

/// `jdbc:oracle:thin:user/password@host:port:sid`.
static ORACLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi-u)
        ^jdbc:(?P<scheme>oracle):(?:thin|oci8?):(?P<user>[\w$.-]{1,64})/(?P<secret>[^\s'"`@/]{1,200})
        @(?://)?(?P<host>[^\s'"`/?,;\#\\)@]{1,255})(?:/(?P<db>[\w$-]{0,64}))?
        "#,
    )
    .expect("a constant regex")
});

/// `user:password@tcp(host:port)/database`, as Go's driver of `MySQL` has it.
static GO: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi-u)
        (?:^|["'`\s=/])(?P<user>[^\s:/@'"`<>=]{1,64}):(?P<secret>[^\s'"`]{1,128}?)
        @(?P<scheme>tcp|unix)\((?P<host>[^\s'"`)]{0,255})\)/(?P<db>[\w$-]{0,64})
        "#,
    )
    .expect("a constant regex")
});

fn judge(bytes: &[u8], start: usize, found: &Captures<'_>) -> Option<Hit> {
    let span = |name| {
        found
            .name(name)
            .map(|m| Span::new(start + m.start(), start + m.end()))
    };
    let text = |span: Span| std::str::from_utf8(span.of(bytes)).unwrap_or_default();
    let named = |name| span(name).map_or("", text);
    let (mut secret, mut host) = (span("secret")?, span("host")?);
    // A password may hold the sign that ends it: the last one does.
    while bytes.get(host.end) == Some(&b'@') {
        let rest = bytes.get(host.end + 1..).unwrap_or_default();
        let ends = |b: &u8| b.is_ascii_whitespace() || b"'\"`/?,;#\\)@".contains(b);
        let length = rest.iter().take(255).position(ends).unwrap_or(0);
        if length == 0 {
            break;
        }
        secret.end = host.end;
        host = Span::new(host.end + 1, host.end + 1 + length);
    }
    let (user, host, database) = (named("user"), text(host), named("db"));
    let password = text(secret);
    // A socket of the machine is no place to reach it at.
    let socket = host.get(..3).is_some_and(|h| h.eq_ignore_ascii_case("%2f"));
    if is_filled_in(host) || is_filled_in(user) || socket {
        return None;
    }
    let grade = match grade(password, user) {
        Grade::Set if password.eq_ignore_ascii_case(database) => Grade::Toy,
        grade => grade,
    };
    let place = Where::of(host);
    let mut hit = Hit::secret(secret).sure(weigh(grade, place, is_word(password))?);
    if place == Where::Local {
        // What only the developer's own machine accepts.
        hit = hit.grave(Severity::Medium);
    }
    let scheme = match named("scheme").to_ascii_lowercase().as_str() {
        "tcp" | "unix" => "mysql".to_owned(),
        scheme => scheme.to_owned(),
    };
    let mut subject = format!("{scheme}://");
    if let Some(user) = shown(user, password) {
        subject.push_str(user);
        subject.push('@');
    }
    subject.push_str(host);
    if !database.is_empty() {
        subject.push('/');
        subject.push_str(database);
    }
    Some(hit.about(subject))
}
