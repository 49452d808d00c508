//! What a register or policy file says, whichever language it is written in: values with
//! the bytes they stand on.

use std::borrow::Cow;
use std::ops::Range;

use jiff::civil::Date;
use toml::de::{DeTable, DeValue};

/// A value and where it stands.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) value: Value<'a>,
    pub(super) span: Range<usize>,
}

/// A value.
#[derive(Debug)]
pub(super) enum Value<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// A whole number; `None` where it is negative or too large to count with.
    Whole(Option<u32>),
    /// Any other number.
    Fraction,
    /// True or false.
    Truth(bool),
    /// A day of the calendar.
    Date(Date),
    /// Some other point in time.
    Time(Time),
    /// Nothing, written out.
    Nothing,
    /// A list.
    List(Vec<Node<'a>>),
    /// A table.
    Table(Table<'a>),
}

/// A point in time that isn't a day.
#[derive(Debug, Clone, Copy)]
pub(super) enum Time {
    /// It has no date.
    Dateless,
    /// It has a time besides its date.
    Timed,
    /// There is no such day.
    Impossible,
}

impl Value<'_> {
    /// The text, where it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A key of a table.
#[derive(Debug)]
pub(super) struct Name<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) span: Range<usize>,
}

/// A table, its pairs in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Table<'a> {
    pub(super) pairs: Vec<(Name<'a>, Node<'a>)>,
}

impl<'a> Table<'a> {
    /// The key of this name and its value.
    pub(super) fn pair(&self, name: &str) -> Option<(&Name<'a>, &Node<'a>)> {
        let mut pairs = self.pairs.iter();
        let (key, node) = pairs.find(|(key, _)| key.text == name)?;
        Some((key, node))
    }

    /// The value under a key.
    pub(super) fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.pair(name).map(|(_, node)| &node.value)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.pair(name).is_some()
    }

    /// Where a key and its value stand.
    pub(super) fn at(&self, name: &str) -> Option<Range<usize>> {
        self.pair(name).map(|(key, node)| whole(key, node))
    }
}

/// From the key to the end of its value. A table with a header of its own has a value
/// that starts before its key.
pub(super) fn whole(key: &Name<'_>, node: &Node<'_>) -> Range<usize> {
    key.span.start..node.span.end.max(key.span.end)
}

/// A table of a TOML file.
pub(super) fn of_toml(table: DeTable<'_>) -> Table<'_> {
    let pairs = table.into_iter().map(|(key, value)| {
        let name = Name {
            span: key.span(),
            text: key.into_inner(),
        };
        (name, node(value))
    });
    Table {
        pairs: pairs.collect(),
    }
}

fn node(value: toml::Spanned<DeValue<'_>>) -> Node<'_> {
    let span = value.span();
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text),
        DeValue::Integer(number) => {
            Value::Whole(u32::from_str_radix(number.as_str(), number.radix()).ok())
        }
        DeValue::Float(_) => Value::Fraction,
        DeValue::Boolean(truth) => Value::Truth(truth),
        DeValue::Datetime(when) => match (when.date, when.time) {
            (None, _) => Value::Time(Time::Dateless),
            (Some(_), Some(_)) => Value::Time(Time::Timed),
            (Some(date), None) => day(date.year, date.month, date.day)
                .map_or(Value::Time(Time::Impossible), Value::Date),
        },
        DeValue::Array(items) => Value::List(items.into_iter().map(node).collect()),
        DeValue::Table(table) => Value::Table(of_toml(table)),
    };
    Node { value, span }
}

/// A day of the calendar.
pub(super) fn day(year: u16, month: u8, day: u8) -> Option<Date> {
    let small = |n: u8| i8::try_from(n).ok();
    Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()
}
