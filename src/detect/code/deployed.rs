//! Credentials in what deploys programs: the environment that containers and functions
//! are given, Terraform's variables and state, Ansible's variables, MCP servers.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::detect::plausible::name::{Noun, credential};
use crate::detect::plausible::value;
use crate::detect::settings::settings;
use crate::detect::slots::{self, Slot, setting};
use crate::detect::{Cx, Hit, lines};
use crate::document::{Node, Span};
use crate::finding::Confidence;
use crate::kind::{Kind, Kinds};

/// Where an environment stands.
const ENVIRONMENTS: &[&str] = &[
    "environment",
    "env",
    "envs",
    "variables",
    "environmentVariables",
    "EnvironmentVariables",
    "env_vars",
    "envVars",
    "config_vars",
];

/// What an environment stands below in files that only their content tells.
const PLATFORMS: &[&str] = &[
    "containers",
    "initContainers",
    "containerDefinitions",
    "services",
    "provider",
    "functions",
    "Resources",
    "template",
    "apps",
    "applications",
    "spec",
];

/// Finds passwords and keys given to a program by its environment.
pub(super) fn environment(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let kinds = cx.document.kinds_by_path();
    if kinds.has(Kind::Dockerfile) {
        return dockerfile(cx);
    }
    let document = cx.document;
    if !may_hold(cx.document.bytes()) {
        return Vec::new();
    }
    // A manifest's Secret has a rule of its own.
    let map = is_object(cx, "ConfigMap");
    if is_object(cx, "Secret") {
        return Vec::new();
    }
    let pipeline = [
        Kind::GithubWorkflow,
        Kind::GithubAction,
        Kind::GitlabCi,
        Kind::AzurePipelines,
        Kind::Circleci,
        Kind::BitbucketPipelines,
    ]
    .iter()
    .any(|kind| kinds.has(*kind));
    let mcp = document.is(Kind::McpConfig);
    let known = pipeline || kinds.has(Kind::Compose) || document.is(Kind::Kubernetes);
    let mut hits = Vec::new();
    slots::each(document, &mut |slot| {
        let named = slot.is_below(ENVIRONMENTS) || map && slot.is_below(&["data"]);
        let named = named && (known || slot.is_below(PLATFORMS));
        let stack = is_stack_password(slot);
        if !named && !stack || mcp || slot.is_below(&["secretKeyRef", "secrets"]) {
            return;
        }
        let Some(noun) = credential(slot.name) else {
            return;
        };
        if !slots::is_set(noun, slot.text, "") || file_or_name(slot.text) {
            return;
        }
        let mut hit = Hit::secret(slot.span).about(slot.name);
        // A database beside a test run lives as long as the run.
        if pipeline && (noun == Noun::Password || slot.is_below(&["services"])) {
            hit = hit.sure(Confidence::Low);
        }
        cx.keep(hit, &mut hits);
    });
    hits
}

/// A cheap look at the bytes, so that not every file with a key in it is parsed.
fn may_hold(bytes: &[u8]) -> bool {
    let any = |words: &[&str]| {
        words
            .iter()
            .any(|word| memchr::memmem::find(bytes, word.as_bytes()).is_some())
    };
    any(&["nv", "ariables", "ConfigMap", "Properties", "config_vars"])
        && any(&["apiVersion", "image", "script", "steps", "jobs"]) | any(PLATFORMS)
}

/// Whether a document of the file is a Kubernetes object of this kind.
fn is_object(cx: &Cx<'_, '_>, kind: &str) -> bool {
    cx.document
        .tree()
        .root
        .items()
        .iter()
        .any(|d| d.get("kind").and_then(Node::text) == Some(kind))
}

/// `MasterUserPassword` and its like, in `CloudFormation` and its relatives.
fn is_stack_password(slot: &Slot<'_, '_>) -> bool {
    slot.is_below(&["Resources"])
        && slot.is_below(&["Properties"])
        && matches!(
            slot.name,
            "MasterUserPassword"
                | "AdministratorLoginPassword"
                | "administratorLoginPassword"
                | "adminPassword"
                | "AuthToken"
                | "Password"
                | "MasterPassword"
        )
}

