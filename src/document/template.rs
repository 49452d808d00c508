//! Template markup inside configuration: Helm, Jinja, ERB, `CircleCI`.
//!
//! Markup is blanked before parsing by filler of the same length, line breaks
//! kept, so that every offset stays true; afterwards the source text is put back
//! into the values and they are tagged as expressions.

use super::format::Format;
use super::node::{Node, Span, Value};

/// Finds the markup of a text.
pub(super) fn find(format: Format, text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    // A closer that was missing once is missing for good.
    let mut missing: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(step) = memchr::memchr2(b'{', b'<', bytes.get(at..).unwrap_or_default()) {
        at += step;
        let rest = text.get(at..).unwrap_or_default();
        let dollar = at > 0 && bytes.get(at - 1) == Some(&b'$');
        let Some(close) = closer(format, rest) else {
            at += 1;
            continue;
        };
        let body = rest.get(2..).unwrap_or_default();
        let end = match missing.contains(&close) {
            true => None,
            false => body.find(close).map(|end| at + 2 + end + close.len()),
        };
        match end {
            None => {
                missing.push(close);
                at += 1;
            }
            // `${{ }}` of GitHub and Azure, and the shell's `${#list}`.
            Some(_) if dollar && close != "}}" => at += 1,
            Some(end) => {
                if !dollar {
                    found.push(Span::new(at, end));
                }
                at = end;
            }
        }
    }
    found
}

/// What closes the markup that `rest` opens with.
fn closer(format: Format, rest: &str) -> Option<&'static str> {
    let open = rest.get(..2)?;
    match open {
        "{{" => Some("}}"),
        "{%" => Some("%}"),
        "{#" => Some("#}"),
        "<%" => Some("%>"),
        // Also the shell's heredoc and YAML's merge key, so the inside must fit.
        "<<" if format == Format::Yaml => {
            let inner = rest.get(2..)?.trim_start_matches(' ');
            let known = ["parameters.", "pipeline.", "matrix.", "include("];
            known.iter().any(|k| inner.starts_with(k)).then_some(">>")
        }
        _ => None,
    }
}

/// A text without its markup.
pub(super) struct Blanked {
    pub(super) text: String,
    fillers: Vec<Filler>,
}

/// A filler and the markup it stands for.
struct Filler {
    span: Span,
    markup: Span,
}

/// A letter that every format takes in a name or plain value, and that no
/// configuration holds.
const MARK: &str = "\u{a608}";

