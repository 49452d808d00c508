//! From what another tool passes over to entries that can be proposed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::Foreign;
use crate::register::edit::DraftCover;

/// An entry that can be proposed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposal {
    /// What it is made from: each with its id and line.
    pub from: Vec<(String, usize)>,
    /// Why, where the tool's file says so.
    pub reason: Option<String>,
    /// Who answers for it, where the tool's file says so.
    pub owner: Option<String>,
    /// Who granted it there.
    pub approved_by: Vec<String>,
    /// Where it is worked on.
    pub tickets: Vec<String>,
    /// Since when it is passed over there.
    pub granted: Option<Date>,
    /// Last day there.
    pub expires: Option<Date>,
    /// What it covers.
    pub covers: Vec<DraftCover>,
}

/// Something that no entry can be made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// What the tool calls it.
    pub id: String,
    /// Its line.
    pub line: usize,
    /// Why not. The end of a sentence.
    pub why: String,
}

type Key = (
    Option<String>,
    Option<String>,
    Vec<String>,
    Vec<String>,
    Option<Date>,
    Option<Date>,
);

/// Makes an entry of all that have reason, people and dates in common, and says what is
/// left out.
pub fn propose(foreign: &[Foreign], today: Date) -> (Vec<Proposal>, Vec<Left>) {
    let mut left = Vec::new();
    let mut groups: BTreeMap<Key, Vec<&Foreign>> = BTreeMap::new();
    for one in foreign {
        let why = match one.expires {
            _ if one.rules.is_empty() => "no rule of byway's looks for it".to_owned(),
            _ if one.paths.is_empty() => "it names no file".to_owned(),
            Some(day) if day < today => format!("it ended on {day}"),
            _ => {
                let key = (
                    one.owner.clone(),
                    one.reason.clone(),
                    one.approved_by.clone(),
                    one.tickets.clone(),
                    one.granted,
                    one.expires,
                );
                groups.entry(key).or_default().push(one);
                continue;
            }
        };
        left.push(Left {
            id: one.ids.join(", "),
            line: one.line,
            why,
        });
    }
    let mut proposals: Vec<_> = groups
        .into_iter()
        .map(|(key, all)| proposal(key, &all))
        .collect();
    proposals.sort_by_key(|proposal| proposal.from.first().map(|(_, line)| *line));
    (proposals, left)
}

fn proposal(key: Key, all: &[&Foreign]) -> Proposal {
    let (owner, reason, approved_by, tickets, granted, expires) = key;
    let mut by_rules: BTreeMap<&[&str], (BTreeSet<&str>, usize)> = BTreeMap::new();
    for one in all {
        let (paths, max) = by_rules.entry(&one.rules).or_default();
        paths.extend(one.paths.iter().map(String::as_str));
        *max += 1;
    }
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Proposal {
        from: all
            .iter()
            .map(|one| (one.ids.join(", "), one.line))
            .collect(),
        reason,
        owner,
        approved_by,
        tickets,
        granted: granted.filter(|day| expires.is_none_or(|end| *day <= end)),
        expires,
        covers: by_rules
            .into_iter()
            .map(|(rules, (paths, max))| DraftCover {
                rules: own(rules),
                paths: paths.into_iter().map(str::to_owned).collect(),
                max,
                ..DraftCover::default()
            })
            .collect(),
    }
}
