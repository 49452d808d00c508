//! The role that a path gives a file: a test, an example, documentation, code of others.

use crate::kind::{Kind, Kinds};

/// A file's role in its repository, which lowers or keeps the confidence of what is
/// found in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a file can have several roles"
)]
pub struct Context {
    /// Tests, fixtures, mocks.
    pub test: bool,
    /// Examples, samples, templates to be copied.
    pub example: bool,
    /// Documentation.
    pub docs: bool,
    /// Code of others, minified or generated.
    pub foreign: bool,
}

impl Context {
    /// Whether what is found here is unlikely to be in production.
    pub const fn is_unlikely(self) -> bool {
        self.test || self.example || self.docs || self.foreign
    }
}

/// Folders and parts of names that tell a role; compared in lower case.
const TESTS: &[&str] = &[
    "test",
    "tests",
    "testing",
    "__tests__",
    "spec",
    "specs",
    "testdata",
    "test-data",
    "test_data",
    "fixtures",
    "fixture",
    "__fixtures__",
    "mock",
    "mocks",
    "__mocks__",
    "e2e",
    "testutil",
    "testutils",
    "test-utils",
    "bench",
    "benches",
    "benchmarks",
    "conformance",
    "cassettes",
    "molecule",
    "snapshots",
    "__snapshots__",
    "tests-e2e",
    "unittest",
    "unittests",
    "integration-tests",
];

const EXAMPLES: &[&str] = &[
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "demos",
    "tutorial",
    "tutorials",
    "quickstart",
    "playground",
    "boilerplate",
];

const DOCS: &[&str] = &[
    "doc",
    "docs",
    "documentation",
    "man",
    "website",
    "i18n",
    "locale",
    "locales",
    "translations",
    "lang",
    "languages",
    "changelog",
];

const FOREIGN: &[&str] = &[
    "node_modules",
    "vendor",
    "third_party",
    "thirdparty",
    "third-party",
    "site-packages",
    "bower_components",
    "dist-packages",
];

/// The role of a file called `name` in `folder`.
pub(super) fn context(folder: &str, name: &str, kinds: Kinds) -> Context {
    let folder = folder.to_ascii_lowercase();
    let name_lower = name.to_ascii_lowercase();
    let mut context = Context::default();
    for part in folder.split('/') {
        context.test |= TESTS.contains(&part);
        context.example |= EXAMPLES.contains(&part);
        context.docs |= DOCS.contains(&part);
        context.foreign |= FOREIGN.contains(&part) || part.ends_with(".dist-info");
    }
    let words: Vec<_> = name_lower.split(['.', '_', '-']).collect();
    // A pipeline that is called after the tests it runs is none itself.
    let runs = kinds.meets(Kinds::CI);
    context.test |= !runs
        && words.iter().any(|w| {
            matches!(
                *w,
                "test"
                    | "tests"
                    | "mock"
                    | "mocks"
                    | "fixture"
                    | "fixtures"
                    | "conftest"
                    | "testing"
            )
        })
        || words.iter().rev().skip(1).any(|w| *w == "spec")
        || [
            "Test.java",
            "Tests.java",
            "Test.kt",
            "Tests.cs",
            "Test.php",
            "Spec.scala",
            "IT.java",
        ]
        .iter()
        .any(|end| name.ends_with(end));
    // `template.yaml` is what SAM deploys; `app.template.yaml` is to be copied.
    context.example |= words.iter().enumerate().any(|(at, w)| match *w {
        "example" | "examples" | "tmpl" | "dist" | "demo" => true,
        // `config.sample.json` is to be copied; `sample.csv` is a piece of real data.
        "template" | "sample" => at > 0,
        _ => false,
    });
    // An agent's instructions are prose too, but they are carried out.
    context.docs |= kinds.has(Kind::Docs) && !kinds.has(Kind::ClaudeAgent);
    context.foreign |= name_lower.ends_with(".min.js")
        || name_lower.ends_with(".min.css")
        || words.last() == Some(&"map")
        || name_lower.ends_with(".bundle.js")
        || kinds.has(Kind::Lockfile);
    context
}
