//! Which project the given paths belong to: its root, and its register files.

use std::io;
use std::path::{Component, Path, PathBuf};

/// A project and the part of it to be scanned.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder that paths in reports and registers are relative to.
    pub root: PathBuf,
    /// What to walk.
    pub targets: Vec<PathBuf>,
    /// Whether the targets are the whole project.
    pub whole: bool,
}

impl Project {
    /// Finds the project of `paths`. Its root is the nearest folder at or above a path
    /// that holds `.git`, `exceptions.toml` or `.byway`; without one, the folder
    /// itself.
    ///
    /// # Errors
    ///
    /// Says which path does not exist, or that the paths belong to several projects.
    pub fn of(paths: &[PathBuf]) -> Result<Self, String> {
        let mut root: Option<(PathBuf, &Path)> = None;
        let mut targets = Vec::new();
        for path in paths {
            let absolute = absolute(path).map_err(|error| {
                format!(
                    "{}: {error}; write a file or folder that exists",
                    shown(path)
                )
            })?;
            let own = root_of(&absolute);
            match &root {
                None => root = Some((own, path)),
                Some((first, _)) if *first == own => {}
                Some((_, first)) => {
                    return Err(format!(
                        "{} and {} belong to different projects; scan them one at a time",
                        shown(first),
                        shown(path)
                    ));
                }
            }
            targets.push(absolute);
        }
        let Some((root, _)) = root else {
            return Err("no path was given; write `.` for the current folder".to_owned());
        };
        let whole = targets.contains(&root);
        Ok(Self {
            root,
            targets,
            whole,
        })
    }

    /// A path below the root as reports show it.
    pub fn relative(&self, path: &Path) -> String {
        slashed(path.strip_prefix(&self.root).unwrap_or(path))
    }

    /// The project's own register files that exist, sorted.
    ///
    /// # Errors
    ///
    /// Any error of the system's while listing `.byway/exceptions.d`.
    pub fn registers(&self) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for name in ["exceptions.toml", ".byway/exceptions.toml"] {
            let path = self.root.join(name);
            if path.is_file() {
                found.push(path);
            }
        }
        let folder = self.root.join(".byway/exceptions.d");
        if folder.is_dir() {
            let mut more = Vec::new();
            for entry in folder.read_dir()? {
                let path = entry?.path();
                if path.extension().is_some_and(|e| e == "toml") {
                    more.push(path);
                }
            }
            more.sort();
            found.extend(more);
        }
        Ok(found)
    }

    /// The project's own policy, when it has one.
    pub fn policy(&self) -> Option<PathBuf> {
        let path = self.root.join(".byway/policy.toml");
        path.is_file().then_some(path)
    }
}

/// A path for a message.
fn shown(path: &Path) -> String {
    slashed(path)
}

/// A path with `/` between its parts on every system.
pub fn slashed(path: &Path) -> String {
    let mut out = String::new();
    for part in path.components() {
        match part {
            Component::RootDir => out.push('/'),
            Component::CurDir if out.is_empty() => {}
            part => {
                if !out.is_empty() && !out.ends_with('/') {
                    out.push('/');
                }
                out.push_str(&part.as_os_str().to_string_lossy());
            }
        }
    }
    if out.is_empty() { ".".to_owned() } else { out }
}

/// The path from the system's root, without `.` and `..`. Links are followed only in
/// what the user typed, never below it.
fn absolute(path: &Path) -> io::Result<PathBuf> {
    // On Windows a canonical path has a `\\?\` prefix, which std understands.
    path.canonicalize()
}

fn root_of(path: &Path) -> PathBuf {
    let folder = if path.is_dir() {
        path
    } else {
        path.parent().unwrap_or(path)
    };
    folder
        .ancestors()
        .find(|at| {
            at.join(".git").exists()
                || at.join("exceptions.toml").is_file()
                || at.join(".byway").is_dir()
        })
        .unwrap_or(folder)
        .to_owned()
}
