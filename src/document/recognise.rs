//! Which kinds of document a file is: one table by path, one by shape.

mod context;
mod shape;

use super::format::Format;
use crate::kind::{Kind, Kinds};

pub use context::Context;
pub(super) use shape::{by_shape, is_shell, may_have_shape};

/// What a path tells of a file.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) format: Option<Format>,
    pub(super) kinds: Kinds,
    pub(super) context: Context,
}

/// How a path is matched.
enum At {
    /// The file's whole name.
    Name(&'static str),
    /// The beginning of the file's name.
    Start(&'static str),
    /// The end of the file's name, usually its extension.
    End(&'static str),
    /// The beginning and the end of the file's name.
    Like(&'static str, &'static str),
    /// The end of the path: folders and a name.
    Path(&'static str),
    /// A folder that ends so and directly holds the file, and the end of its name.
    In(&'static str, &'static str),
    /// A folder anywhere above the file, and the end of its name.
    Under(&'static str, &'static str),
}

use At::{End, In, Like, Name, Path, Start, Under};

/// The kinds by path. Every row that matches adds its kinds; the first with a format
/// decides the format.
#[rustfmt::skip]
const BY_PATH: &[(At, Option<Format>, &[Kind])] = &[
    // Formats whose name says more than their extension.
    (Name("config.toml"), Some(Format::Toml), &[Kind::Toml]),
    (Path(".codex/config.toml"), None, &[Kind::CodexConfig]),
    (Path("etc/codex/config.toml"), None, &[Kind::CodexConfig]),
    (Name(".npmrc"), Some(Format::Ini), &[Kind::Npmrc, Kind::Ini]),
    (Name(".netrc"), None, &[Kind::Netrc]),
    (Name("_netrc"), None, &[Kind::Netrc]),
    (Name(".authinfo"), None, &[Kind::Netrc]),
    (Name("package.json"), Some(Format::Json), &[Kind::PackageJson, Kind::Json]),
    (Path(".claude/settings.json"), None, &[Kind::ClaudeSettings]),
    (Path(".claude/settings.local.json"), None, &[Kind::ClaudeSettings]),
    (Name("managed-settings.json"), None, &[Kind::ClaudeSettings]),
    (Under(".claude/agents", ".md"), None, &[Kind::ClaudeAgent]),
    (Path(".vscode/settings.json"), None, &[Kind::VscodeSettings]),
    (End(".code-workspace"), Some(Format::Json), &[Kind::VscodeSettings, Kind::Json]),
    (Name(".dockerconfigjson"), Some(Format::Json), &[Kind::Json]),
    (Name("package-lock.json"), None, &[Kind::Lockfile]),
    (Name("npm-shrinkwrap.json"), None, &[Kind::Lockfile]),
    (Name("yarn.lock"), None, &[Kind::Lockfile]),
    (Name("pnpm-lock.yaml"), None, &[Kind::Lockfile]),
    (End(".lock"), None, &[Kind::Lockfile]),
    (Name("go.sum"), None, &[Kind::Lockfile]),
    (Name("Pipfile.lock"), None, &[Kind::Lockfile]),
    (Name("composer.lock"), None, &[Kind::Lockfile]),
    // Logins of clients.
    (Name(".pgpass"), None, &[Kind::DatabaseLogin]),
    (Name("pgpass"), None, &[Kind::DatabaseLogin]),
    (Name("pgpass.conf"), None, &[Kind::DatabaseLogin]),
    (Name(".my.cnf"), Some(Format::Ini), &[Kind::DatabaseLogin, Kind::Ini]),
    (Name("my.cnf"), Some(Format::Ini), &[Kind::DatabaseLogin, Kind::Ini]),
    (Name("my.ini"), Some(Format::Ini), &[Kind::DatabaseLogin, Kind::Ini]),
    (Name(".pg_service.conf"), Some(Format::Ini), &[Kind::DatabaseLogin, Kind::Ini]),
    (Name("pg_service.conf"), Some(Format::Ini), &[Kind::DatabaseLogin, Kind::Ini]),
    (Name(".odbc.ini"), Some(Format::Ini), &[Kind::DatabaseLogin, Kind::Ini]),
    (Name("odbc.ini"), Some(Format::Ini), &[Kind::DatabaseLogin, Kind::Ini]),
    (Path(".snowsql/config"), Some(Format::Ini), &[Kind::DatabaseLogin, Kind::Ini]),
    (Path("pgbouncer/userlist.txt"), None, &[Kind::DatabaseLogin]),
    (Name("profiles.yml"), Some(Format::Yaml), &[Kind::DatabaseLogin, Kind::Yaml]),
    (Name("sitemanager.xml"), Some(Format::Xml), &[Kind::TransferLogin, Kind::Xml]),
    (Name("recentservers.xml"), Some(Format::Xml), &[Kind::TransferLogin, Kind::Xml]),
    (Name("filezilla.xml"), Some(Format::Xml), &[Kind::TransferLogin, Kind::Xml]),
    (Name(".ftpconfig"), Some(Format::Json), &[Kind::TransferLogin, Kind::Json]),
    (Name("sftp.json"), Some(Format::Json), &[Kind::TransferLogin, Kind::Json]),
    (Name("sftp-config.json"), Some(Format::Json), &[Kind::TransferLogin, Kind::Json]),
    (Name(".remote-sync.json"), Some(Format::Json), &[Kind::TransferLogin, Kind::Json]),
    (Name(".s3cfg"), Some(Format::Ini), &[Kind::TransferLogin, Kind::Ini]),
    (Name("rclone.conf"), Some(Format::Ini), &[Kind::TransferLogin, Kind::Ini]),
    (Name(".boto"), Some(Format::Ini), &[Kind::TransferLogin, Kind::Ini]),
    (Name(".git-credentials"), None, &[Kind::CliLogin]),
    (Path("git/credentials"), None, &[Kind::CliLogin]),
    (Name(".vault-token"), None, &[Kind::CliLogin]),
    (Path("gh/hosts.yml"), Some(Format::Yaml), &[Kind::CliLogin, Kind::Yaml]),
    (Path("glab-cli/config.yml"), Some(Format::Yaml), &[Kind::CliLogin, Kind::Yaml]),
    (Path(".config/hub"), Some(Format::Yaml), &[Kind::CliLogin, Kind::Yaml]),
    (Path("doctl/config.yaml"), Some(Format::Yaml), &[Kind::CliLogin, Kind::Yaml]),
    (Name(".terraformrc"), Some(Format::Hcl), &[Kind::CliLogin, Kind::Hcl]),
    (Name("terraform.rc"), Some(Format::Hcl), &[Kind::CliLogin, Kind::Hcl]),
    (Name("credentials.tfrc.json"), Some(Format::Json), &[Kind::CliLogin, Kind::Json]),
    (Name(".databrickscfg"), Some(Format::Ini), &[Kind::CliLogin, Kind::Ini]),
    (Path(".circleci/cli.yml"), Some(Format::Yaml), &[Kind::CliLogin, Kind::Yaml]),
    (Name(".sentryclirc"), Some(Format::Ini), &[Kind::CliLogin, Kind::Ini]),
    (Name("ngrok.yml"), Some(Format::Yaml), &[Kind::CliLogin, Kind::Yaml]),
    (Path(".cf/config.json"), Some(Format::Json), &[Kind::CliLogin, Kind::Json]),
    (Path(".aws/credentials"), Some(Format::Ini), &[Kind::CliLogin, Kind::Ini]),
    (Name("kaggle.json"), Some(Format::Json), &[Kind::CliLogin, Kind::Json]),
    (Path(".pulumi/credentials.json"), Some(Format::Json), &[Kind::CliLogin, Kind::Json]),
    (Path(".azure/accessTokens.json"), Some(Format::Json), &[Kind::CliLogin, Kind::Json]),
    (Path(".travis/config.yml"), Some(Format::Yaml), &[Kind::CliLogin, Kind::Yaml]),
    (Path(".gem/credentials"), Some(Format::Yaml), &[Kind::CliLogin, Kind::Yaml]),
    (Path(".bundle/config"), Some(Format::Yaml), &[Kind::CliLogin, Kind::Yaml]),
    (Path(".cargo/credentials"), Some(Format::Toml), &[Kind::CliLogin, Kind::Toml]),
    (Path(".cargo/credentials.toml"), Some(Format::Toml), &[Kind::CliLogin, Kind::Toml]),
    (Name(".yarnrc.yml"), Some(Format::Yaml), &[Kind::CliLogin, Kind::Yaml]),
    (Name("auth.json"), Some(Format::Json), &[Kind::CliLogin, Kind::Json]),
    (Like("wpa_supplicant", ".conf"), None, &[Kind::NetworkLogin]),
    (End(".nmconnection"), None, &[Kind::NetworkLogin]),
    (Name("hostapd.conf"), None, &[Kind::NetworkLogin]),
    (Name("chap-secrets"), None, &[Kind::NetworkLogin]),
    (Name("pap-secrets"), None, &[Kind::NetworkLogin]),
    (Like("ipsec", ".secrets"), None, &[Kind::NetworkLogin]),
    (Name(".smbcredentials"), None, &[Kind::NetworkLogin]),
    (Name("cifs.credentials"), None, &[Kind::NetworkLogin]),
    (Name("sasl_passwd"), None, &[Kind::NetworkLogin]),
    (Name(".msmtprc"), None, &[Kind::NetworkLogin]),
    (Name("msmtprc"), None, &[Kind::NetworkLogin]),
    (Name(".mbsyncrc"), None, &[Kind::NetworkLogin]),
    (Name(".fetchmailrc"), None, &[Kind::NetworkLogin]),
    (Name(".offlineimaprc"), None, &[Kind::NetworkLogin]),
    (Name(".muttrc"), None, &[Kind::NetworkLogin]),
    (End(".ovpn"), None, &[Kind::NetworkLogin]),
    (In("vpn", "auth.txt"), None, &[Kind::NetworkLogin]),
    (In("openvpn", "auth.txt"), None, &[Kind::NetworkLogin]),
    (In("vpn", "pass.txt"), None, &[Kind::NetworkLogin]),
    (In("openvpn", "pass.txt"), None, &[Kind::NetworkLogin]),
    // Keys.
    (Path("config/master.key"), None, &[Kind::MasterKey]),
    (In("config/credentials", ".key"), None, &[Kind::MasterKey]),
    (Path("secrets/master.key"), None, &[Kind::MasterKey]),
    (Name(".vault_pass"), None, &[Kind::MasterKey]),
    (Name(".vault_pass.txt"), None, &[Kind::MasterKey]),
    (Name("vault_pass.txt"), None, &[Kind::MasterKey]),
    (Name(".vault_password"), None, &[Kind::MasterKey]),
    (Name("vault_password.txt"), None, &[Kind::MasterKey]),
    (Name("vault-password.txt"), None, &[Kind::MasterKey]),
    (Like("git-crypt", "key"), None, &[Kind::MasterKey]),
    (End(".jks"), None, &[Kind::Keystore]),
    (End(".jceks"), None, &[Kind::Keystore]),
    (End(".keystore"), None, &[Kind::Keystore]),
    (End(".ks"), None, &[Kind::Keystore]),
    (End(".p12"), None, &[Kind::Keystore]),
    (End(".pfx"), None, &[Kind::Keystore]),
    (End(".keytab"), None, &[Kind::Keystore]),
    (End(".der"), None, &[Kind::Keystore]),
    (End(".pk8"), None, &[Kind::Keystore]),
    (End(".kdbx"), None, &[Kind::Keystore]),
    (End(".key"), None, &[Kind::Keystore]),
    (Path(".vnc/passwd"), None, &[Kind::Keystore]),
    // Pipelines.
    (In(".github/workflows", ".yml"), Some(Format::Yaml), &[Kind::GithubWorkflow, Kind::Yaml]),
    (In(".github/workflows", ".yaml"), Some(Format::Yaml), &[Kind::GithubWorkflow, Kind::Yaml]),
    (Name("action.yml"), Some(Format::Yaml), &[Kind::GithubAction, Kind::Yaml]),
    (Name("action.yaml"), Some(Format::Yaml), &[Kind::GithubAction, Kind::Yaml]),
    (End(".gitlab-ci.yml"), Some(Format::Yaml), &[Kind::GitlabCi, Kind::Yaml]),
    (Under(".gitlab/ci", ".yml"), Some(Format::Yaml), &[Kind::GitlabCi, Kind::Yaml]),
    (Start("azure-pipelines"), None, &[Kind::AzurePipelines]),
    (End("azure-pipelines.yml"), Some(Format::Yaml), &[Kind::AzurePipelines, Kind::Yaml]),
    (End("azure-pipelines.yaml"), Some(Format::Yaml), &[Kind::AzurePipelines, Kind::Yaml]),
    (In(".circleci", ".yml"), Some(Format::Yaml), &[Kind::Circleci, Kind::Yaml]),
    (In(".gitea/workflows", ".yml"), Some(Format::Yaml), &[Kind::GiteaWorkflow, Kind::Yaml]),
    (In(".gitea/workflows", ".yaml"), Some(Format::Yaml), &[Kind::GiteaWorkflow, Kind::Yaml]),
    (In(".forgejo/workflows", ".yml"), Some(Format::Yaml), &[Kind::GiteaWorkflow, Kind::Yaml]),
    (In(".forgejo/workflows", ".yaml"), Some(Format::Yaml), &[Kind::GiteaWorkflow, Kind::Yaml]),
    (In(".buildkite", ".yml"), Some(Format::Yaml), &[Kind::Buildkite, Kind::Yaml]),
    (In(".buildkite", ".yaml"), Some(Format::Yaml), &[Kind::Buildkite, Kind::Yaml]),
    (Name("buildkite.yml"), Some(Format::Yaml), &[Kind::Buildkite, Kind::Yaml]),
    (Name(".drone.yml"), Some(Format::Yaml), &[Kind::Drone, Kind::Yaml]),
    (Name(".drone.yaml"), Some(Format::Yaml), &[Kind::Drone, Kind::Yaml]),
    (Name(".woodpecker.yml"), Some(Format::Yaml), &[Kind::Woodpecker, Kind::Yaml]),
    (Name(".woodpecker.yaml"), Some(Format::Yaml), &[Kind::Woodpecker, Kind::Yaml]),
    (Under(".woodpecker", ".yml"), Some(Format::Yaml), &[Kind::Woodpecker, Kind::Yaml]),
    (Under(".woodpecker", ".yaml"), Some(Format::Yaml), &[Kind::Woodpecker, Kind::Yaml]),
    (Name(".travis.yml"), Some(Format::Yaml), &[Kind::Travis, Kind::Yaml]),
    (Like("cloudbuild", ".yaml"), Some(Format::Yaml), &[Kind::CloudBuild, Kind::Yaml]),
    (Like("cloudbuild", ".yml"), Some(Format::Yaml), &[Kind::CloudBuild, Kind::Yaml]),
    (Like("cloudbuild", ".json"), Some(Format::Json), &[Kind::CloudBuild, Kind::Json]),
    (Like("buildspec", ".yml"), Some(Format::Yaml), &[Kind::Buildspec, Kind::Yaml]),
    (Like("buildspec", ".yaml"), Some(Format::Yaml), &[Kind::Buildspec, Kind::Yaml]),
    (Name("bitbucket-pipelines.yml"), Some(Format::Yaml), &[Kind::BitbucketPipelines, Kind::Yaml]),
    (Start("Jenkinsfile"), None, &[Kind::Jenkinsfile]),
    (End(".jenkinsfile"), None, &[Kind::Jenkinsfile]),
    (End(".Jenkinsfile"), None, &[Kind::Jenkinsfile]),
    // Deployment.
    (Start("docker-compose"), None, &[Kind::Compose]),
    (Name("compose.yml"), None, &[Kind::Compose]),
    (Name("compose.yaml"), None, &[Kind::Compose]),
    (Start("Dockerfile"), None, &[Kind::Dockerfile]),
    (Start("Containerfile"), None, &[Kind::Dockerfile]),
    (End(".dockerfile"), None, &[Kind::Dockerfile]),
    (End(".tf"), Some(Format::Hcl), &[Kind::Terraform, Kind::Hcl]),
    (End(".tofu"), Some(Format::Hcl), &[Kind::Terraform, Kind::Hcl]),
    (End(".tfvars"), Some(Format::Hcl), &[Kind::Terraform, Kind::Hcl]),
    (End(".tfvars.json"), Some(Format::Json), &[Kind::Terraform, Kind::Json]),
    (End(".tf.json"), Some(Format::Json), &[Kind::Terraform, Kind::Json]),
    (End(".hcl"), Some(Format::Hcl), &[Kind::Hcl]),
    // Governance as code.
    (Path(".github/settings.yml"), None, &[Kind::RepositorySettings]),
    (Path(".github/settings.yaml"), None, &[Kind::RepositorySettings]),
    (In(".github/repos", ".yml"), None, &[Kind::RepositorySettings]),
    (In(".github/suborgs", ".yml"), None, &[Kind::RepositorySettings]),
    (Under(".github/rulesets", ".json"), None, &[Kind::RepositorySettings]),
    (Under("rulesets", ".json"), None, &[Kind::RepositorySettings]),
    (Name("CODEOWNERS"), None, &[Kind::Codeowners]),
    (Path(".gitlab/security-policies/policy.yml"), None, &[Kind::GitlabPolicy]),
    (Name(".pre-commit-config.yaml"), None, &[Kind::GitHooks]),
    (Name(".pre-commit-config.yml"), None, &[Kind::GitHooks]),
    (Like("lefthook", ".yml"), None, &[Kind::GitHooks]),
    (Like("lefthook", ".yaml"), None, &[Kind::GitHooks]),
    (Like("lefthook", ".toml"), None, &[Kind::GitHooks]),
    (Like("lefthook", ".json"), None, &[Kind::GitHooks]),
    (Like(".lefthook", ".yml"), None, &[Kind::GitHooks]),
    (Like(".lefthook", ".yaml"), None, &[Kind::GitHooks]),
    (Name("prek.toml"), None, &[Kind::GitHooks]),
    (Like(".huskyrc", ""), Some(Format::Json), &[Kind::GitHooks, Kind::Json]),
    (Like("renovate", ".json"), None, &[Kind::DependencyBot]),
    (Like("renovate", ".json5"), None, &[Kind::DependencyBot]),
    (Like(".renovaterc", ""), Some(Format::Json), &[Kind::DependencyBot, Kind::Json]),
    (Path(".github/dependabot.yml"), None, &[Kind::DependencyBot]),
    (Path(".github/dependabot.yaml"), None, &[Kind::DependencyBot]),
    (Name(".mergify.yml"), None, &[Kind::DependencyBot]),
    (Path(".mergify/config.yml"), None, &[Kind::DependencyBot]),
    (Path(".github/mergify.yml"), None, &[Kind::DependencyBot]),
    (Name(".trivyignore"), None, &[Kind::ScannerConfig]),
    (Name(".trivyignore.yaml"), None, &[Kind::ScannerConfig]),
    (Name(".snyk"), Some(Format::Yaml), &[Kind::ScannerConfig, Kind::Yaml]),
    (Name(".gitleaks.toml"), None, &[Kind::ScannerConfig]),
    (Name("gitleaks.toml"), None, &[Kind::ScannerConfig]),
    (Name(".betterleaks.toml"), None, &[Kind::ScannerConfig]),
    (Name(".gitleaksignore"), None, &[Kind::ScannerConfig]),
    (Name(".checkov.yaml"), None, &[Kind::ScannerConfig]),
    (Name(".checkov.yml"), None, &[Kind::ScannerConfig]),
    (In(".tfsec", ".yml"), None, &[Kind::ScannerConfig]),
    (In(".tfsec", ".yaml"), None, &[Kind::ScannerConfig]),
    (In(".tfsec", ".json"), None, &[Kind::ScannerConfig]),
    (Name("kics.config"), Some(Format::Yaml), &[Kind::ScannerConfig, Kind::Yaml]),
    (Name("kics.yaml"), None, &[Kind::ScannerConfig]),
    (Name("kics.yml"), None, &[Kind::ScannerConfig]),
    (Name("zizmor.yml"), None, &[Kind::ScannerConfig]),
    (Name("zizmor.yaml"), None, &[Kind::ScannerConfig]),
    (Name(".zizmor.yml"), None, &[Kind::ScannerConfig]),
    (Name(".poutine.yml"), None, &[Kind::ScannerConfig]),
    (Name(".poutine.yaml"), None, &[Kind::ScannerConfig]),
    (Name(".semgrepignore"), None, &[Kind::ScannerConfig]),
    (Name("sonar-project.properties"), None, &[Kind::ScannerConfig]),
    (Name(".sonarcloud.properties"), None, &[Kind::ScannerConfig]),
    // Plain formats.
    (Name("mongod.conf"), Some(Format::Yaml), &[Kind::Yaml]),
    (Name("flyway.conf"), Some(Format::Properties), &[Kind::Properties]),
    (Name("pip.conf"), Some(Format::Ini), &[Kind::Ini]),
    (End(".yml"), Some(Format::Yaml), &[Kind::Yaml]),
    (End(".yaml"), Some(Format::Yaml), &[Kind::Yaml]),
    (Name("kubeconfig"), Some(Format::Yaml), &[Kind::Yaml]),
    (Path(".kube/config"), Some(Format::Yaml), &[Kind::Yaml]),
    (End(".json"), Some(Format::Json), &[Kind::Json]),
    (End(".jsonc"), Some(Format::Json), &[Kind::Json]),
    (End(".json5"), Some(Format::Json), &[Kind::Json]),
    (End(".tfstate"), Some(Format::Json), &[Kind::TerraformState, Kind::Json]),
    (End(".tfstate.backup"), Some(Format::Json), &[Kind::TerraformState, Kind::Json]),
    (End(".ipynb"), Some(Format::Json), &[Kind::Notebook, Kind::Json]),
    (End(".toml"), Some(Format::Toml), &[Kind::Toml]),
    (Name(".env"), Some(Format::Dotenv), &[Kind::Dotenv]),
    (Start(".env."), Some(Format::Dotenv), &[Kind::Dotenv]),
    (End(".env"), Some(Format::Dotenv), &[Kind::Dotenv]),
    (Name(".envrc"), Some(Format::Dotenv), &[Kind::Dotenv, Kind::Shell]),
    (End(".properties"), Some(Format::Properties), &[Kind::Properties]),
    (End(".ini"), Some(Format::Ini), &[Kind::Ini]),
    (End(".cfg"), Some(Format::Ini), &[Kind::Ini]),
    (End(".conf"), None, &[Kind::Ini]),
    (Name(".pypirc"), Some(Format::Ini), &[Kind::Ini]),
    (Name(".gitconfig"), Some(Format::Ini), &[Kind::Ini]),
    (End(".xml"), Some(Format::Xml), &[Kind::Xml]),
    (End(".config"), Some(Format::Xml), &[Kind::Xml]),
    (End(".pubxml"), Some(Format::Xml), &[Kind::Xml]),
    (End(".user"), Some(Format::Xml), &[Kind::Xml]),
    (End(".PublishSettings"), Some(Format::Xml), &[Kind::Xml]),
    (End(".publishsettings"), Some(Format::Xml), &[Kind::Xml]),
    (End(".plist"), Some(Format::Xml), &[Kind::Xml]),
    (End(".csproj"), Some(Format::Xml), &[Kind::Xml]),
    // Scripts and code.
    (End(".sh"), None, &[Kind::Shell]),
    (End(".bash"), None, &[Kind::Shell]),
    (End(".zsh"), None, &[Kind::Shell]),
    (Name(".bashrc"), None, &[Kind::Shell]),
    (Name(".profile"), None, &[Kind::Shell]),
    (Name(".bash_history"), None, &[Kind::Shell]),
    (Name(".sh_history"), None, &[Kind::Shell]),
    (Name(".zsh_history"), None, &[Kind::Shell]),
    (Name(".histfile"), None, &[Kind::Shell]),
    (Name(".psql_history"), None, &[Kind::Sql]),
    (Name(".mysql_history"), None, &[Kind::Sql]),
    (Name(".sqlite_history"), None, &[Kind::Sql]),
    (Under(".husky", ""), None, &[Kind::Shell]),
    (End(".ps1"), None, &[Kind::Powershell]),
    (End(".psm1"), None, &[Kind::Powershell]),
    (Name("Makefile"), None, &[Kind::Makefile]),
    (Name("GNUmakefile"), None, &[Kind::Makefile]),
    (End(".mk"), None, &[Kind::Makefile]),
    (Name("justfile"), None, &[Kind::Makefile]),
    (Name("Procfile"), None, &[Kind::Shell]),
    (End(".sql"), None, &[Kind::Sql]),
    (End(".py"), None, &[Kind::Python]),
    (End(".pyi"), None, &[Kind::Python]),
    (End(".js"), None, &[Kind::Javascript]),
    (End(".mjs"), None, &[Kind::Javascript]),
    (End(".cjs"), None, &[Kind::Javascript]),
    (End(".jsx"), None, &[Kind::Javascript]),
    (End(".ts"), None, &[Kind::Javascript]),
    (End(".mts"), None, &[Kind::Javascript]),
    (End(".cts"), None, &[Kind::Javascript]),
    (End(".tsx"), None, &[Kind::Javascript]),
    (End(".vue"), None, &[Kind::Javascript]),
    (End(".svelte"), None, &[Kind::Javascript]),
    (End(".go"), None, &[Kind::Go]),
    (End(".java"), None, &[Kind::Jvm]),
    (End(".kt"), None, &[Kind::Jvm]),
    (End(".kts"), None, &[Kind::Jvm]),
    (End(".scala"), None, &[Kind::Jvm]),
    (End(".groovy"), None, &[Kind::Jvm]),
    (End(".gradle"), None, &[Kind::Jvm]),
    (End(".rb"), None, &[Kind::Ruby]),
    (Name("Rakefile"), None, &[Kind::Ruby]),
    (End(".php"), None, &[Kind::Php]),
    (End(".cs"), None, &[Kind::Dotnet]),
    (End(".fs"), None, &[Kind::Dotnet]),
    (End(".vb"), None, &[Kind::Dotnet]),
    (End(".rs"), None, &[Kind::Rust]),
    (End(".c"), None, &[Kind::Native]),
    (End(".h"), None, &[Kind::Native]),
    (End(".cc"), None, &[Kind::Native]),
    (End(".cpp"), None, &[Kind::Native]),
    (End(".hpp"), None, &[Kind::Native]),
    // A text file may be anything, notes with passwords among them; these are prose.
    (Start("README"), None, &[Kind::Docs]),
    (Start("CHANGE"), None, &[Kind::Docs]),
    (Start("LICENSE"), None, &[Kind::Docs]),
    (Start("NEWS"), None, &[Kind::Docs]),
    (End(".md"), None, &[Kind::Docs]),
    (End(".mdx"), None, &[Kind::Docs]),
    (End(".rst"), None, &[Kind::Docs]),
    (End(".adoc"), None, &[Kind::Docs]),
    (End(".html"), None, &[Kind::Docs]),
    (End(".htm"), None, &[Kind::Docs]),
    (End(".pod"), None, &[Kind::Docs]),
    (End(".1"), None, &[Kind::Docs]),
];

pub(super) fn by_path(path: &str) -> Place {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut place = Place::default();
    for (at, format, kinds) in BY_PATH {
        if !at.matches(path, folder, name) {
            continue;
        }
        place.format = place.format.or(*format);
        place.kinds = kinds.iter().fold(place.kinds, |all, kind| all.with(*kind));
    }
    place.context = context::context(folder, name, place.kinds);
    place
}

impl At {
    fn matches(&self, path: &str, folder: &str, name: &str) -> bool {
        match self {
            Name(text) => name == *text,
            Start(text) => name.starts_with(text),
            End(text) => name.ends_with(text),
            Like(start, end) => name.starts_with(start) && name.ends_with(end),
            Path(text) => ends_at_part(path, text),
            In(place, end) => ends_at_part(folder, place) && name.ends_with(end),
            Under(place, end) => {
                name.ends_with(end)
                    && (ends_at_part(folder, place)
                        || folder.starts_with(&format!("{place}/"))
                        || folder.contains(&format!("/{place}/")))
            }
        }
    }
}

/// Whether `path` ends with `end`, and `end` begins a part of it.
fn ends_at_part(path: &str, end: &str) -> bool {
    path.strip_suffix(end)
        .is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_kinds_formats_and_roles() {
        let workflow = by_path(".github/workflows/ci.yml");
        assert!(workflow.kinds.has(Kind::GithubWorkflow) && workflow.kinds.has(Kind::Yaml));
        assert!(
            by_path("a/.github/workflows/ci.yaml")
                .kinds
                .has(Kind::GithubWorkflow)
        );
        assert!(
            !by_path("x.github/workflows/ci.yml")
                .kinds
                .has(Kind::GithubWorkflow)
        );
        assert!(
            by_path("deploy/Dockerfile.prod")
                .kinds
                .has(Kind::Dockerfile)
        );
        assert!(by_path("prod.env").kinds.has(Kind::Dotenv));
        assert!(by_path("tests/a.py").context.test);
        assert!(by_path("src/latest/contest.py").context == Context::default());
        assert!(by_path("a/b_test.go").context.test);
        assert!(by_path("web/node_modules/x/i.js").context.foreign);
        assert_eq!(by_path("README.md").format, None);
    }

    #[test]
    fn a_shebang_makes_a_script() {
        assert!(is_shell(b"#!/usr/bin/env bash\n"));
        assert!(is_shell(b"#!/bin/sh"));
        assert!(!is_shell(b"#!/usr/bin/env python3\n"));
    }
}
