//! Pods and their containers, as Tekton and Argo Workflows run steps in them. Facts:
//! Kubernetes' reference of `Container`, `PodSpec` and `Volume`.

use std::collections::HashMap;

use super::containers::reaches_host;
use super::cursor::{Cursor, Entry};
use super::{Image, Script, Setting, Text, reads};

/// Folders of the host among the volumes of a pod, by the volume's name.
#[derive(Default, Clone)]
pub(super) struct Volumes(HashMap<String, Text>);

impl Volumes {
    /// Adds what a list of volumes holds.
    pub(super) fn add(&mut self, list: Option<Cursor<'_>>) {
        for volume in list.iter().flat_map(Cursor::items) {
            let (Some(name), Some(host)) = (
                volume.get("name").and_then(|name| name.str()),
                volume.at(&["hostPath", "path"]),
            ) else {
                continue;
            };
            let path = host.str().unwrap_or_default();
            let folder = if path.len() > 1 {
                path.trim_end_matches('/')
            } else {
                path
            };
            if reaches_host(&format!("{folder}:")) {
                let power = host.said(format!("hostPath: {path}"));
                self.0.insert(name.to_owned(), power);
            }
        }
    }
}

/// A container: its image and what gives it the host.
pub(super) fn container(item: Cursor<'_>, volumes: &Volumes, service: bool) -> Image {
    let mut powers = security(item);
    let mounts = item.get("volumeMounts");
    for mount in mounts.iter().flat_map(Cursor::items) {
        let name = mount.get("name").and_then(|name| name.str());
        powers.extend(name.and_then(|name| volumes.0.get(name)).cloned());
    }
    Image {
        name: item
            .get("image")
            .and_then(|image| image.text())
            .unwrap_or_default(),
        service,
        powers,
        password: None,
        env: env(item),
    }
}

/// `securityContext` with rights over the host.
fn security(item: Cursor<'_>) -> Vec<Text> {
    let mut powers = Vec::new();
    let Some(context) = item.get("securityContext") else {
        return powers;
    };
    let on = |entry: &Entry<'_>| entry.value.truth() == Some(true);
    if let Some(privileged) = context.member("privileged").filter(on) {
        powers.push(whole(&privileged, "privileged: true"));
    }
    let added = context.at(&["capabilities", "add"]);
    for capability in added.iter().flat_map(Cursor::items) {
        let name = capability.str().unwrap_or_default();
        if matches!(
            name.trim_start_matches("CAP_"),
            "ALL" | "SYS_ADMIN" | "SYS_PTRACE" | "SYS_MODULE"
        ) {
            powers.push(capability.said(format!("capability {name}")));
        }
    }
    powers
}

/// `hostPID` and `hostIPC` of a pod: every container of it has them.
pub(super) fn shared_with_host(pod: Cursor<'_>) -> Vec<Text> {
    let keys = ["hostPID", "hostIPC"].into_iter();
    let on = |key| {
        pod.member(key)
            .filter(|entry| entry.value.truth() == Some(true))
    };
    keys.filter_map(on)
        .map(|entry| whole(&entry, &format!("{}: true", entry.key)))
        .collect()
}

/// What a key says, at the key and its value.
pub(super) fn whole(entry: &Entry<'_>, text: &str) -> Text {
    Text {
        span: entry.whole(),
        ..entry.value.said(text.to_owned())
    }
}

/// The variables of a container. One that a secret gives names the secret and its key.
pub(super) fn env(item: Cursor<'_>) -> Vec<Setting> {
    let list = item.get("env");
    let items = list.iter().flat_map(Cursor::items);
    items
        .filter_map(|item| {
            let name = item.get("name")?;
            let secret = item.at(&["valueFrom", "secretKeyRef"]);
            let value = match secret {
                Some(of) => {
                    let part = |key| of.get(key).and_then(|part| part.str()).unwrap_or_default();
                    of.said(reads::stored(&format!("{}/{}", part("name"), part("key"))))
                }
                None => item.get("value").and_then(|value| value.text())?,
            };
            Some(Setting {
                name: name.str()?.to_owned(),
                at: name.span(),
                value,
            })
        })
        .collect()
}

/// The secrets that a container is given whole.
pub(super) fn given(item: Cursor<'_>) -> Vec<Text> {
    let list = item.get("envFrom");
    let items = list.iter().flat_map(Cursor::items);
    items
        .filter_map(|item| item.at(&["secretRef", "name"])?.text())
        .collect()
}

/// What a container runs: its script, else its command and arguments.
pub(super) fn script(item: Cursor<'_>) -> Script {
    let text = |key| item.get(key);
    let source = text("source").or_else(|| text("script"));
    if let Some(script) = source {
        return if is_shell(item, script) {
            script.script()
        } else {
            Script::default()
        };
    }
    let (command, args) = (text("command"), text("args"));
    let words: Vec<Cursor<'_>> = command.into_iter().chain(args).collect();
    let Some(first) = words.first() else {
        return Script::default();
    };
    let image = item.get("image").filter(|_| command.is_none());
    first.program(&words, image)
}

/// Whether a script is one of a shell: by its first line, else by what it is given to.
fn is_shell(item: Cursor<'_>, script: Cursor<'_>) -> bool {
    let text = script.str().unwrap_or_default();
    let first = text.lines().next().unwrap_or_default();
    if let Some(program) = first.strip_prefix("#!") {
        return program.contains("sh");
    }
    let command = item.get("command");
    let program = command.iter().flat_map(Cursor::one_or_many).next();
    program
        .and_then(|program| program.str())
        .is_none_or(|program| program.ends_with("sh"))
}
