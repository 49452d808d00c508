//! YAML, from the events of `granit-parser`.
//!
//! The tree is built on a stack of our own rather than by recursion, so that what
//! was read before a syntax error is kept.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use granit_parser::{Event, Parser, ScalarStyle, ScanError, StrInput, StructureStyle, Tag};

use super::limits::{Budget, MAX_DEPTH, measure, variant_words};
use super::node::{Member, Node, Span, Value};
use super::parsed::{Fault, Parsed};
use super::yaml_scalar;

/// Reads every document of a stream. The error is a limit that the file exceeds.
///
/// After a syntax error the parser goes on only at the next document, so the file
/// is also read with the offending lines blanked; whichever reading gave more is
/// kept.
pub(super) fn read(text: &str) -> Result<Parsed, Fault> {
    let (mut best, mut broken) = stream(text)?;
    let mut mended = text.to_owned();
    let mut faults = Vec::new();
    for _ in 0..MAX_MENDS {
        let Some((line, fault)) = broken.and_then(|f| Some((line_at(&mended, f.offset)?, f)))
        else {
            break;
        };
        faults.push(fault);
        mended.replace_range(line.range(), &" ".repeat(line.len()));
        let (mut again, then) = stream(&mended)?;
        if size(&again) > size(&best) {
            again.faults.splice(0..0, faults.iter().cloned());
            best = again.graded();
        }
        broken = then;
    }
    Ok(best)
}

/// A file broken in more places is broken altogether.
const MAX_MENDS: usize = 8;

/// The line at an offset without its line break; `None` if it is blank already.
fn line_at(text: &str, offset: usize) -> Option<Span> {
    let breaks: [char; 2] = ['\n', '\r'];
    let start = text.get(..offset)?.rfind(breaks).map_or(0, |at| at + 1);
    let rest = text.get(start..)?;
    let line = rest.get(..rest.find(breaks).unwrap_or(rest.len()))?;
    (!line.trim().is_empty()).then(|| Span::new(start, start + line.len()))
}

fn size(parsed: &Parsed) -> usize {
    parsed.documents.iter().map(|node| measure(node).0).sum()
}

/// Reads the stream once. Gives the first syntax error as well.
fn stream(text: &str) -> Result<(Parsed, Option<Fault>), Fault> {
    let options = granit_parser::options! {
        emit_unresolved_aliases: true,
        // A long licence header or a commented-out section is no attack; the size
        // of the text is bounded already.
        max_buffered_comment_events: usize::MAX,
        block_nesting_limit: MAX_DEPTH,
        flow_nesting_limit: MAX_DEPTH,
    };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut builder = Builder::new(text);
    let mut broken = None;
    while let Some(error) = builder.run(&mut parser)? {
        let fault = builder.abandon(&error);
        broken = broken.or(Some(fault));
        if !matches!(parser.proceed_next_document(), Ok(true)) {
            break;
        }
    }
    Ok((builder.finish(), broken))
}

struct Builder<'a> {
    text: &'a str,
    budget: Budget,
    stack: Vec<Frame>,
    /// The root of the current document once it is complete.
    root: Option<Node>,
    anchors: HashMap<usize, Anchored>,
    parsed: Parsed,
}

/// A node that an alias may repeat.
struct Anchored {
    node: Node,
    nodes: usize,
    depth: usize,
}

/// An open collection.
struct Frame {
    start: usize,
    /// End of the last thing read inside.
    end: usize,
    tag: Option<Box<str>>,
    anchor: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping {
        members: Vec<Member>,
        /// A key that waits for its value, and whether it is the merge key.
        key: Option<(String, Span, bool)>,
        /// Indexes of the members to merge from.
        merges: Vec<usize>,
    },
}

