//! Build specifications of AWS `CodeBuild`. Facts: AWS's "Build specification reference"
//! and "Batch build buildspec reference".

use super::cursor::{Cursor, Entry, File};
use super::{Image, Job, Lenience, Pipeline, Setting, Step, System, pods, reads};
use crate::document::Span;

/// Reads a build: one job with a step for each phase, and the builds of a batch.
pub(super) fn read<'f>(file: &'f File<'f>) -> Option<Pipeline> {
    let root = file
        .roots()
        .find(|root| root.get("phases").is_some() || root.get("batch").is_some())?;
    let mut pipeline = Pipeline::new(System::CodeBuild, format!("codebuild:{}", file.name()));
    if let Some(env) = root.get("env") {
        pipeline.env = variables(env);
    }
    pipeline
        .settings
        .extend(root.member("run-as").map(|entry| entry.setting()));
    if let Some(phases) = root.member("phases") {
        let mut job = Job {
            at: phases.at,
            ..Job::default()
        };
        let on_failure = phases.value.at(&["build", "on-failure"]);
        let ends = on_failure.and_then(|on| on.str()) == Some("ABORT");
        for phase in phases.value.members() {
            let mut steps = steps(&phase);
            if phase.key == "post_build" && !ends {
                for step in &mut steps {
                    after_failure(step, phase.at);
                }
            }
            job.steps.append(&mut steps);
        }
        pipeline.jobs.push(job);
    }
    let batch = root.get("batch");
    for list in ["build-list", "build-graph"] {
        let list = batch.and_then(|batch| batch.get(list));
        for item in list.iter().flat_map(Cursor::items) {
            pipeline.jobs.push(build(item));
        }
    }
    if let Some(matrix) = batch.and_then(|batch| batch.member("build-matrix")) {
        pipeline.jobs.push(matrix_build(&matrix));
    }
    Some(pipeline)
}

/// Plain variables, and those that a store gives.
fn variables(env: Cursor<'_>) -> Vec<Setting> {
    let plain = env.get("variables");
    let mut out = plain.map_or(Vec::new(), |plain| plain.settings());
    for store in ["parameter-store", "secrets-manager"] {
        let store = env.get(store);
        for entry in store.iter().flat_map(Cursor::members) {
            let mut setting = entry.setting();
            setting.value.text = reads::stored(&setting.value.text);
            out.push(setting);
        }
    }
    out
}

/// A phase's commands, and those that run however they end.
fn steps(phase: &Entry<'_>) -> Vec<Step> {
    let body = phase.value;
    let commands = body.member("commands").map(|commands| Step {
        id: Some(phase.key.to_owned()),
        segment: format!("phase:{}", phase.key),
        at: phase.at,
        script: commands.value.script(),
        may_fail: lenience(body),
        ..Step::default()
    });
    let last = body.member("finally").map(|last| {
        let mut step = Step {
            segment: format!("phase:{}/finally", phase.key),
            at: last.at,
            script: last.value.script(),
            ..Step::default()
        };
        after_failure(&mut step, last.at);
        step
    });
    commands.into_iter().chain(last).collect()
}

/// Commands after the build run whether it succeeded or not, unless they ask.
fn after_failure(step: &mut Step, span: Span) {
    if !step.script.text.contains("CODEBUILD_BUILD_SUCCEEDING") {
        let key = step.segment.trim_start_matches("phase:").to_owned().into();
        step.despite = Some(Lenience { key, span });
    }
}

fn lenience(body: Cursor<'_>) -> Option<Lenience> {
    let entry = body.member("on-failure")?;
    (entry.value.str() == Some("CONTINUE")).then(|| Lenience {
        key: "on-failure".into(),
        span: entry.whole(),
    })
}

