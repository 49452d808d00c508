//! Text made to be slow costs no more than in proportion to its length. What is counted
//! is how far the patterns' regexes look, since time would depend on the machine.

use proptest::prelude::*;

use super::automaton::count;
use super::{Engine, KeywordHit, Scratch};
use crate::document::Document;
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
