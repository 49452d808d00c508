//! The lock: which findings each entry was seen to cover when somebody last looked.
//!
//! Without it an entry covers whatever matches, up to its ceiling. With it, only what it
//! is bound to: then anything more is a line that a review sees. A finding stays bound
//! when its file moves within the entry's globs.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::sync::Arc;

use super::text::{RegisterError, Text};
use super::words::shown;
use super::{Judged, Verdict};
use crate::finding::{Finding, Fingerprint};

/// Where the lock stands in a project.
pub const PATH: &str = ".byway/exceptions.lock";

/// What begins a lock file.
const FIRST: &str = "# byway lock 1; `byway register bind` writes it";

/// The bindings of a lock file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// Sorted, as in the file.
    bindings: Vec<Binding>,
    /// The places that findings are bound at.
    places: BTreeSet<(Fingerprint, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Binding {
    entry: String,
    fingerprint: Fingerprint,
    rule: String,
    path: String,
}

/// The lock file that binds what is declared: one line each, sorted.
pub fn of(judged: &[Judged]) -> String {
    let declared = judged.iter().filter(|j| j.verdict == Verdict::Declared);
    let mut bindings: Vec<_> = declared
        .filter_map(|judged| {
            let finding = &judged.finding;
            Some(Binding {
                entry: judged.entry.as_ref()?.id.value.clone(),
                fingerprint: finding.fingerprint,
                rule: finding.rule.to_string(),
                path: finding.place.path.to_string(),
            })
        })
        .collect();
    bindings.sort();
    let mut text = format!("{FIRST}\n");
    for binding in bindings {
        let Binding {
            entry,
            fingerprint,
            rule,
            path,
        } = binding;
        // A line break in a path would end the line.
        let path: String = path.chars().map(escaped).collect();
        let _ = writeln!(text, "{entry} {fingerprint} {rule} {path}");
    }
    text
}

/// A character of a path as the lock has it.
fn escaped(c: char) -> String {
    match c {
        '%' => "%25".to_owned(),
        c if c.is_control() => format!("%{:02X}", u32::from(c)),
        c => c.to_string(),
    }
}

fn unescaped(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut path = parts.next()?.to_owned();
    for part in parts {
        let code = u32::from_str_radix(part.get(..2)?, 16).ok()?;
        path.push(char::from_u32(code)?);
        path.push_str(part.get(2..)?);
    }
    Some(path)
}

/// Reads a lock file.
///
/// # Errors
///
/// Says which line is none. A lock that was edited by hand must not bind by accident.
pub fn read(path: Arc<str>, text: &str) -> Result<Lock, RegisterError> {
    let file = Text::new(path, text);
    let mend = "run `byway register bind` to write the lock anew";
    let mut bindings: Vec<Binding> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let (start, content) = (at, line.trim_end_matches(['\n', '\r']));
        at += line.len();
        if start == 0 && content == FIRST {
            continue;
        }
        let refuse = |what: String| file.error(start..start + content.len(), what, mend);
        if start == 0 {
            return Err(refuse(
                "this is not a lock of a kind that is known".to_owned(),
            ));
        }
        let binding = binding(content).ok_or_else(|| {
            let head: String = content.chars().take(20).collect();
            refuse(format!("this line binds nothing ('{}…')", shown(&head)))
        })?;
        if bindings.last().is_some_and(|last| *last > binding) {
            return Err(refuse("the lines are not sorted".to_owned()));
        }
        bindings.push(binding);
    }
    if at == 0 {
        return Err(file.error(0..0, "the lock is empty", mend));
    }
    let place = |binding: &Binding| (binding.fingerprint, binding.path.clone());
    let places = bindings.iter().map(place).collect();
    Ok(Lock { bindings, places })
}

fn binding(line: &str) -> Option<Binding> {
    let mut words = line.splitn(4, ' ');
    let mut word = || words.next().filter(|word| !word.is_empty());
    Some(Binding {
        entry: word()?.to_owned(),
        fingerprint: word()?.parse().ok()?,
        rule: word()?.to_owned(),
        path: unescaped(word()?)?,
    })
}

impl Lock {
    /// Whether the lock names a finding where it stands.
    pub(super) fn names(&self, finding: &Finding) -> bool {
        let place = (finding.fingerprint, finding.place.path.to_string());
        self.places.contains(&place)
    }
}

/// What of a lock is still to be taken, while findings are heard: those first that
/// stand where the lock says, then those that moved.
pub(super) struct Room<'a>(HashMap<(&'a str, Fingerprint), Vec<&'a str>>);

impl<'a> Room<'a> {
    pub(super) fn of(lock: &'a Lock) -> Self {
        let mut room: HashMap<_, Vec<_>> = HashMap::new();
        for binding in &lock.bindings {
            let key = (binding.entry.as_str(), binding.fingerprint);
            room.entry(key).or_default().push(binding.path.as_str());
        }
        Self(room)
    }

    /// Takes the binding of a finding to an entry, if there is one left.
    pub(super) fn take(&mut self, entry: &'a str, finding: &Finding) -> bool {
        let Some(paths) = self.0.get_mut(&(entry, finding.fingerprint)) else {
            return false;
        };
        let here = paths.iter().position(|path| *path == &*finding.place.path);
        let Some(n) = here.or_else(|| paths.len().checked_sub(1)) else {
            return false;
        };
        paths.remove(n);
        true
    }
}
