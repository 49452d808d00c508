//! Bindings of Kubernetes' `cluster-admin` role: as objects, in Terraform, and made by
//! `kubectl create`.

use super::embedded;
use crate::detect::shell::{self, Command, Word};
use crate::detect::{Cx, Hit};
use crate::document::format::Format;
use crate::document::{Document, Member, Node, Span};
use crate::finding::Severity;

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
    commands(cx.document, &mut hits);
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

/// Commands in scripts and pipelines that bind the role, by their arguments or by an
/// object that they are given to apply.
fn commands(document: &Document<'_>, hits: &mut Vec<Hit>) {
    for command in shell::commands(document) {
        if is_kubectl(command) {
            hits.extend(created(command).or_else(|| added(command)));
        }
        let input = command.input.as_ref();
        let Some(input) = input.filter(|text| text.text().contains(ADMIN)) else {
            continue;
        };
        for root in embedded::read(Format::Yaml, input) {
            hits.extend(object_binding(&root));
        }
    }
}

/// Whether a command talks to a cluster, perhaps inside a container.
fn is_kubectl(command: &Command) -> bool {
    let talks = |word: &Word| {
        let program = word.text().rsplit('/').next().unwrap_or_default();
        matches!(program, "kubectl" | "oc" | "k")
    };
    !matches!(command.name(), "echo" | "printf") && command.words.iter().any(talks)
}

/// `kubectl create clusterrolebinding NAME --clusterrole=cluster-admin …`.
fn created(command: &Command) -> Option<Hit> {
    let kind = after(&command.words, "create")?.first()?.text();
    let cluster = match kind {
        "clusterrolebinding" => true,
        "rolebinding" => false,
        _ => return None,
    };
    let (role, _) = command
        .value_of(&["--clusterrole"])
        .filter(|(_, name)| *name == ADMIN)?;
    let holders = HOLDERS.iter().flat_map(|(flag, kind)| {
        command
            .values_of(std::slice::from_ref(flag))
            .map(move |(_, name)| match *kind {
                "ServiceAccount" => format!("{kind}/{}", name.replacen(':', "/", 1)),
                _ => format!("{kind}/{name}"),
            })
    });
    bound(role.span, holders.collect(), cluster)
}

/// Flags that name a holder, and the holder's kind.
const HOLDERS: &[(&str, &str)] = &[
    ("--serviceaccount", "ServiceAccount"),
    ("--user", "User"),
    ("--group", "Group"),
];

/// `OpenShift`'s `oc adm policy add-cluster-role-to-user cluster-admin NAME`.
fn added(command: &Command) -> Option<Hit> {
    let (verb, rest) = after(&command.words, "policy")?.split_first()?;
    let (cluster, kind) = match verb.text() {
        "add-cluster-role-to-user" => (true, "User"),
        "add-cluster-role-to-group" => (true, "Group"),
        "add-role-to-user" => (false, "User"),
        "add-role-to-group" => (false, "Group"),
        _ => return None,
    };
    let (role, rest) = rest.split_first()?;
    if role.text() != ADMIN {
        return None;
    }
    let holder = match rest.first()?.text() {
        "-z" | "--serviceaccount" => format!("ServiceAccount/{}", rest.get(1)?.text()),
        text => match text.strip_prefix("--serviceaccount=") {
            Some(name) => format!("ServiceAccount/{name}"),
            None => format!("{kind}/{text}"),
        },
    };
    bound(role.span, vec![holder], cluster)
}

/// The words after the first that reads `verb`.
fn after<'w>(words: &'w [Word], verb: &str) -> Option<&'w [Word]> {
    let at = words.iter().position(|word| word.text() == verb)?;
    words.get(at + 1..)
}
