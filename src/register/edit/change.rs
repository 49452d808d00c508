//! Changes of single entries.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use toml_edit::{Array, ArrayOfTables, Item, Table, TableLike, Value};

use super::draft::one_line;
use super::{Refusal, parse};
use crate::finding::Fingerprint;
use crate::register::reasons::in_common;
use crate::register::shape;

/// How much of a reason's words may stand in an earlier one, in hundredths.
const ALIKE: usize = 90;

/// A new term of an entry.
#[derive(Debug, Clone, Copy)]
pub struct Renewal<'a> {
    /// The entry.
    pub id: &'a str,
    /// Day of the decision, from which the new term runs.
    pub on: Date,
    /// Last day of the new term.
    pub until: Date,
    /// Who decided.
    pub by: &'a str,
    /// Why. It has to be another reason than those before.
    pub reason: &'a str,
}

/// Renews an entry: moves `expires` and appends a `[[exception.renewal]]`.
///
/// # Errors
///
/// Says why not: no such entry, a closed one, a term that doesn't grow, an old reason.
pub fn renew(path: &str, text: &str, renewal: &Renewal<'_>) -> Result<String, Refusal> {
    let mut document = parse(path, text)?;
    let entry = find(path, &mut document, renewal.id)?;
    renewable(path, entry, renewal)?;
    set(entry, "expires", date(renewal.until));
    let pairs = [
        ("on", date(renewal.on)),
        ("from", date(renewal.on)),
        ("to", date(renewal.until)),
        ("by", string(renewal.by)),
        ("reason", string(renewal.reason)),
    ];
    match entry.get_mut("renewal") {
        Some(Item::Value(Value::Array(list))) => {
            list.push(pairs.into_iter().collect::<toml_edit::InlineTable>());
        }
        Some(Item::ArrayOfTables(list)) => {
            let like = list.iter().last().cloned();
            list.push(aligned(pairs, like.as_ref()));
        }
        _ => {
            let like = entry.get("covers").and_then(Item::as_array_of_tables);
            let like = like.and_then(|covers| covers.iter().last()).cloned();
            let mut list = ArrayOfTables::new();
            list.push(aligned(pairs, like.as_ref()));
            entry.insert("renewal", Item::ArrayOfTables(list));
        }
    }
    Ok(written(&document, text))
}

fn renewable(path: &str, entry: &Table, renewal: &Renewal<'_>) -> Result<(), Refusal> {
    let Renewal {
        id,
        on,
        until,
        reason,
        ..
    } = *renewal;
    let refuse = |what: String, mend: &str| Err(Refusal::new(path, what, mend));
    let status = entry.get("status").and_then(Item::as_str);
    match status {
        Some("closed" | "revoked") => {
            let mend = "declare a new exception, and say in its reason what became of this one";
            return refuse(format!("{id} has ended and stays as a record"), mend);
        }
        Some("proposed") => {
            let mend = "edit its `expires`; there is nothing to renew before it is approved";
            return refuse(format!("{id} is only proposed"), mend);
        }
        _ => {}
    }
    let expires = entry.get("expires").and_then(Item::as_datetime);
    let expires = expires.and_then(|when| when.to_string().parse::<Date>().ok());
    if expires.is_some_and(|expires| until <= expires) || until < on {
        let mend = "give a later day with --until; to end it sooner, close it";
        return refuse(format!("{id} doesn't last any longer until {until}"), mend);
    }
    let mut before = vec![entry.get("reason").and_then(Item::as_str)];
    match entry.get("renewal") {
        Some(Item::ArrayOfTables(list)) => {
            before.extend(list.iter().map(|row| row.get("reason")?.as_str()));
        }
        Some(Item::Value(Value::Array(list))) => {
            let rows = list.iter().filter_map(Value::as_inline_table);
            before.extend(rows.map(|row| row.get("reason")?.as_str()));
        }
        _ => {}
    }
    if before.into_iter().flatten().any(|old| alike(old, reason)) {
        let mend = "say what has changed since: what was tried, what is still missing, by when";
        return refuse(format!("this reason was given for {id} before"), mend);
    }
    Ok(())
}

