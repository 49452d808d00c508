//! Whose failure nobody sees: `|| true` and its like.

use super::{Command, Mapped, Op, Word};

/// Marks the commands whose failure nobody sees.
pub(super) fn mark(text: &Mapped, commands: &mut [Command], all: bool) {
    let asked = memchr::memmem::find(text.bytes(), b"$?").is_some()
        || memchr::memmem::find(text.bytes(), b"PIPESTATUS").is_some();
    let mut plus_e = false;
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
        let forgiven = all || or_true(commands, index) || plus_e && !asked && !last;
        if let Some(command) = commands.get_mut(index) {
            command.forgiven = forgiven;
        }
    }
}

/// Whether the pipeline of a command ends in `|| true` or its like.
fn or_true(commands: &[Command], mut index: usize) -> bool {
    while commands.get(index).is_some_and(|c| c.next == Op::Pipe) {
        index += 1;
    }
    if commands.get(index).is_none_or(|c| c.next != Op::Or) {
        return false;
    }
    let Some(other) = commands.get(index + 1) else {
        return false;
    };
    let harmless = match other.name() {
        "true" | ":" => true,
        "exit" | "return" => other.args().first().is_some_and(|w| w.text() == "0"),
        "echo" | "printf" => other.next != Op::And,
        _ => false,
    };
    harmless && !other.opens
}
