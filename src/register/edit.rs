//! Edits of a register: its text in, its new text out.
//!
//! Comments, order and spacing stay as their author left them. Nothing here reads or
//! writes a file, and nothing decides by itself that an edit is good: the caller reads
//! the new text with [`super::file::read`], judges it, and asks [`stopping`].

mod change;
mod check;
mod cover;
mod draft;
mod group;
mod owners;

#[cfg(test)]
mod tests;

pub use crate::document::codeowners::PLACES as CODEOWNERS;
pub use change::{Renewal, Waste, close, prune, renew, review};
pub use check::{still_open, stopping};
pub use cover::{Found, covers, escaped};
pub use draft::{Draft, DraftCover, TO_DO, append, next_id, one_line};
pub use group::{Group, category_of, group};
pub use owners::Owners;

/// Why a register is not edited. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {what}; {mend}")]
pub struct Refusal {
    /// The register file.
    pub path: String,
    /// What stands in the way.
    pub what: String,
    /// What to do instead.
    pub mend: String,
}

impl Refusal {
    fn new(path: &str, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            what: what.into(),
            mend: mend.into(),
        }
    }
}

/// A register as a document that keeps its comments.
///
/// # Errors
///
/// Says that it is a YAML file, or that it is no TOML.
fn parse(path: &str, text: &str) -> Result<toml_edit::DocumentMut, Refusal> {
    let yaml = [".yaml", ".yml"].iter().any(|end| path.ends_with(end));
    if yaml {
        let what = "a register in YAML is read, but not edited";
        let mend = "edit it by hand, or move it to a TOML file with the same keys";
        return Err(Refusal::new(path, what, mend));
    }
    text.parse().map_err(|_| {
        let mend = "`byway register check` says where it goes wrong";
        Refusal::new(path, "this is not TOML", mend)
    })
}

/// The lines of an entry whose header stands on a line, counted from 1: up to the next
/// entry, with the comments that belong to it.
pub fn excerpt(text: &str, line: u32) -> String {
    let start = usize::try_from(line).unwrap_or(1).saturating_sub(1);
    let is_entry = |line: &str| {
        let line = line.trim_start();
        line.starts_with("[[exception]]") || line.starts_with("[[false-positive]]")
    };
    let mut lines: Vec<_> = text.lines().skip(start).take(1).collect();
    lines.extend(
        text.lines()
            .skip(start + 1)
            .take_while(|line| !is_entry(line)),
    );
    let is_above = |line: &&str| line.trim().is_empty() || line.trim_start().starts_with('#');
    while lines.len() > 1 && lines.last().is_some_and(is_above) {
        lines.pop();
    }
    lines.join("\n")
}
