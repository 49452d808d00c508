//! What a value refers to, in the words of its system.

mod follow;
mod paths;

use super::System;
pub(crate) use follow::{is_of_the_run, is_own_token};
use paths::{each, expressions, paths, shell_variables};

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
        System::Drone
        | System::Woodpecker
        | System::Buildkite
        | System::Travis
        | System::Bitbucket => {
            // As `values::setting` writes what a mapping says.
            if let Some(name) = text.strip_prefix("from_secret: ") {
                return vec![Read::Secret(name.to_owned())];
            }
        }
    }
    if system == System::Buildkite {
        filled_in(text, &mut out);
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

/// A field of a form that somebody filled in: `buildkite-agent meta-data get name`.
fn filled_in(text: &str, out: &mut Vec<Read>) {
    for rest in text.split("meta-data get ").skip(1) {
        let rest = rest.trim_start_matches([' ', '"', '\'']);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':' | '.');
        let name = rest.split(|c| !plain(c)).next().unwrap_or_default();
        if !name.is_empty() {
            out.push(Read::Input(name.to_owned()));
        }
    }
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
            (
                System::Buildkite,
                "buildkite-agent meta-data get 'skip-scan' $A",
                r#"Input("skip-scan") Env("A")"#,
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
