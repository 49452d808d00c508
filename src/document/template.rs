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
        // The shell's `${#list}`, or nothing to look for.
        if (dollar && close != "}}") || missing.contains(&close) {
            at += 1;
            continue;
        }
        let Some(end) = body.find(close).map(|end| at + 2 + end + close.len()) else {
            missing.push(close);
            at += 1;
            continue;
        };
        // `${{ }}` of GitHub and Azure is no markup of the file's format.
        if !dollar {
            found.push(Span::new(at, end));
        }
        at = end;
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
    let mut blanked = Blanked {
        text: String::with_capacity(text.len()),
        fillers: Vec::new(),
    };
    let mut quotes = Quotes::new(format);
    let mut at = 0;
    for (span, alone) in markup.iter().zip(standing_alone(text, markup)) {
        let between = text.get(at..span.start).unwrap_or_default();
        blanked.text.push_str(between);
        quotes.pass(between);
        let source = text.get(span.range()).unwrap_or_default();
        if alone || is_comment(source) {
            spaces(source, &mut blanked.text);
        } else {
            blanked.fill(source, *span, quotes.needed());
        }
        at = span.end;
    }
    blanked.text.push_str(text.get(at..).unwrap_or_default());
    blanked
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

/// For each markup whether the lines it touches hold nothing but markup. Looks at
/// each gap between two of them once, since a line may hold thousands.
fn standing_alone(text: &str, markup: &[Span]) -> Vec<bool> {
    let blank = |gap: &str| gap.bytes().all(|b| matches!(b, b' ' | b'\t'));
    let gap = |start, end| text.get(start..end).unwrap_or_default();
    let mut alone = Vec::with_capacity(markup.len());
    let mut before = true;
    let mut last_end = 0;
    for span in markup {
        let gap = gap(last_end, span.start);
        before = match gap.rfind(['\n', '\r']) {
            Some(at) => blank(gap.get(at + 1..).unwrap_or_default()),
            None => before && blank(gap),
        };
        alone.push(before);
        last_end = span.end;
    }
    let mut after = true;
    let mut next_start = text.len();
    for (span, alone) in markup.iter().zip(&mut alone).rev() {
        let gap = gap(span.end, next_start);
        after = match gap.find(['\n', '\r']) {
            Some(at) => blank(gap.get(..at).unwrap_or_default()),
            None => after && blank(gap),
        };
        *alone = *alone && after;
        next_start = span.start;
    }
    alone
}

/// Whether a position is inside a string of one line, for the formats in which a
/// bare word isn't a value: there the filler must be a string unless it is in one.
struct Quotes {
    marks: &'static [char],
    open: Option<char>,
    escaped: bool,
}

impl Quotes {
    const fn new(format: Format) -> Self {
        Self {
            marks: match format {
                Format::Json => &['"'],
                Format::Toml => &['"', '\''],
                _ => &[],
            },
            open: None,
            escaped: false,
        }
    }

    fn pass(&mut self, text: &str) {
        if self.marks.is_empty() {
            return;
        }
        for letter in text.chars() {
            match self.open {
                _ if matches!(letter, '\n' | '\r') => self.open = None,
                None if self.marks.contains(&letter) => self.open = Some(letter),
                Some(open) if letter == open && !self.escaped => self.open = None,
                _ => {}
            }
            self.escaped = letter == '\\' && !self.escaped;
        }
    }

    const fn needed(&self) -> bool {
        !self.marks.is_empty() && self.open.is_none()
    }
}

