//! Conditions of `CircleCI`: logic statements and expressions below `when` and `unless`.
//!
//! Facts: `CircleCI` Docs, "Configuration reference", section "Logic statements", and
//! "Pipeline values and parameters".

use super::infix::{self, Dialect};
use super::{Condition, DEEPEST, Op, PARTS, Value};
use crate::document::{self, Node};

/// The condition of a `when:`; that of an `unless:` is this negated.
pub(crate) fn condition(node: &Node) -> Condition {
    let mut left = PARTS;
    read(node, 0, &mut left)
}

fn read(node: &Node, depth: usize, left: &mut usize) -> Condition {
    if depth == DEEPEST || *left == 0 {
        return Condition::Unknown;
    }
    *left -= 1;
    match &node.value {
        document::Value::Null => Condition::Literal(Value::Null),
        document::Value::Bool(truth) => Condition::constant(*truth),
        document::Value::Float(number) => Condition::Literal(Value::Number(*number)),
        document::Value::Int(_) => node
            .scalar()
            .and_then(|text| text.parse().ok())
            .map_or(Condition::Unknown, |n| Condition::Literal(Value::Number(n))),
        document::Value::Str(text) => value(text),
        document::Value::Array(_) => Condition::Unknown,
        document::Value::Object(members) => match members.as_slice() {
            [member] => statement(&member.key, &member.value, depth, left),
            // The condition of a step's or a workflow's `when`, beside its steps.
            _ => node
                .get("condition")
                .map_or(Condition::Unknown, |node| read(node, depth + 1, left)),
        },
    }
}

fn statement(name: &str, node: &Node, depth: usize, left: &mut usize) -> Condition {
    if node.items().len() > *left {
        return Condition::Unknown;
    }
    let many = node.items().iter().map(|item| read(item, depth + 1, left));
    match name {
        "and" => Condition::all(many),
        "or" => Condition::any(many),
        "equal" => {
            let mut values = many;
            let Some(first) = values.next() else {
                return Condition::Unknown;
            };
            let equal = |value| Condition::compare(Op::Equal, value, first.clone());
            Condition::all(values.map(equal))
        }
        "not" => read(node, depth + 1, left).negated(),
        "matches" => {
            let part = |key| node.get(key).and_then(Node::text);
            match (part("pattern"), part("value")) {
                (Some(pattern), Some(text)) => {
                    Condition::compare(Op::Matches, value(text), Condition::text(pattern))
                }
                _ => Condition::Unknown,
            }
        }
        "condition" => read(node, depth + 1, left),
        _ => Condition::Unknown,
    }
}

/// A text: a parameter, a text with parameters in it, an expression, or just text.
fn value(text: &str) -> Condition {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<<") {
        let Some((inside, after)) = after.split_once(">>") else {
            break;
        };
        if !before.is_empty() {
            pieces.push(Condition::text(before));
        }
        pieces.push(match inside.trim() {
            path if path.contains(char::is_whitespace) => infix::read(path, Dialect::Circle),
            path => Condition::reference(path.split('.')),
        });
        rest = after;
        if pieces.len() > PARTS {
            return Condition::Unknown;
        }
    }
    if pieces.is_empty() {
        let expression = text.contains("pipeline.") && text.contains(char::is_whitespace)
            || text.trim_start_matches("not ").starts_with("pipeline.");
        return if expression {
            infix::read(text, Dialect::Circle)
        } else {
            Condition::text(text)
        };
    }
    if !rest.is_empty() {
        pieces.push(Condition::text(rest));
    }
    match <[Condition; 1]>::try_from(pieces) {
        Ok([only]) => only,
        Err(pieces) => Condition::Call("format".to_owned(), pieces),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Condition, Op};
    use super::condition;
    use crate::document::{Document, Node};

    fn of(text: &str) -> Condition {
        let file = if text.contains('\n') {
            format!("when:\n  {}\n", text.replace('\n', "\n  "))
        } else {
            format!("when: {text}\n")
        };
        let document = Document::new(".circleci/config.yml", file.as_bytes());
        condition(document.tree().root.items()[0].get("when").unwrap())
    }

    #[test]
    fn statements_and_expressions_are_read() {
        let parameter = |name: &str| Condition::reference(["pipeline", "parameters", name]);
        let branch = || Condition::reference(["pipeline", "git", "branch"]);
        for (text, expected) in [
            ("<< pipeline.parameters.skip >>", parameter("skip")),
            (
                "{not: <<pipeline.parameters.skip>>}",
                parameter("skip").negated(),
            ),
            (
                "and:\n  - equal: [main, << pipeline.git.branch >>]\n  - or: [true, <<pipeline.parameters.a>>]\n",
                Condition::all([
                    Condition::compare(Op::Equal, branch(), Condition::text("main")),
                    Condition::any([Condition::constant(true), parameter("a")]),
                ]),
            ),
            (
                "{matches: {pattern: '^rel', value: << pipeline.git.branch >>}}",
                Condition::compare(Op::Matches, branch(), Condition::text("^rel")),
            ),
            (
                "{condition: << pipeline.parameters.a >>, steps: [checkout]}",
                parameter("a"),
            ),
            (
                "pipeline.git.branch == \"main\" and not pipeline.parameters.skip",
                Condition::all([
                    Condition::compare(Op::Equal, branch(), Condition::text("main")),
                    parameter("skip").negated(),
                ]),
            ),
            (
                "x-<< pipeline.parameters.a >>",
                Condition::Call(
                    "format".to_owned(),
                    vec![Condition::text("x-"), parameter("a")],
                ),
            ),
            ("[a]", Condition::Unknown),
            ("{xor: [a]}", Condition::Unknown),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }

    #[test]
    fn hostile_statements_are_bounded() {
        let deep = "{not: ".repeat(60) + "true" + &"}".repeat(60);
        assert!(!of(&deep).is_never() && !of(&deep).is_always_true());
        let wide = format!("{{or: [{}]}}", "true, ".repeat(10_000));
        assert_eq!(of(&wide), Condition::Unknown);
        let long = "<<a>>".repeat(10_000);
        assert_eq!(condition(&Node::from(long)), Condition::Unknown);
    }
}
