//! `CodeBuild`, `CodePipeline` and Cloud Build, as Terraform and `CloudFormation` make them.
//!
//! Facts: <https://docs.aws.amazon.com/codebuild/latest/userguide/>,
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html>,
//! <https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/cloudbuild_trigger>.

use super::environments::is_production;
use super::terraform::{Resource, resources};
use crate::detect::plausible::name::credential;
use crate::detect::plausible::value;
use crate::detect::slots::trimmed;
use crate::detect::{Cx, Hit};
use crate::document::{Node, Span};
use crate::finding::{Confidence, Severity};

/// `CloudFormation` resources of a type: name, properties, where the name stands.
fn stack<'n>(cx: &'n Cx<'_, '_>, kind: &str) -> Vec<(&'n str, &'n Node, Span)> {
    let mut found = Vec::new();
    for root in cx.document.tree().root.items() {
        for member in root.get("Resources").map_or(&[][..], Node::members) {
            let own = member.value.get("Type").and_then(Node::text) == Some(kind);
            if let Some(properties) = member.value.get("Properties").filter(|_| own) {
                found.push((member.key.as_str(), properties, member.key_span));
            }
        }
    }
    found
}

/// Variables of a build whose name promises a secret, and whose value is in the clear.
pub(super) fn variables(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for resource in resources(cx.document, &["aws_codebuild_project"]) {
        for environment in resource.blocks("environment") {
            let blocks = environment.get("environment_variable");
            for variable in blocks.map_or(&[][..], Node::one_or_many) {
                let keys = ["name", "value", "type"];
                hits.extend(self::variable(
                    cx,
                    &resource_anchor(&resource),
                    variable,
                    keys,
                ));
            }
        }
    }
    for (name, properties, _) in stack(cx, "AWS::CodeBuild::Project") {
        let listed = properties.at(&["Environment", "EnvironmentVariables"]);
        for variable in listed.map_or(&[][..], Node::items) {
            let keys = ["Name", "Value", "Type"];
            hits.extend(self::variable(cx, &format!("cfn:{name}"), variable, keys));
        }
    }
    hits
}

fn resource_anchor(resource: &Resource<'_>) -> String {
    format!("tf:{}.{}", resource.kind, resource.name)
}

fn variable(cx: &Cx<'_, '_>, anchor: &str, variable: &Node, keys: [&str; 3]) -> Option<Hit> {
    let [name, value, kind] = keys.map(|key| variable.get(key));
    let name = name.filter(|n| !n.is_expression())?.text()?;
    let plain = kind.is_none_or(|kind| kind.text() == Some("PLAINTEXT"));
    if !plain || credential(name).is_none() {
        return None;
    }
    let value = value?;
    let text = value.text().map_or("", str::trim);
    let mut hit = if value.is_expression() || value.tag.is_some() || !value.members().is_empty() {
        // What the value refers to is looked up, and then stands in the project.
        let secretive =
            text.contains("secret") || text.contains("password") || text.contains("token");
        let reference = ["arn", ".name", ".id", "_id", "path", "url"]
            .iter()
            .any(|end| text.ends_with(end));
        if reference || !secretive {
            return None;
        }
        Hit::new(value.span).sure(Confidence::Medium)
    } else {
        if text.starts_with("arn:")
            || text.starts_with('/')
            || text.starts_with("{{resolve:")
            || value::is_placeholder(text)
            || text.len() < 6
        {
            return None;
        }
        Hit::secret(trimmed(cx.document.bytes(), value.span))
    };
    hit.subject = Some(name.to_owned());
    hit.anchor = Some(anchor.to_owned());
    hit.message = Some(format!(
        "The build's variable '{name}' is kept in the clear: whoever may look at the project reads it."
    ));
    Some(hit)
}

/// Pipelines that deploy without anybody's approval.
pub(super) fn unapproved(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for resource in resources(cx.document, &["aws_codepipeline"]) {
        if resource.is_dynamic("stage") {
            continue;
        }
        let name = resource.set("name").and_then(|set| set.value.text());
        let stages = resource.blocks("stage").iter().map(|stage| Stage {
            name: stage.get("name").and_then(Node::text).unwrap_or_default(),
            actions: stage.get("action").map_or(&[][..], Node::one_or_many),
            keys: ["category", "name", "provider"],
            unclear: stage.at(&["dynamic", "action"]).is_some(),
        });
        hits.extend(pipeline(name.unwrap_or(resource.name), stages.collect()));
    }
    for (name, properties, _) in stack(cx, "AWS::CodePipeline::Pipeline") {
        let stages = properties.get("Stages").map_or(&[][..], Node::items).iter();
        let stages = stages.map(|stage| Stage {
            name: stage.get("Name").and_then(Node::text).unwrap_or_default(),
            actions: stage.get("Actions").map_or(&[][..], Node::items),
            keys: ["Category", "Name", "Provider"],
            unclear: false,
        });
        hits.extend(pipeline(name, stages.collect()));
    }
    for resource in resources(cx.document, &["google_cloudbuild_trigger"]) {
        hits.extend(trigger(&resource));
    }
    hits
}

