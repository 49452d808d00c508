//! What the history of a register says against its entries.

use std::fmt::Write as _;

use super::Past;
use super::figures::{Figures, Grant};
use crate::finding::Related;
use crate::register::entry::{Entry, Fault, Register, Status, Trust};
use crate::register::policy::Policy;

const PERMANENT: &str = "register/permanent";
const EDITED: &str = "register/history-edited";
const UNKNOWN: &str = "register/history-unknown";

/// The faults that the past of a register shows.
pub fn faults(register: &Register, past: &Past, policy: &Policy) -> Vec<Fault> {
    let mut faults = Vec::new();
    let in_force = register
        .entries
        .iter()
        .filter(|entry| entry.status == Status::Active)
        .filter(|entry| entry.trust != Trust::Superseded);
    for entry in in_force {
        if let Some(figures) = Figures::of(entry, past, policy) {
            edited(entry, past, &figures, &mut faults);
            if figures.is_permanent() {
                faults.push(permanent(entry, &figures));
            }
        }
    }
    if past.cut {
        faults.extend(unknown(register));
    }
    faults
}

/// One fault for the whole register: its first file is where it is said.
fn unknown(register: &Register) -> Option<Fault> {
    let spot = register
        .files
        .first()
        .filter(|_| !register.entries.is_empty())?;
    Some(Fault {
        rule: UNKNOWN,
        table: "register",
        entry: spot.path().to_string(),
        key: "history".to_owned(),
        spot: spot.clone(),
        message: "The history of the register is unknown, for this clone is shallow or has objects missing: how often each exception was renewed could not be checked. Fetch all of it (`fetch-depth: 0`).".to_owned(),
        related: Vec::new(),
    })
}

/// Where the file says otherwise than git.
fn edited(entry: &Entry, past: &Past, figures: &Figures, faults: &mut Vec<Fault>) {
    let id = &entry.id.value;
    let Some(life) = past.lives.get(id) else {
        return;
    };
    let regrant = life.regrants.iter().find(|(moment, was)| {
        *was != entry.granted.value && super::days(life.first.day, moment.day) > super::CORRECTION
    });
    if let Some((moment, was)) = regrant {
        let message = format!(
            "{id} says that it was granted on {}, and said {was} until {}. The day of the first grant is never moved: write {was}, and record what was decided since as `[[exception.renewal]]`.",
            entry.granted.value,
            by(moment.commit.as_deref(), moment.day),
        );
        faults.push(Fault::of(
            EDITED,
            entry,
            "granted",
            &entry.granted.spot,
            message,
        ));
    }
    let missing = |grant: &&Grant| grant.record.is_none() && grant.id.is_none();
    let missing: Vec<_> = figures.grants.iter().filter(missing).collect();
    if let Some(grant) = missing.last() {
        let from = grant
            .from
            .map_or_else(String::new, |from| format!(" from {from}"));
        let more = match missing.len() - 1 {
            0 => String::new(),
            1 => " One more renewal is missing too.".to_owned(),
            n => format!(" {n} more renewals are missing too."),
        };
        let message = format!(
            "The end of {id} was moved{from} to {} by {}, and no `[[exception.renewal]]` says who decided that and why.{more} Add it: renewals are only ever added.",
            grant.to,
            by(grant.commit.as_deref(), grant.on),
        );
        let mut fault = Fault::of(EDITED, entry, "renewal", &entry.expires.spot, message);
        fault.related = missing.iter().map(|grant| related(entry, grant)).collect();
        faults.push(fault);
    }
}

fn permanent(entry: &Entry, figures: &Figures) -> Fault {
    let id = &entry.id.value;
    let times = match figures.grants.len() {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{n} times"),
    };
    let mut message = format!(
        "{id} is called temporary and has been renewed {times}: granted on {} for {} days, it now lasts {}.",
        figures.first_granted, figures.first_days, figures.total_days
    );
    for sign in signs(figures) {
        let _ = write!(message, " {sign}.");
    }
    message.push_str(" Remove what it excepts, or have it decided on as what it is, with a date that somebody else answers for.");
    let mut fault = Fault::of(PERMANENT, entry, "expires", &entry.expires.spot, message);
    fault.related = figures
        .grants
        .iter()
        .map(|grant| related(entry, grant))
        .collect();
    fault
}

/// The signs besides the count of renewals, a sentence each without its full stop.
fn signs(figures: &Figures) -> Vec<String> {
    let mut signs = Vec::new();
    let all = figures.grants.len();
    let of = |count: usize| {
        if count == all {
            "Every renewal".to_owned()
        } else {
            format!("{count} of the renewals")
        }
    };
    if figures.grants.len() > figures.limit as usize {
        signs.push(format!(
            "More than {} is not what a renewal is for in its category",
            figures.limit
        ));
    }
    if !figures.former.is_empty() {
        signs.push(format!("It went on from {}", figures.former.join(", ")));
    }
    if figures.unchanged > 0 {
        signs.push(format!(
            "{} gave the reason given before",
            of(figures.unchanged)
        ));
    }
    if figures.last_minute > 1 {
        signs.push(format!(
            "{} came in the last three days or after the end",
            of(figures.last_minute)
        ));
    }
    if figures.exits_moved > 0 {
        signs.push(format!(
            "{} moved the exit's target too",
            of(figures.exits_moved)
        ));
    }
    if let Some(wider) = &figures.wider {
        signs.push(format!("Meanwhile it grew: {wider}"));
    }
    signs
}

/// A renewal where the file records it, else at the day that it led to.
fn related(entry: &Entry, grant: &Grant) -> Related {
    let spot = grant
        .record
        .as_ref()
        .map_or(&entry.expires.spot, |r| &r.spot);
    let from = grant
        .from
        .map_or_else(String::new, |from| format!(" from {from}"));
    let under = grant
        .id
        .as_ref()
        .map_or_else(String::new, |id| format!(", of {id}"));
    let message = match &grant.commit {
        Some(commit) => format!(
            "Renewed{from} to {} by {}{under}.",
            grant.to,
            by(Some(commit), grant.on)
        ),
        None => format!("Renewed{from} to {} on {}{under}.", grant.to, grant.on),
    };
    Related {
        place: spot.place(),
        message,
    }
}

/// A commit with its day and author.
fn by(commit: Option<&crate::revisions::Commit>, day: jiff::civil::Date) -> String {
    let Some(commit) = commit else {
        return "a change that is not committed yet".to_owned();
    };
    let author: String = commit
        .by
        .chars()
        .filter(|c| !c.is_control())
        .take(60)
        .collect();
    if author.is_empty() {
        format!("commit {} of {day}", commit.short())
    } else {
        format!("commit {} of {day} ({author})", commit.short())
    }
}
