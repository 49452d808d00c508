//! From the hits of a document to its findings: overlaps settled, confidence weighed,
//! secrets masked, identity computed.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::redact::Mask;
use super::spans::Spans;
use super::{Hit, Spot, anchor, entropy};
use crate::document::{Document, Span, Tier};
use crate::finding::{Class, Confidence, Finding, Fingerprint, Place, Related};
use crate::kind::Kind;
use crate::line_hash;
use crate::rule::Rule;

/// Least entropy, in bits, of a secret whose hash may be shown: below it the hash
/// could be reversed by guessing.
const GUESSABLE: f64 = 60.0;

/// A hit and the rule it is of.
type Found<'r> = (&'r Rule, Hit);

/// Most findings of a rule in one file. More tell nobody more, and thousands would
/// bury those of other files.
const MOST: usize = 100;

/// Turns hits into findings, sorted. `secrets` are those of hits that were too many to
/// be kept, of the rules `cut`; `values` are secrets that stand encoded in the document.
pub(super) fn findings<'r>(
    document: &Document<'_>,
    mut found: Vec<Found<'r>>,
    mut secrets: Vec<Span>,
    cut: Vec<&'r Rule>,
    values: &[Vec<u8>],
) -> Vec<Finding> {
    if found.is_empty() {
        return Vec::new();
    }
    secrets.extend(found.iter().map(|(_, hit)| hit.secret));
    settle(&mut found);
    limit(document, &mut found, cut);
    let mask = Mask::new(document, secrets.into_iter(), values);
    let hashes = LineHashes::new(document, &found);
    let mut findings: Vec<_> = found
        .into_iter()
        .map(|(rule, hit)| finding(document, rule, hit, &mask, &hashes))
        .collect();
    findings.sort_by(|(a, _), (b, _)| a.order().cmp(&b.order()));
    number(document, &mut findings);
    findings.into_iter().map(|(finding, _)| finding).collect()
}

/// Drops what is found twice: the same rule on the same bytes, and a generic rule's
/// guess where another rule knows the secret.
fn settle(found: &mut Vec<Found<'_>>) {
    found.sort_by(|(a, x), (b, y)| (x.span, &a.id).cmp(&(y.span, &b.id)));
    found.dedup_by(|(a, x), (b, y)| a.id == b.id && x.span == y.span);
    settle_encoded(found);
    let own = |(rule, hit): &Found<'_>| (!rule.generic).then_some(hit.secret);
    let known = Spans::new(found.iter().filter_map(own));
    found.retain(|(rule, hit)| !rule.generic || !known.overlap(hit.secret));
    // Of two guesses, the one made for this kind of document knows more.
    let fitting =
        |(rule, hit): &Found<'_>| (rule.generic && !rule.kinds.is_empty()).then_some(hit.secret);
    let fitting = Spans::new(found.iter().filter_map(fitting));
    found.retain(|(rule, hit)| {
        !rule.generic || !rule.kinds.is_empty() || !fitting.overlap(hit.secret)
    });
    // And so does the one made for this kind of place: it is surer of what it finds.
    let surer = |(rule, hit): &Found<'_>| {
        (rule.generic && rule.confidence == Confidence::High).then_some(hit.secret)
    };
    let surer = Spans::new(found.iter().filter_map(surer));
    found.retain(|(rule, hit)| {
        !rule.generic || rule.confidence == Confidence::High || !surer.overlap(hit.secret)
    });
}

/// Settles what was found in encoded text with what was found in that text as it is,
/// by a rule for its place: of the two, what is proven tells more, and else the place.
fn settle_encoded(found: &mut Vec<Found<'_>>) {
    if found.iter().all(|(_, hit)| hit.encoding.is_none()) {
        return;
    }
    let proven = |hit: &Hit| hit.confidence == Some(Confidence::Certain);
    let sure = |(_, hit): &Found<'_>| (hit.encoding.is_some() && proven(hit)).then_some(hit.secret);
    let sure = Spans::new(found.iter().filter_map(sure));
    found.retain(|(rule, hit)| {
        hit.encoding.is_some()
            || rule.class != Class::StaticKey
            || proven(hit)
            || !sure.overlap(hit.secret)
    });
    let clear =
        |(rule, hit): &Found<'_>| (hit.encoding.is_none() && !rule.generic).then_some(hit.secret);
    let clear = Spans::new(found.iter().filter_map(clear));
    found.retain(|(_, hit)| hit.encoding.is_none() || !clear.overlap(hit.secret));
}

