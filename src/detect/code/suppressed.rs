//! Another tool's inline suppression of a check on identities, secrets, TLS or
//! authentication.

mod ids;

use std::sync::{LazyLock, OnceLock};

use regex::bytes::{Captures, Regex};

use crate::detect::tokens::{self, Class};
use crate::detect::{Cx, Hit, lines};
use crate::document::{Document, Span};
use crate::finding::Confidence;
use crate::kind::Kind;

/// A tool's marker. Group `ids` holds the ids it names; without it the marker is
/// blanket.
struct Marker {
    tool: &'static str,
    /// One of these stands in each match, in small letters.
    words: &'static [&'static str],
    regex: &'static str,
    /// Which of the named ids matter.
    matters: fn(&str) -> bool,
    /// What a marker without ids means.
    blanket: Blanket,
}

/// What a marker without ids means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blanket {
    /// Nothing.
    Ignored,
    /// It may be about anything.
    Unsure,
    /// It is unsure except on a line about TLS or a credential.
    ByLine,
    /// The tool looks for secrets and nothing else.
    Sure,
}

const fn marker(
    tool: &'static str,
    words: &'static [&'static str],
    regex: &'static str,
    matters: fn(&str) -> bool,
    blanket: Blanket,
) -> Marker {
    Marker {
        tool,
        words,
        regex,
        matters,
        blanket,
    }
}

use Blanket::{ByLine, Ignored, Sure, Unsure};

/// What may stand before a marker: it begins the comment, or follows another marker.
#[rustfmt::skip]
const MARKERS: &[Marker] = &[
    marker("bandit", &["nosec"], r"(?i)#\s*nosec\b[:\s]*(?P<ids>(?:B\d{3}|[a-z_]+_[a-z_]+)(?:[,\s]+(?:B\d{3}|[a-z_]+_[a-z_]+))*)?", ids::is_bandit, Unsure),
    marker("gosec", &["nosec", "gosec:disable"], r"(?:#\s*nosec\b|//\s*nosec\b|//\s*gosec:disable)\s*(?P<ids>G\d{3}(?:[,\s]+G\d{3})*)?", ids::is_gosec, Unsure),
    marker("ruff", &["noqa"], r"(?i)#\s*(?:ruff:\s*)?noqa:\s*(?P<ids>[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*)", ids::is_flake, Ignored),
    marker("golangci:gosec", &["nolint"], r"//\s*nolint:[\w, ]*gosec\b(?:.*?\b(?P<ids>G\d{3}(?:[,\s]+G\d{3})*))?", ids::is_gosec, ByLine),
    marker("semgrep", &["nosem"], r"nosem(?:grep)?:\s*(?P<ids>[\w./-]+(?:\s*,\s*[\w./-]+)*)", ids::is_named, Ignored),
    marker("checkov", &["checkov:skip"], r"checkov:skip=(?P<ids>CKV\w+)", ids::is_checkov, Ignored),
    marker("trivy", &["trivy:ignore", "tfsec:ignore"], r"(?:trivy|tfsec):ignore:(?P<ids>[\w-]+)", ids::is_trivy, Ignored),
    marker("gitleaks", &["leaks:allow"], r"\b(?:gitleaks|betterleaks):allow\b", ids::always, Sure),
    marker("trufflehog", &["trufflehog:ignore"], r"\btrufflehog:ignore\b", ids::always, Sure),
    marker("kingfisher", &["kingfisher:ignore"], r"\bkingfisher:ignore\b", ids::always, Sure),
    marker("ggshield", &["ggignore"], r"(?:#|//|/\*)\s*ggignore\b", ids::always, Sure),
    marker("detect-secrets", &["pragma:"], r"pragma:\s*(?:allowlist|whitelist)\s+(?:nextline\s+)?secret\b", ids::always, Sure),
    marker("kics", &["kics-scan"], r"kics-scan\s+(?:ignore-line|ignore-block|ignore|disable=[\w,-]+)", ids::always, Sure),
    marker("zizmor", &["zizmor:"], r"#\s*zizmor:\s*ignore\[(?P<ids>[\w,\s-]+)\]", ids::is_zizmor, Ignored),
    marker("codeql", &["lgtm", "codeql"], r"(?:lgtm|codeql)\s*\[(?P<ids>[\w/-]+)\]", ids::is_named, Ignored),
    marker("eslint", &["eslint-disable"], r"eslint-disable(?:-next-line|-line)?\s[^*]*?(?P<ids>security/[\w-]+|no-secrets/[\w-]+)", ids::is_eslint, Ignored),
    marker("phpcs", &["phpcs:ignore"], r"phpcs:ignore\s+(?P<ids>[\w.]*Security[\w.]*)", ids::always, Ignored),
    marker("rubocop", &["rubocop:disable"], r"rubocop:disable\s[^#]*?(?P<ids>Security/\w+)", ids::always, Ignored),
];

