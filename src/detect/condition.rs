//! Conditions of pipelines: when a job or a step runs.
//!
//! Every system has a language of its own for this. Each is read into one
//! [`Condition`], which can then be asked what a rule wants to know: whether it holds
//! after a failure, whom it lets past, which switch turns it off.
//!
//! Reading never fails: what can't be understood is [`Condition::Unknown`], and an
//! answer that depends on it is [`Truth::Unknown`].

pub(crate) mod azure;
pub(crate) mod buildkite;
pub(crate) mod circle;
pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod jenkins;
pub(crate) mod travis;
pub(crate) mod woodpecker;

mod evaluate;
mod infix;
mod message;
mod pattern;
mod questions;

#[cfg(test)]
mod tests;

pub(crate) use evaluate::{Question, Truth};
pub(crate) use message::{Effect, MessageSwitch};

/// The longest text that is read as a condition; GitHub reads no longer one either.
const LONGEST: usize = 21_000;

/// How deep a condition may be nested; GitHub's bound too.
const DEEPEST: usize = 50;

/// How many parts a condition may have. The longest seen in public workflows has fewer
/// than fifty.
const PARTS: usize = 400;

/// A condition, whichever system it was written for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    /// A value as written.
    Literal(Value),
    /// What is looked up when the condition is asked: `secrets.KEY` and `secrets['KEY']`
    /// are both `["secrets", "KEY"]`. The first part, the context, is in lower case,
    /// names are as written, `*` stands for every entry.
    Reference(Vec<String>),
    /// A function that is called; its name is in lower case. The states of what ran
    /// before are `success`, `failure`, `cancelled`, `always` and `succeededorfailed`
    /// in every system; `format` puts texts together; `index` takes an entry of what a
    /// call gives, or by a computed name.
    Call(String, Vec<Self>),
    /// Holds when the other doesn't.
    Not(Box<Self>),
    /// Holds when all do.
    And(Vec<Self>),
    /// Holds when one does.
    Or(Vec<Self>),
    /// Relates two values.
    Compare(Op, Box<Self>, Box<Self>),
    /// What wasn't understood.
    Unknown,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
    /// The text matches the pattern, which is a [`Value::Text`] without its slashes.
    Matches,
    MatchesNot,
}

/// A value that a condition computes with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Bool(bool),
    Number(f64),
    Null,
    /// Several values: what `*` selects, or a list that is written out.
    List(Vec<Self>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl Condition {
    /// The literal text.
    pub(crate) fn text(text: &str) -> Self {
        Self::Literal(text.into())
    }

    /// What always holds, or never does.
    pub(crate) const fn constant(truth: bool) -> Self {
        Self::Literal(Value::Bool(truth))
    }

    /// A reference; the context's case is taken off.
    pub(crate) fn reference<S: Into<String>>(parts: impl IntoIterator<Item = S>) -> Self {
        let mut parts: Vec<String> = parts.into_iter().map(Into::into).collect();
        if let Some(context) = parts.first_mut() {
            context.make_ascii_lowercase();
        }
        Self::Reference(parts)
    }

    /// Holds when this doesn't: `unless`, a rule that says `never`.
    pub(crate) fn negated(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// Holds when all do; a job's condition and its step's, say.
    pub(crate) fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        let mut out = Vec::new();
        for condition in conditions {
            match condition {
                Self::And(inner) => out.extend(inner),
                other => out.push(other),
            }
        }
        single(out, Self::And)
    }

    /// Holds when one does.
    pub(crate) fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        let mut out = Vec::new();
        for condition in conditions {
            match condition {
                Self::Or(inner) => out.extend(inner),
                other => out.push(other),
            }
        }
        single(out, Self::Or)
    }

    pub(crate) fn compare(op: Op, left: Self, right: Self) -> Self {
        Self::Compare(op, Box::new(left), Box::new(right))
    }

    /// Whether the text holds the needle, or the list the entry.
    fn contains(whole: Self, part: Self) -> Self {
        Self::Call("contains".to_owned(), vec![whole, part])
    }

    /// The conditions right below.
    fn below(&self) -> Vec<&Self> {
        match self {
            Self::Literal(_) | Self::Reference(_) | Self::Unknown => Vec::new(),
            Self::Not(inner) => vec![inner],
            Self::Call(_, many) | Self::And(many) | Self::Or(many) => many.iter().collect(),
            Self::Compare(_, left, right) => vec![left, right],
        }
    }

    /// Every part, this first, in the order of the text.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Self> {
        let mut waiting = vec![self];
        std::iter::from_fn(move || {
            let next = waiting.pop()?;
            waiting.extend(next.below().into_iter().rev());
            Some(next)
        })
    }
}

fn single(mut conditions: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    if conditions.len() == 1 {
        conditions.pop().unwrap_or(Condition::Unknown)
    } else {
        join(conditions)
    }
}

/// Whether two paths name the same; systems don't tell names by their case.
fn same_path<A: AsRef<str>, B: AsRef<str>>(one: &[A], other: &[B]) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|(a, b)| a.as_ref().eq_ignore_ascii_case(b.as_ref()))
}
