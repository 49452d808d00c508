//! What of a line may be a credential that no rule found. A line is shown for the
//! bypass on it, and whatever else stands there is nobody's business: what a literal
//! holds is shown only when it is made of plain words.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::document::Span;

use super::plain::{is_harmless, is_plain, is_variable, keys_in, pins_in};

/// A piece of a line, to be judged.
#[derive(Clone, Copy)]
pub(super) struct Line<'b> {
    pub(super) text: &'b [u8],
    /// What the finding points at.
    pub(super) lit: Span,
    /// A name without quotes is no literal.
    pub(super) code: bool,
    /// It is cut from a longer line, so that no quote is known to open a literal.
    pub(super) cut: bool,
}

/// A name that promises a credential.
const NAME: &str = r"[\w.-]*(?:passw|passphrase|pwd|pass|pw|secret|token|key|auth|bearer|cred|session|cookie|signature|\bsid\b)[\w.-]*";

/// A value with its quotes, or a group of values.
const VALUE: &str =
    r#"(?P<v>\\?"[^"]*"?|'[^']*'?|`[^`]*`?|[\w.]*[(\[{][^)\]}\n]*|[^\s"'`,;)\]}]+)"#;

/// Where a value stands that is masked whatever it looks like.
static TOLD: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // `name = value`, `"name": "value"`, `--name=value`, `"--name", "value"`
        format!(r#"(?i){NAME}\\?["'\])]*\s*(?:[:=,>]|=>|:=)+\s*(?:[rbuf$@]{{0,2}})??{VALUE}"#),
        // `PASSWORD 'value'`, `--name value`
        format!(r#"(?i)(?:{NAME}|identified\s+(?:with\s+\w+\s+)?by)\\?\s+(?P<v>\\?"[^"]*"?|'[^']*'?)"#),
        format!(r"(?i)(?:--{NAME}|\b(?:bearer|basic|password|identified\s+by))\s+{VALUE}"),
        format!(r#"(?i)(?:^|[\s"'\[,(])(?:-[A-Za-z]{{0,6}}[uHbpP]|--(?:user|header|proxy-user|proxy-header|cookie|prompt|print)\b)\\?["']?(?:\s*[,=]\s*|\s+){VALUE}"#),
        r#"(?i)\b(?:authorization|cookie|x-[\w-]+)\\?["']?\s*[:=]\s*(?P<v>[^"'`\n]+)"#.to_owned(),
        r#"[?&][\w.\[\]-]+=(?P<v>[^&\s"'`#)]+)"#.to_owned(),
        r#"://[^\s/:@"'`]*:(?P<v>[^\s/@"'`]+)@"#.to_owned(),
        r#"://(?P<v>[^\s/:@"'`]+)@"#.to_owned(),
        r"\b(?:mysql\w*|mariadb\w*|sshpass|7z)\b[^|;&\n]*?\s-p(?P<v>[^\s=]+)".to_owned(),
        // A password that is piped to whatever asks for one.
        format!(r"\b(?:echo|printf)\s+(?:-\w+\s+)*{VALUE}\s*\|"),
    ]
    .iter()
    .map(|regex| Regex::new(&format!("(?-u){regex}")).expect("a constant regex"))
    .collect()
});

/// What may not be shown of a line.
pub(super) fn doubtful(line: Line<'_>) -> Vec<Span> {
    let mut out = Vec::new();
    for regex in TOLD.iter() {
        // Values may follow on one another, so the search goes on inside of a match.
        let mut at = 0;
        while let Some(value) = regex.captures_at(line.text, at).and_then(|c| c.name("v")) {
            told(line, Span::new(value.start(), value.end()), &mut out);
            at = value.start().max(at + 1);
        }
    }
    literals(line, Span::new(0, line.text.len()), 0, &mut out);
    for key in keys_in(line.text) {
        out.push(key);
    }
    out
}

/// A value beside a name that tells what it is.
fn told(line: Line<'_>, value: Span, out: &mut Vec<Span>) {
    let text = value.of(line.text);
    if let Some(opens) = group(text) {
        if is_variable(text) {
            return;
        }
        // Every literal of the group, and where literals have no quotes, all of it.
        let inside = Span::new(value.start + opens + 1, value.end);
        let before = out.len();
        quoted(line.text, inside, |content| {
            out.push(content);
        });
        if out.len() == before && !line.code {
            words(line.text, inside, |word| {
                if !is_harmless(word.of(line.text)) && !is_variable(word.of(line.text)) {
                    out.push(word);
                }
            });
        }
        return;
    }
    let content = unquoted(line.text, value);
    let bare = content.len() == value.len();
    let inner = content.of(line.text);
    let pointed_at = line.lit.contains(content) && is_plain(inner);
    // `token = os.environ[…]`, `auth=login(…)`
    let name = bare && line.code && is_plain(inner);
    let opened = !bare && line.lit.overlaps(content) && !line.lit.contains(content);
    if !(pointed_at || name || opened || is_harmless(inner) || is_variable(inner)) {
        out.push(content);
    }
}

