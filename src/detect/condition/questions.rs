//! What rules ask a condition.

use super::evaluate::Question;
use super::{Condition, Op, Truth, Value, pattern, same_path};

/// How many values or switches of a condition are tried; each is an evaluation.
pub(super) const ASKED: usize = 32;

/// A value that no condition compares with.
const OTHER: &str = "\u{1}";

impl Condition {
    /// Every path that is read, in the order of the text.
    pub(crate) fn references(&self) -> impl Iterator<Item = &[String]> {
        self.parts().filter_map(|part| match part {
            Self::Reference(path) => Some(path.as_slice()),
            _ => None,
        })
    }

    /// Whether the condition reads this entry of a context.
    pub(crate) fn reads(&self, context: &str, name: &str) -> bool {
        self.references()
            .any(|path| same_path(path, &[context, name]))
    }

    /// Whether the condition holds never, whatever is the case.
    pub(crate) fn is_never(&self) -> bool {
        self.evaluate(&|_| None) == Truth::False
    }

    /// Whether the condition holds whatever is the case, as far as it can ask.
    pub(crate) fn is_always_true(&self) -> bool {
        self.evaluate(&|_| None) == Truth::True
    }

    /// Whether the condition asks how what came before has ended. On GitHub one that
    /// doesn't stands behind an unwritten `success()`.
    pub(crate) fn asks_for_state(&self) -> bool {
        self.parts()
            .any(|part| matches!(part, Self::Call(name, _) if STATES.contains(&name.as_str())))
    }

    /// Whether the condition can hold when all that came before has failed.
    pub(crate) fn runs_after_failure(&self) -> bool {
        self.asks_for_state() && self.with_failed(|_| true) != Truth::False
    }

    /// Whether the condition can hold when this one job or step before has failed and
    /// all others haven't.
    pub(crate) fn runs_despite(&self, job: &str) -> bool {
        let failed = |name: &str| name == "*" || name.eq_ignore_ascii_case(job);
        self.asks_for_state() && self.with_failed(failed) != Truth::False
    }

    fn with_failed(&self, failed: impl Fn(&str) -> bool) -> Truth {
        self.evaluate(&|question| match question {
            Question::Reference(path) => result(path, &failed),
            Question::Call(name, args) => state(name, args, &failed).map(Value::Bool),
            Question::Compare(..) => None,
        })
    }

    /// The texts of which the path must be one, or contain or begin with one, for the
    /// condition to hold. Empty where it can hold without.
    pub(crate) fn requires_equal(&self, path: &[&str]) -> Vec<String> {
        if self.with(path, &OTHER.into()) != Truth::False {
            return Vec::new();
        }
        let mut texts = self.compared_with(path);
        texts.retain(|text| self.with(path, &text.as_str().into()) != Truth::False);
        texts
    }

    /// The texts with which the condition doesn't hold, though it can with another:
    /// who or what is left out.
    pub(crate) fn excludes(&self, path: &[&str]) -> Vec<String> {
        if self.with(path, &OTHER.into()) == Truth::False {
            return Vec::new();
        }
        let mut texts = self.compared_with(path);
        texts.retain(|text| self.with(path, &text.as_str().into()) == Truth::False);
        texts
    }

    /// The inputs, parameters and variables that keep the condition from holding when
    /// they are on: `!inputs.skip`, `$SKIP != "1"`.
    pub(crate) fn switched_off_by(&self) -> Vec<&[String]> {
        let mut out = self.switches();
        out.retain(|path| {
            self.any_of(path, &on(), |truth| truth == Truth::False)
                && self.any_of(path, &off(), |truth| truth != Truth::False)
        });
        out
    }

    /// The inputs, parameters and variables that have to be on for the condition to
    /// hold.
    pub(crate) fn needed_switches(&self) -> Vec<&[String]> {
        let unset = [Value::Null, Value::Bool(false)];
        let mut out = self.switches();
        out.retain(|path| {
            self.any_of(path, &unset, |truth| truth == Truth::False)
                && self.any_of(path, &on(), |truth| truth != Truth::False)
        });
        out
    }

    fn any_of(&self, path: &[String], values: &[Value], test: fn(Truth) -> bool) -> bool {
        values.iter().any(|value| test(self.with(path, value)))
    }

    /// Whether the condition holds when the path stands for this value.
    fn with<S: AsRef<str>>(&self, path: &[S], value: &Value) -> Truth {
        self.evaluate(&|question| match question {
            Question::Reference(asked) if same_path(asked, path) => Some(value.clone()),
            _ => None,
        })
    }

