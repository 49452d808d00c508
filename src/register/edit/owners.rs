//! Who answers for a path, by a CODEOWNERS file.
//!
//! Facts: <https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>,
//! <https://docs.gitlab.com/user/project/codeowners/reference/>: the last pattern that
//! matches decides; GitLab's sections have owners of their own for patterns without.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Most lines that are looked at.
const MOST: usize = 5_000;

/// A CODEOWNERS file.
#[derive(Debug, Default)]
pub struct Owners {
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    pattern: Gitignore,
    /// Whether the pattern ends with `/*`, which for owners stays in its folder.
    flat: bool,
    owner: Option<String>,
}

impl Owners {
    /// Reads a CODEOWNERS file. A line that can't be read owns nothing.
    pub fn read(text: &str) -> Self {
        let mut lines = Vec::new();
        let mut standing: Vec<String> = Vec::new();
        for line in text.lines().take(MOST) {
            let line = line.trim();
            let optional = line.strip_prefix('^').unwrap_or(line);
            if let Some((_, rest)) = optional
                .strip_prefix('[')
                .and_then(|section| section.split_once(']'))
            {
                // `[Section][2] @owner`: how many have to approve is of no interest here.
                let rest = rest.rsplit_once(']').map_or(rest, |(_, owners)| owners);
                standing = owners(rest);
                continue;
            }
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (pattern, rest) = split(line);
            let named = owners(rest);
            let named = if named.is_empty() { &standing } else { &named };
            let mut builder = GitignoreBuilder::new("");
            // A leading `!` means nothing in CODEOWNERS.
            let usable = !pattern.starts_with('!') && builder.add_line(None, &pattern).is_ok();
            if let Some(pattern_set) = usable.then(|| builder.build().ok()).flatten() {
                lines.push(Line {
                    pattern: pattern_set,
                    flat: pattern.ends_with("/*"),
                    owner: named.first().cloned(),
                });
            }
        }
        Self { lines }
    }

    /// The first owner of a path: `team:NAME` for a team, `user:NAME` for anyone else.
    /// `None` when nobody owns it.
    pub fn of(&self, path: &str) -> Option<String> {
        let matches = |line: &&Line| {
            let matched = if line.flat {
                line.pattern.matched(path, false)
            } else {
                line.pattern.matched_path_or_any_parents(path, false)
            };
            matched.is_ignore()
        };
        self.lines.iter().rev().find(matches)?.owner.clone()
    }
}

/// The pattern, in which a blank may be written `\ `, and the rest of the line.
fn split(line: &str) -> (String, &str) {
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        if c.is_whitespace() && !escaped {
            let (pattern, rest) = line.split_at(at);
            return (pattern.to_owned(), rest);
        }
        escaped = c == '\\' && !escaped;
    }
    (line.to_owned(), "")
}

fn owners(text: &str) -> Vec<String> {
    text.split_whitespace()
        .take_while(|word| !word.starts_with('#'))
        .filter_map(|word| match word.strip_prefix('@') {
            // `@@developer` is a role of GitLab's.
            Some(name) => {
                let name = name.trim_start_matches('@');
                let kind = if name.contains('/') { "team" } else { "user" };
                (!name.is_empty()).then(|| format!("{kind}:{name}"))
            }
            None => word.contains('@').then(|| format!("user:{word}")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_match_wins() {
        let owners = Owners::read(
            "# all\n* @acme/platform\n/batch/ @acme/settlement @x\n*.tf infra@example.org\ndocs/* @writer\n/batch/free/\n",
        );
        let of = |path| owners.of(path).unwrap_or_default();
        assert_eq!(of("src/a.py"), "team:acme/platform");
        assert_eq!(of("batch/a/b.py"), "team:acme/settlement");
        assert_eq!(of("batch/a/b.tf"), "user:infra@example.org");
        assert_eq!(of("docs/a.md"), "user:writer");
        assert_eq!(of("docs/a/b.md"), "team:acme/platform");
        assert_eq!(of("batch/free/a"), "", "owned by nobody on purpose");
        assert_eq!(Owners::default().of("a"), None);
    }

    #[test]
    fn sections_lend_their_owners() {
        let owners = Owners::read(
            "[Docs] @writers\n*.md\n^[Code][2] @dev\n/src/\n/src/a\\ b @acme/ab # x\n",
        );
        let of = |path| owners.of(path).unwrap_or_default();
        assert_eq!(of("x.md"), "user:writers");
        assert_eq!(of("src/x.rs"), "user:dev");
        assert_eq!(of("src/a b"), "team:acme/ab");
    }
}
