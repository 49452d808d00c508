//! Drone and Woodpecker, which came from it. Every step runs in a container of its own,
//! with its own events, so it is a job of the model. Facts: Drone's "Pipelines"
//! reference, Woodpecker's "Workflow syntax".

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::detect::condition::{self, Condition};
use crate::document::Node;

use super::containers::reaches_host;
use super::cursor::{Cursor, Entry, File};
use super::values::{self, Ids, Order};
use super::{
    Environment, Image, Job, Lenience, Pipeline, Setting, Step, System, Text, Trigger, TriggerKind,
    When,
};

/// Reads every pipeline of a file.
pub(super) fn pipelines<'f>(file: &'f File<'f>, system: System) -> Option<Pipeline> {
    let root = match system {
        System::Drone => "drone".to_owned(),
        _ => format!("woodpecker:{}", file.name()),
    };
    let mut out = Pipeline::new(system, root);
    let mut ids = Ids::default();
    let mut found = false;
    let docs: Vec<_> = file.roots().collect();
    let many = docs.len() > 1;
    let mut names: HashMap<&str, usize> = HashMap::new();
    for steps in docs
        .iter()
        .flat_map(|doc| ["steps", "services"].map(|key| doc.get(key)))
    {
        for one in steps.map_or(Vec::new(), named) {
            *names.entry(one.name).or_default() += 1;
        }
    }
    for doc in docs {
        match doc.get("kind").and_then(|kind| kind.str()) {
            Some("template") => file.note("uses a template, which is not read"),
            None | Some("pipeline") => {}
            Some(_) => continue,
        }
        let Some(steps) = doc.get("steps").or_else(|| doc.get("pipeline")) else {
            continue;
        };
        found = true;
        let name = doc.get("name").and_then(|name| name.str());
        let mut one = Doc {
            root: doc,
            name: name.or(many.then_some("default")),
            hosts: hosts(doc),
            out: &mut out,
            ids: &mut ids,
            names: &names,
        };
        one.read(steps);
    }
    found.then_some(out)
}

/// One pipeline of a file.
struct Doc<'d, 'f> {
    root: Cursor<'f>,
    name: Option<&'f str>,
    /// Folders of the host by the names of their volumes.
    hosts: Vec<(&'f str, Text)>,
    out: &'d mut Pipeline,
    ids: &'d mut Ids,
    /// How often a step is called so in the file.
    names: &'d HashMap<&'f str, usize>,
}

impl<'f> Doc<'_, 'f> {
    fn read(&mut self, steps: Cursor<'f>) {
        let triggers = ["trigger", "when"]
            .iter()
            .find_map(|key| self.root.member(key))
            .map_or(Vec::new(), |entry| triggers(&entry));
        self.out.triggers.extend(triggers.iter().cloned());
        let env = self.root.get("environment");
        self.out
            .env
            .extend(env.map_or(Vec::new(), values::variables));
        let start = self.start(triggers);
        let steps = named(steps);
        // Once a step says what it waits for, the others wait for nothing.
        let graph = steps.iter().any(|one| one.body.get("depends_on").is_some());
        let mut order = Order::default();
        order.add(&start);
        order.next(&mut self.out.jobs, self.ids);
        let mut last_group: Option<&str> = None;
        let mut ends = Vec::new();
        for one in &steps {
            let group = one.body.get("group").and_then(|group| group.str());
            if group.is_none() || group != last_group {
                order.next(&mut self.out.jobs, self.ids);
            }
            last_group = group;
            let needs = match one.body.get("depends_on") {
                Some(on) if graph => on.ids().iter().map(|id| self.id(id)).collect(),
                _ if graph => vec![start.clone()],
                _ => order.needs(),
            };
            let job = self.step(one, needs, "step");
            order.add(&job.id);
            ends.push(job.id.clone());
            self.out.jobs.push(job);
        }
        let services = self.root.get("services").map_or(Vec::new(), named);
        for one in &services {
            let mut job = self.step(one, vec![start.clone()], "service");
            for image in job
                .images
                .iter_mut()
                .chain(job.steps.iter_mut().flat_map(|s| &mut s.images))
            {
                image.service = true;
            }
            self.out.jobs.push(job);
        }
        if let Some(name) = self.name {
            // Other pipelines wait for the whole of this.
            let id = self.ids.once(format!("pipeline {name}"));
            self.out.jobs.push(Job {
                id,
                at: self.root.span(),
                needs: ends,
                ..Job::default()
            });
        }
    }

    /// What the first steps wait for: a job without steps that has the pipeline's own
    /// events and waits for other pipelines.
    fn start(&mut self, triggers: Vec<Trigger>) -> String {
        let name = self.name.unwrap_or("start");
        let on = self
            .root
            .get("depends_on")
            .map_or(Vec::new(), |on| on.ids());
        let first = self.root.members().next().map(|entry| entry.at);
        let id = self.ids.once(format!("start {name}"));
        self.out.jobs.push(Job {
            id: id.clone(),
            segment: self.prefix(),
            at: first.unwrap_or_else(|| self.root.span()),
            needs: on.iter().map(|name| format!("pipeline {name}")).collect(),
            triggers,
            ..Job::default()
        });
        id
    }

