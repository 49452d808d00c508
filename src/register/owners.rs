//! Whether owners are known, and whether the register is guarded by somebody.

use std::collections::BTreeSet;

use super::Files;
use super::entry::{Fault, Register};
use super::faults::Faults;
use super::judge::Claim;
use super::people::plain;
use super::policy::Policy;
use crate::document::codeowners::{self, PLACES};
use crate::document::{Document, Node};

const UNKNOWN: &str = "register/owner-unknown";
const UNPROTECTED: &str = "register/unprotected";

const CATALOG: &str = "catalog-info.yaml";
const POLICY: &str = ".byway/policy.toml";

/// The files that say who owns what.
pub(super) fn wanted(register: &Register, policy: &Policy, wanted: &mut BTreeSet<String>) {
    if register.files.is_empty() {
        return;
    }
    wanted.extend(PLACES.iter().map(|path| (*path).to_owned()));
    wanted.insert(POLICY.to_owned());
    wanted.extend(register.files.iter().map(|file| file.path().to_string()));
    let directories = policy.owner_directory.iter().flatten();
    if directories.into_iter().any(|name| name == CATALOG) {
        wanted.insert(CATALOG.to_owned());
    }
}

pub(super) fn check(
    claims: &[Claim<'_>],
    register: &Register,
    policy: &Policy,
    files: &Files,
    faults: &mut Faults,
) {
    known(claims, policy, files, faults);
    guarded(register, files, faults);
}

/// The CODEOWNERS that counts, and its text.
fn codeowners(files: &Files) -> Option<(&'static str, &str)> {
    let text = |path: &&'static str| Some((*path, files.get(*path)?.as_deref()?));
    PLACES.iter().find_map(text)
}

/// Whether owners stand in the directories that the policy names.
fn known(claims: &[Claim<'_>], policy: &Policy, files: &Files, faults: &mut Faults) {
    let Some(directories) = &policy.owner_directory else {
        return;
    };
    if !PLACES.iter().any(|path| files.contains_key(*path)) {
        return;
    }
    let mut names: BTreeSet<String> = BTreeSet::new();
    for directory in directories {
        if directory == CATALOG {
            let text = files.get(CATALOG).and_then(Option::as_deref);
            catalog(text.unwrap_or_default(), &mut names);
        } else if let Some((_, text)) = codeowners(files) {
            names.extend(codeowners::owners(text).map(plain));
        }
    }
    for entry in claims.iter().filter_map(Claim::kept) {
        let backup = entry.owner_backup.iter();
        let backup = backup.map(|backup| ("owner-backup", backup));
        for (key, owner) in std::iter::once(("owner", &entry.owner)).chain(backup) {
            if names.contains(&plain(&owner.value)) {
                continue;
            }
            let message = format!(
                "{} is none of the owners in {}. Name a team or person of these, or have them added.",
                owner.value,
                directories.join(" and ")
            );
            faults.add(UNKNOWN, entry, key, &owner.spot, message);
        }
    }
}

/// Owners, groups and users of a catalogue's file.
fn catalog(text: &str, names: &mut BTreeSet<String>) {
    let document = Document::new(CATALOG, text.as_bytes());
    for node in document.tree().root.items() {
        let text = |keys: &[&str]| node.at(keys).and_then(Node::text);
        names.extend(text(&["spec", "owner"]).map(plain));
        if matches!(text(&["kind"]), Some("Group" | "User")) {
            names.extend(text(&["metadata", "name"]).map(plain));
        }
    }
}

/// Whether a change of the register has to be approved by somebody: of the register's
/// files, of the policy, and of what says so.
fn guarded(register: &Register, files: &Files, faults: &mut Faults) {
    let Some((own, text)) = codeowners(files) else {
        return;
    };
    let there = |path: &&str| files.get(*path).is_some_and(Option::is_some);
    let others = [Some(POLICY).filter(there), Some(own)];
    let open: Vec<_> = others
        .into_iter()
        .flatten()
        .filter(|path| !codeowners::guards(text, path))
        .collect();
    // A register that was given from elsewhere is guarded elsewhere.
    let own_files = register.files.iter().filter(|file| there(&&**file.path()));
    for (n, file) in own_files.enumerate() {
        let path: &str = file.path();
        let mut unguarded = Vec::new();
        if !codeowners::guards(text, path) {
            unguarded.push(path);
        }
        // What guards all of them is said once.
        if n == 0 {
            unguarded.extend(&open);
        }
        if unguarded.is_empty() {
            continue;
        }
        let message = format!(
            "Nobody has to approve a change of {}: {own} gives it no owner. Add a line for it after all that match it.",
            unguarded.join(", ")
        );
        faults.push(Fault {
            rule: UNPROTECTED,
            table: "register",
            entry: path.to_owned(),
            key: "version".to_owned(),
            spot: file.clone(),
            message,
            related: Vec::new(),
        });
    }
}
