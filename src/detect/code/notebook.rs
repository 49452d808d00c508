//! Notebooks: code and its output are strings of JSON there, a line or a cell each, and
//! are read as what they say.

use super::assignment;
use crate::detect::{Cx, Hit};
use crate::document::{Document, Node, Span, Value};

/// Most bytes of a cell that are read.
const LONGEST: usize = 1 << 20;

/// Finds what the assignment rule finds in the cells and their outputs.
pub(super) fn secrets(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for root in cx.document.tree().root.items() {
        for cell in root.get("cells").map_or(&[][..], Node::items) {
            let code = cell.get("cell_type").and_then(Node::text) == Some("code");
            if let Some(source) = cell.get("source") {
                text(
                    cx,
                    source,
                    if code { "cell.py" } else { "cell.md" },
                    &mut hits,
                );
            }
            for output in cell.get("outputs").map_or(&[][..], Node::items) {
                let data = output.get("data").and_then(|data| data.get("text/plain"));
                for part in [output.get("text"), data].into_iter().flatten() {
                    text(cx, part, "output.log", &mut hits);
                }
            }
        }
    }
    hits
}

/// Reads one text, which is a string or a list of its lines.
fn text(cx: &Cx<'_, '_>, node: &Node, path: &str, hits: &mut Vec<Hit>) {
    let mut whole = String::new();
    // Where each string begins in the text, and where it stands in the file.
    let mut pieces: Vec<(usize, Span)> = Vec::new();
    let strings = match &node.value {
        Value::Array(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    for string in strings {
        if whole.len() > LONGEST {
            break;
        }
        pieces.push((whole.len(), string.span));
        whole.push_str(string.text().unwrap_or_default());
    }
    let keywords = keywords(cx, &whole);
    if keywords.is_empty() {
        return;
    }
    let document = Document::new(path, whole.as_bytes());
    let inner = Cx {
        document: &document,
        rule: cx.rule,
        keywords: &keywords,
        beyond: cx.beyond,
    };
    for hit in assignment::generic_secrets(&inner) {
        let Some(secret) = placed(cx.document.bytes(), &whole, &pieces, hit.secret) else {
            continue;
        };
        let hit = Hit {
            span: secret,
            secret,
            ..hit
        };
        cx.keep(hit, hits);
    }
}

/// The places of the rule's keywords in a text.
fn keywords(cx: &Cx<'_, '_>, text: &str) -> Vec<Span> {
    let lower = text.to_ascii_lowercase();
    let mut places: Vec<Span> = cx
        .rule
        .keywords
        .iter()
        .flat_map(|keyword| {
            memchr::memmem::find_iter(lower.as_bytes(), keyword.as_bytes())
                .map(|at| Span::new(at, at + keyword.len()))
        })
        .collect();
    places.sort_unstable();
    places
}

/// Where a part of the text stands in the file: inside the string that holds it, written
/// with JSON's escapes.
fn placed(bytes: &[u8], text: &str, pieces: &[(usize, Span)], part: Span) -> Option<Span> {
    let index = pieces.partition_point(|(start, _)| *start <= part.start);
    let (start, string) = pieces.get(index.checked_sub(1)?)?;
    let before = text.get(*start..part.start)?;
    let own = text.get(part.range())?;
    let from = string.start + 1 + written(before).len();
    let own = written(own);
    let span = Span::new(from, from + own.len());
    // Another writer may escape more: then the whole string is the place, since a part
    // of the secret would be shown.
    let whole = Span::new(string.start + 1, string.end.saturating_sub(1));
    let same = !own.is_empty() && span.of(bytes) == own.as_bytes();
    Some(if same && whole.contains(span) {
        span
    } else {
        whole
    })
}

/// A text inside a JSON string, with the escapes that it has to have.
fn written(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    let inside = quoted.get(1..quoted.len() - 1);
    inside.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_behind_what_json_escapes() {
        let raw = br#"["x = \"\u00e9\"\n", "key = \"abc\"\n"]"#;
        let lines = ["x = \"é\"\n", "key = \"abc\"\n"];
        let text = lines.concat();
        let second = lines[0].len();
        let pieces = [(0, Span::new(1, 19)), (second, Span::new(21, 38))];
        let at = text.find("abc").unwrap();
        let found = placed(raw, &text, &pieces, Span::new(at, at + 3)).unwrap();
        assert_eq!(found.of(raw), b"abc");
        // This writer escaped more than it had to: the whole string is the place.
        let at = text.find("\"\n").unwrap();
        let found = placed(raw, &text, &pieces, Span::new(at, at + 1)).unwrap();
        assert!(found.of(raw).starts_with(b"x = "));
    }

    #[test]
    fn a_secret_with_needless_escapes_is_covered_whole() {
        let raw = br#"["k = \"ab\u0063d\""]"#;
        let text = "k = \"abcd\"";
        let pieces = [(0, Span::new(1, raw.len() - 1))];
        let at = text.find("abcd").unwrap();
        let found = placed(raw, text, &pieces, Span::new(at, at + 4)).unwrap();
        assert!(found.of(raw).ends_with(br#"\u0063d\""#));
    }
}
