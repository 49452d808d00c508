//! Keys of the services that Travis CI deploys to. It signs in to them by a stored key,
//! and offers them no identity of the job's.

use super::{At, Claim, Keys, Stored};
use crate::detect::hit::Spot;
use crate::detect::pipeline::{Job, Setting, Step};
use crate::detect::{Cx, Hit, slots};
use crate::finding::{Confidence, Severity};

/// Settings of providers that hold what opens them.
const KEYS: &[&str] = &[
    "secret_access_key",
    "api_key",
    "api_token",
    "api-key",
    "token",
    "password",
    "key",
    "keyfile",
    "personal_access_token",
    "github_token",
    "github-token",
    "api_secret",
    "secret",
    "access_key_id",
    "auth_token",
];

/// Finds the keys, one for each deployment.
pub(in crate::detect::code) fn keys(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(mut keys) = Keys::of(cx) else {
        return Vec::new();
    };
    let mut literals = Vec::new();
    keys.steps(|keys, at, _: &Job, step| {
        let uses = step.uses.as_ref().map(|uses| uses.text.as_str());
        if let Some(provider) = uses.and_then(|uses| uses.strip_prefix("travis:deploy/")) {
            deploys(keys, at, step, provider, &mut literals);
        }
    });
    let mut hits = keys.hits;
    for hit in literals {
        cx.keep(hit, &mut hits);
    }
    hits
}

fn deploys<'p>(
    keys: &mut Keys<'p>,
    at: At<'p>,
    step: &'p Step,
    provider: &str,
    literals: &mut Vec<Hit>,
) {
    let own = KEYS.iter().filter_map(|name| {
        let mut all = step.with.iter();
        all.find(|s| s.name == *name || s.name.ends_with(&format!(".{name}")))
    });
    let mut stored = None;
    for setting in own {
        if setting.name.starts_with("on.") {
            continue;
        }
        match keys.stored(at, &setting.value.text) {
            Some(Stored::Secret(name)) => stored = stored.or(Some((setting, name))),
            Some(Stored::Input(_)) => {}
            None => literals.extend(written_out(keys, at, setting, provider)),
        }
    }
    if let Some((setting, name)) = stored {
        let does = "deploys with a stored key to";
        let claim = Claim::about(setting.value.span, provider.to_owned(), does)
            .grave(Severity::Medium)
            .besides(format!(
                "which '{name}' opens from anywhere; Travis CI offers it no identity of the job's"
            ));
        keys.push(at, claim);
    }
}

/// A key that stands in the file.
fn written_out(keys: &Keys<'_>, at: At<'_>, setting: &Setting, provider: &str) -> Option<Hit> {
    let text = setting.value.text.trim();
    let fits = text.len() >= 8 && !text.contains(['$', ' ', '\n', '/']);
    if !fits || !slots::is_login(text, "") || setting.name.ends_with("access_key_id") {
        return None;
    }
    let written = match &setting.value.defined {
        Some(Spot::Here(span)) => *span,
        Some(Spot::There(_)) => return None,
        None => setting.value.span,
    };
    let hit = Hit::secret(written)
        .about(provider.to_owned())
        .anchored(keys.pipeline.anchor(at.job, at.step))
        .grave(Severity::Critical)
        .sure(Confidence::Medium)
        .saying(format!(
            "The key that deploys to '{provider}' is written out."
        ));
    Some(hit)
}
