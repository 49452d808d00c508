//! Reading a tree while keeping count of where each value is used and where it is
//! written: the two differ below an alias, and for what another file brings.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use super::{Script, Setting, Text};
use crate::detect::hit::Spot;
use crate::detect::shell;
use crate::detect::shell::{Command, Shell};
use crate::document::neighbours::Neighbour;
use crate::document::{Document, Member, Neighbours, Node, Span, Tree};
use crate::kind::Kinds;

/// A script as written, and its commands.
type Read = (Arc<str>, Arc<[Command]>);

/// A file that is read into a model.
pub(crate) struct File<'f> {
    path: &'f str,
    bytes: &'f [u8],
    kinds: Kinds,
    tree: &'f Tree,
    neighbours: Option<&'f Neighbours>,
    /// The document, where the file is one: rules on commands read its scripts too.
    document: Option<&'f Document<'f>>,
    /// Commands by where their text is written, so that a script that a thousand jobs
    /// share is read once.
    scripts: RefCell<HashMap<(usize, usize), Read>>,
    /// Bytes of scripts that may still be read.
    left: Cell<usize>,
    /// Bytes that may still be copied from one place of the file to many.
    copies: Cell<usize>,
    notes: RefCell<Vec<Cow<'static, str>>>,
}

impl<'f> File<'f> {
    /// The document itself.
    pub(super) fn of(document: &'f Document<'_>) -> Self {
        let file = Self::new(
            document.path(),
            document.bytes(),
            document.kinds(),
            document.tree(),
            document.neighbours(),
        );
        Self {
            document: Some(document),
            ..file
        }
    }

    /// A neighbour.
    pub(super) fn of_neighbour(file: &'f Neighbour) -> Self {
        Self::new(file.path(), file.bytes(), file.kinds(), file.tree(), None)
    }

    /// A text within a file, that has a tree of its own.
    pub(super) fn within(path: &'f str, bytes: &'f [u8], tree: &'f Tree) -> Self {
        Self::new(path, bytes, Kinds::NONE, tree, None)
    }

    fn new(
        path: &'f str,
        bytes: &'f [u8],
        kinds: Kinds,
        tree: &'f Tree,
        neighbours: Option<&'f Neighbours>,
    ) -> Self {
        Self {
            path,
            bytes,
            kinds,
            tree,
            neighbours,
            document: None,
            scripts: RefCell::default(),
            left: Cell::new(bytes.len().saturating_mul(8).saturating_add(1 << 20)),
            copies: Cell::new(bytes.len().saturating_mul(8).saturating_add(4 << 20)),
            notes: RefCell::default(),
        }
    }

    pub(crate) const fn path(&self) -> &'f str {
        self.path
    }

    /// The file's own bytes.
    pub(crate) const fn bytes(&self) -> &'f [u8] {
        self.bytes
    }

    pub(super) const fn kinds(&self) -> Kinds {
        self.kinds
    }

    /// What the file may refer to.
    pub(super) const fn neighbours(&self) -> Option<&'f Neighbours> {
        self.neighbours
    }

    /// The file's name without folders.
    pub(super) fn name(&self) -> &'f str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// The roots of the file's documents.
    pub(super) fn roots(&'f self) -> impl Iterator<Item = Cursor<'f>> {
        let items = self.tree.root.items();
        items.iter().map(|node| Cursor {
            node,
            file: self,
            there: None,
            used: None,
        })
    }

    /// The roots of another file, whose values are used at `used` of this one.
    pub(super) fn roots_of(
        &'f self,
        other: &'f Neighbour,
        used: Span,
    ) -> impl Iterator<Item = Cursor<'f>> {
        let items = other.tree().root.items();
        items.iter().map(move |node| Cursor {
            node,
            file: self,
            there: Some(other),
            used: Some(used),
        })
    }

    /// Says that something was not read.
    pub(super) fn note(&self, what: impl Into<Cow<'static, str>>) {
        let mut notes = self.notes.borrow_mut();
        let what = what.into();
        if notes.len() < 8 && !notes.contains(&what) {
            notes.push(what);
        }
    }

    /// Pays for what one place of the file gives to many: a command that a thousand jobs
    /// use. `false`, and a note, once that is too much.
    pub(super) fn spend(&self, bytes: usize) -> bool {
        let left = self.copies.get().checked_sub(bytes);
        match left {
            Some(left) => self.copies.set(left),
            None => self.note("expands to more than is read: rules on pipelines did not see all"),
        }
        left.is_some()
    }

    pub(super) fn notes(&self) -> Vec<Cow<'static, str>> {
        self.notes.take()
    }

    fn commands(&self, bytes: &[u8], node: &Node, how: Shell) -> Read {
        let key = (bytes.as_ptr() as usize, node.span.start);
        if let Some((text, commands)) = self.scripts.borrow().get(&key) {
            return (Arc::clone(text), Arc::clone(commands));
        }
        let Some(left) = self.left.get().checked_sub(node.span.len()) else {
            self.note(MORE_SCRIPTS);
            return (Arc::from(""), Arc::from([]));
        };
        self.left.set(left);
        let text: Arc<str> = joined(node).into();
        let own = self.document.filter(|own| std::ptr::eq(own.bytes(), bytes));
        let commands = match own {
            Some(document) => shell::script_of(document, node, how),
            None => shell::script(bytes, node, how).into(),
        };
        let pair = (Arc::clone(&text), Arc::clone(&commands));
        self.scripts.borrow_mut().insert(key, pair);
        (text, commands)
    }
}

