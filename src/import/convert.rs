//! A rule as it is written, as one of ours.

use crate::rule::head::{Filter, List, Need, Text, Unless, When};
use crate::rule::{Class, Confidence, Pattern, Reach, Rule, Severity, expression};

use super::condition::{self, Joined, Test, Texts};
use super::file::{self, Allow, File, Log, Needed, Place, Placed, Written};
use super::go::{self, Groups};
use super::{Brought, PREFIX, literals};

/// The name that a rule gets.
fn name_of(id: &str) -> String {
    let plain = id.chars().map(|c| match c.to_ascii_lowercase() {
        c if c.is_ascii_alphanumeric() => c,
        _ => '-',
    });
    let name: String = plain.collect();
    format!("{}/{PREFIX}{}", Class::StaticKey, name.trim_matches('-'))
}

/// What holds for all rules of a file, or some that are named.
pub(super) struct Common {
    unless: Vec<(Vec<String>, Unless)>,
    conditions: Vec<Conditions>,
}

impl Common {
    /// Reads it, once for all rules.
    pub(super) fn of(file: &File, log: &mut Log) -> Self {
        let unless = file.allow.iter();
        Self {
            unless: unless
                .filter_map(|allow| Some((allow.rules.clone(), allowed(allow, log)?)))
                .collect(),
            conditions: file
                .filters
                .iter()
                .map(|f| conditions(f, None, log))
                .collect(),
        }
    }
}

/// The tests of a betterleaks condition.
#[derive(Default)]
struct Conditions {
    entropy: Option<f64>,
    no_words: bool,
    unless: Vec<Unless>,
}

/// Makes a rule of what is written, unless it can't be one.
pub(super) fn convert(
    written: &Written,
    file: &File,
    common: &Common,
    log: &mut Log,
) -> Option<Brought> {
    let id = written.id.text.as_str();
    if written.regex.is_none() && written.path.is_none() {
        log.note(
            &written.id.place,
            Some(id),
            "the rule has neither `regex` nor `path`",
            "it is left out; a change to a rule of another program's defaults needs that rule in the file",
        );
        return None;
    }
    let mut rule = rule_of(written);
    if let Some(path) = &written.path {
        rule.filter.path = Some(expressed(path, log)?.into());
    }
    if let Some(regex) = &written.regex {
        let (pattern, words) = pattern(written, regex, log)?;
        rule.patterns = vec![pattern].into();
        wake(&mut rule, written, words, log);
    }
    let mut unless = Vec::new();
    for allow in &written.allow {
        unless.extend(allowed(allow, log));
    }
    let for_it = |rules: &[String]| rules.is_empty() || rules.iter().any(|r| r == id);
    let common_unless = common.unless.iter().filter(|(rules, _)| for_it(rules));
    unless.extend(common_unless.map(|(_, unless)| unless.clone()));
    let own: Vec<_> = written
        .filters
        .iter()
        .map(|filter| conditions(filter, Some(id), log))
        .collect();
    for condition in own.iter().chain(&common.conditions) {
        unless.extend(condition.unless.iter().cloned());
        for pattern in rule.patterns.to_mut() {
            pattern.no_words |= condition.no_words;
            let both = pattern.entropy.into_iter().chain(condition.entropy);
            pattern.entropy = both.reduce(f64::max);
        }
    }
    rule.filter.unless = unless.into();
    rule.filter.needs = needs(written, file, log);
    Some(Brought {
        rule,
        from: written.id.place.shown(),
    })
}

/// What of a rule needs no reading.
fn rule_of(written: &Written) -> Rule {
    let description = written.description.as_deref().unwrap_or_default().trim();
    let sentence = description
        .split_once(". ")
        .map_or(description, |(first, _)| first);
    let title = match sentence.trim_end_matches('.') {
        "" => format!("Matches the rule {}", written.id.text),
        title => title.replace('\n', " "),
    };
    let summary = match description {
        "" => format!("{title}."),
        text if text.ends_with('.') => text.to_owned(),
        text => format!("{text}."),
    };
    let mut help = summary.clone();
    if !written.tags.is_empty() {
        help.extend(["\n\nTags: ", &written.tags.join(", "), "."]);
    }
    let confidence = written.confidence.unwrap_or(Confidence::Medium);
    Rule {
        id: name_of(&written.id.text).into(),
        class: Class::StaticKey,
        title: title.into(),
        severity: Severity::High,
        confidence,
        // The rule's own allowlists say where it doesn't hold.
        confidence_in_tests: Some(confidence),
        since: env!("CARGO_PKG_VERSION").into(),
        kinds: List::Borrowed(&[]),
        not_paths: List::Borrowed(&[]),
        keywords: List::Borrowed(&[]),
        frameworks: vec!["NHI2:2025".into(), "CWE-798".into()].into(),
        references: List::Borrowed(&[]),
        renamed_from: List::Borrowed(&[]),
        also: List::Borrowed(&[]),
        message: None,
        // gitleaks has such a rule give way to a more telling one, too.
        generic: written.id.text.contains("generic"),
        patterns: List::Borrowed(&[]),
        queries: List::Borrowed(&[]),
        code: None,
        filter: Filter {
            silent: written.silent,
            ..Filter::NONE
        },
        summary: summary.into(),
        help: help.into(),
    }
}

