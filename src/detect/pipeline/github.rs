//! Workflows and composite actions of GitHub, and of Gitea and Forgejo, which read the
//! same files. Facts: GitHub's "Workflow syntax" and "Metadata syntax" references.

use super::containers::{is_powerful, reaches_host};
use crate::detect::condition;
use crate::detect::shell::Shell;

use super::cursor::{Cursor, Entry, File};
use super::{
    Environment, Grants, Image, Input, Job, Lenience, Pipeline, Script, Step, System, Text,
    Trigger, TriggerKind, When,
};

/// Reads a workflow.
pub(super) fn workflow<'f>(file: &'f File<'f>, system: System) -> Option<Pipeline> {
    let root = file.roots().find(|root| root.get("jobs").is_some())?;
    let prefix = if system == System::Gitea {
        "gitea"
    } else {
        "github"
    };
    let mut pipeline = Pipeline::new(system, format!("{prefix}:workflow:{}", file.name()));
    pipeline.name = root.get("name").and_then(|name| name.text());
    if let Some(on) = root.member("on") {
        triggers(&on, &mut pipeline);
    }
    // What is only called is judged with its callers; what else starts it is not.
    let called = |t: &Trigger| t.name == "workflow_call";
    pipeline.callable = !pipeline.triggers.is_empty() && pipeline.triggers.iter().all(called);
    pipeline.grants = root.member("permissions").and_then(|p| grants(&p));
    pipeline.env = root.get("env").map_or(Vec::new(), |env| env.settings());
    let jobs = root.get("jobs")?;
    pipeline.jobs = jobs.members().map(|entry| job(&entry, system)).collect();
    Some(pipeline)
}

/// Reads a composite action: one job without a name. What other actions run is no shell.
pub(super) fn action<'f>(file: &'f File<'f>) -> Option<Pipeline> {
    let root = file.roots().find(|root| root.get("runs").is_some())?;
    let mut pipeline = Pipeline::new(System::Github, "github:action".to_owned());
    pipeline.name = root.get("name").and_then(|name| name.text());
    pipeline.callable = true;
    let inputs = root.get("inputs");
    let inputs = inputs.iter().flat_map(Cursor::members);
    pipeline.inputs = inputs.map(|entry| input(&entry, false)).collect();
    let runs = root.member("runs")?;
    if let Some(steps) = runs.value.get("steps") {
        pipeline.jobs.push(Job {
            at: runs.at,
            steps: steps.items().map(step).collect(),
            ..Job::default()
        });
    }
    Some(pipeline)
}

fn triggers(on: &Entry<'_>, pipeline: &mut Pipeline) {
    for name in on.value.one_or_many() {
        if let Some(text) = name.str() {
            let (text, span) = (text.to_owned(), name.span());
            pipeline.triggers.push(Trigger {
                kind: kind(&text, false),
                name: text,
                span,
                branches: Vec::new(),
            });
        }
    }
    for event in on.value.members() {
        let of = |key| event.value.get(key).map_or(Vec::new(), |list| list.ids());
        let branches = of("branches");
        // A push that names tags and no branch is one of tags only.
        let tags = event.value.get("tags").is_some() && branches.is_empty();
        pipeline.triggers.push(Trigger {
            kind: kind(event.key, tags),
            name: event.key.to_owned(),
            span: event.at,
            branches,
        });
        let person = event.key == "workflow_dispatch";
        if person || event.key == "workflow_call" {
            let inputs = event.value.get("inputs");
            let inputs = inputs.iter().flat_map(Cursor::members);
            pipeline
                .inputs
                .extend(inputs.map(|entry| input(&entry, person)));
        }
    }
}

/// What an event is. `workflow_run` runs with the project's rights after a pull
/// request's own run.
fn kind(event: &str, only_tags: bool) -> TriggerKind {
    match event {
        "push" if only_tags => TriggerKind::Release,
        "push" => TriggerKind::Push,
        "create" | "release" | "registry_package" => TriggerKind::Release,
        "pull_request" | "merge_group" => TriggerKind::Review,
        "pull_request_target"
        | "issue_comment"
        | "issues"
        | "pull_request_review"
        | "pull_request_review_comment"
        | "discussion"
        | "discussion_comment"
        | "workflow_run"
        | "fork"
        | "watch"
        | "gollum" => TriggerKind::Privileged,
        "workflow_dispatch" => TriggerKind::Manual,
        "schedule" => TriggerKind::Schedule,
        "repository_dispatch" => TriggerKind::External,
        "workflow_call" => TriggerKind::Pipeline,
        _ => TriggerKind::Other,
    }
}

