//! Where a document holds shell text.

use super::{Command, Mapped, Op, Word, lex};
use crate::document::{Document, Node, Span, Value};
use crate::kind::Kind;

/// Every command of a document.
pub(super) fn of_document(document: &Document<'_>) -> Vec<Command> {
    let mut out = Vec::new();
    let kinds = document.kinds();
    let whole = Span::new(0, document.bytes().len());
    if kinds.has(Kind::Shell) {
        lex::commands(&Mapped::raw(document.bytes(), whole), false, 0, &mut out);
    } else if kinds.has(Kind::Powershell) {
        lex::commands(&powershell(document.bytes()), false, 0, &mut out);
    } else if kinds.has(Kind::Makefile) {
        let indent = if document.path().ends_with("justfile") {
            b" \t".as_slice()
        } else {
            b"\t"
        };
        makefile(document.bytes(), indent, &mut out);
    } else if kinds.has(Kind::Dockerfile) {
        dockerfile(document.bytes(), &mut out);
    } else if kinds.has(Kind::Jenkinsfile) {
        jenkinsfile(document.bytes(), &mut out);
    } else {
        tree(document, &mut out);
    }
    out
}

/// The keys whose value is shell text.
fn shell_keys(document: &Document<'_>) -> &'static [&'static str] {
    const TABLE: &[(Kind, &[&str])] = &[
        (Kind::GithubWorkflow, &["run"]),
        (Kind::GithubAction, &["run"]),
        (Kind::GitlabCi, &["script", "before_script", "after_script"]),
        (Kind::Circleci, &["run", "command"]),
        (
            Kind::AzurePipelines,
            &["script", "bash", "pwsh", "powershell", "inlineScript"],
        ),
        (Kind::BitbucketPipelines, &["script", "after-script"]),
        (Kind::Compose, &["command", "entrypoint"]),
        (Kind::Kubernetes, &["command", "args"]),
    ];
    if document.path().ends_with("devcontainer.json") {
        return &[
            "onCreateCommand",
            "updateContentCommand",
            "postCreateCommand",
            "postStartCommand",
            "postAttachCommand",
            "initializeCommand",
        ];
    }
    let kinds = document.kinds();
    TABLE
        .iter()
        .find(|(kind, _)| kinds.has(*kind))
        .map_or(&[], |(_, keys)| *keys)
}

fn tree(document: &Document<'_>, out: &mut Vec<Command>) {
    if document.is(Kind::PackageJson) {
        for root in document.tree().root.items() {
            for script in root.get("scripts").map(Node::members).unwrap_or_default() {
                of_node(document, &script.value, out);
            }
        }
        return;
    }
    let keys = shell_keys(document);
    if !keys.is_empty() {
        below(document, &document.tree().root, keys, out);
    }
}

fn below(document: &Document<'_>, node: &Node, keys: &[&str], out: &mut Vec<Command>) {
    match &node.value {
        Value::Array(items) => {
            for item in items {
                below(document, item, keys, out);
            }
        }
        Value::Object(members) => {
            for member in members {
                let shell = keys.contains(&member.key.as_str());
                if shell && !matches!(member.value.value, Value::Object(_)) {
                    if is_shell_step(node) {
                        of_node(document, &member.value, out);
                    }
                } else {
                    below(document, &member.value, keys, out);
                }
            }
        }
        _ => {}
    }
}

/// Whether a step's `shell` is one.
fn is_shell_step(step: &Node) -> bool {
    let shell = step.get("shell").and_then(Node::text).unwrap_or("bash");
    !["python", "node", "perl", "ruby", "deno"]
        .iter()
        .any(|other| shell.starts_with(other))
}

/// The commands of a pipeline's step or job: all shell text below it.
pub(crate) fn step_commands(document: &Document<'_>, step: &Node) -> Vec<Command> {
    let mut out = Vec::new();
    below(document, step, shell_keys(document), &mut out);
    out
}

/// The commands of a string, or of a list that is either one command's words or
/// several scripts.
pub(super) fn of_node(document: &Document<'_>, node: &Node, out: &mut Vec<Command>) {
    match &node.value {
        Value::Str(_) => {
            let text = scalar(document.bytes(), node);
            lex::commands(&text, false, 0, out);
        }
        Value::Array(items) => {
            let kinds = document.kinds();
            if kinds.has(Kind::Compose) || kinds.has(Kind::Kubernetes) {
                words(document, items, out);
            } else {
                for item in items {
                    of_node(document, item, out);
                }
            }
        }
        _ => {}
    }
}

/// A command given as a list of its words.
fn words(document: &Document<'_>, items: &[Node], out: &mut Vec<Command>) {
    let words: Vec<_> = items
        .iter()
        .filter(|item| item.text().is_some())
        .map(|item| Word {
            text: scalar(document.bytes(), item),
            span: item.span,
        })
        .collect();
    listed(words, out);
}

fn listed(words: Vec<Word>, out: &mut Vec<Command>) {
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return;
    };
    let span = Span::new(first.span.start, last.span.end.max(first.span.end));
    let mut sets = Vec::new();
    let words = super::prefix::strip(words, &mut sets);
    let command = Command {
        words,
        sets,
        to: Vec::new(),
        span,
        forgiven: false,
        next: Op::End,
        opens: false,
    };
    lex::inline(&command, 0, out);
    out.push(command);
}

