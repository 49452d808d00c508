//! Taking off what merely runs another command.

use super::{Assignment, Word};
use crate::document::Span;

/// A program that runs the command after it.
struct Runner {
    name: &'static str,
    /// Words that must follow the name: `run` of `pipx run`.
    verb: &'static [&'static str],
    /// Flags that take the next word as their value.
    with_value: &'static [&'static str],
    /// Operands of its own before the command.
    operands: usize,
}

const fn runner(
    name: &'static str,
    verb: &'static [&'static str],
    with_value: &'static [&'static str],
    operands: usize,
) -> Runner {
    Runner {
        name,
        verb,
        with_value,
        operands,
    }
}

const RUNNERS: &[Runner] = &[
    runner(
        "sudo",
        &[],
        &[
            "-u", "-g", "-h", "-p", "-C", "-T", "-D", "-R", "-U", "--user", "--group",
        ],
        0,
    ),
    runner("doas", &[], &["-u", "-C"], 0),
    runner("env", &[], &["-u", "-C", "--unset", "--chdir"], 0),
    runner("time", &[], &["-f", "-o"], 0),
    runner("exec", &[], &["-a"], 0),
    runner("command", &[], &[], 0),
    runner("nohup", &[], &[], 0),
    runner("stdbuf", &[], &["-i", "-o", "-e"], 0),
    runner("nice", &[], &["-n"], 0),
    runner("timeout", &[], &["-k", "-s", "--kill-after", "--signal"], 1),
    runner("gtimeout", &[], &["-k", "-s"], 1),
    runner(
        "xargs",
        &[],
        &[
            "-I",
            "-n",
            "-P",
            "-L",
            "-d",
            "-a",
            "-E",
            "-s",
            "--max-args",
            "--max-procs",
        ],
        0,
    ),
    runner("cross-env", &[], &[], 0),
    runner("dotenv", &[], &["-e", "-c"], 0),
    runner("npx", &[], &["-p", "--package", "-c"], 0),
    runner("bunx", &[], &[], 0),
    runner("uvx", &[], &["--from", "--with", "-p", "--python"], 0),
    runner("pnpx", &[], &[], 0),
    runner("npm", &["exec"], &["-p", "--package"], 0),
    runner("pnpm", &["dlx"], &[], 0),
    runner("pnpm", &["exec"], &[], 0),
    runner("yarn", &["dlx"], &["-p"], 0),
    runner("pipx", &["run"], &["--spec", "--python"], 0),
    runner(
        "uv",
        &["run"],
        &[
            "--with",
            "--python",
            "-p",
            "--group",
            "--extra",
            "--project",
        ],
        0,
    ),
    runner("uv", &["tool", "run"], &["--from", "--with"], 0),
    runner("poetry", &["run"], &[], 0),
    runner("pipenv", &["run"], &[], 0),
    runner("hatch", &["run"], &[], 0),
    runner("bundle", &["exec"], &[], 0),
    runner("pdm", &["run"], &[], 0),
    runner("rye", &["run"], &[], 0),
    runner("pixi", &["run"], &["-e", "--environment"], 0),
    runner("conda", &["run"], &["-n", "--name", "-p", "--prefix"], 0),
    runner("micromamba", &["run"], &["-n", "-p"], 0),
    runner("mise", &["exec"], &[], 0),
    runner("mise", &["x"], &[], 0),
    runner(
        "go",
        &["run"],
        &["-C", "-mod", "-modfile", "-tags", "-ldflags"],
        0,
    ),
    runner("go", &["tool"], &["-C", "-modfile"], 0),
    // What lends a command its secrets.
    runner("aws-vault", &["exec"], &["-d", "--duration", "--region"], 1),
    runner("chamber", &["exec"], &[], 1),
    runner("direnv", &["exec"], &[], 1),
    runner(
        "doppler",
        &["run"],
        &["-p", "-c", "-t", "--project", "--config", "--token"],
        0,
    ),
    runner(
        "infisical",
        &["run"],
        &["--env", "--path", "--token", "--projectId"],
        0,
    ),
    runner("op", &["run"], &["--env-file", "--account"], 0),
    runner("dotenvx", &["run"], &["-f", "-e"], 0),
    runner("terramate", &["run"], &["--tags", "-C"], 0),
    runner("setsid", &[], &[], 0),
    runner("unbuffer", &[], &[], 0),
    runner("xvfb-run", &[], &["-n", "-s", "-e"], 0),
    runner("ionice", &[], &["-c", "-n"], 0),
    runner("python", &["-m"], &[], 0),
    runner("python3", &["-m"], &[], 0),
];

/// Moves assignments to `sets` and drops what runs the command.
pub(super) fn strip(mut words: Vec<Word>, sets: &mut Vec<Assignment>) -> Vec<Word> {
    loop {
        let mut at = 0;
        while let Some(set) = words.get(at).and_then(assignment) {
            sets.push(set);
            at += 1;
        }
        words.drain(..at);
        match runner_length(&words) {
            Some(length) if length < words.len() => {
                words.drain(..length);
            }
            _ => return words,
        }
    }
}

/// How many words a runner takes before the command it runs.
fn runner_length(words: &[Word]) -> Option<usize> {
    let first = words.first()?.text();
    let name = first.rsplit('/').next().unwrap_or(first);
    // `python3.12 -m` runs what `python -m` does.
    let name = match name.strip_prefix("python") {
        Some(version) if version.starts_with(|c: char| c.is_ascii_digit()) => "python3",
        _ => name,
    };
    let runner = RUNNERS.iter().find(|runner| {
        runner.name == name
            && runner
                .verb
                .iter()
                .enumerate()
                .all(|(i, verb)| words.get(i + 1).is_some_and(|word| word.text() == *verb))
    })?;
    let mut at = 1 + runner.verb.len();
    let mut operands = runner.operands;
    while let Some(word) = words.get(at) {
        let text = word.text();
        if text == "--" {
            return Some(at + 1);
        }
        if runner.with_value.contains(&text) {
            at += 2;
        } else if text.starts_with('-') {
            at += 1;
        } else if operands > 0 {
            operands -= 1;
            at += 1;
        } else {
            return Some(at);
        }
    }
    None
}

/// The assignment that a word is.
pub(super) fn assignment(word: &Word) -> Option<Assignment> {
    let (name, value) = word.text().split_once('=')?;
    let name = name.strip_suffix('+').unwrap_or(name);
    is_name(name).then(|| Assignment {
        name: name.to_owned(),
        value: value.to_owned(),
        span: Span::new(word.span.start, word.span.end),
    })
}

/// Whether a text could name a variable.
pub(super) fn is_name(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && text.bytes().next().is_some_and(|b| !b.is_ascii_digit())
}