    fn prefix(&self) -> String {
        self.name
            .map_or_else(String::new, |name| format!("pipeline:{name}"))
    }

    /// A step's id: its name, within its pipeline if others have it too.
    fn id(&self, step: &str) -> String {
        let shared = self.names.get(step).is_some_and(|count| *count > 1);
        match self.name.filter(|_| shared) {
            Some(name) => format!("{name}/{step}"),
            None => step.to_owned(),
        }
    }

    fn step(&mut self, one: &Named<'f>, needs: Vec<String>, kind: &str) -> Job {
        let body = one.body;
        let mut segment = self.prefix();
        if !segment.is_empty() {
            segment.push('/');
        }
        let id = self.id(one.name);
        segment.push_str(kind);
        segment.push(':');
        segment.push_str(one.name);
        let when = body.member("when");
        let own = when.map_or(Vec::new(), |when| triggers(&when));
        let triggers = if own.is_empty() { self.shared() } else { own };
        let ignored = body
            .member("failure")
            .filter(|entry| entry.value.str() == Some("ignore"));
        Job {
            id: self.ids.once(id),
            name: body.get("name").and_then(|name| name.text()),
            segment,
            at: one.at,
            defined: body.defined(),
            needs,
            conditions: when.map_or(Vec::new(), |when| conditions(&when)),
            triggers,
            environment: target(when).or_else(|| target(self.root.member("trigger"))),
            may_fail: ignored.map(|entry| values::lenience(&entry, "failure")),
            despite: when.and_then(|when| after_failure(&when)),
            runner: self.runner(),
            images: self.image(body).into_iter().collect(),
            steps: vec![step(body)],
            ..Job::default()
        }
    }

    /// The pipeline's own events, for a step that names none.
    fn shared(&self) -> Vec<Trigger> {
        let when = ["trigger", "when"]
            .iter()
            .find_map(|key| self.root.member(key));
        let when = when.filter(|when| self.root.file().spend(when.value.node().span.len()));
        when.map_or(Vec::new(), |when| triggers(&when))
    }

    fn runner(&self) -> Vec<Text> {
        let labels = ["node", "labels", "runs_on"]
            .iter()
            .find_map(|key| self.root.get(key));
        let labels = labels.filter(|l| self.root.file().spend(l.node().span.len()));
        let mut out = labels.map_or(Vec::new(), |labels| labels.texts());
        for setting in labels.iter().flat_map(Cursor::settings) {
            out.push(Text {
                text: format!("{}={}", setting.name, setting.value.text),
                ..setting.value
            });
        }
        out
    }

    fn image(&self, body: Cursor<'f>) -> Option<Image> {
        let mut powers = Vec::new();
        if let Some(on) = body.get("privileged").filter(|on| on.truth() == Some(true)) {
            powers.extend(on.text().map(|text| Text {
                text: "privileged: true".to_owned(),
                ..text
            }));
        }
        for volume in body.get("volumes").iter().flat_map(Cursor::items) {
            if let Some(text) = volume.text() {
                powers.extend(reaches_host(&text.text).then_some(text));
            } else if let Some((host, name)) = self.mounted(volume) {
                powers.extend(reaches_host(&format!("{}:", host.text)).then(|| Text {
                    text: host.text.clone(),
                    span: name.span,
                    defined: Some(super::Spot::Here(host.span)),
                }));
            }
        }
        let name = body.get("image").and_then(|image| image.text());
        (name.is_some() || !powers.is_empty()).then(|| Image {
            name: name.unwrap_or_default(),
            powers,
            ..Image::default()
        })
    }

    /// The host's folder that a volume is, and the volume's name.
    fn mounted(&self, volume: Cursor<'f>) -> Option<(&Text, Text)> {
        let name = volume.get("name")?.text()?;
        let hosts = &self.hosts;
        let at = hosts
            .binary_search_by(|(host, _)| (*host).cmp(&name.text))
            .ok()?;
        Some((&hosts.get(at)?.1, name))
    }
}

/// `volumes: [{name: docker, host: {path: /var/run/docker.sock}}]`, by name.
fn hosts(doc: Cursor<'_>) -> Vec<(&str, Text)> {
    let volumes = doc.get("volumes").into_iter().flat_map(|list| list.items());
    let mut out: Vec<_> = volumes
        .filter_map(|volume| {
            let name = volume.get("name")?.str()?;
            Some((name, volume.at(&["host", "path"])?.text()?))
        })
        .collect();
    out.sort_by_key(|(name, _)| *name);
    out
}

/// A step of a list, or of a mapping by name.
struct Named<'f> {
    name: &'f str,
    at: crate::document::Span,
    body: Cursor<'f>,
}

