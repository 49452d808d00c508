//! What git says of the register: its history, and what stood before a change.

use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use jiff::civil::Date;

use byway::finding::{Gravity, Problem};
use byway::register::entry::Fault;
use byway::register::file::Source;
use byway::register::history::{self, Past};
use byway::register::{Policy, Register};
use byway::revisions::Revisions;
use byway::source::Project;
use byway::source::git::{File, Found, Git, Id, Places};
use byway::source::project::{REGISTER_EXTENSIONS, REGISTER_FOLDER, REGISTERS, is_register};

/// The longest register or policy that is read.
const LIMIT: u64 = 4 << 20;

/// A revision of the project that is trusted.
pub(crate) struct Base {
    git: Git,
    commit: Id,
    /// As it was typed.
    pub(crate) revision: String,
}

impl Base {
    /// Opens the revision that was given with `--trust-base`.
    pub(crate) fn open(project: &Project, revision: &str) -> Result<Self> {
        let git =
            Git::around(&project.root).map_err(|e| anyhow!("--trust-base {revision}: {e}"))?;
        let Some(git) = git else {
            bail!(
                "--trust-base {revision}: the project lies in no git repository; leave the option out, or scan a clone"
            );
        };
        let commit = git
            .commit(revision)
            .map_err(|e| anyhow!("--trust-base {revision}: {e}"))?;
        Ok(Self {
            git,
            commit,
            revision: revision.to_owned(),
        })
    }

    /// A text file of the project as the revision has it.
    pub(crate) fn text(&self, path: &str) -> Result<Option<String>> {
        let wrong = |what: String| anyhow!("{path} in {}: {what}", self.revision);
        let file = self.git.file(self.commit, path, LIMIT);
        match file.map_err(|e| wrong(e.to_string()))? {
            None => Ok(None),
            Some(File::Bytes(bytes)) => String::from_utf8(bytes).map(Some).map_err(|_| {
                wrong("the file is not UTF-8 text; give a TOML file that can be read".to_owned())
            }),
            Some(File::TooLong(_)) => Err(wrong("the file is over 4 MiB; split it".to_owned())),
            Some(File::Other) => Err(wrong(
                "it is a link or something else; make it an ordinary file".to_owned(),
            )),
        }
    }

    /// Where the project's own registers stand in the revision, if they are there.
    pub(crate) fn registers(&self) -> Result<Vec<String>> {
        let names = self.git.names(self.commit, REGISTER_FOLDER);
        let names = names.map_err(|e| anyhow!("{} in {}: {e}", REGISTER_FOLDER, self.revision))?;
        let names = names.iter().filter(|name| is_register(name));
        let listed = names.map(|name| format!("{REGISTER_FOLDER}/{name}"));
        let known = REGISTERS.iter().map(|path| (*path).to_owned());
        Ok(known.chain(listed).collect())
    }
}

/// What the history of a register is asked with.
pub(crate) struct Asked<'a> {
    pub(crate) register: &'a Register,
    pub(crate) policy: &'a Policy,
    /// The register's files as they stand.
    pub(crate) sources: &'a [Source<'a>],
    /// Those of them that lie in the project, by their paths in it.
    pub(crate) inside: &'a [String],
    pub(crate) today: Date,
}

/// What the history says against the register, up to the trusted revision or `HEAD`, and
/// which of it can't be read. Without a repository, nothing.
pub(crate) fn history(
    project: &Project,
    base: Option<&Base>,
    asked: &Asked<'_>,
) -> (Vec<Fault>, Option<Problem>) {
    let own;
    let (git, from) = match base {
        Some(base) => (&base.git, Ok(Some(base.commit))),
        None => match Git::around(&project.root) {
            Ok(Some(git)) => {
                own = git;
                (&own, own.head())
            }
            Ok(None) => return (Vec::new(), None),
            Err(_) => return (unknown(asked), None),
        },
    };
    let mut files: Vec<_> = REGISTERS.iter().map(|path| (*path).to_owned()).collect();
    files.extend(asked.inside.iter().filter(|path| !is_own(path)).cloned());
    let places = Places {
        files,
        folders: vec![REGISTER_FOLDER.to_owned()],
        extensions: REGISTER_EXTENSIONS,
    };
    let revisions = match from {
        Ok(Some(from)) => git.revisions(from, &places),
        Ok(None) => return (Vec::new(), None),
        Err(error) => Err(error),
    };
    let Ok(Found { revisions, blobs }) = revisions else {
        return (unknown(asked), None);
    };
    let mut missing = false;
    let mut text = |number: usize| {
        let blob = *blobs.get(number)?;
        git.text(blob, LIMIT).unwrap_or_else(|_| {
            missing = true;
            None
        })
    };
    let past = Past::read(&revisions, &mut text, asked.sources, asked.today).or_more(missing);
    let faults = history::faults(asked.register, &past, asked.policy);
    (faults, note(&past, asked).filter(|_| !missing))
}

/// Nothing can be said of the past.
fn unknown(asked: &Asked<'_>) -> Vec<Fault> {
    let nothing = Revisions::default();
    let past = Past::read(&nothing, &mut |_| None, asked.sources, asked.today).or_more(true);
    history::faults(asked.register, &past, asked.policy)
}

fn note(past: &Past, asked: &Asked<'_>) -> Option<Problem> {
    let revisions = match past.unreadable() {
        0 => return None,
        1 => "one earlier revision".to_owned(),
        n => format!("{n} earlier revisions"),
    };
    Some(Problem {
        path: Arc::clone(&asked.sources.first()?.path),
        line: None,
        gravity: Gravity::Note,
        what: format!(
            "has {revisions} in git that can't be read as a register; what they say is not known"
        ),
    })
}

fn is_own(path: &str) -> bool {
    REGISTERS.contains(&path) || path.starts_with(REGISTER_FOLDER)
}
