//! How far the value goes on that a secret was found in. A detector takes a secret to end
//! where its grammar says so: at a blank, a quote, an escape. Whether the author saw it
//! so is not known, so what goes on there may be the secret's other half.

use crate::document::{Document, Span};
use crate::kind::{Kind, Kinds};

/// How much before a secret tells what opened its value.
const BEFORE: usize = 256;

/// How far a value goes on at most.
const AFTER: usize = 256;

/// Signs after which, or after a blank, another one ended a value.
const ENDS: &[u8] = b";,)]}>\\";

/// Deepest literals within literals that are told apart.
const DEEPEST: usize = 6;

/// Files in which a line is no setting, so that a blank ends a value without quotes.
const NO_SETTINGS: Kinds = Kinds::CODE
    .union(Kinds::SCRIPT)
    .with(Kind::Docs)
    .with(Kind::Sql)
    .with(Kind::Notebook);

/// The secret and what its value goes on with, as far as it stands on the same line.
pub(super) fn of(document: &Document<'_>, secret: Span) -> Span {
    let bytes = document.bytes();
    if is_literal(bytes, secret) {
        return secret;
    }
    if secret.is_empty() || memchr::memchr2(b'\n', b'\r', secret.of(bytes)).is_some() {
        return secret;
    }
    let from = secret.start.saturating_sub(BEFORE);
    let before = bytes.get(from..secret.start).unwrap_or_default();
    let line = memchr::memrchr2(b'\n', b'\r', before).map(|at| at + 1);
    let start = from + line.unwrap_or(0);
    let after = bytes.get(secret.end..).unwrap_or_default();
    let after = after.get(..AFTER).unwrap_or(after);
    let length = memchr::memchr2(b'\n', b'\r', after).unwrap_or(after.len());
    let value = Value {
        text: Span::new(start, secret.end + length).of(bytes),
        start: secret.start - start,
        end: secret.end - start,
        cut: line.is_none() && from > 0,
    };
    // A Compose file runs commands too, but most of its lines set something.
    let kinds = document.kinds_by_path();
    let settings = kinds.has(Kind::Compose) || !kinds.meets(NO_SETTINGS);
    Span::new(secret.start, start + value.end_of_all(settings))
}

/// Whether the secret is all of a literal, as most are: that needs no second look.
fn is_literal(bytes: &[u8], secret: Span) -> bool {
    let before = bytes.get(secret.start.saturating_sub(2)..secret.start);
    match (before, bytes.get(secret.end..)) {
        (Some([sign, quote]), Some([end, after, ..])) => {
            let opens = is_quote(*quote) && quote == end;
            let alone =
                *sign != b'\\' && sign != quote && bytes.get(secret.end - 1) != Some(&b'\\');
            opens && alone && (after.is_ascii_whitespace() || ENDS.contains(after))
        }
        _ => false,
    }
}

/// A secret in its line.
struct Value<'b> {
    text: &'b [u8],
    start: usize,
    end: usize,
    /// The line begins before.
    cut: bool,
}

/// What a value is a part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// Code, a command or prose.
    Code,
    /// A line that sets something.
    Setting,
    /// A literal.
    Literal,
    /// A list of keys and values, in a literal or not.
    List,
}

/// What opens a literal: its sign, how many backslashes stand before that, and where what
/// it holds begins.
#[derive(Clone, Copy)]
struct Quote {
    sign: u8,
    slashes: usize,
    end: usize,
}

