//! Where a pipeline can sign in without a stored credential: by an identity token of
//! the service's (OIDC), or by a token that the service hands to the job.
//!
//! Each row has the page that says so. A pair that is not here has no way that is
//! known for sure: a finding on it offers none.

use crate::detect::pipeline::System;

/// What a pipeline signs in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// Amazon Web Services, its registry too.
    Aws,
    /// Google Cloud, its registry too.
    Google,
    /// Azure, its registry too.
    Azure,
    /// `HashiCorp` Vault.
    Vault,
    /// pypi.org.
    Pypi,
    /// npmjs.com.
    Npm,
    /// crates.io.
    Crates,
    /// rubygems.org.
    Rubygems,
    /// nuget.org.
    Nuget,
    /// pub.dev.
    PubDev,
    /// jsr.io.
    Jsr,
    /// Docker Hub.
    DockerHub,
    /// GitHub's registry of images.
    Ghcr,
    /// GitHub's registries of packages.
    GithubPackages,
    /// GitLab's registries.
    GitlabRegistry,
    /// The HCP Terraform API.
    HcpTerraform,
    /// Pulumi Cloud.
    PulumiCloud,
    /// `JFrog` Artifactory.
    Jfrog,
    /// Codecov.
    Codecov,
}

/// A way to sign in that leaves nothing to store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alternative {
    /// What to use, as a message can name it.
    pub(crate) what: &'static str,
    /// Since when, as far as a source dates it.
    pub(crate) since: Option<&'static str>,
    /// What it asks for, where not everybody has that.
    pub(crate) note: Option<&'static str>,
    /// The page that says so.
    pub(crate) source: &'static str,
}

const fn way(
    what: &'static str,
    since: Option<&'static str>,
    note: Option<&'static str>,
    source: &'static str,
) -> Alternative {
    Alternative {
        what,
        since,
        note,
        source,
    }
}

