use super::super::render::shown;

#[test]
fn reads_pipelines_of_drone() {
    let text = "\
kind: pipeline
type: docker
name: build
trigger: {event: [push, tag]}
node: {zone: inner}
volumes:
  - {name: sock, host: {path: /var/run/docker.sock}}
  - {name: tmp, temp: {}}
steps:
  - name: test
    image: golang:1
    commands: [go test]
    environment:
      TOKEN: {from_secret: token}
  - name: scan
    image: aquasec/trivy
    failure: ignore
    commands: [trivy fs .]
  - name: image
    image: plugins/docker
    privileged: true
    settings: {repo: x, password: {from_secret: pass}, tags: [a, b]}
    volumes: [{name: sock, path: /s}, {name: tmp, path: /t}]
    when: {event: {include: [promote]}, target: production, branch: main}
services:
  - name: docker
    image: docker:dind
    privileged: true
---
kind: secret
name: token
---
kind: pipeline
name: out
depends_on: [build]
steps:
  - name: a
    commands: [make a]
  - name: b
    commands: [make b]
    depends_on: [a]
    when: {status: [failure], ref: [refs/tags/**]}
";
    assert_eq!(shown(".drone.yml", text), "\
drone on:push=Push@4 on:tag=Release@4
pipeline:build@1 on:push=Push on:tag=Release
pipeline:build/step:test@10 needs:start build on:push=Push on:tag=Release on=zone=inner@5 image=golang:1@11
  @12 env:TOKEN@14=from_secret: token@14 `go test`@12
pipeline:build/step:scan@15 needs:test on:push=Push on:tag=Release may-fail:failure@17 on=zone=inner@5 image=aquasec/trivy@16
  @18 `trivy fs .`@18
pipeline:build/step:image@19 needs:scan on:promote=Manual[main] to=production@24! on=zone=inner@5 image=plugins/docker@20 power=privileged: true@21 power=/var/run/docker.sock@23<7
  @20 uses=plugins/docker@20 with:repo@22=x@22 with:password@22=from_secret: pass@22 with:tags@22=a
b@22
pipeline:build/service:docker@26 needs:start build on:push=Push on:tag=Release on=zone=inner@5 service=docker:dind@27 power=privileged: true@28
  @27 uses=docker:dind@27
@1 needs:test,scan,image
pipeline:out@33 needs:pipeline build
pipeline:out/step:a@37 needs:start out
  @38 `make a`@38
pipeline:out/step:b@39 needs:a on:tag=Release despite:status@42
  @40 `make b`@40
@33 needs:a,b");
}

#[test]
fn reads_both_forms_of_woodpecker() {
    let text = "\
when:
  - event: push
    branch: main
  - event: manual
labels: {platform: linux}
steps:
  test:
    image: node
    commands: npm test
    secrets: [npm_token, {source: a, target: B}]
  deploy:
    image: woodpeckerci/plugin-ssh
    settings: {key: {from_secret: k}}
    when: {evaluate: CI_COMMIT_BRANCH == 'main'}
    volumes: [/var/run/docker.sock:/s]
";
    assert_eq!(shown(".woodpecker/a.yml", text), "\
woodpecker:a.yml on:push=Push@2[main] on:manual=Manual@4
@1 on:push=Push[main] on:manual=Manual
step:test@7 needs:start start on:push=Push[main] on:manual=Manual on=platform=linux@5 image=node@8
  @9 env:NPM_TOKEN@10=from_secret: npm_token@10 env:B@10=from_secret: a@10 `npm test`@9
step:deploy@11 needs:test on:push=Push[main] on:manual=Manual if=CI_COMMIT_BRANCH == 'main'@14 on=platform=linux@5 image=woodpeckerci/plugin-ssh@12 power=/var/run/docker.sock:/s@15
  @12 uses=woodpeckerci/plugin-ssh@12 with:key@13=from_secret: k@13");
    let old = "\
pipeline:
  a: {image: x, commands: [a], group: g}
  b: {image: x, commands: [b], group: g}
  c: {image: x, commands: [c], group: h}
";
    assert_eq!(
        shown(".woodpecker.yml", old),
        "\
woodpecker:.woodpecker.yml
@1
step:a@2 needs:start start image=x@2
  @2 `a`@2
step:b@3 needs:start start image=x@3
  @3 `b`@3
@3 needs:a,b
step:c@4 needs:after a image=x@4
  @4 `c`@4"
    );
}

#[test]
fn what_it_does_not_know_it_passes_over() {
    assert_eq!(shown(".drone.yml", "a: [b"), "none");
    assert_eq!(shown(".drone.yml", "kind: secret\nsteps: []\n"), "none");
    let text = "kind: pipeline\nsteps: [1, {}, {name: a, when: x, volumes: {}, settings: []}]\n";
    assert_eq!(
        shown(".drone.yml", text),
        "drone\n@1\nstep:a@2 needs:start start\n  @2"
    );
}
