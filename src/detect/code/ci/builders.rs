//! Commands and actions that run what a project's own files say: its scripts, its build,
//! its configuration.

use crate::detect::shell::{Command, Word};

/// Programs that run files of the folder they are started in, whatever they are told.
const ALWAYS: &[&str] = &[
    "make",
    "gmake",
    "cmake",
    "ninja",
    "meson",
    "tox",
    "nox",
    "pytest",
    "hatch",
    "pdm",
    "mvn",
    "mvnw",
    "gradle",
    "gradlew",
    "rake",
    "bazel",
    "bazelisk",
    "just",
    "task",
    "sbt",
    "mix",
    "ansible-playbook",
    "pre-commit",
    "jest",
    "vitest",
    "eslint",
    "webpack",
    "rollup",
    "vite",
    "gulp",
    "grunt",
    "lerna",
    "nx",
    "turbo",
    "tsx",
    "ts-node",
    "jekyll",
    "mkdocs",
    "sphinx-build",
    "rspec",
    "phpunit",
    "docker-compose",
    "skaffold",
    "pulumi",
    "cdk",
    "serverless",
    "nix-build",
    "playwright",
    "cypress",
    "ctest",
    "maturin",
    "setup.py",
];

/// Programs that do so by these of their verbs.
const BY_VERB: &[(&str, &[&str])] = &[
    (
        "npm",
        &[
            "ci",
            "install",
            "i",
            "run",
            "run-script",
            "test",
            "t",
            "start",
            "exec",
            "publish",
            "pack",
            "rebuild",
        ],
    ),
    (
        "pnpm",
        &[
            "install", "i", "run", "test", "build", "exec", "start", "publish", "lint",
        ],
    ),
    (
        "yarn",
        &[
            "install", "run", "test", "build", "start", "exec", "publish", "lint", "",
        ],
    ),
    ("bun", &["install", "i", "run", "test", "build", "x"]),
    (
        "cargo",
        &[
            "build", "test", "run", "check", "clippy", "bench", "doc", "publish", "package",
            "xtask", "nextest", "install",
        ],
    ),
    ("go", &["test", "generate", "run"]),
    ("poetry", &["install", "run", "build", "publish"]),
    ("uv", &["run", "sync", "build"]),
    ("pipenv", &["install", "run", "sync"]),
    ("bundle", &["install", "exec", ""]),
    (
        "composer",
        &["install", "update", "run", "run-script", "test"],
    ),
    (
        "dotnet",
        &["build", "test", "run", "publish", "pack", "msbuild"],
    ),
    ("docker", &["build", "buildx", "compose"]),
    ("podman", &["build"]),
    ("terraform", &["plan", "apply", "init"]),
    ("tofu", &["plan", "apply", "init"]),
    ("nix", &["build", "develop", "run", "flake"]),
    ("swift", &["build", "test", "run"]),
    ("deno", &["run", "task", "test"]),
    ("hugo", &[]),
];

/// Programs that run the file they are given.
const INTERPRETERS: &[&str] = &[
    "bash", "sh", "zsh", "dash", "python", "python3", "node", "ruby", "perl", "php", "source", ".",
    "Rscript", "julia", "pwsh",
];

/// Actions that build, install or test what lies in the folder.
const ACTIONS: &[&str] = &[
    "docker/build-push-action",
    "docker/bake-action",
    "gradle/gradle-build-action",
    "pre-commit/action",
    "bahmutov/npm-install",
    "cypress-io/github-action",
    "goreleaser/goreleaser-action",
    "pypa/cibuildwheel",
    "pyo3/maturin-action",
    "actions-rs/cargo",
    "actions/jekyll-build-pages",
    "ruby/setup-ruby",
    "borales/actions-yarn",
];

/// Whether the action runs what a project's files say.
pub(super) fn action(name: &str) -> bool {
    ACTIONS.contains(&name)
}

/// Whether the command runs what a project's files say.
pub(super) fn runs_project(command: &Command) -> bool {
    let Some(first) = command.words.first().map(Word::text) else {
        return false;
    };
    if first.starts_with("./") || first.starts_with("../") {
        return true;
    }
    let name = command.name();
    if ALWAYS.contains(&name) {
        return !command.args().iter().any(|word| word.text() == "--version");
    }
    let verb = command.operands().next().map_or("", |word| word.text());
    if let Some((_, verbs)) = BY_VERB.iter().find(|(program, _)| *program == name) {
        let everywhere = command
            .flag(&["-g", "--global", "--ignore-scripts", "--git"])
            .is_some();
        // `npm install NAME` runs nothing of the project's but its own hooks.
        return verbs.contains(&verb) && !everywhere;
    }
    if matches!(name, "pip" | "pip3") {
        let own = |text: &str| {
            text.starts_with('.') || matches!(text, "-r" | "-e" | "--requirement" | "--editable")
        };
        return verb == "install" && command.args().iter().any(|word| own(word.text()));
    }
    if INTERPRETERS.contains(&name) {
        return runs_file(command, verb);
    }
    false
}

/// Whether an interpreter is given a file of the folder, not code or a module of its own.
fn runs_file(command: &Command, file: &str) -> bool {
    if let Some((_, module)) = command.value_of(&["-m"]) {
        return matches!(module, "pytest" | "build" | "tox" | "nox" | "unittest")
            || module == "pip"
                && command
                    .args()
                    .iter()
                    .any(|word| word.text().starts_with('.') || word.text() == "-r");
    }
    command.flag(&["-c", "-e"]).is_none()
        && !file.is_empty()
        && !file.starts_with(['/', '$', '<', '~'])
        && file.contains('.')
}

/// A command's first words, for a message.
pub(super) fn shown(command: &Command) -> String {
    let words = command.words.iter().take(2).map(Word::text);
    let words: Vec<&str> = words.filter(|word| word.len() < 40).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::shell;
    use crate::document::Document;

    #[test]
    fn what_runs_a_projects_files_is_told_from_what_reads_them() {
        for (text, expected) in [
            ("make test", true),
            ("./ci/build.sh", true),
            ("npm ci", true),
            ("sudo npm run build", true),
            ("npm install -g prettier", false),
            ("pip install -r requirements.txt", true),
            ("pip install black", false),
            ("python tools/check.py", true),
            ("python -c 'print(1)'", false),
            ("python -m pytest", true),
            ("cargo fmt", false),
            ("cargo test", true),
            ("git diff --stat", false),
            ("gh pr comment 7", false),
            ("bash /opt/check.sh", false),
        ] {
            let document = Document::new("a.sh", text.as_bytes());
            let found = shell::commands(&document).any(runs_project);
            assert_eq!(found, expected, "{text}");
        }
    }
}
