//! Go's regexes (RE2's syntax, as <https://pkg.go.dev/regexp/syntax> has it) written as
//! the crate `regex` reads them.
//!
//! What differs: a `{` that begins no count is a brace; `[`, `&&`, `--` and `~~` are
//! characters in a class; `\Q…\E`; octal numbers; `\<` and `\>` are characters; a class of
//! Unicode's or a character that isn't ASCII needs Unicode mode, which rules are searched
//! without. Groups become nameless, but for those that hold the secret.

use std::fmt::Write as _;

/// Which groups hold the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Groups {
    /// No one asks for groups.
    None,
    /// The first one that matched something.
    Every,
    /// The one of this number, counted from 1.
    One(usize),
}

/// A regex that was translated.
#[derive(Debug)]
pub(super) struct Translated {
    /// The regex, with the groups `secret`, `secret2` and so on.
    pub(super) text: String,
    /// How many groups it has.
    pub(super) groups: usize,
}

/// Why a regex can't be translated.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Untranslatable {
    /// Which character, counted from 1.
    pub(super) at: usize,
    pub(super) what: String,
    pub(super) mend: &'static str,
}

/// Go's own bound on a count.
const MOST: u32 = 1000;

/// Translates a regex.
pub(super) fn translate(go: &str, groups: Groups) -> Result<Translated, Untranslatable> {
    let mut reader = Reader {
        chars: go.chars().collect(),
        at: 0,
        out: String::with_capacity(go.len() + 16),
        wanted: groups,
        groups: 0,
    };
    while let Some(c) = reader.next() {
        reader.one(c)?;
    }
    Ok(Translated {
        text: reader.out,
        groups: reader.groups,
    })
}

/// The name of the `number`th group that may hold the secret.
pub(super) fn name(number: usize) -> String {
    match number {
        1 => "secret".to_owned(),
        n => format!("secret{n}"),
    }
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    out: String,
    wanted: Groups,
    groups: usize,
}

/// A part of a class.
enum Item {
    Range(char, char),
    /// `\d`, `\s`, `\w` or the like: the letter.
    Perl(char),
    /// `[:alpha:]`, with its brackets.
    Named(String),
    /// `\pN` or the like.
    Property(String),
}

