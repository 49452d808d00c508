//! The spine: from paths to judged findings, in one place.
//!
//! `source` walks and reads in parallel; each of its threads turns a file into a
//! document, has the engine look at it, and keeps what was found. When the walk is
//! over the threads' lists are joined and sorted, and from there on nothing depends on
//! how many threads there were. Pipelines refer to one another, so they are set aside
//! during the walk and scanned after it.

mod aside;

use jiff::civil::Date;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aside::{Aside, Fate};

use crate::detect::{Engine, Scratch};
use crate::document::Document;
use crate::finding::{Finding, Gravity, Problem};
use crate::register::{self, Coverage, Judged, Policy, Register, Verdict};
use crate::report::Stats;
use crate::rule::Rule;
use crate::source::{self, Options, Project, Source, Walked};

/// What a scan found, before any register is asked.
#[derive(Debug, Default)]
pub struct Extract {
    /// Findings, sorted.
    pub findings: Vec<Finding>,
    /// What could not be read, sorted.
    pub problems: Vec<Problem>,
    /// The files that were looked at, sorted.
    pub paths: Vec<Arc<str>>,
    /// What was looked at.
    pub stats: Stats,
}

/// Progress of a running scan, for whoever shows it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Files read so far.
    pub files: AtomicU64,
    /// Set to end the scan early; what it returns then is not complete.
    pub stop: AtomicBool,
}

/// Scans the project's targets with every rule of the engine.
///
/// # Errors
///
/// Says what is wrong with the options. A file that can't be read is a problem in the
/// extract, not an error.
pub fn extract(
    project: &Project,
    engine: &Engine,
    options: &Options,
    progress: &Progress,
) -> Result<Extract, String> {
    let all = Mutex::new((Extract::default(), Aside::default()));
    source::walk(project, options, &progress.stop, || {
        let mut worker = Worker {
            engine,
            scratch: Scratch::default(),
            own: Extract::default(),
            aside: Aside::default(),
            all: &all,
        };
        move |walked: Walked<'_>| {
            progress.files.fetch_add(1, Ordering::Relaxed);
            worker.take(walked);
        }
    })?;
    let (mut all, aside) = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    if !progress.stop.load(Ordering::Relaxed) {
        let read = |path: &str| source::inside(project, path, options.max_file_size);
        aside::scan(aside, engine, options.threads, &read, &mut all);
    }
    all.findings.sort_by(|a, b| a.order().cmp(&b.order()));
    all.problems.sort();
    all.paths.sort_unstable();
    Ok(all)
}

/// Scans one text as if it stood at `path`.
pub fn extract_one(
    engine: &Engine,
    source: &Source<'_>,
    scratch: &mut Scratch,
) -> (Vec<Finding>, Vec<Problem>) {
    examine(engine, &Document::new(source.path, source.bytes), scratch)
}

fn examine(
    engine: &Engine,
    document: &Document<'_>,
    scratch: &mut Scratch,
) -> (Vec<Finding>, Vec<Problem>) {
    // A detector's bug on one file must not lose a run over thousands.
    let scanned = catch_unwind(AssertUnwindSafe(|| {
        let findings = engine.scan(document, scratch);
        let problems = problems(document);
        (findings, problems)
    }));
    scanned.unwrap_or_else(|_| {
        *scratch = Scratch::default();
        let problem = Problem {
            path: document.path().into(),
            line: None,
            gravity: Gravity::Error,
            what: "could not be scanned: a detector failed on it; please report this file's kind"
                .to_owned(),
        };
        (Vec::new(), vec![problem])
    })
}

/// What kept the document from being read in full: the limits that were met, and
/// faults of its tree, if a rule wanted one.
fn problems(document: &Document<'_>) -> Vec<Problem> {
    let note = |what| Problem {
        path: document.path().into(),
        line: None,
        gravity: Gravity::Note,
        what,
    };
    let mut problems: Vec<_> = document.notes().into_iter().map(note).collect();
    let fault = document.asked_tree().and_then(|tree| tree.faults.first());
    problems.extend(fault.map(|fault| {
        let what = format!(
            "could not be parsed in full ({}); text rules ran, rules on its structure may have missed something",
            fault.what
        );
        if fault.large {
            return note(what);
        }
        let line = document.lines().index_of(fault.offset.min(document.bytes().len())) + 1;
        Problem {
            line: u32::try_from(line).ok(),
            gravity: Gravity::Error,
            ..note(what)
        }
    }));
    problems
}

