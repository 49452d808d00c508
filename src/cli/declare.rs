//! `byway declare`: findings become proposed entries of the register.

mod ask;
pub(crate) mod plan;
mod pool;

use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use clap::Args;
use jiff::civil::Date;

use byway::register::edit::{self, Draft, Owners};
use byway::register::entry::{Category, Status};
use byway::source::Project;
use byway::source::project::REGISTER_FOLDER;

use super::edit::{Change, apply, check};
use super::{JudgeArgs, LookArgs, day, one_of, output, progress, register, rules};

use plan::Plan;
use pool::Pool;

#[derive(Debug, Args)]
pub(crate) struct DeclareArgs {
    /// What to declare: a fingerprint or its first six digits or more, or a PATH[:LINE];
    /// without any, choose on a terminal
    #[arg(value_name = "FINDING")]
    findings: Vec<String>,
    /// Declare every finding that no exception names, grouped by class, owner and folder
    #[arg(long, conflicts_with = "findings")]
    all: bool,
    /// Take the findings from a report in place of a scan
    #[arg(long, value_name = "REPORT.sarif|REPORT.jsonl")]
    from: Option<PathBuf>,
    /// The project
    #[arg(long, value_name = "PATH", default_value = ".")]
    project: PathBuf,
    #[command(flatten)]
    entry: EntryArgs,
    #[command(flatten)]
    write: WriteArgs,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    #[command(flatten)]
    look: LookArgs,
}

/// What stands in the entry.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Exception")]
pub(crate) struct EntryArgs {
    /// One line saying what is excepted
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// Its kind; without it guessed from the rule
    #[arg(long, value_parser = one_of(Category::ALL, Category::name))]
    pub(crate) category: Option<Category>,
    /// Who answers for it, as in team:settlement; without it as CODEOWNERS says
    #[arg(long, value_name = "WHO")]
    pub(crate) owner: Option<String>,
    /// Why it is needed
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Its last day; without it as late as the policy allows, or in 90 days
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) expires: Option<Date>,
    /// What is done in place of the control that is bypassed, as in
    /// 'logging=Every use is logged.' (repeatable)
    #[arg(long, value_name = "TYPE=WHAT", value_parser = control)]
    pub(crate) control: Vec<(String, String)>,
    /// Who asks for it
    #[arg(long, value_name = "WHO")]
    pub(crate) requested_by: Option<String>,
    /// Where it is worked on (repeatable)
    #[arg(long, value_name = "URL")]
    pub(crate) ticket: Vec<String>,
    /// Who granted it (repeatable)
    #[arg(long, value_name = "WHO")]
    pub(crate) approved_by: Vec<String>,
    /// Put it in force at once, instead of proposing it
    #[arg(long, requires_all = ["approved_by", "reason", "control"])]
    pub(crate) active: bool,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Writing")]
pub(crate) struct WriteArgs {
    /// The register file to write to
    #[arg(long, value_name = "FILE")]
    pub(crate) to: Option<PathBuf>,
    /// Show the change as a diff and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Ask nothing
    #[arg(long, short)]
    pub(crate) yes: bool,
}

fn control(text: &str) -> Result<(String, String), String> {
    let (kind, what) = text.split_once('=').unwrap_or_default();
    let (kind, what) = (kind.trim(), what.trim());
    if kind.is_empty() || what.is_empty() {
        return Err(
            "write its kind and what it does, as in 'logging=Every use is logged.'".to_owned(),
        );
    }
    Ok((kind.to_owned(), what.to_owned()))
}

/// Writes findings into the register.
pub(crate) fn run(args: &DeclareArgs, today: Date) -> Result<ExitCode> {
    register::commands::editable(&args.judge)?;
    let project = Project::of(std::slice::from_ref(&args.project)).map_err(|e| anyhow!(e))?;
    let engine = rules::engine(&args.look.filter.rules)?;
    let rulings = register::read(&project, &args.judge, today)?;
    let talk = !args.write.yes && io::stdin().is_terminal() && io::stderr().is_terminal();
    if args.findings.is_empty() && !args.all && !talk {
        bail!(
            "name what to declare: a fingerprint, a PATH[:LINE], or --all; `byway scan -vv` shows fingerprints"
        );
    }
    let pool = if let Some(path) = &args.from {
        pool::of_report(path)?
    } else {
        let look = &args.look;
        let report = look.report(&project, &engine, &rulings, &args.judge, today)?;
        let Some(report) = report else {
            return Ok(ExitCode::from(progress::INTERRUPTED));
        };
        pool::of_judged(&report.judged)
    };
    let codeowners = plan::codeowners(&project);
    let plan = Plan {
        project: &project,
        rulings: &rulings,
        rules: engine.rules(),
        owners: Owners::read(&codeowners),
        today,
    };
    let Some(drafts) = drafts(args, &pool, &plan, talk)? else {
        return Ok(ExitCode::SUCCESS);
    };
    write(&drafts, &args.write, &plan, talk)
}

