
use super::super::render::shown;

#[test]
fn reads_a_pipeline_and_its_task() {
    let text = "\
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: release}
spec:
  params:
    - {name: skip-scan, default: 'no'}
  tasks:
    - name: scan
      onError: continue
      taskRef: {name: scan}
      when:
        - {input: $(params.skip-scan), operator: notin, values: ['yes']}
    - name: approve
      runAfter: [scan]
      taskRef: {apiVersion: openshift-pipelines.org/v1alpha1, kind: ApprovalTask}
      params: [{name: approvers, value: [ada, bob]}]
    - name: ship
      runAfter: [approve]
      taskSpec:
        volumes: [{name: host, hostPath: {path: /var/run/docker.sock}}]
        sidecars: [{name: dind, image: 'docker:dind', securityContext: {privileged: true}}]
        steps:
          - name: push
            image: gcr.io/kaniko/executor:v1
            args: [--destination, $(tasks.tag.results.image)]
            volumeMounts: [{name: host, mountPath: /s}]
            env:
              - {name: TOKEN, valueFrom: {secretKeyRef: {name: reg, key: token}}}
---
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: scan}
spec:
  steps:
    - image: aquasec/trivy
      onError: continue
      script: |
        #!/bin/sh
        trivy fs .
    - image: python
      script: |
        #!/usr/bin/env python
        print(1)
    - image: alpine
      command: [sh, -c]
      args: ['make scan']
";
    assert_eq!(
            shown("tekton/a.yaml", text),
            "\
tekton:a.yaml input:skip-scan@6
Pipeline/release/task:scan@8 if=$(params.skip-scan) notin yes@12 may-fail:onError@9 calls=scan@10
Pipeline/release/task:approve@13 needs:Pipeline/release/scan gate:approval@15
Pipeline/release/task:ship@17 needs:Pipeline/release/approve service=docker:dind@21 power=privileged: true@21
  step:push@23 env:TOKEN@28=secret:reg/token@28 image=gcr.io/kaniko/executor:v1@24 power=hostPath: /var/run/docker.sock@20 env:TOKEN@28=secret:reg/token@28 `executor --destination $(tasks.tag.results.image)`@24
Task/scan@32 needs:Pipeline/release/scan
  step:0@35 may-fail:onError@36 image=aquasec/trivy@35 `trivy fs .`@39
  step:1@40 image=python@40
  step:2@44 image=alpine@44 `make scan`@46 `sh -c make scan`@45"
        );
}

#[test]
fn a_run_says_as_whom() {
    let text = "\
apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {generateName: r-}
spec:
  taskRunTemplate: {serviceAccountName: deployer}
  taskRunSpecs: [{pipelineTaskName: b, serviceAccountName: other}]
  pipelineSpec:
    tasks:
      - &a {name: a, taskRef: {name: x}}
      - <<: *a
        name: b
";
    assert_eq!(
        shown("a.yaml", text),
        "\
tekton:a.yaml
PipelineRun/r-/task:a@9 calls=x@9 as=deployer@5
PipelineRun/r-/task:b@11 calls=x@10<9 as=other@6"
    );
}

#[test]
fn what_is_broken_is_passed_over() {
    let text = "apiVersion: tekton.dev/v1\nkind: Task\nspec: {steps: [x, {image: 1}]}\n---\na: [";
    assert_eq!(
        shown(
            "a.yaml",
            "apiVersion: tekton.dev/v1\nkind: Task\nspec: [1]\n"
        ),
        "tekton:a.yaml callable\nTask/?@3"
    );
    shown("a.yaml", text);
}