/// Whether two reasons say the same in the same words.
fn alike(a: &str, b: &str) -> bool {
    let (shared, all) = in_common(a, b);
    shared * 100 >= all * ALIKE
}

/// Records that an entry was reviewed.
///
/// # Errors
///
/// Says why not.
pub fn review(path: &str, text: &str, id: &str, on: Date, by: &str) -> Result<String, Refusal> {
    let mut document = parse(path, text)?;
    let entry = find(path, &mut document, id)?;
    let Some(review) = entry.get_mut("review").and_then(Item::as_table_like_mut) else {
        let what = format!("{id} doesn't say how often it is reviewed");
        let mend = "write `review = { every = \"P90D\", last = 2026-11-24 }` into it first";
        return Err(Refusal::new(path, what, mend));
    };
    set(review, "last", date(on));
    set(review, "by", string(by));
    Ok(written(&document, text))
}

/// Closes an entry, which stays as a record. A reason goes to `x-closed-reason`.
///
/// # Errors
///
/// Says why not.
pub fn close(
    path: &str,
    text: &str,
    id: &str,
    on: Date,
    reason: Option<&str>,
) -> Result<String, Refusal> {
    let mut document = parse(path, text)?;
    let entry = find(path, &mut document, id)?;
    if let Some(status @ ("closed" | "revoked")) = entry.get("status").and_then(Item::as_str) {
        let what = format!("{id} is {status} already");
        return Err(Refusal::new(path, what, "there is nothing to do"));
    }
    set(entry, "status", string("closed"));
    place_after(entry, "status", "category");
    set(entry, "x-closed", date(on));
    if let Some(reason) = reason {
        set(entry, "x-closed-reason", string(reason));
    }
    Ok(written(&document, text))
}

/// What is to be taken out of a register file.
#[derive(Debug, Clone, Default)]
pub struct Waste {
    /// Numbers of covers, by the id of their entry. An entry that loses all of them goes.
    pub covers: BTreeMap<String, BTreeSet<usize>>,
    /// Fingerprints of false positives. A false positive that loses all of them goes.
    pub false_positives: BTreeSet<Fingerprint>,
    /// Entries to be taken out whole.
    pub entries: BTreeSet<String>,
}

/// Takes things out of a register.
///
/// # Errors
///
/// Says why the file can't be edited.
pub fn prune(path: &str, text: &str, waste: &Waste) -> Result<String, Refusal> {
    let mut document = parse(path, text)?;
    for (id, numbers) in &waste.covers {
        let entry = find(path, &mut document, id)?;
        take_covers(entry, numbers);
    }
    let emptied = |entry: &Table| {
        let id = entry.get("id").and_then(Item::as_str).unwrap_or_default();
        waste.entries.contains(id)
            || (waste.covers.contains_key(id) && !entry.contains_key("covers"))
    };
    let list = document.get_mut("exception");
    if let Some(list) = list.and_then(Item::as_array_of_tables_mut) {
        let left = take_entries(list, emptied);
        let trailing = document.trailing().as_str().unwrap_or_default();
        let trailing = format!("{left}{trailing}");
        document.set_trailing(trailing);
    }
    if let Some(list) = document
        .get_mut("false-positive")
        .and_then(Item::as_array_of_tables_mut)
    {
        for row in list.iter_mut() {
            take_fingerprints(row, &waste.false_positives);
        }
        list.retain(|row| row.contains_key("fingerprint") || row.contains_key("fingerprints"));
    }
    Ok(written(&document, text))
}

