//! Azure Pipelines: stages, jobs and steps, and the templates of all three.
//!
//! A template is a file that is read by itself; what uses it calls it, as a job or step
//! that says `./path`. Only variables are taken over from one. Where the file names no
//! trigger, a push to any branch starts it.
//!
//! Facts: Microsoft Learn, "YAML schema reference for Azure Pipelines", "Templates",
//! "Define approvals and checks", "Manual Validation task".

mod branches;
mod order;
mod steps;
mod triggers;
mod variables;

use crate::detect::condition;
use std::cell::Cell;

use super::containers::{is_powerful, reaches_host};
use super::cursor::{Cursor, File};
use super::references::azure_template;
use super::values;
use super::{
    Environment, Gate, GateKind, Image, Input, Job, Lenience, Pipeline, Setting, Step, System,
    Text, When,
};
use crate::document::neighbours::folder;
use branches::{Part, get, items, member, members};
use order::Stage;

/// How many settings and contexts jobs may take over from their stages and the pipeline.
const MOST_TAKEN: usize = 100_000;

/// How long a text is that counts for one more.
const TEXT: usize = 64;

/// What a job takes from its stage and the pipeline.
#[derive(Clone, Default)]
struct Scope<'f> {
    conditions: Vec<When>,
    env: Vec<Setting>,
    contexts: Vec<Text>,
    pool: Option<Cursor<'f>>,
    segment: String,
    /// How much that is.
    weight: usize,
}

impl Scope<'_> {
    fn weighed(mut self) -> Self {
        let texts = self.conditions.iter().map(|when| &when.text);
        let texts = texts.chain(self.env.iter().map(|set| &set.value));
        let texts = texts.chain(&self.contexts);
        self.weight = texts.map(|text| 1 + text.text.len() / TEXT).sum();
        self
    }
}

/// What is needed on the way through a file.
struct Reader<'f> {
    file: &'f File<'f>,
    root: Cursor<'f>,
    /// What may still be taken over.
    left: Cell<usize>,
}

/// Reads a pipeline or a template.
pub(super) fn pipeline<'f>(file: &'f File<'f>) -> Option<Pipeline> {
    let is = |root: &Cursor<'f>| {
        ["stages", "jobs", "steps", "extends", "variables"]
            .iter()
            .any(|key| get(*root, key).is_some())
    };
    let root = file.roots().find(is)?;
    let reader = Reader {
        file,
        root,
        left: Cell::new(MOST_TAKEN + file.bytes().len()),
    };
    let mut pipeline = Pipeline::new(System::Azure, format!("azure:pipeline:{}", file.name()));
    // A template can't have these keys.
    let main = [
        "trigger",
        "pr",
        "schedules",
        "resources",
        "pool",
        "extends",
        "name",
    ];
    pipeline.callable =
        !file.name().contains("azure-pipelines") && !main.iter().any(|key| root.get(key).is_some());
    pipeline.triggers = triggers::read(root);
    pipeline.inputs = inputs(root, !pipeline.callable);
    let (env, contexts) = variables::read(file, root, &reader.left);
    pipeline.env = env;
    let scope = Scope {
        contexts,
        pool: get(root, "pool"),
        ..Scope::default()
    };
    let scope = scope.weighed();
    let mut stages = Vec::new();
    if let Some(list) = get(root, "stages") {
        for part in items(list) {
            stages.push(reader.stage(&part, &scope));
        }
    } else if let Some(list) = get(root, "jobs") {
        stages.push(reader.jobs(list, &scope));
    } else if let Some(steps) = member(root, "steps") {
        let mut job = reader.scoped(&scope);
        job.at = steps.at;
        job.runner = runner(scope.pool);
        reader.fill(&mut job, steps.value);
        stages.push(Stage::of(vec![job]));
    } else if let Some(extends) = get(root, "extends") {
        stages.push(Stage::of(
            reader
                .template(extends, &[], &scope, "")
                .into_iter()
                .collect(),
        ));
    }
    pipeline.jobs = order::jobs(file, stages);
    values::fill(&mut pipeline, ("${{", "}}"), "parameters");
    Some(pipeline)
}

/// `parameters: [{name: …}]`, or `parameters: {name: default}` in older templates.
fn inputs(root: Cursor<'_>, by_person: bool) -> Vec<Input> {
    let Some(parameters) = root.get("parameters") else {
        return Vec::new();
    };
    let listed = parameters.items().filter_map(|item| {
        let name = item.get("name")?;
        Some(Input {
            name: name.str()?.to_owned(),
            span: name.span(),
            default: item.get("default").and_then(|default| default.text()),
            by_person,
        })
    });
    let keyed = parameters.members().map(|entry| Input {
        name: entry.key.to_owned(),
        span: entry.at,
        default: entry.value.text(),
        by_person,
    });
    listed.chain(keyed).collect()
}

