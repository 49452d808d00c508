//! Azure policy exemptions as ARM JSON. Facts:
//! <https://learn.microsoft.com/azure/governance/policy/concepts/exemption-structure>.
//! No rule of ours looks for what a policy assignment does, so they are listed.

use super::{File, Foreign, date, text};
use crate::document::Node;

const KIND: &str = "microsoft.authorization/policyexemptions";

pub(super) fn read(file: &File<'_>) -> Vec<Foreign> {
    let mut found = Vec::new();
    for root in &file.roots {
        root.walk(&mut |_, node| {
            let kind = text(node, "type").unwrap_or_default().to_lowercase();
            if kind.ends_with(KIND) {
                found.push(one(file, node));
            }
        });
    }
    found
}

fn one(file: &File<'_>, node: &Node) -> Foreign {
    let empty = Node::default();
    let properties = node.get("properties").unwrap_or(&empty);
    let metadata = properties.get("metadata").unwrap_or(&empty);
    let name = text(properties, "displayName").or_else(|| text(node, "name"));
    Foreign {
        reason: text(properties, "description"),
        owner: text(metadata, "requestedBy"),
        approved_by: text(metadata, "approvedBy").into_iter().collect(),
        tickets: text(metadata, "ticketRef").into_iter().collect(),
        granted: date(metadata, "approvedOn"),
        expires: date(properties, "expiresOn"),
        ..file.at(node, &name.unwrap_or_default())
    }
}
