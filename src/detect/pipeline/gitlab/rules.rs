//! When a job of GitLab's runs: `rules`, `when`, `only` and `except`, said as conditions,
//! triggers and gates.
//!
//! Conditions are written as `rules:if` are, with three signs more: `always()` and
//! `failure()` for a job that runs after others failed, and `$changes` for what a rule
//! asks of the files that a change touches.
//!
//! Facts: GitLab Docs, "CI/CD YAML syntax reference" (`rules`, `when`, `allow_failure`,
//! `only` and `except`) and "Predefined CI/CD variables reference".

use crate::detect::condition::{self, Condition};
use std::borrow::Cow;

use super::super::cursor::{Cursor, Entry};
use super::super::{Gate, GateKind, Lenience, Setting, Text, Trigger, TriggerKind, When};
use super::config::Body;
use crate::document::Span;

/// Most rules of one job that are read; with more its conditions aren't known.
const MOST: usize = 40;

/// When a job runs, and who or what lets it.
#[derive(Default)]
pub(super) struct Start {
    pub(super) conditions: Vec<When>,
    pub(super) triggers: Vec<Trigger>,
    pub(super) gates: Vec<Gate>,
    pub(super) may_fail: Option<Lenience>,
    /// Whether later stages don't wait for it: a button that nobody has to press.
    pub(super) optional: bool,
    /// The variables that its rules set.
    pub(super) variables: Vec<Setting>,
}

/// One of the rules.
struct Rule<'f> {
    item: Cursor<'f>,
    /// What has to hold; nothing if it always does.
    holds: Option<String>,
    when: &'f str,
    lenience: Option<Lenience>,
}

/// Reads when a job runs.
pub(super) fn start(body: &Body<'_, '_>) -> Start {
    if let Some(entry) = body.member("rules") {
        return by_rules(body, entry.at);
    }
    let mut out = Start::default();
    let when = body.member("when");
    let word = body.str("when").unwrap_or("on_success");
    let at = when.map_or(body.at, |entry| entry.whole());
    out.conditions
        .extend(state(word).map(|text| read(here(text.to_owned(), at))));
    out.gates.extend(gate(word, at));
    let said = body.member("allow_failure");
    out.may_fail = said.as_ref().and_then(lenience);
    // Outside of rules, a button may be left alone.
    if word == "manual" && said.is_none() {
        out.may_fail = Some(Lenience {
            key: "when: manual".into(),
            span: at,
        });
    }
    out.optional = word == "manual" && out.may_fail.is_some();
    for (key, not) in [("only", false), ("except", true)] {
        if let Some(entry) = body.member(key) {
            only(body, &entry, not, &mut out);
        }
    }
    out
}