/// The markers' regexes, compiled on first use.
static COMPILED: [OnceLock<Regex>; MARKERS.len()] = [const { OnceLock::new() }; MARKERS.len()];

/// The markers that a text may hold, with their regexes. A text that has a keyword has one
/// tool's marker, and most repositories know a tool or two.
fn markers_in(text: &[u8]) -> impl Iterator<Item = (&'static Regex, &'static Marker)> {
    let lower = text.to_ascii_lowercase();
    let may_hold = move |marker: &Marker| {
        let mut words = marker.words.iter();
        words.any(|word| memchr::memmem::find(&lower, word.as_bytes()).is_some())
    };
    let markers = MARKERS.iter().zip(&COMPILED);
    markers
        .filter(move |(marker, _)| may_hold(marker))
        .map(|(marker, regex)| {
            let compile = || Regex::new(marker.regex).expect("a constant regex");
            (regex.get_or_init(compile), marker)
        })
}

/// Longest piece of a comment that is looked at at once.
const LONGEST: usize = 4096;

/// Most markers of a comment, and of one tool in a piece of it.
const MOST: usize = 200;

/// Checks for passwords by name: most of what they find is none.
const GUESSES: &[&str] = &["B105", "B106", "B107", "S105", "S106", "S107", "G101"];

/// Inline suppressions in comments.
pub(super) fn checks(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let document = cx.document;
    if document.is(Kind::Docs) {
        return Vec::new();
    }
    let bytes = document.bytes();
    // Most markers are about other checks (`noqa: E501`); what is left is worth telling
    // comments from texts for.
    let marked: Vec<_> = cx.keywords.iter().filter(|k| matters(cx, **k)).collect();
    if marked.is_empty() {
        return Vec::new();
    }
    let comments: Vec<_> = tokens::tokens(document)
        .into_iter()
        .filter(|t| t.class == Class::Comment)
        .map(|t| t.span)
        .filter(|span| {
            let first = marked.partition_point(|k| k.start < span.start);
            marked.get(first).is_some_and(|k| span.contains(**k))
        })
        .collect();
    let mut hits: Vec<Hit> = Vec::new();
    for comment in comments {
        let from = hits.len();
        for piece in pieces(bytes, comment) {
            let text = piece.of(bytes);
            for (regex, marker) in markers_in(text) {
                for found in regex.captures_iter(text).take(MOST) {
                    let Some(hit) = judge(cx, &found, piece, marker) else {
                        continue;
                    };
                    let own = hits.get(from..).unwrap_or_default();
                    if own.len() < MOST && !own.iter().any(|h| h.span.overlaps(hit.span)) {
                        hits.push(hit);
                    }
                }
            }
        }
    }
    hits
}

/// The lines of a comment, and a very long line cut.
fn pieces(bytes: &[u8], comment: Span) -> impl Iterator<Item = Span> + '_ {
    let mut at = comment.start;
    std::iter::from_fn(move || {
        let start = at;
        let limit = comment.end.min(start + LONGEST);
        let rest = bytes.get(start..limit).filter(|rest| !rest.is_empty())?;
        let len = memchr::memchr(b'\n', rest).map_or(rest.len(), |len| len + 1);
        at = start + len;
        Some(Span::new(start, start + len))
    })
}

