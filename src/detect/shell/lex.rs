//! From shell text to simple commands.

use super::forgive::{self, Fails};
use super::{Command, Found, Mapped, Op, Word, prefix};
use crate::document::Span;

/// How deep substitutions are read.
const DEEPEST: usize = 12;

/// Appends the commands of `text`; `fails` tells whose failure is the script's.
pub(super) fn commands(text: &Mapped, fails: Fails, depth: usize, out: &mut Found) {
    if !out.pay(text.len()) {
        return;
    }
    let mut lexer = Lexer {
        text,
        at: 0,
        depth,
        inner: out,
        unclosed: false,
        done: Vec::new(),
        words: Vec::new(),
        to: Vec::new(),
        opens: false,
        closed: false,
        heredocs: Vec::new(),
        here: None,
    };
    lexer.run();
    let mut done = std::mem::take(&mut lexer.done);
    forgive::mark(text, &mut done, fails);
    for command in done {
        inline(&command, depth, out);
        out.push(command);
    }
}

/// Appends a command that is given as a list of its words.
pub(super) fn listed(words: Vec<Word>, out: &mut Found) {
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return;
    };
    let span = Span::new(first.span.start, last.span.end.max(first.span.end));
    let mut sets = Vec::new();
    let words = prefix::strip(words, &mut sets);
    let command = Command {
        words,
        sets,
        to: Vec::new(),
        input: None,
        span,
        forgiven: false,
        next: Op::End,
        opens: false,
        closes: false,
    };
    inline(&command, 0, out);
    out.push(command);
}

/// The script in `sh -c SCRIPT` and `eval SCRIPT`.
pub(super) fn inline(command: &Command, depth: usize, out: &mut Found) {
    if depth >= DEEPEST {
        return;
    }
    let mut each = false;
    let script = match command.name() {
        "sh" | "bash" | "zsh" | "dash" | "ash" | "ksh" | "su" => {
            let mut args = command.args().iter();
            let dash_c = |w: &Word| {
                let text = w.text();
                text.starts_with('-') && !text.starts_with("--") && text.ends_with('c')
            };
            let flag = args.by_ref().find(|w| dash_c(w));
            each = flag.is_some_and(|w| w.text().contains('e'));
            flag.and(args.next())
        }
        "eval" => command.args().first(),
        _ => None,
    };
    if let Some(script) = script {
        let fails = Fails::within(command.forgiven, each);
        commands(&script.text, fails, depth + 1, out);
    }
}

struct Lexer<'t, 'o> {
    text: &'t Mapped,
    at: usize,
    depth: usize,
    /// Where commands in substitutions go.
    inner: &'o mut Found,
    /// No `}}` is left: looking for one again would take the square of the length.
    unclosed: bool,
    done: Vec<Command>,
    words: Vec<Word>,
    to: Vec<Word>,
    opens: bool,
    /// A group was closed and no command has begun since.
    closed: bool,
    /// Here-documents that begin on the next line: what ends one, and which command
    /// reads it.
    heredocs: Vec<(Vec<u8>, usize)>,
    /// The here-string of the command that is read.
    here: Option<Mapped>,
}

