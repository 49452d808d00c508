//! Texts in what a person writes, a commit's message, a title, a label, that leave out a
//! check or an approval.

use std::collections::HashMap;

use super::gates::{self, Check, Checks, Guard};
use crate::detect::code::controls::{Control, control_noun, is_break_glass};
use crate::detect::condition::{Effect, MessageSwitch};
use crate::detect::pipeline::{self, Job, Pipeline, Route, Step};
use crate::detect::shell::{Command, Word};
use crate::detect::words::words;
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::{Confidence, Severity};

/// Finds such switches, in conditions and in scripts.
pub(in crate::detect::code) fn switches(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(pipeline) = pipeline::of(cx.document) else {
        return Vec::new();
    };
    let mut hits = Vec::new();
    let mut asked: HashMap<&str, Vec<MessageSwitch>> = HashMap::new();
    for guard in gates::guards(cx.document, pipeline) {
        let when = guard.when;
        let found = asked
            .entry(when.text.text.as_str())
            .or_insert_with(|| when.condition.message_switches());
        hits.extend(of_condition(pipeline, &guard, found));
    }
    let Some(checks) = Checks::of(cx.document) else {
        return hits;
    };
    for job in &pipeline.jobs {
        of_scripts(pipeline, checks, job, &mut hits);
    }
    hits
}

/// What a text says that it leaves out.
#[derive(Clone, Copy)]
struct Leaves {
    control: Option<Control>,
}

/// Whether a text asks for something to be left out. That the whole pipeline is skipped
/// is the platform's own, and a check that has to pass still waits.
fn leaves_out(literal: &str, label: bool) -> Option<Leaves> {
    if let Some(skip) = control_noun(literal) {
        let control = Some(skip.control);
        return Some(Leaves { control });
    }
    if is_break_glass(literal) {
        let control = Some(Control::All);
        return Some(Leaves { control });
    }
    let words = words(literal);
    let has = |sought: &[&str]| words.iter().any(|word| sought.contains(&word.as_str()));
    let native = has(&["ci", "cd", "actions", "pipeline", "build"]);
    (has(&["skip", "bypass"]) && (label || !native)).then_some(Leaves { control: None })
}

/// A pattern as the text that it is for.
fn plain(literal: &str) -> String {
    let bare: String = literal.chars().filter(|c| *c != '\\').collect();
    bare.trim_matches(|c: char| matches!(c, '*' | '^' | '$' | '/') || c.is_whitespace())
        .trim_start_matches(".*")
        .trim_end_matches(".*")
        .to_owned()
}

fn of_condition(pipeline: &Pipeline, guard: &Guard<'_>, found: &[MessageSwitch]) -> Vec<Hit> {
    let hits = found.iter().filter_map(|switch| {
        let path = switch.path.join(".").to_ascii_lowercase();
        let label = path.contains("label");
        let leaves = leaves_out(&switch.literal, label)?;
        let (what, severity) = match (switch.effect, guard.check) {
            (Effect::Skips, Some(check)) => (check.title(), severity(check)),
            // A text by which something is deployed at once.
            (_, _) if guard.acts && gives_way(leaves) => ("the approval", Severity::High),
            _ => return None,
        };
        let text = plain(&switch.literal);
        let message = format!(
            "'{text}' in {} leaves out {what}: {} asks for it.",
            place(&path),
            guard.what()
        );
        let confidence = if leaves.control.is_some() {
            Confidence::High
        } else {
            Confidence::Medium
        };
        let hit = hit(pipeline, guard.job, guard.step, guard.when.text.span, text)
            .saying(message)
            .grave(severity)
            .sure(confidence);
        Some(match &guard.when.text.defined {
            Some(spot) => hit.beside(spot.clone(), "the condition is written here"),
            None => hit,
        })
    });
    hits.collect()
}

/// Whether a text says that nobody need agree.
fn gives_way(leaves: Leaves) -> bool {
    matches!(
        leaves.control,
        Some(Control::Approval | Control::Gate | Control::All)
    )
}

const fn severity(check: Check) -> Severity {
    match check {
        Check::Tests => Severity::Low,
        Check::Scan(_) => Severity::Medium,
        Check::Approval => Severity::High,
    }
}

