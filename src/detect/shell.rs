//! Shell text, wherever it stands: scripts, makefiles, Dockerfiles, the steps of
//! pipelines, the scripts of `package.json`.
//!
//! The reading is word-level: quotes, continuations, comments, here-documents,
//! substitutions and the operators between commands are known; expansion, functions
//! and control flow are not. It never fails: text that is no shell gives commands
//! that no rule knows. What `echo` prints and what a comment says is no command.

mod dockerfile;
mod forgive;
mod jenkinsfile;
mod kept;
mod lex;
mod mapped;
mod pieces;
mod prefix;
mod scalar;

use crate::document::{Document, Span};

pub(crate) use kept::{Commands, script as script_of};
pub(crate) use mapped::Mapped;
pub(crate) use pieces::{Shell, program, script, text};

/// A word of a command, with its quotes taken off.
#[derive(Clone)]
pub(crate) struct Word {
    text: Mapped,
    /// Where it stands, quotes included.
    pub(crate) span: Span,
}

impl Word {
    /// The text; what is expanded when the command runs stays as written.
    pub(crate) fn text(&self) -> &str {
        self.text.text()
    }
}

/// `NAME=value` before a command, or on its own.
#[derive(Clone)]
pub(crate) struct Assignment {
    pub(crate) name: String,
    pub(crate) value: String,
    /// Where the whole assignment stands.
    pub(crate) span: Span,
}

/// A simple command.
#[derive(Clone)]
pub(crate) struct Command {
    /// The command and its arguments; `sudo`, `env`, `xargs`, `npx` and their like
    /// are taken off. Empty when there are only assignments.
    pub(crate) words: Vec<Word>,
    /// The assignments before it.
    pub(crate) sets: Vec<Assignment>,
    /// Files that its output is sent to.
    pub(crate) to: Vec<Word>,
    /// The here-document or here-string that it reads.
    pub(crate) input: Option<Mapped>,
    /// From the first to the last word.
    pub(crate) span: Span,
    /// Whether its failure is swallowed: `|| true`, make's `-`, or `set +e` with
    /// nobody asking for the exit code.
    pub(crate) forgiven: bool,
    /// What stands after it.
    next: Op,
    /// Whether it opens a group, `(` or `{`.
    opens: bool,
    /// Whether it is the last of a group.
    closes: bool,
}

/// An operator between commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    /// `;`, `&`, a line break or the end.
    End,
    And,
    Or,
    Pipe,
    /// `)` or `}`.
    Close,
}

impl Command {
    /// The program's name without folder, version and `.exe`.
    pub(crate) fn name(&self) -> &str {
        let Some(word) = self.words.first() else {
            return "";
        };
        let text = word.text();
        let start = usize::from(text.starts_with('@'));
        let text = match text.get(start..).and_then(|rest| rest.find('@')) {
            Some(at) => text.get(..start + at).unwrap_or(text),
            None => text,
        };
        if start == 1 {
            return text;
        }
        let text = text.rsplit('/').next().unwrap_or(text);
        text.strip_suffix(".exe").unwrap_or(text)
    }

    /// The arguments.
    pub(crate) fn args(&self) -> &[Word] {
        self.words.get(1..).unwrap_or_default()
    }

    /// Whether the next command reads what it prints.
    pub(crate) fn pipes(&self) -> bool {
        self.next == Op::Pipe
    }

    /// The arguments that are no flags.
    pub(crate) fn operands(&self) -> impl Iterator<Item = &Word> {
        self.args().iter().filter(|w| !w.text().starts_with('-'))
    }

    /// Whether the operands begin with these: a program's verbs.
    pub(crate) fn begins_with(&self, verbs: &[&str]) -> bool {
        let mut operands = self.operands();
        verbs
            .iter()
            .all(|verb| operands.next().is_some_and(|w| w.text() == *verb))
    }

    /// The first argument that is one of `flags`, bare or with `=value`.
    pub(crate) fn flag(&self, flags: &[&str]) -> Option<&Word> {
        self.options().find(|word| {
            let text = word.text();
            flags.contains(&text.split_once('=').map_or(text, |(flag, _)| flag))
        })
    }

    /// The first argument that is one of `flags` and does not say `=false`.
    pub(crate) fn switch(&self, flags: &[&str]) -> Option<&Word> {
        self.flag(flags)
            .filter(|word| !word.text().ends_with("=false"))
    }

    /// The value of a flag: `--flag=value` or `--flag value`.
    pub(crate) fn value_of(&self, flags: &[&str]) -> Option<(&Word, &str)> {
        self.values_of(flags).next()
    }

