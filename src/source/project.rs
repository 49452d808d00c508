//! Which project the given paths belong to: its root, and its register files.

use std::io;
use std::path::{Component, Path, PathBuf};

/// Where a project's own registers lie, from its root.
pub const REGISTERS: &[&str] = &[
    "exceptions.toml",
    "exceptions.yaml",
    "exceptions.yml",
    ".byway/exceptions.toml",
    ".byway/exceptions.yaml",
    ".byway/exceptions.yml",
];
/// The folder of which every file is a register.
pub const REGISTER_FOLDER: &str = ".byway/exceptions.d";
/// The extensions of those: the languages that a register may be written in.
pub const REGISTER_EXTENSIONS: &[&str] = &["toml", "yaml", "yml"];
/// Where its own policy lies.
pub const POLICY: &str = ".byway/policy.toml";

/// Whether a file is called as a register in the folder of registers is.
pub fn is_register(name: &str) -> bool {
    let extension = Path::new(name).extension();
    extension.is_some_and(|e| REGISTER_EXTENSIONS.iter().any(|known| e == *known))
}

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
    /// that holds `.git`, a register `exceptions.…` or `.byway`; without one, the
    /// folder itself.
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
        // A target inside another would be walked twice.
        targets.sort();
        targets.dedup_by(|inner, outer| inner.starts_with(&*outer));
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
    /// Says which of them is no ordinary file or can't be listed.
    pub fn registers(&self) -> Result<Vec<PathBuf>, String> {
        let mut found = Vec::new();
        for name in REGISTERS {
            found.extend(self.own(name, Own::File)?);
        }
        let Some(folder) = self.own(REGISTER_FOLDER, Own::Folder)? else {
            return Ok(found);
        };
        let listed = |error: io::Error| format!("{REGISTER_FOLDER} can't be listed: {error}");
        let mut names = Vec::new();
        for entry in folder.read_dir().map_err(listed)? {
            let name = entry.map_err(listed)?.file_name();
            let name = name.to_string_lossy();
            if is_register(&name) {
                names.push(format!("{REGISTER_FOLDER}/{name}"));
            }
        }
        names.sort();
        for name in names {
            found.extend(self.own(&name, Own::File)?);
        }
        Ok(found)
    }

    /// The project's own policy, when it has one.
    ///
    /// # Errors
    ///
    /// Says that it is no ordinary file.
    pub fn policy(&self) -> Result<Option<PathBuf>, String> {
        self.own(POLICY, Own::File)
    }

    /// The project's lock of bound findings, when it has one.
    ///
    /// # Errors
    ///
    /// Says that it is no ordinary file.
    pub fn lock(&self) -> Result<Option<PathBuf>, String> {
        self.own(".byway/exceptions.lock", Own::File)
    }

    /// A file or folder of byway's own in the project. A link is refused, at the end or
    /// on the way: what it leads to is not the project's to decide.
    fn own(&self, name: &str, wanted: Own) -> Result<Option<PathBuf>, String> {
        let mut path = self.root.clone();
        for part in Path::new(name).components() {
            path.push(part);
            let Ok(found) = path.symlink_metadata() else {
                return Ok(None);
            };
            let last = path == self.root.join(name);
            let fits = match wanted {
                Own::File if last => found.is_file(),
                _ => found.is_dir(),
            };
            if !fits {
                let what = if last && matches!(wanted, Own::File) {
                    "an ordinary file"
                } else {
                    "an ordinary folder"
                };
                return Err(format!(
                    "{}: it is a link or something else; make it {what}",
                    self.relative(&path)
                ));
            }
        }
        Ok(Some(path))
    }
}

/// What a file of byway's own has to be.
#[derive(Clone, Copy)]
enum Own {
    File,
    Folder,
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
            let there = |name: &str| at.join(name).symlink_metadata().is_ok();
            let register = |extension| there(&format!("exceptions.{extension}"));
            there(".git") || there(".byway") || REGISTER_EXTENSIONS.iter().any(register)
        })
        .unwrap_or(folder)
        .to_owned()
}
