//! Tasks, pipelines and their runs in Tekton; a file may hold several. Facts: Tekton's
//! references of Tasks, Pipelines, `TaskRuns` and `PipelineRuns`; for approvals those of
//! the manual approval gate.

use std::collections::HashMap;

use super::cursor::{Cursor, Entry, File};
use super::pods::{self, Volumes};
use super::{Gate, GateKind, Input, Job, Lenience, Pipeline, Step, System, Text, When};
use crate::detect::condition::{Condition, Op};
use crate::document::Span;

/// Reads every Tekton object of a file.
pub(super) fn read<'f>(file: &'f File<'f>) -> Option<Pipeline> {
    let mut pipeline = Pipeline::new(System::Tekton, format!("tekton:{}", file.name()));
    let mut found = false;
    let mut whole = false;
    for root in file.roots() {
        let version = root.get("apiVersion").and_then(|version| version.str());
        if !version.is_some_and(|version| version.starts_with("tekton.dev/")) {
            continue;
        }
        let (Some(kind), Some(spec)) =
            (root.get("kind").and_then(|k| k.str()), root.member("spec"))
        else {
            continue;
        };
        found = true;
        let name = root.at(&["metadata", "name"]);
        let name = name.or_else(|| root.at(&["metadata", "generateName"]));
        let object = Object {
            segment: format!("{kind}/{}", name.and_then(|n| n.str()).unwrap_or("?")),
            at: name.map_or(spec.at, |name| name.span()),
            spec,
        };
        if pipeline.name.is_none() {
            pipeline.name = name.and_then(|name| name.text());
        }
        whole |= !matches!(kind, "Task" | "ClusterTask" | "StepAction");
        match kind {
            "Task" | "ClusterTask" => object.task(&mut pipeline),
            "TaskRun" => object.task_run(&mut pipeline),
            "Pipeline" => object.pipeline(&mut pipeline),
            "PipelineRun" => object.pipeline_run(&mut pipeline),
            _ => {}
        }
    }
    pipeline.callable = !whole;
    stand_behind_callers(&mut pipeline);
    found.then_some(pipeline)
}

/// A task of the file waits for what those wait for that use it.
fn stand_behind_callers(pipeline: &mut Pipeline) {
    let mut callers: HashMap<String, Vec<String>> = HashMap::new();
    for job in &pipeline.jobs {
        if let Some(calls) = &job.calls {
            let list = callers.entry(calls.text.clone()).or_default();
            list.push(job.id.clone());
        }
    }
    for job in &mut pipeline.jobs {
        if let Some(list) = callers.remove(&job.id) {
            job.needs.extend(list);
        }
    }
}

struct Object<'f> {
    segment: String,
    at: Span,
    spec: Entry<'f>,
}

