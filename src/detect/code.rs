//! Detectors in Rust, for what relates two places, follows references, evaluates
//! policies, decodes or counts. A page names one with `detect.code`.

mod agent_cli;
mod assignment;
mod auth_off;
mod aws_key;
mod break_glass;
mod cloud_keys;
mod cluster_admin;
mod codex_approval;
mod command_line;
mod connection_string;
mod credential_argument;
mod database_superuser;
mod database_url;
mod deploys;
mod embedded;
mod git_gates;
mod google_key;
mod http_authorization;
mod iam_policy;
mod iam_wildcard;
mod jobs;
mod jwk;
mod kubeconfig;
mod kubernetes_secret;
mod mcp_auto_approve;
mod private_key;
mod putty;
mod registry_auth;
mod scanners;
mod secrets_inherit;
mod security_gate;
mod sql;
mod sql_password;
mod suppressed;
mod tls;
mod url_credential;

use super::Code;

/// Every detector by its name, which is that of its rule.
const DETECTORS: &[(&str, Code)] = &[
    ("admin_merge", git_gates::admin_merges),
    ("agent_cli_unattended", agent_cli::unattended),
    ("auth_disabled_by_flag", auth_off::disabled_by_flag),
    ("aws_access_key", aws_key::access_keys),
    ("break_glass_workflow", break_glass::workflows),
    ("cluster_admin_binding", cluster_admin::bindings),
    ("codex_approval_never", codex_approval::never_asked),
    ("command_line_credential", command_line::credentials),
    ("connection_string", connection_string::passwords),
    ("credential_argument", credential_argument::passwords),
    ("database_superuser_grant", database_superuser::grants),
    ("database_url", database_url::passwords),
    ("dotenv_credential", assignment::dotenv_credentials),
    ("force_push_shared_branch", git_gates::force_pushes),
    ("gcp_service_account", private_key::service_accounts),
    ("generic_secret", assignment::generic_secrets),
    ("google_api_key", google_key::api_keys),
    ("hooks_skipped", git_gates::skipped_hooks),
    ("http_authorization", http_authorization::headers),
    ("iam_wildcard_policy", iam_wildcard::policies),
    ("jwk_private_key", jwk::private_keys),
    ("kubeconfig_credential", kubeconfig::credentials),
    ("kubernetes_secret", kubernetes_secret::secrets),
    ("mcp_auto_approve", mcp_auto_approve::approvals),
    ("private_key", private_key::private_keys),
    ("putty_key", putty::private_keys),
    ("registry_auth", registry_auth::logins),
    ("secrets_inherit", secrets_inherit::inherited),
    ("security_check_suppressed", suppressed::checks),
    ("security_gate_may_fail", security_gate::may_fail),
    ("sql_user_password", sql_password::passwords),
    ("ssh_host_key_unchecked", tls::host_key_unchecked),
    ("static_cloud_key_in_workflow", cloud_keys::in_workflows),
    ("tls_verification_off", tls::verification_off),
    ("url_credential", url_credential::logins),
];

/// The detector called `name`.
pub(super) fn named(name: &str) -> Option<Code> {
    let (_, code) = DETECTORS.iter().find(|(n, _)| *n == name)?;
    Some(*code)
}

/// Whether there is a detector called `name`.
pub fn is_known(name: &str) -> bool {
    named(name).is_some()
}

/// The names there are.
pub(super) fn names() -> Vec<&'static str> {
    DETECTORS.iter().map(|(name, _)| *name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule;

    #[test]
    fn every_detector_is_named_after_the_rule_that_uses_it() {
        assert!(DETECTORS.is_sorted_by_key(|(name, _)| *name));
        let mut used: Vec<_> = rule::builtin()
            .iter()
            .filter(|rule| rule.code.is_some())
            .map(|rule| rule.id.split('/').next_back().unwrap().replace('-', "_"))
            .collect();
        used.sort();
        assert_eq!(names(), used);
    }
}
