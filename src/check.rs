//! The one checker of rule pages: for our own, in CI, and for a user's.
//!
//! Every example of every page is scanned with every rule. The page's own rule must
//! fire on exactly the lines that a `bad` example names and not at all on a `good`
//! one; no other rule may fire on either (cross-fire), unless the page lists it in
//! `also`. So a new example tests all old rules, and a new rule is tested by all old
//! examples.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};

use crate::detect::{Engine, Scratch};
use crate::document::Document;
use crate::finding::{Confidence, Finding};
use crate::register::history::{self, Past};
use crate::register::{self, Coverage, Policy, Verdict, file, policy};
use crate::revisions::{Change, Commit, Revisions, State};
use crate::rule::examples::{Example, Expect};
use crate::rule::page::{Page, PageError};
use crate::rule::{Class, sample};

/// Checks the examples of `page`, which stands at `path`, with all rules of `engine`.
/// Returns what is wrong, with the line in the page.
pub fn page(page: &Page, path: &str, engine: &Engine) -> Vec<PageError> {
    let mut errors = Vec::new();
    for example in &page.examples {
        if matches!(example.expect, Expect::Context | Expect::History(_)) {
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
pub type Fired = BTreeSet<(String, u32)>;

fn fired(page: &Page, example: &Example, engine: &Engine) -> Result<Fired, String> {
    let rule = &page.rule;
    if rule.class == Class::Register {
        let text = sample::expand(&example.text, &rule.id)?;
        return register_faults(page, example, &text, engine);
    }
    try_out(
        &rule.id,
        &example.path,
        &example.text,
        rule.confidence,
        engine,
    )
}

/// The rules that fire on an example of a rule's page, which is as confident as that, and
/// the lines where.
///
/// # Errors
///
/// Says what is wrong with a placeholder.
pub fn try_out(
    rule: &str,
    path: &str,
    text: &str,
    confidence: Confidence,
    engine: &Engine,
) -> Result<Fired, String> {
    let text = sample::expand(text, rule)?;
    // What is hidden at the default confidence doesn't fire, except for a rule whose
    // own confidence is low.
    let least = confidence.min(Confidence::Medium);
    Ok(scan(engine, path, &text)
        .into_iter()
        .filter(|f| f.confidence >= least)
        .map(|f| (f.rule.into_owned(), f.place.region.line))
        .collect())
}

fn scan(engine: &Engine, path: &str, text: &str) -> Vec<Finding> {
    let document = Document::new(path, text.as_bytes());
    engine.scan(&document, &mut Scratch::default())
}

/// Judges an example of a register page as a register, or as the project's policy, with
/// the page's `context` files beside it: policies, and files to find something in.
fn register_faults(
    page: &Page,
    example: &Example,
    text: &str,
    engine: &Engine,
) -> Result<Fired, String> {
    let mut findings = Vec::new();
    let mut tree = BTreeMap::from([(example.path.clone(), text.to_owned())]);
    for beside in page.examples.iter().filter(|e| e.expect == Expect::Context) {
        let text = sample::expand(&beside.text, &page.rule.id)?;
        if ![POLICY, ORGANISATION].contains(&beside.path.as_str()) {
            findings.extend(scan(engine, &beside.path, &text));
        }
        tree.entry(beside.path.clone()).or_insert(text);
    }
    let policy = |path: &str| -> Result<Option<Policy>, String> {
        let text = tree.get(path);
        let read = text.map(|text| policy::read(path.into(), text));
        read.transpose().map_err(|e| e.to_string())
    };
    let policy = policy::join(policy(ORGANISATION)?, policy(POLICY)?).map_err(|e| e.to_string())?;
    let source = file::Source {
        path: example.path.as_str().into(),
        text,
    };
    let sources = if example.path == POLICY {
        Vec::new()
    } else {
        vec![source]
    };
    let mut register = file::read(&sources).map_err(|e| e.to_string())?;
    let past = past(page, &sources)?;
    register
        .faults
        .extend(history::faults(&register, &past, &policy));
    let wanted = register::wanted(&register, &policy).into_iter();
    let files = wanted.map(|path| {
        let text = tree.get(&path).map(|text| text.as_str().into());
        (path, text)
    });
    let coverage = Coverage {
        full: true,
        paths: tree.keys().map(|path| path.as_str().into()).collect(),
        files: files.collect(),
        ..Coverage::default()
    };
    let judged = register::judge(
        findings,
        &register,
        &policy,
        TODAY,
        &coverage,
        engine.rules(),
    );
    Ok(judged
        .into_iter()
        .filter(|j| j.verdict == Verdict::Fault)
        .map(|j| (j.finding.rule.into_owned(), j.finding.place.region.line))
        .collect())
}

/// What the page's `history` blocks say of the register: each is a commit.
fn past(page: &Page, now: &[file::Source<'_>]) -> Result<Past, String> {
    let mut revisions = Revisions {
        states: vec![State::new()],
        ..Revisions::default()
    };
    let mut texts = Vec::new();
    for example in &page.examples {
        let Expect::History(day) = &example.expect else {
            continue;
        };
        let mut state = revisions.states.last().cloned().unwrap_or_default();
        state.retain(|(path, _)| **path != *example.path);
        state.push((example.path.as_str().into(), texts.len()));
        texts.push(sample::expand(&example.text, &page.rule.id)?);
        revisions.states.push(state);
        revisions.now += 1;
        if day == "cut" {
            revisions.cut = true;
            continue;
        }
        let day = day.parse().map_err(|_| format!("{day} is no day"))?;
        revisions.changes.push(Change {
            commit: Commit {
                id: format!("{:040x}", texts.len()),
                day,
                by: "A. Author".to_owned(),
            },
            before: vec![revisions.now - 1],
            after: revisions.now,
        });
    }
    let mut text = |number: usize| texts.get(number).cloned();
    Ok(Past::read(&revisions, &mut text, now, TODAY))
}

/// The day by which the examples of register pages are judged.
const TODAY: Date = date(2026, 11, 24);

/// The path of a block that is the project's own policy.
const POLICY: &str = ".byway/policy.toml";

/// The path of a `context` block that is the organisation's policy.
const ORGANISATION: &str = "organisation/policy.toml";

fn compare(page: &Page, example: &Example, fired: &Fired, path: &str, errors: &mut Vec<PageError>) {
    let lines: BTreeSet<u32> = match &example.expect {
        Expect::Bad(lines) => lines.iter().copied().collect(),
        Expect::Good | Expect::Context | Expect::History(_) => BTreeSet::new(),
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
        column: 1,
        what: what.into(),
        mend: mend.to_owned(),
    }
}
