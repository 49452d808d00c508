//! Go's regexes (RE2's syntax, as <https://pkg.go.dev/regexp/syntax> has it) written as
//! the crate `regex` reads them.
//!
//! What differs: a `{` that begins no count is a brace; `[`, `&&`, `--` and `~~` are
//! characters in a class; `\Q…\E`; octal numbers; `\<` and `\>` are characters; a class of
//! Unicode's or a character that isn't ASCII needs Unicode mode, which rules are searched
//! without. Groups become nameless, but for those that hold the secret.

mod class;
#[cfg(test)]
mod tests;

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