type Done<T = ()> = Result<T, Untranslatable>;

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek(0)?;
        self.at += 1;
        Some(c)
    }

    /// Takes `text`, if it stands here.
    fn take(&mut self, text: &str) -> bool {
        let here = text.chars().enumerate();
        let stands = here.into_iter().all(|(n, c)| self.peek(n) == Some(c));
        if stands {
            self.at += text.chars().count();
        }
        stands
    }

    fn fault<T>(&self, what: impl Into<String>, mend: &'static str) -> Done<T> {
        Err(Untranslatable {
            at: self.at,
            what: what.into(),
            mend,
        })
    }

    fn one(&mut self, c: char) -> Done {
        match c {
            '\\' => return self.escape(),
            '[' => return self.class(),
            '(' => return self.group(),
            '{' => return self.brace(),
            '}' | ']' => self.literal(c),
            c if c.is_ascii() => self.out.push(c),
            c => self.literal(c),
        }
        Ok(())
    }

    /// A character that stands for itself.
    fn literal(&mut self, c: char) {
        if c.is_ascii() {
            push_literal(&mut self.out, c);
        } else {
            self.out.push_str("(?u:");
            self.out.push(c);
            self.out.push(')');
        }
    }

    /// `{2}`, `{2,}` or `{2,4}`; anything else is a brace.
    fn brace(&mut self) -> Done {
        let mut ahead = 0;
        let mut numbers: Vec<String> = vec![String::new()];
        let counts = loop {
            match self.peek(ahead) {
                Some(c) if c.is_ascii_digit() => {
                    if let Some(last) = numbers.last_mut() {
                        last.push(c);
                    }
                }
                Some(',') if numbers.len() == 1 => numbers.push(String::new()),
                Some('}') => break numbers.first().is_some_and(|n| !n.is_empty()),
                _ => break false,
            }
            ahead += 1;
        };
        if !counts {
            self.out.push_str(r"\{");
            return Ok(());
        }
        if numbers
            .iter()
            .any(|n| !n.is_empty() && n.parse::<u32>().map_or(true, |n| n > MOST))
        {
            return self.fault(
                "a count over 1000",
                "write at most 1000, as Go's regexes ask, or repeat a group",
            );
        }
        self.out.push('{');
        self.out.push_str(&numbers.join(","));
        self.out.push('}');
        self.at += ahead + 1;
        Ok(())
    }

    fn group(&mut self) -> Done {
        if self.peek(0) != Some('?') {
            self.capture();
            return Ok(());
        }
        for ahead in ["?=", "?!", "?<=", "?<!", "?>"] {
            if self.take(ahead) {
                return self.fault(
                    format!("`({ahead}` looks around, which neither Go's regexes nor ours do"),
                    "match what stands around, and put the secret into a group",
                );
            }
        }
        if self.take("?P<") || self.take("?<") {
            while self.next().is_some_and(|c| c != '>') {}
            self.capture();
            return Ok(());
        }
        self.at += 1;
        let mut flags = String::from("(?");
        while let Some(c) = self.next() {
            match c {
                'i' | 'm' | 's' | 'U' | '-' => flags.push(c),
                ':' | ')' => {
                    flags.push(c);
                    self.out.push_str(&flags);
                    return Ok(());
                }
                c => {
                    return self.fault(
                        format!("`{c}` is no flag of Go's regexes"),
                        "write some of i, m, s and U",
                    );
                }
            }
        }
        self.fault("a group without an end", "add `)`")
    }

    fn capture(&mut self) {
        self.groups += 1;
        let number = match self.wanted {
            Groups::Every => Some(self.groups),
            Groups::One(n) => (n == self.groups).then_some(1),
            Groups::None => None,
        };
        match number {
            Some(number) => {
                // Writing to a String can't fail.
                let _ = write!(self.out, "(?P<{}>", name(number));
            }
            None => self.out.push_str("(?:"),
        }
    }

    /// What follows a backslash outside of a class.
    fn escape(&mut self) -> Done {
        let Some(c) = self.peek(0) else {
            return self.fault("a backslash at the end", r"write `\\` for a backslash");
        };
        match c {
            'A' | 'z' | 'b' | 'B' | 'd' | 'D' | 's' | 'S' | 'w' | 'W' => {
                self.at += 1;
                self.out.push('\\');
                self.out.push(c);
            }
            'p' | 'P' => {
                let property = self.property()?;
                self.out.push_str("(?u:");
                self.out.push_str(&property);
                self.out.push(')');
            }
            'Q' => {
                self.at += 1;
                while !self.take(r"\E") {
                    let Some(c) = self.next() else { break };
                    self.literal(c);
                }
            }
            _ => {
                let c = self.escaped()?;
                self.literal(c);
            }
        }
        Ok(())
    }

    /// `\pN` or `\p{Greek}`, from the letter on.
    fn property(&mut self) -> Done<String> {
        let mut negated = self.next() == Some('P');
        let mut name = String::new();
        if self.take("{") {
            negated ^= self.take("^");
            while let Some(c) = self.next().filter(|c| *c != '}') {
                name.push(c);
            }
        } else {
            name.extend(self.next());
        }
        if name.is_empty() {
            return self.fault(
                "a Unicode class without a name",
                r"write it as in `\p{Greek}`",
            );
        }
        let letter = if negated { 'P' } else { 'p' };
        Ok(format!("\\{letter}{{{name}}}"))
    }

    /// The character that an escape stands for, in a class or outside.
    fn escaped(&mut self) -> Done<char> {
        let Some(c) = self.next() else {
            return self.fault("a backslash at the end", r"write `\\` for a backslash");
        };
        match c {
            'a' => Ok('\x07'),
            'f' => Ok('\x0c'),
            't' => Ok('\t'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            'v' => Ok('\x0b'),
            'x' => self.hexadecimal(),
            '0' => Ok(self.octal(0, 2)),
            '1'..='7' if self.peek(0).is_some_and(|c| c.is_digit(8)) => {
                Ok(self.octal(c.to_digit(8).unwrap_or(0), 2))
            }
            '1'..='9' => self.fault(
                format!(
                    "`\\{c}` asks for what a group matched, which neither Go's regexes nor ours can"
                ),
                "write out what may stand there",
            ),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Ok(c),
            c => self.fault(
                format!("`\\{c}` is no escape of Go's regexes"),
                "remove the backslash, or see the syntax at pkg.go.dev/regexp/syntax",
            ),
        }
    }

    fn hexadecimal(&mut self) -> Done<char> {
        let mut digits = String::new();
        if self.take("{") {
            while let Some(c) = self.next().filter(|c| *c != '}') {
                digits.push(c);
            }
        } else {
            digits.extend(self.next());
            digits.extend(self.next());
        }
        let number = u32::from_str_radix(&digits, 16).ok();
        match number.and_then(char::from_u32) {
            Some(c) => Ok(c),
            None => self.fault(
                r"`\x` without a number",
                r"write it as in `\x60` or `\x{e9}`",
            ),
        }
    }

    fn octal(&mut self, mut number: u32, more: usize) -> char {
        for _ in 0..more {
            let Some(digit) = self.peek(0).and_then(|c| c.to_digit(8)) else {
                break;
            };
            number = number * 8 + digit;
            self.at += 1;
        }
        char::from_u32(number).unwrap_or('\0')
    }

    /// A class, from after its `[` on.
    fn class(&mut self) -> Done {
        let begins = self.at;
        let negated = self.take("^");
        let mut items = Vec::new();
        loop {
            let first = items.is_empty();
            match self.next() {
                None => {
                    self.at = begins;
                    return self.fault(
                        "a class without an end",
                        "add `]`, or write `\\[` for a bracket",
                    );
                }
                Some(']') if !first => break,
                Some(c) => items.push(self.item(c)?),
            }
        }
        let unicode = items.iter().any(|item| match item {
            Item::Property(_) => true,
            Item::Range(from, to) => !from.is_ascii() || !to.is_ascii(),
            Item::Perl(_) | Item::Named(_) => false,
        });
        if unicode {
            self.out.push_str("(?u:");
        }
        self.out.push_str(if negated { "[^" } else { "[" });
        for item in &items {
            push_item(&mut self.out, item, unicode);
        }
        self.out.push_str(if unicode { "])" } else { "]" });
        Ok(())
    }

    fn item(&mut self, c: char) -> Done<Item> {
        if c == '[' && self.peek(0) == Some(':') {
            let rest: String = self.chars.iter().skip(self.at + 1).collect();
            if let Some((name, _)) = rest.split_once(":]")
                && name.chars().all(|c| c.is_ascii_alphabetic() || c == '^')
            {
                self.at += name.len() + 3;
                return Ok(Item::Named(format!("[:{name}:]")));
            }
        }
        let from = match (c, self.peek(0)) {
            ('\\', Some(letter @ ('d' | 'D' | 's' | 'S' | 'w' | 'W'))) => {
                self.at += 1;
                return Ok(Item::Perl(letter));
            }
            ('\\', Some('p' | 'P')) => return self.property().map(Item::Property),
            ('\\', _) => self.escaped()?,
            (c, _) => c,
        };
        if self.peek(0) != Some('-') || self.peek(1).is_none_or(|c| c == ']') {
            return Ok(Item::Range(from, from));
        }
        self.at += 1;
        let to = match self.next() {
            Some('\\') => self.escaped()?,
            Some(c) => c,
            None => from,
        };
        if to < from {
            return self.fault(
                format!("`{from}-{to}` runs backwards"),
                r"turn it round, or write `\-` for a hyphen",
            );
        }
        Ok(Item::Range(from, to))
    }
}

