//! Travis CI. What all jobs of a build share is a job of its own; an entry of `jobs`
//! has what it says itself. Facts: Travis CI's "Job lifecycle", "Build stages",
//! "Deployment" and "Conditions".

use crate::detect::condition::{self, Condition};
use crate::document::Node;

use super::cursor::{Cursor, Entry, File};
use super::values::{self, Ids, Order};
use super::{Job, Lenience, Pipeline, Step, System, Text, Trigger, TriggerKind, When};

/// The phases whose failure ends a build, and after `false` those whose doesn't.
const PHASES: &[(&str, bool)] = &[
    ("before_install", true),
    ("install", true),
    ("before_script", true),
    ("script", true),
    ("after_success", false),
    ("after_failure", false),
    ("before_deploy", true),
    ("deploy", true),
    ("after_deploy", false),
    ("after_script", false),
];

/// Most stages that are told apart.
const MOST_STAGES: usize = 200;

/// Most comparisons of jobs with those that may fail.
const MOST: usize = 1_000_000;

/// Reads `.travis.yml`.
pub(super) fn build<'f>(file: &'f File<'f>) -> Option<Pipeline> {
    let root = file.roots().find(|root| root.members().next().is_some())?;
    let mut out = Pipeline::new(System::Travis, "travis".to_owned());
    if root.get("import").is_some() {
        file.note("imports other configurations, which are not read");
    }
    if let Some(branches) = root.member("branches") {
        let only = branches.value.get("only");
        let only = only.map_or(Vec::new(), |only| only.ids());
        let kind = TriggerKind::Push;
        out.triggers
            .push(values::trigger(kind, "push", branches.at, only));
    }
    let env = root.get("env");
    let global = env.and_then(|env| env.get("global"));
    out.env = global.map_or(Vec::new(), values::variables);
    let mut ids = Ids::default();
    let mut base = job(root, &mut ids, None);
    let lists = ["jobs", "matrix"].map(|key| env.and_then(|env| env.get(key)));
    for variables in lists.into_iter().flatten() {
        base.env.extend(values::variables(variables));
    }
    if let Some(env) = env.filter(|_| global.is_none() && lists.iter().all(Option::is_none)) {
        base.env = values::variables(env);
    }
    let all = root.get("jobs").or_else(|| root.get("matrix"));
    let mut stages = vec![("test".to_owned(), vec![base])];
    let mut stage = "test".to_owned();
    let include = all.and_then(|all| all.get("include")).or(all);
    let allowed = all.and_then(|all| all.member("allow_failures"));
    let mut left = MOST;
    for item in include.iter().flat_map(Cursor::items) {
        if let Some(name) = item
            .get("stage")
            .and_then(|s| s.text().or_else(|| s.get("name")?.text()))
        {
            stage = name.text.to_lowercase();
        }
        let mut one = job(item, &mut ids, Some(&stage));
        one.env = item.get("env").map_or(Vec::new(), values::variables);
        one.may_fail = allowed.and_then(|allowed| may_fail(&allowed, item, &mut left));
        let known = stages.iter().position(|(name, _)| *name == stage);
        let place = known.unwrap_or(stages.len());
        if place == MOST_STAGES {
            file.note("has more stages than are read");
            continue;
        }
        if place == stages.len() {
            stages.push((stage.clone(), Vec::new()));
        }
        if let Some((_, jobs)) = stages.get_mut(place) {
            jobs.push(one);
        }
    }
    sort(root, &mut stages);
    let mut order = Order::default();
    for (name, jobs) in stages {
        let condition = of_stage(root, &name);
        for mut job in jobs {
            job.needs = order.needs();
            let size = condition.as_ref().map_or(0, When::cost);
            if file.spend(size) {
                job.conditions.extend(condition.clone());
            }
            job.triggers = started(&job.conditions);
            order.add(&job.id);
            out.jobs.push(job);
        }
        order.next(&mut out.jobs, &mut ids);
    }
    Some(out)
}

fn read(node: &Node) -> Condition {
    node.text()
        .map_or(Condition::Unknown, condition::travis::condition)
}

