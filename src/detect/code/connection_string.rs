//! Connection strings of keys and values: `Server=…;User Id=…;Password=…` of .NET, ODBC
//! and OLE DB, and `host=… user=… password=…` of libpq.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::detect::plausible::login::{Grade, Where, grade, is_production, is_word, shown, weigh};
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::{Confidence, Severity};

/// How much on either side of the password belongs to it.
const AROUND: usize = 320;

/// Finds the passwords.
pub(super) fn passwords(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    cx.read_on(|keyword, done| {
        if !is_key(bytes, keyword) {
            return None;
        }
        let name = keyword.of(bytes);
        let name = name.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let secret = value(bytes, keyword.start + name)?;
        let whole = Span::new(
            string_before(bytes, done, keyword.start),
            string_after(bytes, secret.end),
        );
        // A list has one password.
        Some((judge(bytes, whole, keyword.start, secret), whole.end))
    })
}

/// Whether the word at `keyword` is a key by itself: a list's sign or the string's
/// quote stands before it.
fn is_key(bytes: &[u8], keyword: Span) -> bool {
    let before = bytes
        .get(keyword.start.saturating_sub(3)..keyword.start)
        .unwrap_or_default();
    match before {
        [.., last, b' '] => !matches!(last, b'-' | b'$'),
        // A line break within a string: `\nPassword=`.
        [.., b'\\', b'n'] | [] => true,
        [.., last] => b";\"',>:\n\t".contains(last),
    }
}

/// The value after a key that ends at `at`: up to the sign or the string's end.
fn value(bytes: &[u8], at: usize) -> Option<Span> {
    let rest = bytes.get(at..(at + 160).min(bytes.len()))?;
    let blanks = rest.iter().take_while(|b| **b == b' ').count();
    let rest = rest.get(blanks..)?.strip_prefix(b"=")?;
    let skip = blanks + 1 + rest.iter().take_while(|b| **b == b' ').count();
    let rest = bytes.get(at + skip..(at + skip + 128).min(bytes.len()))?;
    // A quoted value within: `Password='…'`, `Password=""…""`.
    let (open, rest) = match rest {
        [b'\'', rest @ ..] => (1, rest),
        [b'"', b'"', rest @ ..] | [b'\\', b'"' | b'\'', rest @ ..] => (2, rest),
        _ => (0, rest),
    };
    let ends = |b: &u8| b.is_ascii_whitespace() || !b.is_ascii_graphic() || b"\"';<>`".contains(b);
    let length = rest.iter().position(ends).unwrap_or(rest.len());
    let mut value = rest.get(..length)?;
    for end in [&b"&quot"[..], b"&apos", b"\\n", b"\\r", b"\\"] {
        if let Some(at) = memchr::memmem::find(value, end)
            && (at + end.len() == value.len() || end.len() > 1)
        {
            value = value.get(..at)?;
        }
    }
    let start = at + skip + open;
    (!value.is_empty()).then(|| Span::new(start, start + value.len()))
}

/// A key of such a list, where it begins.
static KEY: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    // What stands in a value: of libpq no blank, else no semicolon.
    [r"\s;", ";"].map(|end| {
        let names = r#"(?xi-u)
        (?:^|[;"'>\s,:&]|\\n)
        (?P<key>server|data\ source|addr|address|network\ address|host|hostaddr|hostname|dsn
          |initial\ catalog|database|dbname|dbq|uid|user\ ?id|user|user\ ?name|provider|driver
          |port|sslmode|endpoint|accountname|filedsn|system|service\ name|url)
        \ ?=\ ?"#;
        let value = format!("(?P<value>[^{end}\"'<>\\r\\n]{{1,128}})");
        Regex::new(&(names.to_owned() + &value)).expect("a constant regex")
    })
});

/// A value without other keys and their values, which blanks part in a list of libpq's
/// whose password holds a semicolon.
fn first(value: &str) -> &str {
    let before = value.split_once('=').map_or("", |(before, _)| before);
    before
        .rsplit_once(' ')
        .map_or(value, |(first, _)| first.trim_end())
}

/// What the keys beside a password say.
#[derive(Default)]
struct Beside<'b> {
    keys: usize,
    user: &'b str,
    host: &'b str,
    database: &'b str,
}

impl<'b> Beside<'b> {
    fn read(text: &'b [u8], semicolons: bool) -> Self {
        let mut beside = Self::default();
        let [blanks, lists] = &*KEY;
        let regex = if semicolons { lists } else { blanks };
        for found in regex.captures_iter(text) {
            let part = |name| {
                let bytes = found.name(name).map_or(&b""[..], |m| m.as_bytes());
                std::str::from_utf8(bytes).unwrap_or_default()
            };
            let value = first(part("value").trim());
            beside.keys += 1;
            match part("key").to_ascii_lowercase().as_str() {
                "server" | "data source" | "addr" | "address" | "network address" | "host"
                | "hostaddr" | "hostname" | "system" | "endpoint" | "url" => beside.host = value,
                "uid" | "user id" | "userid" | "user" | "username" | "user name" => {
                    beside.user = value;
                }
                "initial catalog" | "database" | "dbname" => beside.database = value,
                _ => {}
            }
        }
        beside
    }

