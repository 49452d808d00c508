//! `CircleCI`. A job of the model is the use of a job in a workflow; commands of the file
//! are expanded into their steps. Facts: `CircleCI`'s "Configuration reference".

mod steps;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::detect::condition;

use super::cursor::{Cursor, Entry, File};
use super::values::{self, Ids};
use super::{
    GateKind, Image, Input, Job, Pipeline, Setting, System, Text, Trigger, TriggerKind, When,
};

/// Reads `.circleci/config.yml`.
pub(super) fn config<'f>(file: &'f File<'f>) -> Option<Pipeline> {
    let root = file
        .roots()
        .find(|root| root.get("jobs").is_some() || root.get("workflows").is_some())?;
    if root.get("setup").and_then(|setup| setup.truth()) == Some(true) {
        file.note("is a setup configuration: what it generates is not read");
    }
    let mut pipeline = Pipeline::new(System::Circle, "circleci".to_owned());
    let parameters = root.get("parameters");
    let parameters = parameters.iter().flat_map(Cursor::members);
    pipeline.inputs = parameters.map(|entry| input(&entry)).collect();
    let mut reader = Reader::new(root, file);
    let workflows = root.get("workflows");
    let workflows = workflows.iter().flat_map(Cursor::members);
    let workflows: Vec<_> = workflows
        .filter(|entry| entry.value.get("jobs").is_some())
        .collect();
    reader.count_names(&workflows);
    for workflow in &workflows {
        let (triggers, jobs) = reader.workflow(workflow);
        pipeline.triggers.extend(triggers);
        pipeline.jobs.extend(jobs);
    }
    if workflows.is_empty() {
        // Without a workflow it is the job called `build` that runs.
        for entry in root.get("jobs")?.members() {
            let mut job = Job {
                id: entry.key.to_owned(),
                segment: format!("job:{}", entry.key),
                at: entry.at,
                ..Job::default()
            };
            reader.fill(&mut job, entry.value, None);
            pipeline.jobs.push(job);
        }
    }
    Some(pipeline)
}

fn input(entry: &Entry<'_>) -> Input {
    Input {
        name: entry.key.to_owned(),
        span: entry.at,
        default: entry.value.get("default").and_then(|d| d.text()),
        by_person: true,
    }
}

/// Keys of a job's use in a workflow that are no parameters.
const OF_USE: &[&str] = &[
    "requires",
    "context",
    "filters",
    "type",
    "name",
    "matrix",
    "pre-steps",
    "post-steps",
    "serial-group",
    "override-with",
    "when",
    "max_auto_reruns",
];

struct Reader<'f> {
    file: &'f File<'f>,
    jobs: HashMap<&'f str, Entry<'f>>,
    commands: HashMap<String, Cursor<'f>>,
    executors: HashMap<&'f str, Cursor<'f>>,
    orbs: HashMap<&'f str, Cursor<'f>>,
    /// In how many workflows a name stands: only one that stands once is an id.
    names: HashMap<String, usize>,
    ids: Ids,
    /// What stands between the job that is being read and those that it waits for.
    between: Vec<Job>,
}

impl<'f> Reader<'f> {
    fn new(root: Cursor<'f>, file: &'f File<'f>) -> Self {
        let members = |key| root.get(key).into_iter().flat_map(|map| map.members());
        let values = |key| members(key).map(|entry| (entry.key, entry.value));
        let mut commands: HashMap<String, _> = HashMap::new();
        for entry in members("commands") {
            commands.insert(entry.key.to_owned(), entry.value);
        }
        // An orb may be written in the file itself.
        for orb in members("orbs") {
            let own = orb.value.get("commands");
            for entry in own.iter().flat_map(Cursor::members) {
                commands.insert(format!("{}/{}", orb.key, entry.key), entry.value);
            }
        }
        Self {
            file,
            jobs: members("jobs").map(|entry| (entry.key, entry)).collect(),
            commands,
            executors: values("executors").collect(),
            orbs: values("orbs").collect(),
            names: HashMap::new(),
            ids: Ids::default(),
            between: Vec::new(),
        }
    }

