//! A register written in YAML, as the same values that one in TOML has.
//!
//! Whatever two readers could take differently is refused: anchors and aliases, merge
//! keys, tags, keys that come twice, several documents.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle};

use super::value::{Name, Node, Table, Time, Value, day};

/// Why a file can't be read, and where.
pub(super) struct Refusal {
    pub(super) at: Range<usize>,
    pub(super) what: String,
    pub(super) mend: &'static str,
}

/// How deep values may be nested.
const DEEPEST: usize = 32;

/// Reads a file that is one table.
pub(super) fn read(text: &str) -> Result<Table<'_>, Refusal> {
    let options = granit_parser::options! {
        max_buffered_comment_events: usize::MAX,
        block_nesting_limit: DEEPEST,
        flow_nesting_limit: DEEPEST,
    };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut reader = Reader {
        text,
        open: Vec::new(),
        root: None,
    };
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| {
            let at = error.marker().byte_offset().unwrap_or_default();
            refusal(
                at..at,
                format!("this is not YAML ({})", error.info()),
                "correct it as https://yaml.org/spec/1.2.2/ describes",
            )
        })?;
        let range = span.byte_range().unwrap_or_default();
        let end = range.end.min(text.len());
        reader.take(event, range.start.min(end)..end)?;
    }
    match reader.root {
        None => Ok(Table::default()),
        Some(Node {
            value: Value::Table(table),
            ..
        }) => Ok(table),
        Some(node) => Err(refusal(
            node.span,
            "the file is not a table",
            "begin the file with `version: 1`",
        )),
    }
}

fn refusal(at: Range<usize>, what: impl Into<String>, mend: &'static str) -> Refusal {
    let what = what.into();
    Refusal { at, what, mend }
}

/// A collection whose end hasn't come.
struct Open<'a> {
    start: usize,
    /// Where the last thing in it ends.
    end: usize,
    content: Content<'a>,
}

enum Content<'a> {
    List(Vec<Node<'a>>),
    /// A table, and a key that waits for its value.
    Table(Table<'a>, Option<Name<'a>>),
}

struct Reader<'a> {
    text: &'a str,
    open: Vec<Open<'a>>,
    root: Option<Node<'a>>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, event: Event<'a>, at: Range<usize>) -> Result<(), Refusal> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                plain(anchor, tag.is_some(), &at)?;
                if style == ScalarStyle::Plain {
                    let value = scalar(text.clone());
                    self.place(Node { value, span: at }, Some(text), true)
                } else {
                    let value = Value::Text(text.clone());
                    self.place(Node { value, span: at }, Some(text), false)
                }
            }
            Event::SequenceStart(_, anchor, tag) => {
                plain(anchor, tag.is_some(), &at)?;
                self.begin(at, Content::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                plain(anchor, tag.is_some(), &at)?;
                self.begin(at, Content::Table(Table::default(), None))
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(&at),
            Event::Alias(_) | Event::UnresolvedAlias(_) => Err(refusal(
                at,
                "an alias says elsewhere what stands here",
                "write it out, or in quotes when it is text",
            )),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, at: Range<usize>, content: Content<'a>) -> Result<(), Refusal> {
        if let Some(Open {
            content: Content::Table(_, None),
            ..
        }) = self.open.last()
        {
            let what = "a key is a list or a table";
            return Err(refusal(at, what, "write a name as the key"));
        }
        self.open.push(Open {
            start: at.start,
            end: at.start,
            content,
        });
        Ok(())
    }

    fn close(&mut self, at: &Range<usize>) -> Result<(), Refusal> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        // A collection in brackets ends with them; any other where its last part ends.
        let closed = matches!(self.text.get(at.clone()), Some("]" | "}"));
        let end = if closed { at.end } else { open.end };
        let value = match open.content {
            Content::List(items) => Value::List(items),
            Content::Table(table, _) => Value::Table(table),
        };
        let span = open.start..end.max(open.start);
        self.place(Node { value, span }, None, false)
    }

    /// Puts a value, whose text is given for one that is no collection, where it belongs.
    fn place(
        &mut self,
        node: Node<'a>,
        text: Option<Cow<'a, str>>,
        is_plain: bool,
    ) -> Result<(), Refusal> {
        let Some(open) = self.open.last_mut() else {
            if self.root.is_some() {
                let what = "a second document begins here";
                return Err(refusal(node.span, what, "write one document a file"));
            }
            if !matches!(node.value, Value::Nothing) {
                self.root = Some(node);
            }
            return Ok(());
        };
        open.end = open.end.max(node.span.end);
        match &mut open.content {
            Content::List(items) => items.push(node),
            Content::Table(table, waiting) => match (waiting.take(), text) {
                (Some(name), _) => table.pairs.push((name, node)),
                (None, Some(text)) if is_plain && text == "<<" => {
                    let what = "a merge key says elsewhere what stands here";
                    return Err(refusal(node.span, what, "write the keys out"));
                }
                (None, Some(text)) if table.has(&text) => {
                    let what = "this key stands here already";
                    return Err(refusal(node.span, what, "keep one of the two"));
                }
                (None, text) => {
                    *waiting = Some(Name {
                        text: text.unwrap_or_default(),
                        span: node.span,
                    });
                }
            },
        }
        Ok(())
    }
}

/// Refuses what changes a value's meaning.
fn plain(anchor: usize, tagged: bool, at: &Range<usize>) -> Result<(), Refusal> {
    if anchor != 0 {
        let what = "an anchor stands before this value";
        return Err(refusal(at.clone(), what, "take it out"));
    }
    if tagged {
        let what = "a tag stands before this value";
        return Err(refusal(at.clone(), what, "take it out"));
    }
    Ok(())
}

/// What a text without quotes means: the core schema of YAML 1.2, and a day as TOML
/// has it.
fn scalar(text: Cow<'_, str>) -> Value<'_> {
    match text.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Nothing,
        "true" | "True" | "TRUE" => return Value::Truth(true),
        "false" | "False" | "FALSE" => return Value::Truth(false),
        _ => {}
    }
    if let Some(when) = when(&text) {
        return when;
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(&text);
    if !unsigned.is_empty() && unsigned.bytes().all(|b| b.is_ascii_digit()) {
        return Value::Whole(text.parse().ok());
    }
    let numeric = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if numeric && text.parse::<f64>().is_ok() {
        return Value::Fraction;
    }
    Value::Text(text)
}

/// `2026-12-31`, or that with a time after it.
fn when(text: &str) -> Option<Value<'static>> {
    let (date, rest) = text.split_at_checked(10)?;
    let mut parts = date.split('-');
    let (year, month, last) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let shaped = year.len() == 4 && month.len() == 2 && last.len() == 2;
    if !shaped || parts.next().is_some() || ![year, month, last].into_iter().all(digits) {
        return None;
    }
    if rest.starts_with(['T', 't', ' ']) {
        return Some(Value::Time(Time::Timed));
    }
    let found = day(year.parse().ok()?, month.parse().ok()?, last.parse().ok()?);
    let value = found.map_or(Value::Time(Time::Impossible), Value::Date);
    rest.is_empty().then_some(value)
}