impl Value<'_> {
    fn at(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    fn part(&self, from: usize, to: usize) -> &[u8] {
        self.text.get(from..to).unwrap_or_default()
    }

    /// Where the value ends. `settings` says that lines of the file set something.
    fn end_of_all(&self, settings: bool) -> usize {
        let Some((quote, limit)) = self.literal() else {
            let head = self.part(0, self.start);
            let name = head.trim_ascii();
            let given = matches!(name.last(), Some(b':' | b'='))
                || !name.contains(&b' ') && name.last().is_some_and(u8::is_ascii_alphanumeric)
                || name.contains(&b':') && is_lead(head);
            let within = if settings && given {
                Within::Setting
            } else {
                Within::Code
            };
            return self.rest(0, self.text.len(), within, settings && given);
        };
        let head = self.part(quote.end, self.start);
        if is_lead(head) && self.at(self.end) != Some(b'@') {
            return limit;
        }
        let given = matches!(head.trim_ascii_end().last(), Some(b':' | b'='));
        self.rest(quote.end, limit, Within::Literal, given && !is_flag(head))
    }

    /// The innermost literal that the secret stands in, and where that ends.
    fn literal(&self) -> Option<(Quote, usize)> {
        let mut found = None;
        let mut limit = self.text.len();
        for (depth, quote) in self.opened().into_iter().enumerate() {
            // A quote that nothing closes holds the rest, unless it is in another.
            match self.closes(quote, limit) {
                Some(end) => limit = end,
                None if depth > 0 => break,
                None => {}
            }
            found = Some((quote, limit));
        }
        found
    }

    /// The quotes that are open at the secret, from the outermost in.
    fn opened(&self) -> Vec<Quote> {
        let mut open: Vec<Quote> = Vec::new();
        let mut slashes = 0;
        for (at, byte) in self.part(0, self.start).iter().enumerate() {
            if *byte == b'\\' {
                slashes += 1;
                continue;
            }
            let quote = Quote {
                sign: *byte,
                slashes: std::mem::take(&mut slashes),
                end: at + 1,
            };
            if !is_quote(*byte) || self.is_apostrophe(at) {
                continue;
            }
            let same = |q: &Quote| (q.sign, q.slashes) == (quote.sign, quote.slashes);
            if self.cut {
                // Only of the last quote is it likely that it opens what follows.
                open.clear();
                open.push(quote);
            } else if let Some(depth) = open.iter().position(same) {
                open.truncate(depth);
            } else if open.len() < DEEPEST {
                open.push(quote);
            }
        }
        open
    }

    /// Whether the sign at `at` stands in a word, as in `don't`: a letter before it may
    /// also be what marks a literal, `b'…'`.
    fn is_apostrophe(&self, at: usize) -> bool {
        let before = |n: usize| at.checked_sub(n).and_then(|at| self.at(at));
        let word = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
        let mark = before(1).is_some_and(|b| b"rbufRBUF".contains(&b)) && !word(before(2));
        self.at(at) == Some(b'\'')
            && word(before(1))
            && !mark
            && self.at(at + 1).is_some_and(|b| b.is_ascii_alphabetic())
    }

    /// Where the literal ends that `quote` opens, before `limit`.
    fn closes(&self, quote: Quote, limit: usize) -> Option<usize> {
        let mut at = self.end;
        while at < limit {
            at += memchr::memchr(quote.sign, self.part(at, limit))?;
            let before = self.part(quote.end, at);
            let slashes = before.iter().rev().take_while(|b| **b == b'\\').count();
            let here = slashes == quote.slashes || quote.slashes == 0 && slashes % 2 == 0;
            // Written twice in a text, the sign stands for itself.
            let twice = self.at(at + 1) == Some(quote.sign)
                && self
                    .at(at + 2)
                    .is_some_and(|b| !b.is_ascii_whitespace() && !ENDS.contains(&b));
            if here && !twice {
                return Some(at - quote.slashes);
            }
            at += if twice { 2 } else { 1 };
        }
        None
    }

    /// Where a value ends that is no literal of its own: at a sign that parts it from what
    /// follows, or where `words` says that blanks don't, at what is no word.
    fn rest(&self, from: usize, limit: usize, within: Within, words: bool) -> usize {
        let list = self.is_list(from, limit);
        let within = if list { Within::List } else { within };
        let token = self.part(from, self.start);
        let token = token.rsplit(u8::is_ascii_whitespace).next();
        let address = token.is_some_and(|token| {
            !token.contains(&b'?') && memchr::memmem::find(token, b"://").is_some()
        });
        let mut at = self.end;
        while let Some(byte) = self.at(at).filter(|_| at < limit) {
            if byte.is_ascii_whitespace() {
                let next = self.part(at, limit).trim_ascii_start();
                if !(list || words && is_word(next, within == Within::Setting)) || next.is_empty() {
                    break;
                }
                at = limit - next.len();
                continue;
            }
            let sign = address && matches!(byte, b'/' | b'?' | b'#');
            if sign || self.parts(at, limit, within) {
                break;
            }
            at += if byte == b'\\' { 2 } else { 1 };
        }
        at.min(limit)
    }

    /// Whether a list of keys and values goes on after this value, or began before it:
    /// its values hold blanks.
    fn is_list(&self, from: usize, limit: usize) -> bool {
        let head = self.part(from, self.start);
        let given = head.trim_ascii_end().ends_with(b"=");
        let before = head.split(|b| *b == b';').filter(|p| key(p)).count() > 1;
        let after = self.part(self.end, limit);
        given && (before || after.split(|b| *b == b';').skip(1).any(key))
    }

    /// Whether the sign at `at` parts the value from what follows.
    fn parts(&self, at: usize, limit: usize, within: Within) -> bool {
        let next = self.part(at + 1, limit);
        let blank = next.first().is_none_or(u8::is_ascii_whitespace);
        let ends = blank
            || next
                .first()
                .is_some_and(|b| is_quote(*b) || ENDS.contains(b));
        let code = within == Within::Code;
        match self.at(at).unwrap_or_default() {
            // The quote that closes a literal is its limit; another is a part of it.
            b'"' | b'\'' | b'`' => {
                let sign = next.iter().find(|b| !is_quote(**b));
                code && sign.is_none_or(|b| b.is_ascii_whitespace() || ENDS.contains(b))
            }
            b'\\' => match next {
                [] => true,
                // A line break; in a setting without quotes it is no escape at all.
                [b'n' | b'r', ..] => within != Within::Setting,
                [b't' | b'"' | b'\'' | b'`', ..] => code,
                _ => false,
            },
            // A login's password or its user.
            b'@' => matches!(self.part(0, self.start).last(), Some(b':' | b'/')),
            b';' => match within {
                Within::Code => true,
                Within::Setting => blank || key(next),
                _ => ends && !self.ends_entity(at) || key(next),
            },
            b',' | b')' | b']' | b'}' => ends && (code || within == Within::Literal),
            b'|' | b'>' => code,
            b'<' => match within {
                Within::Code => true,
                Within::List => false,
                _ => matches!(next.first(), Some(b'/' | b'!')),
            },
            b'&' => is_parameter(next, matches!(within, Within::Setting | Within::List)),
            _ => false,
        }
    }

    /// Whether the semicolon at `at` ends an entity of XML, such as `&quot;`.
    fn ends_entity(&self, at: usize) -> bool {
        let before = self.part(at.saturating_sub(7), at);
        memchr::memrchr(b'&', before)
            .and_then(|from| before.get(from + 1..))
            .is_some_and(|name| name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'#'))
            && !self.part(at + 1, at + 2).contains(&b';')
    }
}

const fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// Whether a text begins with a key of a list and its sign: `User Id=`.
fn key(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let name = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_');
    let length = text.iter().take_while(name).count();
    length > 0 && text.get(length) == Some(&b'=')
}

/// Whether what stands before a secret in its literal only says what it is, so that all
/// of the rest is the secret: `Authorization: Bearer `, `user:`.
fn is_lead(head: &[u8]) -> bool {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b" _.@:\\-".contains(b);
    let ends = |b: &u8| matches!(b, b':' | b' ');
    head.len() <= 64
        && head.iter().all(plain)
        && head.last().is_none_or(ends)
        && !is_flag(head)
        && head.split(|b| *b == b' ').count() <= 4
}

/// Whether one of the words is a flag: a command takes a blank for the end.
fn is_flag(head: &[u8]) -> bool {
    head.split(|b| *b == b' ')
        .any(|word| word.first() == Some(&b'-'))
}

/// Whether a text goes on with a word of the same value: no comment, no name that is given
/// something and, but in a `setting`, no flag and no sign of a shell.
fn is_word(text: &[u8], setting: bool) -> bool {
    let name = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let length = text.iter().take_while(name).count();
    let flag = matches!(text, [b'-', next, ..] if next.is_ascii_alphanumeric() || *next == b'-');
    let given = length > 0 && matches!(text.get(length), Some(b'=' | b':'));
    let sign = match text {
        [b'#' | b';', ..] | [b'/', b'/', ..] => true,
        _ if setting => false,
        [b'|' | b'<' | b'>' | b'&', next @ ..] => {
            !next.first().is_some_and(u8::is_ascii_alphanumeric)
        }
        _ => false,
    };
    !(flag && !setting || given || sign)
}

