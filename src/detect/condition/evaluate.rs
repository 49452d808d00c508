//! What becomes of a condition when some of what it asks is known.

use std::cmp::Ordering;

use super::{Condition, Op, Value, pattern};

/// Whether a condition holds, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    True,
    False,
    /// Depends on what isn't known.
    Unknown,
}

/// What the asker may fix before the condition is evaluated.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Question<'c> {
    /// What a path stands for.
    Reference(&'c [String]),
    /// What a function gives for these arguments.
    Call(&'c str, &'c [Condition]),
    /// What a comparison gives.
    Compare(Op, &'c Condition, &'c Condition),
}

/// What the asker knows.
pub(super) type Answer<'a> = &'a dyn Fn(Question<'_>) -> Option<Value>;

/// A truth, and the value it is the truth of where that is known: of `x || 'a'` the
/// truth is known, the value isn't.
struct Outcome {
    truth: Truth,
    value: Option<Value>,
}

impl From<bool> for Truth {
    fn from(truth: bool) -> Self {
        if truth { Self::True } else { Self::False }
    }
}

impl From<Option<Value>> for Outcome {
    fn from(value: Option<Value>) -> Self {
        Self {
            truth: value.as_ref().map_or(Truth::Unknown, |v| v.truth().into()),
            value,
        }
    }
}

impl Outcome {
    const fn only(truth: Truth) -> Self {
        Self { truth, value: None }
    }
}

impl Condition {
    /// Whether the condition holds, given the answers; what isn't answered is unknown.
    /// `always()` holds unless it is answered otherwise.
    pub(crate) fn evaluate(&self, answer: Answer<'_>) -> Truth {
        self.outcome(answer).truth
    }

    /// The value that the condition is, if it reads nothing.
    pub(super) fn known(&self) -> Option<Value> {
        self.outcome(&|_| None).value
    }

    fn outcome(&self, answer: Answer<'_>) -> Outcome {
        match self {
            Self::Literal(value) => Some(value.clone()).into(),
            Self::Reference(path) => answer(Question::Reference(path)).into(),
            Self::Call(name, args) => match answer(Question::Call(name, args)) {
                Some(value) => Some(value).into(),
                None => call(name, args, answer),
            },
            Self::Not(inner) => match inner.outcome(answer).truth {
                Truth::True => Some(false.into()).into(),
                Truth::False => Some(true.into()).into(),
                Truth::Unknown => Outcome::only(Truth::Unknown),
            },
            Self::And(many) => junction(many, Truth::False, answer),
            Self::Or(many) => junction(many, Truth::True, answer),
            Self::Compare(op, left, right) => {
                let known = answer(Question::Compare(*op, left, right));
                let computed = || {
                    let left = left.outcome(answer).value?;
                    let right = right.outcome(answer).value?;
                    compare(*op, &left, &right).map(Value::Bool)
                };
                known.or_else(computed).into()
            }
            Self::Unknown => Outcome::only(Truth::Unknown),
        }
    }
}

/// `&&` or `||`: the first operand of the truth `decides` decides, and is the value;
/// else the last is.
fn junction(many: &[Condition], decides: Truth, answer: Answer<'_>) -> Outcome {
    let mut known = true;
    let mut last = Outcome::from(Some(Value::Bool(decides == Truth::False)));
    for condition in many {
        let outcome = condition.outcome(answer);
        if outcome.truth == decides {
            return if known {
                outcome
            } else {
                Outcome::only(decides)
            };
        }
        known &= outcome.truth != Truth::Unknown;
        last = outcome;
    }
    if known {
        last
    } else {
        Outcome::only(Truth::Unknown)
    }
}

fn call(name: &str, args: &[Condition], answer: Answer<'_>) -> Outcome {
    // Each argument once: calls may be nested deep.
    let mut args = args.iter().map(|arg| arg.outcome(answer).value);
    let given = match name {
        "always" => Some(Value::Bool(true)),
        "contains" => pair(args).and_then(|(whole, part)| contains(&whole, &part)),
        "startswith" => texts(args).map(|(whole, part)| whole.starts_with(&part).into()),
        "endswith" => texts(args).map(|(whole, part)| whole.ends_with(&part).into()),
        "fromjson" => args.next().flatten().and_then(|value| from_json(&value)),
        "tojson" | "join" => {
            let list = args.next().flatten();
            let between = args.next().flatten().and_then(|value| value.text());
            list.and_then(|list| joined(&list, between.as_deref().unwrap_or(",")))
        }
        "format" => return put_together(args),
        _ => None,
    };
    given.into()
}

fn pair(mut args: impl Iterator<Item = Option<Value>>) -> Option<(Value, Value)> {
    args.next().flatten().zip(args.next().flatten())
}

/// Two texts, in lower case.
fn texts(args: impl Iterator<Item = Option<Value>>) -> Option<(String, String)> {
    let (whole, part) = pair(args)?;
    Some((whole.text()?.to_lowercase(), part.text()?.to_lowercase()))
}

fn contains(whole: &Value, part: &Value) -> Option<Value> {
    if let Value::List(items) = whole {
        return Some(items.iter().any(|item| equal(item, part)).into());
    }
    let (whole, part) = (whole.text()?.to_lowercase(), part.text()?.to_lowercase());
    Some(whole.contains(&part).into())
}

fn from_json(value: &Value) -> Option<Value> {
    let json = serde_json::from_str(&value.text()?).ok()?;
    of_json(&json)
}

/// The entries of a list in one text.
fn joined(value: &Value, between: &str) -> Option<Value> {
    let Value::List(items) = value else {
        return value.text().map(Value::Text);
    };
    let texts: Option<Vec<String>> = items.iter().map(Value::text).collect();
    texts.map(|texts| Value::Text(texts.join(between)))
}

/// Texts put together hold as soon as one of them isn't empty, whatever the rest is.
fn put_together(args: impl Iterator<Item = Option<Value>>) -> Outcome {
    let mut whole = Some(String::new());
    let mut truth = Truth::False;
    for arg in args {
        let text = arg.and_then(|value| value.text());
        match &text {
            Some(text) if text.is_empty() => {}
            Some(_) => truth = Truth::True,
            None if truth == Truth::False => truth = Truth::Unknown,
            None => {}
        }
        whole = whole.zip(text).map(|(whole, text)| whole + &text);
    }
    Outcome {
        truth,
        value: whole.map(Value::Text),
    }
}

fn of_json(json: &serde_json::Value) -> Option<Value> {
    Some(match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::Number(number) => Value::Number(number.as_f64()?),
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Array(items) => Value::List(items.iter().filter_map(of_json).collect()),
        serde_json::Value::Object(_) => return None,
    })
}

