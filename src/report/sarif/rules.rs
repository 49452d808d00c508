//! The tool and its rules. All rules are listed in every run, found or not: a
//! service takes a rule that disappears for one that changed.

use serde_json::{Value, json};

use super::cut;
use super::model::{Driver, Message, Rule};
use crate::report::taxonomies;
use crate::rule::frameworks::{self, Framework, Taxonomy};
use crate::rule::{self, Class, Confidence, Severity};

/// GitHub keeps this many tags of a rule.
const MOST_TAGS: usize = 10;
/// GitHub rejects a rule whose name is longer, in characters.
const LONGEST_NAME: usize = 255;
/// GitHub rejects a rule with a longer description, in characters.
const LONGEST_DESCRIPTION: usize = 1024;

pub(super) fn driver(rules: &[rule::Rule]) -> Driver<'_> {
    Driver {
        name: "byway",
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: option_env!("CARGO_PKG_REPOSITORY").filter(|uri| !uri.is_empty()),
        rules: rules.iter().map(descriptor).collect(),
        supported_taxonomies: taxonomies::references(rules),
    }
}

/// The level of a severity, for rules and results alike.
pub(super) const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

fn descriptor(rule: &rule::Rule) -> Rule<'_> {
    let frameworks: Vec<_> = rule
        .frameworks
        .iter()
        .filter_map(|id| frameworks::find(id))
        .collect();
    let summary = if rule.summary.is_empty() {
        &rule.title
    } else {
        &rule.summary
    };
    Rule {
        id: &rule.id,
        name: pascal_case(&rule.id),
        short_description: Message::plain(sentence(cut(&rule.title, LONGEST_DESCRIPTION - 1))),
        full_description: Message::plain(sentence(cut(summary, LONGEST_DESCRIPTION - 1))),
        help: Message {
            text: plain_help(if rule.help.is_empty() {
                summary
            } else {
                &rule.help
            })
            .into(),
            markdown: (!rule.help.is_empty()).then_some(rule.help.as_ref()),
        },
        default_configuration: json!({ "level": level(rule.severity) }),
        relationships: frameworks
            .iter()
            .map(|f| taxonomies::relationship(f))
            .collect(),
        deprecated_ids: rule.renamed_from.iter().map(AsRef::as_ref).collect(),
        properties: json!({
            "tags": tags(rule.class, &frameworks),
            "precision": precision(rule.confidence),
            "security-severity": score(rule.severity),
        }),
    }
}

/// `static-key/github-token` as `StaticKeyGithubToken`.
fn pascal_case(id: &str) -> String {
    let words = id.split(|c: char| !c.is_alphanumeric());
    let name: String = words
        .flat_map(|word| {
            let mut rest = word.chars();
            let first = rest.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(rest)
        })
        .collect();
    cut(&name, LONGEST_NAME).to_owned()
}

/// Text that ends with a full stop, as readers of SARIF expect.
fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// A page's Markdown without its fences and heading marks, for readers that show
/// help as it is.
fn plain_help(markdown: &str) -> String {
    let mut code = false;
    let mut text = String::with_capacity(markdown.len());
    for line in markdown.lines() {
        if line.starts_with("```") {
            code = !code;
            continue;
        }
        let line = if code {
            line
        } else {
            line.trim_start_matches('#').trim_start()
        };
        text.push_str(line);
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text
}

/// `security` makes a service use the score; CWEs come in GitHub's own form.
fn tags(class: Class, frameworks: &[&Framework]) -> Vec<String> {
    let mut tags = vec!["security".to_owned(), class.name().to_owned()];
    tags.extend(frameworks.iter().map(|framework| {
        let id = framework.id.to_ascii_lowercase();
        match framework.taxonomy {
            Taxonomy::Cwe => format!("external/cwe/{id}"),
            _ => id,
        }
    }));
    tags.truncate(MOST_TAGS);
    tags
}

const fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "very-high",
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}

/// In the middle of the band that GitHub shows under the same name.
fn score(severity: Severity) -> Value {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.5",
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_pascal_case() {
        assert_eq!(
            pascal_case("static-key/github-token"),
            "StaticKeyGithubToken"
        );
        assert_eq!(pascal_case("bypass-route/no-2fa"), "BypassRouteNo2fa");
    }

    #[test]
    fn help_loses_fences_and_heading_marks() {
        let help = "Why.\n\n## Example\n\n```sh bad=1 a.sh\n# comment\n```\n";
        assert_eq!(plain_help(help), "Why.\n\nExample\n\n# comment");
    }
}
