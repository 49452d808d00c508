//! byway finds *exception paths* in a repository and holds them to a declared register.
//!
//! An exception path is a workflow, system or platform that gets around the normal
//! identity, access and governance controls of production: a static key, a token with
//! more right than its job needs, a way around an approval. It is legitimate only while
//! it is declared, with an owner, an end, compensating controls and a review.
//!
//! # One file's life
//!
//! ```text
//! source ──▶ document ──▶ detect ──▶ finding ──▶ register::judge ──▶ report
//! bytes      kinds, tree   hits       masked      verdict             text, JSON Lines, SARIF
//! ```
//!
//! 1. [`source`] walks the work tree and reads a file; it alone reads.
//! 2. [`document`] tells what kinds of file it is, and parses it into a spanned tree
//!    when a rule asks for one.
//! 3. [`detect`] passes over the bytes once, wakes the rules whose keywords it meets,
//!    and turns their hits into findings. Secrets stay inside.
//! 4. [`finding`] is what is left: rule, subject, anchor, place, masked excerpt,
//!    fingerprint.
//! 5. [`register`] judges all findings by the register, the policy and a day.
//! 6. [`report`] writes them.
//!
//! [`scan`] is that list as code. Rules are pages under `rules/`, read by [`rule`] and
//! checked by [`check`].

pub mod check;
pub mod detect;
pub mod document;
pub mod finding;
pub mod import;
pub mod kind;
pub mod line_hash;
mod names;
pub mod register;
pub mod report;
pub mod revisions;
pub mod rule;
pub mod scan;
pub mod source;
