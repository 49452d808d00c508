//! Conditions that take whoever acts last for whoever wrote the change.
//!
//! `github.actor` is who started the run: who pushes a commit to a bot's branch, or
//! reopens its pull request, isn't the bot, and who has a bot act on a branch of their
//! own is. The author of a commit is whom the commit names. Facts: GitHub's "Contexts" reference, and zizmor's audit `bot-conditions`.

use super::deploying;
use super::gates;
use crate::detect::code::{deploys, forge_commands};
use crate::detect::condition::Condition;
use crate::detect::pipeline::{self, Job, Pipeline, Route, Step, TriggerKind, When, find};
use crate::detect::{Cx, Hit};
use crate::document::Document;
use crate::finding::{Confidence, Severity};

/// Finds steps that approve, merge or deploy for whom such a condition takes for a bot.
pub(in crate::detect::code) fn actors(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(pipeline) = pipeline::of(cx.document) else {
        return Vec::new();
    };
    let mut hits = Vec::new();
    for job in &pipeline.jobs {
        let start = triggered(pipeline, job);
        if start == Start::Trusted {
            continue;
        }
        let by_job = bot(&job.conditions);
        let verified = job.conditions.iter().any(|when| is_author(&when.condition));
        let mut done = false;
        for step in &job.steps {
            let by_step = bot(&step.conditions);
            let of_step = by_step.is_some();
            let Some((when, bot)) = by_step.or_else(|| by_job.clone()) else {
                continue;
            };
            // One finding for a job's condition, however many steps it guards.
            if done && !of_step {
                continue;
            }
            let Some(deed) = deed(step) else {
                continue;
            };
            if verified
                || step
                    .conditions
                    .iter()
                    .any(|when| is_author(&when.condition))
            {
                continue;
            }
            done |= !of_step;
            hits.push(hit(
                pipeline,
                job,
                of_step.then_some(step),
                when,
                &bot,
                deed,
                start,
            ));
        }
    }
    authors(cx.document, &mut hits);
    hits
}

/// Finds steps that approve, merge or deploy for whom a commit names as its author.
fn authors(document: &Document<'_>, hits: &mut Vec<Hit>) {
    let Some((pipeline, all)) = deploying::of(document) else {
        return;
    };
    for (job, doing) in all.every(pipeline) {
        let by_job = author(&job.conditions);
        let mut deeds = job.steps.iter().filter_map(|step| {
            let by_step = author(&step.conditions);
            let of_step = by_step.is_some();
            let (when, name) = by_step.or_else(|| by_job.clone())?;
            let deed = deed(step)?;
            // Somebody agrees to it.
            let held = deed == "deploys" && doing.held.is_some();
            (!held).then_some((of_step.then_some(step), when, name, deed))
        });
        if let Some((step, when, name, deed)) = deeds.next() {
            hits.push(by_author(pipeline, job, step, when, &name, deed));
        }
    }
}

/// What holds the name or address that a commit has for who wrote or committed it. Git
/// puts there whatever its settings say; Buildkite takes the creator of a build that a
/// push starts from there. Sources: each system's list of variables.
const WRITTEN: &[&[&str]] = &[
    &["github", "event", "head_commit", "author", "name"],
    &["github", "event", "head_commit", "author", "email"],
    &["github", "event", "head_commit", "author", "username"],
    &["github", "event", "head_commit", "committer", "name"],
    &["github", "event", "head_commit", "committer", "email"],
    &["github", "event", "head_commit", "committer", "username"],
    &["variables", "CI_COMMIT_AUTHOR"],
    &["variables", "Build.SourceVersionAuthor"],
    &["build", "author", "name"],
    &["build", "author", "email"],
    &["build", "creator", "name"],
    &["build", "creator", "email"],
    &["pipeline", "git", "commit", "author_name"],
    &["pipeline", "git", "commit", "author_email"],
    &["pipeline", "git", "commit", "author_login"],
    &[
        "pipeline",
        "trigger_parameters",
        "github_app",
        "commit_author_name",
    ],
    &["env", "CI_COMMIT_AUTHOR"],
    &["env", "CI_COMMIT_AUTHOR_EMAIL"],
];

/// The condition that asks for the author of a commit, and whom it wants.
fn author(conditions: &[When]) -> Option<(&When, String)> {
    conditions.iter().find_map(|when| {
        // Buildkite can say that it knows who that is.
        let mut read = when.condition.references();
        if read.any(|path| path.last().is_some_and(|part| part == "verified")) {
            return None;
        }
        let mut paths = WRITTEN.iter();
        let wanted =
            paths.find_map(|path| when.condition.requires_equal(path).into_iter().next())?;
        (!wanted.is_empty()).then_some((when, wanted))
    })
}

fn by_author(
    pipeline: &Pipeline,
    job: &Job,
    step: Option<&Step>,
    when: &When,
    name: &str,
    deed: &str,
) -> Hit {
    let span = when.text.span;
    let route = Route::to(pipeline, job).by(span, "what the commit says is believed");
    let what = match step {
        Some(_) => "A step",
        None => "The job",
    };
    let (severity, confidence) = match triggered(pipeline, job) {
        Start::Privileged => (Severity::High, Confidence::High),
        Start::Proposed => (Severity::Medium, Confidence::High),
        Start::Unknown | Start::Trusted => (Severity::Medium, Confidence::Medium),
    };
    let hit = Hit::new(span)
        .anchored(pipeline.anchor(Some(job), step))
        .along(route.stations())
        .about(name)
        .saying(format!(
            "{what} {deed} when the commit names '{name}' as its author, which is whatever its writer put there."
        ))
        .grave(severity)
        .sure(confidence);
    match &when.text.defined {
        Some(spot) => hit.beside(spot.clone(), "the condition is written here"),
        None => hit,
    }
}

