//! HCL, by `hcl-edit`, laid out as in Terraform's JSON syntax.

use std::collections::HashMap;
use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, FuncCall, Object, ObjectKey};
use hcl_edit::structure::{Block, BlockLabel, Body, Structure};
use hcl_edit::template::{Element, HeredocTemplate, StringTemplate};

use super::hcl_scan::scan;
use super::limits::{Budget, cover, fault};
use super::node::{Member, Node, Span, Value};
use super::parsed::{Fault, Parsed, Tier};

/// Reads a file whole, or else each of its top-level structures alone.
pub(super) fn read(text: &str) -> Result<Parsed, Fault> {
    let mut reader = Reader {
        text,
        base: 0,
        budget: Budget::new(),
    };
    let found = scan(text, 0);
    let whole = hcl_edit::parser::parse_body(text);
    let broken = whole.is_err();
    let (bodies, faults) = if let Ok(body) = whole {
        (vec![(0, body)], Vec::new())
    } else {
        salvage(text, found.units)
    };
    let structures: Vec<(usize, &Structure)> = bodies
        .iter()
        .flat_map(|(base, body)| body.iter().map(move |s| (*base, s)))
        .collect();
    let mut parsed = Parsed::strict(Vec::new(), found.comments);
    if !structures.is_empty() {
        let whole = Span::new(0, text.len());
        parsed.documents.push(reader.body(&structures, whole, 1)?);
    }
    if broken {
        parsed.tier = Tier::Recovered;
        parsed.faults = faults;
    }
    Ok(parsed.graded())
}

/// Parses each unit alone. After one that fails, goes on at the next line that
/// looks like the head of a block: a missing brace makes the rest of the file one
/// unit.
fn salvage(text: &str, units: Vec<Span>) -> (Vec<(usize, Body)>, Vec<Fault>) {
    const MAX_FAULTS: usize = 100;
    // Each may take as long as the whole file.
    let mut rescans = 10;
    let mut bodies = Vec::new();
    let mut faults = Vec::new();
    let mut queue = units.into_iter();
    while let Some(unit) = queue.next() {
        let source = text.get(unit.range()).unwrap_or_default();
        match hcl_edit::parser::parse_body(source) {
            Ok(body) => bodies.push((unit.start, body)),
            Err(error) => {
                let offset = (unit.start + error.location().offset()).min(text.len());
                // The rest of the message lists what could stand here.
                let what = error.message().split(';').next().unwrap_or_default();
                faults.push(fault(offset, what));
                if faults.len() >= MAX_FAULTS {
                    break;
                }
                if let (Some(head), 1..) = (next_head(source), rescans) {
                    rescans -= 1;
                    queue = scan(text, unit.start + head).units.into_iter();
                }
            }
        }
    }
    (bodies, faults)
}

/// Offset of the first later line that begins at its margin with a letter and
/// ends with an opening brace.
fn next_head(source: &str) -> Option<usize> {
    let mut at = source.find('\n')? + 1;
    for line in source.get(at..)?.split_inclusive('\n') {
        if line.starts_with(|c: char| c.is_ascii_alphabetic()) && line.trim_end().ends_with('{') {
            return Some(at);
        }
        at += line.len();
    }
    None
}

struct Reader<'a> {
    text: &'a str,
    /// Offset of the text that was parsed within the file.
    base: usize,
    budget: Budget,
}