    /// The host without the way to it.
    fn bare_host(&self) -> &'b str {
        let host = self.host.trim_start_matches("tcp:");
        let host = host.trim_start_matches("np:");
        host.split("://").last().unwrap_or(host)
    }

    /// Where the list leads.
    fn place(&self) -> Where {
        let place = match self.bare_host() {
            "" => Where::Short,
            "." => Where::Local,
            host if host.starts_with(".\\") || host.starts_with('(') => Where::Local,
            host if host.starts_with('{') || host.contains(['$', '%', '{', '<']) => Where::Short,
            host => Where::of(host),
        };
        let production = is_production(self.database) || is_production(self.host);
        match place {
            Where::Short | Where::Named if production => Where::Production,
            place => place,
        }
    }

    /// `user@host/database`, of what is known and written out.
    fn subject(&self, password: &str) -> String {
        let plain = |part: &str| !part.contains(['$', '%', '{', '<', '#', '"', '\'']);
        let host = self.bare_host();
        let mut subject = String::new();
        if let Some(user) = shown(self.user, password) {
            subject.push_str(user);
            subject.push('@');
        }
        if plain(host) {
            subject.push_str(host);
        }
        if !self.database.is_empty() && plain(self.database) {
            subject.push('/');
            subject.push_str(self.database);
        }
        if subject.is_empty() {
            "connection-string".clone_into(&mut subject);
        }
        subject
    }
}

fn judge(bytes: &[u8], whole: Span, key: usize, secret: Span) -> Option<Hit> {
    let text = std::str::from_utf8(secret.of(bytes)).ok()?;
    let before = Span::new(whole.start, key).of(bytes);
    let after = Span::new(secret.end, whole.end).of(bytes);
    // .NET's lists have semicolons; libpq's have blanks, and must name the host.
    let semicolon = before.trim_ascii_end().ends_with(b";")
        || after.trim_ascii_start().starts_with(b";")
        || after.starts_with(b"&quot;;");
    let beside = Beside::read(whole.of(bytes), semicolon);
    let enough = if semicolon {
        beside.keys >= 1 && !(beside.user.is_empty() && beside.host.is_empty())
    } else {
        let parted = before.ends_with(b" ") || after.starts_with(b" ");
        beside.keys >= 2 && !beside.host.is_empty() && parted
    };
    if !enough || is_code(whole.of(bytes)) {
        return None;
    }
    let place = beside.place();
    let grade = grade(text, beside.user);
    let mut sure = weigh(grade, place, is_word(text))?;
    if grade == Grade::Weak && beside.user.is_empty() {
        sure = Confidence::Low;
    }
    let hit = Hit::secret(secret).sure(sure).about(beside.subject(text));
    Some(if place == Where::Local {
        hit.grave(Severity::Medium)
    } else {
        hit
    })
}

/// Whether these are statements of a program: `$user = …;` and `a.password = …;` have
/// semicolons too.
fn is_code(text: &[u8]) -> bool {
    static STATEMENT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?i-u)(?:[$.>]|\b(?:var|let|const|string|char|my|self\.)\s\*?)(?:user|uid|pwd|password|server|host|database)\w*\s*=|=\s*(?:NULL|None|null|nil|\$_|\()|\s=\s["']"#)
            .expect("a constant regex")
    });
    STATEMENT.is_match(text)
}

/// Where the string that holds `at` begins, not before `from`: at the line's start or
/// its quote, past the quotes of a value and of a sum of literals.
fn string_before(bytes: &[u8], from: usize, at: usize) -> usize {
    let from = at.saturating_sub(AROUND).max(from);
    let near = bytes.get(from..at).unwrap_or_default();
    let line = memchr::memrchr(b'\n', near).map_or(0, |n| n + 1);
    let mut end = near.len();
    while let Some(quote) = near
        .get(line..end)
        .and_then(|part| memchr::memrchr2(b'"', b'\'', part))
    {
        let quote = line + quote;
        let head = near.get(..quote).unwrap_or_default().trim_ascii_end();
        let closes = near.get(quote + 1) == Some(&b';');
        if closes {
            let sign = near.get(quote).copied().unwrap_or_default();
            end = near
                .get(line..quote)
                .and_then(|part| memchr::memrchr(sign, part))
                .map_or(line, |at| line + at);
            continue;
        }
        let sum = matches!(head, [.., b'+' | b'&' | b'.' | b'_'])
            || matches!(
                near.get(quote + 1..).unwrap_or_default().trim_ascii_start(),
                [b'+' | b'&', ..]
            );
        if !sum {
            return from + quote + 1;
        }
        end = quote;
    }
    from + line
}

/// Where the string ends that goes on at `at`.
fn string_after(bytes: &[u8], at: usize) -> usize {
    let near = bytes
        .get(at..(at + AROUND).min(bytes.len()))
        .unwrap_or_default();
    let skip = usize::from(matches!(near.first(), Some(b'\'' | b'"')));
    let rest = near.get(skip..).unwrap_or_default();
    let end = memchr::memchr3(b'\n', b'"', b'`', rest).unwrap_or(rest.len());
    at + skip + end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_beside_a_password() {
        let beside = Beside::read(b"Server=tcp:a.b,1433;Initial Catalog=c d;User ID=e;", true);
        assert_eq!(
            (beside.keys, beside.host, beside.database, beside.user),
            (3, "tcp:a.b,1433", "c d", "e")
        );
        let beside = Beside::read(b"host=a.b user=e password=f1g;h", true);
        assert_eq!((beside.host, beside.user), ("a.b", ""));
        let beside = Beside::read(b"host=a.b port=1 dbname=c user=e ", false);
        assert_eq!((beside.keys, beside.host, beside.user), (4, "a.b", "e"));
    }
}