impl Object<'_> {
    fn task(&self, pipeline: &mut Pipeline) {
        let spec = self.spec.value;
        pipeline.inputs.extend(inputs(spec, false));
        let mut job = Job {
            id: self
                .segment
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_owned(),
            segment: self.segment.clone(),
            at: self.at,
            ..Job::default()
        };
        task(spec, None, &mut job);
        pipeline.jobs.push(job);
    }

    fn task_run(&self, pipeline: &mut Pipeline) {
        let spec = self.spec.value;
        let mut job = Job {
            id: self.segment.clone(),
            segment: self.segment.clone(),
            at: self.at,
            account: account(spec),
            calls: called(spec),
            with: with(spec),
            ..Job::default()
        };
        match spec.get("taskSpec") {
            Some(inner) => task(inner, spec.get("podTemplate"), &mut job),
            None => pod(spec.get("podTemplate"), &mut job),
        }
        pipeline.jobs.push(job);
    }

    fn pipeline(&self, pipeline: &mut Pipeline) {
        let spec = self.spec.value;
        pipeline.inputs.extend(inputs(spec, true));
        self.tasks(spec, None, pipeline);
    }

    fn pipeline_run(&self, pipeline: &mut Pipeline) {
        let spec = self.spec.value;
        if let Some(inner) = spec.get("pipelineSpec") {
            pipeline.inputs.extend(inputs(inner, true));
            self.tasks(inner, Some(spec), pipeline);
            return;
        }
        let mut job = Job {
            id: self.segment.clone(),
            segment: self.segment.clone(),
            at: self.at,
            account: account(spec),
            calls: called(spec),
            with: with(spec),
            ..Job::default()
        };
        pod(pod_template(spec), &mut job);
        pipeline.jobs.push(job);
    }

    /// The tasks of a pipeline; `run` is what runs them, where the file says.
    fn tasks(&self, spec: Cursor<'_>, run: Option<Cursor<'_>>, pipeline: &mut Pipeline) {
        let general = run.and_then(account);
        let own = run.and_then(|run| run.get("taskRunSpecs"));
        let mut accounts: HashMap<&str, Text> = HashMap::new();
        for item in own.iter().flat_map(Cursor::items) {
            let name = item.get("pipelineTaskName").and_then(|name| name.str());
            if let (Some(name), Some(account)) = (name, account(item)) {
                accounts.insert(name, account);
            }
        }
        let first = pipeline.jobs.len();
        let last = spec.get("finally");
        let tasks = spec.get("tasks");
        let tasks = tasks
            .iter()
            .flat_map(Cursor::items)
            .map(|item| (item, None));
        let last = last
            .iter()
            .flat_map(|list| list.items().map(|item| (item, Some(list.span()))));
        for (item, in_the_end) in tasks.chain(last) {
            let name = item.get("name");
            let id = name.and_then(|name| name.str()).unwrap_or_default();
            let mut job = Job {
                id: self.inner(id),
                segment: format!("{}/task:{id}", self.segment),
                at: name.map_or(item.span(), |name| name.span()),
                defined: item.defined(),
                needs: self.needs(item),
                conditions: conditions(item),
                gates: approval(item).into_iter().collect(),
                may_fail: lenience(item),
                account: accounts.remove(id).or_else(|| general.clone()),
                calls: called(item),
                with: with(item),
                ..Job::default()
            };
            let template = run.and_then(pod_template);
            match item.get("taskSpec") {
                Some(inner) => task(inner, template, &mut job),
                None => pod(template, &mut job),
            }
            if let Some(span) = in_the_end {
                in_the_end_of(item, span, pipeline.jobs.get(first..), &mut job);
            }
            pipeline.jobs.push(job);
        }
    }

    /// The id of a task in this pipeline, which another of the file may have too.
    fn inner(&self, id: &str) -> String {
        format!("{}/{id}", self.segment)
    }

    /// What a task waits for: those that it names and those whose results it takes.
    fn needs(&self, item: Cursor<'_>) -> Vec<String> {
        let named = item.get("runAfter").map_or(Vec::new(), |after| after.ids());
        let mut needs: Vec<String> = named.iter().map(|id| self.inner(id)).collect();
        let mut values = with(item);
        values.extend(
            item.get("when")
                .iter()
                .flat_map(Cursor::items)
                .filter_map(|when| {
                    Some(super::Setting {
                        name: String::new(),
                        at: when.span(),
                        value: when.get("input")?.text()?,
                    })
                }),
        );
        for value in &values {
            for part in value.value.text.split("$(tasks.").skip(1) {
                let id = part.split('.').next().unwrap_or_default();
                let id = self.inner(id);
                if needs.len() < 100 && !needs.contains(&id) {
                    needs.push(id);
                }
            }
        }
        needs
    }
}

/// How many tasks one in the end is said to wait for; it waits for all.
const BEFORE_THE_END: usize = 100;

/// A task under `finally` runs after all others, however they ended, unless it asks.
fn in_the_end_of(item: Cursor<'_>, span: Span, before: Option<&[Job]>, job: &mut Job) {
    let before = before.unwrap_or_default().iter();
    let before = before.filter(|other| other.despite.is_none());
    let before = before.take(BEFORE_THE_END).map(|other| other.id.clone());
    job.needs.extend(before);
    let asks = item.get("when").is_some_and(|when| {
        let mut inputs = when.items().filter_map(|when| when.get("input")?.str());
        inputs.any(|input| input.contains("$(tasks."))
    });
    if !asks {
        job.despite = Some(Lenience {
            key: "finally".into(),
            span: job_span(job, span),
        });
    }
}

/// Where a task is said, which is more to the point than the list it is in.
const fn job_span(job: &Job, list: Span) -> Span {
    if job.at.is_empty() { list } else { job.at }
}

fn inputs(spec: Cursor<'_>, by_person: bool) -> Vec<Input> {
    let list = spec.get("params");
    let items = list.iter().flat_map(Cursor::items);
    items
        .filter_map(|item| {
            let name = item.get("name")?;
            Some(Input {
                name: name.str()?.to_owned(),
                span: name.span(),
                default: item.get("default").and_then(|default| default.text()),
                by_person,
            })
        })
        .collect()
}

/// The parameters that a task or run is given.
fn with(item: Cursor<'_>) -> Vec<super::Setting> {
    let list = item.get("params");
    let items = list.iter().flat_map(Cursor::items);
    items
        .filter_map(|item| {
            let name = item.get("name")?;
            Some(super::Setting {
                name: name.str()?.to_owned(),
                at: name.span(),
                value: item.get("value").and_then(|value| value.text())?,
            })
        })
        .collect()
}

/// The account of a run or of one task in it.
fn account(spec: Cursor<'_>) -> Option<Text> {
    let places: [&[&str]; 3] = [
        &["serviceAccountName"],
        &["taskServiceAccountName"],
        &["taskRunTemplate", "serviceAccountName"],
    ];
    places.iter().find_map(|keys| spec.at(keys)?.text())
}

