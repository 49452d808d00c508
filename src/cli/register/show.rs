//! `byway register show`.

use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::Args;
use jiff::civil::Date;

use byway::register::edit;
use byway::report::exceptions::{self, Listed};
use byway::rule;

use super::commands::{OfArgs, faults, open, states};
use crate::cli::output;

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The exception
    id: String,
    #[command(flatten)]
    pub(crate) of: OfArgs,
}

pub(super) fn run(args: &ShowArgs, today: Date) -> Result<ExitCode> {
    let (project, rulings) = open(&args.of.project, &args.of.judge, today)?;
    let id = &args.id;
    let judged = faults(
        &project,
        &rulings.register,
        &rulings.policy,
        rule::builtin(),
        today,
    );
    let all = states(&rulings, today);
    let (entry, state) = all
        .into_iter()
        .find(|(entry, _)| entry.id.value == *id)
        .ok_or_else(|| {
            let unread = rulings
                .register
                .broken
                .iter()
                .any(|broken| broken.id == *id);
            if unread {
                anyhow!("{id} can't be read; `byway register check` says why")
            } else {
                anyhow!("no exception has the id {id}; `byway register list` shows them")
            }
        })?;
    let file = rulings
        .files
        .iter()
        .find(|file| file.path == *entry.spot.path());
    let lines = file.map(|file| edit::excerpt(&file.text, entry.spot.line()));
    let own: Vec<_> = judged
        .iter()
        .filter(|j| j.entry.as_ref().is_some_and(|own| own.id.value == *id))
        .collect();
    let listed = Listed {
        entry,
        state,
        bound: None,
    };
    let text = exceptions::show(listed, &lines.unwrap_or_default(), &own, today);
    output::stdout(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
