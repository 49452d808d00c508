//! The parts of a Jenkinsfile that aren't steps: variables, conditions, gates, inputs.

use super::super::{
    Gate, GateKind, Input, Lenience, Pipeline, Setting, Text, Trigger, TriggerKind, When,
};
use super::groovy::{self, Call, Item};
use crate::detect::condition::{self, Condition, Op};
use crate::document::Span;

/// Longest text that is kept of a value; a longer one is cut. What stands in a block is
/// copied to all that stands below it.
const LONGEST: usize = 500;

/// The string that a value is.
pub(super) fn text(bytes: &[u8], value: &[Item]) -> Option<Text> {
    let text = groovy::text(bytes, value)?;
    Some(Text {
        text: short(text.text()).to_owned(),
        span: text.span(0, text.len()),
        defined: None,
    })
}

fn short(text: &str) -> &str {
    if text.len() <= LONGEST {
        return text;
    }
    // A character has at most four bytes.
    let mut ends = (LONGEST - 3..=LONGEST).rev();
    ends.find_map(|end| text.get(..end)).unwrap_or_default()
}

/// The first argument, as a string.
pub(super) fn value(bytes: &[u8], call: &Call<'_>) -> Option<Text> {
    text(bytes, call.first()?)
}

/// Where a value stands.
pub(super) fn span(value: &[Item]) -> Span {
    match (value.first(), value.last()) {
        (Some(first), Some(last)) => Span::new(first.span().start, last.span().end),
        _ => Span::default(),
    }
}

fn raw(bytes: &[u8], span: Span) -> Text {
    Text {
        text: short(&String::from_utf8_lossy(span.of(bytes))).to_owned(),
        span,
        defined: None,
    }
}

/// A part of an anchor below another.
pub(super) fn segment(above: &str, what: &str, name: &str) -> String {
    let name = name.replace('/', "_");
    // Nested a hundred times a name would be copied as often.
    if above.is_empty() || above.len() > 500 {
        format!("{what}:{name}")
    } else {
        format!("{above}/{what}:{name}")
    }
}

/// What `if (…)` asks.
pub(super) fn asked(bytes: &[u8], call: &Call<'_>) -> Option<When> {
    let span = span(call.first()?);
    let text = raw(bytes, span);
    (span.len() <= LONGEST).then(|| When {
        condition: condition::jenkins::expression(&text.text),
        text,
    })
}

/// The conditions in `when { … }`: all must hold.
pub(super) fn conditions(bytes: &[u8], call: &Call<'_>) -> Vec<When> {
    let Some(body) = call.body else {
        return Vec::new();
    };
    groovy::calls(bytes, &body.items, false)
        .filter(|inner| !inner.path.starts_with("before"))
        .map(|inner| {
            let span = Span::new(inner.at.start, inner.end);
            When {
                condition: if span.len() > LONGEST {
                    Condition::Unknown
                } else {
                    condition(bytes, &inner)
                },
                text: raw(bytes, span),
            }
        })
        .collect()
}

/// What starts a stage, as far as its `when { … }` asks for that: a build of a tag, of a
/// proposed change, by the clock.
pub(super) fn started(bytes: &[u8], call: &Call<'_>) -> Vec<Trigger> {
    let items = call.body.map_or(&[][..], |body| &body.items);
    let mut out = Vec::new();
    for inner in groovy::calls(bytes, items, false) {
        let cause = || value(bytes, &inner).map_or(String::new(), |cause| cause.text);
        let kind = match inner.path.as_str() {
            "buildingTag" | "tag" => TriggerKind::Release,
            "changeRequest" => TriggerKind::Review,
            "triggeredBy" => match cause().as_str() {
                "TimerTrigger" | "TimerTriggerCause" => TriggerKind::Schedule,
                "UserIdCause" => TriggerKind::Manual,
                "UpstreamCause" | "BuildUpstreamCause" => TriggerKind::Pipeline,
                _ => continue,
            },
            "allOf" => {
                out.extend(started(bytes, &inner));
                continue;
            }
            _ => continue,
        };
        out.push(Trigger {
            kind,
            name: inner.path,
            span: inner.at,
            branches: Vec::new(),
        });
    }
    out
}

