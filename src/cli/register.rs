//! `byway register …`, and reading the registers and the policy that apply.

mod change;
mod due;
mod list;
mod prune;
mod show;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use clap::{Args, Subcommand};
use jiff::civil::Date;

use byway::register::file::Source;
use byway::register::{Coverage, Judged, Policy, Register, file, judge, policy};
use byway::report::{self, Format, Report, Stats};
use byway::rule::Rule;
use byway::source::{self, Project};
use byway::{finding, rule};

use super::{JudgeArgs, output, scan};

/// The registers and the policy that apply to a project.
pub(crate) struct Rulings {
    pub(crate) register: Register,
    pub(crate) policy: Policy,
    /// The register files.
    pub(crate) files: Vec<Kept>,
}

/// A register file that was read.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Its name in reports.
    pub(crate) shown: Arc<str>,
    /// What it holds.
    pub(crate) text: String,
}

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
    /// List what ends or is to be reviewed soon, or write it as a calendar
    Due(due::DueArgs),
}

impl RegisterCommand {
    /// By what it judges.
    pub(crate) const fn judge(&self) -> &JudgeArgs {
        match self {
            Self::Check { judge, .. } => judge,
            Self::List(args) => &args.of.judge,
            Self::Show(args) => &args.of.judge,
            Self::Renew(args) => &args.edit.of.judge,
            Self::Review(args) => &args.edit.of.judge,
            Self::Close(args) => &args.edit.of.judge,
            Self::Prune(args) => &args.of.judge,
            Self::Due(args) => &args.of.judge,
        }
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
        RegisterCommand::List(args) => list::run(args, today),
        RegisterCommand::Show(args) => show::run(args, today),
        RegisterCommand::Renew(args) => change::renew(args, today),
        RegisterCommand::Review(args) => change::review(args, today),
        RegisterCommand::Close(args) => change::close(args, today),
        RegisterCommand::Prune(args) => prune::run(args, today),
        RegisterCommand::Due(args) => due::run(args, today),
    }
}

/// The project and its register, which has to be there.
pub(crate) fn open(path: &Path, args: &JudgeArgs) -> Result<(Project, Rulings)> {
    let project = Project::of(&[path.to_owned()]).map_err(|e| anyhow!(e))?;
    let rulings = read(&project, args)?;
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
    register: &Register,
    policy: &Policy,
    rules: &[Rule],
    today: Date,
) -> Vec<Judged> {
    judge(
        Vec::new(),
        register,
        policy,
        today,
        &Coverage::default(),
        rules,
    )
}

/// Reads the project's own register files, those that were given, and the policy.
pub(crate) fn read(project: &Project, args: &JudgeArgs) -> Result<Rulings> {
    let mut paths = project.registers().map_err(|e| anyhow!(e))?;
    for path in &args.register {
        // The same file given twice would be a list of duplicate ids.
        if !paths.iter().any(|known| same(known, path)) {
            paths.push(path.clone());
        }
    }
    let mut files = Vec::new();
    for path in paths {
        files.push(Kept {
            shown: shown(project, &path),
            text: text(&path)?,
            path,
        });
    }
    let sources: Vec<_> = files
        .iter()
        .map(|file| Source {
            path: Arc::clone(&file.shown),
            text: &file.text,
        })
        .collect();
    let register = file::read(&sources)?;
    let policy = match &args.policy {
        Some(path) => Some(path.clone()),
        None => project.policy().map_err(|e| anyhow!(e))?,
    };
    let policy = match policy {
        None => Policy::default(),
        Some(path) => policy::read(shown(project, &path), &text(&path)?)?,
    };
    Ok(Rulings {
        register,
        policy,
        files,
    })
}

pub(crate) fn text(path: &Path) -> Result<String> {
    source::text(path).map_err(|error| {
        anyhow!(
            "{}: {error}; give a TOML file that can be read",
            source::project::slashed(path)
        )
    })
}

fn same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// A register's path in reports: relative to the project, or for a file from elsewhere
/// its name alone, since no report shows a path of the machine it was made on.
fn shown(project: &Project, path: &Path) -> Arc<str> {
    let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    match full.strip_prefix(&project.root) {
        Ok(inside) => source::project::slashed(inside).into(),
        Err(_) => full
            .file_name()
            .map_or_else(|| "register".into(), |name| name.to_string_lossy())
            .into(),
    }
}

/// `byway register check`.
fn check(path: &Path, args: &JudgeArgs, today: Date) -> Result<ExitCode> {
    let (_, rulings) = open(path, args)?;
    let rules = rule::builtin();
    let judged = faults(&rulings.register, &rulings.policy, rules, today);
    let failed = judged
        .iter()
        .any(|j| j.finding.severity >= finding::Severity::Medium);
    let report = Report {
        rules,
        judged,
        problems: Vec::new(),
        stats: Stats::default(),
        today,
    };
    let mut text = Vec::new();
    let options = report::Options {
        style: report::text::Style {
            quiet: true,
            ..scan::plain_style(super::Color::Auto)
        },
        ..report::Options::default()
    };
    report::write(Format::Text, &report, options, &mut text)?;
    let line = format!(
        "{} read, {}, judged by {today}\n",
        counted(rulings.register.entries.len(), "exception"),
        counted(report.judged.len(), "fault")
    );
    text.extend_from_slice(line.as_bytes());
    output::stdout(&text)?;
    Ok(ExitCode::from(u8::from(failed)))
}

pub(crate) fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
