//! Conditions and expressions of GitHub Actions, and of Gitea's and Forgejo's, which
//! share the language.
//!
//! Facts: GitHub Docs, "Evaluate expressions in workflows and actions". The parser is
//! the crate `github-actions-expressions`; nothing else here knows of it.

use std::ops::Range;

use github_actions_expressions::context::Context;
use github_actions_expressions::literal::Literal;
use github_actions_expressions::op::{BinExpr, BinOp};
use github_actions_expressions::{Expr, call};

use super::{Condition, LONGEST, Op, PARTS, Value};

/// Every `${{ … }}` of a text with the bytes it stands on, braces included.
pub(crate) fn expressions(text: &str) -> Vec<(Range<usize>, Condition)> {
    spans(text)
        .map(|range| {
            let condition = text
                .get(range.start + 3..range.end - 2)
                .map_or(Condition::Unknown, expression);
            (range, condition)
        })
        .collect()
}

/// The condition of an `if:`, with or without braces.
///
/// Text beside braces makes GitHub put the whole together as text, and text that isn't
/// empty holds: `${{ false }} && x` always does, and so does `${{ false }}` with the
/// line break that a block scalar keeps. Such a condition is a call of `format`.
pub(crate) fn condition(text: &str) -> Condition {
    let mut pieces = Vec::new();
    let mut end = 0;
    for (range, condition) in expressions(text) {
        if let Some(between) = text.get(end..range.start).filter(|t| !t.is_empty()) {
            pieces.push(Condition::text(between));
        }
        end = range.end;
        pieces.push(condition);
    }
    if pieces.is_empty() {
        return match text.trim() {
            // Nothing asked is nothing in the way.
            "" => Condition::constant(true),
            text => expression(text),
        };
    }
    if let Some(rest) = text.get(end..).filter(|t| !t.is_empty()) {
        pieces.push(Condition::text(rest));
    }
    match <[Condition; 1]>::try_from(pieces) {
        Ok([only]) => only,
        Err(pieces) => Condition::Call("format".to_owned(), pieces),
    }
}

/// Where the expressions of a text stand. Quoted braces don't end one.
fn spans(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + memchr::memmem::find(bytes.get(from..)?, b"${{")?;
        let mut quoted = false;
        let mut at = start + 3;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'\'' => quoted = !quoted,
                b'}' if !quoted && bytes.get(at + 1) == Some(&b'}') => {
                    from = at + 2;
                    return Some(start..from);
                }
                _ => {}
            }
            at += 1;
        }
        from = bytes.len();
        None
    })
}

/// What stands between the braces.
fn expression(text: &str) -> Condition {
    // The parser bounds how deep it goes, but not how long a chain of operators is, and
    // a chain is a tree as deep as it is long.
    // Most operators are two bytes long.
    let operators = text.bytes().filter(|b| b"&|=!<>,".contains(b)).count();
    if text.len() > LONGEST || operators > 2 * PARTS {
        return Condition::Unknown;
    }
    match Expr::parse(text.trim()) {
        Ok(parsed) => convert(&parsed.inner),
        Err(_) => Condition::Unknown,
    }
}

fn convert(expr: &Expr<'_>) -> Condition {
    match expr {
        Expr::Literal(literal) => Condition::Literal(value(literal)),
        Expr::Star => Condition::text("*"),
        Expr::Call(call) => Condition::Call(
            function(call.func).to_owned(),
            call.args.iter().map(|arg| convert(&arg.inner)).collect(),
        ),
        Expr::Identifier(name) => Condition::reference([name.as_str()]),
        Expr::Index(inner) => convert(&inner.inner),
        Expr::Context(context) => reference(context),
        Expr::BinExpr(BinExpr { lhs, op, rhs }) => {
            let (left, right) = (convert(&lhs.inner), convert(&rhs.inner));
            let op = match op {
                BinOp::And => return Condition::all([left, right]),
                BinOp::Or => return Condition::any([left, right]),
                BinOp::Eq => Op::Equal,
                BinOp::Neq => Op::Unequal,
                BinOp::Gt => Op::Greater,
                BinOp::Ge => Op::AtLeast,
                BinOp::Lt => Op::Less,
                BinOp::Le => Op::AtMost,
            };
            Condition::compare(op, left, right)
        }
        Expr::UnExpr { expr, .. } => Condition::Not(Box::new(convert(&expr.inner))),
    }
}

/// A path. An entry of what a call gives, or by a name that is computed, is a call of
/// `index`, so that nothing that is read is lost.
fn reference(context: &Context<'_>) -> Condition {
    let mut parts = Vec::new();
    let mut computed = Vec::new();
    for part in &context.parts {
        let index = match &part.inner {
            Expr::Identifier(name) => {
                parts.push(name.as_str().to_owned());
                continue;
            }
            Expr::Index(index) => &index.inner,
            other => other,
        };
        match index {
            Expr::Star => parts.push("*".to_owned()),
            Expr::Literal(literal) => parts.push(literal.as_str().into_owned()),
            other => {
                if !parts.is_empty() {
                    parts.push("*".to_owned());
                }
                computed.push(convert(other));
            }
        }
    }
    // A head that is no name is what the rest is taken from.
    let headless = !matches!(
        context.parts.first().map(|part| &part.inner),
        Some(Expr::Identifier(_))
    );
    if computed.is_empty() {
        return Condition::reference(parts);
    }
    let mut args = Vec::new();
    if headless {
        let names = parts.into_iter().map(|name| Condition::text(&name));
        args.extend(computed.into_iter().chain(names));
    } else {
        args.push(Condition::reference(parts));
        args.extend(computed);
    }
    Condition::Call("index".to_owned(), args)
}

