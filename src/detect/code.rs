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
mod database_superuser;
mod database_url;
mod deploys;
mod embedded;
mod git_gates;
mod google_key;
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
mod shell_line;
mod sql;
mod suppressed;
mod tls;

use super::Code;

/// Every detector by its name.
const DETECTORS: &[(&str, Code)] = &[
    ("agent_cli_unattended", agent_cli::unattended),
    ("auth_disabled", auth_off::by_flag),
    ("break_glass", break_glass::find),
    ("cloud_keys", cloud_keys::find),
    ("cluster_admin", cluster_admin::find),
    ("codex_approval", codex_approval::find),
    ("database_superuser", database_superuser::find),
    ("force_push_protected", git_gates::force_push),
    ("hooks_skipped", git_gates::hooks_skipped),
    ("iam_wildcard", iam_wildcard::find),
    ("mcp_auto_approve", mcp_auto_approve::find),
    ("merge_admin", git_gates::merge_admin),
    ("secrets_inherit", secrets_inherit::find),
    ("assignment", assignment::detect),
    ("aws-key", aws_key::detect),
    ("database-url", database_url::detect),
    ("dotenv", assignment::dotenv),
    ("google-key", google_key::detect),
    ("jwk", jwk::detect),
    ("kubeconfig", kubeconfig::detect),
    ("kubernetes-secret", kubernetes_secret::detect),
    ("private-key", private_key::detect),
    ("putty", putty::detect),
    ("registry-auth", registry_auth::detect),
    ("service-account", private_key::service_account),
    ("security_gate_may_fail", security_gate::may_fail),
    ("ssh_host_key_unchecked", tls::host_key_unchecked),
    ("suppressed", suppressed::checks),
    ("tls_verification_off", tls::verification_off),
];

/// The detector called `name`.
pub(super) fn named(name: &str) -> Option<Code> {
    let (_, code) = DETECTORS.iter().find(|(n, _)| *n == name)?;
    Some(*code)
}

/// The names there are.
pub(super) fn names() -> Vec<&'static str> {
    DETECTORS.iter().map(|(name, _)| *name).collect()
}
