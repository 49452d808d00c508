//! How a rule's regexes are compiled: on bytes, with ASCII classes, so that a file that
//! isn't UTF-8 is searched like any other and no Unicode table slows the search. One
//! place, so that what a page's check accepts is what detection runs.

use regex::Error;
use regex::bytes::{Regex, RegexBuilder};

/// Compiles a rule's regex.
///
/// # Errors
///
/// The crate `regex` says what is wrong with it, or that it would be too large.
pub fn compile(text: &str) -> Result<Regex, Error> {
    RegexBuilder::new(text).unicode(false).build()
}
