//! What a value refers to, in the words of its system.

use super::{Job, Pipeline, Setting, Step, System, find};

/// A reference in a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Read {
    /// A secret that the platform stores.
    Secret(String),
    /// A variable that the platform stores in the clear.
    Variable(String),
    /// An input or a parameter.
    Input(String),
    /// What an earlier step or job put out.
    Output(String),
    /// A variable of the environment.
    Env(String),
    /// Something of the event, the matrix or the run.
    Other(String),
}

impl Read {
    /// The name of what is read.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Secret(name)
            | Self::Variable(name)
            | Self::Input(name)
            | Self::Output(name)
            | Self::Env(name)
            | Self::Other(name) => name,
        }
    }
}

/// Everything that a text refers to, in order.
pub(crate) fn reads(system: System, text: &str) -> Vec<Read> {
    let mut out = Vec::new();
    match system {
        System::Github | System::Gitea => expressions(text, &mut out),
        System::Azure => {
            each(text, "${{", "}}", &mut |inner| parameters(inner, &mut out));
            each(text, "$[", "]", &mut |inner| parameters(inner, &mut out));
            each(text, "$(", ")", &mut |inner| out.extend(named(inner)));
        }
        System::Gitlab => each(text, "$[[", "]]", &mut |inner| parameters(inner, &mut out)),
        System::Jenkins => {
            out.extend(credential(text));
            groovy(text, &mut out);
            return out;
        }
        System::Tekton => {
            out.extend(secret(text));
            each(text, "$(", ")", &mut |inner| out.extend(substituted(inner)));
        }
        System::Argo => {
            out.extend(secret(text));
            let mut visit = |inner| out.extend(substituted(inner));
            each(text, "{{", "}}", &mut visit);
        }
        System::CloudBuild | System::CodeBuild => out.extend(secret(text)),
        System::Circle => each(text, "<<", ">>", &mut |inner| parameters(inner, &mut out)),
        System::Drone | System::Woodpecker | System::Buildkite | System::Travis => {
            // As `values::setting` writes what a mapping says.
            if let Some(name) = text.strip_prefix("from_secret: ") {
                return vec![Read::Secret(name.to_owned())];
            }
        }
        System::Bitbucket => {}
    }
    let first = out.len();
    shell_variables(text, &mut out);
    if system == System::CloudBuild {
        for read in out.iter_mut().skip(first) {
            // A substitution of the project's own begins so, and whoever starts the
            // build may set it.
            if let Read::Env(name) = read
                && name.starts_with('_')
            {
                *read = Read::Input(std::mem::take(name));
            }
        }
    }
    out
}

/// How a value that is a stored secret is kept, where the system names it by a mapping.
pub(super) fn stored(name: &str) -> String {
    format!("secret:{name}")
}

fn secret(text: &str) -> Option<Read> {
    text.strip_prefix("secret:")
        .map(|name| Read::Secret(name.to_owned()))
}

/// `params.x`, `inputs.parameters.x`, `workflow.parameters.x`, `tasks.x.results.y`.
fn substituted(inner: &str) -> Option<Read> {
    let inner = inner.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if inner.is_empty() || !inner.chars().all(plain) {
        return None;
    }
    let parts: Vec<&str> = inner.split('.').collect();
    Some(match parts.as_slice() {
        ["params", name, ..]
        | ["inputs", "params" | "parameters", name, ..]
        | ["workflow", "parameters", name, ..] => Read::Input((*name).to_owned()),
        ["tasks" | "steps", rest @ ..] => Read::Output(rest.join(".")),
        [_, _, ..] => Read::Other(inner.to_owned()),
        _ => return None,
    })
}

/// Jenkins's `credentials('id')`.
fn credential(text: &str) -> Option<Read> {
    let inner = text.trim().strip_prefix("credentials(")?;
    let quotes = |c: char| c.is_whitespace() || matches!(c, '\'' | '"');
    let id = inner.trim_end().strip_suffix(')')?.trim_matches(quotes);
    Some(Read::Secret(id.to_owned()))
}

/// `params.X`, `params['X']`, `env.X`, `$X`, `${X}`.
fn groovy(text: &str, out: &mut Vec<Read>) {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut last = 0;
    for (at, _) in text.match_indices(['.', '[']) {
        let before = text.get(last..at).unwrap_or_default();
        let before = before.strip_suffix('?').unwrap_or(before);
        let start = before.rfind(|c| !word(c)).map_or(0, |end| end + 1);
        let context = before.get(start..).unwrap_or_default();
        last = at;
        let rest = text.get(at + 1..).unwrap_or_default();
        let rest = rest.trim_start_matches(['\'', '"']);
        let name = rest.split(|c| !word(c)).next().unwrap_or_default();
        match context {
            _ if name.is_empty() => {}
            "params" => out.push(Read::Input(name.to_owned())),
            "env" => out.push(Read::Env(name.to_owned())),
            _ => {}
        }
    }
    let mut variables = Vec::new();
    shell_variables(text, &mut variables);
    variables.retain(|read| !matches!(read.name(), "params" | "env"));
    out.append(&mut variables);
}

