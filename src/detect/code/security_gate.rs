//! A security scanner that may fail without anybody noticing.

use std::collections::BTreeSet;

use super::jobs;
use super::scanners::{self, Scanner};
use crate::detect::shell::{self, Command};
use crate::detect::{Cx, Hit};
use crate::document::{Document, Member, Node, Span};
use crate::finding::{Confidence, Severity};
use crate::kind::Kind;

/// Scanners that are allowed to fail.
pub(super) fn may_fail(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let document = cx.document;
    if document.is(Kind::GithubWorkflow) || document.is(Kind::GithubAction) {
        return github(document);
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

fn github(document: &Document<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (id, body) in jobs::bodies(document) {
        github_job(document, id, body, &mut hits);
    }
    hits
}

/// A step and what it runs.
struct Step<'n> {
    node: &'n Node,
    uses: &'n str,
    commands: Vec<Command>,
}

impl<'n> Step<'n> {
    fn new(document: &Document<'_>, node: &'n Node) -> Self {
        Self {
            node,
            uses: node.get("uses").and_then(Node::text).unwrap_or_default(),
            commands: shell::step_commands(document, node),
        }
    }

    fn scanner(&self) -> Option<&'static Scanner> {
        scanners::by_action(self.uses)
            .or_else(|| self.commands.iter().find_map(scanners::by_command))
    }

    /// The input that tells an action to succeed whatever it finds.
    fn silenced(&self) -> Option<Span> {
        self.node.get("with").and_then(silencing_input)
    }

    /// Whether this step fails when the scanner finds something.
    fn blocks(&self, name: &str) -> bool {
        let action = scanners::by_action(self.uses).is_some_and(|s| s.name == name);
        let command = self.commands.iter().any(|command| {
            !command.forgiven
                && scanners::by_command(command)
                    .is_some_and(|s| s.name == name && s.softened(command).is_none())
        });
        allowed(self.node).is_none() && (action && self.silenced().is_none() || command)
    }
}

/// What a job runs, step by step.
fn github_job(document: &Document<'_>, id: &str, job: &Node, hits: &mut Vec<Hit>) {
    let steps = jobs::steps(job).iter();
    let steps: Vec<_> = steps.map(|s| Step::new(document, s)).collect();
    // What reaches code scanning is judged there.
    if steps.iter().any(|step| step.uses.contains("upload-sarif")) {
        return;
    }
    let scanner = steps.iter().find_map(Step::scanner);
    if let (Some(flag), Some(scanner)) = (allowed(job), scanner)
        && !reads_result(document, id)
    {
        hits.push(hit(flag, scanner.name, "its job has `continue-on-error`"));
    }
    for step in &steps {
        let Some(scanner) = step.scanner() else {
            continue;
        };
        if reads_outcome(document, step.node) || steps.iter().any(|s| s.blocks(scanner.name)) {
            continue;
        }
        if let Some(flag) = allowed(step.node) {
            hits.push(hit(flag, scanner.name, "its step has `continue-on-error`"));
        } else if let Some(input) = step.silenced() {
            hits.push(hit(input, scanner.name, "its input lets it pass").grave(Severity::Medium));
        }
    }
    let all: Vec<_> = steps.into_iter().flat_map(|step| step.commands).collect();
    hits.extend(commands(&all));
}

/// The place of a `continue-on-error` that is always true.
fn allowed(node: &Node) -> Option<Span> {
    let member = node.member("continue-on-error")?;
    let on = member.value.truth() == Some(true)
        || member.value.text().is_some_and(|text| {
            let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            bare == "${{true}}"
        });
    on.then(|| span_of(member))
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
        off.then(|| span_of(member))
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
fn reads_result(document: &Document<'_>, job: &str) -> bool {
    let text = format!("needs.{job}.result");
    !job.is_empty() && memchr::memmem::find(document.bytes(), text.as_bytes()).is_some()
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
