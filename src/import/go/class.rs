//! Classes: what stands between brackets.

use super::{Done, Reader, push_literal};

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

impl Reader {
    /// A class, from after its `[` on.
    pub(super) fn class(&mut self) -> Done {
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
            // No name of a class is longer.
            let rest: String = self.chars.iter().skip(self.at + 1).take(16).collect();
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
