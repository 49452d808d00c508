//! Argo CD: projects that allow everything, controls that are off, tokens without an end,
//! in its own objects and in the values of its Helm chart.
//!
//! Facts: <https://argo-cd.readthedocs.io/en/stable/operator-manual/>.

use super::terraform;
use crate::detect::{Cx, Hit};
use crate::document::{Member, Node, Span};
use crate::finding::{Confidence, Severity};

/// Objects in a document, those of lists too.
fn objects<'n>(cx: &'n Cx<'_, '_>) -> Vec<&'n Node> {
    let mut all = Vec::new();
    for root in cx.document.tree().root.items() {
        match root.get("items") {
            Some(items) if root.get("kind").is_some() => all.extend(items.items()),
            _ => all.push(root),
        }
    }
    all
}

fn kind(object: &Node) -> &str {
    object.get("kind").and_then(Node::text).unwrap_or_default()
}

fn name(object: &Node) -> &str {
    let name = object.at(&["metadata", "name"]);
    name.and_then(Node::text).unwrap_or_default()
}

fn is_argo(object: &Node) -> bool {
    let version = object.get("apiVersion").and_then(Node::text);
    version.is_some_and(|text| text.starts_with("argoproj.io/"))
}

/// The settings of a config map called `map`, or of the chart's values for it.
fn settings<'n>(object: &'n Node, map: &str) -> Vec<&'n Node> {
    if kind(object) == "ConfigMap" {
        return object
            .get("data")
            .filter(|_| name(object) == map)
            .into_iter()
            .collect();
    }
    let part = if map == "argocd-cm" { "cm" } else { "rbac" };
    let own = object.at(&["configs", part]);
    let inner = object.at(&["argo-cd", "configs", part]);
    own.into_iter().chain(inner).collect()
}

fn anchored(mut hit: Hit, object: &Node) -> Hit {
    if !kind(object).is_empty() {
        hit.anchor = Some(format!("k8s:{}/{}", kind(object), name(object)));
    }
    hit
}

/// Projects and roles that allow everything.
pub(super) fn wildcards(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for object in objects(cx) {
        if is_argo(object) && kind(object) == "AppProject" {
            project(object, &mut hits);
        }
        for rbac in settings(object, "argocd-rbac-cm") {
            let policy = rbac.get("policy.default");
            if let Some(role) = policy.filter(|node| node.text() == Some("role:admin")) {
                let hit = Hit::new(role.span)
                    .about("policy.default: role:admin")
                    .grave(Severity::Critical)
                    .saying("Everybody who can log in to Argo CD administers it.");
                hits.push(anchored(hit, object));
            }
            if let Some(csv) = rbac.get("policy.csv") {
                rows(cx, csv, object, &mut hits);
            }
        }
    }
    hits
}

