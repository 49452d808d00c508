//! The scanners whose verdict is a gate, by what runs them.

mod reports;
mod table;

use std::sync::LazyLock;

use crate::detect::code::index::{self, Index};
use crate::detect::shell::Command;
pub(crate) use reports::{
    Report, reads_report, report_of, report_of_step, uploads, uploads_by_action,
};
use table::SCANNERS;

/// A scanner and the ways it is run.
pub(crate) struct Scanner {
    /// Its name, which is the subject of a finding.
    pub(crate) name: &'static str,
    /// Commands: the words that begin one.
    commands: &'static [&'static str],
    /// How the names of its actions, orbs, tasks, pipes and plugins begin.
    actions: &'static [&'static str],
    /// Parts of an image's name.
    images: &'static [&'static str],
    /// Flags that make it succeed whatever it finds; `flag=value` needs the value.
    soft: &'static [&'static str],
    /// Inputs of its steps that do so, with the values.
    inputs: &'static [(&'static str, &'static [&'static str])],
    /// Flags without one of which it succeeds whatever it finds. None: it fails.
    strict: &'static [&'static str],
    /// Further names of its repositories and packages.
    own: &'static [&'static str],
}

/// Verbs by which one asks a scanner for something else than a scan.
const ASKS: &[&str] = &[
    "version",
    "help",
    "plugin",
    "auth",
    "login",
    "completion",
    "server",
    "clean",
    "fix",
];

/// The same, as the first operand only: a path may have these names.
const ASKS_FIRST: &[&str] = &[
    "db",
    "convert",
    "logout",
    "install",
    "init",
    "explain",
    "generate",
    "cache",
    "registry",
    "list-checks",
    "update",
];

/// The scanner that a command runs, itself, in a container or as a hook.
pub(crate) fn by_command(command: &Command) -> Option<&'static Scanner> {
    let found = run_by(command)?;
    (!asks(command)).then_some(found)
}

/// Whether a command asks a scanner for its version or database, which is no scan.
fn asks(command: &Command) -> bool {
    command
        .flag(&["--version", "--help", "-h", "-V", "--download-db-only"])
        .is_some()
        || command.operands().take(2).any(|w| ASKS.contains(&w.text()))
        || command
            .operands()
            .next()
            .is_some_and(|w| ASKS_FIRST.contains(&w.text()))
}

/// The scanner that a command names.
fn run_by(command: &Command) -> Option<&'static Scanner> {
    match command.name() {
        "docker" | "podman" | "nerdctl" if command.begins_with(&["run"]) => {
            command.operands().find_map(|w| by_image(w.text()))
        }
        "docker" | "podman" | "nerdctl" if command.args().iter().any(|w| w.text() == "run") => {
            command.operands().find_map(|w| by_image(w.text()))
        }
        "pre-commit" | "prek" if command.begins_with(&["run"]) => {
            by_hook(command.operands().nth(1)?.text())
        }
        name => by_words(name, command),
    }
}

fn by_words(name: &str, command: &Command) -> Option<&'static Scanner> {
    static BY_PROGRAM: LazyLock<Index<Scanner>> = LazyLock::new(|| {
        Index::new(SCANNERS, |scanner| {
            let programs = scanner.commands.iter();
            programs
                .filter_map(|way| way.split(' ').next().map(bare))
                .collect()
        })
    });
    let name = bare(name);
    let mut near = BY_PROGRAM.get(name).iter().copied();
    near.find(|scanner| {
        scanner.commands.iter().any(|way| {
            let mut parts = way.split(' ');
            let program = parts.next().unwrap_or_default();
            let mut args = command.args().iter();
            bare(program) == name
                && parts.all(|verb| args.next().is_some_and(|word| word.text() == verb))
        })
    })
}

/// A program's name without the ending of a script.
fn bare(program: &str) -> &str {
    program.strip_suffix(".sh").unwrap_or(program)
}

/// The scanner that a hook of pre-commit's runs.
fn by_hook(id: &str) -> Option<&'static Scanner> {
    SCANNERS.iter().find(|scanner| {
        id.strip_prefix("terraform_")
            .unwrap_or(id)
            .strip_prefix(scanner.name)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    })
}

/// The scanner that an action, orb, task, pipe or plugin is.
pub(crate) fn by_action(uses: &str) -> Option<&'static Scanner> {
    static BY_START: LazyLock<Index<Scanner>> = LazyLock::new(|| {
        let starts = |scanner: &Scanner| scanner.actions.iter().copied().map(index::start);
        Index::new(SCANNERS, |scanner| starts(scanner).collect())
    });
    let uses = uses.trim();
    if let Some(image) = uses.strip_prefix("docker://") {
        return by_image(image);
    }
    let is = |action: &str| {
        uses.get(..action.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(action))
    };
    let mut near = BY_START.get(&index::start(uses)).iter().copied();
    near.find(|s| s.actions.iter().any(|a| is(a)))
}

