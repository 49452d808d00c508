//! Reading a rule page: the TOML head, the prose, the fenced examples.

use std::borrow::Cow;
use std::fmt;

use toml::de::{DeTable, DeValue};

use super::assigned;
use super::examples::{self, Example};
use super::expression;
use super::fields::Fields;
use super::filter;
use super::frameworks;
use super::guards;
use super::head::{Class, Confidence, Filter, Pattern, Query, Reach, Rule, Severity, Test, Text};
use crate::kind::Kinds;

/// A rule and the examples that its page gives.
#[derive(Debug, Clone)]
pub struct Page {
    /// The rule.
    pub rule: Rule,
    /// The fenced blocks marked `good`, `bad=…` or `context`.
    pub examples: Vec<Example>,
}

/// What is wrong with a page, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageError {
    /// The page.
    pub path: String,
    /// Line, counted from 1.
    pub line: u32,
    /// Column in characters, counted from 1.
    pub column: u32,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub mend: String,
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}; {}",
            self.path, self.line, self.column, self.what, self.mend
        )
    }
}

impl std::error::Error for PageError {}

/// What is wrong with a page, at a byte offset into it.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) offset: usize,
    pub(crate) what: String,
    pub(crate) mend: String,
}

impl Fault {
    pub(crate) fn new(offset: usize, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            offset,
            what: what.into(),
            mend: mend.into(),
        }
    }
}

/// Reads one page. `path` is shown in errors; its last two parts, folder and name,
/// are the rule's id.
///
/// # Errors
///
/// Returns every mistake found, with line and mend.
pub fn read(path: &str, text: &str) -> Result<Page, Vec<PageError>> {
    let locate = |faults: Vec<Fault>| {
        faults
            .into_iter()
            .map(|fault| PageError {
                path: path.to_owned(),
                line: examples::line_of(text, fault.offset),
                column: column_of(text, fault.offset),
                what: fault.what,
                mend: fault.mend,
            })
            .collect()
    };
    let (head, head_at, body_at) = split(text).map_err(|f| locate(vec![f]))?;
    let body = text.get(body_at..).unwrap_or_default();
    let mut faults = Vec::new();
    let examples = examples::read(body, body_at, text, &mut faults);
    let (rule, is_imported) = read_head(path, head, head_at, body, &mut faults);
    match rule {
        Some(rule) if faults.is_empty() => {
            if !is_imported {
                examples::check(&rule, &examples, body_at, &mut faults);
            }
            if faults.is_empty() {
                Ok(Page { rule, examples })
            } else {
                Err(locate(faults))
            }
        }
        _ => Err(locate(faults)),
    }
}

fn column_of(text: &str, offset: usize) -> u32 {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    u32::try_from(line.chars().count()).map_or(u32::MAX, |n| n.saturating_add(1))
}

/// Splits a page into its head, the head's offset, and the body's offset.
fn split(text: &str) -> Result<(&str, usize, usize), Fault> {
    const MEND: &str = "begin the page with a line `+++`, the TOML head, and another line `+++`";
    let at = 4;
    let rest = text
        .strip_prefix("+++\n")
        .ok_or_else(|| Fault::new(0, "the page has no head", MEND))?;
    let end = rest
        .find("\n+++\n")
        .ok_or_else(|| Fault::new(0, "the page's head has no end", MEND))?;
    let head = rest.get(..=end).unwrap_or_default();
    Ok((head, at, at + end + "\n+++\n".len()))
}

/// The rule id in a page's path: its folder and its name.
fn id_of(path: &str) -> Option<(Class, String)> {
    let mut parts = path.rsplit(['/', '\\']);
    let name = parts.next()?.strip_suffix(".md")?;
    let class = parts.next()?.parse().ok()?;
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (!name.is_empty() && name.bytes().all(plain)).then(|| (class, format!("{class}/{name}")))
}

fn read_head(
    path: &str,
    head: &str,
    head_at: usize,
    body: &str,
    faults: &mut Vec<Fault>,
) -> (Option<Rule>, bool) {
    let Some((class, id)) = id_of(path) else {
        faults.push(Fault::new(
            0,
            "the path gives no rule id",
            "put the page at CLASS/NAME.md, where CLASS is static-key, elevated-token, bypass-route or register and NAME has lower-case letters, digits and -",
        ));
        return (None, false);
    };
    let table = match DeTable::parse(head) {
        Ok(table) => table,
        Err(error) => {
            let at = error.span().map_or(0, |s| s.start);
            faults.push(Fault::new(
                head_at + at,
                error.message().to_owned(),
                "mend the TOML of the head",
            ));
            return (None, false);
        }
    };
    let is_imported = table.get_ref().contains_key("imported");
    let rule = read_fields(table.get_ref(), head, head_at, body, (class, id), faults);
    (rule, is_imported)
}

