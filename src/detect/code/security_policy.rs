//! `GitLab`'s security policies: where a policy is off, fails open or lets somebody by.
//!
//! Facts: <https://docs.gitlab.com/user/application_security/policies/merge_request_approval_policies/>,
//! <https://docs.gitlab.com/user/application_security/policies/scan_execution_policies/>.

use crate::detect::{Cx, Hit};
use crate::document::{Node, Span};
use crate::finding::Severity;

/// Lists of policies, by the key they stand under.
const LISTS: &[&str] = &[
    "approval_policy",
    "scan_result_policy",
    "scan_execution_policy",
    "pipeline_execution_policy",
    "vulnerability_management_policy",
];

/// Who may be named as going around a policy.
const BYPASSES: &[(&str, &str)] = &[
    ("access_tokens", "access token"),
    ("service_accounts", "service account"),
    ("users", "user"),
    ("groups", "group"),
    ("roles", "role"),
    ("custom_roles", "custom role"),
];

/// Finds the openings.
pub(super) fn openings(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for root in cx.document.tree().root.items() {
        for list in LISTS.iter().filter_map(|key| root.get(key)) {
            for policy in list.items() {
                self::policy(policy, &mut hits);
            }
        }
    }
    hits
}

fn policy(policy: &Node, hits: &mut Vec<Hit>) {
    let name = policy.get("name").and_then(Node::text).unwrap_or("?");
    let mut say = |span: Span, subject: String, severity: Severity, what: String| {
        let mut hit = Hit::new(span)
            .about(subject)
            .grave(severity)
            .saying(format!("The security policy '{name}' {what}."));
        hit.anchor = Some(format!("gitlab:policy:{name}"));
        hits.push(hit);
    };
    // A policy that is off is tried out, or was given up; what else it says is idle.
    if let Some(enabled) = policy.get("enabled").filter(|n| n.truth() == Some(false)) {
        say(
            enabled.span,
            "enabled: false".to_owned(),
            Severity::Medium,
            "is switched off".to_owned(),
        );
        return;
    }
    let fail = policy.at(&["fallback_behavior", "fail"]);
    if let Some(fail) = fail.filter(|node| node.text() == Some("open")) {
        let what = "lets changes through when it can't be evaluated, as when no scanner ran";
        say(
            fail.span,
            "fail: open".to_owned(),
            Severity::High,
            what.to_owned(),
        );
    }
    let bypass = policy.get("bypass_settings");
    for (key, kind) in BYPASSES {
        let listed = bypass.and_then(|bypass| bypass.get(key));
        for who in listed.map_or(&[][..], Node::one_or_many) {
            let id = ["id", "username", "name", "path"]
                .iter()
                .find_map(|key| who.get(key).and_then(Node::scalar))
                .or_else(|| who.scalar());
            let who_is = format!("{kind} {}", id.unwrap_or_default());
            let what = format!("doesn't hold for '{who_is}'");
            say(who.span, who_is, Severity::Critical, what);
        }
    }
    if let Some(branches) = bypass.and_then(|bypass| bypass.member("branches"))
        && !branches.value.one_or_many().is_empty()
    {
        let what = "doesn't hold between the branches that it names";
        say(
            branches.key_span,
            "branches".to_owned(),
            Severity::High,
            what.to_owned(),
        );
    }
    skips(policy, &mut say);
    if let Some(off) = policy.at(&["approval_settings", "prevent_pushing_and_force_pushing"])
        && off.truth() == Some(false)
    {
        let what = "lets pushes go past it to protected branches";
        say(
            off.span,
            "pushes".to_owned(),
            Severity::High,
            what.to_owned(),
        );
    }
    for action in policy.get("actions").map_or(&[][..], Node::items) {
        if let Some(count) = action.get("approvals_required")
            && count.scalar().as_deref() == Some("0")
        {
            let what = "asks for no approval, whatever was found";
            say(
                count.span,
                "approvals: 0".to_owned(),
                Severity::High,
                what.to_owned(),
            );
        }
    }
}

/// `skip_ci`: whoever writes `[skip ci]` into a commit goes past the scan.
fn skips(policy: &Node, say: &mut dyn FnMut(Span, String, Severity, String)) {
    let Some(skip) = policy.get("skip_ci") else {
        return;
    };
    if let Some(allowed) = skip.get("allowed").filter(|n| n.truth() == Some(true)) {
        let what = "is passed over by a commit that says [skip ci]";
        say(
            allowed.span,
            "skip_ci".to_owned(),
            Severity::High,
            what.to_owned(),
        );
        return;
    }
    for user in skip
        .at(&["allowlist", "users"])
        .map_or(&[][..], Node::one_or_many)
    {
        let id = user.get("id").unwrap_or(user).scalar().unwrap_or_default();
        let who = format!("skip_ci: user {id}");
        let what = format!("is passed over by user {id} with a commit that says [skip ci]");
        say(user.span, who, Severity::High, what);
    }
}
