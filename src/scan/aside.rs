//! Pipelines are judged after the walk, when all files are known that they may refer to.
//!
//! The walk sets them aside. Then what they include is read, as long as it lies inside
//! the project, and all of them are scanned in parallel, each among its neighbours.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use globset::GlobBuilder;

use super::{Extract, examine};
use crate::detect::{self, Engine, Reference, Scratch};
use crate::document::{Document, Neighbours};
use crate::kind::{Kind, Kinds};
use crate::source::Source;

/// Longest file that is kept for its neighbours, in bytes; a longer one is scanned alone.
const LONGEST: usize = 1 << 20;

/// Most bytes that are kept.
const MOST: usize = 256 << 20;

/// Most files that are read for being referred to.
const MOST_READ: usize = 2_000;

/// What the walk has kept.
#[derive(Debug, Default)]
pub(super) struct Aside {
    /// Pipelines, which are still to be scanned.
    pipelines: Vec<(Arc<str>, Arc<[u8]>)>,
    /// Files that say how a project is guarded; they were scanned.
    guards: Vec<(Arc<str>, Arc<[u8]>)>,
    /// The other files that a pipeline could include; they were scanned.
    others: BTreeSet<Arc<str>>,
    bytes: usize,
}

/// What becomes of a file in the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is scanned at once.
    Scanned,
    /// It waits for its neighbours.
    Waits,
}

impl Aside {
    /// Keeps what pipelines need to know of a file.
    pub(super) fn take(&mut self, source: &Source<'_>, kinds: Kinds) -> Fate {
        let fits = source.bytes.len() <= LONGEST && self.bytes + source.bytes.len() <= MOST;
        let keep = || (Arc::from(source.path), Arc::from(source.bytes));
        if fits
            && (kinds.meets(Kinds::CI) || kinds.has(Kind::Yaml) && runs_in_cluster(source.bytes))
        {
            self.bytes += source.bytes.len();
            self.pipelines.push(keep());
            return Fate::Waits;
        }
        if fits && is_guard(kinds, source.bytes) {
            self.bytes += source.bytes.len();
            self.guards.push(keep());
        } else if kinds.has(Kind::Yaml) {
            self.others.insert(source.path.into());
        }
        Fate::Scanned
    }

    /// Joins what two threads kept.
    pub(super) fn append(&mut self, other: &mut Self) {
        self.pipelines.append(&mut other.pipelines);
        self.guards.append(&mut other.guards);
        self.others.append(&mut other.others);
        self.bytes += other.bytes;
    }
}

/// Whether a file may hold pipelines of a cluster, which their paths don't tell.
fn runs_in_cluster(bytes: &[u8]) -> bool {
    [&b"tekton.dev/"[..], b"argoproj.io/"]
        .iter()
        .any(|sign| memchr::memmem::find(bytes, sign).is_some())
}

/// Whether a file declares environments or who may pass them, whom the roles trust that
/// jobs take, or what the accounts may do that they run as.
fn is_guard(kinds: Kinds, bytes: &[u8]) -> bool {
    const TERRAFORM: &[&[u8]] = &[
        b"github_repository_environment",
        b"gitlab_project_protected_environment",
        b"default_workflow_permissions",
        b"actions.githubusercontent.com",
    ];
    let holds = |signs: &[&[u8]]| {
        let mut signs = signs.iter();
        signs.any(|sign| memchr::memmem::find(bytes, sign).is_some())
    };
    kinds.has(Kind::RepositorySettings)
        || kinds.has(Kind::Terraform) && holds(TERRAFORM)
        || kinds.has(Kind::Yaml) && holds(&[b"ClusterRoleBinding"])
}

/// Scans what was set aside and adds it to `all`. `read` gives the text of a file of the
/// project by its path; `None` where there is none inside of it.
pub(super) fn scan(
    aside: Aside,
    engine: &Engine,
    threads: usize,
    read: &dyn Fn(&str) -> Option<Vec<u8>>,
    all: &mut Extract,
) {
    let Aside {
        mut pipelines,
        guards,
        others,
        ..
    } = aside;
    // Which is read first decides what is left out when there is too much.
    pipelines.sort();
    let mut neighbours = Neighbours::default();
    for (path, bytes) in pipelines.iter().chain(&guards) {
        neighbours.add(path, Arc::clone(bytes), Kinds::NONE);
    }
    let mut open: Vec<Arc<str>> = pipelines.iter().map(|(path, _)| Arc::clone(path)).collect();
    let mut again: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut budget = MOST_READ;
    while let Some(path) = open.pop() {
        let Some(file) = neighbours.get(&path) else {
            continue;
        };
        let referred = detect::references(file);
        for reference in referred {
            for found in meant(&reference, &others) {
                if neighbours.get(&found).is_some() || budget == 0 {
                    continue;
                }
                budget -= 1;
                if let Some(bytes) = read(&found).filter(|bytes| bytes.len() <= LONGEST) {
                    neighbours.add(&found, bytes.into(), reference.kinds);
                    let found: Arc<str> = found.into();
                    if others.contains(&found) {
                        again.insert(Arc::clone(&found));
                    }
                    open.push(found);
                }
            }
        }
    }
    // They were scanned as what their names tell; now more is known.
    all.findings.retain(|f| !again.contains(&f.place.path));
    all.problems.retain(|p| !again.contains(&p.path));
    let paths: Vec<Arc<str>> = pipelines
        .iter()
        .map(|(path, _)| Arc::clone(path))
        .chain(again)
        .collect();
    each(&paths, engine, threads, &neighbours, all);
}

/// The paths that a reference means.
fn meant(reference: &Reference, others: &BTreeSet<Arc<str>>) -> Vec<String> {
    if !reference.path.contains('*') {
        return vec![reference.path.clone()];
    }
    let glob = GlobBuilder::new(&reference.path)
        .literal_separator(true)
        .build();
    let Ok(glob) = glob.map(|glob| glob.compile_matcher()) else {
        return Vec::new();
    };
    let found = others.iter().filter(|path| glob.is_match(&***path));
    found.take(MOST_READ).map(ToString::to_string).collect()
}

fn each(
    paths: &[Arc<str>],
    engine: &Engine,
    threads: usize,
    neighbours: &Neighbours,
    all: &mut Extract,
) {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut scratch = Scratch::default();
        let mut own = Extract::default();
        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Some(file) = neighbours.get(path) else {
                continue;
            };
            let document = Document::new(path, file.bytes()).among(neighbours, file.kinds());
            let (findings, problems) = examine(engine, &document, &mut scratch);
            own.findings.extend(findings);
            own.problems.extend(problems);
        }
        own
    };
    let threads = match threads {
        0 => thread::available_parallelism().map_or(1, Into::into),
        some => some,
    };
    let threads = threads.min(paths.len().div_ceil(8)).max(1);
    let found: Vec<Extract> = if threads == 1 {
        vec![work()]
    } else {
        thread::scope(|scope| {
            let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            handles
                .into_iter()
                .filter_map(|handle| handle.join().ok())
                .collect()
        })
    };
    for mut own in found {
        all.findings.append(&mut own.findings);
        all.problems.append(&mut own.problems);
    }
}