/// A regex that asks for no group.
fn expressed(regex: &Placed, log: &mut Log) -> Option<String> {
    translated(&regex.text, &regex.place, Groups::None, log).map(|(text, _)| text)
}

/// A regex as ours, and how many groups it has.
fn translated(
    regex: &str,
    place: &Place,
    groups: Groups,
    log: &mut Log,
) -> Option<(String, usize)> {
    let wrong = match go::translate(regex, groups) {
        Ok(ours) => match expression::compile(&ours.text) {
            Ok(_) => return Some((ours.text, ours.groups)),
            Err(regex::Error::CompiledTooBig(_)) => place.wrong(
                "the regex is too large",
                "make its counts smaller, or its alternatives fewer",
            ),
            Err(error) => place.wrong(
                format!("the regex can't be read: {}", expression::why(&error)),
                "see the syntax at pkg.go.dev/regexp/syntax",
            ),
        },
        Err(fault) => place.wrong(
            format!(
                "the regex can't be read at its character {}: {}",
                fault.at, fault.what
            ),
            fault.mend,
        ),
    };
    log.errors.push(wrong);
    None
}

/// The rule's regex with its secret named, and what its every match holds.
fn pattern(
    written: &Written,
    regex: &Placed,
    log: &mut Log,
) -> Option<(Pattern, Option<literals::Required>)> {
    let group = written.group.as_ref().filter(|(number, _)| *number > 0);
    let wanted = group.map_or(Groups::Every, |(number, _)| Groups::One(*number));
    let (text, groups) = translated(&regex.text, &regex.place, wanted, log)?;
    if let Some((number, place)) = group.filter(|(number, _)| *number > groups) {
        log.errors.push(place.wrong(
            format!("the secret is group {number}, and the regex has {groups}"),
            "write the number of a group, counted from 1",
        ));
        return None;
    }
    let hir = literals::parse(&text)?;
    if hir.properties().minimum_len() == Some(0) {
        log.errors.push(regex.place.wrong(
            "the regex matches the empty text, and so everywhere",
            "have it match something",
        ));
        return None;
    }
    let named = if wanted == Groups::Every { groups } else { 1 };
    let certain = named == 1 && literals::always(&hir, "secret");
    // Where no group matched anything, the whole match is the secret.
    let text = if certain {
        text
    } else {
        format!("(?P<{}>{text})", go::name(named + 1))
    };
    if let Err(error) = expression::compile(&text) {
        let what = format!("the regex can't be read: {}", expression::why(&error));
        log.errors.push(regex.place.wrong(what, "make it smaller"));
        return None;
    }
    let entropy = written.entropy.filter(|least| *least > 0.0);
    let required = literals::required(&hir);
    let pattern = Pattern {
        regex: text.into(),
        // Strictly above it.
        entropy: entropy.map(f64::next_up),
        checksum: None,
        decode: None,
        stop_words: List::Borrowed(&[]),
        unless: None,
        subject: None,
        severity: None,
        reach: required.as_ref().map_or(Reach::Everywhere, |r| r.reach),
        placeholders: true,
        no_words: written.no_words,
    };
    Some((pattern, required))
}

/// Says where a rule is searched for: where a text stands that its every match holds; else
/// in all of a file that holds a keyword; else in all of every file.
fn wake(rule: &mut Rule, written: &Written, required: Option<literals::Required>, log: &mut Log) {
    let keywords: Vec<Text> = written
        .keywords
        .iter()
        .filter(|word| !word.is_empty())
        .map(|word| word.to_lowercase().into())
        .collect();
    if let Some(required) = required {
        let told = |word: &String| keywords.iter().any(|k| word.contains(k.as_ref()));
        if !keywords.is_empty() && !required.words.iter().all(told) {
            rule.filter.beside = keywords.into();
        }
        rule.keywords = required.words.into_iter().map(Text::from).collect();
        return;
    }
    let fits = |word: &Text| (3..=64).contains(&word.len());
    if !keywords.is_empty() && keywords.iter().all(fits) {
        rule.keywords = keywords.into();
        return;
    }
    rule.filter.beside = keywords.into();
    if rule.filter.path.is_none() {
        log.note(
            &written.id.place,
            Some(&written.id.text),
            "no text of three letters stands in every match, or in every file with one",
            "all of every file is searched, which is slow; add `keywords`",
        );
    }
}

