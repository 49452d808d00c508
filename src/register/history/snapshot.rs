//! Registers as revisions have them.
//!
//! Two revisions differ in an entry or two. A file is cut before every `[[exception]]`, and
//! a piece that was read once is not read again.

use std::collections::HashMap;
use std::sync::Arc;

use crate::register::entry::Entry;
use crate::register::file::{Source, read};
use crate::revisions::State;

/// The entries of one state of the register.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    /// Sorted by id, each id once.
    pub(super) entries: Vec<Arc<Entry>>,
    /// Whether every file of it could be read.
    pub(super) whole: bool,
}

/// The entries of a text; `None` for what is no register.
type Entries = Option<Arc<[Arc<Entry>]>>;

#[derive(Default)]
pub(super) struct Reader {
    /// By the numbers of blobs.
    blobs: HashMap<usize, Entries>,
    pieces: HashMap<String, Entries>,
}

impl Reader {
    pub(super) fn state(
        &mut self,
        state: &State,
        text: &mut dyn FnMut(usize) -> Option<String>,
    ) -> Snapshot {
        let mut snapshot = Snapshot::new();
        for (path, blob) in state {
            if !self.blobs.contains_key(blob) {
                let entries = text(*blob).and_then(|text| self.file(path, &text));
                self.blobs.insert(*blob, entries);
            }
            snapshot.add(self.blobs.get(blob).and_then(Option::as_ref));
        }
        snapshot.sorted()
    }

    /// The register as it stands now.
    pub(super) fn now(&mut self, sources: &[Source<'_>]) -> Snapshot {
        let mut snapshot = Snapshot::new();
        for source in sources {
            snapshot.add(self.file(&source.path, source.text).as_ref());
        }
        snapshot.sorted()
    }

    fn file(&mut self, path: &Arc<str>, text: &str) -> Entries {
        if !path.ends_with(".toml") {
            return whole(path, text);
        }
        let mut entries = Vec::new();
        for (n, piece) in pieces(text).into_iter().enumerate() {
            if !self.pieces.contains_key(piece) {
                // The frame stands before the first entry.
                let framed = if n == 0 {
                    whole(path, piece)
                } else {
                    whole(path, &format!("version = 1\n{piece}"))
                };
                self.pieces.insert(piece.to_owned(), framed);
            }
            match self.pieces.get(piece).and_then(Option::as_ref) {
                Some(read) => entries.extend(read.iter().map(Arc::clone)),
                // A text of several lines may hold what looks like a header.
                None => return whole(path, text),
            }
        }
        Some(entries.into())
    }
}

impl Snapshot {
    const fn new() -> Self {
        Self {
            entries: Vec::new(),
            whole: true,
        }
    }

    /// The entry of an id.
    pub(super) fn get(&self, id: &str) -> Option<&Arc<Entry>> {
        let found = self
            .entries
            .binary_search_by(|entry| entry.id.value.as_str().cmp(id));
        self.entries.get(found.ok()?)
    }

    fn add(&mut self, entries: Option<&Arc<[Arc<Entry>]>>) {
        let Some(entries) = entries else {
            self.whole = false;
            return;
        };
        self.entries.extend(entries.iter().map(Arc::clone));
    }

    /// Of two entries with the same id the first counts.
    fn sorted(mut self) -> Self {
        self.entries.sort_by(|a, b| a.id.value.cmp(&b.id.value));
        self.entries.dedup_by(|a, b| a.id.value == b.id.value);
        self
    }
}

fn whole(path: &Arc<str>, text: &str) -> Entries {
    let path = Arc::clone(path);
    let register = read(&[Source { path, text }]).ok()?;
    Some(register.entries.into())
}

/// A file cut before every line that is an entry's header.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if line.trim() == "[[exception]]" {
            pieces.extend(text.get(start..at));
            start = at;
        }
        at += line.len();
    }
    pieces.extend(text.get(start..));
    pieces
}
