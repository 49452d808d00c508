//! Connection strings with their password written out.

use std::sync::LazyLock;

use regex::bytes::{Captures, Regex};

use crate::detect::plausible::value;
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::{Confidence, Severity};

/// Longest connection string.
const LONGEST: usize = 600;

/// Finds the passwords.
pub(super) fn passwords(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    let mut hits = Vec::new();
    let mut done = 0;
    for keyword in cx.keywords {
        if keyword.start < done {
            continue;
        }
        let start = keyword.start.saturating_sub(8).max(done);
        let end = (keyword.start + LONGEST).min(bytes.len());
        let Some(window) = bytes.get(start..end) else {
            continue;
        };
        for regex in [&*URL, &*JDBC] {
            if let Some(found) = regex.captures(window) {
                let whole = found.get(0).map_or(0..0, |m| m.range());
                if start + whole.start <= keyword.start && keyword.start < start + whole.end {
                    done = start + whole.end;
                    hits.extend(judge(bytes, start, &found));
                    break;
                }
            }
        }
    }
    hits
}

/// `scheme://user:password@host/database`.
static URL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi-u)
        \b(?P<scheme>postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|sqlserver|clickhouse|cockroachdb|oracle|db2|cassandra|neo4j|bolt|couchdb|nats)
        (?:\+[a-z0-9_+]{1,16})?(?:\+ssl|\+s)?://
        (?P<user>[^\s:/@'"`<>?\#]{0,80}):(?P<secret>[^\s'"`@/]{1,200}|[^\s'"`@]{1,200})@
        (?P<host>[^\s'"`/?,;\#\\)@]{1,255})
        (?:/(?P<db>[\w$-]{0,64}))?
        "#,
    )
    .expect("a constant regex")
});

/// `jdbc:driver://host/database?user=…&password=…`, and SQL Server's with `;`.
static JDBC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi-u)
        \bjdbc:(?P<scheme>postgresql|mysql|mariadb|sqlserver|clickhouse|redshift|db2|snowflake)://
        (?P<host>[^\s'"`/?,;\#\\)@]{1,255})
        (?:/(?P<db>[\w$-]{0,64}))?
        [^\s'"`<>]{0,300}?[?&;]password=(?P<secret>[^\s'"`&;<]{1,200})
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
    let text = |name| {
        span(name).map_or("", |s: Span| {
            std::str::from_utf8(s.of(bytes)).unwrap_or_default()
        })
    };
    let (user, host, database) = (text("user"), text("host"), text("db"));
    let secret = span("secret")?;
    let password = text("secret");
    let scheme = text("scheme").to_ascii_lowercase();
    if password.is_empty() || is_filled_in(password) || is_filled_in(host) || is_filled_in(user) {
        return None;
    }
    let place = Where::of(host);
    let set = value::is_set_password(password, user) && !password.eq_ignore_ascii_case(database);
    let random = value::is_random(password) || value::is_strong_password(password);
    let mut hit = Hit::secret(secret);
    match place {
        Where::Example => return None,
        // A toy on the developer's own machine guards nothing.
        Where::Local if !random => return None,
        Where::Local => hit = hit.grave(Severity::Medium),
        // In a network of containers: `db`, `postgres`.
        Where::Short if !(random || set && !value::is_wordy(password)) => return None,
        Where::Named if !set => {
            // `admin` at a real host may well be in force.
            if !value::is_toy(password) || is_word_for_one(password) {
                return None;
            }
            hit = hit.sure(Confidence::Low);
        }
        Where::Short | Where::Named => {}
    }
    let mut subject = format!("{scheme}://");
    if !user.is_empty() {
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

/// Whether the part is put in later: a template, a variable, a format.
fn is_filled_in(part: &str) -> bool {
    part.contains(['$', '{', '}', '<', '>', '[', '(', '*'])
        && (part.contains(['{', '<', '[', '(', '*'])
            || part.starts_with('$')
            || part.ends_with(['}', '>']))
        || part.starts_with('%') && !part.get(1..3).is_some_and(is_hex)
        || part.starts_with(':')
        || part.contains("...")
        || part.contains('…')
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A word that stands for a password rather than being one.
fn is_word_for_one(password: &str) -> bool {
    let lower = password.to_ascii_lowercase();
    ["pass", "pw", "secret", "pwd", "user", "token", "my", "your"]
        .iter()
        .any(|word| lower.contains(word))
}

enum Where {
    /// The machine itself.
    Local,
    /// A name that documentation uses.
    Example,
    /// A name without a domain.
    Short,
    /// A full name or an address.
    Named,
}

impl Where {
    fn of(host: &str) -> Self {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        let says = SAY_EXAMPLE.iter().any(|word| name.contains(word));
        let part = |part: &str| part == "host" || part == "mongodb0";
        let local = name == "localhost" || LOCAL.iter().any(|start| name.starts_with(start));
        if local || ends(&[".localhost", ".local"]) {
            Self::Local
        } else if name.is_empty()
            || ends(RESERVED)
            || STAND_FOR_A_HOST.contains(&name.as_str())
            || says
            || name.split('.').any(part)
        {
            Self::Example
        } else if name.contains('.') {
            Self::Named
        } else {
            Self::Short
        }
    }
}

/// How names and addresses begin of the machine itself and of private networks.
#[rustfmt::skip]
const LOCAL: &[&str] = &[
    "127.", "0.0.0.0", "::1", "[::1", "host.docker.internal", "192.168.", "10.0.0.",
];

/// How the names end that documentation uses.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "example.com", "example.org", "example.net", ".example", ".test", ".invalid", "company.com",
    "domain.com", "mydomain.com", "yourdomain.com", "acme.com", "foo.com", "bar.com", "test.com",
];

/// Words that are written for the name of some host.
#[rustfmt::skip]
const STAND_FOR_A_HOST: &[&str] = &[
    "host", "hostname", "server", "servername", "myhost", "dbhost", "somehost", "somewhere",
    "example", "xxx", "foo", "bar", "h", "ip", "address", "my-host", "your-host", "remote",
    "db_host", "myserver", "test", "host1", "domain", "addr", "hosts", "db-host",
];

/// Parts of such a name.
const SAY_EXAMPLE: &[&str] = &["example", "xxxx", "your", "placeholder", "hostname"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        assert!(matches!(Where::of("localhost:5432"), Where::Local));
        assert!(matches!(Where::of("db.example.com"), Where::Example));
        assert!(matches!(Where::of("postgres"), Where::Short));
        assert!(matches!(Where::of("db1.prod.corp.net:1"), Where::Named));
    }

    #[test]
    fn parts_that_are_put_in_later() {
        for part in [
            "${PASS}", "$PASS", "{pass}", "%s", "%(pw)s", "<pw>", "{{ pw }}", "****", "...",
        ] {
            assert!(is_filled_in(part), "{part}");
        }
        for part in ["%40bc", "a$b", "pa%s"] {
            assert!(!is_filled_in(part), "{part}");
        }
    }
}
