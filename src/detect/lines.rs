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
