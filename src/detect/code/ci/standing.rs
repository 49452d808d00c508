//! Rights that stand ready without anybody asking for them: on a schedule, in a service
//! connection that a proposed change reaches, behind an approval that gives itself.

use super::deploying;
use crate::detect::pipeline::{
    self, GateKind, Grants, Job, Pipeline, Read, Route, Setting, Step, System, Trigger,
    TriggerKind, is_of_the_run, reads,
};
use crate::detect::plausible::name::credential;
use crate::detect::words::words;
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::{Confidence, Severity};

/// Words in the name of a secret that say what it may do.
const STRONG: &[&str] = &[
    "admin",
    "administrator",
    "root",
    "owner",
    "superuser",
    "sudo",
    "pat",
    "master",
];

/// Jobs that the clock starts with an administrator's rights. Scheduled jobs are
/// everywhere, so only what says that it is strong counts.
pub(in crate::detect::code) fn scheduled(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some((pipeline, all)) = deploying::of(cx.document) else {
        return Vec::new();
    };
    let mut hits = Vec::new();
    for (job, _) in all.every(pipeline) {
        let triggers = pipeline.triggers_of(job);
        let Some(clock) = triggers.iter().find(|t| t.kind == TriggerKind::Schedule) else {
            continue;
        };
        if job.environment.as_ref().is_some_and(|e| e.can_hold) || !job.gates.is_empty() {
            continue;
        }
        if let Some((name, span)) = strong(pipeline, job) {
            hits.push(on_the_clock(pipeline, job, clock, &name, span));
        }
    }
    hits
}

fn on_the_clock(pipeline: &Pipeline, job: &Job, clock: &Trigger, name: &str, span: Span) -> Hit {
    let subject = deploying::subject(pipeline, job);
    let flow = Route::default()
        .by(clock.span, "the clock starts it")
        .by(job.at, format!("'{subject}' runs"))
        .by(span, "the credential");
    Hit::new(job.at)
        .anchored(pipeline.anchor(Some(job), None))
        .along(flow.stations())
        .saying(format!(
            "'{subject}' runs by the clock with '{name}', with nobody there to see what it does."
        ))
        .about(subject)
}

/// The credential of a job whose name says that it may do much, and where it is used.
fn strong(pipeline: &Pipeline, job: &Job) -> Option<(String, Span)> {
    if let Some(Grants::All(span)) = pipeline.grants_of(job) {
        return Some(("permissions: write-all".to_owned(), *span));
    }
    let named = |setting: &Setting, step: Option<&Step>| {
        let secrets = pipeline.secrets(job, step, &setting.value.text);
        let name = secrets.into_iter().find(|name| is_strong(name))?;
        Some((format!("secret:{name}"), setting.at))
    };
    let own = job.env.iter().chain(&pipeline.env);
    let own = own
        .filter(|_| !job.steps.is_empty())
        .find_map(|setting| named(setting, None));
    let own = own.or_else(|| {
        let mut contexts = job.contexts.iter();
        let context = contexts.find(|context| is_strong(&context.text))?;
        Some((format!("context:{}", context.text), context.span))
    });
    own.or_else(|| {
        job.steps.iter().find_map(|step| {
            let settings = step.env.iter().chain(&step.with);
            settings
                .into_iter()
                .find_map(|setting| named(setting, Some(step)))
                .or_else(|| in_script(pipeline, job, step))
        })
    })
}

/// The same where a step's script names it. What no scope of the file sets is stored; the
/// script itself may set anything, so the name has to say that it is a credential too.
fn in_script(pipeline: &Pipeline, job: &Job, step: &Step) -> Option<(String, Span)> {
    let text = &step.script.text;
    let stored = reads(pipeline.system, text).into_iter().find_map(|read| {
        let name = match read {
            Read::Secret(name) => return is_strong(&name).then_some(name),
            Read::Env(name) if pipeline.system.keeps_secrets_as_variables() => name,
            _ => return None,
        };
        let set = || {
            pipeline.setting(job, Some(step), &name).is_some() || text.contains(&format!("{name}="))
        };
        let strong = is_strong(&name) && credential(&name).is_some();
        (strong && !is_of_the_run(&name) && !set()).then_some(name)
    })?;
    Some((format!("secret:{stored}"), step.at))
}

