//! What a file of GitLab's includes, and what it calls.
//!
//! Facts: GitLab Docs, "Use CI/CD configuration from other files", "Downstream pipelines".

use std::collections::HashSet;

use globset::GlobBuilder;

use super::super::Text;
use super::super::cursor::{Cursor, File};
use super::super::references::gitlab_path;
use super::MOST_INCLUDES;
use crate::document::Span;
use crate::document::neighbours::Neighbour;

/// What is looked for, and what was seen.
struct Search<'f> {
    file: &'f File<'f>,
    seen: HashSet<&'f str>,
    /// What was included, the first first.
    found: Vec<Cursor<'f>>,
}

/// The roots of what a file includes from its project, the one that counts most first.
pub(super) fn read<'f>(file: &'f File<'f>, own: Cursor<'f>) -> Vec<Cursor<'f>> {
    let mut search = Search {
        file,
        seen: HashSet::from([file.path()]),
        found: Vec::new(),
    };
    search.below(own, 0);
    search.found.reverse();
    search.found
}

impl<'f> Search<'f> {
    fn below(&mut self, root: Cursor<'f>, depth: usize) {
        let Some(include) = root.get("include") else {
            return;
        };
        for item in include.one_or_many() {
            if let Some(why) = unread(item) {
                self.file.note(why);
                continue;
            }
            let local = item.get("local").unwrap_or(item);
            for path in local.one_or_many() {
                self.local(path, depth);
            }
        }
    }

    fn local(&mut self, path: Cursor<'f>, depth: usize) {
        let Some(text) = path.str() else { return };
        let files = gitlab_path(text).map_or(Vec::new(), |path| self.files(&path));
        if files.is_empty() {
            self.file
                .note("includes files that the project does not have: they are not read");
        }
        for other in files {
            if self.seen.len() > MOST_INCLUDES || depth > MOST_INCLUDES {
                self.file.note("includes more files than are read");
                return;
            }
            if self.seen.insert(other.path()) {
                let roots: Vec<_> = self.file.roots_of(other, path.span()).collect();
                let header =
                    roots.len() > 1 && roots.first().is_some_and(|r| r.get("spec").is_some());
                if let Some(root) = roots.get(usize::from(header)) {
                    // What it includes itself counts less.
                    self.below(*root, depth + 1);
                    self.found.push(*root);
                }
            }
        }
    }

    fn files(&self, path: &str) -> Vec<&'f Neighbour> {
        let Some(all) = self.file.neighbours() else {
            return Vec::new();
        };
        if !path.contains('*') {
            return all.get(path).into_iter().collect();
        }
        let glob = GlobBuilder::new(path).literal_separator(true).build();
        let Ok(glob) = glob.map(|glob| glob.compile_matcher()) else {
            return Vec::new();
        };
        let found = all.iter().filter(|file| glob.is_match(&**file.path()));
        found.take(MOST_INCLUDES).collect()
    }
}

/// Why an include isn't read, if it is of a kind that never is.
fn unread(item: Cursor<'_>) -> Option<&'static str> {
    let is = |key| item.get(key).is_some();
    let text = item.str().or_else(|| item.get("local")?.str());
    Some(if is("project") {
        "includes files of other projects: they are not read"
    } else if is("remote") || text.is_some_and(|text| text.contains("://")) {
        "includes files from addresses: they are not read"
    } else if is("template") {
        "includes templates of GitLab's: they are not read"
    } else if is("component") {
        "includes components: they are not read"
    } else if is("artifact") {
        "starts a pipeline that an earlier job writes: it is not read"
    } else if text.is_some_and(|text| text.contains('$')) {
        "includes files whose names it computes: they are not read"
    } else {
        return None;
    })
}

/// The pipeline that a job starts: a file of the project as `./path`, or the name of
/// another project.
pub(super) fn callee(file: &File<'_>, trigger: Cursor<'_>) -> Option<Text> {
    let Some(include) = trigger.get("include") else {
        return trigger.text().or_else(|| trigger.get("project")?.text());
    };
    for item in include.one_or_many() {
        if let Some(why) = unread(item) {
            file.note(why);
            continue;
        }
        let local = item.get("local").unwrap_or(item);
        let text = local.one_or_many().next().and_then(|path| path.text());
        if let Some(text) = text
            && let Some(path) = gitlab_path(&text.text)
        {
            return Some(Text {
                text: format!("./{path}"),
                ..text
            });
        }
    }
    None
}

/// What the project's main file gives to the inputs of a file that it includes once.
pub(super) fn given<'f>(file: &'f File<'f>) -> Option<Cursor<'f>> {
    let main = file.neighbours()?.get(".gitlab-ci.yml")?;
    let includes = file
        .roots_of(main, Span::default())
        .filter_map(|root| root.get("include"));
    let mut items = includes.flat_map(|include| {
        let items: Vec<Cursor<'f>> = include.one_or_many().take(MOST_INCLUDES).collect();
        items
    });
    let is_this = |item: &Cursor<'f>| {
        let path = item.get("local").and_then(|path| path.str());
        path.and_then(gitlab_path).as_deref() == Some(file.path())
    };
    let first = items.find(is_this)?;
    // Where it is included twice, each has values of its own.
    let again = items.any(|item| is_this(&item));
    first.get("inputs").filter(|_| !again)
}

/// The stages of the project's main file, which are those of a file that it includes.
pub(super) fn stages_of_project<'f>(file: &'f File<'f>) -> Option<Cursor<'f>> {
    let main = file.neighbours()?.get(".gitlab-ci.yml")?;
    let roots = file.roots_of(main, Span::default());
    let mut stages = roots.filter_map(|root| root.get("stages"));
    stages.next()
}
