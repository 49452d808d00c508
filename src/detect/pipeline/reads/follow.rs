//! Following what a value refers to through the variables that a pipeline sets.

use super::{Read, reads};
use crate::detect::pipeline::{Job, Pipeline, Setting, Step, System, find};

/// How many inputs are looked through for a name.
const MOST_INPUTS: usize = 200;

/// How often a variable's value is looked up.
const DEEPEST: usize = 4;

impl Pipeline {
    /// What a text of this step refers to in the end: a variable that the pipeline sets
    /// is followed to what its value refers to. A variable that no scope sets stays one
    /// of the environment; in most systems the platform stores it.
    pub(crate) fn sources(&self, job: &Job, step: Option<&Step>, text: &str) -> Vec<Read> {
        let mut out = Vec::new();
        self.follow(job, step, text, 0, &mut out);
        out
    }

    fn follow(
        &self,
        job: &Job,
        step: Option<&Step>,
        text: &str,
        depth: usize,
        out: &mut Vec<Read>,
    ) {
        for read in reads(self.system, text) {
            let set = match &read {
                Read::Env(name) if depth < DEEPEST => self.setting(job, step, name),
                Read::Input(name) if depth < DEEPEST => self.parameter(job, step, name),
                _ => None,
            };
            let default = match &read {
                Read::Input(name) if set.is_none() && depth < DEEPEST => self.default_of(name),
                _ => None,
            };
            match set.map(|setting| &setting.value.text).or(default) {
                Some(text) => self.follow(job, step, text, depth + 1, out),
                None => out.push(read),
            }
        }
    }

    /// The variable of this name that a step sees.
    pub(crate) fn setting<'p>(
        &'p self,
        job: &'p Job,
        step: Option<&'p Step>,
        name: &str,
    ) -> Option<&'p Setting> {
        step.and_then(|step| find(&step.env, name))
            .or_else(|| find(&job.env, name))
            .or_else(|| find(&self.env, name))
    }

    /// What a parameter is given, where the model has the job or command that it is of
    /// with what its caller says: `CircleCI`'s.
    fn parameter<'p>(
        &self,
        job: &'p Job,
        step: Option<&'p Step>,
        name: &str,
    ) -> Option<&'p Setting> {
        if self.system != System::Circle {
            return None;
        }
        step.filter(|step| step.uses.is_none())
            .and_then(|step| find(&step.with, name))
            .or_else(|| find(&job.with, name))
    }

    /// What an input is given or has by default, where that refers to something else: a
    /// template's parameter that is a variable of the project's.
    fn default_of(&self, name: &str) -> Option<&String> {
        if !matches!(self.system, System::Gitlab | System::Azure) {
            return None;
        }
        let mut inputs = self.inputs.iter().take(MOST_INPUTS);
        let input = inputs.find(|input| input.name == name)?;
        let text = &input.default.as_ref()?.text;
        text.contains('$').then_some(text)
    }

    /// The stored secrets that a text of this step gives away to whatever it is given
    /// to. Where a system keeps secrets among its variables, any that no scope of the
    /// file sets is one.
    pub(crate) fn secrets(&self, job: &Job, step: Option<&Step>, text: &str) -> Vec<String> {
        let reads = self.sources(job, step, text);
        let stored = reads.into_iter().filter_map(|read| match read {
            Read::Secret(name) if !is_own_token(&name) => Some(name),
            Read::Env(name) if self.system.keeps_secrets_as_variables() => {
                (!is_of_the_run(&name)).then_some(name)
            }
            _ => None,
        });
        stored.collect()
    }
}

/// Secrets that are issued for the run, under names that people can't give to theirs.
pub(crate) fn is_own_token(name: &str) -> bool {
    matches!(name, "GITHUB_TOKEN" | "GITEA_TOKEN" | "FORGEJO_TOKEN")
}

/// Variables that every run has by itself: none is a stored secret.
pub(crate) fn is_of_the_run(name: &str) -> bool {
    const OWN: &[&str] = &[
        "HOME",
        "PATH",
        "PWD",
        "USER",
        "SHELL",
        "TMPDIR",
        "CI_JOB_TOKEN",
        "CI_REGISTRY_PASSWORD",
        "SYSTEM_ACCESSTOKEN",
        "GITHUB_TOKEN",
        "System.AccessToken",
    ];
    const PREFIXES: &[&str] = &[
        "CI_",
        "GITHUB_",
        "GITLAB_USER_",
        "RUNNER_",
        "CIRCLE_",
        "BITBUCKET_",
        "BUILDKITE_",
        "DRONE_",
        "TRAVIS_",
        "CODEBUILD_",
        "Build.",
        "Agent.",
        "System.",
        "BUILD_",
        "AGENT_",
    ];
    // A platform's own token is issued for the run; those that people add have other names.
    let token = ["CI_DEPLOY_PASSWORD", "CI_DEPLOY_USER"];
    !token.contains(&name)
        && (OWN.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
}

impl System {
    /// Whether the platform hands its stored secrets out as variables, without a word of
    /// the file's.
    pub(crate) const fn keeps_secrets_as_variables(self) -> bool {
        matches!(
            self,
            Self::Gitlab
                | Self::Azure
                | Self::Circle
                | Self::Bitbucket
                | Self::Buildkite
                | Self::Travis
        )
    }

    /// Whether its jobs are objects of a cluster, which refer to one another by name.
    pub(crate) const fn runs_in_a_cluster(self) -> bool {
        matches!(self, Self::Tekton | Self::Argo)
    }

    /// Whether its jobs run on machines that the project keeps, unless said otherwise.
    pub(crate) const fn runs_on_own_machines(self) -> bool {
        matches!(
            self,
            Self::Buildkite | Self::Drone | Self::Woodpecker | Self::Jenkins
        )
    }

    /// How a person calls the system.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Github => "GitHub Actions",
            Self::Gitea => "Gitea Actions",
            Self::Gitlab => "GitLab CI",
            Self::Azure => "Azure Pipelines",
            Self::Circle => "CircleCI",
            Self::Jenkins => "Jenkins",
            Self::Bitbucket => "Bitbucket Pipelines",
            Self::Buildkite => "Buildkite",
            Self::Drone => "Drone",
            Self::Woodpecker => "Woodpecker",
            Self::Travis => "Travis CI",
            Self::Tekton => "Tekton",
            Self::Argo => "Argo Workflows",
            Self::CloudBuild => "Cloud Build",
            Self::CodeBuild => "CodeBuild",
        }
    }
}
