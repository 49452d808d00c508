//! Literals that are given to a name which promises a credential, in code and
//! configuration alike. In `.env` files every line is an assignment, and a short
//! password counts too.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::detect::plausible::name::{Noun, credential};
use crate::detect::plausible::value;
use crate::detect::{Cx, Hit, decode, lines};
use crate::document::{Document, Span};
use crate::finding::Confidence;
use crate::kind::{Kind, Kinds};

/// Longest name and longest value that are looked at.
const LONGEST_NAME: usize = 96;
const LONGEST_VALUE: usize = 512;

/// A literal and the name it is given to.
struct Assignment {
    key: Span,
    value: Span,
}

/// Finds the secrets of any file.
pub(super) fn generic_secrets(cx: &Cx<'_, '_>) -> Vec<Hit> {
    literals(cx, |assignment| judge(cx.document, assignment))
}

/// Finds the credentials of an environment file.
pub(super) fn dotenv_credentials(cx: &Cx<'_, '_>) -> Vec<Hit> {
    literals(cx, |assignment| judge_dotenv(cx.document, assignment))
}

fn literals(cx: &Cx<'_, '_>, judge: impl Fn(&Assignment) -> Option<Confidence>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    let syntax = Syntax::of(cx.document);
    let mut hits: Vec<Hit> = Vec::new();
    let mut done = 0;
    for keyword in cx.keywords {
        // One name often holds two keywords.
        if keyword.start < done {
            continue;
        }
        let key = name_around(bytes, *keyword);
        done = key.end;
        let Some(value) = syntax.value_after(bytes, key) else {
            continue;
        };
        let assignment = Assignment { key, value };
        if let Some(confidence) = judge(&assignment) {
            let quoted =
                value.start > 0 && matches!(bytes.get(value.start - 1), Some(b'"' | b'\'' | b'`'));
            let confidence = if syntax.is_unsure() && !quoted {
                Confidence::Low
            } else {
                confidence
            };
            let mut hit = Hit::secret(value).about(subject(bytes, key));
            if confidence == Confidence::Low {
                hit = hit.sure(confidence);
            }
            hits.push(hit);
        }
    }
    hits
}

fn text(bytes: &[u8], span: Span) -> &str {
    std::str::from_utf8(span.of(bytes)).unwrap_or_default()
}

/// The name without what only says where it lives.
fn subject(bytes: &[u8], key: Span) -> String {
    let name = text(bytes, key);
    ["self.", "this.", "process.env.", "$this->"]
        .iter()
        .find_map(|start| name.strip_prefix(start))
        .unwrap_or(name)
        .trim_start_matches(['-', '$', '@', '.'])
        .to_owned()
}

/// The name that a keyword is a part of.
fn name_around(bytes: &[u8], keyword: Span) -> Span {
    let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'$' | b'/');
    let before = bytes.get(..keyword.start).unwrap_or_default();
    let after = bytes.get(keyword.end..).unwrap_or_default();
    let left = before
        .iter()
        .rev()
        .take(LONGEST_NAME)
        .take_while(|b| part(b))
        .count();
    let right = after
        .iter()
        .take(LONGEST_NAME)
        .take_while(|b| part(b) && **b != b'/')
        .count();
    let mut key = Span::new(keyword.start - left, keyword.end + right);
    // `token.` before a call, `password-` at the end of a word in prose.
    while key.end > keyword.end && matches!(bytes.get(key.end - 1), Some(b'.' | b'-')) {
        key.end -= 1;
    }
    key
}

fn judge(document: &Document<'_>, assignment: &Assignment) -> Option<Confidence> {
    let bytes = document.bytes();
    let noun = credential(text(bytes, assignment.key))?;
    let whole = text(bytes, assignment.value);
    let literal = bare(whole);
    if whole.starts_with("Basic ") && !is_login(literal) {
        return None;
    }
    let good = match noun {
        Noun::Password => value::is_strong_password(literal),
        Noun::Key => value::is_random(literal),
    };
    if !good || is_told_otherwise(document, assignment, literal) {
        return None;
    }
    Some(Confidence::Medium)
}

