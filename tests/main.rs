//! All integration tests, in one binary.

#![allow(
    clippy::disallowed_methods,
    clippy::string_slice,
    reason = "tests read and slice what they made themselves"
)]

mod pages;
mod secrets;
