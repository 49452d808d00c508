//! Changing register files: the diff, the last look before it, and the writing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use jiff::civil::Date;
use similar::TextDiff;

use byway::finding;
use byway::register::file::{self, Source};
use byway::register::{Judged, Policy, Register, edit};
use byway::rule::Rule;
use byway::source::Project;

use super::output;
use super::register::commands::faults;
use super::register::{File, Rulings};

/// A register file and its text to be.
pub(crate) struct Change {
    /// The file.
    pub(crate) path: PathBuf,
    /// Its name in messages.
    pub(crate) shown: Arc<str>,
    /// Its text; `None` when there is no such file yet.
    pub(crate) before: Option<String>,
    /// Its text to be.
    pub(crate) after: String,
    /// Whether people write it, who may have pasted anything.
    pub(crate) written_by_hand: bool,
}

impl Change {
    /// The change of a file that was read.
    pub(crate) fn of(kept: &File, after: String) -> Self {
        Self {
            path: kept.at.clone(),
            shown: Arc::clone(&kept.path),
            before: Some(kept.text.clone()),
            after,
            written_by_hand: true,
        }
    }

    /// The change of a file of the project that may not be there yet.
    pub(crate) fn at(project: &Project, path: PathBuf, rulings: &Rulings) -> Result<Self> {
        let full = path.canonicalize().unwrap_or_else(|_| path.clone());
        let same = |kept: &&File| kept.at.canonicalize().is_ok_and(|known| known == full);
        if let Some(kept) = rulings.files.iter().find(same) {
            return Ok(Self::of(kept, kept.text.clone()));
        }
        let shown: Arc<str> = project.relative(&full).into();
        let before = match path.symlink_metadata() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Ok(found) if found.is_file() => Some(super::register::text(&path)?),
            _ => bail!("{shown} can't be written to; make it an ordinary file, or name another"),
        };
        Ok(Self {
            path,
            shown,
            after: before.clone().unwrap_or_default(),
            before,
            written_by_hand: true,
        })
    }

    /// The change as a unified diff. What could be a key is masked, for a diff is shown,
    /// and registers are written by hand.
    pub(crate) fn diff(&self) -> String {
        let before = self.before.as_deref().unwrap_or_default();
        let diff = TextDiff::from_lines(before, self.after.as_str());
        let mut unified = diff.unified_diff();
        let old = match self.before {
            Some(_) => format!("a/{}", self.shown),
            None => "/dev/null".to_owned(),
        };
        let unified = unified
            .header(&old, &format!("b/{}", self.shown))
            .to_string();
        if self.written_by_hand {
            finding::veiled(&unified)
        } else {
            unified
        }
    }
}

/// What an edit would do, once it has passed.
pub(crate) struct Passed {
    /// What of new proposals has to be mended before they can be approved.
    pub(crate) still_open: Vec<String>,
}

/// Reads the register as it would be, and refuses an edit that makes it worse.
pub(crate) fn check(
    project: &Project,
    changes: &[Change],
    rulings: &Rulings,
    rules: &[Rule],
    today: Date,
) -> Result<Passed> {
    let judged = |register: &Register, policy: &Policy| -> Vec<Judged> {
        faults(project, register, policy, rules, today)
    };
    let before = judged(&rulings.register, &rulings.policy);
    let known = |path: &Path| rulings.files.iter().any(|kept| kept.at == path);
    let kept = rulings.files.iter().map(|kept| {
        let new = changes.iter().find(|change| change.path == kept.at);
        let text = new.map_or(kept.text.as_str(), |change| change.after.as_str());
        (&kept.path, text)
    });
    let added = changes.iter().filter(|change| !known(&change.path));
    let added = added.map(|change| (&change.shown, change.after.as_str()));
    let sources: Vec<_> = kept
        .chain(added)
        .map(|(shown, text)| Source {
            path: Arc::clone(shown),
            text,
        })
        .collect();
    let after = judged(&file::read(&sources)?, &rulings.policy);
    if let Some(fault) = edit::stopping(&before, &after) {
        return Err(anyhow!(
            "nothing was written, for the register would be worse: {fault}"
        ));
    }
    Ok(Passed {
        still_open: edit::still_open(&before, &after),
    })
}

/// Writes the changes, or shows them when `dry`.
pub(crate) fn apply(changes: &[Change], dry: bool) -> Result<()> {
    if dry {
        let diff: String = changes.iter().map(Change::diff).collect();
        return output::stdout(diff.as_bytes());
    }
    let staged: Result<Vec<_>> = changes
        .iter()
        .map(|change| output::stage(&change.path, change.before.as_deref(), &change.after))
        .collect();
    output::replace(staged?)
}