/// Whether an `&` begins the next parameter of an address, or in XML and in a shell ends a
/// text; a value that stands `alone` has neither.
fn is_parameter(next: &[u8], alone: bool) -> bool {
    let name = |b: &&u8| b.is_ascii_alphanumeric() || b"_-.[]".contains(b);
    let escaped = next.strip_prefix(b"amp;");
    let next = escaped.unwrap_or(next);
    let length = next.iter().take_while(name).count();
    match next.get(length) {
        Some(b'=') => length > 0,
        _ if alone || escaped.is_some() => false,
        // `&quot;` in the midst of a value is a part of it.
        Some(b';') => next.get(length + 1).is_none_or(|b| b"\"'`;<".contains(b)),
        next => length == 0 && next.is_none_or(|b| b.is_ascii_whitespace() || *b == b'&'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line with what is masked for the secret `S1` in brackets.
    fn masked(path: &str, line: &str) -> String {
        let text = format!("\n{line}\n");
        let document = Document::new(path, text.as_bytes());
        let start = text.find("S1").unwrap();
        let reach = of(&document, Span::new(start, start + 2));
        let (before, rest) = text.split_at(reach.start);
        let (inside, after) = rest.split_at(reach.len());
        format!("{before}[{inside}]{after}").trim().to_owned()
    }

    #[test]
    fn a_value_ends_where_its_literal_does() {
        for line in [
            r#"h = {"Authorization": "Bearer [S1, a b]"}"#,
            r#"p = "[S1 it's \" c]" + d"#,
            r#"p = r'[S1"a b]', 'c'"#,
            r#"{"c": "{\"p\": \"[S1 \\\"a b]\"}"}"#,
            r#"f("don't", "[S1 a]", 'b')"#,
            r#"v = @"a ""[S1 b]"" c""#,
            "curl -u 'app:[S1 a]' https://host",
            "PASS=\"[S1 a|b]\" psql -h host",
        ] {
            let bare: String = line.replace(['[', ']'], "");
            assert_eq!(masked("a.py", &bare), line);
        }
    }

    #[test]
    fn a_value_within_a_text_ends_at_what_follows() {
        for line in [
            r#"c = "Server=a;Password=[S1 b'c];Database=d""#,
            r#"c = "host=a password=[S1] dbname=b""#,
            r#"u = "https://app:[S1]@host/path""#,
            r#"u = "https://host/?key=[S1]&lang=de""#,
            r#"u = "https://host/[S1]/more?x""#,
            r#"sh("mysql -u app -p[S1] shop")"#,
            "x=[S1]; echo done",
            "f(x, [S1]), g",
            "curl -H Token:[S1] https://host",
            "<p>[S1]</p>",
        ] {
            let bare: String = line.replace(['[', ']'], "");
            assert_eq!(masked("a.py", &bare), line);
        }
    }

    #[test]
    fn only_a_setting_holds_blanks_without_quotes() {
        for (path, line) in [
            (".env", "PASSWORD=[S1 a b] # live"),
            ("ldap.conf", "bindpw [S1 a;b]"),
            ("hosts.ini", "h password=[S1] port=22"),
            ("a.sh", "PASSWORD=[S1] psql -h host"),
            ("README.md", "password: [S1] or so"),
        ] {
            let bare: String = line.replace(['[', ']'], "");
            assert_eq!(masked(path, &bare), line);
        }
    }
}
