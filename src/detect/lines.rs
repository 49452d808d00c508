//! The lines of a document by their bytes.

use crate::document::{Document, Span};

/// The line that holds an offset, without its break.
pub(super) fn around(document: &Document<'_>, offset: usize) -> Span {
    nth(document, document.lines().index_of(offset))
}

/// A line counted from 0, without its break.
pub(super) fn nth(document: &Document<'_>, index: usize) -> Span {
    document.lines().span(document.bytes(), index)
}

/// All lines, without their breaks.
pub(super) fn all(document: &Document<'_>) -> impl Iterator<Item = Span> {
    (0..document.lines().count()).map(|index| nth(document, index))
}

/// How much of a line is looked at on either side of a place.
const NEAR: usize = 1024;

/// The line that holds a span, as far as it is near: who looks at the whole of a long
/// line for each of the places on it takes the square of its length.
pub(super) fn near(document: &Document<'_>, span: Span) -> Span {
    let line = around(document, span.start);
    Span::new(
        line.start.max(span.start.saturating_sub(NEAR)),
        line.end.min(span.end.saturating_add(NEAR)).max(line.start),
    )
}
