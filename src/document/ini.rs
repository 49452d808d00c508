//! INI and its many relatives: `.npmrc`, `pip.conf`, git's and AWS's configuration.

use std::collections::HashMap;

use super::dotenv::{first_line, skip_break};
use super::limits::{Budget, cover, fault};
use super::node::{Member, Node, Span, Value};
use super::parsed::{Fault, Parsed};

/// Reads a file: sections become objects, keys before any section stay at the root.
pub(super) fn read(text: &str) -> Result<Parsed, Fault> {
    let mut reader = Reader {
        text,
        budget: Budget::new(),
        root: Vec::new(),
        sections: HashMap::new(),
        current: None,
        key_indent: None,
        parsed: Parsed::strict(Vec::new(), Vec::new()),
    };
    reader.budget.admit(1, 0)?;
    let mut at = 0;
    while at < text.len() {
        let line = first_line(text.get(at..).unwrap_or_default());
        reader.line(at, line)?;
        at = skip_break(text, at + line.len());
    }
    Ok(reader.finish())
}

struct Reader<'a> {
    text: &'a str,
    budget: Budget,
    root: Vec<Member>,
    /// Where in `root` a section stands: one that is opened again goes on.
    sections: HashMap<&'a str, usize>,
    current: Option<usize>,
    /// Indentation of the last key: a deeper line continues its value.
    key_indent: Option<usize>,
    parsed: Parsed,
}

impl<'a> Reader<'a> {
    fn line(&mut self, at: usize, line: &'a str) -> Result<(), Fault> {
        let body = line.trim();
        let indent = line.len() - line.trim_start().len();
        let start = at + indent;
        if body.is_empty() {
            return Ok(());
        }
        if body.starts_with(['#', ';']) {
            let comment = Span::new(start, start + body.len());
            self.parsed.comments.push(comment);
            return Ok(());
        }
        if self.key_indent.is_some_and(|key| indent > key) {
            self.go_on(start, body);
            return Ok(());
        }
        if let Some(rest) = body.strip_prefix('[') {
            if let Some(end) = rest.rfind(']') {
                return self.section(start, rest.get(..end).unwrap_or_default(), end);
            }
            self.fault(start, "section is not closed");
            return Ok(());
        }
        self.key_indent = Some(indent);
        self.pair(start, body)
    }

    fn section(&mut self, start: usize, name: &'a str, end: usize) -> Result<(), Fault> {
        self.key_indent = None;
        let whole = Span::new(start, start + end + 2);
        if let Some(at) = self.sections.get(name) {
            self.current = Some(*at);
            return Ok(());
        }
        self.budget.admit(2, start)?;
        let at = self.root.len();
        self.sections.insert(name, at);
        self.current = Some(at);
        self.root.push(Member {
            key: name.trim().to_owned(),
            key_span: Span::new(start + 1, start + 1 + name.len()),
            value: Node::new(whole, Value::Object(Vec::new())),
        });
        Ok(())
    }

    fn pair(&mut self, start: usize, body: &str) -> Result<(), Fault> {
        self.budget.admit(3, start)?;
        let separator = separator(body);
        let left = separator.map_or(body, |at| body.get(..at).unwrap_or_default());
        let key = left.trim_end();
        if key.is_empty() {
            self.fault(start, "value without a key");
            return Ok(());
        }
        let key_span = Span::new(start, start + key.len());
        let value = match separator {
            // A key alone is a switch.
            None => Node::new(Span::new(key_span.end, key_span.end), Value::Null),
            Some(at) => self.value(start + at + 1, start + body.len()),
        };
        let member = Member {
            key: key.to_owned(),
            key_span,
            value,
        };
        let span = cover(member.key_span, member.value.span);
        let members = match self.current.and_then(|at| self.root.get_mut(at)) {
            Some(section) => {
                section.value.span = cover(section.value.span, span);
                match &mut section.value.value {
                    Value::Object(members) => members,
                    _ => return Ok(()),
                }
            }
            None => &mut self.root,
        };
        members.push(member);
        Ok(())
    }

