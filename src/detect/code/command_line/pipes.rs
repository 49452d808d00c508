//! Passwords that a program reads from a pipe.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::detect::Hit;
use crate::detect::plausible::login::{Grade, grade, shown};
use crate::document::Span;
use crate::finding::Confidence;

/// Whether a keyword is of a program that reads a password from a pipe.
pub(super) fn is_sink(keyword: &[u8]) -> bool {
    [
        &b"chpasswd"[..],
        b"-stdin",
        b"sudo -s",
        b"convertto-securestring",
    ]
    .iter()
    .any(|sink| keyword.eq_ignore_ascii_case(sink))
}

/// `echo user:password | chpasswd`, and others that read from a pipe.
pub(super) fn piped(bytes: &[u8], sink: Span) -> Option<Hit> {
    static ECHO: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"(?xi-u)
            \b(?:echo|printf|write-output)\s+(?:-\w+\s+)*\\?['"]?(?:(?P<user>[a-z_][\w-]{0,31}):)?
            (?P<secret>[^\s'"|:\\]{4,128})
            (?:\\+n[^\s'"|]*)?\\?['"]?\s*\|\s*
            (?:sudo\s+|/(?:usr/)?s?bin/|docker\s|podman\s|helm\s|passwd\b|kinit\b|\S+\s+login\b)?
            [^|;&\r\n]{0,80}$
            "#,
        )
        .expect("a constant regex")
    });
    static LITERAL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?-u)["'](?P<secret>[^\s"'|]{4,128})["']\s*\|\s*$"#)
            .expect("a constant regex")
    });
    let near = bytes.get(sink.start.saturating_sub(200)..sink.start)?;
    let start = memchr::memrchr(b'\n', near).map_or(0, |at| at + 1);
    let line = near.get(start..)?;
    let name = sink.of(bytes);
    let found = match name {
        // `"password" | ConvertTo-SecureString`.
        _ if name.len() > 12 => LITERAL.captures(line)?,
        // With `-s` sudo starts a shell.
        [.., b's'] if name.starts_with(b"sudo") => return None,
        _ => ECHO.captures(line)?,
    };
    let secret = found.name("secret")?;
    let offset = sink.start - line.len();
    let secret = Span::new(offset + secret.start(), offset + secret.end());
    let text = std::str::from_utf8(secret.of(bytes)).ok()?;
    let user = found.name("user").map_or(&b""[..], |m| m.as_bytes());
    let user = String::from_utf8_lossy(user);
    let sure = match grade(text, &user) {
        Grade::Strong | Grade::Set => Confidence::High,
        Grade::Weak => Confidence::Medium,
        Grade::Toy if !user.is_empty() => Confidence::Low,
        _ => return None,
    };
    let subject = shown(&user, text).unwrap_or("echo");
    Some(Hit::secret(secret).sure(sure).about(subject))
}
