//! Workflows and their templates in Argo Workflows; a file may hold several. Facts: the
//! field reference of Argo Workflows.
//!
//! A template is a job, and so is each task in one that calls others: the task waits for
//! the tasks before it, the template that it calls waits for the task.

use std::collections::HashMap;

use super::cursor::{Cursor, Entry, File};
use super::pods::{self, Volumes};
use super::{
    Gate, GateKind, Input, Job, Lenience, Pipeline, Setting, Step, System, Text, Trigger,
    TriggerKind, When,
};
use crate::detect::condition::Condition;

/// Reads every workflow of a file.
pub(super) fn read<'f>(file: &'f File<'f>) -> Option<Pipeline> {
    let mut pipeline = Pipeline::new(System::Argo, format!("argo:{}", file.name()));
    let mut found = false;
    let mut whole = false;
    for root in file.roots() {
        let text = |key| root.get(key).and_then(|value| value.str());
        let argo = text("apiVersion").is_some_and(|version| version.starts_with("argoproj.io/"));
        let Some(kind) = text("kind").filter(|kind| argo && is_workflow(kind)) else {
            continue;
        };
        let Some(spec) = root.get("spec") else {
            continue;
        };
        found = true;
        let name = root.at(&["metadata", "name"]);
        let name = name.or_else(|| root.at(&["metadata", "generateName"]));
        if pipeline.name.is_none() {
            pipeline.name = name.and_then(|name| name.text());
        }
        if kind == "CronWorkflow" {
            pipeline.triggers.extend(schedules(spec));
        }
        let spec = spec.get("workflowSpec").unwrap_or(spec);
        // A template that has an entry point can be submitted as it is.
        whole |= spec.get("entrypoint").is_some();
        let segment = format!("{kind}/{}", name.and_then(|n| n.str()).unwrap_or("?"));
        workflow(spec, segment, name, &mut pipeline);
    }
    pipeline.callable = !whole;
    found.then_some(pipeline)
}

fn is_workflow(kind: &str) -> bool {
    matches!(
        kind,
        "Workflow" | "WorkflowTemplate" | "ClusterWorkflowTemplate" | "CronWorkflow"
    )
}

fn schedules(spec: Cursor<'_>) -> Vec<Trigger> {
    let keys = ["schedule", "schedules"].into_iter();
    keys.filter_map(|key| spec.member(key))
        .map(|entry| Trigger {
            kind: TriggerKind::Schedule,
            name: entry.key.to_owned(),
            span: entry.at,
            branches: Vec::new(),
        })
        .collect()
}

/// Reads one workflow.
fn workflow(spec: Cursor<'_>, segment: String, name: Option<Cursor<'_>>, pipeline: &mut Pipeline) {
    pipeline.inputs.extend(inputs(spec.get("arguments"), true));
    let mut reader = Reader {
        volumes: Volumes::default(),
        account: account(spec),
        gates: HashMap::new(),
        callers: HashMap::new(),
        jobs: Vec::new(),
        segment,
    };
    reader.volumes.add(spec.get("volumes"));
    let list = spec.get("templates");
    for template in list.iter().flat_map(Cursor::items) {
        if let (Some(name), Some(gate)) = (template.get("name"), suspended(template)) {
            let name = name.str().unwrap_or_default();
            reader.gates.insert(name.to_owned(), gate);
        }
    }
    for template in list.iter().flat_map(Cursor::items) {
        reader.template(template, pipeline);
    }
    // A workflow that only refers to a template of the cluster.
    if let Some(reference) = spec.at(&["workflowTemplateRef", "name"]) {
        reader.jobs.push(Job {
            id: reader.segment.clone(),
            segment: reader.segment.clone(),
            at: name.map_or(reference.span(), |name| name.span()),
            calls: reference.text(),
            account: reader.account.clone(),
            ..Job::default()
        });
    }
    // What it runs is elsewhere, and its account is here.
    if reader.jobs.is_empty() && reader.account.is_some() {
        reader.jobs.push(Job {
            id: reader.segment.clone(),
            segment: reader.segment.clone(),
            at: name.map_or(spec.span(), |name| name.span()),
            account: reader.account.clone(),
            ..Job::default()
        });
    }
    for mut job in reader.jobs {
        if let Some(callers) = reader.callers.remove(&job.id) {
            job.needs.extend(callers);
        }
        pipeline.jobs.push(job);
    }
}