/// Who starts a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// Whoever proposes a change.
    Proposed,
    /// The same, with the project's own rights.
    Privileged,
    /// The caller knows.
    Unknown,
    /// Only who may write.
    Trusted,
}

fn triggered(pipeline: &Pipeline, job: &Job) -> Start {
    let triggers = pipeline.triggers_of(job);
    let has = |kind| triggers.iter().any(|trigger| trigger.kind == kind);
    if has(TriggerKind::Privileged) {
        Start::Privileged
    } else if has(TriggerKind::Review) {
        Start::Proposed
    } else if pipeline.callable {
        Start::Unknown
    } else {
        Start::Trusted
    }
}

/// What holds who acted last.
const ACTORS: &[&[&str]] = &[
    &["github", "actor"],
    &["github", "triggering_actor"],
    &["github", "actor_id"],
    &["github", "event", "sender", "login"],
    &["github", "event", "sender", "id"],
    &["github", "event", "pull_request", "sender", "login"],
    &["github", "event", "workflow_run", "actor", "login"],
    &[
        "github",
        "event",
        "workflow_run",
        "triggering_actor",
        "login",
    ],
];

/// What holds who wrote the change.
const AUTHORS: &[&[&str]] = &[
    &["github", "event", "pull_request", "user", "login"],
    &["github", "event", "pull_request", "user", "id"],
    &["github", "event", "issue", "user", "login"],
];

/// The condition that asks for a bot as the actor, and the bot.
fn bot(conditions: &[When]) -> Option<(&When, String)> {
    conditions.iter().find_map(|when| {
        let bot = ACTORS.iter().find_map(|path| {
            let wanted = when.condition.requires_equal(path);
            let bots = !wanted.is_empty() && wanted.iter().all(|name| is_bot(name));
            wanted.into_iter().next().filter(|_| bots)
        })?;
        Some((when, bot))
    })
}

/// Whether the author is asked for too.
fn is_author(condition: &Condition) -> bool {
    AUTHORS.iter().any(|path| {
        let wanted = condition.requires_equal(path);
        !wanted.is_empty()
    })
}

/// Whether a name or number is that of a bot: Dependabot's, Renovate's and the
/// platform's own accounts have these numbers.
fn is_bot(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("[bot]") || matches!(name.as_str(), "49699333" | "29139614" | "41898282")
}

/// What a step does that a person should decide.
fn deed(step: &Step) -> Option<&'static str> {
    let input = |name: &str| Some(find(&step.with, name)?.value.text.clone());
    if let Some(action) = step.action() {
        if gates::approves_or_merges(&action) {
            return Some("approves or merges");
        }
        if action == "actions/github-script"
            && let Some(script) = find(&step.with, "script")
        {
            let calls = [
                "pulls.merge(",
                "pulls.createReview(",
                "enablePullRequestAutoMerge",
            ];
            let text = &script.value.text;
            if calls.iter().any(|call| text.contains(call)) {
                return Some("approves or merges");
            }
        }
        if deploys::of_action(&action, &input).is_some_and(|d| d.sure && !d.rehearsal) {
            return Some("deploys");
        }
    }
    step.commands().find_map(|(command, _)| {
        if forge_commands::decides(command).is_some() {
            return Some("approves or merges");
        }
        deploys::of_command(command)
            .is_some_and(|d| d.sure && !d.rehearsal)
            .then_some("deploys")
    })
}

/// Whether a step of the job makes sure that Dependabot wrote the change: this action
/// fails for others, and looks at who signed the commit.
fn makes_sure(job: &Job) -> bool {
    job.steps.iter().any(|step| {
        step.action().as_deref() == Some("dependabot/fetch-metadata")
            && ["skip-verification", "skip-commit-verification"]
                .iter()
                .all(|name| step.input(name).is_none_or(|set| set.value.text != "true"))
    })
}

fn hit(
    pipeline: &Pipeline,
    job: &Job,
    step: Option<&Step>,
    when: &When,
    bot: &str,
    deed: &str,
    start: Start,
) -> Hit {
    let span = when.text.span;
    let route = Route::to(pipeline, job).by(span, "who acted last is taken for the author");
    let what = match step {
        Some(_) => "a step",
        None => "the job",
    };
    let message = format!("{what} {deed} when '{bot}' acted last, whoever wrote the change");
    let made_sure = makes_sure(job);
    let message = if made_sure {
        format!("{message}, though `dependabot/fetch-metadata` looks at the author.")
    } else {
        format!("{message}.")
    };
    let mut letters = message.chars();
    let message = letters.next().map_or(String::new(), |first| {
        first.to_ascii_uppercase().to_string() + letters.as_str()
    });
    let severity = match start {
        Start::Privileged => Severity::High,
        _ => Severity::Medium,
    };
    let confidence = match (made_sure, start) {
        (true, _) => Confidence::Low,
        (false, Start::Unknown) => Confidence::Medium,
        (false, _) => Confidence::High,
    };
    let hit = Hit::new(span)
        .anchored(pipeline.anchor(Some(job), step))
        .along(route.stations())
        .about(bot)
        .saying(message)
        .grave(severity)
        .sure(confidence);
    match &when.text.defined {
        Some(spot) => hit.beside(spot.clone(), "the condition is written here"),
        None => hit,
    }
}
