//! `.gitleaksignore`: `[COMMIT:]FILE:RULE:LINE`. Facts:
//! <https://github.com/gitleaks/gitleaks#gitleaksignore>.

use super::{Foreign, names, noted_lines};
use crate::register::edit::escaped;

pub(super) fn read(text: &str) -> Vec<Foreign> {
    noted_lines(text, one)
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
