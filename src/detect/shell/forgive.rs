//! Whose failure nobody sees: `|| true` and its like.

use super::{Command, Mapped, Op, Word};

/// Whose failure whatever runs a script takes for the script's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Fails {
    /// Each command's: the script is run with `-e`, or line by line.
    Each,
    /// The last command's alone: `sh -c`, a recipe, PowerShell's native commands.
    Last,
    /// None: make's `-`, or a script within one that is forgiven.
    Nobody,
}

impl Fails {
    /// How a script within another's command counts.
    pub(super) const fn within(forgiven: bool, each: bool) -> Self {
        match (forgiven, each) {
            (true, _) => Self::Nobody,
            (false, true) => Self::Each,
            (false, false) => Self::Last,
        }
    }
}

/// Signs that a script looks at how a command went.
const ASKS: [&[u8]; 3] = [b"$?", b"PIPESTATUS", b"$LASTEXITCODE"];

/// Marks the commands whose failure nobody sees.
pub(super) fn mark(text: &Mapped, commands: &mut [Command], fails: Fails) {
    let asked = ASKS
        .iter()
        .any(|sign| memchr::memmem::find(text.bytes(), sign).is_some());
    let mut plus_e = false;
    let swallowed = or_true(commands);
    let ends_well = fails == Fails::Last && !asked && ends_well(commands);
    for index in 0..commands.len() {
        let Some(command) = commands.get(index) else {
            break;
        };
        if command.name() == "set" {
            plus_e = switches_off_errexit(command).unwrap_or(plus_e);
            continue;
        }
        // The last command's exit code is the script's.
        let last = index + 1 == commands.len();
        let forgiven = fails == Fails::Nobody
            || swallowed.get(index) == Some(&true)
            || (plus_e && !asked || ends_well) && !last
            || is_silent(command);
        if let Some(command) = commands.get_mut(index) {
            command.forgiven = forgiven;
        }
    }
}

/// Whether `set` switches the stop at the first failure off or, false, on.
fn switches_off_errexit(set: &Command) -> Option<bool> {
    let mut words = set.args().iter().map(Word::text);
    let first = words.next()?;
    if words.next() == Some("errexit") {
        return match first {
            "+o" => Some(true),
            "-o" => Some(false),
            _ => None,
        };
    }
    let letters = first.get(1..)?;
    let short = letters.bytes().all(|b| b.is_ascii_alphabetic()) && letters.contains('e');
    match first.as_bytes().first() {
        Some(b'+') if short => Some(true),
        Some(b'-') if short => Some(false),
        _ => None,
    }
}

/// Whether a script that counts by its last command always succeeds: it ends in `true`
/// or `exit 0`, and nothing before ends it otherwise.
fn ends_well(commands: &[Command]) -> bool {
    let Some((last, before)) = commands.split_last() else {
        return false;
    };
    let well = matches!(last.name(), "true" | ":") || exits_well(last);
    // After `||` or `&&` it is not the end of every way through.
    let joined = before
        .last()
        .is_some_and(|command| matches!(command.next, Op::Or | Op::And));
    let stops = |command: &Command| {
        matches!(command.name(), "exit" | "return" | "false" | "throw") && !exits_well(command)
            || command.name() == "set" && switches_off_errexit(command) == Some(false)
    };
    well && !joined && !before.iter().any(stops)
}

/// `exit 0` and its like.
fn exits_well(command: &Command) -> bool {
    let mut words = command.args().iter().map(Word::text);
    matches!(command.name(), "exit" | "return")
        && match words.next() {
            Some("/b" | "/B") => words.next() == Some("0"),
            first => first == Some("0"),
        }
}

/// `-ErrorAction SilentlyContinue` of PowerShell's commands.
fn is_silent(command: &Command) -> bool {
    let mut words = command.args().iter().map(Word::text);
    while let Some(word) = words.next() {
        if word.eq_ignore_ascii_case("-ErrorAction") || word.eq_ignore_ascii_case("-EA") {
            return words.next().is_some_and(|value| {
                ["SilentlyContinue", "Ignore", "Continue", "0"]
                    .iter()
                    .any(|soft| value.eq_ignore_ascii_case(soft))
            });
        }
    }
    false
}

/// For each command whether its pipeline ends in `|| true` or its like.
fn or_true(commands: &[Command]) -> Vec<bool> {
    let mut swallowed = vec![false; commands.len()];
    let mut next = false;
    for (index, command) in commands.iter().enumerate().rev() {
        next = match command.next {
            Op::Pipe => next,
            Op::Or => commands.get(index + 1..).is_some_and(is_harmless),
            _ => false,
        };
        if let Some(slot) = swallowed.get_mut(index) {
            *slot = next;
        }
    }
    swallowed
}

/// Most commands of a group after `||` that are looked through.
const GROUP: usize = 16;

/// Whether what begins after `||`, a command or a group, makes a failure one that
/// nobody sees.
fn is_harmless(rest: &[Command]) -> bool {
    let Some(first) = rest.first() else {
        return false;
    };
    if !first.opens {
        return is_harmless_command(first);
    }
    for command in rest.iter().take(GROUP) {
        if exits_well(command) {
            return true;
        }
        if !is_harmless_command(command) {
            return false;
        }
        if command.closes {
            return command.next != Op::And;
        }
    }
    false
}

fn is_harmless_command(other: &Command) -> bool {
    match other.name() {
        "true" | ":" => true,
        "exit" | "return" => exits_well(other),
        "echo" | "printf" | "Write-Host" | "Write-Output" | "Write-Warning" => {
            other.next != Op::And && !tells_on(other)
        }
        _ => false,
    }
}

/// Whether a message is one that a later step, or the service, acts on.
fn tells_on(message: &Command) -> bool {
    let kept = message.to.iter().any(|to| {
        let to = to.text();
        to.contains("GITHUB_OUTPUT") || to.contains("GITHUB_ENV") || to.contains("BASH_ENV")
    });
    kept || message.args().iter().any(|word| {
        let text = word.text();
        text.contains("##vso[task.complete result=Failed")
            || text.contains("##vso[task.setvariable")
            || text.contains("::set-output")
    })
}
