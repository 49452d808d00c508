//! Where reports go: standard output, or files that appear whole or not at all.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, bail};

use byway::report::Format;
use byway::source;

/// A value of `--output`.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The format, when it was written in front.
    pub(crate) format: Option<Format>,
    /// The file; `-` is standard output.
    pub(crate) path: PathBuf,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = match text.split_once('=') {
            Some((name, path)) if !name.contains(['/', '\\', '.']) => {
                let format = name.parse().map_err(|names| format!("{name}: {names}"))?;
                (Some(format), path)
            }
            _ => (None, text),
        };
        if path.is_empty() {
            return Err("write a file's name, or `-` for standard output".to_owned());
        }
        Ok(Self {
            format,
            path: path.into(),
        })
    }
}

/// Finds mistakes in the targets before a long scan is done for nothing.
pub(crate) fn check(targets: &[Target]) -> Result<()> {
    for (n, target) in targets.iter().enumerate() {
        let path = &target.path;
        if targets.iter().skip(n + 1).any(|other| other.path == *path) {
            bail!(
                "--output {}: two reports go to the same file; name another",
                path.display()
            );
        }
        if !folder_of(path).is_dir() {
            bail!(
                "--output {}: its folder does not exist; make it first",
                path.display()
            );
        }
        if path.is_dir() {
            bail!("--output {}: this is a folder; name a file", path.display());
        }
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Writes `bytes` to standard output. A reader that has gone away is no error.
pub(crate) fn stdout(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("standard output could not be written")
        }
        _ => Ok(()),
    }
}

/// Writes `bytes` to standard error. That nobody reads it is no reason to end.
pub(crate) fn stderr(bytes: &[u8]) {
    // A warning that can't be shown can't be told of, either.
    let _ = io::stderr().lock().write_all(bytes);
}

/// Writes `bytes` to a file that appears whole or not at all.
pub(crate) fn file(path: &Path, bytes: &[u8]) -> Result<()> {
    if path == Path::new("-") {
        return stdout(bytes);
    }
    write(path, bytes).with_context(|| format!("{} could not be written", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays and its target is replaced. What the system provides (`/dev/stdout`,
    // a process substitution) or is no ordinary file can't be replaced, only written.
    let provided = path.starts_with("/dev") || path.starts_with("/proc");
    if provided || (path.exists() && !path.is_file()) {
        return File::options().write(true).open(path)?.write_all(bytes);
    }
    let target = path.canonicalize();
    let path = target.as_deref().unwrap_or(path);
    let mut new = tempfile::Builder::new()
        .prefix(".byway-")
        .tempfile_in(folder_of(path))?;
    new.write_all(bytes)?;
    allow_readers(new.as_file())?;
    new.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A file as it is to become, beside the one it replaces.
pub(crate) struct Staged {
    path: PathBuf,
    /// What the file held when it was read; `None` when there was none.
    before: Option<String>,
    new: tempfile::NamedTempFile,
}

/// Makes a file ready to replace another one, whose mode it takes on.
pub(crate) fn stage(path: &Path, before: Option<&str>, after: &str) -> Result<Staged> {
    let staged = || -> io::Result<Staged> {
        let path = match before {
            Some(_) => path.canonicalize()?,
            None => path.to_owned(),
        };
        let mut new = tempfile::Builder::new()
            .prefix(".byway-")
            .tempfile_in(folder_of(&path))?;
        new.write_all(after.as_bytes())?;
        match before {
            Some(_) => new
                .as_file()
                .set_permissions(path.metadata()?.permissions())?,
            None => allow_readers(new.as_file())?,
        }
        new.as_file().sync_all()?;
        Ok(Staged {
            before: before.map(str::to_owned),
            path,
            new,
        })
    };
    staged().with_context(|| format!("{} could not be written", path.display()))
}

/// Puts files in the place of those they replace: all of them, or none when one was
/// changed by somebody else since it was read.
pub(crate) fn replace(staged: Vec<Staged>) -> Result<()> {
    for one in &staged {
        let now = match one.path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            _ => Some(source::text(&one.path).unwrap_or_default()),
        };
        if now != one.before {
            bail!(
                "{} was changed meanwhile, and nothing was written; run the command again",
                one.path.display()
            );
        }
    }
    let mut done: Vec<(PathBuf, Option<String>)> = Vec::new();
    for one in staged {
        let Staged { path, before, new } = one;
        let put = match before {
            Some(_) => new.persist(&path),
            None => new.persist_noclobber(&path),
        };
        if let Err(error) = put {
            // What was put in place already goes back; should that fail as well, the
            // first error is still the one to tell of.
            for (path, before) in done {
                let _ = match &before {
                    Some(text) => write(&path, text.as_bytes()),
                    None => std::fs::remove_file(&path),
                };
            }
            let path = path.display();
            return Err(error.error).with_context(|| format!("{path} could not be written"));
        }
        done.push((path, before));
    }
    Ok(())
}

/// A temporary file is its owner's alone; a report is an ordinary file.
#[cfg(unix)]
fn allow_readers(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn allow_readers(_file: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_replaced_when_one_file_changed_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        std::fs::write(&one, "1").unwrap();
        std::fs::write(&two, "2").unwrap();
        let staged = vec![
            stage(&one, Some("1"), "new").unwrap(),
            stage(&two, Some("2"), "new").unwrap(),
        ];
        std::fs::write(&two, "3").unwrap();
        let said = replace(staged).unwrap_err().to_string();
        assert!(
            said.contains("was changed meanwhile, and nothing was written"),
            "{said}"
        );
        assert_eq!(source::text(&one).unwrap(), "1");
        assert_eq!(source::text(&two).unwrap(), "3");
        let left = folder.path().read_dir().unwrap().count();
        assert_eq!(left, 2, "temporary files are gone");
    }

    #[test]
    fn a_new_file_takes_the_place_of_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new");
        let staged = vec![stage(&path, None, "mine").unwrap()];
        std::fs::write(&path, "theirs").unwrap();
        assert!(replace(staged).is_err());
        assert_eq!(source::text(&path).unwrap(), "theirs");
        std::fs::remove_file(&path).unwrap();
        replace(vec![stage(&path, None, "mine").unwrap()]).unwrap();
        assert_eq!(source::text(&path).unwrap(), "mine");
    }
}
