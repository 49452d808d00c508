//! `byway register …`, and reading the registers and the policy that apply.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use jiff::civil::Date;

use byway::register::file::Source;
use byway::register::{self, Coverage, Lock, Policy, Register, file, judge, lock, policy};
use byway::report::{self, Format, Report, Stats};
use byway::source::{self, Project};
use byway::{finding, rule};

use super::{JudgeArgs, output, scan};

/// The registers and the policy that apply to a project.
pub(crate) struct Rulings {
    pub(crate) register: Register,
    pub(crate) policy: Policy,
    pub(crate) lock: Option<Lock>,
    /// How many register files there are.
    pub(crate) files: usize,
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
    let mut texts = Vec::new();
    for path in &paths {
        texts.push((shown(project, path), text(path)?));
    }
    let sources: Vec<_> = texts
        .iter()
        .map(|(path, text)| Source {
            path: Arc::clone(path),
            text,
        })
        .collect();
    let register = file::read(&sources)?;
    Ok(Rulings {
        register,
        policy: policy(project, args)?,
        lock: lock(project, args)?,
        files: paths.len(),
    })
}

/// The organisation's policy and the project's own as one.
fn policy(project: &Project, args: &JudgeArgs) -> Result<Policy> {
    let read =
        |path: &Path| -> Result<Policy> { Ok(policy::read(shown(project, path), &text(path)?)?) };
    let own = project.policy().map_err(|e| anyhow!(e))?;
    // The project's own, when it is given as the organisation's, is that.
    let own = own.filter(|own| !args.policy.as_ref().is_some_and(|given| same(given, own)));
    let given = args.policy.as_deref().map(read).transpose()?;
    let own = own.as_deref().map(read).transpose()?;
    Ok(policy::join(given, own)?)
}

/// The project's lock, when only what is bound is to be covered.
fn lock(project: &Project, args: &JudgeArgs) -> Result<Option<Lock>> {
    if !args.locked {
        return Ok(None);
    }
    let path = project.lock().map_err(|e| anyhow!(e))?;
    let path = path.ok_or_else(|| {
        anyhow!(
            "--locked: there is no {}; run `byway register bind` to write it",
            lock::PATH
        )
    })?;
    Ok(Some(lock::read(shown(project, &path), &text(&path)?)?))
}

/// What the judgement has to know of a project besides its findings.
pub(crate) fn surroundings(project: &Project, rulings: &Rulings, args: &JudgeArgs) -> Coverage {
    let wanted = register::wanted(&rulings.register, &rulings.policy).into_iter();
    let files = wanted.map(|path| {
        let bytes = source::inside(project, &path, EVIDENCE);
        let text = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into());
        (path, text)
    });
    Coverage {
        files: files.collect(),
        repo: args.repo.clone(),
        lock: rulings.lock.clone(),
        ..Coverage::default()
    }
}

/// Longest file that is looked into as evidence, in bytes.
const EVIDENCE: u64 = 16 << 20;

fn text(path: &Path) -> Result<String> {
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
pub(crate) fn check(path: &Path, args: &JudgeArgs, today: Date) -> Result<ExitCode> {
    let project = Project::of(&[path.to_owned()]).map_err(|e| anyhow!(e))?;
    let rulings = read(&project, args)?;
    if rulings.files == 0 {
        return Err(anyhow!(
            "{} has no register; write exceptions.toml, or give one with --register",
            source::project::slashed(path)
        ));
    }
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

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