/// What `workflow:rules` let start a pipeline.
pub(super) fn of_workflow(items: &[Cursor<'_>]) -> Vec<Trigger> {
    let mut out = Vec::new();
    for item in items.iter().take(MOST) {
        if item.get("when").and_then(|when| when.str()) == Some("never") {
            continue;
        }
        let Some(text) = item.get("if").and_then(|text| text.text()) else {
            return Vec::new();
        };
        if !sources(&text, &mut out) {
            return Vec::new();
        }
    }
    out
}

fn by_rules(body: &Body<'_, '_>, at: Span) -> Start {
    let mut out = Start::default();
    let list = body.get("rules").and_then(|list| list.top());
    let Some(items) = list.and_then(|list| body.config.all_items(list)) else {
        // One that isn't known could decide before the others.
        return out;
    };
    let whole = body.str("when").unwrap_or("on_success");
    let said = body.member("allow_failure").as_ref().and_then(lenience);
    let rules: Vec<Rule<'_>> = items
        .iter()
        .take(MOST)
        .map(|item| rule(*item, whole, said.as_ref()))
        .collect();
    let runs: Vec<&Rule<'_>> = rules.iter().filter(|rule| rule.when != "never").collect();
    if (1..=MOST).contains(&items.len())
        && let Some(condition) = first_match(&rules)
    {
        // A single condition is pointed at itself.
        let single = match rules.as_slice() {
            [only] => only.item.get("if").and_then(|text| text.text()),
            _ => None,
        };
        let text = match single {
            Some(text) => Text {
                text: condition,
                ..text
            },
            None => here(condition, at),
        };
        out.conditions.push(read(text));
    }
    let alike = |test: &dyn Fn(&Rule<'_>) -> bool| !runs.is_empty() && runs.iter().all(|r| test(r));
    if alike(&|rule| gate(rule.when, at).is_some()) {
        let place = |rule: &&Rule<'_>| {
            let when = rule.item.member("when").map(|when| when.whole());
            gate(rule.when, when.unwrap_or(at))
        };
        out.gates = runs.iter().filter_map(place).take(1).collect();
    }
    if alike(&|rule| rule.lenience.is_some()) {
        out.may_fail = runs.first().and_then(|rule| rule.lenience.clone());
    }
    out.optional = alike(&|rule| rule.when == "manual" && rule.lenience.is_some());
    let all_known = runs.iter().all(|rule| {
        let text = rule.item.get("if").and_then(|text| text.text());
        text.is_some_and(|text| sources(&text, &mut out.triggers))
    });
    if !all_known {
        out.triggers.clear();
    }
    for rule in &runs {
        let variables = rule.item.get("variables");
        out.variables
            .extend(variables.map_or(Vec::new(), |v| v.settings()));
    }
    out
}

fn rule<'f>(item: Cursor<'f>, whole: &'f str, said: Option<&Lenience>) -> Rule<'f> {
    let text = item.get("if").and_then(|text| text.str());
    let files = ["changes", "exists"]
        .iter()
        .any(|key| item.get(key).is_some());
    let holds = match (text, files) {
        (Some(text), true) => Some(format!("({text}) && $changes")),
        (Some(text), false) => Some(text.to_owned()),
        (None, true) => Some("$changes".to_owned()),
        (None, false) => None,
    };
    let allows = item.member("allow_failure");
    Rule {
        item,
        holds,
        when: item
            .get("when")
            .and_then(|when| when.str())
            .unwrap_or(whole),
        lenience: match allows {
            Some(entry) => lenience(&entry),
            None => said.cloned(),
        },
    }
}

/// The condition that a list of rules makes, of which the first that holds decides;
/// nothing if it always holds.
fn first_match(rules: &[Rule<'_>]) -> Option<String> {
    let mut out = Some("false".to_owned());
    for rule in rules.iter().rev() {
        let holds = rule.holds.as_deref();
        let rest = out.as_deref();
        out = if rule.when == "never" {
            let not = holds.map(|holds| format!("!({holds})"));
            match (not, rest) {
                (None, _) | (_, Some("false")) => Some("false".to_owned()),
                (Some(not), None) => Some(not),
                (Some(not), Some(rest)) => Some(format!("{not} && ({rest})")),
            }
        } else {
            let holds = match (holds, state(rule.when)) {
                (Some(holds), Some(state)) => Some(Cow::Owned(format!("({holds}) && {state}"))),
                (Some(holds), None) => Some(Cow::Borrowed(holds)),
                (None, state) => state.map(Cow::Borrowed),
            };
            match (holds, rest) {
                (None, _) | (_, None) => None,
                (Some(holds), Some("false")) => Some(holds.into_owned()),
                (Some(holds), Some(rest)) => Some(format!("({holds}) || {rest}")),
            }
        };
    }
    out
}

/// What a word of `when` says of jobs that failed before.
fn state(when: &str) -> Option<&'static str> {
    match when {
        "always" => Some("always()"),
        "on_failure" => Some("failure()"),
        "never" => Some("false"),
        _ => None,
    }
}

/// A condition with what it says; the words of [`state`] are no language of GitLab's.
fn read(text: Text) -> When {
    let call = |name: &str| Condition::Call(name.to_owned(), Vec::new());
    let condition = match text.text.as_str() {
        "always()" => call("always"),
        "failure()" => call("failure"),
        "false" => Condition::constant(false),
        other => condition::gitlab::condition(other),
    };
    When { text, condition }
}

fn gate(when: &str, span: Span) -> Option<Gate> {
    let kind = match when {
        "manual" => GateKind::Button,
        "delayed" => GateKind::Timer,
        _ => return None,
    };
    Some(Gate {
        kind,
        span,
        approvers: Vec::new(),
    })
}

/// `allow_failure: true`; one that names exit codes lets only those pass.
fn lenience(entry: &Entry<'_>) -> Option<Lenience> {
    (entry.value.truth() == Some(true)).then(|| Lenience {
        key: "allow_failure".into(),
        span: entry.whole(),
    })
}

fn here(text: String, span: Span) -> Text {
    Text {
        text,
        span,
        defined: None,
    }
}

/// `only` and `except`: what starts the job, or keeps it from starting.
fn only<'f>(body: &Body<'_, 'f>, entry: &Entry<'f>, not: bool, out: &mut Start) {
    let value = entry.value;
    let refs = value.get("refs").unwrap_or(value);
    let mut refused = Vec::new();
    for name in body.config.items(refs).iter().filter_map(Cursor::text) {
        if not {
            refused.push(refusal(&name.text));
        } else {
            out.triggers.push(trigger(&name));
        }
    }
    let variables = value.get("variables");
    let asked = variables.map_or(Vec::new(), |list| body.config.items(list));
    let asked: Vec<&str> = asked.iter().filter_map(Cursor::str).collect();
    let files = value.get("changes").is_some();
    let mut all = Vec::new();
    if not {
        all.extend(refused);
        all.extend(asked.iter().map(|text| format!("!({text})")));
        all.extend(files.then(|| "!($changes)".to_owned()));
    } else {
        all.extend((!asked.is_empty()).then(|| match asked.as_slice() {
            [one] => (*one).to_owned(),
            many => format!("({})", many.join(") || (")),
        }));
        all.extend(files.then(|| "$changes".to_owned()));
    }
    out.conditions.extend(
        all.into_iter()
            .take(MOST)
            .map(|text| read(here(text, entry.at))),
    );
}

