//! Line and column arithmetic, in one place.

use std::sync::OnceLock;

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
    /// Offsets and how many UTF-16 code units stand before them, for long lines.
    marks: OnceLock<Vec<(usize, u64)>>,
}

/// How far apart the marks of a long line stand.
const STRIDE: usize = 4096;

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
        Self {
            starts,
            marks: OnceLock::new(),
        }
    }

    /// How many lines there are; a final line break begins one more, empty.
    pub const fn count(&self) -> usize {
        self.starts.len()
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
            column: self
                .columns(text, Span::new(line.start, start))
                .saturating_add(1),
            end_line: number,
            end_column: self
                .columns(text, Span::new(line.start, end))
                .saturating_add(1),
        }
    }

    /// Length in UTF-16 code units of what stands on a line before a place. A long
    /// line is counted once for all places on it.
    fn columns(&self, text: &[u8], span: Span) -> u32 {
        if span.len() <= 2 * STRIDE {
            return columns(text, span);
        }
        let marks = self.marks.get_or_init(|| marks(text));
        let before = |offset: usize| {
            let next = marks.partition_point(|(at, _)| *at <= offset);
            let (at, units) = next
                .checked_sub(1)
                .and_then(|index| marks.get(index))
                .copied()
                .unwrap_or_default();
            units + u64::from(columns(text, Span::new(at, offset)))
        };
        let units = before(span.end).saturating_sub(before(span.start));
        u32::try_from(units).unwrap_or(u32::MAX)
    }
}

/// A place about every [`STRIDE`] bytes where a character begins, and how many code
/// units stand before it.
fn marks(text: &[u8]) -> Vec<(usize, u64)> {
    let mut marks = vec![(0, 0)];
    let mut at = 0;
    let mut units = 0;
    while at < text.len() {
        let mut end = (at + STRIDE).min(text.len());
        // A place after an ASCII byte or before the first byte of a character cuts none.
        let cuts = |end: usize| text.get(end).is_some_and(|b| *b & 0xC0 == 0x80);
        let limit = (end + 8).min(text.len());
        while end < limit && cuts(end) {
            end += 1;
        }
        units += u64::from(columns(text, Span::new(at, end)));
        at = end;
        marks.push((at, units));
    }
    marks
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
    fn a_long_line_is_counted_as_a_short_one() {
        let text = format!("\u{feff}é\n\u{feff}{}", "aé😀\u{7ff}b".repeat(9000));
        let mut bytes = text.into_bytes();
        bytes.extend(b"\xff\xe2\x82 \x80\x80".repeat(3000));
        let lines = Lines::new(&bytes);
        for start in (0..bytes.len() - 9).step_by(997) {
            let line = lines.span(&bytes, lines.index_of(start)).start;
            let region = lines.region(&bytes, Span::new(start, start + 9));
            let expected = columns(&bytes, Span::new(line, start)) + 1;
            assert_eq!(region.column, expected, "{start}");
        }
    }

    #[test]
    fn invalid_bytes_take_one_column_each_sequence() {
        let text = b"\xff\xfekey";
        let region = Lines::new(text).region(text, Span::new(2, 5));
        assert_eq!((region.column, region.end_column), (3, 6));
    }
}
