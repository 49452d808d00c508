//! Reading pipelines: jobs, steps, and what a value of GitHub's refers to.

use std::sync::LazyLock;

use regex::Regex;

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
