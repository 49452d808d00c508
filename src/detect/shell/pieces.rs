//! Where a document holds shell text.

use std::sync::Arc;

use super::forgive::Fails;
use super::scalar::scalar;
use super::{
    Command, Found, MOST_COMMANDS, Mapped, NOT_ALL, Word, dockerfile, jenkinsfile, kept, lex,
};
use crate::detect::lines;
use crate::detect::tokens::{self, LONGEST};
use crate::document::{Document, Node, Span, Value};
use crate::kind::Kind;

/// Every command of a document, script by script.
pub(super) fn of_document(document: &Document<'_>) -> Vec<Arc<[Command]>> {
    let length = document.bytes().len();
    let kinds = document.kinds();
    let whole = Span::new(0, length);
    let scripts = [
        Kind::Shell,
        Kind::Powershell,
        Kind::Makefile,
        Kind::Dockerfile,
        Kind::Jenkinsfile,
    ];
    if !scripts.iter().any(|kind| kinds.has(*kind)) {
        let mut list = List::new(document);
        tree(&mut list);
        return list.scripts;
    }
    if length > LONGEST {
        document.note(tokens::NOT_READ);
        return Vec::new();
    }
    let mut out = Found::within(length);
    if kinds.has(Kind::Shell) {
        lex::commands(
            &Mapped::raw(document.bytes(), whole),
            Fails::Each,
            0,
            &mut out,
        );
    } else if kinds.has(Kind::Powershell) {
        let text = Mapped::raw(document.bytes(), whole);
        lex::commands(&powershell(&text), Fails::Last, 0, &mut out);
    } else if kinds.has(Kind::Makefile) {
        let indent = if document.path().ends_with("justfile") {
            b" \t".as_slice()
        } else {
            b"\t"
        };
        makefile(document, indent, &mut out);
    } else if kinds.has(Kind::Dockerfile) {
        dockerfile::commands(document, &mut out);
    } else {
        jenkinsfile::commands(document.bytes(), &mut out);
    }
    vec![out.done(document).into()]
}

/// The scripts of a tree, and how much more may be taken: aliases can name one script a
/// thousand times.
struct List<'d> {
    document: &'d Document<'d>,
    scripts: Vec<Arc<[Command]>>,
    bytes: usize,
    commands: usize,
}

impl<'d> List<'d> {
    fn new(document: &'d Document<'d>) -> Self {
        Self {
            document,
            scripts: Vec::new(),
            bytes: Found::within(document.bytes().len()).left,
            commands: MOST_COMMANDS,
        }
    }

    /// Takes the commands that `read` gives for a node.
    fn take(&mut self, node: &Node, read: impl FnOnce(&Document<'_>) -> Arc<[Command]>) {
        let left = self.bytes.checked_sub(node.span.len());
        let Some(left) = left.filter(|_| self.commands > 0) else {
            self.document.note(NOT_ALL);
            return;
        };
        self.bytes = left;
        let commands = read(self.document);
        self.commands = self.commands.saturating_sub(commands.len());
        self.scripts.push(commands);
    }
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
        (Kind::GiteaWorkflow, &["run"]),
        (Kind::Buildkite, &["command", "commands"]),
        (Kind::Drone, &["commands"]),
        (Kind::Woodpecker, &["commands"]),
        (
            Kind::Travis,
            &[
                "script",
                "before_install",
                "install",
                "before_script",
                "after_success",
                "after_failure",
                "after_script",
                "before_deploy",
                "after_deploy",
            ],
        ),
        (Kind::CloudBuild, &["script"]),
        (Kind::Buildspec, &["commands"]),
        (Kind::Tekton, &["script", "command", "args"]),
        (Kind::ArgoWorkflow, &["command", "args"]),
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

fn tree(list: &mut List<'_>) {
    let document = list.document;
    if document.is(Kind::PackageJson) {
        for root in document.tree().root.items() {
            for script in root.get("scripts").map(Node::members).unwrap_or_default() {
                of_node(&script.value, Shell::PLAIN, list);
            }
        }
        return;
    }
    let keys = shell_keys(document);
    if !keys.is_empty() {
        below(&document.tree().root, keys, list);
    }
}

fn below(node: &Node, keys: &[&str], list: &mut List<'_>) {
    match &node.value {
        Value::Array(items) => {
            for item in items {
                below(item, keys, list);
            }
        }
        Value::Object(members) => {
            for member in members {
                let shell = keys.contains(&member.key.as_str());
                if shell && !matches!(member.value.value, Value::Object(_)) {
                    if let Some(shell) = shell_of(list.document, node, &member.key) {
                        of_node(&member.value, shell, list);
                    }
                } else {
                    below(&member.value, keys, list);
                }
            }
        }
        _ => {}
    }
}

/// How a step's script is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Shell {
    /// By PowerShell, whose continuation and paths are others.
    powershell: bool,
    fails: Fails,
}

impl Shell {
    /// `sh -c`, as scripts of a package and commands of a container are run.
    pub(crate) const PLAIN: Self = Self {
        powershell: false,
        fails: Fails::Last,
    };

    /// `sh -e`, as most pipelines run their scripts.
    pub(crate) const STRICT: Self = Self {
        powershell: false,
        fails: Fails::Each,
    };

    /// PowerShell, which goes on after a command that fails.
    pub(crate) const POWERSHELL: Self = Self {
        powershell: true,
        fails: Fails::Last,
    };

