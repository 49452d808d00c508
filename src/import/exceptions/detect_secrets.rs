//! `.secrets.baseline` of detect-secrets: findings by file. Facts:
//! <https://github.com/Yelp/detect-secrets>.

use super::{File, Foreign, date, names, text};
use crate::register::edit::escaped;

pub(super) fn read(file: &File<'_>) -> Vec<Foreign> {
    let mut found = Vec::new();
    for root in &file.roots {
        let results = root.get("results").map(crate::document::Node::members);
        let granted = date(root, "generated_at");
        for member in results.unwrap_or_default() {
            for secret in member.value.items() {
                let kind = text(secret, "type").unwrap_or_default();
                let audited = secret
                    .get("is_secret")
                    .and_then(crate::document::Node::truth);
                found.push(Foreign {
                    rules: names::of(names::DETECT_SECRETS, &kind),
                    paths: escaped(&member.key).into_iter().collect(),
                    granted,
                    reason: (audited == Some(false))
                        .then(|| "An audit of the baseline calls it no secret.".to_owned()),
                    ..file.at(secret, &kind)
                });
            }
        }
    }
    found
}
