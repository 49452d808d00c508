//! The steps of a job, with the commands of the file expanded.

use crate::detect::condition;
use crate::detect::shell::Shell;

use super::super::cursor::{Cursor, Entry};
use super::super::values;
use super::super::{Lenience, Setting, Step, Text, When};
use super::{Reader, defaults, orb_name};
use crate::document::Span;

/// How deep commands are expanded that use one another.
const DEEPEST: usize = 8;

/// The longest value that parameters are put into.
const LONGEST: usize = 4_000;

/// What holds for the steps of a command or a block.
#[derive(Default, Clone)]
pub(super) struct Scope {
    /// The command's parameters.
    with: Vec<Setting>,
    conditions: Vec<When>,
    /// Where the job uses the command.
    used: Option<Span>,
    /// The commands that led here.
    within: Vec<String>,
}

impl<'f> Reader<'f> {
    pub(super) fn steps(&self, list: Cursor<'f>, scope: &Scope, depth: usize, out: &mut Vec<Step>) {
        for item in list.one_or_many() {
            let item = scope.used.map_or(item, |used| item.used_at(used));
            if let Some(name) = item.str() {
                self.step(name, item.span(), None, scope, depth, out);
            } else if let Some(entry) = item.members().next() {
                let name = entry.key;
                match name {
                    "when" | "unless" => self.block(&entry, scope, depth, out),
                    _ => self.step(name, entry.at, Some(entry.value), scope, depth, out),
                }
            } else {
                // A list in a list is one that an alias brings.
                for inner in item.items().filter(|_| depth < DEEPEST) {
                    self.steps(inner, scope, depth + 1, out);
                }
            }
        }
    }

    /// `when: {condition, steps}`.
    fn block(&self, entry: &Entry<'f>, scope: &Scope, depth: usize, out: &mut Vec<Step>) {
        let mut scope = scope.clone();
        let read = condition::circle::condition;
        if let Some(mut when) = values::condition(entry.value.member("condition"), read) {
            when.text.text = filled(&when.text.text, &scope.with);
            scope.conditions.push(if entry.key == "unless" {
                when.negated()
            } else {
                when
            });
        }
        if let Some(steps) = entry.value.get("steps").filter(|_| depth < DEEPEST) {
            self.steps(steps, &scope, depth + 1, out);
        }
    }

    fn step(
        &self,
        name: &str,
        at: Span,
        body: Option<Cursor<'f>>,
        scope: &Scope,
        depth: usize,
        out: &mut Vec<Step>,
    ) {
        let size = |settings: &[Setting]| -> usize {
            let each = settings.iter();
            each.map(|s| s.name.len() + s.value.text.len() + 64).sum()
        };
        let conditions: usize = scope.conditions.iter().map(When::cost).sum();
        if !self.file.spend(64 + size(&scope.with) + conditions) {
            return;
        }
        if name == "run" {
            out.extend(body.map(|body| run(at, body, scope)));
            return;
        }
        let given = body.map_or(Vec::new(), values::settings);
        let mut with: Vec<Setting> = given
            .into_iter()
            .map(|mut setting| {
                setting.value.text = filled(&setting.value.text, &scope.with);
                setting
            })
            .collect();
        if let Some(command) = self.commands.get(name) {
            if depth >= DEEPEST || scope.within.iter().any(|outer| outer == name) {
                return;
            }
            defaults(*command, &mut with);
            let mut within = scope.within.clone();
            within.push(name.to_owned());
            let inner = Scope {
                with,
                conditions: scope.conditions.clone(),
                used: scope.used.or(Some(at)),
                within,
            };
            if let Some(steps) = command.get("steps") {
                self.steps(steps, &inner, depth + 1, out);
            }
            return;
        }
        let orb = name.split_once('/');
        let orb = orb.and_then(|(orb, rest)| Some(orb_name(self.orbs.get(orb)?.str()?, rest)));
        out.push(Step {
            segment: format!("step:{name}"),
            at,
            uses: Some(Text {
                text: orb.unwrap_or_else(|| name.to_owned()),
                span: at,
                defined: None,
            }),
            with,
            conditions: scope.conditions.clone(),
            ..Step::default()
        });
    }
}

/// `run: make`, `run: {name: Test, command: make}`.
fn run(at: Span, body: Cursor<'_>, scope: &Scope) -> Step {
    let script = body.get("command").unwrap_or(body);
    let name = body.get("name").and_then(|name| name.text());
    let name = name.map(|name| Text {
        text: filled(&name.text, &scope.with),
        ..name
    });
    let shell = shell(body.get("shell").and_then(|shell| shell.str()));
    let script = shell
        .filter(|_| script.str().is_some())
        .map(|how| script.script_by(how));
    let always = body.member("when").filter(|when| {
        let when = when.value.str();
        matches!(when, Some("always" | "on_fail"))
    });
    let label = name
        .as_ref()
        .map(|name| format!("step:{}", name.text.trim()));
    Step {
        segment: label.unwrap_or_default(),
        at,
        name,
        with: scope.with.clone(),
        env: body
            .get("environment")
            .map_or(Vec::new(), values::variables),
        script: script.unwrap_or_default(),
        conditions: scope.conditions.clone(),
        despite: always.map(|entry| Lenience {
            key: "when".into(),
            span: entry.whole(),
        }),
        ..Step::default()
    }
}

/// The shell that a step names, `bash -eo pipefail` if none; one of its own has `-e` only
/// if it says so.
fn shell(named: Option<&str>) -> Option<Shell> {
    let Some(named) = named else {
        return Some(Shell::STRICT);
    };
    let program = named.split_whitespace().next().unwrap_or(named);
    let program = program.rsplit('/').next().unwrap_or(program);
    let shell = Shell::named(program)?;
    let strict = named.split_whitespace().skip(1).any(|word| {
        let flags = word
            .strip_prefix('-')
            .filter(|flags| !flags.starts_with('-'));
        word == "errexit" || flags.is_some_and(|flags| flags.contains('e'))
    });
    let own = shell == Shell::STRICT && !strict;
    Some(if own { Shell::PLAIN } else { shell })
}

/// A text with the values of a command's parameters put in.
pub(super) fn filled(text: &str, with: &[Setting]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<<") {
        let Some((inner, next)) = after.split_once(">>") else {
            break;
        };
        let name = inner.trim().strip_prefix("parameters.");
        let value = name.and_then(|name| super::super::find(with, name));
        out.push_str(before);
        match value {
            Some(setting) if out.len() + setting.value.text.len() < LONGEST => {
                out.push_str(&setting.value.text);
            }
            _ => {
                out.push_str("<<");
                out.push_str(inner);
                out.push_str(">>");
            }
        }
        rest = next;
    }
    out.push_str(rest);
    out
}
