//! Which covers could name a finding, without asking each of them.
//!
//! A register of thousands of entries and a scan with as many findings would else be
//! asked every pair. A cover is filed by its rules, and under each by what is most
//! particular of it: fingerprints, else subjects, else anchors, else the folder that its
//! globs begin with.

use std::collections::HashMap;

use super::entry::{Cover, FalsePositive};
use super::globs::literal_prefix;
use crate::finding::{Finding, Fingerprint};
use crate::rule::Rule;

/// Covers, filed.
pub(super) struct Index<'a> {
    /// By the rule's name, as the entry writes it.
    rules: HashMap<&'a str, Shelf<'a>>,
    /// The names that a rule goes by: its id and the ids it had before.
    names: HashMap<&'a str, Vec<&'a str>>,
    /// False positives by fingerprint, by their numbers.
    wrong: HashMap<Fingerprint, Vec<usize>>,
}

/// The covers of one rule.
#[derive(Default)]
struct Shelf<'a> {
    fingerprints: HashMap<Fingerprint, Vec<Seat>>,
    subjects: HashMap<&'a str, Vec<Seat>>,
    anchors: HashMap<&'a str, Vec<Seat>>,
    /// By a path, or by a folder with its slash; the root is empty.
    paths: HashMap<&'a str, Vec<Seat>>,
}

/// One cover of one claim, by their numbers.
pub(super) type Seat = (usize, usize);

impl<'a> Index<'a> {
    /// Files the covers of claims, the false positives and the names of the rules.
    pub(super) fn new(
        covers: impl Iterator<Item = &'a [Cover]>,
        wrong: &[FalsePositive],
        rules: &'a [Rule],
    ) -> Self {
        let mut index = Self {
            rules: HashMap::new(),
            names: rules.iter().map(|rule| (&*rule.id, names(rule))).collect(),
            wrong: HashMap::new(),
        };
        for (c, covers) in covers.enumerate() {
            for (n, cover) in covers.iter().enumerate() {
                for rule in &cover.rules {
                    let shelf = index.rules.entry(rule.value.as_str()).or_default();
                    shelf.file(cover, (c, n));
                }
            }
        }
        for (n, candidate) in wrong.iter().enumerate() {
            let fingerprint = candidate.fingerprint.value;
            index.wrong.entry(fingerprint).or_default().push(n);
        }
        index
    }

    /// The names that the finding's rule goes by, where that is known.
    pub(super) fn names(&self, rule: &str) -> &[&'a str] {
        self.names.get(rule).map_or(&[], Vec::as_slice)
    }

    /// The covers that could name a finding, whose rule goes by `names`, sorted.
    pub(super) fn candidates(&self, finding: &Finding, names: &[&str], into: &mut Vec<Seat>) {
        into.clear();
        for name in names {
            if let Some(shelf) = self.rules.get(name) {
                shelf.find(finding, into);
            }
        }
        into.sort_unstable();
        into.dedup();
    }

    /// The false positives with a fingerprint, by their numbers.
    pub(super) fn wrong(&self, fingerprint: Fingerprint) -> &[usize] {
        self.wrong.get(&fingerprint).map_or(&[], Vec::as_slice)
    }
}

impl<'a> Shelf<'a> {
    fn file(&mut self, cover: &'a Cover, seat: Seat) {
        if !cover.fingerprints.is_empty() {
            for fingerprint in &cover.fingerprints {
                self.fingerprints
                    .entry(*fingerprint)
                    .or_default()
                    .push(seat);
            }
        } else if !cover.subjects.is_empty() {
            for subject in &cover.subjects {
                self.subjects.entry(subject).or_default().push(seat);
            }
        } else if !cover.anchors.is_empty() {
            for anchor in &cover.anchors {
                self.anchors.entry(anchor).or_default().push(seat);
            }
        } else if cover.paths.is_empty() {
            self.paths.entry("").or_default().push(seat);
        } else {
            for path in &cover.paths {
                let place = place(&path.value);
                self.paths.entry(place).or_default().push(seat);
            }
        }
    }

    fn find(&self, finding: &Finding, into: &mut Vec<Seat>) {
        let mut take = |seats: Option<&Vec<Seat>>| into.extend(seats.into_iter().flatten());
        take(self.fingerprints.get(&finding.fingerprint));
        take(self.subjects.get(finding.subject.as_str()));
        take(self.anchors.get(finding.anchor.as_str()));
        let path = &*finding.place.path;
        take(self.paths.get(path));
        take(self.paths.get(""));
        for (slash, _) in path.match_indices('/') {
            take(path.get(..=slash).and_then(|folder| self.paths.get(folder)));
        }
    }
}

/// Where a glob is filed: as itself where it is a path, else by the folder before its
/// first wildcard.
fn place(glob: &str) -> &str {
    let literal = literal_prefix(glob);
    if literal == glob.len() {
        return glob;
    }
    let start = glob.get(..literal).unwrap_or_default();
    let folder = start.rfind('/').map_or(0, |slash| slash + 1);
    glob.get(..folder).unwrap_or_default()
}

fn names(rule: &Rule) -> Vec<&str> {
    let before = rule.renamed_from.iter().map(AsRef::as_ref);
    std::iter::once(&*rule.id).chain(before).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_a_glob_by_its_folder() {
        for (glob, expected) in [
            ("a/b.yml", "a/b.yml"),
            ("a/b/**", "a/b/"),
            ("a/b*/c", "a/"),
            ("**/c", ""),
            ("a*", ""),
        ] {
            assert_eq!(place(glob), expected);
        }
    }
}
