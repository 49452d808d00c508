//! Credentials that more of a job or of the outside can reach than the one step that
//! needs them.
//!
//! Facts: GitHub Docs, "Secure use reference"; the READMEs of `actions/checkout` and
//! `actions/upload-artifact`; Azure Pipelines, "steps.checkout"; `CircleCI`, "Using
//! contexts" and "Add additional SSH keys".

use std::collections::BTreeSet;

use super::privileged::Beside as _;
use super::strangers;
use crate::detect::pipeline::{self, Job, Pipeline, Read, Route, Setting, Step, System};
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::{Confidence, Severity};

/// Finds secrets among the variables of a whole workflow or job, one hit for each secret
/// and scope.
pub(in crate::detect::code) fn wide_env(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(pipeline) = pipeline::of(cx.document) else {
        return Vec::new();
    };
    let mut hits = Vec::new();
    if !matches!(pipeline.system, System::Github | System::Gitea) {
        return hits;
    }
    let steps: usize = pipeline.jobs.iter().map(|job| job.steps.len()).sum();
    if pipeline.jobs.len() > 1 || steps > 1 {
        of_scope(pipeline, None, &pipeline.env, &mut hits);
    }
    for job in &pipeline.jobs {
        let foreign = job.steps.iter().filter(|step| is_foreign(step));
        if foreign.count() > 1 {
            of_scope(pipeline, Some(job), &job.env, &mut hits);
        }
    }
    hits
}

fn of_scope(pipeline: &Pipeline, job: Option<&Job>, env: &[Setting], hits: &mut Vec<Hit>) {
    let mut seen = BTreeSet::new();
    for setting in env {
        for read in pipeline::reads(pipeline.system, &setting.value.text) {
            let Read::Secret(name) = read else {
                continue;
            };
            // The job's own token is in every step's reach anyway.
            if name.eq_ignore_ascii_case("GITHUB_TOKEN") || !seen.insert(name.clone()) {
                continue;
            }
            let who = match job {
                Some(job) => format!("Every step of job '{}', foreign actions too,", job.id),
                None if pipeline.jobs.len() > 1 => "Every step of every job".to_owned(),
                None => "Every step of the workflow".to_owned(),
            };
            let span = setting.value.span;
            let route = match job {
                Some(job) => Route::to(pipeline, job).by(span, "every step gets it"),
                None => Route::default(),
            };
            // A name of the store, its account or its place is no credential.
            let harmless = is_harmless(&name) || is_harmless(&setting.name);
            let hit = Hit::new(span)
                .anchored(pipeline.anchor(job, None))
                .along(route.stations())
                .sure(if harmless {
                    Confidence::Low
                } else {
                    Confidence::High
                })
                .saying(format!(
                    "{who} has 'secret:{name}' in its environment, not only the step that needs it."
                ))
                .about(format!("secret:{name}"))
                .beside_definition(&setting.value);
            hits.push(hit);
        }
    }
}

/// Whether a step runs code from another owner than the project and the platform.
fn is_foreign(step: &Step) -> bool {
    step.action().is_some_and(|action| {
        !["./", "actions/", "github/", "docker://"]
            .iter()
            .any(|own| action.starts_with(own))
    })
}

/// What is often kept among the secrets though it opens nothing.
fn is_harmless(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let ends = [
        "_USER",
        "_USERNAME",
        "_EMAIL",
        "_URL",
        "_HOST",
        "_REGION",
        "_BUCKET",
        "_TEAM",
        "_ORG",
        "_PROJECT",
        "_PROJECT_ID",
        "_DSN_PUBLIC",
        "_ID",
        "_NAME",
        "_ACCOUNT",
        "_DOMAIN",
        "_CACHE",
        "_ENDPOINT",
    ];
    ends.iter().any(|end| name.ends_with(end))
        || name.starts_with("TURBO_")
        || name.contains("CACHE")
}

