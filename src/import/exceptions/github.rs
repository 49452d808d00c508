//! Bypass actors of GitHub's rulesets, as JSON or Terraform. Facts:
//! <https://docs.github.com/en/rest/repos/rules>.

use super::{File, Foreign, text};
use crate::document::Node;
use crate::register::edit::escaped;

pub(super) fn read(file: &File<'_>) -> Vec<Foreign> {
    let mut found = Vec::new();
    for root in &file.roots {
        root.walk(&mut |member, node| {
            if member.is_some_and(|member| member.key == "bypass_actors") {
                found.extend(node.one_or_many().iter().map(|actor| one(file, actor)));
            }
        });
    }
    found
}

fn one(file: &File<'_>, actor: &Node) -> Foreign {
    let part = |key: &str| text(actor, key).unwrap_or_default();
    let id = format!("{} {}", part("actor_type"), part("actor_id"));
    Foreign {
        rules: vec!["bypass-route/branch-rule-bypass-actor"],
        paths: escaped(file.path).into_iter().collect(),
        ..file.at(actor, id.trim())
    }
}
