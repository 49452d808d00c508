//! A document: a file's bytes with its kind, its lines and, when asked for, its tree.

pub mod format;
pub mod lines;
pub mod node;
pub mod parsed;

mod dotenv;
mod hcl;
mod hcl_scan;
mod ini;
mod json;
mod limits;
mod properties;
#[cfg(test)]
mod render;
mod template;
mod toml;
mod xml;
mod yaml;
mod yaml_scalar;
mod yaml_tree;

pub use format::Format;
pub use lines::{Lines, Region};
pub use node::{Member, Node, Span, Value};
pub use parsed::{Fault, Parsed, Tier};
