//! `byway register due`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use jiff::Span;
use jiff::civil::Date;

use byway::report::calendar;
use byway::report::exceptions::{self, Listed};

use super::commands::{OfArgs, open, states};
use crate::cli::output;
use crate::cli::scan::columns;

#[derive(Debug, Args)]
pub(crate) struct DueArgs {
    /// How far to look ahead, as in P30D; without it 30 days, and all of it with --ics
    #[arg(long, value_name = "DURATION", value_parser = period)]
    within: Option<Span>,
    /// Write a calendar (iCalendar) in place of a list
    #[arg(long)]
    ics: bool,
    #[command(flatten)]
    pub(crate) of: OfArgs,
}

fn period(text: &str) -> Result<Span, String> {
    let span: Option<Span> = text.parse().ok();
    span.filter(|span| text.starts_with('P') && !text.contains('T') && !span.is_negative())
        .ok_or_else(|| {
            "write an ISO 8601 duration in days, weeks or months, such as P30D".to_owned()
        })
}

pub(super) fn run(args: &DueArgs, today: Date) -> Result<ExitCode> {
    let (_, rulings) = open(&args.of.project, &args.of.judge, today)?;
    let listed: Vec<_> = states(&rulings, today)
        .into_iter()
        .map(|(entry, state)| Listed {
            entry,
            state,
            bound: None,
        })
        .collect();
    let until = match args.within {
        None if args.ics => Date::MAX,
        within => {
            let span = within.unwrap_or_else(|| Span::new().days(30));
            today.checked_add(span).unwrap_or(Date::MAX)
        }
    };
    let due = exceptions::due(&listed, until);
    let text = if args.ics {
        calendar::write(&due, today)
    } else if due.is_empty() {
        format!("nothing ends or is to be reviewed until {until}\n")
    } else {
        exceptions::due_table(&due, today, columns())
    };
    output::stdout(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
