//! Whether a cover names a finding, and how closely.

use super::entry::Cover;
use crate::finding::Finding;

/// How closely a cover names a finding, the greater the closer: by fingerprint, by
/// subject, by anchor, by the length of a path before its first wildcard.
pub(super) type Specificity = (bool, bool, bool, usize);

/// How closely the cover names the finding; `None` when it doesn't.
///
/// Repositories are asked for elsewhere, since whether this is one of them may not be
/// known.
pub(super) fn matches(cover: &Cover, finding: &Finding, names: &[&str]) -> Option<Specificity> {
    let any = |list: &[String], text: &str| list.is_empty() || list.iter().any(|t| t == text);
    let claimed = cover
        .rules
        .iter()
        .any(|rule| names.contains(&rule.value.as_str()))
        && any(&cover.anchors, &finding.anchor)
        && any(&cover.subjects, &finding.subject)
        && (cover.fingerprints.is_empty() || cover.fingerprints.contains(&finding.fingerprint));
    if !claimed {
        return None;
    }
    let path = cover.globs.closest(&finding.place.path);
    if path.is_none() && !cover.globs.is_empty() {
        return None;
    }
    Some((
        !cover.fingerprints.is_empty(),
        !cover.subjects.is_empty(),
        !cover.anchors.is_empty(),
        path.unwrap_or(0),
    ))
}
