//! Text made to be slow costs no more than in proportion to its length. What is counted
//! is how far the patterns' regexes look, since time would depend on the machine.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::automaton::count;
use super::{Engine, KeywordHit, Scratch};
use crate::document::{Document, Neighbours};
use crate::kind::Kinds;
use crate::rule;

/// How far the regexes look in `text`, and how many keywords stand in it.
fn work(engine: &Engine, path: &str, text: &[u8]) -> (usize, usize) {
    count::take();
    engine.scan(&Document::new(path, text), &mut Scratch::default());
    let mut hits: Vec<KeywordHit> = Vec::new();
    engine.keywords().find(text, &mut hits);
    (count::take(), hits.len())
}

/// The patterns of the rules that `text` wakes.
fn patterns(engine: &Engine, text: &[u8]) -> usize {
    let mut hits = Vec::new();
    engine.keywords().find(text, &mut hits);
    let rules = hits
        .iter()
        .flat_map(|h| engine.keywords().rules_of(h.keyword));
    let mut rules: Vec<_> = rules.collect();
    rules.sort_unstable();
    rules.dedup();
    let rules = rules
        .into_iter()
        .map(|at| &engine.rules()[usize::from(*at)]);
    rules.map(|rule| rule.patterns.len()).sum()
}

#[track_caller]
fn check(engine: &Engine, path: &str, text: &[u8]) {
    let (searched, _) = work(engine, path, text);
    let patterns = patterns(engine, text);
    assert!(
        searched <= patterns * (2 * text.len() + 4096),
        "{searched} bytes searched by {patterns} patterns in {} of {path}",
        text.len()
    );
}

/// Beginnings of what rules look for, and what keeps a search going.
fn piece() -> impl Strategy<Value = String> {
    let keywords: Vec<String> = rule::builtin()
        .iter()
        .flat_map(|rule| rule.keywords.iter().map(ToString::to_string))
        .collect();
    let signs = [
        "=",
        "\"",
        "'",
        "`",
        ": ",
        "\n",
        " ",
        "_",
        "-",
        ".",
        "eyJ",
        "://",
        "@",
        "a",
        "0",
        "AbC9",
        "/",
        "-----BEGIN ",
        "-----",
        "Bearer ",
        "{",
        "}",
        "\\",
    ];
    prop_oneof![
        prop::sample::select(keywords),
        prop::sample::select(signs.map(str::to_owned).to_vec()),
    ]
}

#[test]
fn repeated_keywords_are_searched_once() {
    let engine = Engine::new(rule::builtin().to_vec()).unwrap();
    for shape in [
        "eyJ",
        "token ",
        "ghp_",
        "AKIA",
        "password=\"",
        "-----BEGIN PRIVATE KEY-----",
        "\"",
        "key=",
        "xoxb-",
        "sk-ant-api03-",
        "https://a:b",
        "AccountKey=",
    ] {
        for path in ["a.txt", "a.js", "a.py"] {
            check(
                &engine,
                path,
                shape.repeat(100_000 / shape.len()).as_bytes(),
            );
        }
    }
}

/// The rules that find something in a pipeline, and what was noted of it.
fn found(path: &str, text: &str, files: &Neighbours) -> (BTreeMap<String, usize>, Vec<String>) {
    let engine = Engine::new(rule::builtin().to_vec()).unwrap();
    let document = Document::new(path, text.as_bytes()).among(files, Kinds::NONE);
    let mut by_rule = BTreeMap::new();
    for finding in engine.scan(&document, &mut Scratch::default()) {
        *by_rule.entry(finding.rule.into_owned()).or_default() += 1;
    }
    (by_rule, document.notes())
}

/// How often a rule finds something in a pipeline by itself.
fn count_of(path: &str, text: &str, rule: &str) -> usize {
    let (found, _) = found(path, text, &Neighbours::default());
    found.get(rule).copied().unwrap_or(0)
}

/// Each of `count` jobs waits for the one before it, and the last deploys.
fn chain(count: usize, first: &str) -> String {
    let mut text = format!("on: push\njobs:\n  j0: {{runs-on: x, {first}steps: [{{run: a}}]}}\n");
    for at in 1..count {
        let run = if at + 1 == count {
            "helm upgrade --install web charts/web --namespace production"
        } else {
            "make"
        };
        let before = at - 1;
        let job = format!("  j{at}: {{runs-on: x, needs: j{before}, steps: [{{run: {run}}}]}}\n");
        text.push_str(&job);
    }
    text
}

#[test]
fn a_gate_counts_however_many_jobs_are_between() {
    const RULE: &str = "bypass-route/deploy-without-approval";
    let path = ".github/workflows/a.yml";
    assert_eq!(count_of(path, &chain(7_000, ""), RULE), 1);
    let gated = chain(7_000, "environment: production, ");
    assert_eq!(count_of(path, &gated, RULE), 0);
}

#[test]
fn jobs_that_wait_for_one_another_end() {
    let jobs: Vec<String> = (0..5_000)
        .map(|at| {
            let next = (at + 1) % 5_000;
            let run = "helm upgrade web charts/web -n production";
            format!("  j{at}: {{runs-on: x, needs: j{next}, steps: [{{run: {run}}}]}}\n")
        })
        .collect();
    let text = format!("on: push\njobs:\n{}", jobs.concat());
    let found = count_of(
        ".github/workflows/a.yml",
        &text,
        "bypass-route/deploy-without-approval",
    );
    assert!(found > 0);
}

#[test]
fn calls_of_long_workflows_have_a_share_and_say_so() {
    let thousand = |on: &str, job: &str| {
        let jobs: Vec<String> = (0..1_000).map(|at| format!("  j{at}: {job}\n")).collect();
        format!("on: {on}\njobs:\n{}", jobs.concat())
    };
    let callee = thousand("workflow_call", "{runs-on: x, steps: [{run: make}]}");
    let mut files = Neighbours::default();
    let bytes = callee.as_bytes().into();
    files.add(".github/workflows/c.yml", bytes, Kinds::NONE);
    let call = "{uses: ./.github/workflows/c.yml, secrets: inherit}";
    let text = thousand("push", call);
    let (_, notes) = found(".github/workflows/a.yml", &text, &files);
    let said = "calls more steps than are looked at";
    assert!(notes.iter().any(|note| note == said), "{notes:?}");
}

#[test]
fn scans_of_one_long_script_are_all_found() {
    // Each asked all commands of the script where reports go.
    let line = "          trivy image app || true\n";
    let text = format!(
        "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n{}          gh codeql upload\n",
        line.repeat(4_000)
    );
    let path = ".github/workflows/a.yml";
    assert!(count_of(path, &text, "bypass-route/security-gate-may-fail") > 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is repeated, however often: the work grows as the length does.
    #[test]
    fn work_grows_as_the_length_does(
        pieces in prop::collection::vec(piece(), 1..6),
        path in prop::sample::select(vec!["a.txt", "a.js", "a.log", "a.conf"]),
    ) {
        let engine = Engine::new(rule::builtin().to_vec()).unwrap();
        let shape = pieces.concat();
        let text = shape.repeat(20_000 / shape.len() + 1);
        check(&engine, path, text.as_bytes());
        let (once, _) = work(&engine, path, text.as_bytes());
        let (four, hits) = work(&engine, path, text.repeat(4).as_bytes());
        // Some windows more or less at the ends.
        prop_assert!(four <= 5 * once + (64 << 10), "{once}, {four} at {hits} keywords");
    }
}
