//! Rules: one Markdown page each, at once logic, documentation, SARIF help and
//! tests.
//!
//! The same modules serve the build script, which turns the pages under `rules/`
//! into a table of constants, and `byway rules check`, which reads a user's own
//! pages at run time. They therefore depend on nothing else in the crate.

mod assigned;
pub mod examples;
pub mod expression;
pub(crate) mod fields;
pub(crate) mod filter;
pub mod frameworks;
pub mod guards;
pub mod head;
pub mod page;
pub mod sample;

pub use head::{Class, Confidence, Filter, Pattern, Query, Reach, Rule, Severity};

mod table {
    use super::head::{
        Class, Confidence, Filter, List, Pattern, Query, Reach, Rule, Severity, Test, Text,
    };
    include!(concat!(env!("OUT_DIR"), "/rules.rs"));
}

/// Our own rules, sorted by id.
pub fn builtin() -> &'static [Rule] {
    table::RULES
}