/// The text of a YAML or JSON scalar with each byte's place.
pub(crate) fn scalar(file: &[u8], node: &Node) -> Mapped {
    let raw = node.span.of(file);
    match raw.first() {
        Some(b'\'') if raw.last() == Some(&b'\'') && raw.len() > 1 => {
            unquoted(file, node.span, b'\'')
        }
        Some(b'"') if raw.last() == Some(&b'"') && raw.len() > 1 => unquoted(file, node.span, b'"'),
        _ => match header(file, node.span.start) {
            Some(b'|') => Mapped::raw(file, node.span),
            _ => folded(file, node.span),
        },
    }
}

/// `|` or `>` when the line before `start` ends in the header of a block scalar.
fn header(file: &[u8], start: usize) -> Option<u8> {
    let before = file.get(..start)?.trim_ascii_end();
    // A plain scalar on its key's line has no line break before it.
    if !file.get(before.len()..start)?.contains(&b'\n') {
        return None;
    }
    let line = before.rsplit(|b| *b == b'\n').next()?;
    let line = match memchr::memmem::find(line, b" #") {
        Some(at) => line.get(..at)?.trim_ascii_end(),
        None => line,
    };
    let sign = line.rsplit(u8::is_ascii_whitespace).next()?;
    let (first, rest) = sign.split_first()?;
    let plain = rest
        .iter()
        .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-'));
    (plain && matches!(first, b'|' | b'>')).then_some(*first)
}

/// A single line break inside is a space.
fn folded(file: &[u8], span: Span) -> Mapped {
    let raw = span.of(file);
    let mut out = Mapped::default();
    for (i, byte) in raw.iter().enumerate() {
        let alone = *byte == b'\n'
            && raw
                .get(i + 1..)
                .unwrap_or_default()
                .iter()
                .find(|b| !matches!(b, b' ' | b'\t' | b'\r'))
                != Some(&b'\n');
        out.push(if alone { b' ' } else { *byte }, span.start + i);
    }
    out
}

fn unquoted(file: &[u8], span: Span, quote: u8) -> Mapped {
    let mut out = Mapped::default();
    let mut at = span.start + 1;
    while at + 1 < span.end {
        let (Some(byte), next) = (file.get(at), file.get(at + 1)) else {
            break;
        };
        match (byte, next) {
            (b'\'', Some(b'\'')) if quote == b'\'' => {
                out.push(b'\'', at);
                at += 1;
            }
            (b'\\', Some(next)) if quote == b'"' => {
                at += 1;
                match next {
                    b'n' => out.push(b'\n', at),
                    b't' | b'\n' => out.push(b' ', at),
                    _ => out.push(*next, at),
                }
            }
            (b'\n', _) => out.push(b' ', at),
            _ => out.push(*byte, at),
        }
        at += 1;
    }
    out
}

