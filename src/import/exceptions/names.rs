//! Rules of other tools that look for what a rule of ours looks for. As of November 2026;
//! a rule that isn't here has no plain counterpart.

type Pair = (&'static str, &'static [&'static str]);

/// The rules of ours for a rule of theirs.
pub(super) fn of(table: &[Pair], name: &str) -> Vec<&'static str> {
    let found = table
        .iter()
        .find(|(theirs, _)| theirs.eq_ignore_ascii_case(name));
    found.map(|(_, ours)| ours.to_vec()).unwrap_or_default()
}

/// gitleaks 8.30, `config/gitleaks.toml`.
#[rustfmt::skip]
pub(super) const GITLEAKS: &[Pair] = &[
    ("airtable-api-key", &["static-key/airtable-token"]),
    ("anthropic-api-key", &["static-key/anthropic-api-key"]),
    ("aws-access-token", &["static-key/aws-access-key"]),
    ("azure-ad-client-secret", &["static-key/azure-client-secret"]),
    ("curl-auth-header", &["static-key/http-authorization"]),
    ("curl-auth-user", &["static-key/command-line-credential"]),
    ("databricks-api-token", &["static-key/databricks-token"]),
    ("digitalocean-pat", &["static-key/digitalocean-token"]),
    ("gcp-api-key", &["static-key/google-api-key"]),
    ("generic-api-key", &["static-key/generic-secret"]),
    ("github-app-token", &["static-key/github-token"]),
    ("github-fine-grained-pat", &["static-key/github-fine-grained-token"]),
    ("github-oauth", &["static-key/github-token"]),
    ("github-pat", &["static-key/github-token"]),
    ("gitlab-pat", &["static-key/gitlab-access-token"]),
    ("huggingface-access-token", &["static-key/huggingface-token"]),
    ("jwt", &["static-key/jwt"]),
    ("kubernetes-secret-yaml", &["static-key/kubernetes-secret"]),
    ("npm-access-token", &["static-key/npm-token"]),
    ("openai-api-key", &["static-key/openai-api-key"]),
    ("private-key", &["static-key/private-key"]),
    ("pypi-upload-token", &["static-key/pypi-token"]),
    ("sendgrid-api-token", &["static-key/sendgrid-api-key"]),
    ("slack-app-token", &["static-key/slack-token"]),
    ("slack-bot-token", &["static-key/slack-token"]),
    ("slack-user-token", &["static-key/slack-token"]),
    ("slack-webhook-url", &["static-key/slack-webhook"]),
    ("stripe-access-token", &["static-key/stripe-key"]),
    ("telegram-bot-api-token", &["static-key/telegram-bot-token"]),
    ("twilio-api-key", &["static-key/twilio-api-key"]),
    ("vault-service-token", &["static-key/vault-token"]),
];

/// detect-secrets 1.5, the plugins' `secret_type`.
#[rustfmt::skip]
pub(super) const DETECT_SECRETS: &[Pair] = &[
    ("AWS Access Key", &["static-key/aws-access-key"]),
    ("Artifactory Credentials", &["static-key/jfrog-api-key"]),
    ("Azure Storage Account access key", &["static-key/azure-storage-key"]),
    ("Base64 High Entropy String", &["static-key/generic-secret"]),
    ("Basic Auth Credentials", &["static-key/url-credential"]),
    ("Discord Bot Token", &["static-key/discord-bot-token"]),
    ("GitHub Token", &["static-key/github-token"]),
    ("GitLab Token", &["static-key/gitlab-access-token"]),
    ("Hex High Entropy String", &["static-key/generic-secret"]),
    ("JSON Web Token", &["static-key/jwt"]),
    ("Mailchimp Access Key", &["static-key/mailchimp-api-key"]),
    ("NPM tokens", &["static-key/npm-token"]),
    ("OpenAI Token", &["static-key/openai-api-key"]),
    ("Private Key", &["static-key/private-key"]),
    ("PyPI Token", &["static-key/pypi-token"]),
    ("Secret Keyword", &["static-key/generic-secret"]),
    ("SendGrid API Key", &["static-key/sendgrid-api-key"]),
    ("Slack Token", &["static-key/slack-token"]),
    ("Square OAuth Secret", &["static-key/square-oauth-secret"]),
    ("Stripe Access Key", &["static-key/stripe-key"]),
    ("Telegram Bot Token", &["static-key/telegram-bot-token"]),
    ("Twilio API Key", &["static-key/twilio-api-key"]),
];

/// Trivy's secret rules, `pkg/fanal/secret/builtin-rules.go`.
#[rustfmt::skip]
pub(super) const TRIVY: &[Pair] = &[
    ("aws-access-key-id", &["static-key/aws-access-key"]),
    ("github-fine-grained-pat", &["static-key/github-fine-grained-token"]),
    ("github-pat", &["static-key/github-token"]),
    ("gitlab-pat", &["static-key/gitlab-access-token"]),
    ("jwt-token", &["static-key/jwt"]),
    ("npm-access-token", &["static-key/npm-token"]),
    ("private-key", &["static-key/private-key"]),
    ("pypi-upload-token", &["static-key/pypi-token"]),
    ("slack-access-token", &["static-key/slack-token"]),
    ("slack-web-hook", &["static-key/slack-webhook"]),
    ("stripe-secret-token", &["static-key/stripe-key"]),
];

/// Snyk Code's rules on secrets; its other ids are advisories.
pub(super) const SNYK: &[Pair] = &[
    ("HardcodedSecret", &["static-key/generic-secret"]),
    ("HardcodedKey", &["static-key/generic-secret"]),
];

/// Checkov 3, its policy index.
#[rustfmt::skip]
pub(super) const CHECKOV: &[Pair] = &[
    ("CKV2_GHA_1", &["elevated-token/workflow-write-all", "elevated-token/token-default-scope"]),
    ("CKV_AWS_274", &["elevated-token/admin-policy-attached"]),
    ("CKV_AWS_62", &["elevated-token/iam-wildcard-policy"]),
    ("CKV_AWS_63", &["elevated-token/iam-wildcard-policy"]),
    ("CKV_GHA_1", &["bypass-route/insecure-workflow-commands"]),
    ("CKV_SECRET_13", &["static-key/private-key"]),
    ("CKV_SECRET_14", &["static-key/slack-token"]),
    ("CKV_SECRET_17", &["static-key/stripe-key"]),
    ("CKV_SECRET_2", &["static-key/aws-access-key"]),
    ("CKV_SECRET_6", &["static-key/generic-secret"]),
    ("CKV_SECRET_9", &["static-key/jwt"]),
];

/// zizmor 1.32, its audits.
#[rustfmt::skip]
pub(super) const ZIZMOR: &[Pair] = &[
    ("artipacked", &["elevated-token/checkout-credentials-kept"]),
    ("bot-conditions", &["bypass-route/spoofable-actor-check"]),
    ("excessive-permissions", &["elevated-token/token-default-scope", "elevated-token/workflow-write-all"]),
    ("github-app", &["elevated-token/app-token-unscoped"]),
    ("insecure-commands", &["bypass-route/insecure-workflow-commands"]),
    ("overprovisioned-secrets", &["elevated-token/secrets-context-exposed"]),
    ("secrets-inherit", &["elevated-token/secrets-inherit"]),
    ("self-hosted-runner", &["elevated-token/self-hosted-runner-exposed"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule;

    #[test]
    fn every_rule_of_ours_is_there() {
        for (theirs, ours) in [GITLEAKS, DETECT_SECRETS, TRIVY, SNYK, CHECKOV, ZIZMOR].concat() {
            for id in ours {
                assert!(
                    rule::builtin().iter().any(|rule| rule.id == *id),
                    "{theirs}: {id}"
                );
            }
        }
    }
}
