//! Federated identities: which jobs get a cloud's role or a registry's trust, and what
//! holds them back.
//!
//! Facts: GitHub Docs, "`OpenID` Connect" and its guides for AWS, Azure and Google Cloud;
//! `PyPI` Docs, "Trusted Publishers"; GitLab Docs, "ID token authentication".

use std::collections::{BTreeSet, HashSet};

use super::privileged::Beside as _;
use super::strangers;
use super::trust::{self, Trust, Trusts};
use crate::detect::pipeline::{
    self, Grants, Job, Pipeline, Reached, Read, Route, Setting, Step, System, Trigger, TriggerKind,
};
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::{Confidence, Severity};

/// A login with the job's own identity.
pub(super) struct Login<'s> {
    subject: String,
    /// The role's own name, where the file says it.
    role: Option<String>,
    /// What it opens.
    what: &'static str,
    setting: Option<&'s Setting>,
    span: Span,
}

/// An action that signs in, the input that tells the role, the one that tells that it
/// is federated, and those that say it isn't.
struct Taker {
    action: &'static str,
    roles: &'static [&'static str],
    needs: Option<&'static str>,
    unless: &'static [&'static str],
    what: &'static str,
}

const TAKERS: &[Taker] = &[
    Taker {
        action: "aws-actions/configure-aws-credentials",
        roles: &["role-to-assume"],
        needs: Some("role-to-assume"),
        unless: &[
            "aws-access-key-id",
            "role-chaining",
            "web-identity-token-file",
        ],
        what: "AWS",
    },
    Taker {
        action: "google-github-actions/auth",
        roles: &["service_account", "workload_identity_provider"],
        needs: Some("workload_identity_provider"),
        unless: &["credentials_json"],
        what: "Google Cloud",
    },
    Taker {
        action: "azure/login",
        roles: &["client-id"],
        needs: Some("client-id"),
        unless: &["creds", "client-secret"],
        what: "Azure",
    },
    Taker {
        action: "pypa/gh-action-pypi-publish",
        roles: &[],
        needs: None,
        unless: &["password", "user", "repository-url", "repository_url"],
        what: "pypi.org",
    },
    Taker {
        action: "rust-lang/crates-io-auth-action",
        roles: &[],
        needs: None,
        unless: &["url"],
        what: "crates.io",
    },
    Taker {
        action: "rubygems/release-gem",
        roles: &[],
        needs: None,
        unless: &[],
        what: "rubygems.org",
    },
    Taker {
        action: "rubygems/configure-rubygems-credentials",
        roles: &["role-to-assume"],
        needs: None,
        unless: &["api-token"],
        what: "rubygems.org",
    },
    Taker {
        action: "nuget/login",
        roles: &["user"],
        needs: None,
        unless: &[],
        what: "nuget.org",
    },
];

impl Taker {
    /// Whether it only publishes.
    fn is_registry(&self) -> bool {
        self.what.contains('.')
    }
}

pub(super) fn login<'s>(pipeline: &Pipeline, job: &Job, step: &'s Step) -> Option<Login<'s>> {
    let action = step.action()?;
    let uses = step.uses.as_ref()?;
    let taker = TAKERS.iter().find(|taker| taker.action == action)?;
    let given = |name: &&str| {
        let setting = step.input(name);
        setting.filter(|setting| !setting.value.text.trim().is_empty())
    };
    if taker.unless.iter().any(|name| given(name).is_some())
        || taker.needs.is_some_and(|name| given(&name).is_none())
    {
        return None;
    }
    let setting = taker.roles.iter().find_map(given);
    let (subject, role) = match setting {
        Some(setting) if !taker.is_registry() => named(pipeline, job, step, &setting.value.text),
        _ => (format!("registry:{}", taker.what), None),
    };
    Some(Login {
        subject,
        role,
        what: taker.what,
        setting,
        span: setting.map_or(uses.span, |setting| setting.value.span),
    })
}

/// A role as a subject, and its name if the file says it.
fn named(pipeline: &Pipeline, job: &Job, step: &Step, text: &str) -> (String, Option<String>) {
    let reads = pipeline.sources(job, Some(step), text);
    let subject = reads.iter().find_map(|read| match read {
        Read::Secret(name) => Some(format!("secret:{name}")),
        Read::Variable(name) | Read::Env(name) => Some(format!("variable:{name}")),
        Read::Input(name) => Some(format!("input:{name}")),
        _ => None,
    });
    match subject {
        // Part of a role's name may still be written out.
        Some(subject) if !text.contains("role/") => (subject, None),
        _ => (
            text.trim().to_owned(),
            trust::role_of(text).map(str::to_owned),
        ),
    }
}

