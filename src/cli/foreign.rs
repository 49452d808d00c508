//! `byway import`: what other tools were told to pass over, as proposed entries.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use clap::Args;
use jiff::civil::Date;

use byway::finding::veiled;
use byway::import::exceptions::{self, Left, Proposal};
use byway::register::edit::{Draft, Owners, one_line};
use byway::register::entry::Category;
use byway::rule;
use byway::source::{self, Project};

use super::declare::plan::{Plan, codeowners};
use super::declare::{EntryArgs, WriteArgs, write};
use super::register::{commands, counted};
use super::{JudgeArgs, output, register};

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// Files of other tools
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The project
    #[arg(long, value_name = "PATH", default_value = ".")]
    project: PathBuf,
    #[command(flatten)]
    entry: EntryArgs,
    #[command(flatten)]
    write: WriteArgs,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
}

/// Proposes entries, and says what could not be made into one.
pub(crate) fn run(args: &ImportArgs, today: Date) -> Result<ExitCode> {
    commands::editable(&args.judge)?;
    let project = Project::of(std::slice::from_ref(&args.project)).map_err(|e| anyhow!(e))?;
    let rulings = register::read(&project, &args.judge, today)?;
    let codeowners = codeowners(&project);
    let plan = Plan {
        project: &project,
        rulings: &rulings,
        rules: rule::builtin(),
        owners: Owners::read(&codeowners),
        today,
    };
    let mut drafts: Vec<Draft> = Vec::new();
    let mut notes = String::new();
    let mut ids = plan.ids();
    for path in &args.files {
        let full = path.canonicalize().unwrap_or_else(|_| path.clone());
        let shown = project.relative(&full);
        let text = source::text(path).with_context(|| format!("{shown} can't be read"))?;
        let (tool, foreign) = exceptions::read(&shown, &text).map_err(|e| anyhow!(e))?;
        let (proposals, left) = exceptions::propose(&foreign, today);
        for one in left {
            // Writing to a string cannot fail.
            let Left { id, line, why } = one;
            _ = writeln!(notes, "left out: {shown}:{line}: {id} ({why})");
        }
        for proposal in proposals {
            let draft = Draft {
                id: ids.next().unwrap_or_default(),
                ..draft(&plan, &args.entry, &proposal, tool, &shown)
            };
            for missing in missing(&proposal) {
                _ = writeln!(notes, "{}: {missing}", draft.id);
            }
            drafts.push(draft);
        }
    }
    let notes = veiled(&notes);
    if drafts.is_empty() {
        output::stdout(format!("{notes}there is nothing to propose\n").as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let code = write(&drafts, &args.write, &plan, false)?;
    if args.write.dry_run {
        output::stderr(notes.as_bytes());
    } else {
        output::stdout(notes.as_bytes())?;
    }
    Ok(code)
}

/// What the tool's file didn't say.
fn missing(proposal: &Proposal) -> impl Iterator<Item = &'static str> {
    let missing = [
        (proposal.expires.is_none(), "had no end"),
        (proposal.owner.is_none(), "had no owner"),
        (proposal.reason.is_none(), "had no reason"),
    ];
    missing
        .into_iter()
        .filter_map(|(is, what)| is.then_some(what))
}

fn draft(plan: &Plan<'_>, args: &EntryArgs, proposal: &Proposal, tool: &str, file: &str) -> Draft {
    let of_class = |class: &str| {
        let mut rules = proposal.covers.iter().flat_map(|cover| &cover.rules);
        rules.all(|rule| rule.starts_with(class))
    };
    let category = if of_class("static-key/") {
        Category::LegacyCredential
    } else {
        Category::Other
    };
    let first = proposal
        .covers
        .first()
        .and_then(|cover| cover.paths.first());
    let owner = proposal.owner.clone();
    let owner = owner.or_else(|| first.and_then(|path| plan.owner_of(path)));
    let title = format!(
        "{} that {tool} passes over",
        counted(proposal.from.len(), "finding")
    );
    let draft = plan.draft(args, category, owner, title);
    let granted = proposal.granted.filter(|day| *day <= plan.today);
    // No longer than the policy allows, whatever was promised elsewhere.
    let expires = proposal.expires.filter(|_| args.expires.is_none());
    let expires = expires.map_or(draft.expires, |day| day.min(draft.expires));
    let places: Vec<_> = proposal
        .from
        .iter()
        .take(12)
        .map(|(id, line)| format!("{id} (line {line})"))
        .collect();
    let more = proposal.from.len().saturating_sub(places.len());
    let more = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more")
    };
    let since = granted
        .map(|day| format!(", since {day}"))
        .unwrap_or_default();
    let until = proposal
        .expires
        .map(|day| format!(", until {day}"))
        .unwrap_or_default();
    let place = format!("From {file}: {}{more}{since}{until}.", places.join(", "));
    Draft {
        reason: args
            .reason
            .clone()
            .or_else(|| proposal.reason.clone())
            .unwrap_or(draft.reason),
        approved_by: if args.approved_by.is_empty() {
            proposal.approved_by.clone()
        } else {
            args.approved_by.clone()
        },
        tickets: [&args.ticket[..], &proposal.tickets].concat(),
        expires,
        remarks: vec![veiled(&one_line(&place))],
        covers: proposal.covers.clone(),
        ..draft
    }
}
