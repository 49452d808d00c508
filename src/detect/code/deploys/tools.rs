//! Programs that change what runs elsewhere, put something up for others to fetch, or
//! sign in, with their verbs as their own references list them.

use std::sync::LazyLock;

use super::Effect::{self, Deploys, Publishes, SignsIn, Touches};
use crate::detect::code::index::Index;
use crate::detect::shell::Command;

/// What some verbs of a program do.
pub(super) struct Tool {
    /// The program's names.
    names: &'static [&'static str],
    /// Ways to begin its operands; one of them must fit. A word that ends in `*` stands
    /// for all that begin so, an empty way for a program without operands, and one
    /// after `~` may stand at any place.
    verbs: &'static [&'static str],
    /// What it works on.
    pub(super) what: &'static str,
    pub(super) effect: Effect,
}

const fn tool(
    names: &'static [&'static str],
    effect: Effect,
    what: &'static str,
    verbs: &'static [&'static str],
) -> Tool {
    Tool {
        names,
        verbs,
        what,
        effect,
    }
}

/// The first row that fits counts.
#[rustfmt::skip]
const TOOLS: &[Tool] = &[
    // Clusters.
    tool(&["kubectl", "oc", "kubecolor"], SignsIn, "kubernetes", &["login", "config set-credentials", "config set-cluster", "create token"]),
    tool(&["kubectl", "oc", "kubecolor"], Deploys, "kubernetes", &["apply", "create", "replace", "patch", "delete", "scale", "set", "autoscale", "expose", "run", "drain", "rollout restart", "rollout undo", "rollout resume", "rollout pause", "rollout latest", "argo rollouts promote", "argo rollouts set", "new-app", "cp"]),
    tool(&["helm"], SignsIn, "registry", &["registry login"]),
    tool(&["helm"], Publishes, "helm chart", &["push", "cm-push"]),
    tool(&["helm"], Deploys, "kubernetes", &["upgrade", "install", "uninstall", "delete", "rollback", "secrets upgrade", "secrets install"]),
    tool(&["helmfile"], Deploys, "kubernetes", &["apply", "sync", "destroy", "delete"]),
    tool(&["skaffold"], Deploys, "kubernetes", &["run", "deploy", "apply", "delete"]),
    tool(&["kapp"], Deploys, "kubernetes", &["deploy", "delete", "app-group deploy"]),
    tool(&["krane", "kubernetes-deploy"], Deploys, "kubernetes", &["deploy", "global-deploy", "run"]),
    tool(&["argocd"], SignsIn, "argo cd", &["login"]),
    tool(&["argocd"], Deploys, "kubernetes", &["app sync", "app set", "app create", "app delete", "app rollback", "app patch", "appset create"]),
    tool(&["flux"], Deploys, "kubernetes", &["bootstrap", "reconcile", "resume", "create", "delete"]),
    tool(&["werf"], Deploys, "kubernetes", &["converge", "deploy", "dismiss"]),
    tool(&["tk"], Deploys, "kubernetes", &["apply", "delete"]),
    tool(&["devspace", "okteto", "garden"], Deploys, "kubernetes", &["deploy"]),
    tool(&["ko"], Deploys, "kubernetes", &["apply", "create"]),
    tool(&["ko"], Publishes, "image", &["build", "publish", "resolve"]),
    tool(&["nomad"], Deploys, "nomad", &["run", "job run", "job promote", "job revert", "job scale", "job stop", "deployment promote"]),
    tool(&["waypoint"], Deploys, "waypoint", &["up", "deploy", "release"]),
    // Infrastructure as code.
    tool(&["terraform", "tofu"], SignsIn, "hcp terraform", &["login"]),
    tool(&["terraform", "tofu"], Deploys, "terraform", &["apply", "destroy"]),
    tool(&["terragrunt"], Deploys, "terraform", &["apply", "destroy", "apply-all", "destroy-all", "run-all apply", "run-all destroy", "run apply", "run destroy", "stack run apply"]),
    tool(&["cdktf"], Deploys, "terraform", &["deploy", "apply", "destroy"]),
    tool(&["pulumi"], SignsIn, "pulumi cloud", &["login"]),
    tool(&["pulumi"], Deploys, "pulumi", &["up", "update", "destroy"]),
    tool(&["cdk"], Deploys, "aws", &["deploy", "destroy"]),
    // Amazon.
    tool(&["aws"], SignsIn, "aws", &["configure set", "configure import", "sso login", "sts assume-role*", "sts get-session-token"]),
    tool(&["aws"], SignsIn, "kubernetes", &["eks update-kubeconfig", "eks get-token"]),
    tool(&["aws"], SignsIn, "registry", &["ecr get-login*", "ecr-public get-login*", "codeartifact login", "codeartifact get-authorization-token"]),
    tool(&["aws"], Deploys, "aws", &["ecs update-service*", "ecs create-service", "ecs deploy", "ecs create-task-set", "lambda update-function-*", "lambda create-function", "lambda update-alias", "lambda publish-version",
        "cloudformation deploy", "cloudformation create-stack*", "cloudformation update-stack*", "cloudformation delete-stack*", "cloudformation execute-change-set",
        "elasticbeanstalk update-environment", "elasticbeanstalk create-environment", "elasticbeanstalk swap-environment-cnames", "deploy create-deployment", "apprunner start-deployment", "apprunner update-service",
        "amplify start-deployment", "amplify start-job", "lightsail create-container-service-deployment", "opsworks create-deployment", "codepipeline start-pipeline-execution", "ssm send-command", "stepfunctions update-state-machine",
        "autoscaling start-instance-refresh", "autoscaling update-auto-scaling-group", "elbv2 modify-*", "route53 change-resource-record-sets", "cloudfront create-invalidation", "cloudfront update-distribution", "rds modify-*", "rds delete-*", "sagemaker update-endpoint", "iam attach-*", "iam put-*", "iam create-*", "iam update-*", "eks update-*", "eks create-*", "eks delete-*", "apigateway create-deployment", "apigatewayv2 create-deployment"]),
    tool(&["aws"], Touches, "aws", &["* update*", "* create*", "* delete*", "* put*", "* start*", "* send*", "* register*", "* run*", "* invoke*", "* deploy*", "* publish*", "* modify*"]),
    tool(&["sam"], Deploys, "aws", &["deploy", "sync", "delete"]),
    tool(&["copilot"], Deploys, "aws", &["deploy", "svc deploy", "job deploy", "env deploy", "pipeline deploy"]),
    tool(&["eb"], Deploys, "aws", &["deploy", "create", "swap"]),
    tool(&["chalice", "arc"], Deploys, "aws", &["deploy"]),
    tool(&["zappa"], Deploys, "aws", &["deploy", "update", "rollback"]),
    tool(&["ecs-deploy", "ecs"], Deploys, "aws", &["deploy", "update", "scale"]),
    // Google.
    tool(&["gcloud"], SignsIn, "registry", &["auth configure-docker"]),
    tool(&["gcloud"], SignsIn, "google", &["auth login", "auth activate-service-account", "auth application-default", "auth print-*"]),
    tool(&["gcloud"], SignsIn, "kubernetes", &["container clusters get-credentials", "container fleet memberships get-credentials"]),
    tool(&["gcloud"], Deploys, "google", &["run deploy", "run services update*", "run services replace", "run services delete", "run jobs deploy", "run jobs update", "run jobs replace", "app deploy", "app services set-traffic", "functions deploy",
        "deploy releases *", "deploy rollouts *", "container clusters update", "container clusters upgrade", "compute instances update-container", "compute instance-groups managed rolling-action", "compute instance-groups managed set-instance-template",
        "deployment-manager deployments create", "deployment-manager deployments update", "deployment-manager deployments delete", "infra-manager deployments apply", "endpoints services deploy", "firebase deploy", "workflows deploy", "scheduler jobs update*"]),
    tool(&["gcloud"], Deploys, "host", &["compute ssh", "compute scp"]),
    tool(&["gcloud"], Touches, "google", &["builds submit", "* create", "* update", "* delete", "* patch", "* * create", "* * update", "* * delete", "* * patch", "* * * create", "* * * update", "* * * delete"]),
    // Azure.
    tool(&["az"], SignsIn, "azure", &["login", "account set", "account get-access-token"]),
    tool(&["az"], SignsIn, "kubernetes", &["aks get-credentials"]),
    tool(&["az"], SignsIn, "registry", &["acr login"]),
    tool(&["az"], Publishes, "image", &["acr build", "acr import"]),
    tool(&["az"], Publishes, "package", &["artifacts universal publish", "bicep publish"]),
    tool(&["az"], Deploys, "azure", &["webapp deploy", "webapp deployment *", "webapp up", "webapp config container set", "webapp restart", "functionapp deploy", "functionapp deployment *", "functionapp config container set",
        "containerapp update", "containerapp up", "containerapp create", "containerapp revision *", "containerapp ingress traffic", "container create", "container restart",
        "deployment group create", "deployment sub create", "deployment mg create", "deployment tenant create", "group deployment create", "stack group create", "stack sub create", "stack mg create",
        "aks update", "aks upgrade", "aks command invoke", "aks nodepool *", "vm run-command invoke", "vmss update*", "vmss rolling-upgrade", "spring app deploy", "spring-cloud app deploy", "logicapp deployment *", "cdn endpoint purge", "staticwebapp *", "apim api import"]),
    tool(&["az"], Touches, "azure", &["storage blob upload*", "storage blob sync", "* create", "* update", "* delete", "* start", "* restart", "* * create", "* * update", "* * delete", "* * set", "* * * set", "* * * create"]),
    tool(&["azd"], SignsIn, "azure", &["auth login"]),
    tool(&["azd"], Deploys, "azure", &["up", "deploy", "provision", "down"]),
    tool(&["func"], Deploys, "azure", &["azure functionapp publish"]),
    tool(&["swa"], Deploys, "azure", &["deploy"]),
    // Hosted platforms.
    tool(&["serverless", "sls"], Deploys, "serverless", &["deploy", "remove", "rollback"]),
    tool(&["sst"], Deploys, "serverless", &["deploy", "remove"]),
    tool(&["fly", "flyctl"], SignsIn, "fly", &["auth *"]),
    tool(&["fly", "flyctl"], Deploys, "fly", &["deploy", "machine update", "machines update", "scale", "secrets set"]),
    tool(&["heroku"], SignsIn, "heroku", &["login", "container:login"]),
    tool(&["heroku"], Deploys, "heroku", &["container:release", "releases:rollback", "rollback", "pipelines:promote", "ps:scale", "ps:restart", "run", "deploy:*"]),
    tool(&["firebase"], Deploys, "firebase", &["deploy", "hosting:clone", "hosting:channel:deploy", "functions:delete"]),
    tool(&["netlify", "ntl"], Deploys, "netlify", &["deploy"]),
    tool(&["vercel", "now"], Deploys, "vercel", &["", ".", "deploy", "promote", "rollback", "alias set"]),
    tool(&["wrangler"], Deploys, "cloudflare", &["deploy", "publish", "pages deploy", "pages publish", "versions deploy", "rollback", "d1 migrations apply"]),
    tool(&["railway"], Deploys, "railway", &["up", "deploy", "redeploy"]),
    tool(&["render"], Deploys, "render", &["deploys create"]),
    tool(&["cf", "cf7", "cf8"], SignsIn, "cloud foundry", &["login", "auth"]),
    tool(&["cf", "cf7", "cf8"], Deploys, "cloud foundry", &["push", "deploy", "blue-green-deploy", "restage", "map-route"]),
    tool(&["bosh"], Deploys, "cloud foundry", &["deploy", "delete-deployment"]),
    tool(&["doctl"], SignsIn, "digitalocean", &["auth *", "kubernetes cluster kubeconfig", "registry login"]),
    tool(&["doctl"], Deploys, "digitalocean", &["apps create-deployment", "apps update", "apps create", "serverless deploy"]),
    tool(&["ibmcloud"], SignsIn, "ibm cloud", &["login", "cr login", "ks cluster config"]),
    tool(&["ibmcloud"], Deploys, "ibm cloud", &["ce app update", "ce application update", "ce app create", "cf push", "fn deploy"]),
    tool(&["supabase"], Deploys, "supabase", &["db push", "functions deploy", "config push"]),
    tool(&["convex", "modal", "deployctl", "surge", "vapor", "appwrite"], Deploys, "hosting", &["deploy", "push"]),
    tool(&["databricks"], Deploys, "databricks", &["bundle deploy", "bundle run"]),
    tool(&["shopify"], Deploys, "shopify", &["theme push", "theme publish", "app deploy"]),
    tool(&["platform", "upsun"], Deploys, "platform.sh", &["push", "deploy"]),
    // Hosts.
    tool(&["ansible-playbook"], Deploys, "host", &["*"]),
    tool(&["ansible"], Deploys, "host", &["*"]),
    tool(&["cap"], Deploys, "host", &["deploy*", "* deploy*"]),
    tool(&["dep", "mina", "fab", "shipit"], Deploys, "host", &["deploy*", "* deploy*"]),
    tool(&["pm2"], Deploys, "host", &["deploy"]),
    tool(&["kamal", "mrsk"], Deploys, "host", &["deploy", "redeploy", "rollback", "setup", "app boot"]),
    tool(&["colmena", "morph"], Deploys, "host", &["apply", "deploy"]),
    tool(&["docker", "podman"], SignsIn, "registry", &["login"]),
    tool(&["docker"], Deploys, "host", &["stack deploy", "stack up", "service update", "service create", "service scale"]),
    // Something for others to fetch.
    tool(&["docker", "podman", "nerdctl", "buildah"], Publishes, "image", &["push", "image push", "manifest push", "buildx imagetools create", "compose push", "buildx bake --push"]),
    tool(&["docker-compose"], Publishes, "image", &["push"]),
    tool(&["skopeo", "regctl", "imgpkg"], Publishes, "image", &["copy", "sync", "image copy", "push"]),
    tool(&["crane", "gcrane"], SignsIn, "registry", &["auth login"]),
    tool(&["crane", "gcrane"], Publishes, "image", &["push", "copy", "cp", "tag", "append", "mutate"]),
    tool(&["oras"], SignsIn, "registry", &["login"]),
    tool(&["oras"], Publishes, "image", &["push", "copy", "cp", "attach", "tag"]),
    tool(&["gh"], SignsIn, "github", &["auth login", "auth setup-git"]),
    tool(&["gh"], Publishes, "release", &["release create", "release upload", "release edit"]),
    tool(&["glab"], Publishes, "release", &["release create", "release upload"]),
    tool(&["release-cli"], Publishes, "release", &["create", "update"]),
    tool(&["goreleaser"], Publishes, "release", &["release", "publish", ""]),
    tool(&["semantic-release", "release-it", "np", "changelogithub"], Publishes, "release", &["", "publish", "*"]),
    tool(&["npm"], SignsIn, "registry", &["login", "adduser"]),
    tool(&["npm", "pnpm", "bun", "lerna", "changeset", "nx", "deno", "jsr"], Publishes, "package", &["publish", "release publish", "-r publish"]),
    tool(&["yarn"], Publishes, "package", &["publish", "npm publish"]),
    tool(&["cargo"], SignsIn, "registry", &["login"]),
    tool(&["cargo"], Publishes, "package", &["publish", "workspaces publish", "release"]),
    tool(&["twine", "maturin", "conda", "anaconda", "luarocks", "cabal", "conan"], Publishes, "package", &["upload", "publish"]),
    tool(&["poetry", "uv", "hatch", "flit", "pdm", "rye"], Publishes, "package", &["publish"]),
    tool(&["gem"], SignsIn, "registry", &["signin"]),
    tool(&["gem"], Publishes, "package", &["push"]),
    tool(&["rake"], Publishes, "package", &["release"]),
    tool(&["nuget"], Publishes, "package", &["push"]),
    tool(&["dotnet"], Publishes, "package", &["nuget push"]),
    tool(&["mvn", "mvnw"], Publishes, "package", &["~deploy", "~release:perform", "~jib:build", "~deploy:deploy*"]),
    tool(&["gradle", "gradlew"], Publishes, "package", &["~publish", "~publishA*", "~publishP*", "~publishT*S*", "~jib"]),
    tool(&["sbt"], Publishes, "package", &["~publish", "~publishSigned", "~+publish", "~+publishSigned", "~ci-release"]),
    tool(&["mix"], Publishes, "package", &["hex.publish"]),
    tool(&["dart", "flutter"], Publishes, "package", &["pub publish", "pub lish"]),
    tool(&["pod"], Publishes, "package", &["trunk push", "repo push"]),
    tool(&["vsce", "ovsx"], Publishes, "extension", &["publish"]),
    tool(&["jf", "jfrog"], Publishes, "package", &["rt upload", "rt u", "rt docker-push", "rt build-publish", "rt npm-publish"]),
    tool(&["snapcraft"], Publishes, "package", &["upload", "push", "release", "promote"]),
    tool(&["fastlane"], Publishes, "app store", &["deliver", "supply", "pilot", "release", "* release", "* deploy"]),
    tool(&["eas"], Publishes, "app store", &["submit", "update"]),
    tool(&["gh-pages", "ghp-import"], Publishes, "pages", &["", "*"]),
    tool(&["mkdocs"], Publishes, "pages", &["gh-deploy"]),
    tool(&["mike"], Publishes, "pages", &["deploy", "set-default"]),
    // Signing in to the rest.
    tool(&["vault"], SignsIn, "vault", &["login", "write auth/*"]),
    tool(&["tsh"], SignsIn, "host", &["login"]),
    tool(&["ssh-add"], SignsIn, "host", &["", "*"]),
];

