//! What the steps that services ship do: GitHub's actions, `CircleCI`'s orbs, Azure's
//! tasks, Bitbucket's pipes, Buildkite's plugins, the plugin and builder images of
//! Drone, Woodpecker and Cloud Build, and the deploy providers of Travis.
//!
//! Facts: the page of each in its marketplace or registry, and its source's
//! description of inputs.

use std::sync::LazyLock;

use super::stage::{Stage, stage};
use super::steps::{STEPS, Step, Unset::Does};
use super::{
    Deploy,
    Effect::{self, Deploys, Publishes, Touches},
};
use crate::detect::code::index::{self, Index};

/// How an image's name ends, and what running it does.
type Image = (&'static str, Effect, &'static str);

/// Images whose entry point is a plugin, and images that hold a deploying program, as
/// pipelines of Drone, Woodpecker and Cloud Build name them: ends of the image's name.
#[rustfmt::skip]
const IMAGES: &[Image] = &[
    ("appleboy/drone-ssh", Deploys, "host"),
    ("appleboy/drone-scp", Deploys, "host"),
    ("drillster/drone-rsync", Deploys, "host"),
    ("plugins/ansible", Deploys, "host"),
    ("woodpeckerci/plugin-ansible", Deploys, "host"),
    ("cschlosser/drone-ftps", Deploys, "host"),
    ("pelotech/drone-helm3", Deploys, "kubernetes"),
    ("bitsbeats/drone-helm3", Deploys, "kubernetes"),
    ("quay.io/ipedrazas/drone-helm", Deploys, "kubernetes"),
    ("sinlead/drone-kubectl", Deploys, "kubernetes"),
    ("danielgormly/drone-plugin-kube", Deploys, "kubernetes"),
    ("zc2638/drone-k8s-plugin", Deploys, "kubernetes"),
    ("plugins/kubernetes", Deploys, "kubernetes"),
    ("nytimes/drone-gke", Deploys, "kubernetes"),
    ("nytimes/drone-gae", Deploys, "google"),
    ("plugins/gke", Deploys, "kubernetes"),
    ("plugins/drone-ecs", Deploys, "aws"),
    ("plugins/ecs", Deploys, "aws"),
    ("plugins/lambda", Deploys, "aws"),
    ("appleboy/drone-lambda", Deploys, "aws"),
    ("robertstettner/drone-codebuild", Touches, "aws"),
    ("plugins/s3-sync", Touches, "aws"),
    ("plugins/s3", Touches, "aws"),
    ("woodpeckerci/plugin-s3", Touches, "aws"),
    ("plugins/gcs", Touches, "google"),
    ("jmccann/drone-terraform", Deploys, "terraform"),
    ("plugins/terraform", Deploys, "terraform"),
    ("plugins/heroku", Deploys, "heroku"),
    ("plugins/netlify", Deploys, "netlify"),
    ("lucap/drone-netlify", Deploys, "netlify"),
    ("plugins/docker", Publishes, "image"),
    ("plugins/ecr", Publishes, "image"),
    ("plugins/gcr", Publishes, "image"),
    ("plugins/gar", Publishes, "image"),
    ("plugins/acr", Publishes, "image"),
    ("plugins/kaniko", Publishes, "image"),
    ("plugins/kaniko-ecr", Publishes, "image"),
    ("plugins/buildx", Publishes, "image"),
    ("banzaicloud/drone-kaniko", Publishes, "image"),
    ("thegeeklab/drone-docker-buildx", Publishes, "image"),
    ("woodpeckerci/plugin-docker", Publishes, "image"),
    ("woodpeckerci/plugin-docker-buildx", Publishes, "image"),
    ("woodpeckerci/plugin-kaniko", Publishes, "image"),
    ("plugins/github-release", Publishes, "release"),
    ("plugins/gitea-release", Publishes, "release"),
    ("woodpeckerci/plugin-release", Publishes, "release"),
    ("woodpeckerci/plugin-gitea-release", Publishes, "release"),
    ("plugins/npm", Publishes, "package"),
    ("woodpeckerci/plugin-npm", Publishes, "package"),
    ("plugins/pypi", Publishes, "package"),
    ("plugins/gh-pages", Publishes, "pages"),
    ("plugins/nuget", Publishes, "package"),
    ("cloud-builders/gke-deploy", Deploys, "kubernetes"),
    ("cloud-builders/firebase", Deploys, "firebase"),
];

