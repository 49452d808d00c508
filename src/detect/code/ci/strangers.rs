//! Whether somebody from outside gets a job to run with a proposed change, and what
//! holds the job back.
//!
//! Facts: GitHub Docs, "Events that trigger workflows" and "Contexts".

use std::collections::{HashMap, HashSet};

use crate::detect::condition::{Condition, Op, Question, Truth, Value};
use crate::detect::pipeline::{Job, Pipeline, Step, System, Trigger};
use crate::document::{Document, Node};

/// What stands between a stranger and a job, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Held {
    /// Nothing.
    Open,
    /// A label that a member sets; what is labelled may change before the job reads it.
    Label,
    /// An earlier step or job asks who it is.
    Asked,
    /// Somebody approves the environment.
    Approved,
    /// The condition lets no stranger in.
    Inside,
}

impl Held {
    /// The mitigation in words, to end a message with.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Open | Self::Inside => "",
            Self::Label => {
                "; a label has to be set first, but the change may be replaced after that"
            }
            Self::Asked => "; an earlier step asks who it is",
            Self::Approved => "; its environment may ask for an approval first",
        }
    }
}

/// A text that no condition compares with.
const STRANGER: &str = "\u{1}";

/// What holds the jobs of a pipeline back from a stranger who pulls one trigger.
pub(super) struct Guards<'p> {
    trigger: &'p Trigger,
    /// The trigger is pulled by setting a label alone.
    labelled: bool,
    /// Jobs that wait for one that no stranger starts, that a label starts, that asks who
    /// it is.
    after_inside: HashSet<&'p str>,
    after_label: HashSet<&'p str>,
    after_asked: HashSet<&'p str>,
}

impl<'p> Guards<'p> {
    pub(super) fn of(
        document: &Document<'_>,
        pipeline: &'p Pipeline,
        trigger: &'p Trigger,
    ) -> Self {
        let after = |held| downstream(pipeline, &|job| by_conditions(job, trigger) == held);
        Self {
            trigger,
            labelled: only_when_labelled(document, trigger),
            after_inside: after(Held::Inside),
            after_label: after(Held::Label),
            after_asked: downstream(pipeline, &|job| job.steps.iter().any(asks_who)),
        }
    }

    /// What holds a job back.
    pub(super) fn held(&self, job: &Job) -> Held {
        let own = by_conditions(job, self.trigger);
        // A job that runs in spite of a skipped one isn't held by it.
        let follows = !job
            .conditions
            .iter()
            .any(|when| when.condition.asks_for_state());
        let after = |jobs: &HashSet<&str>| follows && jobs.contains(job.id.as_str());
        if own == Held::Inside || after(&self.after_inside) {
            return Held::Inside;
        }
        if job.environment.as_ref().is_some_and(|e| e.can_hold) {
            return Held::Approved;
        }
        if job
            .conditions
            .iter()
            .any(|when| asks_a_job(&when.condition))
            || job.steps.iter().any(asks_who)
            || after(&self.after_asked)
        {
            return Held::Asked;
        }
        if own == Held::Label || after(&self.after_label) || self.labelled {
            return Held::Label;
        }
        Held::Open
    }
}

/// The jobs that wait for one that satisfies `test`, at once or in the end.
pub(super) fn downstream<'p>(
    pipeline: &'p Pipeline,
    test: &dyn Fn(&Job) -> bool,
) -> HashSet<&'p str> {
    let mut open: Vec<&str> = Vec::new();
    let mut followers: HashMap<&str, Vec<&'p str>> = HashMap::new();
    for job in &pipeline.jobs {
        if test(job) {
            open.push(&job.id);
        }
        for before in &job.needs {
            followers.entry(before).or_default().push(&job.id);
        }
    }
    let mut found = HashSet::new();
    while let Some(id) = open.pop() {
        for follower in followers.get(id).map_or(&[][..], Vec::as_slice) {
            if found.insert(*follower) {
                open.push(follower);
            }
        }
    }
    found
}

/// Whether a job can run at all for this trigger, by its conditions: a stranger's or a
/// member's run.
pub(super) fn may_run(job: &Job, trigger: &Trigger) -> bool {
    let holds = |when: &Condition| {
        when.evaluate(&|question| match question {
            Question::Reference(path) => of_event(path, trigger),
            _ => None,
        }) != Truth::False
    };
    job.conditions.iter().all(|when| holds(&when.condition))
}

/// The same for a step's own conditions, of a stranger.
pub(super) fn lets_in(step: &Step, trigger: &Trigger) -> bool {
    let conditions = step.conditions.iter();
    conditions
        .map(|when| one(&when.condition, trigger))
        .all(|held| held != Held::Inside)
}

