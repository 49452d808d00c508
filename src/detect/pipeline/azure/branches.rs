//! Template expressions that stand as keys: `${{ if … }}`, `${{ else }}`, `${{ each … }}`.
//! What stands below one is read as if it stood there; a list's items keep the condition.
//!
//! Facts: Microsoft Learn, "Template expressions".

use super::super::cursor::{Cursor, Entry};
use super::super::{Text, When};
use crate::detect::condition;

/// How many earlier branches an `elseif` or `else` is said to exclude.
const MOST_BEFORE: usize = 10;

/// How much text of conditions the items of one list may have.
const MOST_TEXT: usize = 1 << 16;

/// An item of a list, and under which conditions a template has it.
#[derive(Clone)]
pub(super) struct Part<'f> {
    pub(super) value: Cursor<'f>,
    pub(super) conditions: Vec<When>,
}

fn is_expression(key: &str) -> bool {
    key.trim_start().starts_with("${{")
}

/// The inside of a key that is an expression.
fn inside(key: &str) -> Option<&str> {
    let inside = key.trim().strip_prefix("${{")?;
    Some(inside.strip_suffix("}}")?.trim())
}

/// The value of a key, also of one below an expression.
pub(super) fn get<'f>(mapping: Cursor<'f>, key: &str) -> Option<Cursor<'f>> {
    member(mapping, key).map(|entry| entry.value)
}

/// The member of a key, also of one below an expression.
pub(super) fn member<'f>(mapping: Cursor<'f>, key: &str) -> Option<Entry<'f>> {
    mapping.member(key).or_else(|| {
        let nested = mapping.members().filter(|entry| is_expression(entry.key));
        nested
            .into_iter()
            .find_map(|entry| member(entry.value, key))
    })
}

/// The members of a mapping, those below an expression too.
pub(super) fn members(mapping: Cursor<'_>) -> Vec<Entry<'_>> {
    let mut out = Vec::new();
    collect(mapping, &mut out);
    out
}

fn collect<'f>(mapping: Cursor<'f>, out: &mut Vec<Entry<'f>>) {
    for entry in mapping.members() {
        if is_expression(entry.key) {
            collect(entry.value, out);
        } else {
            out.push(entry);
        }
    }
}

/// The items of a list, those below an expression too.
pub(super) fn items(list: Cursor<'_>) -> Vec<Part<'_>> {
    let mut out = Vec::new();
    let mut left = MOST_TEXT;
    gather(list, &[], &mut left, &mut out);
    out
}

fn gather<'f>(list: Cursor<'f>, above: &[When], left: &mut usize, out: &mut Vec<Part<'f>>) {
    let length: usize = above.iter().map(|when| when.text.text.len()).sum();
    // The conditions of the branches before, which an `else` excludes.
    let mut before: Vec<String> = Vec::new();
    for item in list.items() {
        let first = item.members().next();
        let Some(entry) = first.filter(|entry| is_expression(entry.key)) else {
            before.clear();
            let conditions = if let Some(less) = left.checked_sub(length) {
                *left = less;
                above.to_vec()
            } else {
                let file = list.file();
                file.note("has longer conditions of templates than are read");
                Vec::new()
            };
            out.push(Part {
                value: item,
                conditions,
            });
            continue;
        };
        for entry in std::iter::once(entry).chain(item.members().skip(1)) {
            let room = left.checked_sub(length);
            let mut conditions = room.map_or(Vec::new(), |_| above.to_vec());
            *left = room.unwrap_or_default();
            conditions.extend(branch(&entry, &mut before));
            gather(entry.value, &conditions, left, out);
        }
    }
}

/// The condition of a branch, written as `${{ if … }}`.
fn branch(entry: &Entry<'_>, before: &mut Vec<String>) -> Option<When> {
    let inside = inside(entry.key)?;
    let word = inside
        .split(|c: char| c.is_whitespace() || c == '(')
        .next()?;
    let own = inside.get(word.len()..).unwrap_or_default().trim();
    let not = before.iter().map(|before| format!("not({before})"));
    let text = match word {
        "if" => {
            before.clear();
            own.to_owned()
        }
        "elseif" => {
            let all: Vec<String> = not.chain([own.to_owned()]).collect();
            all_of(&all)
        }
        "else" => {
            let all: Vec<String> = not.collect();
            all_of(&all)
        }
        _ => {
            before.clear();
            return None;
        }
    };
    if word != "else" && before.len() < MOST_BEFORE {
        before.push(own.to_owned());
    }
    (!text.is_empty()).then(|| When {
        condition: condition::azure::expression(&text),
        text: Text {
            text: format!("${{{{ if {text} }}}}"),
            span: entry.at,
            defined: None,
        },
    })
}

fn all_of(all: &[String]) -> String {
    match all {
        [one] => one.clone(),
        many => format!("and({})", many.join(", ")),
    }
}
