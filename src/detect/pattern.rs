//! A regex run around keyword hits, and the guards a match has to pass.

use super::automaton::{Captures, Regex};
use super::checksum::{self, Verdict};
use super::{Cx, ENOUGH, Hit, decode, entropy, lines, plausible};
use crate::finding::Confidence;
use crate::rule::Pattern;

/// Bytes before a keyword in which a match may begin.
const BEFORE: usize = 128;

/// Bytes after a keyword in which a match usually ends; the window grows when one
/// does not.
const AFTER: usize = 512;

/// Longest stretch of touching windows that is searched as one.
const RUN: usize = 64 * 1024;

/// The longest match: a service-account file or a private key.
const LONGEST: usize = 16 * 1024;

pub(super) struct Compiled {
    regex: Regex,
    unless: Option<Regex>,
    pattern: Pattern,
}

/// Moves the end of a window to the end of the token that it would cut: a web token has
/// its second dot wherever its claims end.
fn whole_token(bytes: &[u8], end: usize) -> usize {
    let rest = bytes.get(end..).unwrap_or_default();
    let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | 0);
    let rest = rest.get(..LONGEST).unwrap_or(rest);
    end + rest.iter().position(ends).unwrap_or(rest.len())
}

impl Compiled {
    /// Compiles a pattern.
    ///
    /// # Panics
    ///
    /// When a regex can't be compiled: a rule that would silently find nothing is worse.
    /// Every rule's regexes were compiled before, when it was read.
    pub(super) fn new(pattern: &Pattern) -> Self {
        let compile = |text: &str| Regex::new(text).expect("checked with the page");
        Self {
            regex: compile(&pattern.regex),
            unless: pattern.unless.as_deref().map(compile),
            pattern: pattern.clone(),
        }
    }

    pub(super) fn run(&self, cx: &Cx<'_, '_>, hits: &mut Vec<Hit>) {
        let bytes = cx.document.bytes();
        // Windows of near-by keywords overlap; nothing is searched or found twice.
        let mut done = 0;
        let mut keywords = cx.keywords.iter().peekable();
        while let Some(keyword) = keywords.next() {
            if keyword.end <= done {
                continue;
            }
            let mut last = *keyword;
            let mut start = keyword.start.saturating_sub(BEFORE).max(done);
            // Windows that touch are searched as one, so that a text full of keywords
            // costs what its length does, however many there are.
            while let Some(next) =
                keywords.next_if(|next| next.start <= last.end + AFTER && next.end - start < RUN)
            {
                last = *next;
            }
            let mut end = whole_token(bytes, (last.end + AFTER).min(bytes.len()));
            loop {
                let window = bytes.get(..end).unwrap_or(bytes);
                let Some(found) = self.regex.captures_at(window, start) else {
                    break;
                };
                let whole = found.whole();
                if whole.end == end && end < bytes.len() && end - whole.start < LONGEST {
                    // The window may have cut the match short.
                    start = whole.start;
                    end = (end + 4 * AFTER).min(bytes.len());
                    continue;
                }
                if let Some(hit) = self.judge(cx, &found, hits.len() >= ENOUGH) {
                    cx.keep(hit, hits);
                }
                start = whole.end.max(whole.start + 1);
                done = start;
                if start >= end {
                    break;
                }
            }
            done = done.max(last.end);
        }
    }

    /// Whether a match is a hit, and how sure; all are when no more are kept.
    fn judge(&self, cx: &Cx<'_, '_>, found: &Captures<'_>, full: bool) -> Option<Hit> {
        let secret = found.span("secret");
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
        if let Some(unless) = &self.unless {
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
        for name in self.regex.capture_names().flatten() {
            let is_fact = !matches!(name, "secret" | "subject" | "body" | "check");
            if let Some(found) = found.bytes(name).filter(|m| is_fact && !m.is_empty()) {
                let text = String::from_utf8_lossy(found).into_owned();
                hit.facts.push((name.to_owned().into(), text));
            }
        }
        let mut hit = match secret {
            Some(secret) => self.guard(secret.of(bytes), found, hit)?,
            None => hit,
        };
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
        let lower = secret.to_ascii_lowercase();
        let holds = |word: &str| memchr::memmem::find(&lower, word.as_bytes()).is_some();
        if self.pattern.stop_words.iter().any(|word| holds(word)) || plausible::is_filler(random) {
            return None;
        }
        let text = std::str::from_utf8(secret).ok()?;
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
