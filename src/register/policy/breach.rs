//! Where and how an entry goes beyond the policy.

use std::fmt::Write;
use std::sync::Arc;

use jiff::civil::Date;

use super::{Limits, Policy, end, longer};
use crate::register::entry::{At, Category, Entry, Spot, Status};
use crate::register::globs;
use crate::register::people::same;

pub(in crate::register) const OVER_POLICY: &str = "register/over-policy";
const OWNER_APPROVES: &str = "register/owner-is-approver";
const NOT_ALLOWED: &str = "register/approver-not-allowed";

/// One way in which an entry goes beyond the policy.
pub(in crate::register) struct Breach<'e> {
    pub(in crate::register) rule: &'static str,
    pub(in crate::register) key: String,
    pub(in crate::register) spot: &'e Spot,
    pub(in crate::register) message: String,
    /// Whether it puts the entry out of force.
    pub(in crate::register) inert: bool,
}

/// Where breaches of one entry are gathered.
struct Breaches<'e> {
    entry: &'e Entry,
    list: Vec<Breach<'e>>,
}

impl<'e> Breaches<'e> {
    fn say(&mut self, rule: &'static str, key: impl Into<String>, spot: &'e Spot, message: String) {
        self.list.push(Breach {
            rule,
            key: key.into(),
            spot,
            message,
            // Its approval stands, though it is worth little; the fault is grave enough.
            inert: rule != OWNER_APPROVES,
        });
    }

    fn over(&mut self, key: impl Into<String>, spot: &'e Spot, message: String) {
        self.say(OVER_POLICY, key, spot, message);
    }

    fn id(&self) -> &'e str {
        &self.entry.id.value
    }
}

impl Policy {
    /// Where and how an entry goes beyond the policy. `paths` are those of the scan,
    /// sorted; empty when nothing was scanned.
    pub(in crate::register) fn breaches<'e>(
        &self,
        entry: &'e Entry,
        today: Date,
        paths: &[Arc<str>],
    ) -> Vec<Breach<'e>> {
        let list = Vec::new();
        let mut breaches = Breaches { entry, list };
        self.terms(&mut breaches, today);
        self.words(&mut breaches);
        self.duties(&mut breaches);
        self.reach(&mut breaches, paths);
        if let Some(limits) = self.category.get(&entry.category) {
            limits.keep(&mut breaches);
            limits.ask(&mut breaches);
        }
        breaches.list
    }

    fn terms(&self, breaches: &mut Breaches<'_>, today: Date) {
        let (entry, id) = (breaches.entry, breaches.id());
        let expires = &entry.expires;
        let limits = self.category.get(&entry.category);
        if let Some(limit) = limits.and_then(|limits| limits.max_lifetime) {
            let too_long = |(from, to): &(Date, Date)| *to > end(*from, limit);
            if let Some((from, to)) = terms(entry, today).into_iter().find(too_long) {
                let message = format!(
                    "{id} runs from {from} to {to}, longer than the policy allows in the category {}. Let the term end by {}, or renew it in time.",
                    entry.category,
                    end(from, limit)
                );
                breaches.over("expires", &expires.spot, message);
            }
        }
        let granted = entry.granted.value;
        let last = self.max_total_age.map(|limit| end(granted, limit));
        if let Some(last) = last.filter(|last| expires.value > *last) {
            let message = format!(
                "{id} was first granted on {granted} and by the policy ends for good on {last}. Remove what it excepts by then."
            );
            breaches.over("granted", &expires.spot, message);
        }
    }

    fn words(&self, breaches: &mut Breaches<'_>) {
        let (entry, id) = (breaches.entry, breaches.id());
        if entry.reason.value.trim().chars().count() < self.min_reason as usize {
            let message = format!(
                "The reason of {id} has fewer than {} characters. Say what stands in the way of the normal path, and until when.",
                self.min_reason
            );
            breaches.over("reason", &entry.reason.spot, message);
        }
        if entry.controls.len() < self.require_controls as usize {
            let message = format!(
                "{id} has fewer compensating controls than the {} that the policy asks for. Add an `[[exception.control]]`.",
                self.require_controls
            );
            breaches.over("control", &entry.spot, message);
        }
    }

    /// Who may approve what.
    fn duties(&self, breaches: &mut Breaches<'_>) {
        let (entry, id) = (breaches.entry, breaches.id());
        let roles = [
            ("owner", "owns", Some(&entry.owner)),
            ("requested-by", "asked for", entry.requested_by.as_ref()),
        ];
        for (n, approver) in entry.approved_by.iter().enumerate() {
            let key = format!("approved-by[{n}]");
            let who = &approver.value;
            let mut roles = roles.iter();
            let is = |person: Option<&At<String>>| person.is_some_and(|p| same(&p.value, who));
            if let Some((_, does, _)) = roles.find(|(_, _, p)| self.separate_duties && is(*p)) {
                let message = format!(
                    "{who} {does} {id} and approves it. Have somebody else approve it, and write who that was."
                );
                breaches.say(OWNER_APPROVES, key.as_str(), &approver.spot, message);
            }
            let listed = |list: &Vec<String>| list.iter().any(|name| same(name, who));
            if self.approvers.as_ref().is_some_and(|list| !listed(list)) {
                let message = format!(
                    "{who} approves {id}, but is none of the policy's `approvers`. Have one of these approve it: {}.",
                    self.approvers.as_deref().unwrap_or_default().join(", ")
                );
                breaches.say(NOT_ALLOWED, key, &approver.spot, message);
            }
        }
    }

    /// How far the entry's globs reach.
    fn reach(&self, breaches: &mut Breaches<'_>, paths: &[Arc<str>]) {
        let (entry, id) = (breaches.entry, breaches.id());
        for (n, cover) in entry.covers.iter().enumerate() {
            for (m, path) in cover.paths.iter().enumerate() {
                let forbidden = self
                    .forbid_paths
                    .iter()
                    .find(|glob| globs::reaches(&path.value, glob));
                let Some(glob) = forbidden else { continue };
                let mut message = format!("The policy forbids the glob `{}` of {id}", path.value);
                if *glob != path.value {
                    let _ = write!(message, ", which reaches as far as `{glob}`");
                }
                message.push_str(". Name the files or folders that it is about.");
                breaches.over(format!("covers[{n}].paths[{m}]"), &path.spot, message);
            }
            let Some(most) = self.max_paths_breadth.filter(|_| !paths.is_empty()) else {
                continue;
            };
            let breadth = cover.globs.breadth(paths);
            if breadth > most as usize {
                let message = format!(
                    "The globs of {id} match {breadth} files here, and the policy allows {most}. Name the files or folders that it is about."
                );
                let spot = cover.paths.first().map_or(&cover.spot, |path| &path.spot);
                breaches.over(format!("covers[{n}].paths"), spot, message);
            }
        }
    }
}

