//! A text that was decoded, and where in the text around it each part stands.

use crate::document::Span;

/// How a text was encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Base64,
    Hex,
    Percent,
    Backslash,
    /// What tells a terminal the colour of the text after it (ECMA-48).
    Colour,
}

impl Encoding {
    /// Its name for a reader.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Percent => "URL escapes",
            Self::Backslash => "string escapes",
            Self::Colour => "coloured text",
        }
    }

    /// Whether the text is whole again, letter by letter, so that a part of it has a
    /// place of its own. What is packed is all of it secret.
    pub(super) const fn is_escape(self) -> bool {
        matches!(self, Self::Percent | Self::Backslash | Self::Colour)
    }
}

/// Decoded text. It can't be printed, since it may be a secret.
pub(super) struct Layer {
    pub(super) encoding: Encoding,
    /// Where the encoded text stands.
    pub(super) run: Span,
    /// Not all of it was decoded.
    pub(super) cut: bool,
    text: Vec<u8>,
    /// Of what is packed: symbols before each line, and where the line begins.
    lines: Vec<(usize, usize)>,
    /// Of what is escaped: offset in the text, offset of the escape, its length.
    escapes: Vec<(u32, u32, u8)>,
    /// Bytes that were left out at the start, and how many make one of the text.
    skipped: usize,
    step: usize,
}

impl Layer {
    pub(super) const fn new(encoding: Encoding, run: Span) -> Self {
        Self {
            encoding,
            run,
            cut: false,
            text: Vec::new(),
            lines: Vec::new(),
            escapes: Vec::new(),
            skipped: 0,
            step: 1,
        }
    }

    /// A text that was unescaped.
    pub(super) fn unescaped(
        encoding: Encoding,
        run: Span,
        text: Vec<u8>,
        escapes: Vec<(u32, u32, u8)>,
    ) -> Self {
        let mut layer = Self::new(encoding, run);
        layer.text = text;
        layer.escapes = escapes;
        layer
    }

    /// Adds a line of what is packed, before which `packed` symbols stand.
    pub(super) fn line(&mut self, packed: usize, line: Span) {
        self.lines.push((packed, line.start));
        self.run.end = line.end;
    }

    /// Sets the text; `wide` when it is UTF-16 in little-endian order, of which the
    /// ASCII is kept.
    pub(super) fn fill(&mut self, mut text: Vec<u8>, wide: bool) {
        if wide {
            self.step = 2;
            self.skipped = if text.starts_with(&[0xFF, 0xFE]) {
                2
            } else {
                0
            };
            let pairs = text.get(self.skipped..).unwrap_or_default().chunks_exact(2);
            text = pairs
                .map(|pair| match pair {
                    [low, 0] => *low,
                    _ => b'?',
                })
                .collect();
        }
        self.text = text;
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether decoding is what shows a part of the text: it has an escape in it or
    /// touches one in front.
    pub(super) fn shows(&self, part: Span) -> bool {
        if !self.encoding.is_escape() {
            return true;
        }
        let first = self
            .escapes
            .partition_point(|(at, ..)| (*at as usize) + 1 < part.start);
        let next = self.escapes.get(first);
        next.is_some_and(|(at, ..)| (*at as usize) < part.end)
    }

    /// Where a part of the text stands.
    pub(super) fn place(&self, part: Span) -> Span {
        if self.encoding.is_escape() {
            return Span::new(self.unescaped_at(part.start), self.unescaped_at(part.end));
        }
        let from = self.skipped + part.start * self.step;
        let to = self.skipped + part.end * self.step;
        let (first, last) = match self.encoding {
            Encoding::Base64 => (from * 4 / 3, (to * 4).div_ceil(3)),
            _ => (from * 2, to * 2),
        };
        let start = self.packed_at(first).min(self.run.end);
        let end = self.packed_at(last.saturating_sub(1)) + 1;
        Span::new(start, end.clamp(start, self.run.end.max(start)))
    }

    /// What may not be shown when a part of the text is secret.
    pub(super) fn hides(&self, part: Span) -> Span {
        if self.encoding.is_escape() {
            self.place(part)
        } else {
            self.run
        }
    }

    fn packed_at(&self, symbol: usize) -> usize {
        let line = self.lines.partition_point(|(before, _)| *before <= symbol);
        match line.checked_sub(1).and_then(|line| self.lines.get(line)) {
            Some((before, start)) => start + symbol - before,
            None => self.run.start,
        }
    }

    fn unescaped_at(&self, offset: usize) -> usize {
        let after = self
            .escapes
            .partition_point(|(at, ..)| (*at as usize) < offset);
        match after.checked_sub(1).and_then(|i| self.escapes.get(i)) {
            Some((at, outer, len)) => {
                *outer as usize + usize::from(*len) + (offset - *at as usize - 1)
            }
            None => self.run.start + offset,
        }
    }
}
