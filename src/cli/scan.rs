//! `byway scan`.

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result, anyhow, bail};
use globset::{Glob, GlobSet, GlobSetBuilder};
use jiff::civil::Date;

use byway::detect::Engine;
use byway::finding::{Finding, Gravity, Problem};
use byway::register::{Coverage, Judged};
use byway::report::{self, Report, text::Style};
use byway::rule::Rule;
use byway::scan::{self, Extract, Progress};
use byway::source::{Options, Project};

use super::{
    Color, FilterArgs, JudgeArgs, LookArgs, ScanArgs, WalkArgs, WriteArgs, output, progress,
    register, rules,
};

/// Scans, judges and reports.
pub(crate) fn run(args: &ScanArgs, today: Date) -> Result<ExitCode> {
    let project = Project::of(&args.paths).map_err(|e| anyhow!(e))?;
    let engine = rules::engine(&args.select.filter.rules)?;
    let rulings = register::read(&project, &args.judge, today)?;
    output::check(&args.write.output)?;
    let survey = Survey {
        project: &project,
        engine: &engine,
        rulings: &rulings,
        judge: &args.judge,
        filter: &args.select.filter,
        walk: &args.walk,
        quiet: args.write.quiet,
        today,
    };
    let Some(report) = survey.report()? else {
        return Ok(ExitCode::from(progress::INTERRUPTED));
    };
    write(&report, &args.write)?;
    Ok(exit_code(&report, args))
}

/// A scan of a project, judged by its register: what every command that asks for
/// findings goes through.
#[derive(Clone, Copy)]
struct Survey<'a> {
    project: &'a Project,
    engine: &'a Engine,
    rulings: &'a register::Rulings,
    judge: &'a JudgeArgs,
    filter: &'a FilterArgs,
    walk: &'a WalkArgs,
    quiet: bool,
    today: Date,
}

impl<'a> Survey<'a> {
    /// Scans and judges. `None` when the user ended it.
    fn report(self) -> Result<Option<Report<'a>>> {
        let Survey {
            project,
            engine,
            rulings,
            today,
            ..
        } = self;
        let filter = Filter::new(self.filter, engine.rules())?;
        let Some(extract) = self.extract()? else {
            return Ok(None);
        };
        let coverage = Coverage {
            full: project.whole
                && self.walk.exclude.is_empty()
                && filter.takes_every_rule()
                && !extract.problems.iter().any(|p| p.path.ends_with('/')),
            unread: scan::unread(&extract.problems),
            paths: extract.paths,
            ..register::surroundings(project, rulings, self.judge)
        };
        let Extract {
            findings,
            mut problems,
            mut stats,
            ..
        } = extract;
        problems.extend(rulings.problem.clone());
        problems.sort();
        let judged = scan::judge(
            findings,
            &scan::Bench {
                register: &rulings.register,
                policy: &rulings.policy,
                today,
                coverage: &coverage,
                rules: engine.rules(),
            },
            |finding| filter.takes(finding),
            &mut stats,
        );
        Ok(Some(Report {
            rules: engine.rules(),
            judged,
            problems,
            proposals: rulings.proposals.clone(),
            stats,
            today,
        }))
    }

    fn extract(&self) -> Result<Option<Extract>> {
        let options = Options {
            // An ignore file of the change could leave out what the change brings.
            respect_ignores: !self.walk.no_ignore && self.judge.trust_base.is_none(),
            exclude: self.walk.exclude.clone(),
            max_file_size: self.walk.max_file_size,
            threads: self.walk.threads,
        };
        let state = Arc::new(Progress::default());
        progress::stop_on_interrupt(&state)?;
        let extract = progress::shown(&state, self.quiet, || {
            scan::extract(self.project, self.engine, &options, &state)
        });
        let extract = extract.map_err(|e| anyhow!(e))?;
        if state.stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let failed = extract.problems.iter().any(|p| p.gravity == Gravity::Error);
        if extract.stats.files == 0 && !failed {
            if let Some(problem) = extract.problems.first() {
                bail!("nothing was scanned; {} {}", problem.path, problem.what);
            }
            bail!(
                "there was nothing to scan: every file is left out by .gitignore, .ignore or --exclude, or there is none; see --no-ignore"
            );
        }
        Ok(Some(extract))
    }
}

