//! All integration tests, in one binary.

#![allow(
    clippy::disallowed_methods,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "tests read and slice what they made themselves, and may fail"
)]

mod broken;
mod brought;
mod checksums;
mod cli;
mod commands;
mod common;
mod fixtures;
mod git;
mod invariants;
mod judging;
mod leaks;
mod pages;
mod pipelines;
mod sarif;
mod secrets;
mod variants;