    /// Every value of flags that may be given more than once.
    pub(crate) fn values_of(&self, flags: &[&str]) -> impl Iterator<Item = (&Word, &str)> {
        let mut words = self.options();
        std::iter::from_fn(move || {
            loop {
                let word = words.next()?;
                let text = word.text();
                match text.split_once('=') {
                    Some((flag, value)) if flags.contains(&flag) => return Some((word, value)),
                    None if flags.contains(&text) => return Some((word, words.next()?.text())),
                    _ => {}
                }
            }
        })
    }

    /// The argument that holds a short flag, alone or bundled: `-k`, `-sSLk`.
    /// `with_value` are the short flags after which the rest of a bundle is a value.
    pub(crate) fn short(&self, flag: char, with_value: &str) -> Option<&Word> {
        self.options().find(|word| {
            let Some(letters) = word.text().strip_prefix('-') else {
                return false;
            };
            letters
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .find(|c| *c == flag || with_value.contains(*c))
                == Some(flag)
        })
    }

    /// The arguments up to `--`.
    fn options(&self) -> impl Iterator<Item = &Word> {
        self.args().iter().take_while(|w| w.text() != "--")
    }
}

/// Every simple command in `document`, which is read once for all rules that ask.
pub(crate) fn commands<'d>(document: &'d Document<'_>) -> impl Iterator<Item = &'d Command> {
    let read = || Commands {
        scripts: pieces::of_document(document),
    };
    document.kept(read).into_iter().flat_map(Commands::iter)
}

const NOT_ALL: &str = "holds more shell commands than are read: rules on them did not see all";

/// Most commands that are read of one file: a word of a few bytes takes a hundred
/// times its length.
const MOST_COMMANDS: usize = 50_000;

/// How many times its length of text is read of one file. Substitutions within
/// scripts within substitutions are read once for each level.
const REREAD: usize = 8;

/// Commands as they are found, and how much more may be read.
struct Found {
    commands: Vec<Command>,
    /// Bytes of shell text.
    left: usize,
    /// Something was not read.
    cut: bool,
}

impl Found {
    /// None yet, in a file of `length` bytes.
    const fn within(length: usize) -> Self {
        Self {
            commands: Vec::new(),
            left: length.saturating_mul(REREAD).saturating_add(1 << 16),
            cut: false,
        }
    }

    /// Pays for `length` bytes; false when they may not be read.
    fn pay(&mut self, length: usize) -> bool {
        match self.left.checked_sub(length) {
            Some(left) if self.commands.len() < MOST_COMMANDS => self.left = left,
            _ => self.cut = true,
        }
        !self.cut
    }

    fn push(&mut self, command: Command) {
        if self.commands.len() < MOST_COMMANDS {
            self.commands.push(command);
        } else {
            self.cut = true;
        }
    }

