//! What several systems write alike: settings that nest, stored secrets by name, steps
//! one after another.

use std::collections::HashMap;

use super::cursor::{Cursor, Entry};
use super::{
    Gate, GateKind, Job, Lenience, Pipeline, Setting, Step, System, Text, Trigger, TriggerKind,
    When,
};
use crate::detect::condition::Condition;
use crate::document::{Node, Span};

/// How deep settings nest that are read.
const DEEPEST: usize = 4;

/// The settings of a mapping, nested ones by dotted names and lists as lines.
pub(super) fn settings(value: Cursor<'_>) -> Vec<Setting> {
    let mut out = Vec::new();
    nested(value, "", 0, &mut out);
    out
}

fn nested(value: Cursor<'_>, prefix: &str, depth: usize, out: &mut Vec<Setting>) {
    for entry in value.members() {
        let mut own = setting(&entry);
        own.name.insert_str(0, prefix);
        let name = format!("{}.", own.name);
        let below = own.value.text.is_empty() && depth < DEEPEST;
        let list = own.value.text.is_empty() && entry.value.items().next().is_some();
        if list {
            let lines: Vec<_> = entry.value.texts().into_iter().map(|t| t.text).collect();
            own.value.text = lines.join("\n");
        }
        if !own.value.text.is_empty() || entry.value.node().scalar().is_some() {
            out.push(own);
        }
        if below {
            nested(entry.value, &name, depth + 1, out);
            for item in entry.value.items() {
                nested(item, &name, depth + 1, out);
            }
        }
    }
}

/// A setting; that of a stored secret is read as `from_secret: name`, whatever the
/// system's word is.
pub(super) fn setting(entry: &Entry<'_>) -> Setting {
    let value = entry.value;
    let by_name = value.get("from_secret").and_then(|name| name.text());
    let sealed = || {
        let sealed = value.get("secure")?;
        Some(Text {
            text: entry.key.to_owned(),
            span: sealed.span(),
            defined: sealed.defined(),
        })
    };
    match by_name.or_else(sealed) {
        Some(name) => stored(entry.key.to_owned(), entry.at, name),
        None => entry.setting(),
    }
}

/// The setting of a secret that the platform stores.
pub(super) fn stored(name: String, at: Span, secret: Text) -> Setting {
    Setting {
        name,
        at,
        value: Text {
            text: format!("from_secret: {}", secret.text),
            ..secret
        },
    }
}

/// Variables: a mapping, or a list of mappings and of `NAME=value`.
pub(super) fn variables(value: Cursor<'_>) -> Vec<Setting> {
    let mut out: Vec<Setting> = value.members().map(|entry| setting(&entry)).collect();
    for item in value.one_or_many() {
        if let Some(text) = item.text() {
            assignments(&text, &mut out);
        } else if item.node().span != value.node().span {
            out.extend(item.members().map(|entry| setting(&entry)));
        }
    }
    out.retain(|setting| setting.name != "secure");
    out
}

/// `A=1 B="x y"`.
fn assignments(text: &Text, out: &mut Vec<Setting>) {
    let mut rest = text.text.trim_start();
    while let Some((name, value)) = rest.split_once('=') {
        let name = name.trim_start();
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return;
        }
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, after) = match quote {
            Some(quote) => {
                let inner = value.get(1..).unwrap_or_default();
                inner.split_once(quote).unwrap_or((inner, ""))
            }
            None => value.split_once(char::is_whitespace).unwrap_or((value, "")),
        };
        out.push(Setting {
            name: name.to_owned(),
            at: text.span,
            value: Text {
                text: value.to_owned(),
                ..text.clone()
            },
        });
        rest = after.trim_start();
    }
}

/// The steps of a list of commands: one, or one for each where an alias brings some.
pub(super) fn scripts(value: Cursor<'_>) -> Vec<Step> {
    let plain = |item: &Cursor<'_>| item.str().is_some() && item.node().alias.is_none();
    if value.str().is_some() || value.items().all(|item| plain(&item)) {
        return command(value).into_iter().collect();
    }
    let mut out = Vec::new();
    for item in value.items() {
        if item.str().is_some() {
            out.extend(command(item));
        } else {
            out.extend(item.items().filter_map(command));
        }
    }
    out
}

/// The step that a text or a plain list of texts is.
pub(super) fn command(value: Cursor<'_>) -> Option<Step> {
    let script = value.script();
    let first = value.items().next().unwrap_or(value);
    (!script.text.is_empty()).then(|| Step {
        at: first.span(),
        script,
        ..Step::default()
    })
}

/// The condition under a key, with maps and lists as one line, as `read` understands it.
pub(super) fn condition(entry: Option<Entry<'_>>, read: fn(&Node) -> Condition) -> Option<When> {
    let value = entry?.value;
    let text = value.text().or_else(|| {
        let mut text = String::new();
        flat(value, &mut text);
        (!text.is_empty()).then(|| Text {
            text,
            span: value.span(),
            defined: value.defined(),
        })
    })?;
    let condition = read(value.node());
    Some(When { text, condition })
}