impl LookArgs {
    /// Scans a project and judges what is there. `None` when the user ended it.
    pub(crate) fn report<'a>(
        &'a self,
        project: &'a Project,
        engine: &'a Engine,
        rulings: &'a register::Rulings,
        judge: &'a JudgeArgs,
        today: Date,
    ) -> Result<Option<Report<'a>>> {
        let survey = Survey {
            project,
            engine,
            rulings,
            judge,
            filter: &self.filter,
            walk: &self.walk,
            quiet: false,
            today,
        };
        survey.report()
    }
}

/// What could not be read, unless that is to be put up with.
pub(crate) fn unread<'r>(
    report: &'r Report<'_>,
    walk: &WalkArgs,
) -> impl Iterator<Item = &'r Problem> {
    let tolerated = walk.tolerate_problems;
    let problems = report.problems.iter();
    problems.filter(move |p| p.gravity == Gravity::Error && !tolerated)
}

/// The format has no say in this.
fn exit_code(report: &Report<'_>, args: &ScanArgs) -> ExitCode {
    if unread(report, &args.walk).next().is_some() {
        return ExitCode::from(2);
    }
    let counts = |judged: &Judged| {
        judged.verdict.is_open() && judged.finding.severity >= args.select.fail_on
    };
    let failed = report.judged.iter().any(counts) && !args.select.exit_zero;
    ExitCode::from(u8::from(failed))
}

/// Which findings are reported.
struct Filter<'a> {
    args: &'a FilterArgs,
    rule: GlobSet,
    skip: GlobSet,
}

impl<'a> Filter<'a> {
    fn new(args: &'a FilterArgs, rules: &[Rule]) -> Result<Self> {
        Ok(Self {
            rule: globs("--rule", &args.rule, rules)?,
            skip: globs("--skip-rule", &args.skip_rule, rules)?,
            args,
        })
    }

    /// Whether no rule is left out, so that what wasn't found isn't there.
    fn takes_every_rule(&self) -> bool {
        self.rule.is_empty() && self.skip.is_empty() && self.args.class.is_empty()
    }

    fn takes(&self, finding: &Finding) -> bool {
        let args = self.args;
        (self.rule.is_empty() || self.rule.is_match(finding.rule.as_ref()))
            && !self.skip.is_match(finding.rule.as_ref())
            && (args.class.is_empty() || args.class.contains(&finding.class))
            && finding.severity >= args.min_severity
            && finding.confidence >= args.min_confidence
    }
}

/// Globs over rule ids. One that no rule's id matches is a mistake: it would make a
/// scan that looks for nothing seem clean.
fn globs(option: &str, globs: &[String], rules: &[Rule]) -> Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for text in globs {
        let glob = Glob::new(text)
            .with_context(|| format!("{option} {text}: write a glob such as 'static-key/*'"))?;
        let matcher = glob.compile_matcher();
        if !rules.iter().any(|rule| matcher.is_match(rule.id.as_ref())) {
            bail!("{option} {text}: no rule's id matches; `byway rules list` shows them");
        }
        set.add(glob);
    }
    Ok(set.build()?)
}

/// Writes every report that was asked for. Each is made in memory first, so that what
/// appears is complete.
fn write(report: &Report<'_>, args: &WriteArgs) -> Result<()> {
    let rendered = |format, style| -> Result<Vec<u8>> {
        let options = report::Options {
            style,
            profile: args.sarif_profile,
        };
        let mut bytes = Vec::new();
        report::write(format, report, options, &mut bytes)?;
        Ok(bytes)
    };
    let mut stdout_taken = false;
    for target in &args.output {
        let format = target.format.unwrap_or(args.format);
        stdout_taken |= target.format.is_none();
        let style = Style {
            color: matches!(args.color, Color::Always),
            width: 80,
            ..style(args)
        };
        output::file(&target.path, &rendered(format, style)?)?;
    }
    if stdout_taken {
        return Ok(());
    }
    output::stdout(&rendered(args.format, style(args))?)
}

fn style(args: &WriteArgs) -> Style {
    Style {
        verbose: args.verbose,
        quiet: args.quiet,
        ..plain_style(args.color)
    }
}

/// Colour and width as standard output has them.
pub(crate) fn plain_style(color: Color) -> Style {
    let terminal = io::stdout().is_terminal();
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    Style {
        color: match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && wanted,
        },
        width: if terminal { width().clamp(40, 120) } else { 80 },
        ..Style::default()
    }
}

/// How wide a table may be; as wide as it likes where nobody looks at a terminal.
pub(crate) fn columns() -> Option<u16> {
    let terminal = io::stdout().is_terminal();
    terminal.then(|| u16::try_from(width()).unwrap_or(u16::MAX).max(60))
}

fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    columns.unwrap_or_else(|| usize::from(console::Term::stdout().size().1))
}
