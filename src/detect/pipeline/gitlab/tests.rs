use super::super::render::{shown, shown_among};

fn notes(text: &str) -> Vec<String> {
    let document = crate::document::Document::new(".gitlab-ci.yml", text.as_bytes());
    super::super::of(&document);
    document.notes()
}

#[test]
fn reads_a_pipeline() {
    let text = "\
stages: [build, scan, ship]
workflow:
  name: Main
  rules:
    - if: $CI_PIPELINE_SOURCE == \"merge_request_event\"
    - if: $CI_COMMIT_BRANCH == \"main\"
variables:
  MODE: fast
  SKIP: {value: 'no', description: Leave out the scan}
default:
  image: alpine
  tags: [big]
compile:
  stage: build
  script: make
scan:
  stage: scan
  script: [trivy fs .]
  allow_failure: true
  variables: {LEVEL: high}
  rules:
    - if: $SKIP == 'yes'
      when: never
    - if: $CI_COMMIT_BRANCH
ship:
  stage: ship
  image: {name: helm}
  environment: {name: prod, action: start}
  id_tokens: {TOKEN: {aud: [a, b]}}
  secrets: {KEY: {vault: prod/db/key@ops}}
  when: manual
  before_script: [login]
  script:
    - helm upgrade web
child:
  needs: []
  trigger: {include: ci/child.yml, inputs: {x: y}}
";
    assert_eq!(
        shown(".gitlab-ci.yml", text),
        "\
gitlab: on:merge_request_event=Review@5 on:push=Push@6[main] input:SKIP@9 env:MODE@8=fast@8 env:SKIP@9=no@9
job:compile@13 on=big@13<12 image=alpine@13<11
  script@15 `make`@15
job:scan@16 needs:compile on:push=Push if=!($SKIP == 'yes') && ($CI_COMMIT_BRANCH)@21 may-fail:allow_failure@19 env:LEVEL@20=high@20 on=big@16<12 image=alpine@16<11
  script@18 `trivy fs .`@18
job:ship@25 needs:scan to=prod@28 gate:button@31 may-fail:when: manual@31 on=big@25<12 image=helm@27 context=vault:prod/db/key@ops@30 identity:TOKEN@29=a@29 identity:TOKEN@29=b@29
  before_script@32 `login`@32
  script@33 `helm upgrade web`@34
job:child@35 out-of-order@36 calls=./ci/child.yml@37 with:x@37=y@37"
    );
}

#[test]
fn templates_and_references_are_used_where_they_are_named() {
    let text = "\
.base: &base
  image: alpine
  variables: {A: one, B: two}
  rules:
    - when: manual
.more:
  extends: .base
  variables: {B: three}
  script: [make more]
.lines:
  script: [make lines]
x: &setup
  - make setup
a:
  extends: [.base, .more]
  variables: {C: four}
  script:
    - make own
    - make own again
    - !reference [.lines, script]
    - *setup
    - make last
b:
  <<: *base
  rules: !reference [a, rules]
  script: !reference [.lines, script]
  variables: !reference [.more, variables]
";
    assert_eq!(
        shown(".gitlab-ci.yml", text),
        "\
gitlab:
job:a@14 gate:button@15 env:C@16=four@16 env:B@15=three@15<8 env:A@15=one@15<3 image=alpine@15<2
  script@17 `make own`@18 `make own again`@19
  script@20 `make lines`@20
  script@21 `make setup`@21
  script@22 `make last`@22
job:b@23 env:B@27=three@27<8 image=alpine@24<2
  script@26 `make lines`@26"
    );
}

