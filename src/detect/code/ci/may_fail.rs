//! A security scanner of a pipeline whose verdict holds nothing back.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};

use super::gates::{self, Scan};
use crate::detect::code::scanners::{self, Report};
use crate::detect::hit::Spot;
use crate::detect::pipeline::{Job, Lenience, Pipeline, Route, Step, System};
use crate::detect::{Cx, Hit};
use crate::document::{Document, Span};
use crate::finding::{Confidence, Severity};

/// Finds scanners that may fail or succeed whatever they find.
pub(in crate::detect::code) fn of_pipeline(cx: &Cx<'_, '_>, pipeline: &Pipeline) -> Vec<Hit> {
    let mut runs = Vec::new();
    for (index, job) in pipeline.jobs.iter().enumerate() {
        for (at, step) in job.steps.iter().enumerate() {
            for scan in gates::scans(step) {
                runs.push(Run {
                    index,
                    job,
                    at,
                    step,
                    scan,
                });
            }
        }
    }
    let reading = Reading {
        pipeline,
        blocking: blocking(&runs),
        own: own_names(cx.document, pipeline),
        asked: asked(cx.document.bytes()),
        uploads: RefCell::default(),
        left: Cell::new(MOST_ASKED),
    };
    let mut hits = Vec::new();
    let mut done = None;
    for run in &runs {
        // One finding for the job, about the first scanner in it.
        if let Some(flag) = &run.job.may_fail
            && done != Some(run.index)
        {
            done = Some(run.index);
            hits.extend(reading.of_run(run, flag.span, &by_job(flag), Severity::High));
            continue;
        }
        if let Some((span, how, severity)) = run.softened() {
            hits.extend(reading.of_run(run, span, &how, severity));
        }
    }
    reading.by_setting(&mut hits);
    hits
}

fn by_job(flag: &Lenience) -> String {
    format!("its job has `{}`", flag.key)
}

/// A run of a scanner, and where.
struct Run<'p> {
    index: usize,
    job: &'p Job,
    at: usize,
    step: &'p Step,
    scan: Scan<'p>,
}

impl Run<'_> {
    /// What makes this run succeed whatever it finds: where, how, how bad.
    fn softened(&self) -> Option<(Span, String, Severity)> {
        if let Some(flag) = &self.step.may_fail {
            let how = format!("its step has `{}`", flag.key);
            return Some((flag.span, how, Severity::High));
        }
        let scanner = self.scan.scanner;
        if let Some((command, span)) = self.scan.command {
            if command.forgiven {
                return Some((span, "its failure is ignored".to_owned(), Severity::High));
            }
            let flag = scanner.softened(command)?;
            return Some((span, format!("`{flag}` lets it pass"), Severity::High));
        }
        let input = |name: &str| self.step.input(name).map(|set| set.value.text.clone());
        let name = scanner.softened_by_input(&input)?;
        let set = self.step.input(name)?;
        let span = Span::new(set.at.start, set.value.span.end.max(set.at.end));
        let how = format!("its input `{name}` lets it pass");
        Some((span, how, Severity::Medium))
    }

    /// Whether the job stops when the scanner finds something.
    fn blocks(&self) -> bool {
        let never = |step: &Step| step.conditions.iter().any(|when| when.condition.is_never());
        let reports = self
            .scan
            .command
            .is_some_and(|(command, _)| self.scan.scanner.only_reports(command));
        let off = self.job.conditions.iter().any(|w| w.condition.is_never());
        self.job.may_fail.is_none()
            && self.softened().is_none()
            && !reports
            && !off
            && !never(self.step)
    }

    /// The report that the scanner writes.
    fn report(&self) -> Option<Report> {
        if let Some((command, _)) = self.scan.command {
            return scanners::report_of(command);
        }
        let input = |name: &str| self.step.input(name).map(|set| set.value.text.clone());
        scanners::report_of_step(&input)
    }
}

/// For each scanner the jobs in which it blocks.
type Blocking = BTreeMap<&'static str, Vec<usize>>;

