//! TLS verification that is switched off: in source code, by a command's flag, by a
//! variable or a key of configuration.

mod c_like;
mod command;
mod guard;
mod php_ruby;
mod python;

use std::collections::BTreeSet;

use crate::detect::tokens::{Class, Code};
use crate::detect::{Cx, Hit, lines};
use crate::document::{Document, Span};
use crate::finding::Confidence;
use crate::kind::Kind;

/// What reads one language.
struct Reader {
    /// Looks at the token `index`, which holds a keyword.
    read: fn(&Code<'_>, usize) -> Option<Found>,
    /// Texts of which the keyword's line holds one wherever something is found: a cheap
    /// look before a file is read as tokens.
    signs: &'static [&'static str],
}

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

impl Reader {
    /// Whether the line of a keyword holds a sign near it.
    fn may_find(&self, document: &Document<'_>, keyword: Span) -> bool {
        let line = lines::near(document, keyword).of(document.bytes());
        self.signs
            .iter()
            .any(|sign| memchr::memmem::find(line, sign.as_bytes()).is_some())
    }
}

#[rustfmt::skip]
const READERS: &[(Kind, Reader)] = &[
    (Kind::Python, Reader { read: python::read, signs: &["False", "True", "CERT_NONE", "_create_unverified_context", "\"0\"", "'0'", "\"1\"", "'1'"] }),
    (Kind::Javascript, Reader { read: c_like::javascript, signs: &["false", "NODE_TLS_REJECT_UNAUTHORIZED", "checkServerIdentity"] }),
    (Kind::Go, Reader { read: c_like::go, signs: &["InsecureSkipVerify"] }),
    (Kind::Rust, Reader { read: c_like::rust, signs: &["danger_accept_invalid_", "SslVerifyMode"] }),
    (Kind::Jvm, Reader { read: c_like::jvm, signs: &["ostnameVerifier", "InsecureTrustManager", "TrustAllStrategy", "ALLOW_ALL_HOSTNAME_VERIFIER", "checkServerTrusted"] }),
    (Kind::Dotnet, Reader { read: c_like::dotnet, signs: &["ServerCertificateValidator", "ValidationCallback"] }),
    (Kind::Ruby, Reader { read: php_ruby::ruby, signs: &["VERIFY_NONE", "false"] }),
    (Kind::Php, Reader { read: php_ruby::php, signs: &["SSL_VERIFY", "verify_peer", "false", "FALSE", "False", "0"] }),
];

#[rustfmt::skip]
const HOST_KEY_READERS: &[(Kind, Reader)] = &[
    (Kind::Python, Reader { read: python::host_key, signs: &["AutoAddPolicy", "WarningPolicy"] }),
    (Kind::Go, Reader { read: c_like::go_host_key, signs: &["InsecureIgnoreHostKey"] }),
];

/// Certificates that nobody checks.
pub(super) fn verification_off(cx: &Cx<'_, '_>) -> Vec<Hit> {
    if cx.document.is(Kind::Docs) || cx.document.is(Kind::Lockfile) {
        return Vec::new();
    }
    match reader(cx.document, READERS) {
        Some(reader) => in_code(cx, reader),
        None => command::read(cx.document),
    }
}

/// Host keys of SSH that nobody checks.
pub(super) fn host_key_unchecked(cx: &Cx<'_, '_>) -> Vec<Hit> {
    if cx.document.is(Kind::Docs) {
        return Vec::new();
    }
    match reader(cx.document, HOST_KEY_READERS) {
        Some(reader) => in_code(cx, reader),
        None => command::host_key(cx.document),
    }
}

fn reader(document: &Document<'_>, readers: &'static [(Kind, Reader)]) -> Option<&'static Reader> {
    readers
        .iter()
        .find(|(kind, _)| document.is(*kind))
        .map(|(_, reader)| reader)
}

fn in_code(cx: &Cx<'_, '_>, reader: &Reader) -> Vec<Hit> {
    let keywords: Vec<_> = cx
        .keywords
        .iter()
        .filter(|keyword| reader.may_find(cx.document, **keyword))
        .collect();
    if keywords.is_empty() {
        return Vec::new();
    }
    let code = Code::new(cx.document);
    let mut hits: Vec<Hit> = Vec::new();
    let mut known = BTreeSet::new();
    for keyword in keywords {
        // A keyword may be the end of a name: the token tells.
        let Some(index) = code.index_at(keyword.start) else {
            continue;
        };
        let Some(found) = (reader.read)(&code, index) else {
            continue;
        };
        let span = code.span(found.first, found.last);
        if !known.insert(span) {
            continue;
        }
        let mut confidence = found.confidence;
        if guard::is_optional(cx.document, &code, found.first) {
            confidence = Confidence::Low;
        }
        hits.push(Hit::new(span).about(found.subject).sure(confidence));
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
