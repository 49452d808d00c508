//! What every match of a regex holds: a number of bytes of few kinds in a row, such as
//! the forty hexadecimal digits of a token. Where a window has no such row, it is not
//! searched, and a regex none of whose windows has one is never compiled. Telling so costs
//! a look at every fortieth byte; a search of that window some hundred states of an
//! automaton that is built as it goes.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Shortest row that is worth looking for.
const SHORTEST: usize = 8;

/// Bytes of few kinds in a row.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// By byte, whether it may stand in the row.
    kinds: Box<[bool; 256]>,
    /// How many stand in the row at least.
    length: usize,
}

impl Row {
    /// The row that every match of a regex holds, if there is one that few texts have.
    pub(super) fn of(regex: &str) -> Option<Self> {
        let mut parser = regex_syntax::ParserBuilder::new()
            .unicode(false)
            .utf8(false)
            .build();
        let best = Held::of(&parser.parse(regex).ok()?).best?;
        (best.length >= SHORTEST).then(|| Self {
            kinds: Box::new(std::array::from_fn(|byte| best.kinds.has(byte))),
            length: best.length,
        })
    }

    /// Whether a text has such a row. Looks at each byte once at most, and from the end of
    /// where a row would be: a byte of another kind there rules out all places before it.
    pub(super) fn is_in(&self, text: &[u8]) -> bool {
        let mut start = 0;
        // All from `start` to here are known to fit.
        let mut fits = 0;
        while let Some(row) = text.get(fits..start + self.length) {
            let other = |byte: &u8| !self.kinds[usize::from(*byte)];
            match row.iter().rposition(other) {
                None => return true,
                Some(at) => {
                    start = fits + at + 1;
                    fits += row.len();
                }
            }
        }
        false
    }
}

/// A set of bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Set([u128; 2]);

impl Set {
    fn add(&mut self, byte: u8) {
        let [low, high] = &mut self.0;
        *(if byte < 128 { low } else { high }) |= 1 << (byte % 128);
    }

    const fn has(&self, byte: usize) -> bool {
        let [low, high] = self.0;
        (if byte < 128 { low } else { high }) >> (byte % 128) & 1 == 1
    }

    const fn with(self, other: Self) -> Self {
        let ([a, b], [c, d]) = (self.0, other.0);
        Self([a | c, b | d])
    }

    const fn len(self) -> u32 {
        let [low, high] = self.0;
        low.count_ones() + high.count_ones()
    }
}

/// At least so many bytes of these kinds.
#[derive(Debug, Clone, Copy, Default)]
struct Bytes {
    kinds: Set,
    length: usize,
}

impl Bytes {
    fn with(self, other: Self, length: usize) -> Self {
        Self {
            kinds: self.kinds.with(other.kinds),
            length,
        }
    }

    /// How seldom such a row is, roughly: bits that its bytes have less than any.
    fn seldom(self) -> usize {
        let bits = 8 - (self.kinds.len().max(1)).ilog2() as usize;
        self.length.saturating_mul(bits)
    }
}

/// What a part of a regex matches.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    /// The kinds of all of its bytes, and the least number of them.
    whole: Option<Bytes>,
    /// The most seldom row in each match.
    best: Option<Bytes>,
}

