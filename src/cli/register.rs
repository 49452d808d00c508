//! `byway register …`, and reading the registers and the policy that apply.

mod bind;
mod change;
pub(crate) mod commands;
mod due;
mod list;
mod prune;
mod show;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use jiff::civil::Date;

use byway::finding::Problem;
use byway::register::file::Source;
use byway::register::trust::{self, Proposal};
use byway::register::{self, Coverage, Lock, Policy, Register, file, judge, lock, policy};
use byway::report::{self, Format, Report, Stats};
use byway::source::project::POLICY;
use byway::source::{self, Project};
use byway::{finding, rule};

use super::git::{self, Base};
use super::{JudgeArgs, output, scan};

/// The registers and the policy that apply to a project.
pub(crate) struct Rulings {
    pub(crate) register: Register,
    pub(crate) policy: Policy,
    pub(crate) lock: Option<Lock>,
    /// The register files as they stand.
    pub(crate) files: Vec<File>,
    /// What the change under review does to the register.
    pub(crate) proposals: Vec<Proposal>,
    /// What could not be read of the register's history.
    pub(crate) problem: Option<Problem>,
}

/// A register file that applies.
pub(crate) struct File {
    /// Its path in reports.
    pub(crate) path: Arc<str>,
    /// Where it is; empty for one of another revision.
    pub(crate) at: PathBuf,
    /// What it holds.
    pub(crate) text: String,
    /// Whether it lies in the project, and so belongs to the change under review.
    inside: bool,
}

/// Reads the project's own register files, those that were given, and the policy; the
/// register's history too, unless told not to.
pub(crate) fn read(project: &Project, args: &JudgeArgs, today: Date) -> Result<Rulings> {
    let base = args.trust_base.as_ref();
    let base = base.map(|rev| Base::open(project, rev)).transpose()?;
    let files = files(project, args)?;
    let sources: Vec<_> = files.iter().map(File::source).collect();
    let mut register = file::read(&sources)?;
    let mut proposals = Vec::new();
    if let Some(base) = &base {
        let before = files_before(base, &files)?;
        let before: Vec<_> = before.iter().map(File::source).collect();
        let stood = file::read(&before).map_err(|e| anyhow!("in {}: {e}", base.revision))?;
        (register, proposals) = trust::trusted(
            trust::Read {
                register: &stood,
                sources: &before,
            },
            trust::Read {
                register: &register,
                sources: &sources,
            },
        );
    }
    let policy = policy(project, args, base.as_ref())?;
    let lock = lock(project, args, base.as_ref())?;
    let mut problem = None;
    if !files.is_empty() && !args.no_register_history {
        let inside = files.iter().filter(|file| file.inside);
        let asked = git::Asked {
            register: &register,
            policy: &policy,
            sources: &sources,
            inside: &inside.map(|file| file.path.to_string()).collect::<Vec<_>>(),
            today,
        };
        let (faults, unread) = git::history(project, base.as_ref(), &asked);
        register.faults.extend(faults);
        problem = unread;
    }
    Ok(Rulings {
        register,
        policy,
        lock,
        files,
        proposals,
        problem,
    })
}

impl File {
    fn source(&self) -> Source<'_> {
        Source {
            path: Arc::clone(&self.path),
            text: &self.text,
        }
    }
}

/// The register files as they stand.
fn files(project: &Project, args: &JudgeArgs) -> Result<Vec<File>> {
    let mut paths = project.registers().map_err(|e| anyhow!(e))?;
    for path in &args.register {
        // The same file given twice would be a list of duplicate ids.
        if !paths.iter().any(|known| same(known, path)) {
            paths.push(path.clone());
        }
    }
    let files = paths.iter().map(|path| {
        Ok(File {
            path: shown(project, path),
            at: path.clone(),
            text: text(path)?,
            inside: inside(project, path).is_some(),
        })
    });
    files.collect()
}

/// The register files as they stood: those that are there now, and those that were. What
/// lies elsewhere is no part of the change.
fn files_before(base: &Base, now: &[File]) -> Result<Vec<File>> {
    let mut paths = base.registers()?;
    let given = now.iter().filter(|file| file.inside);
    paths.extend(given.map(|file| file.path.to_string()));
    let mut seen = BTreeSet::new();
    paths.retain(|path| seen.insert(path.clone()));
    let mut files = Vec::new();
    for path in paths {
        if let Some(text) = base.text(&path)? {
            let path = path.into();
            let inside = true;
            let at = PathBuf::new();
            files.push(File {
                path,
                at,
                text,
                inside,
            });
        }
    }
    let elsewhere = now.iter().filter(|file| !file.inside);
    files.extend(elsewhere.map(|file| File {
        path: Arc::clone(&file.path),
        at: file.at.clone(),
        text: file.text.clone(),
        inside: false,
    }));
    Ok(files)
}

/// The path of a file from the project's root, if it lies in it.
fn inside(project: &Project, path: &Path) -> Option<String> {
    let full = path.canonicalize().ok()?;
    let inside = full.strip_prefix(&project.root).ok()?;
    Some(source::project::slashed(inside))
}

