//! Conditions of Azure Pipelines: `condition:` and the `${{ if }}` of templates.
//!
//! Facts: Microsoft Learn, "Expressions" and "Specify conditions" (Azure Pipelines).

use super::{Condition, DEEPEST, LONGEST, Op, PARTS, Value};

/// What a template's key decides: `${{ if … }}`, `${{ elseif … }}` or `${{ else }}`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Branch {
    If(Condition),
    /// Holds when no branch before it does.
    ElseIf(Condition),
    Else,
}

/// The condition of a stage, a job or a step.
///
/// A condition replaces the one that is there without it, `succeeded()`. So one that
/// asks for no state also holds after a failure: that is said by `always()`.
pub(crate) fn condition(text: &str) -> Condition {
    let condition = expression(text);
    if condition.asks_for_state() || condition == Condition::Unknown || condition.is_never() {
        return condition;
    }
    Condition::all([Condition::Call("always".to_owned(), Vec::new()), condition])
}

/// The condition in a template's key.
pub(crate) fn branch(key: &str) -> Option<Branch> {
    let inside = key.trim().strip_prefix("${{")?.strip_suffix("}}")?.trim();
    if inside == "else" {
        return Some(Branch::Else);
    }
    let (word, rest) = inside.split_once(|c: char| c.is_whitespace() || c == '(')?;
    // The bracket belongs to the condition.
    let rest = inside.get(inside.len() - rest.len() - 1..).unwrap_or(rest);
    match word {
        "if" => Some(Branch::If(expression(rest))),
        "elseif" => Some(Branch::ElseIf(expression(rest))),
        _ => None,
    }
}

/// An expression without or in its braces: `${{ … }}`, `$[ … ]`.
pub(crate) fn expression(text: &str) -> Condition {
    if text.len() > LONGEST {
        return Condition::Unknown;
    }
    let text = text.trim();
    if text.is_empty() {
        return Condition::constant(true);
    }
    let runtime = text.strip_prefix("$[").and_then(|t| t.strip_suffix(']'));
    let mut parser = Parser {
        rest: runtime.unwrap_or(text),
        depth: 0,
        parts: PARTS,
    };
    match parser.value() {
        Some(condition) if parser.space().is_empty() => condition,
        _ => Condition::Unknown,
    }
}

struct Parser<'t> {
    rest: &'t str,
    depth: usize,
    parts: usize,
}

