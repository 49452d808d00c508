//! Stored credentials that pipelines give to their jobs: which secret it is, what it
//! opens, and whether the job could have signed in with nothing stored.

pub(in crate::detect::code) mod aws;
pub(in crate::detect::code) mod azure;
pub(in crate::detect::code) mod broker;
pub(in crate::detect::code) mod google;
pub(in crate::detect::code) mod kubeconfig;
pub(in crate::detect::code) mod literal;
pub(in crate::detect::code) mod provider;
pub(in crate::detect::code) mod publish;
pub(in crate::detect::code) mod registry;
mod script;
pub(in crate::detect::code) mod ssh;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::rc::Rc;

use crate::detect::code::alternatives::{Alternative, Service, alternative};
use crate::detect::code::deploys;
use crate::detect::pipeline::{
    self, Job, Pipeline, Read, Route, Setting, Step, System, Text, is_of_the_run, is_own_token,
};
use crate::detect::shell::Command;
use crate::detect::{Cx, Hit, Spot};
use crate::document::Span;
use crate::finding::{Confidence, Severity};

use script::Local;

/// How many commands of a job are asked whether they use its credential.
const ASKED: usize = 50;

/// How many commands are looked at for what other steps of a job do. Each credential asks
/// for that, so that a job of many steps would be read as many times.
const MOST: usize = 500_000;

/// How often a variable of a script is looked up.
const DEEPEST: usize = 4;

/// Where something is given: to the whole pipeline, to a job, to a step.
#[derive(Clone, Copy)]
struct At<'p> {
    job: Option<&'p Job>,
    step: Option<&'p Step>,
}

/// A credential that is kept somewhere else than in the pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stored {
    /// In the platform's store, by this name.
    Secret(String),
    /// With whoever calls the pipeline: it may well be short-lived.
    Input(String),
}

impl Stored {
    fn subject(&self) -> String {
        match self {
            Self::Secret(name) => format!("secret:{name}"),
            Self::Input(name) => format!("input:{name}"),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Secret(name) | Self::Input(name) => name,
        }
    }
}

/// What is to be said of a credential.
struct Claim {
    /// What is pointed at.
    span: Span,
    /// Where it is written, if that is elsewhere.
    defined: Option<Spot>,
    subject: String,
    severity: Severity,
    confidence: Confidence,
    /// What the job does with it: `signs in to AWS with the stored key`.
    does: String,
    /// Said after the subject, before what could be used instead.
    besides: Option<String>,
    /// What it opens, to look up what could be used instead.
    service: Option<Service>,
}

impl Claim {
    fn new(text: &Text, stored: &Stored, does: impl Into<String>) -> Self {
        let mut claim = Self::at(text.span, stored, does);
        claim.defined.clone_from(&text.defined);
        claim
    }

    fn at(span: Span, stored: &Stored, does: impl Into<String>) -> Self {
        let mut claim = Self::about(span, stored.subject(), does);
        if matches!(stored, Stored::Input(_)) {
            claim.confidence = Confidence::Medium;
        }
        claim
    }

    fn about(span: Span, subject: String, does: impl Into<String>) -> Self {
        Self {
            span,
            defined: None,
            subject,
            severity: Severity::High,
            confidence: Confidence::High,
            does: does.into(),
            besides: None,
            service: None,
        }
    }

    fn of(mut self, service: Service) -> Self {
        self.service = Some(service);
        self
    }

    const fn grave(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// At most as sure as this.
    fn sure(mut self, confidence: Confidence) -> Self {
        self.confidence = self.confidence.min(confidence);
        self
    }

    fn besides(mut self, text: impl Into<String>) -> Self {
        self.besides = Some(text.into());
        self
    }
}

type Locals = Rc<HashMap<String, Local>>;

/// The credentials of one pipeline, as a rule finds them.
struct Keys<'p> {
    pipeline: &'p Pipeline,
    /// Stands for the job where something is given to all of them.
    nobody: Job,
    /// Job and subject of what was found; the empty job is the whole pipeline.
    seen: BTreeSet<(String, String)>,
    hits: Vec<Hit>,
    /// What the scripts of the job that was asked last set.
    locals: RefCell<Option<(*const Job, Locals)>>,
    /// How many commands of whole jobs may still be looked at.
    left: Cell<usize>,
}