#[rustfmt::skip]
const TABLE: &[(System, Service, Alternative)] = &[
    // GitHub's identity tokens.
    (System::Github, Service::Aws, way("role-to-assume with an OIDC token", Some("2021-10-27"), None, "https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws")),
    (System::Github, Service::Google, way("Workload Identity Federation", Some("2021-10-27"), None, "https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-google-cloud-platform")),
    (System::Github, Service::Azure, way("a federated credential", Some("2021-10-27"), None, "https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-azure")),
    (System::Github, Service::Vault, way("Vault's JWT login", Some("2021-10-27"), None, "https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-hashicorp-vault")),
    (System::Github, Service::Pypi, way("trusted publishing", Some("2023-04-20"), None, "https://docs.pypi.org/trusted-publishers/")),
    (System::Github, Service::Npm, way("trusted publishing", Some("2025-07-31"), Some("not for a package's first version, nor on self-hosted runners"), "https://docs.npmjs.com/trusted-publishers/")),
    (System::Github, Service::Crates, way("trusted publishing", Some("2025-07-11"), Some("not for a crate's first version"), "https://crates.io/docs/trusted-publishing")),
    (System::Github, Service::Rubygems, way("trusted publishing", Some("2023-12-14"), None, "https://guides.rubygems.org/trusted-publishing/")),
    (System::Github, Service::Nuget, way("trusted publishing", Some("2025-09-22"), None, "https://learn.microsoft.com/en-us/nuget/nuget-org/trusted-publishing")),
    (System::Github, Service::PubDev, way("automated publishing", None, None, "https://dart.dev/tools/pub/automated-publishing")),
    (System::Github, Service::Jsr, way("publishing with an OIDC token", None, None, "https://jsr.io/docs/publishing-packages#publishing-from-github-actions")),
    (System::Github, Service::DockerHub, way("an OIDC connection", None, Some("Team and Business subscriptions"), "https://github.com/docker/login-action")),
    (System::Github, Service::Ghcr, way("GITHUB_TOKEN with `packages: write`", None, Some("packages linked to this repository"), "https://docs.github.com/en/packages/managing-github-packages-using-github-actions-workflows/publishing-and-installing-a-package-with-github-actions")),
    (System::Github, Service::GithubPackages, way("GITHUB_TOKEN with `packages: write`", None, Some("packages linked to this repository"), "https://docs.github.com/en/packages/managing-github-packages-using-github-actions-workflows/publishing-and-installing-a-package-with-github-actions")),
    (System::Github, Service::PulumiCloud, way("pulumi/auth-actions with an OIDC token", None, None, "https://www.pulumi.com/docs/administration/access-identity/oidc-client/github/")),
    (System::Github, Service::Jfrog, way("setup-jfrog-cli with oidc-provider-name", None, None, "https://github.com/jfrog/setup-jfrog-cli")),
    (System::Github, Service::Codecov, way("codecov-action with use_oidc", None, None, "https://github.com/codecov/codecov-action")),
    // GitLab's `id_tokens`.
    (System::Gitlab, Service::Aws, way("a role assumed with id_tokens", Some("2022-12-22"), None, "https://docs.gitlab.com/ci/cloud_services/aws/")),
    (System::Gitlab, Service::Google, way("Workload Identity Federation with id_tokens", Some("2022-12-22"), None, "https://docs.gitlab.com/ci/cloud_services/google_cloud/")),
    (System::Gitlab, Service::Azure, way("a federated credential with id_tokens", Some("2022-12-22"), None, "https://docs.gitlab.com/ci/cloud_services/azure/")),
    (System::Gitlab, Service::Vault, way("Vault's JWT login with id_tokens", Some("2022-12-22"), None, "https://docs.gitlab.com/ci/secrets/hashicorp_vault/")),
    (System::Gitlab, Service::Pypi, way("trusted publishing with PYPI_ID_TOKEN", Some("2024-04-17"), Some("GitLab.com"), "https://docs.pypi.org/trusted-publishers/")),
    (System::Gitlab, Service::Npm, way("trusted publishing with NPM_ID_TOKEN", Some("2025-07-31"), Some("GitLab.com's shared runners; not for a package's first version"), "https://docs.npmjs.com/trusted-publishers/")),
    (System::Gitlab, Service::GitlabRegistry, way("CI_JOB_TOKEN", None, None, "https://docs.gitlab.com/ci/jobs/ci_job_token/")),
    // Azure's service connections.
    (System::Azure, Service::Azure, way("a service connection with workload identity federation", Some("2024-02"), None, "https://learn.microsoft.com/en-us/azure/devops/pipelines/release/configure-workload-identity")),
    (System::Azure, Service::Aws, way("an AWS service connection that uses OIDC", None, Some("AWS Toolkit for Azure DevOps"), "https://docs.aws.amazon.com/vsts/latest/userguide/getting-started.html")),
    // CircleCI's CIRCLE_OIDC_TOKEN.
    (System::Circle, Service::Aws, way("role_arn of the aws-cli orb with an OIDC token", None, None, "https://circleci.com/docs/openid-connect-tokens/")),
    (System::Circle, Service::Google, way("use_oidc of the gcp-cli orb", None, None, "https://circleci.com/docs/openid-connect-tokens/")),
    (System::Circle, Service::Azure, way("a federated credential with an OIDC token", None, None, "https://circleci.com/docs/openid-connect-tokens/")),
    (System::Circle, Service::Vault, way("Vault's JWT login with an OIDC token", None, None, "https://circleci.com/docs/openid-connect-tokens/")),
    (System::Circle, Service::Npm, way("trusted publishing", None, Some("not for a package's first version"), "https://docs.npmjs.com/trusted-publishers/")),
    // Bitbucket's `oidc: true`.
    (System::Bitbucket, Service::Aws, way("`oidc: true` and AWS_OIDC_ROLE_ARN", None, None, "https://support.atlassian.com/bitbucket-cloud/docs/deploy-on-aws-using-bitbucket-pipelines-openid-connect/")),
    (System::Bitbucket, Service::Google, way("`oidc: true` and Workload Identity Federation", None, None, "https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/")),
    (System::Bitbucket, Service::Azure, way("`oidc: true` and a federated credential", None, None, "https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/")),
    (System::Bitbucket, Service::Vault, way("`oidc: true` and Vault's JWT login", None, None, "https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/")),
    // Buildkite's `oidc request-token`.
    (System::Buildkite, Service::Aws, way("the aws-assume-role-with-web-identity plugin", None, None, "https://buildkite.com/docs/pipelines/security/oidc/aws")),
    (System::Buildkite, Service::Google, way("the gcp-workload-identity-federation plugin", None, None, "https://github.com/buildkite-plugins/gcp-workload-identity-federation-buildkite-plugin")),
    (System::Buildkite, Service::Vault, way("Vault's JWT login with an OIDC token", None, None, "https://buildkite.com/docs/agent/v3/cli-oidc")),
    // Jenkins, with a plugin.
    (System::Jenkins, Service::Aws, way("an identity token of the oidc-provider plugin, or the agent's role", None, Some("a plugin"), "https://plugins.jenkins.io/oidc-provider/")),
    (System::Jenkins, Service::Google, way("an identity token of the oidc-provider plugin", None, Some("a plugin"), "https://plugins.jenkins.io/oidc-provider/")),
    // What runs inside a cloud has an identity there.
    (System::CloudBuild, Service::Google, way("the build's service account", None, None, "https://cloud.google.com/build/docs/securing-builds/configure-user-specified-service-accounts")),
    (System::CloudBuild, Service::Aws, way("a role that trusts the build's service account", None, None, "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html")),
    (System::CodeBuild, Service::Aws, way("the project's service role", None, None, "https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html")),
    (System::CloudBuild, Service::Pypi, way("trusted publishing", Some("2024-04-17"), None, "https://docs.pypi.org/trusted-publishers/")),
];

