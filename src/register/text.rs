//! A register or policy file as text: where things stand in it, and what stops a run.

use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use toml::de::DeTable;

use super::value::{self, Table};
use super::yaml;
use crate::document::{Lines, Region, Span};
use crate::finding::{Excerpt, Place, Redacted, veil};
use crate::line_hash;

/// The most bytes of a line that an excerpt shows.
const EXCERPT: usize = 240;

/// One register file, read by the caller.
#[derive(Clone)]
pub struct Source<'a> {
    /// Path relative to the project's root, with `/` between its parts; for a file
    /// from elsewhere, as the user gave it.
    pub path: Arc<str>,
    /// What the file holds.
    pub text: &'a str,
}

/// Why a register or policy file can't be used at all. The run stops.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}:{line}:{column}: {what}; {mend}")]
pub struct RegisterError {
    /// The file.
    pub path: Arc<str>,
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1 in UTF-16 code units.
    pub column: u32,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub mend: String,
}

impl RegisterError {
    /// An error at a place that is known.
    pub(super) fn at(
        spot: Option<&Spot>,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        let region = spot.map(Spot::region);
        Self {
            path: spot.map_or_else(|| "policy".into(), |spot| Arc::clone(spot.path())),
            line: region.map_or(1, |region| region.line),
            column: region.map_or(1, |region| region.column),
            what: veil(&what.into()),
            mend: veil(&mend.into()),
        }
    }
}

/// A place in a register file. The line that stands there is cut out when it is asked
/// for: a large register has many places, and few of them are ever shown.
#[derive(Clone)]
pub struct Spot {
    file: Arc<Text>,
    start: usize,
    end: usize,
}

impl Spot {
    /// The file.
    pub fn path(&self) -> &Arc<str> {
        &self.file.path
    }

    /// The line, counted from 1.
    pub fn line(&self) -> u32 {
        self.region().line
    }

    /// Its bytes in the file.
    pub const fn bytes(&self) -> Range<usize> {
        self.start..self.end
    }

    /// File, lines and columns.
    pub fn place(&self) -> Place {
        Place {
            path: Arc::clone(&self.file.path),
            region: self.region(),
        }
    }

    /// The line that stands there.
    pub fn excerpt(&self) -> Excerpt {
        let (text, line) = self.file.line(self.start);
        let inside = |offset: usize| offset.clamp(line.start, line.end) - line.start;
        excerpt(text, inside(self.start)..inside(self.end))
    }

    /// GitHub's hash of the line.
    pub fn line_hash(&self) -> String {
        self.file.line_hash(self.start)
    }

    fn region(&self) -> Region {
        let bytes = self.file.content.as_bytes();
        self.file
            .lines
            .region(bytes, Span::new(self.start, self.end))
    }
}

impl PartialEq for Spot {
    fn eq(&self, other: &Self) -> bool {
        (self.path(), self.start, self.end) == (other.path(), other.start, other.end)
    }
}

impl Eq for Spot {}

impl fmt::Debug for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}..{}", self.file.path, self.start, self.end)
    }
}

/// A file with its lines.
pub(super) struct Text {
    path: Arc<str>,
    content: Box<str>,
    lines: Lines,
    hashes: OnceLock<Vec<String>>,
}

impl Text {
    pub(super) fn new(path: Arc<str>, text: &str) -> Self {
        Self {
            path,
            content: text.into(),
            lines: Lines::new(text.as_bytes()),
            hashes: OnceLock::new(),
        }
    }

    /// Whether the file is YAML, which its name tells.
    pub(super) fn is_yaml(&self) -> bool {
        let extension = Path::new(&*self.path).extension();
        extension.is_some_and(|e| e.eq_ignore_ascii_case("yaml") || e.eq_ignore_ascii_case("yml"))
    }

