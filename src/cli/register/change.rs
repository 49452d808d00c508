//! `byway register renew`, `review` and `close`.

use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::Args;
use jiff::civil::Date;

use byway::register::edit::{self, Refusal, Renewal};
use byway::rule;

use super::File;
use super::commands::{EditArgs, editable, open};
use crate::cli::edit::{Change, apply, check};
use crate::cli::{day, output};

#[derive(Debug, Args)]
pub(crate) struct RenewArgs {
    /// The exception
    id: String,
    /// The last day of the new term
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    until: Date,
    /// Why it takes longer: another reason than those before
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who decided, as in user:ciso@example.org
    #[arg(long, value_name = "WHO")]
    by: String,
    #[command(flatten)]
    pub(crate) edit: EditArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ReviewArgs {
    /// The exception
    id: String,
    /// Who reviewed it, as in user:ciso@example.org
    #[arg(long, value_name = "WHO")]
    by: String,
    #[command(flatten)]
    pub(crate) edit: EditArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CloseArgs {
    /// The exception
    id: String,
    /// What became of it
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    pub(crate) edit: EditArgs,
}

pub(super) fn renew(args: &RenewArgs, today: Date) -> Result<ExitCode> {
    filled("--reason", &args.reason)?;
    filled("--by", &args.by)?;
    let renewal = Renewal {
        id: &args.id,
        on: today,
        until: args.until,
        by: &args.by,
        reason: &args.reason,
    };
    let said = format!("{} is renewed until {}", args.id, args.until);
    change(&args.id, &args.edit, today, &said, |file| {
        edit::renew(&file.path, &file.text, &renewal)
    })
}

pub(super) fn review(args: &ReviewArgs, today: Date) -> Result<ExitCode> {
    filled("--by", &args.by)?;
    let said = format!("{} is reviewed on {today} by {}", args.id, args.by);
    change(&args.id, &args.edit, today, &said, |file| {
        edit::review(&file.path, &file.text, &args.id, today, &args.by)
    })
}

pub(super) fn close(args: &CloseArgs, today: Date) -> Result<ExitCode> {
    let said = format!("{} is closed and covers nothing any more", args.id);
    change(&args.id, &args.edit, today, &said, |file| {
        edit::close(
            &file.path,
            &file.text,
            &args.id,
            today,
            args.reason.as_deref(),
        )
    })
}

/// Refuses an option that was given without a text.
pub(crate) fn filled(option: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(anyhow!(
            "{option} is blank; write a text that tells a reader something"
        ));
    }
    Ok(())
}

/// Changes the one file in which an exception stands.
fn change(
    id: &str,
    args: &EditArgs,
    today: Date,
    said: &str,
    new: impl Fn(&File) -> Result<String, Refusal>,
) -> Result<ExitCode> {
    editable(&args.of.judge)?;
    let (project, rulings) = open(&args.of.project, &args.of.judge, today)?;
    let entries = rulings.register.entries.iter();
    let mut found = entries.filter(|entry| entry.id.value == id);
    let Some(entry) = found.next() else {
        return Err(anyhow!(
            "no exception has the id {id}; `byway register list` shows them"
        ));
    };
    if let Some(other) = found.next() {
        return Err(anyhow!(
            "{id} stands in {} and in {}; give each exception an id of its own first",
            entry.spot.path(),
            other.spot.path()
        ));
    }
    let file = rulings
        .files
        .iter()
        .find(|file| file.path == *entry.spot.path());
    let file = file.ok_or_else(|| anyhow!("the file of {id} can't be told; name it --register"))?;
    let changes = [Change::of(file, new(file)?)];
    check(&project, &changes, &rulings, rule::builtin(), today)?;
    apply(&changes, args.dry_run)?;
    if !args.dry_run {
        output::stdout(format!("{said}; {} is written\n", file.path).as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}