/// The name of a secret or the file that holds it.
fn file_or_name(text: &str) -> bool {
    text.starts_with('/') || text.contains("://") || text.ends_with("-secret")
}

/// `ENV NAME=value`, `ENV NAME value`, `ARG NAME=value`.
fn dockerfile(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    let mut hits = Vec::new();
    for setting in settings(cx.document, &|name| credential(name).is_some()) {
        let Some(noun) = credential(&setting.name) else {
            continue;
        };
        if !slots::is_set(noun, &setting.value, "") || file_or_name(&setting.value) {
            continue;
        }
        // The value stands on the line, in the word of its name or after it.
        let line = lines::near(cx.document, setting.span);
        let from = setting.span.start.max(line.start);
        let rest = Span::new(from, line.end).of(bytes);
        if let Some(at) = memchr::memmem::find(rest, setting.value.as_bytes()) {
            let span = Span::new(from + at, from + at + setting.value.len());
            cx.keep(Hit::secret(span).about(setting.name.clone()), &mut hits);
        }
    }
    hits
}

/// Terraform's variables, their values, and arguments of resources.
pub(super) fn terraform(cx: &Cx<'_, '_>) -> Vec<Hit> {
    slots::find(cx, &|slot| {
        if slot.is_below(&["description", "error_message", "tags", "labels", "output"]) {
            return None;
        }
        if slot.keys.first() == Some(&"variable") {
            if slot.name != "default" {
                return None;
            }
            let sensitive = slot
                .holder
                .and_then(|v| v.get("sensitive"))
                .and_then(Node::truth)
                == Some(true);
            let variable = slot.keys.get(1).copied().unwrap_or_default();
            return setting(variable).or(sensitive.then_some(Noun::Password));
        }
        setting(slot.name)
    })
}

/// Terraform's state keeps every value in the clear.
pub(super) fn state(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for root in cx.document.tree().root.items() {
        for output in root.get("outputs").map_or(&[][..], Node::members) {
            let sensitive = output.value.get("sensitive").and_then(Node::truth) == Some(true);
            if let Some(value) = output.value.get("value").filter(|_| sensitive)
                && value.text().is_some_and(is_state_secret)
            {
                let hit = Hit::secret(unquoted(value.span)).about(format!("output.{}", output.key));
                cx.keep(hit, &mut hits);
            }
        }
        for resource in root.get("resources").map_or(&[][..], Node::items) {
            resource_secrets(cx, resource, &mut hits);
        }
    }
    hits
}

fn is_state_secret(text: &str) -> bool {
    !text.is_empty() && !text.contains("PRIVATE KEY-----") && slots::is_login(text, "")
}

/// A JSON string without its quotes.
const fn unquoted(span: Span) -> Span {
    Span::new(span.start + 1, span.end.saturating_sub(1))
}

/// The attributes that are secret by the resource's type, or by their names.
fn resource_secrets(cx: &Cx<'_, '_>, resource: &Node, hits: &mut Vec<Hit>) {
    let text = |key| resource.get(key).and_then(Node::text).unwrap_or_default();
    let (kind, name) = (text("type"), text("name"));
    for instance in resource.get("instances").map_or(&[][..], Node::items) {
        let stored = || instance.at(&["attributes", "type"]).and_then(Node::text);
        if kind == "aws_ssm_parameter" && stored() != Some("SecureString") {
            continue;
        }
        for member in instance.get("attributes").map_or(&[][..], Node::members) {
            let own = matches!(
                (kind, member.key.as_str()),
                ("random_password", "result")
                    | ("aws_iam_access_key", "secret" | "ses_smtp_password_v4")
                    | ("aws_secretsmanager_secret_version", "secret_string")
                    | ("azurerm_key_vault_secret" | "aws_ssm_parameter", "value")
                    | ("google_secret_manager_secret_version", "secret_data")
            );
            let Some(value) = member.value.text() else {
                continue;
            };
            let named = setting(&member.key).is_some_and(|noun| slots::is_set(noun, value, ""));
            if (own && is_state_secret(value) || named) && !file_or_name(value) {
                let hit = Hit::secret(unquoted(member.value.span))
                    .about(format!("{kind}.{name}.{}", member.key));
                cx.keep(hit, hits);
            }
        }
    }
}