/// What one name of a body stands for.
enum Slot<'b> {
    Attribute(&'b hcl_edit::structure::Attribute, usize),
    Blocks(Vec<(usize, &'b Block)>),
}

impl Reader<'_> {
    /// Reads structures, each with the offset of the text it was parsed from.
    fn body(
        &mut self,
        structures: &[(usize, &Structure)],
        span: Span,
        depth: usize,
    ) -> Result<Node, Fault> {
        self.budget.admit(depth, span.start)?;
        let mut slots: Vec<Slot<'_>> = Vec::new();
        let mut index: HashMap<&str, usize> = HashMap::new();
        for (base, structure) in structures {
            match structure {
                Structure::Attribute(attribute) => slots.push(Slot::Attribute(attribute, *base)),
                Structure::Block(block) => {
                    let at = *index.entry(block.ident.as_str()).or_insert_with(|| {
                        slots.push(Slot::Blocks(Vec::new()));
                        slots.len() - 1
                    });
                    if let Some(Slot::Blocks(blocks)) = slots.get_mut(at) {
                        blocks.push((*base, block));
                    }
                }
            }
        }
        let mut members = Vec::with_capacity(slots.len());
        for slot in slots {
            members.push(match slot {
                Slot::Attribute(attribute, base) => {
                    self.base = base;
                    Member {
                        key: attribute.key.to_string(),
                        key_span: self.span(attribute.key.span()),
                        value: self.expression(&attribute.value, depth + 1)?,
                    }
                }
                Slot::Blocks(blocks) => self.named(&blocks, depth + 1)?,
            });
        }
        Ok(Node::new(span, Value::Object(members)))
    }

    /// The member for all blocks of one name.
    fn named(&mut self, blocks: &[(usize, &Block)], depth: usize) -> Result<Member, Fault> {
        let value = self.blocks(blocks, 0, depth)?;
        let (key, key_span) = match blocks.first() {
            Some((base, block)) => {
                self.base = *base;
                (block.ident.to_string(), self.span(block.ident.span()))
            }
            None => (String::new(), Span::default()),
        };
        Ok(Member {
            key,
            key_span,
            value,
        })
    }

    /// Blocks that agree in their name and their first `level` labels.
    fn blocks(
        &mut self,
        blocks: &[(usize, &Block)],
        level: usize,
        depth: usize,
    ) -> Result<Node, Fault> {
        let (bodies, labelled): (Vec<_>, Vec<_>) =
            blocks.iter().partition(|(_, b)| b.labels.len() <= level);
        // A block without labels may repeat, so it is a list even when it doesn't.
        let single = level > 0 && labelled.is_empty() && bodies.len() == 1;
        if single && let Some(block) = bodies.first() {
            return self.block(*block, depth);
        }
        if bodies.is_empty() {
            return self.labelled(&labelled, level, depth);
        }
        self.budget.admit(depth, 0)?;
        let mut items = Vec::with_capacity(bodies.len());
        for block in bodies {
            items.push(self.block(block, depth + 1)?);
        }
        if !labelled.is_empty() {
            items.push(self.labelled(&labelled, level, depth + 1)?);
        }
        let span = items.iter().fold(Span::default(), |s, i| cover(s, i.span));
        Ok(Node::new(span, Value::Array(items)))
    }

    fn labelled(
        &mut self,
        blocks: &[(usize, &Block)],
        level: usize,
        depth: usize,
    ) -> Result<Node, Fault> {
        self.budget.admit(depth, 0)?;
        let mut groups: Vec<Vec<(usize, &Block)>> = Vec::new();
        let mut index: HashMap<&str, usize> = HashMap::new();
        for (base, block) in blocks {
            let label = block.labels.get(level).map_or("", BlockLabel::as_str);
            let at = *index.entry(label).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(at) {
                group.push((*base, block));
            }
        }
        let mut members = Vec::with_capacity(groups.len());
        let mut span = Span::default();
        for group in groups {
            let value = self.blocks(&group, level + 1, depth + 1)?;
            let Some((base, label)) = group
                .first()
                .and_then(|(base, block)| Some((*base, block.labels.get(level)?)))
            else {
                continue;
            };
            self.base = base;
            let key_span = self.span(label.span());
            span = cover(span, cover(key_span, value.span));
            members.push(Member {
                key: label.as_str().to_owned(),
                key_span,
                value,
            });
        }
        Ok(Node::new(span, Value::Object(members)))
    }

    /// The body of a block, with its braces.
    fn block(&mut self, (base, block): (usize, &Block), depth: usize) -> Result<Node, Fault> {
        self.base = base;
        let whole = self.span(block.span());
        let head = match block.labels.last() {
            Some(label) => self.span(label.span()),
            None => self.span(block.ident.span()),
        };
        let after = self.text.get(head.end..whole.end).unwrap_or_default();
        let start = head.end + after.find('{').unwrap_or(0);
        let structures: Vec<_> = block.body.iter().map(|s| (base, s)).collect();
        self.body(&structures, Span::new(start, whole.end), depth)
    }

    fn expression(&mut self, expression: &Expression, depth: usize) -> Result<Node, Fault> {
        let span = self.span(expression.span());
        match expression {
            Expression::Array(array) => {
                self.budget.admit(depth, span.start)?;
                let mut items = Vec::with_capacity(array.len());
                for item in array {
                    items.push(self.expression(item, depth + 1)?);
                }
                return Ok(Node::new(span, Value::Array(items)));
            }
            Expression::Object(object) => return self.object(object, span, depth),
            Expression::FuncCall(call) => {
                if let Some(argument) = encoded(call) {
                    let mut node = self.expression(argument, depth)?;
                    if !node.is_expression() {
                        node.tag = Some(call.name.name.as_str().into());
                    }
                    return Ok(node);
                }
            }
            Expression::Parenthesis(inner) => return self.expression(inner.inner(), depth),
            _ => {}
        }
        self.budget.admit(depth, span.start)?;
        Ok(match expression {
            Expression::Null(_) => Node::new(span, Value::Null),
            Expression::Bool(b) => Node::new(span, Value::Bool(*b.value())),
            Expression::Number(number) => Node::new(span, self.number(number, span)),
            Expression::String(text) => Node::new(span, Value::Str(text.to_string())),
            Expression::StringTemplate(template) => self.template(template, span),
            Expression::HeredocTemplate(heredoc) => self.heredoc(heredoc, span),
            _ => expr(span, self.source(span)),
        })
    }

    fn object(&mut self, object: &Object, span: Span, depth: usize) -> Result<Node, Fault> {
        self.budget.admit(depth, span.start)?;
        let mut members = Vec::with_capacity(object.len());
        for (key, value) in object {
            let (key, key_span) = match key {
                ObjectKey::Ident(ident) => (ident.to_string(), self.span(ident.span())),
                ObjectKey::Expression(expression) => {
                    let key_span = self.span(expression.span());
                    let key = self.expression(expression, depth + 1)?;
                    let text = key
                        .text()
                        .map_or_else(|| self.source(key_span), str::to_owned);
                    (text, key_span)
                }
            };
            let value = self.expression(value.expr(), depth + 1)?;
            members.push(Member {
                key,
                key_span,
                value,
            });
        }
        Ok(Node::new(span, Value::Object(members)))
    }

    fn number(&self, number: &hcl_edit::Number, span: Span) -> Value {
        match (number.as_i64(), number.as_f64()) {
            (Some(n), _) => Value::Int(n),
            (None, Some(n)) => Value::Float(n),
            (None, None) => Value::Str(self.source(span)),
        }
    }

    fn template(&self, template: &StringTemplate, span: Span) -> Node {
        if let Some(text) = literal(template.iter()) {
            return Node::new(span, Value::Str(text));
        }
        let source = self.source(span);
        let inner = source.strip_prefix('"').unwrap_or(&source);
        expr(span, inner.strip_suffix('"').unwrap_or(inner).to_owned())
    }

    /// A heredoc is the lines between its markers.
    fn heredoc(&self, heredoc: &HeredocTemplate, span: Span) -> Node {
        let source = self.source(span);
        let start = source.find('\n').map_or(source.len(), |at| at + 1);
        let end = source.rfind('\n').map_or(start, |at| at + 1).max(start);
        let body = source.get(start..end).unwrap_or_default();
        let text = if source.starts_with("<<-") {
            dedent(body)
        } else {
            body.to_owned()
        };
        let body_span = Span::new(span.start + start, span.start + end);
        match literal(heredoc.template.iter()) {
            Some(_) => Node::new(body_span, Value::Str(text)),
            None => expr(body_span, text),
        }
    }

    fn source(&self, span: Span) -> String {
        self.text.get(span.range()).unwrap_or_default().to_owned()
    }

    fn span(&self, range: Option<Range<usize>>) -> Span {
        let range = range.unwrap_or_default();
        let at = |offset: usize| (self.base + offset).min(self.text.len());
        Span::new(at(range.start), at(range.end))
    }
}

fn expr(span: Span, source: String) -> Node {
    let mut node = Node::new(span, Value::Str(source));
    node.tag = Some(Node::EXPR.into());
    node
}

/// The argument of a function that only writes it down in another format.
fn encoded(call: &FuncCall) -> Option<&Expression> {
    let name = call.name.name.as_str();
    let plain = call.name.namespace.is_empty() && call.args.len() == 1;
    (plain && matches!(name, "jsonencode" | "yamlencode"))
        .then(|| call.args.get(0))
        .flatten()
}

/// The text of a template without interpolation.
fn literal<'t>(elements: impl Iterator<Item = &'t Element>) -> Option<String> {
    elements
        .map(|element| element.as_literal().map(|text| text.as_str()))
        .collect()
}