fn condition(bytes: &[u8], call: &Call<'_>) -> Condition {
    let within = || {
        let items = call.body.map_or(&[][..], |body| &body.items);
        let inner = groovy::calls(bytes, items, false);
        inner
            .map(|inner| condition(bytes, &inner))
            .collect::<Vec<_>>()
    };
    match call.path.as_str() {
        "branch" => match value(bytes, call) {
            Some(name) if !name.text.contains('*') => is("BRANCH_NAME", &name.text),
            _ => Condition::Unknown,
        },
        "environment" => {
            let part = |name| call.named(name).and_then(|value| text(bytes, value));
            match (part("name"), part("value")) {
                (Some(name), Some(value)) => is(&name.text, &value.text),
                _ => Condition::Unknown,
            }
        }
        "expression" => {
            let items = call.body.map_or(&[][..], |body| &body.items);
            condition::jenkins::expression(&raw(bytes, span(items)).text)
        }
        "equals" => {
            let part = |name| call.named(name);
            match (part("actual"), part("expected")) {
                (Some(actual), Some(expected)) => {
                    let read = |value: &[Item]| match text(bytes, value) {
                        Some(text) => Condition::text(&text.text),
                        None => condition::jenkins::expression(&raw(bytes, span(value)).text),
                    };
                    Condition::compare(Op::Equal, read(actual), read(expected))
                }
                _ => Condition::Unknown,
            }
        }
        // The messages of all commits of the build.
        "changelog" => match value(bytes, call) {
            Some(pattern) => Condition::compare(
                Op::Matches,
                Condition::reference(["env", "CI_COMMIT_MESSAGE"]),
                Condition::text(&pattern.text),
            ),
            None => Condition::Unknown,
        },
        "not" => Condition::all(within()).negated(),
        "allOf" => Condition::all(within()),
        "anyOf" => Condition::any(within()),
        _ => Condition::Unknown,
    }
}

fn is(name: &str, value: &str) -> Condition {
    let name = Condition::reference(["env", name]);
    Condition::compare(Op::Equal, name, Condition::text(value))
}

/// `environment { A = 'b'; C = credentials('id') }`.
pub(super) fn environment(bytes: &[u8], call: &Call<'_>) -> Vec<Setting> {
    let items = call.body.map_or(&[][..], |body| &body.items);
    groovy::calls(bytes, items, false)
        .filter(|inner| inner.assigns)
        .filter_map(|inner| {
            let value = inner.first()?;
            let plain = matches!(value.first(), Some(Item::Token(_)))
                && !value.iter().any(|item| item.group(b'(').is_some());
            let text = if plain { text(bytes, value) } else { None };
            Some(Setting {
                name: inner.path,
                at: inner.at,
                value: text.unwrap_or_else(|| raw(bytes, span(value))),
            })
        })
        .collect()
}

/// The id in a variable's value that is `credentials('id')`.
pub(super) fn stored(setting: &Setting) -> Option<Text> {
    let inner = setting.value.text.strip_prefix("credentials(")?;
    let quotes = |c: char| c.is_whitespace() || matches!(c, '\'' | '"' | ')');
    Some(Text {
        text: inner.trim_matches(quotes).to_owned(),
        ..setting.value.clone()
    })
}

/// `withEnv(['A=b'])`.
pub(super) fn given(bytes: &[u8], call: &Call<'_>) -> Vec<Setting> {
    let list = call.first().and_then(|value| value.first()?.group(b'['));
    let entries = list.map_or(Vec::new(), |list| groovy::arguments(bytes, &list.items));
    entries
        .iter()
        .filter_map(|entry| {
            let whole = text(bytes, entry.value)?;
            let (name, value) = whole.text.split_once('=')?;
            Some(Setting {
                name: name.to_owned(),
                at: whole.span,
                value: Text {
                    text: value.to_owned(),
                    ..whole.clone()
                },
            })
        })
        .collect()
}

