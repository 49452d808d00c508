//! Masking secrets: the only way text leaves `detect`.

mod doubt;
mod plain;
mod reach;

use crate::document::{Document, Span};
use crate::finding::{Excerpt, Redacted};
use crate::kind::{Kind, Kinds};

use super::lines;
use super::spans::Spans;

/// What stands in place of a secret. Always as long, so that it tells no length.
const MASK: &str = "****";

/// Longest excerpt in bytes of source, before masking.
const WIDEST: usize = 240;

/// Shortest secret that is masked wherever its value stands; a shorter one is masked
/// where it was found.
const SHORTEST: usize = 6;

/// The secrets of one document.
pub(crate) struct Mask<'d> {
    spans: Spans,
    /// Sorted.
    values: Vec<&'d [u8]>,
}

impl<'d> Mask<'d> {
    /// Masks `secrets` in texts of `document`, each with the rest of its value.
    /// `more` are secrets that stand in it encoded.
    pub(crate) fn new(
        document: &'d Document<'_>,
        secrets: impl Iterator<Item = Span>,
        more: &'d [Vec<u8>],
    ) -> Self {
        // Each of two that overlap may stand alone elsewhere.
        let all: Vec<_> = secrets
            .filter(|secret| !secret.is_empty())
            .flat_map(|secret| [secret, reach::of(document, secret)])
            .collect();
        let here = all.iter().map(|s| s.of(document.bytes()));
        let mut values: Vec<_> = here
            .chain(more.iter().map(Vec::as_slice))
            .flat_map(|secret| secret.split(|b| matches!(b, b'\n' | b'\r')))
            .filter(|v| v.trim_ascii().len() >= SHORTEST)
            .map(|v| (first_bytes(v), v))
            .collect();
        values.sort_unstable();
        values.dedup();
        let values = values.into_iter().map(|(_, value)| value).collect();
        let spans = Spans::new(all.into_iter());
        Self { spans, values }
    }

    /// Length of the longest secret that `text` begins with.
    fn value_at(&self, text: &[u8]) -> Option<usize> {
        let mut longest = None;
        // The values that begin as the text does, fewer with each byte.
        let mut rest = self.values.as_slice();
        for (at, byte) in text.iter().enumerate() {
            let from = rest.partition_point(|v| v.get(at) < Some(byte));
            let to = rest.partition_point(|v| v.get(at) <= Some(byte));
            rest = rest.get(from..to).unwrap_or_default();
            if rest.first().is_some_and(|v| v.len() == at + 1) {
                longest = Some(at + 1);
            }
            if rest.len() < 2 {
                break;
            }
        }
        match rest {
            [only] if text.starts_with(only) => Some(only.len()),
            _ => longest,
        }
    }

    /// Where secrets stand in a text.
    fn values_in(&self, text: &[u8]) -> Vec<Span> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            match self.value_at(rest) {
                Some(length) => {
                    found.push(Span::new(at, at + length));
                    at += length;
                }
                None => at += 1,
            }
        }
        found
    }

    /// A text made from the document (a subject, a message) with every secret masked.
    pub(crate) fn text(&self, text: String) -> String {
        if self.values.is_empty() {
            return text;
        }
        let found = self.values_in(text.as_bytes());
        let mut out = text;
        for span in found.iter().rev() {
            // A value is UTF-8 or stands in no text.
            if out.get(span.range()).is_some() {
                out.replace_range(span.range(), MASK);
            }
        }
        out
    }

    /// The first line of `span`, masked and shortened.
    pub(crate) fn excerpt(&self, document: &Document<'_>, span: Span) -> Excerpt {
        let bytes = document.bytes();
        let line = lines::around(document, span.start);
        let shown = shorten(bytes, line, span);
        let mut pieces = Pieces::new(bytes, shown.start > line.start);
        let mut at = shown.start;
        for (secret, known) in self.hidden(document, shown, span, shown != line) {
            let start = secret.start.max(at);
            let end = secret.end.min(shown.end);
            if start < end {
                let open = prefix(
                    Span::new(start, end).of(bytes),
                    known && secret.start == start,
                );
                pieces.plain(Span::new(at, start + open));
                pieces.masked(Span::new(start + open, end));
                at = end;
            }
        }
        pieces.plain(Span::new(at, shown.end));
        let from = pieces.find(span.start.clamp(shown.start, shown.end), false);
        let to = pieces
            .find(span.end.clamp(shown.start, shown.end), true)
            .max(from);
        if shown.end < line.end {
            pieces.out.push('…');
        }
        Excerpt {
            text: Redacted::new(pieces.out),
            highlight: from..to,
        }
    }

    /// The spans to mask inside `shown`, and whether a rule knows each as a secret.
    fn hidden(
        &self,
        document: &Document<'_>,
        shown: Span,
        lit: Span,
        cut: bool,
    ) -> Vec<(Span, bool)> {
        let text = shown.of(document.bytes());
        let kinds = document.kinds_by_path();
        let within = |at: usize| at.clamp(shown.start, shown.end) - shown.start;
        let doubtful = doubt::doubtful(doubt::Line {
            text,
            lit: Span::new(within(lit.start), within(lit.end)),
            code: kinds.meets(CODE),
            cut,
        });
        let here = |s: Span| Span::new(shown.start + s.start, shown.start + s.end);
        let known = self.spans.overlapping(shown);
        let known: Vec<_> = known
            .chain(self.values_in(text).into_iter().map(here))
            .map(|span| (span, true))
            .collect();
        let mut spans: Vec<_> = doubtful
            .into_iter()
            .map(|span| (here(span), false))
            .chain(known)
            .collect();
        spans.sort_unstable_by_key(|(span, known)| (span.start, !known, span.end));
        spans
    }
}

