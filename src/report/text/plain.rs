//! Text from strangers' files made fit for a terminal.

use std::borrow::Cow;

/// Replaces what a terminal would obey or hide: control characters (escape
/// sequences begin with one), marks that reorder text, and invisible separators.
/// Line breaks become spaces, since every caller writes one line.
pub(in crate::report) fn plain(text: &str) -> Cow<'_, str> {
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    text.chars()
        .map(|c| match c {
            _ if harmless(c) => c,
            '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
            // The picture of the control character, such as U+241B for escape.
            '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
            _ => '\u{fffd}',
        })
        .collect::<String>()
        .into()
}

fn harmless(c: char) -> bool {
    let hidden = matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    );
    c == '\t' || !(hidden || c.is_control())
}

/// Breaks text between words: the first line holds `first` characters, the others
/// `rest`. A longer word is left whole, so that a path can be copied.
pub(super) fn wrap(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut room = first;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        let line_is_empty = lines.last().is_none_or(String::is_empty);
        let needed = width + usize::from(!line_is_empty);
        if needed > room && !line_is_empty {
            lines.push(word.to_owned());
            room = rest.saturating_sub(width);
        } else if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            room = room.saturating_sub(needed);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_remains() {
        assert_eq!(plain("a\u{1b}[31mb\rc\nd"), "a\u{241b}[31mb c d");
        assert_eq!(
            plain("\u{9b}2J\u{7f}\u{202e}x\u{e0041}"),
            "\u{fffd}2J\u{fffd}\u{fffd}x\u{fffd}"
        );
        assert_eq!(plain("\ttäb 😀"), "\ttäb 😀");
        for c in '\0'..='\u{ffff}' {
            let shown = plain(&c.to_string()).into_owned();
            assert!(c == '\t' || !shown.chars().any(char::is_control), "{c:?}");
        }
    }

    #[test]
    fn wraps_between_words() {
        assert_eq!(wrap("one two three", 7, 6), ["one two", "three"]);
        assert_eq!(wrap("one two three", 6, 9), ["one", "two three"]);
        assert_eq!(wrap("a-very-long-word b", 4, 4), ["a-very-long-word", "b"]);
        assert_eq!(wrap("", 4, 4), [""]);
    }
}
