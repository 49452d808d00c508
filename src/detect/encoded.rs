//! Credentials that are encoded: base64, hex, and the escapes of URLs and strings, up to
//! [`DEPTH`] levels of them.
//!
//! A text that decodes to text is searched as a document of its own, by the rules that
//! know a form; a guess from a name is none. What they find stands at the encoded text.
//! All that is decoded at a level is at most about as long as what it is decoded from.

mod escapes;
mod layer;
mod runs;

use super::finish::{self, Named};
use super::redact::Mask;
use super::{Beyond, Cx, ENOUGH, Engine, Hit, Scratch, anchor};
use crate::document::{Document, Span};
use crate::finding::{Class, Confidence};
use crate::rule::Rule;

pub(super) use escapes::MARKS;
use escapes::Marks;
use layer::Layer;

/// How many encodings inside one another are undone.
const DEPTH: usize = 2;

/// What is found in encoded text. Places are those of the text around it.
#[derive(Default)]
pub(super) struct Encoded<'r> {
    pub(super) found: Vec<(&'r Rule, Hit)>,
    /// Secrets of hits that are too many to be kept, and the rules they are of.
    pub(super) beyond: Vec<Span>,
    pub(super) cut: Vec<&'r Rule>,
    /// The secrets, decoded: they may stand in the clear elsewhere.
    pub(super) values: Vec<Vec<u8>>,
}

/// Whether decoded text is searched for a rule: it knows a form of credential.
pub(super) fn decodes(rule: &Rule) -> bool {
    rule.class == Class::StaticKey && (!rule.generic || rule.confidence >= Confidence::High)
}

/// Searches what is encoded in `document`, whose keywords are in `scratch`.
pub(super) fn search<'r>(
    engine: &'r Engine,
    document: &Document<'_>,
    scratch: &mut Scratch,
) -> Encoded<'r> {
    let mut search = Search {
        engine,
        document,
        depth: 0,
    };
    let mut out = Encoded::default();
    search.within(document.bytes(), scratch, &mut |_| true, &mut out);
    for (rule, hit) in &mut out.found {
        // What has no name in the decoded text may have one around it.
        if !hit.told && hit.subject.as_deref() == Some(finish::short_name(rule)) {
            hit.subject = anchor::key(document, hit.span).or(hit.subject.take());
        }
    }
    out
}

struct Search<'r, 'd> {
    engine: &'r Engine,
    /// The file.
    document: &'d Document<'d>,
    depth: usize,
}

impl<'r> Search<'r, '_> {
    /// Searches what is encoded in `text`, as far as `wants` says of a place in it.
    fn within(
        &mut self,
        text: &[u8],
        scratch: &mut Scratch,
        wants: &mut dyn FnMut(Span) -> bool,
        out: &mut Encoded<'r>,
    ) {
        let Scratch { hits, inner, .. } = scratch;
        let keywords = &self.engine.keywords;
        let marks = Marks::new(
            text,
            hits,
            |keyword| keywords.length_of(keyword),
            |keyword| self.engine.decodes(keyword),
        );
        let mut each = |layer: Layer| {
            if wants(layer.run) {
                let inner = inner.get_or_insert_default();
                self.layer(&layer, inner, out);
            }
        };
        let mut at = 0;
        while let Some(run) = runs::next(text, at) {
            at = runs::read(text, run, &mut each);
        }
        marks.layers(text, &mut each);
    }

    /// Searches one decoded text.
    fn layer(&mut self, layer: &Layer, scratch: &mut Scratch, out: &mut Encoded<'r>) {
        if layer.cut {
            self.document.note(format!(
                "has encoded text of which only the first {} MiB were searched",
                runs::LONGEST >> 20
            ));
        }
        let text = layer.text();
        scratch.hits.clear();
        self.engine.keywords.find(text, &mut scratch.hits);
        let mut own = Encoded::default();
        self.rules(layer, scratch, &mut own);
        self.depth += 1;
        if self.depth < DEPTH {
            self.within(text, scratch, &mut |run| layer.shows(run), &mut own);
        }
        self.depth -= 1;
        settle(layer, own, out);
    }

    /// Runs the rules over a decoded text.
    fn rules(&self, layer: &Layer, scratch: &mut Scratch, out: &mut Encoded<'r>) {
        if scratch.hits.is_empty() {
            return;
        }
        let inner = Document::new(path_of(layer.text()), layer.text());
        self.engine.places(scratch, |rule, ready| {
            decodes(rule) && ready.allows(rule, self.document) && ready.is_for(&inner)
        });
        let first = out.found.len();
        for index in &scratch.woken {
            let at = usize::from(*index);
            let (Some(rule), Some(ready)) = (self.engine.rules.get(at), self.engine.ready.get(at))
            else {
                continue;
            };
            let beyond = Beyond::default();
            let hits = ready.run(&Cx {
                document: &inner,
                rule,
                keywords: scratch.places_of(at),
                beyond: &beyond,
            });
            let shown = |hit: &Hit| !hit.secret.is_empty() && layer.shows(hit.secret);
            out.found
                .extend(hits.into_iter().filter(shown).map(|hit| (rule, hit)));
            if beyond.any.get() {
                out.cut.push(rule);
            }
            out.beyond.append(&mut beyond.secrets.take());
        }
        let fresh = out.found.get_mut(first..).unwrap_or_default();
        let secrets: Vec<_> = fresh.iter().map(|(_, hit)| hit.secret).collect();
        let mask = Mask::new(&inner, secrets.into_iter(), &[]);
        for (rule, hit) in fresh {
            name(&inner, rule, hit);
            hide(&mask, hit);
        }
    }
}