fn read_fields(
    table: &DeTable<'_>,
    head: &str,
    head_at: usize,
    body: &str,
    (class, id): (Class, String),
    faults: &mut Vec<Fault>,
) -> Option<Rule> {
    let mut fields = Fields::new(table, head_at, 0, faults);
    let title = fields.required_text("title");
    let severity = fields.required::<Severity>("severity");
    let confidence = fields.required::<Confidence>("confidence");
    let confidence_in_tests = fields.parsed::<Confidence>("confidence-in-tests");
    let since = fields.required_text("since");
    let kinds = fields.texts("in");
    let not_paths = fields.texts("not-paths");
    let keywords = fields.texts("keywords");
    let frameworks = fields.texts("frameworks");
    let references = fields.texts("references");
    let renamed_from = fields.texts("renamed-from");
    let also = fields.texts("also");
    let message = fields.text("message");
    let generic = fields.flag("generic");
    // Where the rule came from; what tests it stands there.
    fields.text("imported");
    let detect = fields.table("detect");
    fields.finish();
    let Detect {
        patterns,
        queries,
        code,
        filter,
    } = match detect {
        Some((table, at)) => read_detect(table, head_at, at, faults),
        None => Detect::default(),
    };

    let rule = Rule {
        id: Cow::Owned(id),
        class,
        title: title?,
        severity: severity?,
        confidence: confidence?,
        confidence_in_tests,
        since: since?,
        kinds: kinds.into(),
        not_paths: not_paths.into(),
        keywords: keywords.into(),
        frameworks: frameworks.into(),
        references: references.into(),
        renamed_from: renamed_from.into(),
        also: also.into(),
        message,
        generic,
        patterns: patterns.into(),
        queries: queries.into(),
        code,
        filter,
        summary: Cow::Owned(examples::summary(body)),
        help: Cow::Owned(body.trim_start().to_owned()),
    };
    check_head(&rule, head, head_at, faults);
    Some(rule)
}

struct Detect {
    patterns: Vec<Pattern>,
    queries: Vec<Query>,
    code: Option<Text>,
    filter: Filter,
}

impl Default for Detect {
    fn default() -> Self {
        Self {
            patterns: Vec::new(),
            queries: Vec::new(),
            code: None,
            filter: Filter::NONE,
        }
    }
}

fn read_detect(table: &DeTable<'_>, head_at: usize, at: usize, faults: &mut Vec<Fault>) -> Detect {
    let mut fields = Fields::new(table, head_at, at, faults);
    let patterns = fields.tables("pattern");
    let assigned = fields.tables("assigned");
    let queries = fields.tables("query");
    let code = fields.text("code");
    let (mut filter, unless, needs) = filter::of_detect(&mut fields);
    fields.finish();
    let unless = unless.into_iter();
    filter.unless = unless
        .map(|(table, at)| filter::unless(table, head_at, at, faults))
        .collect();
    let needs = needs.into_iter();
    filter.needs = needs
        .filter_map(|(table, at)| filter::need(table, head_at, at, faults))
        .collect();
    let mut patterns: Vec<_> = patterns
        .into_iter()
        .filter_map(|(table, at)| read_pattern(table, head_at, at, faults))
        .collect();
    for (table, at) in assigned {
        patterns.extend(assigned::read(table, head_at, at, faults));
    }
    let queries = queries
        .into_iter()
        .filter_map(|(table, at)| read_query(table, head_at, at, faults))
        .collect();
    Detect {
        patterns,
        queries,
        code,
        filter,
    }
}

/// The guards that every way to tell a match may have, in a pattern without a regex.
pub(super) fn guarded(fields: &mut Fields<'_, '_>) -> Pattern {
    Pattern {
        regex: Text::Borrowed(""),
        entropy: fields.number("entropy"),
        checksum: None,
        decode: fields.one_of("decode", guards::DECODERS),
        stop_words: fields.texts("stop-words").into(),
        unless: fields.regex("unless"),
        subject: None,
        severity: fields.parsed::<Severity>("severity"),
        reach: Reach::Near,
        placeholders: false,
        no_words: false,
    }
}

fn read_pattern(
    table: &DeTable<'_>,
    head_at: usize,
    at: usize,
    faults: &mut Vec<Fault>,
) -> Option<Pattern> {
    let mut fields = Fields::new(table, head_at, at, faults);
    fields.require("regex", "a pattern without a regex", "add `regex`");
    let regex = fields.regex("regex");
    let guarded = guarded(&mut fields);
    let checksum = fields.one_of("checksum", &guards::checksums());
    let subject = fields.text("subject");
    let reach = filter::reach(&mut fields);
    let placeholders = fields.flag("placeholders");
    let no_words = fields.flag("no-words");
    let offset = fields.offset_of("regex");
    fields.finish();
    let regex = regex?;
    let compiled = expression::compile(&regex).ok()?;
    let names: Vec<_> = compiled.capture_names().flatten().collect();
    if !names.contains(&"secret") && !names.contains(&"subject") {
        faults.push(Fault::new(
            offset,
            "the regex has no group for what it finds",
            "name one `(?P<secret>…)`, or `(?P<subject>…)` when it finds no secret",
        ));
    }
    let judged = guarded.entropy.is_some() || checksum.is_some() || guarded.decode.is_some();
    if judged && !names.contains(&"secret") {
        faults.push(Fault::new(
            offset,
            "entropy, checksum and decode look at the group `secret`, which is missing",
            "name the secret's part `(?P<secret>…)`",
        ));
    }
    let partial = checksum.as_deref().is_some_and(guards::is_partial);
    if partial && !(names.contains(&"body") && names.contains(&"check")) {
        faults.push(Fault::new(
            offset,
            "the regex does not say what the checksum is over",
            "name that part `(?P<body>…)` and the checksum itself `(?P<check>…)`",
        ));
    }
    Some(Pattern {
        regex,
        checksum,
        subject,
        reach,
        placeholders,
        no_words,
        ..guarded
    })
}

