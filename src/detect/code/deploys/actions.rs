//! What the steps that services ship do: GitHub's actions, CircleCI's orbs, Azure's
//! tasks, Bitbucket's pipes, Buildkite's plugins, the plugin and builder images of
//! Drone, Woodpecker and Cloud Build, and the deploy providers of Travis.
//!
//! Facts: the page of each in its marketplace or registry, and its source's
//! description of inputs.

use super::stage::{Stage, stage};
use super::{Deploy, Effect, Effect::*};

/// What a step's name, and an input where it has several uses, says that it does.
struct Step {
    /// In lower case without version; one that ends in `*` stands for all that begin so.
    name: &'static str,
    effect: Effect,
    what: &'static str,
    /// An input that decides, and how its value begins then. The last word tells what
    /// counts when the input is not there.
    when: Option<(&'static str, &'static [&'static str], Unset)>,
}

/// Whether a step has its effect when the input that decides is not set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unset {
    Does,
    DoesNot,
}
use Unset::{Does, DoesNot};

const fn step(name: &'static str, effect: Effect, what: &'static str) -> Step {
    Step {
        name,
        effect,
        what,
        when: None,
    }
}

impl Step {
    const fn when(
        mut self,
        input: &'static str,
        values: &'static [&'static str],
        unset: Unset,
    ) -> Self {
        self.when = Some((input, values, unset));
        self
    }
}

