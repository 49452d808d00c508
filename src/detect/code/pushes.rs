//! Where `git push` goes, by its refspecs.
//!
//! Facts: <https://git-scm.com/docs/git-push>.

use super::git_gates::{git, is_shared};
use crate::detect::shell::{Command, Word};

/// What a push writes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A branch by its name.
    Branch(String),
    /// The default branch, by a variable of the service's that holds its name.
    Default,
    /// The branch that is checked out, which the trigger decides.
    Current,
    /// A tag.
    Tag,
    /// Every branch: `--all`, `--mirror`, `refs/heads/*`.
    Every,
    /// A name that is not known before the run.
    Unresolved,
}

/// A push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Push {
    /// What it writes to, in the order of the refspecs, and whether it may rewrite.
    pub(crate) targets: Vec<(Target, bool)>,
    /// Whether it asks that no pipeline run: `-o ci.skip`.
    pub(crate) skips_pipeline: bool,
}

impl Push {
    /// The branch that others build on and that this push writes to, and whether it
    /// may rewrite it. Nothing that is unresolved counts.
    pub(crate) fn shared(&self) -> Option<(&str, bool)> {
        let shared = |(target, forced): &'_ (Target, bool)| match target {
            Target::Branch(name) if is_shared(name) => Some((name.clone(), *forced)),
            _ => None,
        };
        // What is forced is the graver.
        let best = self
            .targets
            .iter()
            .filter(|target| shared(target).is_some() || target.0 == Target::Default)
            .max_by_key(|(_, forced)| *forced)?;
        match &best.0 {
            Target::Branch(name) => Some((name, best.1)),
            _ => Some(("the default branch", best.1)),
        }
    }
}

/// Where a command pushes; none when it is no push, a dry run, or only deletes.
pub(crate) fn pushes_to(command: &Command) -> Option<Push> {
    let ("push", args) = git(command)? else {
        return None;
    };
    let mut forced = false;
    let mut every = false;
    let mut tags = false;
    let mut skips_pipeline = false;
    let mut operands = Vec::new();
    let mut words = args.iter().map(Word::text);
    while let Some(text) = words.next() {
        let skips = |option: &str| option == "ci.skip" || option == "ci.no_pipeline";
        match text {
            "-n" | "--dry-run" | "-d" | "--delete" => return None,
            "-o" | "--push-option" => skips_pipeline |= words.next().is_some_and(skips),
            "--receive-pack" | "--exec" | "--repo" => _ = words.next(),
            "--all" | "--branches" => every = true,
            "--mirror" => {
                every = true;
                forced = true;
            }
            "--tags" => tags = true,
            _ if text == "--force" || text.starts_with("--force-with-lease") => forced = true,
            _ if text.starts_with("--push-option=") => {
                skips_pipeline |= text.split_once('=').is_some_and(|(_, o)| skips(o));
            }
            _ if text.starts_with("--") => {}
            _ if text.starts_with('-') => forced |= text.contains('f'),
            _ => operands.push(text),
        }
    }
    let refspecs = operands.get(1..).unwrap_or_default();
    let mut targets = Vec::new();
    let mut tag = false;
    for refspec in refspecs {
        let plus = refspec.starts_with('+');
        let rewrites = forced || plus;
        match *refspec {
            "tag" => tag = true,
            _ if std::mem::take(&mut tag) => targets.push((Target::Tag, rewrites)),
            // Nothing before the colon deletes.
            _ if refspec.starts_with(':') => {}
            _ => targets.push((target(refspec), rewrites)),
        }
    }
    if every {
        targets.push((Target::Every, forced));
    }
    if refspecs.is_empty() && !every {
        targets.push((if tags { Target::Tag } else { Target::Current }, forced));
    }
    (!targets.is_empty()).then_some(Push {
        targets,
        skips_pipeline,
    })
}

