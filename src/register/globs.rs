//! The path globs of an entry: refusing those that cover everything, and matching.
//!
//! Most globs name a file or a folder. They are matched as text; only the others are
//! compiled, and that when a path first comes near them, since a register of thousands
//! of entries would else be all compiling.

use std::sync::OnceLock;

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

/// Why a glob is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It reaches further than one exception may.
    TooBroad(&'static str, &'static str),
    /// It can't be used as written.
    Malformed(&'static str, &'static str),
}

/// Paths that no project has. A glob that matches one names nothing.
const NOWHERE: &[&str] = &[
    "q7zkx",
    "q7zkx.w0vbj",
    "_q7zkx/w0vbj",
    "Q7zkx/w0vbj/u5.hh8",
    "0q7/w0/u5/h8/v3.k1x",
];

/// The longest glob.
const LONGEST: usize = 1_000;

/// A list of globs, to match paths with.
#[derive(Debug, Clone, Default)]
pub struct Globs(Vec<Pattern>);

/// One glob.
#[derive(Debug, Clone)]
struct Pattern {
    text: String,
    form: Form,
}

/// What a glob is.
#[derive(Debug, Clone)]
enum Form {
    /// One path.
    Exact,
    /// All below a folder, whose name with its slash has this length.
    Below(usize),
    /// Anything else. It matches nothing where it can't be compiled.
    Wild(OnceLock<Option<GlobSet>>),
}

impl Pattern {
    fn new(text: &str) -> Self {
        let literal = literal_prefix(text);
        let form = if literal == text.len() {
            Form::Exact
        } else if text.get(literal..) == Some("**")
            && text.get(..literal).is_some_and(|t| t.ends_with('/'))
        {
            Form::Below(literal)
        } else {
            Form::Wild(OnceLock::new())
        };
        Self {
            text: text.to_owned(),
            form,
        }
    }

    fn matches(&self, path: &str) -> bool {
        match &self.form {
            Form::Exact => self.text == path,
            Form::Below(length) => {
                let folder = self.text.as_bytes().get(..*length);
                path.len() > *length && path.as_bytes().get(..*length) == folder
            }
            Form::Wild(compiled) => {
                let start = self.text.as_bytes().get(..literal_prefix(&self.text));
                start.is_some_and(|start| path.as_bytes().starts_with(start))
                    && compiled
                        .get_or_init(|| set(&self.text))
                        .as_ref()
                        .is_some_and(|set| set.is_match(path))
            }
        }
    }
}

impl Globs {
    /// The globs of a list, those that are refused too: the entry they stand in is out
    /// of force, but a finding it means should still learn why.
    pub(super) fn new<'a>(globs: impl Iterator<Item = &'a str>) -> Self {
        Self(globs.map(Pattern::new).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them matches.
    pub fn is_match(&self, path: &str) -> bool {
        self.0.iter().any(|glob| glob.matches(path))
    }

    /// The most literal start of those that match.
    pub(super) fn closest(&self, path: &str) -> Option<usize> {
        let matching = self.0.iter().filter(|glob| glob.matches(path));
        matching.map(|glob| literal_prefix(&glob.text)).max()
    }

    /// The globs as they are written.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|glob| glob.text.as_str())
    }

    /// How many of the sorted paths one of them matches.
    pub(super) fn breadth(&self, paths: &[impl AsRef<str>]) -> usize {
        let mut found: Vec<usize> = Vec::new();
        for glob in &self.0 {
            let start = glob.text.get(..literal_prefix(&glob.text)).unwrap_or("");
            let from = paths.partition_point(|path| path.as_ref() < start);
            let near = paths.iter().enumerate().skip(from);
            let near = near.take_while(|(_, path)| path.as_ref().starts_with(start));
            found.extend(
                near.filter(|(_, path)| glob.matches(path.as_ref()))
                    .map(|(n, _)| n),
            );
        }
        found.sort_unstable();
        found.dedup();
        found.len()
    }
}

