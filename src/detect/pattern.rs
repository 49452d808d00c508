//! A regex run around keyword hits, and the guards a match has to pass.

use std::sync::OnceLock;

use super::automaton::{Captures, Regex};
use super::checksum::{self, Verdict};
use super::needed::Row;
use super::{Cx, ENOUGH, Hit, decode, entropy, filter, lines, plausible};
use crate::document::Span;
use crate::finding::Confidence;
use crate::rule::{Pattern, Reach};

/// Bytes before a keyword in which a match may begin.
const BEFORE: usize = 128;

/// Bytes after a keyword in which a match usually ends; the window grows when one
/// does not.
const AFTER: usize = 512;

/// Bytes that stretches share where a pattern is searched for everywhere: a match across
/// a cut is found as long as it isn't longer.
const SHARED: usize = 4 * 1024;

/// Longest stretch of touching windows that is searched as one.
const RUN: usize = 64 * 1024;

/// The longest match: a service-account file or a private key.
const LONGEST: usize = 16 * 1024;

pub(super) struct Compiled {
    pattern: Pattern,
    /// What a window has to have before the regexes are compiled.
    row: Option<Row>,
    regexes: OnceLock<Regexes>,
}

struct Regexes {
    regex: Regex,
    /// The groups `secret2` and so on, in the order of their numbers.
    secrets: Vec<usize>,
    unless: Option<Regex>,
}

/// Moves the end of a window to the end of the token that it would cut: a web token has
/// its second dot wherever its claims end.
fn whole_token(bytes: &[u8], end: usize) -> usize {
    let rest = bytes.get(end..).unwrap_or_default();
    let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | 0);
    let rest = rest.get(..LONGEST).unwrap_or(rest);
    end + rest.iter().position(ends).unwrap_or(rest.len())
}

impl Regexes {
    /// Compiles those of a pattern.
    ///
    /// # Panics
    ///
    /// When a regex can't be compiled: a rule that would silently find nothing is worse.
    /// Every rule's regexes have passed the same function before, when it was read.
    fn new(pattern: &Pattern) -> Self {
        let compile = |text: &str| Regex::new(text).expect("checked with the page");
        let regex = match pattern.reach {
            Reach::Near => compile(&pattern.regex),
            _ => Regex::far(&pattern.regex).expect("checked with the page"),
        };
        let mut secrets: Vec<(u32, usize)> = regex
            .capture_names()
            .enumerate()
            .filter_map(|(at, name)| Some((name?.strip_prefix("secret")?.parse().ok()?, at)))
            .collect();
        secrets.sort_unstable();
        Self {
            regex,
            secrets: secrets.into_iter().map(|(_, at)| at).collect(),
            unless: pattern.unless.as_deref().map(compile),
        }
    }
}

impl Compiled {
    /// A pattern whose regexes are compiled on first use.
    pub(super) fn new(pattern: &Pattern) -> Self {
        Self {
            row: Row::of(&pattern.regex),
            regexes: OnceLock::new(),
            pattern: pattern.clone(),
        }
    }

    fn regexes(&self) -> &Regexes {
        self.regexes.get_or_init(|| Regexes::new(&self.pattern))
    }

    pub(super) fn run(&self, cx: &Cx<'_, '_>, filter: &filter::Compiled, hits: &mut Vec<Hit>) {
        let (before, after) = match self.pattern.reach {
            Reach::Near => (BEFORE, AFTER),
            Reach::Within(before, after) => (before as usize, after as usize),
            Reach::Everywhere => return self.run_everywhere(cx, filter, hits),
        };
        let bytes = cx.document.bytes();
        // Windows of near-by keywords overlap; nothing is searched or found twice.
        let mut done = 0;
        let mut keywords = cx.keywords.iter().peekable();
        while let Some(keyword) = keywords.next() {
            if keyword.end <= done {
                continue;
            }
            let mut last = *keyword;
            let start = keyword.start.saturating_sub(before).max(done);
            // Windows that touch are searched as one, so that a text full of keywords
            // costs what its length does, however many there are.
            while let Some(next) =
                keywords.next_if(|next| next.start <= last.end + after && next.end - start < RUN)
            {
                last = *next;
            }
            let end = whole_token(bytes, (last.end + after).min(bytes.len()));
            let found = self.search(cx, filter, Span::new(start, end), hits);
            done = done.max(found).max(last.end);
        }
    }

    /// Searches the whole file, in stretches: what a search costs depends on how far it
    /// may look, and a text may make it look as far as it can for every match.
    fn run_everywhere(&self, cx: &Cx<'_, '_>, filter: &filter::Compiled, hits: &mut Vec<Hit>) {
        let bytes = cx.document.bytes();
        let mut start = 0;
        while start < bytes.len() {
            let end = whole_token(bytes, (start + RUN).min(bytes.len()));
            let found = self.search(cx, filter, Span::new(start, end), hits);
            if end >= bytes.len() {
                break;
            }
            start = found.max(end - SHARED);
        }
    }

