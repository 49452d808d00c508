//! The binary: arguments in, exit code out. The clock is read here and nowhere else.

#![expect(clippy::print_stderr, reason = "`main` is where errors are printed")]

mod cli;

use std::panic;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{CommandFactory, Parser};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use cli::{Cli, Command};

fn main() -> ExitCode {
    // The standard message of a panic can quote the text that was being read, and so a
    // secret. Where it happened is enough to find it.
    panic::set_hook(Box::new(|info| {
        if let Some(place) = info.location() {
            eprintln!("byway: internal error at {place}");
        }
    }));
    match run(&Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("byway: error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: &Cli) -> Result<ExitCode> {
    match &cli.command {
        Command::Scan(args) => cli::scan::run(args, today(args.judge.today)?),
        Command::Rules { command } => cli::rules::run(command),
        Command::Register { command } => cli::register::commands::run(
            command,
            today(command.judge().and_then(|judge| judge.today))?,
        ),
        Command::Declare(args) => cli::declare::run(args, today(args.judge.today)?),
        Command::Inventory(args) => cli::inventory::run(args, today(args.judge.today)?),
        Command::Import(args) => cli::foreign::run(args, today(args.judge.today)?),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "byway", &mut script);
            cli::output::stdout(&script)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The day that was given, or today in UTC.
fn today(given: Option<Date>) -> Result<Date> {
    if let Some(day) = given {
        return Ok(day);
    }
    #[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
    let now = std::time::SystemTime::now();
    let now = Timestamp::try_from(now).context("the system's clock is out of range")?;
    Ok(TimeZone::UTC.to_datetime(now).date())
}
