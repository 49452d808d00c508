//! How widely an identity token is given and accepted.
//!
//! Facts: GitHub Docs, "`OpenID` Connect"; GitLab Docs, "ID token authentication".

use std::collections::{BTreeMap, BTreeSet};

use super::identity::login;
use super::privileged::Beside as _;
use crate::detect::pipeline::{self, Grants, Job, Pipeline, Route, Setting};
use crate::detect::{Cx, Hit};
use crate::document::Span;

/// Finds a right to the identity that the whole workflow has though some jobs don't use
/// it.
pub(in crate::detect::code) fn workflow_wide(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let found = pipeline::of(cx.document).and_then(wide);
    found.into_iter().collect()
}

fn wide(pipeline: &Pipeline) -> Option<Hit> {
    let Some(Grants::Scopes(scopes)) = &pipeline.grants else {
        return None;
    };
    let mut tokens = scopes
        .iter()
        .filter(|s| s.name == "id-token" && s.value.text == "write");
    let token = tokens.next()?;
    let given = || pipeline.jobs.iter().filter(|job| job.grants.is_none());
    given().find(|job| uses_identity(pipeline, job))?;
    let other = given().find(|job| {
        job.calls.is_none() && !job.steps.is_empty() && !uses_identity(pipeline, job)
    })?;
    let route = Route::default()
        .by(token.at, "every job may ask for the identity")
        .by(other.at, format!("job '{}' doesn't need it", other.id));
    Some(
        Hit::new(Span::new(token.at.start, token.value.span.end.max(token.at.end)))
            .anchored(pipeline.root.clone())
            .along(route.stations())
            .saying(format!(
                "Every job of the workflow may ask for its federated identity, job '{}' too, which doesn't use it.",
                other.id
            ))
            .about("id-token: write"),
    )
}

/// Whether a job may use the identity, as far as its steps tell.
fn uses_identity(pipeline: &Pipeline, job: &Job) -> bool {
    const SIGNS: &[&str] = &[
        "cosign",
        "sigstore",
        "attest",
        "provenance",
        "slsa",
        "oidc",
        "vault",
        "identity",
        "aws-",
        "gcloud",
        "google-github-actions",
        "azure/",
        "trusted",
        "publish",
        "deploy",
        "release",
        "codecov",
        "depot",
        "chainguard",
        "octo-sts",
        "id_token",
        "web-identity",
        "docker/",
        "pages",
    ];
    let holds = |text: &str| {
        let text = text.to_ascii_lowercase();
        SIGNS.iter().any(|sign| text.contains(sign))
    };
    job.calls.is_some()
        || job.steps.iter().any(|step| {
            login(pipeline, job, step).is_some()
                || step
                    .uses
                    .as_ref()
                    .is_some_and(|uses| uses.text.starts_with("./") || holds(&uses.text))
                || holds(&step.script.text)
                || step.with.iter().any(|s| holds(&s.name))
        })
}

/// Finds identity tokens that more than one system accepts.
pub(in crate::detect::code) fn broad_audience(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(pipeline) = pipeline::of(cx.document) else {
        return Vec::new();
    };
    let mut hits = Vec::new();
    for job in &pipeline.jobs {
        let mut by_name: BTreeMap<&str, Vec<&Setting>> = BTreeMap::new();
        for token in &job.identity {
            by_name.entry(&token.name).or_default().push(token);
        }
        for (name, tokens) in by_name {
            hits.extend(broad(pipeline, job, name, &tokens));
        }
    }
    hits
}

/// A token by the audiences that it is asked for.
fn broad(pipeline: &Pipeline, job: &Job, name: &str, tokens: &[&Setting]) -> Option<Hit> {
    let (first, last) = (tokens.first()?, tokens.last()?);
    let audiences: BTreeSet<&str> = tokens.iter().map(|t| t.value.text.as_str()).collect();
    let why = if audiences.contains("*") {
        "is good for every system"
    } else if audiences.len() > 1 {
        "is good for more than one system: each of them can use it at the others"
    } else if audiences.iter().any(|audience| is_forge(audience)) {
        "is good for the forge itself and not for one system that needs it"
    } else {
        return None;
    };
    let start = first.value.span.start;
    let span = Span::new(start, last.value.span.end.max(first.value.span.end));
    let said = format!("The identity token '{name}' of job '{}' {why}.", job.id);
    let hit = pipeline.hit(span, job, None).saying(said).about(name);
    Some(hit.beside_definition(&first.value))
}

/// Whether an audience is GitLab itself.
fn is_forge(audience: &str) -> bool {
    matches!(
        audience.trim_end_matches('/'),
        "https://gitlab.com"
            | "gitlab.com"
            | "$CI_SERVER_URL"
            | "$CI_SERVER_HOST"
            | "${CI_SERVER_URL}"
    )
}
