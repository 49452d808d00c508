//! Tables for a reader: at a terminal, and in Markdown.

use comfy_table::{ContentArrangement, Table, presets};

use super::text::plain::plain;
use crate::finding::veiled;

/// A text of the register's, fit to be shown: nothing in it that a terminal obeys, and
/// nothing that could be a key. What a finding says was masked when it was made.
pub(super) fn cell(text: &str) -> String {
    veiled(&plain(text))
}

/// A table with its columns below one another. With a `width`, cells are broken to fit
/// in.
pub(super) fn text(header: &[&str], rows: &[Vec<String>], width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    match width {
        Some(width) => table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    for row in rows {
        table.add_row(row.iter().map(|text| plain(text).into_owned()));
    }
    let mut out = String::new();
    for line in table.lines() {
        out.push_str(line.strip_prefix(' ').unwrap_or(&line).trim_end());
        out.push('\n');
    }
    out
}

/// A table in Markdown, as GitHub and GitLab show it.
pub(super) fn markdown(header: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut out = line(header.iter().map(|text| (*text).to_owned()).collect());
    out.push_str(&line(vec!["---".to_owned(); header.len()]));
    for row in rows {
        out.push_str(&line(row.iter().map(|text| in_markdown(text)).collect()));
    }
    out
}

/// A text that Markdown leaves as it is: no markup, no link, no end of its cell.
fn in_markdown(text: &str) -> String {
    let mut out = String::new();
    for c in plain(text).chars() {
        if c.is_ascii_punctuation()
            && matches!(
                c,
                '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '#' | '@' | '&' | '!'
            )
        {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_stays_in_its_cell() {
        let rows = [vec!["a|b".to_owned(), "[x](y) <b>\n@c".to_owned()]];
        assert_eq!(
            markdown(&["one", "two"], &rows),
            "| one | two |\n| --- | --- |\n| a\\|b | \\[x\\](y) \\<b\\> \\@c |\n"
        );
    }

    #[test]
    fn a_table_fits_its_width() {
        let rows = [vec![
            "EXC-1".to_owned(),
            "a long title of several words".to_owned(),
        ]];
        let wide = text(&["id", "title"], &rows, None);
        assert_eq!(wide, "id     title\nEXC-1  a long title of several words\n");
        let narrow = text(&["id", "title"], &rows, Some(24));
        assert!(
            narrow.lines().all(|line| line.chars().count() <= 24),
            "{narrow}"
        );
        assert!(narrow.lines().count() > 2, "{narrow}");
    }
}
