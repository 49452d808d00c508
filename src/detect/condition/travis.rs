//! Conditions of Travis: a job's or a stage's `if`.
//!
//! Facts: Travis CI Docs, "Conditions v1".

use super::Condition;
use super::infix::{self, Dialect};

/// The condition of an `if:`. What a build is asked for is below `travis`, its
/// environment below `env`; other bare words are text.
pub(crate) fn condition(text: &str) -> Condition {
    infix::read(text, Dialect::Travis)
}

#[cfg(test)]
mod tests {
    use super::super::{Condition, Op};
    use super::condition;

    #[test]
    fn the_documented_forms_are_read() {
        let travis = |name: &str| Condition::reference(["travis", name]);
        let equal = |name, text| Condition::compare(Op::Equal, travis(name), Condition::text(text));
        for (text, expected) in [
            (
                "branch = master AND type != pull_request",
                Condition::all([
                    equal("branch", "master"),
                    Condition::compare(
                        Op::Unequal,
                        travis("type"),
                        Condition::text("pull_request"),
                    ),
                ]),
            ),
            (
                "branch IN (master, dev) OR tag IS present",
                Condition::any([
                    equal("branch", "master"),
                    equal("branch", "dev"),
                    travis("tag"),
                ]),
            ),
            (
                "commit_message !~ /skip-scan/ AND NOT env(SKIP)",
                Condition::all([
                    Condition::compare(
                        Op::MatchesNot,
                        travis("commit_message"),
                        Condition::text("skip-scan"),
                    ),
                    Condition::reference(["env", "SKIP"]).negated(),
                ]),
            ),
            (
                "tag =~ ^v(1|2)$",
                Condition::compare(Op::Matches, travis("tag"), Condition::text("^v(1|2)$")),
            ),
            (
                "type NOT IN (cron) AND tag IS blank",
                Condition::all([equal("type", "cron").negated(), travis("tag").negated()]),
            ),
            ("branch IN", Condition::Unknown),
        ] {
            assert_eq!(condition(text), expected, "{text}");
        }
    }
}
