//! Source code as tokens: names, punctuation, strings, comments. Enough to tell code
//! from a comment or a string that talks about it; no grammar.
//!
//! A quote that isn't closed on its line is taken for punctuation, except where the
//! language has strings of several lines, so that a mistake heals at the line's end.

mod code;

use crate::document::{Document, Span};
use crate::kind::Kind;

pub(crate) use code::Code;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// A name, keyword or number.
    Name,
    /// One byte of punctuation.
    Mark,
    /// A string or character literal with its quotes.
    Text,
    /// A comment with its markers.
    Comment,
}

/// A token and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    pub(crate) class: Class,
    pub(crate) span: Span,
}

/// What the lexer has to know of a language.
#[derive(Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a table of what a language has"
)]
struct Family {
    /// `#` begins a comment: anywhere, or only after a blank.
    hash: bool,
    hash_after_blank: bool,
    /// `//` and `/* */`.
    slashes: bool,
    /// `--` begins a comment.
    dashes: bool,
    /// `;` at the start of a line begins a comment.
    semicolon: bool,
    /// `<!-- -->`.
    angle: bool,
    /// `"""` and `'''`.
    triple: bool,
    /// `` ` `` quotes text of several lines.
    backtick: bool,
    /// `'` quotes one character only.
    chars: bool,
    /// Quotes may hold line breaks.
    multiline: bool,
    /// `r#"…"#`.
    rust: bool,
    /// `/…/` may be a regex.
    regex: bool,
}

const NONE: Family = Family {
    hash: false,
    hash_after_blank: false,
    slashes: false,
    dashes: false,
    semicolon: false,
    angle: false,
    triple: false,
    backtick: false,
    chars: false,
    multiline: false,
    rust: false,
    regex: false,
};

#[rustfmt::skip]
const FAMILIES: &[(Kind, Family)] = &[
    (Kind::Python, Family { hash: true, triple: true, ..NONE }),
    (Kind::Javascript, Family { slashes: true, backtick: true, regex: true, ..NONE }),
    (Kind::Go, Family { slashes: true, backtick: true, chars: true, ..NONE }),
    (Kind::Jvm, Family { slashes: true, triple: true, chars: true, ..NONE }),
    (Kind::Jenkinsfile, Family { slashes: true, triple: true, ..NONE }),
    (Kind::Dotnet, Family { slashes: true, triple: true, chars: true, ..NONE }),
    (Kind::Rust, Family { slashes: true, chars: true, rust: true, multiline: true, ..NONE }),
    (Kind::Native, Family { slashes: true, chars: true, ..NONE }),
    (Kind::Php, Family { slashes: true, hash: true, multiline: true, ..NONE }),
    (Kind::Ruby, Family { hash_after_blank: true, ..NONE }),
    (Kind::Shell, Family { hash_after_blank: true, ..NONE }),
    (Kind::Powershell, Family { hash: true, ..NONE }),
    (Kind::Makefile, Family { hash_after_blank: true, ..NONE }),
    (Kind::Dockerfile, Family { hash_after_blank: true, ..NONE }),
    (Kind::Sql, Family { dashes: true, slashes: true, ..NONE }),
    (Kind::Hcl, Family { hash: true, slashes: true, ..NONE }),
    (Kind::Yaml, Family { hash_after_blank: true, ..NONE }),
    (Kind::Toml, Family { hash: true, triple: true, ..NONE }),
    (Kind::Dotenv, Family { hash_after_blank: true, ..NONE }),
    (Kind::Ini, Family { hash_after_blank: true, semicolon: true, ..NONE }),
    (Kind::Properties, Family { hash_after_blank: true, ..NONE }),
    (Kind::Json, Family { slashes: true, ..NONE }),
    (Kind::Xml, Family { angle: true, ..NONE }),
];

/// Longest source that is read as tokens. Nobody writes a longer one by hand: it is a
/// bundle, and its tokens would take many times its size.
pub(super) const LONGEST: usize = 1 << 20;

/// What is said of a longer one.
pub(super) const NOT_READ: &str = "is over 1 MiB: rules on its code did not run";

/// The tokens of a document; none when its language is unknown or it is a bundle.
pub(crate) fn tokens(document: &Document<'_>) -> Vec<Token> {
    let kinds = document.kinds();
    let known = FAMILIES.iter().any(|(kind, _)| kinds.has(*kind));
    if known && document.bytes().len() > LONGEST {
        document.note(NOT_READ);
        return Vec::new();
    }
    match FAMILIES.iter().find(|(kind, _)| kinds.has(*kind)) {
        Some((_, family)) => Lexer::new(document.bytes(), *family).run(),
        None => Vec::new(),
    }
}

