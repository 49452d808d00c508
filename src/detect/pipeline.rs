//! Pipelines of every system as one model: what starts them, which jobs they have, what
//! those may do, and what holds them back. A rule that is true in all systems is written
//! once, on this model.
//!
//! A reader for each system makes it, from the tree alone. Whatever a reader doesn't know
//! it passes over: the rest is still judged. Values keep the place where they are used
//! and, if that is another, the place where they are written (an alias, a template).

mod argo;
mod azure;
mod bitbucket;
mod buildkite;
mod calls;
mod circle;
mod cloudbuild;
mod codebuild;
mod containers;
mod cursor;
mod drone;
mod github;
mod gitlab;
mod jenkins;
mod pods;
mod reads;
mod references;
#[cfg(test)]
mod render;
mod route;
mod tekton;
mod travis;
mod values;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::condition::Condition;
use super::hit::{Hit, Spot};
use super::shell::Command;
use crate::document::neighbours::Neighbour;
use crate::document::{Document, Span};
use crate::kind::Kind;

pub(crate) use calls::{Given, Reached, callee, given, of_same_file, reached};
pub(crate) use containers::{image_of, is_powerful};
pub(crate) use cursor::{Cursor, File};
pub(crate) use reads::{Read, is_of_the_run, is_own_token, reads};
pub use references::{Reference, references};
pub(crate) use route::Route;

/// The system that runs a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    Github,
    Gitea,
    Gitlab,
    Azure,
    Circle,
    Jenkins,
    Bitbucket,
    Buildkite,
    Drone,
    Woodpecker,
    Travis,
    Tekton,
    Argo,
    CloudBuild,
    CodeBuild,
}

/// A text of a pipeline and where it is. It may be a secret, so nothing of the model can
/// be printed.
#[derive(Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "what a text holds is its text")]
pub(crate) struct Text {
    pub(crate) text: String,
    /// Where it is used, in the pipeline's own file.
    pub(crate) span: Span,
    /// Where it is written, if that is elsewhere.
    pub(crate) defined: Option<Spot>,
}

/// A name and the value it is given: a variable, an input.
#[derive(Clone)]
pub(crate) struct Setting {
    pub(crate) name: String,
    /// Where the name stands in the pipeline's own file: there the setting is used.
    pub(crate) at: Span,
    pub(crate) value: Text,
}

/// What starts a pipeline or a job.
#[derive(Clone)]
pub(crate) struct Trigger {
    pub(crate) kind: TriggerKind,
    /// As the system calls it: `push`, `workflow_dispatch`, `schedule`.
    pub(crate) name: String,
    pub(crate) span: Span,
    /// The branches that it is limited to, as written; empty for all.
    pub(crate) branches: Vec<String>,
}

/// The kinds of trigger that a rule tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TriggerKind {
    /// A change of a branch.
    Push,
    /// A new tag or release.
    Release,
    /// A proposed change; its code runs without the project's secrets if it comes from
    /// outside.
    Review,
    /// A proposed change or a comment from anyone, run with the project's own rights:
    /// `pull_request_target`, `issue_comment`.
    Privileged,
    /// A person's button.
    Manual,
    /// The clock.
    Schedule,
    /// Whoever holds a token of the interface: `repository_dispatch`, a trigger token.
    External,
    /// Another pipeline that ended or calls.
    Pipeline,
    Other,
}

/// What a person or a caller gives to a run: an input, a parameter.
#[derive(Clone)]
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) default: Option<Text>,
    /// Whether a person gives it, and not only a calling pipeline.
    pub(crate) by_person: bool,
}

/// The rights of a job's token.
#[derive(Clone)]
pub(crate) enum Grants {
    /// `write-all`, or a system's word for it.
    All(Span),
    /// `read-all`.
    Read,
    /// By scope; those that aren't named are none.
    Scopes(Vec<Setting>),
}