/// What a refspec writes to.
fn target(refspec: &str) -> Target {
    let refspec = refspec.trim_start_matches('+');
    let name = destination(refspec);
    let branch = name.strip_prefix("refs/heads/").unwrap_or(name);
    let dense: String = branch.chars().filter(|c| !c.is_whitespace()).collect();
    let holds_default = [
        "$CI_DEFAULT_BRANCH",
        "${CI_DEFAULT_BRANCH}",
        "${{github.event.repository.default_branch}}",
        "$DEFAULT_BRANCH",
        "${DEFAULT_BRANCH}",
    ];
    if name.starts_with("refs/tags/") {
        Target::Tag
    } else if holds_default.contains(&dense.as_str()) {
        Target::Default
    } else if branch.contains(['$', '`', '%']) || branch.contains("{{") || branch.contains("<<") {
        Target::Unresolved
    } else if branch.contains('*') {
        Target::Every
    } else if matches!(branch, "HEAD" | "@") {
        Target::Current
    } else {
        Target::Branch(branch.to_owned())
    }
}

/// What stands after the refspec's colon; one within an expression is none.
fn destination(refspec: &str) -> &str {
    let mut depth = 0_usize;
    for (at, c) in refspec.char_indices() {
        match c {
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => return refspec.get(at + 1..).unwrap_or_default(),
            _ => {}
        }
    }
    refspec
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::shell;
    use crate::document::Document;

    fn push(text: &str) -> Option<Push> {
        let document = Document::new("a.sh", text.as_bytes());
        shell::commands(&document).find_map(pushes_to)
    }

    #[test]
    fn refspecs_are_resolved() {
        let branch = |name: &str| Target::Branch(name.to_owned());
        for (text, expected, forced) in [
            ("git push origin main", branch("main"), false),
            ("git push origin HEAD:main", branch("main"), false),
            ("git push origin main:feature", branch("feature"), false),
            ("git push origin +main", branch("main"), true),
            (
                "git -C x push -uf origin HEAD:refs/heads/main",
                branch("main"),
                true,
            ),
            (
                "git push --force-with-lease=main origin main",
                branch("main"),
                true,
            ),
            (
                "git push origin HEAD:$CI_DEFAULT_BRANCH",
                Target::Default,
                false,
            ),
            (
                "git push origin HEAD:${{ github.event.repository.default_branch }}",
                Target::Default,
                false,
            ),
            (
                "git push origin \"HEAD:${BRANCH:-main}\"",
                Target::Unresolved,
                false,
            ),
            ("git push origin \"${A:-b}\"", Target::Unresolved, false),
            ("git push origin HEAD", Target::Current, false),
            ("git push", Target::Current, false),
            ("git push --follow-tags", Target::Current, false),
            ("git push --tags", Target::Tag, false),
            ("git push origin tag v1", Target::Tag, false),
            ("git push -f origin refs/tags/v1", Target::Tag, true),
            ("git push --mirror backup", Target::Every, true),
            ("git push --all origin", Target::Every, false),
        ] {
            let push = push(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(push.targets, [(expected, forced)], "{text}");
        }
        for text in [
            "git push --dry-run origin main",
            "git push origin :old",
            "git push origin --delete old",
            "git pull origin main",
            "echo git push",
        ] {
            assert_eq!(push(text), None, "{text}");
        }
    }

    #[test]
    fn shared_branches_are_told_from_others() {
        let shared = |text: &str| {
            let push = push(text)?;
            push.shared()
                .map(|(name, forced)| (name.to_owned(), forced))
        };
        let main = |forced| Some(("main".to_owned(), forced));
        assert_eq!(shared("git push origin HEAD:main"), main(false));
        assert_eq!(shared("git push origin dev-x +main"), main(true));
        assert_eq!(shared("git push origin gh-pages"), None);
        assert_eq!(shared("git push -f origin v1"), None);
        assert_eq!(shared("git push -f origin $BRANCH"), None);
        assert_eq!(shared("git push"), None);
        assert!(push("git push -o ci.skip origin main").is_some_and(|p| p.skips_pipeline));
        assert!(push("git push -o merge_request.create").is_some_and(|p| !p.skips_pipeline));
    }
}