/// A name of `only`: a word for what starts a pipeline, or a branch.
fn trigger(name: &Text) -> Trigger {
    let (kind, branch) = match name.text.as_str() {
        "branches" | "pushes" => (TriggerKind::Push, false),
        "tags" => (TriggerKind::Release, false),
        word => match source(word.strip_suffix('s').unwrap_or(word)) {
            TriggerKind::Other => (TriggerKind::Push, true),
            kind => (kind, false),
        },
    };
    let branches = branch.then(|| name.text.clone());
    Trigger {
        kind,
        name: if branch { "push" } else { &name.text }.to_owned(),
        span: name.span,
        branches: branches.into_iter().collect(),
    }
}

/// What a name of `except` says as a condition.
fn refusal(name: &str) -> String {
    match trigger(&here(name.to_owned(), Span::default())).kind {
        TriggerKind::Push if name == "branches" => "!($CI_COMMIT_BRANCH)".to_owned(),
        TriggerKind::Push if name == "pushes" => "$CI_PIPELINE_SOURCE != \"push\"".to_owned(),
        TriggerKind::Push if name.starts_with('/') => format!("$CI_COMMIT_REF_NAME !~ {name}"),
        TriggerKind::Push => format!("$CI_COMMIT_REF_NAME != \"{name}\""),
        TriggerKind::Release => "!($CI_COMMIT_TAG)".to_owned(),
        TriggerKind::Review => "$CI_PIPELINE_SOURCE != \"merge_request_event\"".to_owned(),
        _ => {
            let word = name.strip_suffix('s').unwrap_or(name);
            format!("$CI_PIPELINE_SOURCE != \"{word}\"")
        }
    }
}

/// A value of `CI_PIPELINE_SOURCE`.
fn source(word: &str) -> TriggerKind {
    match word {
        "push" | "webide" => TriggerKind::Push,
        "merge_request_event"
        | "external_pull_request_event"
        | "merge_request"
        | "external_pull_request" => TriggerKind::Review,
        "web" | "chat" => TriggerKind::Manual,
        "schedule" => TriggerKind::Schedule,
        "api" | "trigger" | "external" => TriggerKind::External,
        "pipeline" | "parent_pipeline" => TriggerKind::Pipeline,
        _ => TriggerKind::Other,
    }
}

/// Adds what a condition says of the start; `false` if it doesn't say.
fn sources(text: &Text, out: &mut Vec<Trigger>) -> bool {
    text.text.split("||").all(|alternative| {
        let found = alternative_sources(alternative, text.span);
        let known = !found.is_empty();
        out.extend(found);
        known
    })
}

/// What one alternative says: the source, else the kind of reference.
fn alternative_sources(text: &str, span: Span) -> Vec<Trigger> {
    let mut named = None;
    let mut kind = None;
    let mut branches = Vec::new();
    for part in text.split("&&") {
        let part = part.trim().trim_matches(['(', ')']).trim();
        let (name, sign, value) = ["==", "=~", "!=", "!~"]
            .iter()
            .find_map(|sign| {
                let (name, value) = part.split_once(sign)?;
                Some((name.trim(), *sign, value.trim()))
            })
            .unwrap_or((part, "", ""));
        let bare = value.trim_matches(['"', '\'']);
        let named_branch = matches!(sign, "==" | "=~").then(|| bare.to_owned());
        match name.trim_matches(['$', '{', '}']) {
            "CI_PIPELINE_SOURCE" if sign == "==" => named = Some(bare.to_owned()),
            "CI_COMMIT_BRANCH" | "CI_COMMIT_REF_NAME" if sign != "!=" || bare == "null" => {
                kind = kind.or(Some((TriggerKind::Push, "push")));
                branches.extend(named_branch);
            }
            "CI_COMMIT_TAG" if bare != "null" || sign == "!=" => {
                kind = Some((TriggerKind::Release, "tag"));
            }
            "CI_MERGE_REQUEST_IID" | "CI_MERGE_REQUEST_ID" if bare != "null" || sign == "!=" => {
                kind = Some((TriggerKind::Review, "merge_request_event"));
            }
            _ => {}
        }
    }
    let (kind, name) = match (named, kind) {
        (Some(named), _) => (source(&named), named),
        (None, Some((kind, name))) => (kind, name.to_owned()),
        (None, None) => return Vec::new(),
    };
    vec![Trigger {
        kind,
        name,
        span,
        branches,
    }]
}
