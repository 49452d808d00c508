//! Reading registers: from text to entries, and what is wrong with single ones.
//!
//! Two levels of wrong. A file whose frame can't be trusted stops the run. An entry
//! that isn't right is kept out of force and recorded as a fault, so that one
//! mistake neither hides the other entries nor passes unseen.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::edit::TO_DO;
use super::entry::{Broken, FalsePositive, Fault, Register, Spot};
use super::keys;
use super::row::Row;
use super::shape::{Checker, Complaint, INCOMPLETE, MALFORMED, TOO_BROAD, kind_of};
use super::text::Text;
use super::value::{Node, Table, Value};
use super::words::{nearest, shown};
use crate::finding::Related;

pub use super::text::{RegisterError, Source};

const DUPLICATE: &str = "register/duplicate-id";

/// Keys at the top of a file.
const TOP: &[&str] = &["version", "register", "exception", "false-positive"];

/// Reads the registers that apply to a scan and merges them, in the order given.
pub fn read(sources: &[Source<'_>]) -> Result<Register, RegisterError> {
    let mut reader = Reader::default();
    for source in sources {
        reader.file(source)?;
    }
    Ok(reader.register)
}

#[derive(Default)]
struct Reader {
    register: Register,
    /// Ids so far and where they stand.
    ids: BTreeMap<String, Spot>,
    exceptions: usize,
    false_positives: usize,
}

impl Reader {
    fn file(&mut self, source: &Source<'_>) -> Result<(), RegisterError> {
        let text = Arc::new(Text::new(Arc::clone(&source.path), source.text));
        let root = text.parse()?;
        frame(&text, &root)?;
        let first = root.at("version").unwrap_or(0..0);
        self.register.files.push(text.spot(first));
        for (table, header) in tables(&text, &root, "exception")? {
            self.exceptions += 1;
            self.exception(&text, table, header);
        }
        for (table, header) in tables(&text, &root, "false-positive")? {
            self.false_positives += 1;
            self.false_positive(&text, table, header);
        }
        Ok(())
    }

    fn exception(&mut self, text: &Arc<Text>, table: &Table<'_>, header: Range<usize>) {
        let row = Row::new(text, table, header);
        let mut checker = Checker::new();
        checker.table(table, &row.header, "", keys::EXCEPTION);
        relate(&row, &mut checker);
        let id = row.id().unwrap_or_else(|| format!("#{}", self.exceptions));
        let mut inert = self.blame("exception", &id, text, checker.complaints);
        if let Some(spot) = row.id().and_then(|_| row.spot("id")) {
            if let Some(first) = self.ids.get(&id).cloned() {
                self.register.faults.push(duplicate(&id, spot, &first));
                inert = inert.or(Some(DUPLICATE));
            } else {
                self.ids.insert(id.clone(), spot);
            }
        }
        match row.entry(inert) {
            Some(entry) => self.register.entries.push(Arc::new(entry)),
            None => self.register.broken.push(Broken {
                id,
                covers: row.covers(),
                inert: inert.unwrap_or(MALFORMED),
            }),
        }
    }

    fn false_positive(&mut self, text: &Arc<Text>, table: &Table<'_>, header: Range<usize>) {
        let row = Row::new(text, table, header);
        let mut checker = Checker::new();
        checker.table(table, &row.header, "", keys::FALSE_POSITIVE);
        if !table.has("fingerprint") && !table.has("fingerprints") {
            let what = "`fingerprint` is missing";
            let mend = "add the 32 hexadecimal digits that a report shows";
            checker.say(INCOMPLETE, "fingerprint", row.header.clone(), what, mend);
        }
        let fingerprints = row.fingerprints();
        let id = row.id().unwrap_or_else(|| match fingerprints.first() {
            Some(first) => first.value.to_string(),
            None => format!("#{}", self.false_positives),
        });
        if self
            .blame("false-positive", &id, text, checker.complaints)
            .is_some()
        {
            return;
        }
        let (Some(reason), Some(by)) = (row.text("reason"), row.text("by")) else {
            return;
        };
        let globs = row.globs("paths");
        for fingerprint in fingerprints {
            self.register.false_positives.push(FalsePositive {
                id: id.clone(),
                fingerprint,
                rules: row.texts("rules"),
                confined: table.has("paths"),
                globs: globs.clone(),
                reason: reason.clone(),
                by: by.clone(),
                on: row.date("on"),
                recheck: row.dated("recheck"),
            });
        }
    }

    /// Records what is wrong with an entry. Returns the rule that keeps it out of
    /// force.
    fn blame(
        &mut self,
        table: &'static str,
        id: &str,
        text: &Arc<Text>,
        mut complaints: Vec<Complaint>,
    ) -> Option<&'static str> {
        complaints.sort_by(|a, b| (a.at.start, &a.key).cmp(&(b.at.start, &b.key)));
        let inert = complaints.first().map(|c| c.rule);
        for complaint in complaints {
            let unnamed = id.starts_with('#');
            let label = if unnamed {
                format!("{table} ")
            } else {
                String::new()
            };
            let Complaint {
                rule,
                key,
                at,
                what,
                mend,
            } = complaint;
            let mend = capital(&mend);
            self.register.faults.push(Fault {
                rule,
                table,
                entry: id.to_owned(),
                key,
                spot: text.spot(at),
                message: format!("In {label}{id}, {what}. {mend}."),
                related: Vec::new(),
            });
        }
        inert
    }
}

