//! A security scanner that may fail without anybody noticing.

use super::scanners::{self, Scanner};
use crate::detect::shell::{self, Command};
use crate::detect::{Cx, Hit};
use crate::document::{Document, Node, Span};
use crate::finding::{Confidence, Severity};
use crate::kind::Kind;

/// Scanners that are allowed to fail.
pub(super) fn may_fail(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let document = cx.document;
    if document.is(Kind::GithubWorkflow) || document.is(Kind::GithubAction) {
        return github(document);
    }
    let mut hits = commands(&shell::commands(document));
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
    let blocks = |name: &str| {
        runs.iter()
            .any(|(c, s)| s.name == name && !c.forgiven && s.softened(c).is_none())
    };
    let mut hits = Vec::new();
    for (command, scanner) in &runs {
        // Somewhere else the same scanner blocks: this run only reports.
        if blocks(scanner.name) {
            continue;
        }
        if command.forgiven {
            hits.push(hit(command.span, scanner, "its failure is ignored"));
        } else if let Some(flag) = scanner.softened(command) {
            hits.push(hit(
                command.span,
                scanner,
                &format!("`{flag}` lets it pass"),
            ));
        }
    }
    hits
}

fn hit(span: Span, scanner: &Scanner, how: &str) -> Hit {
    Hit::new(span)
        .about(scanner.name)
        .saying(format!("{} may find anything: {how}.", scanner.name))
}

fn github(document: &Document<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for root in document.tree().root.items() {
        for job in root.get("jobs").map(Node::members).unwrap_or_default() {
            github_job(document, &job.key, &job.value, root, &mut hits);
        }
        if let Some(runs) = root.get("runs") {
            github_job(document, "", runs, root, &mut hits);
        }
    }
    hits
}

/// What a job runs, step by step.
fn github_job(document: &Document<'_>, id: &str, job: &Node, root: &Node, hits: &mut Vec<Hit>) {
    let steps = job.get("steps").map(Node::items).unwrap_or_default();
    let uses = |step: &Node| {
        step.get("uses")
            .and_then(Node::text)
            .unwrap_or_default()
            .to_owned()
    };
    // What reaches code scanning is judged there.
    let uploads = steps.iter().any(|step| {
        let uses = uses(step);
        uses.contains("upload-sarif") || uses.starts_with("github/codeql-action/analyze")
    });
    if uploads {
        return;
    }
    let job_scanner = steps.iter().find_map(|step| {
        scanners::by_action(&uses(step)).or_else(|| {
            shell::step_commands(document, step)
                .iter()
                .find_map(scanners::by_command)
        })
    });
    if let (Some(flag), Some(scanner)) = (allowed(job), job_scanner)
        && !reads_result(document, root, id)
    {
        hits.push(hit(flag, scanner, "its job has `continue-on-error`"));
    }
    let all: Vec<_> = steps
        .iter()
        .flat_map(|step| shell::step_commands(document, step))
        .collect();
    let by_text = commands(&all);
    for step in steps {
        let action = scanners::by_action(&uses(step));
        let run = shell::step_commands(document, step);
        let command = run.iter().find_map(scanners::by_command);
        let Some(scanner) = action.or(command) else {
            continue;
        };
        if let Some(flag) = allowed(step) {
            if !reads_outcome(document, step) && !blocks_elsewhere(document, steps, step, scanner) {
                hits.push(hit(flag, scanner, "its step has `continue-on-error`"));
            }
        } else if let Some(input) = step.get("with").and_then(silencing_input) {
            hits.push(hit(input, scanner, "its input lets it pass").grave(Severity::Medium));
        }
    }
    hits.extend(by_text);
}

/// The place of a `continue-on-error` that is always true.
fn allowed(node: &Node) -> Option<Span> {
    let member = node.member("continue-on-error")?;
    let on = member.value.truth() == Some(true)
        || member.value.text().is_some_and(|text| {
            let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            bare == "${{true}}"
        });
    on.then(|| Span::new(member.key_span.start, member.value.span.end))
}