/// Whether the line of a keyword has a marker for a check that matters here.
fn matters(cx: &Cx<'_, '_>, keyword: Span) -> bool {
    let near = lines::near(cx.document, keyword);
    // A marker's own words are few.
    let near = Span::new(
        near.start.max(keyword.start.saturating_sub(100)),
        near.end.min(keyword.end + 300),
    );
    let line = near.of(cx.document.bytes());
    markers_in(line).any(|(regex, marker)| {
        regex
            .captures_iter(line)
            .any(|found| match found.name("ids") {
                None => marker.blanket != Ignored,
                Some(ids) => mattering(ids.as_bytes(), marker).is_some(),
            })
    })
}

/// The first of several check ids that matters here.
fn mattering<'t>(ids: &'t [u8], marker: &Marker) -> Option<&'t str> {
    std::str::from_utf8(ids)
        .ok()?
        .split([',', ' ', '\t'])
        .map(str::trim)
        .find(|id| !id.is_empty() && (marker.matters)(id))
}

fn judge(cx: &Cx<'_, '_>, found: &Captures<'_>, comment: Span, marker: &Marker) -> Option<Hit> {
    let text = comment.of(cx.document.bytes());
    let go = cx.document.is(Kind::Go);
    let whole = found.get(0)?;
    if (marker.tool == "bandit" && go) || (marker.tool == "gosec" && !go) {
        return None;
    }
    if is_prose(text, whole.start()) {
        return None;
    }
    let span = Span::new(comment.start + whole.start(), comment.start + whole.end());
    let Some(ids) = found.name("ids") else {
        let confidence = match marker.blanket {
            Ignored => return None,
            ByLine if is_about_access(cx.document, comment) => Confidence::Medium,
            Unsure | ByLine => Confidence::Low,
            Sure => Confidence::High,
        };
        return Some(Hit::new(span).about(marker.tool).sure(confidence));
    };
    let id = mattering(ids.as_bytes(), marker)?;
    let hit = Hit::new(span).about(format!("{}:{id}", marker.tool));
    let guess = GUESSES.contains(&id) && !assigns_secret(cx, span);
    Some(if guess {
        hit.sure(Confidence::Low)
    } else {
        hit
    })
}

/// Whether the code that a comment is about, on its own line or the next, has to do
/// with TLS, SSH or a credential.
fn is_about_access(document: &Document<'_>, comment: Span) -> bool {
    static ACCESS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)tls|ssl|ssh|x509|cert|insecure|passw|secret|token|credential|api_?key")
            .expect("a constant regex")
    });
    let bytes = document.bytes();
    let at = document.lines().index_of(comment.start);
    let own = lines::nth(document, at);
    let cut = |line: Span| Span::new(line.start, line.end.min(line.start + LONGEST)).of(bytes);
    let before = comment.start.saturating_sub(LONGEST).max(own.start);
    let alone = Span::new(before, comment.start)
        .of(bytes)
        .trim_ascii()
        .is_empty();
    let next = lines::nth(document, at + usize::from(alone));
    ACCESS.is_match(lines::near(document, comment).of(bytes)) || ACCESS.is_match(cut(next))
}

/// Whether a text on the line could be a password: letters and digits, and neither a
/// name in capitals nor a path.
fn assigns_secret(cx: &Cx<'_, '_>, span: Span) -> bool {
    let line = lines::near(cx.document, span);
    Span::new(line.start, span.start)
        .of(cx.document.bytes())
        .split(|b| matches!(b, b'"' | b'\'' | b'`'))
        .skip(1)
        .step_by(2)
        .any(|text| {
            text.len() >= 6
                && text.iter().any(u8::is_ascii_digit)
                && text.iter().any(u8::is_ascii_lowercase)
                && !text
                    .iter()
                    .any(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'{'))
        })
}

/// Whether a comment only talks about a marker: more than a few words stand before
/// it, or it is quoted.
fn is_prose(text: &[u8], at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    if matches!(before.last(), Some(b'`' | b'\'' | b'"' | b'(')) {
        return true;
    }
    let line = before.rsplit(|b| *b == b'\n').next().unwrap_or_default();
    // Code that is commented out has its own comments.
    if line.iter().any(|b| matches!(b, b'=' | b'(' | b'{')) {
        return true;
    }
    let words = line
        .split(u8::is_ascii_whitespace)
        .filter(|w| w.iter().any(u8::is_ascii_alphabetic))
        .count();
    words > 4
}
