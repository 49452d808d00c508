//! `.gitleaksignore`: `[COMMIT:]FILE:RULE:LINE`. Facts:
//! <https://github.com/gitleaks/gitleaks#gitleaksignore>.

use super::{Foreign, names};
use crate::register::edit::escaped;

pub(super) fn read(text: &str) -> Vec<Foreign> {
    let mut found = Vec::new();
    // A comment above a line says why; one above a block says so for all of it.
    let mut reason = None;
    for (n, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            reason = None;
        } else if let Some(comment) = line.strip_prefix('#') {
            reason = Some(comment.trim().to_owned()).filter(|text| !text.is_empty());
        } else {
            found.push(Foreign {
                line: n + 1,
                reason: reason.clone(),
                ..one(line)
            });
        }
    }
    found
}

fn one(line: &str) -> Foreign {
    let mut parts: Vec<_> = line.split(':').collect();
    let is_commit = |part: &&str| part.len() >= 40 && part.chars().all(|c| c.is_ascii_hexdigit());
    if parts.first().is_some_and(is_commit) {
        parts.remove(0);
    }
    let _line = parts.pop();
    let rule = parts.pop().unwrap_or_default();
    Foreign {
        ids: vec![rule.to_owned()],
        rules: names::of(names::GITLEAKS, rule),
        paths: escaped(&parts.join(":")).into_iter().collect(),
        ..Foreign::default()
    }
}
