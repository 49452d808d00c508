//! Hooks that look for secrets or faults before a commit, and are configured not to.
//!
//! Facts: <https://pre-commit.com/#config-repos>, <https://pre-commit.ci/#configuration>,
//! <https://lefthook.dev/configuration/>.

use crate::detect::{Cx, Hit};
use crate::document::{Node, Span};
use crate::finding::Confidence;

/// Hooks and programs that are security checks, by the beginning of their name.
const CHECKS: &[&str] = &[
    "gitleaks",
    "betterleaks",
    "trufflehog",
    "detect-secrets",
    "detect-private-key",
    "detect-aws-credentials",
    "ripsecrets",
    "ggshield",
    "talisman",
    "git-secrets",
    "kingfisher",
    "noseyparker",
    "checkov",
    "terraform_checkov",
    "tfsec",
    "terraform_tfsec",
    "trivy",
    "terraform_trivy",
    "terrascan",
    "terraform_terrascan",
    "kics",
    "semgrep",
    "bandit",
    "gosec",
    "brakeman",
    "zizmor",
    "poutine",
    "byway",
    "osv-scanner",
    "pip-audit",
    "python-safety",
    "govulncheck",
];

/// Arguments by which one of them always succeeds.
const SOFT: &[&str] = &[
    "--exit-zero",
    "--soft-fail",
    "--no-fail",
    "-no-fail",
    "--exit-code=0",
    "--no-exit-codes",
];

/// Patterns of `exclude` that leave nothing.
const ALL: &[&str] = &[
    ".*", "^.*$", "^.*", ".*$", ".", "^", "", "(?s).*", ".+", "^.+$",
];

/// Finds the hooks.
pub(super) fn inactive(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for root in cx.document.tree().root.items() {
        let only_manual = root.get("default_stages").filter(|node| is_manual(node));
        for repo in root.get("repos").map_or(&[][..], Node::items) {
            for hook in repo.get("hooks").map_or(&[][..], Node::items) {
                hits.extend(pre_commit(hook, only_manual));
            }
        }
        let skipped = root.at(&["ci", "skip"]).map_or(&[][..], Node::one_or_many);
        for hook in skipped {
            if let Some(id) = hook.text().filter(|id| is_check(id)) {
                // Without a network some hooks can't run there, and run elsewhere.
                hits.push(hit(hook.span, id, "pre-commit.ci passes over it").sure(Confidence::Low));
            }
        }
        for group in root.members() {
            lefthook(&group.value, &mut hits);
        }
        for hook in root.get("hooks").map_or(&[][..], Node::members) {
            hits.extend(command(&hook.key, &hook.value));
        }
    }
    hits
}

fn is_check(id: &str) -> bool {
    let id = id.trim_matches(['\'', '"', '(']);
    let name = id.rsplit('/').next().unwrap_or(id).to_ascii_lowercase();
    CHECKS.iter().any(|check| {
        name.strip_prefix(check)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    })
}

fn is_manual(stages: &Node) -> bool {
    let stages = stages.one_or_many();
    !stages.is_empty() && stages.iter().all(|stage| stage.text() == Some("manual"))
}

/// A hook of pre-commit or prek.
fn pre_commit(hook: &Node, default: Option<&Node>) -> Option<Hit> {
    let id = hook.get("id")?.text()?;
    let runs = hook.get("entry").and_then(Node::text);
    if !is_check(id) && !runs.is_some_and(runs_check) {
        return None;
    }
    let stages = match hook.get("stages") {
        Some(own) => Some(own).filter(|own| is_manual(own)),
        None => default,
    };
    if let Some(stages) = stages {
        return Some(hit(
            stages.span,
            id,
            "it runs only when somebody asks for it",
        ));
    }
    if let Some(exclude) = hook.get("exclude")
        && exclude
            .text()
            .is_some_and(|text| ALL.contains(&text.trim()))
    {
        return Some(hit(exclude.span, id, "every file is excluded").sure(Confidence::High));
    }
    let args = hook.get("args").map_or(&[][..], Node::one_or_many);
    let soft = |arg: &&Node| arg.text().is_some_and(|text| SOFT.contains(&text));
    if let Some(arg) = args.iter().find(soft) {
        return Some(hit(arg.span, id, "it succeeds whatever it finds"));
    }
    hook.get("entry").and_then(|entry| command(id, entry))
}

/// The commands and jobs of a group of lefthook's, such as `pre-commit`.
fn lefthook(group: &Node, hits: &mut Vec<Hit>) {
    let commands = group.get("commands").map_or(&[][..], Node::members);
    let jobs = group.get("jobs").map_or(&[][..], Node::items);
    let commands = commands
        .iter()
        .map(|member| (member.key.as_str(), &member.value));
    let named = |job: &Node| job.get("name").and_then(Node::text).map(str::to_owned);
    let jobs = jobs.iter().map(|job| (named(job), job));
    let commands = commands.map(|(name, job)| (Some(name.to_owned()), job));
    for (name, job) in commands.chain(jobs) {
        let Some(run) = job.get("run") else {
            continue;
        };
        if !run.text().is_some_and(runs_check) {
            continue;
        }
        let name = name.unwrap_or_else(|| program(run.text().unwrap_or_default()).to_owned());
        let skip = job.get("skip").filter(|s| s.truth() == Some(true));
        let skip = skip.or_else(|| group.get("skip").filter(|s| s.truth() == Some(true)));
        match skip {
            Some(skip) => hits.push(hit(skip.span, &name, "it is skipped")),
            None => hits.extend(command(&name, run)),
        }
    }
}

/// A command line that succeeds whatever its check finds.
fn command(name: &str, run: &Node) -> Option<Hit> {
    let text = run.text().filter(|text| runs_check(text))?;
    let packed: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let forgiven = ["|| true", "||true", "|| :", "|| exit 0"]
        .iter()
        .any(|end| packed.trim_end_matches(['\'', '"', ';']).ends_with(end));
    let soft = packed.split(' ').any(|word| SOFT.contains(&word));
    (forgiven || soft).then(|| hit(run.span, name, "it succeeds whatever it finds"))
}

fn program(text: &str) -> &str {
    let mut words = text.split_whitespace();
    words.find(|word| is_check(word)).unwrap_or_default()
}

fn runs_check(text: &str) -> bool {
    !program(text).is_empty()
}

fn hit(span: Span, id: &str, why: &str) -> Hit {
    Hit::new(span)
        .about(id)
        .saying(format!("The hook '{id}' stops no commit: {why}."))
}