/// The entries that are asked for; `None` when there are none.
fn drafts(
    args: &DeclareArgs,
    pool: &Pool,
    plan: &Plan<'_>,
    talk: bool,
) -> Result<Option<Vec<Draft>>> {
    if args.all {
        let left = pool.left_out();
        if left > 0 {
            let which = if left == 1 {
                "finding is"
            } else {
                "findings are"
            };
            output::stderr(
                format!("byway: {left} {which} named by an exception that is not in force; approve, renew or close that one instead\n").as_bytes(),
            );
        }
        if pool.open.is_empty() {
            output::stdout(b"there is nothing to declare\n")?;
            return Ok(None);
        }
        return Ok(Some(plan.all(&args.entry, pool)));
    }
    let chosen = if args.findings.is_empty() {
        ask::choose(&pool.open)?
    } else {
        pool.pick(&args.findings, |path| plan.relative(path))?
    };
    if chosen.is_empty() {
        output::stdout(b"nothing was chosen\n")?;
        return Ok(None);
    }
    let mut draft = plan.one(&args.entry, &chosen, pool);
    if talk {
        ask::complete(&mut draft, &args.entry, plan)?;
    }
    Ok(Some(vec![draft]))
}

/// Checks the register as it would be, shows it or writes it, and says what is left to do.
pub(crate) fn write(
    drafts: &[Draft],
    args: &WriteArgs,
    plan: &Plan<'_>,
    talk: bool,
) -> Result<ExitCode> {
    let Plan {
        project,
        rulings,
        rules,
        today,
        ..
    } = *plan;
    let mut changes: Vec<Change> = Vec::new();
    for draft in drafts {
        if draft.status == Status::Active && draft.owner.starts_with(edit::TO_DO) {
            bail!(
                "nobody answers for \"{}\", for CODEOWNERS names no owner; give one with --owner",
                draft.title
            );
        }
        let path = target(project, args.to.as_deref(), &draft.id);
        let known = changes.iter().position(|change| change.path == path);
        if known.is_none() {
            changes.push(Change::at(project, path, rulings)?);
        }
        let at = known.unwrap_or(changes.len() - 1);
        // Whatever was pushed or found is there.
        let Some(change) = changes.get_mut(at) else {
            continue;
        };
        change.after = edit::append(&change.shown, &change.after, std::slice::from_ref(draft))?;
    }
    let passed = check(project, &changes, rulings, rules, today)?;
    if args.dry_run {
        apply(&changes, true)?;
        return Ok(ExitCode::SUCCESS);
    }
    if talk && !ask::confirm(&changes)? {
        output::stdout(b"nothing was written\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    apply(&changes, false)?;
    let mut said = String::new();
    for draft in drafts {
        said.push_str(&plan::told(draft));
    }
    for change in &changes {
        // Writing to a string cannot fail.
        _ = writeln!(said, "written to {}", change.shown);
    }
    let read = project.registers().map_err(|e| anyhow!(e))?;
    for change in &changes {
        let same = |own: &PathBuf| own.canonicalize().ok() == change.path.canonicalize().ok();
        let given = rulings.files.iter().any(|file| file.path == change.shown);
        if !given && !read.iter().any(same) {
            _ = writeln!(
                said,
                "{} is not read by itself; give it with --register",
                change.shown
            );
        }
    }
    for open in &passed.still_open {
        _ = writeln!(said, "before it can be approved: {open}");
    }
    output::stdout(said.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Where a new entry is written to.
fn target(project: &Project, given: Option<&Path>, id: &str) -> PathBuf {
    if let Some(path) = given {
        return path.to_owned();
    }
    let own = |name: &str| project.root.join(name);
    if own(REGISTER_FOLDER).is_dir() {
        let name: String = id
            .chars()
            .map(|c| if matches!(c, '/' | ':') { '-' } else { c })
            .collect();
        return own(REGISTER_FOLDER).join(format!("{name}.toml"));
    }
    if !own("exceptions.toml").exists() && own(".byway/exceptions.toml").exists() {
        return own(".byway/exceptions.toml");
    }
    own("exceptions.toml")
}
