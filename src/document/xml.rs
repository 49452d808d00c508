//! XML, from the events of `quick-xml`. No entity is expanded beyond the five
//! predefined ones and character references.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError};
use quick_xml::escape::unescape;
use quick_xml::events::Event;

use super::limits::{Budget, MAX_DEPTH, MAX_NODES, Size, cover, fault, measure, variant_words};
use super::node::{Member, Node, Span, Value};
use super::parsed::{Fault, Parsed};

/// Reads a document strictly, or else with tags closed where they must be.
pub(super) fn read(text: &str) -> Result<Parsed, Fault> {
    let mut builder = Builder::new(text, true);
    builder.run()?;
    if !builder.faults.is_empty() {
        let first = std::mem::take(&mut builder.faults);
        builder = Builder::new(text, false);
        builder.run()?;
        builder.faults.splice(0..0, first);
        builder.faults.dedup();
    }
    builder.finish()
}

struct Builder<'a> {
    text: &'a str,
    strict: bool,
    budget: Budget,
    stack: Vec<Element<'a>>,
    roots: Vec<Member>,
    comments: Vec<Span>,
    faults: Vec<Fault>,
}

/// An open element.
struct Element<'a> {
    name: &'a str,
    name_span: Span,
    start: usize,
    members: Vec<Member>,
    text: String,
    text_span: Span,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, strict: bool) -> Self {
        Self {
            text,
            strict,
            budget: Budget::new(),
            stack: Vec::new(),
            roots: Vec::new(),
            comments: Vec::new(),
            faults: Vec::new(),
        }
    }

    fn run(&mut self) -> Result<(), Fault> {
        let mut reader = Reader::from_str(self.text);
        let config = reader.config_mut();
        config.check_end_names = self.strict;
        config.allow_unmatched_ends = !self.strict;
        config.allow_dangling_amp = !self.strict;
        self.budget.admit(1, 0)?;
        loop {
            let start = self.offset(reader.buffer_position());
            let event = reader.read_event();
            let span = Span::new(start, self.offset(reader.buffer_position()));
            match event {
                Ok(Event::Eof) => break,
                Ok(event) => self.take(&event, span)?,
                Err(error) => {
                    let offset = self.offset(reader.error_position());
                    self.faults.push(fault(offset, describe(&error)));
                    break;
                }
            }
        }
        if !self.stack.is_empty() {
            if self.faults.is_empty() {
                self.faults
                    .push(fault(self.text.len(), "element is not closed"));
            }
            while !self.stack.is_empty() {
                self.close(self.text.len());
            }
        }
        Ok(())
    }

    fn offset(&self, position: u64) -> usize {
        usize::try_from(position).map_or(self.text.len(), |at| at.min(self.text.len()))
    }

    fn take(&mut self, event: &Event<'_>, span: Span) -> Result<(), Fault> {
        match event {
            Event::Start(_) => self.open(span)?,
            Event::Empty(_) => {
                self.open(span)?;
                self.close(span.end);
            }
            Event::End(_) => self.end(span),
            Event::Text(_) | Event::GeneralRef(_) => self.add_text(span, span),
            Event::CData(_) => {
                let inner = Span::new(span.start + "<![CDATA[".len(), span.end.saturating_sub(3));
                self.add_text(span, inner);
            }
            Event::Comment(_) => self.comments.push(span),
            _ => {}
        }
        Ok(())
    }

    /// Opens the element whose start tag stands at `span`.
    fn open(&mut self, span: Span) -> Result<(), Fault> {
        // The document, this element and an attribute or its text below.
        let depth = self.stack.len() + 2;
        self.budget.admit(depth, span.start)?;
        let tag = self.text.get(span.range()).unwrap_or_default();
        let inner = tag.strip_prefix('<').unwrap_or(tag);
        let end = inner.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'));
        let name = inner.get(..end.unwrap_or(inner.len())).unwrap_or_default();
        let name_span = Span::new(span.start + 1, span.start + 1 + name.len());
        let mut members = Vec::new();
        for (key, key_span, value) in attributes(self.text, Span::new(name_span.end, span.end)) {
            self.budget.admit(depth + 1, key_span.start)?;
            let raw = self.text.get(value.range()).unwrap_or_default();
            members.push(Member {
                key: format!("@{key}"),
                key_span,
                value: Node::new(value, Value::Str(plain(raw))),
            });
        }
        // One for the text that may come.
        self.budget.admit(depth + 1, span.start)?;
        self.stack.push(Element {
            name,
            name_span,
            start: span.start,
            members,
            text: String::new(),
            text_span: Span::default(),
        });
        Ok(())
    }

    fn add_text(&mut self, whole: Span, inner: Span) {
        let Some(element) = self.stack.last_mut() else {
            return;
        };
        let raw = self.text.get(inner.range()).unwrap_or_default();
        let cdata = whole != inner;
        let blank = !cdata && raw.trim().is_empty();
        if blank && element.text.is_empty() {
            return;
        }
        if cdata {
            element.text.push_str(raw);
        } else {
            element.text.push_str(&plain(raw));
        }
        if !blank {
            let start = inner.start + raw.len() - raw.trim_start().len();
            let end = start + raw.trim().len();
            element.text_span = cover(element.text_span, Span::new(start, end));
        }
    }

    fn end(&mut self, span: Span) {
        let tag = self.text.get(span.range()).unwrap_or_default();
        let name = tag.strip_prefix("</").unwrap_or(tag);
        let name = name.strip_suffix('>').unwrap_or(name).trim();
        // Closes what was left open inside; an end that matches nothing is ignored.
        let Some(at) = self.stack.iter().rposition(|e| e.name == name) else {
            return;
        };
        while self.stack.len() > at + 1 {
            self.close(span.start);
        }
        self.close(span.end);
    }

    fn close(&mut self, end: usize) {
        let Some(mut element) = self.stack.pop() else {
            return;
        };
        let text = element.text.trim();
        if !text.is_empty() {
            element.members.push(Member {
                key: "#text".to_owned(),
                key_span: element.text_span,
                value: Node::new(element.text_span, Value::Str(text.to_owned())),
            });
        }
        let span = Span::new(element.start, end);
        let member = Member {
            key: element.name.to_owned(),
            key_span: element.name_span,
            value: Node::new(span, Value::Object(group(element.members))),
        };
        match self.stack.last_mut() {
            Some(parent) => parent.members.push(member),
            None => self.roots.push(member),
        }
    }

    fn finish(self) -> Result<Parsed, Fault> {
        let mut parsed = Parsed::strict(Vec::new(), self.comments);
        if !self.roots.is_empty() {
            let covered = |span, member: &Member| cover(span, member.value.span);
            let span = self.roots.iter().fold(Span::default(), covered);
            let root = Node::new(span, Value::Object(group(self.roots)));
            // Gathering elements into arrays added levels and nodes.
            let Size { nodes, depth, .. } = measure(&root);
            if depth > MAX_DEPTH || nodes > MAX_NODES {
                return Err(fault(0, "values are nested too deep"));
            }
            parsed.documents.push(root);
        } else if self.faults.is_empty() && !self.text.trim().is_empty() {
            return Err(fault(0, "no element"));
        }
        parsed.faults = self.faults;
        Ok(parsed.graded())
    }
}

