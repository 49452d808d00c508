//! Jenkinsfiles, declarative and scripted: a job for each stage. Facts: Jenkins's
//! "Pipeline Syntax" and the references of its steps.
//!
//! A stage waits for the one before it; one that holds others is what these wait for.
//! A function of the file is read where it is first called.

mod agent;
mod groovy;
mod parts;
mod steps;

use std::collections::HashMap;

use super::cursor::File;
use super::{GateKind, Image, Job, Lenience, Pipeline, Script, Setting, Step, System, Text, When};
use crate::detect::{condition, shell, tokens};
use crate::document::Span;
use groovy::{Call, Item};

/// Reads a Jenkinsfile.
pub(super) fn read<'f>(file: &'f File<'f>) -> Option<Pipeline> {
    let bytes = file.bytes();
    if bytes.len() > tokens::LONGEST {
        file.note(tokens::NOT_READ);
        return None;
    }
    let items = groovy::grouped(bytes, &tokens::groovy(bytes));
    let root = format!("jenkins:{}", file.name());
    let mut reader = Reader {
        file,
        bytes,
        pipeline: Pipeline::new(System::Jenkins, root),
        last: Vec::new(),
        functions: HashMap::new(),
        loose: None,
        left: bytes.len().saturating_mul(16).saturating_add(1 << 20),
    };
    for call in groovy::calls(bytes, &items, false).filter(|call| call.defines) {
        if let Some(body) = call.body {
            reader.functions.insert(call.path, Some(&body.items));
        }
    }
    reader.block(&items, &Scope::default(), None, false);
    // What nothing calls: another file may.
    let mut names: Vec<String> = reader.functions.keys().cloned().collect();
    names.sort();
    for name in names {
        let Some(items) = reader.functions.get_mut(&name).and_then(Option::take) else {
            continue;
        };
        let at = items.first().map_or_else(Span::default, Item::span);
        let segment = format!("function:{name}");
        reader.last.clear();
        let before = reader.pipeline.jobs.len();
        let job = reader.job(segment, at, &Scope::default());
        reader.block(items, &Scope::default(), Some(job), false);
        // A function that only computes is no job.
        let own = reader.pipeline.jobs.get(job);
        if reader.pipeline.jobs.len() == before + 1 && own.is_some_and(|job| job.steps.is_empty()) {
            reader.pipeline.jobs.pop();
        }
    }
    Some(reader.pipeline)
}

/// What holds for everything within a block.
#[derive(Clone, Default)]
struct Scope {
    conditions: Vec<When>,
    /// How many of the conditions the job itself has.
    of_job: usize,
    env: Vec<Setting>,
    env_of_job: usize,
    runner: Vec<Text>,
    images: Vec<Image>,
    account: Option<Text>,
    /// What swallows a failure.
    may_fail: Option<Lenience>,
    /// What lets the build go on after one, and fail in the end.
    goes_on: Option<Lenience>,
    /// What has it run though something before it failed.
    despite: Option<Lenience>,
    /// Whether the time is limited.
    timed: bool,
    segment: String,
}

/// Of branches before other branches so many are said to be waited for.
const BESIDE: usize = 16;

/// What is paid for each copied part of a scope.
const EACH: usize = 256;

impl Scope {
    const fn cost(&self) -> usize {
        EACH * (self.conditions.len() + self.env.len() + self.images.len() + self.runner.len())
    }
}

struct Reader<'f, 't> {
    file: &'f File<'f>,
    bytes: &'t [u8],
    pipeline: Pipeline,
    /// The stages that the next one waits for.
    last: Vec<String>,
    /// Functions of the file; nothing for one that was called and so is read.
    functions: HashMap<String, Option<&'t [Item]>>,
    /// The job of what stands outside all stages.
    loose: Option<usize>,
    /// How much may still be copied from a block to what stands in it.
    left: usize,
}

