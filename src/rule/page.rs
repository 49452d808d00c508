//! Reading a rule page: the TOML head, the prose, the fenced examples.

use std::borrow::Cow;
use std::fmt;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use toml::de::{DeTable, DeValue};

use super::fields::Fields;
use super::frameworks;
use super::head::{Class, Confidence, Pattern, Query, Rule, Severity, Test, Text};
use super::sample;
use crate::kind::Kinds;

/// A rule and the examples that its page gives.
#[derive(Debug, Clone)]
pub struct Page {
    /// The rule.
    pub rule: Rule,
    /// The fenced blocks marked `good`, `bad=…` or `context`.
    pub examples: Vec<Example>,
}

/// A fenced block of a page that is a test.
#[derive(Debug, Clone)]
pub struct Example {
    /// What it shows.
    pub expect: Expect,
    /// The path the block's file would have; it decides the document kind.
    pub path: String,
    /// The block's text, placeholders not yet expanded.
    pub text: String,
    /// Line of the block's first text line in the page, counted from 1.
    pub line: u32,
}

/// What an example shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// The rule fires on exactly these lines of the block, counted from 1.
    Bad(Vec<u32>),
    /// The rule does not fire.
    Good,
    /// The file stands beside the page's other examples (register pages).
    Context,
}

/// What is wrong with a page, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageError {
    /// The page.
    pub path: String,
    /// Line, counted from 1.
    pub line: u32,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub mend: String,
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {}; {}",
            self.path, self.line, self.what, self.mend
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
                line: line_of(text, fault.offset),
                what: fault.what,
                mend: fault.mend,
            })
            .collect()
    };
    let (head, head_at, body_at) = split(text).map_err(|f| locate(vec![f]))?;
    let body = text.get(body_at..).unwrap_or_default();
    let mut faults = Vec::new();
    let examples = examples(body, body_at, text, &mut faults);
    let rule = read_head(path, head, head_at, body, &mut faults);
    match rule {
        Some(rule) if faults.is_empty() => {
            check_examples(&rule, &examples, body_at, &mut faults);
            if faults.is_empty() {
                Ok(Page { rule, examples })
            } else {
                Err(locate(faults))
            }
        }
        _ => Err(locate(faults)),
    }
}

/// The examples of a page whose head has been cut off.
pub fn examples_of(help: &str) -> Vec<Example> {
    examples(help, 0, help, &mut Vec::new())
}

fn line_of(text: &str, offset: usize) -> u32 {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    let breaks = before.split(|b| *b == b'\n').count() - 1;
    u32::try_from(breaks).unwrap_or(u32::MAX).saturating_add(1)
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
) -> Option<Rule> {
    let Some((class, id)) = id_of(path) else {
        faults.push(Fault::new(
            0,
            "the path gives no rule id",
            "put the page at CLASS/NAME.md, where CLASS is static-key, elevated-token, bypass-route or register and NAME has lower-case letters, digits and -",
        ));
        return None;
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
            return None;
        }
    };
    let mut fields = Fields::new(table.get_ref(), head_at, 0, faults);
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
    let detect = fields.table("detect");
    fields.finish();
    let (patterns, queries, code) = detect.map_or_else(Default::default, |(table, at)| {
        read_detect(table, head_at, at, faults)
    });

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
        summary: Cow::Owned(summary(body)),
        help: Cow::Owned(body.trim_start().to_owned()),
    };
    check_head(&rule, head, head_at, faults);
    Some(rule)
}

type Detect = (Vec<Pattern>, Vec<Query>, Option<Text>);

fn read_detect(table: &DeTable<'_>, head_at: usize, at: usize, faults: &mut Vec<Fault>) -> Detect {
    let mut fields = Fields::new(table, head_at, at, faults);
    let patterns = fields.tables("pattern");
    let queries = fields.tables("query");
    let code = fields.text("code");
    fields.finish();
    let patterns = patterns
        .into_iter()
        .filter_map(|(table, at)| read_pattern(table, head_at, at, faults))
        .collect();
    let queries = queries
        .into_iter()
        .filter_map(|(table, at)| read_query(table, head_at, at, faults))
        .collect();
    (patterns, queries, code)
}

fn read_pattern(
    table: &DeTable<'_>,
    head_at: usize,
    at: usize,
    faults: &mut Vec<Fault>,
) -> Option<Pattern> {
    let mut fields = Fields::new(table, head_at, at, faults);
    let regex = fields.regex("regex");
    let entropy = fields.number("entropy");
    let checksum = fields.one_of("checksum", super::guards::CHECKSUMS);
    let decode = fields.one_of("decode", super::guards::DECODERS);
    let stop_words = fields.texts("stop-words");
    let unless = fields.regex("unless");
    let subject = fields.text("subject");
    let offset = fields.offset_of("regex");
    fields.finish();
    let Some(regex) = regex else {
        faults.push(Fault::new(
            head_at + at,
            "a pattern without a regex",
            "add `regex`",
        ));
        return None;
    };
    let compiled = regex::Regex::new(&regex).ok()?;
    let names: Vec<_> = compiled.capture_names().flatten().collect();
    if !names.contains(&"secret") && !names.contains(&"subject") {
        faults.push(Fault::new(
            offset,
            "the regex has no group for what it finds",
            "name one `(?P<secret>…)`, or `(?P<subject>…)` when it finds no secret",
        ));
    }
    if (entropy.is_some() || checksum.is_some() || decode.is_some()) && !names.contains(&"secret") {
        faults.push(Fault::new(
            offset,
            "entropy, checksum and decode look at the group `secret`, which is missing",
            "name the secret's part `(?P<secret>…)`",
        ));
    }
    Some(Pattern {
        regex,
        entropy,
        checksum,
        decode,
        stop_words: stop_words.into(),
        unless,
        subject,
    })
}

