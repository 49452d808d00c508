//! Whether what an entry says of its controls is so: the files it names are there and
//! hold what it says, and somebody looked lately.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::Files;
use super::entry::{At, Control, Entry, Evidence};
use super::faults::Faults;
use super::judge::Claim;
use super::policy::end;

const MISSING: &str = "register/evidence-missing";
const STALE: &str = "register/evidence-stale";

/// The files that entries name as evidence.
pub(super) fn wanted<'a>(entries: impl Iterator<Item = &'a Entry>, wanted: &mut BTreeSet<String>) {
    for entry in entries.filter(|entry| entry.inert.is_none() && !entry.is_record()) {
        let paths = evidence(entry).filter_map(|(_, evidence)| evidence.path.as_ref());
        wanted.extend(paths.map(|path| path.value.clone()));
    }
}

/// All evidence of an entry, with its key.
fn evidence(entry: &Entry) -> impl Iterator<Item = (String, &Evidence)> {
    let controls = entry.controls.iter().enumerate();
    let of_controls = controls.flat_map(|(n, control)| {
        let evidence = control.evidence.iter().enumerate();
        evidence.map(move |(m, evidence)| (format!("control[{n}].evidence[{m}]"), evidence))
    });
    let exit = entry
        .exit
        .iter()
        .flat_map(|exit| exit.evidence.iter().enumerate());
    of_controls.chain(exit.map(|(m, evidence)| (format!("exit.evidence[{m}]"), evidence)))
}

pub(super) fn check(claims: &[Claim<'_>], today: Date, files: &Files, faults: &mut Faults) {
    for entry in claims.iter().filter_map(Claim::kept) {
        for (key, evidence) in evidence(entry) {
            look(entry, &key, evidence, files, faults);
        }
        for (n, control) in entry.controls.iter().enumerate() {
            verified(entry, n, control, today, faults);
        }
    }
}

fn look(entry: &Entry, key: &str, evidence: &Evidence, files: &Files, faults: &mut Faults) {
    let Some(path) = &evidence.path else { return };
    let Some(found) = files.get(&path.value) else {
        return;
    };
    let id = &entry.id.value;
    let Some(text) = found else {
        let message = format!(
            "The evidence of {id} is to be in {}, and there is no such file. Name the file that shows that the control is there.",
            path.value
        );
        faults.add(MISSING, entry, &format!("{key}.path"), &path.spot, message);
        return;
    };
    let missing = |wanted: &&At<String>| !text.contains(&wanted.value);
    if let Some(wanted) = evidence.contains.as_ref().filter(missing) {
        let message = format!(
            "The evidence of {id} is to be in {}, and the file does not hold that text any more. See whether the control is still there, and name what shows it.",
            path.value
        );
        faults.add(
            MISSING,
            entry,
            &format!("{key}.contains"),
            &wanted.spot,
            message,
        );
    }
}

fn verified(entry: &Entry, n: usize, control: &Control, today: Date, faults: &mut Faults) {
    let Some(on) = &control.verified_on else {
        return;
    };
    let id = &entry.id.value;
    let due = control.verify_every.map(|every| end(on.value, every));
    let message = if on.value > today {
        format!(
            "A control of {id} is verified on {}, which is still to come. Write the day it was verified on.",
            on.value
        )
    } else if let Some(due) = due.filter(|due| today > *due) {
        format!(
            "A control of {id} was to be verified again by {due}. See whether it works, and write the day to `verified-on`."
        )
    } else {
        return;
    };
    let key = format!("control[{n}].verified-on");
    faults.add(STALE, entry, &key, &on.spot, message);
}