/// A finished node with what a mapping needs to know should it be a key.
struct Finished<'a> {
    node: Node,
    /// Where it stands in the text; differs from the node's span for an alias.
    at: Span,
    /// The text of a scalar; any other key is known by its source.
    key: Option<Cow<'a, str>>,
    merge: bool,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            budget: Budget::new(),
            stack: Vec::new(),
            root: None,
            anchors: HashMap::new(),
            parsed: Parsed::strict(Vec::new(), Vec::new()),
        }
    }

    /// Takes events until the stream ends or the parser gives up.
    fn run(&mut self, parser: &mut Parser<'a, StrInput<'a>>) -> Result<Option<ScanError>, Fault> {
        while let Some(next) = parser.next_event() {
            match next {
                Ok((event, span)) => self.take(event, self.span(span))?,
                Err(error) => return Ok(Some(error)),
            }
        }
        Ok(None)
    }

    fn span(&self, span: granit_parser::Span) -> Span {
        let range = span.byte_range().unwrap_or_default();
        let end = range.end.min(self.text.len());
        Span::new(range.start.min(end), end)
    }

    fn take(&mut self, event: Event<'a>, span: Span) -> Result<(), Fault> {
        match event {
            Event::Comment(..) => self.parsed.comments.push(span),
            Event::Scalar(value, style, anchor, tag) => {
                self.budget.admit(self.stack.len() + 1, span.start)?;
                let merge = style == ScalarStyle::Plain && value == "<<" && tag.is_none();
                let node = self.scalar(&value, style, tag.as_deref(), span);
                self.anchor(anchor, &node);
                self.place(Finished {
                    at: node.span,
                    node,
                    key: Some(value),
                    merge,
                });
            }
            Event::SequenceStart(style, anchor, tag) => {
                let content = Content::Sequence(Vec::new());
                self.open(style, anchor, tag.as_deref(), span, content)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                let content = Content::Mapping {
                    members: Vec::new(),
                    key: None,
                    merges: Vec::new(),
                };
                self.open(style, anchor, tag.as_deref(), span, content)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(Some(span)),
            Event::Alias(id) => {
                let node = self.alias(id, span)?;
                self.place(Finished {
                    key: node.scalar().map(|text| Cow::Owned(text.into_owned())),
                    node,
                    at: span,
                    merge: false,
                });
            }
            Event::UnresolvedAlias(_) => {
                let node = self.lost(span, "alias without an anchor")?;
                self.place(Finished {
                    node,
                    at: span,
                    key: None,
                    merge: false,
                });
            }
            Event::DocumentEnd => self.end_document(),
            _ => {}
        }
        Ok(())
    }

    fn scalar(&self, value: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Node {
        let resolved = match tag {
            _ if style != ScalarStyle::Plain => Value::Str(value.to_owned()),
            None => yaml_scalar::plain(value),
            Some(tag) => match tag.core_suffix() {
                Some(core) => yaml_scalar::tagged(core, value),
                None => Value::Str(value.to_owned()),
            },
        };
        let span = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => self.body(span),
            _ => span,
        };
        let mut node = Node::new(span, resolved);
        node.tag = tag.and_then(local);
        node
    }

    /// The body of a block scalar: its first line without the indentation that the
    /// parser strips, and all that follows, up to the last line break.
    fn body(&self, span: Span) -> Span {
        let source = self.text.get(span.range()).unwrap_or_default();
        let skip = if source.starts_with(['|', '>']) {
            source.find('\n').map_or(source.len(), |at| at + 1)
        } else {
            0
        };
        let body = source.get(skip..).unwrap_or_default();
        let blank = body.len() - body.trim_start_matches([' ', '\n', '\r']).len();
        let end = skip + body.trim_end_matches([' ', '\n', '\r', '\t']).len();
        Span::new(
            span.start + skip + blank,
            span.start + end.max(skip + blank),
        )
    }

    fn open(
        &mut self,
        style: StructureStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
        content: Content,
    ) -> Result<(), Fault> {
        self.budget.admit(self.stack.len() + 1, span.start)?;
        let end = match style {
            StructureStyle::Flow => span.end,
            StructureStyle::Block => span.start,
        };
        self.stack.push(Frame {
            start: span.start,
            end,
            tag: tag.and_then(local),
            anchor,
            content,
        });
        Ok(())
    }

    /// Closes the innermost collection. A block collection ends where its last
    /// part ends: the parser notices only at the next token.
    fn close(&mut self, bracket: Option<Span>) {
        let Some(frame) = self.stack.pop() else {
            return;
        };
        let end = match bracket {
            Some(span) if !span.is_empty() && self.is_bracket(span) => span.end,
            _ => frame.end,
        };
        let span = Span::new(frame.start, end);
        let value = match frame.content {
            Content::Sequence(items) => Value::Array(items),
            Content::Mapping {
                mut members,
                key,
                merges,
            } => {
                if let Some((key, key_span, _)) = key {
                    let value = Node::new(Span::new(key_span.end, key_span.end), Value::Null);
                    members.push(Member {
                        key,
                        key_span,
                        value,
                    });
                }
                Value::Object(merge(members, &merges))
            }
        };
        let mut node = Node::new(span, value);
        node.tag = frame.tag;
        self.anchor(frame.anchor, &node);
        self.place(Finished {
            node,
            at: span,
            key: None,
            merge: false,
        });
    }

    fn is_bracket(&self, span: Span) -> bool {
        matches!(span.of(self.text.as_bytes()), b"]" | b"}")
    }

    fn place(&mut self, finished: Finished<'a>) {
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(finished.node);
            return;
        };
        frame.end = frame.end.max(finished.at.end);
        match &mut frame.content {
            Content::Sequence(items) => items.push(finished.node),
            Content::Mapping {
                members,
                key,
                merges,
            } => match key.take() {
                None => {
                    let source = || self.text.get(finished.at.range()).unwrap_or_default();
                    let text = finished
                        .key
                        .map_or_else(|| source().to_owned(), Cow::into_owned);
                    *key = Some((text, finished.at, finished.merge));
                }
                Some((key, key_span, merge)) => {
                    if merge {
                        merges.push(members.len());
                    }
                    members.push(Member {
                        key,
                        key_span,
                        value: finished.node,
                    });
                }
            },
        }
    }

    fn anchor(&mut self, id: usize, node: &Node) {
        if id == 0 {
            return;
        }
        let (nodes, depth) = measure(node);
        // Copies kept for aliases cost as much as the aliases themselves.
        if self.budget.spend(nodes) {
            let node = node.clone();
            self.anchors.insert(id, Anchored { node, nodes, depth });
        }
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<Node, Fault> {
        match self.anchors.get(&id) {
            None => self.lost(span, "alias to an open or oversized node"),
            Some(anchored)
                if self.stack.len() + anchored.depth <= MAX_DEPTH
                    && self.budget.spend(anchored.nodes) =>
            {
                Ok(anchored.node.clone())
            }
            Some(_) => self.lost(span, "aliases expand too far"),
        }
    }

    /// A null in place of an alias that can't be followed.
    fn lost(&mut self, span: Span, what: &str) -> Result<Node, Fault> {
        self.budget.admit(self.stack.len() + 1, span.start)?;
        self.fault(span.start, what.to_owned());
        Ok(Node::new(span, Value::Null))
    }

    fn end_document(&mut self) {
        if let Some(root) = self.root.take() {
            // Nothing between two markers is no document worth a query.
            if !(root.span.is_empty() && root.value == Value::Null) {
                self.parsed.documents.push(root);
            }
        }
        self.anchors.clear();
    }

    /// Keeps what the broken document gave so far.
    fn abandon(&mut self, error: &ScanError) -> Fault {
        let offset = error.marker().byte_offset().unwrap_or_default();
        let fault = self.fault(offset, variant_words(error.kind()));
        while !self.stack.is_empty() {
            self.close(None);
        }
        self.end_document();
        fault
    }

    fn fault(&mut self, offset: usize, what: String) -> Fault {
        let offset = offset.min(self.text.len());
        let fault = Fault { offset, what };
        self.parsed.faults.push(fault.clone());
        fault
    }

    fn finish(mut self) -> Parsed {
        self.parsed.comments.sort_unstable();
        self.parsed.graded()
    }
}