/// PowerShell with its own continuation made ours.
fn powershell(file: &[u8]) -> Mapped {
    let mut out = Mapped::default();
    let mut at = 0;
    while let Some(byte) = file.get(at) {
        if file.get(at..at + 2) == Some(b"<#") {
            let rest = file.get(at..).unwrap_or_default();
            at += memchr::memmem::find(rest, b"#>").map_or(rest.len(), |end| end + 2);
            continue;
        }
        match byte {
            b'`' if matches!(file.get(at + 1), Some(b'\n' | b'\r')) => {
                out.push(b'\\', at);
            }
            b'`' => {}
            b'\\' => out.push(b'/', at),
            _ => out.push(*byte, at),
        }
        at += 1;
    }
    out
}

/// The lines of a file with their offsets, line breaks left off.
fn lines(file: &[u8]) -> impl Iterator<Item = Span> {
    let mut at = 0;
    file.split(|b| *b == b'\n').map(move |line| {
        let span = Span::new(at, at + line.len());
        at += line.len() + 1;
        span
    })
}

/// Recipes: the indented lines of a makefile or justfile.
fn makefile(file: &[u8], indent: &[u8], out: &mut Vec<Command>) {
    let mut recipe = Mapped::default();
    let mut forgiven = false;
    for span in lines(file) {
        let line = span.of(file);
        let goes_on = line.trim_ascii_end().ends_with(b"\\");
        let mut start = span.start;
        if recipe.len() == 0 {
            if !line.first().is_some_and(|b| indent.contains(b)) {
                continue;
            }
            while let Some(byte) = file.get(start).filter(|_| start < span.end) {
                match byte {
                    b'-' => forgiven = true,
                    b'@' | b'+' | b' ' | b'\t' => {}
                    _ => break,
                }
                start += 1;
            }
        }
        let mut at = start;
        while at < span.end {
            let byte = file.get(at).copied().unwrap_or_default();
            if byte == b'$' && file.get(at + 1) == Some(&b'$') {
                at += 1;
            }
            recipe.push(byte, at);
            at += 1;
        }
        recipe.push(b'\n', span.end);
        if !goes_on {
            lex::commands(&recipe, forgiven, 0, out);
            recipe = Mapped::default();
            forgiven = false;
        }
    }
    lex::commands(&recipe, forgiven, 0, out);
}

/// `RUN`, `CMD`, `ENTRYPOINT` and `HEALTHCHECK CMD` of a Dockerfile.
fn dockerfile(file: &[u8], out: &mut Vec<Command>) {
    let mut lines = lines(file).peekable();
    while let Some(first) = lines.next() {
        let Some(start) = instruction(file, first) else {
            continue;
        };
        let mut text = Mapped::default();
        let mut span = Span::new(start, first.end);
        loop {
            let line = span.of(file).trim_ascii();
            let comment = line.starts_with(b"#");
            if !comment {
                text.append(&Mapped::raw(file, span));
                text.push(b'\n', span.end);
            }
            if !comment && !line.is_empty() && !line.ends_with(b"\\") {
                break;
            }
            match lines.next() {
                Some(next) => span = next,
                None => break,
            }
        }
        let body = text.bytes().trim_ascii_start();
        if body.starts_with(b"[") {
            exec_form(&text, out);
        } else if let Some(end) = heredoc(body) {
            let mut script = Mapped::default();
            for line in lines.by_ref() {
                if line.of(file).trim_ascii() == end.as_slice() {
                    break;
                }
                script.append(&Mapped::raw(file, line));
                script.push(b'\n', line.end);
            }
            lex::commands(&script, false, 0, out);
        } else {
            lex::commands(&text, false, 0, out);
        }
    }
}

