//! Switches in what a person writes: a commit's message, a pull request's title or
//! label that makes a job run or not run.

use super::evaluate::Question;
use super::questions::ASKED;
use super::{Condition, Op, Truth, Value, same_path};

/// A text that switches a condition where a message, a title or a label has it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MessageSwitch {
    /// Where the text is looked for.
    pub(crate) path: Vec<String>,
    /// The text or the pattern that is looked for.
    pub(crate) literal: String,
    pub(crate) effect: Effect,
}

/// What the text does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// With it, the condition doesn't hold.
    Skips,
    /// Without it, the condition doesn't hold.
    Runs,
    /// With it, the condition holds whatever else it asks for.
    Eases,
}

/// A test of a message.
#[derive(PartialEq)]
struct Test<'c> {
    path: &'c [String],
    literal: &'c str,
    /// How the text is looked for; a test and its opposite are one.
    how: How,
    /// What the test gives when the message has the text.
    found: bool,
}

#[derive(PartialEq, Clone, Copy)]
enum How {
    Equal,
    Matches,
    Contains,
    Begins,
    Ends,
}

impl Condition {
    /// The texts that make the condition hold or not hold where a message, a title or a
    /// label has one of them.
    pub(crate) fn message_switches(&self) -> Vec<MessageSwitch> {
        let mut tests: Vec<Test<'_>> = Vec::new();
        for part in self.parts() {
            let test = match part {
                Self::Call(name, args) => of_call(name, args),
                Self::Compare(op, left, right) => of_comparison(*op, left, right),
                _ => None,
            };
            let test = test.filter(|test| !tests.iter().any(|other| other.same(test)));
            tests.extend(test);
            if tests.len() == ASKED {
                break;
            }
        }
        if tests.is_empty() {
            return Vec::new();
        }
        let without = self.with_texts(None);
        let switches = tests.into_iter().filter_map(|test| {
            let effect = match (self.with_texts(Some(&test)), without) {
                (Truth::False, Truth::True | Truth::Unknown) => Effect::Skips,
                (Truth::True | Truth::Unknown, Truth::False) => Effect::Runs,
                (Truth::True, Truth::Unknown) => Effect::Eases,
                _ => return None,
            };
            Some(MessageSwitch {
                path: test.path.to_vec(),
                literal: test.literal.to_owned(),
                effect,
            })
        });
        switches.collect()
    }

    /// Whether the condition holds when no message has a text but this one.
    fn with_texts(&self, there: Option<&Test<'_>>) -> Truth {
        self.evaluate(&|question| {
            let test = match question {
                Question::Reference(_) => None,
                Question::Call(name, args) => of_call(name, args),
                Question::Compare(op, left, right) => of_comparison(op, left, right),
            }?;
            let has = there.is_some_and(|there| there.same(&test));
            Some(Value::Bool(has == test.found))
        })
    }
}

impl Test<'_> {
    /// Whether both look for the same text in the same place.
    fn same(&self, other: &Self) -> bool {
        self.how == other.how && self.literal == other.literal && same_path(self.path, other.path)
    }
}

fn of_call<'c>(name: &str, args: &'c [Condition]) -> Option<Test<'c>> {
    let how = match name {
        "contains" => How::Contains,
        "startswith" => How::Begins,
        "endswith" => How::Ends,
        _ => return None,
    };
    let [whole, Condition::Literal(Value::Text(literal))] = args else {
        return None;
    };
    // The labels may be joined or written as JSON before.
    let path = whole.references().find(|path| is_message(path))?;
    Some(Test {
        path,
        literal,
        how,
        found: true,
    })
}

fn of_comparison<'c>(op: Op, left: &'c Condition, right: &'c Condition) -> Option<Test<'c>> {
    let ((Condition::Reference(path), Condition::Literal(Value::Text(literal)))
    | (Condition::Literal(Value::Text(literal)), Condition::Reference(path))) = (left, right)
    else {
        return None;
    };
    let (how, found) = match op {
        Op::Equal => (How::Equal, true),
        Op::Unequal => (How::Equal, false),
        Op::Matches => (How::Matches, true),
        Op::MatchesNot => (How::Matches, false),
        Op::Less | Op::AtMost | Op::Greater | Op::AtLeast => return None,
    };
    // That there is a message at all is no switch.
    let asks = !literal.is_empty() && is_message(path);
    asks.then_some(Test {
        path,
        literal,
        how,
        found,
    })
}

/// Whether a path stands for what a person wrote: the message of a commit, the title,
/// the description or a label of a pull request.
fn is_message(path: &[String]) -> bool {
    let lower: Vec<String> = path.iter().map(|part| part.to_ascii_lowercase()).collect();
    let parts: Vec<&str> = lower.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["github" | "gitea" | "forgejo", "event", rest @ ..] => is_event_message(rest),
        ["variables", name] => MESSAGES.contains(name),
        ["env", name] => MESSAGES.contains(name) || *name == "buildkite_message",
        ["travis", "commit_message"]
        | ["build", "message"]
        | ["build", "pull_request", "labels" | "title"]
        | ["pipeline", "event", .., "message" | "title" | "body"]
        | ["pipeline", "git", "commit", "subject" | "body"] => true,
        _ => false,
    }
}

/// The same for what stands below GitHub's event.
fn is_event_message(path: &[&str]) -> bool {
    matches!(
        path,
        [.., "commits", _, "message"]
            | [.., "head_commit", "message"]
            | ["pull_request" | "issue", "title" | "body"]
            | ["pull_request" | "issue", "labels", ..]
            | ["label", "name"]
    )
}

/// Variables that hold what a person wrote. Sources: GitLab Docs, "Predefined CI/CD
/// variables"; Microsoft Learn, "Predefined variables"; Travis CI Docs, "Environment
/// variables"; Drone Docs, "Environment".
const MESSAGES: [&str; 10] = [
    "ci_commit_message",
    "ci_commit_title",
    "ci_commit_description",
    "ci_merge_request_labels",
    "ci_merge_request_title",
    "ci_merge_request_description",
    "build.sourceversionmessage",
    "build_sourceversionmessage",
    "travis_commit_message",
    "drone_commit_message",
];