#[rustfmt::skip]
const STEPS: &[Step] = &[
    // GitHub: Amazon.
    step("aws-actions/configure-aws-credentials", SignsIn, "aws"),
    step("aws-actions/amazon-ecr-login", SignsIn, "registry"),
    step("aws-actions/amazon-ecs-deploy-task-definition", Deploys, "aws").when("service", &[""], DoesNot),
    step("aws-actions/amazon-ecs-deploy-express-service", Deploys, "aws"),
    step("aws-actions/aws-cloudformation-github-deploy", Deploys, "aws").when("no-execute-changeset", &["0", "false"], Does),
    step("aws-actions/aws-lambda-deploy", Deploys, "aws").when("dry-run", &["false"], Does),
    step("appleboy/lambda-action", Deploys, "aws").when("dry_run", &["false"], Does),
    step("einaregilsson/beanstalk-deploy", Deploys, "aws"),
    step("jakejarvis/s3-sync-action", Touches, "aws"),
    step("reggionick/s3-deploy", Deploys, "aws"),
    step("chetan/invalidate-cloudfront-action", Deploys, "aws"),
    step("youyo/aws-cdk-github-actions", Deploys, "aws").when("cdk_subcommand", &["deploy", "destroy"], DoesNot),
    step("webfactory/create-aws-codedeploy-deployment", Deploys, "aws"),
    step("aws-actions/aws-codebuild-run-build", Touches, "aws"),
    // GitHub: Google.
    step("google-github-actions/auth", SignsIn, "google"),
    step("google-github-actions/setup-gcloud", SignsIn, "google").when("service_account_key", &[""], DoesNot),
    step("google-github-actions/get-gke-credentials", SignsIn, "kubernetes"),
    step("google-github-actions/deploy*", Deploys, "google"),
    step("google-github-actions/create-cloud-deploy-release", Deploys, "google"),
    step("google-github-actions/upload-cloud-storage", Touches, "google"),
    step("firebaseextended/action-hosting-deploy", Deploys, "firebase"),
    step("w9jds/firebase-action", Deploys, "firebase").when("args", &["deploy"], DoesNot),
    // GitHub: Azure.
    step("azure/login", SignsIn, "azure"),
    step("azure/docker-login", SignsIn, "registry"),
    step("azure/aks-set-context", SignsIn, "kubernetes"),
    step("azure/k8s-set-context", SignsIn, "kubernetes"),
    step("azure/k8s-create-secret", Deploys, "kubernetes"),
    step("azure/k8s-deploy*", Deploys, "kubernetes"),
    step("azure/webapps-deploy", Deploys, "azure"),
    step("azure/functions-action", Deploys, "azure"),
    step("azure/functions-container-action", Deploys, "azure"),
    step("azure/container-apps-deploy*", Deploys, "azure"),
    step("azure/aci-deploy", Deploys, "azure"),
    step("azure/arm-deploy", Deploys, "azure").when("deploymentmode", &["incremental", "complete"], Does),
    step("azure/bicep-deploy", Deploys, "azure").when("operation", &["create", "delete", "deploy"], Does),
    step("azure/static-web-apps-deploy", Deploys, "azure").when("action", &["upload"], DoesNot),
    step("azure/spring-apps-deploy", Deploys, "azure").when("action", &["deploy", "set-production"], DoesNot),
    step("azure/sql-action", Deploys, "azure").when("action", &["publish"], Does),
    // GitHub: clusters and infrastructure as code.
    step("digitalocean/action-doctl", SignsIn, "digitalocean"),
    step("digitalocean/app_action*", Deploys, "digitalocean"),
    step("deliverybot/helm", Deploys, "kubernetes"),
    step("bitovi/github-actions-deploy*", Deploys, "aws"),
    step("steebchen/kubectl", Deploys, "kubernetes").when("args", &["apply", "set", "rollout", "delete", "patch"], DoesNot),
    step("actions-hub/kubectl", Deploys, "kubernetes").when("args", &["apply", "set", "rollout", "delete", "patch"], DoesNot),
    step("kodermax/kubectl-aws-eks", Deploys, "kubernetes").when("args", &["apply", "set", "rollout", "delete", "patch"], DoesNot),
    step("helmfile/helmfile-action", Deploys, "kubernetes").when("helmfile-args", &["apply", "sync", "destroy"], DoesNot),
    step("dflook/terraform-apply", Deploys, "terraform"),
    step("dflook/terraform-destroy*", Deploys, "terraform"),
    step("dflook/tofu-apply", Deploys, "terraform"),
    step("dflook/tofu-destroy*", Deploys, "terraform"),
    step("gruntwork-io/terragrunt-action", Deploys, "terraform").when("tg_command", &["apply", "destroy", "run-all apply", "run --all apply"], DoesNot),
    step("hashicorp/tfc-workflows-github/actions/apply-run", Deploys, "terraform"),
    step("pulumi/auth-actions", SignsIn, "pulumi cloud"),
    step("pulumi/actions", Deploys, "pulumi").when("command", &["up", "update", "destroy"], DoesNot),
    step("hashicorp/vault-action", SignsIn, "vault"),
    // GitHub: hosts and hosting.
    step("webfactory/ssh-agent", SignsIn, "host"),
    step("shimataro/ssh-key-action", SignsIn, "host"),
    step("appleboy/ssh-action", Deploys, "host"),
    step("appleboy/scp-action", Deploys, "host"),
    step("easingthemes/ssh-deploy", Deploys, "host"),
    step("burnett01/rsync-deployments", Deploys, "host"),
    step("samkirkland/ftp-deploy-action", Deploys, "host").when("dry-run", &["false"], Does),
    step("dawidd6/action-ansible-playbook", Deploys, "host"),
    step("cross-the-world/ssh-scp-ssh-pipelines", Deploys, "host"),
    step("garygrossgarten/github-action-ssh", Deploys, "host"),
    step("wlixcc/sftp-deploy-action", Deploys, "host"),
    step("superfly/flyctl-actions", Deploys, "fly").when("args", &["deploy"], DoesNot),
    step("cloudflare/wrangler-action", Deploys, "cloudflare").when("command", &["deploy", "publish", "pages deploy", "pages publish", "versions deploy"], Does),
    step("cloudflare/pages-action", Deploys, "cloudflare"),
    step("amondnet/vercel-action", Deploys, "vercel"),
    step("nwtgck/actions-netlify", Deploys, "netlify"),
    step("netlify/actions/cli", Deploys, "netlify").when("args", &["deploy"], DoesNot),
    step("akhileshns/heroku-deploy", Deploys, "heroku"),
    step("serverless/github-action", Deploys, "serverless").when("args", &["deploy", "remove", "-c \"serverless deploy"], DoesNot),
    step("johnbeynon/render-deploy-action", Deploys, "render"),
    step("cloud-gov/cg-cli-tools", Deploys, "cloud foundry"),
    step("caprover/deploy-from-github", Deploys, "host"),
    step("dokku/github-action", Deploys, "host"),
    step("denoland/deployctl", Deploys, "hosting"),
    // GitHub: what others fetch.
    step("actions/deploy-pages", Publishes, "pages"),
    step("peaceiris/actions-gh-pages", Publishes, "pages"),
    step("jamesives/github-pages-deploy-action", Publishes, "pages").when("dry-run", &["false"], Does),
    step("crazy-max/ghaction-github-pages", Publishes, "pages"),
    step("softprops/action-gh-release", Publishes, "release"),
    step("actions/create-release", Publishes, "release"),
    step("actions/upload-release-asset", Publishes, "release"),
    step("ncipollo/release-action", Publishes, "release"),
    step("svenstaro/upload-release-action", Publishes, "release"),
    step("marvinpinto/action-automatic-releases", Publishes, "release"),
    step("cycjimmy/semantic-release-action", Publishes, "release").when("dry_run", &["false"], Does),
    step("goreleaser/goreleaser-action", Publishes, "release").when("args", &["release", "publish"], DoesNot),
    step("googleapis/release-please-action", Publishes, "release"),
    step("changesets/action", Publishes, "package").when("publish", &[""], DoesNot),
    step("pypa/gh-action-pypi-publish", Publishes, "package"),
    step("js-devtools/npm-publish", Publishes, "package").when("dry-run", &["false"], Does),
    step("katyo/publish-crates", Publishes, "package").when("dry-run", &["false"], Does),
    step("rubygems/release-gem", Publishes, "package"),
    step("docker/login-action", SignsIn, "registry"),
    step("redhat-actions/podman-login", SignsIn, "registry"),
    step("docker/build-push-action", Publishes, "image").when("push", &["true", "$"], DoesNot),
    step("docker/bake-action", Publishes, "image").when("push", &["true", "$"], DoesNot),
    step("redhat-actions/push-to-registry", Publishes, "image"),
    step("redhat-actions/oc-login", SignsIn, "kubernetes"),
    step("elgohr/publish-docker-github-action", Publishes, "image").when("no_push", &["false"], Does),
    step("helm/chart-releaser-action", Publishes, "helm chart"),
    step("r0adkll/upload-google-play", Publishes, "app store"),
    step("apple-actions/upload-testflight-build", Publishes, "app store"),
    // CircleCI's orbs, without the namespace `circleci`.
    step("aws-cli/setup", SignsIn, "aws"),
    step("aws-cli/assume_role*", SignsIn, "aws"),
    step("aws-ecs/deploy-*", Deploys, "aws"),
    step("aws-ecs/update-*", Deploys, "aws"),
    step("aws-ecs/run-task", Touches, "aws"),
    step("aws-ecr/build-and-push-image", Publishes, "image"),
    step("aws-ecr/build_and_push_image", Publishes, "image"),
    step("aws-ecr/push*", Publishes, "image"),
    step("aws-ecr/ecr*login", SignsIn, "registry"),
    step("aws-eks/update-kubeconfig*", SignsIn, "kubernetes"),
    step("aws-eks/create-*", Deploys, "kubernetes"),
    step("aws-eks/delete-*", Deploys, "kubernetes"),
    step("aws-eks/update-container-image", Deploys, "kubernetes"),
    step("aws-s3/*", Touches, "aws"),
    step("aws-code-deploy/deploy*", Deploys, "aws"),
    step("aws-elastic-beanstalk/deploy", Deploys, "aws"),
    step("aws-sam-serverless/deploy", Deploys, "aws"),
    step("aws-cdk/deploy", Deploys, "aws"),
    step("serverless-framework/setup", SignsIn, "aws"),
    step("gcp-cli/setup", SignsIn, "google"),
    step("gcp-cli/initialize", SignsIn, "google"),
    step("gcp-gcr/gcr-auth", SignsIn, "registry"),
    step("gcp-gcr/build-and-push-image", Publishes, "image"),
    step("gcp-gcr/push-image", Publishes, "image"),
    step("gcp-gke/rollout-image*", Deploys, "kubernetes"),
    step("gcp-gke/publish-and-rollout-image", Deploys, "kubernetes"),
    step("gcp-cloud-run/deploy*", Deploys, "google"),
    step("cloudrun/deploy*", Deploys, "google"),
    step("azure-cli/login*", SignsIn, "azure"),
    step("azure-aks/*", Deploys, "kubernetes"),
    step("azure-acr/build-and-push-image", Publishes, "image"),
    step("kubernetes/create-or-update-resource", Deploys, "kubernetes"),
    step("kubernetes/update-container-image", Deploys, "kubernetes"),
    step("kubernetes/delete-resource", Deploys, "kubernetes"),
    step("helm/upgrade-helm-chart", Deploys, "kubernetes"),
    step("helm/install-helm-chart", Deploys, "kubernetes"),
    step("helm/delete-helm-release", Deploys, "kubernetes"),
    step("terraform/apply", Deploys, "terraform"),
    step("terraform/destroy", Deploys, "terraform"),
    step("pulumi/login", SignsIn, "pulumi cloud"),
    step("pulumi/update", Deploys, "pulumi"),
    step("pulumi/destroy", Deploys, "pulumi"),
    step("heroku/deploy-via-git", Deploys, "heroku"),
    step("heroku/push-docker-image", Publishes, "image"),
    step("heroku/release-docker-image", Deploys, "heroku"),
    step("docker/check", SignsIn, "registry"),
    step("docker/publish", Publishes, "image").when("deploy", &["true"], Does),
    step("docker/push", Publishes, "image"),
    step("github-cli/setup", SignsIn, "github"),
    // Azure's tasks.
    step("azurewebapp", Deploys, "azure"),
    step("azurewebappcontainer", Deploys, "azure"),
    step("azurermwebappdeployment", Deploys, "azure"),
    step("azureappservicemanage", Deploys, "azure"),
    step("azurefunctionapp", Deploys, "azure"),
    step("azurefunctionappcontainer", Deploys, "azure"),
    step("azurecontainerapps", Deploys, "azure"),
    step("azurespringcloud", Deploys, "azure").when("action", &["deploy", "set production"], DoesNot),
    step("azurestaticwebapp", Deploys, "azure"),
    step("azureresourcemanagertemplatedeployment", Deploys, "azure").when("deploymentmode", &["incremental", "complete"], Does),
    step("azureresourcegroupdeployment", Deploys, "azure").when("deploymentmode", &["incremental", "complete"], Does),
    step("sqlazuredacpacdeployment", Deploys, "azure"),
    step("sqldacpacdeploymentonmachinegroup", Deploys, "host"),
    step("azuremysqldeployment", Deploys, "azure"),
    step("azurecloudpowershelldeployment", Deploys, "azure"),
    step("azurevmssdeployment", Deploys, "azure"),
    step("azurefilecopy", Touches, "azure"),
    step("iiswebappdeploymentonmachinegroup", Deploys, "host"),
    step("iiswebappmanagementonmachinegroup", Deploys, "host"),
    step("windowsmachinefilecopy", Deploys, "host"),
    step("copyfilesoverssh", Deploys, "host"),
    step("ssh", Deploys, "host"),
    step("ftpupload", Deploys, "host"),
    step("powershellontargetmachines", Deploys, "host"),
    step("servicefabricdeploy", Deploys, "azure"),
    step("kubernetesmanifest", Deploys, "kubernetes").when("action", &["deploy", "promote", "patch", "scale", "delete", "reject"], Does),
    step("kubernetes", Deploys, "kubernetes").when("command", &["apply", "create", "delete", "replace", "patch", "rollout", "scale", "set", "run", "expose"], DoesNot),
    step("helmdeploy", Deploys, "kubernetes").when("command", &["upgrade", "install", "rollback", "delete", "uninstall"], DoesNot),
    step("terraformtask*", Deploys, "terraform").when("command", &["apply", "destroy"], DoesNot),
    step("terraformcli", Deploys, "terraform").when("command", &["apply", "destroy"], DoesNot),
    step("pulumi", Deploys, "pulumi").when("command", &["up", "destroy"], DoesNot),
    step("cloudformationcreateorupdatestack", Deploys, "aws"),
    step("cloudformationexecutechangeset", Deploys, "aws"),
    step("cloudformationdeletestack", Deploys, "aws"),
    step("beanstalkdeployapplication", Deploys, "aws"),
    step("codedeploydeployapplication", Deploys, "aws"),
    step("lambdadeployfunction", Deploys, "aws"),
    step("lambdanetcoredeploy", Deploys, "aws"),
    step("s3upload", Touches, "aws"),
    step("octopusdeployrelease", Deploys, "octopus"),
    step("deployoctopusrelease", Deploys, "octopus"),
    step("docker", Publishes, "image").when("command", &["push", "buildandpush"], Does),
    step("dockercompose", Publishes, "image").when("action", &["push"], DoesNot),
    step("npm", Publishes, "package").when("command", &["publish"], DoesNot),
    step("nugetcommand", Publishes, "package").when("command", &["push"], DoesNot),
    step("dotnetcorecli", Publishes, "package").when("command", &["push"], DoesNot),
    step("universalpackages", Publishes, "package").when("command", &["publish"], DoesNot),
    step("twineauthenticate", SignsIn, "registry"),
    step("npmauthenticate", SignsIn, "registry"),
    step("pipauthenticate", SignsIn, "registry"),
    step("nugetauthenticate", SignsIn, "registry"),
    step("githubrelease", Publishes, "release").when("action", &["create", "edit"], Does),
    step("appcenterdistribute", Publishes, "app store"),
    step("googleplayrelease", Publishes, "app store"),
    step("appstorerelease", Publishes, "app store"),
    // Bitbucket's pipes.
    step("atlassian/aws-ecs-deploy", Deploys, "aws"),
    step("atlassian/aws-eks-kubectl-run", Deploys, "kubernetes").when("KUBECTL_COMMAND", &["apply", "set", "rollout", "delete", "patch", "create", "replace"], DoesNot),
    step("atlassian/aws-elasticbeanstalk-deploy", Deploys, "aws"),
    step("atlassian/aws-lambda-deploy", Deploys, "aws"),
    step("atlassian/aws-cloudformation-deploy", Deploys, "aws"),
    step("atlassian/aws-code-deploy", Deploys, "aws").when("COMMAND", &["deploy"], DoesNot),
    step("atlassian/aws-sam-deploy", Deploys, "aws"),
    step("atlassian/aws-s3-deploy", Touches, "aws"),
    step("atlassian/aws-cloudfront-invalidate", Deploys, "aws"),
    step("atlassian/aws-ecr-push-image", Publishes, "image"),
    step("atlassian/azure-web-apps-*", Deploys, "azure"),
    step("atlassian/azure-functions-deploy", Deploys, "azure"),
    step("atlassian/azure-arm-deploy", Deploys, "azure"),
    step("atlassian/azure-aks-*", Deploys, "kubernetes"),
    step("atlassian/azure-vm-*", Deploys, "azure"),
    step("atlassian/azure-storage-deploy", Touches, "azure"),
    step("atlassian/google-app-engine-deploy", Deploys, "google"),
    step("atlassian/google-cloud-functions-deploy", Deploys, "google"),
    step("atlassian/google-gke-kubectl-run", Deploys, "kubernetes").when("KUBECTL_COMMAND", &["apply", "set", "rollout", "delete", "patch", "create", "replace"], DoesNot),
    step("atlassian/google-cloud-storage-deploy", Touches, "google"),
    step("atlassian/google-gcr-push-image", Publishes, "image"),
    step("atlassian/kubectl-run", Deploys, "kubernetes").when("KUBECTL_COMMAND", &["apply", "set", "rollout", "delete", "patch", "create", "replace"], DoesNot),
    step("atlassian/heroku-deploy", Deploys, "heroku"),
    step("atlassian/firebase-deploy", Deploys, "firebase"),
    step("atlassian/netlify-deploy", Deploys, "netlify"),
    step("atlassian/ssh-run", Deploys, "host"),
    step("atlassian/scp-deploy", Deploys, "host"),
    step("atlassian/rsync-deploy", Deploys, "host"),
    step("atlassian/sftp-deploy", Deploys, "host"),
    step("atlassian/ftp-deploy", Deploys, "host"),
    step("atlassian/ansible-run", Deploys, "host"),
    step("atlassian/npm-publish", Publishes, "package"),
    step("atlassian/pypi-publish", Publishes, "package"),
    step("microsoft/azure-web-apps-deploy", Deploys, "azure"),
    step("microsoft/azure-aks-deploy", Deploys, "kubernetes"),
    step("microsoft/azure-functions-deploy", Deploys, "azure"),
    step("serverless-operations/*", Deploys, "serverless"),
    // Buildkite's plugins.
    step("ecs-deploy", Deploys, "aws"),
    step("aws-lambda-deploy", Deploys, "aws"),
    step("google-cloud-run-deploy", Deploys, "google"),
    step("kubernetes-deploy", Deploys, "kubernetes"),
    step("aws-assume-role*", SignsIn, "aws"),
    step("gcp-workload-identity-federation", SignsIn, "google"),
    step("docker-login", SignsIn, "registry"),
    step("ecr", SignsIn, "registry"),
];

