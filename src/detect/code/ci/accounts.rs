//! What a job runs as or on that owns more than the job: the server of the builds, an
//! administrator of the cluster.
//!
//! Facts: Jenkins, "Controller isolation"; Kubernetes, "Using RBAC Authorization"; Tekton
//! and Argo Workflows, "Service Accounts".

use std::collections::{BTreeSet, HashMap};

use super::privileged::Beside as _;
use crate::detect::pipeline::{self, System, Text};
use crate::detect::{Cx, Hit, Spot};
use crate::document::{Document, Neighbours, Node, Span};
use crate::finding::{Confidence, Severity};
use crate::kind::Kind;

/// Finds jobs that run on the server itself, and a server that runs jobs.
pub(in crate::detect::code) fn on_controller(cx: &Cx<'_, '_>) -> Vec<Hit> {
    if let Some(pipeline) = pipeline::of(cx.document) {
        if pipeline.system != System::Jenkins {
            return Vec::new();
        }
        let mut hits = Vec::new();
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        for job in &pipeline.jobs {
            let label = job
                .runner
                .iter()
                .find(|label| names_controller(&label.text));
            if let Some(label) = label.filter(|label| seen.insert(label.span.start)) {
                hits.push(
                    pipeline
                        .hit(label.span, job, None)
                        .saying(format!(
                            "Job '{}' runs on the controller, where every stored credential lies.",
                            job.id
                        ))
                        .about(label.text.trim())
                        .beside_definition(label),
                );
            }
        }
        return hits;
    }
    executors(cx.document)
}

fn names_controller(label: &str) -> bool {
    let names = ["built-in", "master", "controller"];
    let mut words = label.split(|c: char| c.is_whitespace() || matches!(c, '|' | '&' | '(' | ')'));
    words.any(|word| names.contains(&word)) && !label.contains('!')
}

/// `JCasC`'s `numExecutors`: how many builds the controller runs.
fn executors(document: &Document<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for root in document.tree().root.items() {
        let Some(jenkins) = root.get("jenkins") else {
            continue;
        };
        let Some(member) = jenkins.member("numExecutors") else {
            continue;
        };
        let count = member.value.scalar();
        let count = count
            .and_then(|count| count.parse::<u32>().ok())
            .unwrap_or(0);
        if count > 0 {
            let exclusive = jenkins.get("mode").and_then(Node::text) == Some("EXCLUSIVE");
            let held = if exclusive {
                ", though only those that ask for it by name"
            } else {
                ""
            };
            hits.push(
                Hit::new(Span::new(member.key_span.start, member.value.span.end))
                    .grave(if exclusive { Severity::Medium } else { Severity::High })
                    .saying(format!(
                        "The controller runs builds itself, {count} at a time, where every stored credential lies{held}."
                    ))
                    .about("numExecutors"),
            );
        }
    }
    hits
}

/// Finds jobs that run as an administrator of the cluster.
pub(in crate::detect::code) fn admins(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(pipeline) = pipeline::of(cx.document) else {
        return Vec::new();
    };
    let mut hits = Vec::new();
    if !matches!(pipeline.system, System::Tekton | System::Argo) {
        return hits;
    }
    let bound = bound(cx.document);
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    for job in &pipeline.jobs {
        let Some(account) = job.account.as_ref().filter(|a| seen.insert(a.span.start)) else {
            continue;
        };
        if let Some((why, sure, spot)) = admin(&bound, account) {
            let mut hit = pipeline
                .hit(account.span, job, None)
                .sure(sure)
                .saying(format!(
                    "Every step runs as '{}', which {why}.",
                    account.text
                ))
                .about(account.text.clone())
                .beside_definition(account);
            if let Some(spot) = spot {
                hit = hit.beside(spot, "bound to cluster-admin here");
            }
            hits.push(hit);
        }
    }
    hits
}

/// Why an account is an administrator, and where it is made one.
fn admin(
    bound: &HashMap<String, Spot>,
    account: &Text,
) -> Option<(&'static str, Confidence, Option<Spot>)> {
    let name = account.text.trim();
    if let Some(spot) = bound.get(name) {
        let why = "is bound to cluster-admin: it owns the cluster";
        return Some((why, Confidence::High, Some(spot.clone())));
    }
    if matches!(name, "cluster-admin" | "admin" | "root" | "superuser") {
        return Some(("by its name owns the cluster", Confidence::Medium, None));
    }
    // What others have bound to it shows only in the cluster.
    (name == "default").then_some(("gets whatever anybody binds to it", Confidence::Low, None))
}

/// The service accounts that the file or its neighbours bind to `cluster-admin`, and
/// where.
fn bound(document: &Document<'_>) -> HashMap<String, Spot> {
    let mut out = HashMap::new();
    bindings(document.tree().root.items(), &mut |name, span| {
        out.entry(name.to_owned()).or_insert(Spot::Here(span));
    });
    let files = document.neighbours().into_iter().flat_map(Neighbours::iter);
    for file in files.filter(|file| file.kinds().has(Kind::Yaml)) {
        // Most of the neighbours are pipelines: only a few are worth parsing for this.
        if memchr::memmem::find(file.bytes(), b"ClusterRoleBinding").is_some() {
            bindings(file.tree().root.items(), &mut |name, span| {
                out.entry(name.to_owned())
                    .or_insert_with(|| Spot::there(file, span));
            });
        }
    }
    out
}

/// Calls `found` with each service account that an object binds to `cluster-admin`.
fn bindings(objects: &[Node], found: &mut dyn FnMut(&str, Span)) {
    for object in objects {
        let text = |keys: &[&str]| object.at(keys).and_then(Node::text);
        let Some(role) = object.at(&["roleRef", "name"]) else {
            continue;
        };
        if text(&["kind"]) != Some("ClusterRoleBinding") || role.text() != Some("cluster-admin") {
            continue;
        }
        for subject in object.get("subjects").map_or(&[][..], Node::items) {
            let text = |key| subject.get(key).and_then(Node::text);
            if let (Some("ServiceAccount"), Some(name)) = (text("kind"), text("name")) {
                found(name, role.span);
            }
        }
    }
}
