//! The one pass over every byte: which keywords stand in a text, and where.
//!
//! An Aho-Corasick automaton (Aho and Corasick, 1975) as a dense table over byte
//! classes, ASCII letters folded. A table-driven automaton is bound by the latency
//! of one load a byte, since each state depends on the one before. So a text is cut
//! into `LANES` pieces that are walked in lock step: their loads overlap, and the
//! processor does the work of several automata in the time of one. Each piece starts
//! a keyword's length early, so that no match across a cut is lost.

use super::{Rule, encoded};
use std::collections::{BTreeMap, VecDeque};

/// How many pieces of a text are walked at once.
const LANES: usize = 8;

/// Texts shorter than this are walked in one piece.
const SHORT: usize = 1024;

/// How much of a text is walked at once. The hits of a piece are kept apart until all
/// pieces are walked, so that they come in order without being sorted.
const BLOCK: usize = 256 << 10;

/// A keyword found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeywordHit {
    /// Offset after the keyword's last byte.
    pub end: usize,
    /// Which keyword: an index into [`Keywords::rules_of`].
    pub keyword: u16,
}

/// The automaton over the keywords of all rules.
#[derive(Debug)]
pub struct Keywords {
    /// Next state by `state + class`; states are multiples of the class count.
    table: Vec<u32>,
    class: [u8; 256],
    /// Binary logarithm of the distance between two states.
    shift: u32,
    /// States from here on report keywords.
    first_match: u32,
    /// Keywords of each reporting state.
    reports: Vec<Vec<u16>>,
    lengths: Vec<usize>,
    rules: Vec<Vec<u16>>,
    longest: usize,
}

impl Keywords {
    /// Builds the automaton for the keywords of `rules`; rules sharing a keyword
    /// share its state. The marks of escaped text are keywords of no rule.
    pub fn new(rules: &[Rule]) -> Self {
        let mut by_text: BTreeMap<Vec<u8>, Vec<u16>> = BTreeMap::new();
        for (index, rule) in rules.iter().enumerate() {
            for keyword in rule.keywords.iter() {
                let rules = by_text.entry(keyword.to_ascii_lowercase().into_bytes());
                rules
                    .or_default()
                    .push(index.try_into().unwrap_or(u16::MAX));
            }
        }
        for mark in encoded::MARKS {
            by_text.entry(mark.as_bytes().to_vec()).or_default();
        }
        let words: Vec<_> = by_text.keys().map(Vec::as_slice).collect();
        let trie = Trie::new(&words);
        let (class, classes) = classes(&words);
        let shift = usize::from(classes).next_power_of_two().trailing_zeros();
        let (table, first_match, reports) = trie.flatten(&class, shift);
        Self {
            table,
            class,
            shift,
            first_match,
            reports,
            longest: words.iter().map(|w| w.len()).max().unwrap_or(0),
            lengths: words.iter().map(|w| w.len()).collect(),
            rules: by_text.into_values().collect(),
        }
    }

    /// The rules, by index, that a keyword belongs to.
    pub fn rules_of(&self, keyword: u16) -> &[u16] {
        self.rules
            .get(usize::from(keyword))
            .map_or(&[], Vec::as_slice)
    }

    /// Length of a keyword in bytes.
    pub fn length_of(&self, keyword: u16) -> usize {
        self.lengths.get(usize::from(keyword)).copied().unwrap_or(0)
    }

    /// Appends every occurrence of every keyword to `hits`, in order of their ends.
    pub fn find(&self, text: &[u8], hits: &mut Vec<KeywordHit>) {
        if self.lengths.is_empty() {
            return;
        }
        if text.len() < SHORT {
            self.walk(text, 0, 0, hits);
            return;
        }
        let mut found: [Vec<KeywordHit>; LANES] = std::array::from_fn(|_| Vec::new());
        let mut start = 0;
        while text.len() - start >= SHORT {
            let piece = (text.len() - start).min(BLOCK) / LANES;
            let mut lanes: [&[u8]; LANES] = [&[]; LANES];
            let mut states = [0_u32; LANES];
            for (n, (lane, state)) in lanes.iter_mut().zip(&mut states).enumerate() {
                let from = start + n * piece;
                *lane = text.get(from..from + piece).unwrap_or_default();
                *state = self.state_at(text, from);
            }
            self.walk_lanes(lanes, states, start, &mut found);
            for lane in &mut found {
                hits.append(lane);
            }
            start += LANES * piece;
        }
        let tail = text.get(start..).unwrap_or_default();
        self.walk(tail, start, self.state_at(text, start), hits);
    }

