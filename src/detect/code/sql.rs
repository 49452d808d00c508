//! The tokens of SQL, as far as finding grants needs them. What is a comment or a
//! quoted text is told apart from what is a statement.

use crate::document::Span;

/// A token of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A keyword or a plain name.
    Word,
    /// A name between `"`, `` ` `` or brackets, or a text between `'`.
    Quoted,
    /// Any other character.
    Sign,
}

/// The statements in a text: its tokens, cut at every semicolon. A function's body
/// between dollar signs runs as SQL too, so its statements are among them.
pub(super) fn statements(bytes: &[u8], within: Span) -> Vec<Vec<Token>> {
    let mut lexer = Lexer {
        bytes: bytes.get(..within.end).unwrap_or(bytes),
        at: within.start,
    };
    let mut found = Vec::new();
    let mut statement = Vec::new();
    while let Some(token) = lexer.token() {
        if token.span.of(bytes) == b";" {
            found.push(std::mem::take(&mut statement));
        } else {
            statement.push(token);
        }
    }
    found.push(statement);
    found.retain(|tokens| !tokens.is_empty());
    found
}

/// The text of a token without its quotes.
pub(super) fn name(bytes: &[u8], token: Token) -> String {
    let text = String::from_utf8_lossy(token.span.of(bytes)).into_owned();
    match token.kind {
        TokenKind::Quoted => text
            .trim_matches(['"', '\'', '`', '[', ']', '\\'])
            .to_owned(),
        _ => text,
    }
}

struct Lexer<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn token(&mut self) -> Option<Token> {
        self.skip();
        let start = self.at;
        let first = *self.bytes.get(start)?;
        let kind = match first {
            b'\'' | b'"' | b'`' => {
                self.quoted(first);
                TokenKind::Quoted
            }
            b'[' => {
                self.quoted(b']');
                TokenKind::Quoted
            }
            _ if is_word(first) => {
                while self.bytes.get(self.at).copied().is_some_and(is_word) {
                    self.at += 1;
                }
                TokenKind::Word
            }
            _ => {
                self.at += 1;
                TokenKind::Sign
            }
        };
        Some(Token {
            kind,
            span: Span::new(start, self.at),
        })
    }

    /// Skips blanks, comments and the dollar signs around a function's body.
    fn skip(&mut self) {
        loop {
            match (self.peek(0), self.peek(1)) {
                (b'-', b'-') => self.line(),
                (b'#', _) if self.begins_line() => self.line(),
                (b'/', b'*') => {
                    let rest = self.bytes.get(self.at..).unwrap_or_default();
                    let end = memchr::memmem::find(rest, b"*/");
                    self.at = end.map_or(self.bytes.len(), |n| self.at + n + 2);
                }
                (b'$', _) => self.at += 1,
                (byte, _) if byte.is_ascii_whitespace() => self.at += 1,
                _ => return,
            }
        }
    }

    fn line(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at = memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |n| self.at + n);
    }

    fn begins_line(&self) -> bool {
        let before = self.bytes.get(..self.at).unwrap_or_default();
        let line = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        before.get(line..).is_some_and(<[u8]>::is_empty)
    }

    /// Moves past the closing quote; a doubled one is part of the text.
    fn quoted(&mut self, close: u8) {
        self.at += 1;
        while let Some(byte) = self.bytes.get(self.at) {
            self.at += 1;
            if *byte == close {
                if self.peek(0) != close {
                    return;
                }
                self.at += 1;
            }
        }
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<Vec<String>> {
        let whole = Span::new(0, text.len());
        statements(text.as_bytes(), whole)
            .into_iter()
            .map(|tokens| {
                tokens
                    .into_iter()
                    .map(|token| name(text.as_bytes(), token))
                    .collect()
            })
            .collect()
    }

    #[test]
    fn comments_and_texts_are_no_words() {
        assert_eq!(
            shown("-- GRANT a;\nGRANT /* b; */ \"c d\".e; x 'it''s; y'"),
            [vec!["GRANT", "c d", ".", "e"], vec!["x", "it''s; y"]]
        );
        assert_eq!(shown("DO $$ a; b $$;"), [vec!["DO", "a"], vec!["b"]]);
        assert_eq!(shown("'open"), [vec!["open"]]);
    }
}
