//! Logins that are told by the word before them, in whatever file: `.netrc`'s lines, what
//! directories are bound with, what a Redis server asks for.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::detect::plausible::name::Noun;
use crate::detect::plausible::value;
use crate::detect::slots::{self, is_login};
use crate::detect::{Cx, Hit, lines};
use crate::document::Span;
use crate::finding::Confidence;
use crate::kind::{Kind, Kinds};

/// `machine host login user password …`, in `.netrc` and wherever one is written.
static NETRC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"^(?-u)machine\s+(?P<host>[\w.:-]{1,255})\s+(?:login\s+["']?(?P<user>[^\s"']{1,128})["']?\s+)?"#,
        r#"(?:account\s+\S{1,128}\s+)?password\s+["']?(?P<secret>[^\s"'`\\]{3,512})"#,
    ))
    .expect("a constant regex")
});

/// Finds the logins of `.netrc` and `.authinfo`.
pub(super) fn netrc(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    let own = cx.document.kinds_by_path().has(Kind::Netrc);
    let mut hits = Vec::new();
    for keyword in cx.keywords {
        let end = (keyword.start + 1024).min(bytes.len());
        let window = bytes.get(keyword.start..end).unwrap_or_default();
        let Some(found) = NETRC.captures(window) else {
            continue;
        };
        let text = |name| {
            let part = found.name(name).map_or(&b""[..], |m| m.as_bytes());
            std::str::from_utf8(part).unwrap_or_default()
        };
        let (user, secret) = (text("user"), text("secret"));
        let set = if own {
            is_login(secret, user)
        } else {
            value::is_set_password(secret, user)
        };
        if let Some(at) = found.name("secret").filter(|_| set) {
            let start = keyword.start + at.start();
            let hit = Hit::secret(Span::new(start, start + at.len())).about(text("host"));
            cx.keep(hit, &mut hits);
        }
    }
    hits
}

/// What directories are bound with, in the configuration of their clients and servers.
static LDAP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"^(?i-u)(?P<key>bindpw|bindpasswd|rootpw|olcrootpw|ldap_default_authtok|bind_?password|bind_credentials"#,
        r#"|ldap_bind_pass(?:word)?|ldap_pass(?:word)?|ldap_servers_default_bind_pass)"#,
        r#"["']?(?:[ \t]*[:=][ \t]*|[ \t]+)["']?(?P<secret>[^\s"'#,]{3,128})"#,
    ))
    .expect("a constant regex")
});

/// Finds the passwords by which a directory is read.
pub(super) fn ldap(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    // Programs give the same names to what they compute.
    let config = !cx.document.kinds_by_path().meets(Kinds::CODE);
    let mut hits = Vec::new();
    for keyword in cx.keywords {
        let before = keyword.start.checked_sub(1).and_then(|at| bytes.get(at));
        if before.is_some_and(|b| !b.is_ascii_whitespace() && !matches!(b, b'"' | b'\'')) {
            continue;
        }
        let line = lines::near(cx.document, *keyword);
        let window = bytes.get(keyword.start..line.end).unwrap_or_default();
        let head = Span::new(line.start, keyword.start).of(bytes).trim_ascii();
        if head.starts_with(b"#") || head.starts_with(b"//") {
            continue;
        }
        let Some(found) = LDAP.captures(window).filter(|_| config) else {
            continue;
        };
        let Some(secret) = found.name("secret") else {
            continue;
        };
        let text = std::str::from_utf8(secret.as_bytes()).unwrap_or_default();
        // A word after a blank may be prose: only a mixed one is a password then.
        if !slots::is_set(Noun::Password, text, "") || text.contains(['[', '(']) {
            continue;
        }
        let key = found.name("key").map_or(&b""[..], |m| m.as_bytes());
        let start = keyword.start + secret.start();
        let mut hit =
            Hit::secret(Span::new(start, start + secret.len())).about(String::from_utf8_lossy(key));
        if cx.document.kinds_by_path().is_empty() {
            hit = hit.sure(Confidence::Medium);
        }
        cx.keep(hit, &mut hits);
    }
    hits
}

/// What a Redis server asks for.
static REDIS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^(?-u)(?P<key>requirepass|masterauth)["']?(?:[ \t]*[,=:][ \t]*|[ \t]+)["']?(?P<secret>[^\s"',]{4,128})"#)
        .expect("a constant regex")
});

/// Finds the password of a Redis server, in its configuration or on its command line.
pub(super) fn redis(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    let config = !cx.document.kinds_by_path().meets(Kinds::CODE);
    let mut hits = Vec::new();
    for keyword in cx.keywords {
        let line = lines::near(cx.document, *keyword);
        let head = Span::new(line.start, keyword.start).of(bytes);
        let flag = head.ends_with(b"--");
        let begins = config && head.trim_ascii().is_empty();
        if !(flag || begins) {
            continue;
        }
        let window = bytes.get(keyword.start..line.end).unwrap_or_default();
        let Some(secret) = REDIS
            .captures(window)
            .and_then(|found| found.name("secret"))
        else {
            continue;
        };
        let text = std::str::from_utf8(secret.as_bytes()).unwrap_or_default();
        if slots::is_set(Noun::Password, text, "") && text != "foobared" {
            let start = keyword.start + secret.start();
            let hit = Hit::secret(Span::new(start, start + secret.len())).about("redis");
            cx.keep(hit, &mut hits);
        }
    }
    hits
}
