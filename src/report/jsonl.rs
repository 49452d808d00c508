//! One JSON object a line: findings, then problems, then proposals. `docs/output.md` is the
//! contract; a key never changes its name, its meaning or its place.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::finding::{Problem, veil};
use crate::register::Judged;
use crate::register::trust::Proposal;
use crate::report::{Report, facts};

/// A finding. The order of the fields is the order of the keys.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found<'a> {
    rule: &'a str,
    class: &'static str,
    severity: &'static str,
    confidence: &'static str,
    verdict: &'static str,
    exception: Option<&'a str>,
    path: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    subject: &'a str,
    anchor: &'a str,
    fingerprint: String,
    message: &'a str,
    frameworks: &'a [Cow<'static, str>],
    facts: BTreeMap<&'a str, String>,
}

/// A problem, in an object of its own key, so that it can't be taken for a finding.
#[derive(Serialize)]
struct ProblemLine<'a> {
    problem: ProblemBody<'a>,
}

#[derive(Serialize)]
struct ProblemBody<'a> {
    path: &'a str,
    line: Option<u32>,
    gravity: &'static str,
    message: &'a str,
}

/// What the change under review does to an entry, in an object of its own key.
#[derive(Serialize)]
struct ProposalLine {
    proposal: ProposalBody,
}

#[derive(Serialize)]
struct ProposalBody {
    exception: String,
    step: &'static str,
    title: String,
    path: String,
    line: u32,
}

/// Writes the report.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for judged in &report.judged {
        put(&found(report, judged), out)?;
    }
    for problem in &report.problems {
        put(&problem_line(problem), out)?;
    }
    for proposal in &report.proposals {
        put(&proposal_line(proposal), out)?;
    }
    Ok(())
}

fn put(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

fn found<'a>(report: &Report<'a>, judged: &'a Judged) -> Found<'a> {
    let finding = &judged.finding;
    let region = finding.place.region;
    Found {
        rule: &finding.rule,
        class: finding.class.name(),
        severity: finding.severity.name(),
        confidence: finding.confidence.name(),
        verdict: judged.verdict.name(),
        exception: judged.entry.as_ref().map(|entry| entry.id.value.as_str()),
        path: &finding.place.path,
        line: region.line,
        column: region.column,
        end_line: region.end_line,
        end_column: region.end_column,
        subject: &finding.subject,
        anchor: &finding.anchor,
        fingerprint: finding.fingerprint.to_string(),
        message: &finding.message,
        frameworks: report
            .rule(&finding.rule)
            .map_or(&[], |rule| rule.frameworks.as_ref()),
        facts: facts(finding),
    }
}

fn problem_line(problem: &Problem) -> ProblemLine<'_> {
    ProblemLine {
        problem: ProblemBody {
            path: &problem.path,
            line: problem.line,
            gravity: problem.gravity.name(),
            message: &problem.what,
        },
    }
}

fn proposal_line(proposal: &Proposal) -> ProposalLine {
    ProposalLine {
        proposal: ProposalBody {
            exception: veil(&proposal.id),
            step: proposal.step.name(),
            title: veil(&proposal.title),
            path: proposal.spot.path().to_string(),
            line: proposal.spot.line(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    fn written() -> String {
        let rules = fixture::rules();
        let mut out = Vec::new();
        write(&fixture::report(&rules), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn keys_and_their_order_are_the_contract() {
        let written = written();
        let first = written.lines().next().unwrap();
        assert_eq!(
            first,
            concat!(
                r#"{"rule":"static-key/token","class":"static-key","severity":"critical","#,
                r#""confidence":"certain","verdict":"undeclared","exception":null,"#,
                r#""path":".github/workflows/dé ploy.yml","line":3,"column":13,"endLine":3,"#,
                r#""endColumn":20,"subject":"TOKEN","anchor":"github:job:deploy","#,
                r#""fingerprint":"9cb7a8062cea0e608804a81628d2eda5","#,
                r#""message":"Token 'TOKEN' stands in a workflow.","#,
                r#""frameworks":["NHI2:2025","CWE-798","CSF-ID.RA-07"],"#,
                r#""facts":{"account":"123456789012"}}"#
            )
        );
    }

    #[test]
    fn every_finding_and_every_problem_has_a_line() {
        let written = written();
        let values: Vec<serde_json::Value> = written
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let problems = values.iter().filter(|v| v.get("problem").is_some()).count();
        assert_eq!((values.len() - problems, problems), (6, 2));
        assert_eq!(values[1]["exception"], "EXC-2026-0001");
        assert_eq!(
            values.last().unwrap()["problem"]["gravity"],
            "error",
            "{written}"
        );
    }
}