impl<'f> Reader<'f> {
    fn stage(&self, part: &Part<'f>, above: &Scope<'f>) -> Stage {
        let body = part.value;
        if get(body, "template").is_some() {
            let job = self.template(body, &part.conditions, above, "stage");
            return Stage::of(job.into_iter().collect());
        }
        let name = get(body, "stage")
            .and_then(|name| name.str())
            .unwrap_or_default();
        let mut scope = self.taken(above);
        scope.conditions.extend(part.conditions.iter().cloned());
        scope.conditions.extend(condition(body));
        scope.pool = get(body, "pool").or(above.pool);
        scope.segment = if name.is_empty() {
            String::new()
        } else {
            format!("stage:{name}")
        };
        let (env, contexts) = variables::read(self.file, body, &self.left);
        scope.env = env;
        scope.contexts.extend(contexts);
        let scope = scope.weighed();
        let jobs = get(body, "jobs");
        let mut stage = jobs.map_or_else(Stage::default, |list| self.jobs(list, &scope));
        name.clone_into(&mut stage.name);
        stage.after(member(body, "dependsOn"));
        stage
    }

    fn jobs(&self, list: Cursor<'f>, scope: &Scope<'f>) -> Stage {
        let jobs = items(list).into_iter().filter_map(|part| {
            if get(part.value, "template").is_some() {
                self.template(part.value, &part.conditions, scope, "job")
            } else {
                self.job(&part, scope)
            }
        });
        Stage::of(jobs.collect())
    }

