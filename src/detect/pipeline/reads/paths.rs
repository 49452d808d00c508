//! Finding references in a text: expressions, dotted paths, variables.

use super::Read;

/// Calls `visit` with what stands between `open` and `close`.
pub(super) fn each<'t>(text: &'t str, open: &str, close: &str, visit: &mut dyn FnMut(&'t str)) {
    let mut rest = text;
    while let Some(start) = rest.find(open) {
        rest = rest.get(start + open.len()..).unwrap_or_default();
        let Some(end) = rest.find(close) else {
            return;
        };
        visit(rest.get(..end).unwrap_or_default());
        rest = rest.get(end + close.len()..).unwrap_or_default();
    }
}

/// GitHub's `${{ … }}`.
pub(super) fn expressions(text: &str, out: &mut Vec<Read>) {
    each(text, "${{", "}}", &mut |inner| {
        for path in paths(inner) {
            let Some((context, rest)) = path.split_first() else {
                continue;
            };
            let Some(name) = rest.first().cloned() else {
                continue;
            };
            out.push(match context.to_ascii_lowercase().as_str() {
                "secrets" => Read::Secret(name),
                "vars" => Read::Variable(name),
                "inputs" => Read::Input(name),
                "env" => Read::Env(name),
                "steps" | "needs" => Read::Output(rest.join(".")),
                "github" if name.eq_ignore_ascii_case("token") => {
                    Read::Secret("GITHUB_TOKEN".to_owned())
                }
                "github"
                    if rest.len() > 2
                        && name == "event"
                        && rest.get(1).is_some_and(|p| p == "inputs") =>
                {
                    Read::Input(rest.last().cloned().unwrap_or_default())
                }
                context => Read::Other(format!("{context}.{}", rest.join("."))),
            });
        }
    });
}

/// The dotted paths in an expression, `a.b`, `a['b']`, without what stands in quotes.
pub(super) fn paths(inner: &str) -> Vec<Vec<String>> {
    let bytes = inner.as_bytes();
    let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'*');
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'\'' {
            let rest = bytes.get(at + 1..).unwrap_or_default();
            at += memchr::memchr(b'\'', rest).map_or(rest.len(), |end| end + 1) + 1;
            continue;
        }
        if !byte.is_ascii_alphabetic() && *byte != b'_' {
            at += 1;
            continue;
        }
        let (path, end) = path(inner, at, word);
        at = end.max(at + 1);
        if path.len() > 1 {
            out.push(path);
        }
    }
    out
}

/// The path that begins at `at`, and where it ends.
pub(super) fn path(inner: &str, mut at: usize, word: impl Fn(u8) -> bool) -> (Vec<String>, usize) {
    let bytes = inner.as_bytes();
    let mut path = Vec::new();
    loop {
        let length = bytes.get(at..).unwrap_or_default();
        let length = length.iter().take_while(|b| word(**b)).count();
        path.push(inner.get(at..at + length).unwrap_or_default().to_owned());
        at += length;
        let blanks = |at: usize| {
            let rest = bytes.get(at..).unwrap_or_default();
            rest.iter().take_while(|b| b.is_ascii_whitespace()).count()
        };
        let next = at + blanks(at);
        match bytes.get(next) {
            Some(b'.') => at = next + 1 + blanks(next + 1),
            Some(b'[') => {
                let quote = next + 1 + blanks(next + 1);
                let rest = inner.get(quote + 1..).unwrap_or_default();
                let (Some(b'\''), Some(end)) = (bytes.get(quote), rest.find('\'')) else {
                    return (path, next + 1);
                };
                path.push(rest.get(..end).unwrap_or_default().to_owned());
                at = quote + 1 + end + 1;
                at += blanks(at);
                if bytes.get(at) == Some(&b']') {
                    at += 1;
                }
                match bytes.get(at) {
                    Some(b'.') => at += 1,
                    _ => return (path, at),
                }
            }
            _ => return (path, at),
        }
    }
}

/// `$NAME`, `${NAME}`, `${NAME:-x}`, `$env:NAME`, `%NAME%`.
pub(super) fn shell_variables(text: &str, out: &mut Vec<Read>) {
    let bytes = text.as_bytes();
    let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    for at in memchr::memchr_iter(b'$', bytes) {
        if at > 0 && bytes.get(at - 1) == Some(&b'\\') {
            continue;
        }
        let mut start = at + 1;
        let rest = bytes.get(start..).unwrap_or_default();
        if rest.starts_with(b"{{") || rest.starts_with(b"(") {
            continue;
        }
        if rest.starts_with(b"{") {
            start += 1;
        } else if rest.starts_with(b"env:") {
            start += 4;
        }
        let name = bytes.get(start..).unwrap_or_default();
        let length = name.iter().take_while(|b| word(b)).count();
        let name = text.get(start..start + length).unwrap_or_default();
        if !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) {
            out.push(Read::Env(name.to_owned()));
        }
    }
}
