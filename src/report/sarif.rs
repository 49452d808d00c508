//! SARIF 2.1.0, for code-scanning services, editors and archives.
//!
//! The types are our own rather than the crate `serde-sarif`'s: that one is
//! generated from the JSON schema, in which nearly everything is optional, so it
//! could not hold us to what code-scanning services require; it takes long to
//! build; and it needs the whole log in memory, where ours makes each result as it
//! is written.
//!
//! `docs/output.md` says what the two profiles hold and why.

mod model;
mod result;
mod rules;
mod uri;

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeSeq, Serializer};
use serde_json::{Value, json};

use crate::finding::{Fingerprint, Gravity, Problem, veil};
use crate::names::names;
use crate::register::Judged;
use crate::report::{Report, taxonomies};
use model::{Invocation, Location, Log, Message, Notification, Run, Tool};

names! {
    /// For whom a log is written.
    #[derive(Default)]
    pub enum Profile {
        #[default]
        /// Everything, declared findings with their suppressions: for archives.
        Full = "full",
        /// What a code-scanning service should show, within GitHub's limits. It
        /// ignores suppressions, so declared findings are left out.
        Github = "github",
    }
}

/// GitHub rejects a run with more results.
const MOST_RESULTS: usize = 25_000;
/// The root of the scanned project; consumers know where that is, we don't say.
const ROOT: &str = "%SRCROOT%";

/// Writes the report.
pub fn write(report: &Report<'_>, profile: Profile, out: &mut dyn Write) -> io::Result<()> {
    let (judged, dropped) = select(report, profile);
    let taxonomies = taxonomies::of(report.rules);
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: rules::driver(report.rules),
            },
            automation_details: json!({ "id": "byway/" }),
            column_kind: "utf16CodeUnits",
            original_uri_base_ids: json!({
                ROOT: { "description": { "text": "The root of the scanned project." } }
            }),
            invocations: [invocation(report, dropped)],
            taxonomies,
            results: Results {
                report,
                judged,
                profile,
            },
            properties: properties(report),
        }],
    };
    serde_json::to_writer(&mut *out, &log)?;
    out.write_all(b"\n")
}

fn properties(report: &Report<'_>) -> Value {
    let mut properties = json!({
        "filesScanned": report.stats.files,
        "filesSkipped": report.stats.skipped,
        "findingsHidden": report.stats.hidden,
        "today": report.today.to_string(),
    });
    let proposals = report.proposals.iter().map(|proposal| {
        json!({
            "exception": veil(&proposal.id),
            "step": proposal.step.name(),
            "title": veil(&proposal.title),
            "path": &**proposal.spot.path(),
            "line": proposal.spot.line(),
        })
    });
    if let Some(object) = properties
        .as_object_mut()
        .filter(|_| !report.proposals.is_empty())
    {
        object.insert("proposals".to_owned(), proposals.collect());
    }
    properties
}

/// The findings that a profile shows, in report order, and how many it had to
/// leave out for want of room.
fn select<'a>(report: &'a Report<'_>, profile: Profile) -> (Vec<&'a Judged>, usize) {
    let all = report.judged.iter();
    if profile == Profile::Full {
        return (all.collect(), 0);
    }
    let mut judged: Vec<_> = all.filter(|j| j.verdict.is_open()).enumerate().collect();
    let dropped = judged.len().saturating_sub(MOST_RESULTS);
    if dropped > 0 {
        // The gravest stay; among equals the first in report order.
        judged.sort_by_key(|(at, judged)| {
            let finding = &judged.finding;
            (
                std::cmp::Reverse((finding.severity, finding.confidence)),
                *at,
            )
        });
        judged.truncate(MOST_RESULTS);
        judged.sort_by_key(|(at, _)| *at);
    }
    (
        judged.into_iter().map(|(_, judged)| judged).collect(),
        dropped,
    )
}

fn invocation<'a>(report: &'a Report<'_>, dropped: usize) -> Invocation<'a> {
    let mut notifications: Vec<_> = report.problems.iter().map(notification).collect();
    if dropped > 0 {
        notifications.push(Notification {
            level: "warning",
            message: Message::plain(format!(
                "{dropped} results of the least severity were left out: a code-scanning \
                 service takes {MOST_RESULTS} at most. The profile 'full' has them all."
            )),
            locations: Vec::new(),
        });
    }
    Invocation {
        execution_successful: report.problems.iter().all(|p| p.gravity == Gravity::Note),
        tool_execution_notifications: notifications,
    }
}

fn notification(problem: &Problem) -> Notification<'_> {
    let located = !problem.path.is_empty();
    Notification {
        level: match problem.gravity {
            Gravity::Note => "note",
            Gravity::Error => "error",
        },
        message: Message::plain(&problem.what),
        locations: located
            .then(|| Location::line(&problem.path, problem.line))
            .into_iter()
            .collect(),
    }
}

/// The results, each made as it is written.
struct Results<'a> {
    report: &'a Report<'a>,
    judged: Vec<&'a Judged>,
    profile: Profile,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut results = serializer.serialize_seq(Some(self.judged.len()))?;
        for judged in &self.judged {
            results.serialize_element(&result::of(self.report, judged, self.profile))?;
        }
        results.end()
    }
}

/// A GUID made from a name, the same in every run. SARIF's schema admits versions 1
/// to 5 alone, so it is marked as version 5 (made from a name) although the hash is
/// SHA-256 rather than SHA-1.
pub(super) fn guid(kind: &str, name: &str) -> String {
    let hash = Fingerprint::of(&[b"byway/guid", kind.as_bytes(), name.as_bytes()]).to_string();
    let part = |range| hash.get(range).unwrap_or_default();
    // The variant takes the upper two bits of its digit.
    let variant = match part(16..17) {
        "0" | "4" | "8" | "c" => '8',
        "1" | "5" | "9" | "d" => '9',
        "2" | "6" | "a" | "e" => 'a',
        _ => 'b',
    };
    format!(
        "{}-{}-5{}-{variant}{}-{}",
        part(0..8),
        part(8..12),
        part(13..16),
        part(17..20),
        part(20..32),
    )
}

/// Cuts text to a number of characters, on a word where there is one.
fn cut(text: &str, most: usize) -> &str {
    let Some((end, _)) = text.char_indices().nth(most) else {
        return text;
    };
    let kept = text.get(..end).unwrap_or_default();
    let words = kept
        .rfind(char::is_whitespace)
        .and_then(|at| kept.get(..at));
    words.map_or(kept, str::trim_end)
}

#[cfg(test)]
mod tests;
