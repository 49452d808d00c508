use serde_json::Value;

use super::*;
use crate::finding::{Related, Severity};
use crate::register::entry::Entry;
use crate::report::fixture;
use crate::rule::Rule;

fn text(report: &Report<'_>, profile: Profile) -> String {
    let mut out = Vec::new();
    write(report, profile, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn run(rules: &[Rule], profile: Profile) -> Value {
    run_of(&fixture::report(rules), profile)
}

fn run_of(report: &Report<'_>, profile: Profile) -> Value {
    let log: Value = serde_json::from_str(&text(report, profile)).unwrap();
    log["runs"][0].clone()
}

fn results(run: &Value) -> &Vec<Value> {
    run["results"].as_array().unwrap()
}

#[test]
fn both_profiles_are_valid_by_the_schema() {
    let schema = include_str!("../../../tests/data/sarif-2.1.0.schema.json");
    // A slip of the schema: this pattern is no regular expression.
    let slip = "^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$";
    let schema = schema.replace(slip, "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let rules = fixture::rules();
    for profile in Profile::ALL {
        let log = text(&fixture::report(&rules), *profile);
        let log: Value = serde_json::from_str(&log).unwrap();
        let errors: Vec<_> = schema.iter_errors(&log).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{profile}: {errors:#?}");
    }
}

#[test]
fn an_empty_report_still_lists_results_and_rules() {
    let rules = fixture::rules();
    let mut report = fixture::report(&rules);
    report.judged.clear();
    report.problems.clear();
    let run = run_of(&report, Profile::Github);
    assert_eq!(run["results"], json!([]));
    assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 3);
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn same_report_same_bytes() {
    let rules = fixture::rules();
    let report = fixture::report(&rules);
    assert_eq!(text(&report, Profile::Full), text(&report, Profile::Full));
}

#[test]
fn coordinates_count_utf16_units() {
    // Counted here from the text itself, not by the code that made the report.
    let line = fixture::WORKFLOW.lines().nth(2).unwrap();
    let (before, _) = line.split_once("SECRETS").unwrap();
    let column = before.encode_utf16().count() + 1;
    let run = run(&fixture::rules(), Profile::Full);
    let place = &results(&run)[0]["locations"][0]["physicalLocation"];
    assert_eq!(
        place["artifactLocation"],
        json!({ "uri": ".github/workflows/d%C3%A9%20ploy.yml", "uriBaseId": "%SRCROOT%" })
    );
    assert_eq!(
        place["region"],
        json!({
            "startLine": 3, "startColumn": column, "endLine": 3, "endColumn": column + 7,
            "snippet": { "text": "****" },
        })
    );
    assert_eq!(run["columnKind"], "utf16CodeUnits");
}

#[test]
fn register_state_and_suppressions() {
    let run = run(&fixture::rules(), Profile::Full);
    let state = |r: &Value| {
        (
            r["properties"]["registerState"].clone(),
            r["suppressions"].clone(),
        )
    };
    let states: Vec<_> = results(&run).iter().map(state).collect();
    assert_eq!(states[0], (json!("undeclared"), json!([])));
    assert_eq!(states[1], (json!("lapsed"), json!([])));
    let accepted = &states[2].1[0];
    assert_eq!(accepted["status"], "accepted");
    assert_eq!(accepted["justification"], "The adapter knows nothing else.");
    assert_eq!(accepted["properties"]["expiryUtc"], "2026-12-07T23:59:59Z");
    assert_eq!(states[3].1[0]["justification"], "A placeholder.");
    assert_eq!(states[5], (json!("fault"), json!([])));
    assert_eq!(results(&run)[2]["properties"]["exception"], "EXC-2026-0002");
}

#[test]
fn a_proposed_entry_is_under_review() {
    let rules = fixture::rules();
    let mut report = fixture::report(&rules);
    let proposed = Entry {
        status: crate::register::entry::Status::Proposed,
        ..(**report.judged[1].entry.as_ref().unwrap()).clone()
    };
    report.judged[1].entry = Some(proposed.into());
    let run = run_of(&report, Profile::Full);
    assert_eq!(results(&run)[1]["suppressions"][0]["status"], "underReview");
}

#[test]
fn messages_link_their_related_places_and_no_others() {
    let run = run(&fixture::rules(), Profile::Github);
    let text = |n: usize| results(&run)[n]["message"]["text"].as_str().unwrap();
    assert_eq!(
        text(1),
        "A token stands here. It expired on 2026-11-01. See [Register entry 'EXC-2026-0001'](1)."
    );
    assert!(text(2).contains("[click] (https://example.org)"));
    assert!(text(2).ends_with(" See [The workflow that calls the gate](1)."));
    assert_eq!(results(&run)[2]["relatedLocations"][0]["id"], 1);
}

#[test]
fn github_sees_open_findings_alone() {
    let run = run(&fixture::rules(), Profile::Github);
    assert_eq!(results(&run).len(), 4);
    assert!(
        results(&run)
            .iter()
            .all(|r| r.get("suppressions").is_none())
    );
    let hash = &results(&run)[0]["partialFingerprints"]["primaryLocationLineHash"];
    assert!(hash.as_str().unwrap().ends_with(":1"));
}

#[test]
fn github_limits_drop_the_least_and_say_so() {
    let rules = fixture::rules();
    let mut report = fixture::report(&rules);
    report.problems.clear();
    let mut many = report.judged.remove(0);
    many.finding.severity = Severity::Low;
    let related = Related {
        place: many.finding.place.clone(),
        message: "Here too.".to_owned(),
    };
    let mut grave = many.clone();
    grave.finding.severity = Severity::High;
    grave.finding.related = vec![related; 1_000];
    report.judged = vec![many; MOST_RESULTS];
    report.judged.push(grave);

    let run = run_of(&report, Profile::Github);
    let results = results(&run);
    assert_eq!(results.len(), 25_000);
    let last = results.last().unwrap();
    assert_eq!(last["level"], "error", "the gravest stays, in its place");
    assert_eq!(last["relatedLocations"].as_array().unwrap().len(), 100);
    let notification = &run["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(notification["level"], "warning");
    let message = notification["message"]["text"].as_str().unwrap();
    assert!(message.starts_with("1 result"), "{message}");
    assert_eq!(select(&report, Profile::Full).0.len(), 25_001);
}

#[test]
fn rules_stay_within_the_limits() {
    let mut rules = fixture::rules();
    rules[0].title = "word ".repeat(600).into();
    rules[0].summary = "é".repeat(3_000).into();
    rules[0].frameworks = crate::rule::frameworks::ALL
        .iter()
        .map(|f| f.id.into())
        .collect();
    let run = run(&rules, Profile::Github);
    let rule = &run["tool"]["driver"]["rules"][0];
    let length = |key: &str| rule[key]["text"].as_str().unwrap().chars().count();
    assert!(length("shortDescription") <= 1024 && length("fullDescription") <= 1024);
    assert_eq!(rule["properties"]["tags"].as_array().unwrap().len(), 10);
    assert_eq!(run["taxonomies"].as_array().unwrap().len(), 7);
}

#[test]
fn rules_carry_scores_tags_and_relations() {
    let run = run(&fixture::rules(), Profile::Full);
    let rule = &run["tool"]["driver"]["rules"][2];
    assert_eq!(rule["name"], "StaticKeyToken");
    assert_eq!(
        rule["properties"],
        json!({
            "tags": ["security", "static-key", "nhi2:2025", "external/cwe/cwe-798", "csf-id.ra-07"],
            "precision": "high",
            "security-severity": "9.5",
        })
    );
    assert_eq!(rule["relationships"][1]["target"]["id"], "798");
    let taxonomies = run["taxonomies"].as_array().unwrap();
    let names: Vec<_> = taxonomies
        .iter()
        .map(|t| t["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["OWASP-NHI-2025", "OWASP-CICD-SEC", "NIST-CSF-2.0", "CWE"]
    );
    let csf = taxonomies[2]["taxa"].as_array().unwrap();
    assert_eq!(csf.len(), 1, "only what is used");
    assert_eq!(csf[0]["id"], "ID.RA-07");
}

#[test]
fn problems_are_notifications_and_fail_the_run() {
    let run = run(&fixture::rules(), Profile::Github);
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let notes = invocation["toolExecutionNotifications"].as_array().unwrap();
    assert_eq!(
        (notes[0]["level"].clone(), notes[1]["level"].clone()),
        ("note".into(), "error".into())
    );
    let place = &notes[1]["locations"][0]["physicalLocation"];
    assert_eq!(place["region"]["startLine"], 7);
}

#[test]
fn guids_have_the_shape_of_version_5() {
    let guid = guid("exception", "EXC-2026-0001");
    let parts: Vec<_> = guid.split('-').map(str::len).collect();
    assert_eq!(parts, [8, 4, 4, 4, 12]);
    assert_eq!(guid.as_bytes()[14], b'5');
    assert!(b"89ab".contains(&guid.as_bytes()[19]));
}

/// Writes both profiles for a validator that is not a crate: `SARIF_OUT=dir cargo
/// test --lib report`.
#[test]
fn keeps_a_copy_for_other_validators() {
    let Ok(dir) = std::env::var("SARIF_OUT") else {
        return;
    };
    let rules = fixture::rules();
    for profile in Profile::ALL {
        let path = std::path::Path::new(&dir).join(format!("{profile}.sarif"));
        std::fs::write(path, text(&fixture::report(&rules), *profile)).unwrap();
    }
}
