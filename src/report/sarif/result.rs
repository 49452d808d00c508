//! One result.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::model::{
    CodeFlow, FlowLocation, Location, Logical, Message, Outcome, Region, Suppression, ThreadFlow,
};
use super::{Profile, guid, rules};
use crate::finding::Finding;
use crate::register::entry::{Entry, Status};
use crate::register::{Judged, Verdict};
use crate::report::{Report, facts};

/// GitHub keeps this many related locations of a result.
const MOST_RELATED: usize = 100;

pub(super) fn of<'a>(report: &Report<'_>, judged: &'a Judged, profile: Profile) -> Outcome<'a> {
    let finding = &judged.finding;
    let related = related(judged, profile);
    Outcome {
        rule_id: &finding.rule,
        rule_index: report.rule_index(&finding.rule),
        kind: "fail",
        level: rules::level(finding.severity),
        message: Message::plain(message(judged, &related)),
        locations: [location(finding)],
        related_locations: related,
        code_flows: code_flows(finding),
        partial_fingerprints: fingerprints(finding),
        suppressions: (profile == Profile::Full).then(|| suppressions(judged)),
        properties: properties(judged),
    }
}

/// The message, what the register says, and a link to each related location: a
/// service shows only those that the message links to.
fn message(judged: &Judged, related: &[Location<'_>]) -> String {
    let mut text = unlinked(&judged.finding.message);
    if let (Verdict::Lapsed, Some(why)) = (judged.verdict, &judged.why) {
        text.push(' ');
        text.push_str(&unlinked(why));
    }
    for (n, location) in related.iter().enumerate() {
        text.push_str(if n == 0 { " See [" } else { ", [" });
        let label = location.message.as_ref().map_or("", |m| m.text.as_ref());
        let label = label.trim_end_matches('.').replace(['[', ']'], "'");
        // Writing to a string cannot fail.
        _ = write!(text, "{label}]({})", n + 1);
    }
    if !related.is_empty() {
        text.push('.');
    }
    text
}

/// Breaks link syntax that came from a scanned file, so that nobody's repository
/// puts a link of its own into our message.
fn unlinked(text: &str) -> String {
    text.replace("](", "] (")
}

fn location(finding: &Finding) -> Location<'_> {
    let mut location = Location::place(&finding.place);
    let excerpt = &finding.excerpt;
    let line = excerpt.text.as_str();
    let highlight = line.get(excerpt.highlight.clone()).unwrap_or_default();
    if !highlight.is_empty() {
        let physical = &mut location.physical;
        if let Some(region) = &mut physical.region {
            region.snippet = Some(Message::plain(highlight));
        }
        // A context has to be more than the region it surrounds.
        if highlight.len() < line.len() {
            let mut context = Region::line(finding.place.region.line);
            context.snippet = Some(Message::plain(line));
            physical.context_region = Some(context);
        }
    }
    if !finding.anchor.is_empty() {
        location.logical.push(Logical {
            fully_qualified_name: &finding.anchor,
            kind: if finding.anchor.starts_with("fn:") {
                "function"
            } else {
                "resource"
            },
        });
    }
    location
}

/// The finding's own related places, then the register entry that names it.
fn related(judged: &Judged, profile: Profile) -> Vec<Location<'_>> {
    let most = match profile {
        Profile::Full => usize::MAX,
        Profile::Github => MOST_RELATED - usize::from(judged.entry.is_some()),
    };
    let mut related: Vec<_> = judged
        .finding
        .related
        .iter()
        .take(most)
        .enumerate()
        .map(|(n, related)| {
            Location::place(&related.place).explained(n + 1, related.message.as_str())
        })
        .collect();
    if let Some(entry) = &judged.entry {
        let id = related.len() + 1;
        let message = format!("Register entry '{}'.", entry.id.value);
        related.push(Location::place(&entry.id.spot.place()).explained(id, message));
    }
    related
}

/// The way that leads to a finding, with what happens at each station.
fn code_flows(finding: &Finding) -> Vec<CodeFlow<'_>> {
    if finding.flow.is_empty() {
        return Vec::new();
    }
    let stations = finding.flow.iter();
    let locations = stations.map(|station| {
        let mut location = Location::place(&station.place);
        location.message = Some(Message::plain(station.message.as_str()));
        FlowLocation { location }
    });
    vec![CodeFlow {
        thread_flows: [ThreadFlow {
            locations: locations.collect(),
        }],
    }]
}

fn fingerprints(finding: &Finding) -> Value {
    let mut fingerprints = json!({ "byway/v1": finding.fingerprint.to_string() });
    if let (false, Some(object)) = (finding.line_hash.is_empty(), fingerprints.as_object_mut()) {
        let hash = finding.line_hash.as_str();
        object.insert("primaryLocationLineHash".to_owned(), hash.into());
    }
    fingerprints
}

/// None means "not suppressed", which SARIF tells from "unknown" by an empty list.
fn suppressions(judged: &Judged) -> Vec<Suppression<'_>> {
    let entry = judged.entry.as_deref();
    match (judged.verdict, entry) {
        (Verdict::Declared, Some(entry)) => vec![by_entry(entry, "accepted")],
        // Not in force, and a viewer may say so.
        (Verdict::Lapsed, Some(entry)) if entry.status == Status::Proposed => {
            vec![by_entry(entry, "underReview")]
        }
        (Verdict::FalsePositive, _) => vec![Suppression {
            guid: guid("false-positive", &judged.finding.fingerprint.to_string()),
            kind: "external",
            status: "accepted",
            justification: judged.why.as_deref(),
            location: None,
            properties: None,
        }],
        _ => Vec::new(),
    }
}

fn by_entry<'a>(entry: &'a Entry, status: &'static str) -> Suppression<'a> {
    let controls: Vec<_> = entry
        .controls
        .iter()
        .map(|control| json!({ "type": control.kind, "what": control.what }))
        .collect();
    let approvers: Vec<_> = entry.approved_by.iter().map(|by| &by.value).collect();
    Suppression {
        guid: guid("exception", &entry.id.value),
        kind: "external",
        status,
        justification: Some(&entry.reason.value),
        location: Some(Location::place(&entry.id.spot.place())),
        properties: Some(json!({
            "entryId": entry.id.value,
            "category": entry.category.name(),
            "owner": entry.owner.value,
            "approvedBy": approvers,
            // The last second of the day, which is inclusive. The name is that of
            // Microsoft's tools, which look at it.
            "expiryUtc": format!("{}T23:59:59Z", entry.expires.value),
            "controls": controls,
        })),
    }
}

fn properties(judged: &Judged) -> Value {
    let finding = &judged.finding;
    let mut properties = json!({
        "registerState": judged.verdict.name(),
        "subject": finding.subject,
        "anchor": finding.anchor,
        "severity": finding.severity.name(),
        "confidence": finding.confidence.name(),
        "tier": finding.tier.name(),
        "facts": facts(finding),
    });
    if let Some(object) = properties.as_object_mut() {
        if let Some(entry) = &judged.entry {
            object.insert("exception".to_owned(), entry.id.value.as_str().into());
        }
        if let Some(why) = &judged.why {
            object.insert("registerReason".to_owned(), why.as_str().into());
        }
    }
    properties
}
