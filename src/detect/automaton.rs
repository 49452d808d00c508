//! The regexes of patterns, and what a thread keeps for them.
//!
//! Hundreds of regexes are in use in one scan, each over windows of a few hundred bytes.
//! The crate `regex` keeps what a search needs beside each regex, for each thread and
//! for ever, and builds tables for anchored searches that a window never asks for. Here
//! a thread keeps such memory for all regexes together and forgets what was not used
//! lately, so that memory does not grow with the rules.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use regex_automata::meta::{BuildError, Cache, Config, Regex as Meta};
use regex_automata::util::captures;
use regex_automata::util::syntax;
use regex_automata::{Input, PatternID};

use crate::document::Span;

/// Bytes that a regex's lazily built automaton may keep in each direction.
const CACHE: usize = 128 << 10;

/// The same for a regex that is searched for far from its keywords: with less it would
/// be built anew again and again.
const FAR_CACHE: usize = 2 << 20;

/// Bytes that a thread keeps for the regexes it used lately, and as much again for
/// those it used before.
const KEPT: usize = 2 << 20;

/// Largest automaton in bytes; the same as in the crate `regex`, by which a page is
/// checked.
const LARGEST: usize = 10 << 20;

/// A compiled regex.
pub(super) struct Regex {
    regex: Meta,
    id: u64,
}

/// What a regex matched.
pub(super) struct Captures<'t> {
    text: &'t [u8],
    found: captures::Captures,
}

impl Regex {
    /// Compiles a regex as [`crate::rule::expression`] does: on bytes, with ASCII classes.
    ///
    /// # Errors
    ///
    /// What is wrong with it, or that it would be too large.
    pub(super) fn new(text: &str) -> Result<Self, Box<BuildError>> {
        Self::build(text, CACHE)
    }

    /// Compiles a regex that is searched for in more than a window.
    ///
    /// # Errors
    ///
    /// As [`Self::new`].
    pub(super) fn far(text: &str) -> Result<Self, Box<BuildError>> {
        Self::build(text, FAR_CACHE)
    }

    fn build(text: &str, cache: usize) -> Result<Self, Box<BuildError>> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let config = Config::new()
            .utf8_empty(false)
            .nfa_size_limit(Some(LARGEST))
            .hybrid_cache_capacity(cache)
            .onepass(false)
            .dfa(false);
        let regex = Meta::builder()
            .configure(config)
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .build(text)
            .map_err(Box::new)?;
        Ok(Self {
            regex,
            id: NEXT.fetch_add(1, Ordering::Relaxed),
        })
    }

    /// Whether the regex matches in `text`.
    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        let input = Input::new(text).earliest(true);
        KEEP.with_borrow_mut(|keep| {
            keep.with(self, |kept| {
                self.regex
                    .search_half_with(&mut kept.cache, &input)
                    .is_some()
            })
        })
    }

    /// The first match that begins at `start` or after it.
    pub(super) fn captures_at<'t>(&self, text: &'t [u8], start: usize) -> Option<Captures<'t>> {
        if start > text.len() {
            return None;
        }
        let input = Input::new(text).span(start..text.len());
        let found = KEEP.with_borrow_mut(|keep| {
            keep.with(self, |kept| {
                let Kept { cache, found, .. } = kept;
                self.regex.search_captures_with(cache, &input, found);
                found.is_match().then(|| found.clone())
            })
        });
        #[cfg(test)]
        count::add(found.as_ref().map_or(text.len(), captures_end) - start);
        Some(Captures {
            text,
            found: found?,
        })
    }

    /// The names of the groups.
    pub(super) fn capture_names(&self) -> impl Iterator<Item = Option<&str>> {
        self.regex.group_info().pattern_names(PatternID::ZERO)
    }
}

impl Captures<'_> {
    /// What the whole regex matched.
    pub(super) fn whole(&self) -> Span {
        self.found
            .get_match()
            .map_or_else(Span::default, |found| Span::new(found.start(), found.end()))
    }

    /// Where the group of this number matched.
    pub(super) fn group(&self, index: usize) -> Option<Span> {
        let found = self.found.get_group(index)?;
        Some(Span::new(found.start, found.end))
    }

    /// Where the group called `name` matched.
    pub(super) fn span(&self, name: &str) -> Option<Span> {
        // A handful of names is compared sooner than one is looked up.
        let mut names = self.found.group_info().pattern_names(PatternID::ZERO);
        let index = names.position(|own| own == Some(name))?;
        self.group(index)
    }

    /// What the group called `name` matched.
    pub(super) fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.span(name).map(|span| span.of(self.text))
    }
}