/// Finds logins of jobs that no environment holds, one for each job and role.
pub(in crate::detect::code) fn without_environment(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(pipeline) = pipeline::of(cx.document) else {
        return Vec::new();
    };
    let mut hits = Vec::new();
    // What an action does is judged with the jobs that use it.
    if pipeline.system == System::Gitlab {
        return gitlab_tokens(pipeline);
    }
    let github = matches!(pipeline.system, System::Github | System::Gitea);
    if !github || pipeline.root == "github:action" {
        return hits;
    }
    let known = Known {
        trusts: Trusts::of(cx.document),
        gated: strangers::downstream(pipeline, &|job| {
            job.environment.as_ref().is_some_and(|e| e.can_hold) || !job.gates.is_empty()
        }),
    };
    for job in &pipeline.jobs {
        if job.environment.as_ref().is_some_and(|e| e.can_hold)
            || job.calls.is_some()
            || !asks_for_token(pipeline, job)
        {
            continue;
        }
        let mut seen = BTreeSet::new();
        for reached in pipeline::reached(cx.document, pipeline, job) {
            let found = login(reached.pipeline, reached.job, reached.step);
            if let Some(login) = found.filter(|login| seen.insert(login.subject.clone())) {
                hits.extend(ungated(&known, pipeline, job, &reached, login));
            }
        }
    }
    hits
}

/// The same in GitLab: a token for a cloud, of a job that any branch starts.
fn gitlab_tokens(pipeline: &Pipeline) -> Vec<Hit> {
    let free = pipeline.jobs.iter().filter(|job| {
        job.environment.is_none() && job.gates.is_empty() && !asks_for_branch(pipeline, job)
    });
    free.filter_map(|job| {
        let mut tokens = job.identity.iter();
        let token = tokens.find(|token| is_cloud(&token.value.text))?;
        let name = &token.name;
        let text = format!(
            "Job '{}' gets the identity token '{name}' for '{}' on any branch, with no environment that the other side could ask for.",
            job.id, token.value.text
        );
        Some(
            pipeline
                .hit(token.at, job, None)
                .about(name)
                .saying(text)
                .sure(Confidence::Medium)
                .grave(Severity::Medium),
        )
    })
    .collect()
}

/// Whether an audience is that of a cloud, which gives a role for the token. Sources:
/// GitLab Docs, "Connect to cloud services".
fn is_cloud(audience: &str) -> bool {
    let audience = audience.trim_start_matches("https://");
    let host = audience.trim_start_matches('/');
    audience.starts_with("sts.")
        || audience.contains("amazonaws.com")
        || host.starts_with("iam.googleapis.com")
        || audience == "api://AzureADTokenExchange"
}

/// Whether what starts a job is limited to some branches or tags.
fn asks_for_branch(pipeline: &Pipeline, job: &Job) -> bool {
    let named = |path: &[String]| {
        path.last().is_some_and(|name| {
            name.starts_with("CI_COMMIT_BRANCH")
                || name.starts_with("CI_COMMIT_REF")
                || matches!(name.as_str(), "CI_COMMIT_TAG" | "CI_DEFAULT_BRANCH")
        })
    };
    let triggers = pipeline.triggers_of(job);
    let free = |kind| matches!(kind, TriggerKind::Push | TriggerKind::Review);
    let limited = |trigger: &Trigger| !free(trigger.kind) || !trigger.branches.is_empty();
    job.conditions
        .iter()
        .any(|when| when.condition.references().any(named))
        || !triggers.is_empty() && triggers.iter().all(limited)
}

/// Whether the job's token of identity is asked for, or its callers may ask.
fn asks_for_token(pipeline: &Pipeline, job: &Job) -> bool {
    match pipeline.grants_of(job) {
        None => pipeline.callable,
        Some(Grants::All(_)) => true,
        Some(Grants::Read) => false,
        Some(Grants::Scopes(scopes)) => scopes
            .iter()
            .any(|scope| scope.name == "id-token" && scope.value.text == "write"),
    }
}

/// How freely a job is started.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// By a change of branches that the file names, or the clock.
    Named,
    /// By a tag, a release or a button.
    Member,
    /// By a change of any branch, before anybody has looked at it.
    Any,
}

fn reach(trigger: &Trigger, job: &Job) -> Option<Reach> {
    if !strangers::may_run(job, trigger) {
        return None;
    }
    let wide = |branch: &String| matches!(branch.as_str(), "*" | "**");
    Some(match trigger.kind {
        TriggerKind::Push if trigger.branches.is_empty() || trigger.branches.iter().any(wide) => {
            Reach::Any
        }
        TriggerKind::Push | TriggerKind::Schedule => Reach::Named,
        TriggerKind::Review | TriggerKind::Privileged => Reach::Any,
        _ => Reach::Member,
    })
}

/// What is known beside a pipeline's jobs.
struct Known<'p> {
    trusts: Trusts,
    /// Jobs that wait for one that is held.
    gated: HashSet<&'p str>,
}

