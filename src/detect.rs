//! Detection: from a document to its findings. Does no IO, returns no error, and
//! lets no secret out.
//!
//! One pass of [`Keywords`] over the bytes decides which rules run at all, and
//! where. A file without a hit costs nothing else. Then each rule that was woken
//! runs its matchers, and the hits of all rules become findings together: only then
//! is it known what has to be masked.

pub mod code;
pub mod keywords;

mod anchor;
mod automaton;
mod checksum;
#[allow(dead_code, reason = "the pipeline model asks these questions")]
mod condition;
mod decode;
mod encoded;
mod entropy;
mod filter;
mod finish;
mod hit;
mod lines;
mod needed;
mod pattern;
mod pipeline;
mod plausible;
mod query;
mod redact;
mod settings;
mod shell;
mod slots;
mod spans;
mod tokens;
mod words;

#[cfg(test)]
mod hostile_tests;

use std::cell::{Cell, RefCell};
use std::sync::OnceLock;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::document::{Document, Span};
use crate::finding::Finding;
use crate::kind::Kinds;
use crate::rule::{Class, Rule};

pub use hit::{Hit, Spot};
pub use keywords::{KeywordHit, Keywords};
pub use pipeline::{Reference, references};

/// What a Rust detector gets.
pub struct Cx<'c, 'd> {
    /// The document.
    pub document: &'c Document<'d>,
    /// The rule that asked.
    pub rule: &'c Rule,
    /// Where the rule's keywords stand, in order.
    pub keywords: &'c [Span],
    /// What is found beyond [`ENOUGH`].
    pub(crate) beyond: &'c Beyond,
}

/// How many hits of a rule in a file are kept until it is known which of them are
/// findings.
pub(crate) const ENOUGH: usize = 1000;

/// Hits that are too many to be kept: only which bytes are secret is.
#[derive(Default)]
pub(crate) struct Beyond {
    any: Cell<bool>,
    secrets: RefCell<Vec<Span>>,
}

impl Cx<'_, '_> {
    /// Keeps a hit, or of those beyond [`ENOUGH`] the place of the secret.
    pub(crate) fn keep(&self, hit: Hit, hits: &mut Vec<Hit>) {
        if hits.len() < ENOUGH {
            hits.push(hit);
        } else {
            self.beyond.any.set(true);
            if !hit.secret.is_empty() {
                self.beyond.secrets.borrow_mut().push(hit.secret);
            }
        }
    }
}

/// What a detector reads at a keyword: what it found, and where that ends.
pub(crate) type Read = (Option<Hit>, usize);

impl Cx<'_, '_> {
    /// Calls `read` with each keyword and where what was read before it ends, and keeps
    /// what it finds. A keyword inside of that is passed over, so that no text is read
    /// twice, however many keywords it holds. `None` is for a keyword that begins nothing.
    pub(crate) fn read_on(&self, mut read: impl FnMut(Span, usize) -> Option<Read>) -> Vec<Hit> {
        let mut hits = Vec::new();
        let mut done = 0;
        for keyword in self.keywords {
            if keyword.start < done {
                continue;
            }
            if let Some((hit, end)) = read(*keyword, done) {
                done = end;
                if let Some(hit) = hit {
                    self.keep(hit, &mut hits);
                }
            }
        }
        hits
    }
}

/// A Rust detector.
pub type Code = fn(&Cx<'_, '_>) -> Vec<Hit>;

/// All rules, ready to run.
pub struct Engine {
    rules: Vec<Rule>,
    ready: Vec<Ready>,
    keywords: Keywords,
    /// Rules without keywords: they look at every document of their kinds.
    by_kind: Vec<u16>,
    /// Rules without keywords or kinds: they look at every document.
    always: Vec<u16>,
    kinds_without_keyword: Kinds,
}

/// What is worked out of a rule at the start, and what on first use.
struct Ready {
    kinds: Kinds,
    not_paths: Option<GlobSet>,
    code: Option<Code>,
    filter: filter::Compiled,
    patterns: OnceLock<Vec<pattern::Compiled>>,
    queries: OnceLock<Vec<query::Compiled>>,
}

/// Buffers that one thread keeps from file to file.
#[derive(Debug, Default)]
pub struct Scratch {
    hits: Vec<KeywordHit>,
    /// Keyword places by rule; only rules in `woken` have any.
    places: Vec<Places>,
    /// The rules that had a keyword in the text.
    met: Vec<u16>,
    /// The rules to run.
    woken: Vec<u16>,
    /// For what is decoded.
    inner: Option<Box<Self>>,
}

/// Where a rule's keywords stand in a text, and whether it looks at the text at all.
#[derive(Debug, Default)]
struct Places {
    spans: Vec<Span>,
    wanted: Option<bool>,
}

