//! `.trivyignore` and `.trivyignore.yaml`. Facts:
//! <https://trivy.dev/latest/docs/configuration/filtering/>.

use super::{File, Foreign, date, day, names, text, texts};

/// One id a line, with `exp:DAY` after it where it ends.
pub(super) fn lines(text: &str) -> Vec<Foreign> {
    let mut found = Vec::new();
    let mut reason = None;
    for (n, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            reason = None;
        } else if let Some(comment) = line.strip_prefix('#') {
            reason = Some(comment.trim().to_owned()).filter(|text| !text.is_empty());
        } else {
            let mut words = line.split_whitespace();
            let id = words.next().unwrap_or_default();
            found.push(Foreign {
                line: n + 1,
                ids: vec![id.to_owned()],
                rules: names::of(names::TRIVY, id),
                reason: reason.clone(),
                expires: words.find_map(|word| day(word.strip_prefix("exp:")?)),
                ..Foreign::default()
            });
        }
    }
    found
}

pub(super) fn tree(file: &File<'_>) -> Vec<Foreign> {
    let parts = [
        "vulnerabilities",
        "misconfigurations",
        "secrets",
        "licenses",
    ];
    let entries = file.roots.iter().flat_map(|root| {
        parts
            .iter()
            .filter_map(|part| root.get(part))
            .flat_map(crate::document::Node::items)
    });
    entries
        .map(|entry| {
            let id = text(entry, "id").unwrap_or_default();
            Foreign {
                rules: names::of(names::TRIVY, &id),
                paths: texts(entry.get("paths")),
                reason: text(entry, "statement"),
                // It ends when this day begins.
                expires: date(entry, "expired_at").and_then(|day| day.yesterday().ok()),
                ..file.at(entry, &id)
            }
        })
        .collect()
}
