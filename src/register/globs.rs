//! The path globs of an entry: compiling them, and refusing those that cover everything.

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

/// Compiles a glob: case-sensitive, relative to the root, `*` stays between slashes.
pub(super) fn compile(glob: &str) -> Result<Glob, Refusal> {
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
    let compiled = build(glob).ok_or(Malformed(
        "this is not a glob",
        "use `*`, `**`, `?`, `[a-z]` and `{one,other}`, each closed",
    ))?;
    let matcher = compiled.compile_matcher();
    if !has_literal(glob) || NOWHERE.iter().any(|path| matcher.is_match(path)) {
        return Err(TooBroad("the glob matches nearly every path", names));
    }
    Ok(compiled)
}

fn build(glob: &str) -> Option<Glob> {
    GlobBuilder::new(glob)
        .literal_separator(true)
        .case_insensitive(false)
        .backslash_escape(false)
        .build()
        .ok()
}

/// Compiles a list of globs, refused ones too: the entry they stand in is out of
/// force, but a finding it means should still learn why. A glob that can't be
/// compiled keeps its place and matches nothing.
pub(super) fn set<'a>(globs: impl Iterator<Item = &'a str>) -> Option<GlobSet> {
    let mut builder = GlobSetBuilder::new();
    for glob in globs {
        builder.add(build(glob).or_else(|| build("\0"))?);
    }
    builder.build().ok()
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
            assert!(
                matches!(compile(glob), Err(Refusal::TooBroad(..))),
                "{glob}"
            );
        }
    }

    #[test]
    fn refuses_what_never_matches() {
        for glob in ["./a", "a/", "a//b", "a[", "a{b", "a/[z-a]"] {
            assert!(
                matches!(compile(glob), Err(Refusal::Malformed(..))),
                "{glob}"
            );
        }
    }

    #[test]
    fn matches_by_folder_and_case() {
        let matches =
            |glob: &str, path: &str| compile(glob).unwrap().compile_matcher().is_match(path);
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
    fn measures_the_literal_prefix() {
        assert_eq!(literal_prefix("a/b/**"), 4);
        assert_eq!(literal_prefix("a/b.yml"), 7);
        assert_eq!(literal_prefix("**/x"), 0);
    }
}