/// The scanner that an image holds.
pub(crate) fn by_image(image: &str) -> Option<&'static Scanner> {
    static BY_LAST: LazyLock<Index<Scanner>> = LazyLock::new(|| {
        let ends = |scanner: &Scanner| scanner.images.iter().copied().map(index::last);
        Index::new(SCANNERS, |scanner| ends(scanner).collect())
    });
    let name = image.split('@').next().unwrap_or(image);
    let name = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    };
    let mut near = BY_LAST.get(index::last(name)).iter().copied();
    near.find(|scanner| {
        scanner.images.iter().any(|part| {
            name.strip_suffix(part)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('/') || part.contains('/'))
        })
    })
}

/// The scanner that a job of GitLab's own templates runs, by the job's name.
///
/// Facts: the files under `Jobs/` and `Security/` of
/// <https://gitlab.com/gitlab-org/gitlab/-/tree/master/lib/gitlab/ci/templates>.
pub(crate) fn gitlab_template(job: &str) -> Option<&'static str> {
    const JOBS: &[&str] = &[
        "secret_detection",
        "sast",
        "semgrep-sast",
        "gitlab-advanced-sast",
        "bandit-sast",
        "brakeman-sast",
        "eslint-sast",
        "flawfinder-sast",
        "gosec-sast",
        "kics-iac-sast",
        "iac-sast",
        "kubesec-sast",
        "mobsf-android-sast",
        "mobsf-ios-sast",
        "nodejs-scan-sast",
        "phpcs-security-audit-sast",
        "pmd-apex-sast",
        "security-code-scan-sast",
        "sobelow-sast",
        "spotbugs-sast",
        "container_scanning",
        "dependency_scanning",
        "dependency-scanning",
        "gemnasium-dependency_scanning",
        "gemnasium-maven-dependency_scanning",
        "gemnasium-python-dependency_scanning",
        "bundler-audit-dependency_scanning",
        "retire-js-dependency_scanning",
        "license_scanning",
        "cluster_image_scanning",
        "dast",
        "dast_api",
        "apifuzzer_fuzz",
        "api_security",
        "coverage_fuzzing",
    ];
    JOBS.iter().find(|name| **name == job).copied()
}

impl Scanner {
    /// The flag by which a command tells this scanner to succeed whatever it finds.
    pub(crate) fn softened(&self, command: &Command) -> Option<String> {
        self.soft.iter().find_map(|soft| {
            let set = match soft.split_once('=') {
                Some((flag, value)) => command.value_of(&[flag]).is_some_and(|(_, v)| v == value),
                None => command.switch(&[soft]).is_some(),
            };
            set.then(|| (*soft).replace('=', " "))
        })
    }

    /// The input by which a step tells this scanner to succeed whatever it finds.
    pub(crate) fn softened_by_input(
        &self,
        input: &dyn Fn(&str) -> Option<String>,
    ) -> Option<&'static str> {
        self.inputs.iter().find_map(|(name, values)| {
            let set = input(name)?.trim().to_ascii_lowercase();
            values.contains(&set.as_str()).then_some(*name)
        })
    }

    /// Whether a command of this scanner succeeds whatever it finds because nothing
    /// asks for more: it reports, and was never a gate.
    pub(crate) fn only_reports(&self, command: &Command) -> bool {
        let ci = command.operands().next().is_some_and(|w| w.text() == "ci");
        !self.strict.is_empty()
            && !ci
            && command.flag(self.strict).is_none()
            && self.softened(command).is_none()
    }

    /// Whether a repository's, package's or module's name is this scanner's own: there
    /// it is what is tested, not what tests. `owner/name` or `name`.
    pub(crate) fn is_own(&self, name: &str) -> bool {
        let name = name.trim_end_matches('/').trim_end_matches(".git");
        let name = name.to_ascii_lowercase();
        let short = name.rsplit('/').next().unwrap_or(&name);
        let same = |own: &str| {
            short
                .strip_prefix(own)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_', '.']))
        };
        same(self.name)
            || self.own.iter().any(|own| name.ends_with(own) || same(own))
            || self.actions.iter().any(|action| {
                let action = action.to_ascii_lowercase();
                action == name
            })
    }
}

#[cfg(test)]
mod tests;