/// The tokens of Groovy, as a Jenkinsfile is written in it.
pub(crate) fn groovy(bytes: &[u8]) -> Vec<Token> {
    let family = FAMILIES.iter().find(|(kind, _)| *kind == Kind::Jenkinsfile);
    family.map_or(Vec::new(), |(_, family)| Lexer::new(bytes, *family).run())
}

struct Lexer<'b> {
    bytes: &'b [u8],
    family: Family,
    at: usize,
    out: Vec<Token>,
}

impl<'b> Lexer<'b> {
    const fn new(bytes: &'b [u8], family: Family) -> Self {
        Self {
            bytes,
            family,
            at: 0,
            out: Vec::new(),
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn starts(&self, with: &[u8]) -> bool {
        self.bytes
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(with))
    }

    fn run(mut self) -> Vec<Token> {
        while let Some(byte) = self.peek(0) {
            if byte.is_ascii_whitespace() {
                self.at += 1;
                continue;
            }
            let start = self.at;
            let class = if let Some(end) = self.comment_end(byte) {
                self.at = end;
                Class::Comment
            } else if is_name(byte) {
                self.name();
                Class::Name
            } else if matches!(byte, b'"' | b'\'' | b'`' | b'/') {
                self.quoted(byte)
            } else {
                self.at += 1;
                Class::Mark
            };
            // A raw string begins with a name: `r#"…"#`.
            let class = if class == Class::Name && self.family.rust && self.raw(start) {
                Class::Text
            } else {
                class
            };
            self.at = self.at.clamp(start + 1, self.bytes.len());
            self.out.push(Token {
                class,
                span: Span::new(start, self.at),
            });
        }
        self.out
    }

    /// Where the comment that begins here ends.
    fn comment_end(&self, byte: u8) -> Option<usize> {
        let family = self.family;
        let before = self.at.checked_sub(1).and_then(|at| self.bytes.get(at));
        let after_blank = before.is_none_or(u8::is_ascii_whitespace);
        let line_start = before.is_none_or(|b| matches!(b, b'\n' | b'\r'));
        let line = match byte {
            b'#' => family.hash || family.hash_after_blank && after_blank,
            b'/' => family.slashes && self.starts(b"//"),
            b'-' => family.dashes && self.starts(b"--"),
            b';' => family.semicolon && line_start,
            _ => false,
        };
        if line {
            return Some(self.line_end());
        }
        let close: &[u8] = if family.slashes && self.starts(b"/*") {
            b"*/"
        } else if family.angle && self.starts(b"<!--") {
            b"-->"
        } else {
            return None;
        };
        Some(self.find(self.at + 2, close))
    }

    fn line_end(&self) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())
    }

    /// Offset after the next `needle`, or the end.
    fn find(&self, from: usize, needle: &[u8]) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        memchr::memmem::find(rest, needle).map_or(self.bytes.len(), |at| from + at + needle.len())
    }

    fn name(&mut self) {
        while self.peek(0).is_some_and(is_name) {
            self.at += 1;
        }
    }

    /// Reads `r"…"` and `r#"…"#` after their prefix, which is the token just read.
    fn raw(&mut self, start: usize) -> bool {
        let prefix = self.bytes.get(start..self.at).unwrap_or_default();
        if !matches!(prefix, b"r" | b"br" | b"cr") {
            return false;
        }
        let mut hashes = 0;
        while self.peek(hashes) == Some(b'#') {
            hashes += 1;
        }
        if self.peek(hashes) != Some(b'"') {
            return false;
        }
        let mut close = vec![b'"'];
        close.resize(hashes + 1, b'#');
        self.at = self.find(self.at + hashes + 1, &close);
        true
    }

    fn quoted(&mut self, quote: u8) -> Class {
        let family = self.family;
        let start = self.at;
        let end = match quote {
            b'/' if family.regex && self.may_be_regex() => self.regex_end(),
            b'`' if family.backtick => Some(self.string_end(start + 1, quote, true)),
            b'/' | b'`' => None,
            b'\'' if family.chars => self.char_end(),
            _ if family.triple && self.starts(&[quote; 3]) => {
                Some(self.find(start + 3, &[quote; 3]))
            }
            _ => Some(self.string_end(start + 1, quote, family.multiline)),
        };
        if let Some(end) = end.filter(|end| *end > start + 1) {
            self.at = end;
            Class::Text
        } else {
            self.at += 1;
            Class::Mark
        }
    }

    /// Offset after the closing quote; 0 when there is none before the line's end.
    fn string_end(&self, mut at: usize, quote: u8, multiline: bool) -> usize {
        while let Some(byte) = self.bytes.get(at) {
            match byte {
                b'\\' => at += 2,
                b'\n' if !multiline => return 0,
                _ if *byte == quote => return at + 1,
                _ => at += 1,
            }
        }
        if multiline { self.bytes.len() } else { 0 }
    }

    /// `'a'`, `'\n'`; not the lifetime `'a`.
    fn char_end(&self) -> Option<usize> {
        let end = self.string_end(self.at + 1, b'\'', false);
        let inner = self.bytes.get(self.at + 1..end.checked_sub(1)?)?;
        let single = inner.first() == Some(&b'\\') || inner.len() <= 4 && one_char(inner);
        single.then_some(end)
    }

    /// A slash begins a regex where a value may begin.
    fn may_be_regex(&self) -> bool {
        let Some(last) = self.out.iter().rev().find(|t| t.class != Class::Comment) else {
            return true;
        };
        match last.class {
            Class::Mark => !matches!(last.span.of(self.bytes), b")" | b"]" | b"}"),
            Class::Name => matches!(
                last.span.of(self.bytes),
                b"return" | b"typeof" | b"case" | b"in" | b"of"
            ),
            Class::Text | Class::Comment => false,
        }
    }

    fn regex_end(&self) -> Option<usize> {
        let mut at = self.at + 1;
        let mut set = false;
        loop {
            match self.bytes.get(at)? {
                b'\\' => at += 1,
                b'\n' => return None,
                b'[' => set = true,
                b']' => set = false,
                b'/' if !set => return Some(at + 1),
                _ => {}
            }
            at += 1;
        }
    }
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

