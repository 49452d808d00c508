//! Buildkite. Facts: Buildkite's "Defining steps" and the pages of each kind of step.

use crate::detect::condition::{self, Condition};
use crate::document::Node;

use super::containers::{is_powerful, reaches_host};
use super::cursor::{Cursor, Entry, File};
use super::values::{self, Ids};
use super::{
    Image, Input, Job, Lenience, Pipeline, Setting, Step, System, Text, Trigger, TriggerKind, When,
};

/// Reads a pipeline: a mapping with steps, or the list of them.
pub(super) fn steps<'f>(file: &'f File<'f>) -> Option<Pipeline> {
    let root = file
        .roots()
        .find(|root| root.get("steps").is_some() || root.items().next().is_some())?;
    let mut pipeline = Pipeline::new(System::Buildkite, format!("buildkite:{}", file.name()));
    pipeline.env = root.get("env").map_or(Vec::new(), values::variables);
    let mut reader = Reader {
        pipeline,
        agents: root.get("agents"),
        ids: Ids::default(),
        barrier: None,
        since: Vec::new(),
    };
    let list = root.get("steps").unwrap_or(root);
    for item in list.items() {
        reader.item(item, None);
    }
    Some(reader.pipeline)
}

struct Reader<'f> {
    pipeline: Pipeline,
    agents: Option<Cursor<'f>>,
    ids: Ids,
    /// The last `wait`, `block` or `input`: what follows waits for it.
    barrier: Option<String>,
    /// The jobs since then.
    since: Vec<String>,
}

/// The group that a step stands in.
#[derive(Clone, Copy)]
struct Group<'g> {
    body: Cursor<'g>,
}

const BARRIERS: &[&str] = &["wait", "waiter", "block", "manual", "input"];

impl<'f> Reader<'f> {
    fn item(&mut self, item: Cursor<'f>, group: Option<Group<'f>>) {
        if let Some(word) = item.str() {
            let known = BARRIERS.iter().find(|known| **known == word);
            if let Some(kind) = known {
                self.barrier(kind, item, None);
            }
            return;
        }
        if let Some(entry) = item.member("group").filter(|_| group.is_none()) {
            self.group(item, &entry);
            return;
        }
        let of_type = item.get("type").and_then(|of| of.str());
        let kind = BARRIERS
            .iter()
            .find(|kind| item.get(kind).is_some() || of_type == Some(**kind));
        // `command: x` may be called `input` in an old file; a command decides.
        if let Some(kind) = kind.filter(|_| item.get("command").is_none()) {
            let entry = item.member(kind);
            self.barrier(kind, item, entry);
            return;
        }
        if item.members().next().is_some() {
            self.job(item, group);
        }
    }

    fn group(&mut self, item: Cursor<'f>, entry: &Entry<'f>) {
        let first = self.pipeline.jobs.len();
        for inner in item.get("steps").iter().flat_map(Cursor::items) {
            self.item(inner, Some(Group { body: item }));
        }
        // Others wait for a group by its key.
        if let Some(key) = item.get("key").and_then(|key| key.str()) {
            let jobs = self.pipeline.jobs.iter().skip(first);
            let needs = jobs.map(|job| job.id.clone()).collect();
            let id = self.ids.once(key.to_owned());
            self.pipeline.jobs.push(Job {
                id,
                at: entry.at,
                needs,
                ..Job::default()
            });
        }
    }

    fn needs(&mut self, item: Cursor<'f>) -> Vec<String> {
        let Some(on) = item.get("depends_on") else {
            return self.barrier.iter().cloned().collect();
        };
        let mut needs = Vec::new();
        for one in on.one_or_many() {
            let Some(step) = one.str().or_else(|| one.get("step")?.str()) else {
                continue;
            };
            let allowed = one
                .member("allow_failure")
                .filter(|on| on.value.truth() == Some(true));
            needs.push(match allowed {
                Some(entry) => self.lenient(step, &entry),
                None => step.to_owned(),
            });
        }
        needs
    }

    /// What waits for one step and goes on though it failed, as a job between the two:
    /// the failure of others that a step waits for still stops it.
    fn lenient(&mut self, step: &str, entry: &Entry<'f>) -> String {
        let id = self.ids.once(format!("after {step}"));
        self.pipeline.jobs.push(Job {
            id: id.clone(),
            at: entry.at,
            needs: vec![step.to_owned()],
            despite: Some(values::lenience(entry, "allow_failure")),
            ..Job::default()
        });
        id
    }