impl Lexer<'_, '_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead)
    }

    fn run(&mut self) {
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\n' => {
                    self.at += 1;
                    self.finish(Op::End);
                    self.read_heredocs();
                }
                b'#' => self.skip_line(),
                b'\\' if self.peek(1) == Some(b'\n') => self.at += 2,
                b'\\' if self.peek(1) == Some(b'\r') && self.peek(2) == Some(b'\n') => {
                    self.at += 3;
                }
                b';' | b'&' | b'|' | b'(' | b')' => self.operator(byte),
                b'<' | b'>' => self.redirect(),
                _ => self.word(),
            }
        }
        self.finish(Op::End);
    }

    fn operator(&mut self, byte: u8) {
        let double = self.peek(1) == Some(byte);
        if byte == b'&' && self.peek(1) == Some(b'>') {
            self.at += 1;
            return self.redirect();
        }
        self.at += if double && byte != b'(' && byte != b')' {
            2
        } else {
            1
        };
        match (byte, double) {
            (b'&', true) => self.finish(Op::And),
            (b'|', true) => self.finish(Op::Or),
            (b'|', false) => {
                if self.peek(0) == Some(b'&') {
                    self.at += 1;
                }
                self.finish(Op::Pipe);
            }
            (b'(', _) => {
                self.finish(Op::End);
                self.opens = true;
            }
            (b')', _) => {
                self.finish(Op::Close);
                self.close();
            }
            _ => self.finish(Op::End),
        }
    }

    /// `>`, `<` and what they name. A here-document's body begins on the next line.
    fn redirect(&mut self) {
        let out = self.peek(0) == Some(b'>');
        if self.peek(0) == Some(b'<') && self.peek(1) == Some(b'<') && self.peek(2) != Some(b'<') {
            self.at += 2;
            if self.peek(0) == Some(b'-') {
                self.at += 1;
            }
            self.skip_blanks();
            if let Some(word) = self.read_word() {
                let end = word.text.bytes().to_vec();
                self.heredocs.push((end, self.done.len()));
            }
            return;
        }
        let string = self.peek(0) == Some(b'<') && self.peek(1) == Some(b'<');
        while matches!(self.peek(0), Some(b'<' | b'>' | b'&' | b'|')) {
            self.at += 1;
        }
        self.skip_blanks();
        if matches!(self.peek(0), None | Some(b'\n' | b'(' | b')' | b';')) {
            return;
        }
        if let Some(word) = self.read_word() {
            if out {
                self.to.push(word);
            } else if string {
                self.here = Some(word.text);
            }
        }
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(0), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|b| b != b'\n') {
            self.at += 1;
        }
    }

    fn read_heredocs(&mut self) {
        for (end, command) in std::mem::take(&mut self.heredocs) {
            let body = self.at;
            let mut close = self.text.len();
            while self.at < self.text.len() {
                let start = self.at;
                self.skip_line();
                let line = self.text.bytes().get(start..self.at).unwrap_or_default();
                self.at += 1;
                if line.trim_ascii() == end.as_slice() {
                    close = start;
                    break;
                }
            }
            if let Some(command) = self.done.get_mut(command) {
                command.input = Some(self.text.slice(body, close));
            }
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let Some(word) = self.read_word() else {
            self.at = self.at.max(start + 1);
            return;
        };
        // The number of a stream before `>`.
        let digits = word.text.bytes().iter().all(u8::is_ascii_digit) && word.text.len() > 0;
        if digits && matches!(self.peek(0), Some(b'<' | b'>')) {
            return;
        }
        if self.words.is_empty() {
            match word.text() {
                "if" | "then" | "else" | "elif" | "do" | "while" | "until" | "!" | "coproc" => {
                    return;
                }
                "{" => {
                    self.opens = true;
                    return;
                }
                "}" => {
                    self.close();
                    return;
                }
                _ => {}
            }
        }
        self.words.push(word);
    }

    /// Reads one word; none when there is nothing at the cursor.
    fn read_word(&mut self) -> Option<Word> {
        let start = self.at;
        let mut text = Mapped::default();
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>' => {
                    break;
                }
                b'\'' => self.single(&mut text),
                b'"' => self.double(&mut text),
                b'\\' => {
                    if self.peek(1) != Some(b'\n') {
                        text.push_from(self.text, self.at + 1);
                    }
                    self.at += 2;
                }
                b'$' | b'`' => self.expansion(&mut text),
                b'{' if self.peek(1) == Some(b'{') => self.template(&mut text),
                _ => self.take(&mut text),
            }
        }
        self.at = self.at.min(self.text.len());
        (self.at > start).then(|| Word {
            text,
            span: self.text.span(start, self.at),
        })
    }

    fn take(&mut self, text: &mut Mapped) {
        text.push_from(self.text, self.at);
        self.at += 1;
    }

    fn single(&mut self, text: &mut Mapped) {
        self.at += 1;
        while self.peek(0).is_some_and(|b| b != b'\'') {
            self.take(text);
        }
        self.at += 1;
    }

    fn double(&mut self, text: &mut Mapped) {
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'"' => break,
                b'\\' if matches!(self.peek(1), Some(b'"' | b'\\' | b'$' | b'`')) => {
                    self.at += 1;
                    self.take(text);
                }
                b'\\' if self.peek(1) == Some(b'\n') => self.at += 2,
                b'$' | b'`' => self.expansion(text),
                _ => self.take(text),
            }
        }
        self.at += 1;
    }

    /// `$x`, `${x}`, `$(x)`, `` `x` ``, `${{ x }}`: kept as written, and the commands
    /// of a substitution are read.
    fn expansion(&mut self, text: &mut Mapped) {
        let start = self.at;
        let end = match (self.peek(0), self.peek(1), self.peek(2)) {
            (Some(b'`'), ..) => {
                let end = self.find_from(start + 1, b'`');
                self.substitute(start + 1, end);
                end + 1
            }
            (_, Some(b'{'), Some(b'{')) => {
                self.take(text);
                return self.template(text);
            }
            (_, Some(b'('), _) => {
                let end = self.closing(start + 1, b'(', b')');
                if self.peek(2) != Some(b'(') {
                    self.substitute(start + 2, end);
                }
                end + 1
            }
            (_, Some(b'{'), _) => self.closing(start + 1, b'{', b'}') + 1,
            (_, Some(b'\''), _) => start + 1,
            _ => return self.take(text),
        };
        let end = end.min(self.text.len()).max(start + 1);
        text.append(&self.text.slice(start, end));
        self.at = end;
    }

    /// `{{ … }}`, an expression of whatever makes the script.
    fn template(&mut self, text: &mut Mapped) {
        let rest = self.text.bytes().get(self.at..).unwrap_or_default();
        let close = (!self.unclosed)
            .then(|| memchr::memmem::find(rest, b"}}"))
            .flatten();
        self.unclosed = close.is_none();
        let len = close.map_or(2, |at| at + 2);
        let end = self.at + len;
        text.append(&self.text.slice(self.at, end));
        self.at = end;
    }

    fn substitute(&mut self, start: usize, end: usize) {
        if self.depth < DEEPEST {
            commands(
                &self.text.slice(start, end),
                Fails::Each,
                self.depth + 1,
                self.inner,
            );
        }
    }

    /// Offset of the next `byte` that isn't escaped, or the end.
    fn find_from(&self, mut at: usize, byte: u8) -> usize {
        while let Some(b) = self.text.get(at) {
            match b {
                b'\\' => at += 2,
                _ if b == byte => return at,
                _ => at += 1,
            }
        }
        self.text.len()
    }

    /// Offset of the bracket that closes the one at `at`, past quotes, or the end.
    fn closing(&self, mut at: usize, open: u8, close: u8) -> usize {
        let mut depth = 0_usize;
        while let Some(byte) = self.text.get(at) {
            match byte {
                b'\\' => at += 1,
                b'\'' if open == b'(' => at = self.quote_end(at + 1),
                b'"' if open == b'(' => at = self.find_from(at + 1, b'"'),
                _ if byte == open => depth += 1,
                _ if byte == close => {
                    depth -= 1;
                    if depth == 0 {
                        return at;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        self.text.len()
    }

    fn quote_end(&self, mut at: usize) -> usize {
        while self.text.get(at).is_some_and(|b| b != b'\'') {
            at += 1;
        }
        at
    }

    /// A group ends with the command before.
    fn close(&mut self) {
        self.closed = true;
        if let Some(command) = self.done.last_mut() {
            command.closes = true;
        }
    }

    fn finish(&mut self, next: Op) {
        let words = std::mem::take(&mut self.words);
        let to = std::mem::take(&mut self.to);
        let input = self.here.take();
        let (Some(first), Some(last)) = (words.first(), words.last()) else {
            // `) || true`: the operator belongs to the group that was closed.
            if self.closed
                && next != Op::Close
                && let Some(command) = self.done.last_mut()
            {
                command.next = next;
                self.closed = false;
            }
            return;
        };
        let span = Span::new(first.span.start, last.span.end.max(first.span.end));
        let mut sets = Vec::new();
        let words = prefix::strip(words, &mut sets);
        self.done.push(Command {
            words,
            sets,
            to,
            input,
            span,
            forgiven: false,
            next,
            opens: std::mem::take(&mut self.opens),
            closes: false,
        });
        self.closed = false;
    }
}
