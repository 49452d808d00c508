//! The shape that a table must have, and what to say where it hasn't.
//!
//! A table's shape is data (a list of [`Key`]s), checked in one pass that records
//! every deviation with the bytes it stands on. What reads the values afterwards
//! can then leave out whatever isn't as expected, since that was said already.

use std::ops::Range;

use jiff::Span as Period;

use super::globs::{self, Refusal};
use super::value::{Node, Table, Time, Value, whole};
use super::words::{join, nearest, shown};
use crate::finding::{Fingerprint, veil};

/// What a value must be.
pub(super) enum Kind {
    /// Text that isn't blank.
    Text,
    /// Letters, digits and `-_.:/#`, so that a comment can point at an entry.
    Id,
    /// A list of texts with at least one, none of them blank.
    Texts,
    /// A list of rule ids.
    Rules,
    /// A list of path globs.
    Globs,
    /// A fingerprint.
    Fingerprint,
    /// A list of fingerprints.
    Fingerprints,
    /// A date without a time.
    Date,
    /// An ISO 8601 duration of whole days.
    Days,
    /// The same, and `P0D` too.
    DaysOrNone,
    /// An ISO 8601 duration of any length.
    Period,
    /// A whole number, at least this.
    Count(u32),
    /// True or false.
    Truth,
    /// A file of the repository, by its path relative to the root.
    Path,
    /// The address of a page.
    Url,
    /// One of these names.
    Name(&'static [&'static str]),
    /// A table of this shape.
    Table(&'static [Key]),
    /// A list of tables of this shape, at least one.
    Tables(&'static [Key]),
}

/// A key that a table may have.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

/// A key that must be there.
pub(super) const fn must(name: &'static str, kind: Kind) -> Key {
    Key {
        name,
        kind,
        required: true,
    }
}

/// A key that may be there.
pub(super) const fn may(name: &'static str, kind: Kind) -> Key {
    Key {
        name,
        kind,
        required: false,
    }
}

/// A deviation from the shape.
#[derive(Debug)]
pub(super) struct Complaint {
    /// The rule it falls under.
    pub(super) rule: &'static str,
    /// The key, dotted.
    pub(super) key: String,
    /// Where.
    pub(super) at: Range<usize>,
    /// What is wrong.
    pub(super) what: String,
    /// What to write instead.
    pub(super) mend: String,
}

pub(super) const MALFORMED: &str = "register/malformed";
pub(super) const INCOMPLETE: &str = "register/incomplete";
pub(super) const TOO_BROAD: &str = "register/too-broad";

/// Collects the deviations of one table and of those below it.
pub(super) struct Checker {
    pub(super) complaints: Vec<Complaint>,
}

impl Checker {
    pub(super) const fn new() -> Self {
        Self {
            complaints: Vec::new(),
        }
    }

    /// Adds a deviation.
    pub(super) fn say(
        &mut self,
        rule: &'static str,
        key: &str,
        at: Range<usize>,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.complaints.push(Complaint {
            rule,
            key: key.to_owned(),
            at,
            what: what.into(),
            mend: mend.into(),
        });
    }

    /// Checks a table. `header` is where a missing key is reported, `path` the
    /// dotted name of the table.
    pub(super) fn table(
        &mut self,
        table: &Table<'_>,
        header: &Range<usize>,
        path: &str,
        shape: &'static [Key],
    ) {
        for (key, node) in &table.pairs {
            let name = key.text.as_ref();
            if name.starts_with("x_") || name.starts_with("x-") {
                continue;
            }
            let dotted = join(path, name);
            let at = whole(key, node);
            match shape.iter().find(|k| k.name == name) {
                Some(known) => self.value(node, at, &dotted, known),
                None => self.say(
                    MALFORMED,
                    &dotted,
                    key.span.clone(),
                    format!("the key `{}` is unknown", shown(name)),
                    nearest(name, shape.iter().map(|k| k.name)),
                ),
            }
        }
        for known in shape.iter().filter(|k| k.required) {
            if !table.has(known.name) {
                let dotted = join(path, known.name);
                self.say(
                    INCOMPLETE,
                    &dotted,
                    header.clone(),
                    format!("`{dotted}` is missing"),
                    format!("add `{}`: {}", known.name, expected(&known.kind)),
                );
            }
        }
    }

    fn value(&mut self, node: &Node<'_>, at: Range<usize>, path: &str, key: &Key) {
        match (&key.kind, &node.value) {
            (Kind::Table(shape), Value::Table(table)) => {
                self.table(table, &node.span, path, shape);
            }
            (Kind::Tables(shape), Value::List(items)) => {
                self.tables(items, at, path, key, shape);
            }
            (Kind::Texts | Kind::Rules | Kind::Globs | Kind::Fingerprints, Value::List(items)) => {
                self.list(items, at, path, key);
            }
            (Kind::Text | Kind::Id | Kind::Name(_), Value::Text(text))
                if text.trim().is_empty() =>
            {
                let rule = if key.required { INCOMPLETE } else { MALFORMED };
                let mend = format!("write {}", expected(&key.kind));
                self.say(rule, path, at, format!("`{path}` is blank"), mend);
            }
            (kind, value) => {
                if let Some((what, mend)) = scalar(kind, value) {
                    self.say(MALFORMED, path, at, format!("`{path}` {what}"), mend);
                }
            }
        }
    }

    fn tables(
        &mut self,
        items: &[Node<'_>],
        at: Range<usize>,
        path: &str,
        key: &Key,
        shape: &'static [Key],
    ) {
        if items.is_empty() {
            let rule = if key.required { INCOMPLETE } else { MALFORMED };
            self.say(
                rule,
                path,
                at,
                format!("`{path}` is empty"),
                "add at least one, or leave the key out",
            );
            return;
        }
        for (n, item) in items.iter().enumerate() {
            let dotted = format!("{path}[{n}]");
            if let Value::Table(table) = &item.value {
                self.table(table, &item.span, &dotted, shape);
            } else {
                let what = format!("`{dotted}` is {}", kind_of(&item.value));
                self.say(MALFORMED, &dotted, item.span.clone(), what, "write a table");
            }
        }
    }

    fn list(&mut self, items: &[Node<'_>], at: Range<usize>, path: &str, key: &Key) {
        if items.is_empty() {
            let mend = format!("write {}, or leave the key out", expected(&key.kind));
            self.say(MALFORMED, path, at, format!("`{path}` is empty"), mend);
            return;
        }
        for (n, item) in items.iter().enumerate() {
            let dotted = format!("{path}[{n}]");
            if let Some((rule, what, mend)) = listed(&key.kind, &item.value) {
                self.say(
                    rule,
                    &dotted,
                    item.span.clone(),
                    format!("{what} (`{dotted}`)"),
                    mend,
                );
            }
        }
    }
}

/// What is wrong with one item of a list.
fn listed(kind: &Kind, item: &Value<'_>) -> Option<(&'static str, String, String)> {
    let Some(text) = item.text() else {
        let what = format!("this is {}", kind_of(item));
        return Some((MALFORMED, what, "write text in quotes".to_owned()));
    };
    let own = |rule, what: &str, mend: &str| Some((rule, what.to_owned(), mend.to_owned()));
    match kind {
        Kind::Globs => match globs::check(text) {
            Ok(()) => None,
            Err(Refusal::TooBroad(what, mend)) => own(TOO_BROAD, what, mend),
            Err(Refusal::Malformed(what, mend)) => own(MALFORMED, what, mend),
        },
        _ if text.trim().is_empty() => {
            own(MALFORMED, "this text is blank", "write one, or take it out")
        }
        Kind::Rules if text.contains(['*', '?', '[', '{']) => own(
            TOO_BROAD,
            "a rule id holds no wildcard",
            "name each rule, such as `static-key/generic-secret`",
        ),
        Kind::Fingerprints => {
            let (what, mend) = scalar(&Kind::Fingerprint, item)?;
            Some((MALFORMED, what, mend))
        }
        _ => None,
    }
}

/// What is wrong with a value that is no collection, and what to write.
fn scalar(kind: &Kind, value: &Value<'_>) -> Option<(String, String)> {
    let wrong = |what: &str| Some((what.to_owned(), format!("write {}", expected(kind))));
    match kind {
        Kind::Text if value.text().is_some() => None,
        Kind::Truth if matches!(value, Value::Truth(_)) => None,
        Kind::Path => match value.text() {
            Some(text) if is_path(text) => None,
            Some(_) => wrong("is no path within the repository"),
            None => wrong(&format!("is {}", kind_of(value))),
        },
        Kind::Url => match value.text() {
            Some(text) if is_url(text) => None,
            Some(_) => wrong("is no address of a page"),
            None => wrong(&format!("is {}", kind_of(value))),
        },
        Kind::Id => match value.text() {
            // Every report shows it.
            Some(text) if veil(text) != text => wrong("looks like a key"),
            Some(text) if is_id(text) => None,
            Some(_) => wrong("holds a character that an id can't have"),
            None => wrong(&format!("is {}", kind_of(value))),
        },
        Kind::Name(names) => match value.text() {
            Some(text) if names.contains(&text) => None,
            Some(_) => wrong("is none of the names that are known"),
            None => wrong(&format!("is {}", kind_of(value))),
        },
        Kind::Fingerprint => match value.text() {
            Some(text) if fingerprint(text).is_some() => None,
            Some(_) => wrong("is not a fingerprint"),
            None => wrong(&format!("is {}", kind_of(value))),
        },
        Kind::Date => match value {
            Value::Date(_) => None,
            Value::Time(Time::Dateless) => wrong("is a time without a date"),
            Value::Time(Time::Timed) => wrong("has a time, but holds to the end of the day"),
            Value::Time(Time::Impossible) => wrong("is no day of the calendar"),
            Value::Text(_) => wrong("is a date written as text"),
            _ => wrong(&format!("is {}", kind_of(value))),
        },
        Kind::Days | Kind::DaysOrNone | Kind::Period => match value.text() {
            Some(text) if period(kind, text).is_some() => None,
            Some(_) => wrong("is not such a duration"),
            None => wrong(&format!("is {}", kind_of(value))),
        },
        Kind::Count(_) => match value {
            Value::Whole(_) if count(kind, value).is_some() => None,
            Value::Whole(_) => wrong("is out of range"),
            _ => wrong(&format!("is {}", kind_of(value))),
        },
        _ => wrong(&format!("is {}", kind_of(value))),
    }
}

/// What to write, as the end of a sentence that begins with "write".
fn expected(kind: &Kind) -> String {
    match kind {
        Kind::Text => "text in quotes".to_owned(),
        Kind::Id => {
            "an id of letters, digits, `-`, `_`, `.`, `:` and `/`, such as \"EXC-2026-0001\""
                .to_owned()
        }
        Kind::Texts => "a list of texts in quotes".to_owned(),
        Kind::Rules => "a list of rule ids, such as [\"static-key/generic-secret\"]".to_owned(),
        Kind::Globs => "a list of globs, such as [\"batch/settlement/**\"]".to_owned(),
        Kind::Fingerprint => "the 32 hexadecimal digits that a report shows".to_owned(),
        Kind::Fingerprints => {
            "a list of fingerprints of 32 hexadecimal digits, as a report shows them".to_owned()
        }
        Kind::Date => "a date without quotes, such as 2026-12-31".to_owned(),
        Kind::Days | Kind::DaysOrNone => {
            "an ISO 8601 duration in days, weeks, months or years, such as \"P90D\"".to_owned()
        }
        Kind::Period => "an ISO 8601 duration, such as \"PT4H\" or \"P3D\"".to_owned(),
        Kind::Count(least) => format!("a whole number of {least} or more"),
        Kind::Name(names) => format!("one of \"{}\"", names.join("\", \"")),
        Kind::Truth => "true or false".to_owned(),
        Kind::Path => {
            "the path of a file from the root of the repository, such as \"infra/egress.tf\""
                .to_owned()
        }
        Kind::Url => "an address that begins with `https://`".to_owned(),
        Kind::Table(_) => "a table".to_owned(),
        Kind::Tables(_) => "a list of tables".to_owned(),
    }
}

/// The name of a value's type.
pub(super) const fn kind_of(value: &Value<'_>) -> &'static str {
    match value {
        Value::Text(_) => "text",
        Value::Whole(_) | Value::Fraction => "a number",
        Value::Truth(_) => "a truth value",
        Value::Date(_) | Value::Time(_) => "a date or time",
        Value::Nothing => "nothing",
        Value::List(_) => "a list",
        Value::Table(_) => "a table",
    }
}

pub(super) fn is_id(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/'))
}

/// Whether a text is a path from the root that stays below it.
fn is_path(text: &str) -> bool {
    let drive = text.as_bytes().get(1) == Some(&b':');
    !drive
        && !text.contains(['\\', '\0'])
        && text
            .split('/')
            .all(|part| !matches!(part.trim(), "" | "." | ".."))
}

fn is_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
}

/// A fingerprint, with or without the name of its version before it.
pub(super) fn fingerprint(text: &str) -> Option<Fingerprint> {
    text.strip_prefix("byway1:").unwrap_or(text).parse().ok()
}

/// A duration of the given kind.
pub(super) fn period(kind: &Kind, text: &str) -> Option<Period> {
    // jiff also reads "90 days"; a register has one way to write a duration.
    let iso = text.starts_with('P')
        && text
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let period: Period = text.parse().ok().filter(|_| iso)?;
    let whole_days = !text.contains('T');
    let fits = match kind {
        Kind::Days => whole_days && period.is_positive(),
        Kind::DaysOrNone => whole_days && !period.is_negative(),
        _ => period.is_positive(),
    };
    // A length that leads past the end of the calendar is of no use to anyone.
    let start = jiff::civil::date(2000, 1, 1);
    (fits && start.checked_add(period).is_ok()).then_some(period)
}

/// A whole number that isn't too small.
pub(super) fn count(kind: &Kind, value: &Value<'_>) -> Option<u32> {
    match (kind, value) {
        (Kind::Count(least), Value::Whole(number)) => number.filter(|n| n >= least),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_durations() {
        let ok = |kind, text| period(&kind, text).is_some();
        assert!(ok(Kind::Days, "P90D") && ok(Kind::Days, "P2W") && ok(Kind::Days, "P1Y6M"));
        assert!(ok(Kind::Period, "PT4H") && ok(Kind::DaysOrNone, "P0D"));
        for text in [
            "", "P", "90", "90d", "90 days", "p90d", "-P3D", "P0D", "PT4H", "P1.5D", "P99999Y",
        ] {
            assert!(!ok(Kind::Days, text), "{text}");
        }
    }
}
