//! What has to hold besides a match: the file's path, a text elsewhere in the file, none
//! of the tests that say it is no finding, other rules' matches near by.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use regex::bytes::{Regex, RegexSet};

use super::Hit;
use crate::document::{Document, Span};
use crate::rule::head::{Filter, List, Need, Text, Unless, When};
use crate::rule::{Rule, expression};

/// Regexes of which only is asked whether one matches; compiled on first use.
pub(super) struct Any {
    texts: List<Text>,
    set: OnceLock<RegexSet>,
}

impl Any {
    /// # Panics
    ///
    /// When a regex can't be compiled: every one passed the same function when its rule
    /// was read.
    fn matches(&self, text: &[u8]) -> bool {
        let compile = || expression::compile_all(&self.texts).expect("checked with the rule");
        self.set.get_or_init(compile).is_match(text)
    }
}

/// The regexes of all rules. Rules that were brought in share long lists.
#[derive(Default)]
pub(super) struct Shared(HashMap<List<Text>, Arc<Any>>);

impl Shared {
    fn take(&mut self, texts: &List<Text>) -> Option<Arc<Any>> {
        if texts.is_empty() {
            return None;
        }
        let any = self.0.entry(texts.clone()).or_insert_with(|| {
            Arc::new(Any {
                texts: texts.clone(),
                set: OnceLock::new(),
            })
        });
        Some(Arc::clone(any))
    }
}

/// A rule's filter, ready to ask.
pub(super) struct Compiled {
    path: Option<OnceLock<Regex>>,
    unless: Vec<Tests>,
}

struct Tests {
    when: When,
    secret: Option<Arc<Any>>,
    matched: Option<Arc<Any>>,
    line: Option<Arc<Any>>,
    path: Option<Arc<Any>>,
    words: Option<Arc<Any>>,
}

/// What a match is judged by.
pub(super) struct Match<'m, 'd> {
    pub(super) document: &'m Document<'d>,
    pub(super) whole: Span,
    pub(super) secret: Span,
}

impl Compiled {
    pub(super) fn new(filter: &Filter, shared: &mut Shared) -> Self {
        let tests = |unless: &Unless| Tests {
            when: unless.when,
            secret: shared.take(&unless.secret),
            matched: shared.take(&unless.matched),
            line: shared.take(&unless.line),
            path: shared.take(&unless.path),
            words: shared.take(&either(&unless.words)),
        };
        Self {
            path: filter.path.is_some().then(OnceLock::new),
            unless: filter.unless.iter().map(tests).collect(),
        }
    }

    /// Whether a rule with this filter looks at a file at all.
    pub(super) fn takes(&self, rule: &Rule, path: &str) -> bool {
        let path = path.as_bytes();
        if let (Some(compiled), Some(text)) = (&self.path, rule.filter.path.as_deref()) {
            let compile = || expression::compile(text).expect("checked with the rule");
            if !compiled.get_or_init(compile).is_match(path) {
                return false;
            }
        }
        !self.unless.iter().any(|tests| tests.by_path_alone(path))
    }

    /// Whether a match is none after all.
    pub(super) fn drops(&self, found: &Match<'_, '_>) -> bool {
        self.unless.iter().any(|tests| tests.hold(found))
    }
}

impl Tests {
    /// Whether the path settles it.
    fn by_path_alone(&self, path: &[u8]) -> bool {
        let Some(paths) = &self.path else {
            return false;
        };
        let others = self.secret.is_some()
            || self.matched.is_some()
            || self.line.is_some()
            || self.words.is_some();
        match self.when {
            When::Any => paths.matches(path),
            When::All => !others && paths.matches(path),
            When::None => !others && !paths.matches(path),
        }
    }