/// One thread's share. What it found is handed over when the thread ends.
struct Worker<'s> {
    engine: &'s Engine,
    scratch: Scratch,
    own: Extract,
    aside: Aside,
    all: &'s Mutex<(Extract, Aside)>,
}

impl Worker<'_> {
    fn take(&mut self, walked: Walked<'_>) {
        match walked {
            Walked::File(source) => {
                self.own.stats.files += 1;
                self.own.paths.push(source.path.into());
                self.own.stats.bytes += source.bytes.len() as u64;
                let document = Document::new(source.path, source.bytes);
                if self.aside.take(&source, document.kinds_by_path()) == Fate::Waits {
                    return;
                }
                let (findings, problems) = examine(self.engine, &document, &mut self.scratch);
                self.own.findings.extend(findings);
                self.own.problems.extend(problems);
            }
            Walked::Problem(problem) => {
                self.own.stats.skipped += u64::from(problem.gravity == Gravity::Note);
                self.own.problems.push(problem);
            }
        }
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, aside) = &mut *all;
        aside.append(&mut self.aside);
        all.findings.append(&mut self.own.findings);
        all.problems.append(&mut self.own.problems);
        all.paths.append(&mut self.own.paths);
        all.stats.files += self.own.stats.files;
        all.stats.bytes += self.own.stats.bytes;
        all.stats.skipped += self.own.stats.skipped;
    }
}

/// The paths that were not read, for the judgement of unused entries.
pub fn unread(problems: &[Problem]) -> Vec<Arc<str>> {
    let mut paths: Vec<_> = problems.iter().map(|p| p.path.clone()).collect();
    paths.dedup();
    paths
}

/// What findings are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Bench<'a> {
    /// The register.
    pub register: &'a Register,
    /// The policy.
    pub policy: &'a Policy,
    /// The day.
    pub today: Date,
    /// What was looked at.
    pub coverage: &'a Coverage,
    /// The rules of the run.
    pub rules: &'a [Rule],
}

/// Judges the findings that `visible` takes; the others are counted as hidden.
///
/// A hidden finding takes no place under an entry's ceiling, since nobody could see
/// why the ceiling was passed. But an entry that covers a hidden finding is in use.
pub fn judge(
    findings: Vec<Finding>,
    bench: &Bench<'_>,
    visible: impl Fn(&Finding) -> bool,
    stats: &mut Stats,
) -> Vec<Judged> {
    let ask = |findings| {
        let Bench {
            register,
            policy,
            today,
            coverage,
            rules,
        } = *bench;
        register::judge(findings, register, policy, today, coverage, rules)
    };
    // These say that too little was found, which hidden findings may disprove.
    let unused = |judged: &Judged| TOO_LITTLE.contains(&&*judged.finding.rule);
    let (shown, hidden): (Vec<_>, Vec<_>) = findings.into_iter().partition(&visible);
    stats.hidden += hidden.len() as u64;
    let mut judged = ask(shown);
    if !hidden.is_empty() && judged.iter().any(unused) {
        let heard = judged.iter().filter(|j| j.verdict != Verdict::Fault);
        let shown = heard.map(|j| j.finding.clone());
        let all = ask(shown.chain(hidden).collect());
        judged.retain(|j| !unused(j));
        judged.extend(all.into_iter().filter(unused));
        judged.sort_by(|a, b| a.finding.order().cmp(&b.finding.order()));
    }
    // Faults of the register pass the same filter as findings.
    judged.retain(|j| j.verdict != Verdict::Fault || visible(&j.finding));
    judged
}

const TOO_LITTLE: &[&str] = &["register/unused", "register/ceiling-slack"];
