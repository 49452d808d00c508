//! Stored cloud keys handed to a workflow's steps where the cloud would accept the
//! job's own federated identity.

use std::collections::BTreeSet;

use super::jobs::{self, Source};
use crate::detect::{Cx, Hit};
use crate::document::{Member, Node};
use crate::finding::{Confidence, Severity};
use crate::kind::Kind;

/// An action, its input that takes a stored key, and what the key opens.
struct Taker {
    /// The action's whole name, or with a `/` at the end its owner.
    action: &'static str,
    input: &'static str,
    cloud: &'static str,
    severity: Severity,
}

const TAKERS: &[Taker] = &[
    taker("google-github-actions/", "credentials_json", "Google Cloud"),
    taker(
        "google-github-actions/",
        "service_account_key",
        "Google Cloud",
    ),
    taker("google-github-actions/", "credentials", "Google Cloud"),
    taker("azure/login", "creds", "Azure"),
    profile("azure/webapps-deploy"),
    profile("azure/functions-action"),
];

const fn taker(action: &'static str, input: &'static str, cloud: &'static str) -> Taker {
    Taker {
        action,
        input,
        cloud,
        severity: Severity::High,
    }
}

/// A publish profile opens one application only.
const fn profile(action: &'static str) -> Taker {
    Taker {
        severity: Severity::Medium,
        ..taker(action, "publish-profile", "Azure")
    }
}

/// Environment variables that hold a stored key, and one that tells the key is
/// short-lived after all.
const VARIABLES: &[(&str, &str, Option<&str>)] = &[
    ("AWS_ACCESS_KEY_ID", "AWS", Some("AWS_SESSION_TOKEN")),
    ("ARM_CLIENT_SECRET", "Azure", None),
    ("AZURE_CLIENT_SECRET", "Azure", None),
];

/// Words in the name of a secret for a store that speaks S3 but is not AWS, and so
/// has no identity to offer.
const OTHER_STORES: &[&str] = &[
    "R2",
    "B2",
    "MINIO",
    "WASABI",
    "SPACES",
    "DO",
    "BACKBLAZE",
    "CLOUDFLARE",
    "TIGRIS",
    "SCW",
    "SCALEWAY",
    "HETZNER",
    "LINODE",
    "OVH",
    "CEPH",
    "GARAGE",
    "STORJ",
    "YC",
    "YANDEX",
];

/// Finds the keys, once for each job and secret, the widest scope first.
pub(super) fn in_workflows(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut finder = Finder {
        cx,
        seen: BTreeSet::new(),
        hits: Vec::new(),
    };
    for root in cx.document.tree().root.items() {
        finder.environment("", root, false);
    }
    for (job, body) in jobs::bodies(cx.document) {
        finder.environment(job, body, false);
        for step in jobs::steps(body) {
            if let Some(action) = jobs::action(step) {
                finder.step(job, &action, step);
            }
            finder.environment(job, step, names_another_store(step));
        }
    }
    finder.hits
}

struct Finder<'c, 'd, 'n> {
    cx: &'c Cx<'n, 'd>,
    /// Job and subject of what was found; the empty job is the whole workflow.
    seen: BTreeSet<(String, String)>,
    hits: Vec<Hit>,
}

impl Finder<'_, '_, '_> {
    fn step(&mut self, job: &str, action: &str, step: &Node) {
        let Some(with) = step.get("with") else {
            return;
        };
        if action == "aws-actions/configure-aws-credentials" {
            self.aws_login(job, with);
        }
        for taker in TAKERS {
            let used = if taker.action.ends_with('/') {
                action.starts_with(taker.action)
            } else {
                action == taker.action
            };
            if used && let Some(member) = with.member(taker.input) {
                self.push(job, member, None, taker.cloud, taker.severity);
            }
        }
    }

    /// A session token or a chained role means that the keys were made by an earlier
    /// step. A role to assume does not: a stored key still opens the way to it.
    fn aws_login(&mut self, job: &str, with: &Node) {
        let chained = with.get("role-chaining").and_then(Node::truth) == Some(true);
        if chained || given(with, "aws-session-token") {
            return;
        }
        if let Some(id) = with.member("aws-access-key-id") {
            let secret = with.get("aws-secret-access-key");
            let severity = if given(with, "role-to-assume") {
                Severity::Medium
            } else {
                Severity::High
            };
            self.push(job, id, secret, "AWS", severity);
        }
    }

    fn environment(&mut self, job: &str, scope: &Node, other_store: bool) {
        let Some(env) = scope.get("env") else {
            return;
        };
        for (name, cloud, session) in VARIABLES {
            if session.is_some_and(|name| given(env, name)) {
                continue;
            }
            let Some(member) = env.member(name) else {
                continue;
            };
            let pair = session.and_then(|_| env.get("AWS_SECRET_ACCESS_KEY"));
            let before = self.hits.len();
            self.push(job, member, pair, cloud, Severity::High);
            if other_store || names_another_store(scope) {
                for hit in self.hits.iter_mut().skip(before) {
                    hit.confidence = Some(Confidence::Low);
                }
            }
        }
    }

    /// Adds a hit at `member` when it, or the other half of its pair, comes from a
    /// store of secrets.
    fn push(
        &mut self,
        job: &str,
        member: &Member,
        pair: Option<&Node>,
        cloud: &str,
        severity: Severity,
    ) {
        let text = |node: Option<&Node>| node.and_then(Node::text).map(str::to_owned);
        let own = text(Some(&member.value)).unwrap_or_default();
        let other = text(pair).unwrap_or_default();
        let (subject, confidence) = match (jobs::source(&own), jobs::source(&other)) {
            (Source::Secret(name), _)
            | (Source::Variable(_) | Source::Other, Source::Secret(name)) => {
                (format!("secret:{name}"), confidence_in(name))
            }
            // Callers may well give a short-lived key.
            (Source::Input(name), _) => (format!("input:{name}"), Confidence::Medium),
            _ => return,
        };
        let known = |job: &str| self.seen.contains(&(job.to_owned(), subject.clone()));
        if known("") || known(job) {
            return;
        }
        self.seen.insert((job.to_owned(), subject.clone()));
        let what = if self.cx.document.is(Kind::GithubAction) {
            "action"
        } else {
            "workflow"
        };
        let message = format!(
            "The {what} signs in to {cloud} with the stored key '{subject}' where a federated identity would do."
        );
        self.hits.push(
            Hit::new(member.value.span)
                .about(subject)
                .sure(confidence)
                .grave(severity)
                .saying(message),
        );
    }
}

fn given(node: &Node, key: &str) -> bool {
    node.get(key)
        .and_then(Node::scalar)
        .is_some_and(|text| !text.trim().is_empty())
}

fn confidence_in(name: &str) -> Confidence {
    let upper = name.to_ascii_uppercase();
    if upper.split('_').any(|word| OTHER_STORES.contains(&word)) {
        Confidence::Low
    } else {
        Confidence::High
    }
}

/// Whether a step or scope sends its requests to a store that is not AWS.
fn names_another_store(scope: &Node) -> bool {
    let endpoint = |node: Option<&Node>| {
        node.map_or(&[][..], Node::members).iter().any(|member| {
            let key = member.key.to_ascii_lowercase();
            key.contains("endpoint")
                && !member
                    .value
                    .text()
                    .is_some_and(|text| text.contains("amazonaws.com"))
        })
    };
    let run = scope.get("run").and_then(Node::text).unwrap_or_default();
    endpoint(scope.get("env"))
        || endpoint(scope.get("with"))
        || run.contains("--endpoint-url")
        || run.contains("--endpoint ")
}
