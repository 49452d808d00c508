//! The tree of a YAML document from the parser's events, built on a stack of our
//! own rather than by recursion, so that what was read before an error is kept.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use granit_parser::{Event, Parser, ScalarStyle, ScanError, StrInput, StructureStyle, Tag};

use super::limits::{Budget, MAX_DEPTH, Size, fault, measure, variant_words};
use super::node::{Member, Node, Span, Value};
use super::parsed::{Fault, Parsed};
use super::yaml_scalar;

/// Gathers the documents of a stream.
pub(super) struct Builder<'a> {
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
    size: Size,
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
    pub(super) fn new(text: &'a str) -> Self {
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
    pub(super) fn run(
        &mut self,
        parser: &mut Parser<'a, StrInput<'a>>,
    ) -> Result<Option<ScanError>, Fault> {
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
                // Most likely a glob that should have been quoted.
                let mut node = self.lost(span, "alias without an anchor")?;
                let source = self.text.get(span.range()).unwrap_or_default();
                node.value = Value::Str(source.to_owned());
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
        let size = measure(node);
        // Copies kept for aliases cost as much as the aliases themselves.
        if self.budget.repeat(size.nodes, size.bytes) {
            let node = node.clone();
            self.anchors.insert(id, Anchored { node, size });
        }
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<Node, Fault> {
        match self.anchors.get(&id) {
            None => self.lost(span, "alias to an open or oversized node"),
            Some(anchored)
                if self.stack.len() + anchored.size.depth <= MAX_DEPTH
                    && (self.budget).repeat(anchored.size.nodes, anchored.size.bytes) =>
            {
                let mut node = anchored.node.clone();
                node.alias = Some(Box::new(span));
                Ok(node)
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
    pub(super) fn abandon(&mut self, error: &ScanError) -> Fault {
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
        let fault = fault(offset, what);
        self.parsed.faults.push(fault.clone());
        fault
    }

    pub(super) fn finish(mut self) -> Parsed {
        self.parsed.comments.sort_unstable();
        self.parsed.graded()
    }
}

/// The tag as written, unless it is one that only names what the value is anyway.
fn local(tag: &Tag) -> Option<Box<str>> {
    let written = tag.original();
    (tag.is_custom() && written != "!").then(|| written.into())
}

/// Members that a merge key brings: they are used where the alias stands.
fn used_at(mut members: Vec<Member>, alias: Option<&Span>) -> Vec<Member> {
    for member in &mut members {
        if member.value.alias.is_none() {
            member.value.alias = alias.map(|span| Box::new(*span));
        }
    }
    members
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
            Value::Object(more) if merges.binary_search(&index).is_ok() => {
                brought.extend(used_at(more, member.value.alias.as_deref()));
            }
            Value::Array(items)
                if merges.binary_search(&index).is_ok()
                    && items.iter().all(|i| matches!(i.value, Value::Object(_))) =>
            {
                for item in items {
                    if let Value::Object(more) = item.value {
                        brought.extend(used_at(more, item.alias.as_deref()));
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
