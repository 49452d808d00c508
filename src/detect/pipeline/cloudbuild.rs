//! Builds of Google Cloud Build. Facts: Google's "Build configuration file schema" and
//! "Use secrets from Secret Manager".

use std::collections::HashMap;

use super::containers::reaches_host;
use super::cursor::{Cursor, File};
use super::{Image, Input, Job, Lenience, Pipeline, Setting, Step, System, Text, pods, reads};

/// Reads a build: one job, whose containers run one after another.
pub(super) fn read<'f>(file: &'f File<'f>) -> Option<Pipeline> {
    let root = file.roots().find(|root| root.get("steps").is_some())?;
    let mut pipeline = Pipeline::new(System::CloudBuild, format!("cloudbuild:{}", file.name()));
    let steps = root.member("steps")?;
    let mut job = Job {
        at: steps.at,
        account: root
            .get("serviceAccount")
            .and_then(|account| account.text()),
        ..Job::default()
    };
    let given = root.get("substitutions");
    pipeline.inputs = given
        .iter()
        .flat_map(Cursor::members)
        .map(|entry| Input {
            name: entry.key.to_owned(),
            span: entry.at,
            default: entry.value.text(),
            by_person: true,
        })
        .collect();
    let secrets = secrets(root);
    if let Some(options) = root.get("options") {
        let plain = options
            .members()
            .filter(|entry| entry.value.text().is_some());
        pipeline.settings = plain.map(|entry| entry.setting()).collect();
        pipeline.env = variables(options, &secrets);
        let pool = options
            .at(&["pool", "name"])
            .or_else(|| options.get("workerPool"));
        job.runner.extend(pool.and_then(|pool| pool.text()));
    }
    let mut stores: Vec<&Text> = secrets.values().collect();
    stores.sort_by_key(|text| (text.span, text.text.as_str()));
    job.contexts = stores.into_iter().cloned().collect();
    let items = steps.value.items().enumerate();
    job.steps = items
        .map(|(number, item)| step(item, number, &secrets))
        .collect();
    pipeline.jobs.push(job);
    Some(pipeline)
}

/// Secrets by the variable that they are given as: which, and where it is said.
fn secrets(root: Cursor<'_>) -> HashMap<String, Text> {
    let mut out = HashMap::new();
    let managed = root.at(&["availableSecrets", "secretManager"]);
    for item in managed.iter().flat_map(Cursor::items) {
        let variable = item.get("env").and_then(|name| name.str());
        if let (Some(variable), Some(version)) = (variable, item.get("versionName")) {
            let name = secret_name(version.str().unwrap_or_default());
            out.insert(variable.to_owned(), version.said(name.to_owned()));
        }
    }
    let inline = root.at(&["availableSecrets", "inline"]);
    let older = root.get("secrets");
    let items = inline.iter().chain(&older).flat_map(Cursor::items);
    for item in items {
        let maps = [item.get("envMap"), item.get("secretEnv")];
        for entry in maps.iter().flatten().flat_map(Cursor::members) {
            let name = Text {
                span: entry.at,
                ..entry.value.said(entry.key.to_owned())
            };
            out.insert(entry.key.to_owned(), name);
        }
    }
    out
}

/// `projects/p/secrets/NAME/versions/1`.
fn secret_name(version: &str) -> &str {
    let mut parts = version.split('/').skip_while(|part| *part != "secrets");
    parts.nth(1).unwrap_or(version)
}

/// `env: [A=b]` and `secretEnv: [A]`.
fn variables(item: Cursor<'_>, secrets: &HashMap<String, Text>) -> Vec<Setting> {
    let plain = item.get("env");
    let plain = plain.iter().flat_map(Cursor::items).filter_map(|item| {
        let (name, value) = item.str()?.split_once('=')?;
        Some(Setting {
            name: name.to_owned(),
            at: item.span(),
            value: item.said(value.to_owned()),
        })
    });
    let secret = item.get("secretEnv");
    let secret = secret.iter().flat_map(Cursor::items).filter_map(|item| {
        let name = item.str()?;
        let stored = secrets.get(name).map_or(name, |text| &text.text);
        Some(Setting {
            name: name.to_owned(),
            at: item.span(),
            value: item.said(reads::stored(stored)),
        })
    });
    plain.chain(secret).collect()
}