/// How far searches went, for tests that hold it against the length of the text: time
/// would depend on the machine.
#[cfg(test)]
pub(super) mod count {
    use std::cell::Cell;

    thread_local! {
        static SEARCHED: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn add(bytes: usize) {
        SEARCHED.set(SEARCHED.get() + bytes);
    }

    /// The bytes searched on this thread since the last call.
    pub(in super::super) fn take() -> usize {
        SEARCHED.take()
    }
}

#[cfg(test)]
fn captures_end(found: &captures::Captures) -> usize {
    found.get_match().map_or(0, |found| found.end())
}

thread_local! {
    static KEEP: RefCell<Keep> = RefCell::default();
}

/// What a search of one regex works in.
struct Kept {
    cache: Cache,
    found: captures::Captures,
    size: usize,
}

/// What one thread keeps, by the regexes' numbers.
#[derive(Default)]
struct Keep {
    lately: HashMap<u64, Kept>,
    before: HashMap<u64, Kept>,
    /// Bytes of `lately`.
    size: usize,
}

impl Keep {
    /// Runs a search, and forgets what was not used for long.
    fn with<T>(&mut self, regex: &Regex, search: impl FnOnce(&mut Kept) -> T) -> T {
        let before = &mut self.before;
        let size = &mut self.size;
        let kept = self.lately.entry(regex.id).or_insert_with(|| {
            let kept = before.remove(&regex.id).unwrap_or_else(|| Kept {
                cache: regex.regex.create_cache(),
                found: regex.regex.create_captures(),
                size: 0,
            });
            *size += kept.size;
            kept
        });
        let result = search(kept);
        let now = kept.cache.memory_usage();
        *size = (*size + now).saturating_sub(kept.size);
        kept.size = now;
        if *size > KEPT {
            *size = 0;
            self.before = std::mem::take(&mut self.lately);
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> (usize, usize) {
        KEEP.with_borrow(|keep| {
            let sum = |map: &HashMap<u64, Kept>| map.values().map(|k| k.size).sum();
            assert_eq!(keep.size, sum(&keep.lately));
            (sum(&keep.lately), sum(&keep.before))
        })
    }

    #[test]
    fn a_thread_keeps_little_however_many_regexes_it_uses() {
        let regexes: Vec<_> = (0..400)
            .map(|n| {
                let text = format!(r"(?i)\bkey{n}[a-z0-9]{{3,40}}=(?P<secret>[a-z0-9+/]{{20,60}})");
                Regex::new(&text).unwrap()
            })
            .collect();
        for _ in 0..3 {
            for (n, regex) in regexes.iter().enumerate() {
                let text = format!("a KEY{n}abc={} b", "x1".repeat(15));
                let found = regex.captures_at(text.as_bytes(), 1).unwrap();
                assert_eq!(found.bytes("secret"), Some("x1".repeat(15).as_bytes()));
                assert_eq!(found.whole().end, text.len() - 2);
                assert!(found.span("none").is_none());
                assert!(!regex.is_match(b"key=1"));
                assert!(regex.captures_at(text.as_bytes(), 9).is_none());
                let (lately, before) = kept();
                assert!(lately <= KEPT && before <= KEPT + 2 * CACHE + (1 << 20));
            }
        }
        // All of them would be more than is kept.
        let (_, before) = kept();
        assert!(before > 0, "nothing was ever forgotten");
    }

    #[test]
    fn bytes_that_are_no_text_are_searched_too() {
        let regex = Regex::new(r"\bk=(?P<secret>\w+)\b").unwrap();
        let found = regex.captures_at(b"\xff\xfe k=abc\xff", 0).unwrap();
        assert_eq!(found.bytes("secret"), Some(&b"abc"[..]));
        assert_eq!(
            regex.capture_names().flatten().collect::<Vec<_>>(),
            ["secret"]
        );
        assert!(regex.captures_at(b"", 1).is_none());
    }
}