/// Checks what surrounds the entries.
fn frame(text: &Arc<Text>, root: &Table<'_>) -> Result<(), RegisterError> {
    let first = "begin the file with `version = 1`";
    match root.pair("version") {
        None => {
            let what = "the file does not say which version of the format it has";
            return Err(text.error(0..0, what, first));
        }
        Some((_, node)) if !matches!(node.value, Value::Whole(Some(1))) => {
            let what = "this version of the format is not known";
            return Err(text.error(node.span.clone(), what, first));
        }
        Some(_) => {}
    }
    for (key, _) in &root.pairs {
        let name = key.text.as_ref();
        if !TOP.contains(&name) && !name.starts_with("x_") && !name.starts_with("x-") {
            let what = format!(
                "the key `{}` is unknown at the top of a register",
                shown(name)
            );
            return Err(text.error(key.span.clone(), what, nearest(name, TOP.iter().copied())));
        }
    }
    if let Some((key, value)) = root.pair("register") {
        let Value::Table(head) = &value.value else {
            return Err(text.error(
                key.span.clone(),
                "`register` is not a table",
                "write `register = { name = \"…\" }`",
            ));
        };
        let mut checker = Checker::new();
        checker.table(head, &value.span, "register", keys::HEAD);
        if let Some(complaint) = checker.complaints.into_iter().next() {
            return Err(text.error(complaint.at, complaint.what, complaint.mend));
        }
    }
    Ok(())
}

/// The tables of an array of tables, each with the bytes of its header.
fn tables<'t, 'i>(
    text: &Arc<Text>,
    root: &'t Table<'i>,
    name: &str,
) -> Result<Vec<(&'t Table<'i>, Range<usize>)>, RegisterError> {
    let Some((key, list)) = root.pair(name) else {
        return Ok(Vec::new());
    };
    let mend = if text.is_yaml() {
        format!("write a list of tables under `{name}:`")
    } else {
        format!("write `[[{name}]]` above each entry")
    };
    let refuse = |at: Range<usize>, value: &Value<'_>| {
        let what = format!("`{name}` is {} and not an array of tables", kind_of(value));
        text.error(at, what, mend.clone())
    };
    let Value::List(items) = &list.value else {
        return Err(refuse(key.span.clone(), &list.value));
    };
    items
        .iter()
        .map(|item: &'t Node<'i>| match &item.value {
            Value::Table(table) => Ok((table, item.span.clone())),
            other => Err(refuse(item.span.clone(), other)),
        })
        .collect()
}

