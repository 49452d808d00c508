//! `.trivyignore` and `.trivyignore.yaml`. Facts:
//! <https://trivy.dev/latest/docs/configuration/filtering/>.

use super::{File, Foreign, date, day, names, noted_lines, text, texts};

/// One id a line, with `exp:DAY` after it where it ends.
pub(super) fn lines(text: &str) -> Vec<Foreign> {
    noted_lines(text, |line| {
        let mut words = line.split_whitespace();
        let id = words.next().unwrap_or_default();
        Foreign {
            ids: vec![id.to_owned()],
            rules: names::of(names::TRIVY, id),
            expires: words.find_map(|word| day(word.strip_prefix("exp:")?)),
            ..Foreign::default()
        }
    })
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