fn judge_dotenv(document: &Document<'_>, assignment: &Assignment) -> Option<Confidence> {
    let bytes = document.bytes();
    let noun = credential(text(bytes, assignment.key))?;
    let literal = bare(text(bytes, assignment.value));
    let set = value::is_set_password(literal, "") && !value::has_shape(literal);
    let good = match noun {
        Noun::Password => set,
        Noun::Key => {
            value::is_random(literal) || set && literal.len() >= 8 && !value::is_wordy(literal)
        }
    };
    (good && !is_told_otherwise(document, assignment, literal)).then_some(Confidence::Medium)
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
    let decoded = decode::base64(encoded).and_then(|bytes| String::from_utf8(bytes).ok());
    decoded
        .as_deref()
        .and_then(|text| text.split_once(':'))
        .is_some_and(|(user, password)| value::is_set_password(password, user))
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
    let line = lines::around(document, assignment.value.start);
    let near = Span::new(
        assignment.key.start.saturating_sub(160),
        (assignment.value.end + 160).min(bytes.len()),
    );
    if document.kinds_by_path().has(Kind::Rust) {
        // Rust keeps its tests at the end of the file they test.
        let before = bytes.get(..assignment.key.start).unwrap_or_default();
        if memchr::memmem::find(before, b"#[cfg(test)]").is_some() {
            return true;
        }
    }
    let hex = value.bytes().all(|b| b.is_ascii_hexdigit());
    let short = Span::new(line.start.max(near.start), line.end.min(near.end));
    hex && DIGEST.is_match(short.of(bytes)) || PUBLIC.is_match(near.of(bytes))
}

/// How literals are written in a file.
#[derive(Clone, Copy)]
struct Syntax {
    kinds: Kinds,
    /// Values may stand without quotes, up to …
    bare: Bare,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bare {
    No,
    /// … the end of the line.
    Line,
    /// … the end of the word.
    Word,
}

impl Syntax {
    fn of(document: &Document<'_>) -> Self {
        let kinds = document.kinds_by_path();
        let mut syntax = Self {
            kinds,
            bare: Bare::No,
        };
        if syntax.is(&[Kind::Yaml, Kind::Ini, Kind::Properties]) {
            syntax.bare = Bare::Line;
        } else if syntax.is_script() || syntax.is_unsure() || kinds.has(Kind::Dotenv) {
            syntax.bare = Bare::Word;
        }
        syntax
    }

    fn is(self, list: &[Kind]) -> bool {
        list.iter().any(|kind| self.kinds.has(*kind))
    }

    fn is_script(self) -> bool {
        self.is(&[
            Kind::Shell,
            Kind::Dockerfile,
            Kind::Makefile,
            Kind::Jenkinsfile,
        ])
    }

    /// Nothing tells the format, so a value without quotes is a guess.
    fn is_unsure(self) -> bool {
        self.kinds.is_empty() || self.kinds.has(Kind::Docs)
    }

    /// `--token …` may stand in a command.
    fn has_flags(self) -> bool {
        self.is_script() || self.is_unsure() || self.kinds.has(Kind::Yaml)
    }

    /// `name: KEY` and `value: …` may stand side by side.
    fn has_pairs(self) -> bool {
        self.is(&[Kind::Yaml, Kind::Json, Kind::Hcl, Kind::Xml])
    }