/// How many places a thread keeps room for; after a file with more it gives back the
/// memory.
const KEPT: usize = 16 << 10;

impl Engine {
    /// Prepares `rules`, which become sorted by id. Regexes and queries are compiled
    /// on first use.
    ///
    /// # Errors
    ///
    /// Says which rule asks for a detector or a glob that can't be.
    pub fn new(mut rules: Vec<Rule>) -> Result<Self, String> {
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        let mut shared = filter::Shared::default();
        let ready = rules
            .iter()
            .map(|rule| Ready::new(rule, &mut shared))
            .collect::<Result<Vec<_>, _>>()?;
        let keywords = Keywords::new(&rules);
        let mut by_kind = Vec::new();
        let mut always = Vec::new();
        let mut kinds_without_keyword = Kinds::NONE;
        for (index, (rule, ready)) in rules.iter().zip(&ready).enumerate() {
            let index = u16::try_from(index).map_err(|_| "too many rules")?;
            if !rule.keywords.is_empty() || rule.class == Class::Register {
                continue;
            }
            if ready.kinds.is_empty() {
                always.push(index);
            } else {
                by_kind.push(index);
                kinds_without_keyword = kinds_without_keyword.union(ready.kinds);
            }
        }
        Ok(Self {
            rules,
            ready,
            keywords,
            by_kind,
            always,
            kinds_without_keyword,
        })
    }

    /// The rules, sorted by id.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The keyword automaton, for benchmarks.
    pub const fn keywords(&self) -> &Keywords {
        &self.keywords
    }

    /// Everything the rules find in `document`, sorted.
    pub fn scan(&self, document: &Document<'_>, scratch: &mut Scratch) -> Vec<Finding> {
        scratch.hits.clear();
        scratch.hits.shrink_to(KEPT);
        self.keywords.find(document.bytes(), &mut scratch.hits);
        self.wake(document, scratch);
        let mut found = Vec::new();
        let mut beyond = Vec::new();
        let mut cut = Vec::new();
        for index in &scratch.woken {
            let at = usize::from(*index);
            let (Some(rule), Some(ready)) = (self.rules.get(at), self.ready.get(at)) else {
                continue;
            };
            let own = Beyond::default();
            let hits = ready.run(&Cx {
                document,
                rule,
                keywords: scratch.places_of(at),
                beyond: &own,
            });
            found.extend(hits.into_iter().map(|hit| (rule, hit)));
            beyond.append(&mut own.secrets.take());
            if own.any.get() {
                cut.push(rule);
            }
        }
        filter::near(document, &mut found, &mut beyond);
        let mut encoded = encoded::search(self, document, scratch);
        found.append(&mut encoded.found);
        beyond.append(&mut encoded.beyond);
        cut.append(&mut encoded.cut);
        finish::findings(document, found, beyond, cut, &encoded.values)
    }

    /// Whether a keyword is of a rule that decoded text is searched for.
    fn decodes(&self, keyword: u16) -> bool {
        let rules = self.keywords.rules_of(keyword).iter();
        let mut rules = rules.filter_map(|rule| self.rules.get(usize::from(*rule)));
        rules.any(encoded::decodes)
    }

    /// Lists the rules to run in `scratch.woken`, with the places of their keywords.
    fn wake(&self, document: &Document<'_>, scratch: &mut Scratch) {
        let wants = |rule: &Rule, ready: &Ready| ready.wants(rule, document);
        self.places(scratch, wants);
        let asked = |index: &u16| {
            let at = usize::from(*index);
            let rule = self.rules.get(at).zip(self.ready.get(at));
            rule.is_some_and(|(rule, ready)| wants(rule, ready))
        };
        // Shapes need a tree, so only rules for kinds told by the path run unasked.
        if document.kinds_by_path().meets(self.kinds_without_keyword) {
            let own = self.by_kind.iter().copied();
            scratch.woken.extend(own.filter(asked));
        }
        let always = self.always.iter().copied();
        scratch.woken.extend(always.filter(asked));
        scratch.woken.sort_unstable();
    }