/// Checks what relates two keys of an exception.
fn relate(row: &Row<'_>, checker: &mut Checker) {
    if !row.has("approved-by") && row.text("status").as_deref() != Some("proposed") {
        let what = "`approved-by` is missing";
        let mend =
            "add `approved-by`: a list of those who granted it, or say `status = \"proposed\"`";
        checker.say(INCOMPLETE, "approved-by", row.header.clone(), what, mend);
    }
    in_order(row, checker, "granted", "expires");
    in_order(row, checker, "granted", "starts");
    in_order(row, checker, "starts", "expires");
    relate_renewals(row, checker);
    written(row, checker);
    for (n, control) in row.rows("control").iter().enumerate() {
        relate_evidence(control, checker, &format!("control[{n}]."));
    }
    if let Some(exit) = row.below("exit") {
        relate_evidence(&exit, checker, "exit.");
    }
    for (n, cover) in row.rows("covers").iter().enumerate() {
        if cover.has("rules") && !keys::SELECTORS.iter().any(|s| cover.has(s)) {
            let key = format!("covers[{n}]");
            let what = format!("`{key}` covers its rules everywhere");
            let mend = "add `paths`, `anchors`, `subjects` or `fingerprints`";
            checker.say(TOO_BROAD, &key, cover.header.clone(), what, mend);
        }
    }
}

/// What `byway declare` leaves to a person has to be written before the entry counts.
fn written(row: &Row<'_>, checker: &mut Checker) {
    // Proposals are written bit by bit, and records are not touched any more.
    if row.text("status").is_some_and(|status| status != "active") {
        return;
    }
    let mut blame = |row: &Row<'_>, name: &str, key: &str| {
        let open = row
            .text(name)
            .is_some_and(|text| text.trim_start().starts_with(TO_DO));
        if let Some(at) = row.at(name).filter(|_| open) {
            let what = format!("`{key}` is still to be written");
            let mend = format!("write it in place of what begins with \"{TO_DO}\"");
            checker.say(INCOMPLETE, key, at, what, mend);
        }
    };
    for name in ["title", "owner", "reason"] {
        blame(row, name, name);
    }
    for (n, control) in row.rows("control").iter().enumerate() {
        blame(control, "what", &format!("control[{n}].what"));
    }
}

fn in_order(row: &Row<'_>, checker: &mut Checker, first: &str, then: &str) {
    let dates = row.date(first).zip(row.date(then)).filter(|(a, b)| b < a);
    if let (Some((a, _)), Some(at)) = (dates, row.at(then)) {
        let what = format!("`{then}` is before `{first}`");
        checker.say(
            MALFORMED,
            then,
            at,
            what,
            format!("write a date from {a} on"),
        );
    }
}

/// A renewal moves `expires`, so the two must agree; else either could be edited
/// alone to get around a limit on lifetimes.
fn relate_renewals(row: &Row<'_>, checker: &mut Checker) {
    let renewals = row.rows("renewal");
    for (n, renewal) in renewals.iter().enumerate() {
        let key = format!("renewal[{n}].to");
        let (Some(to), Some(at)) = (renewal.date("to"), renewal.at("to")) else {
            continue;
        };
        let from = renewal.date("from").or_else(|| renewal.date("on"));
        if from.is_some_and(|from| to < from) {
            let mend = "write the last day of the new term";
            checker.say(
                MALFORMED,
                &key,
                at,
                format!("`{key}` is before the renewal begins"),
                mend,
            );
        } else if let Some(expires) = row
            .date("expires")
            .filter(|e| n + 1 == renewals.len() && *e != to)
        {
            let what = format!("`{key}` is {to}, but `expires` is {expires}");
            checker.say(
                MALFORMED,
                &key,
                at,
                what,
                "make the last renewal end when the entry expires",
            );
        }
    }
}

/// Evidence says where to look.
fn relate_evidence(row: &Row<'_>, checker: &mut Checker, path: &str) {
    for (n, evidence) in row.rows("evidence").iter().enumerate() {
        if !evidence.has("path") && (evidence.has("contains") || !evidence.has("url")) {
            let key = format!("{path}evidence[{n}]");
            let what = format!("`{key}` does not say where to look");
            let mend = "add `path`: a file of the repository, or `url`: a page elsewhere";
            checker.say(INCOMPLETE, &key, evidence.header.clone(), what, mend);
        }
    }
}

fn duplicate(id: &str, spot: Spot, first: &Spot) -> Fault {
    let (path, line) = (first.path(), first.line());
    let message = format!(
        "The id {id} is taken already, in {path} line {line}; this later entry covers nothing. Give it an id of its own."
    );
    Fault {
        rule: DUPLICATE,
        table: "exception",
        entry: id.to_owned(),
        key: "id".to_owned(),
        spot,
        message,
        related: vec![Related {
            place: first.place(),
            message: "The first entry with this id.".to_owned(),
        }],
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
