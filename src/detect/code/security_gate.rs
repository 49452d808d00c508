//! A security scanner that may fail without anybody noticing.

use std::collections::BTreeSet;

use super::{ci, scanners};
use crate::detect::pipeline;
use crate::detect::shell::{self, Command};
use crate::detect::{Cx, Hit};
use crate::document::Span;

/// Scanners that are allowed to fail.
pub(super) fn may_fail(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let document = cx.document;
    if let Some(pipeline) = pipeline::of(document) {
        return ci::may_fail::of_pipeline(cx, pipeline);
    }
    commands(shell::commands(document))
}

/// Commands whose failure is swallowed or never comes.
fn commands<'d>(commands: impl Iterator<Item = &'d Command>) -> Vec<Hit> {
    let runs: Vec<_> = commands
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
