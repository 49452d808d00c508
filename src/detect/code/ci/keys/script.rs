//! What scripts do with credentials: set variables, write files, hand on what was
//! printed.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{At, Keys, Stored};
use crate::detect::pipeline::{Job, Step};
use crate::detect::shell::{Command, Word};
use crate::document::Span;

/// Most variables that are kept of a job's scripts.
const MOST: usize = 2_000;

/// What a script sets a variable to.
pub(super) enum Local {
    /// Something that a command printed: it lives as long as the job, most likely.
    Made,
    /// This text.
    Set(String),
}

/// A variable that a command sets.
pub(super) struct Assigned<'c> {
    pub(super) name: &'c str,
    pub(super) value: Cow<'c, str>,
    /// Where it stands in the file that the script is written in.
    pub(super) span: Span,
}

/// The variables that a command sets: for itself, for the script, for later steps, or
/// for a container that it starts.
pub(super) fn assigned(command: &Command) -> Vec<Assigned<'_>> {
    let mut all: Vec<Assigned<'_>> = command
        .sets
        .iter()
        .map(|set| Assigned {
            name: &set.name,
            value: Cow::Borrowed(&set.value),
            span: set.span,
        })
        .collect();
    let mut add = |text, span| {
        if let Some((name, value)) = pair(text) {
            all.push(Assigned {
                name,
                value: Cow::Borrowed(value),
                span,
            });
        }
    };
    match command.name() {
        "export" | "declare" | "local" | "readonly" | "typeset" => {
            for word in command.args() {
                add(word.text(), word.span);
            }
        }
        "echo" | "printf" if to_environment(command) => {
            for word in command.args() {
                add(word.text(), word.span);
            }
        }
        "docker" | "podman" | "nerdctl" => {
            for (word, value) in command.values_of(&["-e", "--env"]) {
                add(value, word.span);
            }
        }
        _ => {}
    }
    all
}

/// Whether what is printed becomes variables of later steps.
fn to_environment(command: &Command) -> bool {
    command.to.iter().any(|file| file.text().contains("_ENV"))
}

/// `NAME=value`.
fn pair(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!name.is_empty() && name.chars().all(plain)).then_some((name, value.trim_end_matches("\\n")))
}

/// The variables that the scripts of a job set.
pub(super) fn locals(job: &Job) -> HashMap<String, Local> {
    let mut out = HashMap::new();
    let commands = job
        .steps
        .iter()
        .flat_map(|step| step.script.commands.iter());
    for command in commands {
        if out.len() >= MOST {
            break;
        }
        if command.name() == "read" {
            for word in command.operands() {
                out.insert(word.text().to_owned(), Local::Made);
            }
        }
        for set in assigned(command) {
            let made = set.value.contains("$(") || set.value.contains('`');
            let itself = set
                .value
                .trim_start_matches(['$', '{'])
                .starts_with(set.name);
            if made {
                out.insert(set.name.to_owned(), Local::Made);
            } else if !itself {
                let value = set.value.into_owned();
                out.entry(set.name.to_owned()).or_insert(Local::Set(value));
            }
        }
    }
    out
}

/// What a command reads from the commands before it in a pipe, or from a text in the
/// script; itself is the first.
pub(super) fn piped(commands: &[Command], index: usize) -> impl Iterator<Item = &Command> {
    let mut open = true;
    commands
        .get(..=index)
        .unwrap_or_default()
        .iter()
        .rev()
        .enumerate()
        .map_while(move |(back, command)| {
            open &= back == 0 || command.pipes();
            open.then_some(command)
        })
}

/// Whether a command prints something of its own: what comes out is no longer what went
/// in.
fn prints_another(command: &Command) -> bool {
    !matches!(
        command.name(),
        "echo"
            | "printf"
            | "cat"
            | "base64"
            | "tr"
            | "sed"
            | "tee"
            | "envsubst"
            | "jq"
            | "xargs"
            | "print"
            | "openssl"
    )
}

impl<'p> Keys<'p> {
    /// The stored credential that the words of a command give away, or what it reads
    /// from a pipe.
    pub(super) fn fed(&self, at: At<'p>, step: &Step, index: usize) -> Option<Stored> {
        for (back, command) in piped(&step.script.commands, index).enumerate() {
            if back > 0 && prints_another(command) {
                return None;
            }
            if let Some(input) = &command.input
                && let Some(stored) = self.stored(at, input.text())
            {
                return Some(stored);
            }
            // The command's own words may be about something else.
            if back == 0 && prints_another(command) {
                continue;
            }
            let mut words = command.args().iter();
            let found = words.find_map(|word| self.stored(at, word.text()));
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// The stored credential that a command of the job writes to a file of this name.
    pub(super) fn written(&self, job: &'p Job, is_file: &dyn Fn(&str) -> bool) -> Option<Stored> {
        for step in job.steps.iter().take_while(|_| self.may_look()) {
            let at = At {
                job: Some(job),
                step: Some(step),
            };
            let commands = self.commands_of(std::slice::from_ref(step));
            for (index, command) in commands.enumerate() {
                if writes_to(command).any(is_file)
                    && let Some(stored) = self.fed(at, step, index)
                {
                    return Some(stored);
                }
            }
        }
        None
    }
}

/// The files that a command writes what it is fed to.
pub(super) fn writes_to(command: &Command) -> impl Iterator<Item = &str> {
    let tee = (command.name() == "tee").then(|| command.operands());
    command
        .to
        .iter()
        .chain(tee.into_iter().flatten())
        .map(Word::text)
}
