//! Tokens of persons, groups and apps that jobs use at the forge, where the job has a
//! token of its own.
//!
//! Facts: GitHub Docs, "`GITHUB_TOKEN`"; GitLab Docs, "CI/CD job token"; Azure Pipelines,
//! "System.AccessToken"; the actions' own READMEs.

use std::collections::BTreeMap;

use super::privileged::Beside as _;
use crate::detect::pipeline::{
    self, Given, Job, Pipeline, Read, Route, Setting, Step, System, Text,
};
use crate::detect::shell::Command;
use crate::detect::{Cx, Hit, Spot};
use crate::document::{Document, Span};
use crate::finding::{Confidence, Severity};

/// A use of a stored token at the forge.
struct Use<'p> {
    secret: String,
    job: &'p Job,
    step: Option<&'p Step>,
    span: Span,
    value: Option<&'p Text>,
    /// What it does that a plain token couldn't be trusted with, in words.
    power: Option<&'static str>,
    /// Whether the job's own token is there if the secret isn't.
    fallback: bool,
}

/// Finds stored tokens, one hit for each, at the use that can do most.
pub(in crate::detect::code) fn personal(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(pipeline) = pipeline::of(cx.document) else {
        return Vec::new();
    };
    let mut by_secret: BTreeMap<String, Vec<Use<'_>>> = BTreeMap::new();
    for found in uses(pipeline) {
        by_secret
            .entry(found.secret.clone())
            .or_default()
            .push(found);
    }
    by_secret
        .values()
        .filter_map(|uses| one(cx.document, pipeline, uses))
        .collect()
}

fn one(document: &Document<'_>, pipeline: &Pipeline, uses: &[Use<'_>]) -> Option<Hit> {
    let first = uses.iter().find(|found| found.power.is_some());
    let first = first.or_else(|| uses.first())?;
    let given = pipeline::given(document, pipeline, &first.secret);
    let stored = match &given {
        Some(Given::Own) => return None,
        Some(Given::Stored(name)) => name,
        None => &first.secret,
    };
    let subject = format!("secret:{stored}");
    let environment = first.job.environment.as_ref().filter(|e| e.can_hold);
    let severity = match (first.power, environment) {
        (Some(_), None) => Severity::High,
        (Some(_), Some(_)) | (None, None) => Severity::Medium,
        (None, Some(_)) => Severity::Low,
    };
    // A caller may well hand over its own job's token.
    let sure = if pipeline.callable && given.is_none() {
        Confidence::Low
    } else if first.fallback {
        Confidence::Medium
    } else {
        Confidence::High
    };
    let does = first.power.unwrap_or("signs in to the forge");
    let held = environment.map_or(String::new(), |environment| {
        format!(", held by environment '{}'", environment.name.text)
    });
    let mut route = Route::to(pipeline, first.job);
    if let Some(spot) = first.value.and_then(|value| value.defined.clone()) {
        route = route.through(spot, format!("'{subject}' is taken"));
    }
    route = route.by(first.span, does);
    let mut hit = Hit::new(first.span)
        .anchored(pipeline.anchor(Some(first.job), first.step))
        .along(route.stations())
        .grave(severity)
        .sure(sure)
        .saying(format!(
            "Job '{}' {does} with the stored token '{subject}' of a person or group instead of its own short-lived one{held}.",
            first.job.id
        ))
        .about(subject);
    if let Some(value) = first.value {
        hit = hit.beside_definition(value);
    }
    for other in uses
        .iter()
        .filter(|other| other.span != first.span)
        .take(10)
    {
        hit = hit.beside(Spot::Here(other.span), "used here too");
    }
    Some(hit)
}

fn uses(pipeline: &Pipeline) -> Vec<Use<'_>> {
    let mut out = Vec::new();
    for job in &pipeline.jobs {
        let of_job = pipeline.env.iter().chain(&job.env);
        let used = of_job.filter(|setting| variable(pipeline.system, &setting.name));
        for setting in used.filter(|_| !job.steps.is_empty()) {
            push(pipeline, (job, None), setting, job_power(job), &mut out);
        }
        for step in &job.steps {
            in_step(pipeline, job, step, &mut out);
        }
    }
    out
}