/// `input`: who is named in `submitter` approves, else anyone may.
pub(super) fn gate(bytes: &[u8], call: &Call<'_>, kind: GateKind) -> Gate {
    let named = call.named("submitter").and_then(|value| text(bytes, value));
    let submitter = named.or_else(|| {
        let mut inner = groovy::calls(bytes, &call.body?.items, false);
        inner
            .find(|inner| inner.path == "submitter")
            .and_then(|inner| value(bytes, &inner))
    });
    let mut approvers = Vec::new();
    if let Some(submitter) = submitter {
        for name in submitter.text.split(',').map(str::trim) {
            if !name.is_empty() {
                approvers.push(Text {
                    text: name.to_owned(),
                    ..submitter.clone()
                });
            }
        }
    }
    Gate {
        kind: if kind == GateKind::Button && !approvers.is_empty() {
            GateKind::Approval
        } else {
            kind
        },
        span: call.at,
        approvers,
    }
}

/// `parameters { booleanParam(name: 'X', defaultValue: false) }`.
pub(super) fn inputs(bytes: &[u8], call: &Call<'_>) -> Vec<Input> {
    let items = call.body.map_or(&[][..], |body| &body.items);
    inputs_in(bytes, items)
}

fn inputs_in(bytes: &[u8], items: &[Item]) -> Vec<Input> {
    groovy::calls(bytes, items, false)
        .filter_map(|inner| {
            let named = inner.named("name").and_then(|name| text(bytes, name));
            let name = named.or_else(|| value(bytes, &inner))?;
            let default = inner.named("defaultValue");
            Some(Input {
                name: name.text,
                span: name.span,
                default: default
                    .map(|value| text(bytes, value).unwrap_or_else(|| raw(bytes, span(value)))),
                by_person: true,
            })
        })
        .collect()
}

/// `triggers { cron('…') }`.
pub(super) fn triggers(bytes: &[u8], call: &Call<'_>) -> Vec<Trigger> {
    let items = call.body.map_or(&[][..], |body| &body.items);
    triggers_in(bytes, items)
}

fn triggers_in(bytes: &[u8], items: &[Item]) -> Vec<Trigger> {
    groovy::calls(bytes, items, false)
        .filter(|inner| !inner.path.is_empty())
        .map(|inner| Trigger {
            kind: match inner.path.as_str() {
                "cron" | "parameterizedCron" => TriggerKind::Schedule,
                "pollSCM" | "githubPush" | "gitlab" | "bitbucketPush" | "scm" => TriggerKind::Push,
                "upstream" => TriggerKind::Pipeline,
                "GenericTrigger" => TriggerKind::External,
                "issueCommentTrigger" => TriggerKind::Privileged,
                _ => TriggerKind::Other,
            },
            name: inner.path,
            span: inner.at,
            branches: Vec::new(),
        })
        .collect()
}

/// `properties([parameters([…]), pipelineTriggers([…])])`.
pub(super) fn properties(bytes: &[u8], call: &Call<'_>, pipeline: &mut Pipeline) {
    let list = call.first().and_then(|value| value.first()?.group(b'['));
    let items = list.map_or(&[][..], |list| &list.items);
    for inner in groovy::calls(bytes, items, true) {
        let list = inner.first().and_then(|value| value.first()?.group(b'['));
        let items = list.map_or(&[][..], |list| &list.items);
        match inner.path.as_str() {
            "parameters" => pipeline.inputs.extend(inputs_in(bytes, items)),
            "pipelineTriggers" => pipeline.triggers.extend(triggers_in(bytes, items)),
            _ => {}
        }
    }
}

/// What `catchError` and `warnError` make of a failure. Without a milder result than
/// `FAILURE` the build still fails.
pub(super) fn caught(bytes: &[u8], call: &Call<'_>) -> Option<Lenience> {
    let result = call
        .named("buildResult")
        .and_then(|value| text(bytes, value));
    let mild = match &result {
        Some(result) => !matches!(result.text.as_str(), "FAILURE" | "ABORTED"),
        None => call.path == "warnError",
    };
    mild.then(|| Lenience {
        key: call.path.clone().into(),
        span: call.at,
    })
}

/// A `catchError` that has the build go on and fail in the end: what comes after it runs.
pub(super) fn goes_on(bytes: &[u8], call: &Call<'_>) -> Option<Lenience> {
    let only = call.path == "catchError" && caught(bytes, call).is_none();
    only.then(|| Lenience {
        key: call.path.clone().into(),
        span: call.at,
    })
}

