use super::super::render::shown;

const PATH: &str = ".buildkite/pipeline.yml";

#[test]
fn reads_a_pipeline() {
    let text = "\
env: {A: 1}
agents: {queue: linux}
steps:
  - label: Scan
    command: snyk test
    soft_fail: true
  - label: Odd
    commands: [make a, make b]
    soft_fail: [{exit_status: 3}]
    secrets: [TOKEN]
  - wait: ~
    continue_on_failure: true
  - block: Release
    key: release
    allowed_teams: [ops]
    fields: [{text: Version, key: version}]
  - group: Out
    key: out
    if: build.branch == 'main'
    steps:
      - command: make deploy
        branches: main release/*
        agents: [queue=deploy]
        plugins:
          - docker#v5.0.0:
              image: x
              privileged: true
              volumes: ['/var/run/docker.sock:/s', './a:/a']
          - ecr#v2
      - trigger: other
        build: {env: {V: 1}}
  - wait
  - command: x
    depends_on: [{step: out}]
    allow_dependency_failure: true
    skip: later
";
    assert_eq!(shown(PATH, text), "\
buildkite:pipeline.yml input:version@16 env:A@1=1@1
step:Scan@4 may-fail:soft_fail@6 on=queue=linux@2
  @5 `snyk test`@5
step:Odd@7 env:TOKEN@10=from_secret: TOKEN@10 on=queue=linux@2
  @8 `make a`@8 `make b`@8
wait:wait@11 needs:Scan,Odd despite:continue_on_failure@12
block:release@13 needs:wait gate:approval@13
step:step@21 needs:release on:branches=Push[main,release/*] if=build.branch == 'main'@19 on=queue=deploy@23 image=x@26 power=privileged: true@27 power=volumes: /var/run/docker.sock:/s@28
  plugin:docker@25 uses=docker#v5.0.0@25 with:image@26=x@26 with:privileged@27=true@27 with:volumes@28=/var/run/docker.sock:/s
./a:/a@28
  plugin:ecr@29 uses=ecr#v2@29
  @21 `make deploy`@21
step:step#2@30 needs:release if=build.branch == 'main'@19 on=queue=linux@2 calls=other@30 with:env.V@31=1@31
@17 needs:step,step#2
wait:wait#2@32 needs:release,step,step#2
step:step#3@33 needs:out if=false@36 despite:allow_dependency_failure@35 on=queue=linux@2
  @33 `x`@33");
}

#[test]
fn a_list_is_a_pipeline_and_odd_steps_are_passed_over() {
    let text = "- command: a\n- 1\n- []\n- unknown\n- group: x\n- input: i\n- plugins: {a: ~}\n";
    assert_eq!(
        shown(PATH, text),
        "\
buildkite:pipeline.yml
step:step@1
  @1 `a`@1
input:i@6 needs:step gate:button@6
step:step#2@7 needs:i
  plugin:a@7 uses=a@7"
    );
    assert_eq!(shown(PATH, "a: ["), "none");
}
