//! `osv-scanner.toml`. Facts: <https://google.github.io/osv-scanner/configuration/>.

use super::{File, Foreign, date, text};
use crate::document::Node;

/// Advisories alone: no rule of ours looks for them.
pub(super) fn read(file: &File<'_>) -> Vec<Foreign> {
    let mut found = Vec::new();
    for root in &file.roots {
        let entries = |key: &str| root.get(key).map(Node::items).unwrap_or_default();
        for entry in entries("IgnoredVulns") {
            let id = text(entry, "id").unwrap_or_default();
            found.push(Foreign {
                reason: text(entry, "reason"),
                expires: date(entry, "ignoreUntil"),
                ..file.at(entry, &id)
            });
        }
        for entry in entries("PackageOverrides") {
            let id = text(entry, "name").unwrap_or_else(|| "every package".to_owned());
            found.push(Foreign {
                reason: text(entry, "reason"),
                expires: date(entry, "effectiveUntil"),
                ..file.at(entry, &id)
            });
        }
    }
    found
}
