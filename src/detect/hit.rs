//! A hit: what a detector says of a place.

use std::borrow::Cow;
use std::sync::Arc;

use crate::document::Span;
use crate::document::neighbours::Neighbour;
use crate::finding::{Confidence, Place, Severity};

/// A place in the document itself or in another file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// In the document.
    Here(Span),
    /// In another file.
    There(Box<Place>),
}

impl Spot {
    /// A place in a neighbour.
    pub(crate) fn there(file: &Neighbour, span: Span) -> Self {
        Self::There(Box::new(Place {
            path: Arc::clone(file.path()),
            region: file.region(span),
        }))
    }
}

/// Where a rule matched, before it is a finding. Holds places, never a secret's text.
#[derive(Debug, Clone)]
pub struct Hit {
    /// What to point at.
    pub span: Span,
    /// Where the match begins that it is a part of.
    pub begins: usize,
    /// The secret, to be masked everywhere; empty when there is none.
    pub secret: Span,
    /// What is excepted; computed from the secret or the rule when absent.
    pub subject: Option<String>,
    /// Where it lives logically; computed from the document when absent.
    pub anchor: Option<String>,
    /// Replaces the rule's severity.
    pub severity: Option<Severity>,
    /// Replaces the rule's confidence.
    pub confidence: Option<Confidence>,
    /// Replaces the rule's message.
    pub message: Option<String>,
    /// Added to the message in brackets.
    pub detail: Option<String>,
    /// Decoded facts.
    pub facts: Vec<(Cow<'static, str>, String)>,
    /// Places that belong to it, with why.
    pub related: Vec<(Span, String)>,
    /// Places in other files that belong to it, with why.
    pub elsewhere: Vec<(Place, String)>,
    /// The way from what starts it to what it does, each station with what happens there.
    pub flow: Vec<(Spot, String)>,
    /// Whether the subject alone tells which secret it is.
    pub(crate) told: bool,
    /// How the secret is encoded, where it was found in decoded text.
    pub(crate) encoding: Option<String>,
}

impl Hit {
    /// A hit at `span` that finds no secret.
    pub const fn new(span: Span) -> Self {
        Self {
            span,
            begins: span.start,
            secret: Span::new(0, 0),
            subject: None,
            anchor: None,
            severity: None,
            confidence: None,
            message: None,
            detail: None,
            facts: Vec::new(),
            related: Vec::new(),
            elsewhere: Vec::new(),
            flow: Vec::new(),
            told: false,
            encoding: None,
        }
    }

    /// A hit on a secret.
    pub const fn secret(span: Span) -> Self {
        let mut hit = Self::new(span);
        hit.secret = span;
        hit
    }

    /// The same hit with a subject.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// The same hit with another confidence.
    #[must_use]
    pub const fn sure(mut self, confidence: Confidence) -> Self {
        self.confidence = Some(confidence);
        self
    }

    /// The same hit with another severity.
    #[must_use]
    pub const fn grave(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// The same hit with a place that belongs to it, and why.
    #[must_use]
    pub fn beside(mut self, spot: Spot, why: impl Into<String>) -> Self {
        match spot {
            Spot::Here(span) => self.related.push((span, why.into())),
            Spot::There(place) => self.elsewhere.push((*place, why.into())),
        }
        self
    }

    /// The same hit with the way that leads to it.
    #[must_use]
    pub fn along(mut self, flow: Vec<(Spot, String)>) -> Self {
        self.flow = flow;
        self
    }

    /// The same hit with another anchor.
    #[must_use]
    pub fn anchored(mut self, anchor: String) -> Self {
        self.anchor = Some(anchor);
        self
    }

    /// The same hit with another message.
    #[must_use]
    pub fn saying(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }
}