#[test]
fn what_is_included_is_read_beside_the_file() {
    let text = "\
include:
  - ci/*.yml
  - local: /more.yml
variables: {A: here}
scan:
  allow_failure: true
own:
  extends: .far
";
    let others = [
        (
            "ci/scan.gitlab-ci.yml",
            "spec: {inputs: {x: {default: y}}}\n---\nscan:\n  script: [trivy fs .]\nother:\n  script: [make]\n",
        ),
        (
            "more.yml",
            "stages: [test]\nvariables: {A: there, B: there}\n.far:\n  script: [make far]\ninclude: more.yml\n",
        ),
    ];
    assert_eq!(
        shown_among(".gitlab-ci.yml", text, &others),
        "\
gitlab: env:A@4=here@4 env:B@3=there@3<more.yml:2
job:scan@5 may-fail:allow_failure@6
  script@5 `trivy fs .`@5
job:own@7
  script@8 `make far`@8"
    );
    // The template is the includer's; the header's inputs are given by whoever includes.
    let (path, text) = (
        "ci/job.gitlab-ci.yml",
        "spec: {inputs: {x: {}}}\n---\njob: {extends: .base}\n",
    );
    let main = [(
        ".gitlab-ci.yml",
        "include: ci/job.gitlab-ci.yml\n.base: {script: [make]}\n",
    )];
    assert_eq!(
        shown_among(path, text, &main),
        "gitlab: callable input:x@1\njob:job@3\n  script@3 `make`@3"
    );
}

#[test]
fn rules_become_conditions_gates_and_triggers() {
    for (job, expected) in [
        ("rules: [{when: never}]", " if=false@2"),
        ("rules: [!reference [.b, rules], {when: never}]", ""),
        ("rules: [{if: $A}]", " if=$A@2"),
        (
            "rules: [{if: $A, when: manual, allow_failure: true}]",
            " if=$A@2 gate:button@2 may-fail:allow_failure@2",
        ),
        (
            "rules: [{if: $A, when: manual}, {if: $B}]",
            " if=($A) || $B@2",
        ),
        ("rules: [{if: $A}, {when: on_success}]", ""),
        (
            "rules: [{changes: [a], when: always}]",
            " if=($changes) && always()@2",
        ),
        (
            "rules: [{if: '$CI_PIPELINE_SOURCE == \"schedule\"'}, {if: $CI_COMMIT_TAG}]",
            " on:schedule=Schedule on:tag=Release if=($CI_PIPELINE_SOURCE == \"schedule\") || $CI_COMMIT_TAG@2",
        ),
        ("when: always", " if=always()@2"),
        ("when: delayed", " gate:timer@2"),
        ("when: manual\n  allow_failure: false", " gate:button@2"),
        ("allow_failure: {exit_codes: [1]}", ""),
        (
            "only: [main, tags, schedules]",
            " on:push=Push[main] on:tags=Release on:schedules=Schedule",
        ),
        (
            "only: {refs: [web], variables: [$A, $B]}",
            " on:web=Manual if=($A) || ($B)@2",
        ),
        (
            "except: [main, /^x/, tags]",
            " if=$CI_COMMIT_REF_NAME != \"main\"@2 if=$CI_COMMIT_REF_NAME !~ /^x/@2 if=!($CI_COMMIT_TAG)@2",
        ),
    ] {
        let text = format!("a:\n  {job}\n");
        assert_eq!(
            shown(".gitlab-ci.yml", &text),
            format!("gitlab:\njob:a@1{expected}"),
            "{job}"
        );
    }
}

#[test]
fn daemons_beside_a_job_may_hold_the_machine() {
    let text = "\
variables: {DOCKER_TLS_CERTDIR: ''}
image: docker:27
open:
  services: [docker:27-dind, postgres]
shut:
  services: [{name: docker:27-dind, variables: {DOCKER_TLS_CERTDIR: /certs}}]
host:
  variables: {DOCKER_HOST: unix:///var/run/docker.sock, DOCKER_TLS_CERTDIR: /certs}
";
    assert_eq!(
        shown(".gitlab-ci.yml", text),
        "\
gitlab: env:DOCKER_TLS_CERTDIR@1=@1
job:open@3 image=docker:27@3<2 service=docker:27-dind@4 power=a Docker daemon without TLS@4 service=postgres@4
job:shut@5 image=docker:27@5<2 service=docker:27-dind@6 env:DOCKER_TLS_CERTDIR@6=/certs@6
job:host@7 env:DOCKER_HOST@8=unix:///var/run/docker.sock@8 env:DOCKER_TLS_CERTDIR@8=/certs@8 image=docker:27@7<2 power=unix:///var/run/docker.sock@8"
    );
}

#[test]
fn what_is_not_read_is_said_once() {
    let text = "include: [{project: a/b, file: c}, {project: d/e, file: f}, {remote: 'https://example.org/x.yml'}, \
                'https://example.org/y.yml', {template: T.yml}, {component: c@1}, 'a/$X.yml', /none.yml, ../out.yml]\na: {script: make}\n";
    let notes = notes(text);
    assert_eq!(notes.len(), 6, "{notes:?}");
    assert!(notes.iter().all(|note| !note.contains("example")));
    assert!(shown(".gitlab-ci.yml", text).contains("make"));
}

#[test]
fn what_goes_in_circles_ends() {
    let text = "\
include: .gitlab-ci.yml
a: {extends: [.b, a]}
.b: {extends: [.c, .b], script: !reference [.b, script]}
.c: {extends: .b, variables: !reference [.d, variables]}
.d: {variables: {X: !reference [.d, variables, X]}}
";
    let shown = shown_among(".gitlab-ci.yml", text, &[("x.yml", "include: x.yml")]);
    assert_eq!(shown, "gitlab:\njob:a@2 env:X@2=@2<5");
    for text in [
        "a: [",
        "- a",
        "a",
        "",
        "a: 1\nstages: 3\ninclude: {}\n",
        "a: {extends: {}, needs: 1, rules: x, trigger: {include: []}, services: {a: b}}",
    ] {
        super::super::render::shown(".gitlab-ci.yml", text);
    }
}

#[test]
fn ten_thousand_jobs_are_read_and_long_templates_end() {
    use std::fmt::Write as _;
    let mut text = String::from("stages: [a, b]\n.long:\n  variables:\n");
    for at in 0..5_000 {
        _ = writeln!(text, "    V{at}: x");
    }
    for at in 0..10_000 {
        let stage = if at % 2 == 0 { "a" } else { "b" };
        _ = writeln!(text, "j{at}: {{stage: {stage}, extends: .long}}");
    }
    let document = crate::document::Document::new(".gitlab-ci.yml", text.as_bytes());
    let pipeline = super::super::of(&document).unwrap();
    assert_eq!(pipeline.jobs.len(), 10_000);
    let brought: usize = pipeline.jobs.iter().map(|job| job.env.len()).sum();
    assert!((5_000..10_000_000).contains(&brought), "{brought}");
    let needs: usize = pipeline.jobs.iter().map(|job| job.needs.len()).sum();
    assert!(needs <= 60_000, "{needs}");
    assert_eq!(document.notes().len(), 2);
}