    /// What the `shell` of a step names; none for what is no shell.
    pub(crate) fn named(shell: &str) -> Option<Self> {
        let other = ["python", "node", "perl", "ruby", "deno"];
        if other.iter().any(|other| shell.starts_with(other)) {
            return None;
        }
        if shell.starts_with("pwsh") || shell.starts_with("powershell") {
            return Some(Self::POWERSHELL);
        }
        // A template of its own: `bash {0}` drops the `-e` that is there by default.
        let own = shell.contains("{0}") && !shell.contains("-e");
        Some(if own { Self::PLAIN } else { Self::STRICT })
    }
}

/// How a step's script under `key` is run; none when by something that is no shell.
fn shell_of(document: &Document<'_>, step: &Node, key: &str) -> Option<Shell> {
    let shell = step.get("shell").and_then(Node::text).unwrap_or("bash");
    let named = Shell::named(shell)?;
    // Azure's scripts go on after a command that fails.
    Some(match key {
        "pwsh" | "powershell" => Shell::POWERSHELL,
        _ if named == Shell::STRICT && document.is(Kind::AzurePipelines) => Shell::PLAIN,
        _ => named,
    })
}

/// The commands of a string, or of a list of them, of a file with these bytes.
pub(crate) fn script(bytes: &[u8], node: &Node, shell: Shell) -> Vec<Command> {
    script_of(bytes, node, shell).0
}

/// The same, and whether something was not read.
pub(super) fn script_of(bytes: &[u8], node: &Node, shell: Shell) -> (Vec<Command>, bool) {
    let mut out = Found::within(node.span.len());
    each_script(bytes, node, shell, &mut out);
    (out.commands, out.cut)
}

/// The commands of a text that another reader has found: a step's of Jenkins.
/// `windows` when it isn't given to a shell that stops at a failure.
pub(crate) fn text(text: &Mapped, windows: bool) -> Vec<Command> {
    let mut out = Found::within(text.len());
    if windows {
        lex::commands(&powershell(text), Fails::Last, 0, &mut out);
    } else {
        lex::commands(text, Fails::Each, 0, &mut out);
    }
    out.commands
}

/// The commands of a program that is given as a list of its words, of a file with these
/// bytes. `program` is the place of its name, where that isn't in the list.
pub(crate) fn program(bytes: &[u8], program: Option<Span>, nodes: &[&Node]) -> Vec<Command> {
    let length = nodes.iter().map(|node| node.span.len()).sum();
    let mut out = Found::within(length);
    let name = program.map(|span| Word {
        text: Mapped::raw(bytes, span),
        span,
    });
    let words = nodes.iter().filter(|node| node.text().is_some());
    let words = words.map(|node| Word {
        text: scalar(bytes, node),
        span: node.span,
    });
    lex::listed(name.into_iter().chain(words).collect(), &mut out);
    out.commands
}

fn each_script(bytes: &[u8], node: &Node, shell: Shell, out: &mut Found) {
    if node.text().is_some() {
        one_script(bytes, node, shell, out);
    }
    for item in node.items() {
        each_script(bytes, item, shell, out);
    }
}

fn one_script(bytes: &[u8], node: &Node, shell: Shell, out: &mut Found) {
    let mut text = scalar(bytes, node);
    if shell.powershell {
        text = powershell(&text);
    }
    lex::commands(&text, shell.fails, 0, out);
}

/// The commands of a string, or of a list that is either one command's words or
/// several scripts.
fn of_node(node: &Node, shell: Shell, list: &mut List<'_>) {
    let kinds = list.document.kinds();
    match &node.value {
        Value::Array(items) if kinds.has(Kind::Compose) || kinds.has(Kind::Kubernetes) => {
            list.take(node, |document| words(document, items));
        }
        Value::Str(_) | Value::Array(_) => {
            list.take(node, |document| kept::script(document, node, shell));
        }
        _ => {}
    }
}

/// A command given as a list of its words.
fn words(document: &Document<'_>, items: &[Node]) -> Arc<[Command]> {
    let words: Vec<_> = items
        .iter()
        .filter(|item| item.text().is_some())
        .map(|item| Word {
            text: scalar(document.bytes(), item),
            span: item.span,
        })
        .collect();
    let mut out = Found::within(words.iter().map(|word| word.span.len()).sum());
    lex::listed(words, &mut out);
    out.done(document).into()
}

/// PowerShell with its own continuation made ours.
fn powershell(text: &Mapped) -> Mapped {
    let mut out = Mapped::default();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        if byte == b'<' && text.get(at + 1) == Some(b'#') {
            let rest = text.bytes().get(at..).unwrap_or_default();
            at += memchr::memmem::find(rest, b"#>").map_or(rest.len(), |end| end + 2);
            continue;
        }
        match byte {
            b'`' if matches!(text.get(at + 1), Some(b'\n' | b'\r')) => {
                out.push_as(b'\\', text, at);
            }
            b'`' => {}
            b'\\' => out.push_as(b'/', text, at),
            _ => out.push_from(text, at),
        }
        at += 1;
    }
    out
}

/// Recipes: the indented lines of a makefile or justfile.
fn makefile(document: &Document<'_>, indent: &[u8], out: &mut Found) {
    let file = document.bytes();
    let mut recipe = Mapped::default();
    let mut fails = Fails::Last;
    for span in lines::all(document) {
        let line = span.of(file);
        let goes_on = line.trim_ascii_end().ends_with(b"\\");
        let mut start = span.start;
        if recipe.len() == 0 {
            if !line.first().is_some_and(|b| indent.contains(b)) {
                continue;
            }
            while let Some(byte) = file.get(start).filter(|_| start < span.end) {
                match byte {
                    b'-' => fails = Fails::Nobody,
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
            lex::commands(&recipe, fails, 0, out);
            recipe = Mapped::default();
            fails = Fails::Last;
        }
    }
    lex::commands(&recipe, fails, 0, out);
}