fn read_query(
    table: &DeTable<'_>,
    head_at: usize,
    at: usize,
    faults: &mut Vec<Fault>,
) -> Option<Query> {
    let mut fields = Fields::new(table, head_at, at, faults);
    let path = fields.text("path");
    let equals = fields.text("equals");
    let matches = fields.regex("matches");
    let absent = fields.flag("absent");
    let subject = fields.text("subject");
    let offset = fields.offset_of("path");
    fields.finish();
    let Some(path) = path else {
        faults.push(Fault::new(
            head_at + at,
            "a query without a path",
            "add `path`, an RFC 9535 JSONPath",
        ));
        return None;
    };
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
    let detects = !rule.patterns.is_empty() || !rule.queries.is_empty() || rule.code.is_some();
    if register == detects {
        faults.push(Fault::new(head_at, "a rule needs something to detect with, and a register rule nothing", "add `[[detect.pattern]]`, `[[detect.query]]` or `detect.code`, or remove it from a register page"));
    }
    if !register && rule.keywords.is_empty() && (rule.kinds.is_empty() || !rule.patterns.is_empty())
    {
        faults.push(Fault::new(
            head_at,
            "a rule without keywords would run on every file",
            "add `keywords`, or `in` for a rule with queries whose file's kind is the signal",
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

/// Checks that the examples can show what the rule does.
fn check_examples(rule: &Rule, examples: &[Example], body_at: usize, faults: &mut Vec<Fault>) {
    let good = examples.iter().filter(|e| e.expect == Expect::Good).count();
    let bad = examples
        .iter()
        .filter(|e| matches!(e.expect, Expect::Bad(_)))
        .count();
    if good == 0 || bad == 0 {
        faults.push(Fault::new(
            body_at,
            "the page has no test",
            "add a fenced block `LANG bad=LINES PATH` and one `LANG good PATH`",
        ));
    } else if good < 2 && !rule.patterns.is_empty() {
        faults.push(Fault::new(
            body_at,
            "a page with patterns needs a near miss",
            "add a second `good` block that looks almost like the bad one",
        ));
    }
}

/// The first paragraph as plain text.
fn summary(body: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for event in Parser::new(body) {
        match event {
            Event::Start(Tag::Paragraph) => inside = true,
            Event::End(TagEnd::Paragraph) => break,
            Event::Start(Tag::Heading { .. } | Tag::CodeBlock(_)) if !inside => break,
            Event::Text(text) | Event::Code(text) if inside => out.push_str(&text),
            Event::SoftBreak | Event::HardBreak if inside => out.push(' '),
            _ => {}
        }
    }
    out
}

/// The fenced blocks that are tests. `whole` is the page, of which `body` begins
/// at `body_at`.
fn examples(body: &str, body_at: usize, whole: &str, faults: &mut Vec<Fault>) -> Vec<Example> {
    let mut found = Vec::new();
    let mut open: Option<Example> = None;
    for (event, range) in Parser::new(body).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let offset = body_at + range.start;
                open = match read_info(&info) {
                    Ok(None) => None,
                    Ok(Some((expect, path))) => Some(Example {
                        expect,
                        path,
                        text: String::new(),
                        line: line_of(whole, offset) + 1,
                    }),
                    Err(mend) => {
                        faults.push(Fault::new(
                            offset,
                            format!("the example `{info}` can't be read"),
                            mend,
                        ));
                        None
                    }
                };
            }
            Event::Text(text) => {
                if let Some(example) = &mut open {
                    example.text.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some(example) = open.take() {
                    if let Err(what) = sample::expand(&example.text, "") {
                        faults.push(Fault::new(
                            body_at + range.start,
                            what,
                            "mend the placeholder",
                        ));
                    }
                    found.push(example);
                }
            }
            _ => {}
        }
    }
    found
}

/// Reads a fence's info string: `LANG bad=1,2 PATH`, `LANG good PATH` or
/// `LANG context PATH`. Any other block is only prose.
fn read_info(info: &str) -> Result<Option<(Expect, String)>, String> {
    let words: Vec<_> = info.split_whitespace().collect();
    let Some(mark) = words.get(1) else {
        return Ok(None);
    };
    let expect = match mark.split_once('=') {
        None if *mark == "good" => Expect::Good,
        None if *mark == "context" => Expect::Context,
        Some(("bad", lines)) => Expect::Bad(
            lines
                .split(',')
                .map(str::parse)
                .collect::<Result<_, _>>()
                .map_err(|_| "write the lines that must fire, as in `bad=2,5`".to_owned())?,
        ),
        _ => return Err("write `bad=LINES`, `good` or `context` after the language".to_owned()),
    };
    match words.get(2..) {
        Some([path]) => Ok(Some((expect, (*path).to_owned()))),
        _ => Err("end with the path that the file would have, without spaces".to_owned()),
    }
}

/// The text of a TOML value, for [`Fields`].
pub(crate) fn text_of<'a>(value: &'a DeValue<'_>) -> Option<&'a str> {
    match value {
        DeValue::String(text) => Some(text),
        _ => None,
    }
}
