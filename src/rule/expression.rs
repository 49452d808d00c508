//! How a rule's regexes are compiled: on bytes, with ASCII classes, so that a file that
//! isn't UTF-8 is searched like any other and no Unicode table slows the search.
//! `detect::automaton` builds those of patterns alike, with memory of its own.

use regex::Error;
use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

/// Bytes that a regex's lazily built automaton may keep, for each thread: what it searches
/// is short.
const CACHE: usize = 128 << 10;

/// The same for a set. Where the automaton doesn't fit, it is built over and over, and the
/// search is twenty times slower.
const LARGE_CACHE: usize = 2 << 20;

/// Compiles a rule's regex.
///
/// # Errors
///
/// The crate `regex` says what is wrong with it, or that it would be too large.
pub fn compile(text: &str) -> Result<Regex, Error> {
    RegexBuilder::new(text)
        .unicode(false)
        .dfa_size_limit(CACHE)
        .build()
}

/// Compiles regexes of which only is asked whether one matches.
///
/// # Errors
///
/// As [`compile`].
pub fn compile_all<T: AsRef<str>>(texts: &[T]) -> Result<RegexSet, Error> {
    RegexSetBuilder::new(texts)
        .unicode(false)
        .dfa_size_limit(LARGE_CACHE)
        .build()
}

/// What is wrong with a regex, in one line.
pub fn why(error: &Error) -> String {
    let text = error.to_string();
    text.lines().last().unwrap_or_default().trim().to_owned()
}