/// Offset after an instruction that runs something, and after its options.
fn instruction(file: &[u8], line: Span) -> Option<usize> {
    let mut at = line.start;
    let mut seen = false;
    loop {
        let rest = file.get(at..line.end)?;
        at += rest.len() - rest.trim_ascii_start().len();
        let word = rest
            .trim_ascii_start()
            .split(u8::is_ascii_whitespace)
            .next()?;
        let upper = word.to_ascii_uppercase();
        match upper.as_slice() {
            b"ONBUILD" | b"HEALTHCHECK" if !seen => {}
            b"RUN" | b"CMD" | b"ENTRYPOINT" if !seen => seen = true,
            _ if word.starts_with(b"--") => {}
            _ => return seen.then_some(at),
        }
        at += word.len();
    }
}

/// The delimiter of `RUN <<EOF`.
fn heredoc(body: &[u8]) -> Option<Vec<u8>> {
    let rest = body.strip_prefix(b"<<")?;
    let rest = rest.strip_prefix(b"-").unwrap_or(rest).trim_ascii();
    let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'"' | b'\'');
    rest.iter().all(plain).then(|| {
        rest.iter()
            .copied()
            .filter(|b| !matches!(b, b'"' | b'\''))
            .collect()
    })
}

/// `["a", "b"]`: commas and brackets outside quotes are blanks.
fn exec_form(text: &Mapped, out: &mut Vec<Command>) {
    let mut words: Vec<Word> = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        if byte != b'"' {
            continue;
        }
        let start = at;
        let mut word = Mapped::default();
        while let Some(byte) = text.get(at).filter(|b| *b != b'"') {
            at += usize::from(byte == b'\\');
            word.push_from(text, at);
            at += 1;
        }
        at += 1;
        words.push(Word {
            text: word,
            span: text.span(start - 1, at.min(text.len())),
        });
    }
    listed(words, out);
}

/// The strings given to `sh`, `bat` and `powershell` steps.
fn jenkinsfile(file: &[u8], out: &mut Vec<Command>) {
    const STEPS: [&[u8]; 4] = [b"sh", b"bat", b"powershell", b"pwsh"];
    let mut at = 0;
    while at < file.len() {
        let rest = file.get(at..).unwrap_or_default();
        if rest.starts_with(b"//") {
            at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            continue;
        }
        if rest.starts_with(b"/*") {
            at += memchr::memmem::find(rest, b"*/").map_or(rest.len(), |end| end + 2);
            continue;
        }
        let bounded = at == 0
            || file.get(at - 1).is_none_or(|b| {
                !b.is_ascii_alphanumeric() && !matches!(b, b'_' | b'.' | b'/' | b'-')
            });
        let Some(step) = STEPS.iter().find(|s| bounded && rest.starts_with(s)) else {
            at += 1;
            continue;
        };
        at += step.len();
        if let Some((span, end)) = argument(file, at) {
            lex::commands(&Mapped::raw(file, span), false, 0, out);
            at = end;
        }
    }
}

/// The string that a Jenkins step is given: its text and where it ends.
fn argument(file: &[u8], start: usize) -> Option<(Span, usize)> {
    let line_end = start + memchr::memchr(b'\n', file.get(start..)?).unwrap_or(file.len() - start);
    let head = file.get(start..line_end)?;
    let quote = start + head.iter().position(|b| matches!(b, b'\'' | b'"'))?;
    let between = file.get(start..quote)?;
    let script = memchr::memmem::find(between, b"script:").is_some();
    let plain = between
        .iter()
        .all(|b| b.is_ascii_whitespace() || *b == b'(');
    if between.is_empty() || !(plain || script) {
        return None;
    }
    let mark = *file.get(quote)?;
    let triple = file.get(quote..quote + 3) == Some(&[mark; 3]);
    let width = if triple { 3 } else { 1 };
    let mut at = quote + width;
    while at < file.len() {
        if file.get(at) == Some(&b'\\') {
            at += 2;
        } else if file.get(at..at + width) == Some(&[mark; 3][..width]) {
            return Some((Span::new(quote + width, at), at + width));
        } else if !triple && file.get(at) == Some(&b'\n') {
            return None;
        } else {
            at += 1;
        }
    }
    None
}