/// Compares two values; text without its case, as GitHub and Azure do.
///
/// A truth value equals its name: GitHub says it doesn't, but inputs come both as truth
/// values and as text, and what was meant is the same.
fn compare(op: Op, left: &Value, right: &Value) -> Option<bool> {
    match op {
        Op::Equal => Some(equal(left, right)),
        Op::Unequal => Some(!equal(left, right)),
        Op::Matches => matches(left, right),
        Op::MatchesNot => matches(left, right).map(|truth| !truth),
        Op::Less => order(left, right).map(Ordering::is_lt),
        Op::AtMost => order(left, right).map(Ordering::is_le),
        Op::Greater => order(left, right).map(Ordering::is_gt),
        Op::AtLeast => order(left, right).map(Ordering::is_ge),
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Text(a), Value::Text(b)) => a.to_lowercase() == b.to_lowercase(),
        (Value::Bool(truth), Value::Text(text)) | (Value::Text(text), Value::Bool(truth)) => {
            text.eq_ignore_ascii_case(if *truth { "true" } else { "false" })
        }
        (Value::Null, Value::Text(text)) | (Value::Text(text), Value::Null) => text.is_empty(),
        (Value::Null, Value::Bool(truth)) | (Value::Bool(truth), Value::Null) => !truth,
        (Value::List(_), _) | (_, Value::List(_)) | (Value::Null, Value::Null) => left == right,
        _ => order(left, right).is_some_and(Ordering::is_eq),
    }
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    if let (Value::Text(a), Value::Text(b)) = (left, right) {
        return Some(a.to_lowercase().cmp(&b.to_lowercase()));
    }
    left.number()?.partial_cmp(&right.number()?)
}

/// What a pattern of plain text says; of any other it isn't known.
fn matches(value: &Value, wanted: &Value) -> Option<bool> {
    let Value::Text(source) = wanted else {
        return None;
    };
    Some(pattern::plain(source)?.matches(&value.text()?))
}

impl Value {
    /// Whether the value counts as true.
    fn truth(&self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty(),
            Self::Bool(truth) => *truth,
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Null => false,
            Self::List(_) => true,
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Text(text) if text.trim().is_empty() => Some(0.0),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Bool(truth) => Some(f64::from(u8::from(*truth))),
            Self::Number(number) => Some(*number),
            Self::Null => Some(0.0),
            Self::List(_) => None,
        }
    }

    /// The value as a text that functions look into.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Bool(truth) => Some(truth.to_string()),
            Self::Number(number) => Some(number.to_string()),
            Self::Null => Some(String::new()),
            Self::List(_) => None,
        }
    }
}