/// A build of a batch: it reads a specification of its own, or this one.
fn build(item: Cursor<'_>) -> Job {
    let id = item.get("identifier");
    let name = id.and_then(|id| id.str()).unwrap_or_default();
    let mut job = Job {
        id: name.to_owned(),
        segment: format!("batch:{name}"),
        at: id.map_or(item.span(), |id| id.span()),
        defined: item.defined(),
        needs: item.get("depend-on").map_or(Vec::new(), |on| on.ids()),
        may_fail: ignored(item),
        calls: item.get("buildspec").and_then(|path| path.text()),
        ..Job::default()
    };
    environment(item.get("env"), &mut job);
    job
}

fn ignored(item: Cursor<'_>) -> Option<Lenience> {
    let entry = item.member("ignore-failure")?;
    (entry.value.truth() == Some(true)).then(|| Lenience {
        key: "ignore-failure".into(),
        span: entry.whole(),
    })
}

fn environment(env: Option<Cursor<'_>>, job: &mut Job) {
    let Some(env) = env else {
        return;
    };
    job.env.extend(variables(env));
    let name = env.get("image").and_then(|image| image.text());
    let powers = env.member("privileged-mode");
    let powers: Vec<_> = powers
        .filter(|entry| entry.value.truth() == Some(true))
        .map(|entry| pods::whole(&entry, "privileged-mode: true"))
        .into_iter()
        .collect();
    if name.is_some() || !powers.is_empty() {
        job.images.push(Image {
            name: name.unwrap_or_default(),
            powers,
            ..Image::default()
        });
    }
}

/// One build for each combination: what is the same for all of them.
fn matrix_build(matrix: &Entry<'_>) -> Job {
    let fixed = matrix.value.get("static");
    let mut job = Job {
        id: "build-matrix".to_owned(),
        segment: "batch:matrix".to_owned(),
        at: matrix.at,
        may_fail: fixed.and_then(ignored),
        ..Job::default()
    };
    environment(fixed.and_then(|fixed| fixed.get("env")), &mut job);
    let varied = matrix.value.at(&["dynamic", "env", "image"]);
    let images = varied.map_or(Vec::new(), |images| images.texts());
    job.images.extend(images.into_iter().map(|name| Image {
        name,
        ..Image::default()
    }));
    job
}

#[cfg(test)]
mod tests {
    use super::super::render::shown;

    #[test]
    fn reads_phases_and_a_batch() {
        let text = "\
version: 0.2
run-as: root
env:
  variables: {STAGE: prod}
  secrets-manager: {TOKEN: 'prod/npm:token'}
  parameter-store: {KEY: /app/key}
batch:
  build-graph:
    - identifier: image
      buildspec: image.yml
      env: {privileged-mode: true, image: 'aws/codebuild/standard:7.0'}
    - identifier: ship
      depend-on: [image]
      ignore-failure: true
phases:
  pre_build:
    on-failure: CONTINUE
    commands:
      - trivy fs .
      - |
        make a
        make b
  build:
    on-failure: ABORT
    commands: make
    finally: [make clean]
";
        assert_eq!(
            shown("buildspec.yml", text),
            "\
codebuild:buildspec.yml setting:run-as@2=root@2 env:STAGE@4=prod@4 env:KEY@6=secret:/app/key@6 env:TOKEN@5=secret:prod/npm:token@5
@15
  phase:pre_build@16 may-fail:on-failure@17 `trivy fs .`@19 `make a`@21 `make b`@22
  phase:build@23 `make`@25
  phase:build/finally@26 despite:build/finally@26 `make clean`@26
batch:image@9 image=aws/codebuild/standard:7.0@11 power=privileged-mode: true@11 calls=image.yml@10
batch:ship@12 needs:image may-fail:ignore-failure@14"
        );
    }

    #[test]
    fn what_an_alias_brings_and_what_is_broken() {
        let text = "x: &c [make a]\nphases:\n  build: {commands: *c}\n  install: 3\n";
        assert_eq!(
            shown("buildspec.yml", text),
            "codebuild:buildspec.yml\n@2\n  phase:build@3 `make a`@3"
        );
        assert_eq!(
            shown("buildspec.yml", "phases: ["),
            "codebuild:buildspec.yml\n@1"
        );
    }
}