    /// What was found; a file of which something was not read says so.
    fn done(self, document: &Document<'_>) -> Vec<Command> {
        if self.cut {
            document.note(NOT_ALL);
        }
        self.commands
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each command as `name arg arg`, `!` after a forgiven one.
    fn shown(path: &str, text: &str) -> String {
        let document = Document::new(path, text.as_bytes());
        let commands: Vec<_> = commands(&document)
            .map(|c| {
                let sets = c.sets.iter().map(|s| format!("{}={}", s.name, s.value));
                let words = c.words.iter().map(|w| w.text().to_owned());
                let all: Vec<_> = sets.chain(words).collect();
                format!("{}{}", all.join(" "), if c.forgiven { " !" } else { "" })
            })
            .collect();
        commands.join("; ")
    }

    #[test]
    fn splits_shell_into_commands() {
        for (text, expected) in [
            ("a 'b c' \"d $x\" e\\ f # g", "a b c d $x e f"),
            ("a && b || c; d | e &\nf", "a; b; c; d; e; f"),
            ("a \\\n  b\nc", "a b; c"),
            ("X=1 Y='2 3' sudo -u me env Z=4 a b", "X=1 Y=2 3 Z=4 a b"),
            ("cat <<EOF\ngit push\nEOF\nb", "cat; b"),
            ("cat <<-'E' | x\n git push\n\tE\nb", "cat; x; b"),
            (
                "x=$(curl -k \"$(b)\") y",
                "b; curl -k $(b); x=$(curl -k \"$(b)\") y",
            ),
            ("echo `git push`", "git push; echo `git push`"),
            ("if a; then b; else c; fi", "a; b; c; fi"),
            ("a >f 2>&1 <g b", "a b"),
            ("trivy fs . || true", "trivy fs . !; true"),
            ("(a; trivy fs .) || :", "a; trivy fs . !; :"),
            ("trivy . | tee x || exit 0", "trivy . !; tee x !; exit 0"),
            (
                "trivy . || { echo no; exit 1; }",
                "trivy .; echo no; exit 1",
            ),
            ("trivy . || echo no && exit 1", "trivy .; echo no; exit 1"),
            ("set +e\ntrivy .\necho x", "set +e; trivy . !; echo x"),
            ("set +e\ntrivy .\nrc=$?", "set +e; trivy .; rc=$?"),
            ("set +e\ntrivy .", "set +e; trivy ."),
            ("set +eu\na\nexit 0", "set +eu; a !; exit 0"),
            ("set +o errexit\na\nb", "set +o errexit; a !; b"),
            ("set +o pipefail\na\nb", "set +o pipefail; a; b"),
            ("a || { echo no; true; }", "a !; echo no; true"),
            ("a || (echo no; exit 0)", "a !; echo no; exit 0"),
            ("a || (echo no) && exit 1", "a; echo no; exit 1"),
            ("a || echo bad=1 >> $GITHUB_OUTPUT", "a; echo bad=1"),
            // A script of its own counts by its last command, unless run with `-e`.
            ("a; true", "a; true"),
            ("sh -c 'a; true'", "a !; true; sh -c a; true"),
            ("bash -ec 'a; true'", "a; true; bash -ec a; true"),
            (
                "sh -c 'a || exit 1; true'",
                "a; exit 1; true; sh -c a || exit 1; true",
            ),
            ("sh -c 'a && true'", "a; true; sh -c a && true"),
            ("bash -c 'git push -f'", "git push -f; bash -c git push -f"),
            ("ls | xargs -n1 -I{} curl -k {}", "ls; curl -k {}"),
            ("npx -y @scope/pkg@1 --yolo", "@scope/pkg@1 --yolo"),
            ("a ${{ b || 'c' }} d", "a ${{ b || 'c' }} d"),
            ("timeout -k 5 30 a; nice -n 3 b", "a; b"),
            ("a $((1 << 2)) b", "a $((1 << 2)) b"),
            ("a \"unclosed\nb", "a unclosed\nb"),
            ("a $(unclosed", "unclosed; a $(unclosed"),
        ] {
            assert_eq!(shown("a.sh", text), expected, "{text}");
        }
    }

    #[test]
    fn finds_shell_text_in_other_files() {
        for (path, text, expected) in [
            (
                "Makefile",
                "X = 1\na:\n\t@git push \\\n\t  -f\n\t-trivy fs $$x\n",
                "git push -f; trivy fs $x !",
            ),
            (
                "Makefile",
                "a:\n\ttrivy fs .; true\n\tb\n",
                "trivy fs . !; true; b",
            ),
            (
                "a.ps1",
                "trivy fs . `\n  --quiet\nexit 0\n",
                "trivy fs . --quiet !; exit 0",
            ),
            (
                "a.ps1",
                "trivy fs .\nif ($LASTEXITCODE -ne 0) { exit 2 }\nexit 0",
                "trivy fs .; $LASTEXITCODE -ne 0; exit 2 }; exit 0",
            ),
            (
                "a.ps1",
                "Test-Code x -ErrorAction SilentlyContinue\nTest-Code y -ErrorAction Stop",
                "Test-Code x -ErrorAction SilentlyContinue !; Test-Code y -ErrorAction Stop",
            ),
            (
                ".github/workflows/a.yml",
                "jobs:\n  j:\n    steps:\n      - shell: pwsh\n        run: |\n          trivy fs . `\n            --quiet\n          exit 0\n",
                "trivy fs . --quiet !; exit 0",
            ),
            (
                ".github/workflows/a.yml",
                "jobs:\n  j:\n    steps:\n      - run: |\n          trivy fs .\n          exit 0\n      - shell: bash {0}\n        run: |\n          trivy fs .\n          exit 0\n",
                "trivy fs .; exit 0; trivy fs . !; exit 0",
            ),
            (
                "azure-pipelines.yml",
                "steps:\n  - powershell: |\n      trivy fs `\n        .\n      exit 0\n  - script: |\n      trivy fs .\n      exit 0\n",
                "trivy fs . !; exit 0; trivy fs . !; exit 0",
            ),
            (
                "Dockerfile",
                "FROM a\nENV A=b\nRUN --mount=type=x a \\\n # c\n  && b\nCMD [\"c\", \"-d e\"]\n",
                "a; b; c -d e",
            ),
            ("Dockerfile", "RUN <<EOF\na\nb\nEOF\nUSER x\n", "a; b"),
            (
                ".github/workflows/a.yml",
                "jobs:\n  j:\n    steps:\n      - run: |\n          a \\\n            b\n          c\n      - run: 'd ''e f'''\n      - run: >\n          g\n          h\n      - shell: python\n        run: i\n",
                "a b; c; d e f; g h",
            ),
            (
                ".gitlab-ci.yml",
                "j:\n  script:\n    - a b\n    - |\n      c\n  after_script: d\n",
                "a b; c; d",
            ),
            (
                ".circleci/config.yml",
                "jobs:\n  b:\n    steps:\n      - run: a\n      - run: {name: x, command: b}\n",
                "a; b",
            ),
            (
                "azure-pipelines.yml",
                "steps:\n  - script: a\n  - bash: b\n  - task: Bash@3\n    inputs: {script: c}\n",
                "a; b; c",
            ),
            (
                "package.json",
                "{\"scripts\": {\"x\": \"a -m \\\"b c\\\" && d\"}}",
                "a -m b c; d",
            ),
            (
                "Jenkinsfile",
                "sh 'a b'\nsh(script: \"c\", returnStatus: true)\nsh '''\n d\n'''\n// sh 'e'\n",
                "a b; c; d",
            ),
            (
                "compose.yml",
                "services:\n  a:\n    command: [\"b\", \"--c d\"]\n",
                "b --c d",
            ),
            ("README.md", "git push", ""),
        ] {
            assert_eq!(shown(path, text), expected, "{path}: {text}");
        }
    }

    #[test]
    fn spans_point_into_the_file() {
        let text = "jobs:\n  j:\n    steps:\n      - run: \"echo \\\"x\\\" && git push --force\"\n";
        let document = Document::new(".github/workflows/a.yml", text.as_bytes());
        let push = commands(&document).find(|c| c.name() == "git").unwrap();
        let of = |span: Span| std::str::from_utf8(span.of(text.as_bytes())).unwrap();
        assert_eq!(of(push.span), "git push --force");
        assert_eq!(of(push.flag(&["--force"]).unwrap().span), "--force");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_and_spans_stay_inside(
            text in r"([a-z$`'\x22\\\\(){}<>|&;#=\n -]|<<E|\$\(|\$\{\{|EOF\n|RUN \[|sh '|é){0,60}",
            path in "a\\.sh|Makefile|Dockerfile|Jenkinsfile|a\\.ps1|\\.gitlab-ci\\.yml|package\\.json",
        ) {
            let document = Document::new(&path, text.as_bytes());
            for command in commands(&document) {
                for word in &command.words {
                    proptest::prop_assert!(word.span.end <= text.len());
                    proptest::prop_assert!(word.span.start <= word.span.end);
                }
            }
        }
    }

    #[test]
    fn a_command_has_its_here_document() {
        let text = b"a <<X | b <<-Y\n1\nX\n\t2\n\tY\nd <<< \"4 5\"\nc <<Z\n3";
        let document = Document::new("a.sh", text);
        let input = |c: &Command| c.input.as_ref().map(|text| text.text().to_owned());
        let inputs: Vec<_> = commands(&document).filter_map(input).collect();
        assert_eq!(inputs, ["1\n", "\t2\n", "4 5", "3"]);
    }

    #[test]
    fn an_open_list_of_words_ends_with_the_text() {
        let text = "RUN [\"";
        let document = Document::new("Dockerfile", text.as_bytes());
        for command in commands(&document) {
            assert!(command.words.iter().all(|w| w.span.end <= text.len()));
        }
    }

    #[test]
    fn nested_scripts_are_read_only_so_often() {
        let text = "sh -c \"$(sh -c '$(".repeat(2000);
        let document = Document::new("a.sh", text.as_bytes());
        assert!(commands(&document).count() <= MOST_COMMANDS);
        assert!(!document.notes().is_empty());
    }

    #[test]
    fn finds_flags() {
        let document = Document::new("a.sh", b"curl -sSLk -o k --x=y --z w -- -q");
        let curl = commands(&document).next().unwrap();
        assert!(curl.short('k', "o").is_some());
        assert!(curl.short('k', "S").is_none());
        assert!(curl.short('q', "").is_none());
        assert_eq!(curl.value_of(&["--x"]).unwrap().1, "y");
        assert_eq!(curl.value_of(&["--z"]).unwrap().1, "w");
    }
}
