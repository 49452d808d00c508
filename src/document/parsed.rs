//! What a format's parser gives back.

use super::node::{Node, Span};

/// How a document's tree came about; a finding records it so that precision can
/// be measured for each tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// The strict parser read the whole file.
    Strict,
    /// A tolerant reading: template markup was blanked, or parts were skipped.
    Recovered,
    /// There is no tree; only lexical rules ran.
    Lexical,
}

impl Tier {
    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Recovered => "recovered",
            Self::Lexical => "lexical",
        }
    }
}

/// Where and why a parser could not read on. The message never quotes the text:
/// it could be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Byte offset into the text.
    pub offset: usize,
    /// What is wrong, in a few words, without quoting the file.
    pub what: String,
    /// Whether nothing is wrong with the file: it is only larger than we parse.
    pub large: bool,
}

/// A parsed file.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The documents of the file: several for multi-document YAML, else one (or
    /// none for an empty file).
    pub documents: Vec<Node>,
    /// Comments with their markers, in file order, where the format's parser
    /// tells them.
    pub comments: Vec<Span>,
    /// How the tree came about.
    pub tier: Tier,
    /// What could not be read. A tolerant reading that lost nothing has none.
    pub faults: Vec<Fault>,
}

impl Parsed {
    /// A tree that the strict parser read whole.
    pub const fn strict(documents: Vec<Node>, comments: Vec<Span>) -> Self {
        Self {
            documents,
            comments,
            tier: Tier::Strict,
            faults: Vec::new(),
        }
    }

    /// Lowers the tier as the faults demand.
    pub(super) fn graded(mut self) -> Self {
        if !self.faults.is_empty() {
            self.tier = if self.documents.is_empty() {
                Tier::Lexical
            } else {
                Tier::Recovered
            };
        }
        self
    }

    /// No tree at all, because of a fault.
    pub fn lexical(fault: Fault) -> Self {
        Self {
            documents: Vec::new(),
            comments: Vec::new(),
            tier: Tier::Lexical,
            faults: vec![fault],
        }
    }
}
