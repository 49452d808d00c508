//! The commands of a document, read once, whoever asks: rules on commands and the model
//! of a pipeline read the same scripts.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::pieces::{self, Shell};
use super::{Command, NOT_ALL};
use crate::document::{Document, Node};

/// The commands of a whole document, script by script.
pub(crate) struct Commands {
    pub(super) scripts: Vec<Arc<[Command]>>,
}

impl Commands {
    /// The commands in the order of the document.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Command> {
        self.scripts.iter().flat_map(|script| script.iter())
    }
}

/// What a script is, by the bytes from where to where its node stands and how it is run.
type Key = (usize, usize, Shell);

/// Scripts of a document that have been read.
#[derive(Default)]
struct Scripts(RefCell<HashMap<Key, Arc<[Command]>>>);

/// The commands of a document's node: a string, or a list of them.
pub(crate) fn script(document: &Document<'_>, node: &Node, shell: Shell) -> Arc<[Command]> {
    let read = || {
        let (commands, cut) = pieces::script_of(document.bytes(), node, shell);
        if cut {
            document.note(NOT_ALL);
        }
        Arc::from(commands)
    };
    let Some(scripts) = document.kept(Scripts::default) else {
        return read();
    };
    let key = (node.span.start, node.span.end, shell);
    if let Some(known) = scripts.0.borrow().get(&key) {
        return Arc::clone(known);
    }
    let commands = read();
    scripts.0.borrow_mut().insert(key, Arc::clone(&commands));
    commands
}
