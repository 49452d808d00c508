//! Reading pipelines as trees: jobs and steps.

use crate::document::{Document, Member, Node};

/// The jobs of a GitHub workflow, with their ids as keys.
pub(super) fn jobs<'n>(document: &'n Document<'_>) -> impl Iterator<Item = &'n Member> {
    document
        .tree()
        .root
        .items()
        .iter()
        .filter_map(|root| root.get("jobs"))
        .flat_map(Node::members)
}

/// What has steps: a workflow's jobs with their ids, and what a composite action runs,
/// which has none.
pub(super) fn bodies<'n>(document: &'n Document<'_>) -> impl Iterator<Item = (&'n str, &'n Node)> {
    let roots = document.tree().root.items().iter();
    let actions = roots.filter_map(|root| root.get("runs"));
    jobs(document)
        .map(|job| (job.key.as_str(), &job.value))
        .chain(actions.map(|runs| ("", runs)))
}

/// The steps of a body.
pub(super) fn steps(body: &Node) -> &[Node] {
    body.get("steps").map_or(&[], Node::items)
}

/// The action that a step uses, in lower case and without its version: GitHub reads
/// owner and name without regard to case.
pub(super) fn action(step: &Node) -> Option<String> {
    let uses = step.get("uses")?.text()?;
    let name = uses.split('@').next().unwrap_or(uses).trim();
    Some(name.to_ascii_lowercase())
}
