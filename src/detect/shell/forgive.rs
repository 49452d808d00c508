//! Whose failure nobody sees: `|| true` and its like.

use super::{Command, Mapped, Op, Word};

/// Marks the commands whose failure nobody sees.
pub(super) fn mark(text: &Mapped, commands: &mut [Command], all: bool) {
    let asked = memchr::memmem::find(text.bytes(), b"$?").is_some()
        || memchr::memmem::find(text.bytes(), b"PIPESTATUS").is_some();
    let mut plus_e = false;
    let swallowed = or_true(commands);
    for index in 0..commands.len() {
        let Some(command) = commands.get(index) else {
            break;
        };
        if command.name() == "set" {
            plus_e = match command.args().first().map(Word::text) {
                Some("+e" | "+ex" | "+eu") => true,
                Some(flags) if flags.starts_with('-') && flags.contains('e') => false,
                _ => plus_e,
            };
            continue;
        }
        // The last command's exit code is the script's.
        let last = index + 1 == commands.len();
        let forgiven = all || swallowed.get(index) == Some(&true) || plus_e && !asked && !last;
        if let Some(command) = commands.get_mut(index) {
            command.forgiven = forgiven;
        }
    }
}

/// For each command whether its pipeline ends in `|| true` or its like.
fn or_true(commands: &[Command]) -> Vec<bool> {
    let mut swallowed = vec![false; commands.len()];
    let mut next = false;
    for (index, command) in commands.iter().enumerate().rev() {
        next = match command.next {
            Op::Pipe => next,
            Op::Or => commands.get(index + 1).is_some_and(is_harmless),
            _ => false,
        };
        if let Some(slot) = swallowed.get_mut(index) {
            *slot = next;
        }
    }
    swallowed
}

/// Whether a command after `||` makes a failure one that nobody sees.
fn is_harmless(other: &Command) -> bool {
    let harmless = match other.name() {
        "true" | ":" => true,
        "exit" | "return" => other.args().first().is_some_and(|w| w.text() == "0"),
        "echo" | "printf" => other.next != Op::And,
        _ => false,
    };
    harmless && !other.opens
}
