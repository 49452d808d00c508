//! The one checker of rule pages: for our own, in CI, and for a user's.
//!
//! Every example of every page is scanned with every rule. The page's own rule must
//! fire on exactly the lines that a `bad` example names and not at all on a `good`
//! one; no other rule may fire on either (cross-fire), unless the page lists it in
//! `also`. So a new example tests all old rules, and a new rule is tested by all old
//! examples.

use std::collections::BTreeSet;

use crate::detect::{Engine, Scratch};
use crate::document::Document;
use crate::finding::{Confidence, Finding};
use crate::rule::page::{Example, Expect, Page, PageError};
use crate::rule::{Class, sample};

/// Checks the examples of `page`, which stands at `path`, with all rules of `engine`.
/// Returns what is wrong, with the line in the page.
pub fn page(page: &Page, path: &str, engine: &Engine) -> Vec<PageError> {
    let mut errors = Vec::new();
    for example in &page.examples {
        if example.expect == Expect::Context {
            continue;
        }
        match fired(page, example, engine) {
            Ok(fired) => compare(page, example, &fired, path, &mut errors),
            Err(what) => errors.push(error(path, example.line, what, "mend the placeholder")),
        }
    }
    errors
}

/// A rule that fired, and the line, counted from 1 in the example.
type Fired = BTreeSet<(String, u32)>;

fn fired(page: &Page, example: &Example, engine: &Engine) -> Result<Fired, String> {
    let text = sample::expand(&example.text, &page.rule.id)?;
    if page.rule.class == Class::Register {
        return register_faults(page, example, &text, engine);
    }
    // What is hidden at the default confidence doesn't fire, except for a rule whose
    // own confidence is low.
    let least = page.rule.confidence.min(Confidence::Medium);
    let findings = scan(engine, &example.path, &text);
    Ok(findings
        .into_iter()
        .filter(|f| f.confidence >= least)
        .map(|f| (f.rule.into_owned(), f.place.region.line))
        .collect())
}

fn scan(engine: &Engine, path: &str, text: &str) -> Vec<Finding> {
    let document = Document::new(path, text.as_bytes());
    engine.scan(&document, &mut Scratch::default())
}

fn register_faults(
    _page: &Page,
    _example: &Example,
    _text: &str,
    _engine: &Engine,
) -> Result<Fired, String> {
    Ok(Fired::new())
}

fn compare(page: &Page, example: &Example, fired: &Fired, path: &str, errors: &mut Vec<PageError>) {
    let lines: BTreeSet<u32> = match &example.expect {
        Expect::Bad(lines) => lines.iter().copied().collect(),
        Expect::Good | Expect::Context => BTreeSet::new(),
    };
    let own: BTreeSet<u32> = fired
        .iter()
        .filter(|(rule, _)| *rule == page.rule.id)
        .map(|(_, line)| *line)
        .collect();
    for line in lines.difference(&own) {
        errors.push(error(
            path,
            example.line + line - 1,
            format!(
                "{} does not fire here, though the example says so",
                page.rule.id
            ),
            "mend the detection, or the lines after `bad=`",
        ));
    }
    for line in own.difference(&lines) {
        errors.push(error(
            path,
            example.line + line - 1,
            format!("{} fires here, and should not", page.rule.id),
            "mend the detection, or add the line after `bad=`",
        ));
    }
    for (rule, line) in fired {
        if *rule != page.rule.id && !page.rule.also.iter().any(|also| also == rule) {
            errors.push(error(
                path,
                example.line + line - 1,
                format!("{rule} fires on an example of {}", page.rule.id),
                "mend the other rule, change the example, or list the rule in `also`",
            ));
        }
    }
}

fn error(path: &str, line: u32, what: impl Into<String>, mend: &str) -> PageError {
    PageError {
        path: path.to_owned(),
        line,
        what: what.into(),
        mend: mend.to_owned(),
    }
}