fn step(item: Cursor<'_>, number: usize, secrets: &HashMap<String, Text>) -> Step {
    let image = item.get("name");
    let id = item.get("id").and_then(|id| id.text());
    let first = item.members().next().map(|entry| entry.at);
    let label = id
        .as_ref()
        .map_or_else(|| number.to_string(), |id| id.text.clone());
    let (entrypoint, args) = (item.get("entrypoint"), item.get("args"));
    let words: Vec<Cursor<'_>> = entrypoint.into_iter().chain(args).collect();
    let script = match (item.get("script"), words.first()) {
        (Some(_), _) => pods::script(item),
        (None, Some(word)) => word.program(&words, image.filter(|_| entrypoint.is_none())),
        (None, None) => super::Script::default(),
    };
    let name = image.and_then(|image| image.text());
    Step {
        segment: format!("step:{label}"),
        at: first.unwrap_or_else(|| item.span()),
        id: id.as_ref().map(|id| id.text.clone()),
        name: id,
        uses: name.clone(),
        env: variables(item, secrets),
        script,
        may_fail: lenience(item),
        despite: at_once(item),
        images: vec![Image {
            name: name.unwrap_or_default(),
            powers: mounts(item),
            ..Image::default()
        }],
        ..Step::default()
    }
}

/// `waitFor: ['-']`: it begins with the build, whatever stands before it.
fn at_once(item: Cursor<'_>) -> Option<Lenience> {
    let entry = item.member("waitFor")?;
    let names = entry.value.texts();
    (!names.is_empty() && names.iter().all(|name| name.text == "-")).then(|| Lenience {
        key: "waitFor".into(),
        span: entry.whole(),
    })
}

/// Folders of the machine: every other volume is the build's own.
fn mounts(item: Cursor<'_>) -> Vec<Text> {
    let list = item.get("volumes");
    let paths = list.iter().flat_map(Cursor::items);
    paths
        .filter_map(|item| item.get("path")?.text())
        .filter(|path| reaches_host(&format!("{}:", path.text)))
        .filter(|path| path.text.contains(".sock"))
        .collect()
}

fn lenience(item: Cursor<'_>) -> Option<Lenience> {
    let all = item
        .member("allowFailure")
        .filter(|entry| entry.value.truth() == Some(true));
    let some = item.member("allowExitCodes").filter(|entry| {
        let mut codes = entry.value.one_or_many().filter_map(|code| code.text());
        codes.any(|code| code.text != "0")
    });
    let entry = all.or(some)?;
    Some(Lenience {
        key: entry.key.to_owned().into(),
        span: entry.whole(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::render::shown;

    #[test]
    fn reads_a_build() {
        let text = "\
steps:
  - name: gcr.io/cloud-builders/kubectl:1
    args: [apply, -f, k8s/]
    env: [CLUSTER=prod]
  - name: 'aquasec/trivy'
    id: scan
    args: [fs, .]
    allowFailure: true
  - id: push
    name: gcr.io/cloud-builders/gcloud
    entrypoint: bash
    args: ['-c', 'gcloud auth login']
    secretEnv: [TOKEN]
    allowExitCodes: [0, 3]
  - name: ubuntu
    script: |
      #!/usr/bin/env bash
      make all
substitutions: {_SKIP_SCAN: 'false'}
availableSecrets:
  secretManager:
    - versionName: projects/p/secrets/npm/versions/2
      env: TOKEN
serviceAccount: projects/p/serviceAccounts/b@p.iam.gserviceaccount.com
options: {logging: NONE, pool: {name: own}}
";
        assert_eq!(
            shown("cloudbuild.yaml", text),
            "\
cloudbuild:cloudbuild.yaml input:_SKIP_SCAN@19 setting:logging@25=NONE@25
@1 on=own@25 context=npm@22 as=projects/p/serviceAccounts/b@p.iam.gserviceaccount.com@24
  step:0@2 uses=gcr.io/cloud-builders/kubectl:1@2 env:CLUSTER@4=prod@4 image=gcr.io/cloud-builders/kubectl:1@2 `kubectl apply -f k8s/`@2
  step:scan@5 uses=aquasec/trivy@5 may-fail:allowFailure@8 image=aquasec/trivy@5 `trivy fs .`@5
  step:push@9 uses=gcr.io/cloud-builders/gcloud@10 env:TOKEN@13=secret:npm@13 may-fail:allowExitCodes@14 image=gcr.io/cloud-builders/gcloud@10 `gcloud auth login`@12 `bash -c gcloud auth login`@11
  step:3@15 uses=ubuntu@15 image=ubuntu@15 `make all`@18"
        );
    }

    #[test]
    fn what_an_alias_brings_and_what_is_broken() {
        let text = "steps:\n  - &a {name: docker, args: [run, x]}\n  - *a\n  - 3\n";
        assert_eq!(
            shown("cloudbuild.yml", text),
            "\
cloudbuild:cloudbuild.yml
@1
  step:0@2 uses=docker@2 image=docker@2 `docker run x`@2
  step:1@3 uses=docker@3<2 image=docker@3<2 `docker run x`@3
  step:2@4 image=@1"
        );
        assert_eq!(
            shown("cloudbuild.yml", "steps: ["),
            "cloudbuild:cloudbuild.yml\n@1"
        );
    }
}