fn ungated(
    known: &Known<'_>,
    pipeline: &Pipeline,
    job: &Job,
    reached: &Reached<'_>,
    login: Login<'_>,
) -> Option<Hit> {
    let triggers = pipeline.triggers_of(job).iter();
    let ways = triggers.filter_map(|trigger| Some((reach(trigger, job)?, trigger)));
    let (reach, trigger) = ways.max_by_key(|(reach, _)| *reach)?;
    let (how, severity) = match reach {
        Reach::Any => ("a change of any branch", Severity::High),
        Reach::Member => ("whoever may write", Severity::Medium),
        Reach::Named => ("a change of the named branches", Severity::Low),
    };
    let mut sure = match reach {
        // Trust that is limited to the branch does the same as an environment.
        Reach::Named => Confidence::Low,
        _ => Confidence::High,
    };
    let mut held = String::new();
    if pipeline.callable {
        sure = Confidence::Medium;
    }
    if known.gated.contains(job.id.as_str()) {
        "; a job before it waits for an environment".clone_into(&mut held);
        sure = Confidence::Low;
    }
    if let Some(role) = &login.role {
        if trust::only_reads(role) {
            sure = Confidence::Low;
        }
        match known.trusts.whom(role) {
            Trust::Limited => {
                "; the role's trust policy names the branch or environment".clone_into(&mut held);
                sure = Confidence::Low;
            }
            Trust::Wide => "; the role trusts every branch".clone_into(&mut held),
            Trust::Unknown => {}
        }
    }
    let span = reached.place(login.span);
    let subject = login.subject;
    let route = Route::default()
        .by(trigger.span, format!("'{}' starts it", trigger.name))
        .by(job.at, format!("job '{}' runs in no environment", job.id))
        .by(
            span,
            format!("it signs in to {} as '{subject}'", login.what),
        );
    let mut hit = Hit::new(span)
        .anchored(reached.pipeline.anchor(Some(reached.job), Some(reached.step)))
        .along(route.stations())
        .grave(severity)
        .sure(sure)
        .saying(format!(
            "{} gets '{subject}' of {} by '{}': job '{}' runs in no environment that could hold it{held}.",
            capital(how), login.what, trigger.name, job.id
        ))
        .about(subject);
    if reached.is_called() {
        hit = hit.beside(reached.spot(login.span), "signed in here");
    } else if let Some(setting) = login.setting {
        hit = hit.beside_definition(&setting.value);
    }
    Some(hit)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// Finds roles of administrators that jobs sign in as, one for each job and role.
pub(in crate::detect::code) fn admin_roles(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(pipeline) = pipeline::of(cx.document) else {
        return Vec::new();
    };
    let mut hits = Vec::new();
    let trusts = Trusts::of(cx.document);
    for job in &pipeline.jobs {
        let mut seen = BTreeSet::new();
        let mut admin = |step: Option<&Step>, setting: Option<&Setting>, span: Span, text: &str| {
            for role in trust::roles(text) {
                if trust::is_admin(role) && seen.insert(role.to_owned()) {
                    let hit = admin_hit(&trusts, pipeline, (job, step), span, role);
                    hits.push(match setting {
                        Some(setting) => hit.beside_definition(&setting.value),
                        None => hit,
                    });
                }
            }
        };
        for setting in pipeline
            .env
            .iter()
            .chain(&job.env)
            .chain(&job.with)
            .chain(&job.identity)
        {
            admin(None, Some(setting), setting.value.span, &setting.value.text);
        }
        for step in &job.steps {
            for setting in step.with.iter().chain(&step.env) {
                admin(
                    Some(step),
                    Some(setting),
                    setting.value.span,
                    &setting.value.text,
                );
            }
            for (command, span) in step.commands() {
                for word in command.words.iter().filter(|word| word.text().len() < 300) {
                    admin(Some(step), None, span, word.text());
                }
            }
        }
    }
    hits
}

fn admin_hit(
    trusts: &Trusts,
    pipeline: &Pipeline,
    (job, step): (&Job, Option<&Step>),
    span: Span,
    role: &str,
) -> Hit {
    let environment = job.environment.as_ref().filter(|e| e.can_hold);
    let name = trust::role_of(role).unwrap_or(role);
    let wide = trusts.whom(name) == Trust::Wide;
    let severity = match environment {
        _ if wide => Severity::Critical,
        Some(_) => Severity::Medium,
        None => Severity::High,
    };
    let held = match environment {
        _ if wide => ", and the role trusts every branch".to_owned(),
        Some(environment) => format!(", held by environment '{}'", environment.name.text),
        None => String::new(),
    };
    pipeline
        .hit(span, job, step)
        .grave(severity)
        .saying(format!(
            "Job '{}' signs in as '{role}', which by its name may do everything in the account{held}.",
            job.id
        ))
        .about(role)
}
