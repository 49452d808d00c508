//! Inputs of a pipeline by which whoever starts it leaves out a control.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::gates::{Check, Checks};
use crate::detect::code::controls::{Control, control_noun, is_break_glass, names_control};
use crate::detect::pipeline::{
    self, Input, Job, Pipeline, Read, Route, Step, System, TriggerKind, reads,
};
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::{Confidence, Severity};

/// Finds inputs whose name leaves out a control, and where they are read.
pub(in crate::detect::code) fn skips(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(pipeline) = pipeline::of(cx.document) else {
        return Vec::new();
    };
    let inputs = switches(pipeline);
    if inputs.is_empty() {
        return Vec::new();
    }
    let Some(checks) = Checks::of(cx.document) else {
        return Vec::new();
    };
    let mut uses = Uses {
        names: names(pipeline, &inputs),
        scripts: HashMap::new(),
        best: BTreeMap::new(),
    };
    for job in &pipeline.jobs {
        uses.of_job(pipeline, checks, job);
    }
    let found = inputs.values().filter_map(|switch| {
        let place = uses.best.get(switch.input.name.as_str())?;
        hit(pipeline, switch, place)
    });
    found.collect()
}

/// An input that leaves something out.
struct Switch<'p> {
    input: &'p Input,
    control: Control,
    /// Whether it leaves it out when it is off: `run_scan`.
    by_absence: bool,
}

/// The inputs that leave out a control, by name in lower case. What a person gives goes
/// before what a caller gives.
fn switches(pipeline: &Pipeline) -> BTreeMap<String, Switch<'_>> {
    let mut out: BTreeMap<String, Switch<'_>> = BTreeMap::new();
    for input in &pipeline.inputs {
        let on = input.default.as_ref().is_some_and(|d| d.text == "true");
        let (control, by_absence) = match control_noun(&input.name) {
            Some(skip) => (skip.control, false),
            None if is_break_glass(&input.name) => (Control::All, false),
            None => match names_control(&input.name) {
                Some(control) if on && input.by_person && control == Control::Security => {
                    (control, true)
                }
                _ => continue,
            },
        };
        let switch = Switch {
            input,
            control,
            by_absence,
        };
        let key = input.name.to_ascii_lowercase();
        let better = out
            .get(&key)
            .is_none_or(|o| !o.input.by_person && input.by_person);
        if better {
            out.insert(key, switch);
        }
    }
    out
}

/// What an input is read by; the later, the more it decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    /// It is handed on.
    Given,
    /// A script or condition of something else.
    Other,
    /// A script of what checks or deploys.
    Script,
    /// A condition of what deploys.
    Deploys,
    /// A condition of what checks.
    Gate,
}

/// Where an input is read.
struct Use<'p> {
    by: By,
    check: Option<Check>,
    span: Span,
    job: &'p Job,
}

/// Where inputs are read.
struct Uses<'p> {
    /// Inputs by the names they are read by, in lower case: their own, and variables that
    /// are given their value.
    names: HashMap<String, &'p str>,
    /// What a script reads, by where its text is.
    scripts: HashMap<usize, Vec<&'p str>>,
    best: BTreeMap<&'p str, Use<'p>>,
}

fn names<'p>(
    pipeline: &'p Pipeline,
    inputs: &BTreeMap<String, Switch<'p>>,
) -> HashMap<String, &'p str> {
    let mut out: HashMap<String, &str> = inputs
        .iter()
        .map(|(key, switch)| (key.clone(), switch.input.name.as_str()))
        .collect();
    let of_jobs = pipeline.jobs.iter().flat_map(|job| &job.env);
    let steps = pipeline.jobs.iter().flat_map(|job| &job.steps);
    let of_steps = steps.flat_map(|step| &step.env);
    for set in pipeline.env.iter().chain(of_jobs).chain(of_steps) {
        for read in reads(pipeline.system, &set.value.text) {
            if let Read::Input(name) = read
                && let Some(switch) = inputs.get(&name.to_ascii_lowercase())
            {
                out.insert(set.name.to_ascii_lowercase(), &switch.input.name);
            }
        }
    }
    out
}