    fn count_names(&mut self, workflows: &[Entry<'f>]) {
        for workflow in workflows {
            for item in workflow.value.get("jobs").iter().flat_map(Cursor::items) {
                if let Some(used) = Use::of(item) {
                    *self.names.entry(used.name).or_default() += 1;
                }
            }
        }
    }

    /// What a job of this name is called by others.
    fn id(&self, workflow: &str, name: &str) -> String {
        if self.names.get(name).is_some_and(|count| *count > 1) {
            format!("{workflow}/{name}")
        } else {
            name.to_owned()
        }
    }

    fn workflow(&mut self, entry: &Entry<'f>) -> (Vec<Trigger>, Vec<Job>) {
        let body = entry.value;
        let mut triggers = Vec::new();
        for item in body.get("triggers").iter().flat_map(Cursor::items) {
            if let Some(schedule) = item.member("schedule") {
                let only = schedule.value.at(&["filters", "branches", "only"]);
                let branches = only.map_or(Vec::new(), |only| only.ids());
                let kind = TriggerKind::Schedule;
                triggers.push(values::trigger(kind, "schedule", schedule.at, branches));
            }
        }
        if triggers.is_empty() {
            let push = values::trigger(TriggerKind::Push, "push", entry.at, Vec::new());
            triggers.push(push);
        }
        let unless = values::condition(body.member("unless"), condition::circle::condition);
        let when = values::condition(body.member("when"), condition::circle::condition);
        let conditions = when.into_iter().chain(unless.map(When::negated));
        let conditions: Vec<When> = conditions.collect();
        let cost = conditions.iter().map(When::cost).sum();
        let mut jobs = Vec::new();
        for item in body.get("jobs").iter().flat_map(Cursor::items) {
            if !self.file.spend(cost) {
                break;
            }
            if let Some(used) = Use::of(item) {
                let job = self.used(entry.key, &used, &triggers, &conditions);
                jobs.append(&mut self.between);
                jobs.push(job);
            }
        }
        hold(&mut jobs);
        (triggers, jobs)
    }

    fn used(
        &mut self,
        workflow: &str,
        used: &Use<'f>,
        triggers: &[Trigger],
        conditions: &[When],
    ) -> Job {
        let with = used.with;
        let get = |key| with.and_then(|with| with.get(key));
        let id = self.id(workflow, &used.name);
        let mut job = Job {
            id: self.ids.once(id),
            segment: format!("workflow:{workflow}/job:{}", used.name),
            at: used.at,
            conditions: conditions.to_vec(),
            triggers: filtered(get("filters"), triggers),
            contexts: get("context").map_or(Vec::new(), |context| context.texts()),
            ..Job::default()
        };
        for required in get("requires").iter().flat_map(Cursor::one_or_many) {
            if let Some(name) = required.str() {
                job.needs.push(self.id(workflow, name));
            }
            // `requires: [{scan: [failed, success]}]`
            for entry in required.members() {
                job.needs.push(self.id(workflow, entry.key));
                let statuses = entry.value.ids();
                let other = |s: &String| matches!(s.as_str(), "failed" | "terminal" | "canceled");
                if statuses.iter().any(other)
                    && let Some(required) = job.needs.last_mut()
                {
                    *required = self.lenient(required, &entry);
                }
            }
        }
        let given = with.iter().flat_map(Cursor::members);
        let given = given.filter(|entry| !OF_USE.contains(&entry.key));
        job.with = given.map(|entry| values::setting(&entry)).collect();
        if let Some(matrix) = get("matrix").and_then(|matrix| matrix.get("parameters")) {
            job.with.extend(values::settings(matrix));
        }
        let of_type = get("type").and_then(|of| of.text());
        if of_type.as_ref().is_some_and(|of| of.text == "approval") {
            job.gates.push(values::gate(job.at, Vec::new()));
            return job;
        }
        if let Some(entry) = self.jobs.get(used.job).copied() {
            job.defined = Some(super::Spot::Here(entry.at));
            self.fill(&mut job, entry.value, with);
        } else if let Some((orb, rest)) = used.job.split_once('/') {
            let version = self.orbs.get(orb).and_then(Cursor::str);
            let named =
                version.map_or_else(|| used.job.to_owned(), |version| orb_name(version, rest));
            job.calls = Some(Text {
                text: named,
                span: used.at,
                defined: None,
            });
            self.around(&mut job, with);
        }
        job
    }

    /// What waits for one job and goes on though it failed, as a job between the two: an
    /// approval that is waited for besides still holds.
    fn lenient(&mut self, required: &str, entry: &Entry<'f>) -> String {
        let id = self.ids.once(format!("after {required}"));
        self.between.push(Job {
            id: id.clone(),
            at: entry.at,
            needs: vec![required.to_owned()],
            despite: Some(values::lenience(entry, "requires")),
            ..Job::default()
        });
        id
    }

    /// What a job's definition says.
    fn fill(&mut self, job: &mut Job, body: Cursor<'f>, with: Option<Cursor<'f>>) {
        if body.get("type").and_then(|of| of.str()) == Some("approval") {
            job.gates.push(values::gate(job.at, Vec::new()));
        }
        defaults(body, &mut job.with);
        let by_name = body.get("executor").and_then(|executor| {
            let name = executor.text().or_else(|| executor.get("name")?.text())?;
            let name = steps::filled(&name.text, &job.with);
            Some(self.executors.get(name.as_str())?.used_at(executor.span()))
        });
        // The job's own keys stand last, so that they are found first.
        for place in by_name.into_iter().chain([body]) {
            let cost = place.node().span.len();
            if !self.file.spend(cost.min(2_000)) {
                break;
            }
            if let Some(env) = place.get("environment") {
                job.env.extend(values::variables(env));
            }
            job.images.extend(images(place));
            job.runner.extend(runner(place));
        }
        let mut out = Vec::new();
        let scope = steps::Scope::default();
        let pre = with.and_then(|with| with.get("pre-steps"));
        let post = with.and_then(|with| with.get("post-steps"));
        for list in [pre, body.get("steps"), post].into_iter().flatten() {
            self.steps(list, &scope, 0, &mut out);
        }
        job.steps = out;
    }

    /// The steps around an orb's job.
    fn around(&mut self, job: &mut Job, with: Option<Cursor<'f>>) {
        let scope = steps::Scope::default();
        for key in ["pre-steps", "post-steps"] {
            if let Some(list) = with.and_then(|with| with.get(key)) {
                self.steps(list, &scope, 0, &mut job.steps);
            }
        }
    }
}

/// `circleci/aws-cli@4.1`, `setup` → `circleci/aws-cli/setup@4.1`.
fn orb_name(orb: &str, rest: &str) -> String {
    let (name, version) = orb.split_once('@').unwrap_or((orb, ""));
    format!("{name}/{rest}@{version}")
}

/// The use of a job in a workflow: its name alone, or with what it is given.
struct Use<'f> {
    job: &'f str,
    /// Its name there.
    name: String,
    at: crate::document::Span,
    with: Option<Cursor<'f>>,
}

