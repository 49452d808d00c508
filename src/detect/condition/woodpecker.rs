//! Conditions of Woodpecker: a step's or a pipeline's `evaluate`.
//!
//! Facts: Woodpecker's "Workflow syntax", "evaluate", and the language definition of Expr.

use super::Condition;
use super::infix::{self, Dialect};

/// The condition of an `evaluate:`; its variables are below `env`.
pub(crate) fn condition(text: &str) -> Condition {
    infix::read(text, Dialect::Woodpecker)
}

#[cfg(test)]
mod tests {
    use super::super::{Condition, Op};
    use super::condition;

    #[test]
    fn the_documented_forms_are_read() {
        let env = |name: &str| Condition::reference(["env", name]);
        for (text, expected) in [
            (
                "CI_COMMIT_AUTHOR == 'harbour-bot' and CI_PIPELINE_EVENT != \"cron\"",
                Condition::all([
                    Condition::compare(
                        Op::Equal,
                        env("CI_COMMIT_AUTHOR"),
                        Condition::text("harbour-bot"),
                    ),
                    Condition::compare(
                        Op::Unequal,
                        env("CI_PIPELINE_EVENT"),
                        Condition::text("cron"),
                    ),
                ]),
            ),
            (
                "not (CI_COMMIT_MESSAGE contains \"[no-scan]\") || SKIP in ['a', 'b']",
                Condition::any([
                    Condition::contains(env("CI_COMMIT_MESSAGE"), Condition::text("[no-scan]"))
                        .negated(),
                    Condition::any([
                        Condition::compare(Op::Equal, env("SKIP"), Condition::text("a")),
                        Condition::compare(Op::Equal, env("SKIP"), Condition::text("b")),
                    ]),
                ]),
            ),
            (
                "CI_COMMIT_MESSAGE matches '^docs' && CI_COMMIT_BRANCH startsWith 'release/'",
                Condition::all([
                    Condition::compare(
                        Op::Matches,
                        env("CI_COMMIT_MESSAGE"),
                        Condition::text("^docs"),
                    ),
                    Condition::Call(
                        "startswith".to_owned(),
                        vec![env("CI_COMMIT_BRANCH"), Condition::text("release/")],
                    ),
                ]),
            ),
            ("len(CI_COMMIT_MESSAGE) >", Condition::Unknown),
        ] {
            assert_eq!(condition(text), expected, "{text}");
        }
    }
}