    /// Finds what begins in a window; returns the end of the last match, or 0.
    fn search(
        &self,
        cx: &Cx<'_, '_>,
        filter: &filter::Compiled,
        window: Span,
        hits: &mut Vec<Hit>,
    ) -> usize {
        let bytes = cx.document.bytes();
        let Span { mut start, mut end } = window;
        let mut done = 0;
        loop {
            let window = bytes.get(..end).unwrap_or(bytes);
            let rest = window.get(start..).unwrap_or_default();
            if self.row.as_ref().is_some_and(|row| !row.is_in(rest)) {
                break;
            }
            let Some(found) = self.regexes().regex.captures_at(window, start) else {
                break;
            };
            let whole = found.whole();
            if whole.end == end && end < bytes.len() && end - whole.start < LONGEST {
                // The window may have cut the match short. What stands before it isn't
                // searched again: a text may make the window grow to its own length.
                start = whole.start;
                end = (end + 4 * AFTER).min(bytes.len());
                continue;
            }
            if let Some(hit) = self.judge(cx, filter, &found, hits.len() >= ENOUGH) {
                cx.keep(hit, hits);
            }
            start = whole.end.max(whole.start + 1);
            done = start;
            if start >= end {
                break;
            }
        }
        done
    }

    /// Whether a match is a hit, and how sure; all are when no more are kept.
    fn judge(
        &self,
        cx: &Cx<'_, '_>,
        filter: &filter::Compiled,
        found: &Captures<'_>,
        full: bool,
    ) -> Option<Hit> {
        let mut secret = found.span("secret");
        for index in &self.regexes().secrets {
            if secret.is_some_and(|s| !s.is_empty()) {
                break;
            }
            secret = found.group(*index);
        }
        let subject = found.span("subject");
        let mut hit = match (secret, subject) {
            (Some(secret), _) => Hit::secret(secret),
            (None, Some(subject)) => Hit::new(subject),
            (None, None) => return None,
        };
        if full {
            // Whatever it is, it isn't listed: it only may not be shown.
            return Some(hit);
        }
        let bytes = cx.document.bytes();
        if let Some(unless) = &self.regexes().unless {
            let line = lines::near(cx.document, hit.span);
            if unless.is_match(line.of(bytes)) {
                return None;
            }
        }
        hit.subject = match subject {
            Some(subject) => Some(String::from_utf8_lossy(subject.of(bytes)).into_owned()),
            None => self.pattern.subject.as_deref().map(str::to_owned),
        };
        hit.severity = self.pattern.severity;
        for name in self.regexes().regex.capture_names().flatten() {
            let is_fact =
                !matches!(name, "subject" | "body" | "check") && !name.starts_with("secret");
            if let Some(found) = found.bytes(name).filter(|m| is_fact && !m.is_empty()) {
                let text = String::from_utf8_lossy(found).into_owned();
                hit.facts.push((name.to_owned().into(), text));
            }
        }
        let mut hit = match secret {
            Some(secret) => self.guard(secret.of(bytes), found, hit)?,
            None => hit,
        };
        let whole = found.whole();
        if filter.drops(&filter::Match {
            document: cx.document,
            whole,
            secret: hit.span,
        }) {
            return None;
        }
        hit.begins = whole.start;
        if hit.detail.is_none() && !hit.facts.is_empty() {
            let facts: Vec<_> = hit.facts.iter().map(|(k, v)| format!("{k} {v}")).collect();
            hit.detail = Some(facts.join(", "));
        }
        Some(hit)
    }

    /// Whether what was found may be a secret. What looks like chance is judged by its
    /// `body`, where the pattern tells one: the rest may be fixed.
    fn guard(&self, secret: &[u8], found: &Captures<'_>, mut hit: Hit) -> Option<Hit> {
        let random = found.bytes("body").unwrap_or(secret);
        if self
            .pattern
            .entropy
            .is_some_and(|least| entropy::shannon(random) < least)
        {
            return None;
        }
        if filter::holds_word(secret, &self.pattern.stop_words)
            || !self.pattern.placeholders
                && (plausible::is_filler(random) || plausible::is_counted(random))
        {
            return None;
        }
        let Ok(text) = std::str::from_utf8(secret) else {
            return self.pattern.placeholders.then_some(hit);
        };
        if self.pattern.no_words && plausible::value::is_wordy(text) {
            return None;
        }
        if let Some(name) = &self.pattern.checksum {
            let parts = found.bytes("body").zip(found.bytes("check"));
            match checksum::check(name, text, parts) {
                Verdict::Holds(kind) => {
                    hit.confidence = Some(Confidence::Certain);
                    hit.facts.push(("checksum".into(), "valid".to_owned()));
                    if !kind.is_empty() {
                        hit.facts.push(("kind".into(), kind.to_owned()));
                    }
                }
                // Graded, not dropped: it may be a key of a form that is newer than
                // the checksum, or one that was cut or masked by hand.
                Verdict::Fails => {
                    hit.confidence = Some(Confidence::Low);
                    hit.facts.push(("checksum".into(), "invalid".to_owned()));
                    hit.detail = Some(
                        "its checksum does not hold: mistyped, cut short or made up".to_owned(),
                    );
                }
                Verdict::Unknown => {}
            }
        }
        match &self.pattern.decode {
            Some(name) => decode::by_name(name, text, hit),
            None => Some(hit),
        }
    }
}
