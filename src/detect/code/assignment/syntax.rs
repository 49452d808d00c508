//! How a literal is given to a name: by an operator, a flag, a pair or an element, as
//! each kind of file has it.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::document::{Document, Span};
use crate::kind::{Kind, Kinds};

/// Longest value that is looked at.
const LONGEST_VALUE: usize = 512;

/// What stands between a name and its value, or the quote that opens it.
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

/// How literals are written in a file.
#[derive(Clone, Copy)]
pub(super) struct Syntax {
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
    pub(super) fn of(document: &Document<'_>) -> Self {
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
    pub(super) fn is_unsure(self) -> bool {
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
    pub(super) fn value_after(self, bytes: &[u8], key: Span) -> Option<Span> {
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
