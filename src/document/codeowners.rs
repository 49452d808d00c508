//! CODEOWNERS: who has to approve a change of a path.
//!
//! Facts: <https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>,
//! <https://docs.gitlab.com/user/project/codeowners/reference/>.

use globset::{GlobBuilder, GlobMatcher};

use super::Span;

/// Where a CODEOWNERS may stand; the first that is there counts.
pub const PLACES: &[&str] = &[
    ".github/CODEOWNERS",
    "CODEOWNERS",
    "docs/CODEOWNERS",
    ".gitlab/CODEOWNERS",
];

/// Most entries that are looked at; `GitHub` takes no file above 3 MB.
const MOST: usize = 5_000;

/// A line with a pattern.
pub(crate) struct Entry<'t> {
    pub(crate) pattern: &'t str,
    pub(crate) span: Span,
    /// The rest of its line, or of the section's heading where it names nobody itself.
    pub(crate) owners: &'t str,
    pub(crate) owned: bool,
    pub(crate) section: usize,
}

/// A section of `GitLab`'s; the first is what stands before any.
#[derive(Clone, Copy, Default)]
pub(crate) struct Section<'t> {
    pub(crate) optional: bool,
    /// Who owns what stands in it without an owner.
    owners: &'t str,
}

/// Whether somebody has to approve a change of a path, by the text of a CODEOWNERS.
pub(crate) fn guards(text: &str, path: &str) -> bool {
    let (entries, sections) = read(text);
    let mut last: Vec<Option<&Entry<'_>>> = vec![None; sections.len()];
    for entry in &entries {
        if Pattern::new(entry.pattern).matches(path)
            && let Some(last) = last.get_mut(entry.section)
        {
            *last = Some(entry);
        }
    }
    last.iter().flatten().any(|entry| {
        let section = sections.get(entry.section).copied().unwrap_or_default();
        entry.owned && !section.optional
    })
}

/// Everybody whom the text of a CODEOWNERS names, as it names them.
pub(crate) fn owners(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| {
            let line = line.split(" #").next().unwrap_or_default();
            line.split_whitespace()
                .skip(usize::from(!line.starts_with(['[', '^'])))
        })
        .filter(|word| word.contains('@'))
}

/// The entries and sections of a file.
pub(crate) fn read(text: &str) -> (Vec<Entry<'_>>, Vec<Section<'_>>) {
    let mut sections = vec![Section::default()];
    let mut entries = Vec::new();
    let mut at = 0;
    for raw in text.split_inclusive('\n') {
        let start = at;
        at += raw.len();
        let line = raw.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(section) = section(line) {
            sections.push(section);
            continue;
        }
        if entries.len() == MOST {
            break;
        }
        let head = raw.len() - raw.trim_start().len();
        let (pattern, owners) = split(line);
        let standing = sections.last().map_or("", |section| section.owners);
        let owners = if is_owned(owners) { owners } else { standing };
        entries.push(Entry {
            pattern,
            span: Span::new(start + head, start + head + line.len()),
            owners,
            owned: is_owned(owners),
            section: sections.len() - 1,
        });
    }
    (entries, sections)
}

/// `[Name]`, `^[Name][2] @owner`: a heading of `GitLab`'s.
fn section(line: &str) -> Option<Section<'_>> {
    let rest = line.strip_prefix('^');
    let after = rest.unwrap_or(line).strip_prefix('[')?;
    let (_, mut owners) = after.split_once(']')?;
    if let Some((_, more)) = owners.strip_prefix('[').and_then(|n| n.split_once(']')) {
        owners = more;
    }
    // `[a-z]*.c @x` is a pattern.
    (owners.is_empty() || owners.starts_with([' ', '\t'])).then(|| Section {
        optional: rest.is_some(),
        owners,
    })
}

/// The pattern, in which a space is escaped, and the rest of the line.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = line.find(|c: char| {
        let ends = c.is_whitespace() && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    let end = end.unwrap_or(line.len());
    (
        line.get(..end).unwrap_or(line),
        line.get(end..).unwrap_or_default(),
    )
}

/// Whether an owner stands there.
fn is_owned(owners: &str) -> bool {
    named(owners).next().is_some()
}

/// The owners that stand there, before a comment.
pub(crate) fn named(owners: &str) -> impl Iterator<Item = &str> {
    let owners = owners.split('#').next().unwrap_or_default();
    let words = owners.split_whitespace();
    words.filter(|word| word.contains('@'))
}

/// A pattern, written as in `.gitignore`.
pub(crate) enum Pattern<'t> {
    /// A path from the root; `docs/` and `docs` own what is below too.
    Path(&'t str),
    /// The name of a file or folder anywhere.
    Name(&'t str),
    /// With wildcards.
    Globs(Vec<GlobMatcher>),
}

/// Longest pattern that is compiled.
const LONGEST: usize = 1024;

impl<'t> Pattern<'t> {
    /// Reads a pattern. One that is too long matches nothing.
    pub(crate) fn new(text: &'t str) -> Self {
        let anchored = text.trim_end_matches('/').contains('/');
        let base = text.trim_start_matches('/').trim_end_matches('/');
        if !text.contains(['*', '?', '[', '\\', '{']) {
            return if anchored {
                Self::Path(base)
            } else {
                Self::Name(base)
            };
        }
        if text.len() > LONGEST {
            return Self::Globs(Vec::new());
        }
        let base = if anchored {
            base.to_owned()
        } else {
            format!("**/{base}")
        };
        let whole = [
            (!text.ends_with('/')).then(|| base.clone()),
            // `docs/*` owns the files of `docs`, not those of its folders.
            (!text.ends_with("/*")).then(|| format!("{base}/**")),
        ];
        let glob = |text: String| {
            let glob = GlobBuilder::new(&text).literal_separator(true).build();
            Some(glob.ok()?.compile_matcher())
        };
        Self::Globs(whole.into_iter().flatten().filter_map(glob).collect())
    }

    /// Whether it owns a path.
    pub(crate) fn matches(&self, path: &str) -> bool {
        match self {
            Self::Path(base) => {
                let below = path.strip_prefix(base);
                base.is_empty()
                    || below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            Self::Name(name) => path.split('/').any(|part| part == *name),
            Self::Globs(globs) => globs.iter().any(|glob| glob.is_match(path)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_gitignore_has_it() {
        for (pattern, path, expected) in [
            ("*", ".github/workflows/ci.yml", true),
            ("*.yml", ".github/workflows/ci.yml", true),
            ("/.github/", ".github/workflows/ci.yml", true),
            (".github", ".github/workflows/ci.yml", true),
            ("/.github/*", ".github/workflows/ci.yml", false),
            ("/.github/**", ".github/workflows/ci.yml", true),
            ("workflows/", ".github/workflows/ci.yml", true),
            ("/workflows/", ".github/workflows/ci.yml", false),
            ("docs/", ".github/workflows/ci.yml", false),
        ] {
            assert_eq!(Pattern::new(pattern).matches(path), expected, "{pattern}");
        }
    }

    #[test]
    fn many_lines_are_read_up_to_a_limit() {
        let text = "/a/b @x\n".repeat(MOST + 5);
        assert_eq!(read(&text).0.len(), MOST);
    }

    #[test]
    fn headings_are_no_patterns() {
        assert!(section("[Docs]").is_some());
        assert!(section("^[Docs][2] @x").is_some_and(|s| s.optional && is_owned(s.owners)));
        assert!(section("[a-z]*.c @x").is_none());
    }
}
