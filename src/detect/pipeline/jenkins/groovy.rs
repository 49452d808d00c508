//! The blocks, calls and strings of a Jenkinsfile. A tolerant reading: what isn't closed
//! ends where what holds it ends, and what is no call is passed over.

use crate::detect::shell::Mapped;
use crate::detect::tokens::{Class, Token};
use crate::document::Span;

/// How deep brackets are read; deeper ones count as punctuation.
const DEEPEST: usize = 64;

/// A token, or what stands in brackets.
pub(super) enum Item {
    Token(Token),
    Group(Group),
}

/// What stands in brackets.
pub(super) struct Group {
    pub(super) open: u8,
    /// With the brackets.
    pub(super) span: Span,
    pub(super) items: Vec<Item>,
}

impl Item {
    pub(super) const fn span(&self) -> Span {
        match self {
            Self::Token(token) => token.span,
            Self::Group(group) => group.span,
        }
    }

    pub(super) fn group(&self, open: u8) -> Option<&Group> {
        match self {
            Self::Group(group) if group.open == open => Some(group),
            _ => None,
        }
    }

    fn is(&self, class: Class) -> bool {
        matches!(self, Self::Token(token) if token.class == class)
    }
}

/// Puts what stands in brackets together.
pub(super) fn grouped(bytes: &[u8], tokens: &[Token]) -> Vec<Item> {
    let mut open: Vec<Group> = Vec::new();
    let mut out = Vec::new();
    // Brackets that were too deep to be read.
    let mut over = 0_usize;
    for token in tokens.iter().filter(|token| token.class != Class::Comment) {
        let mark = match token.class {
            Class::Mark => token.span.of(bytes).first().copied().unwrap_or_default(),
            _ => 0,
        };
        match mark {
            b'(' | b'[' | b'{' if open.len() < DEEPEST => open.push(Group {
                open: mark,
                span: token.span,
                items: Vec::new(),
            }),
            b'(' | b'[' | b'{' => over += 1,
            b')' | b']' | b'}' if over > 0 => over -= 1,
            b')' | b']' | b'}' => {
                let opener = match mark {
                    b')' => b'(',
                    b']' => b'[',
                    _ => b'{',
                };
                if !open.iter().any(|group| group.open == opener) {
                    continue;
                }
                while let Some(mut group) = open.pop() {
                    group.span.end = token.span.end;
                    let closed = group.open == opener;
                    let into = open.last_mut().map_or(&mut out, |above| &mut above.items);
                    into.push(Item::Group(group));
                    if closed {
                        break;
                    }
                }
            }
            _ => {
                let into = open.last_mut().map_or(&mut out, |above| &mut above.items);
                into.push(Item::Token(*token));
            }
        }
    }
    while let Some(mut group) = open.pop() {
        group.span.end = bytes.len();
        let into = open.last_mut().map_or(&mut out, |above| &mut above.items);
        into.push(Item::Group(group));
    }
    out
}

/// An argument of a call, or an entry of a list.
pub(super) struct Arg<'t> {
    pub(super) name: Option<(&'t str, Span)>,
    pub(super) value: &'t [Item],
}

/// A call, a block with a name, or an assignment.
#[expect(
    clippy::struct_excessive_bools,
    reason = "what stands around a name is told by itself"
)]
pub(super) struct Call<'t> {
    /// `stage`, `docker.image`; empty for a block or list without a name.
    pub(super) path: String,
    /// Where the name stands.
    pub(super) at: Span,
    pub(super) args: Vec<Arg<'t>>,
    pub(super) body: Option<&'t Group>,
    /// Whether something is done with what it gives.
    pub(super) used: bool,
    /// Whether it is asked of what the call before gave: `.inside(…)`.
    pub(super) chained: bool,
    /// `NAME = value`; the value is the argument.
    pub(super) assigns: bool,
    /// `def name(…) {…}`.
    pub(super) defines: bool,
    /// Where it ends, body and all.
    pub(super) end: usize,
}

impl<'t> Call<'t> {
    /// The value of a named argument.
    pub(super) fn named(&self, name: &str) -> Option<&'t [Item]> {
        let mut args = self.args.iter();
        let found = args.find(|arg| arg.name.is_some_and(|(own, _)| own == name))?;
        Some(found.value)
    }

    /// The first argument without a name.
    pub(super) fn first(&self) -> Option<&'t [Item]> {
        let mut args = self.args.iter();
        args.find(|arg| arg.name.is_none()).map(|arg| arg.value)
    }
}

/// Names after which no argument follows without brackets.
const WORDS: &[&str] = &[
    "def",
    "else",
    "try",
    "finally",
    "new",
    "in",
    "as",
    "instanceof",
    "final",
    "void",
    "static",
    "private",
    "public",
    "protected",
    "import",
    "package",
    "class",
    "throw",
    "null",
    "true",
    "false",
    "break",
    "continue",
    "assert",
    "case",
    "default",
];

/// Most items of an assigned value that are looked at.
const VALUE: usize = 64;