fn account(spec: Cursor<'_>) -> Option<Text> {
    let own = spec.get("serviceAccountName");
    let own = own.or_else(|| spec.at(&["executor", "serviceAccountName"]));
    own.and_then(|account| account.text())
}

fn inputs(of: Option<Cursor<'_>>, by_person: bool) -> Vec<Input> {
    let list = of.and_then(|of| of.get("parameters"));
    let items = list.iter().flat_map(Cursor::items);
    items
        .filter_map(|item| {
            let name = item.get("name")?;
            let default = item.get("value").or_else(|| item.get("default"));
            Some(Input {
                name: name.str()?.to_owned(),
                span: name.span(),
                default: default.and_then(|default| default.text()),
                by_person,
            })
        })
        .collect()
}

/// A template that waits: until somebody resumes it, or for some time.
fn suspended(template: Cursor<'_>) -> Option<Gate> {
    let suspend = template.member("suspend")?;
    let duration = suspend.value.member("duration");
    Some(Gate {
        kind: if duration.is_some() {
            GateKind::Timer
        } else {
            GateKind::Button
        },
        span: duration.map_or(suspend.at, |duration| duration.whole()),
        approvers: Vec::new(),
    })
}

struct Reader {
    volumes: Volumes,
    account: Option<Text>,
    /// Templates that wait, by name.
    gates: HashMap<String, Gate>,
    /// The tasks that call a template, by the id of its job.
    callers: HashMap<String, Vec<String>>,
    jobs: Vec<Job>,
    segment: String,
}

/// How many tasks of a group the next one is said to wait for. It waits for all; a rule
/// needs to see that it does.
const GROUP: usize = 16;

impl Reader {
    fn id(&self, template: &str) -> String {
        format!("{}/{template}", self.segment)
    }

    fn template(&mut self, body: Cursor<'_>, pipeline: &mut Pipeline) {
        let name = body.get("name");
        let label = name
            .and_then(|name| name.str())
            .unwrap_or_default()
            .to_owned();
        pipeline.inputs.extend(inputs(body.get("inputs"), false));
        let mut job = Job {
            id: self.id(&label),
            segment: format!("{}/template:{label}", self.segment),
            at: name.map_or(body.span(), |name| name.span()),
            defined: body.defined(),
            gates: self.gates.get(&label).cloned().into_iter().collect(),
            account: account(body).or_else(|| self.account.clone()),
            ..Job::default()
        };
        self.containers(body, &mut job);
        let (id, segment) = (job.id.clone(), job.segment.clone());
        self.jobs.push(job);
        let mut before: Vec<String> = vec![id.clone()];
        let groups = body.get("steps");
        for group in groups.iter().flat_map(Cursor::items) {
            let tasks: Vec<String> = group
                .one_or_many()
                .map(|task| self.task(task, &id, &segment, before.clone()))
                .collect();
            if !tasks.is_empty() {
                before = tasks;
                before.truncate(GROUP);
            }
        }
        let tasks = body.at(&["dag", "tasks"]);
        for task in tasks.iter().flat_map(Cursor::items) {
            let mut needs: Vec<String> = dependencies(task)
                .iter()
                .map(|name| format!("{id}/{name}"))
                .collect();
            if needs.is_empty() {
                needs.push(id.clone());
            }
            self.task(task, &id, &segment, needs);
        }
    }

    /// A task of `steps` or of a graph; gives its id.
    fn task(&mut self, item: Cursor<'_>, of: &str, segment: &str, needs: Vec<String>) -> String {
        let name = item.get("name");
        let label = name.and_then(|name| name.str()).unwrap_or_default();
        let id = format!("{of}/{label}");
        let template = item.get("template");
        let called = template
            .and_then(|template| template.text())
            .or_else(|| elsewhere(item));
        let mut job = Job {
            id: id.clone(),
            segment: format!("{segment}/task:{label}"),
            at: name.map_or(item.span(), |name| name.span()),
            defined: item.defined(),
            needs,
            conditions: conditions(item),
            may_fail: lenience(item),
            despite: after_failure(item),
            calls: called,
            with: with(item),
            account: self.account.clone(),
            ..Job::default()
        };
        if let Some(template) = template.and_then(|template| template.str()) {
            job.gates.extend(self.gates.get(template).cloned());
            let callers = self.callers.entry(self.id(template)).or_default();
            callers.push(id.clone());
        }
        if let Some(inline) = item.get("inline") {
            job.gates.extend(suspended(inline));
            self.containers(inline, &mut job);
        }
        self.jobs.push(job);
        id
    }

