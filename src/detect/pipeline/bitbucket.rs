//! Bitbucket Pipelines. Facts: Atlassian's "Bitbucket Pipelines configuration reference".

use std::collections::HashMap;

use crate::document::Node;

use super::cursor::{Cursor, Entry, File};
use super::values::{self, Ids, Order};
use super::{
    Environment, Image, Input, Job, Pipeline, Setting, Step, System, Text, Trigger, TriggerKind,
};

/// Reads `bitbucket-pipelines.yml`.
pub(super) fn pipelines<'f>(file: &'f File<'f>) -> Option<Pipeline> {
    let root = file.roots().find(|root| root.get("pipelines").is_some())?;
    let mut reader = Reader {
        root,
        pipeline: Pipeline::new(System::Bitbucket, "bitbucket".to_owned()),
        ids: Ids::default(),
        names: HashMap::new(),
    };
    let pipelines = root.get("pipelines")?;
    pipelines.node().walk(&mut |member, node| {
        let step = member.is_some_and(|member| member.key == "step");
        if let Some(name) = node.get("name").and_then(Node::text).filter(|_| step) {
            *reader.names.entry(name.trim()).or_default() += 1;
        }
    });
    for section in pipelines.members() {
        if section.key == "default" {
            let on = values::trigger(TriggerKind::Push, "default", section.at, Vec::new());
            reader.pipeline(&section, "default", &on);
            continue;
        }
        for entry in section.value.members() {
            let branches = vec![entry.key.to_owned()];
            let (kind, branches) = match section.key {
                "branches" => (TriggerKind::Push, branches),
                "tags" => (TriggerKind::Release, Vec::new()),
                // One from a fork runs without the project's variables.
                "pull-requests" => (TriggerKind::Review, Vec::new()),
                // Schedules start these too.
                "custom" => (TriggerKind::Manual, Vec::new()),
                _ => (TriggerKind::Other, branches),
            };
            let on = values::trigger(kind, section.key, entry.at, branches);
            reader.pipeline(&entry, &format!("{}.{}", section.key, entry.key), &on);
        }
    }
    Some(reader.pipeline)
}

struct Reader<'f> {
    root: Cursor<'f>,
    pipeline: Pipeline,
    ids: Ids,
    /// How often a step is called so: only one name of its own is an id.
    names: HashMap<&'f str, usize>,
}

/// Where a step stands, and what holds for it by that.
struct Within<'w> {
    name: &'w str,
    on: &'w Trigger,
    stage: Option<Cursor<'w>>,
}

impl<'f> Reader<'f> {
    fn pipeline(&mut self, entry: &Entry<'f>, name: &str, on: &Trigger) {
        self.pipeline.triggers.push(on.clone());
        if let Some(import) = entry.value.get("import").and_then(|import| import.text()) {
            entry
                .value
                .file()
                .note("imports a pipeline of another repository, which is not read");
            self.pipeline.jobs.push(Job {
                id: self.ids.once(name.to_owned()),
                segment: format!("pipeline:{name}"),
                at: entry.at,
                triggers: vec![on.clone()],
                calls: Some(import),
                ..Job::default()
            });
        }
        let mut order = Order::default();
        let within = Within {
            name,
            on,
            stage: None,
        };
        for item in entry.value.items() {
            if let Some(step) = item.member("step") {
                self.step(&step, &within, &mut order);
            } else if let Some(parallel) = item.get("parallel") {
                self.parallel(parallel, &within, &mut order);
            } else if let Some(stage) = item.get("stage") {
                let within = Within {
                    stage: Some(stage),
                    ..within
                };
                for item in stage.get("steps").iter().flat_map(Cursor::items) {
                    if let Some(step) = item.member("step") {
                        self.step(&step, &within, &mut order);
                    } else if let Some(parallel) = item.get("parallel") {
                        self.parallel(parallel, &within, &mut order);
                    }
                    order.next(&mut self.pipeline.jobs, &mut self.ids);
                }
            } else if let Some(variables) = item.get("variables") {
                self.pipeline
                    .inputs
                    .extend(variables.items().filter_map(input));
            }
            order.next(&mut self.pipeline.jobs, &mut self.ids);
        }
    }

    /// A list of steps, or a mapping that holds one.
    fn parallel(&mut self, parallel: Cursor<'f>, within: &Within<'_>, order: &mut Order) {
        let steps = parallel.get("steps").unwrap_or(parallel);
        for item in steps.items() {
            if let Some(step) = item.member("step") {
                self.step(&step, within, order);
            }
        }
    }