/// Gathers members of one name into an array where the first of them stands.
fn group(members: Vec<Member>) -> Vec<Member> {
    let mut groups: Vec<Vec<Member>> = Vec::new();
    let mut index: HashMap<String, usize> = HashMap::new();
    for member in members {
        let at = *index.entry(member.key.clone()).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(at) {
            group.push(member);
        }
    }
    groups.into_iter().filter_map(one).collect()
}

fn one(mut group: Vec<Member>) -> Option<Member> {
    if group.len() == 1 {
        return group.pop();
    }
    let first = group.first()?;
    let (key, key_span) = (first.key.clone(), first.key_span);
    let items: Vec<Node> = group.into_iter().map(|m| m.value).collect();
    let span = items.iter().fold(Span::default(), |s, i| cover(s, i.span));
    Some(Member {
        key,
        key_span,
        value: Node::new(span, Value::Array(items)),
    })
}

/// The attributes within a start tag: name, its span, and the span of the value
/// without its quotes.
fn attributes(text: &str, span: Span) -> Vec<(&str, Span, Span)> {
    let mut found = Vec::new();
    let mut at = span.start;
    let tag = |from: usize| text.get(from..span.end).unwrap_or_default();
    let blank = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '?');
    loop {
        at += tag(at).len() - tag(at).trim_start_matches(blank).len();
        let rest = tag(at);
        if rest.is_empty() {
            return found;
        }
        let len = rest
            .find(|c: char| blank(c) || c == '=')
            .unwrap_or(rest.len());
        let key = Span::new(at, at + len);
        let after = rest.get(len..).unwrap_or_default();
        let spaced = after.trim_start();
        let Some(value) = spaced.strip_prefix('=') else {
            // A switch without a value, or a stray mark.
            at += len.max(1);
            continue;
        };
        let value = value.trim_start();
        let start = span.end - value.len();
        let inner = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let body = value.get(1..).unwrap_or_default();
                let end = body.find(quote).unwrap_or(body.len());
                Span::new(start + 1, start + 1 + end)
            }
            _ => Span::new(start, start + value.find(blank).unwrap_or(value.len())),
        };
        if let Some(name) = text.get(key.range()).filter(|name| !name.is_empty()) {
            found.push((name, key, inner));
        }
        // Past the closing quote; at least one byte, so that the loop ends.
        at = (inner.end + usize::from(value.starts_with(['"', '\'']))).max(at + 1);
        while at < span.end && !text.is_char_boundary(at) {
            at += 1;
        }
    }
}