    /// What a template runs itself.
    fn containers(&self, body: Cursor<'_>, job: &mut Job) {
        let own = body.get("volumes").map(|list| {
            let mut volumes = self.volumes.clone();
            volumes.add(Some(list));
            volumes
        });
        let volumes = own.as_ref().unwrap_or(&self.volumes);
        for key in ["initContainers", "sidecars"] {
            let list = body.get(key);
            for item in list.iter().flat_map(Cursor::items) {
                job.images.push(pods::container(item, volumes, true));
            }
        }
        for key in ["container", "script"] {
            if let Some(entry) = body.member(key) {
                job.contexts.extend(pods::given(entry.value));
                job.steps.push(step(&entry, volumes));
            }
        }
        let set = body.at(&["containerSet", "containers"]);
        for item in set.iter().flat_map(Cursor::items) {
            job.steps.push(Step {
                at: item.span(),
                script: pods::script(item),
                env: pods::env(item),
                images: vec![pods::container(item, volumes, false)],
                ..Step::default()
            });
        }
        if let Some(resource) = body.member("resource") {
            job.steps.push(Step {
                at: resource.at,
                uses: Some(resource.value.said("resource".to_owned())),
                with: resource.value.settings(),
                ..Step::default()
            });
        }
    }
}

/// A template of another object, `name/template`.
fn elsewhere(item: Cursor<'_>) -> Option<Text> {
    let template = item.at(&["templateRef", "template"])?.text()?;
    let name = item
        .at(&["templateRef", "name"])
        .and_then(|name| name.str());
    Some(Text {
        text: format!("{}/{}", name.unwrap_or_default(), template.text),
        ..template
    })
}

fn step(entry: &Entry<'_>, volumes: &Volumes) -> Step {
    Step {
        at: entry.at,
        env: pods::env(entry.value),
        script: pods::script(entry.value),
        images: vec![pods::container(entry.value, volumes, false)],
        ..Step::default()
    }
}

/// The tasks that a task of a graph waits for: `dependencies: [a]`, `depends: a && !b.Failed`.
fn dependencies(task: Cursor<'_>) -> Vec<String> {
    let mut out = task
        .get("dependencies")
        .map_or(Vec::new(), |list| list.ids());
    let text = task.get("depends").and_then(|depends| depends.str());
    let word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    for word in text.unwrap_or_default().split(|c| !word(c)) {
        let name = word.split('.').next().unwrap_or_default();
        if !name.is_empty() {
            out.push(name.to_owned());
        }
    }
    out
}

/// `depends: scan.Succeeded || scan.Failed`: it runs though what is before it failed. One
/// that runs only then undoes something as a rule.
fn after_failure(task: Cursor<'_>) -> Option<Lenience> {
    let entry = task.member("depends")?;
    let text = entry.value.str()?;
    let has = |end: &str| text.contains(end);
    let failed = has(".Failed") || has(".Errored");
    let succeeded = has(".Succeeded") || has(".AnySucceeded");
    (failed && succeeded && has("||")).then(|| Lenience {
        key: "depends".into(),
        span: entry.whole(),
    })
}

fn conditions(item: Cursor<'_>) -> Vec<When> {
    let text = item.get("when").and_then(|when| when.text());
    let when = text.map(|text| When {
        text,
        condition: Condition::Unknown,
    });
    when.into_iter().collect()
}

fn lenience(item: Cursor<'_>) -> Option<Lenience> {
    let entry = item.member("continueOn")?;
    let on = |key| entry.value.get(key).and_then(|value| value.truth()) == Some(true);
    (on("failed") || on("error")).then(|| Lenience {
        key: "continueOn".into(),
        span: entry.whole(),
    })
}