fn dedent(body: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let least = body
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(indent)
        .min()
        .unwrap_or(0);
    body.split_inclusive('\n')
        .map(|line| line.get(least.min(indent(line))..).unwrap_or_default())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::format::Format;

    fn check(text: &str, expected: &str) {
        super::super::render::check(Format::Hcl, text, expected);
    }

    #[test]
    fn lays_blocks_out_as_terraform_json_does() {
        check(
            "resource \"a\" \"x\" {\n  n = 1\n}\nresource \"a\" \"y\" {\n}\nresource \"b\" \"x\" { n = 2 }\n",
            "{resource: {a‹\"a\"›: {x‹\"x\"›: {n: 1}‹{}›, y‹\"y\"›: {}‹{}›}‹\"}›, b‹\"b\"›: {x‹\"x\"›: {n: 2}‹{}›}‹\"}›}‹\"}›}‹r␤›",
        );
        check(
            "s {\n  a = 1\n}\ns {\n}\nt {\n}\n",
            "{s: [{a: 1}‹{}›, {}‹{}›]‹{}›, t: [{}‹{}›]‹{}›}‹s␤›",
        );
        check(
            "m \"x\" {\n}\nm \"x\" {\n}\nm {\n}\n",
            "{m: [{}‹{}›, {x‹\"x\"›: [{}‹{}›, {}‹{}›]‹{}›}‹\"}›]‹\"}›}‹m␤›",
        );
    }

    #[test]
    fn reads_expressions() {
        check(
            "a = [true, null, -1.5, \"x\\n\"]\nb = { c = 1, \"d e\" = 2, (f) = 3 }\n",
            "{a: [true, null, -1.5, 'x␤'‹\"x\\n\"›]‹[]›, b: {c: 1, d e‹\"d e\"›: 2, f‹(f)›: 3}‹{}›}‹a␤›",
        );
        check(
            "a = \"x-${var.y}\"\nb = var.z\nc = x ? 1 : 2\nd = file(\"k\")\ne = \"$${x}\"\n",
            "{a: expr 'x-${var.y}'‹\"x-${var.y}\"›, b: expr 'var.z', c: expr 'x ? 1 : 2', d: expr 'file(\"k\")', e: '${x}'‹\"$${x}\"›}‹a␤›",
        );
        check(
            "a = jsonencode({ b = \"*\" })\nc = jsonencode(var.d)\n",
            "{a: jsonencode {b: '*'‹\"*\"›}‹{}›, c: expr 'var.d'}‹a␤›",
        );
        check(
            "a = <<-EOT\n    x\n      y\n    EOT\nb = <<EOT\n${x}\nEOT\n",
            "{a: 'x␤  y␤'‹    x␤      y␤›, b: expr '${x}␤'}‹a␤›",
        );
    }

    #[test]
    fn finds_comments() {
        check(
            "# one\na = 1 // two\n/* three */\n",
            "{a: 1}‹#␤› /# one/ /// two/ //* three *//",
        );
    }

    #[test]
    fn keeps_the_sound_structures_of_a_broken_file() {
        check(
            "a = 1\nb = = 2\nc \"d\" {\n  e = 3\n}\n",
            "{a: 1, c: {d‹\"d\"›: {e: 3}‹{}›}‹\"}›}‹a␤› !recovered !10:invalid expression",
        );
        check(
            "a \"b\" {\n  c = 1\n\nd \"e\" {\n  f = 2\n}\n",
            "{d: {e‹\"e\"›: {f: 2}‹{}›}‹\"}›}‹a␤› !recovered !34:invalid block body",
        );
    }
}