fn one_char(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().count() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(path: &str, text: &str) -> String {
        let document = Document::new(path, text.as_bytes());
        tokens(&document)
            .iter()
            .filter(|t| t.class != Class::Mark)
            .map(|t| {
                let sign = match t.class {
                    Class::Name => 'n',
                    Class::Text => 't',
                    _ => 'c',
                };
                format!(
                    "{sign}{}",
                    String::from_utf8_lossy(t.span.of(text.as_bytes()))
                )
            })
            .collect::<Vec<_>>()
            .join("|")
    }

    #[test]
    fn tells_code_from_comments_and_strings() {
        for (path, text, expected) in [
            ("a.py", "x = 'a # b' # c", "nx|t'a # b'|c# c"),
            ("a.py", "\"\"\"d # e\n\"\"\"\ny", "t\"\"\"d # e\n\"\"\"|ny"),
            ("a.py", "don't # c", "ndon|nt|c# c"),
            (
                "a.js",
                "x = /[/'\"]/; // c\n`a\n//` + 1 / 2",
                "nx|t/[/'\"]/|c// c|t`a\n//`|n1|n2",
            ),
            (
                "a.rs",
                "fn a<'a>() { 'b' } /* c */ r#\"d\"e\"#",
                "nfn|na|na|t'b'|c/* c */|tr#\"d\"e\"#",
            ),
            ("a.sh", "a $# b#c # d", "na|n$|nb|nc|c# d"),
            ("a.yml", "a: b#c # d", "na|nb|nc|c# d"),
            ("a.go", "a := `//` // c", "na|t`//`|c// c"),
            ("a.txt", "a # b", ""),
        ] {
            assert_eq!(shown(path, text), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn tokens_follow_one_another(
            text in r"([a-z0-9'\x22`/*#\\\\(){}\[\];<!>\n -]|//|/\*|r#\x22|é){0,60}",
            path in "a\\.(py|js|go|rs|java|rb|php|yml|xml|sql|ini)",
        ) {
            let document = Document::new(&path, text.as_bytes());
            let mut end = 0;
            for token in tokens(&document) {
                proptest::prop_assert!(token.span.start >= end && !token.span.is_empty());
                end = token.span.end;
            }
            proptest::prop_assert!(end <= text.len());
        }
    }
}
