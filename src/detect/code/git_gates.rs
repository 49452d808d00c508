//! Git and GitHub commands that step around review: merging as administrator,
//! rewriting a shared branch, skipping hooks.

use crate::detect::pipeline::{self, System};
use crate::detect::settings::{self, Setting};
use crate::detect::shell::{self, Command, Word};
use crate::detect::{Cx, Hit};
use crate::document::Document;
use crate::finding::{Confidence, Severity};
use crate::kind::{Kind, Kinds};

/// `gh pr merge --admin`.
pub(super) fn admin_merges(cx: &Cx<'_, '_>) -> Vec<Hit> {
    shell::commands(cx.document)
        .filter(|c| c.name() == "gh" && c.begins_with(&["pr", "merge"]))
        .filter(|c| c.switch(&["--admin"]).is_some())
        .map(|c| Hit::new(c.span).about("gh pr merge --admin"))
        .collect()
}

/// Options of `git` itself that take the next word.
const GIT_VALUES: [&str; 4] = ["-C", "-c", "--git-dir", "--work-tree"];

/// The git subcommand and its arguments.
pub(super) fn git(command: &Command) -> Option<(&str, &[Word])> {
    if command.name() != "git" {
        return None;
    }
    let mut at = 1;
    while let Some(word) = command.words.get(at) {
        let text = word.text();
        if GIT_VALUES.contains(&text) {
            at += 2;
        } else if text.starts_with('-') {
            at += 1;
        } else {
            return Some((text, command.words.get(at + 1..).unwrap_or_default()));
        }
    }
    None
}

/// `git push --force` to a branch that others build on.
pub(super) fn force_pushes(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let commands = shell::commands(cx.document);
    let programs = programs(cx.document).into_iter();
    commands
        .chain(programs)
        .filter_map(|command| {
            let ("push", args) = git(command)? else {
                return None;
            };
            let (subject, confidence) = forced(args)?;
            Some(Hit::new(command.span).about(subject).sure(confidence))
        })
        .collect()
}

/// What the steps of a build are given as the words of a program, with no shell: that is
/// known to whoever reads the build, and no script.
fn programs<'d>(document: &'d Document<'_>) -> Vec<&'d Command> {
    let Some(pipeline) = pipeline::of(document).filter(|p| p.system == System::CloudBuild) else {
        return Vec::new();
    };
    let steps = pipeline.jobs.iter().flat_map(|job| &job.steps);
    // A step that names its shell was read as a script already.
    let git = steps.filter(|step| {
        let image = step.action();
        image.is_some_and(|image| image.rsplit('/').next() == Some("git"))
    });
    git.flat_map(|step| step.script.commands.iter())
        .filter(|command| command.name() == "git")
        .collect()
}

/// What a forced push rewrites, and how sure that is a shared branch.
fn forced(args: &[Word]) -> Option<(String, Confidence)> {
    let mut force = false;
    let mut operands = Vec::new();
    let mut skip = false;
    for word in args {
        let text = word.text();
        if std::mem::take(&mut skip) {
            continue;
        }
        match text {
            "--force" | "--force-with-lease" => force = true,
            "-o" | "--push-option" | "--receive-pack" | "--exec" => skip = true,
            "-d" | "--delete" | "--tags" | "-n" | "--dry-run" => return None,
            _ if text.starts_with("--force-with-lease=") => force = true,
            _ if text.starts_with("--") => {}
            _ if text.starts_with('-') => force |= text.contains('f'),
            _ => operands.push(word),
        }
    }
    let refspecs = operands.get(1..).unwrap_or_default();
    let plus = refspecs.iter().any(|w| w.text().starts_with('+'));
    if !force && !plus {
        return None;
    }
    for word in refspecs {
        let text = word.text();
        if !force && !text.starts_with('+') {
            continue;
        }
        let target = text.rsplit(':').next().unwrap_or(text);
        let target = target.strip_prefix('+').unwrap_or(target);
        let branch = target.strip_prefix("refs/heads/").unwrap_or(target);
        if is_shared(branch) {
            return Some((format!("git push --force {branch}"), Confidence::High));
        }
    }
    // A bare push or a variable may mean the default branch.
    let known = refspecs.iter().all(|word| {
        let target = word.text().rsplit(':').next().unwrap_or_default();
        !target.contains(['$', '`', '{']) && target != "HEAD"
    });
    (refspecs.is_empty() || !known).then(|| ("git push --force".to_owned(), Confidence::Low))
}

