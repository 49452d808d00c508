//! Many spans, and whether one of them overlaps another, without looking at them all.

use crate::document::Span;

/// Spans in order, those that touch made one.
#[derive(Debug, Default)]
pub(super) struct Spans(Vec<Span>);

impl Spans {
    /// The spans that aren't empty.
    pub(super) fn new(spans: impl Iterator<Item = Span>) -> Self {
        let mut all: Vec<_> = spans.filter(|s| !s.is_empty()).collect();
        all.sort_unstable();
        all.dedup_by(|next, last| {
            let touches = next.start <= last.end;
            if touches {
                last.end = last.end.max(next.end);
            }
            touches
        });
        Self(all)
    }

    /// Whether any of them overlaps `span`.
    pub(super) fn overlap(&self, span: Span) -> bool {
        self.overlapping(span).next().is_some()
    }

    /// Those that overlap `span`, in order.
    pub(super) fn overlapping(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        let first = self.0.partition_point(|s| s.end <= span.start);
        let from = self.0.get(first..).unwrap_or_default();
        from.iter().copied().take_while(move |s| s.overlaps(span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_are_found_after_merging() {
        let spans = Spans::new(
            [(5, 7), (0, 2), (1, 3), (9, 9), (3, 4)]
                .map(|(a, b)| Span::new(a, b))
                .into_iter(),
        );
        assert_eq!(spans.0, [Span::new(0, 4), Span::new(5, 7)]);
        assert!(spans.overlap(Span::new(3, 5)));
        assert!(!spans.overlap(Span::new(4, 5)));
        assert!(!spans.overlap(Span::new(7, 90)));
        assert_eq!(spans.overlapping(Span::new(0, 90)).count(), 2);
    }
}
