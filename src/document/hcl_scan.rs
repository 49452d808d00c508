//! A scan over HCL that knows strings, heredocs and comments, and nothing else:
//! it finds the comments of any file, and the top-level structures of a broken one.

use super::node::Span;

/// What the scan finds.
#[derive(Default)]
pub(super) struct Scan {
    pub(super) comments: Vec<Span>,
    /// Top-level structures: from a line's start to the line break at which every
    /// bracket is closed again.
    pub(super) units: Vec<Span>,
}

enum Context {
    /// Inside brackets, closed by `}`, `]` or `)`.
    Bracket,
    /// Inside `${ … }`.
    Interpolation,
    /// Inside a quoted string.
    Quote,
}

/// Scans `text` from `from` on.
pub(super) fn scan(text: &str, from: usize) -> Scan {
    let mut scanner = Scanner {
        bytes: text.as_bytes(),
        at: from,
        unit: from,
        open: Vec::new(),
        found: Scan::default(),
    };
    while scanner.at < scanner.bytes.len() {
        scanner.step();
    }
    scanner.end_unit();
    scanner.found
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    unit: usize,
    open: Vec<Context>,
    found: Scan,
}

impl Scanner<'_> {
    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn step(&mut self) {
        if matches!(self.open.last(), Some(Context::Quote)) {
            return self.step_in_quote();
        }
        match (self.byte(0), self.byte(1)) {
            (b'#', _) | (b'/', b'/') => self.comment(b"\n"),
            (b'/', b'*') => self.comment(b"*/"),
            (b'"', _) => self.enter(Context::Quote, 1),
            (b'{' | b'[' | b'(', _) => self.enter(Context::Bracket, 1),
            (b'}' | b']' | b')', _) => {
                self.open.pop();
                self.at += 1;
            }
            (b'<', b'<') => self.heredoc(),
            (b'\n', _) => {
                self.at += 1;
                if self.open.is_empty() {
                    self.end_unit();
                }
            }
            _ => self.at += 1,
        }
    }

    fn step_in_quote(&mut self) {
        match (self.byte(0), self.byte(1), self.byte(2)) {
            (b'\\', ..) => self.at += 2,
            (b'$', b'$', b'{') | (b'%', b'%', b'{') => self.at += 3,
            (b'$' | b'%', b'{', _) => self.enter(Context::Interpolation, 2),
            // No string holds a line break: this one was never closed.
            (b'"' | b'\n', ..) => {
                self.open.pop();
                self.at += usize::from(self.byte(0) == b'"');
            }
            _ => self.at += 1,
        }
    }

    fn enter(&mut self, context: Context, skip: usize) {
        self.open.push(context);
        self.at += skip;
    }

    fn comment(&mut self, until: &[u8]) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let body = rest.get(2..).unwrap_or_default();
        let mut len = if until == b"\n" {
            memchr::memchr(b'\n', rest).unwrap_or(rest.len())
        } else {
            memchr::memmem::find(body, until).map_or(rest.len(), |at| at + 4)
        };
        let next = self.at + len;
        if rest.get(..len).is_some_and(|c| c.ends_with(b"\r")) {
            len -= 1;
        }
        self.found.comments.push(Span::new(self.at, self.at + len));
        self.at = next;
    }

    /// Skips a heredoc, if this is one: `<<` or `<<-`, a name, a line break.
    fn heredoc(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        // No name is longer; a line may be, and full of `<<`.
        let head = rest.get(..rest.len().min(256)).unwrap_or_default();
        let line_end = memchr::memchr(b'\n', head).unwrap_or(head.len());
        let header = rest.get(2..line_end).unwrap_or_default().trim_ascii();
        let name = header.strip_prefix(b"-").unwrap_or(header);
        let letter = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        if name.is_empty() || !name.iter().all(letter) {
            self.at += 2;
            return;
        }
        let mut at = line_end + 1;
        while let Some(below) = rest.get(at..) {
            let len = memchr::memchr(b'\n', below).unwrap_or(below.len());
            let line = below.get(..len).unwrap_or_default();
            if line.trim_ascii() == name {
                self.at += at + len;
                return;
            }
            at += len + 1;
        }
        self.at = self.bytes.len();
    }

    fn end_unit(&mut self) {
        let unit = Span::new(self.unit, self.at.min(self.bytes.len()));
        if !unit.of(self.bytes).trim_ascii().is_empty() {
            self.found.units.push(unit);
        }
        self.unit = self.at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_strings_heredocs_and_comments() {
        let text = "a = \"# ${x[\"//\"]} $${\" # one\nb = <<-EOT\n# not { this\n  EOT\n/* two\n{ */ c {\n// three\n}\nd = 1 << 2\n";
        let scan = scan(text, 0);
        let comments: Vec<_> = scan
            .comments
            .iter()
            .map(|s| s.of(text.as_bytes()))
            .collect();
        assert_eq!(comments, [&b"# one"[..], b"/* two\n{ */", b"// three"]);
        assert_eq!(scan.units.len(), 4, "{:?}", scan.units);
    }
}
