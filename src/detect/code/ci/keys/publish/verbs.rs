//! Commands that publish a package to the public registry of its language.

use crate::detect::code::alternatives::Service;
use crate::detect::shell::{Command, Word};
use crate::finding::Confidence;

/// A publishing command.
pub(super) struct Verb<'c> {
    pub(super) service: Service,
    /// The token that it is given on its command line.
    pub(super) token: Option<&'c str>,
    /// How sure it is that it publishes to the public registry.
    pub(super) sure: Confidence,
}

/// What a command publishes to, unless it is a rehearsal or goes elsewhere.
pub(super) fn published(command: &Command) -> Option<Verb<'_>> {
    if command.switch(&["--dry-run", "-n", "--help"]).is_some() {
        return None;
    }
    let value = |flags: &[&str]| command.value_of(flags).map(|(_, value)| value);
    let verb = |service, token, sure| {
        Some(Verb {
            service,
            token,
            sure,
        })
    };
    let (sure, likely) = (Confidence::High, Confidence::Medium);
    match command.name() {
        "npm" | "pnpm" | "yarn" | "bun" if publishes_npm(command) => {
            let other = value(&["--registry"]).is_some_and(|r| !r.contains("registry.npmjs.org"));
            (!other).then(|| verb(Service::Npm, None, sure))?
        }
        "lerna" | "changeset" if command.begins_with(&["publish"]) => {
            verb(Service::Npm, None, likely)
        }
        "semantic-release" => verb(Service::Npm, None, likely),
        "twine" if command.begins_with(&["upload"]) => {
            python(command, value(&["-p", "--password"]))
        }
        "poetry" | "flit" | "hatch" | "pdm" if command.begins_with(&["publish"]) => {
            python(command, value(&["-p", "--password", "-a", "--auth"]))
        }
        "uv" if command.begins_with(&["publish"]) => {
            python(command, value(&["-t", "--token", "-p", "--password"]))
        }
        "maturin" if command.begins_with(&["publish"]) || command.begins_with(&["upload"]) => {
            python(command, value(&["-p", "--password"]))
        }
        "cargo" => crates(command),
        "gem" if command.begins_with(&["push"]) => {
            let other = value(&["--host"]).is_some_and(|host| !host.contains("rubygems.org"));
            (!other).then(|| verb(Service::Rubygems, None, sure))?
        }
        "dotnet" if command.begins_with(&["nuget", "push"]) => nuget(command),
        "nuget" if command.begins_with(&["push"]) => nuget(command),
        "deno" | "jsr" if command.begins_with(&["publish"]) => {
            verb(Service::Jsr, value(&["--token"]), sure)
        }
        _ => None,
    }
}

fn publishes_npm(command: &Command) -> bool {
    let words: Vec<&str> = command.operands().map(Word::text).take(4).collect();
    match words.as_slice() {
        ["run" | "run-script" | "exec" | "dlx" | "config" | "x", ..] => false,
        ["npm", "publish", ..] => command.name() == "yarn",
        words => words.iter().take(3).any(|word| *word == "publish"),
    }
}

/// Tools of Python name the repository in several ways.
fn python<'c>(command: &'c Command, token: Option<&'c str>) -> Option<Verb<'c>> {
    let flags = [
        "--repository-url",
        "--repository",
        "-r",
        "--repo",
        "--publish-url",
        "--index",
        "--index-url",
    ];
    let target = command.value_of(&flags).map(|(_, value)| value);
    let public = target.is_none_or(|t| t == "pypi" || t.contains("upload.pypi.org"));
    public.then_some(Verb {
        service: Service::Pypi,
        token,
        sure: Confidence::High,
    })
}

fn crates(command: &Command) -> Option<Verb<'_>> {
    let publishes = command.begins_with(&["publish"])
        || command.begins_with(&["workspaces", "publish"])
        || command.begins_with(&["ws", "publish"]);
    // `+stable` stands before the verb.
    let publishes = publishes
        || command
            .operands()
            .nth(1)
            .is_some_and(|w| w.text() == "publish")
            && command
                .operands()
                .next()
                .is_some_and(|w| w.text().starts_with('+'));
    if !publishes || command.flag(&["--registry", "--index"]).is_some() {
        return None;
    }
    Some(Verb {
        service: Service::Crates,
        token: command.value_of(&["--token"]).map(|(_, value)| value),
        sure: Confidence::High,
    })
}

fn nuget(command: &Command) -> Option<Verb<'_>> {
    let source = command.value_of(&["-s", "--source", "-Source", "-source", "-src"]);
    if source.is_some_and(|(_, source)| !source.contains("nuget.org")) {
        return None;
    }
    let keys = ["-k", "--api-key", "-ApiKey", "-apikey"];
    Some(Verb {
        service: Service::Nuget,
        token: command.value_of(&keys).map(|(_, value)| value),
        // Where no source is named, a file of settings names it.
        sure: if source.is_some() {
            Confidence::High
        } else {
            Confidence::Medium
        },
    })
}