fn named(steps: Cursor<'_>) -> Vec<Named<'_>> {
    let by_key = steps.members().map(|entry| Named {
        name: entry.key,
        at: entry.at,
        body: entry.value,
    });
    let items = steps.items().filter(|item| item.members().next().is_some());
    let listed = items.map(|item| {
        let name = item.get("name");
        let first = item.members().next().map(|entry| entry.at);
        Named {
            name: name.and_then(|name| name.str()).unwrap_or("step"),
            at: first.unwrap_or_else(|| item.span()),
            body: item,
        }
    });
    by_key.chain(listed).collect()
}

/// The commands, or the plugin that the image is.
fn step(body: Cursor<'_>) -> Step {
    let mut with = Vec::new();
    for key in ["settings", "vargs"] {
        with.extend(body.get(key).map_or(Vec::new(), values::settings));
    }
    let commands = body.get("commands");
    let plugin = commands.is_none().then(|| body.get("image")).flatten();
    let uses = plugin.and_then(|image| image.text());
    let mut step = commands.and_then(values::command).unwrap_or_default();
    step.at = uses.as_ref().map_or(step.at, |uses| uses.span);
    if step.at.is_empty() {
        step.at = body.span();
    }
    step.uses = uses;
    step.with = with;
    step.env = env(body);
    step
}

/// Variables, and the secrets that an older file names: `secrets: [token]`,
/// `secrets: [{source: a, target: B}]`.
fn env(body: Cursor<'_>) -> Vec<Setting> {
    let mut out = body
        .get("environment")
        .map_or(Vec::new(), values::variables);
    for item in body.get("secrets").iter().flat_map(Cursor::items) {
        if let Some(secret) = item.text() {
            let name = secret.text.to_ascii_uppercase();
            out.push(values::stored(name, secret.span, secret));
        } else if let Some(secret) = item.get("source").and_then(|source| source.text()) {
            let target = item.get("target").and_then(|target| target.text());
            let name = target.unwrap_or_else(|| secret.clone()).text;
            out.push(values::stored(
                name.to_ascii_uppercase(),
                secret.span,
                secret,
            ));
        }
    }
    out
}

/// The values under a key of a filter: a text, a list, or what is included.
fn included<'f>(when: Cursor<'f>, key: &str) -> Vec<Cursor<'f>> {
    let Some(value) = when.get(key) else {
        return Vec::new();
    };
    let value = value.get("include").unwrap_or(value);
    value
        .one_or_many()
        .filter(|one| one.str().is_some())
        .collect()
}

/// What starts a pipeline or a step: a filter, or several of which one must hold.
fn triggers(entry: &Entry<'_>) -> Vec<Trigger> {
    let mut out = Vec::new();
    for when in entry.value.one_or_many() {
        let branches = included(when, "branch");
        let branches: Vec<String> = branches
            .iter()
            .filter_map(|one| one.str().map(str::to_owned))
            .collect();
        let events = included(when, "event");
        for event in &events {
            let Some(name) = event.str() else {
                continue;
            };
            // Branches of a cost that events times branches would have are kept once.
            let size: usize = branches.iter().map(|b| b.len() + 32).sum();
            let kept = if when.file().spend(size) {
                branches.clone()
            } else {
                Vec::new()
            };
            out.push(values::trigger(kind(name), name, event.span(), kept));
        }
        if !events.is_empty() {
            continue;
        }
        let refs = included(when, "ref");
        let tags = refs.iter().find(|one| {
            let text = one.str().unwrap_or_default();
            text.starts_with("refs/tags/")
        });
        if let Some(tag) = tags {
            let kind = TriggerKind::Release;
            out.push(values::trigger(kind, "tag", tag.span(), Vec::new()));
        } else if !branches.is_empty() {
            out.push(values::trigger(
                TriggerKind::Push,
                "push",
                entry.at,
                branches,
            ));
        }
    }
    out
}

fn kind(event: &str) -> TriggerKind {
    match event {
        "push" => TriggerKind::Push,
        "tag" | "release" => TriggerKind::Release,
        "pull_request" | "pull_request_closed" | "pull_request_metadata" => TriggerKind::Review,
        // Whoever may write promotes or starts a build.
        "promote" | "rollback" | "deployment" | "custom" | "manual" => TriggerKind::Manual,
        "cron" => TriggerKind::Schedule,
        _ => TriggerKind::Other,
    }
}

/// Where a promotion goes. Nobody is asked.
fn target(when: Option<Entry<'_>>) -> Option<Environment> {
    let when = when?.value;
    let mut filters = when.one_or_many();
    let name = filters.find_map(|filter| included(filter, "target").first()?.text())?;
    Some(Environment {
        name,
        can_hold: false,
        only_named: false,
    })
}

/// `status: [success, failure]`: it runs though an earlier step failed.
fn after_failure(when: &Entry<'_>) -> Option<Lenience> {
    when.value.one_or_many().find_map(|filter| {
        let entry = filter.member("status")?;
        let failed = included(filter, "status");
        let failed = failed.iter().any(|one| one.str() == Some("failure"));
        failed.then(|| values::lenience(&entry, "status"))
    })
}

fn evaluate(node: &Node) -> Condition {
    node.text()
        .map_or(Condition::Unknown, condition::woodpecker::condition)
}

/// What else must hold, in words of its own.
fn conditions(when: &Entry<'_>) -> Vec<When> {
    let filters = when.value.one_or_many();
    filters
        .filter_map(|filter| values::condition(filter.member("evaluate"), evaluate))
        .collect()
}