    /// The literal that is given to the name at `key`.
    fn value_after(self, bytes: &[u8], key: Span) -> Option<Span> {
        static OPERATOR: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(concat!(
                r#"(?-u)^(?P<close>["'`]?\]?)[ \t]*"#,
                // Go, Java and C put the type before; Python, Rust and TypeScript after.
                r#"(?:(?:string|String|str)[ \t]*(?P<a>=)|"#,
                r#"(?P<colon>:)[ \t]*[&'A-Za-z][\w<>&'|.\[\] ]{0,40}?[ \t]*(?P<b>=)|"#,
                r#"(?P<op>:=|=>|\|\||\?\?|\|\|=|\?\?=|\?=|=|:|,))[ \t]*(?P<wrap>"#,
                r#"(?:[A-Za-z_:.]{1,24}\()?(?:\\?\r?\n[ \t]*)?[rRbBuUfFL@$]{0,2})"#,
            ))
            .expect("a constant regex")
        });
        let rest = bytes.get(key.end..(key.end + 160).min(bytes.len()))?;
        if self.kinds.has(Kind::Xml) && rest.first() == Some(&b'>') {
            let value = until(bytes, key.end + 1, |b| *b == b'<')?;
            let text = value.of(bytes);
            let start = value.end - text.trim_ascii_start().len();
            return Some(Span::new(start, start + text.trim_ascii().len()));
        }
        if self.has_pairs()
            && let Some(value) = self.paired(bytes, key, rest)
        {
            return Some(value);
        }
        let name = key.of(bytes);
        if self.has_flags() && name.starts_with(b"--") && matches!(rest.first(), Some(b' ' | b'='))
        {
            return match rest.get(1) {
                Some(quote @ (b'"' | b'\'')) => quoted(bytes, key.end + 1, *quote),
                _ => word(bytes, key.end + 1),
            };
        }
        let found = OPERATOR.captures(rest)?;
        let close = found.name("close").map_or(&b""[..], |m| m.as_bytes());
        let op = found.name("op").map_or(&b"="[..], |m| m.as_bytes());
        // A comma makes a pair of arguments only when the name is a literal too.
        if op == b"," && (close.is_empty() || close == b"]") {
            return None;
        }
        let wrap = found.name("wrap")?;
        // In Python `name: "…"` assigns nothing: it is a line of YAML in a docstring.
        if op == b":" && self.kinds.has(Kind::Python) && close.is_empty()
            || op == b"," && wrap.as_bytes().contains(&b'\n')
        {
            return None;
        }
        let after_op = key.end + wrap.start();
        if matches!(bytes.get(after_op), Some(b'=' | b'~' | b'>'))
            || op == b":" && bytes.get(after_op) == Some(&b':')
        {
            return None;
        }
        let at = key.end + found.get(0)?.end();
        match bytes.get(at) {
            Some(quote @ (b'"' | b'\'' | b'`')) => quoted(bytes, at, *quote),
            _ if op == b"," || !matches!(op, b"=" | b":") => None,
            _ if close.is_empty() || self.bare == Bare::Line => self.unquoted(bytes, after_op),
            _ => None,
        }
    }

    fn unquoted(self, bytes: &[u8], at: usize) -> Option<Span> {
        match self.bare {
            Bare::No => None,
            Bare::Word => word(bytes, at),
            Bare::Line => {
                if matches!(
                    bytes.get(at),
                    Some(b'{' | b'[' | b'&' | b'*' | b'!' | b'|' | b'>')
                ) {
                    return None;
                }
                let value = until(bytes, at, |b| *b == b'\n')?;
                let line = value.of(bytes);
                let end = memchr::memmem::find(line, b" #").unwrap_or(line.len());
                let mut line = line.get(..end).unwrap_or(line).trim_ascii_end();
                // The last value of a flow mapping: `{name: KEY, value: …}`.
                if line.ends_with(b"}") && !line.contains(&b'{') {
                    let end = line.iter().position(|b| matches!(b, b',' | b'}'));
                    line = line
                        .get(..end.unwrap_or(0))
                        .unwrap_or(line)
                        .trim_ascii_end();
                }
                Some(Span::new(at, at + line.len()))
            }
        }
    }

    /// The value beside a name that is a value itself.
    fn paired(self, bytes: &[u8], key: Span, rest: &[u8]) -> Option<Span> {
        static VALUE: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r#"(?-u)^["']?\s*,?\s*["']?[vV]alue["']?\s*[:=][ \t]*"#)
                .expect("a constant regex")
        });
        let at = key.end + VALUE.find(rest)?.end();
        match bytes.get(at) {
            Some(quote @ (b'"' | b'\'')) => quoted(bytes, at, *quote),
            _ => self.unquoted(bytes, at),
        }
    }
}

/// The text up to the quote that closes the one at `at`, on the same line.
fn quoted(bytes: &[u8], at: usize, quote: u8) -> Option<Span> {
    let value = until(bytes, at + 1, |b| *b == quote || *b == b'\n')?;
    if bytes.get(value.end) != Some(&quote) {
        return None;
    }
    // Half of a sum, or a pattern to fill in.
    let mut after = bytes
        .get(value.end + 1..)?
        .iter()
        .skip_while(|b| **b == b' ');
    match after.next() {
        Some(b'+' | b'%') => None,
        Some(b'.') if matches!(after.next(), Some(b'.' | b' ')) => None,
        _ => Some(value),
    }
}

fn word(bytes: &[u8], at: usize) -> Option<Span> {
    let at = at + usize::from(matches!(bytes.get(at), Some(b'"' | b'\'')));
    until(bytes, at, |b| {
        b.is_ascii_whitespace() || b"\"';&|()<>`".contains(b)
    })
}

/// The text from `at` to the first byte that `stops`, or the end.
fn until(bytes: &[u8], at: usize, stops: impl Fn(&u8) -> bool) -> Option<Span> {
    let rest = bytes.get(at..)?;
    let len = rest
        .iter()
        .take(LONGEST_VALUE + 1)
        .position(stops)
        .or_else(|| (rest.len() <= LONGEST_VALUE).then_some(rest.len()))?;
    (len > 0).then(|| Span::new(at, at + len))
}
