//! What the steps of a stage do: scripts, questions, what comes after, and the rest.

use super::groovy::Call;
use super::{
    GateKind, Lenience, Reader, Scope, Script, Step, Text, When, agent, condition, groovy, parts,
    shell,
};

/// Steps that only hold others, or only say something.
const SILENT: &[&str] = &[
    "",
    "steps",
    "script",
    "dir",
    "timestamps",
    "ansiColor",
    "retry",
    "container",
    "ws",
    "echo",
    "println",
    "print",
    "for",
    "while",
    "switch",
    "finally",
    "each",
    "deleteDir",
    "cleanWs",
    "library",
    "Library",
    "options",
    "tools",
    "agent",
    "properties",
    "return",
    "wrap",
    "failFast",
    "stash",
    "unstash",
    "junit",
    "archiveArtifacts",
    "fileExists",
    "readFile",
    "sleep",
    "error",
    "isUnix",
    "pwd",
    "unstable",
    "waitUntil",
    "axes",
    "excludes",
    "stages",
    "waitForQuorum",
];

impl<'t> Reader<'_, 't> {
    /// What runs after a stage or after all of them.
    pub(super) fn post(&mut self, call: &Call<'t>, scope: &Scope, job: Option<usize>) {
        let Some(body) = call.body else {
            return;
        };
        for inner in groovy::calls(self.bytes, &body.items, false) {
            let despite = parts::after_failure(&inner);
            // After all stages each part is a job of its own, which waits for the last.
            let job = job.unwrap_or_else(|| {
                let job = self.job(format!("post:{}", inner.path), inner.at, scope);
                if let Some(own) = self.pipeline.jobs.get_mut(job) {
                    own.despite.clone_from(&despite);
                }
                job
            });
            let text = Text {
                text: inner.path.clone(),
                span: inner.at,
                defined: None,
            };
            let condition = condition::Condition::Unknown;
            let when = (inner.path != "always").then_some(When { text, condition });
            let mut scope = self.under(scope, when.as_ref());
            scope.despite = despite;
            self.body(&inner, &scope, Some(job));
        }
    }

    /// A step that waits for a person. A time limit whose end nobody hears of opens it.
    pub(super) fn input(&mut self, call: &Call<'t>, scope: &Scope, job: Option<usize>) {
        let is_directive = call.body.is_some();
        if is_directive && !call.used {
            return;
        }
        let kind = if scope.timed && scope.may_fail.is_some() {
            GateKind::Timer
        } else {
            GateKind::Button
        };
        let gate = parts::gate(self.bytes, call, kind);
        let job = self.here(job, call.at, scope);
        if let Some(job) = self.pipeline.jobs.get_mut(job) {
            job.gates.push(gate);
        }
    }

    pub(super) fn script(&mut self, call: &Call<'t>, scope: &Scope, job: Option<usize>) {
        let value = call.named("script").or_else(|| call.first());
        let Some(value) = value.filter(|_| !call.assigns) else {
            return;
        };
        let Some(text) = groovy::text(self.bytes, value) else {
            return;
        };
        let span = text.span(0, text.len());
        let label = call.named("label").and_then(|l| parts::text(self.bytes, l));
        let ignored = call.named("returnStatus").filter(|value| {
            let span = parts::span(value);
            !call.used && span.of(self.bytes) == b"true"
        });
        let windows = matches!(call.path.as_str(), "powershell" | "pwsh");
        let step = Step {
            segment: label
                .as_ref()
                .map_or_else(String::new, |label| format!("step:{}", label.text)),
            name: label,
            at: call.at,
            script: Script {
                text: text.text().into(),
                commands: shell::text(&text, windows).into(),
                used: None,
                span,
            },
            may_fail: ignored.map(|value| Lenience {
                key: "returnStatus".into(),
                span: parts::span(value),
            }),
            ..Step::default()
        };
        self.step(job, step, scope);
    }

    /// Any other step, wrapper or function.
    pub(super) fn other(&mut self, call: &Call<'t>, scope: &Scope, job: Option<usize>) {
        if let Some(items) = self.functions.get_mut(&call.path) {
            let items = items.take().unwrap_or_default();
            self.values(call, scope, job);
            self.block(items, scope, job, false);
            return;
        }
        let mut env = Vec::new();
        let stores = parts::stores(self.bytes, call);
        let silent = SILENT.contains(&call.path.as_str());
        let is_step = !silent && !call.assigns && !call.args.is_empty() || call.chained;
        if !stores.is_empty() || is_step && (job.is_some() || call.chained) {
            let bindings = parts::bindings(self.bytes, call);
            let index = self.here(job, call.at, scope);
            if let Some(job) = self.pipeline.jobs.get_mut(index) {
                job.contexts.extend(stores);
            }
            let step = Step {
                segment: format!("step:{}", call.path),
                at: call.at,
                uses: Some(Text {
                    text: call.path.clone(),
                    span: call.at,
                    defined: None,
                }),
                with: bindings.with,
                images: agent::started(self.bytes, call),
                ..Step::default()
            };
            if !call.chained || !step.images.is_empty() {
                self.step(job, step, scope);
            }
            env = bindings.env;
        }
        self.values(call, scope, job);
        if env.is_empty() {
            self.body(call, scope, job);
        } else {
            let mut inner = self.within(scope);
            inner.env.extend(env);
            self.body(call, &inner, job);
        }
    }
}