/// A project from which anything may go anywhere. One list alone is often open: two
/// together are what makes the project no limit.
fn project(object: &Node, hits: &mut Vec<Hit>) {
    let Some(spec) = object.get("spec") else {
        return;
    };
    let star = |node: &&Node| node.text() == Some("*");
    let sources = spec.get("sourceRepos").map_or(&[][..], Node::items);
    let source = sources.iter().find(star);
    let all = |node: &Node, keys: &[&str]| {
        keys.iter()
            .all(|key| node.get(key).is_some_and(|n| n.text() == Some("*")))
    };
    let places = spec.get("destinations").map_or(&[][..], Node::items);
    let place = places.iter().find(|place| {
        all(place, &["namespace"]) && (all(place, &["server"]) || all(place, &["name"]))
    });
    let kinds = spec
        .get("clusterResourceWhitelist")
        .map_or(&[][..], Node::items);
    let cluster = kinds.iter().find(|k| all(k, &["group", "kind"]));
    let found: Vec<(&Node, &str)> = [
        source.map(|node| (node, "any repository")),
        place.map(|node| (node, "any namespace of any cluster")),
        cluster.map(|node| (node, "any kind of cluster object")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let (Some((first, _)), true) = (found.first(), found.len() > 1) else {
        return;
    };
    let what = found.iter().map(|(_, what)| *what).collect::<Vec<_>>();
    let name = name(object);
    let mut hit = Hit::new(first.span)
        .about(format!("project {name}: *"))
        .saying(format!(
            "The project '{name}' is no limit: its applications may use {}.",
            what.join(" and ")
        ));
    for (node, what) in found.iter().skip(1) {
        hit.related.push((node.span, (*what).to_owned()));
    }
    if name == "default" {
        // What an installation brings along, if nobody narrows it.
        hit.detail = Some("every application without a project is in it".to_owned());
    }
    hits.push(anchored(hit, object));
}

/// Rows of `policy.csv` that give a role all rights, but the built-in administrator's.
fn rows(cx: &Cx<'_, '_>, csv: &Node, object: &Node, hits: &mut Vec<Hit>) {
    let bytes = csv.span.of(cx.document.bytes());
    let mut at = csv.span.start;
    for raw in bytes.split_inclusive(|b| *b == b'\n') {
        let start = at;
        at += raw.len();
        let line = std::str::from_utf8(raw).unwrap_or_default();
        let cells: Vec<_> = line.split(',').map(str::trim).collect();
        let ["p", who, "*", "*", "*", rest @ ..] = cells.as_slice() else {
            continue;
        };
        let allows = matches!(rest, ["*", "allow"] | ["allow"]);
        if !allows || who.contains("admin") {
            continue;
        }
        let span = Span::new(
            start + (raw.len() - raw.trim_ascii_start().len()),
            start + raw.trim_ascii_end().len(),
        );
        let hit = Hit::new(span)
            .about(format!("{who}: *"))
            .saying(format!("'{who}' may do everything in Argo CD."));
        hits.push(anchored(hit, object));
    }
}

/// Controls that are switched off.
pub(super) fn controls(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for object in objects(cx) {
        for cm in settings(object, "argocd-cm") {
            config(cm, object, &mut hits);
        }
        if !is_argo(object) {
            continue;
        }
        match kind(object) {
            "AppProject" => windows(object, &mut hits),
            "Application" => application(object, object.get("spec"), &mut hits),
            "ApplicationSet" => {
                application(object, object.at(&["spec", "template", "spec"]), &mut hits);
            }
            _ => {}
        }
    }
    hits
}

fn config(cm: &Node, object: &Node, hits: &mut Vec<Hit>) {
    let on = |key| cm.get(key).filter(|node| node.truth() == Some(true));
    if let Some(node) = on("users.anonymous.enabled") {
        let hit = Hit::new(node.span).about("users.anonymous.enabled").saying(
            "Argo CD lets in whoever reaches it, with the default role and without a login.",
        );
        hits.push(anchored(hit, object));
    }
    if let Some(node) = on("exec.enabled") {
        let hit = Hit::new(node.span)
            .about("exec.enabled")
            .grave(Severity::Medium)
            .saying("A shell in any deployed container can be opened through Argo CD, past the cluster's own rights.");
        hits.push(anchored(hit, object));
    }
    let sso = ["oidc.config", "dex.config"]
        .iter()
        .any(|key| cm.get(key).is_some());
    if let Some(node) = on("admin.enabled").filter(|_| sso) {
        let hit = Hit::new(node.span)
            .about("admin.enabled")
            .grave(Severity::Medium)
            .saying(
                "The built-in administrator can log in with a password, past the single sign-on.",
            );
        hits.push(anchored(hit, object));
    }
}

/// Times without deployments, in which people may deploy all the same.
fn windows(object: &Node, hits: &mut Vec<Hit>) {
    let windows = object.at(&["spec", "syncWindows"]);
    for window in windows.map_or(&[][..], Node::items) {
        let denies = window.get("kind").and_then(Node::text) == Some("deny");
        let manual = window.get("manualSync").filter(|n| n.truth() == Some(true));
        let Some(manual) = manual.filter(|_| denies) else {
            continue;
        };
        let name = name(object);
        let hit = Hit::new(manual.span)
            .about("manualSync")
            .grave(Severity::Medium)
            .saying(format!(
                "In the times without deployments of project '{name}', whoever may sync deploys by hand."
            ));
        hits.push(anchored(hit, object));
    }
}

fn application(object: &Node, spec: Option<&Node>, hits: &mut Vec<Hit>) {
    let Some(spec) = spec else {
        return;
    };
    let options = spec.at(&["syncPolicy", "syncOptions"]);
    for option in options.map_or(&[][..], Node::items) {
        if option.text() == Some("Validate=false") {
            let hit = Hit::new(option.span)
                .about("Validate=false")
                .grave(Severity::Low)
                .saying("What is deployed isn't checked against the cluster's schema.");
            hits.push(anchored(hit, object));
        }
    }
    let ignored = spec.get("ignoreDifferences");
    for ignored in ignored.map_or(&[][..], Node::items) {
        hits.extend(blind(ignored).map(|hit| anchored(hit, object)));
    }
}

/// Differences that nobody is told of, in what gives rights.
fn blind(ignored: &Node) -> Option<Hit> {
    let kind = ignored.get("kind")?;
    let text = kind.text()?;
    let rights = ["ClusterRole", "Role", "ClusterRoleBinding", "RoleBinding"];
    if !rights.contains(&text) {
        return None;
    }
    // An aggregated role's rules are filled in by the cluster.
    let aggregated = text == "ClusterRole" && ignored.get("name").is_some();
    let hit = Hit::new(kind.span)
        .about(format!("ignoreDifferences: {text}"))
        .grave(Severity::Medium)
        .saying(format!(
            "A {text} that somebody changes in the cluster stays changed: Argo CD ignores the difference."
        ));
    Some(if aggregated {
        hit.sure(Confidence::Low)
    } else {
        hit
    })
}

/// Tokens and accounts for machines that never end.
pub(super) fn tokens(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for object in objects(cx) {
        if is_argo(object) && kind(object) == "AppProject" {
            let roles = object.at(&["spec", "roles"]);
            for role in roles.map_or(&[][..], Node::items) {
                role_tokens(object, role, &mut hits);
            }
        }
        for cm in settings(object, "argocd-cm") {
            let accounts = cm.members().iter().filter_map(account);
            hits.extend(accounts.map(|hit| anchored(hit, object)));
        }
    }
    for resource in terraform::resources(
        cx.document,
        &["argocd_project_token", "argocd_account_token"],
    ) {
        if !resource.has("expires_in") && !resource.has("renew_after") {
            let hit = Hit::new(resource.head)
                .about(format!("{}.{}", resource.kind, resource.name))
                .saying("This token for Argo CD is made without an end.");
            hits.push(hit);
        }
    }
    hits
}

fn role_tokens(object: &Node, role: &Node, hits: &mut Vec<Hit>) {
    let role_name = role.get("name").and_then(Node::text).unwrap_or("?");
    for token in role.get("jwtTokens").map_or(&[][..], Node::items) {
        let ends = token.get("exp").and_then(Node::scalar);
        if token.get("iat").is_none() || ends.is_some_and(|end| end != "0") {
            continue;
        }
        let project = name(object);
        let hit = Hit::new(token.span)
            .about(format!("{project}/{role_name}"))
            .saying(format!(
                "A token for the role '{role_name}' of project '{project}' never ends."
            ));
        hits.push(anchored(hit, object));
    }
}

/// `accounts.NAME: apiKey`: an account whose tokens end only if somebody says so.
fn account(member: &Member) -> Option<Hit> {
    let account = member.key.strip_prefix("accounts.")?;
    let abilities = member.value.text()?;
    let key = abilities.split(',').any(|word| word.trim() == "apiKey");
    (key && !account.ends_with(".enabled")).then(|| {
        Hit::new(member.value.span)
            .about(format!("account {account}"))
            .grave(Severity::Medium)
            .sure(Confidence::Medium)
            .saying(format!(
                "The local account '{account}' logs in to Argo CD with tokens of its own."
            ))
    })
}
