//! Names set to values: environment variables in scripts, pipelines, Dockerfiles and
//! manifests, and keys of configuration files.

use super::lines;
use super::shell::{self, Command, Word};
use crate::document::{Document, Node, Span, Value};
use crate::kind::Kind;

/// A name and the value it is set to.
pub(crate) struct Setting {
    pub(crate) name: String,
    pub(crate) value: String,
    /// What to point at: the name and, where they touch, the value.
    pub(crate) span: Span,
}

impl Setting {
    /// The value as a truth value; that of a default in `${X:-true}`.
    pub(crate) fn truth(&self) -> Option<bool> {
        let value = self.value.trim();
        let default = value
            .strip_prefix("${")
            .and_then(|v| v.strip_suffix('}'))
            .and_then(|v| v.split_once(":-"))
            .map(|(_, default)| default);
        Node::from(default.unwrap_or(value)).truth()
    }
}

/// The name in lower case without separators: `gitsslnoverify`.
pub(crate) fn plain(name: &str) -> String {
    plain_bytes(name).map(char::from).collect()
}

/// The bytes of [`plain`], for who compares them with many names.
pub(crate) fn plain_bytes(name: &str) -> impl Iterator<Item = u8> + Clone {
    name.bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|b| b.to_ascii_lowercase())
}

/// The settings whose name is wanted.
pub(crate) fn settings(document: &Document<'_>, wanted: &dyn Fn(&str) -> bool) -> Vec<Setting> {
    let mut out = Vec::new();
    for command in shell::commands(document) {
        of_command(command, wanted, &mut out);
    }
    if document.is(Kind::Dockerfile) {
        dockerfile(document, wanted, &mut out);
    }
    if document.format().is_some() {
        of_node(&document.tree().root, wanted, &mut out);
    }
    out
}

fn of_command(command: &Command, wanted: &dyn Fn(&str) -> bool, out: &mut Vec<Setting>) {
    for set in &command.sets {
        if wanted(&set.name) {
            out.push(Setting {
                name: set.name.clone(),
                value: set.value.clone(),
                span: set.span,
            });
        }
    }
    let to_env = command
        .to
        .iter()
        .any(|file| file.text().contains("GITHUB_ENV") || file.text().contains("BASH_ENV"));
    let sets = match command.name() {
        "export" | "declare" | "typeset" | "readonly" | "local" | "set" | "setx" => true,
        "echo" | "printf" => to_env,
        _ => false,
    };
    let mut before = "";
    for (index, word) in command.words.iter().enumerate() {
        if sets || is_env_flag(before) {
            push(word, wanted, out);
        }
        before = word.text();
        let next = |n| command.words.get(index + n).map_or("", Word::text);
        let name = before
            .strip_prefix("$env:")
            .or_else(|| (index == 1 && command.name() == "setenv").then_some(before));
        if let Some(name) = name.filter(|name| wanted(name)) {
            out.push(Setting {
                name: name.to_owned(),
                value: next(if next(1) == "=" { 2 } else { 1 }).to_owned(),
                span: word.span,
            });
        }
    }
}

fn is_env_flag(flag: &str) -> bool {
    matches!(
        flag,
        "-e" | "--env"
            | "--build-arg"
            | "config:set"
            | "--set-env-vars"
            | "--update-env-vars"
            | "env"
    )
}

/// `NAME=value` as a word.
fn push(word: &Word, wanted: &dyn Fn(&str) -> bool, out: &mut Vec<Setting>) {
    if let Some((name, value)) = word.text().split_once('=')
        && wanted(name)
    {
        out.push(Setting {
            name: name.to_owned(),
            value: value.trim().to_owned(),
            span: word.span,
        });
    }
}

