use super::super::render::shown;

#[test]
fn reads_a_declarative_pipeline() {
    let text = "\
pipeline {
  agent any
  parameters { booleanParam(name: 'SKIP', defaultValue: false) }
  triggers { cron('H 3 * * *') }
  environment { TOKEN = credentials('npm'); STAGE = 'prod' }
  stages {
    stage('Scan') {
      agent { docker { image 'scan:1'; args '--privileged' } }
      when { expression { !params.SKIP } }
      steps {
        catchError(buildResult: 'SUCCESS') { sh 'trivy fs .' }
        sh script: 'trivy image x', returnStatus: true
      }
    }
    stage('Tests') {
      parallel {
        stage('unit') { steps { sh '''make unit
          make lint''' } }
        stage('e2e') { steps { build job: 'e2e', wait: false } }
      }
    }
    stage('Deploy') {
      input { message 'go?'; submitter 'ada,bob' }
      steps {
        withCredentials([string(credentialsId: 'kube', variable: 'KUBE')]) {
          sh \"helm upgrade web ./c --set env=${params.ENV}\"
        }
      }
      post { failure { sh 'make undo' } }
    }
  }
}
";
    assert_eq!(
        shown("Jenkinsfile", text),
        "\
jenkins:Jenkinsfile on:cron=Schedule@4 input:SKIP@3 env:TOKEN@5=credentials('npm')@5 env:STAGE@5=prod@5
stage:Scan@7 if=expression { !params.SKIP }@9 image=scan:1@8 power=--privileged@8
  @11 may-fail:catchError@11 `trivy fs .`@11
  @12 may-fail:returnStatus@12 `trivy image x`@12
stage:Tests@15 needs:Scan on=any@2
stage:Tests/stage:unit@17 needs:Tests on=any@2
  @17 `make unit`@17 `make lint`@18
stage:Tests/stage:e2e@19 needs:Tests on=any@2
  step:build@19 uses=build@19 with:job@19=e2e@19 with:wait@19=false@19
stage:Deploy@22 needs:Tests/unit,Tests/e2e gate:approval@23 on=any@2 context=kube@25
  step:withCredentials@25 uses=withCredentials@25 with:string@25=kube@25
  @26 env:KUBE@25=credentials('kube')@25 `helm upgrade web ./c --set env=${params.ENV}`@26
  @29 if=failure@29 `make undo`@29"
    );
}

#[test]
fn reads_a_scripted_pipeline() {
    let text = "\
@Library('ours') _
properties([parameters([string(name: 'ENV', defaultValue: 'a')]), pipelineTriggers([cron('@daily')])])
def ship(target) {
  sh \"kubectl apply -f ${target}\"
  ship(target)
}
node('master') {
  stage('Build') {
    def rc = sh(script: 'make', returnStatus: true)
    if (rc != 0) { error 'no' }
    docker.image('tools:2').inside('-v /var/run/docker.sock:/var/run/docker.sock') {
      sh 'make image'
    }
  }
  try {
    stage('Scan') { sh 'trivy fs .' }
  } catch (e) {
    echo 'never mind'
  }
  if (env.BRANCH_NAME == 'main') {
    stage('Go') {
      timeout(5) { input 'go?' }
      ship('prod')
    }
  } else {
    parallel a: { sh 'make a' }, b: { sh 'make b' }
  }
}
";
    assert_eq!(
        shown("Jenkinsfile.release", text),
        "\
jenkins:Jenkinsfile.release on:cron=Schedule@2 input:ENV@2
stage:Build@8 on=master@7
  @9 `make`@9
  step:docker.image@11 uses=docker.image@11
  step:inside@11 uses=inside@11 image=tools:2@11 power=-v /var/run/docker.sock:/var/run/docker.sock@11
  @12 `make image`@12
stage:Scan@16 needs:Build on=master@7
  @16 may-fail:catch@17 `trivy fs .`@16
stage:Go@21 needs:Scan if=env.BRANCH_NAME == 'main'@20 gate:button@22 on=master@7
  @4 `kubectl apply -f ${target}`@4
branch:a@26 needs:Go if=!(env.BRANCH_NAME == 'main')@20 on=master@7
  @26 `make a`@26
branch:b@26 needs:Go if=!(env.BRANCH_NAME == 'main')@20 on=master@7
  @26 `make b`@26"
    );
}

#[test]
fn a_pod_of_its_own_is_read() {
    let text = "\
podTemplate(yaml: '''
kind: Pod
spec:
  serviceAccountName: builder
  containers:
    - name: dind
      image: docker:dind
      securityContext: {privileged: true}
''') {
  node(POD_LABEL) { stage('x') { sh 'make' } }
}
";
    assert_eq!(
        shown("Jenkinsfile", text),
        "\
jenkins:Jenkinsfile
stage:x@10 image=docker:dind@7 power=privileged: true@8 as=builder@4
  @10 `make`@10"
    );
}

#[test]
fn what_is_broken_ends() {
    assert_eq!(shown("Jenkinsfile", ""), "jenkins:Jenkinsfile");
    for text in [
        "pipeline { stages { stage('x') { steps { sh 'a",
        ")}]pipeline {)",
        "stage 'a'\nsh 'b'\n",
        "a = b = c = d =\n= =",
        "if (x) sh 'a' else sh 'b'",
        "def f() { f() }\nf()",
    ] {
        shown("Jenkinsfile", text);
    }
    let deep = "stage('x') { if (a) { withEnv(['A=b']) { ".repeat(2_000);
    assert!(shown("Jenkinsfile", &deep).starts_with("jenkins:"));
    let many = "stage('x') { sh 'a' }\n".repeat(5_000);
    assert!(shown("Jenkinsfile", &many).starts_with("jenkins:"));
    let chain = "a=".repeat(20_000);
    assert!(shown("Jenkinsfile", &chain).starts_with("jenkins:"));
}
