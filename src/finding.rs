//! A finding: a hit with its identity, and nothing that could leak a secret.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::document::{Region, Tier};
use crate::names::names;

pub use crate::rule::head::{Class, Confidence, Severity};

/// Text in which every secret has been masked. Only `detect` makes one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Redacted(String);

impl Redacted {
    /// Wraps text that was masked already.
    pub(crate) const fn new(masked: String) -> Self {
        Self(masked)
    }

    /// The masked text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Masks every word of a text that could be a key: sixteen letters and digits or more.
/// For texts that people write for a reader, such as a register, where nobody looked
/// for secrets. The text keeps its length, so that offsets into it stay right.
pub(crate) fn veil(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '=');
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let has = |test: fn(&char) -> bool| word.chars().any(|c| test(&c));
        if word.len() >= 16 && has(char::is_ascii_digit) && has(char::is_ascii_alphabetic) {
            masked.extend(word.chars().map(|_| '*'));
        } else {
            masked.push_str(word);
        }
        let next = after.find(is_word).unwrap_or(after.len());
        let (between, after) = after.split_at(next);
        masked.push_str(between);
        rest = after;
    }
    masked
}

/// The text with all that could be a key masked, and with the fingerprints that say what
/// they are: `byway1:` and 32 digits.
pub fn veiled(text: &str) -> String {
    const MARK: &str = "byway1:";
    let mut pieces = text.split(MARK);
    let mut shown = pieces.next().map(veil).unwrap_or_default();
    for piece in pieces {
        shown.push_str(MARK);
        let own = piece.split_at_checked(32);
        match own.filter(|(digits, _)| digits.parse::<Fingerprint>().is_ok()) {
            Some((digits, rest)) if !rest.starts_with(|c: char| c.is_alphanumeric()) => {
                shown.push_str(digits);
                shown.push_str(&veil(rest));
            }
            _ => shown.push_str(&veil(piece)),
        }
    }
    shown
}

/// The `byway/v1` fingerprint: 128 bits of SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// Hashes the fields, each preceded by its length as eight little-endian
    /// bytes, so that no two lists of fields run together.
    pub fn of(fields: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for field in fields {
            hasher.update((field.len() as u64).to_le_bytes());
            hasher.update(field);
        }
        let digest = hasher.finalize();
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(digest.iter()) {
            *to = *from;
        }
        Self(bytes)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl FromStr for Fingerprint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const MEND: &str = "write the 32 hexadecimal digits that a report shows";
        if text.len() != 32 || !text.is_ascii() {
            return Err(MEND.to_owned());
        }
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| MEND)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| MEND)?;
        }
        Ok(Self(bytes))
    }
}

/// Where something stands: a file and a region in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Path relative to the project's root, with `/` between its parts.
    pub path: Arc<str>,
    /// Lines and columns, counted once, in `document::Lines::region`.
    pub region: Region,
}

/// One line of source with every secret masked, for a reader.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Excerpt {
    /// The masked line, shortened around the finding when it is long.
    pub text: Redacted,
    /// The finding inside [`Excerpt::text`], as byte offsets.
    pub highlight: std::ops::Range<usize>,
}

/// A second place that explains a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// Why it matters here.
    pub message: String,
}

/// What a rule found in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id, such as `static-key/github-token`.
    pub rule: Cow<'static, str>,
    /// The rule's class.
    pub class: Class,
    /// How bad it is.
    pub severity: Severity,
    /// How sure we are.
    pub confidence: Confidence,
    /// What is excepted, normalised: a secret's name, a key id, a role.
    pub subject: String,
    /// Where it lives logically: `github:workflow:ci.yml/job:deploy`.
    pub anchor: String,
    /// Where it stands.
    pub place: Place,
    /// The masked source line.
    pub excerpt: Excerpt,
    /// The `byway/v1` fingerprint.
    pub fingerprint: Fingerprint,
    /// GitHub's `primaryLocationLineHash` of the first line.
    pub line_hash: String,
    /// One sentence for the reader, ending with a full stop.
    pub message: String,
    /// Decoded facts, such as `account = 123456789012`. Never a secret.
    pub facts: Vec<(Cow<'static, str>, String)>,
    /// Other places that belong to it.
    pub related: Vec<Related>,
    /// The way that leads to it, in order: what starts the pipeline, the job, the
    /// credential, the step. Empty when there is none to tell.
    pub flow: Vec<Related>,
    /// How the document was read when the finding came from its tree.
    pub tier: Tier,
}

impl Finding {
    /// The order of every report: path, place, rule, fingerprint.
    pub fn order(&self) -> impl Ord + '_ {
        (
            &self.place.path,
            self.place.region,
            &self.rule,
            self.fingerprint,
        )
    }
}

/// Something that kept a file from being read in full.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, relative to the project's root, with `/` between its parts.
    pub path: Arc<str>,
    /// The line, counted from 1, where it is known.
    pub line: Option<u32>,
    /// How grave it is.
    pub gravity: Gravity,
    /// What happened and what it means for the scan. Never quotes the file.
    pub what: String,
}

names! {
    /// Whether a problem makes the run fail.
    pub enum Gravity {
        /// Reported, but the scan did what it was asked to (a file over the size cap).
        Note = "note",
        /// Part of what was asked for could not be read: exit code 2.
        Error = "error",
    }
}