/// Checks a glob: case-sensitive, relative to the root, `*` stays between slashes.
pub(super) fn check(glob: &str) -> Result<(), Refusal> {
    use Refusal::{Malformed, TooBroad};
    let names =
        "name the files or folders that the exception is about, such as `batch/settlement/**`";
    if glob.trim().is_empty() {
        return Err(TooBroad("an empty glob names no path", names));
    }
    if glob.contains('\\') {
        return Err(TooBroad(
            "a backslash is not part of a path here",
            "write `/` between folders",
        ));
    }
    let drive = glob.as_bytes().get(1) == Some(&b':');
    if glob.starts_with('/') || glob.starts_with('~') || drive {
        return Err(TooBroad(
            "the glob is absolute",
            "write it relative to the root of the repository",
        ));
    }
    if glob.split('/').any(|part| part == "..") {
        return Err(TooBroad(
            "`..` leads out of the repository",
            "write the glob relative to the root of the repository",
        ));
    }
    if glob.split('/').any(|part| part == ".") {
        return Err(Malformed(
            "the glob never matches, for paths have no `.` part",
            "leave out `./`",
        ));
    }
    if glob.ends_with('/') || glob.contains("//") {
        return Err(Malformed(
            "the glob never matches a file, for it has an empty part",
            "write `folder/**` for everything in a folder",
        ));
    }
    if glob.len() > LONGEST {
        return Err(Malformed(
            "the glob is longer than 1,000 characters",
            "write several short ones",
        ));
    }
    if !has_literal(glob) {
        return Err(TooBroad("the glob matches nearly every path", names));
    }
    let pattern = Pattern::new(glob);
    if matches!(pattern.form, Form::Wild(_)) && build(glob).is_none() {
        return Err(Malformed(
            "this is not a glob",
            "use `*`, `**`, `?`, `[a-z]` and `{one,other}`, each closed",
        ));
    }
    if NOWHERE.iter().any(|path| pattern.matches(path)) {
        return Err(TooBroad("the glob matches nearly every path", names));
    }
    Ok(())
}

fn build(glob: &str) -> Option<Glob> {
    GlobBuilder::new(glob)
        .literal_separator(true)
        .case_insensitive(false)
        .backslash_escape(false)
        .build()
        .ok()
}

/// One glob, compiled; `None` where that can't be done.
fn set(glob: &str) -> Option<GlobSet> {
    let mut builder = GlobSetBuilder::new();
    builder.add(build(glob)?);
    builder.build().ok()
}

/// Whether a glob reaches everywhere that another does: as far as can be told from
/// paths made of the other, whose names nothing but a wildcard matches.
pub(super) fn reaches(glob: &str, other: &str) -> bool {
    if glob == other {
        return true;
    }
    let (glob, other) = (Pattern::new(glob), Pattern::new(other));
    let mut samples = samples(&other.text);
    samples.retain(|path| other.matches(path));
    !samples.is_empty() && samples.iter().all(|path| glob.matches(path))
}

/// The most paths that are made of a glob.
const SAMPLES: usize = 64;

/// Paths that a glob may match.
fn samples(glob: &str) -> Vec<String> {
    let mut made = vec![String::new()];
    let mut rest = glob;
    while let Some(first) = rest.chars().next() {
        let class = rest.find(']').filter(|_| first == '[');
        let choice = rest.find('}').filter(|_| first == '{');
        let (length, choices): (usize, Vec<&str>) = if rest.starts_with("**/") {
            (3, vec!["", "q7zkx/", "Q7/w0/"])
        } else if rest.starts_with("**") {
            (2, vec!["q7zkx", "Q7/w0vbj.k1x", "u5/h8/v3"])
        } else if let Some(end) = class {
            let inner = rest.get(1..end).unwrap_or_default();
            let single = inner.get(..inner.chars().next().map_or(0, char::len_utf8));
            (end + 1, vec![single.unwrap_or_default(), "q", "7"])
        } else if let Some(end) = choice {
            (
                end + 1,
                rest.get(1..end).unwrap_or_default().split(',').collect(),
            )
        } else {
            match first {
                '*' => (1, vec!["q7zkx", "w0vbj.k1x"]),
                '?' => (1, vec!["q", "7"]),
                other => (
                    other.len_utf8(),
                    vec![rest.get(..other.len_utf8()).unwrap_or_default()],
                ),
            }
        };
        made = made
            .iter()
            .flat_map(|path| choices.iter().map(move |choice| format!("{path}{choice}")))
            .take(SAMPLES)
            .collect();
        rest = rest.get(length..).unwrap_or_default();
    }
    made
}

/// Length of the path before the first wildcard.
pub(super) fn literal_prefix(glob: &str) -> usize {
    glob.find(['*', '?', '[', '{']).unwrap_or(glob.len())
}