impl Held {
    fn of(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::whole(Bytes::default()),
            HirKind::Literal(literal) => {
                let mut kinds = Set::default();
                literal.0.iter().for_each(|byte| kinds.add(*byte));
                Self::whole(Bytes {
                    kinds,
                    length: literal.0.len(),
                })
            }
            HirKind::Class(Class::Bytes(class)) => {
                let mut kinds = Set::default();
                for range in class.ranges() {
                    (range.start()..=range.end()).for_each(|byte| kinds.add(byte));
                }
                Self::whole(Bytes { kinds, length: 1 })
            }
            HirKind::Class(Class::Unicode(_)) => Self::default(),
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Repetition(repetition) => {
                let once = Self::of(&repetition.sub);
                let times = repetition.min as usize;
                match once.whole {
                    Some(bytes) => Self::whole(Bytes {
                        length: bytes.length.saturating_mul(times),
                        ..bytes
                    }),
                    None if times > 0 => once,
                    None => Self::default(),
                }
            }
            HirKind::Concat(parts) => Self::one_after_another(parts),
            HirKind::Alternation(parts) => Self::one_of(parts),
        }
    }

    fn whole(bytes: Bytes) -> Self {
        Self {
            whole: Some(bytes),
            best: (bytes.length > 0).then_some(bytes),
        }
    }

    /// Parts that touch make longer rows of more kinds.
    fn one_after_another(parts: &[Hir]) -> Self {
        let mut whole = Some(Bytes::default());
        let mut best = None;
        let mut touching = Bytes::default();
        for part in parts {
            let part = Self::of(part);
            touching = part.whole.map_or_else(Bytes::default, |bytes| {
                touching.with(bytes, touching.length + bytes.length)
            });
            whole = whole
                .zip(part.whole)
                .map(|(a, b)| a.with(b, a.length + b.length));
            let rows = [best, part.best, Some(touching)];
            best = rows.into_iter().flatten().max_by_key(|row| row.seldom());
        }
        Self { whole, best }
    }

    /// Any of the parts: what all of them hold.
    fn one_of(parts: &[Hir]) -> Self {
        let parts = parts.iter().map(Self::of);
        let either = |a: Option<Bytes>, b: Option<Bytes>| {
            let (a, b) = a.zip(b)?;
            Some(a.with(b, a.length.min(b.length)))
        };
        parts
            .reduce(|a, b| Self {
                whole: either(a.whole, b.whole),
                best: either(a.best, b.best),
            })
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_regexes() {
        for (regex, length, kinds) in [
            (r"[0-9a-f]{40}", 40, "0123456789abcdef"),
            (r"\b(?P<secret>ab_[ab]{20,40})\b", 23, "_ab"),
            (r"x{9}[^\n]*y{12}", 12, "y"),
            (r"k=(?:a{19}|b{22})", 19, "ab"),
            (r"(?:a{4}-){3}a{4}", 19, "-a"),
            (r"(?i)[ab]{30}", 30, "ABab"),
            (r"a{3}(?:b{2,9}){3}c?d{4}", 13, "abcd"),
        ] {
            let row = Row::of(regex).unwrap_or_else(|| panic!("{regex}"));
            let own: String = (0..=255_u8)
                .filter(|byte| row.kinds[usize::from(*byte)])
                .map(char::from)
                .collect();
            assert_eq!((row.length, own.as_str()), (length, kinds), "{regex}");
        }
        for regex in ["", "a*", "(?:a{20})?", "a{20}|b", "abc", r"\w{7}"] {
            assert!(Row::of(regex).is_none(), "{regex}");
        }
    }

    #[test]
    fn rows_in_texts() {
        let row = Row::of("[ab]{8}").unwrap();
        for text in ["abababab", "..abbaabba.", "ab.abababab", "aaaaaaa.aaaaaaaa"] {
            assert!(row.is_in(text.as_bytes()), "{text}");
        }
        for text in ["", "abababa", "abab.abab.ababab.a", "aaaaaaa.aaaaaaa.b"] {
            assert!(!row.is_in(text.as_bytes()), "{text}");
        }
    }

    /// That none of them is missed for its row is tested with the examples of their pages.
    #[test]
    fn most_of_our_own_patterns_have_a_row() {
        let engine = crate::detect::Engine::new(crate::rule::builtin().to_vec()).unwrap();
        let mut some = 0;
        for pattern in engine.rules().iter().flat_map(|rule| rule.patterns.iter()) {
            some += usize::from(Row::of(&pattern.regex).is_some());
        }
        assert!(some > 300, "{some}");
    }
}