impl<'p> Keys<'p> {
    fn of(cx: &'p Cx<'_, '_>) -> Option<Self> {
        Some(Self {
            pipeline: pipeline::of(cx.document)?,
            nobody: Job::default(),
            seen: BTreeSet::new(),
            hits: Vec::new(),
            locals: RefCell::new(None),
            left: Cell::new(MOST),
        })
    }

    /// Calls `visit` with every scope that variables are set in, the widest first.
    fn environments(&mut self, mut visit: impl FnMut(&mut Self, At<'p>, &'p [Setting])) {
        let pipeline = self.pipeline;
        let nowhere = At {
            job: None,
            step: None,
        };
        visit(self, nowhere, &pipeline.env);
        for job in &pipeline.jobs {
            let at = At {
                job: Some(job),
                step: None,
            };
            visit(self, at, &job.env);
            for image in job.images.iter().filter(|image| !image.service) {
                visit(self, at, &image.env);
            }
            for step in &job.steps {
                let at = At {
                    step: Some(step),
                    ..at
                };
                visit(self, at, &step.env);
                for image in &step.images {
                    visit(self, at, &image.env);
                }
            }
        }
    }

    /// Calls `visit` with every step.
    fn steps(&mut self, mut visit: impl FnMut(&mut Self, At<'p>, &'p Job, &'p Step)) {
        for job in &self.pipeline.jobs {
            for step in &job.steps {
                let at = At {
                    job: Some(job),
                    step: Some(step),
                };
                visit(self, at, job, step);
            }
        }
    }

    /// The commands of some steps, as long as there are not too many.
    fn commands_of<'s>(&'s self, steps: &'s [Step]) -> impl Iterator<Item = &'s Command> {
        let all = steps.iter().take_while(|_| self.may_look());
        let all = all.flat_map(|step| step.script.commands.iter());
        all.take_while(|_| self.may_look())
    }

    fn may_look(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    const fn system(&self) -> System {
        self.pipeline.system
    }

    /// The stored credential that a text gives away.
    fn stored(&self, at: At<'p>, text: &str) -> Option<Stored> {
        self.look_up(at, text, 0)
    }

    fn look_up(&self, at: At<'p>, text: &str, depth: usize) -> Option<Stored> {
        // References have one of these in every system; most texts have none.
        if !text.contains(['$', '<', '%', ':', '(', '{']) {
            return None;
        }
        let job = at.job.unwrap_or(&self.nobody);
        let mut input = None;
        for read in self.pipeline.sources(job, at.step, text) {
            match read {
                Read::Secret(name) if !is_own_token(&name) => return Some(Stored::Secret(name)),
                Read::Input(name) => input = input.or(Some(Stored::Input(name))),
                Read::Env(name) if begins_path(text, &name) => {}
                Read::Env(name) if !is_of_the_run(&name) && depth < DEEPEST => {
                    let locals = self.locals(job);
                    let set = locals.get(&name);
                    if set.is_none() && self.system().keeps_secrets_as_variables() {
                        return Some(Stored::Secret(name));
                    }
                    let found = match set {
                        Some(Local::Set(text)) => self.look_up(at, text, depth + 1),
                        Some(Local::Made) | None => None,
                    };
                    if found.is_some() {
                        return found;
                    }
                }
                _ => {}
            }
        }
        input
    }

    /// The variables that the scripts of a job set.
    fn locals(&self, job: &Job) -> Locals {
        let mut kept = self.locals.borrow_mut();
        match &*kept {
            Some((of, locals)) if std::ptr::eq(*of, job) => Rc::clone(locals),
            _ => {
                let locals = Rc::new(script::locals(job));
                *kept = Some((job, Rc::clone(&locals)));
                locals
            }
        }
    }

    /// What the pipeline could use instead.
    fn alternative(&self, service: Option<Service>) -> Option<&'static Alternative> {
        alternative(self.system(), service?)
    }

    /// Adds what is claimed, once for each job and subject.
    fn push(&mut self, at: At<'p>, claim: Claim) {
        let job = at.job.map_or("", |job| &job.segment);
        let known = |job: &str| self.seen.contains(&(job.to_owned(), claim.subject.clone()));
        if known("") || known(job) {
            return;
        }
        self.seen.insert((job.to_owned(), claim.subject.clone()));
        let mut claim = claim;
        let asks = at.job.is_some_and(|job| !job.identity.is_empty());
        if asks && claim.service.is_some() && claim.besides.is_none() {
            claim.severity = claim.severity.min(Severity::Medium);
            claim = claim.besides("though it asks for an identity as well");
        }
        let message = self.message(at, &claim);
        let pipeline = self.pipeline;
        let mut hit = Hit::new(claim.span)
            .about(claim.subject)
            .anchored(pipeline.anchor(at.job, at.step))
            .grave(claim.severity)
            .sure(claim.confidence)
            .saying(message);
        if let Some(job) = at.job {
            hit = hit.along(route(pipeline, at, job, claim.span));
        }
        if let Some(spot) = claim.defined {
            hit = hit.beside(spot, "written here");
        }
        self.hits.push(hit);
    }

    fn message(&self, at: At<'_>, claim: &Claim) -> String {
        let who = who(self.pipeline, at);
        let mut message = format!("{who} {} '{}'", claim.does, claim.subject);
        if let Some(besides) = &claim.besides {
            message.push_str(", ");
            message.push_str(besides);
        }
        let title = self.system().title();
        if let Some(way) = self.alternative(claim.service) {
            _ = write!(message, "; {title} can use {}", way.what);
            let details = [
                way.since.map(|since| format!("since {since}")),
                way.note.map(str::to_owned),
            ];
            let details: Vec<_> = details.into_iter().flatten().collect();
            if !details.is_empty() {
                _ = write!(message, " ({})", details.join("; "));
            }
        }
        message.push('.');
        message
    }
}

/// Who is given a credential, with the environment that may hold it back.
fn who(pipeline: &Pipeline, at: At<'_>) -> String {
    let Some(job) = at.job.filter(|job| !job.id.is_empty()) else {
        let action = pipeline.root.contains(":action");
        return if action { "The action" } else { "The pipeline" }.to_owned();
    };
    match &job.environment {
        Some(environment) if environment.can_hold => {
            let name = environment.name.text.trim();
            format!("Job '{}' (environment '{name}')", job.id)
        }
        _ => format!("Job '{}'", job.id),
    }
}

/// The way from what starts a job to where the credential is given, and on to the first
/// command that needs it.
fn route(pipeline: &Pipeline, at: At<'_>, job: &Job, span: Span) -> Vec<(Spot, String)> {
    let route = Route::to(pipeline, job).by(span, "the credential is given here");
    let steps = match at.step {
        Some(step) => std::slice::from_ref(step),
        None => job.steps.as_slice(),
    };
    let commands = steps.iter().flat_map(Step::commands).take(ASKED);
    let used = commands.filter(|(command, _)| {
        deploys::of_command(command).is_some() || deploys::publishes(command).is_some()
    });
    match used.map(|(_, place)| place).next() {
        Some(place) if place != span => route.by(place, "what needs it runs here"),
        _ => route,
    }
    .stations()
}

/// Whether a variable is only the folder that a file is in.
fn begins_path(text: &str, name: &str) -> bool {
    text.split(name)
        .skip(1)
        .any(|rest| rest.trim_start_matches('}').starts_with('/'))
}

/// Whether a setting of this name is given a value.
fn given(settings: &[Setting], name: &str) -> bool {
    pipeline::find(settings, name).is_some_and(|s| !s.value.text.trim().is_empty())
}

/// The setting of this name, whose `-` and `_` and case count for nothing.
fn loosely<'s>(settings: &'s [Setting], name: &str) -> Option<&'s Setting> {
    settings.iter().rev().find(|setting| {
        setting.name.len() == name.len()
            && setting.name.bytes().zip(name.bytes()).all(|(a, b)| {
                let plain = |b: u8| {
                    if b == b'-' {
                        b'_'
                    } else {
                        b.to_ascii_lowercase()
                    }
                };
                plain(a) == plain(b)
            })
    })
}

/// The action, orb command, pipe or task that a step uses, in lower case and without its
/// version.
fn action(step: &Step) -> Option<String> {
    let name = step.action()?;
    let end = name.rfind('/').map_or(0, |slash| slash + 1);
    let tag = name.get(end..)?.find([':', '#']);
    Some(match tag {
        Some(tag) => name.get(..end + tag)?.to_owned(),
        None => name,
    })
}
