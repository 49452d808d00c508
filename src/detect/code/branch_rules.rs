//! How a repository's branches are protected, as code: the `settings.yml` of probot and
//! safe-settings, exported rulesets, and Terraform for `GitHub` and `GitLab`.
//!
//! Facts: <https://docs.github.com/en/rest/branches/branch-protection>,
//! <https://docs.github.com/en/rest/repos/rules>,
//! <https://registry.terraform.io/providers/integrations/github/latest/docs/resources/branch_protection>.

mod read;

use read::{Form, Protection, protections};

use super::terraform::{self, Set};
use crate::detect::{Cx, Hit};
use crate::document::{Node, Value};
use crate::finding::{Confidence, Severity};

/// Branch rules that administrators may pass over.
pub(super) fn admins_exempt(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let all = protections(cx.document);
    let binds_all = |p: &Protection<'_>| {
        p.form == Form::Ruleset
            && p.says("enforcement", "active")
            && p.node
                .get("bypass_actors")
                .is_none_or(|a| a.one_or_many().is_empty())
    };
    let superseded = all.iter().find(|p| binds_all(p));
    let mut hits = Vec::new();
    for protection in all.iter().filter(|p| p.form == Form::Classic) {
        let (span, sure) = match protection.node.get("enforce_admins") {
            // The file may be laid over another one that says it.
            None if protection.is_layered() => (protection.head, Confidence::Low),
            None => (protection.head, Confidence::High),
            Some(node) => match protection.resolve(node) {
                Some(set) if set.value.truth() == Some(false) => (set.span, set.sure),
                Some(set) if matches!(set.value.value, Value::Null) => (set.span, set.sure),
                _ => continue,
            },
        };
        let branch = &protection.name;
        let mut hit = Hit::new(span).about("administrators").sure(sure).saying(format!(
            "The rules of branch '{branch}' don't bind administrators, who push and merge past them."
        ));
        if let Some(ruleset) = superseded {
            hit.confidence = Some(Confidence::Low);
            hit.detail = Some("a ruleset of this file binds everybody".to_owned());
            hit.related
                .push((ruleset.head, "this ruleset has no bypass".to_owned()));
        }
        hits.push(protection.place(hit));
    }
    hits
}

/// Actors that a branch's rules let through.
pub(super) fn bypass_actors(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for protection in protections(cx.document) {
        match protection.form {
            Form::Ruleset => ruleset_actors(&protection, &mut hits),
            Form::Classic => classic_actors(&protection, &mut hits),
            Form::Gitlab => {}
        }
    }
    hits
}

fn ruleset_actors(ruleset: &Protection<'_>, hits: &mut Vec<Hit>) {
    if !ruleset.says("enforcement", "active") {
        return;
    }
    let actors = ruleset.node.get("bypass_actors");
    for actor in actors.map_or(&[][..], Node::one_or_many) {
        let text = |key| {
            let set = ruleset.resolve(actor.get(key)?)?;
            set.value.scalar().map(std::borrow::Cow::into_owned)
        };
        let Some(kind) = text("actor_type") else {
            continue;
        };
        let who = named(&kind, text("actor_id").as_deref());
        let mode = text("bypass_mode").unwrap_or_else(|| "always".to_owned());
        let name = &ruleset.name;
        let (severity, what) = match mode.as_str() {
            "pull_request" => (Severity::Medium, "by merging a pull request"),
            _ => (Severity::High, "at any time, also by a push"),
        };
        let hit = Hit::new(actor.span)
            .about(&*who)
            .grave(severity)
            .saying(format!(
                "'{who}' may pass over the ruleset '{name}' {what}."
            ));
        hits.push(ruleset.place(hit));
    }
}

/// A ruleset's actor in words. The numbers of the built-in roles are `GitHub`'s.
fn named(kind: &str, id: Option<&str>) -> String {
    match (kind, id) {
        ("RepositoryRole", Some("2")) => "role maintain".to_owned(),
        ("RepositoryRole", Some("4")) => "role write".to_owned(),
        ("RepositoryRole", Some("5")) => "role admin".to_owned(),
        ("OrganizationAdmin", _) => "organization administrators".to_owned(),
        ("DeployKey", _) => "every deploy key".to_owned(),
        ("Integration", Some(id)) => format!("app {id}"),
        ("Team", Some(id)) => format!("team {id}"),
        (_, Some(id)) => format!("{kind} {id}"),
        (_, None) => kind.to_owned(),
    }
}

