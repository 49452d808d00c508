//! `byway register prune`.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, bail};
use clap::Args;
use jiff::civil::Date;

use byway::register::edit::{self, Waste};
use byway::register::{Judged, Register, Verdict};

use super::commands::{OfArgs, editable, open};
use super::counted;
use crate::cli::edit::{Change, apply, check};
use crate::cli::{LookArgs, output, progress, rules};

#[derive(Debug, Args)]
pub(crate) struct PruneArgs {
    /// Take out closed and revoked exceptions too
    #[arg(long)]
    closed: bool,
    /// Show the change as a diff and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    pub(crate) of: OfArgs,
    #[command(flatten)]
    look: LookArgs,
}

pub(super) fn run(args: &PruneArgs, today: Date) -> Result<ExitCode> {
    editable(&args.of.judge)?;
    let (project, rulings) = open(&args.of.project, &args.of.judge, today)?;
    let engine = rules::engine(&args.look.filter.rules)?;
    if !project.whole || !args.look.walk.exclude.is_empty() {
        bail!(
            "what is unused shows only in a scan of the whole project; give its root, and no --exclude"
        );
    }
    let look = &args.look;
    let report = look.report(&project, &engine, &rulings, &args.of.judge, today)?;
    let Some(report) = report else {
        return Ok(ExitCode::from(progress::INTERRUPTED));
    };
    let mut waste = unused(&report.judged, &rulings.register);
    if args.closed {
        let records = rulings
            .register
            .entries
            .iter()
            .filter(|entry| entry.is_record());
        for entry in records {
            let path = Arc::clone(entry.spot.path());
            let file = waste.entry(path).or_default();
            file.entries.insert(entry.id.value.clone());
        }
    }
    let mut changes = Vec::new();
    for file in &rulings.files {
        if let Some(waste) = waste.get(&file.path) {
            let text = edit::prune(&file.path, &file.text, waste)?;
            changes.push(Change::of(file, text));
        }
    }
    check(&project, &changes, &rulings, engine.rules(), today)?;
    apply(&changes, args.dry_run)?;
    if !args.dry_run {
        output::stdout(told(&waste).as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What is said of what was taken out.
fn told(waste: &BTreeMap<Arc<str>, Waste>) -> String {
    let sum = |of: fn(&Waste) -> usize| waste.values().map(of).sum::<usize>();
    if waste.is_empty() {
        "nothing is unused\n".to_owned()
    } else {
        format!(
            "{}, {} and {} taken out\n",
            counted(
                sum(|w| w.covers.values().map(std::collections::BTreeSet::len).sum()),
                "unused cover"
            ),
            counted(sum(|w| w.false_positives.len()), "unused false positive"),
            counted(sum(|w| w.entries.len()), "closed exception"),
        )
    }
}

/// What a full scan calls unused, by file.
fn unused(judged: &[Judged], register: &Register) -> BTreeMap<Arc<str>, Waste> {
    let mut waste: BTreeMap<Arc<str>, Waste> = BTreeMap::new();
    let faults = judged
        .iter()
        .filter(|j| j.verdict == Verdict::Fault && j.finding.rule == "register/unused");
    for fault in faults {
        let place = &fault.finding.place;
        let mut file = Waste::default();
        if let Some(entry) = &fault.entry {
            let cover = entry
                .covers
                .iter()
                .position(|cover| cover.spot.place() == *place);
            let Some(cover) = cover else { continue };
            let id = entry.id.value.clone();
            file.covers.entry(id).or_default().insert(cover);
        }
        let false_positives = register.false_positives.iter();
        let own = false_positives.filter(|f| f.fingerprint.spot.place() == *place);
        file.false_positives
            .extend(own.map(|f| f.fingerprint.value));
        let known = waste.entry(Arc::clone(&place.path)).or_default();
        for (id, covers) in file.covers {
            known.covers.entry(id).or_default().extend(covers);
        }
        known.false_positives.extend(file.false_positives);
    }
    waste
}
