//! The configuration as code of a Jenkins controller (`JCasC`), as a file of its own or
//! in the values of a Helm chart.
//!
//! Facts: <https://github.com/jenkinsci/configuration-as-code-plugin>,
//! <https://plugins.jenkins.io/matrix-auth/>.

use std::collections::BTreeMap;

use super::embedded;
use crate::detect::plausible::value;
use crate::detect::shell::Mapped;
use crate::detect::slots::trimmed;
use crate::detect::{Cx, Hit};
use crate::document::format::Format;
use crate::document::{Document, Node, Span};
use crate::finding::{Confidence, Severity};

/// Finds who may do what they shouldn't.
pub(super) fn open(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    each(cx.document, &mut |root| {
        if let Some(jenkins) = root.get("jenkins") {
            authorization(jenkins, &mut hits);
            if let Some(crumbs) = jenkins.member("crumbIssuer")
                && (crumbs.value.truth() == Some(false) || crumbs.value.text() == Some("none"))
            {
                hits.push(
                    Hit::new(crumbs.value.span)
                        .about("crumbIssuer")
                        .grave(Severity::High)
                        .saying(
                            "The controller takes requests that another site made a browser send.",
                        ),
                );
            }
        }
        let script = [
            "security",
            "globalJobDslSecurityConfiguration",
            "useScriptSecurity",
        ];
        if let Some(off) = root.at(&script).filter(|n| n.truth() == Some(false)) {
            hits.push(Hit::new(off.span).about("useScriptSecurity").grave(Severity::High).saying(
                "Job definitions run any code in the controller, without an administrator's approval.",
            ));
        }
    });
    hits
}

/// Roots of configurations: the file's own, and those in texts of a chart's values.
fn each(document: &Document<'_>, visit: &mut dyn FnMut(&Node)) {
    /// Longest configuration that is read inside another file.
    const LONGEST: usize = 256 * 1024;
    for root in document.tree().root.items() {
        if is_config(root) {
            visit(root);
            continue;
        }
        // An alias gives the same text again.
        let mut texts: BTreeMap<usize, &Node> = BTreeMap::new();
        root.walk(&mut |member, node| {
            let block = member.is_some_and(|m| m.key != "description")
                && node.text().is_some_and(|text| {
                    text.contains('\n') && text.len() < LONGEST && has_section(text)
                });
            if block && !node.is_expression() {
                texts.insert(node.span.start, node);
            }
        });
        for text in texts.values() {
            // The source itself: its lines stand deeper, and all alike.
            let raw = Mapped::raw(document.bytes(), indented(document.bytes(), text.span));
            for root in embedded::read(Format::Yaml, &raw) {
                if is_config(&root) {
                    visit(&root);
                }
            }
        }
    }
}

/// A block scalar with the indentation of its first line.
fn indented(bytes: &[u8], span: Span) -> Span {
    let before = bytes.get(..span.start).unwrap_or_default();
    let spaces = before.iter().rev().take_while(|b| **b == b' ').count();
    Span::new(span.start - spaces, span.end)
}

fn has_section(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_end();
        matches!(
            line,
            "jenkins:" | "security:" | "credentials:" | "unclassified:"
        )
    })
}

/// Whether a document is a controller's, and not of another program with such a key.
fn is_config(root: &Node) -> bool {
    const OWN: &[&str] = &[
        "authorizationStrategy",
        "securityRealm",
        "numExecutors",
        "systemMessage",
        "crumbIssuer",
        "clouds",
        "nodes",
        "remotingSecurity",
        "agentProtocols",
    ];
    let jenkins = root.get("jenkins");
    let own = |node: &Node| OWN.iter().any(|key| node.get(key).is_some());
    jenkins.is_some_and(own)
        || root
            .at(&["credentials", "system", "domainCredentials"])
            .is_some()
        || root
            .at(&["security", "globalJobDslSecurityConfiguration"])
            .is_some()
}

fn authorization(jenkins: &Node, hits: &mut Vec<Hit>) {
    let Some(strategy) = jenkins.member("authorizationStrategy") else {
        return;
    };
    let node = &strategy.value;
    let unsecured = node.text() == Some("unsecured") || node.get("unsecured").is_some();
    if unsecured {
        let span = node.member("unsecured").map_or(node.span, |m| m.key_span);
        hits.push(
            Hit::new(span)
                .about("authorizationStrategy: unsecured")
                .saying(
                    "Whoever reaches the controller administers it: there is no authorization.",
                ),
        );
        return;
    }
    let logged_in = node.text() == Some("loggedInUsersCanDoAnything");
    if logged_in || node.get("loggedInUsersCanDoAnything").is_some() {
        let member = node.member("loggedInUsersCanDoAnything");
        let anonymous = member
            .and_then(|m| m.value.get("allowAnonymousRead"))
            .filter(|n| n.truth() == Some(true));
        let span = member.map_or(node.span, |m| m.key_span);
        let mut hit = Hit::new(span)
            .about("authorizationStrategy: loggedInUsersCanDoAnything")
            .grave(Severity::High)
            .saying(
                "Everybody who can log in administers the controller and reads its credentials.",
            );
        if anonymous.is_some() {
            hit.detail = Some("and anybody may read".to_owned());
        }
        hits.push(hit);
        return;
    }
    for (name, matrix) in [("globalMatrix", node), ("projectMatrix", node)] {
        if let Some(matrix) = matrix.get(name) {
            self::matrix(matrix, hits);
        }
    }
}