/// `ansible_password=…` on a host's line, `ansible_become_pass: …` among variables.
static ANSIBLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"^(?-u)(?P<name>ansible_(?:(?:ssh|become|sudo|su|httpapi|winrm|network_become|enable)_)?"#,
        r#"pass(?:word)?)["']?[ \t]*[=:][ \t]*["']?(?P<secret>[^\s"'#]{3,128})"#,
    ))
    .expect("a constant regex")
});

/// Finds the passwords by which Ansible logs in, and those among its variables.
pub(super) fn ansible(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    let mut hits: Vec<Hit> = Vec::new();
    // The manuals of modules are strings in programs.
    if cx.document.kinds_by_path().meets(Kinds::CODE) {
        return hits;
    }
    for keyword in cx.keywords {
        let end = (keyword.start + 300).min(bytes.len());
        let window = bytes.get(keyword.start..end).unwrap_or_default();
        let Some(found) = ANSIBLE.captures(window) else {
            continue;
        };
        let (Some(name), Some(secret)) = (found.name("name"), found.name("secret")) else {
            continue;
        };
        let text = std::str::from_utf8(secret.as_bytes()).unwrap_or_default();
        if slots::is_login(text, "") {
            let at = keyword.start;
            let span = Span::new(at + secret.start(), at + secret.end());
            let name = String::from_utf8_lossy(name.as_bytes());
            cx.keep(Hit::secret(span).about(name), &mut hits);
        }
    }
    if is_variables(cx.document.path()) && cx.document.kinds_by_path().has(Kind::Yaml) {
        let known: Vec<_> = hits.iter().map(|hit| hit.secret.start).collect();
        let more = slots::find(cx, &|slot| {
            setting(slot.name).filter(|_| !known.contains(&slot.span.start))
        });
        hits.extend(more);
    }
    hits
}

/// Whether Ansible reads variables from this path.
fn is_variables(path: &str) -> bool {
    let mut folders: Vec<&str> = path.split('/').collect();
    folders.pop();
    folders.contains(&"group_vars")
        || folders.contains(&"host_vars")
        || folders.contains(&"roles")
            && folders
                .last()
                .is_some_and(|folder| matches!(*folder, "vars" | "defaults"))
}

/// The environment and the headers of MCP servers.
pub(super) fn mcp(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    slots::each(cx.document, &mut |slot| {
        let place = slot.is_below(&["env", "headers", "requestInit"]);
        let servers = slot
            .keys
            .iter()
            .position(|key| key.to_ascii_lowercase().ends_with("servers"));
        let Some(at) = servers.filter(|_| place) else {
            return;
        };
        let Some(noun) = credential(slot.name) else {
            return;
        };
        let bare = ["Bearer ", "bearer ", "Basic ", "token ", "Token "]
            .iter()
            .find_map(|scheme| slot.text.strip_prefix(scheme))
            .unwrap_or(slot.text);
        // A placeholder in a file to be filled in names itself.
        let set = slots::is_set(noun, bare, "") && !value::is_wordy(bare);
        if set && !file_or_name(bare) {
            let server = slot.keys.get(at + 1).copied().unwrap_or_default();
            let hit = Hit::secret(slot.ending(bare)).about(format!("mcp:{server}/{}", slot.name));
            cx.keep(hit, &mut hits);
        }
    });
    hits
}