fn value(literal: &Literal<'_>) -> Value {
    match literal {
        Literal::Number(number) => Value::Number(*number),
        Literal::String(text) => Value::Text(text.clone().into_owned()),
        Literal::Boolean(truth) => Value::Bool(*truth),
        Literal::Null => Value::Null,
    }
}

const fn function(function: call::Function) -> &'static str {
    use call::Function;
    match function {
        Function::Contains => "contains",
        Function::StartsWith => "startswith",
        Function::EndsWith => "endswith",
        // A template's braces aren't filled in: `format` here puts texts together.
        Function::Format => "template",
        Function::Join => "join",
        Function::ToJSON => "tojson",
        Function::FromJSON => "fromjson",
        Function::HashFiles => "hashfiles",
        Function::Case => "case",
        Function::Success => "success",
        Function::Always => "always",
        Function::Cancelled => "cancelled",
        Function::Failure => "failure",
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Condition, Op, Truth, Value};
    use super::{condition, expressions};

    fn path(parts: &[&str]) -> Condition {
        Condition::reference(parts.iter().copied())
    }

    #[test]
    fn both_ways_to_name_an_entry_are_one() {
        for text in [
            "secrets.KEY",
            "secrets['KEY']",
            "SECRETS.KEY",
            " ${{secrets.KEY}}".trim(),
        ] {
            assert_eq!(condition(text), path(&["secrets", "KEY"]), "{text}");
        }
        assert_eq!(
            condition("github.event.pull_request.labels.*.name"),
            path(&["github", "event", "pull_request", "labels", "*", "name"])
        );
        assert_eq!(condition("a.b[0]"), path(&["a", "b", "0"]));
    }

    #[test]
    fn a_computed_name_keeps_what_it_reads() {
        let condition = condition("secrets[format('KEY_{0}', matrix.env)]");
        assert!(condition.reads("secrets", "*"));
        assert!(condition.reads("matrix", "env"));
        let condition = super::condition("fromJSON(needs.plan.outputs.all).deploy");
        let read: Vec<_> = condition.references().collect();
        assert_eq!(read, [["needs", "plan", "outputs", "all"].as_slice()]);
    }

    #[test]
    fn operators_bind_as_github_s() {
        let (a, b, c) = (path(&["a"]), path(&["b"]), path(&["c"]));
        assert_eq!(
            condition("a || !b && c == 'x'"),
            Condition::any([
                a,
                Condition::all([
                    b.negated(),
                    Condition::compare(Op::Equal, c, Condition::text("x"))
                ])
            ])
        );
    }

    #[test]
    fn every_expression_of_a_text_has_its_place() {
        let text = "echo ${{ github.actor }} ${{ '}}' }} ${{ 1 +  }} ${{ open";
        let found = expressions(text);
        let texts: Vec<_> = found
            .iter()
            .filter_map(|(r, _)| text.get(r.clone()))
            .collect();
        assert_eq!(texts, ["${{ github.actor }}", "${{ '}}' }}", "${{ 1 +  }}"]);
        let conditions: Vec<_> = found.into_iter().map(|(_, c)| c).collect();
        assert_eq!(
            conditions,
            [
                path(&["github", "actor"]),
                Condition::text("}}"),
                Condition::Unknown
            ]
        );
    }

    #[test]
    fn text_beside_braces_always_holds() {
        for text in [
            "${{ false }} && x",
            "${{ false }}\n",
            "x ${{ github.actor }}",
        ] {
            assert!(condition(text).is_always_true(), "{text:?}");
        }
        assert!(condition("${{ false }}").is_never());
        assert!(condition("false").is_never());
        assert!(condition("true").is_always_true());
        assert!(condition("").is_always_true());
        let both = condition("${{ github.actor }} && inputs.x");
        assert!(both.reads("github", "actor"));
    }

    #[test]
    fn what_is_too_much_or_wrong_is_unknown() {
        for text in [
            "(".repeat(10_000) + "a" + &")".repeat(10_000),
            "!".repeat(10_000) + "a",
            "a && ".repeat(20_000) + "a",
            "a == ".repeat(20_000) + "a",
            "a".repeat(100_000),
            "nothing(1)".to_owned(),
            "a && && b".to_owned(),
            "\"a\" == 'a'".to_owned(),
            "é == 'a'".to_owned(),
        ] {
            assert_eq!(condition(&text), Condition::Unknown);
        }
        let many = "${{ a }}".repeat(20_000);
        assert_eq!(expressions(&many).len(), 20_000);
        assert!(expressions(&"${{ '".repeat(20_000)).is_empty());
    }

    #[test]
    fn a_list_written_as_json_is_known() {
        let condition = condition("contains(fromJSON('[\"bot\", \"ci\"]'), github.actor)");
        let with = |actor: &'static str| {
            condition.evaluate(&|question| {
                matches!(question, super::super::Question::Reference(_)).then(|| Value::from(actor))
            })
        };
        assert_eq!(with("Bot"), Truth::True);
        assert_eq!(with("me"), Truth::False);
    }
}
