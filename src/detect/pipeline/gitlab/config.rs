//! What a job of GitLab's is made of: its own keys, those of an included job of the same
//! name, those that `extends` brings, and the defaults.
//!
//! Facts: GitLab Docs, "CI/CD YAML syntax reference" (`include`, `extends`, `default`,
//! `inherit`) and "Optimize GitLab CI/CD configuration files" (`!reference`).

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;

use super::super::cursor::{Cursor, Entry, File};
use crate::detect::hit::Spot;
use crate::document::{Node, Span, Value};
use crate::kind::{Kind, Kinds};

/// How deep `extends` is followed. Source: "`extends`", which allows eleven levels.
const LEVELS: usize = 11;

/// How deep `!reference` is followed, as GitLab does.
const REFERENCES: usize = 10;

/// Most jobs that one is made of.
const LAYERS: usize = 100;

/// What a node costs beside its text when it is brought from elsewhere.
const NODE: usize = 16;

/// Keys that jobs take from `default`, or from the top of the file in older ones.
const DEFAULTS: &[&str] = &[
    "after_script",
    "before_script",
    "hooks",
    "id_tokens",
    "image",
    "services",
    "tags",
];

/// A value as several places make it: the first counts, and below mappings the rest fill
/// in what it doesn't say.
#[derive(Clone)]
pub(super) struct Layers<'f>(Vec<Cursor<'f>>);

impl<'f> Layers<'f> {
    /// The place that counts.
    pub(super) fn top(&self) -> Option<Cursor<'f>> {
        self.0.first().copied()
    }

    /// The members of a mapping, each as it counts.
    pub(super) fn entries(&self) -> Vec<Entry<'f>> {
        let mut seen: HashMap<&str, (usize, usize)> = HashMap::new();
        let mut out = Vec::new();
        for (depth, layer) in self.0.iter().enumerate() {
            for entry in layer.members() {
                match seen.get(entry.key) {
                    None => {
                        seen.insert(entry.key, (depth, out.len()));
                        out.push(entry);
                    }
                    // In one mapping the last of several counts.
                    Some((at, index)) if *at == depth => {
                        if let Some(slot) = out.get_mut(*index) {
                            *slot = entry;
                        }
                    }
                    Some(_) => {}
                }
            }
        }
        out
    }
}

/// The configuration that a file makes with what it includes.
pub(super) struct Config<'f> {
    pub(super) file: &'f File<'f>,
    /// The file's own, then what it includes, the later include first.
    roots: Vec<Cursor<'f>>,
    /// Jobs and templates by name, each from the place that counts to the others.
    jobs: HashMap<&'f str, Vec<Entry<'f>>>,
    /// Those of the project's other files: an included file uses the templates of those
    /// that are included beside it.
    others: OnceCell<HashMap<&'f str, Entry<'f>>>,
    /// The defaults of jobs, by key.
    defaults: OnceCell<HashMap<&'static str, Layers<'f>>>,
    weights: RefCell<HashMap<usize, usize>>,
    /// How much may still be brought from elsewhere, so that ten thousand jobs can't
    /// multiply a long template.
    left: Cell<usize>,
}

/// A job with all that makes it.
pub(super) struct Body<'c, 'f> {
    pub(super) config: &'c Config<'f>,
    pub(super) name: &'f str,
    /// Its key in the file.
    pub(super) at: Span,
    /// Where it is written, if an include has it as well.
    pub(super) defined: Option<Spot>,
    layers: Layers<'f>,
}

impl<'f> Config<'f> {
    /// Of the file's own root and those of its includes, the later first.
    pub(super) fn new(file: &'f File<'f>, own: Cursor<'f>, included: Vec<Cursor<'f>>) -> Self {
        let mut roots = vec![own];
        roots.extend(included);
        let mut jobs: HashMap<&str, Vec<Entry<'_>>> = HashMap::new();
        for root in &roots {
            // Of several keys of one name the last counts.
            let last: HashMap<&str, Entry<'_>> = root.members().map(|e| (e.key, e)).collect();
            for entry in root.members() {
                if last.get(entry.key).is_some_and(|l| l.at == entry.at) {
                    jobs.entry(entry.key).or_default().push(entry);
                }
            }
        }
        Self {
            file,
            roots,
            jobs,
            others: OnceCell::new(),
            defaults: OnceCell::new(),
            weights: RefCell::default(),
            left: Cell::new(file.bytes().len().saturating_mul(4).saturating_add(4 << 20)),
        }
    }