    fn step(&mut self, entry: &Entry<'f>, within: &Within<'_>, order: &mut Order) {
        let body = entry.value;
        let name = body.get("name").and_then(|name| name.text());
        let called = name.as_ref().map_or("step", |name| name.text.trim());
        let own = self.names.get(called).is_some_and(|count| *count == 1);
        let id = self.ids.once(if own {
            called.to_owned()
        } else {
            format!("{}/{called}", within.name)
        });
        let number = id.rsplit_once('#').filter(|_| name.is_none());
        let numbered = number.map_or_else(String::new, |(_, number)| format!("#{number}"));
        // What a stage says holds for its steps.
        let of = |key| body.member(key).or_else(|| within.stage?.member(key));
        let manual = of("trigger").filter(|entry| entry.value.str() == Some("manual"));
        let deployment = of("deployment").and_then(|entry| entry.value.text());
        let oidc = body
            .member("oidc")
            .filter(|entry| entry.value.truth() == Some(true));
        let ignored = body.get("on-fail").and_then(|on| {
            let entry = on.member("strategy")?;
            (entry.value.str() == Some("ignore")).then(|| values::lenience(&entry, "on-fail"))
        });
        let job = Job {
            segment: format!("pipeline:{}/step:{called}{numbered}", within.name),
            id,
            name,
            at: entry.at,
            defined: body.defined(),
            needs: order.needs(),
            conditions: values::condition(of("condition"), values::unread)
                .into_iter()
                .collect(),
            triggers: vec![within.on.clone()],
            environment: deployment.map(|name| Environment {
                name,
                can_hold: true,
                only_named: false,
            }),
            gates: manual
                .map(|entry| values::gate(entry.whole(), Vec::new()))
                .into_iter()
                .collect(),
            may_fail: ignored,
            runner: runner(body),
            images: self.images(body),
            identity: oidc.map(|entry| entry.setting()).into_iter().collect(),
            steps: steps(body),
            ..Job::default()
        };
        order.add(&job.id);
        self.pipeline.jobs.push(job);
    }

    fn images(&self, body: Cursor<'f>) -> Vec<Image> {
        let own = body.get("image").or_else(|| self.root.get("image"));
        let mut images: Vec<Image> = own
            .map(|image| container(image, false))
            .into_iter()
            .collect();
        let defined = self.root.at(&["definitions", "services"]);
        for service in body.get("services").iter().flat_map(Cursor::items) {
            let Some(name) = service.text() else {
                continue;
            };
            let its = defined.and_then(|all| all.get(&name.text));
            let image = its.map(|its| container(its.used_at(name.span), true));
            images.push(match image {
                Some(image) if !image.name.text.is_empty() => image,
                _ => Image {
                    name,
                    service: true,
                    ..Image::default()
                },
            });
        }
        images
    }
}

/// A name, or a mapping with one and a login to its registry.
fn container(value: Cursor<'_>, service: bool) -> Image {
    let value = value.get("image").unwrap_or(value);
    let name = value.text().or_else(|| value.get("name")?.text());
    Image {
        name: name.unwrap_or_default(),
        service,
        password: value.get("password").and_then(|p| p.text()),
        env: value
            .get("variables")
            .map_or(Vec::new(), |env| env.settings()),
        ..Image::default()
    }
}

/// `self.hosted` is a machine of one's own, as other systems call `self-hosted`.
fn runner(body: Cursor<'_>) -> Vec<Text> {
    let mut labels = body.get("runs-on").map_or(Vec::new(), |on| on.texts());
    for label in &mut labels {
        if label.text == "self.hosted" {
            "self-hosted".clone_into(&mut label.text);
        }
    }
    labels
}

/// A variable that a person gives to a custom pipeline.
fn input(item: Cursor<'_>) -> Option<Input> {
    let name = item.get("name")?.text()?;
    Some(Input {
        name: name.text,
        span: name.span,
        default: item.get("default").and_then(|d| d.text()),
        by_person: true,
    })
}

/// The script with its pipes, then what runs after it, whose failure counts for nothing.
fn steps(body: Cursor<'_>) -> Vec<Step> {
    let mut out = body.get("script").map_or(Vec::new(), script);
    if let Some(after) = body.member("after-script") {
        out.extend(script(after.value).into_iter().map(|step| Step {
            may_fail: Some(super::Lenience {
                key: "after-script".into(),
                span: after.at,
            }),
            despite: Some(super::Lenience {
                key: "after-script".into(),
                span: after.at,
            }),
            ..step
        }));
    }
    out
}

