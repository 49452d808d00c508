use std::fmt::Write as _;

use super::super::render::shown;
use super::super::{Pipeline, of};
use crate::document::Document;

const PATH: &str = ".circleci/config.yml";

#[test]
fn reads_a_configuration() {
    let text = "\
version: 2.1
parameters:
  skip: {type: boolean, default: false}
orbs:
  aws: circleci/aws-cli@4.1
executors:
  own:
    machine: true
    resource_class: acme/large
    environment: {A: 1}
jobs:
  scan:
    docker: [{image: 'cimg/go:1', auth: {password: $P}}, {image: 'postgres:16'}]
    steps:
      - checkout
      - run: make scan
      - run: {name: Tell, command: make tell, when: always}
  deploy:
    parameters:
      to: {type: string, default: test}
    executor: own
    steps:
      - when:
          condition: {equal: [prod, << parameters.to >>]}
          steps: [add_ssh_keys]
      - aws/setup: {role_arn: x}
workflows:
  out:
    when: {not: << pipeline.parameters.skip >>}
    jobs:
      - scan
      - hold: {type: approval, requires: [scan]}
      - press: {type: approval}
      - deploy:
          name: deploy-prod
          to: prod
          context: [prod]
          requires: [hold, {scan: [failed, success]}]
          filters: {branches: {only: main}, tags: {only: /v.*/}}
  nightly:
    triggers: [{schedule: {cron: 0 0 * * *, filters: {branches: {only: main}}}}]
    jobs: [scan, aws/check: {x: 1}]
";
    assert_eq!(shown(PATH, text), "\
circleci on:push=Push@28 on:schedule=Schedule@41[main] input:skip@3
workflow:out/job:scan@31 on:push=Push if=not(<< pipeline.parameters.skip >>)@29 image=cimg/go:1@13 password=$P@13 service=postgres:16@13
  step:checkout@15 uses=checkout@15
  @16 `make scan`@16
  step:Tell@17 despite:when@17 `make tell`@17
workflow:out/job:hold@32 needs:out/scan on:push=Push if=not(<< pipeline.parameters.skip >>)@29 gate:approval@32
workflow:out/job:press@33 on:push=Push if=not(<< pipeline.parameters.skip >>)@29 gate:button@33
@38 needs:out/scan despite:requires@38
workflow:out/job:deploy-prod@34 needs:hold,after out/scan on:push=Push[main] on:tag=Release if=not(<< pipeline.parameters.skip >>)@29 env:A@21=1@21<10 on=self-hosted@21<9 on=acme/large@21<9 on=machine@21 with:to@36=prod@36 context=prod@37
  step:add_ssh_keys@25 uses=add_ssh_keys@25 if=equal(prod, << parameters.to >>)@24
  step:aws/setup@26 uses=circleci/aws-cli/setup@4.1@26 with:role_arn@26=x@26
workflow:nightly/job:scan@42 on:schedule=Schedule[main] image=cimg/go:1@13 password=$P@13 service=postgres:16@13
  step:checkout@15 uses=checkout@15
  @16 `make scan`@16
  step:Tell@17 despite:when@17 `make tell`@17
workflow:nightly/job:aws/check@42 on:schedule=Schedule[main] calls=circleci/aws-cli/check@4.1@42 with:x@42=1@42");
}

#[test]
fn commands_are_expanded_into_their_steps() {
    let text = "\
commands:
  up:
    parameters:
      token: {type: env_var_name, default: KEY}
      to: {type: string}
    steps:
      - run: {name: Up << parameters.to >>, command: up << parameters.to >>}
      - aws/go: {where: << parameters.to >>}
      - up: {to: x}
  both:
    parameters: {to: {type: string}}
    steps: [{up: {to: << parameters.to >>, token: OTHER}}]
jobs:
  build:
    steps:
      - both: {to: prod}
      - up
";
    assert_eq!(
        shown(PATH, text),
        "\
circleci
job:build@14
  step:Up prod@16 with:to@16=prod@16<12 with:token@16=$OTHER@16<12 `up`@16
  step:aws/go@16 uses=aws/go@16 with:where@16=prod@16<8
  step:Up << parameters.to >>@17 with:token@4=$KEY@4 `up`@17
  step:aws/go@17 uses=aws/go@17 with:where@17=<< parameters.to >>@17<8"
    );
}

#[test]
fn parameters_lead_to_what_they_are_given() {
    let text = "\
commands:
  up:
    parameters: {token: {type: env_var_name}}
    steps: [{run: up $<< parameters.token >>}]
jobs:
  build:
    steps: [{up: {token: DEPLOY_KEY}}]
";
    let document = Document::new(PATH, text.as_bytes());
    let pipeline = of(&document).unwrap();
    let job = &pipeline.jobs[0];
    let step = &job.steps[0];
    assert_eq!(
        pipeline.secrets(job, Some(step), &step.script.text),
        ["DEPLOY_KEY"]
    );
}

fn count(text: &str) -> (usize, usize) {
    let document = Document::new(PATH, text.as_bytes());
    let pipeline: &Pipeline = of(&document).unwrap();
    let steps = pipeline.jobs.iter().map(|job| job.steps.len()).sum();
    (pipeline.jobs.len(), steps)
}

#[test]
fn commands_that_use_one_another_end() {
    let mut text = String::from("commands:\n");
    for level in 0..7 {
        _ = write!(text, "  c{level}:\n    steps:\n");
        for _ in 0..20 {
            _ = writeln!(text, "      - c{}", level + 1);
        }
    }
    text.push_str("  c7: {steps: [run: a]}\njobs: {build: {steps: [c0]}}\n");
    let (jobs, steps) = count(&text);
    assert_eq!(jobs, 1);
    assert!((1_000..200_000).contains(&steps), "{steps}");
}

#[test]
fn a_long_job_that_many_workflows_use_is_read_so_often_and_no_oftener() {
    let mut text = String::from("jobs:\n  a:\n    steps:\n");
    for _ in 0..5_000 {
        text.push_str("      - run: a\n");
    }
    text.push_str("workflows:\n  w:\n    jobs:\n");
    for _ in 0..5_000 {
        text.push_str("      - a\n");
    }
    let (jobs, steps) = count(&text);
    assert_eq!(jobs, 5_000);
    assert!((5_000..500_000).contains(&steps), "{steps}");
}

#[test]
fn what_it_does_not_know_it_passes_over() {
    assert_eq!(shown(PATH, "a: ["), "none");
    let text = "\
setup: true
executors: x
commands: {a: {steps: b, parameters: [c]}}
jobs: {build: {steps: [a, 1, [], {}, {run: {}}, {when: {steps: [[a]]}}], docker: x, executor: [y]}, b: 1}
workflows: {version: 2, w: {jobs: [{build: 1}, 3, {}, c/d]}}
";
    assert_eq!(
        shown(PATH, text),
        "\
circleci on:push=Push@5
workflow:w/job:build@5 on:push=Push
  step:b@4 uses=b@4
  @4
  step:b@4 uses=b@4
workflow:w/job:c/d@5 on:push=Push calls=c/d@5"
    );
}
