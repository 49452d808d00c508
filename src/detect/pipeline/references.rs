//! Which other files a pipeline refers to, so that whoever reads files can have them
//! ready: what GitLab includes, the templates of Azure Pipelines.

use crate::document::Node;
use crate::document::neighbours::{self, Neighbour};
use crate::kind::{Kind, Kinds};

/// A file that a pipeline refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its path relative to the project's root; with a `*` it is a glob.
    pub path: String,
    /// What the file is, by being referred to so.
    pub kinds: Kinds,
}

/// Most references of one file that are followed.
const MOST: usize = 200;

/// The files of the project that a pipeline refers to, by ways that their names don't
/// tell. What leads out of the project is left out.
pub fn references(file: &Neighbour) -> Vec<Reference> {
    let mut out = Vec::new();
    let kinds = file.kinds();
    if kinds.has(Kind::GitlabCi) {
        for root in file.tree().root.items() {
            if let Some(include) = root.get("include") {
                gitlab(include, &mut out);
            }
            // Jobs start pipelines of other files.
            for job in root.members() {
                if let Some(include) = job.value.at(&["trigger", "include"]) {
                    gitlab(include, &mut out);
                }
            }
        }
    } else if kinds.has(Kind::AzurePipelines) {
        let folder = neighbours::folder(file.path());
        file.tree().root.walk(&mut |member, node| {
            if let Some(text) = node.text()
                && member.is_some_and(|m| m.key == "template")
                && let Some(path) = azure_template(folder, text)
            {
                push(path, Kind::AzurePipelines, &mut out);
            }
        });
    }
    out
}

/// The path of a template. `x.yml@repository` is a file of another repository;
/// `x.yml@self` is one of this.
pub(super) fn azure_template(folder: &str, text: &str) -> Option<String> {
    let (path, repository) = text.split_once('@').unwrap_or((text, "self"));
    if repository != "self" {
        return None;
    }
    neighbours::resolve(folder, path)
}

/// `include: path`, `include: [path, {local: path}]`.
fn gitlab(include: &Node, out: &mut Vec<Reference>) {
    for item in include.one_or_many() {
        let local = item.get("local").unwrap_or(item);
        for path in local.one_or_many().iter().filter_map(Node::text) {
            if let Some(path) = gitlab_path(path) {
                push(path, Kind::GitlabCi, out);
            }
        }
    }
}

/// The path of what is included from the same project; it may hold `*`.
pub(super) fn gitlab_path(path: &str) -> Option<String> {
    const STAR: &str = "\u{1}";
    let path = neighbours::resolve("", &path.replace('*', STAR))?;
    Some(path.replace(STAR, "*"))
}

fn push(path: String, kind: Kind, out: &mut Vec<Reference>) {
    let kinds = Kinds::NONE.with(kind);
    let reference = Reference { path, kinds };
    if out.len() < MOST && !out.contains(&reference) {
        out.push(reference);
    }
}
