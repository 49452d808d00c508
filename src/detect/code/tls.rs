//! TLS verification that is switched off: in source code, by a command's flag, by a
//! variable or a key of configuration.

mod c_like;
mod command;
mod guard;
mod php_ruby;
mod python;

use crate::detect::tokens::{Class, Code};
use crate::detect::{Cx, Hit};
use crate::document::Document;
use crate::finding::Confidence;
use crate::kind::Kind;

/// What reads one language: it looks at the token `index`, which holds a keyword.
type Reader = fn(&Code<'_>, usize) -> Option<Found>;

/// A place in code where verification is off.
struct Found {
    /// First and last token.
    first: usize,
    last: usize,
    subject: String,
    confidence: Confidence,
}

impl Found {
    fn new(first: usize, last: usize, subject: impl Into<String>) -> Self {
        Self {
            first,
            last,
            subject: subject.into(),
            confidence: Confidence::High,
        }
    }

    const fn sure(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }
}

#[rustfmt::skip]
const READERS: &[(Kind, Reader)] = &[
    (Kind::Python, python::read),
    (Kind::Javascript, c_like::javascript),
    (Kind::Go, c_like::go),
    (Kind::Rust, c_like::rust),
    (Kind::Jvm, c_like::jvm),
    (Kind::Dotnet, c_like::dotnet),
    (Kind::Ruby, php_ruby::ruby),
    (Kind::Php, php_ruby::php),
];

/// Certificates that nobody checks.
pub(super) fn verification_off(cx: &Cx<'_, '_>) -> Vec<Hit> {
    if cx.document.is(Kind::Docs) || cx.document.is(Kind::Lockfile) {
        return Vec::new();
    }
    match reader(cx.document) {
        Some(read) => in_code(cx, read),
        None => command::read(cx.document),
    }
}

/// Host keys of SSH that nobody checks.
pub(super) fn host_key_unchecked(cx: &Cx<'_, '_>) -> Vec<Hit> {
    if cx.document.is(Kind::Docs) {
        return Vec::new();
    }
    let read: Reader = if cx.document.is(Kind::Python) {
        python::host_key
    } else if cx.document.is(Kind::Go) {
        c_like::go_host_key
    } else {
        return command::host_key(cx.document);
    };
    in_code(cx, read)
}

fn reader(document: &Document<'_>) -> Option<Reader> {
    READERS
        .iter()
        .find(|(kind, _)| document.is(*kind))
        .map(|(_, read)| *read)
}

fn in_code(cx: &Cx<'_, '_>, read: Reader) -> Vec<Hit> {
    let code = Code::new(cx.document);
    let mut hits: Vec<Hit> = Vec::new();
    for keyword in cx.keywords {
        // A keyword may be the end of a name: the token tells.
        let Some(index) = code.index_at(keyword.start) else {
            continue;
        };
        let Some(found) = read(&code, index) else {
            continue;
        };
        let mut confidence = found.confidence;
        if guard::is_optional(cx.document, &code, found.first) {
            confidence = Confidence::Low;
        }
        let span = code.span(found.first, found.last);
        if !hits.iter().any(|hit| hit.span == span) {
            hits.push(Hit::new(span).about(found.subject).sure(confidence));
        }
    }
    hits
}

/// The index of the name or text that `index` is, when it is one of `names`.
fn is_one_of(code: &Code<'_>, index: usize, names: &[&str]) -> bool {
    code.get(index).is_some_and(|t| match t.class {
        Class::Name => names.contains(&code.text(index)),
        Class::Text => names.contains(&code.word(index)),
        Class::Mark | Class::Comment => false,
    })
}

/// Whether a value ends before `index`: nothing goes on that would change it.
fn value_ends(code: &Code<'_>, index: usize) -> bool {
    !matches!(
        code.text(index),
        "if" | "?" | "and" | "or" | "&" | "|" | "." | "=" | "==" | "in" | "is"
    )
}