/// Words in which names stand.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    text.split(move |c| !inside(c))
        .filter(|word| !word.is_empty())
}

impl<'p> Uses<'p> {
    fn keep(&mut self, name: &'p str, used: Use<'p>) {
        let better = self.best.get(name).is_none_or(|best| best.by < used.by);
        if better {
            self.best.insert(name, used);
        }
    }

    fn of_job(&mut self, pipeline: &'p Pipeline, checks: &Checks, job: &'p Job) {
        let mut job_says = None;
        let mut of_job =
            || *job_says.get_or_insert_with(|| (checks.of_job(pipeline, job), checks.deploys(job)));
        for when in &job.conditions {
            for name in self.in_condition(&when.text.text) {
                let (check, deploys) = of_job();
                let by = by_condition(check, deploys);
                self.keep(
                    name,
                    Use {
                        by,
                        check,
                        span: when.text.span,
                        job,
                    },
                );
            }
        }
        for set in &job.with {
            for name in self.in_value(pipeline.system, &set.value.text) {
                self.keep(
                    name,
                    Use {
                        by: By::Given,
                        check: None,
                        span: set.at,
                        job,
                    },
                );
            }
        }
        for step in &job.steps {
            self.of_step(pipeline, checks, job, step, &mut of_job);
        }
    }

    fn of_step(
        &mut self,
        pipeline: &'p Pipeline,
        checks: &Checks,
        job: &'p Job,
        step: &'p Step,
        of_job: &mut dyn FnMut() -> (Option<Check>, bool),
    ) {
        for when in &step.conditions {
            for name in self.in_condition(&when.text.text) {
                let check = checks.of_step(step);
                let by = by_condition(check, checks.step_deploys(step));
                self.keep(
                    name,
                    Use {
                        by,
                        check,
                        span: when.text.span,
                        job,
                    },
                );
            }
        }
        for set in &step.with {
            for name in self.in_value(pipeline.system, &set.value.text) {
                let check = checks.of_step(step);
                let by = if check.is_some() {
                    By::Script
                } else {
                    By::Given
                };
                self.keep(
                    name,
                    Use {
                        by,
                        check,
                        span: set.at,
                        job,
                    },
                );
            }
        }
        for name in self.in_script(pipeline.system, step) {
            let (check, deploys) = of_job();
            let by = if check.is_some() || deploys {
                By::Script
            } else {
                By::Other
            };
            let span = step.script.place(step.script.span);
            self.keep(
                name,
                Use {
                    by,
                    check,
                    span,
                    job,
                },
            );
        }
    }

    fn in_condition(&self, text: &str) -> Vec<&'p str> {
        let found = words(text).filter_map(|word| self.names.get(&word.to_ascii_lowercase()));
        found.copied().collect()
    }

    fn in_value(&self, system: System, text: &str) -> Vec<&'p str> {
        let reads = reads(system, text)
            .into_iter()
            .filter(|read| matches!(read, Read::Input(_) | Read::Env(_) | Read::Variable(_)));
        let names = reads.filter_map(|read| self.names.get(&read.name().to_ascii_lowercase()));
        let found: HashSet<&str> = names.copied().collect();
        let mut found: Vec<&str> = found.into_iter().collect();
        if system == System::Jenkins {
            let after = text.match_indices("params.").filter_map(|(at, sign)| {
                let name = words(text.get(at + sign.len()..)?).next()?;
                self.names.get(&name.to_ascii_lowercase()).copied()
            });
            found.extend(after);
        }
        found.sort_unstable();
        found
    }

    fn in_script(&mut self, system: System, step: &Step) -> Vec<&'p str> {
        let text = &step.script.text;
        if text.is_empty() {
            return Vec::new();
        }
        let key = text.as_ptr() as usize;
        if let Some(found) = self.scripts.get(&key) {
            return found.clone();
        }
        let found = self.in_value(system, text);
        self.scripts.insert(key, found.clone());
        found
    }
}

