//! Turns the rule pages under `rules/` into a table of constants and one test a
//! page. A page with a mistake fails the build with file, line and mend.

#![allow(dead_code, reason = "the shared modules serve the library too")]
#![allow(
    unreachable_pub,
    reason = "the shared modules are public in the library"
)]
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::exit,
    reason = "a build script reads files and talks to cargo"
)]

#[path = "src/kind.rs"]
mod kind;
#[path = "src/names.rs"]
mod names;

// The files of `src/rule/` find each other through `super`, which is this file
// here and `src/rule.rs` in the library.
#[path = "src/rule/assigned.rs"]
mod assigned;
#[path = "src/rule/examples.rs"]
mod examples;
#[path = "src/rule/expression.rs"]
mod expression;
#[path = "src/rule/fields.rs"]
mod fields;
#[path = "src/rule/filter.rs"]
mod filter;
#[path = "src/rule/frameworks.rs"]
mod frameworks;
#[path = "src/rule/guards.rs"]
mod guards;
#[path = "src/rule/head.rs"]
mod head;
#[path = "src/rule/page.rs"]
mod page;
#[path = "src/rule/sample.rs"]
mod sample;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use head::{Filter, Need, Pattern, Query, Reach, Rule, Test, Text, Unless};
use page::Page;

fn main() {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/rule");
    println!("cargo::rerun-if-changed=src/kind.rs");
    let mut paths = Vec::new();
    collect(Path::new("rules"), &mut paths);
    let mut pages = Vec::new();
    let mut wrong = 0;
    for path in paths {
        let shown = path.to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(&path)
            .unwrap_or_else(|e| panic!("{shown}: {e}"))
            .replace("\r\n", "\n");
        match page::read(&shown, &text) {
            Ok(page) => pages.push(page),
            Err(errors) => {
                for error in errors {
                    wrong += 1;
                    println!("cargo::error={error}");
                }
            }
        }
    }
    if wrong > 0 {
        process::exit(1);
    }
    pages.sort_by(|a, b| a.rule.id.cmp(&b.rule.id));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("rules.rs"), table(&pages)).expect("OUT_DIR can be written");
    fs::write(out.join("page_tests.rs"), tests(&pages)).expect("OUT_DIR can be written");
}

/// Every Markdown page below `folder`. The README of a folder is no rule.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|e| e == "md")
            && path.file_name().is_some_and(|n| n != "README.md")
        {
            paths.push(path);
        }
    }
}

fn tests(pages: &[Page]) -> String {
    let mut out = String::new();
    for page in pages {
        let name = page.rule.id.replace(['/', '-'], "_");
        let id = &page.rule.id;
        writeln!(
            out,
            "#[test]\nfn {name}() {{\n    check_page({id:?});\n}}\n"
        )
        .expect("a String takes any text");
    }
    out
}

fn table(pages: &[Page]) -> String {
    let rules: Vec<_> = pages.iter().map(|page| rule(&page.rule)).collect();
    format!(
        "/// Every rule under `rules/`, sorted by id.\npub(crate) static RULES: &[Rule] = &[\n{}];\n",
        rules.concat()
    )
}

fn rule(rule: &Rule) -> String {
    let patterns: Vec<_> = rule.patterns.iter().map(pattern).collect();
    let queries: Vec<_> = rule.queries.iter().map(query).collect();
    format!(
        "Rule {{ id: {}, class: Class::{:?}, title: {}, severity: Severity::{:?}, \
         confidence: Confidence::{:?}, confidence_in_tests: {}, since: {}, kinds: {}, \
         not_paths: {}, keywords: {}, frameworks: {}, references: {}, renamed_from: {}, \
         also: {}, message: {}, generic: {}, patterns: List::Borrowed(&[{}]), \
         queries: List::Borrowed(&[{}]), code: {}, filter: {}, summary: {}, help: {} }},\n",
        text(&rule.id),
        rule.class,
        text(&rule.title),
        rule.severity,
        rule.confidence,
        rule.confidence_in_tests
            .map_or_else(|| "None".to_owned(), |c| format!("Some(Confidence::{c:?})")),
        text(&rule.since),
        list(&rule.kinds),
        list(&rule.not_paths),
        list(&rule.keywords),
        list(&rule.frameworks),
        list(&rule.references),
        list(&rule.renamed_from),
        list(&rule.also),
        option(rule.message.as_ref()),
        rule.generic,
        patterns.concat(),
        queries.concat(),
        option(rule.code.as_ref()),
        filter_of(&rule.filter),
        text(&rule.summary),
        text(&rule.help),
    )
}

fn pattern(pattern: &Pattern) -> String {
    format!(
        "Pattern {{ regex: {}, entropy: {:?}, checksum: {}, decode: {}, stop_words: {}, unless: {}, subject: {}, severity: {}, reach: {}, placeholders: {}, no_words: {} }}, ",
        text(&pattern.regex),
        pattern.entropy,
        option(pattern.checksum.as_ref()),
        option(pattern.decode.as_ref()),
        list(&pattern.stop_words),
        option(pattern.unless.as_ref()),
        option(pattern.subject.as_ref()),
        pattern
            .severity
            .map_or_else(|| "None".to_owned(), |s| format!("Some(Severity::{s:?})")),
        match pattern.reach {
            Reach::Near => "Reach::Near".to_owned(),
            Reach::Within(before, after) => format!("Reach::Within({before}, {after})"),
            Reach::Everywhere => "Reach::Everywhere".to_owned(),
        },
        pattern.placeholders,
        pattern.no_words,
    )
}

fn filter_of(filter: &Filter) -> String {
    let unless = |unless: &Unless| {
        format!(
            "super::head::Unless {{ when: super::head::When::{:?}, secret: {}, matched: {}, line: {}, path: {}, words: {} }}, ",
            unless.when,
            list(&unless.secret),
            list(&unless.matched),
            list(&unless.line),
            list(&unless.path),
            list(&unless.words),
        )
    };
    let need = |need: &Need| {
        format!(
            "super::head::Need {{ rule: {}, lines: {:?}, columns: {:?} }}, ",
            text(&need.rule),
            need.lines,
            need.columns
        )
    };
    let all_unless: Vec<_> = filter.unless.iter().map(unless).collect();
    let all_needs: Vec<_> = filter.needs.iter().map(need).collect();
    format!(
        "Filter {{ path: {}, beside: {}, unless: List::Borrowed(&[{}]), needs: List::Borrowed(&[{}]), silent: {} }}",
        option(filter.path.as_ref()),
        list(&filter.beside),
        all_unless.concat(),
        all_needs.concat(),
        filter.silent,
    )
}

fn query(query: &Query) -> String {
    let test = match &query.test {
        Test::Any => "Test::Any".to_owned(),
        Test::Absent => "Test::Absent".to_owned(),
        Test::Equals(value) => format!("Test::Equals({})", text(value)),
        Test::Matches(value) => format!("Test::Matches({})", text(value)),
    };
    format!(
        "Query {{ path: {}, test: {test}, subject: {} }}, ",
        text(&query.path),
        option(query.subject.as_ref())
    )
}

fn text(value: &Text) -> String {
    format!("Text::Borrowed({value:?})")
}

fn option(value: Option<&Text>) -> String {
    value.map_or_else(|| "None".to_owned(), |v| format!("Some({})", text(v)))
}

fn list(values: &[Text]) -> String {
    let items: Vec<_> = values.iter().map(text).collect();
    format!("List::Borrowed(&[{}])", items.join(", "))
}
