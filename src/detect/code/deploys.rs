//! What a step does outside the pipeline: change what runs, put something up for
//! others to fetch, or sign in. The name of a job is no sign.
//!
//! A deployment is what a gate should hold; a published package has gates of its own;
//! a login does nothing by itself. What only rehearses (a dry run, a cluster made in
//! the same job, the machine itself) is told apart.

mod actions;
mod rehearsal;
mod remote;
mod removal;
mod stage;
mod steps;
mod tools;
mod unattended;

use std::sync::LazyLock;

use regex::Regex;

use crate::detect::shell::{Command, Word};
pub(crate) use actions::{
    of_action, of_image, of_provider, publishes_by_action, rehearses_by_action,
};
pub(crate) use rehearsal::{rehearses, rehearses_by_image};
pub(crate) use removal::{Removes, is_clean_up, removes};
pub(crate) use stage::{Stage, stage};
pub(crate) use unattended::{Unattended, unattended_apply};

/// What a verb of a program or a step of a service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Changes what runs.
    Deploys,
    /// Changes something, which may be what runs: a bucket, a queue, a build.
    Touches,
    /// Puts something up for others to fetch.
    Publishes,
    /// Gets credentials and does nothing with them.
    SignsIn,
}

/// A change of what runs elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deploy {
    /// What is changed: `kubernetes`, `terraform`, `aws`, `host` and others.
    pub(crate) what: &'static str,
    /// The stage that its arguments speak of.
    pub(crate) stage: Stage,
    /// Whether it changes nothing that lasts: a dry run, or a target on this machine.
    pub(crate) rehearsal: bool,
    /// Whether the verb itself says so: a script's name, or a verb that is used for
    /// much else, is evidence that another sign has to bear out.
    pub(crate) sure: bool,
}

/// Names of scripts and targets that say they deploy.
static SCRIPTS: LazyLock<Regex> = LazyLock::new(|| {
    let scripts = [
        r"(?:make|gmake|just|task|npm|yarn|pnpm|bun|rake|mage|inv|invoke|composer|nox|tox)\s(?:run\s)?(?:-\S+\s)*(?:\S*[:_.-])?deploy(?:[:_.-]\S*)?(?:\s|$)",
        r"(?:(?:ba|z)?sh\s)?\S*/?(?:deploy|release-prod|rollback)(?:[_.-][\w.-]*)?(?:\s|$)",
    ];
    Regex::new(&format!("^(?:{})", scripts.join("|"))).expect("a constant regex")
});

/// The deployment that a command is, if it is one.
pub(crate) fn of_command(command: &Command) -> Option<Deploy> {
    let (what, sure) = changed(command)?;
    Some(Deploy {
        what,
        stage: stage::of_command(command),
        rehearsal: rehearsal::changes_nothing(command),
        sure,
    })
}

/// What a command changes, and whether that is sure.
fn changed(command: &Command) -> Option<(&'static str, bool)> {
    if let Some(found) = remote::of(command) {
        return Some(found);
    }
    if let Some(tool) = tools::of(command) {
        return match tool.effect {
            Effect::Deploys => Some((tool.what, true)),
            Effect::Touches => Some((tool.what, false)),
            Effect::Publishes | Effect::SignsIn => None,
        };
    }
    let words: Vec<_> = command.words.iter().take(6).map(Word::text).collect();
    SCRIPTS
        .is_match(&words.join(" "))
        .then_some(("script", false))
}

/// What a command puts up for others to fetch: `package`, `image`, `release` and so on.
pub(crate) fn publishes(command: &Command) -> Option<&'static str> {
    let pushes = |flags: &[&str]| command.switch(flags).is_some();
    let what = match command.name() {
        "docker" | "podman" | "buildx" | "docker-buildx" | "depot"
            if pushes(&["--push"]) || outputs_to_registry(command) =>
        {
            "image"
        }
        "executor" | "kaniko"
            if command.value_of(&["--destination", "-d"]).is_some() && !pushes(&["--no-push"]) =>
        {
            "image"
        }
        _ => {
            let tool = tools::of(command)?;
            (tool.effect == Effect::Publishes).then_some(tool.what)?
        }
    };
    let kept = rehearsal::changes_nothing(command)
        || pushes(&["--snapshot", "--skip-publish"])
        || command
            .value_of(&["--skip"])
            .is_some_and(|(_, v)| v.contains("publish"));
    (!kept).then_some(what)
}

fn outputs_to_registry(command: &Command) -> bool {
    command
        .values_of(&["-o", "--output"])
        .any(|(_, value)| value.contains("type=registry") || value.contains("push=true"))
}

/// Where a command signs in: `aws`, `google`, `azure`, `kubernetes`, `registry` and so
/// on.
#[cfg(test)]
fn signs_in(command: &Command) -> Option<&'static str> {
    let tool = tools::of(command)?;
    (tool.effect == Effect::SignsIn).then_some(tool.what)
}

/// Whether a command deploys or publishes.
pub(super) fn command(command: &Command) -> bool {
    of_command(command).is_some_and(|deploy| !deploy.rehearsal) || publishes(command).is_some()
}

#[cfg(test)]
mod tests;