/// The way for a pipeline of `system` to sign in to `service` that leaves nothing to
/// store.
pub(crate) fn alternative(system: System, service: Service) -> Option<&'static Alternative> {
    TABLE
        .iter()
        .find(|(s, t, _)| *s == system && *t == service)
        .map(|(.., way)| way)
}

/// What a registry of images is, by its host; Docker Hub when none is given.
pub(crate) fn registry(host: &str) -> Option<Service> {
    let host = host.trim().to_ascii_lowercase();
    let host = host.split_once("://").map_or(&*host, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or(host);
    let under = |domain: &str| {
        host.strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if host.is_empty() || under("docker.io") || host == "hub.docker.com" {
        Some(Service::DockerHub)
    } else if under("ghcr.io") {
        Some(Service::Ghcr)
    } else if host == "public.ecr.aws"
        || host.contains(".dkr.ecr.") && (under("amazonaws.com") || under("amazonaws.com.cn"))
    {
        Some(Service::Aws)
    } else if under("gcr.io") || under("pkg.dev") {
        Some(Service::Google)
    } else if under("azurecr.io") {
        Some(Service::Azure)
    } else if host == "registry.gitlab.com" || host.starts_with("$ci_registry") {
        Some(Service::GitlabRegistry)
    } else if under("jfrog.io") {
        Some(Service::Jfrog)
    } else {
        None
    }
}

/// Whether an endpoint that S3's clients are pointed at is not Amazon's.
pub(crate) fn is_s3_compatible(endpoint: &str) -> bool {
    let endpoint = endpoint.trim().to_ascii_lowercase();
    let host = endpoint
        .split_once("://")
        .map_or(&*endpoint, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or(host);
    !host.is_empty() && !host.ends_with("amazonaws.com") && !host.ends_with("amazonaws.com.cn")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_known_by_pair_and_each_once() {
        let aws = alternative(System::Github, Service::Aws).unwrap();
        assert!(aws.what.contains("role-to-assume"));
        let npm = alternative(System::Gitlab, Service::Npm).unwrap();
        assert_eq!(npm.since, Some("2025-07-31"));
        assert!(npm.note.is_some());
        for system in [System::Github, System::Gitlab, System::Circle] {
            assert_eq!(alternative(system, Service::HcpTerraform), None);
        }
        for (at, (system, service, way)) in TABLE.iter().enumerate() {
            assert!(way.source.starts_with("https://"), "{way:?}");
            let twice = TABLE.iter().skip(at + 1);
            assert!(
                !twice
                    .into_iter()
                    .any(|(s, t, _)| s == system && t == service),
                "{system:?} {service:?}"
            );
        }
    }

    #[test]
    fn registries_are_known_by_their_hosts() {
        for (host, expected) in [
            ("", Some(Service::DockerHub)),
            ("docker.io", Some(Service::DockerHub)),
            ("https://index.docker.io/v1/", Some(Service::DockerHub)),
            ("ghcr.io", Some(Service::Ghcr)),
            (
                "111122223333.dkr.ecr.eu-west-1.amazonaws.com",
                Some(Service::Aws),
            ),
            ("europe-docker.pkg.dev/p/r", Some(Service::Google)),
            ("eu.gcr.io", Some(Service::Google)),
            ("acme.azurecr.io", Some(Service::Azure)),
            ("$CI_REGISTRY", Some(Service::GitlabRegistry)),
            ("registry.example.com:5000", None),
            ("notghcr.io", None),
        ] {
            assert_eq!(registry(host), expected, "{host}");
        }
        assert!(is_s3_compatible("https://x.r2.cloudflarestorage.com"));
        assert!(!is_s3_compatible("https://s3.eu-west-1.amazonaws.com"));
        assert!(!is_s3_compatible(""));
    }
}