/// Where a person writes it.
fn place(path: &str) -> &'static str {
    if path.contains("label") {
        "a label"
    } else if path.contains("title") && !path.contains("commit") {
        "the title of a proposed change"
    } else if path.contains("description") || path.contains("body") && !path.contains("commit") {
        "the description of a proposed change"
    } else {
        "the message of a commit"
    }
}

fn hit(pipeline: &Pipeline, job: &Job, step: Option<&Step>, span: Span, subject: String) -> Hit {
    let route = Route::to(pipeline, job).by(span, "the text is looked for here");
    Hit::new(span)
        .anchored(pipeline.anchor(Some(job), step))
        .along(route.stations())
        .about(subject)
}

/// Scripts of what checks or deploys that look for such a text.
fn of_scripts(pipeline: &Pipeline, checks: &Checks, job: &Job, hits: &mut Vec<Hit>) {
    let mut guarded = None;
    for step in &job.steps {
        let commands: Vec<_> = step.commands().collect();
        let mut before: Option<&Command> = None;
        for (command, span) in commands {
            let from = before.replace(command);
            let Some((literal, control)) = looked_for(command, from) else {
                continue;
            };
            let (check, acts) =
                *guarded.get_or_insert_with(|| (checks.of_job(pipeline, job), checks.deploys(job)));
            let gives = gives_way(Leaves {
                control: Some(control),
            });
            let (what, severity) = match check {
                Some(check) => (check.title(), severity(check)),
                None if acts && gives => ("the approval", Severity::High),
                None => continue,
            };
            let message = format!(
                "'{literal}' in what a person writes leaves out {what}: a script of job '{}' looks for it.",
                job.id
            );
            hits.push(
                hit(pipeline, job, Some(step), span, literal)
                    .saying(message)
                    .grave(severity)
                    .sure(Confidence::Medium),
            );
        }
    }
}

/// Variables and expressions that hold what a person wrote.
const SOURCES: &[&str] = &[
    "CI_COMMIT_MESSAGE",
    "CI_COMMIT_TITLE",
    "CI_COMMIT_DESCRIPTION",
    "CI_MERGE_REQUEST_TITLE",
    "CI_MERGE_REQUEST_LABELS",
    "CI_MERGE_REQUEST_DESCRIPTION",
    "BUILD_SOURCEVERSIONMESSAGE",
    "Build.SourceVersionMessage",
    "TRAVIS_COMMIT_MESSAGE",
    "DRONE_COMMIT_MESSAGE",
    "BUILDKITE_MESSAGE",
    "COMMIT_MESSAGE",
    "COMMIT_MSG",
    "commit.message",
    "pull_request.title",
    "pull_request.body",
    "pull_request.labels",
];

/// Whether a text reads what a person wrote.
fn reads_message(text: &str) -> bool {
    SOURCES.iter().any(|source| text.contains(source))
        || text.contains("git log") && !text.contains("--oneline")
}

/// The text that a test looks for in what a person wrote. `before` is the command before
/// it, whose output it may read.
fn looked_for(command: &Command, before: Option<&Command>) -> Option<(String, Control)> {
    let args = command.args();
    let searches = matches!(command.name(), "grep" | "egrep" | "rg");
    let tests = matches!(command.name(), "[" | "[[" | "test" | "case");
    if !searches && !tests {
        return None;
    }
    let own = args.iter().any(|word| reads_message(word.text()))
        || command
            .input
            .as_ref()
            .is_some_and(|input| reads_message(input.text()));
    let piped = || {
        before.is_some_and(|before| match before.name() {
            "echo" | "printf" => before.args().iter().any(|w| reads_message(w.text())),
            "git" => before.begins_with(&["log"]) || before.begins_with(&["show"]),
            _ => false,
        })
    };
    if !(own || searches && piped()) {
        return None;
    }
    let literals = args
        .iter()
        .map(Word::text)
        .filter(|text| !text.starts_with('-') && !reads_message(text));
    literals.into_iter().find_map(|text| {
        let control = control_noun(text).map(|skip| skip.control);
        let control = control.or_else(|| is_break_glass(text).then_some(Control::All))?;
        Some((plain(text), control))
    })
}
