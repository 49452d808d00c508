//! Commands and actions that take a control's place on a forge: approving a change, and
//! changing the rules of a branch.

use super::jobs;
use crate::detect::shell::{self, Command, Word};
use crate::detect::{Cx, Hit};
use crate::document::{Document, Node};
use crate::finding::Confidence;

/// Actions whose purpose is to approve the pull request that they run on.
const APPROVERS: &[&str] = &[
    "hmarr/auto-approve-action",
    "juliangruber/approve-pull-request-action",
];

/// Actions whose purpose is to lift the protection of a branch for a while.
const LIFTERS: &[&str] = &["benjefferies/branch-protection-bot"];

/// What reads which update a dependency bot proposes, so that a job can tell a patch from
/// the rest.
const READS_UPDATE: &[u8] = b"dependabot/fetch-metadata";

/// Approvals that no person gives.
pub(super) fn approvals(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let document = cx.document;
    let commands = shell::commands(document);
    let mut hits: Vec<_> = commands
        .filter_map(|c| Some(Hit::new(c.span).about(approval(c)?)))
        .collect();
    hits.extend(actions(document, APPROVERS));
    if memchr::memmem::find(document.bytes(), READS_UPDATE).is_some() {
        for hit in &mut hits {
            hit.confidence = Some(Confidence::Low);
        }
    }
    hits
}

/// What a command approves by.
fn approval(command: &Command) -> Option<&'static str> {
    match command.name() {
        // After `-b` comes a text, whose letters are no flags.
        "gh" if command.begins_with(&["pr", "review"]) => {
            (command.switch(&["--approve"]).is_some() || command.short('a', "bFR").is_some())
                .then_some("gh pr review")
        }
        "glab" if command.begins_with(&["mr", "approve"]) => Some("glab mr approve"),
        _ => None,
    }
}

/// What a command decides in a person's place about a proposed change: approving or
/// merging it.
pub(super) fn decides(command: &Command) -> Option<&'static str> {
    if let Some(approval) = approval(command) {
        return Some(approval);
    }
    match command.name() {
        "gh" if command.begins_with(&["pr", "merge"]) => Some("gh pr merge"),
        "glab" if command.begins_with(&["mr", "merge"]) => Some("glab mr merge"),
        "gh" | "glab" | "curl" => {
            let of_pull = |w: &Word| {
                let text = w.text().split('?').next().unwrap_or_default();
                let text = text.trim_end_matches('/');
                let about = text.contains("/pulls/") || text.contains("/merge_requests/");
                about && (text.ends_with("/merge") || text.ends_with("/approve"))
            };
            let asked = command.args().iter().any(of_pull);
            let merges = |w: &Word| {
                let text = w.text();
                text.contains("enablePullRequestAutoMerge") || text.contains("mergePullRequest")
            };
            (asked && method(command).is_some() || command.args().iter().any(merges))
                .then_some("a merge by the interface")
        }
        _ => None,
    }
}

/// Commands and requests that take the log of a run away.
pub(super) fn erasures(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let commands = shell::commands(cx.document);
    commands
        .filter_map(|command| Some(Hit::new(command.span).about(erased(command)?)))
        .collect()
}

/// What a command erases.
fn erased(command: &Command) -> Option<&'static str> {
    if command.name() == "gh" && command.begins_with(&["run", "delete"]) {
        return Some("gh run delete");
    }
    let mut words = command.args().iter().map(Word::text);
    let address = words.find(|word| word.contains('/') && !word.contains(char::is_whitespace))?;
    let path = address.split(['?', '#']).next().unwrap_or(address);
    let method = method(command)?;
    if method == "POST" && path.contains("/jobs/") && path.ends_with("/erase") {
        Some("POST jobs/erase")
    } else if method == "DELETE" && path.contains("/actions/runs/") {
        Some("DELETE actions/runs")
    } else {
        None
    }
}

/// Requests that change the rules of a branch, and actions that do.
pub(super) fn branch_rules(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let document = cx.document;
    let mut hits: Vec<_> = shell::commands(document)
        .filter_map(|command| {
            let rules = command
                .args()
                .iter()
                .map(Word::text)
                .find(|w| is_rules(w))?;
            let method = method(command)?;
            Some(Hit::new(command.span).about(format!("{method} {}", last_parts(rules))))
        })
        .collect();
    hits.extend(actions(document, LIFTERS));
    hits
}

/// Whether an address is that of a branch's rules.
fn is_rules(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    let mut parts = path.split('/');
    if !path.contains('/') || path.contains(char::is_whitespace) {
        return false;
    }
    let protection = path.contains("/branches/") && path.contains("/protection");
    protection
        || parts.any(|part| {
            matches!(
                part,
                "rulesets" | "protected_branches" | "approval_rules" | "push_rule"
            )
        })
}

/// The method of a request that changes something.
fn method(command: &Command) -> Option<String> {
    let flags: &[&str] = match command.name() {
        "gh" | "glab" if command.begins_with(&["api"]) => &["-X", "--method"],
        "curl" => &["-X", "--request"],
        _ => return None,
    };
    let joined = command
        .args()
        .iter()
        .filter_map(|w| w.text().strip_prefix("-X"))
        .find(|rest| !rest.is_empty());
    let given = command.value_of(flags).map(|(_, value)| value).or(joined)?;
    let upper = given.to_ascii_uppercase();
    matches!(upper.as_str(), "PUT" | "PATCH" | "DELETE" | "POST").then_some(upper)
}

/// The end of an address from the last name of a kind of rule on: no host and no login.
fn last_parts(address: &str) -> &str {
    [
        "/protection",
        "/rulesets",
        "/protected_branches",
        "/approval_rules",
        "/push_rule",
    ]
    .iter()
    .filter_map(|name| address.find(name))
    .min()
    .and_then(|at| address.get(at + 1..))
    .and_then(|rest| rest.split(['?', '#']).next())
    .unwrap_or("rules")
}

/// Steps that use one of these actions.
fn actions(document: &Document<'_>, wanted: &[&str]) -> Vec<Hit> {
    let bodies = jobs::bodies(document);
    let steps = bodies.flat_map(|(_, body)| jobs::steps(body));
    steps
        .filter_map(|step| {
            let name = jobs::action(step).filter(|name| wanted.contains(&name.as_str()))?;
            let uses = step.get("uses").map_or(step.span, |uses: &Node| uses.span);
            Some(Hit::new(uses).about(name))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_rules() {
        for address in [
            "repos/a/b/branches/main/protection",
            "https://api.example.org/repos/a/b/rulesets/7?x=y",
            "/projects/7/push_rule",
        ] {
            assert!(is_rules(address), "{address}");
        }
        for address in ["rulesets", "see /rulesets", "repos/a/b/branches/main"] {
            assert!(!is_rules(address), "{address}");
        }
        assert_eq!(
            last_parts("https://u:p@h/repos/a/b/branches/main/protection/x?y"),
            "protection/x"
        );
    }
}
