//! `.snyk`. Facts: <https://docs.snyk.io/manage-risk/policies/the-.snyk-file>.

use super::{File, Foreign, date, names, text};
use crate::document::Node;

pub(super) fn read(file: &File<'_>) -> Vec<Foreign> {
    let mut found = Vec::new();
    let ignores = file.roots.iter().filter_map(|root| root.get("ignore"));
    for ignore in ignores.flat_map(Node::members) {
        for entry in ignore.value.items() {
            for path in entry.members() {
                let details = &path.value;
                let by = details.get("ignoredBy");
                let by = by.and_then(|by| text(by, "email").or_else(|| text(by, "name")));
                found.push(Foreign {
                    rules: names::of(names::SNYK, &ignore.key),
                    // Snyk Code names files here, the others dependencies.
                    paths: Some(path.key.clone())
                        .filter(|path| path != "*")
                        .into_iter()
                        .collect(),
                    reason: text(details, "reason"),
                    owner: by.map(|by| format!("user:{by}")),
                    granted: date(details, "created"),
                    expires: date(details, "expires"),
                    ..file.at(&path.value, &ignore.key)
                });
            }
        }
    }
    found
}