impl<'f> Use<'f> {
    fn of(item: Cursor<'f>) -> Option<Self> {
        if let Some(job) = item.str() {
            return Some(Self {
                job,
                name: job.to_owned(),
                at: item.span(),
                with: None,
            });
        }
        let entry = item.members().next()?;
        let alias = entry.value.at(&["matrix", "alias"]);
        let name = entry.value.get("name").or(alias);
        Some(Self {
            job: entry.key,
            name: name.and_then(|n| n.str()).unwrap_or(entry.key).to_owned(),
            at: entry.at,
            with: Some(entry.value),
        })
    }
}

/// A button is held to people who are named where what follows is given a context: its
/// settings may name them. Without one anyone who may push presses it.
fn hold(jobs: &mut [Job]) {
    let followed: Vec<String> = jobs
        .iter()
        .filter(|job| !job.contexts.is_empty())
        .flat_map(|job| job.needs.iter().cloned())
        .collect();
    let followed: std::collections::HashSet<String> = followed.into_iter().collect();
    for job in jobs.iter_mut().filter(|job| followed.contains(&job.id)) {
        for gate in &mut job.gates {
            gate.kind = GateKind::Approval;
        }
    }
}

/// A workflow's triggers, as a job's filters narrow them. Tags start a job only if it
/// names some.
fn filtered(filters: Option<Cursor<'_>>, triggers: &[Trigger]) -> Vec<Trigger> {
    let Some(filters) = filters else {
        return triggers.to_vec();
    };
    let all = |value: Option<Cursor<'_>>| {
        value.is_some_and(|v| {
            v.ids()
                .iter()
                .any(|p| matches!(p.as_str(), "/.*/" | "/.+/" | "*"))
        })
    };
    let mut out = Vec::new();
    if !all(filters.at(&["branches", "ignore"])) {
        let only = filters.at(&["branches", "only"]);
        let only = only.filter(|only| !all(Some(*only)));
        for trigger in triggers {
            let mut trigger = trigger.clone();
            if let Some(only) = only {
                trigger.branches = only.ids();
                trigger.span = only.span();
            }
            out.push(trigger);
        }
    }
    let tags = filters.member("tags");
    if let Some(tags) = tags.filter(|tags| !all(tags.value.get("ignore"))) {
        out.push(values::trigger(
            TriggerKind::Release,
            "tag",
            tags.at,
            Vec::new(),
        ));
    }
    out
}