impl<'t> Reader<'_, 't> {
    /// Whether as much may be copied; says so once when it may not.
    pub(super) fn pay(&mut self, cost: usize) -> bool {
        if let Some(left) = self.left.checked_sub(cost) {
            self.left = left;
            return true;
        }
        self.file
            .note("has more within its blocks than is read: rules on it did not see all");
        false
    }

    /// The scope of a block within another.
    pub(super) fn within(&mut self, scope: &Scope) -> Scope {
        if self.pay(scope.cost()) {
            return scope.clone();
        }
        Scope {
            segment: scope.segment.clone(),
            ..Scope::default()
        }
    }

    /// The same with one condition more.
    pub(super) fn under(&mut self, scope: &Scope, when: Option<&When>) -> Scope {
        let mut inner = self.within(scope);
        inner.conditions.extend(when.cloned());
        inner
    }

    /// A new job; gives its index.
    pub(super) fn job(&mut self, segment: String, at: Span, scope: &Scope) -> usize {
        let mut job = Job {
            id: segment.replace("stage:", ""),
            segment,
            at,
            needs: self.last.clone(),
            ..Job::default()
        };
        if self.pay(scope.cost()) {
            job.conditions.clone_from(&scope.conditions);
            job.env.clone_from(&scope.env);
            job.runner.clone_from(&scope.runner);
            job.images.clone_from(&scope.images);
            job.account.clone_from(&scope.account);
            let contexts = job.env.iter().filter_map(parts::stored);
            job.contexts = contexts.collect();
        }
        self.pipeline.jobs.push(job);
        self.pipeline.jobs.len() - 1
    }

    /// The job that a step belongs to: outside all stages one without a name.
    pub(super) fn here(&mut self, job: Option<usize>, at: Span, scope: &Scope) -> usize {
        if let Some(job) = job.or(self.loose) {
            return job;
        }
        let job = self.job(String::new(), at, scope);
        self.loose = Some(job);
        job
    }

    pub(super) fn step(&mut self, job: Option<usize>, mut step: Step, scope: &Scope) {
        let job = self.here(job, step.at, scope);
        let conditions = scope.conditions.get(scope.of_job..).unwrap_or_default();
        let env = scope.env.get(scope.env_of_job..).unwrap_or_default();
        if self.pay(EACH * (conditions.len() + env.len())) {
            step.conditions = conditions.to_vec();
            step.env = env.to_vec();
        }
        step.may_fail = step.may_fail.or_else(|| scope.may_fail.clone());
        step.goes_on.clone_from(&scope.goes_on);
        step.despite.clone_from(&scope.despite);
        if let Some(job) = self.pipeline.jobs.get_mut(job) {
            job.steps.push(step);
        }
    }

    /// Reads what stands in a block.
    pub(super) fn block(
        &mut self,
        items: &'t [Item],
        scope: &Scope,
        job: Option<usize>,
        used: bool,
    ) {
        let mut job = job;
        let mut calls = groovy::calls(self.bytes, items, used).peekable();
        let mut asked: Option<When> = None;
        while let Some(call) = calls.next() {
            match call.path.as_str() {
                "try" => {
                    let swallowed = calls
                        .peek()
                        .and_then(|next| parts::swallows(self.bytes, next));
                    let mut inner = self.within(scope);
                    inner.may_fail = swallowed.or(inner.may_fail);
                    self.body(&call, &inner, job);
                }
                "if" => {
                    let when = parts::asked(self.bytes, &call);
                    self.values(&call, scope, job);
                    let inner = self.under(scope, when.as_ref());
                    self.body(&call, &inner, job);
                    asked = when;
                    continue;
                }
                "else" => {
                    let when = asked.take().map(|when| When {
                        condition: when.condition.negated(),
                        text: Text {
                            text: format!("!({})", when.text.text),
                            ..when.text
                        },
                    });
                    let inner = self.under(scope, when.as_ref());
                    self.body(&call, &inner, job);
                }
                // The older form: all that follows belongs to it.
                "stage" if call.body.is_none() => job = Some(self.stage_at(&call, scope)),
                _ => self.call(&call, scope, job),
            }
            asked = None;
        }
    }

    pub(super) fn body(&mut self, call: &Call<'t>, scope: &Scope, job: Option<usize>) {
        if let Some(body) = call.body {
            self.block(&body.items, scope, job, false);
        }
    }

    /// Reads the calls in a call's arguments.
    pub(super) fn values(&mut self, call: &Call<'t>, scope: &Scope, job: Option<usize>) {
        // An assigned value stands in the same block and is read there; what only names secrets has
        // been read.
        if !call.assigns && call.path != "withCredentials" {
            for arg in &call.args {
                self.block(arg.value, scope, job, true);
            }
        }
    }

    pub(super) fn call(&mut self, call: &Call<'t>, scope: &Scope, job: Option<usize>) {
        if call.defines {
            return;
        }
        match call.path.as_str() {
            "pipeline" => self.whole(call, scope),
            "stage" => self.stage(call, scope),
            "parallel" => self.parallel(call, scope, job),
            "matrix" => {
                let scope = self.directives(call, scope, job);
                self.body(call, &scope, job);
            }
            "node" => {
                let scope = agent::node(self.bytes, call, self.within(scope));
                self.body(call, &scope, job);
            }
            "podTemplate" => {
                let scope = self.within(scope);
                let scope = agent::pod_template(self.file, self.bytes, call, scope);
                self.body(call, &scope, job);
            }
            "properties" => parts::properties(self.bytes, call, &mut self.pipeline),
            "post" => self.post(call, scope, job),
            "input" => self.input(call, scope, job),
            "sh" | "bat" | "powershell" | "pwsh" => self.script(call, scope, job),
            "catchError" | "warnError" => {
                let mut inner = self.within(scope);
                inner.may_fail = parts::caught(self.bytes, call).or(inner.may_fail);
                inner.goes_on = parts::goes_on(self.bytes, call).or(inner.goes_on);
                self.body(call, &inner, job);
            }
            "timeout" => {
                let mut inner = self.within(scope);
                inner.timed = true;
                self.body(call, &inner, job);
            }
            "withEnv" => {
                let mut inner = self.within(scope);
                inner.env.extend(parts::given(self.bytes, call));
                self.body(call, &inner, job);
            }
            "environment" | "when" | "agent" | "parameters" | "triggers" | "axes"
                if call.body.is_some() => {}
            _ => self.other(call, scope, job),
        }
    }

    /// A declarative pipeline.
    fn whole(&mut self, call: &Call<'t>, scope: &Scope) {
        let Some(body) = call.body else {
            return;
        };
        for inner in groovy::calls(self.bytes, &body.items, false) {
            match inner.path.as_str() {
                "parameters" => {
                    self.pipeline
                        .inputs
                        .extend(parts::inputs(self.bytes, &inner));
                }
                "triggers" => {
                    self.pipeline
                        .triggers
                        .extend(parts::triggers(self.bytes, &inner));
                }
                _ => {}
            }
        }
        let mut scope = self.directives(call, scope, None);
        self.pipeline.env.append(&mut scope.env);
        self.body(call, &scope, None);
    }

    /// The directives of a pipeline, stage or matrix, wherever they stand in it.
    fn directives(&mut self, call: &Call<'t>, scope: &Scope, job: Option<usize>) -> Scope {
        let mut scope = self.within(scope);
        let Some(body) = call.body else {
            return scope;
        };
        for inner in groovy::calls(self.bytes, &body.items, false) {
            match (inner.path.as_str(), inner.body) {
                ("agent", _) => agent::read(self.file, self.bytes, &inner, &mut scope),
                ("environment", Some(_)) => {
                    scope.env.extend(parts::environment(self.bytes, &inner));
                }
                ("when", Some(_)) => {
                    scope
                        .conditions
                        .extend(parts::conditions(self.bytes, &inner));
                    if let Some(job) = job.and_then(|job| self.pipeline.jobs.get_mut(job)) {
                        job.triggers.extend(parts::started(self.bytes, &inner));
                    }
                }
                ("input", Some(_)) => {
                    let gate = parts::gate(self.bytes, &inner, GateKind::Button);
                    if let Some(job) = job.and_then(|job| self.pipeline.jobs.get_mut(job)) {
                        job.gates.push(gate);
                    }
                }
                _ => {}
            }
        }
        scope
    }

    /// Begins a stage; gives its job.
    fn stage_at(&mut self, call: &Call<'t>, scope: &Scope) -> usize {
        let name = call.first().or_else(|| call.named("name"));
        let name = name.and_then(|name| parts::text(self.bytes, name));
        let label = name.as_ref().map_or("", |name| name.text.trim());
        let job = self.job(
            parts::segment(&scope.segment, "stage", label),
            call.at,
            scope,
        );
        self.last.clear();
        if let Some(job) = self.pipeline.jobs.get_mut(job) {
            self.last.push(job.id.clone());
            job.at = name.as_ref().map_or(call.at, |name| name.span);
            job.name = name;
        }
        job
    }

    fn stage(&mut self, call: &Call<'t>, scope: &Scope) {
        let job = self.stage_at(call, scope);
        let mut inner = self.directives(call, scope, Some(job));
        let pays = self.pay(inner.cost());
        let Some(own) = self.pipeline.jobs.get_mut(job) else {
            return;
        };
        inner.segment.clone_from(&own.segment);
        if pays {
            own.conditions.clone_from(&inner.conditions);
            own.env.clone_from(&inner.env);
            own.runner.clone_from(&inner.runner);
            own.images.clone_from(&inner.images);
            own.account.clone_from(&inner.account);
            own.contexts = own.env.iter().filter_map(parts::stored).collect();
        }
        inner.of_job = inner.conditions.len();
        inner.env_of_job = inner.env.len();
        self.body(call, &inner, Some(job));
    }

    /// Branches that run beside one another: each waits for what was before them all, and
    /// what comes after waits for each.
    fn parallel(&mut self, call: &Call<'t>, scope: &Scope, job: Option<usize>) {
        let mut before = self.last.clone();
        before.truncate(BESIDE);
        let mut after = Vec::new();
        let inner = call.body.map_or(&[][..], |body| &body.items);
        for stage in groovy::calls(self.bytes, inner, false) {
            self.last.clone_from(&before);
            self.call(&stage, scope, job);
            if self.last != before {
                after.append(&mut self.last);
            }
        }
        for arg in &call.args {
            let block = arg.value.iter().find_map(|item| item.group(b'{'));
            let (Some((name, at)), Some(block)) = (arg.name, block) else {
                continue;
            };
            self.last.clone_from(&before);
            let branch = self.job(parts::segment(&scope.segment, "branch", name), at, scope);
            let mut inner = self.within(scope);
            inner.of_job = inner.conditions.len();
            inner.env_of_job = inner.env.len();
            if let Some(job) = self.pipeline.jobs.get(branch) {
                self.last = vec![job.id.clone()];
                inner.segment.clone_from(&job.segment);
            }
            self.block(&block.items, &inner, Some(branch), false);
            after.append(&mut self.last);
        }
        self.last = if after.is_empty() { before } else { after };
    }
}

#[cfg(test)]
mod tests;
