//! `byway inventory`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::Args;
use jiff::civil::Date;

use byway::report::inventory::{self, Layout};
use byway::source::Project;

use super::scan::{columns, unread};
use super::{JudgeArgs, LookArgs, one_of, output, progress, register, rules};

#[derive(Debug, Args)]
pub(crate) struct InventoryArgs {
    /// Files or folders of one project
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// How it is written
    #[arg(long, default_value = "table", value_parser = one_of(Layout::ALL, Layout::name))]
    format: Layout,
    /// Write it to a file
    #[arg(long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    #[command(flatten)]
    look: LookArgs,
}

/// Lists every exception path. Whatever there is, the exit code is 0, unless something
/// could not be read.
pub(crate) fn run(args: &InventoryArgs, today: Date) -> Result<ExitCode> {
    let project = Project::of(&args.paths).map_err(|e| anyhow!(e))?;
    let engine = rules::engine(&args.look.filter.rules)?;
    let rulings = register::read(&project, &args.judge, today)?;
    let look = &args.look;
    let report = look.report(&project, &engine, &rulings, &args.judge, today)?;
    let Some(report) = report else {
        return Ok(ExitCode::from(progress::INTERRUPTED));
    };
    let to_stdout = args.output == std::path::Path::new("-");
    let width = columns().filter(|_| to_stdout);
    let mut bytes = Vec::new();
    inventory::write(args.format, &report.judged, today, width, &mut bytes)?;
    output::file(&args.output, &bytes)?;
    let mut unread = unread(&report, &look.walk);
    Ok(match unread.next() {
        None => ExitCode::SUCCESS,
        Some(problem) => {
            let more = unread.count();
            output::stderr(
                format!(
                    "byway: {} {}{}\n",
                    problem.path,
                    problem.what,
                    if more == 0 {
                        String::new()
                    } else {
                        format!(" (and {more} more problems)")
                    }
                )
                .as_bytes(),
            );
            ExitCode::from(2)
        }
    })
}
