//! Pipelines that call themselves a way around approval and reach production
//! without an environment to guard them.

use super::controls::is_break_glass;
use super::{deploys, jobs};
use crate::detect::shell;
use crate::detect::{Cx, Hit};
use crate::document::{Document, Member, Node, Span};
use crate::kind::Kind;

/// Texts of which any such name holds one: a cheap look before a tree is asked for.
const SIGNS: &[&str] = &[
    "glass",
    "emergency",
    "firecall",
    "fire",
    "hotfix",
    "approval",
    "review",
];

/// Finds the routes.
pub(super) fn workflows(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let text = String::from_utf8_lossy(cx.document.bytes()).to_ascii_lowercase();
    let path = cx.document.path().to_ascii_lowercase();
    if !SIGNS
        .iter()
        .any(|sign| text.contains(sign) || path.contains(sign))
    {
        return Vec::new();
    }
    if cx.document.is(Kind::GitlabCi) {
        return gitlab(cx.document);
    }
    github(cx.document)
}

/// A job that changes production with nobody to approve it.
struct Open<'n> {
    job: &'n Member,
    /// The step or command that shows it.
    evidence: Span,
}

fn github(document: &Document<'_>) -> Vec<Hit> {
    let open: Vec<_> = jobs::jobs(document)
        .filter_map(|job| open_job(document, job))
        .collect();
    if open.is_empty() {
        return Vec::new();
    }
    let every: Vec<_> = open.iter().map(|open| open.evidence).collect();
    let mut hits = Vec::new();
    for root in document.tree().root.items() {
        if let Some(name) = root.get("name")
            && let Some(text) = name.text().filter(|text| is_break_glass(text))
        {
            hits.push(route(name.span, format!("workflow:{text}"), &every));
        }
        for input in inputs(root) {
            let read = [
                format!("inputs.{}", input.key),
                format!("inputs['{}']", input.key),
            ];
            if is_break_glass(&input.key) && root.get("jobs").is_some_and(|jobs| reads(jobs, &read))
            {
                hits.push(route(
                    input.key_span,
                    format!("input:{}", input.key),
                    &every,
                ));
            }
        }
    }
    if !hits.is_empty() {
        return hits;
    }
    let file = document.path().rsplit('/').next().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or(file);
    for open in &open {
        let job = open.job;
        let name = job.value.get("name").and_then(Node::text).unwrap_or("");
        let subject = if is_break_glass(&job.key) || is_break_glass(name) {
            format!("job:{}", job.key)
        } else if is_break_glass(stem) {
            format!("workflow:{stem}")
        } else {
            continue;
        };
        hits.push(route(job.key_span, subject, &[open.evidence]));
    }
    hits
}

fn inputs(root: &Node) -> impl Iterator<Item = &Member> {
    ["workflow_dispatch", "workflow_call"]
        .iter()
        .filter_map(|trigger| root.at(&["on", trigger, "inputs"]))
        .flat_map(Node::members)
}

/// Whether anything in the jobs reads one of these.
fn reads(jobs: &Node, sought: &[String]) -> bool {
    let mut found = false;
    jobs.walk(&mut |_, node| {
        found |= node
            .text()
            .is_some_and(|text| sought.iter().any(|s| text.contains(s)));
    });
    found
}

/// A job that deploys and names no environment, whose rules could hold it.
fn open_job<'n>(document: &Document<'_>, job: &'n Member) -> Option<Open<'n>> {
    if job.value.get("environment").is_some() {
        return None;
    }
    let evidence = jobs::steps(&job.value).iter().find_map(|step| {
        if jobs::action(step).is_some_and(|name| deploys::action(&name)) {
            return step.get("uses").map(|uses| uses.span);
        }
        deploying(document, step)
    })?;
    Some(Open { job, evidence })
}

/// The command of a step or job that deploys.
fn deploying(document: &Document<'_>, step: &Node) -> Option<Span> {
    shell::step_commands(document, step)
        .iter()
        .find(|command| deploys::command(command))
        .map(|command| command.span)
}

/// In GitLab a manual job with an environment waits for who may deploy there;
/// anything less starts by itself or at anyone's push of a button.
fn gitlab(document: &Document<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for job in jobs::of_gitlab(document).filter(|job| is_break_glass(&job.key)) {
        let held = job.value.get("environment").is_some() && is_manual(&job.value);
        if !held && let Some(evidence) = deploying(document, &job.value) {
            let subject = format!("job:{}", job.key);
            hits.push(route(job.key_span, subject, &[evidence]));
        }
    }
    hits
}

fn is_manual(job: &Node) -> bool {
    let manual = |node: &Node| node.get("when").and_then(Node::text) == Some("manual");
    manual(job)
        || job
            .get("rules")
            .is_some_and(|rules| rules.items().iter().any(manual))
}

fn route(span: Span, subject: String, evidence: &[Span]) -> Hit {
    let mut hit = Hit::new(span).saying(format!(
        "'{subject}' is a way around approval, and it deploys from a job without an environment to guard it."
    ));
    hit.related = evidence
        .iter()
        .map(|span| (*span, "deploys here".to_owned()))
        .collect();
    hit.about(subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_word_by_word() {
        for name in [
            "break-glass",
            "Break Glass deploy",
            "breakglass",
            "skipApproval",
            "SKIP_APPROVAL",
            "emergency_deploy.yml",
        ] {
            assert!(is_break_glass(name), "{name}");
        }
        for name in [
            "glass-break-test",
            "skip-tests",
            "hotfix",
            "approval",
            "emergencies",
        ] {
            assert!(!is_break_glass(name), "{name}");
        }
    }
}