fn classic_actors(protection: &Protection<'_>, hits: &mut Vec<Hit>) {
    const REVIEWS: (&str, Severity) = ("merges without the reviews", Severity::High);
    const FORCE: (&str, Severity) = ("may rewrite the history", Severity::High);
    let mut say = |node: &Node, kind: &str, (what, severity): (&str, Severity)| {
        for actor in node.one_or_many() {
            let Some(name) = actor.text().filter(|name| !name.is_empty()) else {
                continue;
            };
            let who = if kind.is_empty() {
                name.trim_start_matches('/').to_owned()
            } else {
                format!("{kind} {name}")
            };
            let branch = &protection.name;
            let mut hit = Hit::new(actor.span)
                .about(&*who)
                .grave(severity)
                .saying(format!("'{who}' {what} of branch '{branch}'."));
            // A list that is made elsewhere may be empty.
            if node.is_expression() {
                hit = hit.sure(Confidence::Low);
            }
            hits.push(protection.place(hit));
        }
    };
    let reviews = protection.node.get("required_pull_request_reviews");
    for reviews in reviews.map_or(&[][..], Node::one_or_many) {
        if let Some(node) = reviews.get("pull_request_bypassers") {
            say(node, "", REVIEWS);
        }
        let allowed = reviews.get("bypass_pull_request_allowances");
        for allowed in allowed.map_or(&[][..], Node::one_or_many) {
            for (key, kind) in [("users", "user"), ("teams", "team"), ("apps", "app")] {
                if let Some(node) = allowed.get(key) {
                    say(node, kind, REVIEWS);
                }
            }
        }
    }
    if let Some(node) = protection.node.get("force_push_bypassers") {
        say(node, "", FORCE);
    }
}

/// Rules that are written down and don't hold.
pub(super) fn not_enforced(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for protection in protections(cx.document) {
        match protection.form {
            Form::Ruleset => ruleset_holes(&protection, &mut hits),
            Form::Classic => classic_holes(&protection, &mut hits),
            Form::Gitlab => gitlab_holes(&protection, &mut hits),
        }
    }
    hits
}

fn ruleset_holes(ruleset: &Protection<'_>, hits: &mut Vec<Hit>) {
    let name = &ruleset.name;
    let Some(enforcement) = ruleset.set("enforcement") else {
        return;
    };
    let (severity, what) = match enforcement.value.text() {
        Some("evaluate") => (Severity::Medium, "only reports what it would refuse"),
        Some("disabled") => (Severity::High, "is switched off"),
        _ => {
            approvals(ruleset, hits);
            return;
        }
    };
    let mode = enforcement.value.text().unwrap_or_default();
    let hit = Hit::new(enforcement.span)
        .about(format!("enforcement: {mode}"))
        .grave(severity)
        .sure(enforcement.sure)
        .saying(format!("The ruleset '{name}' {what}."));
    hits.push(ruleset.place(hit));
}

/// `pull_request` rules that ask for no approval.
fn approvals(ruleset: &Protection<'_>, hits: &mut Vec<Hit>) {
    let rules = ruleset.node.get("rules").map_or(&[][..], Node::one_or_many);
    for rule in rules {
        // JSON has typed rules with parameters, Terraform a block for each type.
        let in_json = rule.get("type").and_then(Node::text) == Some("pull_request");
        let reviews = if in_json {
            rule.get("parameters")
        } else {
            rule.get("pull_request")
        };
        for reviews in reviews.map_or(&[][..], Node::one_or_many) {
            no_approval(ruleset, reviews, "ruleset", hits);
        }
    }
}