fn script(list: Cursor<'_>) -> Vec<Step> {
    if list.items().all(|item| item.get("pipe").is_none()) {
        return values::scripts(list);
    }
    let mut out = Vec::new();
    for item in list.items() {
        match item.get("pipe").and_then(|pipe| pipe.text()) {
            Some(pipe) => out.push(pipe_step(item, pipe)),
            None => out.extend(values::scripts(item)),
        }
    }
    out
}

fn pipe_step(item: Cursor<'_>, pipe: Text) -> Step {
    let name = item.get("name").and_then(|name| name.text());
    let label = name.as_ref().unwrap_or(&pipe).text.trim();
    let label = label.split(':').next().unwrap_or(label);
    let variables = item.get("variables");
    // A list of variables is a value of several lines.
    let with: Vec<Setting> = variables.map_or(Vec::new(), values::settings);
    Step {
        segment: format!("pipe:{label}"),
        at: pipe.span,
        name,
        uses: Some(pipe),
        with,
        ..Step::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::render::shown;

    const PATH: &str = "bitbucket-pipelines.yml";

    #[test]
    fn reads_pipelines() {
        let text = "\
image: node:20
definitions:
  services:
    db: {image: 'postgres:16', variables: {POSTGRES_PASSWORD: x}}
  steps:
    - step: &test
        name: Test
        script: [npm test]
pipelines:
  default:
    - step: *test
  branches:
    main:
      - parallel:
          - step: *test
          - step:
              script:
                - npm audit
              on-fail: {strategy: ignore}
              services: [db, docker]
              runs-on: [self.hosted, linux]
      - stage:
          name: Out
          deployment: production
          trigger: manual
          steps:
            - step:
                oidc: true
                script:
                  - make
                  - pipe: atlassian/aws-s3-deploy:1.1.0
                    variables:
                      AWS_OIDC_ROLE_ARN: $ROLE
                after-script:
                  - echo
                  - rm x
  custom:
    hotfix:
      - variables:
          - name: VERSION
            default: '1'
      - step:
          name: Go
          script: [make deploy]
";
        assert_eq!(shown(PATH, text), "\
bitbucket on:default=Push@10 on:branches=Push@13[main] on:custom=Manual@38 input:VERSION@40
pipeline:default/step:Test@11 on:default=Push image=node:20@1
  @11 `npm test`@11
pipeline:branches.main/step:Test@15 on:branches=Push[main] image=node:20@1
  @15 `npm test`@15
pipeline:branches.main/step:step@16 on:branches=Push[main] may-fail:on-fail@19 on=self-hosted@21 on=linux@21 image=node:20@1 service=postgres:16@20<4 service=docker@20
  @18 `npm audit`@18
@16 needs:branches.main/Test,branches.main/step
pipeline:branches.main/step:step#2@27 needs:after branches.main/Test on:branches=Push[main] to=production@24 gate:button@25 image=node:20@1 identity:oidc@28=true@28
  @30 `make`@30
  pipe:atlassian/aws-s3-deploy@31 uses=atlassian/aws-s3-deploy:1.1.0@31 with:AWS_OIDC_ROLE_ARN@33=$ROLE@33
  @35 may-fail:after-script@34 despite:after-script@34 `echo`@35 `rm x`@36
pipeline:custom.hotfix/step:Go@42 on:custom=Manual image=node:20@1
  @44 `make deploy`@44");
    }

    #[test]
    fn what_it_does_not_know_it_passes_over() {
        assert_eq!(shown(PATH, "a: ["), "none");
        let text = "\
pipelines:
  default: {import: shared:main:build}
  custom: [x]
  other:
    y:
      - parallel:
          fail-fast: true
          steps: [{step: {script: a}}, {step: 1}, {steps: 2}]
      - step: {script: [[a, b], {pipe: 1}, {}]}
";
        assert_eq!(
            shown(PATH, text),
            "\
bitbucket on:default=Push@2 on:other=Other@5[y]
pipeline:default@2 on:default=Push calls=shared:main:build@2
pipeline:other.y/step:step@8 on:other=Other[y]
  @8 `a`@8
pipeline:other.y/step:step#2@8 on:other=Other[y]
@8 needs:other.y/step,other.y/step#2
pipeline:other.y/step:step#3@9 needs:after other.y/step on:other=Other[y]
  @9 `a`@9 `b`@9
  pipe:1@9 uses=1@9"
        );
    }
}
