//! Reading a git repository: files as a revision has them, and which revisions changed them.
//!
//! Everything is read in this process, from the object database. No hook, filter, pager or
//! monitor is ever run, nothing is fetched, and of the configuration only the repository's
//! own file counts: a repository is a stranger's, and what it is set to do is not done.
//! `core.worktree` plays no part either: a project lies where its `.git` is.

mod revisions;
mod tree;

use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::bstr::BStr;
use gix::objs::FindExt as _;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::revisions::Commit;

pub use revisions::{Found, Places};

/// Why something can't be read from git, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {mend}")]
pub struct GitError {
    /// What is wrong.
    pub what: String,
    /// What to write or do instead.
    pub mend: String,
}

impl GitError {
    fn new(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            mend: mend.into(),
        }
    }
}

/// A commit, an object of the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(ObjectId);

/// A file of a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum File {
    /// An ordinary one, with its bytes.
    Bytes(Vec<u8>),
    /// It is longer than allowed: so many bytes.
    TooLong(u64),
    /// A link, a submodule or a folder.
    Other,
}

/// The repository that a project lies in.
pub struct Git {
    repo: gix::Repository,
    /// The folders that lead from the repository's root to the project's.
    prefix: Vec<String>,
}

impl Git {
    /// Opens the repository that a folder lies in: the one whose `.git` is nearest, at or
    /// above it. `None` without one.
    ///
    /// # Errors
    ///
    /// Says that there is one which can't be read.
    pub fn around(root: &Path) -> Result<Option<Self>, GitError> {
        let holds = |folder: &&Path| folder.join(".git").symlink_metadata().is_ok();
        let Some(top) = root.ancestors().find(holds) else {
            return Ok(None);
        };
        let inside = root.strip_prefix(top).unwrap_or(Path::new(""));
        let prefix = inside
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        // An empty folder of that name is no repository to anyone.
        if !is_repository(&top.join(".git")) {
            return Ok(None);
        }
        let repo = options().open(top).map_err(|error| {
            GitError::new(
                format!("the git repository can't be read ({})", first_line(&error)),
                "see whether `git status` works there",
            )
        })?;
        let mut repo = repo.to_thread_local();
        repo.object_cache_size(4 << 20);
        Ok(Some(Self { repo, prefix }))
    }

    /// Whether commits are missing at the end, as in a clone with `--depth`.
    pub fn is_shallow(&self) -> bool {
        self.repo.is_shallow().unwrap_or(true)
    }

    /// The commit that the work tree was checked out from; `None` before the first.
    ///
    /// # Errors
    ///
    /// Says that `HEAD` can't be read.
    pub fn head(&self) -> Result<Option<Id>, GitError> {
        let unread = |error: gix::Error| {
            GitError::new(
                format!("HEAD can't be read ({})", first_line(&error)),
                "see whether `git log` works there",
            )
        };
        let mut head = self.repo.head().map_err(unread)?;
        if head.is_unborn() {
            return Ok(None);
        }
        let commit = head.peel_to_commit().map_err(unread)?;
        Ok(Some(Id(commit.id)))
    }

    /// The commit that a revision names: a branch, a tag, an id, `HEAD~3`.
    ///
    /// # Errors
    ///
    /// Says that there is none, and how to get it.
    pub fn commit(&self, revision: &str) -> Result<Id, GitError> {
        let spec: &BStr = revision.into();
        let object = self
            .repo
            .rev_parse_single(spec)
            .and_then(|id| id.object())
            .and_then(gix::Object::peel_to_commit);
        match object {
            Ok(commit) => Ok(Id(commit.id)),
            Err(_) if self.is_shallow() => Err(GitError::new(
                format!("this shallow clone has no revision '{}'", shown(revision)),
                format!(
                    "fetch it first, as in `git fetch --depth=1 origin {}`",
                    shown(revision)
                ),
            )),
            Err(_) => Err(GitError::new(
                format!("the repository has no revision '{}'", shown(revision)),
                "write a branch, a tag or a commit's id, such as origin/main",
            )),
        }
    }

    /// A file as a commit has it, by its path from the project's root; `None` when the
    /// commit has none there.
    ///
    /// # Errors
    ///
    /// Says that an object is missing or broken.
    pub fn file(&self, commit: Id, path: &str, limit: u64) -> Result<Option<File>, GitError> {
        let mut entry = Some((self.tree_of(commit)?, tree::Kind::Folder));
        let parts = self.prefix.iter().map(String::as_str);
        for part in parts.chain(path.split('/')) {
            let Some((id, kind)) = entry else {
                return Ok(None);
            };
            if kind != tree::Kind::Folder {
                return Ok(Some(File::Other));
            }
            entry = self.entry(id, part)?;
        }
        match entry {
            None => Ok(None),
            Some((id, tree::Kind::File)) => self.blob(id, limit).map(Some),
            Some(_) => Ok(Some(File::Other)),
        }
    }

    /// The names in a folder of a commit, by its path from the project's root, sorted.
    ///
    /// # Errors
    ///
    /// Says that an object is missing or broken.
    pub fn names(&self, commit: Id, folder: &str) -> Result<Vec<String>, GitError> {
        let mut at = self.tree_of(commit)?;
        let parts = self.prefix.iter().map(String::as_str);
        for part in parts.chain(folder.split('/')) {
            match self.entry(at, part)? {
                Some((id, tree::Kind::Folder)) => at = id,
                _ => return Ok(Vec::new()),
            }
        }
        let mut names = Vec::new();
        self.each(at, |name, _, _| {
            names.extend(std::str::from_utf8(name).map(str::to_owned));
        })?;
        names.sort();
        Ok(names)
    }

    /// What is to be said of a commit.
    fn about(&self, id: ObjectId) -> Result<Commit, GitError> {
        let mut buffer = Vec::new();
        let commit = self.repo.objects.find_commit(&id, &mut buffer);
        let commit = commit.map_err(|_| broken(&id))?;
        let by = commit.author().map(|a| a.name.to_string());
        let seconds = commit.committer().ok().map_or(0, |c| c.seconds());
        Ok(Commit {
            id: id.to_string(),
            day: day(seconds),
            by: by.unwrap_or_default().trim().to_owned(),
        })
    }
}

/// How a repository is opened: apart from the environment and from every file but its own.
fn options() -> gix::open::Options {
    // Whoever owns the folder, nothing in it is run; so its own file may be read, which
    // says how long its ids are.
    gix::open::Options::isolated()
        .with(gix::sec::Trust::Full)
        .config_overrides(["core.useReplaceRefs=false"])
}

/// Whether `.git` looks like one: a folder with a HEAD, or the file that leads to one.
fn is_repository(path: &Path) -> bool {
    let head: PathBuf = path.join("HEAD");
    path.is_file() || head.symlink_metadata().is_ok()
}

fn broken(id: &ObjectId) -> GitError {
    GitError::new(
        format!("the object {id} is missing or broken"),
        "fetch the whole history, or see what `git fsck` says",
    )
}

/// A day in UTC; the first of the calendar's era when there is none.
fn day(seconds: i64) -> Date {
    let time = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    TimeZone::UTC.to_datetime(time).date()
}

/// A message's first line, without what it may quote of other files.
fn first_line(error: &gix::Error) -> String {
    let text = error.to_string();
    shown(text.lines().next().unwrap_or("no reason is given"))
}

/// What was typed or read, for a message.
fn shown(text: &str) -> String {
    text.chars()
        .take(120)
        .flat_map(char::escape_debug)
        .collect()
}