/// A path that says what a decoded text is: the rules for a kind of file look at it.
fn path_of(text: &[u8]) -> &'static str {
    let head = text.get(..512).unwrap_or(text);
    match head.trim_ascii_start() {
        [b'{' | b'[', ..] => "decoded.json",
        [b'<', b'?', ..] => "decoded.xml",
        head if memchr::memmem::find(head, b"apiVersion:").is_some() => "decoded.yaml",
        _ => "decoded",
    }
}

/// Names a hit by its secret while that can be read.
fn name(document: &Document<'_>, rule: &Rule, hit: &mut Hit) {
    if hit.subject.is_none() && !hit.secret.is_empty() {
        let (subject, named) = finish::secret_name(document, rule, hit.secret);
        hit.subject = Some(subject);
        hit.told = named == Named::Whole;
    }
}

/// Masks what a hit says: it was made from a text that may be secret as a whole.
fn hide(mask: &Mask<'_>, hit: &mut Hit) {
    // Where the decoded text names a place, that is none in the file.
    hit.anchor = None;
    for text in [&mut hit.subject, &mut hit.message, &mut hit.detail]
        .into_iter()
        .flatten()
        .chain(hit.facts.iter_mut().map(|(_, text)| text))
        .chain(hit.related.iter_mut().map(|(_, text)| text))
    {
        *text = mask.text(std::mem::take(text));
    }
}

/// Moves what was found in a decoded text to where that stands.
fn settle<'r>(layer: &Layer, own: Encoded<'r>, out: &mut Encoded<'r>) {
    out.values.extend(own.values);
    // Much may be found in one run, which is one secret.
    let secrets = own.found.iter().map(|(_, hit)| hit.secret);
    let mut secrets: Vec<_> = secrets.chain(own.beyond.iter().copied()).collect();
    secrets.sort_unstable();
    secrets.dedup();
    let texts = secrets.iter().map(|span| span.of(layer.text()).to_vec());
    out.values.extend(texts);
    out.beyond
        .extend(own.beyond.iter().map(|span| layer.hides(*span)));
    out.cut.extend(own.cut);
    for (rule, mut hit) in own.found {
        hit.span = layer.place(hit.span);
        hit.secret = layer.hides(hit.secret);
        for (span, _) in &mut hit.related {
            *span = layer.place(*span);
        }
        hit.encoding = Some(match hit.encoding {
            Some(inner) => format!("{inner} in {}", layer.encoding.name()),
            None => layer.encoding.name().to_owned(),
        });
        if out.found.len() < ENOUGH {
            out.found.push((rule, hit));
        } else {
            out.beyond.push(hit.secret);
            if !out.cut.iter().any(|cut| cut.id == rule.id) {
                out.cut.push(rule);
            }
        }
    }
}

#[cfg(test)]
mod tests;