/// `$(NAME)`: a variable of Azure's, unless it is a command.
fn named(inner: &str) -> Option<Read> {
    let name = inner.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    (!name.is_empty() && name.chars().all(plain)).then(|| Read::Env(name.to_owned()))
}

/// `parameters.x`, `pipeline.parameters.x`, `inputs.x`, `variables.x`.
fn parameters(inner: &str, out: &mut Vec<Read>) {
    for path in paths(inner) {
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        match parts.as_slice() {
            ["pipeline", "parameters", name, ..] | ["parameters" | "inputs", name, ..] => {
                out.push(Read::Input((*name).to_owned()));
            }
            ["variables", name, ..] => out.push(Read::Env((*name).to_owned())),
            _ => {}
        }
    }
}

/// Calls `visit` with what stands between `open` and `close`.
fn each<'t>(text: &'t str, open: &str, close: &str, visit: &mut dyn FnMut(&'t str)) {
    let mut rest = text;
    while let Some(start) = rest.find(open) {
        rest = rest.get(start + open.len()..).unwrap_or_default();
        let Some(end) = rest.find(close) else {
            return;
        };
        visit(rest.get(..end).unwrap_or_default());
        rest = rest.get(end + close.len()..).unwrap_or_default();
    }
}

/// GitHub's `${{ … }}`.
fn expressions(text: &str, out: &mut Vec<Read>) {
    each(text, "${{", "}}", &mut |inner| {
        for path in paths(inner) {
            let Some((context, rest)) = path.split_first() else {
                continue;
            };
            let Some(name) = rest.first().cloned() else {
                continue;
            };
            out.push(match context.to_ascii_lowercase().as_str() {
                "secrets" => Read::Secret(name),
                "vars" => Read::Variable(name),
                "inputs" => Read::Input(name),
                "env" => Read::Env(name),
                "steps" | "needs" => Read::Output(rest.join(".")),
                "github" if name.eq_ignore_ascii_case("token") => {
                    Read::Secret("GITHUB_TOKEN".to_owned())
                }
                "github"
                    if rest.len() > 2
                        && name == "event"
                        && rest.get(1).is_some_and(|p| p == "inputs") =>
                {
                    Read::Input(rest.last().cloned().unwrap_or_default())
                }
                context => Read::Other(format!("{context}.{}", rest.join("."))),
            });
        }
    });
}

/// The dotted paths in an expression, `a.b`, `a['b']`, without what stands in quotes.
fn paths(inner: &str) -> Vec<Vec<String>> {
    let bytes = inner.as_bytes();
    let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'*');
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'\'' {
            let rest = bytes.get(at + 1..).unwrap_or_default();
            at += memchr::memchr(b'\'', rest).map_or(rest.len(), |end| end + 1) + 1;
            continue;
        }
        if !byte.is_ascii_alphabetic() && *byte != b'_' {
            at += 1;
            continue;
        }
        let (path, end) = path(inner, at, word);
        at = end.max(at + 1);
        if path.len() > 1 {
            out.push(path);
        }
    }
    out
}

/// The path that begins at `at`, and where it ends.
fn path(inner: &str, mut at: usize, word: impl Fn(u8) -> bool) -> (Vec<String>, usize) {
    let bytes = inner.as_bytes();
    let mut path = Vec::new();
    loop {
        let length = bytes.get(at..).unwrap_or_default();
        let length = length.iter().take_while(|b| word(**b)).count();
        path.push(inner.get(at..at + length).unwrap_or_default().to_owned());
        at += length;
        let blanks = |at: usize| {
            let rest = bytes.get(at..).unwrap_or_default();
            rest.iter().take_while(|b| b.is_ascii_whitespace()).count()
        };
        let next = at + blanks(at);
        match bytes.get(next) {
            Some(b'.') => at = next + 1 + blanks(next + 1),
            Some(b'[') => {
                let quote = next + 1 + blanks(next + 1);
                let rest = inner.get(quote + 1..).unwrap_or_default();
                let (Some(b'\''), Some(end)) = (bytes.get(quote), rest.find('\'')) else {
                    return (path, next + 1);
                };
                path.push(rest.get(..end).unwrap_or_default().to_owned());
                at = quote + 1 + end + 1;
                at += blanks(at);
                if bytes.get(at) == Some(&b']') {
                    at += 1;
                }
                match bytes.get(at) {
                    Some(b'.') => at += 1,
                    _ => return (path, at),
                }
            }
            _ => return (path, at),
        }
    }
}