    /// The state before the byte at `at`: the last few bytes tell it.
    fn state_at(&self, text: &[u8], at: usize) -> u32 {
        let warm = text.get(at.saturating_sub(self.longest)..at);
        let warm = warm.unwrap_or_default().iter();
        warm.fold(0, |state, byte| self.next(state, *byte))
    }

    #[inline]
    fn next(&self, state: u32, byte: u8) -> u32 {
        let index = state as usize + usize::from(self.class[usize::from(byte)]);
        self.table.get(index).copied().unwrap_or(0)
    }

    fn walk(&self, text: &[u8], offset: usize, mut state: u32, hits: &mut Vec<KeywordHit>) {
        for (at, byte) in text.iter().enumerate() {
            state = self.next(state, *byte);
            if state >= self.first_match {
                self.report(state, offset + at + 1, hits);
            }
        }
    }

    /// Written out lane by lane: kept in eight local variables the states stay in
    /// registers, which halves the time of a loop over an array of them.
    #[expect(clippy::many_single_char_names, reason = "eight of the same")]
    fn walk_lanes(
        &self,
        lanes: [&[u8]; LANES],
        states: [u32; LANES],
        start: usize,
        hits: &mut [Vec<KeywordHit>; LANES],
    ) {
        let [a, b, c, d, e, f, g, h] = lanes;
        let piece = a.len();
        let [
            mut s0,
            mut s1,
            mut s2,
            mut s3,
            mut s4,
            mut s5,
            mut s6,
            mut s7,
        ] = states;
        let front = a.iter().zip(b).zip(c.iter().zip(d));
        let back = e.iter().zip(f).zip(g.iter().zip(h));
        for (at, (((x0, x1), (x2, x3)), ((x4, x5), (x6, x7)))) in front.zip(back).enumerate() {
            s0 = self.next(s0, *x0);
            s1 = self.next(s1, *x1);
            s2 = self.next(s2, *x2);
            s3 = self.next(s3, *x3);
            s4 = self.next(s4, *x4);
            s5 = self.next(s5, *x5);
            s6 = self.next(s6, *x6);
            s7 = self.next(s7, *x7);
            let low = s0.max(s1).max(s2.max(s3));
            let high = s4.max(s5).max(s6.max(s7));
            if low.max(high) >= self.first_match {
                let all = [s0, s1, s2, s3, s4, s5, s6, s7].into_iter();
                for (n, (state, hits)) in all.zip(hits.iter_mut()).enumerate() {
                    if state >= self.first_match {
                        self.report(state, start + n * piece + at + 1, hits);
                    }
                }
            }
        }
    }

    #[cold]
    fn report(&self, state: u32, end: usize, hits: &mut Vec<KeywordHit>) {
        let index = (state - self.first_match) >> self.shift;
        let keywords = self
            .reports
            .get(index as usize)
            .map_or(&[][..], Vec::as_slice);
        hits.extend(keywords.iter().map(|k| KeywordHit { end, keyword: *k }));
    }
}

/// Gives each byte that stands in a keyword a class of its own, upper and lower case
/// the same; all other bytes share class 0.
fn classes(words: &[&[u8]]) -> ([u8; 256], u8) {
    let mut class = [0; 256];
    let mut count = 1;
    for byte in words.iter().copied().flatten() {
        if class[usize::from(*byte)] == 0 {
            class[usize::from(*byte)] = count;
            class[usize::from(byte.to_ascii_uppercase())] = count;
            count += 1;
        }
    }
    (class, count)
}

/// A state of the automaton while it is built.
#[derive(Debug, Default)]
struct State {
    edges: BTreeMap<u8, usize>,
    fallback: usize,
    keywords: Vec<u16>,
}

struct Trie {
    states: Vec<State>,
    /// States in breadth-first order, root first.
    order: Vec<usize>,
}

impl Trie {
    fn new(words: &[&[u8]]) -> Self {
        let mut states = vec![State::default()];
        for (index, word) in words.iter().enumerate() {
            let mut at = 0;
            for byte in *word {
                let fresh = states.len();
                let next = *states[at].edges.entry(*byte).or_insert(fresh);
                if next == fresh {
                    states.push(State::default());
                }
                at = next;
            }
            states[at]
                .keywords
                .push(index.try_into().unwrap_or(u16::MAX));
        }
        let mut trie = Self {
            states,
            order: vec![0],
        };
        trie.link();
        trie
    }

