//! The kinds of document that rules can be written for, and their names.
//!
//! How a kind is recognised stands in `document::recognise`; this file only
//! names them, and the build script reads it too, so that a page which names an
//! unknown kind fails the build.

use std::str::FromStr;

use crate::names::names;

names! {
    /// A kind of document. One file can be of several kinds: a workflow is also YAML.
    pub enum Kind {
        /// Any YAML file.
        Yaml = "yaml",
        /// Any JSON or JSONC file.
        Json = "json",
        /// Any TOML file.
        Toml = "toml",
        /// Any HCL file.
        Hcl = "hcl",
        /// Any XML file.
        Xml = "xml",
        /// Any INI file.
        Ini = "ini",
        /// Java properties.
        Properties = "properties",
        /// `.env` and its variants.
        Dotenv = "dotenv",
        /// A GitHub Actions workflow.
        GithubWorkflow = "github-workflow",
        /// A composite or other GitHub action.
        GithubAction = "github-action",
        /// `.gitlab-ci.yml` and its includes.
        GitlabCi = "gitlab-ci",
        /// Azure Pipelines.
        AzurePipelines = "azure-pipelines",
        /// `CircleCI`.
        Circleci = "circleci",
        /// Bitbucket Pipelines.
        BitbucketPipelines = "bitbucket-pipelines",
        /// A Jenkinsfile.
        Jenkinsfile = "jenkinsfile",
        /// Workflows of Gitea or Forgejo, which are written like GitHub's.
        GiteaWorkflow = "gitea-workflow",
        /// A pipeline of Buildkite.
        Buildkite = "buildkite",
        /// A pipeline of Drone.
        Drone = "drone",
        /// A pipeline of Woodpecker.
        Woodpecker = "woodpecker",
        /// A build of Travis CI.
        Travis = "travis",
        /// A build of Google Cloud Build.
        CloudBuild = "cloud-build",
        /// A build of AWS `CodeBuild`.
        Buildspec = "buildspec",
        /// A Kubernetes object, by `apiVersion` and `kind`.
        Kubernetes = "kubernetes",
        /// A kubeconfig, by `kind: Config` and `users`.
        Kubeconfig = "kubeconfig",
        /// Docker Compose.
        Compose = "compose",
        /// A Dockerfile or Containerfile.
        Dockerfile = "dockerfile",
        /// Docker's `config.json` or `.dockerconfigjson`, by `auths`.
        DockerConfig = "docker-config",
        /// Terraform or `OpenTofu`.
        Terraform = "terraform",
        /// An IAM policy, by `Statement` and `Effect`.
        IamPolicy = "iam-policy",
        /// A Google service-account key, by `type: service_account`.
        GcpServiceAccount = "gcp-service-account",
        /// `.npmrc`.
        Npmrc = "npmrc",
        /// `.netrc` and its like: logins by machine.
        Netrc = "netrc",
        /// Where a client of databases keeps its login: `.pgpass`, `.my.cnf`.
        DatabaseLogin = "database-login",
        /// Where what moves files keeps its login: `FileZilla`, rclone, editors.
        TransferLogin = "transfer-login",
        /// Where a command-line tool keeps its login.
        CliLogin = "cli-login",
        /// Where a client of networks or mail keeps its login: Wi-Fi, VPN, relays.
        NetworkLogin = "network-login",
        /// A file of keys, by its extension.
        Keystore = "keystore",
        /// The key that an application's other secrets are encrypted with.
        MasterKey = "master-key",
        /// Terraform's state.
        TerraformState = "terraform-state",
        /// `package.json`.
        PackageJson = "package-json",
        /// An MCP client configuration, by its servers' shape.
        McpConfig = "mcp-config",
        /// Claude Code settings.
        ClaudeSettings = "claude-settings",
        /// A Claude Code sub-agent: Markdown with settings at its head.
        ClaudeAgent = "claude-agent",
        /// Codex `config.toml`.
        CodexConfig = "codex-config",
        /// VS Code settings.
        VscodeSettings = "vscode-settings",
        /// A shell script.
        Shell = "shell",
        /// A `PowerShell` script.
        Powershell = "powershell",
        /// A makefile or justfile.
        Makefile = "makefile",
        /// SQL.
        Sql = "sql",
        /// Python.
        Python = "python",
        /// `JavaScript` or `TypeScript`.
        Javascript = "javascript",
        /// Go.
        Go = "go",
        /// Java, Kotlin, Scala or Groovy.
        Jvm = "jvm",
        /// Ruby.
        Ruby = "ruby",
        /// PHP.
        Php = "php",
        /// C#, F# or Visual Basic.
        Dotnet = "dotnet",
        /// Rust.
        Rust = "rust",
        /// C or C++.
        Native = "native",
        /// A Jupyter notebook.
        Notebook = "notebook",
        /// Prose: Markdown, reStructuredText, plain text, HTML.
        Docs = "docs",
        /// A lock file with hashes of dependencies.
        Lockfile = "lockfile",
        /// A task, pipeline or run of Tekton, by its `apiVersion`.
        Tekton = "tekton",
        /// A workflow of Argo Workflows, by its `apiVersion` and `kind`.
        ArgoWorkflow = "argo-workflow",
        /// How a repository is protected, as code: `settings.yml`, exported rulesets.
        RepositorySettings = "repository-settings",
        /// Who has to approve a change of which path.
        Codeowners = "codeowners",
        /// Policies that `GitLab` enforces for a project or group.
        GitlabPolicy = "gitlab-policy",
        /// Which hooks run before a commit or push.
        GitHooks = "git-hooks",
        /// What a bot may do that updates dependencies or merges changes.
        DependencyBot = "dependency-bot",
        /// What another scanner is told to pass over.
        ScannerConfig = "scanner-config",
    }
}