    /// What is taken from around, as long as there is room for it.
    fn taken(&self, scope: &Scope<'f>) -> Scope<'f> {
        if let Some(left) = self.left.get().checked_sub(scope.weight) {
            self.left.set(left);
            return scope.clone();
        }
        self.file
            .note("has stages that give their jobs more than is read");
        Scope {
            pool: scope.pool,
            segment: scope.segment.clone(),
            ..Scope::default()
        }
    }

    /// A job with what it takes from around it.
    fn scoped(&self, scope: &Scope<'f>) -> Job {
        let scope = self.taken(scope);
        Job {
            conditions: scope.conditions,
            env: scope.env,
            contexts: scope.contexts,
            segment: scope.segment,
            ..Job::default()
        }
    }

    fn job(&self, part: &Part<'f>, scope: &Scope<'f>) -> Option<Job> {
        let body = part.value;
        let key = member(body, "job").or_else(|| member(body, "deployment"))?;
        let name = key.value.text();
        let mut job = self.scoped(scope);
        job.at = name.as_ref().map_or(key.at, |name| name.span);
        job.id = name.map_or(String::new(), |name| name.text);
        job.defined = body.defined();
        job.name = get(body, "displayName").and_then(|name| name.text());
        let shown = job.name.as_ref().filter(|_| job.id.is_empty());
        let label = shown.map_or(&job.id, |name| &name.text);
        push_segment(&mut job.segment, "job", label);
        job.needs = get(body, "dependsOn").map_or(Vec::new(), |needs| needs.ids());
        job.conditions.extend(part.conditions.iter().cloned());
        job.conditions.extend(condition(body));
        job.may_fail = lenience(body);
        if key.key == "deployment" {
            job.environment = get(body, "environment").and_then(environment);
        }
        job.runner = runner(get(body, "pool").or(scope.pool));
        let (env, contexts) = variables::read(self.file, body, &self.left);
        job.env.extend(variables::matrix(body));
        job.env.extend(env);
        job.contexts.extend(contexts);
        job.images = self.images(body);
        for steps in steps::lists(body) {
            self.fill(&mut job, steps);
        }
        Some(job)
    }

    /// Adds steps, and what they say of their job.
    fn fill(&self, job: &mut Job, list: Cursor<'f>) {
        for part in items(list) {
            let step = steps::read(self.file, &part);
            job.gates.extend(gate(&step));
            job.contexts.extend(steps::connections(&step));
            job.steps.push(step);
        }
    }

    /// What is used of another file, as a job that calls it.
    fn template(
        &self,
        body: Cursor<'f>,
        conditions: &[When],
        scope: &Scope<'f>,
        what: &str,
    ) -> Option<Job> {
        let path = get(body, "template")?.text()?;
        let mut job = self.scoped(scope);
        job.at = path.span;
        push_segment(&mut job.segment, "template", &path.text);
        job.conditions.extend(conditions.iter().cloned());
        job.needs = if what == "job" {
            get(body, "dependsOn").map_or(Vec::new(), |needs| needs.ids())
        } else {
            Vec::new()
        };
        job.calls = Some(called(self.file, path));
        job.with = settings(get(body, "parameters"));
        Some(job)
    }

    /// The container of a job and the services beside it, which may be named among the
    /// resources.
    fn images(&self, body: Cursor<'f>) -> Vec<Image> {
        let own = get(body, "container").map(|value| self.image(value, false));
        let services = get(body, "services");
        let services = services.iter().flat_map(Cursor::members);
        own.into_iter()
            .chain(services.map(|service| self.image(service.value, true)))
            .collect()
    }

    fn image(&self, value: Cursor<'f>, service: bool) -> Image {
        let named = value.str().and_then(|name| {
            let all = self.root.at(&["resources", "containers"])?;
            let mut all = all.items().take(100);
            all.find(|item| item.get("container").and_then(|c| c.str()) == Some(name))
        });
        let named = named.map(|found| found.used_at(value.span()));
        let body = named.unwrap_or(value);
        let mut powers = Vec::new();
        let options = body.get("options").and_then(|options| options.text());
        powers.extend(options.filter(|options| is_powerful(&options.text)));
        let volumes = body.get("volumes").map_or(Vec::new(), |list| list.texts());
        powers.extend(volumes.into_iter().filter(|v| reaches_host(&v.text)));
        let name = body.get("image").and_then(|image| image.text());
        Image {
            name: name.or_else(|| value.text()).unwrap_or_default(),
            service,
            powers,
            password: None,
            env: settings(body.get("env")),
        }
    }
}

fn push_segment(segment: &mut String, what: &str, name: &str) {
    if name.is_empty() {
        return;
    }
    if !segment.is_empty() {
        segment.push('/');
    }
    segment.push_str(what);
    segment.push(':');
    segment.push_str(name);
}

/// The path of a template as `./path`, seen from the root; one of another repository as
/// it is written.
fn called(file: &File<'_>, path: Text) -> Text {
    let Some(found) = azure_template(folder(file.path()), &path.text) else {
        file.note(if path.text.contains('@') {
            "uses templates of other repositories: they are not read"
        } else {
            "uses templates whose names it computes: they are not read"
        });
        return path;
    };
    if file
        .neighbours()
        .is_some_and(|all| all.get(&found).is_none())
    {
        file.note("uses templates that the project does not have: they are not read");
    }
    Text {
        text: format!("./{found}"),
        ..path
    }
}

fn settings(mapping: Option<Cursor<'_>>) -> Vec<Setting> {
    mapping.map_or(Vec::new(), |mapping| {
        members(mapping)
            .iter()
            .map(super::cursor::Entry::setting)
            .collect()
    })
}

fn condition(body: Cursor<'_>) -> Option<When> {
    let text = get(body, "condition")?.text()?;
    Some(When {
        condition: condition::azure::condition(&text.text),
        text,
    })
}

fn lenience(body: Cursor<'_>) -> Option<Lenience> {
    let entry = member(body, "continueOnError")?;
    (entry.value.truth() == Some(true)).then(|| Lenience {
        key: "continueOnError".into(),
        span: entry.whole(),
    })
}

/// Approvals and other checks are set on the environment itself.
fn environment(value: Cursor<'_>) -> Option<Environment> {
    let name = value.text().or_else(|| get(value, "name")?.text())?;
    Some(Environment {
        name,
        can_hold: true,
        only_named: false,
    })
}

/// `vmImage` is a machine for one job; a pool that is named is one of the project's own,
/// but for Microsoft's.
fn runner(pool: Option<Cursor<'_>>) -> Vec<Text> {
    let Some(pool) = pool else { return Vec::new() };
    let name = pool.text().or_else(|| get(pool, "name")?.text());
    let name = name.map(|name| {
        let theirs = name.text == "server"
            || name.text.starts_with("Azure Pipelines")
            || name.text.starts_with("Hosted ")
            || name.text.contains('$');
        let text = if theirs {
            name.text
        } else {
            format!("pool:{}", name.text)
        };
        Text { text, ..name }
    });
    let image = get(pool, "vmImage").and_then(|image| image.text());
    name.into_iter().chain(image).collect()
}

/// A step that waits: for a person, or for some time.
fn gate(step: &Step) -> Vec<Gate> {
    let Some(uses) = &step.uses else {
        return Vec::new();
    };
    let gate = |kind, approvers| Gate {
        kind,
        span: uses.span,
        approvers,
    };
    match step.action().unwrap_or_default().as_str() {
        "manualvalidation" => {
            let named = step
                .input("approvers")
                .or_else(|| step.input("notifyUsers"));
            let named = named.filter(|named| !named.value.text.trim().is_empty());
            let approvers = named.map(|named| named.value.clone());
            let mut out = vec![gate(GateKind::Approval, approvers.into_iter().collect())];
            // It goes on by itself when nobody has answered.
            let resumes = step.input("onTimeout");
            if resumes.is_some_and(|resumes| resumes.value.text.eq_ignore_ascii_case("resume")) {
                out.push(gate(GateKind::Timer, Vec::new()));
            }
            out
        }
        "delay" => vec![gate(GateKind::Timer, Vec::new())],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
