//! Variables by which a program takes a password: `PGPASSWORD=…`.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::detect::Hit;
use crate::detect::plausible::login::{Grade, grade};
use crate::document::Span;
use crate::finding::Confidence;

/// `NAME=password` before a command, or for all, and where its value ends: what stands in
/// that is judged once.
pub(super) fn given(bytes: &[u8], name: Span) -> (Option<Hit>, usize) {
    static VALUE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"(?-u)^(?:['"]?\s?[=:]\s?|['"]\]?\s?[=,]\s?)['"]?(?P<secret>[^\s'"`;&|,]{3,128})"#,
        )
        .expect("a constant regex")
    });
    let end = (name.end + 140).min(bytes.len());
    let rest = bytes.get(name.end..end).unwrap_or_default();
    let found = VALUE.captures(rest).and_then(|found| found.name("secret"));
    let Some(found) = found else {
        return (None, name.end);
    };
    let secret = Span::new(name.end + found.start(), name.end + found.end());
    (assigned(bytes, name, secret, rest), secret.end)
}

/// The value that a variable is given, with what stands around it.
fn assigned(bytes: &[u8], name: Span, secret: Span, rest: &[u8]) -> Option<Hit> {
    let text = std::str::from_utf8(secret.of(bytes)).ok()?;
    // A database on the developer's own machine guards little.
    let local = [&b"localhost"[..], b"127.0.0.1"]
        .iter()
        .any(|host| memchr::memmem::find(rest, host).is_some());
    let sure = match grade(text, "") {
        Grade::Strong if local => Confidence::Medium,
        Grade::Set if local => Confidence::Low,
        Grade::Strong | Grade::Set if !text.contains('(') => Confidence::High,
        Grade::Weak => Confidence::Low,
        _ => return None,
    };
    let name = String::from_utf8_lossy(name.of(bytes)).to_ascii_uppercase();
    Some(Hit::secret(secret).sure(sure).about(name))
}
