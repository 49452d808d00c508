//! The only place that reads. It yields files' bytes; everything after it is pure.

pub mod git;
pub mod project;
pub mod walk;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

pub use project::Project;
pub use walk::{Options, Walked, walk};

/// A file that was read.
pub struct Source<'a> {
    /// Path relative to the project's root, with `/` between its parts.
    pub path: &'a str,
    /// The file's text: UTF-16 with a byte order mark has become UTF-8.
    pub bytes: &'a [u8],
}

/// A buffer that one thread keeps from file to file.
#[derive(Default)]
pub struct Buffer {
    bytes: Vec<u8>,
    decoded: String,
}

/// The longest buffer that is kept when a shorter file follows.
const KEPT: usize = 1 << 20;

/// What became of reading a file.
pub enum Content<'b> {
    /// Its text.
    Bytes(&'b [u8]),
    /// It is longer than allowed: so many bytes.
    TooLong(u64),
}

impl Buffer {
    /// Reads a regular file of at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// Any error of the system's, and that the file is not a regular one.
    pub fn read(&mut self, path: &Path, limit: u64) -> io::Result<Content<'_>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        if length > limit {
            return Ok(Content::TooLong(length));
        }
        // One byte more than the system says: a full read then shows the end without
        // asking again, and a file that grows meanwhile is noticed.
        let wanted = usize::try_from(length)
            .unwrap_or(usize::MAX)
            .saturating_add(1);
        if wanted <= KEPT && self.bytes.len() > KEPT {
            *self = Self::default();
        }
        if self.bytes.len() < wanted {
            self.bytes.resize(wanted, 0);
        }
        let mut filled = 0;
        while let Some(free) = self.bytes.get_mut(filled..wanted) {
            if free.is_empty() {
                // It grew: take the rest, up to the limit.
                self.bytes.truncate(filled);
                let more = limit.saturating_sub(filled as u64).saturating_add(1);
                filled += (&mut file).take(more).read_to_end(&mut self.bytes)?;
                if filled as u64 > limit {
                    return Ok(Content::TooLong(filled as u64));
                }
                break;
            }
            match file.read(free) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            // A short read of a regular file is its end; only an unexpected length
            // needs another look.
            if filled as u64 == length && length > 0 {
                break;
            }
        }
        let bytes = self.bytes.get(..filled).unwrap_or_default();
        Ok(Content::Bytes(decoded(bytes, &mut self.decoded)))
    }
}

/// UTF-16 as UTF-8; anything else as it is. Without a byte order mark it is told by
/// its zeros: a text that begins with ASCII has one in every other byte.
fn decoded<'b>(bytes: &'b [u8], text: &'b mut String) -> &'b [u8] {
    let (rest, unit): (_, fn([u8; 2]) -> u16) = match bytes {
        [0xFF, 0xFE, rest @ ..] => (rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => (rest, u16::from_be_bytes),
        _ if is_wide(bytes, 0) => (bytes, u16::from_le_bytes),
        _ if is_wide(bytes, 1) => (bytes, u16::from_be_bytes),
        _ => return bytes,
    };
    let units = rest.chunks_exact(2).map(|pair| match pair {
        [a, b] => unit([*a, *b]),
        _ => 0,
    });
    text.clear();
    text.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    text.as_bytes()
}

/// Whether the first bytes are ASCII, each beside a zero; `low` is the place of the
/// letter in a pair.
fn is_wide(bytes: &[u8], low: usize) -> bool {
    const LOOK: usize = 64;
    let head = bytes.get(..LOOK.min(bytes.len())).unwrap_or_default();
    let ascii = |b: &u8| b.is_ascii_graphic() || b.is_ascii_whitespace();
    head.len() >= 8
        && head
            .chunks_exact(2)
            .all(|pair| pair.get(low).is_some_and(ascii) && pair.get(1 - low) == Some(&0))
}

/// Reads a file of the project by its path relative to the root, for a file that refers
/// to it. `None` when there is no regular file of at most `limit` bytes, or the way to it
/// leads over a link: that may end outside.
pub fn inside(project: &Project, path: &str, limit: u64) -> Option<Vec<u8>> {
    let mut at = project.root.clone();
    for part in path.split('/') {
        if matches!(part, "" | "." | ".." | ".git") {
            return None;
        }
        at.push(part);
        let found = at.symlink_metadata().ok()?;
        if found.is_symlink() {
            return None;
        }
    }
    match Buffer::default().read(&at, limit).ok()? {
        Content::Bytes(bytes) => Some(bytes.to_vec()),
        Content::TooLong(_) => None,
    }
}

/// Reads a small text file whole: a register, a policy, a rule page.
///
/// # Errors
///
/// Any error of the system's, and that the file is not UTF-8 or over 16 MiB.
pub fn text(path: &Path) -> io::Result<String> {
    const LIMIT: u64 = 16 << 20;
    let mut buffer = Buffer::default();
    match buffer.read(path, LIMIT)? {
        Content::TooLong(_) => Err(io::Error::other("the file is over 16 MiB")),
        Content::Bytes(bytes) => String::from_utf8(bytes.to_vec())
            .map_err(|_| io::Error::other("the file is not UTF-8 text")),
    }
}

/// Every Markdown page below a folder, sorted, without its READMEs.
///
/// # Errors
///
/// Any error of the system's while listing the folder.
pub fn pages(folder: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for entry in ignore::WalkBuilder::new(folder)
        .standard_filters(false)
        .build()
    {
        let entry = entry.map_err(io::Error::other)?;
        let path = entry.path();
        let page = path.extension().is_some_and(|e| e == "md");
        let readme = path.file_name().is_some_and(|n| n == "README.md");
        if page && !readme && path.is_file() {
            found.push(path.to_owned());
        }
    }
    found.sort();
    Ok(found)
}
