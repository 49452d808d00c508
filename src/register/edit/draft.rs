//! A new entry, and adding it at the end of a register.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::{Refusal, parse};
use crate::register::entry::{Category, Register, Status};

/// What stands in for a text that a person has to write. An entry with it is never in
/// force.
pub const TO_DO: &str = "TO DO";

/// How a new register begins.
const HEAD: &str = "version = 1\n";

/// An entry to be written.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its id.
    pub id: String,
    /// One line saying what is excepted.
    pub title: String,
    /// Its kind.
    pub category: Category,
    /// `proposed` or `active`.
    pub status: Status,
    /// Who answers for it.
    pub owner: String,
    /// Who asked for it, where that is known.
    pub requested_by: Option<String>,
    /// Who granted it.
    pub approved_by: Vec<String>,
    /// Why it is needed.
    pub reason: String,
    /// First granted on.
    pub granted: Date,
    /// Last day.
    pub expires: Date,
    /// Length of the review's interval, such as `P90D`.
    pub review_every: String,
    /// Day of the last review.
    pub reviewed: Date,
    /// Addresses of tickets.
    pub tickets: Vec<String>,
    /// Kind and description of each control.
    pub controls: Vec<(String, String)>,
    /// What it covers.
    pub covers: Vec<DraftCover>,
    /// Remarks for the reader, written as comments above the entry.
    pub remarks: Vec<String>,
}

/// One `[[exception.covers]]` to be written. An empty list is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftCover {
    /// Rule ids.
    pub rules: Vec<String>,
    /// Globs.
    pub paths: Vec<String>,
    /// Anchors.
    pub anchors: Vec<String>,
    /// Subjects.
    pub subjects: Vec<String>,
    /// Fingerprints.
    pub fingerprints: Vec<String>,
    /// The most findings it covers.
    pub max: usize,
}

/// The text on one line, without control characters and doubled blanks.
pub fn one_line(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text in quotes, as TOML wants it.
pub(super) fn quoted(text: &str) -> String {
    toml_edit::Value::from(one_line(text)).to_string()
}

/// A list of texts: on one line while that is short, else one a line.
fn list(texts: &[String]) -> String {
    const WIDTH: usize = 78;
    let quoted: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
    let line = format!("[{}]", quoted.join(", "));
    if line.chars().count() <= WIDTH {
        return line;
    }
    let mut out = "[\n".to_owned();
    for text in quoted {
        _ = writeln!(out, "  {text},");
    }
    out.push(']');
    out
}

/// Keys and values with the `=` below one another.
fn block(out: &mut String, pairs: &[(&str, String)]) {
    let width = pairs.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
    for (key, value) in pairs {
        // Writing to a string cannot fail.
        _ = writeln!(out, "{key:width$} = {value}");
    }
}

impl Draft {
    /// The entry as TOML.
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        for remark in &self.remarks {
            _ = writeln!(out, "# {}", one_line(remark));
        }
        out.push_str("[[exception]]\n");
        block(&mut out, &self.head());
        for (kind, what) in &self.controls {
            out.push_str("\n[[exception.control]]\n");
            block(&mut out, &[("type", quoted(kind)), ("what", quoted(what))]);
        }
        for cover in &self.covers {
            out.push_str("\n[[exception.covers]]\n");
            block(&mut out, &cover.pairs());
        }
        out
    }

    fn head(&self) -> Vec<(&'static str, String)> {
        let mut pairs = vec![
            ("id", quoted(&self.id)),
            ("title", quoted(&self.title)),
            ("category", quoted(self.category.name())),
        ];
        if self.status != Status::Active {
            pairs.push(("status", quoted(self.status.name())));
        }
        pairs.push(("owner", quoted(&self.owner)));
        if let Some(by) = &self.requested_by {
            pairs.push(("requested-by", quoted(by)));
        }
        if !self.approved_by.is_empty() {
            pairs.push(("approved-by", list(&self.approved_by)));
        }
        let review = format!(
            "{{ every = {}, last = {} }}",
            quoted(&self.review_every),
            self.reviewed
        );
        pairs.extend([
            ("reason", quoted(&self.reason)),
            ("granted", self.granted.to_string()),
            ("expires", self.expires.to_string()),
            ("review", review),
        ]);
        if !self.tickets.is_empty() {
            pairs.push(("tickets", list(&self.tickets)));
        }
        pairs
    }
}

impl DraftCover {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let lists = [
            ("rules", &self.rules),
            ("paths", &self.paths),
            ("anchors", &self.anchors),
            ("subjects", &self.subjects),
            ("fingerprints", &self.fingerprints),
        ];
        let given = lists.into_iter().filter(|(_, texts)| !texts.is_empty());
        given
            .map(|(key, texts)| (key, list(texts)))
            .chain([("max", self.max.to_string())])
            .collect()
    }
}

/// Adds entries at the end of a register, which may be empty still.
///
/// # Errors
///
/// Says why the file can't be added to.
pub fn append(path: &str, text: &str, drafts: &[Draft]) -> Result<String, Refusal> {
    let document = parse(path, text)?;
    let list = document.get("exception");
    if list.is_some_and(|item| !item.is_array_of_tables()) {
        let what = "`exception` is written as a list in brackets";
        let mend = "write `[[exception]]` above each entry first";
        return Err(Refusal::new(path, what, mend));
    }
    let mut out = if text.trim().is_empty() {
        HEAD.to_owned()
    } else {
        text.to_owned()
    };
    let windows = text.contains("\r\n");
    if !out.ends_with('\n') {
        out.push_str(if windows { "\r\n" } else { "\n" });
    }
    for draft in drafts {
        let entry = format!("\n{}", draft.to_toml());
        out.push_str(&if windows {
            entry.replace('\n', "\r\n")
        } else {
            entry
        });
    }
    Ok(out)
}

/// The next free ids of a year, `EXC-2026-0001` and on.
pub fn next_id(register: &Register, year: i16) -> impl Iterator<Item = String> {
    let start = format!("EXC-{year}-");
    let entries = register.entries.iter().map(|entry| &entry.id.value);
    let taken = entries
        .chain(register.broken.iter().map(|broken| &broken.id))
        .filter_map(|id| id.strip_prefix(&start)?.parse::<u32>().ok())
        .max()
        .unwrap_or(0);
    (1..).map(move |n| format!("{start}{:04}", u64::from(taken) + n))
}
