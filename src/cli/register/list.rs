//! `byway register list`.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use jiff::civil::Date;

use byway::report::exceptions::{self, Listed};

use super::commands::{OfArgs, open, states};
use crate::cli::scan::columns;
use crate::cli::{LookArgs, output, progress, rules};

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Scan the project, and say how many findings each exception names
    #[arg(long)]
    scan: bool,
    #[command(flatten)]
    pub(crate) of: OfArgs,
    #[command(flatten)]
    look: LookArgs,
}

pub(super) fn run(args: &ListArgs, today: Date) -> Result<ExitCode> {
    let (project, rulings) = open(&args.of.project, &args.of.judge, today)?;
    let engine = rules::engine(&args.look.filter.rules)?;
    let report = if args.scan {
        let look = &args.look;
        match look.report(&project, &engine, &rulings, &args.of.judge, today)? {
            Some(report) => Some(report),
            None => return Ok(ExitCode::from(progress::INTERRUPTED)),
        }
    } else {
        None
    };
    let listed: Vec<_> = states(&rulings, today)
        .into_iter()
        .map(|(entry, state)| Listed {
            entry,
            state,
            bound: report.as_ref().map(|report| {
                let named = report.judged.iter().filter(|judged| {
                    judged.verdict != byway::register::Verdict::Fault
                        && judged
                            .entry
                            .as_ref()
                            .is_some_and(|own| std::sync::Arc::ptr_eq(own, entry))
                });
                named.count()
            }),
        })
        .collect();
    let mut text = exceptions::list(&listed, columns());
    // What can't be read is in no list, and must not be missed for that.
    for broken in &rulings.register.broken {
        let id = byway::finding::veiled(&broken.id);
        // Writing to a string cannot fail.
        _ = writeln!(text, "{id} can't be read; see `byway register check`");
    }
    output::stdout(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