/// Branches that are usually protected.
pub(super) fn is_shared(branch: &str) -> bool {
    matches!(
        branch,
        "main" | "master" | "trunk" | "develop" | "production" | "prod" | "staging"
    ) || branch.starts_with("release/")
        || branch.starts_with("release-")
        || branch.starts_with("releases/")
}

/// Hooks that look for secrets and faults, as `SKIP` names them.
const SECURITY_HOOKS: &[&str] = &[
    "gitleaks",
    "trufflehog",
    "detect-secrets",
    "detect-private-key",
    "detect-aws-credentials",
    "ggshield",
    "kingfisher",
    "semgrep",
    "bandit",
    "gosec",
    "checkov",
    "trivy",
    "tfsec",
    "terraform_tfsec",
    "terraform_trivy",
    "terraform_checkov",
    "zizmor",
    "talisman",
    "byway",
];

/// Hooks that are switched off.
pub(super) fn skipped_hooks(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits: Vec<_> = shell::commands(cx.document).filter_map(no_verify).collect();
    let wanted = |name: &str| {
        matches!(
            name,
            "HUSKY" | "HUSKY_SKIP_HOOKS" | "LEFTHOOK" | "SKIP" | "hooksPath"
        )
    };
    for setting in settings::settings(cx.document, &wanted) {
        hits.extend(by_setting(cx.document, &setting));
    }
    hits
}

fn no_verify(command: &Command) -> Option<Hit> {
    let (verb, args) = git(command)?;
    let hit = |subject: String| Hit::new(command.span).about(subject);
    let off = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.starts_with("core.hookspath=") && (text.ends_with("/dev/null") || text.ends_with('='))
    };
    if command.words.iter().any(|w| off(w.text())) {
        return Some(hit("core.hooksPath=/dev/null".to_owned()));
    }
    if verb == "config" {
        let mut words = args.iter().map(Word::text);
        let hooks = words.any(|w| w.eq_ignore_ascii_case("core.hooksPath"));
        return (hooks && words.next() == Some("/dev/null"))
            .then(|| hit("core.hooksPath=/dev/null".to_owned()));
    }
    if !matches!(
        verb,
        "commit" | "push" | "merge" | "rebase" | "am" | "cherry-pick"
    ) {
        return None;
    }
    let mut value = false;
    for word in args {
        let text = word.text();
        if std::mem::take(&mut value) {
            continue;
        }
        // `-n` is a dry run or no diffstat for the others; after `-m` comes a text.
        let short = text.strip_prefix('-').filter(|t| !t.starts_with('-'));
        let mut letters = short.unwrap_or_default().chars();
        let stop = letters.find(|c| *c == 'n' || "mFCctuS".contains(*c));
        if text == "--no-verify" || verb == "commit" && stop == Some('n') {
            return Some(hit(format!("git {verb} --no-verify")));
        }
        value = matches!(text, "--message" | "--file" | "--author" | "--date")
            || matches!(stop, Some('m' | 'F' | 'C' | 'c')) && letters.next().is_none();
    }
    None
}

fn by_setting(document: &Document<'_>, setting: &Setting) -> Option<Hit> {
    let hit = Hit::new(setting.span);
    match setting.name.as_str() {
        // In a pipeline hooks have no reader: switching them off there is hygiene.
        "HUSKY" | "LEFTHOOK" if setting.truth() == Some(false) => {
            let confidence = if in_pipeline(document) {
                Confidence::Low
            } else {
                Confidence::High
            };
            Some(hit.about(format!("{}=0", setting.name)).sure(confidence))
        }
        "HUSKY_SKIP_HOOKS" if setting.truth() == Some(true) => {
            Some(hit.about("HUSKY_SKIP_HOOKS=1"))
        }
        "SKIP" => {
            let hook = setting
                .value
                .split([',', ' '])
                .find(|hook| SECURITY_HOOKS.contains(&hook.trim()))?;
            Some(
                hit.about(format!("SKIP={}", hook.trim()))
                    .grave(Severity::High),
            )
        }
        "hooksPath" if setting.value == "/dev/null" => Some(hit.about("core.hooksPath=/dev/null")),
        _ => None,
    }
}

fn in_pipeline(document: &Document<'_>) -> bool {
    let pipelines = Kinds::CI.with(Kind::Dockerfile);
    document.kinds().meets(pipelines)
}