impl Blanked {
    /// Adds filler for `markup`; of markup over several lines, the first stands for
    /// all of it.
    fn fill(&mut self, source: &str, markup: Span, quoted: bool) {
        let length = source.find(['\n', '\r']).unwrap_or(source.len());
        let room = if quoted {
            length.saturating_sub(2)
        } else {
            length
        };
        if room < MARK.len() {
            let empty = if quoted && length >= 2 { "\"\"" } else { "" };
            self.text.push_str(empty);
            spaces(
                source.get(empty.len()..).unwrap_or_default(),
                &mut self.text,
            );
            return;
        }
        let quote = if quoted { "\"" } else { "" };
        self.text.push_str(quote);
        let start = self.text.len();
        self.text.push_str(&filler(room));
        let span = Span::new(start, self.text.len());
        self.fillers.push(Filler { span, markup });
        self.text.push_str(quote);
        spaces(source.get(length..).unwrap_or_default(), &mut self.text);
    }

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
        let mut misses = 0;
        for found in fillers.iter().take_while(|f| f.span.start < span.end) {
            let Some((before, after)) = rest.split_once(&filler(found.span.len())) else {
                // In a comment within the span, say; don't search for thousands.
                misses += 1;
                if misses > 50 {
                    break;
                }
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
pub(super) fn tag(markup: &[Span], documents: &mut [Node]) {
    for node in documents {
        match &mut node.value {
            Value::Array(items) => tag(markup, items),
            Value::Object(members) => {
                for member in members {
                    tag(markup, std::slice::from_mut(&mut member.value));
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
            "{a: expr '{{ .x }}', b: expr 'p-{{ y }}-{{ z }}'‹\"p-{{ y }}-{{ z }}\"›, c: {d: 1}‹d1›}‹a1› !recovered",
        );
        check(
            Format::Yaml,
            "{# c #}\n- {% if x %}a{% endif %}\n- <% x %>\n- {{ key }}: 1\n",
            "[expr '{% if x %}a{% endif %}', expr '<% x %>', {{{ key }}: 1}‹{1›]‹-1› !recovered",
        );
        check(
            Format::Yaml,
            "v: << parameters.v >>\nw: ${{ secrets.X }}\ns: |\n  cat << EOF >> f\n  docker ps --format '{{.Names}}'\n",
            "{v: expr '<< parameters.v >>', w: '${{ secrets.X }}', s: 'cat << EOF >> f␤docker ps --format '{{.Names}}'␤'‹cat << EOF >> f␤  docker ps --format '{{.Names}}'›}‹v'› !recovered",
        );
        check(
            Format::Yaml,
            "a: 1 {{/* c\n c */}}\nb: ${#x} {{\n",
            "{a: 1, b: '${#x} {{'}‹a{› !recovered",
        );
    }

    #[test]
    fn reads_around_markup_in_other_formats() {
        check(
            Format::Json,
            "{\"a\": \"{{ x }}\"}",
            "{a‹\"a\"›: expr '{{ x }}'‹\"{{ x }}\"›}‹{}›",
        );
        check(
            Format::Json,
            "{\"a\": {{ x }}, \"b\": \"-{{ y }}\"}",
            "{a‹\"a\"›: expr '{{ x }}', b‹\"b\"›: expr '-{{ y }}'‹\"-{{ y }}\"›}‹{}› !recovered",
        );
        check(
            Format::Toml,
            "a = {{ x }}\nb = 'c {{ y }}'\n",
            "{a: expr '{{ x }}', b: expr 'c {{ y }}'‹'c {{ y }}'›}‹a␤› !recovered",
        );
        check(
            Format::Hcl,
            "a = {{ x }}\nb = \"c\"\n",
            "{a: expr '{{ x }}', b: 'c'‹\"c\"›}‹a␤› !recovered",
        );
        check(
            Format::Dotenv,
            "{% if x %}\nA={{ x }}\n{% endif %}\n",
            "{A: expr '{{ x }}'}‹{␤› !recovered",
        );
        check(
            Format::Xml,
            "<a b=\"{{ x }}\"><% if %></a>",
            "{a: {@b‹b›: expr '{{ x }}', #text‹<% if %>›: expr '<% if %>'}‹<>›}‹<>› !recovered",
        );
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
