//! `zizmor.yml`: `rules.AUDIT.ignore` with `FILE[:LINE[:COLUMN]]`. Facts:
//! <https://docs.zizmor.sh/configuration/>.

use super::{File, Foreign, names, texts};
use crate::document::Node;
use crate::register::edit::escaped;

pub(super) fn read(file: &File<'_>) -> Vec<Foreign> {
    let mut found = Vec::new();
    let rules = file.roots.iter().filter_map(|root| root.get("rules"));
    for rule in rules.flat_map(Node::members) {
        let rules = names::of(names::ZIZMOR, &rule.key);
        for ignored in rule
            .value
            .get("ignore")
            .map(Node::items)
            .unwrap_or_default()
        {
            let named = texts(Some(ignored)).into_iter().next().unwrap_or_default();
            // Workflows are named without their folder.
            let name = named.split(':').next().unwrap_or_default();
            let path = if matches!(name, "action.yml" | "action.yaml" | "dependabot.yml") {
                format!("**/{name}")
            } else {
                format!(".github/workflows/{}", escaped(name).unwrap_or_default())
            };
            found.push(Foreign {
                rules: rules.clone(),
                paths: vec![path],
                ..file.at(ignored, &rule.key)
            });
        }
    }
    found
}
