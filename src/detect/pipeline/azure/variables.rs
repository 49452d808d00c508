//! Variables of Azure's pipelines, stages and jobs: a mapping, or a list of variables,
//! groups and templates.
//!
//! Facts: Microsoft Learn, "variables definition".

use std::cell::Cell;

use super::super::cursor::{Cursor, Entry, File};
use super::super::references::azure_template;
use super::super::{Setting, Text};
use super::branches::{get, items, members};
use crate::document::neighbours::folder;

/// How deep templates of variables are followed.
const DEEPEST: usize = 5;

/// The variables below a place, and the groups that it takes them from. `left` is how
/// many more are read, since many jobs may take those of one long template.
pub(super) fn read<'f>(
    file: &'f File<'f>,
    body: Cursor<'f>,
    left: &Cell<usize>,
) -> (Vec<Setting>, Vec<Text>) {
    let mut out = Found {
        env: Vec::new(),
        groups: Vec::new(),
        left,
    };
    if let Some(variables) = get(body, "variables") {
        out.below(file, variables, folder(file.path()), 0);
    }
    (out.env, out.groups)
}

struct Found<'l> {
    env: Vec<Setting>,
    groups: Vec<Text>,
    left: &'l Cell<usize>,
}

impl Found<'_> {
    fn below<'f>(&mut self, file: &'f File<'f>, variables: Cursor<'f>, from: &str, depth: usize) {
        let size = variables.node().members().len() + variables.node().items().len();
        let Some(left) = self.left.get().checked_sub(size) else {
            file.note("has more variables than are read");
            return;
        };
        self.left.set(left);
        for entry in members(variables) {
            self.env.push(entry.setting());
        }
        for part in items(variables) {
            let item = part.value;
            if let Some(group) = get(item, "group").and_then(|group| group.text()) {
                self.groups.push(Text {
                    text: format!("group:{}", group.text),
                    ..group
                });
            } else if let Some(name) = get(item, "name").and_then(|name| name.text()) {
                let value = get(item, "value").and_then(|value| value.text());
                self.env.push(Setting {
                    at: name.span,
                    name: name.text,
                    value: value.unwrap_or_default(),
                });
            } else if let Some(path) = get(item, "template") {
                self.template(file, path, from, depth);
            }
        }
    }

    fn template<'f>(&mut self, file: &'f File<'f>, path: Cursor<'f>, from: &str, depth: usize) {
        let found = path.str().and_then(|text| azure_template(from, text));
        let other = found.and_then(|found| file.neighbours()?.get(&found));
        let Some(other) = other.filter(|_| depth < DEEPEST) else {
            file.note("takes variables from templates that are not read");
            return;
        };
        for root in file.roots_of(other, path.span()) {
            if let Some(variables) = get(root, "variables") {
                self.below(file, variables, folder(other.path()), depth + 1);
            }
        }
    }
}

/// The variables of `strategy: matrix`, those of each leg.
pub(super) fn matrix(body: Cursor<'_>) -> Vec<Setting> {
    let matrix = get(body, "strategy").and_then(|strategy| get(strategy, "matrix"));
    let legs = matrix.map_or(Vec::new(), members);
    let each = legs.into_iter().flat_map(|leg| members(leg.value));
    each.map(|entry: Entry<'_>| entry.setting()).collect()
}