fn by_conditions(job: &Job, trigger: &Trigger) -> Held {
    let conditions = job.conditions.iter();
    let each = conditions.map(|when| one(&when.condition, trigger));
    each.max().unwrap_or(Held::Open)
}

fn one(condition: &Condition, trigger: &Trigger) -> Held {
    if holds(condition, trigger, false) != Truth::False {
        Held::Open
    } else if holds(condition, trigger, true) == Truth::False {
        Held::Inside
    } else {
        Held::Label
    }
}

/// Whether a condition holds for a stranger; `labelled` leaves open which labels there
/// are.
fn holds(condition: &Condition, trigger: &Trigger, labelled: bool) -> Truth {
    condition.evaluate(&|question| match question {
        Question::Reference(path) => of_event(path, trigger).or_else(|| of_stranger(path, labelled)),
        Question::Compare(op, left, right) => {
            let strange = |side: &Condition| {
                matches!(side, Condition::Reference(path) if of_stranger(path, labelled) == Some(STRANGER.into()))
            };
            let reads = |side: &Condition| matches!(side, Condition::Reference(_));
            // A stranger's name or repository is none that the project knows.
            let apart = strange(left) && reads(right) && !strange(right)
                || strange(right) && reads(left) && !strange(left);
            match op {
                Op::Equal if apart => Some(false.into()),
                Op::Unequal if apart => Some(true.into()),
                _ => None,
            }
        }
        Question::Call(..) => None,
    })
}

/// What the event alone tells.
fn of_event(path: &[String], trigger: &Trigger) -> Option<Value> {
    let path = lower(path);
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["github" | "gitea", "event_name"] => Some(trigger.name.as_str().into()),
        ["github" | "gitea", "ref"] if is_review(trigger) => Some("refs/pull/1/merge".into()),
        ["github" | "gitea", "ref"] if trigger.name == "push" => {
            let branch = trigger.branches.is_empty().then_some(STRANGER);
            branch.map(|name| format!("refs/heads/{name}").as_str().into())
        }
        ["github" | "gitea", "ref_name"]
            if trigger.name == "push" && trigger.branches.is_empty() =>
        {
            Some(STRANGER.into())
        }
        ["github" | "gitea", "event", "workflow_run", "event"] => Some("pull_request".into()),
        _ => None,
    }
}

fn is_review(trigger: &Trigger) -> bool {
    trigger.name == "pull_request"
}

/// What is true of a change or comment from outside.
fn of_stranger(path: &[String], labelled: bool) -> Option<Value> {
    let path = lower(path);
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let ["github" | "gitea", rest @ ..] = parts.as_slice() else {
        return None;
    };
    let last = rest.last().copied().unwrap_or_default();
    match rest {
        ["event", .., "author_association"] => Some("NONE".into()),
        ["event", "pull_request", "merged"] => Some(false.into()),
        ["event", .., "head", "repo", "fork"]
        | ["event", "workflow_run", "head_repository", "fork"] => Some(true.into()),
        ["event", "pull_request", "head", "repo" | "user", ..]
        | ["event", "workflow_run", "head_repository", ..]
            if matches!(
                last,
                "full_name" | "login" | "id" | "html_url" | "url" | "owner"
            ) =>
        {
            Some(STRANGER.into())
        }
        ["actor" | "triggering_actor" | "actor_id"]
        | [
            "event",
            "pull_request" | "comment" | "issue" | "review",
            "user",
            "login" | "id",
        ]
        | ["event", "sender", "login" | "id"]
        | [
            "event",
            "workflow_run",
            "actor" | "triggering_actor",
            "login" | "id",
        ] => Some(STRANGER.into()),
        ["event", "pull_request" | "issue", "labels", ..] if !labelled => {
            Some(Value::List(Vec::new()))
        }
        ["event", "label", "name"] if !labelled => Some(STRANGER.into()),
        ["event", "action"] if !labelled => Some("synchronize".into()),
        _ => None,
    }
}

fn lower(path: &[String]) -> Vec<String> {
    path.iter().map(|part| part.to_ascii_lowercase()).collect()
}

/// Whether the condition reads what an earlier job found out.
fn asks_a_job(condition: &Condition) -> bool {
    let mut paths = condition.references();
    paths.any(|path| {
        path.first().is_some_and(|context| context == "needs")
            && path.iter().any(|part| part == "outputs")
    })
}

