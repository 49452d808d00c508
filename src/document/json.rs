//! JSON and its relatives, by `jsonc-parser`.

use jsonc_parser::ast::{ObjectPropName, Value as Ast};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::tokens::Token;
use jsonc_parser::{
    CollectOptions, CommentCollectionStrategy, ParseOptions, ParseResult, Scanner, ScannerOptions,
    parse_to_ast,
};

use super::limits::{Budget, fault, variant_words};
use super::node::{Member, Node, Span, Value};
use super::parsed::{Fault, Parsed, Tier};

/// Reads one value, or several that follow each other (JSON Lines).
pub(super) fn read(text: &str) -> Result<Parsed, Fault> {
    let mut reader = Reader {
        len: text.len(),
        budget: Budget::new(),
        parsed: Parsed::strict(Vec::new(), Vec::new()),
    };
    if let Ok(result) = parse_piece(text, &STRICT) {
        reader.keep(result, 0)?;
    } else {
        reader.pieces(text)?;
    }
    let mut parsed = reader.parsed;
    parsed.comments.sort_unstable();
    parsed.comments.dedup();
    Ok(parsed.graded())
}

/// Comments and trailing commas lose nothing.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    ..options(false)
};

const TOLERANT: ParseOptions = options(true);

const fn options(allow: bool) -> ParseOptions {
    ParseOptions {
        allow_comments: allow,
        allow_loose_object_property_names: allow,
        allow_trailing_commas: allow,
        allow_missing_commas: allow,
        allow_single_quoted_strings: allow,
        allow_hexadecimal_numbers: allow,
        allow_unary_plus_numbers: allow,
        allow_bare_decimal_point_numbers: allow,
        allow_non_finite_numbers: allow,
        allow_extended_string_escapes: allow,
    }
}

fn parse_piece<'a>(text: &'a str, options: &ParseOptions) -> Result<ParseResult<'a>, ParseError> {
    let collect = CollectOptions {
        comments: CommentCollectionStrategy::Separate,
        tokens: false,
    };
    parse_to_ast(text, &collect, options)
}

struct Reader {
    len: usize,
    budget: Budget,
    parsed: Parsed,
}

impl Reader {
    fn keep(&mut self, result: ParseResult<'_>, base: usize) -> Result<(), Fault> {
        let comments = result.comments.unwrap_or_default();
        let spans = comments
            .values()
            .flat_map(|list| list.iter())
            .map(|comment| self.span(comment.range(), base))
            .collect::<Vec<_>>();
        self.parsed.comments.extend(spans);
        if let Some(value) = result.value {
            let node = self.node(value, base, 1)?;
            self.parsed.documents.push(node);
        }
        Ok(())
    }

    /// Reads each top-level value alone, strictly or else tolerantly.
    fn pieces(&mut self, text: &str) -> Result<(), Fault> {
        let mut from = 0;
        while from < text.len() {
            let rest = text.get(from..).unwrap_or_default();
            let piece = next_piece(rest);
            let end = piece.end;
            let source = rest.get(..end).unwrap_or_default();
            if let Ok(result) = parse_piece(source, &STRICT) {
                self.keep(result, from)?;
            } else {
                self.tolerant(source, &piece, from)?;
            }
            from += end.max(1);
        }
        Ok(())
    }

    fn tolerant(&mut self, source: &str, piece: &Piece, base: usize) -> Result<(), Fault> {
        self.parsed.tier = Tier::Recovered;
        match parse_piece(source, &TOLERANT) {
            Ok(result) => self.keep(result, base),
            Err(error) => {
                let offset = (base + error.range().start).min(self.len);
                let what = describe(error.kind());
                self.parsed.faults.push(fault(offset, what));
                // A cut-off value gives what came before its last comma.
                let prefix = source.get(..piece.cut).unwrap_or_default();
                let closed = format!("{prefix}{}", piece.closers);
                if let (true, Ok(result)) = (piece.cut > 0, parse_piece(&closed, &TOLERANT)) {
                    // The added brackets stand nowhere.
                    let len = std::mem::replace(&mut self.len, base + piece.cut);
                    self.keep(result, base)?;
                    self.len = len;
                }
                Ok(())
            }
        }
    }

    fn span(&self, range: Range, base: usize) -> Span {
        let at = |offset: usize| (base + offset).min(self.len);
        Span::new(at(range.start), at(range.end))
    }