/// The order of stages, as far as the file says.
fn sort(root: Cursor<'_>, stages: &mut [(String, Vec<Job>)]) {
    let Some(list) = root.get("stages") else {
        return;
    };
    let said: Vec<String> = list
        .items()
        .take(MOST_STAGES)
        .filter_map(|one| one.text().or_else(|| one.get("name")?.text()))
        .map(|name| name.text.to_lowercase())
        .collect();
    let place = |name: &String| said.iter().position(|one| one == name);
    stages.sort_by_key(|(name, _)| place(name).unwrap_or(said.len()));
}

/// `stages: [{name: deploy, if: …}]`.
fn of_stage(root: Cursor<'_>, name: &str) -> Option<When> {
    let stages = root.get("stages")?;
    let mut stages = stages.items().take(MOST_STAGES);
    let stage = stages.find(|one| {
        let called = one.get("name").and_then(|name| name.str());
        called.is_some_and(|called| called.to_lowercase() == name)
    })?;
    values::condition(stage.member("if"), read)
}

/// A job of what a mapping says: the root, or an entry of `jobs`.
fn job(body: Cursor<'_>, ids: &mut Ids, stage: Option<&str>) -> Job {
    let name = stage
        .and_then(|_| body.get("name"))
        .and_then(|name| name.text());
    let called = name.as_ref().map(|name| name.text.trim()).or(stage);
    let id = ids.once(called.unwrap_or_default().to_owned());
    let first = body.members().next().map(|entry| entry.at);
    let condition = values::condition(body.member("if"), read);
    Job {
        segment: if stage.is_some() {
            format!("job:{id}")
        } else {
            String::new()
        },
        id,
        name,
        at: first.unwrap_or_else(|| body.span()),
        defined: body.defined(),
        conditions: condition.into_iter().collect(),
        runner: body.get("os").map_or(Vec::new(), |os| os.texts()),
        steps: steps(body),
        ..Job::default()
    }
}

/// Whether an entry of `allow_failures` says nothing that the job doesn't.
fn may_fail(allowed: &Entry<'_>, job: Cursor<'_>, left: &mut usize) -> Option<Lenience> {
    let job = job.node();
    for entry in allowed.value.items() {
        let members = entry.node().members();
        *left = left.checked_sub(members.len() + 1)?;
        let fits = members.iter().all(|member| {
            // A long value is compared with as long a one only.
            job.get(&member.key).is_some_and(|own| *own == member.value)
        });
        if fits && !members.is_empty() {
            return Some(Lenience {
                key: "allow_failures".into(),
                span: entry.span(),
            });
        }
    }
    None
}

fn steps(body: Cursor<'_>) -> Vec<Step> {
    let mut out = addons(body);
    for (phase, counts) in PHASES {
        let Some(entry) = body.member(phase) else {
            continue;
        };
        if *phase == "deploy" {
            out.extend(entry.value.one_or_many().filter_map(deploy));
            continue;
        }
        for mut step in phase_steps(phase, &entry) {
            step.segment = format!("phase:{phase}");
            if !counts {
                step.may_fail = Some(Lenience {
                    key: (*phase).into(),
                    span: entry.at,
                });
            }
            out.push(step);
        }
    }
    out
}

/// The steps of a phase. After a failed line of `script` the next ones run all the same,
/// and `after_script` runs at any rate.
fn phase_steps(phase: &str, entry: &Entry<'_>) -> Vec<Step> {
    let mut lines: Vec<Cursor<'_>> = entry.value.items().collect();
    let each =
        phase == "script" && lines.len() > 1 && lines.iter().all(|line| line.str().is_some());
    let mut out = if each {
        lines.drain(..).filter_map(values::command).collect()
    } else {
        values::scripts(entry.value)
    };
    let passed_over = match phase {
        "script" => 1,
        "after_script" => 0,
        _ => out.len(),
    };
    for step in out.iter_mut().skip(passed_over) {
        step.despite = Some(Lenience {
            key: phase.to_owned().into(),
            span: step.at,
        });
    }
    out
}

