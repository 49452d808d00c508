//! The spanned tree that every structured format is read into.
//!
//! YAML, JSON, TOML, HCL, INI, dotenv and XML all become one [`Node`], so that
//! a rule written as a `JSONPath` query works in each of them, and so that a
//! finding can point at the exact bytes.

use std::borrow::Cow;
use std::fmt;

use jsonpath_rust::query::queryable::Queryable;

/// A half-open range of byte offsets into a document's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte; never less than `start`.
    pub end: usize,
}

impl Span {
    /// A span from `start` to `end`; an end before the start gives an empty span.
    pub const fn new(start: usize, end: usize) -> Self {
        let end = if end < start { start } else { end };
        Self { start, end }
    }

    /// Length in bytes.
    pub const fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span covers no byte.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The same bytes as a standard range.
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start..self.end
    }

    /// Whether the two spans share a byte.
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `other` lies wholly inside.
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The bytes of `text` under the span; empty when it reaches outside.
    pub fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.range()).unwrap_or_default()
    }
}

/// One value of a document with the bytes it stands on.
///
/// Two nodes are equal when their values are, wherever they stand: a query
/// compares a node of the document with a literal that stands nowhere.
#[derive(Clone, Default)]
pub struct Node {
    /// Where the value stands: a string with its quotes, a collection from its
    /// first to its last byte. Empty for a value that has no text of its own.
    pub span: Span,
    /// What the value is.
    pub value: Value,
    /// A tag that changes the meaning: a YAML local tag (`!Ref`, `!vault`), the
    /// name of an HCL function around the value (`jsonencode`), or [`Node::EXPR`].
    pub tag: Option<Box<str>>,
    /// Where it is used, if that is not where it stands: a YAML alias, or the `*name`
    /// after a merge key. Boxed, since hardly any node has one.
    pub alias: Option<Box<Span>>,
}

/// What a [`Node`] holds.
#[derive(Clone, PartialEq, Default)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text, unescaped.
    Str(String),
    /// A sequence.
    Array(Vec<Node>),
    /// A mapping in document order. Duplicate keys are all kept.
    Object(Vec<Member>),
}

/// One key of a mapping and its value.
#[derive(Clone)]
pub struct Member {
    /// The key, unescaped.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// Tag of a value that is an expression to be evaluated later (an HCL
    /// reference, say); its [`Value::Str`] is the expression's source text.
    pub const EXPR: &'static str = "expr";

    /// A node without a tag.
    pub const fn new(span: Span, value: Value) -> Self {
        Self {
            span,
            value,
            tag: None,
            alias: None,
        }
    }

    /// The member called `key`; of duplicates the last one, as most parsers decide.
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.members().iter().rev().find(|m| m.key == key)
    }

    /// The value of the member called `key`.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.member(key).map(|m| &m.value)
    }

    /// The value reached by following `keys` from member to member.
    pub fn at(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The members of an object; empty for any other value.
    pub fn members(&self) -> &[Member] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The items of an array; empty for any other value.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::Array(items) => items,
            _ => &[],
        }
    }

    /// The text of a string.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, also when written as the text `true`, `yes`, `on` or `1`
    /// (or their opposites), as configuration often has it.
    pub fn truth(&self) -> Option<bool> {
        match &self.value {
            Value::Bool(b) => Some(*b),
            Value::Int(n) => Some(*n != 0),
            Value::Str(s) => match s.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Some(true),
                "false" | "no" | "off" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// The scalar as text: a string as it is, a number or truth value as written
    /// in JSON. `None` for null and collections.
    pub fn scalar(&self) -> Option<Cow<'_, str>> {
        match &self.value {
            Value::Str(s) => Some(Cow::Borrowed(s)),
            Value::Bool(b) => Some(Cow::Borrowed(if *b { "true" } else { "false" })),
            Value::Int(n) => Some(Cow::Owned(n.to_string())),
            Value::Float(n) => Some(Cow::Owned(n.to_string())),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// A single value or each item of an array: many formats allow both.
    pub fn one_or_many(&self) -> &[Self] {
        match &self.value {
            Value::Array(items) => items,
            Value::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// Whether the value is computed elsewhere, so that its text isn't a literal.
    pub fn is_expression(&self) -> bool {
        self.tag.as_deref() == Some(Self::EXPR)
    }

    /// Visits this node and everything below it, parents first. `visit` gets the
    /// member a value belongs to, where there is one.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(Option<&'a Member>, &'a Self)) {
        visit(None, self);
        self.walk_below(visit);
    }

    fn walk_below<'a>(&'a self, visit: &mut dyn FnMut(Option<&'a Member>, &'a Self)) {
        match &self.value {
            Value::Array(items) => {
                for item in items {
                    visit(None, item);
                    item.walk_below(visit);
                }
            }
            Value::Object(members) => {
                for member in members {
                    visit(Some(member), &member.value);
                    member.value.walk_below(visit);
                }
            }
            _ => {}
        }
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl PartialEq for Member {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.value == other.value
    }
}

/// Shows shape and place but no content: a document may hold secrets.
impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Int(_) | Value::Float(_) => "number",
            Value::Str(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        write!(f, "{kind}@{}..{}", self.span.start, self.span.end)
    }
}

macro_rules! node_from {
    ($($source:ty => $make:expr),* $(,)?) => {
        $(impl From<$source> for Node {
            fn from(value: $source) -> Self {
                Self::new(Span::default(), $make(value))
            }
        })*
    };
}

node_from! {
    bool => Value::Bool,
    i64 => Value::Int,
    f64 => Value::Float,
    String => Value::Str,
    Vec<Node> => Value::Array,
}

impl From<&str> for Node {
    fn from(value: &str) -> Self {
        Self::from(value.to_owned())
    }
}

/// Lets an RFC 9535 query run over the spanned tree directly.
impl Queryable for Node {
    fn get(&self, key: &str) -> Option<&Self> {
        Self::get(self, key)
    }

    fn as_array(&self) -> Option<&Vec<Self>> {
        match &self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    fn as_object(&self) -> Option<Vec<(&str, &Self)>> {
        match &self.value {
            Value::Object(members) => {
                Some(members.iter().map(|m| (m.key.as_str(), &m.value)).collect())
            }
            _ => None,
        }
    }

    fn as_str(&self) -> Option<&str> {
        self.text()
    }

    fn as_i64(&self) -> Option<i64> {
        match &self.value {
            Value::Int(n) => Some(*n),
            _ => None,
        }
    }

    fn as_f64(&self) -> Option<f64> {
        match &self.value {
            Value::Float(n) => Some(*n),
            _ => None,
        }
    }

    fn as_bool(&self) -> Option<bool> {
        match &self.value {
            Value::Bool(b) => Some(*b),
            _ => None,
        }
    }

    fn null() -> Self {
        Self::default()
    }
}