/// The tag as written, unless it is one that only names what the value is anyway.
fn local(tag: &Tag) -> Option<Box<str>> {
    let written = tag.original();
    (tag.is_custom() && written != "!").then(|| written.into())
}

/// Replaces `<<` members by what they bring, appended after the explicit members.
/// Explicit keys win, and of several sources the earlier one.
fn merge(members: Vec<Member>, merges: &[usize]) -> Vec<Member> {
    if merges.is_empty() {
        return members;
    }
    let mut kept = Vec::with_capacity(members.len());
    let mut brought = Vec::new();
    for (index, member) in members.into_iter().enumerate() {
        match member.value.value {
            Value::Object(more) if merges.binary_search(&index).is_ok() => brought.extend(more),
            Value::Array(items)
                if merges.binary_search(&index).is_ok()
                    && items.iter().all(|i| matches!(i.value, Value::Object(_))) =>
            {
                for item in items {
                    if let Value::Object(more) = item.value {
                        brought.extend(more);
                    }
                }
            }
            value => kept.push(Member {
                value: Node {
                    value,
                    ..member.value
                },
                ..member
            }),
        }
    }
    let mut seen: BTreeSet<String> = kept.iter().map(|m| m.key.clone()).collect();
    brought.retain(|m| seen.insert(m.key.clone()));
    kept.append(&mut brought);
    kept
}

#[cfg(test)]
mod tests {
    use super::super::format::Format;

    fn check(text: &str, expected: &str) {
        super::super::render::check(Format::Yaml, text, expected);
    }

