//! A rule file as it is written: its rules and allowlists with their places.

use std::sync::Arc;

use toml::de::DeTable;

use crate::rule::Confidence;
use crate::rule::fields::Fields;
use crate::rule::page::{Fault, PageError};

use super::Notice;

/// A place in a rule file.
#[derive(Debug, Clone)]
pub(super) struct Place {
    file: Arc<str>,
    line: u32,
    column: u32,
}

impl Place {
    /// A mistake at this place.
    pub(super) fn wrong(&self, what: impl Into<String>, mend: impl Into<String>) -> PageError {
        PageError {
            path: self.file.to_string(),
            line: self.line,
            column: self.column,
            what: what.into(),
            mend: mend.into(),
        }
    }

    /// A place so many lines below.
    pub(super) fn below(&self, lines: usize) -> Self {
        Self {
            file: Arc::clone(&self.file),
            line: u32::try_from(lines).map_or(self.line, |n| self.line.saturating_add(n)),
            column: 1,
        }
    }

    /// `FILE:LINE`.
    pub(super) fn shown(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// A text and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) text: String,
    pub(super) place: Place,
}

/// A rule as it is written.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) id: Placed,
    pub(super) description: Option<String>,
    pub(super) regex: Option<Placed>,
    pub(super) path: Option<Placed>,
    pub(super) group: Option<(usize, Place)>,
    pub(super) entropy: Option<f64>,
    pub(super) keywords: Vec<String>,
    pub(super) tags: Vec<String>,
    pub(super) confidence: Option<Confidence>,
    pub(super) allow: Vec<Allow>,
    pub(super) filters: Vec<Placed>,
    pub(super) needs: Vec<Needed>,
    pub(super) silent: bool,
    pub(super) no_words: bool,
}

/// An allowlist as it is written.
#[derive(Debug, Clone)]
pub(super) struct Allow {
    pub(super) place: Place,
    pub(super) all: bool,
    pub(super) target: Target,
    pub(super) regexes: Vec<String>,
    pub(super) paths: Vec<String>,
    pub(super) words: Vec<String>,
    pub(super) commits: bool,
    /// The rules that it is for; every one if empty.
    pub(super) rules: Vec<String>,
}

/// What an allowlist's regexes are tried on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Secret,
    Match,
    Line,
}

/// A rule that has to match near by.
#[derive(Debug, Clone)]
pub(super) struct Needed {
    pub(super) id: Placed,
    pub(super) lines: Option<u32>,
    pub(super) columns: Option<u32>,
}

/// A rule file, read.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) rules: Vec<Written>,
    pub(super) allow: Vec<Allow>,
    pub(super) filters: Vec<Placed>,
    pub(super) extends: Option<Placed>,
    pub(super) disabled: Vec<Placed>,
}

/// What is learned while reading.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) errors: Vec<PageError>,
    pub(super) notices: Vec<Notice>,
}

impl Log {
    /// Remembers something that can't be honoured.
    pub(super) fn note(
        &mut self,
        place: &Place,
        rule: Option<&str>,
        what: impl Into<String>,
        so: impl Into<String>,
    ) {
        self.notices.push(Notice {
            path: place.file.to_string(),
            line: place.line,
            rule: rule.map(str::to_owned),
            what: what.into(),
            so: so.into(),
        });
    }
}

/// Reads a rule file.
pub(super) fn read(name: &str, text: &str, log: &mut Log) -> File {
    let mut reader = Reader {
        file: name.into(),
        text,
        starts: std::iter::once(0)
            .chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1))
            .collect(),
        faults: Vec::new(),
        log,
    };
    let file = match DeTable::parse(text) {
        Ok(table) => reader.file(table.get_ref()),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            reader
                .faults
                .push(Fault::new(at, error.message(), "mend the TOML"));
            File::default()
        }
    };
    let faults = std::mem::take(&mut reader.faults);
    let errors: Vec<_> = faults
        .into_iter()
        .map(|fault| reader.place(fault.offset).wrong(fault.what, fault.mend))
        .collect();
    reader.log.errors.extend(errors);
    file
}

struct Reader<'t, 'l> {
    file: Arc<str>,
    text: &'t str,
    /// Where the lines begin.
    starts: Vec<usize>,
    faults: Vec<Fault>,
    log: &'l mut Log,
}

/// The offset of a field that is there.
fn offset(fields: &Fields<'_, '_>, table: &DeTable<'_>, name: &str) -> Option<usize> {
    table.contains_key(name).then(|| fields.offset_of(name))
}