fn plain(raw: &str) -> String {
    unescape(raw).map_or_else(|_| raw.to_owned(), std::borrow::Cow::into_owned)
}

fn describe(error: &Error) -> String {
    match error {
        Error::Syntax(inner) => variant_words(inner),
        Error::IllFormed(IllFormedError::MissingDeclVersion(_)) => "missing version".to_owned(),
        Error::IllFormed(inner) => variant_words(inner),
        other => variant_words(other),
    }
}

#[cfg(test)]
mod tests {
    use super::super::format::Format;

    fn check(text: &str, expected: &str) {
        super::super::render::check(Format::Xml, text, expected);
    }

    #[test]
    fn reads_elements_attributes_and_text() {
        check(
            "<?xml version=\"1.0\"?>\n<!-- c -->\n<a b=\"x &lt; y\" c='2'>\n  t &amp; u\n</a>\n",
            "{a: {@b‹b›: 'x < y'‹x &lt; y›, @c‹c›: '2', #text‹t &amp; u›: 't & u'‹t &amp; u›}‹<>›}‹<>› /<!-- c -->/",
        );
        check(
            "<a><b/><c>1</c><b k = \"v\"/></a>",
            "{a: {b: [{}‹<>›, {@k‹k›: 'v'}‹<>›]‹<>›, c: {#text‹1›: '1'}‹<>›}‹<>›}‹<>›",
        );
        check("<a><![CDATA[<x>]]></a>", "{a: {#text‹<x>›: '<x>'}‹<>›}‹<>›");
        check(
            "<a>&unknown;</a>",
            "{a: {#text‹&unknown;›: '&unknown;'}‹<>›}‹<>›",
        );
        check("\u{feff}<a/>", "{a: {}‹<>›}‹<>›");
    }

    #[test]
    fn closes_what_was_left_open() {
        check(
            "<a><b>x</a>",
            "{a: {b: {#text‹x›: 'x'}‹<x›}‹<>›}‹<>› !recovered !7:mismatched end tag",
        );
        check(
            "<a></b></a>",
            "{a: {}‹<>›}‹<>› !recovered !3:mismatched end tag",
        );
        check(
            "<a><b>",
            "{a: {b: {}‹<>›}‹<>›}‹<>› !recovered !6:element is not closed",
        );
        check("text", "!lexical !0:no element");
    }
}