    #[test]
    fn reads_scalars_and_their_spans() {
        check(
            "on: push\nn: 1\ns: 'it''s'\nd: \"x\\n\"\ne:\nz: ~\n",
            "{on: 'push', n: 1, s: 'it's'‹'it''s'›, d: 'x␤'‹\"x\\n\"›, e: null‹›, z: null‹~›}‹o~›",
        );
        check("café: é # c\n", "{café: 'é'}‹cé› /# c/");
        check(
            "a: |\n  one\n    two\n\nb: >-\n  x\n  y\nc: |2\n   z\n",
            "{a: 'one␤  two␤'‹one␤    two›, b: 'x y'‹x␤  y›, c: ' z␤'‹z›}‹az›",
        );
        check("a: |\n", "{a: ''}‹a␤›");
        check("just text\n", "'just text'");
    }

    #[test]
    fn reads_collections_and_their_spans() {
        check(
            "a:\n  - b: 1\n    c: 2\n  - [x, {y: z}]\n# end\nd: {}\n",
            "{a: [{b: 1, c: 2}‹b2›, ['x', {y: 'z'}‹{}›]‹[]›]‹-]›, d: {}‹{}›}‹a}› /# end/",
        );
        check(
            "? [a, b]\n: 1\n? x\n2: y\ntrue: z\n",
            "{[a, b]: 1, x: null‹›, 2: 'y', true: 'z'}‹?z›",
        );
        check("a: 1\na: 2\n", "{a: 1, a: 2}‹a2›");
        check("{\n\t\"a\": [1,\r\n\t2]}\r\n", "{a‹\"a\"›: [1, 2]‹[]›}‹{}›");
    }

    #[test]
    fn reads_streams() {
        check(
            "---\na: 1\n---\n---\nb: 2\n...\n",
            "{a: 1}‹a1› --- {b: 2}‹b2›",
        );
        check("", "");
        check("# only\n", "/# only/");
        check("\u{feff}a: 1\n", "{a: 1}‹a1›");
    }

    #[test]
    fn keeps_local_tags() {
        check(
            "a: !Ref B\nb: !Sub [x, y]\nc: !vault |\n  $ANS\nd: !!str 1\ne: ! 2\nf: !GetAtt {g: h}\n",
            "{a: !Ref 'B', b: !Sub ['x', 'y']‹[]›, c: !vault '$ANS␤'‹$ANS›, d: '1', e: '2', f: !GetAtt {g: 'h'}‹{}›}‹a}›",
        );
    }

    #[test]
    fn follows_aliases_and_merge_keys() {
        check(
            "a: &x {k: 1, l: 2}\nb: *x\nc:\n  <<: *x\n  k: 3\nd: {<<: [*x, {m: 4}]}\n",
            "{a: {k: 1, l: 2}‹{}›, b: {k: 1, l: 2}‹{}›, c: {k: 3, l: 2}‹<3›, d: {k: 1, l: 2, m: 4}‹{}›}‹a}›",
        );
        check(
            "a: *none\nb: &r [*r]\n",
            "{a: null‹*none›, b: [null‹*r›]‹[]›}‹a]› !recovered !3:alias without an anchor !16:alias to an open or oversized node",
        );
    }

    #[test]
    fn keeps_what_was_read_before_an_error() {
        check(
            "a: 1\nb: [x, y\n---\nc: 2\n",
            "{a: 1, b: ['x']‹[x›}‹ax› --- {c: 2}‹c2› !recovered !8:unclosed flow collection",
        );
        check(
            "a:\n  b: 1\n c: 2\nd: 3\n",
            "{a: {b: 1}‹b1›, d: 3}‹a3› !recovered !11:expected block mapping key",
        );
        check(
            "a: 'open\n",
            "{a: null‹›}‹aa› !recovered !3:unclosed quoted scalar",
        );
    }

    #[test]
    fn blanks_a_broken_line_when_that_saves_more() {
        check(
            "a: 1\nb: c: d\ne: [2, 3]\nf: {g: h}\n",
            "{a: 1, e: [2, 3]‹[]›, f: {g: 'h'}‹{}›}‹a}› !recovered !9:mapping value not allowed",
        );
        check(
            "a: 1\nb: \"x\ne: [2, 3]\nf: {g: h}\ni: j\n",
            "{a: 1, e: [2, 3]‹[]›, f: {g: 'h'}‹{}›, i: 'j'}‹aj› !recovered !8:unclosed quoted scalar",
        );
    }

    #[test]
    fn aliases_cannot_blow_up() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let list = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb += &format!("a{level}: &a{level} [{list}]\n");
        }
        let parsed = super::read(&bomb).unwrap();
        assert!(!parsed.faults.is_empty());
        assert!(super::measure(&parsed.documents[0]).0 <= super::super::limits::MAX_NODES);
    }
}
