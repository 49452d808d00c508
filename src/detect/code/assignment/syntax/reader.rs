//! Reads what follows a name, byte by byte: an operator, what wraps a literal, the
//! literal.

use crate::document::Span;

/// Longest value that is looked at.
const LONGEST_VALUE: usize = 512;

/// Longest attributes of an element.
const ATTRIBUTES: usize = 160;

/// Calls that keep their text: `Some("…")`, `String::from("…")`, `b64decode("…")`.
#[rustfmt::skip]
const WRAPPERS: &[&str] = &[
    "Some", "Ok", "String", "String::from", "str", "bytes", "Secret", "SecretStr", "SecretString",
    "SecretString::new", "SecretString::from", "Secret::new", "Password", "Optional.of", "Just",
    "Buffer.from", "atob", "b64decode", "base64.b64decode", "std::string", "TEXT", "_T",
    "strdup", "pulumi.secret", "SecretValue.unsafePlainText", "SecretValue.plainText",
    "cdk.SecretValue.unsafePlainText", "aws.String", "to.Ptr", "pulumi.String", "unicode",
    "ObjectId", "UUID", "uuid.UUID", "UUID.fromString", "Guid.Parse", "Guid", "StringBuilder",
    "Uint8Array.from", "Data", "NSString", "QString", "QStringLiteral", "tr", "char", "byte",
];

/// What stands between a name and a literal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Set,
    Colon,
    Compared,
    /// A default: `||`, `??`, `or`.
    Or,
    Comma,
    Call,
    /// `password is …`.
    Is,
    /// Nothing: `ENV NAME value`.
    Word,
}