/// Takes entries out. A comment right above one is about it and goes too; what stands
/// before that, apart by a blank line, is about more and stays above the next entry.
/// Returns what has no next entry.
fn take_entries(list: &mut ArrayOfTables, gone: impl Fn(&Table) -> bool) -> String {
    let prefix = |table: &Table| {
        let prefix = table.decor().prefix().and_then(|prefix| prefix.as_str());
        prefix.unwrap_or_default().replace("\r\n", "\n")
    };
    let mut left = String::new();
    for n in (0..list.len()).rev() {
        let Some(entry) = list.get(n).filter(|entry| gone(entry)) else {
            continue;
        };
        let above = prefix(entry);
        let above = above.rsplit_once("\n\n").map_or("", |(above, _)| above);
        if above.contains('#') {
            let above = format!("\n{}\n", above.trim_matches('\n'));
            match list.get_mut(n + 1) {
                Some(next) => {
                    let all = format!("{above}{}", prefix(next));
                    next.decor_mut().set_prefix(all);
                }
                None => left.insert_str(0, &above),
            }
        }
        list.remove(n);
    }
    left
}

fn take_covers(entry: &mut Table, numbers: &BTreeSet<usize>) {
    let emptied = match entry.get_mut("covers") {
        Some(Item::ArrayOfTables(list)) => {
            for n in numbers
                .iter()
                .rev()
                .filter(|n| **n < list.len())
                .copied()
                .collect::<Vec<_>>()
            {
                list.remove(n);
            }
            list.is_empty()
        }
        Some(Item::Value(Value::Array(list))) => {
            take(list, |n, _| numbers.contains(&n));
            list.is_empty()
        }
        _ => false,
    };
    if emptied {
        entry.remove("covers");
    }
}

fn take_fingerprints(row: &mut Table, gone: &BTreeSet<Fingerprint>) {
    let is_gone = |text: Option<&str>| {
        text.and_then(shape::fingerprint)
            .is_some_and(|f| gone.contains(&f))
    };
    if is_gone(row.get("fingerprint").and_then(Item::as_str)) {
        row.remove("fingerprint");
    }
    let list = row.get_mut("fingerprints").and_then(Item::as_array_mut);
    let emptied = list.is_some_and(|list| {
        let before = list.len();
        take(list, |_, value| is_gone(value.as_str()));
        before > 0 && list.is_empty()
    });
    if emptied {
        row.remove("fingerprints");
    }
}

fn take(list: &mut Array, gone: impl Fn(usize, &Value) -> bool) {
    let mut n = 0;
    list.retain(|value| {
        n += 1;
        !gone(n - 1, value)
    });
}

/// The document as text, with the line ends that it was read with.
fn written(document: &toml_edit::DocumentMut, before: &str) -> String {
    let text = document.to_string().replace("\r\n", "\n");
    if before.contains("\r\n") {
        return text.replace('\n', "\r\n");
    }
    text
}

/// The one entry with this id.
fn find<'d>(
    path: &str,
    document: &'d mut toml_edit::DocumentMut,
    id: &str,
) -> Result<&'d mut Table, Refusal> {
    let item = document.get_mut("exception");
    let list = match item {
        Some(Item::ArrayOfTables(list)) => Some(list),
        Some(_) => {
            let what = "`exception` is written as a list in brackets";
            let mend = "write `[[exception]]` above each entry first";
            return Err(Refusal::new(path, what, mend));
        }
        None => None,
    };
    let is = |entry: &&mut Table| entry.get("id").and_then(Item::as_str) == Some(id);
    let mut found: Vec<_> = list
        .into_iter()
        .flat_map(|l| l.iter_mut())
        .filter(is)
        .collect();
    match found.pop() {
        Some(entry) if found.is_empty() => Ok(entry),
        Some(_) => {
            let what = format!("{} entries have the id {id}", found.len() + 1);
            Err(Refusal::new(path, what, "give each an id of its own first"))
        }
        None => {
            let mend = "`byway register list` shows the ids";
            Err(Refusal::new(
                path,
                format!("no entry has the id {id}"),
                mend,
            ))
        }
    }
}