/// Images whose entry point is a plugin, and images that hold a deploying program, as
/// pipelines of Drone, Woodpecker and Cloud Build name them: ends of the image's name.
#[rustfmt::skip]
const IMAGES: &[(&str, Effect, &str)] = &[
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
    let name = normal(name);
    STEPS.iter().find(|step| {
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
    let row = IMAGES.iter().find(|(end, ..)| ends(&name, end))?;
    matches!(row.1, Deploys | Touches).then(|| Deploy {
        what: row.2,
        stage: place(input),
        rehearsal: dry(input),
        sure: row.1 == Deploys,
    })
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
    if dry(input) {
        return None;
    }
    if let Some(step) = find(name, input, &[Publishes]) {
        return Some(step.what);
    }
    let name = normal(name);
    let row = IMAGES.iter().find(|(end, ..)| ends(&name, end))?;
    (row.1 == Publishes).then_some(row.2)
}

/// Where a step signs in.
pub(crate) fn signs_in_by_action(name: &str, input: Inputs<'_>) -> Option<&'static str> {
    Some(find(name, input, &[SignsIn])?.what)
}

/// Whether a step of this name can do any of it, whatever its inputs say.
pub(super) fn acts(name: &str, input: Inputs<'_>) -> bool {
    let name = normal(name);
    STEPS.iter().any(|step| match step.name.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => {
            name == step.name
                && (step.effect != SignsIn || SIGNS_IN_TO_DEPLOY.contains(&step.what))
                && (step.effect != Publishes || step.what != "image" || step.works(input))
        }
    })
}

/// Where one signs in to change what runs there.
const SIGNS_IN_TO_DEPLOY: &[&str] = &["aws", "google", "azure", "kubernetes", "digitalocean"];

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
