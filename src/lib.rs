//! byway finds exception paths in a repository and holds them to a declared register.
pub mod check;
pub mod detect;
pub mod document;
pub mod finding;
pub mod kind;
pub mod line_hash;
mod names;
pub mod register;
pub mod report;
pub mod rule;
pub mod scan;
pub mod source;