/// Writes an ASCII character that stands for itself.
fn push_literal(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str(r"\n"),
        '\r' => out.push_str(r"\r"),
        '\t' => out.push_str(r"\t"),
        c if c.is_ascii_control() => {
            let _ = write!(out, "\\x{:02x}", u32::from(c));
        }
        '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' => {
            out.push('\\');
            out.push(c);
        }
        c => out.push(c),
    }
}

fn push_item(out: &mut String, item: &Item, unicode: bool) {
    match item {
        Item::Range(from, to) => {
            push_member(out, *from);
            if from != to {
                out.push('-');
                push_member(out, *to);
            }
        }
        // In Unicode mode these would stand for more than they do in Go's regexes.
        Item::Perl(letter) if unicode => out.push_str(match letter {
            'd' => "0-9",
            'D' => "[^0-9]",
            's' => r"\t\n\x0c\r\x20",
            'S' => r"[^\t\n\x0c\r\x20]",
            'w' => "0-9A-Za-z_",
            _ => "[^0-9A-Za-z_]",
        }),
        Item::Perl(letter) => {
            out.push('\\');
            out.push(*letter);
        }
        Item::Named(text) | Item::Property(text) => out.push_str(text),
    }
}

/// Writes a character that stands for itself in a class.
fn push_member(out: &mut String, c: char) {
    match c {
        '[' | ']' | '\\' | '^' | '-' | '&' | '~' => {
            out.push('\\');
            out.push(c);
        }
        '.' | '+' | '*' | '?' | '(' | ')' | '|' | '{' | '}' | '$' => out.push(c),
        c if c.is_ascii() => push_literal(out, c),
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::expression;

    fn plain(go: &str) -> String {
        let text = translate(go, Groups::None).unwrap().text;
        let compiled = expression::compile(&text);
        assert!(compiled.is_ok(), "{go} became {text}: {compiled:?}");
        text
    }

    #[test]
    fn what_both_read_alike_stays() {
        for same in [
            r"(?i)\bkey[ \t]*=[ \t]*[0-9a-f]{8,16}(?:\s|$)",
            r"a(?i)b|c",
            r"(?U)a+?",
            r"\A\w+\z",
            r"[[:alnum:]_]{3,}",
            r"[^\s]",
            r"(?s:.){0,9}?",
        ] {
            assert_eq!(plain(same), same);
        }
    }

    #[test]
    fn what_they_read_differently_is_rewritten() {
        for (go, ours) in [
            (r"${a}", r"$\{a\}"),
            (r"x{,3}", r"x\{,3\}"),
            (r"\b{start}", r"\b\{start\}"),
            (r"[[a&&b]", r"[\[a\&\&b]"),
            (r"[]a]", r"[\]a]"),
            (r"[\w-.]", r"[\w\-.]"),
            (r"[+--]", r"[+-\-]"),
            (r"\Qa.b\E+", r"a\.b+"),
            (r"\<b\>", "<b>"),
            (r"\_\/\'", "_/'"),
            (r"[\x60'\134]", r"[`'\\]"),
            (r"\052", r"\*"),
            (r"\pN", r"(?u:\p{N})"),
            (r"\p{^Greek}", r"(?u:\P{Greek})"),
            (r"[\pL\d]", r"(?u:[\p{L}0-9])"),
            ("é+", "(?u:é)+"),
            ("[^é]", "(?u:[^é])"),
            (r"(a)(?P<n>b)(?<m>c)", "(?:a)(?:b)(?:c)"),
        ] {
            assert_eq!(plain(go), ours, "{go}");
        }
    }

    #[test]
    fn groups_that_hold_the_secret_get_its_name() {
        let every = translate("(a)|(?:b)|(c)", Groups::Every).unwrap();
        assert_eq!(every.text, "(?P<secret>a)|(?:b)|(?P<secret2>c)");
        let one = translate("(a)(b)", Groups::One(2)).unwrap();
        assert_eq!((one.text.as_str(), one.groups), ("(?:a)(?P<secret>b)", 2));
    }

    #[test]
    fn what_no_one_can_read_is_refused_with_its_place() {
        for (go, at, what) in [
            ("ab(?=c)", 5, "looks around"),
            (r"(a)\1", 5, "what a group matched"),
            ("a{2000}", 2, "over 1000"),
            ("[a", 1, "class without an end"),
            ("(?x) a", 3, "no flag"),
            (r"\y", 2, "no escape"),
            ("[z-a]", 4, "backwards"),
        ] {
            let fault = translate(go, Groups::None).unwrap_err();
            assert!(fault.what.contains(what), "{go}: {}", fault.what);
            assert_eq!(fault.at, at, "{go}");
        }
    }

    #[test]
    fn a_translated_regex_matches_what_it_should() {
        let text = plain(r"[[&&]{2}x{y}\Q$\E[\pL\d]+é");
        let regex = expression::compile(&text).unwrap();
        assert!(regex.is_match("&[x{y}$ä1é".as_bytes()));
        assert!(!regex.is_match(b"aax{y}$1"));
    }
}