fn in_step<'p>(pipeline: &'p Pipeline, job: &'p Job, step: &'p Step, out: &mut Vec<Use<'p>>) {
    let action = step.action().unwrap_or_default();
    for setting in &step.env {
        if variable(pipeline.system, &setting.name) {
            push(
                pipeline,
                (job, Some(step)),
                setting,
                step_power(step, &action),
                out,
            );
        }
    }
    for setting in &step.with {
        let power = if action == "actions/checkout" {
            job_power(job)
        } else {
            step_power(step, &action)
        };
        let takes = takes_token(&action, &setting.name);
        let told = takes == Takes::IfNamed
            && pipeline
                .secrets(job, Some(step), &setting.value.text)
                .iter()
                .any(|secret| names_forge(secret));
        if takes == Takes::Token || told {
            push(pipeline, (job, Some(step)), setting, power, out);
        }
    }
    for (command, _) in step.commands() {
        for (word, text) in sent(pipeline.system, command) {
            let span = step.script.place(word);
            for secret in pipeline.secrets(job, Some(step), text) {
                if !is_own(&secret) && (pipeline.system != System::Circle || names_forge(&secret)) {
                    out.push(Use {
                        secret,
                        job,
                        step: Some(step),
                        span,
                        value: None,
                        power: command_power(command),
                        fallback: false,
                    });
                }
            }
        }
    }
}

fn push<'p>(
    pipeline: &'p Pipeline,
    (job, step): (&'p Job, Option<&'p Step>),
    setting: &'p Setting,
    power: Option<&'static str>,
    out: &mut Vec<Use<'p>>,
) {
    let text = &setting.value.text;
    let secrets = pipeline.secrets(job, step, text);
    let reads = pipeline::reads(pipeline.system, text);
    let own = |read: &Read| matches!(read, Read::Secret(name) if is_own(name));
    let fallback = reads.iter().any(own);
    for secret in secrets.into_iter().filter(|secret| !is_own(secret)) {
        out.push(Use {
            power: power.or_else(|| names_admin(&secret).then_some("acts for an administrator")),
            secret,
            job,
            step,
            span: setting.value.span,
            value: Some(&setting.value),
            fallback,
        });
    }
}

/// Whether a variable is one that the forge's own tools sign in with.
fn variable(system: System, name: &str) -> bool {
    match system {
        System::Github => matches!(name, "GH_TOKEN" | "GITHUB_TOKEN" | "GH_ENTERPRISE_TOKEN"),
        System::Gitea => matches!(name, "GITEA_TOKEN" | "FORGEJO_TOKEN"),
        System::Azure => name == "AZURE_DEVOPS_EXT_PAT",
        _ => false,
    }
}

#[derive(PartialEq, Eq)]
enum Takes {
    /// A token of the forge.
    Token,
    /// A token of whatever the action is for.
    IfNamed,
    Nothing,
}

/// Whose actions take the forge's token as `token`.
const OF_FORGE: &[&str] = &[
    "actions/",
    "peter-evans/",
    "softprops/action-gh-release",
    "ncipollo/release-action",
    "googleapis/release-please-action",
    "google-github-actions/release-please-action",
    "jamesives/github-pages-deploy-action",
    "svenstaro/upload-release-action",
    "dessant/",
    "stefanzweifel/",
];

fn takes_token(action: &str, input: &str) -> Takes {
    match input.to_ascii_lowercase().replace('_', "-").as_str() {
        "github-token"
        | "repo-token"
        | "gh-token"
        | "github-pat"
        | "personal-token"
        | "github-access-token" => Takes::Token,
        "token" if OF_FORGE.iter().any(|of| action.starts_with(of)) => Takes::Token,
        "token" | "pat" | "access-token" | "api-token" => Takes::IfNamed,
        _ => Takes::Nothing,
    }
}

