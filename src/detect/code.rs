//! Detectors in Rust, for what relates two places, follows references, evaluates
//! policies, decodes or counts. A page names one with `detect.code`.

mod agent_cli;
pub(super) mod alternatives;
mod app_config;
mod argo_cd;
mod assignment;
mod auth_off;
mod aws_key;
mod branch_rules;
mod build_logins;
mod build_service;
mod ci;
mod ci_server;
mod cluster_admin;
mod codeowners;
mod codex_approval;
mod command_line;
mod connection_string;
pub(super) mod controls;
mod credential_argument;
mod database_superuser;
mod database_url;
mod dependency_bot;
mod deployed;
pub(super) mod deploys;
mod embedded;
mod environments;
mod exemptions;
mod forge_commands;
mod git_gates;
mod google_key;
mod hook_config;
mod http_authorization;
mod iam_policy;
mod iam_wildcard;
mod index;
mod jobs;
mod jwk;
mod key_files;
mod kubeconfig;
mod kubernetes_secret;
mod login_files;
mod login_lines;
mod mcp_auto_approve;
mod mobile;
mod notebook;
mod private_key;
pub(super) mod pushes;
mod putty;
mod registry_auth;
mod root_without_password;
mod runner_config;
pub(super) mod scanners;
mod secrets_inherit;
mod security_gate;
mod security_policy;
mod sql;
mod sql_password;
mod suppressed;
mod terraform;
mod tls;
mod url_credential;

use super::Code;