    fn hold(&self, found: &Match<'_, '_>) -> bool {
        let bytes = found.document.bytes();
        let secret = found.secret.of(bytes);
        let regexes = [
            (&self.secret, secret),
            (&self.matched, found.whole.of(bytes)),
            (&self.path, found.document.path().as_bytes()),
            (&self.words, secret),
        ];
        let mut results = regexes
            .into_iter()
            .filter_map(|(any, text)| any.as_ref().map(|any| any.matches(text)))
            .chain(self.line.iter().map(|any| any.matches(lines(found))));
        match self.when {
            When::Any => results.any(|held| held),
            When::All => results.all(|held| held),
            When::None => !results.any(|held| held),
        }
    }
}

/// The lines that a match stands on; of a long line, what is near.
fn lines<'d>(found: &Match<'_, 'd>) -> &'d [u8] {
    const FAR: usize = 4096;
    let bytes = found.document.bytes();
    let from = found.whole.start.saturating_sub(FAR);
    let before = bytes.get(from..found.whole.start).unwrap_or_default();
    let after = bytes.get(found.whole.end..).unwrap_or_default();
    let after = after.get(..FAR).unwrap_or(after);
    let start = memchr::memrchr(b'\n', before).map_or(from, |at| from + at + 1);
    let length = memchr::memchr(b'\n', after).unwrap_or(after.len());
    bytes
        .get(start..found.whole.end + length)
        .unwrap_or_default()
}

/// One regex for a list of words, whatever their case.
fn either(words: &[Text]) -> List<Text> {
    if words.is_empty() {
        return List::Borrowed(&[]);
    }
    let words: Vec<_> = words.iter().map(|word| regex::escape(word)).collect();
    // A letter that isn't ASCII can only be compared in Unicode mode.
    List::Owned(vec![format!("(?iu:{})", words.join("|")).into()])
}

/// Whether one of the words stands in the text, whatever its case.
pub(super) fn holds_word(text: &[u8], words: &[Text]) -> bool {
    let lower = text.to_ascii_lowercase();
    let holds = |word: &Text| memchr::memmem::find(&lower, word.as_bytes()).is_some();
    words.iter().any(holds)
}

/// Drops the hits whose rules need others that are not near, and those of silent rules.
/// The secrets of what is dropped stay masked.
pub(super) fn near(document: &Document<'_>, found: &mut Vec<(&Rule, Hit)>, masked: &mut Vec<Span>) {
    let conditional = |rule: &Rule| rule.filter.silent || !rule.filter.needs.is_empty();
    if !found.iter().any(|(rule, _)| conditional(rule)) {
        return;
    }
    let mut places: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
    for (rule, hit) in found.iter() {
        let place = place(document, hit.begins);
        places.entry(rule.id.as_ref()).or_default().push(place);
    }
    for of_rule in places.values_mut() {
        of_rule.sort_unstable();
    }
    found.retain(|(rule, hit)| {
        let at = place(document, hit.begins);
        let meets = |need: &Need| {
            let others = places.get(need.rule.as_ref());
            others.is_some_and(|others| any_near(others, at, need))
        };
        let keep = !rule.filter.silent && rule.filter.needs.iter().all(meets);
        if !keep && !hit.secret.is_empty() {
            masked.push(hit.secret);
        }
        keep
    });
}

fn any_near(others: &[(usize, usize)], (line, column): (usize, usize), need: &Need) -> bool {
    let within = |limit: Option<u32>| limit.map_or(usize::MAX, |n| n as usize);
    let (lines, columns) = (within(need.lines), within(need.columns));
    let from = others.partition_point(|(l, _)| *l < line.saturating_sub(lines));
    let near = others.get(from..).unwrap_or_default().iter();
    near.take_while(|(l, _)| *l <= line.saturating_add(lines))
        .any(|(_, c)| c.abs_diff(column) <= columns)
}

fn place(document: &Document<'_>, at: usize) -> (usize, usize) {
    let line = document.lines().index_of(at);
    let start = document.lines().span(document.bytes(), line).start;
    (line, at.saturating_sub(start))
}