/// Drops what a rule found beyond [`MOST`], and says so.
fn limit<'r>(document: &Document<'_>, found: &mut Vec<Found<'r>>, mut cut: Vec<&'r Rule>) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    found.retain(|(rule, _)| {
        let count = counts.entry(&rule.id).or_insert(0);
        *count += 1;
        if *count == MOST + 1 {
            cut.push(rule);
        }
        *count <= MOST
    });
    for rule in cut {
        if counts.get(rule.id.as_ref()).is_some_and(|n| *n >= MOST) {
            document.note(format!(
                "more than {MOST} findings of {} in this file; the rest are not listed",
                rule.id
            ));
        } else {
            document.note(format!(
                "has more matches of {} than are kept; findings may be missing",
                rule.id
            ));
        }
    }
}

/// The lines' hashes, computed once for all findings of a document.
struct LineHashes {
    by_line: BTreeMap<u32, String>,
}

impl LineHashes {
    fn new(document: &Document<'_>, found: &[Found<'_>]) -> Self {
        let mut lines: Vec<_> = found
            .iter()
            .map(|(_, hit)| document.lines().region(document.bytes(), hit.span).line)
            .collect();
        lines.sort_unstable();
        lines.dedup();
        let hashes = line_hash::of_lines(document.bytes(), &lines);
        Self {
            by_line: lines.into_iter().zip(hashes).collect(),
        }
    }
}

fn finding(
    document: &Document<'_>,
    rule: &Rule,
    hit: Hit,
    mask: &Mask<'_>,
    hashes: &LineHashes,
) -> (Finding, Named) {
    let place = |span| Place {
        path: document.path().into(),
        region: document.lines().region(document.bytes(), span),
    };
    let anchor = hit.anchor.unwrap_or_else(|| anchor::of(document, hit.span));
    let (subject, named) = match hit.subject {
        Some(subject) if hit.secret.is_empty() || hit.told => (subject, Named::Whole),
        Some(subject) => (subject, Named::WithoutSecret),
        None => secret_name(document, rule, hit.secret),
    };
    let subject = mask.text(subject);
    let mut message = hit.message.unwrap_or_else(|| message(rule, &subject));
    let mut facts = hit.facts;
    let encoded = hit.encoding.as_ref().map(|how| format!("in {how}"));
    facts.extend(hit.encoding.map(|how| ("encoding".into(), how)));
    let detail = [hit.detail, encoded].into_iter().flatten();
    let detail = detail.collect::<Vec<_>>().join(", ");
    if !detail.is_empty() {
        message = format!("{} ({detail}).", message.trim_end_matches('.'));
    }
    let related = |(place, message)| Related {
        place,
        message: mask.text(message),
    };
    let here = place(hit.span);
    let finding = Finding {
        rule: rule.id.clone(),
        class: rule.class,
        severity: hit.severity.unwrap_or(rule.severity),
        confidence: weigh(document, rule, hit.confidence),
        line_hash: hashes
            .by_line
            .get(&here.region.line)
            .cloned()
            .unwrap_or_default(),
        excerpt: mask.excerpt(document, hit.span),
        place: here,
        anchor: mask.text(anchor),
        subject,
        // Set when all findings of the document are there.
        fingerprint: Fingerprint::of(&[]),
        message: mask.text(message),
        facts: facts.into_iter().map(|(k, v)| (k, mask.text(v))).collect(),
        related: hit
            .related
            .into_iter()
            .map(|(span, message)| (place(span), message))
            .chain(hit.elsewhere)
            .map(related)
            .collect(),
        flow: hit
            .flow
            .into_iter()
            .map(|(spot, message)| match spot {
                Spot::Here(span) => related((place(span), message)),
                Spot::There(place) => related((*place, message)),
            })
            .collect(),
        tier: document.tier(),
    };
    (finding, named)
}

/// What a subject tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// All that there is to tell.
    Whole,
    /// Not which secret it is: two of them may have the same name.
    WithoutSecret,
}

/// The name of a secret that has none: a short hash where that can't be reversed,
/// else the key it is assigned to, else the rule's name.
pub(super) fn secret_name(document: &Document<'_>, rule: &Rule, secret: Span) -> (String, Named) {
    if secret.is_empty() {
        return (String::new(), Named::Whole);
    }
    let name = short_name(rule);
    let bytes = secret.of(document.bytes());
    if entropy::bits(bytes) < GUESSABLE {
        let key = anchor::key(document, secret).unwrap_or_else(|| name.to_owned());
        return (key, Named::WithoutSecret);
    }
    let hash = Sha256::digest(bytes);
    let short = HEXLOWER.encode(hash.get(..6).unwrap_or_default());
    (format!("{name}:{short}"), Named::Whole)
}