fn with(item: Cursor<'_>) -> Vec<Setting> {
    let list = item.at(&["arguments", "parameters"]);
    let items = list.iter().flat_map(Cursor::items);
    items
        .filter_map(|item| {
            let name = item.get("name")?;
            Some(Setting {
                name: name.str()?.to_owned(),
                at: name.span(),
                value: item.get("value")?.text()?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::render::shown;

    #[test]
    fn reads_a_workflow() {
        let text = "\
apiVersion: argoproj.io/v1alpha1
kind: CronWorkflow
metadata: {name: rel}
spec:
  schedule: '0 3 * * *'
  workflowSpec:
    entrypoint: main
    serviceAccountName: deployer
    arguments: {parameters: [{name: env, value: prod}]}
    volumes: [{name: run, hostPath: {path: /var/run/}}]
    templates:
      - name: main
        steps:
          - - name: scan
              template: scan
              continueOn: {failed: true}
          - - {name: ok, template: approve}
          - - name: go
              template: ship
              when: '{{workflow.parameters.env}} == prod'
              arguments: {parameters: [{name: to, value: a}]}
      - name: approve
        suspend: {duration: '60'}
      - name: scan
        container: {image: 'aquasec/trivy:1', args: [fs, .]}
      - name: ship
        serviceAccountName: other
        script:
          image: alpine
          command: [sh]
          source: |
            kubectl apply -f .
          env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]
          volumeMounts: [{name: run, mountPath: /x}]
          securityContext: {privileged: true}
";
        assert_eq!(
            shown("a.yaml", text),
            "\
argo:a.yaml on:schedule=Schedule@5 input:env@9
CronWorkflow/rel/template:main@12 as=deployer@8
CronWorkflow/rel/template:main/task:scan@14 needs:CronWorkflow/rel/main may-fail:continueOn@16 calls=scan@15 as=deployer@8
CronWorkflow/rel/template:main/task:ok@17 needs:CronWorkflow/rel/main/scan gate:timer@23 calls=approve@17 as=deployer@8
CronWorkflow/rel/template:main/task:go@18 needs:CronWorkflow/rel/main/ok if={{workflow.parameters.env}} == prod@20 calls=ship@19 with:to@21=a@21 as=deployer@8
CronWorkflow/rel/template:approve@22 needs:CronWorkflow/rel/main/ok gate:timer@23 as=deployer@8
CronWorkflow/rel/template:scan@24 needs:CronWorkflow/rel/main/scan as=deployer@8
  @25 image=aquasec/trivy:1@25 `trivy fs .`@25
CronWorkflow/rel/template:ship@26 needs:CronWorkflow/rel/main/go as=other@27
  @28 env:A@33=secret:s/k@33 image=alpine@29 power=privileged: true@35 power=hostPath: /var/run/@10 env:A@33=secret:s/k@33 `kubectl apply -f .`@32"
        );
    }

    #[test]
    fn a_graph_may_be_a_circle_and_templates_call_themselves() {
        let text = "\
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: {name: w}
spec:
  templates:
    - name: m
      dag:
        tasks:
          - &t {name: a, depends: 'b.Succeeded || c', template: m}
          - {<<: *t, name: b, depends: a}
          - {name: c, inline: {suspend: {}}}
";
        assert_eq!(
            shown("a.yaml", text),
            "\
argo:a.yaml callable
WorkflowTemplate/w/template:m@6 needs:WorkflowTemplate/w/m/a,WorkflowTemplate/w/m/b
WorkflowTemplate/w/template:m/task:a@9 needs:WorkflowTemplate/w/m/b,WorkflowTemplate/w/m/c calls=m@9
WorkflowTemplate/w/template:m/task:b@10 needs:WorkflowTemplate/w/m/a calls=m@10<9
WorkflowTemplate/w/template:m/task:c@11 needs:WorkflowTemplate/w/m gate:button@11"
        );
    }

    #[test]
    fn what_is_broken_is_passed_over() {
        let text = "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec: {templates: [1, {steps: [[{}], 2]}]}\n";
        shown("a.yaml", text);
        let text = "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec: []\n";
        assert_eq!(shown("a.yaml", text), "argo:a.yaml callable");
    }
}