/// What starts a job, where its conditions ask for that alone. A push says nothing that
/// the build doesn't.
fn started(conditions: &[When]) -> Vec<Trigger> {
    const KINDS: &[(&str, TriggerKind)] = &[
        ("cron", TriggerKind::Schedule),
        ("api", TriggerKind::External),
        ("pull_request", TriggerKind::Review),
    ];
    values::started(conditions, &["travis", "type"], KINDS)
}

/// A service that Travis CI gives the build a login to: `addons: {sonarcloud: …}`.
fn addons(body: Cursor<'_>) -> Vec<Step> {
    let addons = body.get("addons");
    let addons = addons.iter().flat_map(Cursor::members);
    addons
        .filter(|entry| !matches!(entry.key, "apt" | "homebrew" | "snaps" | "hosts"))
        .map(|entry| Step {
            segment: format!("addon:{}", entry.key),
            at: entry.at,
            uses: Some(Text {
                text: format!("travis:addon/{}", entry.key),
                span: entry.at,
                defined: None,
            }),
            with: values::settings(entry.value),
            ..Step::default()
        })
        .collect()
}

/// A provider with its settings; those under `on` are named `on.branch`.
fn deploy(body: Cursor<'_>) -> Option<Step> {
    let provider = body.get("provider")?.text()?;
    let condition = body
        .get("on")
        .and_then(|on| values::condition(on.member("condition"), values::unread));
    let lenient = body
        .member("allow_failure")
        .filter(|on| on.value.truth() == Some(true));
    let script = body.get("script").filter(|_| provider.text == "script");
    Some(Step {
        segment: format!("deploy:{}", provider.text),
        at: provider.span,
        with: values::settings(body),
        script: script.map(|script| script.script()).unwrap_or_default(),
        conditions: condition.into_iter().collect(),
        may_fail: lenient.map(|entry| values::lenience(&entry, "allow_failure")),
        uses: Some(Text {
            text: format!("travis:deploy/{}", provider.text),
            ..provider
        }),
        ..Step::default()
    })
}

#[cfg(test)]
mod tests {
    use super::super::render::shown;

    #[test]
    fn reads_a_build() {
        let text = "\
branches: {only: [main]}
env:
  global:
    - A=1 B='x y'
    - secure: sealed
  jobs: [C=2]
addons:
  sonarcloud: {token: {secure: sealed}}
install: &setup
  - make setup
script:
  - *setup
  - make test
after_success: [codecov]
stages: [test, {name: Deploy, if: branch = main}]
jobs:
  include:
    - {stage: deploy, name: Out, script: skip, if: type = push}
    - {stage: test, name: Snyk, script: snyk test}
  allow_failures:
    - name: Snyk
deploy:
  - provider: s3
    access_key_id: x
    secret_access_key: {secure: sealed}
    on: {branch: main, condition: $A = 1}
";
        assert_eq!(shown(".travis.yml", text), "\
travis on:push=Push@1[main] env:A@4=1@4 env:B@4=x y@4
@1 env:C@6=2@6
  addon:sonarcloud@8 uses=travis:addon/sonarcloud@8 with:token@8=from_secret: token@8
  phase:install@10 `make setup`@10
  phase:script@12 `make setup`@12
  phase:script@13 despite:script@13 `make test`@13
  phase:after_success@14 may-fail:after_success@14 `codecov`@14
  deploy:s3@23 uses=travis:deploy/s3@23 if=$A = 1@26 with:provider@23=s3@23 with:access_key_id@24=x@24 with:secret_access_key@25=from_secret: secret_access_key@25 with:on.branch@26=main@26 with:on.condition@26=$A = 1@26
job:Snyk@19 may-fail:allow_failures@21
  phase:script@19 `snyk test`@19
@19 needs:,Snyk
job:Out@18 needs:after  if=type = push@18 if=branch = main@15
  phase:script@18 `skip`@18");
    }

    #[test]
    fn what_is_no_build_has_no_jobs() {
        assert_eq!(shown(".travis.yml", "- a\n"), "none");
        assert_eq!(
            shown(
                ".travis.yml",
                "script: {a: b}\njobs: x\ndeploy: 1\nstages: {}\n"
            ),
            "travis\n@1"
        );
    }
}