/// An input that tells an action to succeed whatever it finds.
fn silencing_input(with: &Node) -> Option<Span> {
    with.members().iter().find_map(|member| {
        let truth = member.value.truth();
        let off = match member.key.as_str() {
            "exit-code" => member.value.scalar().is_some_and(|v| v == "0"),
            "soft_fail" | "soft-fail" | "warn-only" => truth == Some(true),
            "fail-build" => truth == Some(false),
            _ => false,
        };
        off.then(|| Span::new(member.key_span.start, member.value.span.end))
    })
}

/// Whether anything later asks how the step went.
fn reads_outcome(document: &Document<'_>, step: &Node) -> bool {
    let Some(id) = step.get("id").and_then(Node::text) else {
        return false;
    };
    ["outcome", "outputs"].iter().any(|what| {
        let text = format!("steps.{id}.{what}");
        memchr::memmem::find(document.bytes(), text.as_bytes()).is_some()
    })
}

/// Whether another job asks how this one went. `needs.x.result` of a job that may
/// fail still says `failure`.
fn reads_result(document: &Document<'_>, _root: &Node, job: &str) -> bool {
    let text = format!("needs.{job}.result");
    !job.is_empty() && memchr::memmem::find(document.bytes(), text.as_bytes()).is_some()
}

/// Whether the same scanner runs in another step that may not fail.
fn blocks_elsewhere(
    document: &Document<'_>,
    steps: &[Node],
    step: &Node,
    scanner: &Scanner,
) -> bool {
    steps
        .iter()
        .filter(|other| other.span != step.span && allowed(other).is_none())
        .any(|other| {
            let uses = other.get("uses").and_then(Node::text).unwrap_or_default();
            let action = scanners::by_action(uses).is_some_and(|s| s.name == scanner.name);
            action
                || shell::step_commands(document, other).iter().any(|c| {
                    !c.forgiven
                        && scanners::by_command(c)
                            .is_some_and(|s| s.name == scanner.name && s.softened(c).is_none())
                })
        })
}

/// `allow_failure: true` on a job that scans.
fn gitlab(document: &Document<'_>, hits: &mut Vec<Hit>) {
    for root in document.tree().root.items() {
        for job in root.members() {
            let Some(flag) = job.value.member("allow_failure") else {
                continue;
            };
            let manual = job.value.get("when").and_then(Node::text) == Some("manual");
            if flag.value.truth() != Some(true) || manual {
                continue;
            }
            let image = match job.value.get("image") {
                Some(image) => image
                    .text()
                    .or_else(|| image.get("name").and_then(Node::text)),
                None => None,
            };
            let scanner = shell::step_commands(document, &job.value)
                .iter()
                .find_map(scanners::by_command)
                .or_else(|| image.and_then(scanners::by_image));
            let span = Span::new(flag.key_span.start, flag.value.span.end);
            if let Some(scanner) = scanner {
                hits.push(hit(span, scanner, "its job has `allow_failure`"));
            } else if let Some(name) = gitlab_template(&job.key) {
                hits.push(
                    Hit::new(span)
                        .about(name)
                        .saying(format!(
                            "{name} may find anything: its job has `allow_failure`."
                        ))
                        .sure(Confidence::Medium),
                );
            }
        }
    }
}

/// Jobs of GitLab's own templates, which a file may override.
fn gitlab_template(job: &str) -> Option<&'static str> {
    const JOBS: &[&str] = &[
        "secret_detection",
        "semgrep-sast",
        "sast",
        "container_scanning",
        "dependency_scanning",
        "gemnasium-dependency_scanning",
        "kics-iac-sast",
        "dast",
    ];
    JOBS.iter().find(|name| **name == job).copied()
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
        let span = Span::new(flag.key_span.start, flag.value.span.end);
        hits.push(hit(span, scanner, "its step has `continueOnError`"));
    }
}