    /// The members of the file itself that aren't said again further down.
    pub(super) fn own(&self) -> impl Iterator<Item = Entry<'f>> {
        let own = self.roots.first().into_iter().flat_map(Cursor::members);
        own.filter(|entry| {
            let first = self.jobs.get(entry.key).and_then(|all| all.first());
            first.is_some_and(|first| first.at == entry.at)
        })
    }

    /// A key of the whole configuration.
    pub(super) fn global(&self, key: &str) -> Option<Layers<'f>> {
        self.get(&Layers(self.roots.clone()), key)
    }

    fn read_defaults(&self) -> HashMap<&'static str, Layers<'f>> {
        let default = self.global("default");
        let of = |key| {
            let found = default.as_ref().and_then(|default| self.get(default, key));
            found.or_else(|| self.global(key))
        };
        let all = DEFAULTS.iter();
        all.filter_map(|key| Some((*key, of(key)?))).collect()
    }

    /// The job of this name without what it extends.
    fn raw(&self, name: &str, place: Span) -> Vec<Cursor<'f>> {
        if let Some(all) = self.jobs.get(name) {
            return all.iter().map(|e| e.value.moved_to(place)).collect();
        }
        let others = self.others.get_or_init(|| self.read_others());
        let found = others.get(name);
        found.map(|e| e.value.moved_to(place)).into_iter().collect()
    }

    fn read_others(&self) -> HashMap<&'f str, Entry<'f>> {
        let mut out = HashMap::new();
        let Some(all) = self.file.neighbours() else {
            return out;
        };
        let pipelines = all.of(Kinds::NONE.with(Kind::GitlabCi));
        for other in pipelines
            .filter(|other| **other.path() != *self.file.path())
            .take(super::MOST_INCLUDES)
        {
            for root in self.file.roots_of(other, Span::default()) {
                for entry in root.members() {
                    out.entry(entry.key).or_insert(entry);
                }
            }
        }
        out
    }

    /// Whether there is room to bring a node from elsewhere.
    fn pays(&self, node: &Node) -> bool {
        let key = std::ptr::from_ref(node) as usize;
        let known = self.weights.borrow().get(&key).copied();
        let weight = known.unwrap_or_else(|| {
            let mut weight = 0;
            node.walk(&mut |member, node| {
                let key = member.map_or(0, |member| member.key.len());
                weight += NODE + key + node.text().map_or(0, str::len);
            });
            self.weights.borrow_mut().insert(key, weight);
            weight
        });
        let left = self.left.get().checked_sub(weight);
        match left {
            Some(left) => self.left.set(left),
            None => self
                .file
                .note("repeats more by 'extends', '!reference' and 'default' than is read"),
        }
        left.is_some()
    }

    /// The value of a key; what it refers to if that is what it says.
    pub(super) fn get(&self, of: &Layers<'f>, key: &str) -> Option<Layers<'f>> {
        self.below(of, key, 0)
    }

    fn below(&self, of: &Layers<'f>, key: &str, depth: usize) -> Option<Layers<'f>> {
        let mut out: Vec<Cursor<'f>> = Vec::new();
        for value in of.0.iter().filter_map(|layer| layer.get(key)) {
            for value in self.meant(value, depth) {
                let mapping = matches!(value.node().value, Value::Object(_));
                if mapping || out.is_empty() {
                    out.push(value);
                }
                if !mapping {
                    return Some(Layers(out)).filter(|o| !o.is_null());
                }
            }
        }
        (!out.is_empty()).then_some(Layers(out))
    }

    /// The value itself, or what a `!reference` means.
    fn meant(&self, value: Cursor<'f>, depth: usize) -> Vec<Cursor<'f>> {
        if value.node().tag.as_deref() != Some("!reference") {
            return vec![value];
        }
        let mut path = value.node().items().iter().filter_map(Node::text);
        let Some(name) = path.next().filter(|_| depth < REFERENCES) else {
            return Vec::new();
        };
        let mut layers = Layers(self.raw(name, value.span()));
        for key in path {
            match self.below(&layers, key, depth + 1) {
                Some(below) => layers = below,
                None => return Vec::new(),
            }
        }
        layers.0.retain(|layer| self.pays(layer.node()));
        layers.0
    }

    /// The items of a list, with what it refers to put in their place.
    pub(super) fn items(&self, list: Cursor<'f>) -> Vec<Cursor<'f>> {
        let mut out = Vec::new();
        self.gather(list, 0, &mut out);
        out
    }

    /// The items of a list, if all that it refers to is known.
    pub(super) fn all_items(&self, list: Cursor<'f>) -> Option<Vec<Cursor<'f>>> {
        let mut out = Vec::new();
        self.gather(list, 0, &mut out).then_some(out)
    }

    /// Whether all that is referred to was found.
    fn gather(&self, value: Cursor<'f>, depth: usize, out: &mut Vec<Cursor<'f>>) -> bool {
        if depth > REFERENCES {
            return false;
        }
        if value.node().tag.as_deref() == Some("!reference") {
            let meant = self.meant(value, depth);
            return meant
                .first()
                .is_some_and(|meant| self.gather(*meant, depth + 1, out));
        }
        if matches!(value.node().value, Value::Array(_)) {
            let mut all = true;
            for item in value.items() {
                all &= self.gather(item, depth + 1, out);
            }
            return all;
        }
        if !matches!(value.node().value, Value::Null) {
            out.push(value);
        }
        true
    }

    /// The job at an entry of the file itself.
    pub(super) fn body(&self, entry: &Entry<'f>) -> Body<'_, 'f> {
        let mut layers = vec![entry.value];
        let all = self.jobs.get(entry.key).map_or(&[][..], Vec::as_slice);
        for lower in all.iter().skip(1) {
            if self.pays(lower.value.node()) {
                layers.push(lower.value.moved_to(entry.at));
            }
        }
        let included = layers.get(1).and_then(Cursor::defined);
        let mut seen = vec![entry.key];
        let raw = Layers(layers.clone());
        self.extend(&raw, None, 0, &mut seen, &mut layers);
        Body {
            config: self,
            name: entry.key,
            at: entry.at,
            defined: entry.value.defined().or(included),
            layers: Layers(layers),
        }
    }

    /// Adds what a job extends: the last named counts most, and each with its own.
    fn extend(
        &self,
        raw: &Layers<'f>,
        place: Option<Span>,
        depth: usize,
        seen: &mut Vec<&'f str>,
        layers: &mut Vec<Cursor<'f>>,
    ) {
        let Some(names) = self.get(raw, "extends").and_then(|names| names.top()) else {
            return;
        };
        let names: Vec<_> = names.one_or_many().collect();
        for cursor in names.iter().rev() {
            // What is brought a second time says nothing new; so a cycle ends as well.
            let Some(name) = cursor.str().filter(|name| !seen.contains(name)) else {
                continue;
            };
            if depth >= LEVELS || seen.len() >= LAYERS {
                self.file.note("has jobs that extend more than is read");
                return;
            }
            seen.push(name);
            let place = place.unwrap_or_else(|| cursor.span());
            let mut parent = self.raw(name, place);
            parent.retain(|layer| self.pays(layer.node()));
            layers.extend(&parent);
            self.extend(&Layers(parent), Some(place), depth + 1, seen, layers);
        }
    }
}

impl Layers<'_> {
    fn is_null(&self) -> bool {
        self.top()
            .is_none_or(|top| matches!(top.node().value, Value::Null))
    }
}

impl<'f> Body<'_, 'f> {
    /// The value of a key, from the defaults if the job doesn't say.
    pub(super) fn get(&self, key: &str) -> Option<Layers<'f>> {
        self.config.get(&self.layers, key).or_else(|| {
            let mut found = self.default(key)?;
            found.0.retain(|layer| self.config.pays(layer.node()));
            let moved = found.0.iter().map(|layer| layer.moved_to(self.at));
            Some(Layers(moved.collect())).filter(|layers| !layers.0.is_empty())
        })
    }

    fn default(&self, key: &str) -> Option<Layers<'f>> {
        if !DEFAULTS.contains(&key) || !self.inherits(key) {
            return None;
        }
        let config = self.config;
        let defaults = config.defaults.get_or_init(|| config.read_defaults());
        defaults.get(key).cloned()
    }

    /// Whether `inherit: default` lets a key through.
    fn inherits(&self, key: &str) -> bool {
        let inherit = self.config.get(&self.layers, "inherit");
        let Some(which) = inherit.and_then(|i| self.config.get(&i, "default")) else {
            return true;
        };
        which.top().is_none_or(|which| {
            let list = !which.node().items().is_empty();
            which.truth() != Some(false) && (!list || which.items().any(|i| i.str() == Some(key)))
        })
    }

    /// The value of a key below others.
    pub(super) fn at(&self, keys: &[&str]) -> Option<Layers<'f>> {
        let (first, rest) = keys.split_first()?;
        let first = self.get(first)?;
        rest.iter()
            .try_fold(first, |layers, key| self.config.get(&layers, key))
    }

    /// The text of a key.
    pub(super) fn str(&self, key: &str) -> Option<&'f str> {
        self.get(key)?.top()?.str()
    }

    /// The member that a key's value is of; not of the defaults.
    pub(super) fn member(&self, key: &str) -> Option<Entry<'f>> {
        let mut layers = self.layers.0.iter();
        layers.find_map(|layer| layer.member(key))
    }

    /// The items of a key's list.
    pub(super) fn items(&self, key: &str) -> Vec<Cursor<'f>> {
        let list = self.get(key).and_then(|list| list.top());
        list.map_or(Vec::new(), |list| self.config.items(list))
    }

    /// The members of a key's mapping.
    pub(super) fn entries(&self, key: &str) -> Vec<Entry<'f>> {
        self.get(key).map_or(Vec::new(), |layers| layers.entries())
    }
}