fn blocking(runs: &[Run<'_>]) -> Blocking {
    let mut out = Blocking::new();
    for run in runs.iter().filter(|run| run.blocks()) {
        let jobs = out.entry(run.scan.scanner.name).or_default();
        if jobs.last() != Some(&run.index) {
            jobs.push(run.index);
        }
    }
    out
}

/// How the repository may be called: by its folder and by what conditions compare with.
fn own_names(document: &Document<'_>, pipeline: &Pipeline) -> Vec<String> {
    let path = document.path();
    let mut folders = path.split('/').rev().skip_while(|p| !p.starts_with('.'));
    folders.next();
    let mut out: Vec<String> = folders.next().map(str::to_owned).into_iter().collect();
    let jobs = pipeline.jobs.iter().take(100);
    for when in jobs.flat_map(|job| &job.conditions) {
        let wanted = when.condition.requires_equal(&["github", "repository"]);
        out.extend(wanted);
    }
    out.truncate(20);
    out
}

/// What the findings of one file are judged by.
struct Reading<'r> {
    pipeline: &'r Pipeline,
    blocking: Blocking,
    own: Vec<String>,
    /// Steps and jobs whose result is asked for: `steps.ID.outcome`, `needs.ID.result`.
    asked: HashSet<(&'static str, &'r str)>,
    /// Where steps send reports to, once that was asked.
    uploads: RefCell<HashMap<*const Step, Option<&'static str>>>,
    /// How many commands may still be asked whether they read a report.
    left: Cell<usize>,
}

/// How many commands of a pipeline are asked whether they read a report: each scanner
/// asks all that come after it.
const MOST_ASKED: usize = 1_000_000;

/// Whose result a file asks for.
fn asked(bytes: &[u8]) -> HashSet<(&'static str, &str)> {
    let mut out = HashSet::new();
    let contexts: [(&str, &[&[u8]]); 2] = [
        ("steps", &[b".outcome", b".outputs"]),
        ("needs", &[b".result"]),
    ];
    for (context, wanted) in contexts {
        for at in memchr::memmem::find_iter(bytes, context.as_bytes()) {
            let rest = bytes.get(at + context.len()..).unwrap_or_default();
            let Some(rest) = rest.strip_prefix(b".") else {
                continue;
            };
            let word = |b: &&u8| b.is_ascii_alphanumeric() || matches!(**b, b'_' | b'-');
            let (id, after) = rest.split_at(rest.iter().take_while(word).count());
            if wanted.iter().any(|what| after.starts_with(what))
                && let Ok(id) = std::str::from_utf8(id)
            {
                out.insert((context, id));
            }
        }
    }
    out
}

/// What still holds a change back, though the run passes.
enum Mitigation {
    /// The gate is closed elsewhere: no finding.
    Closed,
    /// Something may be: in words, and how sure that leaves the finding.
    Perhaps(String, Confidence),
}

