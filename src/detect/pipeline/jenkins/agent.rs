//! Where stages run: nodes by label, containers, pods.

use super::super::containers::{is_powerful, reaches_host};
use super::super::cursor::File;
use super::super::pods::{self, Volumes};
use super::super::{Image, Text};
use super::groovy::{self, Call, Item};
use super::{Scope, parts};
use crate::document::{Format, Span, Tree};

/// `agent any`, `agent none`, `agent { … }`: it replaces what the block around it says.
pub(super) fn read(file: &File<'_>, bytes: &[u8], call: &Call<'_>, scope: &mut Scope) {
    scope.runner.clear();
    scope.images.clear();
    scope.account = None;
    let Some(body) = call.body else {
        let word = call.first().and_then(<[Item]>::first).map(Item::span);
        if let Some(span) = word.filter(|span| span.of(bytes) == b"any") {
            scope.runner.push(any(span));
        }
        return;
    };
    for inner in groovy::calls(bytes, &body.items, false) {
        match inner.path.as_str() {
            "any" => scope.runner.push(any(inner.at)),
            "label" => scope.runner.extend(parts::value(bytes, &inner)),
            "node" => scope.runner.extend(setting(bytes, &inner, "label")),
            "docker" | "dockerfile" => {
                scope.runner.extend(setting(bytes, &inner, "label"));
                scope.images.push(container(bytes, &inner));
            }
            "kubernetes" => kubernetes(file, bytes, &inner, scope),
            _ => {}
        }
    }
}

fn any(span: Span) -> Text {
    Text {
        text: "any".to_owned(),
        span,
        defined: None,
    }
}

/// The value of a setting in a call's block, or of a named argument.
fn setting(bytes: &[u8], call: &Call<'_>, name: &str) -> Option<Text> {
    let named = call.named(name).and_then(|value| parts::text(bytes, value));
    named.or_else(|| {
        let mut inner = groovy::calls(bytes, &call.body?.items, false);
        inner
            .find(|inner| inner.path == name)
            .and_then(|inner| parts::value(bytes, &inner))
    })
}

fn container(bytes: &[u8], call: &Call<'_>) -> Image {
    let name = setting(bytes, call, "image").or_else(|| parts::value(bytes, call));
    let args = setting(bytes, call, "args");
    Image {
        name: name.unwrap_or_default(),
        powers: args
            .into_iter()
            .filter(|args| is_powerful(&args.text))
            .collect(),
        ..Image::default()
    }
}

/// `node('label') { … }`; without a label it may be any.
pub(super) fn node(bytes: &[u8], call: &Call<'_>, mut scope: Scope) -> Scope {
    let label = parts::value(bytes, call).or_else(|| setting(bytes, call, "label"));
    // Within a pod template the label is the pod's.
    if scope.images.is_empty() {
        let variable = !call.args.is_empty();
        scope.runner = match label {
            Some(label) => vec![label],
            None if variable => Vec::new(),
            None => vec![any(call.at)],
        };
    }
    scope
}

/// `podTemplate(yaml: …, containers: […], volumes: […]) { … }`.
pub(super) fn pod_template(
    file: &File<'_>,
    bytes: &[u8],
    call: &Call<'_>,
    mut scope: Scope,
) -> Scope {
    kubernetes(file, bytes, call, &mut scope);
    let of = |name| call.named(name).and_then(|list| list.first()?.group(b'['));
    let mut powers = Vec::new();
    for volume in of("volumes").map_or(Vec::new(), |list| inner(bytes, list)) {
        let path = volume.named("hostPath").and_then(|v| parts::text(bytes, v));
        powers.extend(path.filter(|path| {
            let folder = path.text.trim_end_matches('/');
            reaches_host(&format!(
                "{}:",
                if folder.is_empty() { "/" } else { folder }
            ))
        }));
    }
    for container in of("containers").map_or(Vec::new(), |list| inner(bytes, list)) {
        let name = container.named("image").and_then(|v| parts::text(bytes, v));
        let mut powers = std::mem::take(&mut powers);
        let privileged = container.named("privileged");
        powers.extend(
            privileged
                .map(parts::span)
                .filter(|s| s.of(bytes) == b"true")
                .map(|span| Text {
                    text: "privileged: true".to_owned(),
                    span,
                    defined: None,
                }),
        );
        scope.images.push(Image {
            name: name.unwrap_or_default(),
            powers,
            ..Image::default()
        });
    }
    scope
}