    /// A step that all later ones wait for, once all earlier ones are done.
    fn barrier(&mut self, kind: &str, item: Cursor<'f>, entry: Option<Entry<'f>>) {
        let key = item.get("key").or_else(|| item.get("id"));
        let label = entry.and_then(|entry| entry.value.text());
        let label = label.or_else(|| item.get("label")?.text());
        let named = key.and_then(|key| key.str()).map(str::to_owned);
        let named = named.or_else(|| Some(label.as_ref()?.text.clone()));
        let mut needs = self.needs(item);
        if item.get("depends_on").is_none() {
            needs.append(&mut self.since);
        }
        let at = entry.map_or(item.span(), |entry| entry.at);
        let mut job = Job {
            id: self.ids.once(named.unwrap_or_else(|| kind.to_owned())),
            at,
            name: label,
            needs,
            conditions: conditions(item),
            triggers: branches(item),
            ..Job::default()
        };
        job.segment = format!("{kind}:{}", job.id);
        if matches!(kind, "wait" | "waiter") {
            let on = item.member("continue_on_failure");
            job.despite = on
                .filter(|on| on.value.truth() == Some(true))
                .map(|on| values::lenience(&on, "continue_on_failure"));
        } else {
            let approvers = item.get("allowed_teams").map_or(Vec::new(), |t| t.texts());
            job.gates.push(values::gate(at, approvers));
            let fields = item.get("fields");
            let fields = fields.iter().flat_map(Cursor::items);
            self.pipeline.inputs.extend(fields.filter_map(field));
        }
        self.since.clear();
        self.barrier = Some(job.id.clone());
        self.pipeline.jobs.push(job);
    }

    fn job(&mut self, item: Cursor<'f>, group: Option<Group<'f>>) {
        let label = ["label", "name"]
            .iter()
            .find_map(|key| item.get(key)?.text());
        let key = ["key", "id", "identifier"]
            .iter()
            .find_map(|key| item.get(key)?.str());
        let trigger = item.get("trigger").and_then(|slug| slug.text());
        let named = key.or_else(|| label.as_ref().map(|label| label.text.as_str()));
        let id = self.ids.once(named.unwrap_or("step").trim().to_owned());
        let mut conditions = conditions(item);
        let mut needs = self.needs(item);
        if let Some(group) = group {
            let shared = self::conditions(group.body);
            if item.file().spend(shared.iter().map(When::cost).sum()) {
                conditions.extend(shared);
            }
            if item.get("depends_on").is_none() {
                needs = self.needs(group.body);
            }
        }
        let mut triggers = started(&conditions);
        if triggers.is_empty() {
            triggers = branches(item);
        }
        let first = item.members().next().map(|entry| entry.at);
        let mut steps = Vec::new();
        let mut images: Vec<Image> = item
            .get("image")
            .and_then(|image| image.text())
            .map(|name| Image {
                name,
                ..Image::default()
            })
            .into_iter()
            .collect();
        plugins(item, &mut steps, &mut images);
        for key in ["command", "commands"] {
            if let Some(list) = item.get(key) {
                steps.extend(values::scripts(list));
            }
        }
        upload(item, &steps);
        let job = Job {
            segment: format!("step:{id}"),
            at: first.unwrap_or_else(|| item.span()),
            name: label,
            needs,
            conditions,
            triggers,
            may_fail: soft_fail(item),
            despite: item
                .member("allow_dependency_failure")
                .filter(|on| on.value.truth() == Some(true))
                .map(|on| values::lenience(&on, "allow_dependency_failure")),
            env: env(item),
            runner: agents(item.get("agents").or(self.agents)),
            images,
            calls: trigger,
            with: item.get("build").map_or(Vec::new(), values::settings),
            steps,
            id,
            ..Job::default()
        };
        self.since.push(job.id.clone());
        self.pipeline.jobs.push(job);
    }
}

/// A field of a form that a person fills in.
fn field(item: Cursor<'_>) -> Option<Input> {
    let name = item.get("key")?.text()?;
    Some(Input {
        name: name.text,
        span: name.span,
        default: item.get("default").and_then(|d| d.text()),
        by_person: true,
    })
}

fn read(node: &Node) -> Condition {
    node.text()
        .map_or(Condition::Unknown, condition::buildkite::condition)
}

/// `if`, and `skip`, which is a condition that never holds.
fn conditions(item: Cursor<'_>) -> Vec<When> {
    let skip = item
        .member("skip")
        .filter(|skip| skip.value.truth() != Some(false) && skip.value.text().is_some())
        .map(|skip| When {
            condition: Condition::constant(false),
            text: Text {
                text: "false".to_owned(),
                span: skip.at,
                defined: None,
            },
        });
    let own = values::condition(item.member("if"), read);
    own.into_iter().chain(skip).collect()
}

/// What starts a step, where its conditions ask for that alone: `build.source == "api"`.
/// A webhook of the repository's says nothing that the pipeline doesn't.
fn started(conditions: &[When]) -> Vec<Trigger> {
    const KINDS: &[(&str, TriggerKind)] = &[
        ("schedule", TriggerKind::Schedule),
        ("api", TriggerKind::External),
        ("trigger_job", TriggerKind::Pipeline),
        ("ui", TriggerKind::Manual),
    ];
    values::started(conditions, &["build", "source"], KINDS)
}