/// Finds checkouts that leave a token on disk where it leaves the job, or where it is
/// said in so many words.
pub(in crate::detect::code) fn kept_credentials(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(pipeline) = pipeline::of(cx.document) else {
        return Vec::new();
    };
    match pipeline.system {
        System::Github | System::Gitea => pipeline
            .jobs
            .iter()
            .filter_map(|job| kept(pipeline, job))
            .collect(),
        System::Azure => pipeline
            .jobs
            .iter()
            .filter_map(|job| kept_azure(pipeline, job))
            .collect(),
        _ => Vec::new(),
    }
}

fn kept(pipeline: &Pipeline, job: &Job) -> Option<Hit> {
    let off = |step: &&Step| {
        let setting = step.input("persist-credentials");
        setting.is_none_or(|setting| setting.value.text != "false")
            // Another folder than the job's own isn't uploaded with it.
            && step.input("path").is_none()
    };
    let of_checkout = |step: &Step| step.action().as_deref() == Some("actions/checkout");
    let at = job
        .steps
        .iter()
        .position(|step| of_checkout(step) && off(&step))?;
    let checkout = job.steps.get(at)?;
    let rest = job.steps.get(at + 1..).unwrap_or_default();
    if rest.iter().any(pushes) {
        return None;
    }
    let upload = rest.iter().find(|step| uploads_all(step));
    let by_key = checkout.input("ssh-key").is_some();
    let since_six = checkout
        .uses
        .as_ref()
        .is_some_and(|uses| leaves_workspace(&uses.text));
    let (span, what, sure) = match upload {
        Some(step) if !since_six => {
            let path = step.input("path").map_or(step.at, |path| path.value.span);
            let sure = Confidence::High;
            (
                path,
                "uploads its whole folder with the token in `.git`",
                sure,
            )
        }
        // Nearly every workflow does this.
        _ => {
            let foreign = rest.iter().find(|step| is_foreign(step))?;
            let sure = if by_key && !since_six {
                Confidence::Medium
            } else {
                Confidence::Low
            };
            (
                foreign.at,
                "runs foreign actions beside the token in `.git`",
                sure,
            )
        }
    };
    let severity = if by_key {
        Severity::Medium
    } else {
        Severity::Low
    };
    let uses = checkout.uses.as_ref()?;
    let key = if by_key { "key" } else { "token" };
    let route = Route::to(pipeline, job)
        .by(uses.span, "the checkout leaves its token on disk")
        .by(span, what);
    Some(
        Hit::new(uses.span)
            .anchored(pipeline.anchor(Some(job), None))
            .along(route.stations())
            .grave(severity)
            .sure(sure)
            .saying(format!("Job '{}' {}.", job.id, what.replace("token", key)))
            .about(format!("job:{}", job.id)),
    )
}

/// From its sixth version on the action keeps the token outside of the folder.
fn leaves_workspace(uses: &str) -> bool {
    let version = uses.rsplit_once("@v").map_or("", |(_, version)| version);
    let major = version.split('.').next().unwrap_or_default();
    major.parse::<u32>().is_ok_and(|major| major >= 6)
}

fn pushes(step: &Step) -> bool {
    let by_action = step.action().is_some_and(|action| {
        [
            "push",
            "commit",
            "pages",
            "pull-request",
            "release",
            "changesets",
        ]
        .iter()
        .any(|word| action.contains(word))
    });
    by_action
        || step
            .commands()
            .any(|(command, _)| command.name() == "git" && command.begins_with(&["push"]))
}

