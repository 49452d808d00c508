//! Walking a work tree in parallel.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ignore::overrides::OverrideBuilder;
use ignore::{DirEntry, ParallelVisitor, ParallelVisitorBuilder, WalkBuilder, WalkState};

use super::{Buffer, Content, Project, Source};
use crate::finding::{Gravity, Problem};

/// How to walk.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whether `.gitignore` and `.ignore` leave files out.
    pub respect_ignores: bool,
    /// Globs of paths to leave out, relative to the root.
    pub exclude: Vec<String>,
    /// Longest file to read, in bytes.
    pub max_file_size: u64,
    /// Threads; 0 for as many as the machine has.
    pub threads: usize,
}

/// What happens to a file.
pub enum Walked<'a> {
    /// It was read.
    File(Source<'a>),
    /// It was not, and why.
    Problem(Problem),
}

/// Walks the project's targets. `worker` makes one visitor for each thread; a visitor
/// gets every file once, in no order. `stop` ends the walk early.
///
/// Hidden files are walked, `.git` is not, links are not followed. What the user's own
/// machine is set to ignore has no effect, so that everyone gets the same result.
///
/// # Errors
///
/// Says which exclude glob is wrong.
pub fn walk<V>(
    project: &Project,
    options: &Options,
    stop: &AtomicBool,
    worker: impl Fn() -> V + Sync,
) -> Result<(), String>
where
    V: FnMut(Walked<'_>) + Send,
{
    let mut overrides = OverrideBuilder::new(&project.root);
    for glob in &options.exclude {
        overrides
            .add(&format!("!{glob}"))
            .map_err(|e| format!("--exclude {glob}: {e}; write a glob such as 'vendor/**'"))?;
    }
    let overrides = overrides.build().map_err(|e| format!("--exclude: {e}"))?;
    // A part is walked from the project's root, so that the ignore files on the way
    // count and those above the project don't: the same project gives the same result
    // wherever it lies. A file that was named is read even if it is ignored.
    let mut builder = WalkBuilder::new(&project.root);
    for target in project.targets.iter().filter(|target| target.is_file()) {
        builder.add(target);
    }
    let folders: Vec<_> = project
        .targets
        .iter()
        .filter(|t| t.is_dir())
        .cloned()
        .collect();
    let respect = options.respect_ignores;
    builder
        .hidden(false)
        .follow_links(false)
        .parents(false)
        .ignore(respect)
        .git_ignore(respect)
        .git_exclude(false)
        .git_global(false)
        .require_git(false)
        .overrides(overrides)
        .threads(options.threads)
        .filter_entry(move |entry| {
            let path = entry.path();
            let wanted = |folder: &PathBuf| path.starts_with(folder) || folder.starts_with(path);
            entry.depth() == 0 || entry.file_name() != ".git" && folders.iter().any(wanted)
        });
    builder.build_parallel().visit(&mut Builder {
        project,
        limit: options.max_file_size,
        stop,
        worker,
    });
    Ok(())
}

struct Builder<'s, W> {
    project: &'s Project,
    limit: u64,
    stop: &'s AtomicBool,
    worker: W,
}

impl<'s, V, W> ParallelVisitorBuilder<'s> for Builder<'s, W>
where
    V: FnMut(Walked<'_>) + Send + 's,
    W: Fn() -> V + Sync,
{
    fn build(&mut self) -> Box<dyn ParallelVisitor + 's> {
        Box::new(Visitor {
            project: self.project,
            limit: self.limit,
            stop: self.stop,
            buffer: Buffer::default(),
            visit: (self.worker)(),
        })
    }
}

struct Visitor<'s, V> {
    project: &'s Project,
    limit: u64,
    stop: &'s AtomicBool,
    buffer: Buffer,
    visit: V,
}

impl<V: FnMut(Walked<'_>) + Send> ParallelVisitor for Visitor<'_, V> {
    fn visit(&mut self, entry: Result<DirEntry, ignore::Error>) -> WalkState {
        if self.stop.load(Ordering::Relaxed) {
            return WalkState::Quit;
        }
        match entry {
            Ok(entry) => {
                // A named pipe would block, a device never end.
                if entry.file_type().is_some_and(|t| t.is_file()) {
                    self.file(entry.path());
                }
            }
            Err(error) => {
                // The slash tells a folder: nothing below it was seen.
                let path = path_of(&error).map_or(String::new(), |p| self.project.relative(p));
                self.problem(&format!("{path}/"), "could not be listed", &reason(&error));
            }
        }
        WalkState::Continue
    }
}

impl<V: FnMut(Walked<'_>)> Visitor<'_, V> {
    fn file(&mut self, path: &Path) {
        let relative = self.project.relative(path);
        match self.buffer.read(path, self.limit) {
            Ok(Content::Bytes(bytes)) => (self.visit)(Walked::File(Source {
                path: &relative,
                bytes,
            })),
            Ok(Content::TooLong(length)) => {
                let what = format!(
                    "was skipped: {} is over the limit of {} (--max-file-size)",
                    size(length),
                    size(self.limit)
                );
                (self.visit)(Walked::Problem(Problem {
                    path: relative.as_str().into(),
                    line: None,
                    gravity: Gravity::Note,
                    what,
                }));
            }
            Err(error) => self.problem(&relative, "could not be read", &error.kind().to_string()),
        }
    }

    fn problem(&mut self, path: &str, what: &str, why: &str) {
        (self.visit)(Walked::Problem(Problem {
            path: Arc::from(path),
            line: None,
            gravity: Gravity::Error,
            what: format!("{what}: {why}"),
        }));
    }
}

/// A length in the largest unit of which there is one, to a tenth.
fn size(bytes: u64) -> String {
    let (shift, unit) = match bytes {
        0..1_024 => return format!("{bytes} bytes"),
        1_024..1_048_576 => (10, "KiB"),
        1_048_576..1_073_741_824 => (20, "MiB"),
        _ => (30, "GiB"),
    };
    let tenths = bytes.saturating_mul(10) >> shift;
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

/// The path inside the walker's error.
fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        ignore::Error::Loop { child, .. } => Some(child),
        _ => None,
    }
}

/// The reason without the path, which may be absolute.
fn reason(error: &ignore::Error) -> String {
    error
        .io_error()
        .map_or_else(|| "the walk failed".to_owned(), |e| e.kind().to_string())
}
