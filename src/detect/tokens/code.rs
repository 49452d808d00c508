//! Tokens walked by index: brackets, dotted names, what stands beside what.

use super::{Class, Token, tokens};
use crate::document::{Document, Span};

/// Tokens without comments, to be walked by index.
pub(crate) struct Code<'d> {
    bytes: &'d [u8],
    tokens: Vec<Token>,
}

impl<'d> Code<'d> {
    /// The code of a document.
    pub(crate) fn new(document: &Document<'d>) -> Self {
        let mut tokens = tokens(document);
        tokens.retain(|t| t.class != Class::Comment);
        Self {
            bytes: document.bytes(),
            tokens,
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
        let mut depth = 0_usize;
        let mut at = index;
        while at > 0 {
            at -= 1;
            match self.text(at) {
                ")" | "]" | "}" => depth += 1,
                "(" | "[" | "{" if depth == 0 => return Some(at),
                "(" | "[" | "{" => depth -= 1,
                _ => {}
            }
        }
        None
    }

    /// The index of the bracket that closes the one at `index`.
    pub(crate) fn closing(&self, index: usize) -> usize {
        let mut depth = 0_usize;
        let mut at = index;
        while at < self.tokens.len() {
            match self.text(at) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return at;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        at
    }

    /// The dotted name that ends before `index`, outermost first, and the index where
    /// it begins. A call or an index within is passed over: `a(b).c[0].d` gives
    /// `a c d`.
    pub(crate) fn dotted_before(&self, index: usize) -> (Vec<&'d str>, usize) {
        let mut names = Vec::new();
        let mut at = index;
        while let Some(before) = at.checked_sub(1) {
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