fn pod_template(spec: Cursor<'_>) -> Option<Cursor<'_>> {
    spec.at(&["taskRunTemplate", "podTemplate"])
        .or_else(|| spec.get("podTemplate"))
}

/// The task or pipeline that is used: by name, or what a resolver is asked for.
fn called(item: Cursor<'_>) -> Option<Text> {
    let mut keys = ["taskRef", "pipelineRef"].into_iter();
    let reference = keys.find_map(|key| item.get(key))?;
    let name = reference.get("name").and_then(|name| name.text());
    name.or_else(|| reference.get("resolver")?.text())
}

/// A task that waits for people: they are named in its parameters.
fn approval(item: Cursor<'_>) -> Option<Gate> {
    let kind = item.at(&["taskRef", "kind"])?;
    if kind.str() != Some("ApprovalTask") {
        return None;
    }
    let list = item.get("params");
    let mut items = list.iter().flat_map(Cursor::items);
    let approvers =
        items.find(|item| item.get("name").and_then(|name| name.str()) == Some("approvers"));
    let approvers = approvers.and_then(|item| item.get("value"));
    Some(Gate {
        kind: GateKind::Approval,
        span: kind.span(),
        approvers: approvers.map_or(Vec::new(), |value| value.texts()),
    })
}

fn lenience(item: Cursor<'_>) -> Option<Lenience> {
    let entry = item.member("onError")?;
    (entry.value.str() == Some("continue")).then(|| Lenience {
        key: "onError".into(),
        span: entry.whole(),
    })
}

/// `when`: all of them must hold.
fn conditions(item: Cursor<'_>) -> Vec<When> {
    let list = item.get("when");
    let items = list.iter().flat_map(Cursor::items);
    items.filter_map(condition).collect()
}

fn condition(item: Cursor<'_>) -> Option<When> {
    if let Some(cel) = item.get("cel") {
        let text = cel.text()?;
        let condition = Condition::Unknown;
        return Some(When { text, condition });
    }
    let input = item.get("input")?.text()?;
    let operator = item.get("operator").and_then(|operator| operator.str())?;
    let values = item.get("values").map_or(Vec::new(), |values| values.ids());
    let text = item.said(format!("{} {operator} {}", input.text, values.join(" ")));
    let parameter = input.text.strip_prefix("$(params.");
    let condition = match parameter.and_then(|rest| rest.strip_suffix(')')) {
        Some(name) if values.len() < 50 => {
            let is = |value: &String| {
                let name = Condition::reference(["params", name]);
                Condition::compare(Op::Equal, name, Condition::text(value))
            };
            let any = Condition::any(values.iter().map(is));
            if operator == "notin" {
                any.negated()
            } else {
                any
            }
        }
        _ => Condition::Unknown,
    };
    Some(When { text, condition })
}

/// What a template for pods gives to every container of the job.
fn pod(template: Option<Cursor<'_>>, job: &mut Job) {
    let powers = template.map_or(Vec::new(), pods::shared_with_host);
    if !powers.is_empty() {
        job.images.push(super::Image {
            powers,
            ..super::Image::default()
        });
    }
}

/// Steps and sidecars.
fn task(spec: Cursor<'_>, template: Option<Cursor<'_>>, job: &mut Job) {
    let mut volumes = Volumes::default();
    volumes.add(spec.get("volumes"));
    volumes.add(template.and_then(|template| template.get("volumes")));
    pod(template, job);
    let general = spec.get("stepTemplate");
    if let Some(general) = general {
        job.env.extend(pods::env(general));
        job.contexts.extend(pods::given(general));
        let image = pods::container(general, &volumes, false);
        if !image.powers.is_empty() {
            job.images.push(image);
        }
    }
    let sidecars = spec.get("sidecars");
    for sidecar in sidecars.iter().flat_map(Cursor::items) {
        job.images.push(pods::container(sidecar, &volumes, true));
    }
    let steps = spec.get("steps");
    for (number, item) in steps.iter().flat_map(Cursor::items).enumerate() {
        job.contexts.extend(pods::given(item));
        job.steps.push(step(item, number, &volumes));
    }
}

fn step(item: Cursor<'_>, number: usize, volumes: &Volumes) -> Step {
    let name = item.get("name").and_then(|name| name.text());
    let first = item.members().next().map(|entry| entry.at);
    let label = name.as_ref().map(|name| name.text.clone());
    let image = pods::container(item, volumes, false);
    let script = if item.get("script").is_some() {
        let command = item.get("script").and_then(|script| script.str());
        let other = command.is_some_and(|text| {
            let first = text.lines().next().unwrap_or_default();
            first.starts_with("#!") && !first.contains("sh")
        });
        match item.get("script") {
            Some(script) if !other => script.script(),
            _ => super::Script::default(),
        }
    } else {
        pods::script(item)
    };
    Step {
        segment: format!(
            "step:{}",
            label.clone().unwrap_or_else(|| number.to_string())
        ),
        at: first.unwrap_or_else(|| item.span()),
        id: label,
        name,
        uses: item.at(&["ref", "name"]).and_then(|name| name.text()),
        with: with(item),
        env: pods::env(item),
        script,
        conditions: conditions(item),
        may_fail: lenience(item),
        despite: None,
        goes_on: None,
        images: vec![image],
    }
}

#[cfg(test)]
mod tests;