impl<'t> Parser<'t> {
    fn space(&mut self) -> &'t str {
        self.rest = self.rest.trim_start();
        self.rest
    }

    fn take(&mut self, sign: &str) -> bool {
        match self.space().strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self) -> Option<Condition> {
        if self.depth == DEEPEST || self.parts == 0 {
            return None;
        }
        self.depth += 1;
        self.parts -= 1;
        let value = self.any_value();
        self.depth -= 1;
        value
    }

    fn any_value(&mut self) -> Option<Condition> {
        let first = self.space().chars().next()?;
        if self.take("${{") {
            let inner = self.value()?;
            return self.take("}}").then_some(inner);
        }
        if first == '\'' {
            return self.quoted();
        }
        if self.take("(") {
            let inner = self.value()?;
            return self.take(")").then_some(inner);
        }
        if let Some(name) = self.rest.strip_prefix("$(") {
            let (name, rest) = name.split_once(')')?;
            self.rest = rest;
            return Some(Condition::reference(["variables", name]));
        }
        let word = self.word()?;
        if first.is_ascii_digit() || first == '-' {
            // A version such as 1.2.3 is no number; nothing computes with it here.
            return Some(match word.parse() {
                Ok(number) => Condition::Literal(Value::Number(number)),
                Err(_) => Condition::text(word),
            });
        }
        match word.to_ascii_lowercase().as_str() {
            "true" => return Some(Condition::constant(true)),
            "false" => return Some(Condition::constant(false)),
            "null" => return Some(Condition::Literal(Value::Null)),
            _ => {}
        }
        if self.take("(") {
            let args = self.many(")")?;
            return Some(call(&word.to_ascii_lowercase(), args));
        }
        self.path(word)
    }

    fn word(&mut self) -> Option<&'t str> {
        let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '*');
        let end = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    /// The rest of `variables['Build.Reason']` or `dependencies.A.outputs['set.x']`.
    fn path(&mut self, word: &str) -> Option<Condition> {
        let mut parts: Vec<String> = Vec::new();
        // A variable's name may hold dots.
        match word.split_once('.') {
            Some((context, name)) if context.eq_ignore_ascii_case("variables") => {
                parts.extend([context.to_owned(), name.to_owned()]);
            }
            _ => parts.extend(word.split('.').map(str::to_owned)),
        }
        let mut computed = Vec::new();
        while self.take("[") {
            match self.value()? {
                Condition::Literal(value) => parts.push(value.text()?),
                other => {
                    parts.push("*".to_owned());
                    computed.push(other);
                }
            }
            if !self.take("]") {
                return None;
            }
            if self.rest.starts_with('.') {
                let more = self.word()?;
                parts.extend(more.split('.').skip(1).map(str::to_owned));
            }
        }
        let path = Condition::reference(parts);
        if computed.is_empty() {
            return Some(path);
        }
        computed.insert(0, path);
        Some(Condition::Call("index".to_owned(), computed))
    }

    fn many(&mut self, close: &str) -> Option<Vec<Condition>> {
        let mut out = Vec::new();
        while !self.take(close) {
            out.push(self.value()?);
            if !self.take(",") && !self.space().starts_with(close) {
                return None;
            }
        }
        Some(out)
    }

    /// A text. One that is nothing but a parameter or a variable is that one: templates
    /// put the value there before the condition is read.
    fn quoted(&mut self) -> Option<Condition> {
        let text = self.rest.strip_prefix('\'')?;
        let mut out = String::new();
        let mut characters = text.char_indices().peekable();
        while let Some((at, c)) = characters.next() {
            if c != '\'' {
                out.push(c);
            } else if characters.next_if(|(_, c)| *c == '\'').is_some() {
                out.push('\'');
            } else if out.starts_with("${{") && !out.ends_with("}}") {
                // The quote stands in the braces: `'${{ parameters['x'] }}'`.
                out.push('\'');
            } else {
                self.rest = text.get(at + 1..)?;
                return Some(self.inside(out));
            }
        }
        None
    }

    fn inside(&mut self, text: String) -> Condition {
        let trimmed = text.trim();
        let template = trimmed
            .strip_prefix("${{")
            .and_then(|t| t.strip_suffix("}}"));
        let one = template.filter(|inner| !inner.contains("${{"));
        if let Some(inner) = one {
            let rest = std::mem::take(&mut self.rest);
            let mut parser = Parser {
                rest: inner,
                depth: self.depth,
                parts: self.parts,
            };
            let value = parser.value().filter(|_| parser.space().is_empty());
            self.parts = parser.parts;
            self.rest = rest;
            return value.unwrap_or(Condition::Unknown);
        }
        let variable = trimmed.strip_prefix("$(").and_then(|t| t.strip_suffix(')'));
        if let Some(name) = variable.filter(|name| !name.contains('$')) {
            return Condition::reference(["variables", name]);
        }
        if text.contains("${{") || text.contains("$(") {
            return Condition::Unknown;
        }
        Condition::Literal(Value::Text(text))
    }
}

fn call(name: &str, args: Vec<Condition>) -> Condition {
    let op = match name {
        "eq" => Op::Equal,
        "ne" => Op::Unequal,
        "lt" => Op::Less,
        "le" => Op::AtMost,
        "gt" => Op::Greater,
        "ge" => Op::AtLeast,
        _ => return logic(name, args),
    };
    match <[Condition; 2]>::try_from(args) {
        Ok([left, right]) => Condition::compare(op, left, right),
        Err(_) => Condition::Unknown,
    }
}

fn logic(name: &str, args: Vec<Condition>) -> Condition {
    let name = match name {
        "and" => return Condition::all(args),
        "or" => return Condition::any(args),
        "in" => return entries(args),
        "notin" => return entries(args).negated(),
        "not" | "lower" | "upper" | "trim" => {
            // Text is compared without its case.
            return match (name, <[Condition; 1]>::try_from(args)) {
                ("not", Ok([inner])) => inner.negated(),
                (_, Ok([inner])) => inner,
                (_, Err(_)) => Condition::Unknown,
            };
        }
        "succeeded" => "success",
        "failed" => "failure",
        "canceled" => "cancelled",
        "containsvalue" => "contains",
        other => other,
    };
    Condition::Call(name.to_owned(), args)
}

