//! `.checkov.baseline`: failed checks by file. Facts:
//! <https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html>.

use super::{File, Foreign, names, text, texts};
use crate::document::Node;
use crate::register::edit::escaped;

pub(super) fn read(file: &File<'_>) -> Vec<Foreign> {
    let mut found = Vec::new();
    let checks = file
        .roots
        .iter()
        .filter_map(|root| root.get("failed_checks"));
    for entry in checks.flat_map(Node::items) {
        let path = text(entry, "file").unwrap_or_default();
        let path = escaped(path.trim_start_matches('/'));
        let findings = entry.get("findings").map(Node::items).unwrap_or_default();
        for finding in findings {
            for id in texts(finding.get("check_ids")) {
                found.push(Foreign {
                    rules: names::of(names::CHECKOV, &id),
                    paths: path.iter().cloned().collect(),
                    ..file.at(finding, &id)
                });
            }
        }
    }
    found
}
