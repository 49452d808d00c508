//! Which commits changed a few files, over the whole graph of commits.
//!
//! `git log` follows one parent where a merge took a file from it unchanged, and so leaves
//! out what the other side says: a merge could talk a history away. Here every commit that
//! can be reached is looked at. What makes that cheap is that only the ids of tree entries
//! are compared, and that nothing is read below the time when the files came to be.

use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::Arc;

use gix::ObjectId;
use gix::objs::FindExt as _;

use super::tree::Kind;
use super::{File, Git, GitError, Id, broken};
use crate::revisions::{Change, Revisions, State};

/// How long before the files came to be an earlier set of them is looked for.
const BEFORE: i64 = 120 * 24 * 60 * 60;
/// And for how many commits at least, whatever their clocks said.
const AT_LEAST: u32 = 64;
/// How often the walk is begun again because a file had another name before.
const RENAMES: usize = 4;

/// What [`Git::revisions`] found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// All that became of the files.
    pub revisions: Revisions,
    /// The blobs that it numbers.
    pub blobs: Vec<Id>,
}

/// Which files are looked at.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// Paths from the project's root.
    pub files: Vec<String>,
    /// Folders of which every file with one of the extensions counts.
    pub folders: Vec<String>,
    /// Those extensions.
    pub extensions: &'static [&'static str],
}

impl Git {
    /// Everything that became of the files at `places` up to a commit, under other names
    /// too.
    ///
    /// # Errors
    ///
    /// Says that an object is missing or broken.
    pub fn revisions(&self, from: Id, places: &Places) -> Result<Found, GitError> {
        let mut places = places.clone();
        for _ in 0..RENAMES {
            let mut walk = Walk::new(self, &places);
            walk.run(from)?;
            let earlier = walk.earlier_names()?;
            if earlier.is_empty() {
                return walk.finish(from);
            }
            places.files.extend(earlier);
        }
        let mut walk = Walk::new(self, &places);
        walk.run(from)?;
        walk.finish(from)
    }

    /// The text of a blob; `None` when it is too long or no text.
    ///
    /// # Errors
    ///
    /// Says that it is missing or broken.
    pub fn text(&self, blob: Id, limit: u64) -> Result<Option<String>, GitError> {
        Ok(match self.blob(blob.0, limit)? {
            File::Bytes(bytes) => String::from_utf8(bytes).ok(),
            File::TooLong(_) | File::Other => None,
        })
    }
}

/// What is remembered of a commit.
struct Seen {
    id: ObjectId,
    time: i64,
    state: usize,
    parents: Vec<ObjectId>,
}

struct Walk<'g> {
    git: &'g Git,
    places: &'g Places,
    states: Vec<State>,
    /// Numbers of states by the tree of the project, and by what they hold.
    by_tree: HashMap<ObjectId, usize>,
    by_content: HashMap<State, usize>,
    blobs: Vec<ObjectId>,
    by_blob: HashMap<ObjectId, usize>,
    seen: Vec<Seen>,
    by_id: HashMap<ObjectId, usize>,
    cut: bool,
}

impl<'g> Walk<'g> {
    fn new(git: &'g Git, places: &'g Places) -> Self {
        Self {
            git,
            places,
            states: vec![State::new()],
            by_tree: HashMap::new(),
            by_content: HashMap::from([(State::new(), 0)]),
            blobs: Vec::new(),
            by_blob: HashMap::new(),
            seen: Vec::new(),
            by_id: HashMap::new(),
            cut: false,
        }
    }

    /// Looks at every commit, newest first.
    fn run(&mut self, from: Id) -> Result<(), GitError> {
        let mut buffer = Vec::new();
        let mut queue = BinaryHeap::from([(i64::MAX, from.0, 0u32)]);
        let mut queued = HashSet::from([from.0]);
        let mut oldest = i64::MAX;
        while let Some((_, id, empty)) = queue.pop() {
            let Ok(commit) = self.git.repo.objects.find_commit_iter(&id, &mut buffer) else {
                if self.seen.is_empty() {
                    return Err(broken(&id));
                }
                // The end of a shallow clone, or of what a broken one still has.
                self.cut = true;
                continue;
            };
            let (tree, time, parents) = facts(commit).ok_or_else(|| broken(&id))?;
            let state = self.state(tree)?;
            let bare = self.states.get(state).is_none_or(Vec::is_empty);
            let empty = if bare { empty + 1 } else { 0 };
            if !bare {
                oldest = oldest.min(time);
            }
            let known = oldest.saturating_sub(BEFORE);
            if empty < AT_LEAST || time >= known {
                let new = parents.iter().filter(|parent| queued.insert(**parent));
                queue.extend(new.map(|parent| (time, *parent, empty)));
            }
            self.by_id.insert(id, self.seen.len());
            self.seen.push(Seen {
                id,
                time,
                state,
                parents,
            });
        }
        Ok(())
    }

    /// The state of the files in a root tree.
    fn state(&mut self, root: ObjectId) -> Result<usize, GitError> {
        if let Some(state) = self.by_tree.get(&root) {
            return Ok(*state);
        }
        let mut state = State::new();
        if let Some(tree) = self.git.project_in(root)? {
            self.collect(tree, &mut state)?;
        }
        state.sort();
        let known = self.by_content.get(&state).copied();
        let number = known.unwrap_or_else(|| {
            self.states.push(state.clone());
            self.by_content.insert(state, self.states.len() - 1);
            self.states.len() - 1
        });
        self.by_tree.insert(root, number);
        Ok(number)
    }