/// A set of [`Kind`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kinds(u128);

impl Kinds {
    /// No kind at all.
    pub const NONE: Self = Self(0);

    /// The set with `kind` added.
    #[must_use]
    pub const fn with(self, kind: Kind) -> Self {
        Self(self.0 | 1 << kind as u32)
    }

    /// The union of two sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the sets share a kind.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether `kind` is in the set.
    pub const fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u32) != 0
    }

    /// Whether there is no kind in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds that only the content tells: the tree's shape, or a script's first line.
    pub const BY_CONTENT: Self = Self::NONE
        .with(Kind::Shell)
        .with(Kind::Kubernetes)
        .with(Kind::Kubeconfig)
        .with(Kind::DockerConfig)
        .with(Kind::IamPolicy)
        .with(Kind::Tekton)
        .with(Kind::ArgoWorkflow)
        .with(Kind::GcpServiceAccount)
        .with(Kind::McpConfig);

    /// Pipelines, of every system.
    pub const CI: Self = Self::NONE
        .with(Kind::GithubWorkflow)
        .with(Kind::GithubAction)
        .with(Kind::GitlabCi)
        .with(Kind::AzurePipelines)
        .with(Kind::Circleci)
        .with(Kind::BitbucketPipelines)
        .with(Kind::Jenkinsfile)
        .with(Kind::GiteaWorkflow)
        .with(Kind::Buildkite)
        .with(Kind::Drone)
        .with(Kind::Woodpecker)
        .with(Kind::Travis)
        .with(Kind::CloudBuild)
        .with(Kind::Buildspec)
        .with(Kind::Tekton)
        .with(Kind::ArgoWorkflow);

    /// What runs commands.
    pub const SCRIPT: Self = Self::CI
        .with(Kind::Shell)
        .with(Kind::Powershell)
        .with(Kind::Makefile)
        .with(Kind::Dockerfile)
        .with(Kind::PackageJson)
        .with(Kind::Compose);

    /// Programs, in any language.
    pub const CODE: Self = Self::NONE
        .with(Kind::Python)
        .with(Kind::Javascript)
        .with(Kind::Go)
        .with(Kind::Jvm)
        .with(Kind::Ruby)
        .with(Kind::Php)
        .with(Kind::Dotnet)
        .with(Kind::Rust)
        .with(Kind::Native);

    const CONFIG: Self = Self::NONE
        .with(Kind::Yaml)
        .with(Kind::Json)
        .with(Kind::Toml)
        .with(Kind::Hcl)
        .with(Kind::Xml)
        .with(Kind::Ini)
        .with(Kind::Properties)
        .with(Kind::Dotenv);

    /// The kinds that a name in a page's `in` stands for: one kind, or one of the
    /// groups `ci`, `script` (whatever runs commands, CI included), `code` and
    /// `config` (whatever is a tree of keys).
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "ci" => Some(Self::CI),
            "script" => Some(Self::SCRIPT),
            "code" => Some(Self::CODE),
            "config" => Some(Self::CONFIG),
            _ => Kind::from_str(name).ok().map(|k| Self::NONE.with(k)),
        }
    }
}