/// Travis's deploy providers, without those that publish.
/// Facts: <https://docs.travis-ci.com/user/deployment-v2/>.
const PROVIDERS: &[(&str, Effect, &str)] = &[
    ("s3", Touches, "aws"),
    ("gcs", Touches, "google"),
    ("cloudfiles", Touches, "rackspace"),
    ("codedeploy", Deploys, "aws"),
    ("elasticbeanstalk", Deploys, "aws"),
    ("lambda", Deploys, "aws"),
    ("opsworks", Deploys, "aws"),
    ("ecr", Publishes, "image"),
    ("cloudformation", Deploys, "aws"),
    ("azure_web_apps", Deploys, "azure"),
    ("azure_webapps", Deploys, "azure"),
    ("gae", Deploys, "google"),
    ("firebase", Deploys, "firebase"),
    ("gcf", Deploys, "google"),
    ("heroku", Deploys, "heroku"),
    ("cloudfoundry", Deploys, "cloud foundry"),
    ("bluemixcloudfoundry", Deploys, "cloud foundry"),
    ("convox", Deploys, "hosting"),
    ("engineyard", Deploys, "hosting"),
    ("flynn", Deploys, "hosting"),
    ("hackage", Publishes, "package"),
    ("netlify", Deploys, "netlify"),
    ("now", Deploys, "vercel"),
    ("openshift", Deploys, "kubernetes"),
    ("scalingo", Deploys, "hosting"),
    ("surge", Deploys, "hosting"),
    ("transifex", Touches, "translations"),
    ("tsuru", Deploys, "hosting"),
    ("script", Touches, "script"),
    ("npm", Publishes, "package"),
    ("pypi", Publishes, "package"),
    ("rubygems", Publishes, "package"),
    ("cargo", Publishes, "package"),
    ("packagecloud", Publishes, "package"),
    ("cloudsmith", Publishes, "package"),
    ("bintray", Publishes, "package"),
    ("nuget", Publishes, "package"),
    ("pages", Publishes, "pages"),
    ("releases", Publishes, "release"),
    ("snap", Publishes, "package"),
];

/// Inputs that name where a step deploys.
#[rustfmt::skip]
const PLACES: &[&str] = &[
    "environment", "env", "environment-name", "environment_name", "stage", "namespace", "cluster",
    "cluster-name", "service", "service-name", "host", "hostname", "hosts", "server", "app-name",
    "app_name", "appname", "heroku_app_name", "slot-name", "slotname", "context", "stack-name",
    "stack", "workspace", "path", "project", "project_id", "projectname", "function-name",
    "function_name", "resourcegroupname", "resource-group", "webappname", "kubernetescluster",
    "releasename", "channelid", "args", "command", "vercel-args", "azuresubscription", "target",
    "release-name", "ENVIRONMENT_NAME", "SERVICE_NAME", "CLUSTER_NAME", "SERVER", "STACK_NAME",
    "APP_NAME", "S3_BUCKET", "bucket",
];

/// How a step reads its inputs: by their names in lower case, and as written.
type Inputs<'i> = &'i dyn Fn(&str) -> Option<String>;

/// A step's name as the table writes it.
fn normal(name: &str) -> String {
    let name = name.trim().to_ascii_lowercase();
    let name = name.strip_prefix("docker://").unwrap_or(&name);
    let name = name.strip_prefix("circleci/").unwrap_or(name);
    let name = name.split(['@', '#']).next().unwrap_or(name);
    let name = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    };
    name.trim_end_matches('/').to_owned()
}

/// What a step does by the table and its inputs.
fn find(name: &str, input: Inputs<'_>, effects: &[Effect]) -> Option<&'static Step> {
    static BY_START: LazyLock<Index<Step>> =
        LazyLock::new(|| Index::new(STEPS, |step| vec![index::start(step.name)]));
    let name = normal(name);
    let near = BY_START.get(&index::start(&name)).iter().copied();
    near.into_iter().find(|step| {
        let is = match step.name.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => {
                name == step.name
                    || name
                        .strip_prefix(step.name)
                        .is_some_and(|rest| rest.starts_with('/'))
            }
        };
        is && effects.contains(&step.effect) && step.works(input)
    })
}

impl Step {
    /// Whether the inputs have the step do what the table says.
    fn works(&self, input: Inputs<'_>) -> bool {
        let Some((name, values, unset)) = &self.when else {
            return true;
        };
        match value(input, name) {
            Some(set) => values.iter().any(|start| set.starts_with(start)),
            None => *unset == Does,
        }
    }
}

