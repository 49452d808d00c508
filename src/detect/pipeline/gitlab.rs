//! Pipelines of GitLab. A file is read with what it includes from its own project; a job
//! that only an include has is left to that file, which is read by itself.
//!
//! Without `workflow:rules` the file doesn't say what starts it: a push to any branch and
//! all else that can. Facts: GitLab Docs, "CI/CD YAML syntax reference".

mod config;
mod containers;
mod includes;
mod rules;

use std::collections::HashMap;

use super::cursor::{Cursor, Entry, File};
use super::values;
use super::{Environment, Input, Job, Pipeline, Script, Setting, Step, System, Text, find};
use crate::document::{Node, Span, Value};
use config::{Body, Config, Layers};

/// Most files that one includes. Source: "GitLab application limits", which allow 150.
const MOST_INCLUDES: usize = 200;

/// Most pairs of jobs of which one waits for the other by their stages.
const MOST_PAIRS: usize = 50_000;

/// Keys of the top that are no jobs.
const GLOBAL: &[&str] = &[
    "after_script",
    "before_script",
    "cache",
    "default",
    "image",
    "include",
    "services",
    "spec",
    "stages",
    "types",
    "variables",
    "workflow",
];

/// Reads a pipeline.
pub(super) fn pipeline<'f>(file: &'f File<'f>) -> Option<Pipeline> {
    let roots = file.roots();
    let mut roots = roots.filter(|root| !root.node().members().is_empty());
    let first = roots.next()?;
    // A header may stand before the pipeline itself.
    let (header, own) = match roots.next() {
        Some(second) if first.get("spec").is_some() => (Some(first), second),
        _ => (None, first),
    };
    let config = Config::new(file, own, includes::read(file, own));
    let mut pipeline = Pipeline::new(System::Gitlab, "gitlab:".to_owned());
    if let Some(header) = header {
        let by_person = file.name() == ".gitlab-ci.yml";
        let inputs = header.at(&["spec", "inputs"]);
        let inputs = inputs.iter().flat_map(Cursor::members);
        pipeline.inputs = inputs.map(|entry| input(&entry, by_person)).collect();
        if let Some(given) = includes::given(file) {
            for input in &mut pipeline.inputs {
                let value = given.get(&input.name).and_then(|value| value.text());
                input.default = value.or_else(|| input.default.take());
            }
        }
        pipeline.callable = !by_person;
    }
    if let Some(variables) = config.global("variables") {
        variables_of_all(&variables, &mut pipeline);
    }
    if let Some(workflow) = config.global("workflow") {
        let name = config.get(&workflow, "name");
        pipeline.name = name.and_then(|name| name.top()?.text());
        let list = config.get(&workflow, "rules").and_then(|rules| rules.top());
        let items = list.map_or(Vec::new(), |list| config.items(list));
        pipeline.triggers = rules::of_workflow(&items);
    }
    let docker = ["DOCKER_HOST", containers::TLS];
    let docker = docker
        .iter()
        .filter_map(|name| find(&pipeline.env, name).cloned());
    let docker: Vec<Setting> = docker.collect();
    let jobs = config.own().filter(|entry| is_job(entry));
    let mut places = Vec::new();
    let jobs = jobs.map(|entry| {
        let body = config.body(&entry);
        let (job, place) = job(&body, &docker);
        places.push(place);
        job
    });
    pipeline.jobs = jobs.collect();
    order(&config, &mut pipeline.jobs, &places);
    values::fill(&mut pipeline, ("$[[", "]]"), "inputs");
    Some(pipeline)
}

fn is_job(entry: &Entry<'_>) -> bool {
    !entry.key.starts_with('.')
        && !GLOBAL.contains(&entry.key)
        && matches!(entry.value.node().value, Value::Object(_))
}

fn input(entry: &Entry<'_>, by_person: bool) -> Input {
    Input {
        name: entry.key.to_owned(),
        span: entry.at,
        default: entry.value.get("default").and_then(|d| d.text()),
        by_person,
    }
}

/// A variable that has a description is one that a person sets who starts a pipeline.
fn variables_of_all(variables: &Layers<'_>, pipeline: &mut Pipeline) {
    for entry in variables.entries() {
        let setting = variable(&entry);
        if entry.value.get("description").is_some() {
            pipeline.inputs.push(Input {
                name: setting.name.clone(),
                span: setting.at,
                default: entry.value.get("value").and_then(|value| value.text()),
                by_person: true,
            });
        }
        pipeline.env.push(setting);
    }
}