/// A condition in a language that isn't read.
pub(super) const fn unread(_: &Node) -> Condition {
    Condition::Unknown
}

impl When {
    /// Holds when this doesn't.
    pub(super) fn negated(mut self) -> Self {
        self.text.text = format!("not({})", self.text.text);
        self.condition = self.condition.negated();
        self
    }

    /// What a copy of it costs.
    pub(super) fn cost(&self) -> usize {
        self.text.text.len() + self.condition.parts().count() * 64
    }
}

/// Puts the values of inputs, those that are given or the defaults, where a text names
/// them: in names of environments, images, machines and of what is used. `marks` is how an
/// expression begins and ends, `context` what its inputs are below. Conditions, variables
/// and scripts keep the names, which rules ask for.
pub(super) fn fill(pipeline: &mut Pipeline, marks: (&str, &str), context: &str) {
    let inputs = pipeline.inputs.iter().filter_map(|input| {
        let value = input.default.as_ref()?.text.as_str();
        (!value.is_empty() && value.len() <= LONGEST_VALUE).then_some((input.name.as_str(), value))
    });
    let inputs: HashMap<&str, &str> = inputs.collect();
    if inputs.is_empty() {
        return;
    }
    for job in &mut pipeline.jobs {
        let environment = job.environment.iter_mut().map(|e| &mut e.name);
        let images = job.images.iter_mut().map(|image| &mut image.name);
        let uses = job.steps.iter_mut().filter_map(|step| step.uses.as_mut());
        let texts = environment.chain(images).chain(&mut job.runner).chain(uses);
        for text in texts {
            if let Some(filled) = filled(&text.text, marks, context, &inputs) {
                text.text = filled;
            }
        }
    }
}

/// A text with the values of the inputs that it names.
pub(super) fn filled_in(pipeline: &Pipeline, text: &str) -> Option<String> {
    let (marks, context) = match pipeline.system {
        System::Azure => (("${{", "}}"), "parameters"),
        System::Gitlab => (("$[[", "]]"), "inputs"),
        _ => return None,
    };
    if !text.contains(marks.0) {
        return None;
    }
    let inputs = pipeline
        .inputs
        .iter()
        .take(MOST_INPUTS)
        .filter_map(|input| {
            let value = input.default.as_ref()?.text.as_str();
            (!value.is_empty() && value.len() <= LONGEST_VALUE)
                .then_some((input.name.as_str(), value))
        });
    filled(text, marks, context, &inputs.collect())
}

/// How many inputs are looked through for one text.
const MOST_INPUTS: usize = 200;

/// Longest value that is put in, and how many expressions of a text are.
const LONGEST_VALUE: usize = 200;
const MOST_FILLED: usize = 8;