impl Limits {
    /// Limits that the entry may not pass.
    fn keep(&self, breaches: &mut Breaches<'_>) {
        let (entry, id) = (breaches.entry, breaches.id());
        let (category, every) = (entry.category, &entry.review.every);
        if let Some(limit) = self
            .review_every
            .filter(|limit| longer(every.value, *limit))
        {
            let message = format!(
                "{id} is reviewed every {}, less often than the {limit} of the category {category}. Review it more often.",
                every.value
            );
            breaches.over("review.every", &every.spot, message);
        }
        if let Some(most) = self.renewals {
            let surplus = entry.renewals.iter().enumerate().nth(most as usize);
            if let Some((n, renewal)) = surplus {
                let message = format!(
                    "{id} was renewed more often than the {most} times that the policy allows in the category {category}. Remove what it excepts, or ask for a new exception."
                );
                breaches.over(format!("renewal[{n}]"), &renewal.spot, message);
            }
        }
        let third_party = entry.third_party.as_ref().and_then(|t| t.contract_end);
        let outlives = third_party.filter(|end| entry.expires.value > *end);
        if let Some(end) = outlives.filter(|_| category == Category::ThirdPartyBypass) {
            let message = format!(
                "{id} outlives the contract with the third party, which ends on {end}. Let it expire by then."
            );
            breaches.over("expires", &entry.expires.spot, message);
        }
    }

    /// What the entry has to bring with it.
    fn ask(&self, breaches: &mut Breaches<'_>) {
        let (entry, id) = (breaches.entry, breaches.id());
        let category = entry.category;
        if let Some(least) = self.approvals {
            let mut approvers: Vec<&str> = Vec::new();
            for approver in &entry.approved_by {
                let who = approver.value.as_str();
                if !approvers.iter().any(|known| same(known, who)) {
                    approvers.push(who);
                }
            }
            if approvers.len() < least as usize && entry.status != Status::Proposed {
                let message = format!(
                    "{id} was approved by fewer than the {least} that the policy asks for in the category {category}. Have it approved by more."
                );
                let spot = entry.approved_by.first().map_or(&entry.spot, |by| &by.spot);
                breaches.over("approved-by", spot, message);
            }
        }
        for key in &self.require {
            if !entry.given.has(key) {
                let message = format!(
                    "{id} does not give `{key}`, which the policy asks for in the category {category}. Add it."
                );
                breaches.over(key.as_str(), &entry.spot, message);
            }
        }
        for kind in &self.require_controls_of {
            if !entry.controls.iter().any(|control| control.kind == *kind) {
                let message = format!(
                    "{id} has no control of the type `{kind}`, which the policy asks for in the category {category}. Add an `[[exception.control]]`."
                );
                breaches.over("control", &entry.spot, message);
            }
        }
    }
}

/// The entry's present term and those to come, each from its first day to the
/// first day of the next. A renewal that is decided later lengthens nothing yet,
/// and one that begins later doesn't make the present term any shorter.
fn terms(entry: &Entry, today: Date) -> Vec<(Date, Date)> {
    let granted = entry.granted.value;
    let decided = entry.renewals.iter().filter(|renewal| renewal.on <= today);
    let mut starts: Vec<_> = decided
        .map(|renewal| renewal.from.unwrap_or(renewal.on).max(granted))
        .collect();
    starts.push(granted);
    starts.sort_unstable();
    let present = starts.partition_point(|start| *start <= today).max(1) - 1;
    let ends = starts.iter().skip(present + 1).copied();
    let ends: Vec<_> = ends.chain([entry.expires.value]).collect();
    starts.into_iter().skip(present).zip(ends).collect()
}