/// What of a command holds a token that is sent to the forge, and where.
fn sent(system: System, command: &Command) -> Vec<(Span, &str)> {
    let placed = || command.args().iter().map(|word| (word.span, word.text()));
    let words = || placed().map(|(_, text)| text);
    let forge: &[&str] = match system {
        System::Github => &["github.com"],
        System::Gitea => &["/api/v1/"],
        System::Gitlab => &["oauth2:", "PRIVATE-TOKEN:", "CI_SERVER_HOST"],
        System::Azure => &["dev.azure.com", "visualstudio.com"],
        System::Circle | System::Travis | System::Buildkite => &["@github.com", "api.github.com"],
        _ => &[],
    };
    let meets = |text: &str| forge.iter().any(|sign| text.contains(sign));
    match command.name() {
        // A password stands before the host.
        "git" => placed()
            .filter(|(_, word)| meets(word))
            .filter_map(|(span, word)| {
                let (_, rest) = word.split_once("://")?;
                let (login, _) = rest.rsplit_once('@')?;
                Some((span, login))
            })
            .collect(),
        "curl" | "wget" => {
            let header = |(_, word): &(Span, &str)| {
                let lower = word.to_ascii_lowercase();
                lower.starts_with("authorization:") || lower.starts_with("private-token:")
            };
            let to_forge = words().any(meets)
                || system == System::Gitlab
                    && words()
                        .any(|word| word.contains("/api/v4/") || word.contains("CI_API_V4_URL"));
            if to_forge {
                placed().filter(header).collect()
            } else {
                Vec::new()
            }
        }
        _ => Vec::new(),
    }
}

/// The token that the platform issues for the job, by all its names.
fn is_own(secret: &str) -> bool {
    let own = [
        "GITHUB_TOKEN",
        "GITEA_TOKEN",
        "FORGEJO_TOKEN",
        "ACTIONS_RUNTIME_TOKEN",
    ];
    own.iter().any(|name| secret.eq_ignore_ascii_case(name))
}

/// Whether a secret's name says that it is of the forge.
fn names_forge(secret: &str) -> bool {
    words_of(secret).any(|word| {
        matches!(word.as_str(), "PAT" | "GH" | "GITHUB" | "GIT" | "REPO")
            || word.ends_with("GITHUB")
    })
}

fn names_admin(secret: &str) -> bool {
    words_of(secret)
        .any(|word| matches!(word.as_str(), "ADMIN" | "OWNER" | "ROOT" | "ADMINISTRATOR"))
}

fn words_of(secret: &str) -> impl Iterator<Item = String> {
    let words = secret.split(|c: char| !c.is_ascii_alphanumeric());
    words.map(str::to_ascii_uppercase)
}

/// What a job's later commands do with the token that a checkout keeps.
fn job_power(job: &Job) -> Option<&'static str> {
    let steps = job.steps.iter();
    steps
        .flat_map(Step::commands)
        .find_map(|(command, _)| command_power(command))
}

fn step_power(step: &Step, action: &str) -> Option<&'static str> {
    const ACTIONS: &[(&str, &str)] = &[
        ("peter-evans/create-pull-request", "proposes changes"),
        ("peter-evans/enable-pull-request-automerge", "merges"),
        ("pascalgn/automerge-action", "merges"),
        ("softprops/action-gh-release", "releases"),
        ("ncipollo/release-action", "releases"),
        ("googleapis/release-please-action", "releases"),
        ("google-github-actions/release-please-action", "releases"),
        ("cycjimmy/semantic-release-action", "releases"),
        ("goreleaser/goreleaser-action", "releases"),
        ("changesets/action", "releases"),
        ("ad-m/github-push-action", "pushes"),
        ("stefanzweifel/git-auto-commit-action", "pushes"),
        ("endbug/add-and-commit", "pushes"),
        ("peaceiris/actions-gh-pages", "pushes"),
        ("jamesives/github-pages-deploy-action", "pushes"),
    ];
    let by_action = ACTIONS.iter().find(|(name, _)| *name == action);
    by_action.map(|(_, what)| *what).or_else(|| {
        let mut commands = step.commands();
        commands.find_map(|(command, _)| command_power(command))
    })
}

fn command_power(command: &Command) -> Option<&'static str> {
    let begins = |verbs: &[&str]| command.begins_with(verbs);
    match command.name() {
        "git" if begins(&["push"]) => Some("pushes"),
        "gh" | "hub" | "glab" if begins(&["pr", "merge"]) || begins(&["mr", "merge"]) => {
            Some("merges")
        }
        "gh" | "glab" if begins(&["release", "create"]) || begins(&["release", "upload"]) => {
            Some("releases")
        }
        "gh" if begins(&["secret", "set"])
            || begins(&["repo", "edit"])
            || begins(&["repo", "delete"]) =>
        {
            Some("administers the project")
        }
        "semantic-release" | "goreleaser" | "release-it" => Some("releases"),
        _ => None,
    }
}

