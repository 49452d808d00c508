//! What of a pipeline is a gate: a scanner, tests, somebody's approval. The names of jobs
//! are no sign; what they run is.

use std::collections::HashMap;

use crate::detect::code::scanners::{self, Scanner};
use crate::detect::code::{deploys, forge_commands};
use crate::detect::pipeline::{self, GateKind, Job, Pipeline, Step, System, When};
use crate::detect::shell::{Command, Word};
use crate::document::{Document, Span};

/// What a step or a job checks; the later, the more it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Check {
    /// The project's own tests.
    Tests,
    /// A scanner, by its name.
    Scan(&'static str),
    /// Somebody has to agree.
    Approval,
}

impl Check {
    /// How a sentence calls it.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Tests => "the tests",
            Self::Scan(name) => name,
            Self::Approval => "the approval",
        }
    }
}

/// A run of a scanner.
#[derive(Clone, Copy)]
pub(super) struct Scan<'p> {
    pub(super) scanner: &'static Scanner,
    /// The command, if it is one, and where it is in the pipeline's own file.
    pub(super) command: Option<(&'p Command, Span)>,
}

/// The scanners that a step runs.
pub(super) fn scans(step: &Step) -> Vec<Scan<'_>> {
    let mut out: Vec<_> = step
        .commands()
        .filter_map(|(command, span)| {
            Some(Scan {
                scanner: scanners::by_command(command)?,
                command: Some((command, span)),
            })
        })
        .collect();
    if out.is_empty()
        && let Some(scanner) = used(step)
    {
        out.push(Scan {
            scanner,
            command: None,
        });
    }
    out
}

/// The scanner that a step uses or whose image it runs in.
fn used(step: &Step) -> Option<&'static Scanner> {
    let uses = step.uses.as_ref().map(|uses| uses.text.as_str());
    // An image's own command scans; what else is run in it may do anything.
    let bare = step.script.commands.is_empty();
    let mut images = step.images.iter().filter(|image| bare && !image.service);
    uses.and_then(|uses| {
        scanners::by_action(uses).or_else(|| scanners::by_image(uses).filter(|_| bare))
    })
    .or_else(|| images.find_map(|image| scanners::by_image(&image.name.text)))
}

/// The scanner that a job is, though none of its steps tells: by the image that it runs
/// in, or as a job of the system's own templates.
pub(super) fn of_setting(pipeline: &Pipeline, job: &Job) -> Option<&'static str> {
    let images = job.images.iter().filter(|image| !image.service);
    let by_image = images
        .filter_map(|image| scanners::by_image(&image.name.text))
        .map(|scanner| scanner.name)
        .next();
    by_image.or_else(|| {
        let template = || scanners::gitlab_template(&job.id);
        (pipeline.system == System::Gitlab).then(template).flatten()
    })
}

/// How much of what is called is looked at in one pipeline.
const MOST: usize = 20_000;

/// What the jobs and steps of a pipeline check, calls included.
pub(super) struct Checks {
    /// By the place of the call in the pipeline's own file.
    called: HashMap<usize, Check>,
    /// Places of calls that deploy.
    deploying: HashMap<usize, bool>,
    /// What each step of the pipeline does by itself, by where the step is kept: a dozen
    /// rules ask.
    steps: HashMap<*const Step, Own>,
}

/// What a step does, whatever it calls.
#[derive(Clone, Copy)]
struct Own {
    check: Option<Check>,
    acts: bool,
}

impl Own {
    fn of(step: &Step) -> Self {
        Self {
            check: own(step),
            acts: acts(step),
        }
    }
}

impl Checks {
    /// Looks into what a document's pipeline calls; once for all rules that ask.
    pub(super) fn of<'d>(document: &'d Document<'_>) -> Option<&'d Self> {
        let pipeline = pipeline::of(document)?;
        document.kept(|| Self::read(document, pipeline))
    }

    fn read(document: &Document<'_>, pipeline: &Pipeline) -> Self {
        let mut out = Self {
            called: HashMap::new(),
            deploying: HashMap::new(),
            steps: HashMap::new(),
        };
        for step in pipeline.jobs.iter().flat_map(|job| &job.steps) {
            out.steps.insert(step, Own::of(step));
        }
        let mut left = MOST;
        for job in &pipeline.jobs {
            let calls = job.calls.as_ref().is_some_and(|c| c.text.starts_with("./"));
            let uses = |step: &Step| {
                let uses = step.uses.as_ref();
                uses.is_some_and(|uses| uses.text.starts_with("./"))
            };
            if left == 0 || !(calls || job.steps.iter().any(uses)) {
                continue;
            }
            for reached in pipeline::reached(document, pipeline, job) {
                left = left.saturating_sub(1);
                if !reached.is_called() {
                    continue;
                }
                let at = reached.place(reached.step.at).start;
                let own = out.own(reached.step);
                if let Some(check) = own.check {
                    let slot = out.called.entry(at).or_insert(check);
                    *slot = (*slot).max(check);
                }
                if own.acts {
                    out.deploying.insert(at, true);
                }
            }
        }
        out
    }

