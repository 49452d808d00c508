//! Text that was unescaped, unfolded or joined, and where each byte of it stands in
//! the file.

use crate::document::Span;

/// Text and the file offset of each of its bytes.
#[derive(Clone, Default)]
pub(crate) struct Mapped {
    bytes: Vec<u8>,
    /// Four bytes each: no text that is read as shell is so long as to need more.
    at: Vec<u32>,
}

impl Mapped {
    /// The bytes of a file under `span`, as they are.
    pub(crate) fn raw(file: &[u8], span: Span) -> Self {
        let bytes = span.of(file).to_vec();
        let at = (span.start..span.start + bytes.len()).map(short).collect();
        Self { bytes, at }
    }

    pub(crate) fn push(&mut self, byte: u8, at: usize) {
        self.bytes.push(byte);
        self.at.push(short(at));
    }

    pub(super) fn push_from(&mut self, other: &Self, index: usize) {
        if let (Some(byte), Some(at)) = (other.bytes.get(index), other.at.get(index)) {
            self.bytes.push(*byte);
            self.at.push(*at);
        }
    }

    pub(super) fn append(&mut self, other: &Self) {
        self.bytes.extend_from_slice(&other.bytes);
        self.at.extend_from_slice(&other.at);
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> Self {
        let end = end.min(self.bytes.len());
        let start = start.min(end);
        Self {
            bytes: self.bytes.get(start..end).unwrap_or_default().to_vec(),
            at: self.at.get(start..end).unwrap_or_default().to_vec(),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) const fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<u8> {
        self.bytes.get(index).copied()
    }

    /// The text up to the first byte that isn't UTF-8.
    pub(crate) fn text(&self) -> &str {
        match self.bytes.utf8_chunks().next() {
            Some(chunk) => chunk.valid(),
            None => "",
        }
    }

    /// Where a range of the text stands in the file.
    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        let first = self.at.get(start).or(self.at.last());
        let first = first.map_or(0, |at| *at as usize);
        let last = match end.checked_sub(1) {
            Some(last) if last >= start => self.at.get(last).map_or(first, |at| *at as usize + 1),
            _ => first,
        };
        Span::new(first, last)
    }
}

fn short(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
