//! Bindings of Kubernetes' `cluster-admin` role: as objects, in Terraform, and made by
//! `kubectl create`.

use std::sync::LazyLock;

use regex::Regex;

use super::{embedded, shell_line};
use crate::detect::{Cx, Hit};
use crate::document::format::Format;
use crate::document::{Member, Node, Span};
use crate::finding::Severity;
use crate::kind::Kinds;

const ADMIN: &str = "cluster-admin";

/// Terraform resources that bind a role.
const TERRAFORM: &[(&str, bool)] = &[
    ("kubernetes_cluster_role_binding", true),
    ("kubernetes_cluster_role_binding_v1", true),
    ("kubernetes_role_binding", false),
    ("kubernetes_role_binding_v1", false),
];

/// Finds the bindings.
pub(super) fn bindings(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    // Objects stand at the root, in a list, or inside what applies them.
    cx.document.tree().root.walk(&mut |_, node| {
        hits.extend(object_binding(node));
    });
    for root in cx.document.tree().root.items() {
        for (kind, cluster) in TERRAFORM {
            let named = root.at(&["resource", kind]).map_or(&[][..], Node::members);
            hits.extend(named.iter().filter_map(|m| terraform(m, *cluster)));
        }
    }
    if let Some(script) = Kinds::named("script")
        && script.meets(cx.document.kinds())
    {
        commands(cx, &mut hits);
    }
    hits
}

fn object_binding(object: &Node) -> Option<Hit> {
    let cluster = match object.get("kind")?.text()? {
        "ClusterRoleBinding" => true,
        "RoleBinding" => false,
        _ => return None,
    };
    let role = object.at(&["roleRef", "name"])?;
    if role.text() != Some(ADMIN) {
        return None;
    }
    let subjects = object.get("subjects").map_or(&[][..], Node::items);
    let holders: Vec<_> = subjects.iter().filter_map(holder).collect();
    let mut hit = bound(role.span, holders, cluster)?;
    let name = object.at(&["metadata", "name"]).and_then(Node::text);
    hit.anchor = name.map(|name| {
        if cluster {
            format!("k8s:ClusterRoleBinding/{name}")
        } else {
            format!("k8s:RoleBinding/{name}")
        }
    });
    Some(hit)
}

fn terraform(resource: &Member, cluster: bool) -> Option<Hit> {
    let reference = resource.value.get("role_ref")?.items().first()?;
    let role = reference.get("name")?;
    if role.text() != Some(ADMIN) {
        return None;
    }
    let subjects = resource.value.get("subject").map_or(&[][..], Node::items);
    bound(
        role.span,
        subjects.iter().filter_map(holder).collect(),
        cluster,
    )
}

/// `ServiceAccount/ns/name`, `Group/name` or `User/name`.
fn holder(subject: &Node) -> Option<String> {
    let text = |key| subject.get(key).and_then(Node::text);
    let kind = text("kind")?;
    let name = text("name")?;
    Some(match text("namespace") {
        Some(namespace) if kind == "ServiceAccount" => format!("{kind}/{namespace}/{name}"),
        _ => format!("{kind}/{name}"),
    })
}

/// A hit for the holders of the role. The group `system:masters` is above all roles
/// by itself: binding it gives nothing.
fn bound(span: Span, mut holders: Vec<String>, cluster: bool) -> Option<Hit> {
    holders.retain(|holder| holder != "Group/system:masters");
    holders.sort();
    holders.dedup();
    if holders.is_empty() {
        return None;
    }
    let open = |holder: &String| {
        matches!(
            holder.as_str(),
            "Group/system:authenticated"
                | "Group/system:unauthenticated"
                | "User/system:anonymous"
                | "Group/system:serviceaccounts"
        ) || holder.starts_with("ServiceAccount/") && holder.ends_with("/default")
    };
    let severity = match (cluster, holders.iter().any(open)) {
        (true, true) => Severity::Critical,
        (true, false) | (false, true) => Severity::High,
        (false, false) => Severity::Medium,
    };
    let reach = if cluster {
        "everything in the cluster"
    } else {
        "everything in its namespace"
    };
    let holders = holders.join(", ");
    let message = format!("'{holders}' may do {reach}, by the role cluster-admin.");
    Some(
        Hit::new(span)
            .about(holders)
            .grave(severity)
            .saying(message),
    )
}