fn inner<'t>(bytes: &'t [u8], list: &'t groovy::Group) -> Vec<Call<'t>> {
    groovy::calls(bytes, &list.items, true).collect()
}

/// What a pod is made of: its YAML, its account.
fn kubernetes(file: &File<'_>, bytes: &[u8], call: &Call<'_>, scope: &mut Scope) {
    scope.runner.extend(setting(bytes, call, "label"));
    let account = setting(bytes, call, "serviceAccount");
    scope.account = account.or_else(|| scope.account.take());
    if setting(bytes, call, "yamlFile").is_some() {
        file.note("runs in a pod of another file, which was not read for it");
    }
    let value = call.named("yaml").or_else(|| {
        let mut inner = groovy::calls(bytes, &call.body?.items, false);
        inner.find(|inner| inner.path == "yaml")?.first()
    });
    let Some(Item::Token(token)) = value.and_then(<[Item]>::first) else {
        return;
    };
    pod(groovy::inner(bytes, token.span), bytes, scope);
}

/// Reads a pod's YAML within the file.
fn pod(span: Span, bytes: &[u8], scope: &mut Scope) {
    let text = span.of(bytes);
    let tree = Tree::read(Some(Format::Yaml), text);
    let within = File::within("", text, &tree);
    let mut images = Vec::new();
    for root in within.roots() {
        let Some(spec) = root.get("spec") else {
            continue;
        };
        let mut volumes = Volumes::default();
        volumes.add(spec.get("volumes"));
        for list in ["containers", "initContainers"] {
            let list = spec.get(list);
            for item in list.iter().flat_map(super::super::Cursor::items) {
                images.push(pods::container(item, &volumes, false));
            }
        }
        if let (Some(first), powers) = (images.first_mut(), pods::shared_with_host(spec)) {
            first.powers.extend(powers);
        }
        let account = spec.get("serviceAccountName").and_then(|a| a.text());
        scope.account = account
            .map(|a| moved(a, span.start))
            .or(scope.account.take());
    }
    for mut image in images {
        image.name = moved(image.name, span.start);
        image.powers = image
            .powers
            .into_iter()
            .map(|p| moved(p, span.start))
            .collect();
        image.env.clear();
        scope.images.push(image);
    }
}

/// A text of the inner file, at its place in the outer one.
fn moved(text: Text, by: usize) -> Text {
    Text {
        span: Span::new(text.span.start + by, text.span.end + by),
        defined: None,
        ..text
    }
}

/// The container that `docker.image(…).inside(ARGS)` starts.
pub(super) fn started(bytes: &[u8], call: &Call<'_>) -> Vec<Image> {
    if !matches!(call.path.as_str(), "inside" | "withRun" | "run") || !call.chained {
        return Vec::new();
    }
    let Some(args) = parts::value(bytes, call) else {
        return Vec::new();
    };
    if !is_powerful(&args.text) {
        return Vec::new();
    }
    vec![Image {
        name: image_before(bytes, call.at.start).unwrap_or_default(),
        powers: vec![args],
        ..Image::default()
    }]
}

/// The image in `docker.image('IMAGE').` before a place on the same line.
fn image_before(bytes: &[u8], at: usize) -> Option<Text> {
    let before = bytes.get(at.saturating_sub(200)..at)?;
    let close = before.strip_suffix(b".")?.strip_suffix(b")")?;
    let close = close.trim_ascii_end();
    let quote = *close.last()?;
    let inner = close.get(..close.len() - 1)?;
    let open = inner.iter().rposition(|b| *b == quote)?;
    let start = at - before.len() + open + 1;
    let span = Span::new(start, start + inner.len() - open - 1);
    matches!(quote, b'\'' | b'"').then(|| Text {
        text: String::from_utf8_lossy(span.of(bytes)).into_owned(),
        span,
        defined: None,
    })
}