    /// Sets each state's fallback (the longest proper suffix that is a state) and
    /// adds the keywords that end there.
    fn link(&mut self) {
        let mut queue: VecDeque<usize> = VecDeque::from([0]);
        while let Some(at) = queue.pop_front() {
            let edges: Vec<_> = self.states[at]
                .edges
                .iter()
                .map(|(b, s)| (*b, *s))
                .collect();
            for (byte, child) in edges {
                let fallback = if at == 0 {
                    0
                } else {
                    self.step(self.states[at].fallback, byte)
                };
                self.states[child].fallback = fallback;
                let inherited = self.states[fallback].keywords.clone();
                self.states[child].keywords.extend(inherited);
                self.states[child].keywords.sort_unstable();
                self.order.push(child);
                queue.push_back(child);
            }
        }
    }

    fn step(&self, mut at: usize, byte: u8) -> usize {
        loop {
            match self.states[at].edges.get(&byte) {
                Some(next) => return *next,
                None if at == 0 => return 0,
                None => at = self.states[at].fallback,
            }
        }
    }

    /// Writes the states into one table, reporting states last.
    fn flatten(&self, class: &[u8; 256], shift: u32) -> (Vec<u32>, u32, Vec<Vec<u16>>) {
        let silent = self
            .order
            .iter()
            .filter(|s| self.states[**s].keywords.is_empty());
        let loud = self
            .order
            .iter()
            .filter(|s| !self.states[**s].keywords.is_empty());
        let sorted: Vec<_> = silent.chain(loud).copied().collect();
        let mut number = vec![0_u32; self.states.len()];
        for (n, state) in sorted.iter().enumerate() {
            number[*state] = u32::try_from(n).unwrap_or(u32::MAX) << shift;
        }
        let mut table = vec![0; sorted.len() << shift];
        // Breadth first, so that a state's fallback has its row already.
        for state in &self.order {
            let row = number[*state] as usize;
            let fallback = number[self.states[*state].fallback] as usize;
            if *state != 0 {
                table.copy_within(fallback..fallback + (1 << shift), row);
            }
            for (byte, child) in &self.states[*state].edges {
                table[row + usize::from(class[usize::from(*byte)])] = number[*child];
            }
        }
        let first = sorted
            .iter()
            .find(|s| !self.states[**s].keywords.is_empty());
        let first = first.map_or(u32::MAX, |s| number[*s]);
        let reports = sorted.iter().map(|s| &self.states[*s].keywords);
        (
            table,
            first,
            reports.filter(|k| !k.is_empty()).cloned().collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn keywords(words: &[&str]) -> Keywords {
        let mut rule = crate::rule::builtin().first().unwrap().clone();
        rule.keywords = words.iter().map(|w| (*w).to_owned().into()).collect();
        Keywords::new(&[rule])
    }

    fn naive(words: &[&str], text: &[u8]) -> Vec<(usize, Vec<u8>)> {
        let folded = text.to_ascii_lowercase();
        let mut found = Vec::new();
        for word in words {
            for (at, window) in folded.windows(word.len()).enumerate() {
                if window == word.as_bytes() {
                    found.push((at + word.len(), window.to_vec()));
                }
            }
        }
        found.sort_unstable();
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever the length, and so wherever the cuts fall, every occurrence is
        /// found once.
        #[test]
        fn finds_what_a_naive_search_finds(
            text in proptest::collection::vec(prop_oneof![Just(b'a'), Just(b'B'), Just(b'b'), Just(b'c'), any::<u8>()], 0..2500)
        ) {
            let words = ["abab", "bab", "abc", "bca"];
            let keywords = keywords(&words);
            let mut hits = Vec::new();
            keywords.find(&text, &mut hits);
            let mut found: Vec<_> = hits
                .iter()
                .filter(|h| !keywords.rules_of(h.keyword).is_empty())
                .map(|h| {
                    let start = h.end - keywords.length_of(h.keyword);
                    (h.end, text[start..h.end].to_ascii_lowercase())
                })
                .collect();
            found.sort_unstable();
            prop_assert_eq!(found, naive(&words, &text));
        }
    }
}