/// `ENV A=b C="d"`, `ENV A b`, `ARG A=b`.
fn dockerfile(document: &Document<'_>, wanted: &dyn Fn(&str) -> bool, out: &mut Vec<Setting>) {
    let mut goes_on = false;
    for line in lines::all(document) {
        let start = line.start;
        let Ok(text) = std::str::from_utf8(line.of(document.bytes())) else {
            continue;
        };
        let trimmed = text.trim();
        let upper = trimmed.get(..4).unwrap_or_default().to_ascii_uppercase();
        let begins = upper == "ENV " || upper == "ARG ";
        if !begins && !goes_on {
            continue;
        }
        goes_on = trimmed.ends_with('\\');
        let body = if begins {
            trimmed.get(4..).unwrap_or_default()
        } else {
            trimmed
        };
        let body_at = start + text.find(body).unwrap_or(0);
        let mut words = words(body).peekable();
        while let Some((offset, word)) = words.next() {
            let offset = body_at + offset;
            let (name, value) = match word.split_once('=') {
                Some(pair) => pair,
                None => (word, words.peek().map_or("", |(_, word)| word)),
            };
            if wanted(name) {
                out.push(Setting {
                    name: name.to_owned(),
                    value: value.trim_matches(['"', '\'']).to_owned(),
                    span: Span::new(offset, offset + word.len()),
                });
            }
        }
    }
}

/// Words between blanks with their offsets.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split(char::is_whitespace)
        .map(move |word| {
            let offset = at;
            at += word.len() + 1;
            (offset, word)
        })
        .filter(|(_, word)| !word.is_empty())
}

fn of_node(node: &Node, wanted: &dyn Fn(&str) -> bool, out: &mut Vec<Setting>) {
    match &node.value {
        Value::Array(items) => {
            for item in items {
                if let Some((name, value)) = item.text().and_then(|text| text.split_once('='))
                    && wanted(name)
                {
                    out.push(Setting {
                        name: name.to_owned(),
                        value: value.to_owned(),
                        span: item.span,
                    });
                }
                of_node(item, wanted, out);
            }
        }
        Value::Object(members) => {
            named(node, wanted, out);
            for member in members {
                if let Some(value) = member.value.scalar()
                    && !member.value.is_expression()
                    && wanted(&member.key)
                {
                    out.push(Setting {
                        name: member.key.clone(),
                        value: value.into_owned(),
                        span: joined(member.key_span, member.value.span),
                    });
                }
                of_node(&member.value, wanted, out);
            }
        }
        _ => {}
    }
}

/// `name: A` with `value: b`, as a container's environment has it.
fn named(node: &Node, wanted: &dyn Fn(&str) -> bool, out: &mut Vec<Setting>) {
    let Some(name) = node.get("name").filter(|n| n.text().is_some_and(wanted)) else {
        return;
    };
    if let Some(value) = node.get("value").and_then(Node::scalar) {
        out.push(Setting {
            name: name.text().unwrap_or_default().to_owned(),
            value: value.into_owned(),
            span: name.span,
        });
    }
}

/// Key and value when they are near, else the key.
fn joined(key: Span, value: Span) -> Span {
    if value.start >= key.end && value.start - key.end < 8 {
        Span::new(key.start, value.end)
    } else {
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_settings_in_every_form() {
        for (path, text) in [
            ("a.sh", "HUSKY=0 npm ci"),
            ("a.sh", "export HUSKY=\"0\""),
            ("a.sh", "docker run -e HUSKY=0 x"),
            ("a.sh", "echo HUSKY=0 >> \"$GITHUB_ENV\""),
            ("a.ps1", "$env:HUSKY = '0'"),
            ("Dockerfile", "ENV A=b \\\n  HUSKY=0\n"),
            ("Dockerfile", "ENV HUSKY 0\n"),
            (".env", "HUSKY=0\n"),
            (
                "compose.yml",
                "services:\n  a:\n    environment:\n      - HUSKY=0\n",
            ),
            ("k.yaml", "env:\n  - name: HUSKY\n    value: \"0\"\n"),
            (".github/workflows/a.yml", "env:\n  HUSKY: 0\n"),
            (
                "a.tf",
                "resource \"a\" \"b\" {\n  environment {\n    variables = { HUSKY = \"0\" }\n  }\n}\n",
            ),
        ] {
            let document = Document::new(path, text.as_bytes());
            let found = settings(&document, &|name| name == "HUSKY");
            let values: Vec<_> = found.iter().map(|s| s.value.as_str()).collect();
            assert_eq!(values, ["0"], "{path}: {text}");
        }
        let document = Document::new("a.sh", b"echo HUSKY=0");
        assert!(settings(&document, &|name| name == "HUSKY").is_empty());
    }
}