fn by_condition(check: Option<Check>, deploys: bool) -> By {
    match (check, deploys) {
        (Some(_), _) => By::Gate,
        (None, true) => By::Deploys,
        (None, false) => By::Other,
    }
}

fn hit(pipeline: &Pipeline, switch: &Switch<'_>, used: &Use<'_>) -> Option<Hit> {
    let (severity, mut confidence) = grade(switch, used)?;
    let input = switch.input;
    // Whoever calls decides; that is judged with the callers.
    if !input.by_person {
        confidence = confidence.min(if pipeline.callable && pipeline.triggers.is_empty() {
            Confidence::Low
        } else {
            Confidence::Medium
        });
    }
    let who = if input.by_person {
        "whoever starts the run"
    } else {
        "whoever calls it"
    };
    let what = match (used.by, used.check) {
        (By::Given, _) => "what it is handed to".to_owned(),
        (_, Some(Check::Scan(name))) => format!("{name} in job '{}'", used.job.id),
        (_, Some(check)) => format!("{} in job '{}'", check.title(), used.job.id),
        (By::Deploys, None) => format!("the deployment in job '{}'", used.job.id),
        _ => format!("job '{}'", used.job.id),
    };
    let how = if switch.by_absence {
        "by turning it off"
    } else {
        "with it"
    };
    let message = format!(
        "'{}' is read by {what}: {who} leaves out {} {how}.",
        input.name,
        control(switch.control)
    );
    let trigger = pipeline
        .triggers
        .iter()
        .find(|t| t.kind == TriggerKind::Manual);
    let mut route = Route::default();
    if let Some(trigger) = trigger {
        route = route.by(trigger.span, format!("'{}' starts it", trigger.name));
    }
    let route = route
        .by(input.span, "the input is given")
        .by(used.span, "and read here");
    Some(
        Hit::new(input.span)
            .anchored(format!("{}/input:{}", pipeline.root, input.name))
            .along(route.stations())
            .about(format!("input:{}", input.name))
            .saying(message)
            .grave(severity)
            .sure(confidence),
    )
}

const fn control(control: Control) -> &'static str {
    match control {
        Control::Lint => "style checks",
        Control::Test => "tests",
        Control::Check => "a check",
        Control::Security => "a scan",
        Control::Signature => "a signature or its verification",
        Control::Gate => "a rule that is enforced",
        Control::Approval => "an approval",
        Control::All => "what would hold it",
    }
}

/// How bad it is and how sure. A name that leaves out everything says little unless what
/// checks or deploys asks for it.
fn grade(switch: &Switch<'_>, used: &Use<'_>) -> Option<(Severity, Confidence)> {
    let severity = match switch.control {
        Control::Approval | Control::Gate | Control::Security | Control::Signature => {
            Severity::High
        }
        Control::Check | Control::All => Severity::Medium,
        Control::Test | Control::Lint => Severity::Low,
    };
    let confidence = match (switch.control, used.by) {
        (Control::All, By::Gate) => Confidence::Medium,
        (Control::All, By::Deploys) if is_break_glass(&switch.input.name) => Confidence::Medium,
        (Control::All, By::Deploys | By::Script) => Confidence::Low,
        (Control::All, _) => return None,
        (_, By::Given) => Confidence::Low,
        (_, By::Other) => Confidence::Medium,
        (_, By::Script | By::Deploys | By::Gate) => Confidence::High,
    };
    let confidence = if switch.by_absence {
        confidence.min(if used.by == By::Gate {
            Confidence::Medium
        } else {
            Confidence::Low
        })
    } else {
        confidence
    };
    Some((severity, confidence))
}
