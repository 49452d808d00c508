//! CODEOWNERS: paths of controls that nobody has to approve changes of.
//!
//! Facts: <https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>,
//! <https://docs.gitlab.com/user/project/codeowners/reference/>.

use crate::detect::{Cx, Hit};
use crate::document::codeowners::{Entry, PLACES, Pattern, Section, read};
use crate::finding::Confidence;

/// A control, and a path of it to try the patterns on.
struct Control {
    what: &'static str,
    probe: &'static str,
    /// The beginning of a pattern that is about this control and nothing else.
    own: &'static str,
    /// Whether a pattern about something larger counts too: the file is there in every
    /// repository with a CODEOWNERS.
    always: bool,
}

const fn control(
    what: &'static str,
    probe: &'static str,
    own: &'static str,
    always: bool,
) -> Control {
    Control {
        what,
        probe,
        own,
        always,
    }
}

#[rustfmt::skip]
const CONTROLS: &[Control] = &[
    control("the workflows", ".github/workflows/ci.yml", ".github/workflows", true),
    control("the workflows", ".github/workflows/ci.yml", ".github", true),
    control("the pipeline", ".gitlab-ci.yml", ".gitlab-ci.yml", true),
    control("the pipeline", ".circleci/config.yml", ".circleci", false),
    control("the pipeline", "azure-pipelines.yml", "azure-pipelines", false),
    control("the pipeline", "Jenkinsfile", "Jenkinsfile", false),
    control("the infrastructure", "terraform/main.tf", "terraform", false),
    control("the infrastructure", "infra/main.tf", "infra", false),
    control("the infrastructure", "infrastructure/main.tf", "infrastructure", false),
    control("the exceptions", "exceptions.toml", "exceptions.toml", false),
    control("the exceptions", ".byway/exceptions.toml", ".byway", false),
];

/// The entry of each section that decides about a control, and the sections in which an
/// earlier one has owners that it takes away.
#[derive(Clone)]
struct Deciding<'e, 't> {
    last: Vec<Option<&'e Entry<'t>>>,
    taken: Vec<bool>,
}

/// Finds the holes.
pub(super) fn holes(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Ok(text) = std::str::from_utf8(cx.document.bytes()) else {
        return Vec::new();
    };
    let (entries, sections) = read(text);
    let own = own(cx.document.path());
    let controls: Vec<_> = CONTROLS.iter().chain([&own]).collect();
    let none = Deciding {
        last: vec![None; sections.len()],
        taken: vec![false; sections.len()],
    };
    let mut deciding = vec![none; controls.len()];
    for entry in &entries {
        let pattern = Pattern::new(entry.pattern);
        for (control, deciding) in controls.iter().zip(&mut deciding) {
            if !pattern.matches(control.probe) {
                continue;
            }
            let last = deciding.last.get_mut(entry.section);
            let taken = deciding.taken.get_mut(entry.section);
            if let (Some(last), Some(taken)) = (last, taken) {
                *taken |= last.is_some_and(|before| before.owned);
                *last = Some(entry);
            }
        }
    }
    let mut hits: Vec<Hit> = Vec::new();
    for (control, deciding) in controls.iter().zip(&deciding) {
        let hit = hole(control, deciding, &sections);
        if let Some(hit) = hit.filter(|hit| !hits.iter().any(|h| h.span == hit.span)) {
            hits.push(hit);
        }
    }
    hits
}

/// The file itself: whoever may change it chooses who approves.
fn own(path: &str) -> Control {
    let places = PLACES.iter().filter(|place| path.ends_with(**place));
    let probe = places.max_by_key(|place| place.len());
    let probe = probe.copied().unwrap_or("CODEOWNERS");
    control("this file", probe, probe, true)
}

/// One section whose owners have to approve is enough.
fn hole(control: &Control, deciding: &Deciding<'_, '_>, sections: &[Section<'_>]) -> Option<Hit> {
    let about = |entry: &Entry<'_>| {
        let pattern = entry.pattern.trim_start_matches('/');
        let own = pattern.trim_end_matches('*').trim_end_matches('/');
        let below = pattern.strip_prefix(control.own);
        own == control.own || below.is_some_and(|rest| rest.starts_with('/'))
    };
    let last = &deciding.last;
    let section = |entry: &Entry<'_>| sections.get(entry.section).copied().unwrap_or_default();
    let guards = |entry: &&Entry<'_>| entry.owned && !section(entry).optional;
    if last.iter().flatten().any(guards) {
        return None;
    }
    let what = control.what;
    let optional = |entry: &&&Entry<'_>| entry.owned && section(entry).optional && about(entry);
    if let Some(entry) = last.iter().flatten().find(optional) {
        return Some(hit(entry, "optional approval").saying(format!(
            "The owners of {what} need not approve a change: their section is optional."
        )));
    }
    let entry = last.iter().flatten().find(|entry| !entry.owned)?;
    let taken = deciding
        .taken
        .get(entry.section)
        .copied()
        .unwrap_or_default();
    let sure = match (taken, control.always || about(entry)) {
        (true, true) => Confidence::Medium,
        _ => Confidence::Low,
    };
    Some(hit(entry, "no owner").sure(sure).saying(format!(
        "Nobody has to approve a change of {what}: this line takes its owners away."
    )))
}

fn hit(entry: &Entry<'_>, what: &str) -> Hit {
    let mut hit = Hit::new(entry.span).about(format!("{}: {what}", entry.pattern));
    hit.anchor = Some(format!("codeowners:{}", entry.pattern));
    hit
}