/// Whether any letter or digit stands outside of `[...]`.
fn has_literal(glob: &str) -> bool {
    let mut in_class = false;
    glob.chars().any(|c| {
        match c {
            '[' => in_class = true,
            ']' => in_class = false,
            _ => {}
        }
        !in_class && c.is_alphanumeric()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_covers_everything() {
        let broad = [
            "",
            " ",
            "*",
            "**",
            "**/*",
            "*/**",
            "**/**",
            "***",
            "?*",
            "**/*.*",
            "[!x]*",
            "[a-c]*/**",
            "{**,x}",
            "{a,*}/**",
            "/etc/*",
            "C:/x",
            "~/x",
            "../x",
            "a/../b",
            "a\\b",
            ".*/**",
        ];
        for glob in broad {
            assert!(matches!(check(glob), Err(Refusal::TooBroad(..))), "{glob}");
        }
    }

    #[test]
    fn refuses_what_never_matches() {
        for glob in ["./a", "a/", "a//b", "a[", "a{b", "a/[z-a]"] {
            assert!(matches!(check(glob), Err(Refusal::Malformed(..))), "{glob}");
        }
    }

    #[test]
    fn matches_by_folder_and_case() {
        let matches =
            |glob: &str, path: &str| check(glob).is_ok() && Pattern::new(glob).matches(path);
        assert!(matches("batch/**", "batch/a/b.rs"));
        assert!(!matches("batch/*", "batch/a/b.rs"));
        assert!(!matches("batch/**", "Batch/a"));
        assert!(matches("**/*.tf", "infra/a.tf"));
        assert!(matches(
            ".github/workflows/{ci,cd}.yml",
            ".github/workflows/cd.yml"
        ));
    }

    #[test]
    fn what_is_matched_as_text_is_matched_as_globset_does() {
        let globs = [
            "a/b.yml",
            "a/**",
            "a/b/**",
            "a/*",
            "**/b.yml",
            "a/**/b.yml",
            "a**",
            "é/**",
        ];
        let paths = [
            "a",
            "a/b.yml",
            "a/b/c",
            "a/b/b.yml",
            "ab/c",
            "b.yml",
            "é/x",
            "é",
            "x/a/b.yml",
        ];
        for glob in globs {
            let compiled = set(glob).unwrap();
            for path in paths {
                assert_eq!(
                    Pattern::new(glob).matches(path),
                    compiled.is_match(path),
                    "{glob} {path}"
                );
            }
        }
    }

    #[test]
    fn one_glob_reaches_as_far_as_another() {
        let far = [
            ("**", "**/*"),
            ("**/*", "**"),
            ("src/**/*", "src/**"),
            ("s*/**", "src/**"),
            ("{src,lib}/**", "src/**"),
            ("src/*", "src/[a-z]*"),
            ("**/*.tf", "infra/*.tf"),
        ];
        for (glob, other) in far {
            assert!(reaches(glob, other), "{glob} {other}");
        }
        let short = [
            ("src/a.rs", "src/**"),
            ("src/*", "src/**"),
            ("src/**", "**"),
            ("lib/**", "src/**"),
            ("infra/*.tf", "**/*.tf"),
        ];
        for (glob, other) in short {
            assert!(!reaches(glob, other), "{glob} {other}");
        }
    }

    #[test]
    fn counts_the_paths_that_are_reached() {
        let paths = ["a/1", "a/2", "a/b/3", "b/4", "c"];
        let breadth = |globs: &[&str]| Globs::new(globs.iter().copied()).breadth(&paths);
        assert_eq!(breadth(&["a/**"]), 3);
        assert_eq!(breadth(&["a/*", "a/**", "c"]), 4);
        assert_eq!(breadth(&["**/[0-9]", "x/**"]), 4);
    }

    #[test]
    fn a_glob_that_is_too_much_to_compile_matches_nothing() {
        assert!(matches!(
            check(&"a*/".repeat(500)),
            Err(Refusal::Malformed(..))
        ));
        assert!(check(&format!("a/{}b", "*?".repeat(400))).is_ok());
    }

    #[test]
    fn measures_the_literal_prefix() {
        assert_eq!(literal_prefix("a/b/**"), 4);
        assert_eq!(literal_prefix("a/b.yml"), 7);
        assert_eq!(literal_prefix("**/x"), 0);
    }
}