/// The parameters that nobody gives have their defaults. One that holds a variable's name
/// is read as that variable.
fn defaults(body: Cursor<'_>, with: &mut Vec<Setting>) {
    for entry in body.get("parameters").iter().flat_map(Cursor::members) {
        let given = with.iter().rposition(|setting| setting.name == entry.key);
        let given = given.or_else(|| {
            let default = entry.value.member("default")?;
            with.push(Setting {
                name: entry.key.to_owned(),
                ..default.setting()
            });
            Some(with.len() - 1)
        });
        let by_name = entry.value.get("type").and_then(|of| of.str()) == Some("env_var_name");
        if let Some(setting) = given.and_then(|at| with.get_mut(at))
            && by_name
            && !setting.value.text.starts_with(['$', '<'])
        {
            setting.value.text.insert(0, '$');
        }
    }
}

fn images(body: Cursor<'_>) -> Vec<Image> {
    let docker = body.get("docker");
    let docker = docker.iter().flat_map(Cursor::items);
    docker
        .enumerate()
        .map(|(number, item)| Image {
            name: item.get("image").and_then(|i| i.text()).unwrap_or_default(),
            // All but the first run beside the job.
            service: number > 0,
            password: item.at(&["auth", "password"]).and_then(|p| p.text()),
            env: item
                .get("environment")
                .map_or(Vec::new(), values::variables),
            ..Image::default()
        })
        .collect()
}

/// The machine; a resource class in somebody's namespace is one of their own.
fn runner(body: Cursor<'_>) -> Vec<Text> {
    let mut out = Vec::new();
    let class = body.get("resource_class").and_then(|class| class.text());
    if let Some(class) = class {
        if class.text.contains('/') {
            out.push(Text {
                text: "self-hosted".to_owned(),
                ..class.clone()
            });
        }
        out.push(class);
    }
    for key in ["machine", "macos"] {
        if let Some(machine) = body.member(key) {
            out.push(Text {
                text: key.to_owned(),
                span: machine.at,
                defined: None,
            });
        }
    }
    out
}