/// `$NAME`, `${NAME}`, `${NAME:-x}`, `$env:NAME`, `%NAME%`.
fn shell_variables(text: &str, out: &mut Vec<Read>) {
    let bytes = text.as_bytes();
    let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    for at in memchr::memchr_iter(b'$', bytes) {
        if at > 0 && bytes.get(at - 1) == Some(&b'\\') {
            continue;
        }
        let mut start = at + 1;
        let rest = bytes.get(start..).unwrap_or_default();
        if rest.starts_with(b"{{") || rest.starts_with(b"(") {
            continue;
        }
        if rest.starts_with(b"{") {
            start += 1;
        } else if rest.starts_with(b"env:") {
            start += 4;
        }
        let name = bytes.get(start..).unwrap_or_default();
        let length = name.iter().take_while(|b| word(b)).count();
        let name = text.get(start..start + length).unwrap_or_default();
        if !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) {
            out.push(Read::Env(name.to_owned()));
        }
    }
}

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
            match set {
                Some(setting) => self.follow(job, step, &setting.value.text, depth + 1, out),
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

    /// The stored secrets that a text of this step gives away to whatever it is given
    /// to. Where a system keeps secrets among its variables, any that no scope of the
    /// file sets is one.
    pub(crate) fn secrets(&self, job: &Job, step: Option<&Step>, text: &str) -> Vec<String> {
        let reads = self.sources(job, step, text);
        let stored = reads.into_iter().filter_map(|read| match read {
            Read::Secret(name) => Some(name),
            Read::Env(name) if self.system.keeps_secrets_as_variables() => Some(name),
            _ => None,
        });
        stored.filter(|name| !is_of_the_run(name)).collect()
    }
}

/// Variables that every run has by itself: none is a stored secret.
fn is_of_the_run(name: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(system: System, text: &str) -> String {
        let reads = reads(system, text).into_iter();
        let shown: Vec<_> = reads.map(|read| format!("{read:?}")).collect();
        shown.join(" ")
    }

    #[test]
    fn values_tell_what_they_refer_to() {
        for (system, text, expected) in [
            (System::Github, "${{ secrets.KEY }}", r#"Secret("KEY")"#),
            (
                System::Github,
                "${{secrets['K-1'] || vars.X}}",
                r#"Secret("K-1") Variable("X")"#,
            ),
            (
                System::Github,
                "a ${{ Secrets . KEY }} ${{ steps.a.outputs.b }}",
                r#"Secret("KEY") Output("a.outputs.b")"#,
            ),
            (System::Github, "${{ 'secrets.KEY' }} secrets.KEY", ""),
            (
                System::Github,
                "${{ github.token }}",
                r#"Secret("GITHUB_TOKEN")"#,
            ),
            (
                System::Github,
                "${{ github.event.inputs.skip }}",
                r#"Input("skip")"#,
            ),
            (
                System::Gitlab,
                "$A ${B} ${C:-d} \\$E $1 $(F)",
                r#"Env("A") Env("B") Env("C")"#,
            ),
            (
                System::Azure,
                "$(A.b) ${{ parameters.x }} $(ls -l) $[variables.c]",
                r#"Input("x") Env("c") Env("A.b")"#,
            ),
            (
                System::Gitlab,
                "$[[ inputs.x | expand_vars ]] $A",
                r#"Input("x") Env("A")"#,
            ),
            (
                System::Jenkins,
                "helm ${params.ENV} ${env.TAG} $TOKEN params['x'] xparams.y",
                r#"Input("ENV") Env("TAG") Input("x") Env("TOKEN")"#,
            ),
            (
                System::Jenkins,
                "credentials('npm-token')",
                r#"Secret("npm-token")"#,
            ),
            (
                System::Tekton,
                "$(params.a) $(inputs.params.b) $(tasks.t.results.r) $(ls -l) $C",
                r#"Input("a") Input("b") Output("t.results.r") Env("C")"#,
            ),
            (System::Tekton, "secret:reg/token", r#"Secret("reg/token")"#),
            (
                System::Argo,
                "{{inputs.parameters.a}} {{ workflow.parameters.b }} {{=f(1)}}",
                r#"Input("a") Input("b")"#,
            ),
            (
                System::CloudBuild,
                "${_SKIP} $$TOKEN $PROJECT_ID",
                r#"Input("_SKIP") Env("TOKEN") Env("PROJECT_ID")"#,
            ),
            (
                System::CodeBuild,
                "secret:prod/npm:token",
                r#"Secret("prod/npm:token")"#,
            ),
            (
                System::Circle,
                "<< pipeline.parameters.x >> << parameters.y >>",
                r#"Input("x") Input("y")"#,
            ),
            (System::Drone, "from_secret: token", r#"Secret("token")"#),
            (System::Drone, "not from_secret: $A", r#"Env("A")"#),
        ] {
            assert_eq!(shown(system, text), expected, "{text}");
        }
    }

    #[test]
    fn unclosed_expressions_end() {
        assert_eq!(shown(System::Github, "${{ secrets['"), "");
        assert_eq!(
            shown(System::Github, "${{ a[ }} ${{ a.b['c }}"),
            r#"Other("a.b")"#
        );
    }
}