    /// Sorts the keyword hits by rule into `scratch.places` and lists the rules that
    /// have any and want the text. The places of other rules aren't kept: a word like
    /// `password` is a keyword of dozens, most of them for other kinds of file.
    fn places(&self, scratch: &mut Scratch, wants: impl Fn(&Rule, &Ready) -> bool) {
        let Scratch {
            hits,
            places,
            met,
            woken,
            ..
        } = scratch;
        places.resize_with(self.rules.len(), Places::default);
        for index in met.drain(..) {
            if let Some(places) = places.get_mut(usize::from(index)) {
                places.wanted = None;
                places.spans.clear();
                places.spans.shrink_to(KEPT);
            }
        }
        woken.clear();
        for hit in hits.iter() {
            let start = hit.end.saturating_sub(self.keywords.length_of(hit.keyword));
            for index in self.keywords.rules_of(hit.keyword) {
                let at = usize::from(*index);
                let Some(places) = places.get_mut(at) else {
                    continue;
                };
                let ask = || {
                    met.push(*index);
                    let rule = self.rules.get(at).zip(self.ready.get(at));
                    let wanted = rule.is_some_and(|(rule, ready)| wants(rule, ready));
                    if wanted {
                        woken.push(*index);
                    }
                    wanted
                };
                if *places.wanted.get_or_insert_with(ask) {
                    places.spans.push(Span::new(start, hit.end));
                }
            }
        }
        woken.sort_unstable();
    }
}

impl Scratch {
    /// Where the keywords of the rule at this index stand.
    fn places_of(&self, rule: usize) -> &[Span] {
        self.places.get(rule).map_or(&[], |places| &places.spans)
    }
}

impl Ready {
    fn new(rule: &Rule, shared: &mut filter::Shared) -> Result<Self, String> {
        let mut kinds = Kinds::NONE;
        for name in rule.kinds.iter() {
            let named = Kinds::named(name)
                .ok_or_else(|| format!("{}: `{name}` is no document kind", rule.id))?;
            kinds = kinds.union(named);
        }
        let code = match &rule.code {
            None => None,
            Some(name) => Some(code::named(name).ok_or_else(|| {
                format!(
                    "{}: `{name}` is no detector; write one of: {}",
                    rule.id,
                    code::names().join(", ")
                )
            })?),
        };
        Ok(Self {
            kinds,
            not_paths: globs(rule)?,
            code,
            filter: filter::Compiled::new(&rule.filter, shared),
            patterns: OnceLock::new(),
            queries: OnceLock::new(),
        })
    }

    /// Whether the rule looks at this document at all.
    fn wants(&self, rule: &Rule, document: &Document<'_>) -> bool {
        self.allows(rule, document) && self.is_for(document)
    }

    /// Whether the rule looks at the document's path.
    fn allows(&self, rule: &Rule, document: &Document<'_>) -> bool {
        let globs = self.not_paths.as_ref();
        globs.is_none_or(|globs| !globs.is_match(document.path()))
            && self.filter.takes(rule, document.path())
    }

    /// Whether the document is of the rule's kinds.
    fn is_for(&self, document: &Document<'_>) -> bool {
        // Asking for the kinds by shape may parse the file; only a rule for one of them
        // is worth that.
        self.kinds.is_empty()
            || self.kinds.meets(document.kinds_by_path())
            || self.kinds.meets(Kinds::BY_CONTENT) && self.kinds.meets(document.kinds())
    }

    fn run(&self, cx: &Cx<'_, '_>) -> Vec<Hit> {
        let mut hits: Vec<Hit> = Vec::new();
        if !cx.rule.patterns.is_empty() {
            let compile = || {
                cx.rule
                    .patterns
                    .iter()
                    .map(pattern::Compiled::new)
                    .collect()
            };
            for compiled in self.patterns.get_or_init(compile) {
                compiled.run(cx, &self.filter, &mut hits);
            }
        }
        if !cx.rule.queries.is_empty() && !cx.document.tree().root.items().is_empty() {
            let compile = || {
                cx.rule
                    .queries
                    .iter()
                    .filter_map(query::Compiled::new)
                    .collect()
            };
            for compiled in self.queries.get_or_init(compile) {
                compiled.run(cx, &mut hits);
            }
        }
        if let Some(code) = self.code {
            for hit in code(cx) {
                cx.keep(hit, &mut hits);
            }
        }
        let beside = &cx.rule.filter.beside;
        let bytes = cx.document.bytes();
        if !hits.is_empty() && !beside.is_empty() && !filter::holds_word(bytes, beside) {
            // The secrets stay masked, if another rule shows the line.
            let mut beyond = cx.beyond.secrets.borrow_mut();
            beyond.extend(hits.drain(..).map(|hit| hit.secret));
        }
        if cx.rule.is_about_the_file() {
            hits.push(Hit::new(Span::new(0, 0)).about(cx.document.path()));
        }
        hits
    }
}

fn globs(rule: &Rule) -> Result<Option<GlobSet>, String> {
    if rule.not_paths.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    for glob in rule.not_paths.iter() {
        let glob = GlobBuilder::new(glob)
            .literal_separator(true)
            .build()
            .map_err(|e| format!("{}: {e}", rule.id))?;
        set.add(glob);
    }
    set.build()
        .map(Some)
        .map_err(|e| format!("{}: {e}", rule.id))
}