fn is_strong(name: &str) -> bool {
    words(name)
        .iter()
        .any(|word| STRONG.contains(&word.as_str()))
}

/// The inputs of Azure's tasks that name a service connection.
const CONNECTIONS: &[&str] = &[
    "azuresubscription",
    "connectedservicename",
    "connectedservicenamearm",
    "azureresourcemanagerconnection",
    "awscredentials",
    "kubernetesserviceconnection",
    "kubernetesserviceendpoint",
    "dockerregistryserviceconnection",
    "containerregistry",
    "sshendpoint",
];

/// Service connections that a job uses which runs for proposed changes too.
pub(in crate::detect::code) fn connections(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(pipeline) = pipeline::of(cx.document) else {
        return Vec::new();
    };
    if pipeline.system != System::Azure || pipeline.callable {
        return Vec::new();
    }
    let mut hits = Vec::new();
    for job in pipeline.jobs.iter().filter(|job| job.environment.is_none()) {
        let Some(review) = review(pipeline, job) else {
            continue;
        };
        for step in &job.steps {
            let used = step
                .with
                .iter()
                .filter(|input| CONNECTIONS.contains(&input.name.to_ascii_lowercase().as_str()));
            for input in used {
                hits.push(connection(pipeline, job, step, input, review));
            }
        }
    }
    hits
}

/// What has a job run for a proposed change.
fn review<'p>(pipeline: &'p Pipeline, job: &'p Job) -> Option<&'p Trigger> {
    let triggers = pipeline.triggers_of(job);
    let review = triggers.iter().find(|t| t.kind == TriggerKind::Review)?;
    let on_branch = job.conditions.iter().any(|when| {
        [
            &["variables", "Build.SourceBranch"][..],
            &["variables", "Build.SourceBranchName"],
        ]
        .iter()
        .any(|path| !when.condition.requires_equal(path).is_empty())
            || when
                .condition
                .excludes(&["variables", "Build.Reason"])
                .iter()
                .any(|r| r == "PullRequest")
            || !when
                .condition
                .requires_equal(&["variables", "Build.Reason"])
                .is_empty()
    });
    (!on_branch && job.gates.is_empty()).then_some(review)
}

fn connection(
    pipeline: &Pipeline,
    job: &Job,
    step: &Step,
    input: &Setting,
    review: &Trigger,
) -> Hit {
    let name = pipeline.filled_in(&input.value.text);
    let flow = Route::default()
        .by(review.span, "a proposed change starts it")
        .by(job.at, "the job runs")
        .by(input.value.span, "with the connection's rights");
    let certain = !name.contains('$');
    Hit::new(input.value.span)
        .anchored(pipeline.anchor(Some(job), Some(step)))
        .along(flow.stations())
        .sure(if certain { Confidence::Medium } else { Confidence::Low })
        .saying(format!(
            "The service connection '{name}' is used by a job that a proposed change starts, with no environment to hold it."
        ))
        .about(name.as_ref())
}

/// Approvals that pass by themselves after some time.
pub(in crate::detect::code) fn resuming(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some((pipeline, all)) = deploying::of(cx.document) else {
        return Vec::new();
    };
    let mut hits = Vec::new();
    for (job, _) in all.every(pipeline) {
        let timers = job.gates.iter().filter(|gate| gate.kind == GateKind::Timer);
        let subject = deploying::subject(pipeline, job);
        let named = is_approval(&subject)
            || job
                .name
                .as_ref()
                .is_some_and(|name| is_approval(&name.text));
        // What becomes of an approval that nobody gives in time is a rule of its own.
        let asks = job.gates.iter().any(|gate| gate.kind == GateKind::Approval);
        for gate in timers.filter(|_| named && !asks) {
            hits.push(
                pipeline
                    .hit(gate.span, job, None)
                    .grave(Severity::High)
                    .saying(format!(
                        "'{subject}' reads like an approval, and passes by itself after some time."
                    ))
                    .about(&subject),
            );
        }
    }
    hits
}

fn is_approval(name: &str) -> bool {
    words(name).iter().any(|word| {
        matches!(
            word.as_str(),
            "approve"
                | "approval"
                | "approvals"
                | "approved"
                | "review"
                | "confirm"
                | "gate"
                | "signoff"
                | "consent"
                | "manual"
        )
    })
}