/// Whether a step finds out what somebody may do.
fn asks_who(step: &Step) -> bool {
    const SIGNS: &[&str] = &[
        "collaborators/",
        "getcollaboratorpermissionlevel",
        "author_association",
        "checkcollaborator",
        "/memberships/",
        "getmembershipforuser",
        "checkmembershipforuser",
    ];
    let action = step.action().unwrap_or_default();
    if [
        "permission",
        "check-user",
        "team-member",
        "is-member",
        "membership",
        "collaborator",
    ]
    .iter()
    .any(|sign| action.contains(sign))
    {
        return true;
    }
    let scripts = step.with.iter().filter(|setting| setting.name == "script");
    let scripts = scripts.map(|setting| setting.value.text.as_str());
    let mut texts = scripts.chain([&*step.script.text]);
    texts.any(|text| {
        let text = text.to_ascii_lowercase();
        SIGNS.iter().any(|sign| text.contains(sign))
    })
}

/// Whether the trigger is pulled by setting a label alone.
fn only_when_labelled(document: &Document<'_>, trigger: &Trigger) -> bool {
    let types = types_of(document, trigger);
    !types.is_empty() && types.iter().all(|name| *name == "labeled")
}

/// The activities that a trigger is limited to, as written.
pub(super) fn types_of<'n>(document: &'n Document<'_>, trigger: &Trigger) -> Vec<&'n str> {
    let mut roots = document.tree().root.items().iter();
    let types = roots.find_map(|root| root.at(&["on", &trigger.name, "types"]));
    types
        .map_or(&[][..], Node::one_or_many)
        .iter()
        .filter_map(Node::text)
        .collect()
}

/// The triggers by which somebody from outside starts the jobs with the project's own
/// rights, each kind once.
pub(super) fn privileged(pipeline: &Pipeline) -> Vec<&Trigger> {
    if !matches!(pipeline.system, System::Github | System::Gitea) {
        return Vec::new();
    }
    let names = ["pull_request_target", "workflow_run", "issue_comment"];
    let of_name = |name: &&str| {
        pipeline
            .triggers
            .iter()
            .find(|trigger| trigger.name == *name)
    };
    names.iter().filter_map(of_name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::pipeline;

    /// What holds the last job of a workflow back that `pull_request_target` starts.
    fn held(jobs: &str) -> Held {
        let text = format!("on: pull_request_target\njobs:\n{jobs}");
        let document = Document::new(".github/workflows/a.yml", text.as_bytes());
        let pipeline = pipeline::of(&document).unwrap();
        let guards = Guards::of(&document, pipeline, &pipeline.triggers[0]);
        guards.held(pipeline.jobs.last().unwrap())
    }

    #[test]
    fn conditions_are_asked_as_a_stranger_would_answer() {
        let of_head = "github.event.pull_request.head.repo";
        for (condition, expected) in [
            ("true", Held::Open),
            ("github.event_name == 'pull_request_target'", Held::Open),
            ("github.event_name == 'push'", Held::Inside),
            ("github.repository == 'example/parcel'", Held::Open),
            ("github.actor == 'dependabot[bot]'", Held::Inside),
            ("github.actor != 'dependabot[bot]'", Held::Open),
            (
                &format!("{of_head}.full_name == github.repository"),
                Held::Inside,
            ),
            (
                &format!("{of_head}.full_name != github.repository"),
                Held::Open,
            ),
            (&format!("!{of_head}.fork"), Held::Inside),
            (
                "github.event.pull_request.author_association == 'MEMBER'",
                Held::Inside,
            ),
            (
                "contains(github.event.pull_request.labels.*.name, 'safe')",
                Held::Label,
            ),
            (
                "!contains(github.event.pull_request.labels.*.name, 'wip')",
                Held::Open,
            ),
            ("github.event.label.name == 'safe'", Held::Label),
            ("startsWith(github.head_ref, 'release/')", Held::Open),
            ("needs.who.outputs.known == 'true'", Held::Asked),
        ] {
            let job = format!("  a:\n    if: ${{{{ {condition} }}}}\n    steps: [{{run: make}}]\n");
            assert_eq!(held(&job), expected, "{condition}");
        }
    }

    #[test]
    fn what_a_job_waits_for_holds_it_too() {
        let gate = "  a:\n    if: github.event_name == 'push'\n    steps: [{run: make}]\n";
        let after =
            "  b: {needs: a, steps: [{run: make}]}\n  c: {needs: [b], steps: [{run: make}]}\n";
        assert_eq!(held(&format!("{gate}{after}")), Held::Inside);
        let always = "  c: {needs: [a], if: always(), steps: [{run: make}]}\n";
        assert_eq!(held(&format!("{gate}{always}")), Held::Open);
        let asks = "  a: {steps: [{run: 'gh api repos/o/r/collaborators/x/permission'}]}\n";
        assert_eq!(held(&format!("{asks}{after}")), Held::Asked);
        let approved = "  a: {environment: review, steps: [{run: make}]}\n";
        assert_eq!(held(approved), Held::Approved);
    }
}
