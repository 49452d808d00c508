//! Reading GitHub workflows and actions: jobs, steps, and what a value refers to.

use std::sync::LazyLock;

use regex::Regex;

use crate::document::{Document, Member, Node};

/// A step and the member of the job it belongs to; a composite action has no job.
pub(super) struct Step<'n> {
    /// The job, with its id as the key.
    pub(super) job: Option<&'n Member>,
    /// The step itself.
    pub(super) node: &'n Node,
}

/// The jobs of a workflow.
pub(super) fn jobs<'n>(document: &'n Document<'_>) -> impl Iterator<Item = &'n Member> {
    document
        .tree()
        .root
        .items()
        .iter()
        .filter_map(|root| root.get("jobs"))
        .flat_map(Node::members)
}

/// The steps of a job.
pub(super) fn steps_of(job: &Member) -> &[Node] {
    job.value.get("steps").map_or(&[], Node::items)
}

/// The steps of a workflow's jobs, or of a composite action.
pub(super) fn steps<'n>(document: &'n Document<'_>) -> Vec<Step<'n>> {
    let mut found: Vec<_> = jobs(document)
        .flat_map(|job| {
            steps_of(job).iter().map(move |node| Step {
                job: Some(job),
                node,
            })
        })
        .collect();
    for root in document.tree().root.items() {
        let steps = root.at(&["runs", "steps"]).map_or(&[][..], Node::items);
        found.extend(steps.iter().map(|node| Step { job: None, node }));
    }
    found
}

/// The action that a step uses, in lower case and without its version: GitHub reads
/// owner and name without regard to case.
pub(super) fn action(step: &Node) -> Option<String> {
    let uses = step.get("uses")?.text()?;
    let name = uses.split('@').next().unwrap_or(uses).trim();
    Some(name.to_ascii_lowercase())
}

/// What an expression gives: the context that it reads first, and the name there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source<'t> {
    /// A stored secret.
    Secret(&'t str),
    /// A stored variable.
    Variable(&'t str),
    /// An input of the workflow or action.
    Input(&'t str),
    /// Anything else, the literal text too.
    Other,
}

/// Where a value comes from.
pub(super) fn source(text: &str) -> Source<'_> {
    static READS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"(?i)\$\{\{[^}]*?\b(secrets|vars|inputs)\s*(?:\.\s*([\w-]+)|\[\s*['"]([\w-]+)['"]\s*\])"#,
        )
        .expect("a constant regex")
    });
    let Some(found) = READS.captures(text) else {
        return Source::Other;
    };
    let context = found.get(1).map_or("", |m| m.as_str());
    let name = found
        .get(2)
        .or_else(|| found.get(3))
        .map_or("", |m| m.as_str());
    match context.to_ascii_lowercase().as_str() {
        "secrets" => Source::Secret(name),
        "vars" => Source::Variable(name),
        _ => Source::Input(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_tell_where_a_value_comes_from() {
        assert_eq!(source("${{ secrets.KEY }}"), Source::Secret("KEY"));
        assert_eq!(source("${{secrets['K-1']}}"), Source::Secret("K-1"));
        assert_eq!(source("${{ inputs.key-id }}"), Source::Input("key-id"));
        assert_eq!(source("${{ vars.KEY }}"), Source::Variable("KEY"));
        assert_eq!(source("${{ steps.login.outputs.key }}"), Source::Other);
        assert_eq!(source("secrets.KEY"), Source::Other);
    }
}
