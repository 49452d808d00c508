//! Detectors in Rust, for what relates two places, follows references, evaluates
//! policies, decodes or counts. A page names one with `detect.code`.

mod assignment;
mod aws_key;
mod database_url;
mod google_key;
mod kubernetes_secret;
mod private_key;
mod registry_auth;

use super::Code;

/// Every detector by its name.
const DETECTORS: &[(&str, Code)] = &[
    ("assignment", assignment::detect),
    ("aws-key", aws_key::detect),
    ("database-url", database_url::detect),
    ("dotenv", assignment::dotenv),
    ("google-key", google_key::detect),
    ("kubernetes-secret", kubernetes_secret::detect),
    ("private-key", private_key::detect),
    ("registry-auth", registry_auth::detect),
    ("service-account", private_key::service_account),
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