fn filled(
    text: &str,
    (open, close): (&str, &str),
    context: &str,
    inputs: &HashMap<&str, &str>,
) -> Option<String> {
    if !text.contains(open) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    for _ in 0..MOST_FILLED {
        let Some((before, after)) = rest.split_once(open) else {
            break;
        };
        let (inside, after) = after.split_once(close)?;
        let name = inside.trim().strip_prefix(context)?.strip_prefix('.')?;
        out.push_str(before);
        out.push_str(inputs.get(name)?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// The longest condition that is kept.
const LONGEST: usize = 2_000;

fn flat(value: Cursor<'_>, out: &mut String) {
    if out.len() > LONGEST {
        return;
    }
    if let Some(text) = value.node().scalar() {
        out.push_str(&text);
    }
    let mut first = true;
    for item in value.items() {
        out.push_str(if std::mem::take(&mut first) { "" } else { ", " });
        flat(item, out);
    }
    for entry in value.members() {
        out.push_str(if std::mem::take(&mut first) { "" } else { ", " });
        out.push_str(entry.key);
        out.push('(');
        flat(entry.value, out);
        out.push(')');
    }
}

/// A trigger at a value.
pub(super) fn trigger(kind: TriggerKind, name: &str, span: Span, branches: Vec<String>) -> Trigger {
    Trigger {
        kind,
        name: name.to_owned(),
        span,
        branches,
    }
}

/// What starts a job, where its conditions ask for that alone: the values that they
/// require of the variable at `path`. None once one of them is no known kind.
pub(super) fn started(
    conditions: &[When],
    path: &[&str],
    kinds: &[(&str, TriggerKind)],
) -> Vec<Trigger> {
    let mut out = Vec::new();
    for when in conditions {
        for name in when.condition.requires_equal(path) {
            let Some((_, kind)) = kinds.iter().find(|(known, _)| *known == name) else {
                return Vec::new();
            };
            out.push(trigger(*kind, &name, when.text.span, Vec::new()));
        }
    }
    out
}

/// A member as what makes failure count for nothing.
pub(super) fn lenience(entry: &Entry<'_>, key: &'static str) -> Lenience {
    Lenience {
        key: key.into(),
        span: entry.whole(),
    }
}

/// A gate that anyone may open, or those who are named.
pub(super) fn gate(span: Span, approvers: Vec<Text>) -> Gate {
    let kind = if approvers.is_empty() {
        GateKind::Button
    } else {
        GateKind::Approval
    };
    Gate {
        kind,
        span,
        approvers,
    }
}

/// Ids that are given once.
#[derive(Default)]
pub(super) struct Ids(HashMap<String, usize>);

impl Ids {
    /// The id, with a number if it was given before.
    pub(super) fn once(&mut self, id: String) -> String {
        let count = self.0.entry(id.clone()).or_default();
        *count += 1;
        if *count == 1 {
            return id;
        }
        format!("{id}#{count}")
    }
}

/// What runs in order: each group waits for the one before.
#[derive(Default)]
pub(super) struct Order {
    /// What the next group waits for.
    before: Vec<String>,
    now: Vec<String>,
}

impl Order {
    /// What a job of the current group waits for.
    pub(super) fn needs(&self) -> Vec<String> {
        self.before.clone()
    }

    /// A job of the current group.
    pub(super) fn add(&mut self, id: &str) {
        self.now.push(id.to_owned());
    }

    /// Ends a group. Many jobs that others wait for are gathered in one without steps,
    /// so that there are never as many edges as pairs.
    pub(super) fn next(&mut self, jobs: &mut Vec<Job>, ids: &mut Ids) {
        match self.now.as_slice() {
            [] => {}
            [_] => self.before = std::mem::take(&mut self.now),
            [first, ..] => {
                let all = Job {
                    id: ids.once(format!("after {first}")),
                    at: jobs.last().map_or(Span::default(), |job| job.at),
                    needs: std::mem::take(&mut self.now),
                    ..Job::default()
                };
                self.before = vec![all.id.clone()];
                jobs.push(all);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::detect::pipeline::of;
    use crate::document::Document;

    /// Jobs and what they wait for, all together.
    fn size(path: &str, text: &str) -> (usize, usize) {
        let document = Document::new(path, text.as_bytes());
        let pipeline = of(&document).unwrap();
        let needs = pipeline.jobs.iter().map(|job| job.needs.len()).sum();
        (pipeline.jobs.len(), needs)
    }

    #[test]
    fn what_waits_for_many_waits_for_one_that_waits_for_them() {
        let many = |line: &str| line.repeat(3_000);
        let stages = |stage: &str| many(&format!("    - {{stage: {stage}, script: a}}\n"));
        let steps = many("          - step: {script: a}\n");
        let one = many("  - {name: a, image: b, commands: [c]}\n");
        for (path, text) in [
            (
                ".travis.yml",
                format!("jobs:\n  include:\n{}{}", stages("a"), stages("b")),
            ),
            (
                "bitbucket-pipelines.yml",
                format!(
                    "pipelines:\n  default:\n    - parallel:\n        steps:\n{steps}    - parallel:\n        steps:\n{steps}"
                ),
            ),
            (
                ".buildkite/a.yml",
                format!("steps:\n{0}  - wait\n{0}", many("  - {command: a}\n")),
            ),
            (
                ".drone.yml",
                format!(
                    "kind: pipeline\nname: a\nsteps:\n{one}---\nkind: pipeline\nname: b\ndepends_on: [a]\nsteps:\n{one}"
                ),
            ),
        ] {
            let (jobs, needs) = size(path, &text);
            assert!((6_000..6_010).contains(&jobs), "{path}: {jobs}");
            assert!(needs < 2 * jobs, "{path}: {needs}");
        }
    }

    #[test]
    fn aliases_are_read_so_often_as_a_tree_holds_them() {
        let bomb = "a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c]\n";
        for (path, rest) in [
            (".travis.yml", "script: *d\ndeploy: *d\nenv: *d\n"),
            (".buildkite/a.yml", "steps: [{command: *d, plugins: *d}]\n"),
            (".drone.yml", "steps: [{name: a, commands: *d, when: *d}]\n"),
            (
                "bitbucket-pipelines.yml",
                "pipelines: {default: [{step: {script: *d}}]}\n",
            ),
            (
                ".circleci/config.yml",
                "jobs: {build: {steps: *d, docker: *d}}\n",
            ),
        ] {
            let text = format!("{bomb}{rest}");
            let document = Document::new(path, text.as_bytes());
            let steps = of(&document).map_or(0, |pipeline| {
                let jobs = pipeline.jobs.iter();
                jobs.map(|job| job.steps.len()).sum()
            });
            assert!(steps < 100_000, "{path}: {steps}");
        }
    }
}