/// Flags of these programs that take the next word: what follows one is no verb.
#[rustfmt::skip]
const VALUES: &[&str] = &[
    "-n", "--namespace", "--context", "--kube-context", "--kubeconfig", "--cluster", "--user",
    "-s", "--server", "--token", "--as", "-f", "--filename", "--file", "-l", "--selector", "-o",
    "--output", "--profile", "--region", "--endpoint-url", "--query", "--project", "--zone",
    "--account", "--configuration", "--format", "--subscription", "--resource-group", "-g",
    "--stack", "--cwd", "-C", "--stage", "-e", "--environment", "--app", "-a", "-c", "--config",
    "--terragrunt-working-dir", "--working-dir", "--prefix", "--filter", "-H", "--host", "-F",
    "-var", "--var", "-var-file", "--var-file", "-target", "-replace", "-state", "-lock-timeout",
    "-p", "--name", "--service-principal", "--address", "--scope", "-w", "--manifest-path",
];

/// What a command's program and verbs say that it does.
pub(super) fn of(command: &Command) -> Option<&'static Tool> {
    static BY_NAME: LazyLock<Index<Tool>> =
        LazyLock::new(|| Index::new(TOOLS, |tool| tool.names.to_vec()));
    let found = BY_NAME.get(command.name());
    if found.is_empty() {
        return None;
    }
    let verbs = verbs(command);
    let mut found = found.iter().copied();
    found.find(|tool| tool.verbs.iter().any(|way| fits(way, &verbs)))
}

/// The operands without the values of flags.
pub(super) fn verbs(command: &Command) -> Vec<&str> {
    let mut verbs = Vec::new();
    let mut skip = false;
    for word in command.args() {
        let text = word.text();
        if std::mem::take(&mut skip) {
            continue;
        }
        if text.starts_with('-') {
            skip = VALUES.contains(&text);
        } else if !verbs.is_empty() || !matches!(text, "alpha" | "beta") && !text.starts_with('+') {
            verbs.push(text);
        }
        if verbs.len() > 8 {
            break;
        }
    }
    verbs
}

fn fits(way: &str, verbs: &[&str]) -> bool {
    if way.is_empty() {
        return verbs.is_empty();
    }
    let is = |part: &str, verb: &str| match part.strip_suffix('*') {
        Some(start) => verb.starts_with(start),
        None => verb == part,
    };
    if let Some(part) = way.strip_prefix('~') {
        return verbs.iter().any(|verb| is(part, verb));
    }
    way.split(' ')
        .enumerate()
        .all(|(at, part)| verbs.get(at).is_some_and(|verb| is(part, verb)))
}