/// What has a block of `post` run though something before it failed. One that runs only
/// then undoes as a rule what was begun, and isn't meant.
pub(super) fn after_failure(call: &Call<'_>) -> Option<Lenience> {
    let runs = matches!(
        call.path.as_str(),
        "always" | "cleanup" | "changed" | "unstable"
    );
    runs.then(|| Lenience {
        key: call.path.clone().into(),
        span: call.at,
    })
}

/// Whether a `catch` makes nothing of a failure: it neither throws nor sets a result.
pub(super) fn swallows(bytes: &[u8], call: &Call<'_>) -> Option<Lenience> {
    let body = call.body.filter(|_| call.path == "catch")?;
    let signs: [&[u8]; 6] = [
        b"throw",
        b"error",
        b"currentBuild",
        b"exit 1",
        b"fail",
        b"unstable",
    ];
    let text = body.span.of(bytes);
    let raised = signs
        .iter()
        .any(|word| memchr::memmem::find(text, word).is_some());
    (!raised).then(|| Lenience {
        key: "catch".into(),
        span: call.at,
    })
}

/// The ids of stored secrets that a call is given.
pub(super) fn stores(bytes: &[u8], call: &Call<'_>) -> Vec<Text> {
    let mut out = Vec::new();
    let all = call.path == "sshagent";
    for arg in &call.args {
        let named = arg.name.is_some_and(|(name, _)| is_id(name));
        let list = arg.value.first().and_then(|item| item.group(b'['));
        match list {
            Some(list) if all || named => {
                let entries = groovy::arguments(bytes, &list.items);
                out.extend(entries.iter().filter_map(|entry| text(bytes, entry.value)));
            }
            None if named => out.extend(text(bytes, arg.value)),
            _ => {}
        }
    }
    out.extend(
        bindings(bytes, call)
            .with
            .into_iter()
            .filter_map(|setting| {
                let of_list = call.path == "withCredentials";
                of_list.then_some(setting.value)
            }),
    );
    out
}

fn is_id(name: &str) -> bool {
    name == "credentials" || name == "credentialsId" || name.ends_with("CredentialsId")
}

/// What a call is given, and the variables that it sets.
#[derive(Default)]
pub(super) struct Bindings {
    pub(super) with: Vec<Setting>,
    pub(super) env: Vec<Setting>,
}

/// The arguments of a call; of `withCredentials` each kind of binding with its id, and the
/// variables that hold the secret.
pub(super) fn bindings(bytes: &[u8], call: &Call<'_>) -> Bindings {
    let mut out = Bindings::default();
    if call.path != "withCredentials" {
        for arg in &call.args {
            let Some((name, at)) = arg.name else {
                continue;
            };
            let value = text(bytes, arg.value).unwrap_or_else(|| raw(bytes, span(arg.value)));
            out.with.push(Setting {
                name: name.to_owned(),
                at,
                value,
            });
        }
        return out;
    }
    let list = call.first().and_then(|value| value.first()?.group(b'['));
    let items = list.map_or(&[][..], |list| &list.items);
    for mut inner in groovy::calls(bytes, items, true) {
        // `[$class: 'Kind', credentialsId: …]`.
        if let Some(map) = inner.body.filter(|map| map.open == b'[') {
            inner.args = groovy::arguments(bytes, &map.items);
            let class = inner.named("$class").and_then(|value| text(bytes, value));
            inner.path = class.map_or_else(String::new, |class| class.text);
        }
        let id = inner.named("credentialsId").and_then(|id| text(bytes, id));
        let Some(id) = id else {
            continue;
        };
        for arg in &inner.args {
            let names = arg.name.is_some_and(|(name, _)| name.ends_with("ariable"));
            if let Some(variable) = text(bytes, arg.value).filter(|_| names) {
                out.env.push(Setting {
                    name: variable.text,
                    at: variable.span,
                    value: Text {
                        text: format!("credentials('{}')", id.text),
                        ..id.clone()
                    },
                });
            }
        }
        out.with.push(Setting {
            name: inner.path,
            at: inner.at,
            value: id,
        });
    }
    out
}