/// A pipeline.
pub(crate) struct Pipeline {
    pub(crate) system: System,
    /// Begins every anchor: `github:workflow:release.yml`.
    pub(crate) root: String,
    pub(crate) name: Option<Text>,
    pub(crate) triggers: Vec<Trigger>,
    pub(crate) inputs: Vec<Input>,
    /// The rights that jobs have which don't say.
    pub(crate) grants: Option<Grants>,
    pub(crate) env: Vec<Setting>,
    pub(crate) jobs: Vec<Job>,
    /// Whatever else is set for all of it, by its key: Cloud Build's `options`, the user
    /// of a build.
    pub(crate) settings: Vec<Setting>,
    /// Whether other pipelines call it: a reusable workflow, an action, a template. What
    /// holds its jobs back may stand with the callers.
    pub(crate) callable: bool,
    /// Where the jobs are in their list, by their ids; looked up once all are there.
    index: OnceLock<HashMap<String, usize>>,
}

/// A job: what runs on one machine, or the call of another pipeline.
#[derive(Default)]
pub(crate) struct Job {
    /// By which others refer to it.
    pub(crate) id: String,
    /// What a person reads.
    pub(crate) name: Option<Text>,
    /// The job's part of an anchor: `job:deploy`, `stage:prod/job:deploy`.
    pub(crate) segment: String,
    /// What to point at: its key or name.
    pub(crate) at: Span,
    /// Where it is written, if that is elsewhere.
    pub(crate) defined: Option<Spot>,
    /// Ids of the jobs that it waits for, those of earlier stages too.
    pub(crate) needs: Vec<String>,
    /// What takes it out of the order of the stages: it waits only for what it names.
    pub(crate) out_of_order: Option<Span>,
    /// All of these must hold.
    pub(crate) conditions: Vec<When>,
    /// What starts it, where that is said for the job alone.
    pub(crate) triggers: Vec<Trigger>,
    pub(crate) environment: Option<Environment>,
    /// Who or what has to let it pass.
    pub(crate) gates: Vec<Gate>,
    /// What lets the pipeline go on when it fails.
    pub(crate) may_fail: Option<Lenience>,
    /// What makes it run though something that it waits for failed.
    pub(crate) despite: Option<Lenience>,
    pub(crate) grants: Option<Grants>,
    pub(crate) env: Vec<Setting>,
    /// The labels of machines that it asks for.
    pub(crate) runner: Vec<Text>,
    pub(crate) images: Vec<Image>,
    /// The pipeline that it calls.
    pub(crate) calls: Option<Text>,
    /// What it gives to the callee.
    pub(crate) with: Vec<Setting>,
    /// The secrets that it gives to the callee, by their names there.
    pub(crate) secrets: Vec<Setting>,
    /// Stores of secrets and rights that it is given: contexts by their names, else with
    /// what they are, `group:x` (variables), `connection:x` (a service), `vault:x`.
    pub(crate) contexts: Vec<Text>,
    /// Federated identity: the token or login that is asked for, by its place.
    pub(crate) identity: Vec<Setting>,
    /// The account that it runs as, in a cluster or a cloud.
    pub(crate) account: Option<Text>,
    pub(crate) steps: Vec<Step>,
}

/// A condition and how it reads.
#[derive(Clone)]
pub(crate) struct When {
    pub(crate) text: Text,
    pub(crate) condition: Condition,
}

/// Where a job deploys to.
#[derive(Clone)]
pub(crate) struct Environment {
    pub(crate) name: Text,
    /// Whether the system can hold a job for it until somebody approves.
    pub(crate) can_hold: bool,
    /// `stop`, `verify`, `prepare`: it doesn't deploy.
    pub(crate) only_named: bool,
}

/// What a job waits for.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) kind: GateKind,
    pub(crate) span: Span,
    /// Who may open it, where the file says.
    pub(crate) approvers: Vec<Text>,
}

/// The kinds of gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GateKind {
    /// Somebody who is named, or whom the system's settings name, approves.
    Approval,
    /// Anyone who may start a job presses a button.
    Button,
    /// It passes by itself after some time.
    Timer,
}

/// What makes a failure count for nothing.
#[derive(Clone)]
pub(crate) struct Lenience {
    /// The key that says so: `continue-on-error`.
    pub(crate) key: Cow<'static, str>,
    pub(crate) span: Span,
}

