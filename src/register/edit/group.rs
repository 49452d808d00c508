//! Many findings as a few entries.

use std::collections::BTreeMap;

use super::cover::{Found, covers};
use super::draft::DraftCover;
use crate::finding::Class;
use crate::register::entry::Category;

/// Findings that one entry is to cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The kind of exception.
    pub category: Category,
    /// The class of all its rules.
    pub class: Class,
    /// Who answers for the files, where somebody does.
    pub owner: Option<String>,
    /// The first folder of all its paths; empty for files at the root.
    pub folder: String,
    /// How many findings.
    pub count: usize,
    /// What the entry is to cover.
    pub covers: Vec<DraftCover>,
}

/// The kind of exception that findings of a rule most likely are.
pub fn category_of(found: &Found) -> Category {
    let name = found.rule.rsplit('/').next().unwrap_or(&found.rule);
    let path = found.path.to_lowercase();
    let agents = [
        "agent-cli",
        "agent-permissions",
        "agent-shell",
        "codex-",
        "mcp-auto",
    ];
    if name.contains("break-glass") {
        Category::BreakGlass
    } else if agents.iter().any(|start| name.starts_with(start)) {
        Category::AgentExemption
    } else if found.class == Class::StaticKey {
        Category::LegacyCredential
    } else if path.contains("migration") || path.contains("migrate") {
        Category::MigrationWindow
    } else {
        Category::Other
    }
}

/// Groups findings: one group for each kind, class, owner and first folder.
///
/// `others` are the findings that no group may cover, since they are declared already or
/// named by an entry.
pub fn group(
    chosen: &[Found],
    others: &[Found],
    category: Option<Category>,
    owner: impl Fn(&str) -> Option<String>,
) -> Vec<Group> {
    let mut groups: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (n, found) in chosen.iter().enumerate() {
        let folder = match found.path.split_once('/') {
            Some((folder, _)) => folder,
            None => "",
        };
        let category = category.unwrap_or_else(|| category_of(found));
        let key = (folder, found.class, category, owner(&found.path));
        groups.entry(key).or_default().push(n);
    }
    groups
        .iter()
        .map(|((folder, class, category, owner), members)| {
            let mine: Vec<_> = members.iter().filter_map(|n| chosen.get(*n)).collect();
            let foreign = chosen.iter().enumerate();
            let foreign = foreign.filter(|(n, _)| members.binary_search(n).is_err());
            let rest: Vec<_> = foreign.map(|(_, found)| found).chain(others).collect();
            Group {
                category: *category,
                class: *class,
                owner: owner.clone(),
                folder: (*folder).to_owned(),
                count: mine.len(),
                covers: covers(&mine, &rest, false),
            }
        })
        .collect()
}