/// A reader of the calls in one block.
pub(super) struct Calls<'t> {
    bytes: &'t [u8],
    items: &'t [Item],
    at: usize,
    /// A statement may begin here.
    fresh: bool,
    /// A value may begin here.
    value: bool,
    /// All of it is part of an expression.
    within: bool,
}

/// The calls of a block, in order; not those in their arguments and bodies. `within` an
/// expression each is used.
pub(super) const fn calls<'t>(bytes: &'t [u8], items: &'t [Item], within: bool) -> Calls<'t> {
    Calls {
        bytes,
        items,
        at: 0,
        fresh: true,
        value: false,
        within,
    }
}

impl<'t> Calls<'t> {
    fn text(&self, index: usize) -> &'t str {
        let bytes: &'t [u8] = match self.items.get(index) {
            Some(Item::Token(token)) => token.span.of(self.bytes),
            _ => b"",
        };
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    fn is(&self, index: usize, class: Class) -> bool {
        self.items.get(index).is_some_and(|item| item.is(class))
    }

    /// Whether a line ends between an item and the one before.
    fn breaks(&self, index: usize) -> bool {
        let before = index
            .checked_sub(1)
            .and_then(|before| self.items.get(before));
        let (Some(before), Some(item)) = (before, self.items.get(index)) else {
            return false;
        };
        let between = Span::new(before.span().end, item.span().start);
        memchr::memchr(b'\n', between.of(self.bytes)).is_some()
    }

    /// The dotted name at `at`, and the index after it.
    fn path(&self, at: usize) -> (String, usize) {
        let mut path = self.text(at).to_owned();
        let mut next = at + 1;
        loop {
            let dot = next + usize::from(self.text(next) == "?");
            if self.text(dot) != "." || !self.is(dot + 1, Class::Name) {
                return (path, next);
            }
            path.push('.');
            path.push_str(self.text(dot + 1));
            next = dot + 2;
        }
    }

    /// Whether `index` is a single `=`.
    fn assigns(&self, index: usize) -> bool {
        self.text(index) == "=" && self.text(index + 1) != "=" && self.text(index + 1) != "~"
    }

    /// Where a statement ends that has come to `at`: after its line, unless that ends in
    /// a comma or an operator. A block that is no argument ends it too.
    fn end(&self, mut at: usize, most: usize) -> usize {
        let start = at;
        while at < self.items.len() && at - start < most {
            let before = at.checked_sub(1).map_or("", |before| self.text(before));
            let goes_on = matches!(before, "," | "+" | ":" | "=" | "&" | "|" | "?");
            if at > start && self.breaks(at) && !goes_on && self.text(at) != "." {
                break;
            }
            let block = self
                .items
                .get(at)
                .and_then(|item| item.group(b'{'))
                .is_some();
            if self.text(at) == ";" || block && at > start && !goes_on {
                break;
            }
            at += 1;
        }
        at
    }

    /// Whether an argument without brackets begins at `at`.
    fn begins_argument(&self, name: &str, at: usize) -> bool {
        let free = (self.fresh || self.value) && !WORDS.contains(&name) && !self.breaks(at);
        let word = self.text(at);
        let name = self.is(at, Class::Name) && !matches!(word, "in" | "as" | "instanceof");
        // `String x = …` declares.
        let declares = name && self.assigns(at + 1);
        let list = self
            .items
            .get(at)
            .and_then(|item| item.group(b'['))
            .is_some();
        free && !declares && (name || self.is(at, Class::Text) || list && self.apart(at))
    }

    /// Whether a blank stands before an item: `a [b]` is a call, `a[b]` is none.
    fn apart(&self, index: usize) -> bool {
        let before = index
            .checked_sub(1)
            .and_then(|before| self.items.get(before));
        let ends = before.map_or(0, |before| before.span().end);
        self.items
            .get(index)
            .is_some_and(|item| item.span().start > ends)
    }

    fn slice(&self, from: usize, to: usize) -> &'t [Item] {
        self.items.get(from..to).unwrap_or_default()
    }

    fn block(&self, at: usize) -> Option<&'t Group> {
        self.items.get(at)?.group(b'{')
    }

    /// A block or list that belongs to no call.
    fn unnamed(&mut self, group: &'t Group) -> Call<'t> {
        self.at += 1;
        self.fresh = group.open == b'{';
        self.value = false;
        Call {
            path: String::new(),
            at: group.span,
            args: Vec::new(),
            body: Some(group),
            used: self.within || group.open != b'{',
            chained: false,
            assigns: false,
            defines: false,
            end: group.span.end,
        }
    }

    /// What the name at the cursor begins, if it is a call or an assignment.
    fn named(&mut self) -> Option<Call<'t>> {
        let start = self.at;
        let chained = start > 0
            && self.text(start - 1) == "."
            && !start
                .checked_sub(2)
                .is_some_and(|at| self.is(at, Class::Name));
        let defines = start > 0 && self.is(start - 1, Class::Name) && !self.breaks(start);
        let (path, mut next) = self.path(start);
        let used = self.within || !self.fresh;
        let mut assigns = false;
        let mut args = Vec::new();
        let brackets = self.items.get(next).and_then(|item| item.group(b'('));
        if let Some(brackets) = brackets.filter(|_| !self.breaks(next)) {
            args = arguments(self.bytes, &brackets.items);
            next += 1;
        } else if self.assigns(next) {
            assigns = true;
            let to = self.end(next + 1, VALUE);
            args = vec![Arg {
                name: None,
                value: self.slice(next + 1, to),
            }];
        } else if self.begins_argument(&path, next) {
            let to = self.end(next, usize::MAX);
            args = arguments(self.bytes, self.slice(next, to));
            next = to;
        } else if self.block(next).is_none() {
            self.at = next;
            // After `def`, `else` and `return` the statement goes on.
            self.fresh = self.fresh && (path == "else" || path == "def");
            self.value = path == "return";
            return None;
        }
        let body = if assigns { None } else { self.block(next) };
        self.at = if assigns {
            next + 1
        } else {
            next + usize::from(body.is_some())
        };
        self.fresh =
            !assigns && (body.is_some() || matches!(path.as_str(), "if" | "for" | "while"));
        self.value = assigns;
        let end = self.at.checked_sub(1).and_then(|last| self.items.get(last));
        Some(Call {
            path,
            at: self.items.get(start).map_or_else(Span::default, Item::span),
            args,
            body,
            used,
            chained,
            assigns,
            defines: defines && body.is_some() && !chained,
            end: end.map_or(0, |item| item.span().end),
        })
    }
}