/// A stage of `CodePipeline`'s.
struct Stage<'n> {
    name: &'n str,
    actions: &'n [Node],
    /// What the category, name and provider of an action are called.
    keys: [&'static str; 3],
    unclear: bool,
}

/// Words of environments that are not production.
const OTHERS: &[&str] = &[
    "dev",
    "development",
    "test",
    "testing",
    "staging",
    "stage",
    "qa",
    "sandbox",
    "preview",
    "uat",
    "demo",
    "beta",
    "preprod",
    "nonprod",
    "integration",
    "int",
];

fn is_other(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| OTHERS.contains(&word))
        || OTHERS
            .iter()
            .any(|other| other.len() > 3 && lower.contains(other))
}

fn pipeline(name: &str, stages: Vec<Stage<'_>>) -> Option<Hit> {
    if is_other(name) {
        return None;
    }
    for stage in stages {
        if stage.unclear {
            return None;
        }
        let of = |action: &Node, key: &str| {
            // `CloudFormation` has the category inside `ActionTypeId`.
            let inner = action.get("ActionTypeId").and_then(|id| id.get(key));
            let node = inner.or_else(|| action.get(key))?;
            node.text().map(str::to_owned)
        };
        for action in stage.actions {
            let [category, title, _] = stage.keys.map(|key| of(action, key));
            let title = title.unwrap_or_default();
            match category.as_deref() {
                Some("Approval") => return None,
                Some("Deploy") if !is_other(stage.name) && !is_other(&title) => {
                    let production =
                        is_production(stage.name) || is_production(&title) || is_production(name);
                    let what = if title.is_empty() { stage.name } else { &title };
                    let severity = if production {
                        Severity::High
                    } else {
                        Severity::Medium
                    };
                    return Some(Hit::new(action.span).about(what).grave(severity).saying(
                        format!("The pipeline '{name}' deploys in '{what}' what nobody approved."),
                    ));
                }
                _ => {}
            }
        }
    }
    None
}

/// Programs and words by which a step of Cloud Build deploys.
const DEPLOYS: &[&str] = &[
    "deploy",
    "gke-deploy",
    "apply",
    "kubectl",
    "helm",
    "rollout",
];

/// A trigger that deploys when somebody pushes.
fn trigger(resource: &Resource<'_>) -> Option<Hit> {
    if resource.is_dynamic("approval_config") {
        return None;
    }
    let approval = resource.blocks("approval_config").first();
    let asked = approval.and_then(|block| block.get("approval_required"));
    if asked.is_some_and(|node| node.truth() != Some(false)) {
        return None;
    }
    let name = resource.set("name").and_then(|set| set.value.text());
    let name = name.unwrap_or(resource.name);
    let pulls = |key: &str| {
        let blocks = resource.blocks(key).iter();
        blocks
            .flat_map(Node::members)
            .any(|m| m.key == "pull_request")
    };
    if is_other(name) || pulls("github") || pulls("repository_event_config") {
        return None;
    }
    let mut deploys = false;
    for build in resource.blocks("build") {
        for step in build.get("step").map_or(&[][..], Node::one_or_many) {
            step.walk(&mut |_, node| {
                let words = node
                    .text()
                    .unwrap_or_default()
                    .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
                deploys |= words.into_iter().any(|word| DEPLOYS.contains(&word));
            });
        }
    }
    let production = is_production(name);
    if !deploys && !production {
        return None;
    }
    let span = asked.map_or(resource.head, |node| node.span);
    let sure = if deploys {
        Confidence::High
    } else {
        Confidence::Medium
    };
    Some(
        Hit::new(span)
            .about(name)
            .sure(sure)
            .grave(if production {
                Severity::High
            } else {
                Severity::Medium
            })
            .saying(format!(
                "The trigger '{name}' deploys what nobody approved."
            )),
    )
}
