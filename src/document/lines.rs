//! Line and column arithmetic, in one place.

use super::node::Span;

/// Lines and columns of a finding. Lines count from 1, columns from 1 in UTF-16
/// code units (SARIF's `columnKind: utf16CodeUnits`); the end column is after the
/// last character. A finding of several lines is cut to its first, since a
/// code-scanning service annotates a change only when every line is part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    /// First line.
    pub line: u32,
    /// First column.
    pub column: u32,
    /// Last line; the same as `line`.
    pub end_line: u32,
    /// Column after the last character.
    pub end_column: u32,
}

/// Where the lines of a text begin.
#[derive(Debug, Clone)]
pub struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// Finds the lines. A line ends after LF, CR LF or a lone CR, as SARIF §3.30
    /// readers and editors count them.
    pub fn new(text: &[u8]) -> Self {
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', text) {
            let crlf = text.get(at) == Some(&b'\r') && text.get(at + 1) == Some(&b'\n');
            if !crlf {
                starts.push(at + 1);
            }
        }
        Self { starts }
    }

    /// The line that holds `offset`, counted from 0.
    pub fn index_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset) - 1
    }

    /// The bytes of a line (counted from 0) without its line break.
    pub fn span(&self, text: &[u8], index: usize) -> Span {
        let start = self.starts.get(index).copied().unwrap_or(text.len());
        let next = self.starts.get(index + 1).copied().unwrap_or(text.len());
        let mut end = next;
        while end > start && matches!(text.get(end - 1), Some(b'\n' | b'\r')) {
            end -= 1;
        }
        Span::new(start, end)
    }

    /// Turns a byte span into lines and columns. A byte order mark at the start of
    /// the text takes no column; bytes that aren't UTF-8 count as one column for
    /// each replacement character that a lossy decoding gives.
    pub fn region(&self, text: &[u8], span: Span) -> Region {
        let index = self.index_of(span.start.min(text.len()));
        let line = self.span(text, index);
        let start = span.start.min(line.end);
        let end = span.end.clamp(start, line.end.max(start));
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        Region {
            line: number,
            column: columns(text, Span::new(line.start, start)).saturating_add(1),
            end_line: number,
            end_column: columns(text, Span::new(line.start, end)).saturating_add(1),
        }
    }
}

/// Length in UTF-16 code units.
fn columns(text: &[u8], span: Span) -> u32 {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let mut bytes = span.of(text);
    if span.start == 0 {
        bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
    }
    let units: usize = bytes
        .utf8_chunks()
        .map(|chunk| {
            chunk.valid().encode_utf16().count() + usize::from(!chunk.invalid().is_empty())
        })
        .sum();
    u32::try_from(units).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, needle: &str) -> (u32, u32, u32) {
        let start = text.find(needle).unwrap();
        let span = Span::new(start, start + needle.len());
        let region = Lines::new(text.as_bytes()).region(text.as_bytes(), span);
        (region.line, region.column, region.end_column)
    }

    #[test]
    fn counts_utf16_units_and_every_line_break() {
        assert_eq!(at("a\nbc key", "key"), (2, 4, 7));
        assert_eq!(at("a\r\nb\rkey", "key"), (3, 1, 4));
        assert_eq!(at("x = \"😀é\"; key", "key"), (1, 12, 15));
        assert_eq!(at("\u{feff}key", "key"), (1, 1, 4));
        assert_eq!(at("key\nmore", "key\nmore"), (1, 1, 4));
    }

    #[test]
    fn invalid_bytes_take_one_column_each_sequence() {
        let text = b"\xff\xfekey";
        let region = Lines::new(text).region(text, Span::new(2, 5));
        assert_eq!((region.column, region.end_column), (3, 6));
    }
}