/// Where the bracket stands that opens a group of values, or the arguments of a call.
fn group(text: &[u8]) -> Option<usize> {
    let name = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.');
    let at = text.iter().take_while(name).count();
    matches!(text.get(at), Some(b'(' | b'[' | b'{')).then_some(at)
}

/// The literals within, and what stands between them.
fn literals(line: Line<'_>, within: Span, depth: usize, out: &mut Vec<Span>) {
    let mut at = within.start;
    let mut opened = Vec::new();
    quoted(line.text, within, |content| {
        bare(line, Span::new(at, content.start), out);
        at = content.end;
        let text = content.of(line.text);
        if line.lit.overlaps(content) && !line.lit.contains(content) {
            // A script in quotes, of which a part is pointed at.
            opened.push(content);
        } else if !is_plain(text) && !is_variable(text) {
            out.push(content);
        }
    });
    bare(line, Span::new(at.min(within.end), within.end), out);
    for content in opened {
        if depth < 3 {
            literals(line, content, depth + 1, out);
        } else {
            out.push(content);
        }
    }
}

/// Words without quotes.
fn bare(line: Line<'_>, within: Span, out: &mut Vec<Span>) {
    words(line.text, within, |word| {
        if line.lit.contains(word) {
            return;
        }
        let text = word.of(line.text);
        let (from, value) = match text.iter().rposition(|b| matches!(b, b'=' | b':')) {
            Some(at) if at + 1 < text.len() => (word.start + at + 1, text.get(at + 1..)),
            _ => (word.start, Some(text)),
        };
        let value = value.unwrap_or_default();
        let given = from > word.start || follows_sign(line.text, word.start);
        if (line.cut || given && !line.code) && !is_plain(value) && !is_variable(value) {
            // With a colon inside, as a time or a version has it, all of it is judged.
            let all = if is_plain(text) { word.end } else { from };
            out.push(Span::new(all, word.end));
        }
    });
}

/// Whether a word is given to a name: `name: word`, `name = word`.
fn follows_sign(text: &[u8], start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default().trim_ascii_end();
    matches!(before.last(), Some(b'=' | b':'))
}

/// Calls `each` with every word between blanks, quotes and brackets.
fn words(text: &[u8], within: Span, mut each: impl FnMut(Span)) {
    let stops = |b: &u8| b.is_ascii_whitespace() || b"\"'`(){}[],;<>|&".contains(b);
    let pins = pins_in(text);
    let mut at = within.start;
    while at < within.end {
        let rest = Span::new(at, within.end).of(text);
        let len = rest.iter().position(stops).unwrap_or(rest.len());
        if len > 0 {
            let word = Span::new(at, at + len);
            if !pins.iter().any(|pin| word.contains(*pin)) {
                each(word);
            }
        }
        at += len + 1;
    }
}

/// Calls `each` with what stands between quotes. A quote that isn't closed holds the
/// rest; an apostrophe in a word is none.
fn quoted(text: &[u8], within: Span, mut each: impl FnMut(Span)) {
    let mut at = within.start;
    while let Some(byte) = text.get(at).filter(|_| at < within.end) {
        let before = at.checked_sub(1).and_then(|at| text.get(at)).copied();
        let apostrophe = *byte == b'\'' && before.is_some_and(|b| b.is_ascii_alphabetic());
        let prefix = before.is_some_and(|b| b"rbufRBUF".contains(&b))
            && at
                .checked_sub(2)
                .and_then(|at| text.get(at))
                .is_none_or(|b| !b.is_ascii_alphanumeric());
        if !matches!(byte, b'"' | b'\'' | b'`') || apostrophe && !prefix {
            at += 1;
            continue;
        }
        let start = at + 1;
        let escaped = before == Some(b'\\');
        let mut end = start;
        while end < within.end {
            match text.get(end) {
                Some(b'\\') if escaped && text.get(end + 1) == Some(byte) => break,
                Some(b'\\') => end += 2,
                Some(b) if b == byte => break,
                _ => end += 1,
            }
        }
        let end = end.min(within.end);
        if start < end {
            each(Span::new(start, end));
        }
        at = end + 1 + usize::from(escaped);
    }
}

/// A value without its quotes.
fn unquoted(text: &[u8], value: Span) -> Span {
    let raw = value.of(text);
    let skip = usize::from(raw.first() == Some(&b'\\'));
    let Some(quote @ (b'"' | b'\'' | b'`')) = raw.get(skip) else {
        return value;
    };
    let start = value.start + skip + 1;
    let mut end = value.end;
    if end > start && text.get(end - 1) == Some(quote) {
        end -= 1;
    }
    if skip == 1 && end > start && text.get(end - 1) == Some(&b'\\') {
        end -= 1;
    }
    Span::new(start, end.max(start))
}