/// Blanks `markup`: with spaces where a line holds nothing else, with a plain
/// scalar elsewhere.
pub(super) fn blank(format: Format, text: &str, markup: &[Span]) -> Blanked {
    let mut out = String::with_capacity(text.len());
    let mut fillers = Vec::new();
    let mut at = 0;
    for (index, span) in markup.iter().enumerate() {
        out.push_str(text.get(at..span.start).unwrap_or_default());
        let source = text.get(span.range()).unwrap_or_default();
        let first = source.find(['\n', '\r']).unwrap_or(source.len());
        let alone = stands_alone(text, markup, index);
        let length = first.min(source.len());
        if alone || length < 4 || is_comment(source) {
            spaces(source, &mut out);
        } else {
            let quoted = needs_quotes(format, text, *span);
            let room = length - if quoted { 2 } else { 0 };
            if room < MARK.len() {
                out.push_str("\"\"");
                out.extend(std::iter::repeat_n(' ', length - 2));
            } else {
                let quote = if quoted { "\"" } else { "" };
                out.push_str(quote);
                let start = out.len();
                out.push_str(&filler(room));
                fillers.push(Filler {
                    span: Span::new(start, out.len()),
                    markup: *span,
                });
                out.push_str(quote);
            }
            spaces(source.get(length..).unwrap_or_default(), &mut out);
        }
        at = span.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Blanked { text: out, fillers }
}

fn filler(length: usize) -> String {
    format!("{MARK}{}", "_".repeat(length.saturating_sub(MARK.len())))
}

fn spaces(source: &str, out: &mut String) {
    for byte in source.bytes() {
        out.push(match byte {
            b'\n' => '\n',
            b'\r' => '\r',
            _ => ' ',
        });
    }
}

fn is_comment(source: &str) -> bool {
    let inner = source.get(2..).unwrap_or_default();
    let inner = inner.trim_start_matches(['-', ' ']);
    source.starts_with("{#") || source.starts_with("<%#") || inner.starts_with("/*")
}

/// Whether the lines that markup `index` touches hold nothing but markup.
fn stands_alone(text: &str, markup: &[Span], index: usize) -> bool {
    let blank = |start: usize, end: usize| {
        let between = text.get(start..end).unwrap_or_default();
        between.bytes().all(|b| matches!(b, b' ' | b'\t'))
    };
    let Some(span) = markup.get(index) else {
        return false;
    };
    let line_start = text
        .get(..span.start)
        .and_then(|before| before.rfind(['\n', '\r']))
        .map_or(0, |at| at + 1);
    let line_end = text
        .get(span.end..)
        .and_then(|after| after.find(['\n', '\r']))
        .map_or(text.len(), |at| span.end + at);
    let mut start = span.start;
    let earlier = markup.get(..index).unwrap_or_default().iter().rev();
    for other in earlier.take_while(|other| other.end > line_start) {
        if !blank(other.end, start) {
            return false;
        }
        start = other.start;
    }
    let mut end = span.end;
    let later = markup.get(index + 1..).unwrap_or_default().iter();
    for other in later.take_while(|other| other.start < line_end) {
        if !blank(end, other.start) {
            return false;
        }
        end = other.end;
    }
    blank(line_start.min(start), start) && (end >= line_end || blank(end, line_end))
}

/// Whether the filler must be a string of its own: where a bare word isn't a value
/// and the markup isn't inside a string already.
fn needs_quotes(format: Format, text: &str, span: Span) -> bool {
    if !matches!(format, Format::Json | Format::Toml) {
        return false;
    }
    let before = text.get(..span.start).unwrap_or_default();
    let line = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let mut quote = None;
    let mut escaped = false;
    for letter in before.get(line..).unwrap_or_default().chars() {
        match quote {
            None if letter == '"' || (letter == '\'' && format == Format::Toml) => {
                quote = Some(letter);
            }
            Some(open) if letter == open && !escaped => quote = None,
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
    }
    quote.is_none()
}

impl Blanked {
    /// Puts the source of the markup back into keys and values.
    pub(super) fn restore(&self, text: &str, documents: &mut [Node]) {
        for document in documents {
            self.node(text, document);
        }
    }

    fn node(&self, text: &str, node: &mut Node) {
        match &mut node.value {
            Value::Array(items) => {
                for item in items {
                    self.node(text, item);
                }
            }
            Value::Object(members) => {
                for member in members {
                    if let Some(key) = self.source(text, member.key_span, &member.key) {
                        member.key = key;
                    }
                    self.node(text, &mut member.value);
                }
            }
            Value::Str(value) => {
                if let Some(source) = self.source(text, node.span, value) {
                    *value = source;
                    tag_expression(node);
                }
            }
            _ => {}
        }
    }

    /// `value` with each filler of `span` replaced by its markup.
    fn source(&self, text: &str, span: Span, value: &str) -> Option<String> {
        let from = self.fillers.partition_point(|f| f.span.end <= span.start);
        let fillers = self.fillers.get(from..).unwrap_or_default();
        let mut out = String::new();
        let mut rest = value;
        for found in fillers.iter().take_while(|f| f.span.start < span.end) {
            let Some((before, after)) = rest.split_once(&filler(found.span.len())) else {
                continue;
            };
            out.push_str(before);
            out.push_str(text.get(found.markup.range()).unwrap_or_default());
            rest = after;
        }
        (rest.len() < value.len()).then(|| out + rest)
    }
}

/// Tags the strings of a tree that was read with its markup in place.
pub(super) fn tag(text: &str, markup: &[Span], documents: &mut [Node]) {
    for node in documents {
        match &mut node.value {
            Value::Array(items) => tag(text, markup, items),
            Value::Object(members) => {
                for member in members {
                    tag(text, markup, std::slice::from_mut(&mut member.value));
                }
            }
            Value::Str(_) => {
                let from = markup.partition_point(|m| m.end <= node.span.start);
                if markup.get(from).is_some_and(|m| m.overlaps(node.span)) {
                    tag_expression(node);
                }
            }
            _ => {}
        }
    }
}

/// A script of several lines with markup somewhere inside is still a script.
fn tag_expression(node: &mut Node) {
    let lines = node
        .text()
        .is_some_and(|text| text.trim_end().contains('\n'));
    if !lines && node.tag.is_none() {
        node.tag = Some(Node::EXPR.into());
    }
}

#[cfg(test)]
mod tests {
    use super::super::render::check;
    use super::*;

    #[test]
    fn reads_around_helm_and_jinja() {
        check(
            Format::Yaml,
            "{{- if .a }}\na: {{ .x }}\nb: \"p-{{ y }}-{{ z }}\"\n{{- end }}\nc:\n  {{- toYaml . | nindent 2 }}\n  d: 1\n",
            "",
        );
        check(
            Format::Yaml,
            "{# c #}\n- {% if x %}a{% endif %}\n- <% x %>\n{{ key }}: 1\n",
            "",
        );
        check(
            Format::Yaml,
            "v: << parameters.v >>\nw: ${{ secrets.X }}\ns: |\n  cat << EOF >> f\n  docker ps --format '{{.Names}}'\n",
            "",
        );
        check(Format::Yaml, "a: 1 {{/* c\n c */}}\nb: ${#x} {{\n", "");
    }

    #[test]
    fn reads_around_markup_in_other_formats() {
        check(Format::Json, "{\"a\": \"{{ x }}\"}", "");
        check(Format::Json, "{\"a\": {{ x }}, \"b\": \"-{{ y }}\"}", "");
        check(Format::Toml, "a = {{ x }}\nb = 'c {{ y }}'\n", "");
        check(Format::Hcl, "a = {{ x }}\nb = \"c\"\n", "");
        check(Format::Dotenv, "{% if x %}\nA={{ x }}\n{% endif %}\n", "");
        check(Format::Xml, "<a b=\"{{ x }}\"><% if %></a>", "");
    }

    #[test]
    fn blanking_moves_nothing() {
        for text in [
            "a {{ x\ny }} b\r\n{{ z }}\n",
            "{{}}{{}}",
            "é {{ é }} {% %}\n{#\n#}",
            "${{ a }} {{ b",
        ] {
            for format in Format::ALL {
                let blanked = blank(format, text, &find(format, text)).text;
                assert_eq!(blanked.len(), text.len());
                for (a, b) in blanked.bytes().zip(text.bytes()) {
                    assert_eq!(a == b'\n', b == b'\n', "{text}");
                }
            }
        }
    }
}
