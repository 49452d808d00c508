//! A pipeline as a few lines of text, for the tests of the readers.

use std::fmt::Write as _;

use super::{GateKind, Grants, Image, Job, Pipeline, Setting, Step, Text, of};
use crate::document::{Document, Neighbours};
use crate::kind::Kinds;

/// Reads `text` as if it stood at `path` and shows the model, a line for each part.
/// `@` and a line number follow what has a place; `<` that of its definition.
pub(super) fn shown(path: &str, text: &str) -> String {
    shown_among(path, text, &[])
}

/// The same, among other files, each by its path.
pub(super) fn shown_among(path: &str, text: &str, others: &[(&str, &str)]) -> String {
    let mut files = Neighbours::default();
    for (path, text) in others.iter().chain([&(path, text)]) {
        let kinds = Document::new(path, b"").kinds();
        files.add(path, text.as_bytes().into(), kinds);
    }
    let document = Document::new(path, text.as_bytes()).among(&files, Kinds::NONE);
    let Some(pipeline) = of(&document) else {
        return "none".to_owned();
    };
    let render = Render { text };
    render.pipeline(pipeline)
}

struct Render<'t> {
    text: &'t str,
}

impl Render<'_> {
    fn line(&self, offset: usize) -> usize {
        let before = self.text.get(..offset).unwrap_or_default();
        before.bytes().filter(|b| *b == b'\n').count() + 1
    }

    fn pipeline(&self, pipeline: &Pipeline) -> String {
        let mut out = pipeline.root.clone();
        if pipeline.callable {
            out.push_str(" callable");
        }
        for trigger in &pipeline.triggers {
            _ = write!(
                out,
                " on:{}={:?}@{}",
                trigger.name,
                trigger.kind,
                self.line(trigger.span.start)
            );
            if !trigger.branches.is_empty() {
                _ = write!(out, "[{}]", trigger.branches.join(","));
            }
        }
        for input in &pipeline.inputs {
            _ = write!(out, " input:{}@{}", input.name, self.line(input.span.start));
        }
        self.grants(pipeline.grants.as_ref(), &mut out);
        self.settings("setting", &pipeline.settings, &mut out);
        self.settings("env", &pipeline.env, &mut out);
        for job in &pipeline.jobs {
            out.push('\n');
            self.job(job, &mut out);
        }
        out
    }

    fn job(&self, job: &Job, out: &mut String) {
        _ = write!(out, "{}@{}", job.segment, self.line(job.at.start));
        if !job.needs.is_empty() {
            _ = write!(out, " needs:{}", job.needs.join(","));
        }
        if let Some(span) = job.out_of_order {
            _ = write!(out, " out-of-order@{}", self.line(span.start));
        }
        for trigger in &job.triggers {
            _ = write!(out, " on:{}={:?}", trigger.name, trigger.kind);
            if !trigger.branches.is_empty() {
                _ = write!(out, "[{}]", trigger.branches.join(","));
            }
        }
        for when in &job.conditions {
            self.text(" if", &when.text, out);
        }
        if let Some(environment) = &job.environment {
            self.text(" to", &environment.name, out);
            out.push_str(if environment.can_hold { "" } else { "!" });
        }
        for gate in &job.gates {
            let kind = match gate.kind {
                GateKind::Approval => "approval",
                GateKind::Button => "button",
                GateKind::Timer => "timer",
            };
            _ = write!(out, " gate:{kind}@{}", self.line(gate.span.start));
        }
        if let Some(lenience) = &job.may_fail {
            _ = write!(
                out,
                " may-fail:{}@{}",
                lenience.key,
                self.line(lenience.span.start)
            );
        }
        if let Some(despite) = &job.despite {
            let line = self.line(despite.span.start);
            _ = write!(out, " despite:{}@{line}", despite.key);
        }
        self.grants(job.grants.as_ref(), out);
        self.settings("env", &job.env, out);
        for label in &job.runner {
            self.text(" on", label, out);
        }
        for image in &job.images {
            self.image(image, out);
        }
        if let Some(calls) = &job.calls {
            self.text(" calls", calls, out);
        }
        self.settings("with", &job.with, out);
        for context in &job.contexts {
            self.text(" context", context, out);
        }
        self.settings("identity", &job.identity, out);
        if let Some(account) = &job.account {
            self.text(" as", account, out);
        }
        for step in &job.steps {
            out.push_str("\n  ");
            self.step(step, out);
        }
    }

    fn step(&self, step: &Step, out: &mut String) {
        _ = write!(out, "{}@{}", step.segment, self.line(step.at.start));
        if let Some(uses) = &step.uses {
            self.text(" uses", uses, out);
        }
        for when in &step.conditions {
            self.text(" if", &when.text, out);
        }
        self.settings("with", &step.with, out);
        self.settings("env", &step.env, out);
        if let Some(lenience) = &step.may_fail {
            _ = write!(
                out,
                " may-fail:{}@{}",
                lenience.key,
                self.line(lenience.span.start)
            );
        }
        if let Some(despite) = &step.despite {
            let line = self.line(despite.span.start);
            _ = write!(out, " despite:{}@{line}", despite.key);
        }
        for image in &step.images {
            self.image(image, out);
        }
        for (command, span) in step.commands() {
            let words: Vec<_> = command
                .words
                .iter()
                .map(super::super::shell::Word::text)
                .collect();
            _ = write!(out, " `{}`@{}", words.join(" "), self.line(span.start));
        }
    }

    fn image(&self, image: &Image, out: &mut String) {
        self.text(
            if image.service { " service" } else { " image" },
            &image.name,
            out,
        );
        for power in &image.powers {
            self.text(" power", power, out);
        }
        if let Some(password) = &image.password {
            self.text(" password", password, out);
        }
        self.settings("env", &image.env, out);
    }

    fn grants(&self, grants: Option<&Grants>, out: &mut String) {
        match grants {
            Some(Grants::All(span)) => _ = write!(out, " grants:all@{}", self.line(span.start)),
            Some(Grants::Read) => out.push_str(" grants:read"),
            Some(Grants::Scopes(scopes)) => self.settings("grants", scopes, out),
            None => {}
        }
    }

    fn settings(&self, what: &str, settings: &[Setting], out: &mut String) {
        for setting in settings {
            _ = write!(
                out,
                " {what}:{}@{}",
                setting.name,
                self.line(setting.at.start)
            );
            self.text("", &setting.value, out);
        }
    }

    fn text(&self, what: &str, text: &Text, out: &mut String) {
        _ = write!(
            out,
            "{what}={}@{}",
            text.text.trim_end(),
            self.line(text.span.start)
        );
        match &text.defined {
            Some(super::Spot::Here(span)) => _ = write!(out, "<{}", self.line(span.start)),
            Some(super::Spot::There(place)) => {
                _ = write!(out, "<{}:{}", place.path, place.region.line);
            }
            None => {}
        }
    }
}