    fn value(&mut self, after: usize, end: usize) -> Node {
        let raw = self.text.get(after..end).unwrap_or_default();
        // Only a marker after a blank begins a comment: passwords hold `#` and `;`.
        let comment = raw.char_indices().find(|(i, c)| {
            matches!(c, '#' | ';') && raw.get(..*i).is_some_and(|b| b.ends_with([' ', '\t']))
        });
        let stop = comment.map_or(raw.len(), |(i, _)| i);
        if stop < raw.len() {
            self.parsed.comments.push(Span::new(after + stop, end));
        }
        let body = raw.get(..stop).unwrap_or_default();
        let trimmed = body.trim();
        let start = after + body.len() - body.trim_start().len();
        let span = Span::new(start, start + trimmed.len());
        let inner = ['"', '\''].into_iter().find_map(|quote| {
            let inner = trimmed.strip_prefix(quote)?.strip_suffix(quote)?;
            (!inner.contains(quote)).then_some(inner)
        });
        Node::new(span, Value::Str(inner.unwrap_or(trimmed).to_owned()))
    }

    /// Adds a deeper line to the last value.
    fn go_on(&mut self, start: usize, body: &str) {
        let members = match self.current.and_then(|at| self.root.get_mut(at)) {
            Some(section) => {
                let end = start + body.len();
                section.value.span = Span::new(section.value.span.start, end);
                match &mut section.value.value {
                    Value::Object(members) => members,
                    _ => return,
                }
            }
            None => &mut self.root,
        };
        let Some(last) = members.last_mut() else {
            return;
        };
        let line = Span::new(start, start + body.len());
        last.value.span = cover(last.value.span, line);
        match &mut last.value.value {
            Value::Str(text) if !text.is_empty() => {
                text.push('\n');
                text.push_str(body);
            }
            value => *value = Value::Str(body.to_owned()),
        }
    }

    fn fault(&mut self, offset: usize, what: &str) {
        if self.parsed.faults.len() < 100 {
            self.parsed.faults.push(fault(offset, what));
        }
    }

    fn finish(mut self) -> Parsed {
        if !self.root.is_empty() {
            let whole = Span::new(0, self.text.len());
            let root = Node::new(whole, Value::Object(self.root));
            self.parsed.documents.push(root);
        }
        self.parsed.graded()
    }
}

/// Offset of the separator: the first `=`, or a `:` before it that is followed by
/// a blank. Registry addresses in `.npmrc` keys hold colons.
fn separator(body: &str) -> Option<usize> {
    let equals = body.find('=');
    let blank = |at: usize| {
        let next = body.as_bytes().get(at + 1);
        next.is_none_or(u8::is_ascii_whitespace)
    };
    let colon = body
        .match_indices(':')
        .map(|(at, _)| at)
        .find(|at| equals.is_none() || blank(*at));
    match (equals, colon) {
        (Some(equals), Some(colon)) => Some(equals.min(colon)),
        (equals, colon) => equals.or(colon),
    }
}

#[cfg(test)]
mod tests {
    use super::super::format::Format;

    fn check(text: &str, expected: &str) {
        super::super::render::check(Format::Ini, text, expected);
    }

    #[test]
    fn reads_sections_and_keys() {
        check(
            "top = 1\n; c\n[a b]\nk: v ; d\nflag\n[remote \"o\"]\n\turl = https://x#y\n\tb = 'q'\n[a b]\nz=\n",
            "{top: '1', a b: {k: 'v', flag: null‹›, z: ''}‹[z›, remote \"o\": {url: 'https://x#y', b: 'q'‹'q'›}‹['›}‹t␤› /; c/ /; d/",
        );
        check("", "");
    }

    #[test]
    fn reads_npmrc_keys() {
        check(
            "//registry.example/:_authToken=abc\n@scope:registry=https://r.example/?a=b\n",
            "{//registry.example/:_authToken: 'abc', @scope:registry: 'https://r.example/?a=b'}‹/␤›",
        );
    }

    #[test]
    fn a_deeper_line_continues_the_value() {
        check(
            "[i]\nurls =\n  https://a\n  https://b\nk = v\n",
            "{i: {urls: 'https://a␤https://b'‹https://a␤  https://b›, k: 'v'}‹[v›}‹[␤›",
        );
    }

    #[test]
    fn names_what_it_cannot_read() {
        check(
            "[open\n= x\n",
            "!lexical !0:section is not closed !6:value without a key",
        );
    }
}
