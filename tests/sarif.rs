//! SARIF as its readers want it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::{findings, fixture, scan};

fn schema() -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sarif-2.1.0.schema.json");
    let mut text = fs::read_to_string(path).unwrap();
    // One pattern of the published schema is not a regular expression.
    text = text.replace(
        r"^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$",
        "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$",
    );
    jsonschema::draft7::new(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn assert_valid(log: &Value) {
    let errors: Vec<_> = schema()
        .iter_errors(log)
        .map(|e| format!("{} at {}", e.schema_path(), e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// Validates the file that `BYWAY_SARIF` names, as CI does with our scan of ourselves;
/// otherwise a fixture's.
#[test]
fn given_file_is_valid() {
    let text = match std::env::var_os("BYWAY_SARIF") {
        Some(path) => fs::read_to_string(path).unwrap(),
        None => scan(fixture("payments").path(), &["--format", "sarif"]).out,
    };
    assert_valid(&serde_json::from_str(&text).unwrap());
}

#[test]
fn both_profiles_are_valid_and_tell_no_path_or_time_of_the_machine() {
    let payments = fixture("payments");
    let folder = payments.path().to_string_lossy().into_owned();
    for profile in ["full", "github"] {
        let run = scan(
            payments.path(),
            &["--format", "sarif", "--sarif-profile", profile],
        );
        let log: Value = serde_json::from_str(&run.out).unwrap();
        assert_valid(&log);
        assert!(!run.out.contains(&folder), "{profile}");
        assert!(!run.out.contains("TimeUtc"), "{profile}");
        let rules = log["runs"][0]["tool"]["driver"]["rules"]
            .as_array()
            .unwrap();
        assert_eq!(rules.len(), byway::rule::builtin().len());
        for rule in rules {
            for key in ["shortDescription", "fullDescription", "help"] {
                assert!(
                    rule[key]["text"].as_str().is_some_and(|t| !t.is_empty()),
                    "{rule}"
                );
            }
        }
        for result in log["runs"][0]["results"].as_array().unwrap() {
            let prints = &result["partialFingerprints"];
            assert!(
                prints["primaryLocationLineHash"]
                    .as_str()
                    .is_some_and(|h| h.contains(':')),
                "{result}"
            );
            assert_eq!(
                prints["byway/v1"].as_str().map(str::len),
                Some(32),
                "{result}"
            );
            let region = &result["locations"][0]["physicalLocation"]["region"];
            assert_eq!(
                region["startLine"], region["endLine"],
                "one line only: {result}"
            );
        }
    }
}

#[test]
fn declared_findings_are_suppressed_in_full_and_left_out_for_github() {
    let payments = fixture("payments");
    let results = |profile| {
        let run = scan(
            payments.path(),
            &["--format", "sarif", "--sarif-profile", profile],
        );
        let log: Value = serde_json::from_str(&run.out).unwrap();
        log["runs"][0]["results"].as_array().unwrap().clone()
    };
    let suppressed = |result: &Value| {
        result["suppressions"]
            .as_array()
            .is_some_and(|s| s.iter().any(|s| s["status"] == "accepted"))
    };
    let full = results("full");
    let declared = findings(payments.path(), &[])
        .iter()
        .filter(|f| f["verdict"] == "declared")
        .count();
    assert!(declared >= 2);
    assert_eq!(full.iter().filter(|r| suppressed(r)).count(), declared);
    let github = results("github");
    assert_eq!(github.len(), full.len() - declared);
    assert!(github.iter().all(|r| r.get("suppressions").is_none()));
}

/// Columns are UTF-16 code units, counted here from the text itself.
#[test]
fn columns_are_utf16_code_units() {
    let folder = crate::common::folder();
    let token =
        byway::rule::sample::expand("ghp_{{base62:30}}{{crc32-base62}}", "columns").unwrap();
    let before = "s = [\"😀é\", \"";
    crate::common::put(folder.path(), "a.py", format!("\r\n{before}{token}\"]"));
    let run = scan(folder.path(), &["--format", "sarif"]);
    let log: Value = serde_json::from_str(&run.out).unwrap();
    let region = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    let start = before.chars().map(char::len_utf16).sum::<usize>() as u64 + 1;
    assert_eq!(region["startLine"], 2);
    assert_eq!(region["startColumn"], start);
    assert_eq!(region["endColumn"], start + token.len() as u64);
    assert!(!run.out.contains(&token));
}

/// From what starts the pipeline to the step that a finding is about, each station with
/// its place and what happens there; an alias is a station where it is used.
#[test]
fn a_pipelines_findings_tell_the_way_that_leads_to_them() {
    let github = fixture("pipelines/github");
    let run = scan(github.path(), &["--format", "sarif"]);
    let log: Value = serde_json::from_str(&run.out).unwrap();
    assert_valid(&log);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let mut flows = 0;
    for result in results {
        for flow in result["codeFlows"].as_array().into_iter().flatten() {
            let stations = flow["threadFlows"][0]["locations"].as_array().unwrap();
            assert!(stations.len() > 1, "{result}");
            for station in stations {
                let location = &station["location"];
                let line = &location["physicalLocation"]["region"]["startLine"];
                assert!(line.as_u64().is_some_and(|line| line > 0), "{station}");
                let text = location["message"]["text"].as_str().unwrap();
                assert!(!text.is_empty());
            }
            flows += 1;
        }
    }
    assert!(flows > 20, "only {flows} findings tell their way");

    let deploys = |result: &&Value| {
        result["ruleId"] == "bypass-route/deploy-without-approval"
            && result["properties"]["subject"] == "job:worker"
    };
    let worker = results.iter().find(deploys).unwrap();
    let stations = worker["codeFlows"][0]["threadFlows"][0]["locations"].as_array();
    let said: Vec<_> = stations
        .unwrap()
        .iter()
        .map(|s| s["location"]["message"]["text"].as_str().unwrap())
        .collect();
    assert_eq!(
        said,
        ["'push' starts it", "job 'worker' runs", "this deploys"]
    );
}
