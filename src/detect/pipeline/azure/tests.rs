use super::super::render::{shown, shown_among};

const PATH: &str = "azure-pipelines.yml";

#[test]
fn reads_a_pipeline() {
    let text = "\
trigger: [main]
pr:
  branches: {include: [main, 'rel/*']}
schedules:
  - cron: 0 0 * * *
    branches: {include: [main]}
parameters:
  - {name: skipScan, type: boolean, default: false}
variables:
  - {name: MODE, value: fast}
  - group: shared
resources:
  containers:
    - {container: tools, image: 'tools:1', options: --privileged}
pool: {vmImage: ubuntu-latest}
stages:
  - stage: test
    jobs:
      - job: scan
        displayName: Scan
        continueOnError: true
        container: tools
        pool: big
        steps:
          - checkout: self
            persistCredentials: true
          - bash: trivy fs .
            name: trivy
            continueOnError: true
            condition: succeededOrFailed()
          - task: AzureCLI@2
            enabled: false
            inputs: {azureSubscription: prod-link, inlineScript: az group list}
      - job: ask
        pool: server
        steps:
          - task: ManualValidation@1
            inputs: {approvers: ops, onTimeout: resume}
  - stage: ship
    condition: and(succeeded(), eq(variables['x'], 'y'))
    variables: {B: $(MODE)}
    jobs:
      - deployment: web
        environment: {name: prod}
        strategy:
          runOnce:
            deploy:
              steps:
                - pwsh: kubectl apply -f $(file)
      - job: after
        dependsOn: web
        strategy: {matrix: {one: {X: '1'}}}
        steps: [{publish: out, artifact: drop}]
  - stage: free
    dependsOn: []
    jobs: [{job: web, steps: []}]
";
    assert_eq!(
        shown(PATH, text),
        "\
azure:pipeline:azure-pipelines.yml on:push=Push@1[main] on:pr=Review@2[main,rel/*] on:schedules=Schedule@4[main] input:skipScan@8 env:MODE@10=fast@10
stage:test/job:scan@19 may-fail:continueOnError@21 on=pool:big@23 image=tools:1@22<14 power=--privileged@22<14 context=group:shared@11 context=connection:prod-link@33
  step:checkout@25 uses=checkout@25 with:checkout@25=self@25 with:persistCredentials@26=true@26
  step:trivy@27 if=succeededOrFailed()@30 may-fail:continueOnError@29 `trivy fs .`@27
  step:AzureCLI@31 uses=AzureCLI@2@31 if=false@32 with:azureSubscription@33=prod-link@33 with:inlineScript@33=az group list@33 `az group list`@33
stage:test/job:ask@34 gate:approval@37 gate:timer@37 on=server@35 context=group:shared@11
  step:ManualValidation@37 uses=ManualValidation@1@37 with:approvers@38=ops@38 with:onTimeout@38=resume@38
stage:ship/job:web@43 needs:scan,ask if=and(succeeded(), eq(variables['x'], 'y'))@40 to=prod@44 env:B@41=$(MODE)@41 on=ubuntu-latest@15 context=group:shared@11
  @49 `kubectl apply -f $(file)`@49
stage:ship/job:after@50 needs:ship.web,scan,ask if=and(succeeded(), eq(variables['x'], 'y'))@40 env:B@41=$(MODE)@41 env:X@52=1@52 on=ubuntu-latest@15 context=group:shared@11
  step:publish@53 uses=publish@53 with:publish@53=out@53 with:artifact@53=drop@53
stage:free/job:web@56 out-of-order@55 on=ubuntu-latest@15 context=group:shared@11"
    );
}

#[test]
fn conditions_of_templates_stay_with_what_stands_below_them() {
    let text = "\
trigger: none
steps:
  - ${{ if eq(parameters.skip, false) }}:
      - script: trivy fs .
  - ${{ elseif parameters.x }}:
      - script: make x
  - ${{ else }}:
      - ${{ each i in parameters.list }}:
          - script: make y
  - script: make
    ${{ if parameters.z }}:
      env: {A: b}
";
    assert_eq!(
        shown(PATH, text),
        "\
azure:pipeline:azure-pipelines.yml on:manual=Manual@1
@2
  @4 if=${{ if eq(parameters.skip, false) }}@3 `trivy fs .`@4
  @6 if=${{ if and(not(eq(parameters.skip, false)), parameters.x) }}@5 `make x`@6
  @9 if=${{ if and(not(eq(parameters.skip, false)), not(parameters.x)) }}@7 `make y`@9
  @10 env:A@12=b@12 `make`@10"
    );
}

#[test]
fn templates_are_called_and_their_variables_taken() {
    let text = "\
trigger: none
variables:
  - template: ci/vars.yml
stages:
  - stage: a
    jobs:
      - template: ci/jobs.yml
        parameters: {env: prod}
  - stage: b
    jobs:
      - job: c
        steps:
          - template: ci/steps.yml@self
          - template: x.yml@other
";
    let others = [
        ("ci/vars.yml", "variables:\n  A: b\n"),
        (
            "ci/jobs.yml",
            "parameters: [{name: env}]\njobs: [{job: d, steps: [{script: make}]}]\n",
        ),
    ];
    assert_eq!(
        shown_among(PATH, text, &others),
        "\
azure:pipeline:azure-pipelines.yml on:manual=Manual@1 env:A@3=b@3<ci/vars.yml:2
stage:a/template:ci/jobs.yml@7 calls=./ci/jobs.yml@7 with:env@8=prod@8
stage:b/job:c@11 needs:./ci/jobs.yml
  step:./ci/steps.yml@13 uses=./ci/steps.yml@13
  step:x.yml@14 uses=x.yml@other@14"
    );
    let document = crate::document::Document::new(PATH, text.as_bytes());
    super::super::of(&document);
    assert_eq!(
        document.notes(),
        [
            "takes variables from templates that are not read",
            "uses templates of other repositories: they are not read"
        ]
    );
    assert_eq!(
        shown(
            "ci/azure-pipelines-e.yml",
            "extends: {template: t.yml, parameters: {a: b}}\n"
        ),
        "azure:pipeline:azure-pipelines-e.yml\ntemplate:t.yml@1 calls=./ci/t.yml@1 with:a@1=b@1"
    );
}

#[test]
fn broken_and_long_pipelines_are_read() {
    use std::fmt::Write as _;
    for text in [
        "stages: [",
        "- a",
        "a",
        "",
        "stages: {a: b}\njobs: 1\n",
        "steps: [1, [a], {task: {}}, {template: []}, {'${{': 1}, {'${{ if': [a]}]",
    ] {
        shown(PATH, text);
    }
    let mut text = String::from("trigger: none\nvariables:\n");
    for at in 0..1_000 {
        _ = writeln!(text, "  - group: g{at}");
    }
    text.push_str("stages:\n");
    for at in 0..2_000 {
        _ = writeln!(
            text,
            "  - stage: s{at}\n    jobs: [{{job: a}}, {{job: b}}, {{job: c}}]"
        );
    }
    let document = crate::document::Document::new(PATH, text.as_bytes());
    let pipeline = super::super::of(&document).unwrap();
    assert_eq!(pipeline.jobs.len(), 6_000);
    let contexts: usize = pipeline.jobs.iter().map(|job| job.contexts.len()).sum();
    assert!((1_000..1_000_000).contains(&contexts), "{contexts}");
    assert_eq!(pipeline.jobs[5].needs, ["s0.a", "s0.b", "s0.c"]);
}
