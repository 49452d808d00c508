//! How a rule's regexes are compiled: on bytes, with ASCII classes, so that a file that
//! isn't UTF-8 is searched like any other and no Unicode table slows the search. One
//! place, so that what a page's check accepts is what detection runs.

use regex::Error;
use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

/// Bytes that a regex's lazily built automaton may keep, for each thread. Hundreds of
/// rules may run in one scan, each over windows of a few hundred bytes: a small cache
/// does, and keeps memory from growing with the rules.
const CACHE: usize = 128 << 10;

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
        .dfa_size_limit(CACHE)
        .build()
}

/// What is wrong with a regex, in one line.
pub fn why(error: &Error) -> String {
    let text = error.to_string();
    text.lines().last().unwrap_or_default().trim().to_owned()
}