/// An allowlist as a test that drops matches.
fn allowed(allow: &Allow, log: &mut Log) -> Option<Unless> {
    let mut each = |texts: &[String]| -> Option<List<Text>> {
        let ours = texts.iter().map(|text| {
            let ours = translated(text, &allow.place, Groups::None, log);
            ours.map(|(text, _)| Text::from(text))
        });
        ours.collect()
    };
    let regexes = each(&allow.regexes)?;
    let mut unless = Unless {
        when: if allow.all { When::All } else { When::Any },
        path: each(&allow.paths)?,
        words: allow
            .words
            .iter()
            .filter(|word| !word.is_empty())
            .map(|word| Text::from(word.to_lowercase()))
            .collect(),
        ..Unless::default()
    };
    match allow.target {
        file::Target::Secret => unless.secret = regexes,
        file::Target::Match => unless.matched = regexes,
        file::Target::Line => unless.line = regexes,
    }
    if unless.is_empty() && !allow.commits {
        log.errors.push(allow.place.wrong(
            "an allowlist that allows nothing",
            "add `regexes`, `paths` or `stopwords`",
        ));
    }
    (!unless.is_empty()).then_some(unless)
}

fn conditions(filter: &Placed, id: Option<&str>, log: &mut Log) -> Conditions {
    let condition = condition::read(&filter.text);
    for offset in condition.unknown {
        let before = filter.text.get(..offset).unwrap_or_default();
        log.note(
            &filter.place.below(before.matches('\n').count()),
            id,
            "a part of the filter is beyond what byway reads",
            "what only that part throws away is reported",
        );
    }
    let mut all = Conditions::default();
    for test in condition.tests {
        match test {
            Test::Entropy { least, above } => {
                let least = if above { least.next_up() } else { least };
                all.entropy = all.entropy.into_iter().chain([least]).reduce(f64::max);
            }
            Test::Words => {
                log.note(
                    &filter.place,
                    id,
                    "byway has no tokenizer",
                    "what is made of words is told by letters that follow each other in English",
                );
                all.no_words = true;
            }
            Test::Texts(joined, lists) => all.unless.extend(joint(joined, &lists, filter, log)),
        }
    }
    all
}

/// Lists of a condition as one test.
fn joint(joined: Joined, lists: &[Texts], filter: &Placed, log: &mut Log) -> Option<Unless> {
    let mut unless = Unless {
        when: match joined {
            Joined::Any => When::Any,
            Joined::All => When::All,
            Joined::None => When::None,
        },
        ..Unless::default()
    };
    for list in lists {
        tested(list, filter, &mut unless, log)?;
    }
    Some(unless)
}

/// Adds a list of a condition to a test.
fn tested(list: &Texts, filter: &Placed, into: &mut Unless, log: &mut Log) -> Option<()> {
    let texts: Option<Vec<Text>> = if list.regexes {
        let ours = list.all.iter().map(|text| {
            let ours = translated(text, &filter.place, Groups::None, log);
            ours.map(|(text, _)| Text::from(text))
        });
        ours.collect()
    } else {
        let quoted: Vec<_> = list.all.iter().map(|text| regex::escape(text)).collect();
        Some(vec![format!("(?u:{})", quoted.join("|")).into()])
    };
    let place = match list.target {
        condition::Target::Secret => &mut into.secret,
        condition::Target::Match => &mut into.matched,
        condition::Target::Line => &mut into.line,
        condition::Target::Path => &mut into.path,
    };
    place.to_mut().extend(texts?);
    Some(())
}

/// The rules that have to match near by, which have to be in the file.
fn needs(written: &Written, file: &File, log: &mut Log) -> List<Need> {
    let mut needs = Vec::new();
    for Needed { id, lines, columns } in &written.needs {
        if file.rules.iter().any(|rule| rule.id.text == id.text) {
            needs.push(Need {
                rule: name_of(&id.text).into(),
                lines: *lines,
                columns: *columns,
            });
        } else {
            log.errors.push(id.place.wrong(
                format!("`{}` is no rule of this file", id.text),
                "write the id of one, or remove it",
            ));
        }
    }
    needs.into()
}