/// A container that a job or step runs in or beside.
#[derive(Clone, Default)]
pub(crate) struct Image {
    pub(crate) name: Text,
    /// Beside the job: a service.
    pub(crate) service: bool,
    /// What gives it rights over the host: `privileged: true`, `--privileged`, a
    /// capability, the host's socket or folders; in words, and where.
    pub(crate) powers: Vec<Text>,
    /// A password of its registry.
    pub(crate) password: Option<Text>,
    pub(crate) env: Vec<Setting>,
}

/// A step of a job.
#[derive(Default)]
pub(crate) struct Step {
    /// By which others refer to it.
    pub(crate) id: Option<String>,
    pub(crate) name: Option<Text>,
    /// The step's part of an anchor: `step:login`.
    pub(crate) segment: String,
    /// What to point at: the step's first word.
    pub(crate) at: Span,
    /// The action, orb, task, pipe, plugin or library function that it uses, with its
    /// version.
    pub(crate) uses: Option<Text>,
    pub(crate) with: Vec<Setting>,
    pub(crate) env: Vec<Setting>,
    /// What it runs; empty for what only uses something.
    pub(crate) script: Script,
    pub(crate) conditions: Vec<When>,
    pub(crate) may_fail: Option<Lenience>,
    /// What makes it run though an earlier step failed.
    pub(crate) despite: Option<Lenience>,
    /// What lets later steps and jobs run when it fails, though the pipeline fails in the
    /// end.
    pub(crate) goes_on: Option<Lenience>,
    pub(crate) images: Vec<Image>,
}

/// Shell text of a step.
#[derive(Default, Clone)]
pub(crate) struct Script {
    /// As written, to look for references in.
    pub(crate) text: Arc<str>,
    /// The commands; their spans are of the file that `from` tells.
    pub(crate) commands: Arc<[Command]>,
    /// Where it is used, if it is written elsewhere.
    pub(crate) used: Option<Span>,
    /// The text's own place in the file where it is written.
    pub(crate) span: Span,
}

impl Script {
    /// Where something of the script is, in the pipeline's own file.
    pub(crate) fn place(&self, span: Span) -> Span {
        self.used.unwrap_or(span)
    }
}

impl Step {
    /// The action's name in lower case, without its version.
    pub(crate) fn action(&self) -> Option<String> {
        let uses = self.uses.as_ref()?;
        let name = uses.text.split('@').next().unwrap_or(&uses.text).trim();
        Some(name.to_ascii_lowercase())
    }

    /// The value of an input.
    pub(crate) fn input(&self, name: &str) -> Option<&Setting> {
        find(&self.with, name)
    }

    /// The commands with their places in the pipeline's own file.
    pub(crate) fn commands(&self) -> impl Iterator<Item = (&Command, Span)> {
        let script = &self.script;
        script.commands.iter().map(|c| (c, script.place(c.span)))
    }
}

/// The setting of this name, which is compared as it is; of several the last counts.
pub(crate) fn find<'s>(settings: &'s [Setting], name: &str) -> Option<&'s Setting> {
    settings.iter().rev().find(|setting| setting.name == name)
}

impl Pipeline {
    fn new(system: System, root: String) -> Self {
        Self {
            system,
            root,
            name: None,
            triggers: Vec::new(),
            inputs: Vec::new(),
            grants: None,
            env: Vec::new(),
            jobs: Vec::new(),
            settings: Vec::new(),
            callable: false,
            index: OnceLock::new(),
        }
    }

    /// The job of this id; of several the first.
    pub(crate) fn job(&self, id: &str) -> Option<&Job> {
        self.index().get(id).and_then(|at| self.jobs.get(*at))
    }

    fn index(&self) -> &HashMap<String, usize> {
        self.index.get_or_init(|| {
            let mut index = HashMap::with_capacity(self.jobs.len());
            for (at, job) in self.jobs.iter().enumerate() {
                index.entry(job.id.clone()).or_insert(at);
            }
            index
        })
    }

    /// The job of this id and those after it.
    fn jobs_from(&self, id: &str) -> &[Job] {
        let at = self.index().get(id);
        at.and_then(|at| self.jobs.get(*at..)).unwrap_or_default()
    }