const MORE_SCRIPTS: &str = "has more scripts than are read: rules on its commands did not see all";

/// The last part of an image's name, without its tag: what its program is called as a rule.
fn tool(bytes: &[u8], image: Span) -> Option<Span> {
    let name = image.of(bytes);
    let name = name.split(|b| *b == b'@').next()?;
    let start = name.iter().rposition(|b| matches!(b, b'/' | b'"' | b'\''));
    let start = match start {
        Some(at) if at + 1 < name.len() => at + 1,
        // The quote at the end: look before it.
        Some(at) => name
            .get(..at)?
            .iter()
            .rposition(|b| matches!(b, b'/' | b'"' | b'\''))
            .map_or(0, |at| at + 1),
        None => 0,
    };
    let word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let length = name.get(start..)?.iter().take_while(|b| word(b)).count();
    let start = image.start + start;
    (length > 0).then(|| Span::new(start, start + length))
}

/// A string, or the lines of a list.
fn joined(node: &Node) -> String {
    let mut out = String::new();
    gather(node, &mut out);
    out
}

fn gather(node: &Node, out: &mut String) {
    if let Some(text) = node.text() {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(text);
    }
    for item in node.items() {
        gather(item, out);
    }
}

/// A node on the way through a tree.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'f> {
    node: &'f Node,
    file: &'f File<'f>,
    /// The other file that the node is of.
    there: Option<&'f Neighbour>,
    /// Where it is used, once the way led through an alias or into another file.
    used: Option<Span>,
}