impl Reader<'_, '_> {
    fn place(&self, offset: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|n| self.starts.get(n));
        let before = self.text.get(start.copied().unwrap_or(0)..offset);
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Place {
            file: Arc::clone(&self.file),
            line: number(line),
            column: number(before.map_or(0, |text| text.chars().count()) + 1),
        }
    }

    /// A text of several lines, whose first one may be the one after its quotes.
    fn condition(&self, text: String, offset: usize) -> Placed {
        let raw = self.text.get(offset..).unwrap_or_default();
        let below = raw.starts_with("'''\n") || raw.starts_with("\"\"\"\n");
        self.placed(text, if below { offset + 4 } else { offset })
    }

    fn placed(&self, text: String, offset: usize) -> Placed {
        Placed {
            text,
            place: self.place(offset),
        }
    }

    fn file(&mut self, table: &DeTable<'_>) -> File {
        let mut faults = Vec::new();
        let mut fields = Fields::new(table, 0, 0, &mut faults);
        for name in [
            "title",
            "description",
            "minVersion",
            "betterleaksMinVersion",
        ] {
            fields.text(name);
        }
        let mut allow = fields.tables("allowlists");
        allow.extend(fields.table("allowlist"));
        let rules = fields.tables("rules");
        let filters: Vec<_> = ["prefilter", "filter"]
            .into_iter()
            .filter_map(|name| Some((fields.text(name)?, fields.offset_of(name))))
            .collect();
        let extend = fields.table("extend");
        self.unknown(&fields, None);
        self.faults.append(&mut faults);
        let mut file = File {
            filters: filters
                .into_iter()
                .map(|(text, at)| self.condition(text.into_owned(), at))
                .collect(),
            ..File::default()
        };
        for (table, at) in allow {
            file.allow.extend(self.allow(table, at, None));
        }
        for (table, at) in rules {
            file.rules.extend(self.rule(table, at));
        }
        if let Some((table, at)) = extend {
            self.extend(table, at, &mut file);
        }
        file
    }

    /// Says of fields that nothing asked for that nothing is done with them.
    fn unknown(&mut self, fields: &Fields<'_, '_>, rule: Option<&str>) {
        for (name, offset) in fields.rest() {
            let place = self.place(offset);
            self.log.note(
                &place,
                rule,
                format!("`{name}` is no key that byway knows"),
                "it has no effect",
            );
        }
    }

    fn extend(&mut self, table: &DeTable<'_>, at: usize, file: &mut File) {
        let mut faults = Vec::new();
        let mut fields = Fields::new(table, 0, at, &mut faults);
        if let Some(path) = fields.text("path") {
            let offset = fields.offset_of("path");
            file.extends = Some(self.placed(path.into_owned(), offset));
        }
        if fields.text("url").is_some() {
            let place = self.place(fields.offset_of("url"));
            self.log.note(
                &place,
                None,
                "`url` is not fetched, as byway stays offline",
                "the rules there are missing; save them beside this file and name that by `path`",
            );
        }
        if fields.flag("useDefault") {
            let place = self.place(fields.offset_of("useDefault"));
            self.log.note(
                &place,
                None,
                "`useDefault` adds the rules of another program, which byway does not have",
                "byway's own rules run in their place, without this file's changes to the others",
            );
        }
        let disabled = fields.texts("disabledRules");
        let offset = fields.offset_of("disabledRules");
        self.unknown(&fields, None);
        self.faults.append(&mut faults);
        file.disabled = disabled
            .into_iter()
            .map(|id| self.placed(id.into_owned(), offset))
            .collect();
    }

    fn rule(&mut self, table: &DeTable<'_>, at: usize) -> Option<Written> {
        let mut faults = Vec::new();
        let mut fields = Fields::new(table, 0, at, &mut faults);
        fields.require("id", "a rule without an id", "add `id`");
        let id = fields.text("id");
        let id_at = fields.offset_of("id");
        let description = fields.text_or_blank("description");
        let regex = fields.text("regex").zip(offset(&fields, table, "regex"));
        let path = fields.text("path").zip(offset(&fields, table, "path"));
        let group = ["secretGroup", "valueGroup"]
            .into_iter()
            .find_map(|name| Some((fields.count(name)?, fields.offset_of(name))));
        let entropy = fields.number("entropy");
        let keywords = fields.texts("keywords");
        let tags = fields.texts("tags");
        let confidence = fields.parsed::<Confidence>("confidence");
        let mut allow = fields.tables("allowlists");
        allow.extend(fields.table("allowlist"));
        let filters: Vec<_> = ["prefilter", "filter"]
            .into_iter()
            .filter_map(|name| Some((fields.text(name)?, fields.offset_of(name))))
            .collect();
        let mut needs = fields.tables("required");
        needs.extend(fields.tables("components"));
        let silent = fields.flag("skipReport");
        let no_words = fields.flag("tokenEfficiency");
        fields.skip("specificity");
        let Some(id) = id.map(std::borrow::Cow::into_owned) else {
            self.faults.append(&mut faults);
            return None;
        };
        for name in ["validate", "analyze", "revoke"] {
            if fields.text(name).is_some() {
                let place = self.place(fields.offset_of(name));
                self.log.note(
                    &place,
                    Some(&id),
                    format!("`{name}` asks a provider, and byway stays offline"),
                    "the rule finds the same without",
                );
            }
        }
        self.unknown(&fields, Some(&id));
        self.faults.append(&mut faults);
        let place =
            |(text, at): (crate::rule::head::Text, usize)| self.placed(text.into_owned(), at);
        let owned = |texts: Vec<crate::rule::head::Text>| {
            texts
                .into_iter()
                .map(std::borrow::Cow::into_owned)
                .collect()
        };
        let mut written = Written {
            description,
            regex: regex.map(place),
            path: path.map(place),
            group: group.map(|(n, at)| (n as usize, self.place(at))),
            entropy,
            keywords: owned(keywords),
            tags: owned(tags),
            confidence,
            allow: Vec::new(),
            filters: filters
                .into_iter()
                .map(|(text, at)| self.condition(text.into_owned(), at))
                .collect(),
            needs: Vec::new(),
            silent,
            no_words,
            id: self.placed(id, id_at),
        };
        let id = written.id.text.clone();
        for (table, at) in allow {
            written.allow.extend(self.allow(table, at, Some(&id)));
        }
        for (table, at) in needs {
            written.needs.extend(self.need(table, at, &id));
        }
        Some(written)
    }

    fn allow(&mut self, table: &DeTable<'_>, at: usize, rule: Option<&str>) -> Option<Allow> {
        let mut faults = Vec::new();
        let mut fields = Fields::new(table, 0, at, &mut faults);
        fields.text_or_blank("description");
        let all = match fields.text("condition").as_deref() {
            None | Some("OR" | "or" | "||") => false,
            Some("AND" | "and" | "&&") => true,
            Some(_) => {
                fields.unfit("condition", "write `OR` or `AND`");
                false
            }
        };
        let target = match fields.text("regexTarget").as_deref() {
            None | Some("secret") => Target::Secret,
            Some("match") => Target::Match,
            Some("line") => Target::Line,
            Some(_) => {
                fields.unfit("regexTarget", "write `secret`, `match` or `line`");
                Target::Secret
            }
        };
        let lists = ["regexes", "paths", "stopwords", "commits", "targetRules"];
        let [regexes, paths, words, commits, rules] = lists.map(|name| {
            let texts = fields.texts(name).into_iter();
            texts.map(std::borrow::Cow::into_owned).collect::<Vec<_>>()
        });
        let commits_at = fields.offset_of("commits");
        self.unknown(&fields, rule);
        self.faults.append(&mut faults);
        let commits_asked = !commits.is_empty();
        if commits_asked {
            let place = self.place(commits_at);
            let so = if all {
                "the allowlist, which asks for one, allows nothing"
            } else {
                "what stands in those commits is reported"
            };
            let what = "`commits` can't be told of files on disk";
            self.log.note(&place, rule, what, so);
        }
        if all && commits_asked {
            return None;
        }
        Some(Allow {
            place: self.place(at),
            all,
            target,
            regexes,
            paths,
            words,
            commits: commits_asked,
            rules,
        })
    }

    fn need(&mut self, table: &DeTable<'_>, at: usize, rule: &str) -> Option<Needed> {
        let mut faults = Vec::new();
        let mut fields = Fields::new(table, 0, at, &mut faults);
        fields.require(
            "id",
            "a required rule without an id",
            "add `id`, that of the rule that has to match near by",
        );
        let id = fields.text("id");
        let id_at = fields.offset_of("id");
        let mut lines = fields.count("withinLines");
        let mut columns = fields.count("withinColumns");
        // One that need not match has no part in what is found.
        let optional = fields.flag("optional");
        for part in fields
            .text("within")
            .iter()
            .flat_map(|text| text.split(','))
        {
            let part = part.trim();
            let number = part.get(..part.len().saturating_sub(1));
            match (number.and_then(|n| n.parse().ok()), part.as_bytes().last()) {
                (Some(number), Some(b'L' | b'l')) => lines = Some(number),
                (Some(number), Some(b'C' | b'c')) => columns = Some(number),
                _ => fields.unfit("within", "write lines as `5L`, columns as `80C`"),
            }
        }
        self.unknown(&fields, Some(rule));
        self.faults.append(&mut faults);
        (!optional).then_some(Needed {
            id: self.placed(id?.into_owned(), id_at),
            lines,
            columns,
        })
    }
}
