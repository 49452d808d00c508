//! Trees and blobs.

use std::collections::{HashMap, HashSet};

use gix::ObjectId;
use gix::objs::FindExt as _;
use gix::objs::tree::EntryKind;

use super::{File, Git, GitError, Id, broken};
use crate::source::project::is_register;

/// What an entry of a tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    /// A link or a submodule.
    Other,
}

impl Git {
    /// The root tree of a commit.
    pub(super) fn tree_of(&self, commit: Id) -> Result<ObjectId, GitError> {
        let mut buffer = Vec::new();
        self.repo
            .objects
            .find_commit_iter(&commit.0, &mut buffer)
            .ok()
            .and_then(|mut commit| commit.tree_id().ok())
            .ok_or_else(|| broken(&commit.0))
    }

    /// The project's folder in a root tree, if it is there.
    pub(super) fn project_in(&self, root: ObjectId) -> Result<Option<ObjectId>, GitError> {
        let mut at = root;
        for part in &self.prefix {
            let Some((id, Kind::Folder)) = self.entry(at, part)? else {
                return Ok(None);
            };
            at = id;
        }
        Ok(Some(at))
    }

    /// The entry of that name in a tree.
    pub(super) fn entry(
        &self,
        tree: ObjectId,
        name: &str,
    ) -> Result<Option<(ObjectId, Kind)>, GitError> {
        let mut found = None;
        self.each(tree, |entry, id, kind| {
            if entry == name.as_bytes() {
                found = Some((id, kind));
            }
        })?;
        Ok(found)
    }

    /// Calls `take` with every entry of a tree.
    pub(super) fn each(
        &self,
        tree: ObjectId,
        mut take: impl FnMut(&[u8], ObjectId, Kind),
    ) -> Result<(), GitError> {
        let mut buffer = Vec::new();
        let entries = self.repo.objects.find_tree_iter(&tree, &mut buffer);
        for entry in entries.map_err(|_| broken(&tree))? {
            let entry = entry.map_err(|_| broken(&tree))?;
            let kind = match entry.mode.kind() {
                EntryKind::Blob | EntryKind::BlobExecutable => Kind::File,
                EntryKind::Tree => Kind::Folder,
                EntryKind::Link | EntryKind::Commit => Kind::Other,
            };
            take(entry.filename, entry.oid.to_owned(), kind);
        }
        Ok(())
    }

    /// A blob, unless it is longer than `limit`.
    pub(super) fn blob(&self, id: ObjectId, limit: u64) -> Result<File, GitError> {
        // A blob of a gigabyte is not to be unpacked to learn that it is one.
        let length = self.repo.find_header(id).map_err(|_| broken(&id))?.size();
        if length > limit {
            return Ok(File::TooLong(length));
        }
        let mut buffer = Vec::new();
        let blob = self.repo.objects.find_blob(&id, &mut buffer);
        blob.map(|blob| File::Bytes(blob.data.to_vec()))
            .map_err(|_| broken(&id))
    }
}

/// The most entries of two trees that are compared to find a renamed file.
const COMPARED: usize = 50_000;
/// The most bytes of a file that is compared by its lines.
const LONGEST: u64 = 4 << 20;

impl Git {
    /// Paths from the project's root that a commit no longer has, whose file it has under
    /// another name: as it was, or with most of its lines.
    pub(super) fn renamed(
        &self,
        parent: ObjectId,
        commit: ObjectId,
        born: &[&ObjectId],
    ) -> Result<Vec<String>, GitError> {
        let mut trees = Vec::new();
        for id in [parent, commit] {
            trees.push(self.project_in(self.tree_of(Id(id))?)?);
        }
        let [Some(before), after] = trees.as_slice() else {
            return Ok(Vec::new());
        };
        let mut gone = Vec::new();
        self.gone(*before, *after, "", &mut gone, &mut COMPARED.clone())?;
        let mut names = Vec::new();
        for (path, blob) in gone {
            let same = born.contains(&&blob);
            if same || is_register(&path) && self.alike(blob, born) {
                names.push(path);
            }
        }
        Ok(names)
    }

    /// Files below `before` of which there is none of that name below `after`.
    fn gone(
        &self,
        before: ObjectId,
        after: Option<ObjectId>,
        path: &str,
        gone: &mut Vec<(String, ObjectId)>,
        left: &mut usize,
    ) -> Result<(), GitError> {
        if after == Some(before) {
            return Ok(());
        }
        let mut there = HashMap::new();
        if let Some(after) = after {
            self.each(after, |name, id, kind| {
                there.insert(name.to_vec(), (id, kind));
            })?;
        }
        let mut folders = Vec::new();
        self.each(before, |name, id, kind| {
            *left = left.saturating_sub(1);
            let Ok(text) = std::str::from_utf8(name) else {
                return;
            };
            let path = format!("{path}{text}");
            match (kind, there.get(name)) {
                (Kind::File, None) => gone.push((path, id)),
                (Kind::Folder, Some((after, Kind::Folder))) => {
                    folders.push((format!("{path}/"), id, Some(*after)));
                }
                (Kind::Folder, _) => folders.push((format!("{path}/"), id, None)),
                _ => {}
            }
        })?;
        for (path, before, after) in folders {
            if *left > 0 && path.len() < 4096 {
                self.gone(before, after, &path, gone, left)?;
            }
        }
        Ok(())
    }

    /// Whether a blob has most lines of one of the others.
    fn alike(&self, blob: ObjectId, others: &[&ObjectId]) -> bool {
        let text = |id: ObjectId| self.text(Id(id), LONGEST).ok().flatten();
        let Some(own) = text(blob) else {
            return false;
        };
        let lines: HashSet<_> = own.lines().collect();
        others.iter().any(|other| {
            text(**other).is_some_and(|other| {
                let others: HashSet<_> = other.lines().collect();
                let both = lines.intersection(&others).count();
                both * 2 >= lines.len().max(others.len())
            })
        })
    }
}
