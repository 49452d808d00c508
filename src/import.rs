//! Rules that a user brings from gitleaks or betterleaks: their TOML file becomes rules as
//! pages are, with the same meaning, and what can't be honoured is said, by rule and line.
//!
//! The format is as gitleaks 8.30 (<https://github.com/gitleaks/gitleaks#configuration>)
//! and betterleaks 2.0 have it. A regex or a value that can't be read is a mistake and
//! stops the run. What byway can't do, such as asking a provider, is a [`Notice`]: the
//! rule is loaded all the same, since a rule that finds too much is seen, and one that
//! finds too little isn't.

mod condition;
mod convert;
mod example;
pub mod exceptions;
mod file;
mod go;
mod literals;
mod write;

use std::collections::BTreeMap;

use crate::rule::Rule;
use crate::rule::page::PageError;

use convert::{Common, convert};
use file::{File, Log, Written};

pub use write::{Shown, page};

/// What every brought rule's name begins with, so that none is ever called like one of
/// byway's own.
pub const PREFIX: &str = "custom-";

/// Something of a rule file that byway can't honour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The file.
    pub path: String,
    /// Line, counted from 1.
    pub line: u32,
    /// The rule as the file names it, if it is about one.
    pub rule: Option<String>,
    /// What can't be honoured.
    pub what: String,
    /// What that means for the scan.
    pub so: String,
}

/// A rule that was brought, and where it stands in its file.
#[derive(Debug, Clone)]
pub struct Brought {
    /// The rule.
    pub rule: Rule,
    /// `FILE:LINE`.
    pub from: String,
}

/// What a rule file holds.
#[derive(Debug, Default)]
pub struct Imported {
    /// Its rules, and those of the files that it extends, in order.
    pub rules: Vec<Brought>,
    /// What of it can't be honoured.
    pub notices: Vec<Notice>,
}

/// Reads the file of which a file, given first, has the path: its name and text.
pub type Open<'o> = dyn Fn(&str, &str) -> Result<(String, String), String> + 'o;

/// Files that extend each other, at most; as many as gitleaks reads, and one more.
const DEEPEST: usize = 3;

/// Reads a rule file. `open` reads the file that `extend.path` names in the file given
/// first, and returns its name and text.
///
/// # Errors
///
/// Returns every mistake found, with file, line and mend.
pub fn read(name: &str, text: &str, open: &Open<'_>) -> Result<Imported, Vec<PageError>> {
    let mut log = Log::default();
    let file = extended(name, text, open, &mut log, 1);
    let common = Common::of(&file, &mut log);
    let mut rules = Vec::new();
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    for written in &file.rules {
        let Some(brought) = convert(written, &file, &common, &mut log) else {
            continue;
        };
        let id = brought.rule.id.to_string();
        if let Some(other) = places.insert(id, brought.from.clone()) {
            log.errors.push(written.id.place.wrong(
                format!("`{}` has the name of the rule at {other}", written.id.text),
                "give one of them another id; only letters and digits tell ids apart",
            ));
        }
        rules.push(brought);
    }
    if rules.is_empty() && log.errors.is_empty() {
        let what = if file.rules.is_empty() {
            "the file holds no rule"
        } else {
            "the file holds no rule that byway can run"
        };
        log.errors.push(PageError {
            path: name.to_owned(),
            line: 1,
            column: 1,
            what: what.to_owned(),
            mend: "write `[[rules]]` with `id` and `regex`; its allowlists have no effect on byway's own rules".to_owned(),
        });
    }
    if log.errors.is_empty() {
        Ok(Imported {
            rules,
            notices: log.notices,
        })
    } else {
        Err(log.errors)
    }
}

/// Reads a file and what it extends.
fn extended(name: &str, text: &str, open: &Open<'_>, log: &mut Log, depth: usize) -> File {
    let mut file = file::read(name, text, log);
    let mut base = File::default();
    if let Some(path) = file.extends.take() {
        if depth == DEEPEST {
            log.errors.push(path.place.wrong(
                "too many files extend each other",
                format!("let at most {DEEPEST} files stand in a row"),
            ));
        } else {
            match open(name, &path.text) {
                Ok((name, text)) => base = extended(&name, &text, open, log, depth + 1),
                Err(error) => log.errors.push(path.place.wrong(
                    format!("`{}` can't be read: {error}", path.text),
                    "write a path from this file's folder, or the current one",
                )),
            }
        }
    }
    for id in &file.disabled {
        let before = base.rules.len();
        base.rules.retain(|rule| rule.id.text != id.text);
        if base.rules.len() == before {
            log.note(
                &id.place,
                None,
                format!(
                    "`disabledRules` names `{}`, which no extended file holds",
                    id.text
                ),
                "nothing is left out for it; `--skip-rule` leaves out rules of byway's own",
            );
        }
    }
    merge(&mut base.rules, file.rules);
    base.allow.append(&mut file.allow);
    base.filters.append(&mut file.filters);
    base
}

/// Adds rules to those of the file that is extended. One of the same id changes it: its
/// lists are added, the rest replaced, as in gitleaks.
fn merge(base: &mut Vec<Written>, rules: Vec<Written>) {
    for rule in rules {
        let Some(old) = base.iter_mut().find(|old| old.id.text == rule.id.text) else {
            base.push(rule);
            continue;
        };
        old.id = rule.id;
        old.description = rule.description.or(old.description.take());
        old.path = rule.path.or(old.path.take());
        old.entropy = rule.entropy.or(old.entropy);
        if rule.regex.is_some() {
            old.regex = rule.regex;
            old.group = rule.group;
        } else if rule.group.is_some() {
            old.group = rule.group;
        }
        old.keywords.extend(rule.keywords);
        old.tags.extend(rule.tags);
        old.confidence = rule.confidence.or(old.confidence);
        old.allow.extend(rule.allow);
        old.filters.extend(rule.filters);
        old.needs.extend(rule.needs);
        old.silent |= rule.silent;
        old.no_words |= rule.no_words;
    }
}

#[cfg(test)]
mod tests;