/// `in(value, entry, …)`.
fn entries(args: Vec<Condition>) -> Condition {
    let mut args = args.into_iter();
    let Some(value) = args.next() else {
        return Condition::Unknown;
    };
    let equal = |entry| Condition::compare(Op::Equal, value.clone(), entry);
    Condition::any(args.map(equal))
}

#[cfg(test)]
mod tests {
    use super::super::{Condition, Op};
    use super::{Branch, branch, condition, expression};

    #[test]
    fn the_documented_forms_are_read() {
        let success = || Condition::Call("success".to_owned(), Vec::new());
        let source = || Condition::reference(["variables", "Build.SourceBranch"]);
        let skip = || Condition::reference(["parameters", "skip"]);
        let main = || Condition::text("refs/heads/main");
        for (text, expected) in [
            (
                "and(succeeded(), eq(variables['Build.SourceBranch'], 'refs/heads/main'))",
                Condition::all([success(), Condition::compare(Op::Equal, source(), main())]),
            ),
            (
                "ne(variables.Build.SourceBranch, 'it''s')",
                Condition::compare(Op::Unequal, source(), Condition::text("it's")),
            ),
            (
                "In(dependencies.A.result, 'Succeeded', 'Skipped')",
                Condition::any(["Succeeded", "Skipped"].map(|result| {
                    Condition::compare(
                        Op::Equal,
                        Condition::reference(["dependencies", "A", "result"]),
                        Condition::text(result),
                    )
                })),
            ),
            (
                "eq('${{ parameters.skip }}', 'true')",
                Condition::compare(Op::Equal, skip(), Condition::text("true")),
            ),
            (
                "eq(${{ parameters['skip'] }}, true)",
                Condition::compare(Op::Equal, skip(), Condition::constant(true)),
            ),
            (
                "eq('${{ parameters['skip'] }}', true)",
                Condition::compare(Op::Equal, skip(), Condition::constant(true)),
            ),
            ("${{ parameters.skip }}", skip()),
            (
                "not(contains(lower(variables['x']), '[skip]'))",
                Condition::contains(
                    Condition::reference(["variables", "x"]),
                    Condition::text("[skip]"),
                )
                .negated(),
            ),
            (
                "dependencies.A.outputs['set.x']",
                Condition::reference(["dependencies", "A", "outputs", "set.x"]),
            ),
            (
                "stageDependencies['A']['B'].result",
                Condition::reference(["stagedependencies", "A", "B", "result"]),
            ),
            ("$[ variables.x ]", Condition::reference(["variables", "x"])),
            ("eq(variables.x", Condition::Unknown),
            ("eq('a')", Condition::Unknown),
            ("'open", Condition::Unknown),
            ("a b", Condition::Unknown),
        ] {
            assert_eq!(expression(text), expected, "{text}");
        }
    }

    #[test]
    fn a_template_s_key_is_a_branch() {
        let skip = || Condition::reference(["parameters", "skip"]);
        for (key, expected) in [
            ("${{ if parameters.skip }}", Some(Branch::If(skip()))),
            ("${{ if(parameters.skip) }}", Some(Branch::If(skip()))),
            (
                "${{ elseif not(parameters.skip) }}",
                Some(Branch::ElseIf(skip().negated())),
            ),
            ("${{ else }}", Some(Branch::Else)),
            ("${{ each x in y }}", None),
            ("${{ insert }}", None),
            ("script", None),
        ] {
            assert_eq!(branch(key), expected, "{key}");
        }
    }

    #[test]
    fn a_condition_that_asks_for_no_state_holds_after_a_failure() {
        assert!(condition("eq(variables.x, 'y')").runs_after_failure());
        assert!(!condition("and(succeeded(), eq(variables.x, 'y'))").runs_after_failure());
        assert!(condition("succeededOrFailed()").runs_after_failure());
        assert!(condition("true").is_always_true());
        assert!(condition("false").is_never());
        assert!(!condition("what is this").runs_after_failure());
    }

    #[test]
    fn hostile_text_is_unknown() {
        let deep = "not(".repeat(10_000) + "true" + &")".repeat(10_000);
        for text in [
            deep,
            "and(".to_owned() + &"true,".repeat(20_000),
            "'${{".repeat(5_000),
        ] {
            assert_eq!(expression(&text), Condition::Unknown);
        }
    }
}
