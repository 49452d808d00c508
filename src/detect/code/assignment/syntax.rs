//! How a literal is given to a name: by an operator, a call, a flag, a pair or an
//! element, as each kind of file has it.

mod around;
mod reader;

use self::reader::{Op, Reader};
use crate::document::{Document, Span};
use crate::kind::{Kind, Kinds};

/// A literal that is given to a name.
#[derive(Clone, Copy)]
pub(super) struct Given {
    pub(super) value: Span,
    pub(super) form: Form,
}

impl Given {
    const fn new(value: Span, form: Form) -> Self {
        Self { value, form }
    }
}

/// How sure it is that the text is a literal, and given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A quoted literal, or the value of a configuration file.
    Set,
    /// A quoted literal that the name is compared with.
    Compared,
    /// A quoted literal beside a quoted name: two arguments, or two items of a list.
    Beside,
    /// The parameter of a URL.
    Query,
    /// A word in a script, after an operator or a flag.
    Word,
    /// A word in a text, a comment or a longer string.
    Prose,
}

/// Methods that compare a value with their argument.
const COMPARES: &[&[u8]] = &[
    b".equals",
    b".Equals",
    b".equalsIgnoreCase",
    b".compareTo",
    b".contentEquals",
];

/// What may stand behind the name of a value without being a part of it.
pub(super) const ASKED: &[&[u8]] = &[
    b".equals",
    b".Equals",
    b".equalsIgnoreCase",
    b".compareTo",
    b".contentEquals",
    b".Text",
    b".text",
    b".Value",
    b".value",
];

/// How literals are written in a file.
#[derive(Clone, Copy)]
pub(super) struct Syntax {
    kinds: Kinds,
    /// Values may stand without quotes, up to …
    bare: Bare,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bare {
    No,
    /// … the end of the line.
    Line,
    /// … the end of the word.
    Word,
}

impl Syntax {
    pub(super) fn of(document: &Document<'_>) -> Self {
        let kinds = document.kinds_by_path();
        let mut syntax = Self {
            kinds,
            bare: Bare::No,
        };
        if syntax.is(&[Kind::Yaml, Kind::Ini, Kind::Properties]) {
            syntax.bare = Bare::Line;
        } else if syntax.is_script() || syntax.is_unsure() || kinds.has(Kind::Dotenv) {
            syntax.bare = Bare::Word;
        }
        syntax
    }

    fn is(self, list: &[Kind]) -> bool {
        list.iter().any(|kind| self.kinds.has(*kind))
    }

    fn is_script(self) -> bool {
        self.is(&[
            Kind::Shell,
            Kind::Dockerfile,
            Kind::Makefile,
            Kind::Jenkinsfile,
        ])
    }

    /// Nothing tells the format, so a value without quotes is a guess.
    fn is_unsure(self) -> bool {
        self.kinds.is_empty() || self.kinds.has(Kind::Docs)
    }

    /// A file that sets things, and does nothing.
    pub(super) fn is_config(self) -> bool {
        self.is(&[
            Kind::Yaml,
            Kind::Json,
            Kind::Toml,
            Kind::Hcl,
            Kind::Xml,
            Kind::Ini,
            Kind::Properties,
            Kind::Dotenv,
        ])
    }

    /// `name: KEY` and `value: …` may stand side by side.
    fn has_pairs(self) -> bool {
        self.is(&[Kind::Yaml, Kind::Json, Kind::Hcl, Kind::Xml])
    }

    /// The literal that is given to the name at `key`.
    pub(super) fn given(self, bytes: &[u8], key: Span) -> Option<Given> {
        let mut reader = Reader::new(bytes, key.end);
        let set = |value| Some(Given::new(value, Form::Set));
        if let Some(value) = reader.element(key) {
            let sure = self.kinds.has(Kind::Xml);
            return Some(Given::new(
                value,
                if sure { Form::Set } else { Form::Prose },
            ));
        }
        if let Some(value) = reader.fallback(key) {
            return set(value);
        }
        if COMPARES.iter().any(|method| reader.eat(method)) {
            let opens = reader.eat(b"(");
            return opens.then(|| self.literal(&mut reader, Op::Compared, false))?;
        }
        for property in ASKED {
            reader.eat(property);
        }
        if self.has_pairs() && reader.is_beside_value() {
            return self.literal(&mut reader, Op::Colon, false);
        }
        if key.of(bytes).starts_with(b"-")
            && let Some(given) = self.flag(&mut reader, key)
        {
            return Some(given);
        }
        let closed = reader.close_name().is_some();
        if closed && self.kinds.has(Kind::Xml) && reader.eat(b">") {
            return set(reader.content()?);
        }
        if closed && self.kinds.has(Kind::Hcl) && reader.is_block() {
            return set(reader.default()?);
        }
        self.operated(reader, key, closed)
    }

