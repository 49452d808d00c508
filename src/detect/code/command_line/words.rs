//! The words of a command, wherever it stands: in a script, in prose, in a string of a
//! program or as a list of strings. The file is of any kind, so quotes around the whole
//! are not known beforehand.

use crate::document::Span;

/// Most bytes of a command that are looked at.
const LONGEST: usize = 1200;

/// Most words.
const MOST: usize = 80;

/// A word, without the quotes around the whole of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) span: Span,
    /// It stood between quotes.
    pub(super) quoted: bool,
}

/// The words from `at` to the command's end, into `out`; returns where that is.
pub(super) fn read(bytes: &[u8], at: usize, out: &mut Vec<Word>) -> usize {
    out.clear();
    let end = (at + LONGEST).min(bytes.len());
    let mut reader = Reader {
        bytes: bytes.get(..end).unwrap_or(bytes),
        at,
        closed: false,
    };
    if let Some(quote) = reader.lists(at) {
        reader.list(quote, out);
    } else {
        while out.len() < MOST
            && let Some(word) = reader.word()
        {
            out.push(word);
        }
    }
    reader.at.max(at + 1)
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    /// The quote around the command was met.
    closed: bool,
}

impl Reader<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The quote around the first word when a comma comes after: a list of words.
    fn lists(&self, at: usize) -> Option<u8> {
        let quote = at.checked_sub(1).map(|before| self.byte(before))?;
        if !matches!(quote, b'"' | b'\'') {
            return None;
        }
        let word = self.bytes.get(at..)?;
        let ends = |b: &u8| *b == quote || b.is_ascii_whitespace();
        let end = at + word.iter().take(80).position(ends)?;
        let after = self.bytes.get(end + 1..)?;
        let after = after.trim_ascii_start();
        (self.byte(end) == quote && after.first() == Some(&b',')).then_some(quote)
    }

    /// The strings of a list that begins inside its first one.
    fn list(&mut self, quote: u8, out: &mut Vec<Word>) {
        let mut quote = quote;
        while out.len() < MOST {
            let Some(length) = self
                .rest()
                .iter()
                .position(|b| *b == quote || *b == b'\n')
                .filter(|n| self.byte(self.at + n) == quote)
            else {
                return;
            };
            out.push(Word {
                span: Span::new(self.at, self.at + length),
                quoted: true,
            });
            self.at += length + 1;
            let blanks = |b: &u8| b.is_ascii_whitespace();
            let mut comma = false;
            loop {
                self.at += self.rest().iter().take_while(|b| blanks(b)).count();
                match self.byte(self.at) {
                    b',' if !comma => {
                        comma = true;
                        self.at += 1;
                    }
                    next @ (b'"' | b'\'') if comma => {
                        quote = next;
                        self.at += 1;
                        break;
                    }
                    _ => return,
                }
            }
        }
    }

    /// Skips blanks and the breaks of a command that goes on.
    fn blanks(&mut self) {
        loop {
            match (self.byte(self.at), self.byte(self.at + 1)) {
                (b' ' | b'\t', _) => self.at += 1,
                (b'\\' | b'^' | b'`', b'\n' | b'\r') if self.at + 1 < self.bytes.len() => {
                    self.at += 1;
                    let lead = |b: &u8| b.is_ascii_whitespace() || b"#*>+/".contains(b);
                    self.at += self.rest().iter().take_while(|b| lead(b)).count();
                }
                _ => return,
            }
        }
    }

    fn word(&mut self) -> Option<Word> {
        if self.closed {
            return None;
        }
        self.blanks();
        let start = self.at;
        match self.byte(start) {
            b'\n' | b'\r' | b';' | b'|' | b'&' | b')' | b'`' | b'>' => return None,
            b'#' if start > 0 && self.byte(start - 1) == b' ' => return None,
            _ => {}
        }
        if let Some((inside, end)) = self.quoted(start) {
            self.at = end;
            if self.is_end(end) {
                return Some(Word {
                    span: inside,
                    quoted: true,
                });
            }
        } else if matches!(self.byte(start), b'"' | b'\'')
            || self.byte(start) == b'\\' && self.byte(start + 1) == b'"'
        {
            // The quote around the command closes here.
            return None;
        }
        self.plain(start);
        (self.at > start).then_some(Word {
            span: Span::new(start, self.at),
            quoted: false,
        })
    }

    /// Reads on to the end of the word.
    fn plain(&mut self, start: usize) {
        loop {
            let byte = self.byte(self.at);
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b';' | b'|' | b'`' => return,
                b'&' if self.rest().starts_with(b"&&") || self.is_end(self.at + 1) => return,
                b')' if self.is_end(self.at + 1) => return,
                b'<' => {
                    let hole = self.rest().iter().take(40).position(|b| *b == b'>');
                    self.at += hole.unwrap_or(0) + 1;
                }
                b'\\' if matches!(self.byte(self.at + 1), b'\n' | b'\r') => return,
                b'"' | b'\'' | b'\\' => {
                    let Some((_, end)) = self.quoted(self.at) else {
                        if byte == b'\\' && self.byte(self.at + 1) != b'"' {
                            self.at += 1;
                            continue;
                        }
                        self.closed = true;
                        return;
                    };
                    if !self.goes_on(start) {
                        self.closed = true;
                        return;
                    }
                    self.at = end;
                }
                _ => self.at += 1,
            }
        }
    }

    /// Whether a quote within a word belongs to it: after a sign, or glued to a flag.
    fn goes_on(&self, start: usize) -> bool {
        let before = self.byte(self.at.wrapping_sub(1));
        let flag = self.byte(start) == b'-' && self.at - start <= 3;
        flag || matches!(
            before,
            b'=' | b':' | b',' | b'%' | b'(' | b'@' | b'/' | b'"' | b'\'' | b'}'
        )
    }

    /// The inside of what is quoted at `at`, and where its closing quote ends.
    fn quoted(&self, at: usize) -> Option<(Span, usize)> {
        let escaped = self.byte(at) == b'\\';
        let open = at + usize::from(escaped);
        let quote = self.byte(open);
        if !matches!(quote, b'"' | b'\'') || escaped && quote != b'"' {
            return None;
        }
        let mut end = open + 1;
        loop {
            match self.byte(end) {
                b'\n' | b'\r' => return None,
                b'\\' if escaped && self.byte(end + 1) == quote => {
                    return Some((Span::new(open + 1, end), end + 2));
                }
                b'\\' if !escaped && quote == b'"' && self.byte(end + 1) == quote => end += 2,
                byte if byte == quote => return Some((Span::new(open + 1, end), end + 1)),
                _ => end += 1,
            }
        }
    }

    /// Whether a word may end before `at`.
    fn is_end(&self, at: usize) -> bool {
        let byte = self.byte(at);
        byte.is_ascii_whitespace() || b";|&),]}\"'`\\".contains(&byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, name: &str) -> Vec<String> {
        let mut words = Vec::new();
        let at = text.find(name).unwrap();
        read(text.as_bytes(), at, &mut words);
        words
            .iter()
            .map(|w| text.get(w.span.range()).unwrap().to_owned())
            .collect()
    }

    #[test]
    fn words_wherever_the_command_stands() {
        for (text, words) in [
            ("curl -u 'a b' c; d", &["curl", "-u", "a b", "c"][..]),
            ("run(\"curl -u a:b c\", x)", &["curl", "-u", "a:b", "c"]),
            ("run(\"curl -u a:b\", \"x\")", &["curl", "-u", "a:b"]),
            (
                "{\"x\": \"curl -u \\\"a:b\\\" c\"}",
                &["curl", "-u", "a:b", "c"],
            ),
            ("curl -u \"a\":\"b\" c", &["curl", "-u", "\"a\":\"b\"", "c"]),
            (
                "# curl \\\n#   -u a:b \\\n#   c",
                &["curl", "-u", "a:b", "c"],
            ),
            ("['curl', '-u', \"a:b\", x]", &["curl", "-u", "a:b"]),
            ("`curl -u a:b` is", &["curl", "-u", "a:b"]),
            (
                "curl -u <user name>:<pw> c",
                &["curl", "-u", "<user name>:<pw>", "c"],
            ),
            ("curl -p\"x y\" c | d", &["curl", "-p\"x y\"", "c"]),
            ("$(curl -u a:b)", &["curl", "-u", "a:b"]),
            ("curl \"open", &["curl"]),
            (
                "psexec \\\\host -u D\\me -p x",
                &["psexec", "\\\\host", "-u", "D\\me", "-p", "x"],
            ),
        ] {
            let name = if text.contains("psexec") {
                "psexec"
            } else {
                "curl"
            };
            assert_eq!(shown(text, name), words, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_gives_words_inside(text in r"curl([a-z$`'\x22\\\\<>|&;,)\n -]){0,60}") {
            let mut words = Vec::new();
            let end = read(text.as_bytes(), 0, &mut words);
            proptest::prop_assert!(end <= text.len() + 1);
            for word in words {
                proptest::prop_assert!(word.span.end <= text.len());
            }
        }
    }
}
