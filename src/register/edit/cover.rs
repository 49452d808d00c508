//! Selectors that cover the findings they are made for and no others.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::DraftCover;
use crate::finding::{Class, Finding, Fingerprint, veil};
use crate::register::globs::{self, Globs};

/// What a selector has to know of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its rule.
    pub rule: String,
    /// Its rule's class.
    pub class: Class,
    /// What is excepted.
    pub subject: String,
    /// Where it lives logically.
    pub anchor: String,
    /// The file.
    pub path: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The `byway/v1` fingerprint.
    pub fingerprint: Fingerprint,
}

impl From<&Finding> for Found {
    fn from(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.as_ref().to_owned(),
            class: finding.class,
            subject: finding.subject.clone(),
            anchor: finding.anchor.clone(),
            path: finding.place.path.as_ref().to_owned(),
            line: finding.place.region.line,
            fingerprint: finding.fingerprint,
        }
    }
}

/// Up to so many paths are written out before a folder's glob stands for them.
const WRITTEN_OUT: usize = 10;

/// How narrow a selector is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Narrow {
    /// By path and subject: an entry for one thing.
    Thing,
    /// By path alone: an entry for many.
    Place,
}

/// One cover for each rule of `chosen`, which none of `others` falls under as long as
/// there is any way to tell them apart.
pub fn covers(chosen: &[&Found], others: &[&Found], things: bool) -> Vec<DraftCover> {
    let narrow = if things { Narrow::Thing } else { Narrow::Place };
    let mut by_rule: BTreeMap<&str, Vec<&Found>> = BTreeMap::new();
    for found in chosen {
        by_rule.entry(&found.rule).or_default().push(found);
    }
    by_rule
        .values()
        .map(|found| one(found, others, narrow))
        .collect()
}

/// The first selector, from the plain to the precise, that no other finding falls under.
fn one(chosen: &[&Found], others: &[&Found], narrow: Narrow) -> DraftCover {
    let rule = chosen.first().map_or("", |found| &found.rule);
    let others: Vec<_> = others.iter().filter(|o| o.rule == rule).copied().collect();
    let paths = distinct(chosen, |found| Some(found.path.clone()));
    let exact = paths
        .iter()
        .map(|path| escaped(path))
        .collect::<Option<Vec<_>>>();
    let subjects = distinct(chosen, |found| sayable(&found.subject));
    let anchors = distinct(chosen, |found| sayable(&found.anchor));
    let whole = |list: &[String], of: fn(&Found) -> &str| {
        if chosen.iter().all(|found| sayable(of(found)).is_some()) {
            list.to_vec()
        } else {
            Vec::new()
        }
    };
    let (subjects, anchors) = (
        whole(&subjects, |found| &found.subject),
        whole(&anchors, |found| &found.anchor),
    );
    let base = DraftCover {
        rules: vec![rule.to_owned()],
        max: chosen.len(),
        ..DraftCover::default()
    };
    let exact = exact.unwrap_or_default();
    let mut tries = Vec::new();
    if narrow == Narrow::Place {
        if paths.len() > WRITTEN_OUT {
            let foreign: BTreeSet<_> = others.iter().map(|other| other.path.as_str()).collect();
            tries.push(DraftCover {
                paths: globs_for(&paths, &foreign).unwrap_or_default(),
                ..base.clone()
            });
        }
        tries.push(DraftCover {
            paths: exact.clone(),
            ..base.clone()
        });
    }
    tries.push(DraftCover {
        paths: exact.clone(),
        subjects: subjects.clone(),
        ..base.clone()
    });
    tries.push(DraftCover {
        paths: exact.clone(),
        subjects,
        anchors,
        ..base.clone()
    });
    let fits = |cover: &DraftCover| {
        let selector = Selector::of(cover);
        selector.confined() && !others.iter().any(|other| selector.takes(other))
    };
    tries.into_iter().find(fits).unwrap_or_else(|| DraftCover {
        paths: exact,
        fingerprints: distinct(chosen, |f| Some(format!("byway1:{}", f.fingerprint))),
        ..base
    })
}

fn distinct(chosen: &[&Found], of: impl Fn(&Found) -> Option<String>) -> Vec<String> {
    let all: BTreeSet<String> = chosen.iter().filter_map(|found| of(found)).collect();
    all.into_iter().collect()
}

/// A text that may be copied into a register: it says something, and could be no key.
fn sayable(text: &str) -> Option<String> {
    let plain = !text.trim().is_empty() && !text.chars().any(char::is_control);
    (plain && veil(text) == text).then(|| text.to_owned())
}

/// A glob that matches this path alone. `None` for a path that no glob can name.
pub fn escaped(path: &str) -> Option<String> {
    let mut glob = String::new();
    for c in path.chars() {
        if matches!(c, '*' | '?' | '[' | '{' | '}') {
            glob.extend(['[', c, ']']);
        } else {
            glob.push(c);
        }
    }
    let plain = !path.chars().any(char::is_control);
    (plain && globs::check(&glob).is_ok() && Globs::new(std::iter::once(&*glob)).is_match(path))
        .then_some(glob)
}