/// `branches: main release/*`.
fn branches(item: Cursor<'_>) -> Vec<Trigger> {
    let Some(entry) = item.member("branches") else {
        return Vec::new();
    };
    let texts = entry.value.texts();
    let words = texts.iter().flat_map(|text| text.text.split_whitespace());
    let branches = words.map(str::to_owned).collect();
    vec![values::trigger(
        TriggerKind::Push,
        "branches",
        entry.at,
        branches,
    )]
}

/// A failure that counts for nothing, whatever it is: some exit codes only are a choice.
fn soft_fail(item: Cursor<'_>) -> Option<Lenience> {
    let entry = item.member("soft_fail")?;
    let any = entry.value.truth() == Some(true)
        || entry.value.items().any(|one| {
            let status = one.get("exit_status");
            status.and_then(|status| status.str()) == Some("*")
        });
    any.then(|| values::lenience(&entry, "soft_fail"))
}

/// Variables, and the secrets that a step is given by name.
fn env(item: Cursor<'_>) -> Vec<Setting> {
    let mut out = item.get("env").map_or(Vec::new(), values::variables);
    if let Some(secrets) = item.get("secrets") {
        for name in secrets.one_or_many().filter_map(|one| one.text()) {
            out.push(values::stored(name.text.clone(), name.span, name));
        }
        for entry in secrets.members() {
            if let Some(name) = entry.value.text() {
                out.push(values::stored(entry.key.to_owned(), entry.at, name));
            }
        }
    }
    out
}

/// `agents: {queue: deploy}`, `agents: [queue=deploy]`.
fn agents(value: Option<Cursor<'_>>) -> Vec<Text> {
    let Some(value) = value.filter(|value| value.file().spend(value.node().span.len())) else {
        return Vec::new();
    };
    let mut out = value.texts();
    for setting in value.members().map(|entry| entry.setting()) {
        out.push(Text {
            text: format!("{}={}", setting.name, setting.value.text),
            ..setting.value
        });
    }
    out
}

/// A list of names, of mappings from a name to settings, or one such mapping.
fn plugins(item: Cursor<'_>, steps: &mut Vec<Step>, images: &mut Vec<Image>) {
    let Some(plugins) = item.get("plugins") else {
        return;
    };
    for plugin in plugins.one_or_many() {
        if let Some(uses) = plugin.text() {
            steps.push(plugin_step(uses, Vec::new()));
        }
        for entry in plugin.members() {
            let uses = Text {
                text: entry.key.to_owned(),
                span: entry.at,
                defined: None,
            };
            let name = bare(entry.key);
            if matches!(name, "docker" | "docker-compose" | "k8s" | "kubernetes") {
                images.push(container(entry.value));
            }
            steps.push(plugin_step(uses, values::settings(entry.value)));
        }
    }
}

fn plugin_step(uses: Text, with: Vec<Setting>) -> Step {
    Step {
        segment: format!("plugin:{}", bare(&uses.text)),
        at: uses.span,
        uses: Some(uses),
        with,
        ..Step::default()
    }
}

/// `docker#v5.0.0`, `https://github.com/buildkite-plugins/docker-buildkite-plugin.git`.
fn bare(plugin: &str) -> &str {
    let name = plugin.split('#').next().unwrap_or(plugin);
    let name = name.rsplit('/').next().unwrap_or(name);
    let name = name.strip_suffix(".git").unwrap_or(name);
    name.strip_suffix("-buildkite-plugin").unwrap_or(name)
}

/// The container that a plugin starts.
fn container(with: Cursor<'_>) -> Image {
    let named = ["image", "run"]
        .iter()
        .find_map(|key| with.get(key)?.text());
    let mut powers = Vec::new();
    for entry in with.members() {
        let on = entry.value.truth() == Some(true);
        for value in entry.value.texts() {
            let found = match entry.key {
                // The last two give the agent's token, and all of the agent's variables.
                "privileged" | "mount-buildkite-agent" | "propagate-environment" => on,
                "volumes" => reaches_host(&value.text),
                "add-caps" | "cap-add" => is_powerful(&format!("--cap-add {}", value.text)),
                "security-opts" => is_powerful(&format!("--security-opt {}", value.text)),
                "pid" | "ipc" | "userns" => value.text == "host",
                _ => false,
            };
            if found {
                powers.push(Text {
                    text: format!("{}: {}", entry.key, value.text),
                    ..value
                });
            }
        }
    }
    Image {
        name: named.unwrap_or_default(),
        powers,
        ..Image::default()
    }
}

/// Steps that a command adds while the pipeline runs are not in the file.
fn upload(item: Cursor<'_>, steps: &[Step]) {
    let commands = steps.iter().flat_map(|step| step.script.commands.iter());
    let uploads = |command: &crate::detect::shell::Command| {
        command.name() == "buildkite-agent" && command.begins_with(&["pipeline", "upload"])
    };
    if commands.into_iter().any(uploads) {
        item.file()
            .note("uploads steps while it runs, which are not read here");
    }
}

#[cfg(test)]
mod tests;
