//! `byway register bind`.

use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use jiff::civil::Date;

use byway::register::{Verdict, lock};

use super::commands::{OfArgs, editable, open};
use super::counted;
use crate::cli::edit::{Change, apply};
use crate::cli::scan::unread;
use crate::cli::{LookArgs, output, progress, rules};

#[derive(Debug, Args)]
pub(crate) struct BindArgs {
    /// Show the change as a diff and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    pub(crate) of: OfArgs,
    #[command(flatten)]
    look: LookArgs,
}

/// Writes the lock: which findings each exception covers today.
pub(super) fn run(args: &BindArgs, today: Date) -> Result<ExitCode> {
    editable(&args.of.judge)?;
    if args.of.judge.locked {
        bail!("--locked judges by the lock that is to be written; leave it out");
    }
    let (project, rulings) = open(&args.of.project, &args.of.judge, today)?;
    if !project.whole || !args.look.walk.exclude.is_empty() {
        bail!(
            "a lock binds what a scan of the whole project finds; give its root, and no --exclude"
        );
    }
    let engine = rules::engine(&args.look.filter.rules)?;
    let look = &args.look;
    let report = look.report(&project, &engine, &rulings, &args.of.judge, today)?;
    let Some(report) = report else {
        return Ok(ExitCode::from(progress::INTERRUPTED));
    };
    if let Some(problem) = unread(&report, &look.walk).next() {
        bail!(
            "{} {}; what stands there would not be bound. Mend it, or give --tolerate-problems",
            problem.path,
            problem.what
        );
    }
    let folder = project.root.join(".byway");
    let known = project.lock().map_err(|e| anyhow!(e))?;
    let before = known.as_deref().map(super::text).transpose()?;
    let change = Change {
        path: project.root.join(lock::PATH),
        shown: lock::PATH.into(),
        before,
        after: lock::of(&report.judged),
        written_by_hand: false,
    };
    if !args.dry_run && !folder.exists() {
        std::fs::create_dir(&folder).context(".byway can't be made")?;
    }
    apply(std::slice::from_ref(&change), args.dry_run)?;
    if !args.dry_run {
        let declared = report
            .judged
            .iter()
            .filter(|j| j.verdict == Verdict::Declared);
        let said = format!(
            "{} bound in {}\n",
            counted(declared.count(), "finding"),
            lock::PATH
        );
        output::stdout(said.as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}
