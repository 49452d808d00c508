//! Tokens walked by index: brackets, dotted names, what stands beside what.

use super::{Class, Token, tokens};
use crate::document::{Document, Span};

/// Tokens without comments, to be walked by index.
pub(crate) struct Code<'d> {
    bytes: &'d [u8],
    tokens: Vec<Token>,
    /// For each token the bracket around it, and for an opening bracket the one that
    /// closes it; [`NONE`] where there is none.
    around: Vec<u32>,
    closes: Vec<u32>,
}

/// No token.
const NONE: u32 = u32::MAX;

/// How many names and brackets of a dotted name are looked at.
const STEPS: usize = 64;

impl<'d> Code<'d> {
    /// The code of a document.
    pub(crate) fn new(document: &Document<'d>) -> Self {
        let mut tokens = tokens(document);
        tokens.retain(|t| t.class != Class::Comment);
        let bytes = document.bytes();
        let (around, closes) = brackets(bytes, &tokens);
        Self {
            bytes,
            tokens,
            around,
            closes,
        }
    }

    /// The token at an index.
    pub(crate) fn get(&self, index: usize) -> Option<Token> {
        self.tokens.get(index).copied()
    }

    /// The text of a token; empty past the end.
    pub(crate) fn text(&self, index: usize) -> &'d str {
        let Some(token) = self.tokens.get(index) else {
            return "";
        };
        std::str::from_utf8(token.span.of(self.bytes)).unwrap_or("")
    }

    /// The text of a name or of a string without its quotes.
    pub(crate) fn word(&self, index: usize) -> &'d str {
        self.text(index).trim_matches(['"', '\'', '`'])
    }

    /// The index of the token that holds an offset.
    pub(crate) fn index_at(&self, offset: usize) -> Option<usize> {
        let index = self.tokens.partition_point(|t| t.span.end <= offset);
        let token = self.tokens.get(index)?;
        (token.span.start <= offset).then_some(index)
    }

    /// Whether the tokens from `index` on read so.
    pub(crate) fn reads(&self, index: usize, texts: &[&str]) -> bool {
        texts
            .iter()
            .enumerate()
            .all(|(i, text)| self.text(index + i) == *text)
    }

    /// From the first to the last of two tokens.
    pub(crate) fn span(&self, first: usize, last: usize) -> Span {
        let start = self.tokens.get(first).map_or(0, |t| t.span.start);
        let end = self.tokens.get(last).map_or(start, |t| t.span.end);
        Span::new(start, end)
    }

    /// The index of the bracket that encloses a token: `(`, `[` or `{`.
    pub(crate) fn enclosing(&self, index: usize) -> Option<usize> {
        let open = *self.around.get(index)?;
        (open != NONE).then_some(open as usize)
    }

    /// The index of the bracket that closes the one at `index`; past the end when none
    /// does.
    pub(crate) fn closing(&self, index: usize) -> usize {
        let close = self.closes.get(index).copied().unwrap_or(NONE);
        (close as usize).min(self.tokens.len())
    }

    /// The dotted name that ends before `index`, outermost first, and the index where
    /// it begins. A call or an index within is passed over: `a(b).c[0].d` gives
    /// `a c d`.
    pub(crate) fn dotted_before(&self, index: usize) -> (Vec<&'d str>, usize) {
        let mut names = Vec::new();
        let mut at = index;
        for _ in 0..STEPS {
            let Some(before) = at.checked_sub(1) else {
                break;
            };
            let text = self.text(before);
            if matches!(text, ")" | "]") {
                match self.enclosing(before) {
                    Some(open) => at = open,
                    None => break,
                }
                continue;
            }
            if self.get(before).is_none_or(|t| t.class != Class::Name) {
                break;
            }
            names.push(text);
            at = before;
            match at.checked_sub(1).map(|i| self.text(i)) {
                Some(".") => at -= 1,
                Some(">") if at >= 2 && self.text(at - 2) == "-" => at -= 2,
                Some(":") if at >= 2 && self.text(at - 2) == ":" => at -= 2,
                _ => break,
            }
        }
        names.reverse();
        (names, at)
    }
}

/// The bracket around each token, and what closes each bracket.
fn brackets(bytes: &[u8], tokens: &[Token]) -> (Vec<u32>, Vec<u32>) {
    let mut around = Vec::with_capacity(tokens.len());
    let mut closes = vec![NONE; tokens.len()];
    let mut open: Vec<u32> = Vec::new();
    for (index, token) in (0..).zip(tokens) {
        around.push(open.last().copied().unwrap_or(NONE));
        if token.class != Class::Mark {
            continue;
        }
        match token.span.of(bytes) {
            b"(" | b"[" | b"{" => open.push(index),
            b")" | b"]" | b"}" => {
                if let Some(close) = open.pop().and_then(|at| closes.get_mut(at as usize)) {
                    *close = index;
                }
            }
            _ => {}
        }
    }
    (around, closes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_brackets_and_names() {
        let text = b"requests.get(f(x)[0], verify=False)";
        let document = Document::new("a.py", text);
        let code = Code::new(&document);
        let verify = code.index_at(22).unwrap();
        assert!(code.reads(verify, &["verify", "=", "False"]));
        let open = code.enclosing(verify).unwrap();
        assert_eq!(code.dotted_before(open), (vec!["requests", "get"], 0));
        assert_eq!(code.text(code.closing(open)), ")");
    }
}