/// The organisation's policy and the project's own as one. Of what lies in the project
/// it is what stood before the change under review that counts; what the change makes of
/// it has to be readable all the same.
fn policy(project: &Project, args: &JudgeArgs, base: Option<&Base>) -> Result<Policy> {
    let read =
        |path: &Path| -> Result<Policy> { Ok(policy::read(shown(project, path), &text(path)?)?) };
    let own = project.policy().map_err(|e| anyhow!(e))?;
    // The project's own, when it is given as the organisation's, is that.
    let given_is_own = |own: &Path| args.policy.as_ref().is_some_and(|given| same(given, own));
    let mut given = args.policy.as_deref().map(read).transpose()?;
    let own_now = own.as_deref().filter(|own| !given_is_own(own));
    let mut own = own_now.map(read).transpose()?;
    if let Some(base) = base {
        let within = args
            .policy
            .as_deref()
            .and_then(|path| inside(project, path));
        own = match within.as_deref() {
            Some(POLICY) => None,
            _ => policy_before(base, POLICY)?,
        };
        if let Some(path) = within {
            given = policy_before(base, &path)?;
        }
    }
    Ok(policy::join(given, own)?)
}

fn policy_before(base: &Base, path: &str) -> Result<Option<Policy>> {
    let text = base.text(path)?;
    let read = text.map(|text| policy::read(path.into(), &text));
    read.transpose()
        .map_err(|e| anyhow!("in {}: {e}", base.revision))
}

/// The project's lock, when only what is bound is to be covered: of a change under review
/// what was bound before it.
fn lock(project: &Project, args: &JudgeArgs, base: Option<&Base>) -> Result<Option<Lock>> {
    if !args.locked {
        return Ok(None);
    }
    let missing = || {
        anyhow!(
            "--locked: there is no {}; run `byway register bind` to write it",
            lock::PATH
        )
    };
    let path = project.lock().map_err(|e| anyhow!(e))?;
    let path = path.ok_or_else(missing)?;
    let now = lock::read(shown(project, &path), &text(&path)?)?;
    let Some(base) = base else {
        return Ok(Some(now));
    };
    let before = base.text(lock::PATH)?.ok_or_else(missing)?;
    let before = lock::read(lock::PATH.into(), &before);
    before
        .map(Some)
        .map_err(|e| anyhow!("in {}: {e}", base.revision))
}

/// What the judgement has to know of a project besides its findings.
pub(crate) fn surroundings(project: &Project, rulings: &Rulings, args: &JudgeArgs) -> Coverage {
    Coverage {
        files: evidence(project, &rulings.register, &rulings.policy),
        repo: args.repo.clone(),
        lock: rulings.lock.clone(),
        ..Coverage::default()
    }
}

/// The files that a register and a policy ask about.
fn evidence(
    project: &Project,
    register: &Register,
    policy: &Policy,
) -> BTreeMap<String, Option<Arc<str>>> {
    let wanted = register::wanted(register, policy).into_iter();
    let files = wanted.map(|path| {
        let bytes = source::inside(project, &path, EVIDENCE);
        let text = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into());
        (path, text)
    });
    files.collect()
}

/// Longest file that is looked into as evidence, in bytes.
const EVIDENCE: u64 = 16 << 20;

pub(crate) fn text(path: &Path) -> Result<String> {
    source::text(path).map_err(|error| {
        anyhow!(
            "{}: {error}; give a TOML or YAML file that can be read, a large register as several files in .byway/exceptions.d",
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
    if let Some(inside) = inside(project, path) {
        return inside.into();
    }
    let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = full.file_name();
    name.map_or_else(|| "register".into(), |name| name.to_string_lossy())
        .into()
}

/// `byway register check`.
pub(crate) fn check(path: &Path, args: &JudgeArgs, today: Date) -> Result<ExitCode> {
    let (project, rulings) = commands::open(path, args, today)?;
    let rules = rule::builtin();
    let judged = judge(
        Vec::new(),
        &rulings.register,
        &rulings.policy,
        today,
        &surroundings(&project, &rulings, args),
        rules,
    );
    let failed = judged
        .iter()
        .any(|j| j.finding.severity >= finding::Severity::Medium);
    let report = Report {
        rules,
        judged,
        problems: rulings.problem.into_iter().collect(),
        proposals: rulings.proposals,
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
    report::text::write_proposals(&report, options.style, &mut text)?;
    let line = format!(
        "{} read, {}, judged by {today}\n",
        counted(rulings.register.entries.len(), "exception"),
        counted(report.judged.len(), "fault")
    );
    text.extend_from_slice(line.as_bytes());
    output::stdout(&text)?;
    Ok(ExitCode::from(u8::from(failed)))
}

/// `byway register schema`.
pub(crate) fn schema(policy: bool) -> Result<ExitCode> {
    let schema = if policy {
        register::schema::policy()
    } else {
        register::schema::register()
    };
    output::stdout(register::schema::text(&schema).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