/// Actions that make a token of an app, and the inputs by which each narrows it.
struct Maker {
    action: &'static str,
    rights: Option<&'static str>,
    repositories: Option<&'static str>,
}

const MAKERS: &[Maker] = &[
    maker(
        "actions/create-github-app-token",
        Some("permission-"),
        Some("repositories"),
    ),
    maker(
        "tibdex/github-app-token",
        Some("permissions"),
        Some("repositor"),
    ),
    maker("getsentry/action-github-app-token", None, None),
    maker("wow-actions/use-app-token", None, None),
    maker(
        "peter-murray/workflow-application-token-action",
        Some("permissions"),
        None,
    ),
    maker("cybozu/octoken-action", None, Some("target_repo")),
    maker("jnwng/github-app-installation-token-action", None, None),
];

const fn maker(
    action: &'static str,
    rights: Option<&'static str>,
    repositories: Option<&'static str>,
) -> Maker {
    Maker {
        action,
        rights,
        repositories,
    }
}

/// Finds app tokens that may do all that the app may.
pub(in crate::detect::code) fn of_apps(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(pipeline) = pipeline::of(cx.document) else {
        return Vec::new();
    };
    let mut hits = Vec::new();
    for job in &pipeline.jobs {
        for step in &job.steps {
            let action = step.action().unwrap_or_default();
            let made = MAKERS.iter().find(|maker| maker.action == action);
            if let (Some(maker), Some(uses)) = (made, &step.uses) {
                hits.extend(of_app(pipeline, job, step, uses, maker));
            }
        }
    }
    hits
}

fn of_app(pipeline: &Pipeline, job: &Job, step: &Step, uses: &Text, maker: &Maker) -> Option<Hit> {
    let given = |prefix: Option<&str>| {
        let given = |s: &Setting| !s.value.text.trim().is_empty();
        prefix.is_some_and(|prefix| {
            step.with
                .iter()
                .any(|s| s.name.starts_with(prefix) && given(s))
        })
    };
    let keeps = |name: &str, value: &str| step.input(name).is_some_and(|s| s.value.text == value);
    let rights = given(maker.rights);
    // Without an owner the token is of this repository alone.
    let everywhere = if maker.action == "actions/create-github-app-token" {
        step.input("owner").is_some() && !given(maker.repositories)
    } else {
        !given(maker.repositories)
    };
    let stays = keeps("skip-token-revoke", "true") || keeps("skip-token-revocation", "true");
    let (what, severity) = match (rights, everywhere, stays) {
        (false, true, _) => (
            "may do all that the app may, in every repository that it is installed in",
            Severity::High,
        ),
        (true, true, _) => (
            "is good in every repository that the app is installed in",
            Severity::Medium,
        ),
        (false, false, _) => ("may do all that the app may", Severity::Medium),
        (true, false, true) => ("outlives the job that it was made for", Severity::Low),
        (true, false, false) => return None,
    };
    let key = [
        "private-key",
        "private_key",
        "application_private_key",
        "app_private_key",
    ];
    let key = key.iter().find_map(|name| step.input(name));
    let secret = key.and_then(|key| {
        let secrets = pipeline.secrets(job, Some(step), &key.value.text);
        secrets.into_iter().next()
    });
    let subject = secret.map_or_else(
        || format!("action:{}", maker.action),
        |s| format!("secret:{s}"),
    );
    let environment = job.environment.as_ref().filter(|e| e.can_hold);
    let held = environment.map_or(String::new(), |environment| {
        format!(", held by environment '{}'", environment.name.text)
    });
    let hit = pipeline
        .hit(uses.span, job, Some(step))
        .grave(severity)
        .saying(format!(
            "The token that job '{}' makes of '{subject}' {what}{held}.",
            job.id
        ))
        .about(subject)
        .beside_definition(uses);
    Some(hit)
}
