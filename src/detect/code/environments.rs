//! Deployment environments as code: whether anybody has to agree before a job gets in.
//!
//! Facts: <https://registry.terraform.io/providers/integrations/github/latest/docs/resources/repository_environment>,
//! <https://docs.github.com/en/rest/deployments/environments>,
//! <https://registry.terraform.io/providers/gitlabhq/gitlab/latest/docs/resources/project_protected_environment>.

use super::deploys::{Stage, stage};
use super::terraform::{Resource, resources};
use crate::detect::{Cx, Hit, Spot};
use crate::document::{Document, Node, Span};
use crate::finding::{Confidence, Severity};
use crate::kind::{Kind, Kinds};

/// Finds production environments that nobody guards.
pub(super) fn unprotected(cx: &Cx<'_, '_>) -> Vec<Hit> {
    found(cx.document)
}

/// Environments of a name, and where they are declared.
type Named = Vec<(String, Span)>;

/// Where a file beside a pipeline declares the environment of this name with nobody to
/// guard it.
pub(super) fn declared_open(document: &Document<'_>, name: &str) -> Option<Spot> {
    let guards = Kinds::NONE
        .with(Kind::Terraform)
        .with(Kind::RepositorySettings);
    document.neighbours()?.of(guards).find_map(|file| {
        let read = || -> Named {
            let document = Document::new(file.path(), file.bytes());
            let open = found(&document).into_iter();
            // Whom administrators may let in is held for everybody else.
            open.filter(|hit| hit.severity.is_none())
                .filter_map(|hit| Some((hit.subject?, hit.span)))
                .collect()
        };
        let all: &Named = file.kept(read)?;
        let (_, span) = all.iter().find(|(open, _)| open == name)?;
        Some(Spot::there(file, *span))
    })
}

fn found(document: &Document<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    if document.is(Kind::Terraform) {
        for resource in resources(document, &["github_repository_environment"]) {
            hits.extend(github(&resource));
        }
        for resource in resources(document, &["gitlab_project_protected_environment"]) {
            hits.extend(gitlab(&resource));
        }
        return hits;
    }
    for root in document.tree().root.items() {
        for environment in root.get("environments").map_or(&[][..], Node::items) {
            hits.extend(settings(environment));
        }
    }
    hits
}

/// Whether a name is one of production.
pub(super) fn is_production(name: &str) -> bool {
    stage(name) == Stage::Production
}

fn github(resource: &Resource<'_>) -> Option<Hit> {
    let name = resource.set("environment")?.value.text()?;
    if !is_production(name) {
        return None;
    }
    let open = open(resource.head, name);
    if !resource.has("reviewers") {
        return Some(open);
    }
    let bypass = resource.set("can_admins_bypass")?;
    (bypass.value.truth() == Some(true)).then(|| admins(bypass.span, name).sure(bypass.sure))
}

fn settings(environment: &Node) -> Option<Hit> {
    let at = environment.get("name")?;
    let name = at.text()?;
    if !is_production(name) {
        return None;
    }
    let reviewers = environment.get("reviewers").map_or(&[][..], Node::items);
    let rules = environment.get("deployment_protection_rules");
    if reviewers.is_empty() && rules.is_none_or(|rules| rules.items().is_empty()) {
        // The file may be laid over one that names the reviewers.
        let sure = match environment.get("reviewers") {
            Some(_) => Confidence::High,
            None => Confidence::Medium,
        };
        return Some(open(at.span, name).sure(sure));
    }
    let bypass = environment.get("can_admins_bypass")?;
    (bypass.truth() == Some(true)).then(|| admins(bypass.span, name))
}

fn gitlab(resource: &Resource<'_>) -> Option<Hit> {
    let name = resource.set("environment")?.value.text()?;
    if !is_production(name) || resource.is_dynamic("approval_rules") {
        return None;
    }
    let count = resource.set("required_approval_count");
    if resource.body.get("required_approval_count").is_some()
        && count.is_none_or(|c| c.value.scalar().as_deref() != Some("0"))
    {
        return None;
    }
    let rules = resource.body.get("approval_rules");
    if rules.is_some_and(Node::is_expression) {
        return None;
    }
    let approves = |rule: &Node| {
        let required = rule.get("required_approvals").and_then(Node::scalar);
        required.as_deref() != Some("0")
    };
    let asked = rules.is_some_and(|rules| rules.one_or_many().iter().any(approves));
    (!asked).then(|| open(resource.head, name))
}

fn open(span: Span, name: &str) -> Hit {
    Hit::new(span).about(name).saying(format!(
        "The environment '{name}' has no reviewer: a job gets its secrets as soon as it names it."
    ))
}

fn admins(span: Span, name: &str) -> Hit {
    Hit::new(span)
        .about(name)
        .grave(Severity::Medium)
        .saying(format!(
            "Administrators let jobs into the environment '{name}' without its reviewers."
        ))
}

#[cfg(test)]
mod tests {
    use super::is_production;

    #[test]
    fn production_has_many_names() {
        for name in ["production", "prod", "eu-prod", "prod_eu", "Live"] {
            assert!(is_production(name), "{name}");
        }
        for name in ["non-prod", "pre-prod", "staging", "products", "deliver"] {
            assert!(!is_production(name), "{name}");
        }
    }
}
