//! Signs that a step changes something outside the pipeline: a cluster, a cloud, a
//! host, a release. The name of a job is no sign.

use std::sync::LazyLock;

use regex::Regex;

use crate::detect::shell::{Command, Word};

/// Commands that change what runs elsewhere, as words with one blank between them.
static COMMANDS: LazyLock<Regex> = LazyLock::new(|| {
    let commands = [
        r"kubectl\s(?:.*\s)?(?:apply|create|replace|patch|rollout|set|delete|scale)\b",
        r"(?:helm|helmfile)\s(?:.*\s)?(?:upgrade|install|apply|sync|rollback)\b",
        r"(?:terraform|tofu|terragrunt)\s(?:.*\s)?(?:apply|destroy)\b",
        r"pulumi\s+(?:.*\s)?(?:up|destroy)\b",
        r"aws\s+(?:--\S+\s+)*[a-z][a-z0-9-]+\s+(?:update|create|deploy|delete|put|sync|cp|rm|mv|invoke|start|send|register|run|publish)\b",
        r"gcloud\s+(?:.*\s)?(?:deploy|update|create|delete|set-image|submit)\b",
        r"az\s+(?:.*\s)?(?:deploy|deployment|up|create|update|delete|restart|swap)\b",
        r"(?:cdk|sam|serverless|sls|fly|flyctl|eb|firebase|netlify|wrangler|cap|railway|nomad|argocd)\s+(?:.*\s)?(?:deploy|up|sync|run|publish)\b",
        r"vercel\s+(?:.*\s)?--prod\b",
        r"ansible-playbook\s",
        r"(?:ssh|scp|rsync|sftp)\s+\S",
        r"gh\s+release\s+(?:create|upload|edit)\b",
        r"docker\s+(?:push|stack\s+deploy|service\s+update)\b",
        r"(?:cargo|npm|pnpm|yarn)\s+publish\b",
        r"twine\s+upload\b",
        r"(?:make|just|task|npm run|yarn|pnpm|rake|mage)\s+(?:\S+\s+)?\S*deploy\S*",
        r"(?:(?:ba)?sh\s+)?\S*/?(?:deploy|release-prod|rollback)[\w.-]*(?:\s|$)",
    ];
    Regex::new(&format!("^(?:{})", commands.join("|"))).expect("a constant regex")
});

/// What makes a command harmless.
static HARMLESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"--dry-run|--check\b|--help\b|--version\b|--diff\b|rollout\s+(?:status|history)|ssh-key|ssh\s+-V")
        .expect("a constant regex")
});

/// Actions that sign in to a cloud or put something there; by the beginning of
/// their names.
const ACTIONS: &[&str] = &[
    "aws-actions/configure-aws-credentials",
    "aws-actions/amazon-ecs-deploy-task-definition",
    "aws-actions/aws-cloudformation-github-deploy",
    "google-github-actions/auth",
    "google-github-actions/deploy",
    "google-github-actions/get-gke-credentials",
    "azure/login",
    "azure/k8s-",
    "azure/aks-set-context",
    "azure/webapps-deploy",
    "azure/functions-action",
    "azure/container-apps-deploy",
    "azure/arm-deploy",
    "appleboy/ssh-action",
    "appleboy/scp-action",
    "easingthemes/ssh-deploy",
    "burnett01/rsync-deployments",
    "softprops/action-gh-release",
    "actions/create-release",
    "actions/deploy-pages",
    "ncipollo/release-action",
    "pypa/gh-action-pypi-publish",
    "superfly/flyctl-actions",
    "cloudflare/wrangler-action",
    "amondnet/vercel-action",
    "akhileshns/heroku-deploy",
    "digitalocean/action-doctl",
];

/// Whether a step's action, in lower case and without its version, deploys.
pub(super) fn action(name: &str) -> bool {
    ACTIONS.iter().any(|start| name.starts_with(start))
}

/// Whether a command deploys.
pub(super) fn command(command: &Command) -> bool {
    let words: Vec<_> = command.words.iter().map(Word::text).collect();
    let text = words.join(" ");
    COMMANDS.is_match(&text) && !HARMLESS.is_match(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::shell;
    use crate::document::Document;

    fn script(text: &str) -> bool {
        let document = Document::new("a.sh", text.as_bytes());
        shell::commands(&document).iter().any(command)
    }

    #[test]
    fn commands_that_change_something_elsewhere_deploy() {
        for text in [
            "kubectl apply -f k8s/",
            "cd infra && terraform -chdir=prod apply -auto-approve",
            "helm upgrade --install app ./chart",
            "aws ecs update-service --force-new-deployment",
            "./scripts/deploy.sh prod",
            "make deploy-prod",
            "kustomize build k8s | kubectl \\\n  apply -f -",
            "if npx serverless deploy; then echo done; fi",
            "ssh app@host systemctl restart app",
        ] {
            assert!(script(text), "{text}");
        }
        for text in [
            "kubectl get pods",
            "kubectl apply --dry-run=client -f k8s/",
            "terraform plan",
            "echo kubectl apply",
            "# kubectl apply",
            "make test",
            "ssh-keyscan host",
            "npm test",
            "kubectl rollout status deploy/app",
        ] {
            assert!(!script(text), "{text}");
        }
    }
}
