//! The files of a project that refer to one another: pipelines and what they include,
//! call or extend. They are read before any of them is judged, so that a detector finds
//! a callee without reading anything itself.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use memchr::memmem;

use super::{Lines, Node, Region, Span, Tree, recognise};
use crate::kind::Kinds;

/// A file that others may refer to.
pub struct Neighbour {
    path: Arc<str>,
    bytes: Arc<[u8]>,
    kinds: Kinds,
    tree: OnceLock<Tree>,
    lines: OnceLock<Lines>,
    kept: OnceLock<Box<dyn Any + Send + Sync>>,
}

/// The files that others may refer to, by their paths.
#[derive(Default)]
pub struct Neighbours {
    files: BTreeMap<Arc<str>, Neighbour>,
    /// Looked for once, whoever asks.
    objects: OnceLock<Objects>,
}

/// The objects of a cluster that run something, and which of them others use.
#[derive(Default)]
struct Objects {
    /// The file of each by its kind and name; nothing where several have one.
    files: BTreeMap<(String, String), Option<Arc<str>>>,
    /// The names of tasks and templates that some object refers to.
    used: BTreeSet<String>,
}

impl Neighbours {
    /// Adds a file. `kinds` are those that its path doesn't tell: what is included into
    /// a pipeline is one.
    pub fn add(&mut self, path: &str, bytes: Arc<[u8]>, kinds: Kinds) {
        let path: Arc<str> = path.into();
        let kinds = kinds.union(recognise::by_path(&path).kinds);
        let neighbour = Neighbour {
            path: Arc::clone(&path),
            bytes,
            kinds,
            tree: OnceLock::new(),
            lines: OnceLock::new(),
            kept: OnceLock::new(),
        };
        self.files.insert(path, neighbour);
        self.objects = OnceLock::new();
    }

    /// The file that has the cluster's object of this kind and name, if only one has.
    pub(crate) fn object(&self, kind: &str, name: &str) -> Option<&Neighbour> {
        let objects = self.objects.get_or_init(|| Objects::of(self.iter()));
        let path = objects.files.get(&(kind.to_owned(), name.to_owned()))?;
        self.get(path.as_deref()?)
    }

    /// Whether an object of the cluster refers to a task or template of this name.
    pub(crate) fn uses(&self, name: &str) -> bool {
        let objects = self.objects.get_or_init(|| Objects::of(self.iter()));
        objects.used.contains(name)
    }

    /// The file at a path relative to the project's root.
    pub fn get(&self, path: &str) -> Option<&Neighbour> {
        self.files.get(path)
    }

    /// Every file, by path.
    pub fn iter(&self) -> impl Iterator<Item = &Neighbour> {
        self.files.values()
    }

    /// The files of one of these kinds.
    pub fn of(&self, kinds: Kinds) -> impl Iterator<Item = &Neighbour> {
        self.iter().filter(move |file| file.kinds.meets(kinds))
    }
}

impl Objects {
    fn of<'n>(files: impl Iterator<Item = &'n Neighbour>) -> Self {
        let mut out = Self::default();
        let holds = |file: &Neighbour, sign: &[u8]| memmem::find(&file.bytes, sign).is_some();
        for file in files.filter(|f| holds(f, b"tekton.dev/") || holds(f, b"argoproj.io/")) {
            for root in file.tree().root.items() {
                let text = |keys: &[&str]| root.at(keys).and_then(Node::text);
                let of_cluster = text(&["apiVersion"]).is_some_and(|version| {
                    version.starts_with("tekton.dev/") || version.starts_with("argoproj.io/")
                });
                let (Some(kind), true) = (text(&["kind"]), of_cluster) else {
                    continue;
                };
                if let Some(name) = text(&["metadata", "name"]) {
                    let key = (kind.to_owned(), name.to_owned());
                    let known = out.files.contains_key(&key);
                    let path = (!known).then(|| Arc::clone(&file.path));
                    out.files.insert(key, path);
                }
                root.walk(&mut |member, node| {
                    let refers =
                        member.is_some_and(|m| matches!(m.key.as_str(), "taskRef" | "templateRef"));
                    let name = node.get("name").filter(|_| refers).and_then(Node::text);
                    out.used.extend(name.map(str::to_owned));
                });
            }
        }
        out
    }
}

impl Neighbour {
    /// The path relative to the project's root, with `/` between its parts.
    pub const fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// The text.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The kinds that its path and its referrers tell.
    pub const fn kinds(&self) -> Kinds {
        self.kinds
    }

    /// The tree; parsed once, whoever asks.
    pub fn tree(&self) -> &Tree {
        let format = || recognise::by_path(&self.path).format;
        self.tree.get_or_init(|| Tree::read(format(), &self.bytes))
    }

    /// Where a span of it stands.
    pub fn region(&self, span: Span) -> Region {
        let lines = self.lines.get_or_init(|| Lines::new(&self.bytes));
        lines.region(&self.bytes, span)
    }

    /// What detection reads of it once: `None` if something of another type is kept.
    pub(crate) fn kept<T: Any + Send + Sync>(&self, read: impl FnOnce() -> T) -> Option<&T> {
        self.kept.get_or_init(|| Box::new(read())).downcast_ref()
    }
}

/// The path that `reference` means, seen from the folder `from`; a `/` at its start is
/// the root. `None` when it leads out of the project, or is none: an address, a name of
/// another drive, a variable.
pub(crate) fn resolve(from: &str, reference: &str) -> Option<String> {
    let reference = reference.trim();
    let strange = |c: char| matches!(c, ':' | '\\' | '$' | '*' | '?' | '\0' | '{');
    if reference.is_empty() || reference.contains(strange) {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    let start = if reference.starts_with('/') { "" } else { from };
    for part in start.split('/').chain(reference.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// The folder of a path; empty for the root.
pub(crate) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_stay_inside() {
        for (from, reference, path) in [
            ("", "./a/b.yml", Some("a/b.yml")),
            ("ci", "/a.yml", Some("a.yml")),
            ("ci/x", "../a.yml", Some("ci/a.yml")),
            ("ci", "../../a.yml", None),
            ("", "https://example.org/a.yml", None),
            ("", "a/$X.yml", None),
            ("", "..", None),
            ("", "/", None),
        ] {
            assert_eq!(resolve(from, reference).as_deref(), path, "{reference}");
        }
    }

    #[test]
    fn a_neighbour_tells_where_a_span_stands() {
        let mut files = Neighbours::default();
        files.add("ci/a.yml", b"a: 1\nb: 2\n".as_slice().into(), Kinds::NONE);
        let region = files.get("ci/a.yml").unwrap().region(Span::new(5, 6));
        assert_eq!((region.line, region.column), (2, 1));
    }
}
