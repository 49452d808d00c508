//! Bots that merge changes: Renovate and Mergify.
//!
//! Facts: <https://docs.renovatebot.com/configuration-options/>,
//! <https://docs.mergify.com/configuration/file-format/>.

use crate::detect::{Cx, Hit};
use crate::document::{Node, Span};
use crate::finding::{Confidence, Severity};
use crate::kind::Kind;

/// Finds merges without tests or review.
pub(super) fn merges(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for root in cx.document.tree().root.items() {
        if cx.document.is(Kind::PackageJson) {
            if let Some(renovate) = root.get("renovate") {
                self::renovate(renovate, &mut hits);
            }
            continue;
        }
        for rule in root.get("pull_request_rules").map_or(&[][..], Node::items) {
            hits.extend(mergify(rule));
        }
        renovate(root, &mut hits);
    }
    hits
}

/// Parts of a configuration for kinds of updates, with the name of what they are about.
const PARTS: &[&str] = &[
    "major",
    "minor",
    "patch",
    "pin",
    "digest",
    "lockFileMaintenance",
    "vulnerabilityAlerts",
];

/// A part of the configuration, over what it inherits.
struct Scope<'n> {
    node: &'n Node,
    outer: Option<&'n Node>,
    /// What the part is about; empty for all updates.
    about: String,
    /// Whether only updates are meant that bring no new release.
    harmless: bool,
}

impl<'n> Scope<'n> {
    fn own(&self, key: &str) -> Option<&'n Node> {
        self.node.get(key)
    }

    fn value(&self, key: &str) -> Option<&'n Node> {
        self.own(key).or_else(|| self.outer?.get(key))
    }

    fn is(&self, key: &str) -> bool {
        self.value(key).and_then(Node::truth) == Some(true)
    }
}

fn renovate(root: &Node, hits: &mut Vec<Hit>) {
    let mut scopes = vec![Scope {
        node: root,
        outer: None,
        about: String::new(),
        harmless: false,
    }];
    for name in PARTS {
        if let Some(node) = root.get(name) {
            scopes.push(Scope {
                node,
                outer: Some(root),
                about: (*name).to_owned(),
                harmless: matches!(*name, "pin" | "digest" | "lockFileMaintenance"),
            });
        }
    }
    for node in root.get("packageRules").map_or(&[][..], Node::items) {
        scopes.push(Scope {
            node,
            outer: Some(root),
            about: matched(node),
            harmless: is_harmless(node),
        });
    }
    let any = scopes.iter().any(|scope| scope.is("automerge"));
    for scope in &scopes {
        hits.extend(untested(scope, any));
        hits.extend(unseen(scope));
        hits.extend(major(scope));
    }
}

/// What a rule for packages is about.
fn matched(rule: &Node) -> String {
    const KEYS: &[&str] = &[
        "matchUpdateTypes",
        "matchPackageNames",
        "matchPackagePatterns",
        "matchManagers",
        "matchDepTypes",
        "matchDatasources",
    ];
    let values = KEYS.iter().filter_map(|key| rule.get(key));
    let texts = values.flat_map(Node::one_or_many).filter_map(Node::text);
    let texts: Vec<_> = texts.take(3).collect();
    if texts.is_empty() {
        "some packages".to_owned()
    } else {
        texts.join(", ")
    }
}

fn updates(rule: &Node) -> Vec<&str> {
    let types = rule
        .get("matchUpdateTypes")
        .or_else(|| rule.get("updateTypes"));
    let types = types.map_or(&[][..], Node::one_or_many);
    types.iter().filter_map(Node::text).collect()
}

fn is_harmless(rule: &Node) -> bool {
    let types = updates(rule);
    let harmless = |kind: &&str| {
        matches!(
            *kind,
            "pin" | "pinDigest" | "digest" | "lockFileMaintenance"
        )
    };
    !types.is_empty() && types.iter().all(harmless)
}