impl<'t> Iterator for Calls<'t> {
    type Item = Call<'t>;

    fn next(&mut self) -> Option<Call<'t>> {
        loop {
            let item = self.items.get(self.at)?;
            if self.breaks(self.at) {
                self.fresh = true;
            }
            match item {
                Item::Group(group) => return Some(self.unnamed(group)),
                Item::Token(token) if token.class == Class::Name => {
                    if let Some(call) = self.named() {
                        return Some(call);
                    }
                }
                Item::Token(_) => {
                    self.fresh = self.text(self.at) == ";";
                    self.value = false;
                    self.at += 1;
                }
            }
        }
    }
}

/// The arguments or entries between commas.
pub(super) fn arguments<'t>(bytes: &'t [u8], items: &'t [Item]) -> Vec<Arg<'t>> {
    let is = |item: &Item, mark: &[u8]| item.is(Class::Mark) && item.span().of(bytes) == mark;
    let parts = items.split(|item| is(item, b","));
    let named = |part: &'t [Item]| {
        let name = match part {
            [Item::Token(token), colon, ..] if is(colon, b":") => Some(token),
            _ => None,
        };
        let text = name.and_then(|token| std::str::from_utf8(token.span.of(bytes)).ok());
        match (name, text) {
            (Some(token), Some(text)) => Arg {
                name: Some((text.trim_matches(['\'', '"']), token.span)),
                value: part.get(2..).unwrap_or_default(),
            },
            _ => Arg {
                name: None,
                value: part,
            },
        }
    };
    parts.filter(|part| !part.is_empty()).map(named).collect()
}

/// The text of a value, with each byte's place: its strings without their quotes, and
/// what is put between them as written. None if there is no string.
pub(super) fn text(bytes: &[u8], value: &[Item]) -> Option<Mapped> {
    let mut out = Mapped::default();
    let mut any = false;
    for item in value {
        let Item::Token(token) = item else {
            break;
        };
        match token.class {
            Class::Text => {
                any = true;
                unquoted(bytes, token.span, &mut out);
            }
            Class::Name => push(bytes, token.span, &mut out),
            // `'…'.stripIndent()`.
            _ if token.span.of(bytes) == b"." && any => break,
            _ if token.span.of(bytes) == b"+" => {}
            _ => push(bytes, token.span, &mut out),
        }
    }
    any.then_some(out)
}

fn push(bytes: &[u8], span: Span, out: &mut Mapped) {
    for (at, byte) in span.of(bytes).iter().enumerate() {
        out.push(*byte, span.start + at);
    }
}

/// What stands between the quotes of a string.
pub(super) fn inner(bytes: &[u8], span: Span) -> Span {
    let raw = span.of(bytes);
    let width = match raw.first() {
        Some(quote) if raw.len() >= 6 && raw.starts_with(&[*quote; 3]) => 3,
        _ => 1,
    };
    Span::new(span.start + width, span.end.saturating_sub(width))
}

fn unquoted(bytes: &[u8], span: Span, out: &mut Mapped) {
    let inner = inner(bytes, span);
    let mut at = inner.start;
    while at < inner.end {
        let byte = bytes.get(at).copied().unwrap_or_default();
        let next = bytes.get(at + 1).copied().filter(|_| at + 1 < inner.end);
        match (byte, next) {
            // A line that goes on: neither Groovy nor the shell keeps the break.
            (b'\\', Some(b'\n')) => {}
            (b'\\', Some(b'n')) => out.push(b'\n', at),
            (b'\\', Some(b't')) => out.push(b'\t', at),
            (b'\\', Some(escaped)) => out.push(escaped, at + 1),
            _ => {
                out.push(byte, at);
                at += 1;
                continue;
            }
        }
        at += 2;
    }
}
