//! Who answers for a path, by a CODEOWNERS file.

use crate::document::codeowners::{self, Pattern};

/// A CODEOWNERS file.
#[derive(Default)]
pub struct Owners<'t> {
    /// Patterns and their owners, in the order of the file.
    lines: Vec<(Pattern<'t>, &'t str)>,
}

impl<'t> Owners<'t> {
    /// Reads a CODEOWNERS file.
    pub fn read(text: &'t str) -> Self {
        let (entries, _) = codeowners::read(text);
        let lines = entries.iter();
        Self {
            lines: lines
                .map(|entry| (Pattern::new(entry.pattern), entry.owners))
                .collect(),
        }
    }

    /// The first owner of a path: `team:NAME` for a team, `user:NAME` for anyone else.
    /// `None` when nobody owns it.
    pub fn of(&self, path: &str) -> Option<String> {
        let mut lines = self.lines.iter().rev();
        let (_, owners) = lines.find(|(pattern, _)| pattern.matches(path))?;
        codeowners::named(owners).find_map(|owner| {
            // `@@developer` is a role of GitLab's.
            let name = owner.trim_start_matches('@');
            let team = owner.starts_with('@') && name.contains('/');
            let kind = if team { "team" } else { "user" };
            (!name.is_empty()).then(|| format!("{kind}:{name}"))
        })
    }
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