/// A place in a text.
#[derive(Clone, Copy)]
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    pub(super) const fn new(bytes: &'b [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    pub(super) const fn at(&self) -> usize {
        self.at
    }

    pub(super) const fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    pub(super) const fn back_to(&mut self, at: usize) {
        self.at = at;
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'b [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    pub(super) fn eat(&mut self, text: &[u8]) -> bool {
        let found = self.rest().starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    /// Passes over bytes while they fit, at most `most`; how many.
    fn skip(&mut self, most: usize, fits: impl Fn(u8) -> bool) -> usize {
        let count = self.rest().iter().take(most).take_while(|b| fits(**b));
        let count = count.count();
        self.at += count;
        count
    }

    pub(super) fn blanks(&mut self) {
        self.skip(64, |b| matches!(b, b' ' | b'\t'));
    }

    /// The text of the element that the name opens: `<password>…<`.
    pub(super) fn element(&mut self, key: Span) -> Option<Span> {
        let opens = key.start > 0 && self.bytes.get(key.start - 1) == Some(&b'<');
        if !opens {
            return None;
        }
        // Attributes may stand between.
        let head = self.rest().get(..ATTRIBUTES).unwrap_or(self.rest());
        let end = head.iter().position(|b| matches!(b, b'<' | b'>'))?;
        let whole = end == 0 || matches!(self.peek(), Some(b' ' | b'\t' | b'\n'));
        if !whole || head.get(end) != Some(&b'>') || head.get(end.wrapping_sub(1)) == Some(&b'/') {
            return None;
        }
        let value = self.until(self.at + end + 1, |b| b == b'<')?;
        self.trimmed(value)
    }

    /// The text of the element that opened just before.
    pub(super) fn content(&self) -> Option<Span> {
        let value = self.until(self.at, |b| b == b'<')?;
        self.trimmed(value)
    }

    /// What stands for a variable that is not set: `${PASSWORD:-…}`, Spring's
    /// `${db.password:…}`.
    pub(super) fn fallback(&mut self, key: Span) -> Option<Span> {
        let opens = self.bytes.get(..key.start)?.ends_with(b"${");
        if !opens || !self.eat(b":") {
            return None;
        }
        self.skip(1, |b| matches!(b, b'-' | b'='));
        self.skip(1, |b| matches!(b, b'"' | b'\''));
        let value = self.until(self.at, |b| b"}\"'\n ".contains(&b))?;
        matches!(self.bytes.get(value.end), Some(b'}' | b'"' | b'\'')).then_some(value)
    }

    /// Whether a block opens here, as after the name of a variable in HCL.
    pub(super) fn is_block(&mut self) -> bool {
        self.blanks();
        self.eat(b"{")
    }

    /// The literal named `default` among the arguments, or in the block, that follow.
    pub(super) fn default(&self) -> Option<Span> {
        let rest = self.rest().get(..ATTRIBUTES).unwrap_or(self.rest());
        let end = rest.iter().position(|b| matches!(b, b')' | b'}' | b';'));
        let rest = rest.get(..end.unwrap_or(rest.len()))?;
        let at = memchr::memmem::find(rest, b"default")?;
        let before = at.checked_sub(1).and_then(|at| rest.get(at));
        if before.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.')) {
            return None;
        }
        let mut ahead = Reader::new(self.bytes, self.at + at + b"default".len());
        ahead.eat(b"Value");
        ahead.eat(b"_value");
        ahead.blanks();
        if ahead.skip(1, |b| matches!(b, b'=' | b':')) == 0 {
            return None;
        }
        ahead.blanks();
        ahead.quoted()
    }

    /// Passes over the line break before the next item of a list in YAML.
    pub(super) fn next_item(&mut self) -> bool {
        let start = self.at;
        self.skip(1, |b| matches!(b, b'"' | b'\''));
        if self.eat(b"\n") {
            self.blanks();
            if self.eat(b"- ") {
                return true;
            }
        }
        self.at = start;
        false
    }

    fn trimmed(&self, value: Span) -> Option<Span> {
        let text = value.of(self.bytes);
        let start = value.end - text.trim_ascii_start().len();
        let trimmed = Span::new(start, start + text.trim_ascii().len());
        (!trimmed.is_empty()).then_some(trimmed)
    }

    /// Whether the name is a value itself, beside which stands another: passes over
    /// `", value:`.
    pub(super) fn is_beside_value(&mut self) -> bool {
        let mut ahead = *self;
        ahead.skip(1, |b| matches!(b, b'"' | b'\''));
        ahead.skip(160, |b| b.is_ascii_whitespace());
        ahead.eat(b",");
        ahead.skip(160, |b| b.is_ascii_whitespace());
        ahead.skip(1, |b| matches!(b, b'"' | b'\''));
        let found = ahead.eat(b"value") || ahead.eat(b"Value");
        ahead.skip(1, |b| matches!(b, b'"' | b'\''));
        ahead.blanks();
        if !found || ahead.skip(1, |b| matches!(b, b':' | b'=')) == 0 {
            return false;
        }
        ahead.blanks();
        *self = ahead;
        true
    }

    /// What closes the name: its quote, the bracket of an index or a call. Returns the
    /// quote.
    pub(super) fn close_name(&mut self) -> Option<u8> {
        let start = self.at;
        self.skip(3, |b| b == b'\\');
        let quote = self.peek().filter(|b| matches!(b, b'"' | b'\'' | b'`'));
        if quote.is_none() {
            self.at = start;
            // An array in C: `char password[] =`; a symbol in Ruby: `config[:password] =`.
            self.skip(8, |b| matches!(b, b'[' | b']') || b.is_ascii_digit());
            return None;
        }
        self.at += 1;
        self.skip(3, |b| matches!(b, b']' | b')' | b'}'));
        quote
    }

    /// The operator after the name. `closed` says that the name is quoted, `code` that
    /// types may stand beside it.
    pub(super) fn operator(&mut self, closed: bool, code: bool) -> Option<Op> {
        self.blanks();
        let op = self.plain_operator(closed)?;
        if matches!(self.peek(), Some(b'=' | b'~' | b'>')) {
            return None;
        }
        let op = if op == Op::Colon && code && self.type_before_set() {
            Op::Set
        } else {
            op
        };
        self.blanks();
        Some(op)
    }

    fn plain_operator(&mut self, closed: bool) -> Option<Op> {
        const OPS: &[(&[u8], Op)] = &[
            (b"===", Op::Compared),
            (b"!==", Op::Compared),
            (b"==", Op::Compared),
            (b"!=", Op::Compared),
            (b"=>", Op::Set),
            (b"=", Op::Set),
            (b":=", Op::Set),
            (b"?=", Op::Set),
            (b"||=", Op::Set),
            (b"??=", Op::Set),
            (b"||", Op::Or),
            (b"??", Op::Or),
        ];
        let start = self.at;
        let first = self.peek()?;
        match first {
            b'=' | b'!' | b'?' | b'|' => {}
            b':' => {
                if self.eat(b":=") {
                    return Some(Op::Set);
                }
                return (self.eat(b":") && self.peek() != Some(b':')).then_some(Op::Colon);
            }
            // A comma makes a pair of arguments only when the name is a literal too, or a
            // constant: `CURLOPT_PASSWORD, "…"`.
            b',' => return (closed && self.eat(b",")).then_some(Op::Comma),
            b'(' => return (!closed && self.eat(b"(")).then_some(Op::Call),
            b'{' => return self.property().then_some(Op::Set),
            b'a'..=b'z' | b'A'..=b'Z' => return self.word_operator(closed),
            _ => return None,
        }
        let (text, op) = OPS.iter().find(|(text, _)| self.rest().starts_with(text))?;
        self.at = start + text.len();
        Some(*op)
    }

    /// `or`, `is`, or the type that Go puts after the name.
    fn word_operator(&mut self, closed: bool) -> Option<Op> {
        if closed && self.eat(b"or ") {
            return Some(Op::Or);
        }
        if self.eat(b"is ") || self.eat(b"is: ") {
            return Some(Op::Is);
        }
        for word in [
            &b"string"[..],
            b"String",
            b"str",
            b"As String",
            b"as string",
        ] {
            if self.eat(word) {
                self.blanks();
                return self.eat(b"=").then_some(Op::Set);
            }
        }
        None
    }

    /// A property in C#: `{ get; set; } =`.
    fn property(&mut self) -> bool {
        let start = self.at;
        self.at += 1;
        self.blanks();
        if self.eat(b"get") {
            self.skip(40, |b| b.is_ascii_alphabetic() || matches!(b, b';' | b' '));
            if self.eat(b"}") {
                self.blanks();
                if self.eat(b"=") {
                    return true;
                }
            }
        }
        self.at = start;
        false
    }

    /// A type and `=` after a colon, as Python, Rust and TypeScript have it.
    fn type_before_set(&mut self) -> bool {
        let start = self.at;
        self.blanks();
        let named = self
            .peek()
            .is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'&' | b'['));
        self.skip(48, |b| {
            b.is_ascii_alphanumeric() || b"_<>&'|.[]? ".contains(&b)
        });
        if named && self.eat(b"=") && !matches!(self.peek(), Some(b'=' | b'>')) {
            return true;
        }
        self.at = start;
        false
    }

    /// A name that a directive defines, without an operator: `#define NAME "…"`.
    pub(super) fn directive(&mut self, key: Span) -> Option<Op> {
        const WORDS: &[&[u8]] = &[
            b"define", b"global", b"env", b"arg", b"setenv", b"set", b"setx",
        ];
        let before = self.bytes.get(key.start.saturating_sub(12)..key.start)?;
        let word = before.trim_ascii_end();
        let known = word.len() < before.len()
            && WORDS.iter().any(|known| {
                let start = word.len().checked_sub(known.len());
                start.is_some_and(|at| {
                    word.get(at..)
                        .is_some_and(|w| w.eq_ignore_ascii_case(known))
                        && !at
                            .checked_sub(1)
                            .and_then(|before| word.get(before))
                            .is_some_and(u8::is_ascii_alphanumeric)
                })
            });
        self.blanks();
        known.then_some(Op::Word)
    }

    /// Passes over what wraps a literal: a line break, a call, a prefix.
    pub(super) fn wrap(&mut self, breaks: bool) {
        if breaks {
            let start = self.at;
            self.skip(1, |b| b == b'\\');
            self.skip(1, |b| b == b'\r');
            if self.eat(b"\n") {
                self.skip(64, |b| matches!(b, b' ' | b'\t'));
            } else {
                self.at = start;
            }
        }
        for _ in 0..2 {
            self.call();
        }
        let start = self.at;
        self.skip(3, |b| b"rRbBuUfFLN@$".contains(&b));
        if !self.is_at_quote() {
            self.at = start;
        }
    }

    fn call(&mut self) {
        // Most literals are not wrapped.
        if !self
            .peek()
            .is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'[' | b'_'))
        {
            return;
        }
        let start = self.at;
        self.eat(b"new ");
        if self.eat(b"[]byte(") {
            return;
        }
        let name = self.at;
        self.skip(40, |b| b.is_ascii_alphanumeric() || b"_:.".contains(&b));
        let text = self.bytes.get(name..self.at).unwrap_or_default();
        // The bracket is looked for first: it costs less than the list.
        let known = self.eat(b"(") && WRAPPERS.iter().any(|w| w.as_bytes() == text);
        if !known {
            self.at = start;
        }
    }

    /// Whether a quote stands here, perhaps escaped.
    pub(super) fn is_at_quote(&self) -> bool {
        let mut ahead = *self;
        ahead.skip(3, |b| b == b'\\');
        matches!(ahead.peek(), Some(b'"' | b'\'' | b'`'))
    }

    /// The text in the quotes that stand here, on one line, when nothing is added to it.
    pub(super) fn quoted(&mut self) -> Option<Span> {
        let mut ahead = *self;
        // A literal that holds the source of a literal: `'"…"'`, `"\"…\""`.
        if self.rest().starts_with(b"'\"") || self.rest().starts_with(b"\"\\\"") {
            ahead.at += 1;
        }
        let escapes = ahead.skip(3, |b| b == b'\\');
        let quote = ahead.peek().filter(|b| matches!(b, b'"' | b'\'' | b'`'))?;
        ahead.at += 1;
        if escapes == 0 && ahead.rest().starts_with(&[quote, quote]) {
            ahead.at += 2;
        }
        let value = ahead.until(ahead.at, |b| b == quote || b == b'\n')?;
        if self.bytes.get(value.end) != Some(&quote) {
            return None;
        }
        let text = value.of(self.bytes);
        let slashes = text.iter().rev().take_while(|b| **b == b'\\').count();
        if slashes != escapes {
            return None;
        }
        let value = Span::new(value.start, value.end - escapes);
        // Half of a sum, or a pattern to fill in.
        let mut after = self.bytes.get(value.end + escapes + 1..)?.iter();
        let mut after = after.by_ref().skip_while(|b| **b == b' ');
        match after.next() {
            Some(b'+' | b'%') => None,
            Some(b'.') if matches!(after.next(), Some(b'.' | b' ')) => None,
            _ => (!value.is_empty()).then_some(value),
        }
    }

    /// The word that stands here, perhaps behind a quote. In a text a comma ends it too.
    pub(super) fn word(&mut self, prose: bool) -> Option<Span> {
        let at = self.at + usize::from(matches!(self.peek(), Some(b'"' | b'\'')));
        let value = self.until(at, |b| {
            b.is_ascii_whitespace() || b"\"';&|()<>`".contains(&b) || prose && b == b','
        })?;
        let text = value.of(self.bytes);
        let end = text.len()
            - text
                .iter()
                .rev()
                .take_while(|b| prose && matches!(b, b'.' | b'\\' | b':'))
                .count();
        (end > 0).then(|| Span::new(value.start, value.start + end))
    }

    /// The value of a URL's parameter.
    pub(super) fn parameter(&mut self) -> Option<Span> {
        self.until(self.at, |b| {
            !(b.is_ascii_alphanumeric() || b"-_.~%+/=".contains(&b))
        })
    }

    /// The rest of the line, without a comment.
    pub(super) fn line(&mut self) -> Option<Span> {
        if matches!(
            self.peek(),
            Some(b'{' | b'[' | b'&' | b'*' | b'!' | b'|' | b'>')
        ) {
            return None;
        }
        let value = self.until(self.at, |b| b == b'\n')?;
        let line = value.of(self.bytes);
        let end = memchr::memmem::find(line, b" #").unwrap_or(line.len());
        let mut line = line.get(..end).unwrap_or(line).trim_ascii_end();
        // The last value of a flow mapping: `{name: KEY, value: …}`.
        if line.ends_with(b"}") && !line.contains(&b'{') {
            let end = line.iter().position(|b| matches!(b, b',' | b'}'));
            line = line.get(..end.unwrap_or(0)).unwrap_or(line);
            line = line.trim_ascii_end();
        }
        (!line.is_empty()).then(|| Span::new(self.at, self.at + line.len()))
    }

    /// The text from `at` to the first byte that `stops`, or the end.
    fn until(&self, at: usize, stops: impl Fn(u8) -> bool) -> Option<Span> {
        let rest = self.bytes.get(at..)?;
        let len = rest
            .iter()
            .take(LONGEST_VALUE + 1)
            .position(|b| stops(*b))
            .or_else(|| (rest.len() <= LONGEST_VALUE).then_some(rest.len()))?;
        (len > 0).then(|| Span::new(at, at + len))
    }
}
