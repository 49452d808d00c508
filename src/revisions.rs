//! What became of a few files from commit to commit, as values: read by
//! [`crate::source::git`], understood by [`crate::register::history`].

use std::sync::Arc;

use jiff::civil::Date;

/// What reports say of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its id in hexadecimal digits.
    pub id: String,
    /// The day it was committed on, in UTC.
    pub day: Date,
    /// The name of its author.
    pub by: String,
}

impl Commit {
    /// The first digits of its id.
    pub fn short(&self) -> &str {
        self.id.get(..9).unwrap_or(&self.id)
    }
}

/// The files as some commits have them: path from the project's root, and which blob,
/// by its number, which is the same for the same content. Sorted by path.
pub type State = Vec<(Arc<str>, usize)>;

/// A commit that has the files otherwise than one of its parents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The commit.
    pub commit: Commit,
    /// Its parents' files, by their number in [`Revisions::states`]. None for a commit
    /// without parents.
    pub before: Vec<usize>,
    /// Its own.
    pub after: usize,
}

/// All that became of a few files.
#[derive(Debug, Clone, Default)]
pub struct Revisions {
    /// The different states that the files were in.
    pub states: Vec<State>,
    /// What led from one to another, oldest first.
    pub changes: Vec<Change>,
    /// The state at the commit where the walk began.
    pub now: usize,
    /// Whether older commits exist but aren't in this clone.
    pub cut: bool,
}