    /// Reads the file as YAML or as TOML.
    pub(super) fn parse(&self) -> Result<Table<'_>, RegisterError> {
        if self.is_yaml() {
            let read = yaml::read(&self.content);
            return read.map_err(|refusal| self.error(refusal.at, refusal.what, refusal.mend));
        }
        DeTable::parse(&self.content)
            .map(|table| value::of_toml(table.into_inner()))
            .map_err(|error| {
                let span = error.span().unwrap_or(0..0);
                let what = format!("this is not TOML ({})", error.message());
                self.error(span, what, "correct it as https://toml.io/ describes")
            })
    }

    /// An error at these bytes.
    pub(super) fn error(
        &self,
        at: Range<usize>,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) -> RegisterError {
        let span = Span::new(at.start, at.end);
        let region = self.lines.region(self.content.as_bytes(), span);
        RegisterError {
            path: Arc::clone(&self.path),
            line: region.line,
            column: region.column,
            // They may quote a key or an id, and somebody may have pasted a token there.
            what: veil(&what.into()),
            mend: veil(&mend.into()),
        }
    }

    /// The line that holds a byte, and where it stands.
    fn line(&self, offset: usize) -> (&str, Span) {
        let bytes = self.content.as_bytes();
        let index = self.lines.index_of(offset.min(bytes.len()));
        let line = self.lines.span(bytes, index);
        (self.content.get(line.range()).unwrap_or_default(), line)
    }

    /// GitHub's hash of the line that holds a byte. All lines are hashed at once, since
    /// a register with one fault often has many.
    fn line_hash(&self, offset: usize) -> String {
        let hashes = self.hashes.get_or_init(|| {
            let lines = self.lines.count().try_into().unwrap_or(u32::MAX);
            let lines: Vec<_> = (1..=lines).collect();
            line_hash::of_lines(self.content.as_bytes(), &lines)
        });
        let index = self.lines.index_of(offset.min(self.content.len()));
        hashes.get(index).cloned().unwrap_or_default()
    }

    /// The place of these bytes.
    pub(super) fn spot(self: &Arc<Self>, at: Range<usize>) -> Spot {
        Spot {
            file: Arc::clone(self),
            start: at.start,
            end: at.end.max(at.start),
        }
    }
}

/// The line, masked, and cut around `highlight` when it is long.
fn excerpt(line: &str, highlight: Range<usize>) -> Excerpt {
    let masked = veil(line);
    if masked.len() <= EXCERPT {
        return Excerpt {
            text: Redacted::new(masked),
            highlight,
        };
    }
    let boundary = |mut at: usize| {
        while !masked.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = boundary(highlight.start.saturating_sub(EXCERPT / 4));
    let end = boundary(masked.len().min(start + EXCERPT));
    let inside = |offset: usize| offset.clamp(start, end) - start;
    Excerpt {
        text: Redacted::new(masked.get(start..end).unwrap_or_default().to_owned()),
        highlight: inside(highlight.start)..inside(highlight.end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_what_could_be_a_key_and_keeps_the_length() {
        let line =
            r#"reason = "é Key A1b2C3d4E5f6G7h8 is EXC-2026-0001's, static-key/generic-secret""#;
        let masked = veil(line);
        assert_eq!(masked, line.replace("A1b2C3d4E5f6G7h8", "****************"));
    }

    #[test]
    fn an_error_shows_no_token() {
        let text = Text::new("r.toml".into(), "a = 1\n");
        let key = ["ghp", "0f1e2d3c4b5a69788796"].join("_");
        let error = text.error(0..1, format!("the key `{key}` is unknown"), "remove it");
        assert!(!error.to_string().contains("0f1e2d"), "{error}");
    }

    #[test]
    fn cuts_a_long_line_around_the_highlight() {
        let line = format!("{}expires{}", "é ".repeat(300), " ü".repeat(300));
        let at = line.find("expires").unwrap();
        let cut = excerpt(&line, at..at + 7);
        assert_eq!(
            cut.text.as_str().get(cut.highlight.clone()),
            Some("expires")
        );
        assert!(cut.text.as_str().len() <= EXCERPT);
    }
}