/// Reviews that need no approval. Where code owners have to approve, somebody has to.
fn no_approval(protection: &Protection<'_>, reviews: &Node, what: &str, hits: &mut Vec<Hit>) {
    let count = reviews.get("required_approving_review_count");
    let Some(set) = count.and_then(|node| protection.resolve(node)) else {
        return;
    };
    let owners = ["require_code_owner_review", "require_code_owner_reviews"]
        .iter()
        .filter_map(|key| reviews.get(key))
        .any(|node| node.truth() != Some(false));
    if set.value.scalar().as_deref() != Some("0") || owners {
        return;
    }
    let name = &protection.name;
    let hit = Hit::new(set.span)
        .about("approvals: 0")
        .grave(Severity::Medium)
        .sure(set.sure)
        .saying(format!(
            "The {what} '{name}' asks for a pull request that nobody has to approve."
        ));
    hits.push(protection.place(hit));
}

fn classic_holes(protection: &Protection<'_>, hits: &mut Vec<Hit>) {
    let name = &protection.name;
    let allows = [
        ("allow_force_pushes", "force pushes", Severity::High),
        ("allows_force_pushes", "force pushes", Severity::High),
        ("allow_deletions", "deletion", Severity::Medium),
        ("allows_deletions", "deletion", Severity::Medium),
    ];
    for (key, what, severity) in allows {
        let Some(set) = protection
            .set(key)
            .filter(|s| s.value.truth() == Some(true))
        else {
            continue;
        };
        let hit = Hit::new(set.span)
            .about(what)
            .grave(severity)
            .sure(set.sure)
            .saying(format!("The protected branch '{name}' allows {what}."));
        hits.push(protection.place(hit));
    }
    let reviews = protection.node.get("required_pull_request_reviews");
    for reviews in reviews.map_or(&[][..], Node::one_or_many) {
        no_approval(protection, reviews, "branch", hits);
    }
    if let Some(checks) = protection.node.get("required_status_checks") {
        hits.extend(no_checks(protection, checks));
    }
}

/// Status checks that are required in name: the list of them is empty.
fn no_checks(protection: &Protection<'_>, checks: &Node) -> Option<Hit> {
    let name = &protection.name;
    let (span, sure) = if matches!(checks.value, Value::Null) {
        (checks.span, Confidence::Low)
    } else {
        let checks = checks.one_or_many().first()?;
        let keys = ["contexts", "checks"];
        let lists: Vec<_> = keys.iter().filter_map(|key| checks.get(key)).collect();
        let mut empty = lists
            .iter()
            .map(|list| !list.is_expression() && list.one_or_many().is_empty());
        let none = empty.all(|empty| empty);
        (lists.first().filter(|_| none)?.span, Confidence::Medium)
    };
    let hit = Hit::new(span)
        .about("status checks: none")
        .grave(Severity::Low)
        .sure(sure)
        .saying(format!(
            "No check has to pass before a change reaches branch '{name}'."
        ));
    Some(protection.place(hit))
}

fn gitlab_holes(protection: &Protection<'_>, hits: &mut Vec<Hit>) {
    let name = &protection.name;
    let force = protection.set("allow_force_push");
    if let Some(set) = force.filter(|s| s.value.truth() == Some(true)) {
        let hit = Hit::new(set.span)
            .about("force pushes")
            .sure(set.sure)
            .saying(format!(
                "The protected branch '{name}' allows force pushes."
            ));
        hits.push(protection.place(hit));
    }
    let push = protection.set("push_access_level");
    if let Some(set) = push.filter(|s: &Set<'_>| s.value.text() == Some("developer")) {
        let hit = Hit::new(set.span)
            .about("push: developer")
            .sure(set.sure)
            .saying(format!(
                "Every developer may push to the protected branch '{name}' without a merge request."
            ));
        hits.push(protection.place(hit));
    }
}

impl<'n> Protection<'n> {
    fn resolve(&self, node: &'n Node) -> Option<Set<'n>> {
        terraform::resolve(self.root, node)
    }

    fn set(&self, key: &str) -> Option<Set<'n>> {
        self.resolve(self.node.get(key)?)
    }

    fn says(&self, key: &str, text: &str) -> bool {
        self.set(key)
            .is_some_and(|set| set.value.text() == Some(text))
    }
}
