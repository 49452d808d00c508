//! The register for a reader: as a list, one entry in full, and what is due.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::table::{cell, text};
use crate::names::names;
use crate::register::{Entry, Judged, State};

/// An entry and its state.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// Its state.
    pub state: State,
    /// How many findings it names, after a scan.
    pub bound: Option<usize>,
}

/// Every entry on a line.
pub fn list(listed: &[Listed<'_>], width: Option<u16>) -> String {
    let scanned = listed.iter().any(|one| one.bound.is_some());
    let mut header = vec!["id", "state", "category", "owner", "expires", "review by"];
    if scanned {
        header.push("findings");
    }
    header.push("title");
    let rows: Vec<_> = listed
        .iter()
        .map(
            |Listed {
                 entry,
                 state,
                 bound,
             }| {
                let mut row = vec![
                    entry.id.value.clone(),
                    state.name().to_owned(),
                    entry.category.name().to_owned(),
                    cell(&entry.owner.value),
                    entry.expires.value.to_string(),
                    entry.review.due().to_string(),
                ];
                if scanned {
                    row.push(bound.map_or("-".to_owned(), |count| count.to_string()));
                }
                row.push(cell(&entry.title));
                row
            },
        )
        .collect();
    text(&header, &rows, width)
}

/// All that is known of an entry: how it stands, its lines in the file, its faults.
pub fn show(listed: Listed<'_>, lines: &str, faults: &[&Judged], today: Date) -> String {
    let Listed { entry, state, .. } = listed;
    let place = entry.spot.place();
    let mut out = format!(
        "{} is {state} on {today}; {}:{}\n\n",
        cell(&entry.id.value),
        cell(&place.path),
        place.region.line
    );
    for line in lines.trim_end().lines() {
        // Writing to a string cannot fail.
        _ = writeln!(out, "  {}", cell(line));
    }
    out.push('\n');
    _ = writeln!(
        out,
        "Ends {}; to be reviewed by {}; {} days old.",
        entry.expires.value,
        entry.review.due(),
        entry
            .granted
            .value
            .until(today)
            .map_or(0, |span| span.get_days())
    );
    for fault in faults {
        let finding = &fault.finding;
        _ = writeln!(
            out,
            "{}  {}:{}  {}",
            finding.rule,
            cell(&finding.place.path),
            finding.place.region.line,
            cell(&finding.message)
        );
    }
    out
}

names! {
    /// What happens to an entry on a day.
    pub enum What {
        /// Its last day.
        Expires = "expires",
        /// The last day for its next review.
        Review = "review",
    }
}

/// Something that is due.
#[derive(Debug, Clone, Copy)]
pub struct Due<'a> {
    /// The day.
    pub day: Date,
    /// What happens.
    pub what: What,
    /// To which entry.
    pub listed: Listed<'a>,
}

/// What is due, in the order of the days, up to and with `until`. Overdue things are due.
/// Entries that are closed, revoked or only proposed have nothing to come.
pub fn due<'a>(listed: &[Listed<'a>], until: Date) -> Vec<Due<'a>> {
    let running = listed
        .iter()
        .filter(|one| !one.entry.is_record() && one.state != State::Proposed);
    let mut all: Vec<_> = running
        .flat_map(|one| {
            let (ends, review) = (one.entry.expires.value, one.entry.review.due());
            let due = |day, what| Due {
                day,
                what,
                listed: *one,
            };
            // A review after the end will not take place.
            let review = (review <= ends).then(|| due(review, What::Review));
            std::iter::once(due(ends, What::Expires)).chain(review)
        })
        .filter(|due| due.day <= until)
        .collect();
    all.sort_by(|a, b| {
        let key = |due: &Due<'a>| (due.day, due.listed.entry.id.value.clone(), due.what);
        key(a).cmp(&key(b))
    });
    all
}

/// What is due, as a table.
pub fn due_table(due: &[Due<'_>], today: Date, width: Option<u16>) -> String {
    let rows: Vec<_> = due
        .iter()
        .map(|due| {
            let days = today.until(due.day).map_or(0, |span| span.get_days());
            let when = match days {
                0 => "today".to_owned(),
                1.. => format!("in {days} d"),
                _ => format!("{} d ago", -days),
            };
            let entry = due.listed.entry;
            vec![
                due.day.to_string(),
                when,
                due.what.name().to_owned(),
                cell(&entry.id.value),
                cell(&entry.owner.value),
                cell(&entry.title),
            ]
        })
        .collect();
    text(
        &["day", "when", "what", "id", "owner", "title"],
        &rows,
        width,
    )
}
