//! Detectors in Rust, for what relates two places, follows references, evaluates
//! policies, decodes or counts. A page names one with `detect.code`.

mod agent_cli;
mod git_gates;
mod tls;

use super::Code;

/// Every detector by its name.
const DETECTORS: &[(&str, Code)] = &[
    ("agent-cli-unattended", agent_cli::unattended),
    ("force-push-protected", git_gates::force_push),
    ("hooks-skipped", git_gates::hooks_skipped),
    ("merge-admin", git_gates::merge_admin),
    ("ssh-host-key-unchecked", tls::host_key_unchecked),
    ("tls-verification-off", tls::verification_off),
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