/// `NAME: value` or `NAME: {value: …}`.
fn variable(entry: &Entry<'_>) -> Setting {
    let value = entry.value.get("value").unwrap_or(entry.value);
    Entry { value, ..*entry }.setting()
}

/// Where a job stands in the order of the stages.
struct Placed {
    stage: String,
    /// Whether later stages wait for it.
    awaited: bool,
}

fn job(body: &Body<'_, '_>, docker: &[Setting]) -> (Job, Placed) {
    let start = rules::start(body);
    let mut env = start.variables;
    env.extend(matrix(body));
    env.extend(body.entries("variables").iter().map(variable));
    let needs = body.member("needs");
    let mut job = Job {
        id: body.name.to_owned(),
        segment: format!("job:{}", body.name),
        at: body.at,
        defined: body.defined.clone(),
        needs: body.items("needs").iter().filter_map(need).collect(),
        out_of_order: needs.map(|needs| needs.at),
        conditions: start.conditions,
        triggers: start.triggers,
        environment: environment(body),
        gates: start.gates,
        may_fail: start.may_fail,
        contexts: body.entries("secrets").iter().filter_map(store).collect(),
        identity: body
            .entries("id_tokens")
            .iter()
            .flat_map(identity)
            .collect(),
        ..Job::default()
    };
    if let Some(trigger) = body.get("trigger").and_then(|trigger| trigger.top()) {
        job.calls = includes::callee(body.config.file, trigger);
        let inputs = trigger.get("inputs");
        let include = trigger.get("include");
        let beside = include.and_then(|list| list.one_or_many().next()?.get("inputs"));
        let given = inputs.or(beside);
        job.with = given.map_or(Vec::new(), |inputs| inputs.settings());
    } else {
        job.images = containers::images(body, &env, docker);
        job.runner = body.items("tags").iter().filter_map(Cursor::text).collect();
        job.steps = steps(body);
    }
    job.env = env;
    let placed = Placed {
        stage: body.str("stage").unwrap_or("test").to_owned(),
        awaited: !start.optional,
    };
    (job, placed)
}

/// `needs: [job, {job: …}]`; jobs of other pipelines are none of this one's.
fn need(item: &Cursor<'_>) -> Option<String> {
    let elsewhere = item.get("pipeline").or_else(|| item.get("project"));
    let name = item.str().or_else(|| item.get("job")?.str())?;
    elsewhere.is_none().then(|| name.to_owned())
}

/// Environments can be protected, so that a job waits for approval.
fn environment(body: &Body<'_, '_>) -> Option<Environment> {
    let value = body.get("environment")?;
    let name = value.top()?.text();
    let name = name.or_else(|| body.at(&["environment", "name"])?.top()?.text())?;
    let action = body.at(&["environment", "action"]);
    let action = action.and_then(|action| action.top()?.str());
    Some(Environment {
        name,
        can_hold: true,
        only_named: matches!(action, Some("stop" | "prepare" | "verify" | "access")),
    })
}

/// The variables of `parallel:matrix`, each value for itself.
fn matrix(body: &Body<'_, '_>) -> Vec<Setting> {
    let rows = body.at(&["parallel", "matrix"]).and_then(|rows| rows.top());
    let rows = rows.map_or(Vec::new(), |rows| body.config.items(rows));
    let mut out = Vec::new();
    for entry in rows.iter().flat_map(Cursor::members) {
        for value in body.config.items(entry.value) {
            out.push(Entry { value, ..entry }.setting());
        }
    }
    out
}

/// A secret that a manager hands out: the manager and what it is asked for.
fn store(entry: &Entry<'_>) -> Option<Text> {
    let asked = entry
        .value
        .members()
        .find(|asked| !matches!(asked.key, "file" | "token"))?;
    let name = asked.value.text().or_else(|| {
        let mut name = ["path", "name"].iter();
        name.find_map(|key| asked.value.get(key)?.text())
    });
    let what = name.map_or(String::new(), |name| format!(":{}", name.text));
    Some(Text {
        text: format!("{}{what}", asked.key),
        span: asked.at,
        defined: asked.value.defined(),
    })
}

/// The tokens that a job asks for, one for each audience.
fn identity(entry: &Entry<'_>) -> Vec<Setting> {
    let audiences = entry.value.get("aud");
    let audiences = audiences.iter().flat_map(Cursor::one_or_many);
    let audiences = audiences.map(|value| Entry { value, ..*entry }.setting());
    audiences.collect()
}