/// Whether a step uploads the folder that the checkout filled, with what is hidden in it.
fn uploads_all(step: &Step) -> bool {
    if step.action().as_deref() != Some("actions/upload-artifact") {
        return false;
    }
    let Some(path) = step.input("path") else {
        return false;
    };
    let whole = |line: &str| {
        matches!(
            line.trim().trim_end_matches('/'),
            "." | "./"
                | "./."
                | ".git"
                | "./.git"
                | "${{ github.workspace }}"
                | "${{github.workspace}}"
                | "**"
                | "./**"
        )
    };
    let spared = |line: &str| line.trim().starts_with('!') && line.contains(".git");
    let lines = || path.value.text.lines();
    lines().any(whole) && !lines().any(spared)
}

fn kept_azure(pipeline: &Pipeline, job: &Job) -> Option<Hit> {
    let found = job.steps.iter().enumerate().find_map(|(at, step)| {
        let setting = step.input("persistCredentials")?;
        (setting.value.text.eq_ignore_ascii_case("true")).then_some((at, step, setting))
    });
    let (at, step, setting) = found?;
    let rest = job.steps.get(at + 1..).unwrap_or_default();
    let needed = rest.iter().any(pushes);
    let why = if needed {
        ", for a later `git push`"
    } else {
        ""
    };
    Some(
        pipeline
            .hit(
                Span::new(setting.at.start, setting.value.span.end.max(setting.at.end)),
                job,
                Some(step),
            )
            .grave(if needed {
                Severity::Low
            } else {
                Severity::Medium
            })
            .sure(if needed {
                Confidence::Low
            } else {
                Confidence::High
            })
            .saying(format!(
                "Job '{}' leaves the pipeline's token on disk for every later step{why}.",
                job.id
            ))
            .about(format!("job:{}", job.id))
            .beside_definition(&setting.value),
    )
}

/// Finds stores of secrets that a job gets whoever pushed its branch.
pub(in crate::detect::code) fn any_branch(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(pipeline) = pipeline::of(cx.document) else {
        return Vec::new();
    };
    let mut hits = Vec::new();
    if pipeline.system != System::Circle {
        return hits;
    }
    let mut seen: BTreeSet<(usize, String)> = BTreeSet::new();
    let approved = strangers::downstream(pipeline, &|job| !job.gates.is_empty());
    for job in &pipeline.jobs {
        if is_limited(pipeline, job) || approved.contains(job.id.as_str()) {
            continue;
        }
        for context in &job.contexts {
            hits.push(
                pipeline
                    .hit(context.span, job, None)
                    .saying(format!(
                        "Job '{}' gets the secrets of context '{}' on any branch, before anybody has looked at it.",
                        job.id, context.text
                    ))
                    .about(context.text.clone())
                    .beside_definition(context),
            );
        }
        for step in &job.steps {
            let adds = step.action().is_some_and(|action| action == "add_ssh_keys");
            // A job's definition is used by many workflows; it is told once.
            if adds
                && step.input("fingerprints").is_none()
                && seen.insert((step.at.start, "add_ssh_keys".to_owned()))
            {
                hits.push(
                    pipeline
                        .hit(step.at, job, Some(step))
                        .saying(format!(
                            "Job '{}' gets every SSH key of the project on any branch.",
                            job.id
                        ))
                        .about("add_ssh_keys"),
                );
            }
        }
    }
    hits
}

/// Whether a job runs only for branches or tags that are named, or is an approval.
fn is_limited(pipeline: &Pipeline, job: &Job) -> bool {
    let triggers = pipeline.triggers_of(job);
    let wide = |branch: &String| matches!(branch.as_str(), "*" | "**" | "/.*/");
    let any = triggers.is_empty()
        || triggers.iter().any(|trigger| {
            matches!(
                trigger.kind,
                pipeline::TriggerKind::Push | pipeline::TriggerKind::Review
            ) && (trigger.branches.is_empty() || trigger.branches.iter().any(wide))
        });
    let conditions = job.conditions.iter();
    let by_branch = conditions
        .flat_map(|when| when.condition.references())
        .any(|path| {
            path.iter()
                .any(|part| part.contains("branch") || part == "tag")
        });
    !any || by_branch || !job.gates.is_empty()
}
