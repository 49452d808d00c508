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
        ""
    );
}
