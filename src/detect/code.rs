//! Detectors in Rust, for what relates two places, follows references, evaluates
//! policies, decodes or counts. A page names one with `detect.code`.

mod break_glass;
mod cloud_keys;
mod cluster_admin;
mod codex_approval;
mod database_superuser;
mod deploys;
mod embedded;
mod iam_policy;
mod iam_wildcard;
mod jobs;
mod mcp_auto_approve;
mod secrets_inherit;
mod shell_line;
mod sql;

use super::Code;

/// Every detector by its name.
const DETECTORS: &[(&str, Code)] = &[
    ("break_glass", break_glass::find),
    ("cloud_keys", cloud_keys::find),
    ("cluster_admin", cluster_admin::find),
    ("codex_approval", codex_approval::find),
    ("database_superuser", database_superuser::find),
    ("iam_wildcard", iam_wildcard::find),
    ("mcp_auto_approve", mcp_auto_approve::find),
    ("secrets_inherit", secrets_inherit::find),
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
