//! A rule that was brought as a page.

use std::fmt::Write as _;

use crate::rule::head::{Filter, Need, Text, Unless, When};
use crate::rule::{Pattern, Reach, Rule};

use super::{Brought, example};

/// What a page shows of its rule firing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The path of the example.
    pub path: String,
    /// Its text, with placeholders.
    pub text: String,
    /// The lines that fire.
    pub lines: Vec<u32>,
    /// The other rules that do.
    pub also: Vec<String>,
}

impl Shown {
    /// An example that the rule may fire on: it has to be tried. There is none for some
    /// regexes.
    pub fn untried(rule: &Rule) -> Option<Self> {
        let (path, text) = example::of(rule)?;
        Some(Self {
            path,
            text,
            lines: Vec::new(),
            also: Vec::new(),
        })
    }
}

/// Writes the page of a rule, with an example that was tried.
pub fn page(brought: &Brought, shown: Option<&Shown>) -> String {
    let rule = &brought.rule;
    let mut out = String::from("+++\n");
    let mut head = Head(&mut out);
    head.text("title", &rule.title);
    head.text("severity", rule.severity.name());
    head.text("confidence", rule.confidence.name());
    if let Some(confidence) = rule.confidence_in_tests {
        head.text("confidence-in-tests", confidence.name());
    }
    head.text("since", &rule.since);
    head.text("imported", &brought.from);
    head.list("keywords", &rule.keywords);
    head.list("frameworks", &rule.frameworks);
    let also: Vec<Text> = shown
        .iter()
        .flat_map(|shown| &shown.also)
        .map(|id| Text::from(id.clone()))
        .collect();
    head.list("also", &also);
    head.flag("generic", rule.generic);
    head.filter(&rule.filter);
    for pattern in rule.patterns.iter() {
        head.pattern(pattern);
    }
    for unless in rule.filter.unless.iter() {
        head.unless(unless);
    }
    for need in rule.filter.needs.iter() {
        head.need(need);
    }
    out.push_str("+++\n\n");
    out.push_str(&prose(&rule.help));
    out.push('\n');
    if let Some(shown) = shown {
        let lines: Vec<_> = shown.lines.iter().map(u32::to_string).collect();
        let Shown { path, text, .. } = shown;
        let text = text.trim_end_matches('\n');
        // Writing to a String can't fail.
        let _ = write!(
            out,
            "\n## Example\n\n```text bad={} {path}\n{text}\n```\n",
            lines.join(",")
        );
    }
    out
}

/// A text with what Markdown would read out of it escaped.
fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '`' | '#' | '|' | '&'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

struct Head<'o>(&'o mut String);

impl Head<'_> {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn text(&mut self, key: &str, value: &str) {
        self.line(&format!("{key} = {}", quoted(value)));
    }

    fn flag(&mut self, key: &str, value: bool) {
        if value {
            self.line(&format!("{key} = true"));
        }
    }

    fn list(&mut self, key: &str, values: &[Text]) {
        let all: Vec<_> = values.iter().map(|value| quoted(value)).collect();
        match all.as_slice() {
            [] => {}
            all if all.concat().len() < 80 => self.line(&format!("{key} = [{}]", all.join(", "))),
            all => self.line(&format!("{key} = [\n  {},\n]", all.join(",\n  "))),
        }
    }

    fn filter(&mut self, filter: &Filter) {
        if filter.path.is_some() || !filter.beside.is_empty() || filter.silent {
            self.line("\n[detect]");
        }
        if let Some(path) = &filter.path {
            self.text("path", path);
        }
        self.list("beside", &filter.beside);
        self.flag("silent", filter.silent);
    }

    fn pattern(&mut self, pattern: &Pattern) {
        self.line("\n[[detect.pattern]]");
        self.text("regex", &pattern.regex);
        if let Some(entropy) = pattern.entropy {
            self.line(&format!("entropy = {entropy:?}"));
        }
        match pattern.reach {
            Reach::Near => {}
            Reach::Within(before, after) => {
                self.line(&format!("before = {before}\nafter = {after}"));
            }
            Reach::Everywhere => self.flag("everywhere", true),
        }
        self.flag("placeholders", pattern.placeholders);
        self.flag("no-words", pattern.no_words);
    }

    fn unless(&mut self, unless: &Unless) {
        self.line("\n[[detect.unless]]");
        if unless.when != When::Any {
            self.text("when", unless.when.name());
        }
        self.list("secret", &unless.secret);
        self.list("match", &unless.matched);
        self.list("line", &unless.line);
        self.list("path", &unless.path);
        self.list("words", &unless.words);
    }

    fn need(&mut self, need: &Need) {
        self.line("\n[[detect.needs]]");
        self.text("rule", &need.rule);
        for (key, count) in [("lines", need.lines), ("columns", need.columns)] {
            if let Some(count) = count {
                self.line(&format!("{key} = {count}"));
            }
        }
    }
}

/// A text as TOML: as it is where that can be, since a regex is hard enough to read.
fn quoted(text: &str) -> String {
    let plain = |c: char| !c.is_control();
    if text
        .chars()
        .all(|c| plain(c) && c != '\'' && c != '"' && c != '\\')
    {
        format!("\"{text}\"")
    } else if text.chars().all(|c| plain(c) && c != '\'') {
        format!("'{text}'")
    } else if text.chars().all(plain) && !text.contains("'''") && !text.ends_with('\'') {
        format!("'''{text}'''")
    } else {
        toml::Value::String(text.to_owned()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn every_text_reads_back() {
        for text in [
            "a",
            "a'b\"c",
            r"\d'",
            "'''",
            "a\nb\u{7f}",
            "",
            "é\\",
            "'",
            "x'''y\"\"\"\\",
        ] {
            let back: toml::Table = format!("a = {}", quoted(text)).parse().unwrap();
            assert_eq!(back["a"].as_str(), Some(text), "{}", quoted(text));
        }
    }
}