/// Commands in scripts and pipelines that bind the role.
fn commands(cx: &Cx<'_, '_>, hits: &mut Vec<Hit>) {
    let bytes = cx.document.bytes();
    let mut done = 0;
    for keyword in cx.keywords {
        let line = shell_line::around(bytes, keyword.start);
        let text = String::from_utf8_lossy(line.of(bytes));
        if line.start < done || shell_line::is_said(line.of(bytes)) {
            continue;
        }
        done = line.end;
        if let Some((holders, cluster)) = created(&text).or_else(|| added(&text)) {
            hits.extend(bound(*keyword, holders, cluster));
        } else if text.contains("name:") {
            let object = heredoc(bytes, line);
            for root in embedded::read(Format::Yaml, bytes, object) {
                hits.extend(object_binding(&root));
            }
        }
    }
}

/// The document around a line of a heredoc: up to the line that opens it, or a line
/// of dashes, and down to the word that closes it. Empty without such lines.
fn heredoc(bytes: &[u8], line: Span) -> Span {
    const MOST: usize = 4096;
    let before = bytes.get(line.start.saturating_sub(MOST)..line.start);
    let mut start = line.start;
    let mut opened = false;
    let above = before.unwrap_or_default().split_inclusive(|b| *b == b'\n');
    for text in above.rev() {
        opened = text.trim_ascii() == b"---" || memchr::memmem::find(text, b"<<").is_some();
        if opened {
            break;
        }
        start -= text.len();
    }
    let after = bytes.get(line.end..(line.end + MOST).min(bytes.len()));
    let mut end = line.end;
    for below in after.unwrap_or_default().split_inclusive(|b| *b == b'\n') {
        let text = below.trim_ascii();
        let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
        if text == b"---" || !text.is_empty() && text.iter().all(word) {
            break;
        }
        end += below.len();
    }
    if opened {
        Span::new(start, end)
    } else {
        Span::new(line.start, line.start)
    }
}

/// `kubectl create clusterrolebinding NAME --clusterrole=cluster-admin …`.
fn created(command: &str) -> Option<(Vec<String>, bool)> {
    static CREATE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(?:kubectl|oc|k)\b[^\n|;&]*\bcreate\s+(cluster)?rolebinding\b")
            .expect("a constant regex")
    });
    static ROLE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"--clusterrole[= ]\s*["']?cluster-admin(?:["'\s\\]|$)"#)
            .expect("a constant regex")
    });
    static HOLDER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"--(serviceaccount|user|group)[= ]\s*["']?([^\s"'\\]+)"#)
            .expect("a constant regex")
    });
    let create = CREATE.captures(command)?;
    if !ROLE.is_match(command) {
        return None;
    }
    let holders = HOLDER
        .captures_iter(command)
        .map(|found| {
            let (_, [flag, name]) = found.extract();
            match flag {
                "serviceaccount" => format!("ServiceAccount/{}", name.replacen(':', "/", 1)),
                "user" => format!("User/{name}"),
                _ => format!("Group/{name}"),
            }
        })
        .collect();
    Some((holders, create.get(1).is_some()))
}

/// `OpenShift`'s `oc adm policy add-cluster-role-to-user cluster-admin NAME`.
fn added(command: &str) -> Option<(Vec<String>, bool)> {
    static ADD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"\bpolicy\s+add-(cluster-)?role-to-(user|group)\s+["']?cluster-admin["']?\s+(-z\s+|--serviceaccount[= ])?["']?([^\s"'\\]+)"#,
        )
        .expect("a constant regex")
    });
    let found = ADD.captures(command)?;
    let name = found.get(4)?.as_str();
    let holder = match (found.get(3), found.get(2)?.as_str()) {
        (Some(_), _) => format!("ServiceAccount/{name}"),
        (None, "user") => format!("User/{name}"),
        (None, _) => format!("Group/{name}"),
    };
    Some((vec![holder], found.get(1).is_some()))
}