fn input(entry: &Entry<'_>, by_person: bool) -> Input {
    Input {
        name: entry.key.to_owned(),
        span: entry.at,
        default: entry.value.get("default").and_then(|d| d.text()),
        by_person,
    }
}

fn grants(entry: &Entry<'_>) -> Option<Grants> {
    match entry.value.str() {
        Some("write-all") => Some(Grants::All(entry.whole())),
        Some("read-all") => Some(Grants::Read),
        Some(_) => None,
        None => Some(Grants::Scopes(entry.value.settings())),
    }
}

fn job(entry: &Entry<'_>, system: System) -> Job {
    let body = entry.value;
    let get = |key| body.get(key);
    Job {
        id: entry.key.to_owned(),
        name: get("name").and_then(|name| name.text()),
        segment: format!("job:{}", entry.key),
        at: entry.at,
        defined: body.defined(),
        needs: get("needs").map_or(Vec::new(), |needs| needs.ids()),
        conditions: conditions(body),
        environment: get("environment").and_then(|e| environment(e, system)),
        may_fail: lenience(body),
        grants: body.member("permissions").and_then(|p| grants(&p)),
        env: get("env").map_or(Vec::new(), |env| env.settings()),
        runner: runner(body),
        images: images(body),
        calls: get("uses").and_then(|uses| uses.text()),
        with: get("with").map_or(Vec::new(), |with| with.settings()),
        secrets: get("secrets").map_or(Vec::new(), |secrets| secrets.settings()),
        steps: get("steps").map_or(Vec::new(), |steps| steps.items().map(step).collect()),
        ..Job::default()
    }
}

fn conditions(body: Cursor<'_>) -> Vec<When> {
    let text = body.get("if").and_then(|text| text.text());
    let read = |text: Text| When {
        condition: condition::github::condition(&text.text),
        text,
    };
    text.map(read).into_iter().collect()
}

/// On Gitea the key is read and holds nothing back.
fn environment(value: Cursor<'_>, system: System) -> Option<Environment> {
    let name = value.text().or_else(|| value.get("name")?.text())?;
    Some(Environment {
        name,
        can_hold: system == System::Github,
        only_named: value.get("deployment").and_then(|d| d.truth()) == Some(false),
    })
}

fn lenience(body: Cursor<'_>) -> Option<Lenience> {
    let entry = body.member("continue-on-error")?;
    let bare = |text: &str| {
        text.chars()
            .filter(|c| !c.is_whitespace())
            .collect::<String>()
    };
    let on = entry.value.truth() == Some(true)
        || entry
            .value
            .str()
            .is_some_and(|text| bare(text) == "${{true}}");
    on.then(|| Lenience {
        key: "continue-on-error".into(),
        span: entry.whole(),
    })
}

fn runner(body: Cursor<'_>) -> Vec<Text> {
    let Some(on) = body.get("runs-on") else {
        return Vec::new();
    };
    let labels = on.get("labels").map_or(Vec::new(), |labels| labels.texts());
    let group = on.get("group").and_then(|group| group.text());
    let mut all = on.texts();
    all.extend(labels);
    all.extend(group.map(|group| Text {
        text: format!("group:{}", group.text),
        ..group
    }));
    all
}

fn images(body: Cursor<'_>) -> Vec<Image> {
    let own = body.get("container").into_iter().map(|c| image(c, false));
    let services = body.get("services");
    let services = services.iter().flat_map(Cursor::members);
    own.chain(services.map(|service| image(service.value, true)))
        .collect()
}

fn image(value: Cursor<'_>, service: bool) -> Image {
    let name = value.text().or_else(|| value.get("image")?.text());
    let options = value.get("options").and_then(|options| options.text());
    let volumes = value.get("volumes").map_or(Vec::new(), |list| list.texts());
    let mut powers = Vec::new();
    powers.extend(
        options
            .into_iter()
            .filter(|options| is_powerful(&options.text)),
    );
    powers.extend(
        volumes
            .into_iter()
            .filter(|volume| reaches_host(&volume.text)),
    );
    Image {
        name: name.unwrap_or_default(),
        service,
        powers,
        password: value
            .at(&["credentials", "password"])
            .and_then(|p| p.text()),
        env: value.get("env").map_or(Vec::new(), |env| env.settings()),
    }
}

