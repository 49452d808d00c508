//! A security scanner that may fail without anybody noticing.

use std::collections::BTreeSet;

use super::scanners;
use super::{ci, jobs};
use crate::detect::pipeline;
use crate::detect::shell::{self, Command};
use crate::detect::{Cx, Hit};
use crate::document::{Document, Member, Node, Span};
use crate::finding::Confidence;
use crate::kind::Kind;

/// Scanners that are allowed to fail.
pub(super) fn may_fail(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let document = cx.document;
    if let Some(pipeline) = pipeline::of(document) {
        return ci::may_fail::of_pipeline(cx, pipeline);
    }
    let mut hits = commands(shell::commands(document));
    if document.is(Kind::GitlabCi) {
        gitlab(document, &mut hits);
    } else if document.is(Kind::AzurePipelines) {
        azure(document, &document.tree().root, &mut hits);
    }
    hits
}

/// Commands whose failure is swallowed or never comes.
fn commands(commands: &[Command]) -> Vec<Hit> {
    let runs: Vec<_> = commands
        .iter()
        .filter_map(|c| scanners::by_command(c).map(|s| (c, s)))
        .collect();
    let blocking: BTreeSet<_> = runs
        .iter()
        .filter(|(c, s)| !c.forgiven && s.softened(c).is_none())
        .map(|(_, s)| s.name)
        .collect();
    let mut hits = Vec::new();
    for (command, scanner) in &runs {
        // Somewhere else the same scanner blocks: this run only reports.
        if blocking.contains(scanner.name) {
            continue;
        }
        if command.forgiven {
            hits.push(hit(command.span, scanner.name, "its failure is ignored"));
        } else if let Some(flag) = scanner.softened(command) {
            hits.push(hit(
                command.span,
                scanner.name,
                &format!("`{flag}` lets it pass"),
            ));
        }
    }
    hits
}

fn hit(span: Span, scanner: &'static str, how: &str) -> Hit {
    Hit::new(span)
        .about(scanner)
        .saying(format!("{scanner} may find anything: {how}."))
}

/// A key and its value.
fn span_of(member: &Member) -> Span {
    Span::new(member.key_span.start, member.value.span.end)
}

/// `allow_failure: true` on a job that scans.
fn gitlab(document: &Document<'_>, hits: &mut Vec<Hit>) {
    for job in jobs::of_gitlab(document) {
        let Some(flag) = job.value.member("allow_failure") else {
            continue;
        };
        let manual = job.value.get("when").and_then(Node::text) == Some("manual");
        if flag.value.truth() != Some(true) || manual {
            continue;
        }
        let image = job.value.get("image");
        let image = image.and_then(|image| image.get("name").unwrap_or(image).text());
        let scanner = shell::step_commands(document, &job.value)
            .iter()
            .find_map(scanners::by_command)
            .or_else(|| image.and_then(scanners::by_image));
        let name = scanner.map(|s| s.name);
        if let Some(name) = name.or_else(|| scanners::gitlab_template(&job.key)) {
            let hit = hit(span_of(flag), name, "its job has `allow_failure`");
            hits.push(if scanner.is_some() {
                hit
            } else {
                hit.sure(Confidence::Medium)
            });
        }
    }
}

/// `continueOnError: true` on a step that scans.
fn azure(document: &Document<'_>, node: &Node, hits: &mut Vec<Hit>) {
    for item in node.items() {
        azure(document, item, hits);
    }
    for member in node.members() {
        azure(document, &member.value, hits);
    }
    let Some(flag) = node.member("continueOnError") else {
        return;
    };
    let task = node.get("task").and_then(Node::text).unwrap_or_default();
    let scanner = scanners::by_action(task).or_else(|| {
        shell::step_commands(document, node)
            .iter()
            .find_map(scanners::by_command)
    });
    if let Some(scanner) = scanner
        && flag.value.truth() == Some(true)
    {
        hits.push(hit(
            span_of(flag),
            scanner.name,
            "its step has `continueOnError`",
        ));
    }
}