fn read_query(
    table: &DeTable<'_>,
    head_at: usize,
    at: usize,
    faults: &mut Vec<Fault>,
) -> Option<Query> {
    let mut fields = Fields::new(table, head_at, at, faults);
    fields.require(
        "path",
        "a query without a path",
        "add `path`, an RFC 9535 JSONPath",
    );
    let path = fields.text("path");
    let equals = fields.text("equals");
    let matches = fields.regex("matches");
    let absent = fields.flag("absent");
    let subject = fields.text("subject");
    let offset = fields.offset_of("path");
    fields.finish();
    let path = path?;
    if let Err(error) = jsonpath_rust::parser::parse_json_path(&path) {
        faults.push(Fault::new(
            offset,
            format!("the path is no JSONPath: {error}").replace('\n', " "),
            "see RFC 9535; `$` is the list of the file's documents",
        ));
    }
    let test = match (equals, matches, absent) {
        (None, None, false) => Test::Any,
        (Some(text), None, false) => Test::Equals(text),
        (None, Some(regex), false) => Test::Matches(regex),
        (None, None, true) => Test::Absent,
        _ => {
            faults.push(Fault::new(
                offset,
                "a query with two tests",
                "keep one of `equals`, `matches`, `absent`",
            ));
            return None;
        }
    };
    Some(Query {
        path,
        test,
        subject,
    })
}

/// Checks what needs more than one field.
fn check_head(rule: &Rule, head: &str, head_at: usize, faults: &mut Vec<Fault>) {
    let at = |needle: &str| head_at + head.find(needle).unwrap_or(0);
    if rule.confidence == Confidence::Certain {
        faults.push(Fault::new(
            at("confidence"),
            "`certain` is computed from a checksum",
            "write `high`, `medium` or `low`",
        ));
    }
    for name in rule.kinds.iter() {
        if Kinds::named(name).is_none() {
            faults.push(Fault::new(
                at(name),
                format!("`{name}` is no document kind"),
                "write one of the names in src/kind.rs, or ci, script, code or config",
            ));
        }
    }
    for keyword in rule.keywords.iter() {
        let fits =
            (3..=64).contains(&keyword.len()) && !keyword.bytes().any(|b| b.is_ascii_uppercase());
        if !fits {
            faults.push(Fault::new(
                at(keyword),
                format!("the keyword `{keyword}` can't be searched for"),
                "write 3 to 64 bytes in lower case: the search ignores the case of ASCII letters",
            ));
        }
    }
    for id in rule.frameworks.iter() {
        if frameworks::find(id).is_none() {
            let mend = frameworks::superseded(id).map_or_else(
                || "write an id of src/rule/frameworks.rs, such as NHI2:2025 or CWE-798".to_owned(),
                |newer| format!("write {newer}, which replaced it"),
            );
            faults.push(Fault::new(
                at(id),
                format!("`{id}` is no framework id"),
                mend,
            ));
        }
    }
    let register = rule.class == Class::Register;
    let by_path = rule.filter.path.is_some();
    let detects =
        !rule.patterns.is_empty() || !rule.queries.is_empty() || rule.code.is_some() || by_path;
    if register == detects {
        faults.push(Fault::new(head_at, "a rule needs something to detect with, and a register rule nothing", "add `[[detect.pattern]]`, `[[detect.query]]` or `detect.code`, or remove it from a register page"));
    }
    let around = |p: &Pattern| p.reach != Reach::Everywhere;
    let blind = rule.kinds.is_empty() && rule.patterns.is_empty() && !by_path
        || rule.patterns.iter().any(around);
    if !register && rule.keywords.is_empty() && blind {
        faults.push(Fault::new(
            head_at,
            "a rule without keywords would run on every file",
            "add `keywords`, or `in` for a rule with queries whose file's kind is the signal, or `everywhere = true` to a pattern that is worth it",
        ));
    }
    if rule.summary.is_empty() {
        faults.push(Fault::new(
            head_at + head.len(),
            "the page does not say why",
            "begin the prose with a paragraph on why this is an exception path",
        ));
    }
}

/// The text of a TOML value, for [`Fields`].
pub(crate) fn text_of<'a>(value: &'a DeValue<'_>) -> Option<&'a str> {
    match value {
        DeValue::String(text) => Some(text),
        _ => None,
    }
}