fn step(item: Cursor<'_>) -> Step {
    let uses = item.get("uses").and_then(|uses| uses.text());
    let name = item.get("name").and_then(|name| name.text());
    let id = item.get("id").and_then(|id| id.str()).map(str::to_owned);
    let first = item.members().next().map(|entry| entry.at);
    let shell = item.get("shell").and_then(|shell| shell.str());
    let shell = Shell::named(shell.unwrap_or("bash"));
    let run = item.get("run").zip(shell);
    let label = id
        .clone()
        .or_else(|| name.as_ref().map(|n| n.text.clone()))
        .or_else(|| {
            let uses = &uses.as_ref()?.text;
            Some(uses.split('@').next().unwrap_or(uses).to_owned())
        });
    Step {
        segment: label.map_or(String::new(), |label| format!("step:{}", label.trim())),
        at: first.unwrap_or_else(|| item.span()),
        id,
        name,
        uses,
        with: item.get("with").map_or(Vec::new(), |with| with.settings()),
        env: item.get("env").map_or(Vec::new(), |env| env.settings()),
        script: run.map_or_else(Script::default, |(run, how)| run.script_by(how)),
        conditions: conditions(item),
        may_fail: lenience(item),
        ..Step::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::render::shown;

    #[test]
    fn reads_a_workflow() {
        let text = "\
on:
  push:
    branches: [main]
  workflow_dispatch:
    inputs:
      skip: {default: false}
permissions: read-all
env: {A: 1}
jobs:
  build:
    runs-on: [self-hosted, linux]
    continue-on-error: true
    container: {image: x, options: --privileged}
    steps:
      - uses: actions/checkout@v4
        with: {persist-credentials: false}
      - name: Test
        run: |
          make test
          make lint
  deploy:
    needs: build
    if: github.ref == 'refs/heads/main'
    environment: {name: prod}
    permissions: {contents: write}
    uses: ./.github/workflows/d.yml
    with: {a: b}
";
        assert_eq!(
            shown(".github/workflows/a.yml", text),
            "\
github:workflow:a.yml on:push=Push@2[main] on:workflow_dispatch=Manual@4 input:skip@6 grants:read env:A@8=1@8
job:build@10 may-fail:continue-on-error@12 on=self-hosted@11 on=linux@11 image=x@13 power=--privileged@13
  step:actions/checkout@15 uses=actions/checkout@v4@15 with:persist-credentials@16=false@16
  step:Test@17 `make test`@19 `make lint`@20
job:deploy@21 needs:build if=github.ref == 'refs/heads/main'@23 to=prod@24 grants:contents@25=write@25 calls=./.github/workflows/d.yml@26 with:a@27=b@27"
        );
    }

    #[test]
    fn what_an_alias_brings_is_used_where_it_stands() {
        let text = "\
on: push
x: &env
  KEY: ${{ secrets.KEY }}
y: &step
  name: Go
  run: make go
jobs:
  a:
    env: *env
    steps:
      - *step
      - <<: *step
        name: Stop
      - env:
          <<: *env
        run: make
";
        assert_eq!(
            shown(".github/workflows/a.yml", text),
            "\
github:workflow:a.yml on:push=Push@1
job:a@8 env:KEY@9=${{ secrets.KEY }}@9<3
  step:Go@11 `make go`@11
  step:Stop@13 `make go`@12
  @14 env:KEY@15=${{ secrets.KEY }}@15<3 `make`@16"
        );
    }

    #[test]
    fn reads_a_composite_action() {
        let text = "runs:\n  using: composite\n  steps:\n    - run: make\n      shell: bash\n";
        assert_eq!(
            shown("action.yml", text),
            "github:action callable\n@1\n  @4 `make`@4"
        );
        assert_eq!(
            shown("action.yml", "runs: {using: node20, main: a.js}\n"),
            "github:action callable"
        );
        assert_eq!(shown("action.yml", "a: ["), "none");
    }
}
