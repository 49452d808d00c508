//! Statements of SQL that give a user a password.

use std::sync::LazyLock;

use regex::bytes::{Captures, Regex};

use crate::detect::plausible::login::{Grade, grade, shown};
use crate::detect::plausible::value;
use crate::detect::{Cx, Hit, lines};
use crate::document::Span;
use crate::finding::Confidence;
use crate::kind::Kind;

/// How far before the password its statement may begin.
const BEFORE: usize = 400;

/// How far after the keyword the password may stand.
const AFTER: usize = 240;

/// Finds the passwords.
pub(super) fn passwords(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    cx.read_on(|keyword, done| {
        let after = bytes
            .get(keyword.start..(keyword.start + AFTER).min(bytes.len()))
            .unwrap_or_default();
        // What follows is looked at first: it begins at the keyword, so that the answer
        // for a setting (`password: x`) is told by a byte or two.
        if !CLAUSE.is_match(after) {
            return None;
        }
        let from = keyword.start.saturating_sub(BEFORE).max(done);
        let head = Span::new(from, keyword.start).of(bytes);
        let head_from = memchr::memrchr(b';', head).map_or(0, |at| at + 1);
        let statement = head.get(head_from..).unwrap_or_default();
        // Passwords are everywhere, statements are not: look for those first.
        let sets = statement
            .trim_ascii_end()
            .last_chunk()
            .is_some_and(|verb: &[u8; 3]| verb.eq_ignore_ascii_case(b"set"));
        if !sets && !USER.is_match(statement) {
            return None;
        }
        let found = CLAUSE.captures(after)?;
        let end = keyword.start + found.get(0).map_or(0, |m| m.end());
        let user = match found.name("user") {
            Some(user) => user.as_bytes(),
            None => match USER.captures_iter(statement).last() {
                Some(owner) => owner.name("user").map_or(&b""[..], |m| m.as_bytes()),
                None => return Some((None, end)),
            },
        };
        Some((judge(cx, keyword.start, &found, user), end))
    })
}

/// What gives the password, from its keyword on.
static CLAUSE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?xi-u)
        ^(?:identified\s+(?:with\s+\S{1,40}\s+)?(?:by|as)(?:\s+values|\s+password)?
          |password(?:\s+for\s+(?P<user>\S{1,80})\s*(?:=|to))?)
        (?:\s*=\s*|\s+|\s*\(\s*)(?:to\s+)?N?
        (?:password\s*\(\s*)?
        (?:\\?(?P<quote>['"])(?P<secret>[^'"\\\r\n]{1,128})\\?['"]
          |(?P<bare>[^\s'"`;,()\\=:]{4,64}))
        "#,
    )
    .expect("a constant regex")
});

/// Whose it is: the statement before.
static USER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?xi-u)
        \b(?:
          (?:create|alter)\s+(?:or\s+replace\s+)?(?:user|role|login|group|application\s+role)\s+
            (?:if\s+(?:not\s+)?exists\s+)?
          | set\s+password\s+for\s+
          | grant\s[^;]{1,160}?\sto\s+
          | create\s+(?:public\s+)?database\s+link\s+\S{1,64}\s+connect\s+to\s+
          | (?:create|alter)\s+user\s+mapping\s+for\s+
          | (?P<object>master\s+key|certificate|asymmetric\s+key|credential)\b[^;]{0,160}?\bby\s*
        )
        (?P<user>[^\s;()]{1,80})?
        ",
    )
    .expect("a constant regex")
});

fn judge(cx: &Cx<'_, '_>, start: usize, found: &Captures<'_>, owner: &[u8]) -> Option<Hit> {
    let bytes = cx.document.bytes();
    let at = |m: regex::bytes::Match<'_>| Span::new(start + m.start(), start + m.end());
    let quoted = found.name("secret").map(at);
    let secret = quoted.or_else(|| found.name("bare").map(at))?;
    let text = std::str::from_utf8(secret.of(bytes)).ok()?;
    let owner = String::from_utf8_lossy(owner);
    let user = owner
        .split('@')
        .next()
        .unwrap_or_default()
        .trim_matches(['\'', '"', '`', '\\', '[', ']', ',']);
    // A comment or a question about one, a hash.
    if text.contains(' ') || text.starts_with(['*', '&', '?', '@']) || value::has_shape(text) {
        return None;
    }
    let mut sure = match grade(text, user) {
        Grade::Strong | Grade::Set => Confidence::High,
        Grade::Weak if quoted.is_some() && !speaks(cx, secret) => Confidence::Medium,
        Grade::Weak | Grade::Toy if quoted.is_some() => Confidence::Low,
        _ => return None,
    };
    if quoted.is_none() {
        // Only Oracle takes a name for it, so it has to look like a password.
        if value::is_wordy(text) || !text.bytes().any(|b| b.is_ascii_digit()) {
            return None;
        }
        sure = sure.min(Confidence::Medium);
    }
    let subject = shown(user, text).unwrap_or("sql-user").to_owned();
    Some(Hit::secret(secret).sure(sure).about(subject))
}

/// Whether the statement stands in a comment of a program, which explains it.
fn speaks(cx: &Cx<'_, '_>, secret: Span) -> bool {
    let line = lines::near(cx.document, secret).of(cx.document.bytes());
    let head = line.trim_ascii_start();
    let kinds = cx.document.kinds_by_path();
    kinds.has(Kind::Docs)
        || [&b"--"[..], b"#", b"//", b"*", b"/*", b">>>"]
            .iter()
            .any(|mark| head.starts_with(mark))
}