/// A rule's id without its class.
pub(super) fn short_name(rule: &Rule) -> &str {
    rule.id.split('/').next_back().unwrap_or_default()
}

fn message(rule: &Rule, subject: &str) -> String {
    match &rule.message {
        Some(text) => text.replace("{subject}", subject),
        None if subject.is_empty() => format!("{}.", rule.title),
        None => format!("{}: '{subject}'.", rule.title),
    }
}

/// The confidence in a finding: lower in tests, examples, docs, vendored code and
/// templates, unless it is proven.
fn weigh(document: &Document<'_>, rule: &Rule, own: Option<Confidence>) -> Confidence {
    let confidence = own.unwrap_or(rule.confidence);
    if confidence == Confidence::Certain {
        return confidence;
    }
    let lower = if document.context().is_unlikely() {
        rule.confidence_in_tests
            .unwrap_or_else(|| confidence.lowered())
    } else if document.tier() == Tier::Recovered
        && !knows_markup(document, rule)
        && rule.confidence_in_tests != Some(rule.confidence)
    {
        // A rule that is as sure in tests as elsewhere isn't weighed by its surroundings.
        confidence.lowered()
    } else {
        confidence
    };
    lower.min(confidence)
}

/// Whether a file's own language writes expressions as templates do, as in `CircleCI`'s
/// `<< pipeline.x >>` and Argo's `{{inputs.parameters.x}}`, and the rule is one on pipelines,
/// which knows them: nothing is filled in there before the file is read.
fn knows_markup(document: &Document<'_>, rule: &Rule) -> bool {
    let on_pipelines = |kind: &str| matches!(kind, "ci" | "circleci" | "argo-workflow");
    let kinds = document.kinds();
    (kinds.has(Kind::Circleci) || kinds.has(Kind::ArgoWorkflow))
        && rule.kinds.iter().any(|kind| on_pipelines(kind))
}

/// Gives each finding its fingerprint: rule, subject and anchor, and which it is among
/// equal ones in its file. Path and masked line stand in for an anchor that is
/// missing; the path tells apart secrets that the subject doesn't.
fn number(document: &Document<'_>, findings: &mut [(Finding, Named)]) {
    let mut seen: BTreeMap<(String, String, String), u32> = BTreeMap::new();
    for (finding, named) in findings {
        let mut anchor = finding.anchor.clone();
        if anchor.is_empty() {
            let line = finding.excerpt.text.as_str();
            let words: Vec<_> = line.split_whitespace().collect();
            anchor = format!("{}\n{}", document.path(), words.join(" "));
            finding.anchor = format!("file:{}", document.path());
        }
        let key = (finding.rule.to_string(), finding.subject.clone(), anchor);
        let ordinal = seen.entry(key.clone()).or_insert(0);
        let number = ordinal.to_le_bytes();
        let (rule, subject, anchor) = &key;
        let mut fields = vec![
            rule.as_bytes(),
            subject.as_bytes(),
            anchor.as_bytes(),
            &number,
        ];
        if *named == Named::WithoutSecret {
            fields.push(document.path().as_bytes());
        }
        finding.fingerprint = Fingerprint::of(&fields);
        *ordinal += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Engine, Scratch};
    use crate::rule;

    #[test]
    fn two_secrets_of_one_name_in_two_files_are_two() {
        let engine = Engine::new(rule::builtin().to_vec()).unwrap();
        let scan = |path: &str, text: &str| {
            let document = Document::new(path, text.as_bytes());
            let found = engine.scan(&document, &mut Scratch::default());
            found.first().map(|f| (f.subject.clone(), f.fingerprint))
        };
        let one = scan("a.yaml", "db:\n  password: Xk9vPq2LmZ7w\n").unwrap();
        let two = scan("b.yaml", "db:\n  password: Rt4bNc8WsQ3y\n").unwrap();
        assert_eq!(one.0, two.0);
        assert_ne!(one.1, two.1);
        let moved = scan("a.yaml", "\n\ndb:\n  password: Xk9vPq2LmZ7w\n").unwrap();
        assert_eq!(one, moved);
    }
}
