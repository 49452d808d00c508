//! A document: a file's bytes with its kinds, its lines and, when a rule asks for it,
//! its tree. Nothing here does IO or can fail: what can't be parsed has no tree.

pub mod format;
pub mod lines;
pub mod neighbours;
pub mod node;
pub mod parsed;

pub(crate) mod codeowners;
mod dotenv;
mod hcl;
mod hcl_scan;
mod ini;
mod json;
mod limits;
mod properties;
mod recognise;
#[cfg(test)]
mod render;
mod template;
mod toml;
mod xml;
mod yaml;
mod yaml_scalar;
mod yaml_tree;

use std::any::Any;
use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeSet;

pub use format::Format;
pub use lines::{Lines, Region};
pub use neighbours::Neighbours;
pub use node::{Member, Node, Span, Value};
pub use parsed::{Fault, Parsed, Tier};
pub use recognise::Context;

use crate::kind::{Kind, Kinds};

/// A file being searched.
pub struct Document<'a> {
    path: &'a str,
    bytes: &'a [u8],
    place: recognise::Place,
    kinds: OnceCell<Kinds>,
    lines: OnceCell<Lines>,
    tree: OnceCell<Tree>,
    asked: Cell<bool>,
    notes: RefCell<BTreeSet<Cow<'static, str>>>,
    kept: [OnceCell<Box<dyn Any>>; 8],
    neighbours: Option<&'a Neighbours>,
}

/// The tree of a document.
pub struct Tree {
    /// The list of the file's documents: what `$` is in a query.
    pub root: Node,
    /// Comments with their markers.
    pub comments: Vec<Span>,
    /// How the tree came about.
    pub tier: Tier,
    /// What could not be read.
    pub faults: Vec<Fault>,
}

impl<'a> Document<'a> {
    /// A document at `path` (relative to the project's root, with `/`) that holds
    /// `bytes`, which are UTF-8 or nearly so.
    pub fn new(path: &'a str, bytes: &'a [u8]) -> Self {
        Self {
            path,
            bytes,
            place: recognise::by_path(path),
            kinds: OnceCell::new(),
            lines: OnceCell::new(),
            tree: OnceCell::new(),
            asked: Cell::new(false),
            notes: RefCell::default(),
            kept: Default::default(),
            neighbours: None,
        }
    }

    /// The document among files that it may refer to. `kinds` are those that its
    /// referrers tell of it, beside those of its path.
    #[must_use]
    pub fn among(mut self, neighbours: &'a Neighbours, kinds: Kinds) -> Self {
        self.neighbours = Some(neighbours);
        self.place.kinds = self.place.kinds.union(kinds);
        self
    }

    /// The files that it may refer to.
    pub(crate) const fn neighbours(&self) -> Option<&'a Neighbours> {
        self.neighbours
    }

    /// The path relative to the project's root, with `/` between its parts.
    pub const fn path(&self) -> &'a str {
        self.path
    }

    /// The bytes.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Where the lines begin.
    pub fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::new(self.bytes))
    }

    /// What the path says of the file's role: a test, an example, documentation.
    pub fn context(&self) -> Context {
        self.place.context
    }

    /// The kinds that the path alone tells.
    pub fn kinds_by_path(&self) -> Kinds {
        self.place.kinds
    }

    /// All kinds, those by shape too; parses the file when its bytes allow one.
    pub fn kinds(&self) -> Kinds {
        *self.kinds.get_or_init(|| {
            let mut kinds = self.place.kinds;
            if self.place.format.is_some() && recognise::may_have_shape(self.bytes) {
                kinds = kinds.union(recognise::by_shape(&self.tree().root));
            }
            if kinds.is_empty() && recognise::is_shell(self.bytes) {
                kinds = kinds.with(Kind::Shell);
            }
            kinds
        })
    }

    /// Whether the file is of this kind.
    pub fn is(&self, kind: Kind) -> bool {
        self.kinds().has(kind)
    }

    /// The format, when the path tells one.
    pub fn format(&self) -> Option<Format> {
        self.place.format
    }

    /// Whether the file is no text: a NUL stands near its start.
    pub fn is_binary(&self) -> bool {
        is_binary(self.bytes)
    }

    /// Remembers that a limit kept something of the file from being read. The words
    /// follow the file's name in a message and quote nothing of it.
    pub(crate) fn note(&self, what: impl Into<Cow<'static, str>>) {
        self.notes.borrow_mut().insert(what.into());
    }

    /// What detection reads of the document once and wants kept, whoever asks next. There
    /// is room for eight things of different types: `None` if others are there.
    pub(crate) fn kept<T: Any>(&self, read: impl FnOnce() -> T) -> Option<&T> {
        let mut known = self.kept.iter().map_while(OnceCell::get);
        if let Some(kept) = known.find_map(|kept| kept.downcast_ref()) {
            return Some(kept);
        }
        // Reading may keep other things on its way: only then is a slot taken.
        let mut read: Box<dyn Any> = Box::new(read());
        for slot in &self.kept {
            match slot.set(read) {
                Ok(()) => return slot.get()?.downcast_ref(),
                Err(back) => read = back,
            }
        }
        None
    }

    /// The limits that were met, sorted.
    pub fn notes(&self) -> Vec<String> {
        let notes = self.notes.borrow();
        notes.iter().map(|note| note.clone().into_owned()).collect()
    }

    /// The tree, if a rule asked for it, so that what could not be read of it matters.
    pub fn asked_tree(&self) -> Option<&Tree> {
        self.tree.get().filter(|_| self.asked.get())
    }

    /// How the tree came about; lexical when there is none.
    pub fn tier(&self) -> Tier {
        self.tree.get().map_or(Tier::Lexical, |tree| tree.tier)
    }

    /// The tree, to find something in; empty when the format is unknown or the file
    /// can't be parsed.
    pub fn tree(&self) -> &Tree {
        self.asked.set(true);
        self.outline()
    }

    /// The tree, to name what was found otherwise. A file that can't be parsed for this
    /// is no problem: nothing is missed, an anchor is only less telling.
    pub fn outline(&self) -> &Tree {
        self.tree
            .get_or_init(|| Tree::read(self.place.format, self.bytes))
    }
}

impl Tree {
    /// Parses a file; without a format there is no tree.
    pub(crate) fn read(format: Option<Format>, bytes: &[u8]) -> Self {
        let parsed = match format {
            Some(format) if !is_binary(bytes) => format::parse(format, &text(bytes)),
            _ => Parsed {
                tier: Tier::Lexical,
                ..Parsed::strict(Vec::new(), Vec::new())
            },
        };
        let whole = Span::new(0, bytes.len());
        Self {
            root: Node::new(whole, Value::Array(parsed.documents)),
            comments: parsed.comments,
            tier: parsed.tier,
            faults: parsed.faults,
        }
    }
}

/// Whether a NUL stands near the start.
fn is_binary(bytes: &[u8]) -> bool {
    let head = bytes.get(..8192).unwrap_or(bytes);
    memchr::memchr(0, head).is_some()
}

/// The text. A byte that isn't UTF-8 becomes `?`, so that every offset stays true.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    Cow::Owned(text)
}
