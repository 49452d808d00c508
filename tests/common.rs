//! Running the built binary in a scrubbed environment, on fixtures that are copied to a
//! temporary folder with their placeholders expanded.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use byway::rule::sample;
use serde_json::Value;
use tempfile::TempDir;

/// The day by which tests judge.
pub(crate) const TODAY: &str = "2026-11-24";

/// The binary with nothing of this machine's settings.
pub(crate) fn byway() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_byway"));
    for name in [
        "CI",
        "NO_COLOR",
        "CLICOLOR_FORCE",
        "COLUMNS",
        "TERM",
        "GITHUB_ACTIONS",
        "RUST_BACKTRACE",
    ] {
        command.env_remove(name);
    }
    command
}

/// What a run did.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn run(command: &mut Command) -> Run {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    Run {
        code: status.code().unwrap_or(-1),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

/// `byway scan FOLDER ARGS`, judged by [`TODAY`].
pub(crate) fn scan(folder: &Path, args: &[&str]) -> Run {
    run(byway()
        .arg("scan")
        .arg(folder)
        .args(["--today", TODAY])
        .args(args))
}

/// The findings of a scan as JSON values, problems left out.
pub(crate) fn findings(folder: &Path, args: &[&str]) -> Vec<Value> {
    let run = scan(folder, &[&["--format", "jsonl"], args].concat());
    run.out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|value| value.get("rule").is_some())
        .collect()
}

/// A folder that goes away with the test.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A copy of a fixture with its placeholders expanded.
pub(crate) fn fixture(name: &str) -> TempDir {
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name);
    let to = folder();
    for path in files(&from) {
        let relative = path.strip_prefix(&from).unwrap();
        let text = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
        let seed = relative.to_string_lossy().replace('\\', "/");
        put(to.path(), relative, sample::expand(&text, &seed).unwrap());
    }
    to
}

/// Writes a file, making its folders.
pub(crate) fn put(folder: &Path, name: impl AsRef<Path>, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path);
        }
    }
    found
}

/// The line of the first occurrence of `needle` in a file, counted independently of the
/// program's own arithmetic.
pub(crate) fn line_of(folder: &Path, name: &str, needle: &str) -> u64 {
    let text = fs::read_to_string(folder.join(name)).unwrap();
    let line = text.lines().position(|line| line.contains(needle));
    line.unwrap_or_else(|| panic!("{name} has no {needle}")) as u64 + 1
}