/// An input's value in lower case; systems differ in how they write its name.
fn value(input: Inputs<'_>, name: &str) -> Option<String> {
    let set = input(name).or_else(|| input(&name.to_ascii_lowercase()))?;
    Some(set.trim().to_ascii_lowercase())
}

/// The deployment that a step is: an action, orb, task, pipe or plugin.
pub(crate) fn of_action(name: &str, input: Inputs<'_>) -> Option<Deploy> {
    let step = find(name, input, &[Deploys, Touches])?;
    Some(Deploy {
        what: step.what,
        stage: place(input),
        rehearsal: dry(input),
        sure: step.effect == Deploys,
    })
}

/// The stage that a step's inputs speak of.
fn place(input: Inputs<'_>) -> Stage {
    let switch = |name: &str| value(input, name).as_deref() == Some("true");
    if switch("production-deploy") || switch("production") {
        return Stage::Production;
    }
    let places = PLACES.iter().filter_map(|name| input(name));
    let named = places.map(|value| stage(&value)).max();
    named.unwrap_or(Stage::Unknown)
}

/// Whether the inputs ask for a dry run.
fn dry(input: Inputs<'_>) -> bool {
    ["dry-run", "dry_run", "dryrun", "DRY_RUN", "what-if"]
        .iter()
        .filter_map(|name| value(input, name))
        .any(|set| matches!(set.as_str(), "true" | "1" | "yes" | "client" | "server"))
}

/// The deployment that a plugin's or builder's image is.
pub(crate) fn of_image(image: &str, input: Inputs<'_>) -> Option<Deploy> {
    let name = normal(image);
    let row = plugin(&name)?;
    matches!(row.1, Deploys | Touches).then(|| Deploy {
        what: row.2,
        stage: place(input),
        rehearsal: dry(input),
        sure: row.1 == Deploys,
    })
}

/// The row of an image that is a plugin or a builder.
fn plugin(name: &str) -> Option<&'static Image> {
    static BY_LAST: LazyLock<Index<Image>> =
        LazyLock::new(|| Index::new(IMAGES, |image| vec![index::last(image.0)]));
    let mut near = BY_LAST.get(index::last(name)).iter().copied();
    near.find(|(end, ..)| ends(name, end))
}

/// Whether an image's name ends with these parts.
fn ends(name: &str, end: &str) -> bool {
    name.strip_suffix(end)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

/// The deployment that one of Travis's providers is.
pub(crate) fn of_provider(name: &str) -> Option<Deploy> {
    let row = PROVIDERS.iter().find(|(provider, ..)| *provider == name)?;
    matches!(row.1, Deploys | Touches).then_some(Deploy {
        what: row.2,
        stage: Stage::Unknown,
        rehearsal: false,
        sure: row.1 == Deploys,
    })
}

/// What a step puts up for others to fetch; an image that is a plugin too.
pub(crate) fn publishes_by_action(name: &str, input: Inputs<'_>) -> Option<&'static str> {
    let step = find(name, input, &[Publishes]).map(|step| step.what);
    let image = || plugin(&normal(name)).filter(|row| row.1 == Publishes);
    let what = step.or_else(|| Some(image()?.2))?;
    (!dry(input)).then_some(what)
}

/// Where a step signs in.
#[cfg(test)]
pub(super) fn signs_in_by_action(name: &str, input: Inputs<'_>) -> Option<&'static str> {
    Some(find(name, input, &[Effect::SignsIn])?.what)
}

/// Whether a step makes a cluster or a cloud that lives as long as the job.
pub(crate) fn rehearses_by_action(name: &str) -> bool {
    const ACTIONS: &[&str] = &[
        "helm/kind-action",
        "engineerd/setup-kind",
        "container-tools/kind-action",
        "medyagh/setup-minikube",
        "manusa/actions-setup-minikube",
        "absaoss/k3d-action",
        "nolar/setup-k3d-k3s",
        "jupyterhub/action-k3s-helm",
        "debianmaster/actions-k3s",
        "balchua/microk8s-actions",
        "localstack/setup-localstack",
        "helm/chart-testing-action",
        "charmed-kubernetes/actions-operator",
        "replicatedhq/compatibility-actions/create-cluster",
        "replicatedhq/replicated-actions/create-cluster",
        "chainguard-dev/actions/setup-kind",
        "palmsoftware/quick-k8s",
    ];
    ACTIONS.contains(&normal(name).as_str())
}
