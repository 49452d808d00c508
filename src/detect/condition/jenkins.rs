//! Conditions of Jenkins: what `expression { … }` and `if (…)` ask, as far as it is a plain
//! comparison of names and texts.

use super::Condition;
use super::infix::{self, Dialect};

/// The condition in a Groovy expression. Its operators and references are written as
/// Buildkite writes them.
pub(crate) fn expression(text: &str) -> Condition {
    let text = text.trim();
    let text = text.strip_prefix("return ").unwrap_or(text);
    infix::read(text.trim_end_matches(';'), Dialect::Buildkite)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::condition::Op;

    #[test]
    fn names_and_texts_are_compared() {
        let skip = Condition::reference(["params", "SKIP"]);
        assert_eq!(expression("return !params.SKIP;"), skip.negated());
        assert_eq!(
            expression("env.BRANCH_NAME == 'main'"),
            Condition::compare(
                Op::Equal,
                Condition::reference(["env", "BRANCH_NAME"]),
                Condition::text("main"),
            )
        );
        assert_eq!(expression("a.each { it }"), Condition::Unknown);
    }
}