/// The beginning of a value as a number of the same order: hundreds of thousands of values
/// are sorted without going back to the text for each comparison.
fn first_bytes(value: &[u8]) -> u64 {
    let mut first = [0; 8];
    for (to, byte) in first.iter_mut().zip(value) {
        *to = *byte;
    }
    u64::from_be_bytes(first)
}

/// Languages in which a name without quotes is no literal.
const CODE: Kinds = Kinds::CODE.with(Kind::Hcl);

/// Masked text as it grows, and where each piece of source went.
struct Pieces<'b> {
    bytes: &'b [u8],
    out: String,
    /// Source span, offset in `out`, whether it is masked.
    laid: Vec<(Span, usize, bool)>,
}

impl<'b> Pieces<'b> {
    fn new(bytes: &'b [u8], cut: bool) -> Self {
        Self {
            bytes,
            out: if cut { "…".to_owned() } else { String::new() },
            laid: Vec::new(),
        }
    }

    fn plain(&mut self, span: Span) {
        self.laid.push((span, self.out.len(), false));
        self.out
            .push_str(&String::from_utf8_lossy(span.of(self.bytes)));
    }

    fn masked(&mut self, span: Span) {
        self.laid.push((span, self.out.len(), true));
        self.out.push_str(MASK);
    }

    /// Where a source offset went; inside a mask, its start or its end.
    fn find(&self, offset: usize, end: bool) -> usize {
        let holds = |span: &Span| {
            if end {
                span.start < offset && offset <= span.end
            } else {
                span.start <= offset && offset < span.end
            }
        };
        let Some((span, out, masked)) = self.laid.iter().find(|(span, ..)| holds(span)) else {
            return if end { 0 } else { self.out.len() };
        };
        if *masked {
            return if end { out + MASK.len() } else { *out };
        }
        let before = Span::new(span.start, offset).of(self.bytes);
        out + String::from_utf8_lossy(before).len()
    }
}

/// How many bytes of a long token may be shown: its published prefix, such as `ghp_`.
fn prefix(secret: &[u8], whole: bool) -> usize {
    if !whole || secret.len() < 24 {
        return 0;
    }
    let head = secret.get(..8).unwrap_or_default();
    let plain = |b: &u8| b.is_ascii_lowercase() || *b == b'_' || *b == b'-';
    match head.iter().position(|b| *b == b'_' || *b == b'-') {
        Some(at) if at >= 2 && head.iter().take(at).all(plain) => at + 1,
        _ => 0,
    }
}

/// Cuts a long line to a window around `span`, on character boundaries.
fn shorten(bytes: &[u8], line: Span, span: Span) -> Span {
    if line.len() <= WIDEST {
        return line;
    }
    let boundary = |at: usize| bytes.get(at).is_none_or(|b| *b & 0xC0 != 0x80);
    let mut start = span.start.saturating_sub(WIDEST / 3).max(line.start);
    let mut end = (start + WIDEST).min(line.end);
    while start > line.start && !boundary(start) {
        start -= 1;
    }
    while end < line.end && !boundary(end) {
        end += 1;
    }
    Span::new(start, end)
}
