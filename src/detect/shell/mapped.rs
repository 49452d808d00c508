//! Text that was unescaped, unfolded or joined, and where each byte of it stands in
//! the file.

use crate::document::Span;

/// Text and the file offset of each of its bytes. Most of them follow on one another in
/// the file too, so that only the jumps are kept.
#[derive(Clone, Default)]
pub(crate) struct Mapped {
    bytes: Vec<u8>,
    /// Where the first byte stands. Four bytes: no text that is read as shell is so long
    /// as to need more.
    start: u32,
    /// The bytes that don't stand after the one before, and where they do.
    jumps: Vec<(u32, u32)>,
}

impl Mapped {
    /// The bytes of a file under `span`, as they are.
    pub(crate) fn raw(file: &[u8], span: Span) -> Self {
        Self {
            bytes: span.of(file).to_vec(),
            start: short(span.start),
            jumps: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, byte: u8, at: usize) {
        self.go_on_at(short(at));
        self.bytes.push(byte);
    }

    pub(super) fn push_from(&mut self, other: &Self, index: usize) {
        if let (Some(byte), Some(at)) = (other.get(index), other.at(index)) {
            self.push(byte, at);
        }
    }

    /// A byte that stands for another of `other`.
    pub(super) fn push_as(&mut self, byte: u8, other: &Self, index: usize) {
        if let Some(at) = other.at(index) {
            self.push(byte, at);
        }
    }

    pub(super) fn append(&mut self, other: &Self) {
        if other.bytes.is_empty() {
            return;
        }
        self.go_on_at(other.start);
        let before = short(self.bytes.len());
        let jumps = other.jumps.iter();
        self.jumps
            .extend(jumps.map(|(index, at)| (before.saturating_add(*index), *at)));
        self.bytes.extend_from_slice(&other.bytes);
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> Self {
        let end = end.min(self.bytes.len());
        let start = start.min(end);
        let within = |(index, _): &&(u32, u32)| start < *index as usize && (*index as usize) < end;
        let jumps = self.jumps.iter().filter(within);
        Self {
            bytes: self.bytes.get(start..end).unwrap_or_default().to_vec(),
            start: self.at(start).map_or(0, short),
            jumps: jumps
                .map(|(index, at)| (index - short(start), *at))
                .collect(),
        }
    }

    /// Says where the next byte stands.
    fn go_on_at(&mut self, at: u32) {
        if self.bytes.is_empty() {
            self.start = at;
            return;
        }
        let length = short(self.bytes.len());
        let (index, from) = self.jumps.last().copied().unwrap_or((0, self.start));
        if from.saturating_add(length - index) != at {
            self.jumps.push((length, at));
        }
    }

    /// Where a byte stands in the file.
    fn at(&self, index: usize) -> Option<usize> {
        if index >= self.bytes.len() {
            return None;
        }
        let next = self
            .jumps
            .partition_point(|(from, _)| *from as usize <= index);
        let last = next.checked_sub(1).and_then(|last| self.jumps.get(last));
        let (from, at) = last.copied().unwrap_or((0, self.start));
        Some(at as usize + (index - from as usize))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) const fn len(&self) -> usize {
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
        let last = self.bytes.len().checked_sub(1);
        let first = self.at(start).or_else(|| self.at(last?)).unwrap_or(0);
        let last = match end.checked_sub(1) {
            Some(last) if last >= start => self.at(last).map_or(first, |at| at + 1),
            _ => first,
        };
        Span::new(first, last)
    }
}

fn short(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_keeps_its_place() {
        let file = b"0123456789";
        let mut text = Mapped::default();
        let mut places = Vec::new();
        for at in [3, 4, 5, 8, 9, 1, 2, 2] {
            text.push(b'x', at);
            places.push(at);
        }
        text.append(&Mapped::raw(file, Span::new(3, 6)));
        text.append(&Mapped::default());
        text.append(&Mapped::raw(file, Span::new(6, 8)));
        text.append(&text.slice(2, 6));
        places.extend([3, 4, 5, 6, 7, 5, 8, 9, 1]);
        for start in 0..=places.len() {
            for end in start..=places.len() {
                let mut copy = Mapped::raw(file, Span::new(9, 10));
                let slice = text.slice(start, end);
                (0..slice.len()).for_each(|at| copy.push_from(&slice, at));
                for (n, place) in places[start..end].iter().enumerate() {
                    let here = Span::new(*place, place + 1);
                    assert_eq!(text.span(start + n, start + n + 1), here);
                    assert_eq!(slice.span(n, n + 1), here);
                    assert_eq!(copy.span(n + 1, n + 2), here);
                }
            }
        }
        assert_eq!(text.span(99, 100), Span::new(1, 1));
    }
}