/// Whether only what developers use is meant.
fn is_for_developers(rule: &Node) -> bool {
    let types = rule
        .get("matchDepTypes")
        .or_else(|| rule.get("depTypeList"));
    let types = types.map_or(&[][..], Node::one_or_many);
    let dev = |node: &Node| {
        node.text()
            .is_some_and(|text| text.to_ascii_lowercase().contains("dev"))
    };
    !types.is_empty() && types.iter().all(dev)
}

/// `ignoreTests` where something is merged.
fn untested(scope: &Scope<'_>, any: bool) -> Option<Hit> {
    let tests = scope
        .own("ignoreTests")
        .filter(|n| n.truth() == Some(true))?;
    let merged = scope.is("automerge") || scope.outer.is_none() && any;
    merged.then(|| {
        hit(tests.span, "ignoreTests", scope).saying(format!(
            "Updates{} are merged without a person, though tests fail or there are none.",
            of(scope)
        ))
    })
}

/// `automergeType: branch`: there is not even a request to look at.
fn unseen(scope: &Scope<'_>) -> Option<Hit> {
    let kind = scope.own("automergeType")?;
    if kind.text() != Some("branch") || !scope.is("automerge") {
        return None;
    }
    let hit = hit(kind.span, "automergeType: branch", scope)
        .grave(Severity::Medium)
        .saying(format!(
            "Updates{} reach the branch without a pull request.",
            of(scope)
        ));
    Some(if scope.harmless {
        hit.sure(Confidence::Low)
    } else {
        hit
    })
}

/// New major versions, merged by themselves.
fn major(scope: &Scope<'_>) -> Option<Hit> {
    let merge = scope.own("automerge").filter(|n| n.truth() == Some(true))?;
    if scope.about != "major" && !updates(scope.node).contains(&"major") {
        return None;
    }
    let hit = hit(merge.span, "automerge: major", scope)
        .grave(Severity::Medium)
        .saying(format!(
            "New major versions{} are merged without a person.",
            if scope.about == "major" {
                String::new()
            } else {
                format!(" of what is '{}'", scope.about)
            }
        ));
    Some(if is_for_developers(scope.node) {
        hit.sure(Confidence::Low)
    } else {
        hit
    })
}

fn of(scope: &Scope<'_>) -> String {
    if scope.about.is_empty() {
        String::new()
    } else {
        format!(" of '{}'", scope.about)
    }
}

fn hit(span: Span, what: &str, scope: &Scope<'_>) -> Hit {
    let subject = if scope.about.is_empty() {
        what.to_owned()
    } else {
        format!("{what} ({})", scope.about)
    };
    Hit::new(span).about(subject)
}

/// A rule of Mergify that merges on no evidence. `queue` has conditions of its own.
fn mergify(rule: &Node) -> Option<Hit> {
    let merge = rule.get("actions")?.member("merge")?;
    let conditions = rule.get("conditions")?;
    let mut evidence = false;
    let mut bot = false;
    conditions.walk(&mut |_, node| {
        let Some(text) = node.text() else {
            return;
        };
        let text = text.trim_start_matches(['-', '+']);
        evidence |= [
            "check-",
            "status-",
            "#check-",
            "#approved-reviews-by",
            "approved-reviews-by",
            "#status-",
            "#review",
            "branch-protection",
        ]
        .iter()
        .any(|start| text.starts_with(start));
        bot |= text.starts_with("author") && (text.contains("[bot]") || text.contains("bot"));
    });
    if evidence || conditions.is_expression() {
        return None;
    }
    let name = rule.get("name").and_then(Node::text).unwrap_or("?");
    let severity = if bot {
        Severity::High
    } else {
        Severity::Medium
    };
    let mut hit = Hit::new(merge.key_span)
        .about(name)
        .grave(severity)
        .sure(Confidence::Medium)
        .saying(format!(
            "The rule '{name}' merges without a passed check or an approval among its conditions."
        ));
    hit.anchor = Some(format!("mergify:rule:{name}"));
    Some(hit)
}
