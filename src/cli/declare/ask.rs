//! Asking a person at a terminal for what an entry needs.

use anyhow::{Context, Result};
use dialoguer::{Confirm, Input, MultiSelect, Select};
use jiff::civil::Date;

use byway::finding::veiled;
use byway::register::edit::{Draft, Found, TO_DO, one_line};
use byway::register::entry::{Category, Status};

use super::EntryArgs;
use super::plan::Plan;
use crate::cli::edit::Change;
use crate::cli::{day, output};

const LOST: &str = "the terminal can't be asked; give what is missing as options, and --yes";

/// Lets a person choose among the open findings.
pub(super) fn choose(open: &[Found]) -> Result<Vec<Found>> {
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let lines: Vec<_> = open
        .iter()
        .map(|f| {
            veiled(&one_line(&format!(
                "{}:{}  {}  {}",
                f.path, f.line, f.rule, f.subject
            )))
        })
        .collect();
    let chosen = MultiSelect::new()
        .with_prompt("Which findings does the exception cover? (space marks, enter goes on)")
        .items(&lines)
        .interact()
        .context(LOST)?;
    Ok(chosen
        .into_iter()
        .filter_map(|n| open.get(n).cloned())
        .collect())
}

/// Asks for what no option gave.
pub(super) fn complete(draft: &mut Draft, given: &EntryArgs, plan: &Plan<'_>) -> Result<()> {
    if given.category.is_none() {
        let names: Vec<_> = Category::ALL.iter().map(|c| c.name()).collect();
        let guess = Category::ALL.iter().position(|c| *c == draft.category);
        let chosen = Select::new()
            .with_prompt("Category")
            .items(&names)
            .default(guess.unwrap_or(0))
            .interact()
            .context(LOST)?;
        draft.category = Category::ALL.get(chosen).copied().unwrap_or(draft.category);
        draft.expires = given
            .expires
            .unwrap_or_else(|| plan.longest(draft.category));
        draft.review_every = plan.review_every(draft.category);
    }
    if given.owner.is_none() {
        draft.owner = text("Owner, as in team:settlement", &draft.owner)?;
    }
    if given.reason.is_none() {
        draft.reason = text(
            "Reason: what stands in the way of the normal path, and what ends that",
            &draft.reason,
        )?;
    }
    if given.expires.is_none() {
        draft.expires = date("Last day", draft.expires)?;
    }
    if given.control.is_empty() {
        let kind = text(
            "Kind of the compensating control, as in logging (empty to fill in later)",
            TO_DO,
        )?;
        if kind != TO_DO {
            let what = text("What it does", TO_DO)?;
            draft.controls = vec![(kind, what)];
        }
    }
    if given.approved_by.is_empty() {
        let who = text("Approved by (empty to propose it)", TO_DO)?;
        if who != TO_DO {
            draft.approved_by = vec![who];
        }
    }
    if !draft.approved_by.is_empty() && draft.status == Status::Proposed && given.active {
        draft.status = Status::Active;
    }
    Ok(())
}

/// A line of text; what is suggested stands when nothing is typed.
fn text(prompt: &str, suggested: &str) -> Result<String> {
    let open = suggested.starts_with(TO_DO);
    let mut input = Input::<String>::new().with_prompt(prompt).allow_empty(open);
    if !open {
        input = input.default(suggested.to_owned());
    }
    let typed = input.interact_text().context(LOST)?;
    let typed = one_line(&typed);
    Ok(if typed.is_empty() {
        suggested.to_owned()
    } else {
        typed
    })
}

fn date(prompt: &str, suggested: Date) -> Result<Date> {
    let typed = Input::<String>::new()
        .with_prompt(prompt)
        .default(suggested.to_string())
        .validate_with(|text: &String| day(text).map(|_| ()))
        .interact_text()
        .context(LOST)?;
    Ok(day(&typed).unwrap_or(suggested))
}

/// Shows the changes and asks whether they are to be written.
pub(super) fn confirm(changes: &[Change]) -> Result<bool> {
    let diff: String = changes.iter().map(Change::diff).collect();
    output::stderr(diff.as_bytes());
    Confirm::new()
        .with_prompt("Write this?")
        .default(true)
        .interact()
        .context(LOST)
}