/// A few globs for many paths, none of which matches one of `foreign`: one for all of
/// them, or else some for each folder below the common one. `None` when a path can't be
/// named.
fn globs_for(paths: &[String], foreign: &BTreeSet<&str>) -> Option<Vec<String>> {
    const FEW: usize = 3;
    let exact = || {
        paths
            .iter()
            .map(|path| escaped(path))
            .collect::<Option<Vec<_>>>()
    };
    if paths.len() <= FEW {
        return exact();
    }
    if let Some(glob) = common(paths) {
        let matcher = Globs::new(std::iter::once(&*glob));
        if !foreign.iter().any(|path| matcher.is_match(path)) {
            return Some(vec![glob]);
        }
    }
    let depth = shared(paths).len();
    let mut parts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for path in paths {
        let mut rest = path.split('/').skip(depth);
        let folder = rest.next().filter(|_| rest.next().is_some());
        parts
            .entry(folder.unwrap_or(""))
            .or_default()
            .push(path.clone());
    }
    if parts.len() < 2 {
        return exact();
    }
    let mut globs = Vec::new();
    for (folder, paths) in &parts {
        let own = if folder.is_empty() {
            paths.iter().map(|path| escaped(path)).collect()
        } else {
            globs_for(paths, foreign)
        };
        globs.extend(own?);
    }
    Some(globs)
}

/// The folders that all paths begin with.
fn shared(paths: &[String]) -> Vec<&str> {
    let folders = paths.iter().map(|path| {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        folder
            .split('/')
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
    });
    let shared = folders.reduce(|a, b| {
        let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
        a.into_iter().take(same).collect()
    });
    shared.unwrap_or_default()
}

/// The narrowest glob for many paths: their common folder, whether they stand directly
/// in it, and the end of their names where it is one.
fn common(paths: &[String]) -> Option<String> {
    let shared = shared(paths);
    if shared.is_empty() {
        return None;
    }
    let direct = paths
        .iter()
        .all(|path| path.split('/').count() == shared.len() + 1);
    let end = |path: &str| {
        let name = path.rsplit('/').next()?;
        let (stem, end) = name.rsplit_once('.')?;
        (!stem.is_empty()).then(|| end.to_owned())
    };
    let mut ends: Vec<_> = paths.iter().map(|path| end(path)).collect();
    ends.dedup();
    let folder = escaped(&shared.join("/"))?;
    let between = if direct { "" } else { "**/" };
    let glob = match ends.as_slice() {
        [Some(end)] => format!("{folder}/{between}*.{}", escaped(end)?),
        _ if direct => format!("{folder}/*"),
        _ => format!("{folder}/**"),
    };
    globs::check(&glob).is_ok().then_some(glob)
}

/// A cover with its globs compiled.
struct Selector<'c> {
    cover: &'c DraftCover,
    globs: Globs,
}

impl<'c> Selector<'c> {
    fn of(cover: &'c DraftCover) -> Self {
        Self {
            cover,
            globs: Globs::new(cover.paths.iter().map(String::as_str)),
        }
    }

    /// Whether it is confined to anything but rules.
    fn confined(&self) -> bool {
        let DraftCover {
            paths,
            anchors,
            subjects,
            ..
        } = self.cover;
        [paths, anchors, subjects]
            .iter()
            .any(|list| !list.is_empty())
    }

    fn takes(&self, found: &Found) -> bool {
        let cover = self.cover;
        let any = |list: &[String], text: &str| list.is_empty() || list.iter().any(|t| t == text);
        any(&cover.rules, &found.rule)
            && (cover.paths.is_empty() || self.globs.is_match(&found.path))
            && any(&cover.anchors, &found.anchor)
            && any(&cover.subjects, &found.subject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_is_no_wider_than_what_was_found() {
        let glob = |paths: &[&str]| {
            let paths: Vec<_> = paths.iter().map(|p| (*p).to_owned()).collect();
            common(&paths)
        };
        assert_eq!(glob(&["a/x.yml", "a/y.yml"]).unwrap(), "a/*.yml");
        assert_eq!(glob(&["a/x.yml", "a/b/y.yml"]).unwrap(), "a/**/*.yml");
        assert_eq!(glob(&["a/b/x.yml", "a/b/Dockerfile"]).unwrap(), "a/b/*");
        assert_eq!(
            glob(&["a/[id]/x.ts", "a/[id]/c/y.py"]).unwrap(),
            "a/[[]id]/**"
        );
        assert_eq!(glob(&["x.yml", "a/y.yml"]), None);
    }

    #[test]
    fn globs_leave_out_what_others_have() {
        let many = |folder: &'static str| (0..4).map(move |n| format!("{folder}/{n}.py"));
        let mut paths: Vec<_> = many("s/a").chain(many("s/b/c")).collect();
        paths.push("s/x.py".to_owned());
        paths.sort();
        let foreign = BTreeSet::from(["s/d/9.py"]);
        let globs = globs_for(&paths, &foreign).unwrap();
        assert_eq!(globs, ["s/x.py", "s/a/*.py", "s/b/c/*.py"]);
        let none = globs_for(&paths, &BTreeSet::new()).unwrap();
        assert_eq!(none, ["s/**/*.py"]);
    }

    #[test]
    fn a_glob_for_one_path_matches_no_other() {
        for path in ["a/b.yml", "app/[id]/page.ts", "a/{b}/c*?.py", "x]y", "!a"] {
            let glob = escaped(path).unwrap();
            let matcher = Globs::new(std::iter::once(&*glob));
            assert!(matcher.is_match(path), "{path}");
            assert!(!matcher.is_match("app/i/page.ts"), "{path}");
        }
        assert_eq!(escaped("a\\b"), None);
        assert_eq!(escaped("a\nb"), None);
    }
}
