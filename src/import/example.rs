//! A text that a regex matches, for the page of a rule that was brought: written with
//! placeholders, as every example is, so that no token-shaped text is in the page.

use std::fmt::Write as _;

use regex_syntax::hir::{Class, ClassBytesRange, ClassUnicodeRange, Hir, HirKind};

use crate::rule::Rule;
use crate::rule::sample::CHARSETS;

use super::literals;

/// The path of an example, unless its rule asks for one.
const PATH: &str = "deploy/settings.conf";

/// How many characters of chance a secret gets, when its regex leaves that open.
const USUAL: u32 = 24;

/// An example of a rule: a path, and a text with placeholders, which the rule may match.
pub(super) fn of(rule: &Rule) -> Option<(String, String)> {
    let path = match &rule.filter.path {
        None => PATH.to_owned(),
        Some(regex) => text_for(regex).map(|path| {
            let path = path.trim_start_matches('/');
            // An extension alone is no name.
            let name = if path.starts_with('.') {
                "settings"
            } else {
                ""
            };
            format!("{name}{path}")
        })?,
    };
    let pattern = rule.patterns.first()?;
    let mut text = text_for(&pattern.regex)?;
    let lower = text.to_lowercase();
    let beside = &rule.filter.beside;
    if let Some(word) = beside.first()
        && !beside.iter().any(|word| lower.contains(word.as_ref()))
    {
        text = format!("{word}\n{text}");
    }
    let plain = |c: char| c == '\n' || c == '\t' || !c.is_control();
    let fits = !path.contains(char::is_whitespace) && !path.contains("{{");
    (fits && text.chars().all(plain) && !text.contains("```")).then_some((path, text))
}

fn text_for(regex: &str) -> Option<String> {
    let mut writer = Writer {
        out: String::new(),
        drawn: 0,
        secret: false,
    };
    writer.write(&literals::parse(regex)?)?;
    Some(writer.out)
}

struct Writer {
    out: String,
    /// So that characters differ.
    drawn: usize,
    /// Inside of a group that holds the secret.
    secret: bool,
}

impl Writer {
    fn write(&mut self, hir: &Hir) -> Option<()> {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.out.push_str(std::str::from_utf8(&literal.0).ok()?),
            HirKind::Class(class) => self.member(&characters(class))?,
            HirKind::Capture(capture) => {
                let before = self.secret;
                self.secret = true;
                self.write(&capture.sub)?;
                self.secret = before;
            }
            HirKind::Concat(parts) => {
                for part in parts {
                    self.write(part)?;
                }
            }
            HirKind::Alternation(parts) => {
                let longest = parts
                    .iter()
                    .find(|part| part.properties().minimum_len() > Some(0));
                self.write(longest.or(parts.first())?)?;
            }
            HirKind::Repetition(repeated) => {
                let most = repeated.max.unwrap_or(u32::MAX);
                let open = self.secret && matches!(repeated.sub.kind(), HirKind::Class(_));
                let count = if open && most > 1 {
                    repeated.min.max(USUAL.min(most))
                } else {
                    repeated.min
                };
                self.repeat(&repeated.sub, count)?;
            }
        }
        // No placeholder by chance, and no page without end.
        (self.out.len() < 4096).then_some(())
    }

    fn repeat(&mut self, part: &Hir, count: u32) -> Option<()> {
        if let HirKind::Class(class) = part.kind()
            && count >= 8
        {
            let members = characters(class);
            let within = |set: &[u8]| set.iter().all(|b| members.contains(&char::from(*b)));
            let named = CHARSETS.iter().filter(|(_, set)| within(set));
            if let Some((name, _)) = named.max_by_key(|(_, set)| set.len()) {
                // Writing to a String can't fail.
                let _ = write!(self.out, "{{{{{name}:{count}}}}}");
                return Some(());
            }
        }
        for _ in 0..count {
            self.write(part)?;
        }
        Some(())
    }

    /// A character of a class: a letter or a digit if there is one.
    fn member(&mut self, members: &[char]) -> Option<()> {
        let usual: Vec<_> = members
            .iter()
            .filter(|c| c.is_ascii_alphanumeric())
            .collect();
        let from = if usual.is_empty() {
            members.iter().collect()
        } else {
            usual
        };
        if let [upper, lower] = from.as_slice()
            && upper.to_ascii_lowercase() == **lower
        {
            // A letter in either case.
            self.out.push(**lower);
            return Some(());
        }
        self.drawn += 7;
        let c = from.get(self.drawn % from.len().max(1))?;
        self.out.push(**c);
        Some(())
    }
}

/// The printable ASCII characters of a class, else its first one.
fn characters(class: &Class) -> Vec<char> {
    let holds = |c: char| match class {
        Class::Unicode(class) => class.iter().any(|r| r.start() <= c && c <= r.end()),
        Class::Bytes(class) => {
            u8::try_from(c).is_ok_and(|b| class.iter().any(|r| r.start() <= b && b <= r.end()))
        }
    };
    let printable: Vec<_> = (' '..='~').filter(|c| holds(*c)).collect();
    if !printable.is_empty() {
        return printable;
    }
    match class {
        Class::Unicode(class) => class.iter().take(1).map(ClassUnicodeRange::start).collect(),
        Class::Bytes(class) => {
            let first = class.iter().next().map(ClassBytesRange::start);
            first
                .filter(u8::is_ascii)
                .map(char::from)
                .into_iter()
                .collect()
        }
    }
}
