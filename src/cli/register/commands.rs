//! The subcommands of `byway register`, and what they share.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use clap::{Args, Subcommand};
use jiff::civil::Date;

use byway::register::{Coverage, Entry, Judged, Policy, Register, State, judge};
use byway::rule::Rule;
use byway::source::{self, Project};

use super::{Rulings, bind, change, check, due, evidence, list, prune, read, schema, show};
use crate::cli::JudgeArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum RegisterCommand {
    /// Check the register without a scan
    Check {
        /// The project
        #[arg(default_value = ".")]
        path: PathBuf,
        #[command(flatten)]
        judge: JudgeArgs,
    },
    /// Print the JSON Schema of registers, for editors
    Schema {
        /// That of policies instead
        #[arg(long)]
        policy: bool,
    },
    /// List the exceptions: state, owner, end, next review
    List(list::ListArgs),
    /// Show all that is known of one exception
    Show(show::ShowArgs),
    /// Give an exception a new term, with a new reason
    Renew(change::RenewArgs),
    /// Record that an exception was reviewed
    Review(change::ReviewArgs),
    /// End an exception; it stays as a record
    Close(change::CloseArgs),
    /// Take out what a scan of the whole project finds unused
    Prune(Box<prune::PruneArgs>),
    /// Write down which findings each exception covers, for --locked
    Bind(Box<bind::BindArgs>),
    /// List what ends or is to be reviewed soon, or write it as a calendar
    Due(due::DueArgs),
}

impl RegisterCommand {
    /// By what it judges, if it does.
    pub(crate) const fn judge(&self) -> Option<&JudgeArgs> {
        Some(match self {
            Self::Schema { .. } => return None,
            Self::Check { judge, .. } => judge,
            Self::List(args) => &args.of.judge,
            Self::Show(args) => &args.of.judge,
            Self::Renew(args) => &args.edit.of.judge,
            Self::Review(args) => &args.edit.of.judge,
            Self::Close(args) => &args.edit.of.judge,
            Self::Prune(args) => &args.of.judge,
            Self::Bind(args) => &args.of.judge,
            Self::Due(args) => &args.of.judge,
        })
    }
}

/// The project whose register is meant.
#[derive(Debug, Args)]
pub(crate) struct OfArgs {
    /// The project
    #[arg(long, value_name = "PATH", default_value = ".")]
    pub(crate) project: PathBuf,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
}

/// How an edit is made.
#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    /// Show the change as a diff and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) of: OfArgs,
}

/// Runs a subcommand.
pub(crate) fn run(command: &RegisterCommand, today: Date) -> Result<ExitCode> {
    match command {
        RegisterCommand::Check { path, judge } => check(path, judge, today),
        RegisterCommand::Schema { policy } => schema(*policy),
        RegisterCommand::List(args) => list::run(args, today),
        RegisterCommand::Show(args) => show::run(args, today),
        RegisterCommand::Renew(args) => change::renew(args, today),
        RegisterCommand::Review(args) => change::review(args, today),
        RegisterCommand::Close(args) => change::close(args, today),
        RegisterCommand::Prune(args) => prune::run(args, today),
        RegisterCommand::Bind(args) => bind::run(args, today),
        RegisterCommand::Due(args) => due::run(args, today),
    }
}

/// The project and its register, which has to be there.
pub(crate) fn open(path: &Path, args: &JudgeArgs, today: Date) -> Result<(Project, Rulings)> {
    let project = Project::of(&[path.to_owned()]).map_err(|e| anyhow!(e))?;
    let rulings = read(&project, args, today)?;
    if rulings.files.is_empty() {
        return Err(anyhow!(
            "{} has no register; `byway declare` begins one, or give one with --register",
            source::project::slashed(path)
        ));
    }
    Ok((project, rulings))
}

/// The register judged without any findings: its faults.
pub(crate) fn faults(
    project: &Project,
    register: &Register,
    policy: &Policy,
    rules: &[Rule],
    today: Date,
) -> Vec<Judged> {
    let coverage = Coverage {
        files: evidence(project, register, policy),
        ..Coverage::default()
    };
    judge(Vec::new(), register, policy, today, &coverage, rules)
}

/// Every entry that can be read and its state, in the order of the ids.
pub(crate) fn states(rulings: &Rulings, today: Date) -> Vec<(&Arc<Entry>, State)> {
    let entries = rulings.register.entries.iter();
    let mut states: Vec<_> = entries
        .map(|entry| (entry, State::of(entry, &rulings.policy, today)))
        .collect();
    states.sort_by(|(a, _), (b, _)| a.id.value.cmp(&b.id.value));
    states
}

/// Refuses to edit by the register of another revision.
pub(crate) fn editable(args: &JudgeArgs) -> Result<()> {
    if args.trust_base.is_some() {
        return Err(anyhow!(
            "--trust-base judges a change; leave it out to edit the register as it stands"
        ));
    }
    Ok(())
}