    /// The files at the places in the project's tree.
    fn collect(&mut self, tree: ObjectId, state: &mut State) -> Result<(), GitError> {
        // One look at the root tells of most commits that they have none.
        let mut top = HashMap::new();
        self.git.each(tree, |name, id, kind| {
            let name = std::str::from_utf8(name).unwrap_or_default();
            if self.places.begins(name) {
                top.insert(name.to_owned(), (id, kind));
            }
        })?;
        for path in &self.places.files {
            if let Some((id, Kind::File)) = self.below(&top, path)? {
                state.push((path.as_str().into(), self.number(id)));
            }
        }
        for folder in &self.places.folders {
            let Some((id, Kind::Folder)) = self.below(&top, folder)? else {
                continue;
            };
            let mut files = Vec::new();
            self.git.each(id, |name, id, kind| {
                let name = std::str::from_utf8(name).unwrap_or_default();
                if kind == Kind::File && self.places.has_extension(name) {
                    files.push((format!("{folder}/{name}").into(), id));
                }
            })?;
            for (path, id) in files {
                state.push((path, self.number(id)));
            }
        }
        state.dedup_by(|a, b| a.0 == b.0);
        Ok(())
    }

    /// What stands at a path, of whose first part `top` tells.
    fn below(
        &self,
        top: &HashMap<String, (ObjectId, Kind)>,
        path: &str,
    ) -> Result<Option<(ObjectId, Kind)>, GitError> {
        let mut parts = path.split('/');
        let mut entry = parts.next().and_then(|first| top.get(first).copied());
        for part in parts {
            entry = match entry {
                Some((id, Kind::Folder)) => self.git.entry(id, part)?,
                _ => None,
            };
        }
        Ok(entry)
    }

    fn number(&mut self, blob: ObjectId) -> usize {
        *self.by_blob.entry(blob).or_insert_with(|| {
            self.blobs.push(blob);
            self.blobs.len() - 1
        })
    }

    /// A commit's parents, as far as they were seen.
    fn before<'w>(&'w self, seen: &'w Seen) -> impl Iterator<Item = &'w Seen> + 'w {
        let numbers = seen.parents.iter().filter_map(|id| self.by_id.get(id));
        numbers.filter_map(|number| self.seen.get(*number))
    }

    /// Names that files had before a commit gave them one of the known names.
    fn earlier_names(&self) -> Result<Vec<String>, GitError> {
        let mut names = Vec::new();
        for seen in &self.seen {
            for parent in self.before(seen) {
                if parent.state == seen.state {
                    continue;
                }
                let (before, after) = (self.at(parent.state), self.at(seen.state));
                let moved = |blob: &usize| before.iter().any(|(_, old)| old == blob);
                let lost = before.iter().any(|(path, _)| !has(after, path));
                let born = after
                    .iter()
                    .filter(|(path, blob)| !has(before, path) && !moved(blob) && !lost);
                let born: Vec<_> = born.filter_map(|(_, blob)| self.blobs.get(*blob)).collect();
                if !born.is_empty() {
                    names.extend(self.git.renamed(parent.id, seen.id, &born)?);
                }
            }
        }
        names.sort();
        names.dedup();
        names.retain(|name| !self.places.files.contains(name));
        Ok(names)
    }

    fn at(&self, state: usize) -> &[(Arc<str>, usize)] {
        self.states.get(state).map_or(&[], Vec::as_slice)
    }

    /// What is told of the walk.
    fn finish(self, from: Id) -> Result<Found, GitError> {
        let mut steps: Vec<(usize, &Seen, Vec<usize>)> = Vec::new();
        for (number, seen) in self.seen.iter().enumerate() {
            let before: Vec<_> = self.before(seen).map(|parent| parent.state).collect();
            let known = before.len() == seen.parents.len();
            let same = before.iter().all(|state| *state == seen.state);
            let first = before.is_empty() && seen.state != 0;
            // Behind the end of a shallow clone anything may have been.
            if known && (!same || first) {
                steps.push((number, seen, before));
            }
        }
        steps.sort_by_key(|(number, seen, _)| (seen.time, std::cmp::Reverse(*number)));
        let mut changes = Vec::with_capacity(steps.len());
        for (_, seen, before) in steps {
            changes.push(Change {
                commit: self.git.about(seen.id)?,
                before,
                after: seen.state,
            });
        }
        let now = self.by_id.get(&from.0).and_then(|n| self.seen.get(*n));
        Ok(Found {
            revisions: Revisions {
                now: now.map_or(0, |seen| seen.state),
                changes,
                states: self.states,
                cut: self.cut,
            },
            blobs: self.blobs.into_iter().map(Id).collect(),
        })
    }
}

impl Places {
    /// Whether an entry of the root may lead to one of the files.
    fn begins(&self, name: &str) -> bool {
        let mut paths = self.files.iter().chain(&self.folders);
        paths.any(|path| path.split('/').next() == Some(name))
    }

    fn has_extension(&self, name: &str) -> bool {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension);
        extension.is_some_and(|e| self.extensions.contains(&e))
    }
}

fn has(state: &[(Arc<str>, usize)], path: &str) -> bool {
    state.iter().any(|(known, _)| **known == *path)
}

/// A commit's tree, time and parents.
fn facts(mut commit: gix::objs::CommitRefIter<'_>) -> Option<(ObjectId, i64, Vec<ObjectId>)> {
    let tree = commit.tree_id().ok()?;
    let parents = commit.parent_ids().collect();
    let time = commit
        .committer()
        .map_or(0, |committer| committer.seconds());
    Some((tree, time, parents))
}