fn string(text: &str) -> Value {
    Value::from(one_line(text))
}

fn date(day: Date) -> Value {
    // Both follow RFC 3339.
    let parsed = day.to_string().parse::<toml_edit::Datetime>();
    parsed.map_or_else(|_| Value::from(day.to_string()), Value::from)
}

/// Sets a key. A value that is replaced leaves its comment and its place to the new one.
fn set(table: &mut dyn TableLike, key: &str, mut value: Value) {
    if let Some(Item::Value(old)) = table.get_mut(key) {
        *value.decor_mut() = old.decor().clone();
        *old = value;
        return;
    }
    let width = width(table);
    // In `{ a = 1 }` the blank before the brace belongs to the last value.
    let inline = !table.get_values().is_empty() && width.is_none();
    if inline {
        let last = table.iter().last().map(|(key, _)| key.to_owned());
        let last = last.and_then(|key| table.get_mut(&key).and_then(Item::as_value_mut));
        if let Some(last) = last {
            let suffix = last
                .decor()
                .suffix()
                .and_then(|s| s.as_str())
                .unwrap_or_default();
            *value.decor_mut() = toml_edit::Decor::new(" ", suffix.to_owned());
            last.decor_mut().set_suffix("");
        }
    }
    table.insert(key, Item::Value(value));
    if let (Some(width), Some(mut key_mut)) = (width, table.key_mut(key)) {
        let pad = " ".repeat(width.saturating_sub(key.len()).max(1));
        key_mut.leaf_decor_mut().set_suffix(pad);
    }
}

/// How far the `=` of a table's lines stand from their beginning, where they stand below
/// one another. `None` for a table on one line.
fn width(table: &dyn TableLike) -> Option<usize> {
    let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
    let mut lines = false;
    for (path, _) in table.get_values() {
        let [key] = path.as_slice() else { continue };
        let suffix = key.leaf_decor().suffix().and_then(|s| s.as_str());
        let Some(suffix) = suffix else { continue };
        *widths.entry(key.get().len() + suffix.len()).or_default() += 1;
        let prefix = key.leaf_decor().prefix().and_then(|s| s.as_str());
        lines |= prefix.is_none_or(|prefix| !prefix.starts_with(' ') || prefix.contains('\n'));
    }
    let (width, count) = widths.into_iter().max_by_key(|(_, count)| *count)?;
    lines.then_some(if count > 1 { width } else { 0 })
}

/// Moves a key of a table behind another one.
fn place_after(table: &mut Table, key: &str, other: &str) {
    let mut order: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).collect();
    order.retain(|name| name != key);
    let at = order
        .iter()
        .position(|name| name == other)
        .map_or(order.len(), |at| at + 1);
    order.insert(at, key.to_owned());
    let rank = |key: &str| order.iter().position(|name| name == key);
    table.sort_values_by(|a, _, b, _| rank(a.get()).cmp(&rank(b.get())));
}

/// A table of a list, laid out as `like` is.
fn aligned<const N: usize>(pairs: [(&str, Value); N], like: Option<&Table>) -> Table {
    let indent = like
        .and_then(|like| like.decor().prefix()?.as_str())
        .map(|prefix| prefix.rsplit('\n').next().unwrap_or_default().to_owned())
        .filter(|indent| indent.trim().is_empty())
        .unwrap_or_default();
    let longest = pairs.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
    let mut table = Table::new();
    for (key, value) in pairs {
        let pad = " ".repeat(longest - key.len() + 1);
        table.insert(key, Item::Value(value));
        if let Some(mut key) = table.key_mut(key) {
            key.leaf_decor_mut().set_prefix(indent.clone());
            key.leaf_decor_mut().set_suffix(pad);
        }
    }
    table.decor_mut().set_prefix(format!("\n{indent}"));
    table
}
