//! One test a rule page; the build script writes their names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use byway::detect::Engine;
use byway::document::Document;
use byway::kind::Kind;
use byway::rule::examples::Expect;
use byway::rule::page::Page;
use byway::{check, rule};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(rule::builtin().to_vec()).unwrap());

fn check_page(id: &str) {
    let shown = format!("rules/{id}.md");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&shown);
    let text = fs::read_to_string(path).unwrap().replace("\r\n", "\n");
    let page = rule::page::read(&shown, &text).unwrap();
    let errors = check::page(&page, &shown, &ENGINE);
    let shown: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "\n{}\n", shown.join("\n"));
}

include!(concat!(env!("OUT_DIR"), "/page_tests.rs"));

/// The systems of pipelines, as the documentation names them.
const SYSTEMS: &[(&str, Kind)] = &[
    ("GitHub", Kind::GithubWorkflow),
    ("Gitea", Kind::GiteaWorkflow),
    ("GitLab", Kind::GitlabCi),
    ("Azure Pipelines", Kind::AzurePipelines),
    ("CircleCI", Kind::Circleci),
    ("Jenkins", Kind::Jenkinsfile),
    ("Bitbucket", Kind::BitbucketPipelines),
    ("Buildkite", Kind::Buildkite),
    ("Drone", Kind::Drone),
    ("Woodpecker", Kind::Woodpecker),
    ("Travis", Kind::Travis),
    ("Tekton", Kind::Tekton),
    ("Argo Workflows", Kind::ArgoWorkflow),
    ("Cloud Build", Kind::CloudBuild),
    ("CodeBuild", Kind::Buildspec),
];

/// The rules on pipelines and the systems that the documentation says they are shown in.
fn shown_in() -> BTreeMap<String, BTreeSet<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pipelines.md");
    let text = fs::read_to_string(path).unwrap().replace("\r\n", "\n");
    let (_, table) = text.split_once("## Where each rule is shown").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| ["));
    rows.map(|row| {
        let (rule, rest) = row.split_once(']').unwrap();
        let (_, systems) = rest.trim_end_matches(" |").split_once(" | ").unwrap();
        let systems: BTreeSet<String> = match systems {
            "all" => SYSTEMS.iter().map(|(name, _)| (*name).to_owned()).collect(),
            some => some.split(", ").map(str::to_owned).collect(),
        };
        (rule.to_owned(), systems)
    })
    .collect()
}

/// In which systems a page has an example of this kind.
fn systems(page: &Page, test: impl Fn(&Expect) -> bool) -> BTreeSet<String> {
    let examples = page.examples.iter().filter(|e| test(&e.expect));
    let kinds: Vec<_> = examples
        .map(|e| Document::new(&e.path, e.text.as_bytes()).kinds())
        .collect();
    let shown = SYSTEMS
        .iter()
        .filter(|(_, kind)| kinds.iter().any(|kinds| kinds.has(*kind)));
    shown.map(|(name, _)| (*name).to_owned()).collect()
}

#[test]
fn rules_on_pipelines_are_shown_in_each_of_their_systems() {
    let mut promised = shown_in();
    for rule in rule::builtin() {
        // A rule on the jobs of all systems is one in code.
        let Some(promised) = promised.remove(&*rule.id) else {
            let neutral = rule.kinds.iter().all(|kind| kind == "ci")
                && !rule.kinds.is_empty()
                && rule.code.is_some();
            assert!(!neutral, "docs/pipelines.md lacks {}", rule.id);
            continue;
        };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("rules/{}.md", rule.id));
        let text = fs::read_to_string(path).unwrap().replace("\r\n", "\n");
        let page = rule::page::read(&format!("rules/{}.md", rule.id), &text).unwrap();
        let bad = systems(&page, |expect| matches!(expect, Expect::Bad(_)));
        let good = systems(&page, |expect| *expect == Expect::Good);
        let both: BTreeSet<String> = bad.intersection(&good).cloned().collect();
        assert_eq!(both, promised, "{}", rule.id);
    }
    assert!(promised.is_empty(), "no such rules: {promised:?}");
}
