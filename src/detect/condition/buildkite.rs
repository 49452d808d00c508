//! Conditions of Buildkite: a step's `if`.
//!
//! Facts: Buildkite Docs, "Using conditionals".

use super::Condition;
use super::infix::{self, Dialect};

/// The condition of an `if:`; `build.env("X")` is the reference `env.X`.
pub(crate) fn condition(text: &str) -> Condition {
    infix::read(text, Dialect::Buildkite)
}

#[cfg(test)]
mod tests {
    use super::super::{Condition, Op};
    use super::condition;

    #[test]
    fn the_documented_forms_are_read() {
        let build = |name: &str| Condition::reference(["build", name]);
        for (text, expected) in [
            (
                "build.branch == \"main\" && build.message !~ /skip/i // not now\n",
                Condition::all([
                    Condition::compare(Op::Equal, build("branch"), Condition::text("main")),
                    Condition::compare(Op::MatchesNot, build("message"), Condition::text("skip")),
                ]),
            ),
            (
                "build.env('SKIP_TESTS') != 'yes'",
                Condition::compare(
                    Op::Unequal,
                    Condition::reference(["env", "SKIP_TESTS"]),
                    Condition::text("yes"),
                ),
            ),
            (
                "!(build.creator.teams includes \"release\")",
                Condition::contains(
                    Condition::reference(["build", "creator", "teams"]),
                    Condition::text("release"),
                )
                .negated(),
            ),
            ("build.message =~", Condition::Unknown),
        ] {
            assert_eq!(condition(text), expected, "{text}");
        }
    }
}
