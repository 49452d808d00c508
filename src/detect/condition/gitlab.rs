//! Conditions of GitLab CI: `rules:if`, `workflow:rules` and `only:variables`.
//!
//! Facts: GitLab Docs, "CI/CD job rules", "CI/CD variable expressions".

use super::Condition;
use super::infix::{self, Dialect};
use crate::document::Node;

/// How many rules of a job are read; those after it aren't known.
const RULES: usize = 40;

/// The condition of an `if:`. Variables are references below `variables`.
pub(crate) fn condition(text: &str) -> Condition {
    infix::read(text, Dialect::Gitlab)
}

/// When a job is added to the pipeline by its `rules`: the first that holds decides, and
/// one with `when: never` leaves the job out. A rule's `changes` and `exists` aren't known.
pub(crate) fn rules(rules: &Node) -> Condition {
    let items = rules.one_or_many();
    let mut out = if items.len() > RULES {
        Condition::Unknown
    } else {
        Condition::constant(false)
    };
    for item in items.iter().take(RULES).rev() {
        let never = item.get("when").and_then(Node::text) == Some("never");
        let holds = rule(item);
        out = if never {
            Condition::all([holds.negated(), out])
        } else {
            Condition::any([holds, out])
        };
    }
    out
}

fn rule(item: &Node) -> Condition {
    if item.members().is_empty() {
        // `!reference [.rules, main]`, or what is wrong.
        return Condition::Unknown;
    }
    let mut all = Vec::new();
    if let Some(text) = item.get("if") {
        all.push(text.scalar().map_or(Condition::Unknown, |t| condition(&t)));
    }
    if item.get("changes").is_some() || item.get("exists").is_some() {
        all.push(Condition::Unknown);
    }
    if all.is_empty() {
        return Condition::constant(true);
    }
    Condition::all(all)
}

#[cfg(test)]
mod tests {
    use super::super::{Condition, Op};
    use super::{condition, rules};
    use crate::document::Document;

    fn variable(name: &str) -> Condition {
        Condition::reference(["variables", name])
    }

    #[test]
    fn the_documented_forms_are_read() {
        let branch = || variable("CI_COMMIT_BRANCH");
        for (text, expected) in [
            ("$SKIP", variable("SKIP")),
            ("${SKIP}", variable("SKIP")),
            (
                "$CI_COMMIT_BRANCH == \"main\"",
                Condition::compare(Op::Equal, branch(), Condition::text("main")),
            ),
            (
                "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH",
                Condition::compare(Op::Equal, branch(), variable("CI_DEFAULT_BRANCH")),
            ),
            (
                r"$CI_COMMIT_BRANCH !~ /^rel\/x/i && ($A || $B != null)",
                Condition::all([
                    Condition::compare(Op::MatchesNot, branch(), Condition::text(r"^rel\/x")),
                    Condition::any([
                        variable("A"),
                        Condition::compare(
                            Op::Unequal,
                            variable("B"),
                            Condition::Literal(super::super::Value::Null),
                        ),
                    ]),
                ]),
            ),
            (
                "$[[ inputs.skip | default(1) ]] == 'a\\b'",
                Condition::compare(
                    Op::Equal,
                    Condition::reference(["inputs", "skip"]),
                    Condition::text("a\\b"),
                ),
            ),
        ] {
            assert_eq!(condition(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_condition_is_unknown() {
        for text in [
            "",
            "$A ==",
            "main",
            "$A == \"x",
            "$A && && $B",
            "$",
            "($A",
            "$A =~ /x",
            "$é é",
        ] {
            assert_eq!(condition(text), Condition::Unknown, "{text}");
        }
        let deep = "(".repeat(10_000) + "$A" + &")".repeat(10_000);
        assert_eq!(condition(&deep), Condition::Unknown);
        assert_eq!(condition(&"$A && ".repeat(20_000)), Condition::Unknown);
    }

    fn of_rules(text: &str) -> Condition {
        let document = Document::new(".gitlab-ci.yml", text.as_bytes());
        rules(&document.tree().root.items()[0])
    }

    #[test]
    fn the_first_rule_that_holds_decides() {
        let skipped =
            of_rules("- if: $SKIP_SAST == 'true'\n  when: never\n- if: $CI_COMMIT_BRANCH\n");
        assert_eq!(
            skipped.switched_off_by(),
            [["variables", "SKIP_SAST"].as_slice()]
        );
        assert!(of_rules("- when: never\n").is_never());
        assert!(of_rules("- when: on_success\n").is_always_true());
        let changes = of_rules("- changes: [a]\n");
        assert!(!changes.is_never() && !changes.is_always_true());
        let late = of_rules("- if: $A\n- when: never\n- if: $SKIP\n");
        assert_eq!(late.needed_switches(), [["variables", "A"].as_slice()]);
        let many = "- if: $A\n  when: never\n".repeat(100);
        assert!(!of_rules(&many).is_never());
    }
}
