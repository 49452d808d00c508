//! A document: a file's bytes with its kind, its lines and, when asked for, its tree.

pub mod lines;
pub mod node;
pub mod parsed;

mod dotenv;
mod hcl;
mod ini;
mod json;
mod template;
mod toml;
mod xml;
mod yaml;

pub use lines::{Lines, Region};
pub use node::{Member, Node, Span, Value};
pub use parsed::{Fault, Parsed, Tier};