/// The scripts of a job in the order in which they run.
fn steps(body: &Body<'_, '_>) -> Vec<Step> {
    let mut out = Vec::new();
    for (key, keys) in [
        ("hooks", &["hooks", "pre_get_sources_script"][..]),
        ("before_script", &["before_script"]),
        ("script", &["script"]),
        ("after_script", &["after_script"]),
    ] {
        if let Some(script) = body.at(keys).and_then(|script| script.top()) {
            let at = body.member(key).map(|entry| entry.at);
            scripts(body, key, at.unwrap_or(body.at), script, &mut out);
        }
    }
    for item in body.items("run") {
        let uses = item.get("step").or_else(|| item.get("func"));
        let name = item.get("name").and_then(|name| name.text());
        let label = name
            .as_ref()
            .map_or(String::new(), |n| format!("step:{}", n.text));
        let script = item.get("script");
        out.push(Step {
            segment: label,
            at: item.members().next().map_or(item.span(), |entry| entry.at),
            name,
            uses: uses.and_then(|uses| uses.text()),
            with: item
                .get("inputs")
                .map_or(Vec::new(), |with| with.settings()),
            env: item.get("env").map_or(Vec::new(), |env| env.settings()),
            script: script.map_or_else(Script::default, |script| script.script()),
            ..Step::default()
        });
    }
    out
}

/// The steps of one key: one for the lines that stand there, one for each place that
/// others come from.
fn scripts<'f>(body: &Body<'_, 'f>, key: &str, at: Span, script: Cursor<'f>, out: &mut Vec<Step>) {
    let mut step = |at, script| {
        out.push(Step {
            segment: key.to_owned(),
            at,
            script,
            ..Step::default()
        });
    };
    let node = script.node();
    let plain = |node: &Node| node.text().is_some() && node.alias.is_none();
    if node.text().is_some() || node.tag.is_none() && node.items().iter().all(plain) {
        step(at, script.script());
        return;
    }
    let items = body.config.items(script);
    let mut rest = items.as_slice();
    let mut at = at;
    while let Some((script, count)) = Cursor::joint_script(rest) {
        step(at, script);
        rest = rest.get(count..).unwrap_or_default();
        at = rest.first().map_or(at, Cursor::span);
    }
}

/// Lets each job that names no others wait for those of the nearest earlier stage, and
/// those wait for theirs.
fn order(config: &Config<'_>, jobs: &mut [Job], places: &[Placed]) {
    let list = config.global("stages").and_then(|stages| stages.top());
    let list = list.or_else(|| includes::stages_of_project(config.file));
    let named = list.map_or(Vec::new(), |list| config.items(list));
    let named: Vec<&str> = named.iter().filter_map(Cursor::str).collect();
    let stages = if named.is_empty() {
        &["build", "test", "deploy"]
    } else {
        named.as_slice()
    };
    let mut rank: HashMap<&str, usize> = HashMap::from([(".pre", 0), (".post", stages.len() + 1)]);
    for (index, stage) in stages.iter().enumerate() {
        rank.entry(stage).or_insert(index + 1);
    }
    let mut of_stage: Vec<Vec<String>> = vec![Vec::new(); stages.len() + 2];
    for (job, place) in jobs.iter().zip(places) {
        let rank = rank.get(place.stage.as_str());
        if let Some(ids) = rank.and_then(|rank| of_stage.get_mut(*rank))
            && place.awaited
        {
            ids.push(job.id.clone());
        }
    }
    // The nearest stage before each that has a job to wait for.
    let mut before: Vec<Option<usize>> = Vec::new();
    let mut nearest = None;
    for (index, ids) in of_stage.iter().enumerate() {
        before.push(nearest);
        if !ids.is_empty() {
            nearest = Some(index);
        }
    }
    let mut left = MOST_PAIRS;
    for (job, place) in jobs.iter_mut().zip(places) {
        let rank = rank.get(place.stage.as_str());
        let earlier = rank.and_then(|rank| *before.get(*rank)?);
        let Some(ids) = earlier.and_then(|earlier| of_stage.get(earlier)) else {
            continue;
        };
        if job.out_of_order.is_some() {
            continue;
        }
        if let Some(less) = left.checked_sub(ids.len()) {
            left = less;
            job.needs.clone_from(ids);
        } else {
            config
                .file
                .note("has more jobs than their order is followed");
            job.needs.extend(ids.first().cloned());
        }
    }
}

#[cfg(test)]
mod tests;