    /// What the condition reads that a person or a setting gives, each once.
    fn switches(&self) -> Vec<&[String]> {
        let mut out: Vec<&[String]> = Vec::new();
        for path in self.references().filter(|path| is_switch(path)) {
            if !out.iter().any(|other| same_path(other, path)) {
                out.push(path);
            }
            if out.len() == ASKED {
                break;
            }
        }
        out
    }

    /// The texts that a path is compared with, each once.
    fn compared_with(&self, path: &[&str]) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        let is = |c: &Self| matches!(c, Self::Reference(p) if same_path(p, path));
        for part in self.parts() {
            let texts = match part {
                Self::Compare(op, left, right) if is(left) => texts(*op, right),
                Self::Compare(op, left, right) if is(right) => texts(*op, left),
                Self::Call(name, args) => match (name.as_str(), args.as_slice()) {
                    ("contains" | "startswith" | "endswith", [whole, part]) if is(whole) => {
                        texts(Op::Equal, part)
                    }
                    ("contains", [whole, part]) if is(part) => entries(whole),
                    _ => Vec::new(),
                },
                _ => Vec::new(),
            };
            for text in texts {
                if out.len() == ASKED {
                    return out;
                }
                if !out.contains(&text) {
                    out.push(text);
                }
            }
        }
        out
    }
}

/// Functions that say how what came before has ended.
const STATES: [&str; 5] = [
    "success",
    "failure",
    "cancelled",
    "always",
    "succeededorfailed",
];

/// The texts that a literal stands for on the other side of a comparison.
fn texts(op: Op, literal: &Condition) -> Vec<String> {
    let Some(text) = literal.known().and_then(|value| value.text()) else {
        return Vec::new();
    };
    match op {
        Op::Matches | Op::MatchesNot => {
            pattern::plain(&text).map_or_else(Vec::new, |plain| plain.texts().collect())
        }
        _ => vec![text],
    }
}

/// The entries of a list, or of a text that is used as one: `'main,next'`.
fn entries(list: &Condition) -> Vec<String> {
    match list.known() {
        Some(Value::List(items)) => items.iter().filter_map(Value::text).collect(),
        Some(Value::Text(text)) => text
            .split([',', ' ', '"', '\'', '|', '\n'])
            .filter(|entry| entry.contains(char::is_alphanumeric))
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether a path is something that is turned on and off from outside.
fn is_switch(path: &[String]) -> bool {
    let name = |at: usize| path.get(at).map_or("", String::as_str);
    match name(0) {
        "inputs" | "vars" | "env" | "variables" | "parameters" => path.len() == 2,
        "github" | "gitea" => {
            path.len() == 4
                && name(1).eq_ignore_ascii_case("event")
                && ["inputs", "client_payload"]
                    .iter()
                    .any(|from| name(2).eq_ignore_ascii_case(from))
        }
        "pipeline" => path.len() == 3 && name(1).eq_ignore_ascii_case("parameters"),
        _ => false,
    }
}

fn on() -> [Value; 5] {
    [
        true.into(),
        "true".into(),
        "1".into(),
        "yes".into(),
        "on".into(),
    ]
}

fn off() -> [Value; 5] {
    [
        Value::Null,
        false.into(),
        "false".into(),
        "0".into(),
        "".into(),
    ]
}

/// What a state function gives once something has failed. Azure's take the names of the
/// jobs that are meant.
fn state(name: &str, args: &[Condition], failed: &impl Fn(&str) -> bool) -> Option<bool> {
    let mut names = args.iter().filter_map(|arg| match arg {
        Condition::Literal(Value::Text(name)) => Some(name.as_str()),
        _ => None,
    });
    let any = args.is_empty() || names.any(failed);
    match name {
        "success" => Some(!any),
        "failure" => Some(any),
        "cancelled" => Some(false),
        "always" | "succeededorfailed" => Some(true),
        _ => None,
    }
}

/// What `needs.scan.result` and its like are once something has failed. The words are
/// GitHub's and Azure's own.
fn result(path: &[String], failed: &impl Fn(&str) -> bool) -> Option<Value> {
    let (context, rest) = path.split_first()?;
    let (last, names) = rest.split_last()?;
    let (bad, good) = match (context.as_str(), last.to_ascii_lowercase().as_str()) {
        ("needs", "result") | ("steps", "outcome" | "conclusion") => ("failure", "success"),
        ("dependencies" | "stagedependencies", "result") => ("Failed", "Succeeded"),
        _ => return None,
    };
    if names.is_empty() {
        return None;
    }
    if names.iter().any(|name| name == "*") {
        // Whether others are there that haven't failed shows in a name that none has.
        let mut all = vec![bad.into()];
        if !failed(OTHER) {
            all.push(good.into());
        }
        return Some(Value::List(all));
    }
    let any = names.iter().any(|name| failed(name));
    Some(if any { bad } else { good }.into())
}