    /// What a step checks.
    pub(super) fn of_step(&self, step: &Step) -> Option<Check> {
        let called = step.uses.as_ref();
        let called = called.and_then(|uses| self.called.get(&uses.span.start).copied());
        self.own(step).check.max(called)
    }

    /// What a job checks. A job that changes something else too is no gate: who skips it
    /// skips what it does.
    pub(super) fn of_job(&self, pipeline: &Pipeline, job: &Job) -> Option<Check> {
        let steps = job.steps.iter().filter_map(|step| self.of_step(step));
        let called = job.calls.as_ref();
        let called = called.and_then(|call| self.called.get(&call.span.start).copied());
        let setting = of_setting(pipeline, job).map(Check::Scan);
        let asks = job.gates.iter().any(|gate| gate.kind == GateKind::Approval);
        let check = steps.max().max(called).max(setting);
        if self.deploys(job) {
            return None;
        }
        check.max(asks.then_some(Check::Approval))
    }

    /// Whether a job changes something outside the pipeline.
    pub(super) fn deploys(&self, job: &Job) -> bool {
        let called = job.calls.as_ref();
        called.is_some_and(|call| self.deploying.contains_key(&call.span.start))
            || job.steps.iter().any(|step| self.step_deploys(step))
    }

    /// Whether a step does.
    pub(super) fn step_deploys(&self, step: &Step) -> bool {
        let uses = step.uses.as_ref();
        uses.is_some_and(|uses| self.deploying.contains_key(&uses.span.start))
            || self.own(step).acts
    }

    /// What a step does by itself. One of another file's is not kept here.
    fn own(&self, step: &Step) -> Own {
        let kept = self.steps.get(&std::ptr::from_ref(step)).copied();
        kept.unwrap_or_else(|| Own::of(step))
    }
}

/// A condition of a job or of a step in it, and what hangs on it.
pub(super) struct Guard<'p> {
    pub(super) job: &'p Job,
    pub(super) step: Option<&'p Step>,
    pub(super) when: &'p When,
    pub(super) check: Option<Check>,
    /// Whether it deploys, publishes, approves or merges.
    pub(super) acts: bool,
}

impl Guard<'_> {
    /// What is guarded, for a sentence: `job 'scan'`, `step 'Scan' of job 'check'`.
    pub(super) fn what(&self) -> String {
        let job = &self.job.id;
        let step = self.step.map(|step| step.segment.as_str());
        let step = step.and_then(|s| s.strip_prefix("step:"));
        match (step, self.step.is_some(), job.as_str()) {
            (Some(step), _, "") => format!("step '{step}'"),
            (Some(step), ..) => format!("step '{step}' of job '{job}'"),
            (None, true, "") => "a step".to_owned(),
            (None, true, _) => format!("a step of job '{job}'"),
            (None, false, _) => format!("job '{job}'"),
        }
    }
}

/// The conditions of all jobs and steps that check or act.
pub(super) fn guards<'p>(document: &Document<'_>, pipeline: &'p Pipeline) -> Vec<Guard<'p>> {
    let mut out = Vec::new();
    let Some(checks) = Checks::of(document) else {
        return out;
    };
    for job in &pipeline.jobs {
        if !job.conditions.is_empty() {
            let (check, acts) = (checks.of_job(pipeline, job), checks.deploys(job));
            if check.is_some() || acts {
                out.extend(job.conditions.iter().map(|when| Guard {
                    job,
                    step: None,
                    when,
                    check,
                    acts,
                }));
            }
        }
        for step in job.steps.iter().filter(|s| !s.conditions.is_empty()) {
            let (check, acts) = (checks.of_step(step), checks.step_deploys(step));
            if check.is_some() || acts {
                out.extend(step.conditions.iter().map(|when| Guard {
                    job,
                    step: Some(step),
                    when,
                    check,
                    acts,
                }));
            }
        }
    }
    out
}