/// Rights that come to running code on the controller or its agents.
const RIGHTS: &[&str] = &[
    "Overall/Administer",
    "Overall/RunScripts",
    "Overall/Run Scripts",
    "Job/Configure",
    "Job/Create",
    "Job/Build",
    "Agent/Configure",
    "Credentials/View",
    "Credentials/Create",
];

fn matrix(matrix: &Node, hits: &mut Vec<Hit>) {
    // `Overall/Administer:authenticated`, in newer files with `GROUP:` before.
    for line in matrix.get("permissions").map_or(&[][..], Node::items) {
        let Some(text) = line.text() else {
            continue;
        };
        let mut parts: Vec<_> = text.split(':').collect();
        if matches!(parts.first(), Some(&"USER" | &"GROUP")) {
            parts.remove(0);
        }
        if let [right, who] = parts.as_slice() {
            hits.extend(granted(line.span, right, who));
        }
    }
    // Newer still: `entries: [{user: {name, permissions}}]`.
    for entry in matrix.get("entries").map_or(&[][..], Node::items) {
        for member in entry.members() {
            let Some(who) = member.value.get("name").and_then(Node::text) else {
                continue;
            };
            for right in member.value.get("permissions").map_or(&[][..], Node::items) {
                hits.extend(right.text().and_then(|text| granted(right.span, text, who)));
            }
        }
    }
}

fn granted(span: Span, right: &str, who: &str) -> Option<Hit> {
    if !matches!(who, "anonymous" | "authenticated") || !RIGHTS.contains(&right) {
        return None;
    }
    let all = if who == "anonymous" {
        "Anybody"
    } else {
        "Everybody who can log in"
    };
    let administers = right.starts_with("Overall/");
    if who == "authenticated" && matches!(right, "Job/Build" | "Credentials/View") {
        return None;
    }
    Some(
        Hit::new(span)
            .about(format!("{who}: {right}"))
            .grave(if administers {
                Severity::Critical
            } else {
                Severity::High
            })
            .saying(format!("{all} has the right '{right}' on the controller.")),
    )
}

/// Keys of credentials that are secret.
const SECRETS: &[&str] = &[
    "password",
    "secret",
    "privateKey",
    "secretKey",
    "passphrase",
    "secretBytes",
    "apiToken",
    "token",
    "clientSecret",
    "managerPasswordSecret",
    "bindPassword",
];

/// Finds credentials that stand in the configuration itself.
pub(super) fn secrets(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    let bytes = cx.document.bytes();
    each(cx.document, &mut |root| {
        if let Some(realm) = root.at(&["jenkins", "securityRealm"]) {
            literals(bytes, realm, "securityRealm", &mut hits);
        }
        if let Some(system) = root.at(&["credentials", "system"]) {
            literals(bytes, system, "credentials", &mut hits);
        }
    });
    hits
}

fn literals(bytes: &[u8], node: &Node, within: &str, hits: &mut Vec<Hit>) {
    for item in node.items() {
        literals(bytes, item, within, hits);
    }
    let id = ["id", "name", "username"]
        .iter()
        .find_map(|key| node.get(key)?.text());
    for member in node.members() {
        let Some(text) = member.value.text() else {
            literals(bytes, &member.value, within, hits);
            continue;
        };
        let text = text.trim();
        // `${NAME}` is filled in, `{AQAA…}` is encrypted by the controller.
        let open = !text.contains("${") && !text.starts_with('{') && !text.starts_with('#');
        if !SECRETS.contains(&member.key.as_str())
            || !open
            || value::is_placeholder(text)
            || text.len() < 4
        {
            continue;
        }
        if member.key == "privateKey" && !text.contains("PRIVATE KEY") {
            continue;
        }
        let about = format!("{within}: {}", id.unwrap_or(&member.key));
        let mut hit = Hit::secret(trimmed(bytes, member.value.span)).about(&*about);
        hit.anchor = Some(format!("jenkins:{within}"));
        // What says of itself that it is none opens a controller all the same.
        if matches!(text, "admin" | "password" | "secret") {
            hit = hit.sure(Confidence::Medium);
        }
        hits.push(hit);
    }
}

#[cfg(test)]
mod tests {
    use super::each;
    use crate::document::Document;

    #[test]
    fn a_text_is_read_once_however_often_it_is_named() {
        let text = format!(
            "a: &a |\n  jenkins:\n    numExecutors: 0\n  # end\nb: [{}]\n",
            ["*a"; 100].join(", ")
        );
        let document = Document::new("values.yaml", text.as_bytes());
        let mut count = 0;
        each(&document, &mut |_| count += 1);
        assert_eq!(count, 1);
    }
}