    fn node(&mut self, value: Ast<'_>, base: usize, depth: usize) -> Result<Node, Fault> {
        let span = self.span(value.range(), base);
        self.budget.admit(depth, span.start)?;
        let value = match value {
            Ast::NullKeyword(_) => Value::Null,
            Ast::BooleanLit(b) => Value::Bool(b.value),
            Ast::NumberLit(n) => number(n.value),
            Ast::StringLit(s) => Value::Str(s.value.into_owned()),
            Ast::Array(array) => {
                let mut items = Vec::with_capacity(array.elements.len());
                for element in array.elements {
                    items.push(self.node(element, base, depth + 1)?);
                }
                Value::Array(items)
            }
            Ast::Object(object) => {
                let mut members = Vec::with_capacity(object.properties.len());
                for property in object.properties {
                    let key_span = self.span(property.name.range(), base);
                    let key = match property.name {
                        ObjectPropName::String(s) => s.value.into_owned(),
                        ObjectPropName::Word(word) => word.value.to_owned(),
                    };
                    let value = self.node(property.value, base, depth + 1)?;
                    members.push(Member {
                        key,
                        key_span,
                        value,
                    });
                }
                Value::Object(members)
            }
        };
        Ok(Node::new(span, value))
    }
}

fn describe(kind: &ParseErrorKind) -> String {
    match kind {
        ParseErrorKind::String(inner) => variant_words(inner),
        kind => variant_words(kind),
    }
}

fn number(text: &str) -> Value {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let hex = digits.strip_prefix("0x").or(digits.strip_prefix("0X"));
    let int = match hex {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => digits.parse().ok(),
    };
    match (int, text.parse()) {
        (Some(n), _) => Value::Int(if negative { -n } else { n }),
        (None, Ok(n)) => Value::Float(n),
        (None, Err(_)) => Value::Str(text.to_owned()),
    }
}

/// One top-level value and what follows it up to the next.
struct Piece {
    end: usize,
    /// Offset of the last comma or closing bracket, and the brackets open there.
    cut: usize,
    closers: String,
}

/// Finds where the first top-level value of `text` ends.
fn next_piece(text: &str) -> Piece {
    let options = ScannerOptions {
        allow_single_quoted_strings: true,
        allow_hexadecimal_numbers: true,
        allow_unary_plus_numbers: true,
        allow_bare_decimal_point_numbers: true,
        allow_non_finite_numbers: true,
        allow_extended_string_escapes: true,
    };
    let mut scanner = Scanner::new(text, &options);
    let mut open = Vec::new();
    let mut cut = (0, 0);
    let mut end = text.len();
    while let Ok(Some(token)) = scanner.scan() {
        match token {
            Token::CommentLine(_) | Token::CommentBlock(_) => continue,
            Token::OpenBrace => open.push('}'),
            Token::OpenBracket => open.push(']'),
            Token::CloseBrace | Token::CloseBracket => {
                open.pop();
                cut = (scanner.token_end(), open.len());
            }
            Token::Comma => cut = (scanner.token_start(), open.len()),
            _ => {}
        }
        if open.is_empty() {
            end = scanner.token_end();
            break;
        }
    }
    open.truncate(cut.1);
    Piece {
        end,
        cut: cut.0,
        closers: open.into_iter().rev().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::format::Format;

    fn check(text: &str, expected: &str) {
        super::super::render::check(Format::Json, text, expected);
    }

    #[test]
    fn reads_strict_json_and_jsonc() {
        check(
            r#"{"a": 1, "b": [true, null, -2.5, "x\u0041"]}"#,
            r#"{a‹"a"›: 1, b‹"b"›: [true, null, -2.5, 'xA'‹"x\u0041"›]‹[]›}‹{}›"#,
        );
        check("", "");
        check(
            "// one\n{\"a\": 1, /* two */ }\n// three",
            "{a‹\"a\"›: 1}‹{}› /// one/ //* two *// /// three/",
        );
        check("{\"é\": \"ü\"}", "{é‹\"é\"›: 'ü'‹\"ü\"›}‹{}›");
        check("\u{feff}[1]", "[1]‹[]›");
        check(r#"{"a": 1, "a": 2}"#, r#"{a‹"a"›: 1, a‹"a"›: 2}‹{}›"#);
    }

    #[test]
    fn reads_several_values() {
        check(
            "{\"a\":1}\n{\"a\":2}\n",
            "{a‹\"a\"›: 1}‹{}› --- {a‹\"a\"›: 2}‹{}›",
        );
        check("1 2", "1 --- 2");
    }

    #[test]
    fn tolerates_what_people_write() {
        check(
            "{a: 'x', \"b\": 0x1f \"c\": .5}",
            "{a: 'x'‹'x'›, b‹\"b\"›: 31‹0x1f›, c‹\"c\"›: 0.5‹.5›}‹{}› !recovered",
        );
    }

    #[test]
    fn keeps_the_prefix_of_a_cut_off_value() {
        check(
            r#"{"a": {"b": 1, "c": 2}, "d": [1, 2, "se"#,
            "{a‹\"a\"›: {b‹\"b\"›: 1, c‹\"c\"›: 2}‹{}›, d‹\"d\"›: [1, 2]‹[2›}‹{2› !recovered !36:unterminated string literal",
        );
        check("{\"a\": tru", "!lexical !6:unexpected word");
    }
}
