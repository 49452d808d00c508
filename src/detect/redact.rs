//! Masking secrets: the only way text leaves `detect`.

use regex::bytes::Regex;
use std::sync::LazyLock;

use crate::document::{Document, Span};
use crate::finding::{Excerpt, Redacted};

use super::{entropy, lines};

/// What stands in place of a secret. Always as long, so that it tells no length.
const MASK: &str = "****";

/// Longest excerpt in bytes of source, before masking.
const WIDEST: usize = 240;

/// The secrets of one document.
pub(crate) struct Mask<'d> {
    spans: Vec<Span>,
    values: Vec<&'d str>,
}

impl<'d> Mask<'d> {
    /// Masks `secrets` in texts of `document`.
    pub(crate) fn new(document: &'d Document<'_>, secrets: impl Iterator<Item = Span>) -> Self {
        let mut spans: Vec<_> = secrets.filter(|s| !s.is_empty()).collect();
        spans.sort_unstable();
        let mut merged: Vec<Span> = Vec::new();
        for span in spans {
            match merged.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => merged.push(span),
            }
        }
        let mut values: Vec<_> = merged
            .iter()
            .filter_map(|s| std::str::from_utf8(s.of(document.bytes())).ok())
            .flat_map(str::lines)
            .filter(|v| v.trim().len() >= 6)
            .collect();
        // Longest first, so that a secret that contains another is masked whole.
        values.sort_unstable_by_key(|v| std::cmp::Reverse(v.len()));
        values.dedup();
        Self {
            spans: merged,
            values,
        }
    }

    /// A text made from the document (a subject, a message) with every secret masked.
    pub(crate) fn text(&self, text: String) -> String {
        self.values.iter().fold(text, |text, value| {
            if text.contains(value) {
                text.replace(value, MASK)
            } else {
                text
            }
        })
    }

    /// The first line of `span`, masked and shortened.
    pub(crate) fn excerpt(&self, document: &Document<'_>, span: Span) -> Excerpt {
        let bytes = document.bytes();
        let line = lines::around(document, span.start);
        let shown = shorten(bytes, line, span);
        let mut pieces = Pieces::new(bytes, shown.start > line.start);
        let mut at = shown.start;
        for secret in self.guesses(bytes, shown) {
            let start = secret.start.max(at);
            let end = secret.end.min(shown.end);
            if start < end {
                let open = prefix(Span::new(start, end).of(bytes), secret.start == start);
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

    /// The spans to mask inside `shown`: the known secrets, and what merely looks
    /// like one. A line is shown for a bypass too, and may hold a password that no
    /// rule was sure of.
    fn guesses(&self, bytes: &[u8], shown: Span) -> Vec<Span> {
        static LOOKS_SECRET: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"://[^\s/:@]*:(?P<a>[^\s/@]+)@|(?:^|\s)(?:-u|--user)[ =]['\x22]?[^\s:]+:(?P<b>[^\s'\x22]+)|(?P<c>[A-Za-z0-9+/_=-]{24,})")
                .expect("a constant regex")
        });
        let mut spans: Vec<_> = self
            .spans
            .iter()
            .copied()
            .filter(|s| s.overlaps(shown))
            .collect();
        for found in LOOKS_SECRET.captures_iter(shown.of(bytes)) {
            for name in ["a", "b", "c"] {
                let Some(group) = found.name(name) else {
                    continue;
                };
                if name == "c" && !looks_random(group.as_bytes()) {
                    continue;
                }
                spans.push(Span::new(
                    shown.start + group.start(),
                    shown.start + group.end(),
                ));
            }
        }
        spans.sort_unstable();
        spans
    }
}

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

/// Random enough to be a key, and no hash that names a commit or a digest.
fn looks_random(text: &[u8]) -> bool {
    let hex = text.iter().all(u8::is_ascii_hexdigit) && matches!(text.len(), 32 | 40 | 64);
    let digit = text.iter().any(u8::is_ascii_digit);
    let upper = text.iter().any(u8::is_ascii_uppercase);
    let lower = text.iter().any(u8::is_ascii_lowercase);
    !hex && digit && upper && lower && entropy::shannon(text) > 3.8
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