    /// The anchor of a job or of a step in it.
    pub(crate) fn anchor(&self, job: Option<&Job>, step: Option<&Step>) -> String {
        let mut out = self.root.clone();
        let parts = [job.map(|j| &j.segment), step.map(|s| &s.segment)];
        for part in parts.into_iter().flatten().filter(|part| !part.is_empty()) {
            // `gitlab:` is the root of what is named without its file.
            if !out.ends_with(':') {
                out.push('/');
            }
            out.push_str(part);
        }
        out.truncate(out.trim_end_matches(':').len());
        out
    }

    /// A hit at `span`, which belongs to a job and perhaps a step: named by its anchor,
    /// with the way that leads there.
    pub(crate) fn hit(&self, span: Span, job: &Job, step: Option<&Step>) -> Hit {
        Hit::new(span)
            .anchored(self.anchor(Some(job), step))
            .along(Route::to(self, job).by(span, "here").stations())
    }

    /// What starts a job: its own triggers, else the pipeline's.
    pub(crate) fn triggers_of<'p>(&'p self, job: &'p Job) -> &'p [Trigger] {
        if job.triggers.is_empty() {
            &self.triggers
        } else {
            &job.triggers
        }
    }

    /// A text with the values that the inputs in it are given or have by default.
    pub(crate) fn filled_in<'t>(&self, text: &'t str) -> Cow<'t, str> {
        values::filled_in(self, text).map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// The rights of a job's token, if the file says.
    pub(crate) fn grants_of<'p>(&'p self, job: &'p Job) -> Option<&'p Grants> {
        job.grants.as_ref().or(self.grants.as_ref())
    }

    /// The variables that a step sees, the innermost first.
    pub(crate) fn env_of<'p>(
        &'p self,
        job: &'p Job,
        step: &'p Step,
    ) -> impl Iterator<Item = &'p Setting> {
        step.env.iter().chain(&job.env).chain(&self.env)
    }
}

/// The pipeline that a document is; read once for all rules that ask.
pub(crate) fn of<'d>(document: &'d Document<'_>) -> Option<&'d Pipeline> {
    let read = || {
        let file = File::of(document);
        let (pipeline, notes) = read(&file);
        for note in notes {
            document.note(note);
        }
        pipeline
    };
    document.kept(read).and_then(Option::as_ref)
}

/// The pipeline that a neighbour is.
pub(crate) fn of_neighbour(neighbour: &Neighbour) -> Option<&Pipeline> {
    let read = || {
        let file = File::of_neighbour(neighbour);
        // What a cluster's file is, its path doesn't tell.
        let (pipeline, _) = read(&file);
        pipeline
            .or_else(|| tekton::read(&file))
            .or_else(|| argo::read(&file))
    };
    neighbour.kept(read).and_then(Option::as_ref)
}

/// A pipeline, and what was not read of it.
type Reading = (Option<Pipeline>, Vec<Cow<'static, str>>);

type Reader = fn(&File<'_>) -> Option<Pipeline>;

/// Who reads what; the first kind that a file has counts.
const READERS: &[(Kind, Reader)] = &[
    (Kind::GithubWorkflow, |file| {
        github::workflow(file, System::Github)
    }),
    (Kind::GiteaWorkflow, |file| {
        github::workflow(file, System::Gitea)
    }),
    (Kind::GithubAction, github::action),
    (Kind::GitlabCi, gitlab::pipeline),
    (Kind::AzurePipelines, azure::pipeline),
    (Kind::Circleci, circle::config),
    (Kind::BitbucketPipelines, bitbucket::pipelines),
    (Kind::Buildkite, buildkite::steps),
    (Kind::Drone, |file| drone::pipelines(file, System::Drone)),
    (Kind::Woodpecker, |file| {
        drone::pipelines(file, System::Woodpecker)
    }),
    (Kind::Travis, travis::build),
    (Kind::Jenkinsfile, jenkins::read),
    (Kind::Tekton, tekton::read),
    (Kind::ArgoWorkflow, argo::read),
    (Kind::CloudBuild, cloudbuild::read),
    (Kind::Buildspec, codebuild::read),
];

fn read(file: &File<'_>) -> Reading {
    let kinds = file.kinds();
    let reader = READERS.iter().find(|(kind, _)| kinds.has(*kind));
    reader.map_or_else(Reading::default, |(_, read)| (read(file), file.notes()))
}