/// Every detector by its name, which is that of its rule.
const DETECTORS: &[(&str, Code)] = &[
    ("admin_merge", git_gates::admin_merges),
    ("agent_cli_unattended", agent_cli::unattended),
    ("airflow_connection", app_config::airflow),
    ("ansible_password", deployed::ansible),
    ("app_token_unscoped", ci::forge_tokens::of_apps),
    ("approval_resumes_itself", ci::standing::resuming),
    ("auth_disabled_by_flag", auth_off::disabled_by_flag),
    ("automation_approves", forge_commands::approvals),
    ("aws_access_key", aws_key::access_keys),
    ("bot_merges_unchecked", dependency_bot::merges),
    ("branch_rule_bypass_actor", branch_rules::bypass_actors),
    ("branch_rule_not_enforced", branch_rules::not_enforced),
    ("branch_rules_changed", forge_commands::branch_rules),
    ("branch_rules_spare_admins", branch_rules::admins_exempt),
    ("break_glass_workflow", ci::break_glass::workflows),
    ("build_on_controller", ci::accounts::on_controller),
    ("build_variable_plaintext", build_service::variables),
    ("checkout_credentials_kept", ci::spread::kept_credentials),
    ("ci_server_credential", ci_server::secrets),
    ("ci_server_open", ci_server::open),
    ("cli_login_file", login_files::cli),
    ("cluster_admin_binding", cluster_admin::bindings),
    ("codex_approval_never", codex_approval::never_asked),
    ("command_line_credential", command_line::credentials),
    ("commit_message_switch", ci::messages::switches),
    ("connection_string", connection_string::passwords),
    ("context_any_branch", ci::spread::any_branch),
    ("control_path_without_owner", codeowners::holes),
    ("credential_argument", credential_argument::passwords),
    ("database_login_file", login_files::database),
    ("database_superuser_grant", database_superuser::grants),
    ("database_url", database_url::passwords),
    ("deploy_control_off", argo_cd::controls),
    ("deploy_ignores_failed_gate", ci::ignored::gates),
    ("deploy_project_wildcard", argo_cd::wildcards),
    ("deploy_provider_key", ci::keys::provider::keys),
    ("deploy_server_token", argo_cd::tokens),
    ("deploy_without_approval", ci::deploy::without_approval),
    (
        "deployment_environment_unprotected",
        environments::unprotected,
    ),
    ("direct_push_default_branch", ci::push::direct),
    ("django_secret", app_config::django),
    ("dotenv_credential", assignment::dotenv_credentials),
    ("dotnet_config_password", app_config::dotnet),
    ("environment_password", deployed::environment),
    ("external_trigger_deploys", ci::deploy::external),
    ("force_push_shared_branch", git_gates::force_pushes),
    ("gcp_service_account", private_key::service_accounts),
    ("generic_secret", assignment::generic_secrets),
    ("google_api_key", google_key::api_keys),
    ("gradle_signing_password", build_logins::gradle),
    ("helm_values_password", app_config::helm),
    ("hooks_skipped", git_gates::skipped_hooks),
    ("http_authorization", http_authorization::headers),
    ("iam_wildcard_policy", iam_wildcard::policies),
    ("input_skips_control", ci::inputs::skips),
    ("java_config_password", app_config::java),
    ("jenkins_credential", build_logins::jenkins),
    ("job_log_erased", forge_commands::erasures),
    ("jwk_private_key", jwk::private_keys),
    ("keystore_file", key_files::stores),
    ("kubeconfig_credential", kubeconfig::credentials),
    ("kubernetes_secret", kubernetes_secret::secrets),
    ("ldap_bind_password", login_lines::ldap),
    ("master_key_file", key_files::masters),
    ("maven_settings_password", build_logins::maven),
    ("mcp_auto_approve", mcp_auto_approve::approvals),
    ("mcp_server_secret", deployed::mcp),
    ("mobile_app_secret", mobile::secrets),
    ("netrc_login", login_lines::netrc),
    ("network_login_file", login_files::network),
    ("notebook_secret", notebook::secrets),
    ("oidc_admin_role", ci::identity::admin_roles),
    ("oidc_broad_audience", ci::audience::broad_audience),
    (
        "oidc_without_environment",
        ci::identity::without_environment,
    ),
    ("oidc_workflow_wide", ci::audience::workflow_wide),
    ("personal_access_token", ci::forge_tokens::personal),
    ("php_config_secret", app_config::php),
    ("pipeline_admin_service_account", ci::accounts::admins),
    ("pipeline_aws_key", ci::keys::aws::keys),
    ("pipeline_azure_secret", ci::keys::azure::secrets),
    ("pipeline_broker_token", ci::keys::broker::tokens),
    ("pipeline_gcp_key", ci::keys::google::keys),
    ("pipeline_kubeconfig", ci::keys::kubeconfig::logins),
    (
        "pipeline_literal_credential",
        ci::keys::literal::credentials,
    ),
    ("pipeline_privileged_container", ci::privileged::containers),
    ("pipeline_publish_token", ci::keys::publish::tokens),
    ("pipeline_registry_login", ci::keys::registry::logins),
    ("pipeline_ssh_key", ci::keys::ssh::keys),
    ("pipeline_without_approval", build_service::unapproved),
    ("private_key", private_key::private_keys),
    ("putty_key", putty::private_keys),
    ("rails_password", app_config::rails),
    ("redis_password", login_lines::redis),
    ("registry_auth", registry_auth::logins),
    ("root_without_password", root_without_password::escalations),
    ("runner_reaches_host", runner_config::reaches),
    ("scanner_exemption_file", exemptions::files),
    ("scheduled_privileged_job", ci::standing::scheduled),
    ("secret_in_wide_env", ci::spread::wide_env),
    ("secrets_inherit", secrets_inherit::inherited),
    ("security_check_suppressed", suppressed::checks),
    ("security_gate_may_fail", security_gate::may_fail),
    ("security_gate_skippable", ci::skippable::skippable),
    ("security_hook_inactive", hook_config::inactive),
    ("security_policy_open", security_policy::openings),
    ("self_hosted_runner_exposed", ci::runners::exposed),
    ("service_connection_ungated", ci::standing::connections),
    ("spoofable_actor_check", ci::spoofable::actors),
    ("sql_user_password", sql_password::passwords),
    ("ssh_host_key_unchecked", tls::host_key_unchecked),
    ("terraform_secret", deployed::terraform),
    ("terraform_state_secret", deployed::state),
    ("tls_verification_off", tls::verification_off),
    ("token_default_scope", ci::grants::by_default),
    ("transfer_login_file", login_files::transfer),
    ("unattended_apply", ci::deploy::unattended),
    ("untrusted_checkout", ci::untrusted::checkouts),
    ("url_credential", url_credential::logins),
    ("windows_setup_password", build_logins::windows),
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