impl<'f> Cursor<'f> {
    pub(super) const fn node(&self) -> &'f Node {
        self.node
    }

    pub(super) const fn file(&self) -> &'f File<'f> {
        self.file
    }

    fn down(&self, node: &'f Node) -> Self {
        let alias = node.alias.as_deref().copied();
        Self {
            node,
            used: self.used.or(alias),
            ..*self
        }
    }

    /// The same node, used at `span`: what `extends` brings.
    pub(super) fn used_at(self, span: Span) -> Self {
        Self {
            used: self.used.or(Some(span)),
            ..self
        }
    }

    /// The same node, used at `span` wherever it was used before: what is looked up by
    /// its name.
    pub(super) const fn moved_to(self, span: Span) -> Self {
        Self {
            used: Some(span),
            ..self
        }
    }

    /// Where it is used.
    pub(super) fn span(&self) -> Span {
        self.used.unwrap_or(self.node.span)
    }

    /// Where it is written, if that is elsewhere.
    pub(super) fn defined(&self) -> Option<Spot> {
        self.written(self.node.span)
    }

    fn written(&self, span: Span) -> Option<Spot> {
        self.used?;
        Some(match self.there {
            Some(other) => Spot::there(other, span),
            None => Spot::Here(span),
        })
    }

    /// The value of the member called `key`.
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        self.node.get(key).map(|node| self.down(node))
    }

    /// The member called `key`.
    pub(super) fn member(&self, key: &str) -> Option<Entry<'f>> {
        self.node.member(key).map(|member| self.entry(member))
    }

    /// The value reached by following `keys`.
    pub(super) fn at(&self, keys: &[&str]) -> Option<Self> {
        keys.iter().try_fold(*self, |cursor, key| cursor.get(key))
    }

    /// The members of a mapping.
    pub(super) fn members(&self) -> impl Iterator<Item = Entry<'f>> + use<'f> {
        let here = *self;
        let members = self.node.members().iter();
        members.map(move |member| here.entry(member))
    }

    fn entry(&self, member: &'f Member) -> Entry<'f> {
        let value = self.down(&member.value);
        // A member that a merge key brought is used where that stands; one whose value
        // is an alias has its own key here.
        let brought = self.used.or_else(|| {
            let alias = member.value.alias.as_deref().copied()?;
            (alias.start < member.key_span.start || alias.start > self.end_of(member))
                .then_some(alias)
        });
        Entry {
            key: &member.key,
            at: brought.unwrap_or(member.key_span),
            value,
        }
    }

    /// How far from its key an alias may stand to be the key's own value.
    fn end_of(&self, member: &Member) -> usize {
        let bytes = self.there.map_or(self.file.bytes, Neighbour::bytes);
        let rest = bytes.get(member.key_span.end..).unwrap_or_default();
        let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        member.key_span.end + line
    }

    /// The items of a list.
    pub(super) fn items(&self) -> impl Iterator<Item = Self> + use<'f> {
        let here = *self;
        self.node.items().iter().map(move |node| here.down(node))
    }

    /// The items of a list, or the single value.
    pub(super) fn one_or_many(&self) -> impl Iterator<Item = Self> + use<'f> {
        let here = *self;
        let nodes = self.node.one_or_many().iter();
        nodes.map(move |node| here.down(node))
    }

    /// The text of a string.
    pub(super) fn str(&self) -> Option<&'f str> {
        self.node.text()
    }

    pub(super) fn truth(&self) -> Option<bool> {
        self.node.truth()
    }

    /// A scalar as text, with its place.
    pub(super) fn text(&self) -> Option<Text> {
        let text = self.node.scalar()?.into_owned();
        Some(Text {
            text,
            span: self.span(),
            defined: self.defined(),
        })
    }

    /// The text of a string or of each item of a list.
    pub(super) fn texts(&self) -> Vec<Text> {
        self.one_or_many().filter_map(|item| item.text()).collect()
    }

    /// The ids in a string or a list of them.
    pub(super) fn ids(&self) -> Vec<String> {
        let ids = self.one_or_many();
        ids.filter_map(|item| item.str().map(str::to_owned))
            .collect()
    }

    /// A mapping of names to scalars. A value that isn't one is an empty text.
    pub(super) fn settings(&self) -> Vec<Setting> {
        self.members().map(|entry| entry.setting()).collect()
    }

    /// A text of the reader's own words that stands here.
    pub(super) fn said(&self, text: String) -> Text {
        Text {
            text,
            span: self.span(),
            defined: self.defined(),
        }
    }

    /// The command that a container is started with: the words in these values, of which
    /// this is one. Without a program among them it is what the image is called after,
    /// whose name is `image`.
    pub(super) fn program(&self, words: &[Self], image: Option<Self>) -> Script {
        let bytes = self.there.map_or(self.file.bytes, Neighbour::bytes);
        let nodes: Vec<&Node> = words.iter().flat_map(|w| w.node.one_or_many()).collect();
        let length = nodes.iter().map(|node| node.span.len()).sum();
        let Some(left) = self.file.left.get().checked_sub(length) else {
            self.file.note(MORE_SCRIPTS);
            return Script::default();
        };
        self.file.left.set(left);
        let name = image.and_then(|image| tool(bytes, image.node.span));
        let mut text = String::from_utf8_lossy(name.unwrap_or_default().of(bytes)).into_owned();
        for node in &nodes {
            text.push(' ');
            text.push_str(node.text().unwrap_or_default());
        }
        Script {
            text: text.into(),
            commands: shell::program(bytes, name, &nodes).into(),
            used: self.used,
            span: self.node.span,
        }
    }

    /// The shell text that it is: a string or a list of them.
    pub(super) fn script(&self) -> Script {
        self.script_by(Shell::STRICT)
    }

    /// The text that it is, run by this shell.
    pub(super) fn script_by(&self, how: Shell) -> Script {
        let bytes = self.there.map_or(self.file.bytes, Neighbour::bytes);
        let (text, commands) = self.file.commands(bytes, self.node, how);
        Script {
            text,
            commands,
            used: self.used,
            span: self.node.span,
        }
    }

    /// One script of `items` from several lists, as far as they are of one place; how
    /// many are.
    pub(super) fn joint_script(items: &[Self]) -> Option<(Script, usize)> {
        let first = items.first()?;
        let file = |cursor: &Self| cursor.there.map(std::ptr::from_ref);
        let alike = |other: &&Self| other.used == first.used && file(other) == file(first);
        let count = items.iter().take_while(alike).count();
        if count == 1 {
            return Some((first.script(), 1));
        }
        let mut script = first.script();
        let mut text = script.text.to_string();
        let mut commands = script.commands.to_vec();
        for item in items.iter().take(count).skip(1) {
            let more = item.script();
            text.push('\n');
            text.push_str(&more.text);
            commands.extend_from_slice(&more.commands);
            script.span = Span::new(script.span.start, more.span.end);
        }
        script.text = text.into();
        script.commands = commands.into();
        Some((script, count))
    }
}

/// A member of a mapping.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'f> {
    pub(super) key: &'f str,
    /// Where the key is used.
    pub(super) at: Span,
    pub(super) value: Cursor<'f>,
}

impl Entry<'_> {
    pub(super) fn setting(&self) -> Setting {
        Setting {
            name: self.key.to_owned(),
            at: self.at,
            value: self.value.text().unwrap_or_else(|| Text {
                text: String::new(),
                span: self.value.span(),
                defined: self.value.defined(),
            }),
        }
    }

    /// Where key and value stand together; only the key if the value is elsewhere.
    pub(super) fn whole(&self) -> Span {
        let value = self.value.span();
        let end = if value.start >= self.at.start {
            value.end
        } else {
            self.at.end
        };
        Span::new(self.at.start, end.max(self.at.end))
    }
}