/// What a step checks by itself.
fn own(step: &Step) -> Option<Check> {
    let scan = scans(step)
        .first()
        .map(|scan| Check::Scan(scan.scanner.name));
    scan.or_else(|| {
        let mut commands = step.commands();
        commands
            .any(|(command, _)| tests(command))
            .then_some(Check::Tests)
    })
}

/// Whether a step deploys, publishes, merges or approves.
fn acts(step: &Step) -> bool {
    let input = |name: &str| step.input(name).map(|set| set.value.text.clone());
    let used = |uses: &str| {
        deploys::of_action(uses, &input).is_some_and(|deploy| !deploy.rehearsal)
            || deploys::publishes_by_action(uses, &input).is_some()
    };
    step.uses.as_ref().is_some_and(|uses| used(&uses.text))
        || step
            .action()
            .is_some_and(|action| approves_or_merges(&action))
        || step.commands().any(|(command, _)| {
            deploys::command(command) || forge_commands::decides(command).is_some()
        })
}

/// Whether an action's purpose is to approve or merge what is proposed.
pub(super) fn approves_or_merges(action: &str) -> bool {
    const ACTIONS: &[&str] = &[
        "hmarr/auto-approve-action",
        "juliangruber/approve-pull-request-action",
        "juliangruber/merge-pull-request-action",
        "pascalgn/automerge-action",
        "peter-evans/enable-pull-request-automerge",
        "reitermarkus/automerge",
        "ahmadnassri/action-dependabot-auto-merge",
        "hmarr/auto-merge-action",
        "koj-co/dependabot-pr-action",
        "ridedott/merge-me-action",
        "lewagon/auto-merge-action",
        "alexwilson/enable-github-automerge-action",
        "nick-invision/merge-action",
    ];
    ACTIONS.contains(&action)
}

/// Programs that only run tests, with the verbs that make them do it.
const TESTS: &[(&str, &[&str])] = &[
    ("cargo", &["test", "nextest"]),
    ("go", &["test"]),
    ("npm", &["test", "t"]),
    ("yarn", &["test"]),
    ("pnpm", &["test"]),
    ("bun", &["test"]),
    ("deno", &["test"]),
    ("dotnet", &["test"]),
    ("swift", &["test"]),
    ("mix", &["test"]),
    ("rails", &["test"]),
    ("bazel", &["test"]),
    ("ctest", &[]),
    ("pytest", &[]),
    ("tox", &[]),
    ("nox", &[]),
    ("jest", &[]),
    ("vitest", &[]),
    ("mocha", &[]),
    ("rspec", &[]),
    ("phpunit", &[]),
    ("gotestsum", &[]),
    ("playwright", &["test"]),
    ("cypress", &["run"]),
];

/// Programs that run whatever targets they are given.
const RUNNERS: &[&str] = &[
    "make", "gmake", "just", "task", "rake", "npm", "yarn", "pnpm", "bun", "mvn", "mvnw", "gradle",
    "gradlew", "ninja", "meson", "invoke", "inv", "composer", "ant", "sbt", "earthly",
];

/// Words of a target that say it tests.
const TARGETS: &[&str] = &["test", "tests", "check", "checks", "verify", "e2e"];

/// Whether a command runs the project's tests.
fn tests(command: &Command) -> bool {
    let name = command.name();
    let mut operands = command.operands();
    let first = operands.next().map(Word::text);
    let direct = TESTS.iter().any(|(program, verbs)| {
        *program == name && (verbs.is_empty() || first.is_some_and(|f| verbs.contains(&f)))
    });
    direct
        || RUNNERS.contains(&name)
            && command.operands().take(8).any(|word| {
                let text = word.text();
                // `VAR=value` of make's.
                let target = text.rsplit_once('=').map_or(text, |_| "");
                let mut words = target.split(|c: char| !c.is_ascii_alphanumeric());
                words.any(|word| TARGETS.contains(&word))
            })
        || name == "python3" && command.begins_with(&["pytest"])
}

#[cfg(test)]
mod tests_of_gates {
    use super::*;
    use crate::detect::shell;

    #[test]
    fn tests_are_told_from_other_commands() {
        for (text, expected) in [
            ("make test", true),
            ("make -j2 integration-test", true),
            ("make", false),
            ("make build TESTS=1", false),
            ("cargo test --all", true),
            ("cargo build --tests", false),
            ("npm run test:e2e", true),
            ("npm run build", false),
            ("mvn -B verify", true),
            ("pytest -q", true),
            ("./gradlew check", true),
        ] {
            let document = Document::new("a.sh", text.as_bytes());
            let found = shell::commands(&document).any(tests);
            assert_eq!(found, expected, "{text}");
        }
    }
}