impl Reading<'_> {
    fn of_run(&self, run: &Run<'_>, span: Span, how: &str, severity: Severity) -> Option<Hit> {
        let scanner = run.scan.scanner;
        let mut hit = self.hit(span, scanner.name, how, run.job, Some(run.step));
        hit.severity = Some(severity);
        match self.mitigation(run) {
            Some(Mitigation::Closed) => return None,
            Some(Mitigation::Perhaps(why, confidence)) => {
                hit.message = Some(format!(
                    "{} may find anything: {how}, though {why}.",
                    scanner.name
                ));
                hit.severity = Some(severity.min(Severity::Medium));
                hit.confidence = Some(confidence);
            }
            None => {}
        }
        Some(hit)
    }

    fn hit(&self, span: Span, name: &str, how: &str, job: &Job, step: Option<&Step>) -> Hit {
        let what = format!("{name} stops nothing");
        let route = Route::to(self.pipeline, job).by(span, what).stations();
        let mut hit = Hit::new(span)
            .about(name)
            .anchored(self.pipeline.anchor(Some(job), step))
            .along(route)
            .saying(format!("{name} may find anything: {how}."));
        if let Some(spot) = &job.defined {
            hit = hit.beside(spot.clone(), "the job is written here");
        }
        hit
    }

    fn mitigation(&self, run: &Run<'_>) -> Option<Mitigation> {
        let name = run.scan.scanner.name;
        if self.own.iter().any(|own| run.scan.scanner.is_own(own))
            || self.reads_outcome(run)
            || self.blocks_in(name, run.index)
        {
            return Some(Mitigation::Closed);
        }
        let report = run.report();
        if let Some(reader) = self.reader(run, report.as_ref()) {
            return Some(reader);
        }
        let elsewhere = self.blocking.get(name)?.first()?;
        let job = self.pipeline.jobs.get(*elsewhere)?;
        let why = format!("it blocks in '{}'", job.id);
        // What it looks at there may be something else.
        Some(Mitigation::Perhaps(why, Confidence::Medium))
    }

    fn blocks_in(&self, name: &str, index: usize) -> bool {
        let jobs = self.blocking.get(name);
        jobs.is_some_and(|jobs| jobs.binary_search(&index).is_ok())
    }

    /// Whether anything later asks how the step or the job went. What asks for the
    /// conclusion always hears that it went well.
    fn reads_outcome(&self, run: &Run<'_>) -> bool {
        let id = run.step.id.as_ref();
        id.is_some_and(|id| self.asked.contains(&("steps", id.as_str())))
            || self.reads_result(run.job)
    }

    /// Whether another job asks how this one went. `needs.x.result` of a job that may
    /// fail still says `failure`.
    fn reads_result(&self, job: &Job) -> bool {
        self.asked.contains(&("needs", job.id.as_str()))
    }

    /// Where a step sends reports to.
    fn uploads(&self, step: &Step) -> Option<&'static str> {
        let key = std::ptr::from_ref(step);
        if let Some(known) = self.uploads.borrow().get(&key) {
            return *known;
        }
        let uses = step.uses.as_ref();
        let by_action = uses.and_then(|uses| scanners::uploads_by_action(&uses.text));
        let mut commands = step.commands();
        let to = by_action.or_else(|| commands.find_map(|(c, _)| scanners::uploads(c)));
        self.uploads.borrow_mut().insert(key, to);
        to
    }

    /// Who judges the report afterwards, in this job or another.
    fn reader(&self, run: &Run<'_>, report: Option<&Report>) -> Option<Mitigation> {
        let later = run.job.steps.get(run.at..).unwrap_or_default();
        for step in later.iter().take(200) {
            if let Some(to) = self.uploads(step) {
                let why = format!("what it finds goes to {to}");
                return Some(Mitigation::Perhaps(why, Confidence::Low));
            }
        }
        let file = report?.file.as_deref()?;
        let ended = run.scan.command.map_or(0, |(command, _)| command.span.end);
        let judges = |step: &Step, same: bool| {
            let left = self.left.get();
            self.left
                .set(left.saturating_sub(step.script.commands.len()));
            let mut commands = step.commands().take(left);
            commands.any(|(command, _)| {
                (!same || command.span.start >= ended) && scanners::reads_report(command, file)
            })
        };
        let mut steps = later.iter().enumerate().take(200);
        if steps.any(|(at, step)| judges(step, at == 0)) {
            let why = format!("`{file}` is read afterwards");
            return Some(Mitigation::Perhaps(why, Confidence::Low));
        }
        let mut after = self.pipeline.jobs.iter().take(50);
        let reads = after.any(|job| {
            job.needs.contains(&run.job.id) && job.steps.iter().take(50).any(|s| judges(s, false))
        });
        let why = || format!("`{file}` is read by a later job");
        reads.then(|| Mitigation::Perhaps(why(), Confidence::Low))
    }

    /// Jobs that scan by their image, as a job of the system's templates, or by what they
    /// call of the same file.
    fn by_setting(&self, hits: &mut Vec<Hit>) {
        let called = templates(self.pipeline);
        for job in &self.pipeline.jobs {
            let Some(flag) = &job.may_fail else {
                continue;
            };
            let scans = job.steps.iter().any(|step| !gates::scans(step).is_empty());
            if scans || self.reads_result(job) {
                continue;
            }
            if let Some(name) = gates::of_setting(self.pipeline, job) {
                let hit = self.hit(flag.span, name, &by_job(flag), job, None);
                hits.push(hit.sure(Confidence::Medium));
                continue;
            }
            let call = job.calls.as_ref();
            let template = call.and_then(|call| called.get(call.text.as_str()));
            if let Some((template, name)) = template {
                let hit = self.hit(flag.span, name, &by_job(flag), job, None);
                hits.push(hit.beside(Spot::Here(template.at), "this is what it runs"));
            }
        }
    }
}

/// The scanners among the templates and tasks that jobs of the same file call by name.
fn templates(pipeline: &Pipeline) -> HashMap<&str, (&Job, &'static str)> {
    let mut out = HashMap::new();
    if !matches!(pipeline.system, System::Argo | System::Tekton) {
        return out;
    }
    for job in &pipeline.jobs {
        let name = job.id.rsplit('/').next().unwrap_or(&job.id);
        let scan = job.steps.iter().find_map(|step| {
            let scans = gates::scans(step);
            Some(scans.first()?.scanner.name)
        });
        if let Some(scan) = scan {
            out.entry(name).or_insert((job, scan));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_result_is_asked_for() {
        let text = b"if: steps.a-b.outcome == 'x' && needs.scan.result != 'y' && steps.c.conclusion && steps";
        let asked = asked(text);
        assert!(asked.contains(&("steps", "a-b")) && asked.contains(&("needs", "scan")));
        assert_eq!(asked.len(), 2);
    }
}