    /// The same, by an operator. `closed` says that the name is quoted.
    fn operated(self, mut reader: Reader<'_>, key: Span, closed: bool) -> Option<Given> {
        let bytes = reader.bytes();
        let option = is_option(key.of(bytes));
        let code = self.bare == Bare::No || self.is_unsure();
        let op = reader.operator(closed || option, code);
        let Some(op) = op.or_else(|| reader.directive(key)) else {
            let value = around::compared_before(bytes, key)?;
            return Some(Given::new(value, Form::Compared));
        };
        // In Python `name: "…"` assigns nothing: it is a line of YAML in a docstring.
        if op == Op::Colon
            && self.kinds.has(Kind::Python)
            && !closed
            && !around::is_commented(bytes, key.start)
        {
            return None;
        }
        if op == Op::Comma {
            if let Some(value) = reader.default().filter(|_| closed) {
                return Some(Given::new(value, Form::Set));
            }
            if option || around::is_first_argument(bytes, key) {
                return self.literal(&mut reader, Op::Set, true);
            }
        }
        if op == Op::Set && around::is_query(bytes, key) {
            return Some(Given::new(reader.parameter()?, Form::Query));
        }
        self.literal(&mut reader, op, closed)
    }

    /// `--token …`, `--token=…`, `-Password …`.
    fn flag(self, reader: &mut Reader<'_>, key: Span) -> Option<Given> {
        let item = self.kinds.has(Kind::Yaml) && reader.next_item();
        let apart = item || reader.eat(b" ");
        if !apart && !reader.eat(b"=") {
            return None;
        }
        if let Some(value) = reader.quoted() {
            return Some(Given {
                value,
                form: Form::Set,
            });
        }
        let known = self.is_script() || self.is(&[Kind::Yaml, Kind::Powershell]);
        if !known && !self.is_unsure() && !around::is_in_text(reader.bytes(), key.start) {
            return None;
        }
        Some(Given {
            value: reader.word(false)?,
            form: if known { Form::Word } else { Form::Prose },
        })
    }

    /// What stands after the operator.
    fn literal(self, reader: &mut Reader<'_>, op: Op, closed: bool) -> Option<Given> {
        let start = reader.at();
        reader.wrap(op != Op::Comma);
        if let Some(value) = reader.quoted() {
            // The next name of a list of pairs.
            if op == Op::Comma && around::names_next(reader.bytes(), value) {
                return None;
            }
            let form = match op {
                Op::Compared => Form::Compared,
                Op::Comma => Form::Beside,
                Op::Is => Form::Prose,
                _ => Form::Set,
            };
            return Some(Given { value, form });
        }
        if reader.is_at_quote() || !matches!(op, Op::Set | Op::Colon | Op::Is | Op::Word) {
            return None;
        }
        reader.back_to(start);
        match self.bare {
            // Ansible's short form of arguments: `name=… password=…`.
            Bare::Line if op == Op::Set && self.kinds.has(Kind::Yaml) => Some(Given {
                value: reader.word(false)?,
                form: Form::Set,
            }),
            Bare::Line => Some(Given {
                value: reader.line()?,
                form: Form::Set,
            }),
            _ if closed => None,
            Bare::Word => Some(Given {
                value: reader.word(self.is_unsure())?,
                form: if self.is_unsure() {
                    Form::Prose
                } else {
                    Form::Word
                },
            }),
            Bare::No => {
                let value = reader.word(true)?;
                around::is_in_text(reader.bytes(), value.start).then_some(Given {
                    value,
                    form: Form::Prose,
                })
            }
        }
    }
}

/// Whether this is a constant that stands for an option, beside which its value stands.
fn is_option(name: &[u8]) -> bool {
    name.starts_with(b"CURLOPT_") || name.ends_with(b"OPT_PASSWORD")
}
