//! Judging as a user meets it: policies, the lock, repositories, evidence, YAML.

use std::path::Path;

use crate::common::{Run, byway, folder, put, run, scan};

const WORKFLOW: &str = "on: push\npermissions: write-all\n";

const REGISTER: &str = r#"version = 1

[[exception]]
id = "EXC-1"
title = "The CI workflow may write to everything"
category = "other"
owner = "team:release"
approved-by = ["team:security"]
reason = "The release tool asks for every permission until its version 4."
granted = 2026-10-01
expires = 2027-01-31
review = { every = "P90D", last = 2026-10-01 }

[[exception.control]]
type = "logging"
what = "Every run is posted to the channel of the security team."

[[exception.covers]]
rules = ["elevated-token/workflow-write-all"]
paths = [".github/workflows/*.yml"]
max = 1
"#;

/// A project with one path and the register that declares it.
fn project(register: &str) -> tempfile::TempDir {
    let folder = folder();
    put(folder.path(), ".github/workflows/ci.yml", WORKFLOW);
    put(folder.path(), "exceptions.toml", register);
    folder
}

/// A scan with nothing but the rule that the register is about, and its own.
fn judged(folder: &Path, args: &[&str]) -> Run {
    let rules = [
        "--rule",
        "elevated-token/workflow-write-all",
        "--rule",
        "register/*",
    ];
    scan(folder, &[&rules, args].concat())
}

#[test]
fn a_project_can_tighten_the_organisation_s_policy_and_not_loosen_it() {
    let project = project(REGISTER);
    let organisation = folder();
    let limit = |days| format!("version = 1\n\n[category.other]\nmax-lifetime = \"P{days}D\"\n");
    put(organisation.path(), "policy.toml", limit(180));
    let policy = organisation.path().join("policy.toml");
    let policy = ["--policy", policy.to_str().unwrap()];
    assert_eq!(judged(project.path(), &policy).code, 0);

    put(project.path(), ".byway/policy.toml", limit(90));
    let run = judged(project.path(), &policy);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("register/over-policy"), "{}", run.out);

    put(project.path(), ".byway/policy.toml", limit(365));
    let run = judged(project.path(), &policy);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("register/policy-loosened"), "{}", run.out);
    assert!(run.out.contains(".byway/policy.toml:4:1"), "{}", run.out);
    // Given as the organisation's, the project's own is that.
    let own = project.path().join(".byway/policy.toml");
    let own = ["--policy", own.to_str().unwrap()];
    assert_eq!(judged(project.path(), &own).code, 0);
}

#[test]
fn a_policy_that_contradicts_itself_stops_the_run() {
    let project = project(REGISTER);
    let text = "version = 1\n[category.other]\nmax-lifetime = \"P30D\"\nreview-every = \"P60D\"\n";
    put(project.path(), ".byway/policy.toml", text);
    let run = judged(project.path(), &[]);
    assert_eq!(run.code, 2);
    let expected = ".byway/policy.toml:4:1: `category.other.review-every` is longer than";
    assert!(run.err.contains(expected), "{}", run.err);
}

#[test]
fn locked_covers_only_what_is_bound() {
    let project = project(REGISTER);
    let run = judged(project.path(), &["--locked"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("byway register bind"), "{}", run.err);

    let first = "# byway lock 1; `byway register bind` writes it\n";
    put(project.path(), ".byway/exceptions.lock", first);
    let run = judged(project.path(), &["--locked"]);
    assert_eq!(run.code, 1);
    assert!(
        run.out.contains("the lock doesn't bind it to EXC-1"),
        "{}",
        run.out
    );

    let found = crate::common::findings(project.path(), &[]);
    let found = found
        .iter()
        .find(|f| f["rule"] == "elevated-token/workflow-write-all");
    let fingerprint = found.unwrap()["fingerprint"].as_str().unwrap();
    let line =
        format!("EXC-1 {fingerprint} elevated-token/workflow-write-all .github/workflows/ci.yml\n");
    put(
        project.path(),
        ".byway/exceptions.lock",
        format!("{first}{line}"),
    );
    assert_eq!(judged(project.path(), &["--locked"]).code, 0);

    put(
        project.path(),
        ".byway/exceptions.lock",
        format!("{first}EXC-1\n"),
    );
    let run = judged(project.path(), &["--locked"]);
    assert_eq!(run.code, 2);
    let expected = ".byway/exceptions.lock:2:1: this line binds nothing";
    assert!(run.err.contains(expected), "{}", run.err);
}

#[test]
fn an_exception_for_certain_repositories_asks_which_one_this_is() {
    let project = project(&REGISTER.replace("max = 1", "max = 1\nrepos = [\"acme/*\"]"));
    let run = judged(project.path(), &[]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("say so with --repo"), "{}", run.out);
    assert_eq!(judged(project.path(), &["--repo", "acme/payments"]).code, 0);
    assert_eq!(
        judged(project.path(), &["--repo", "other/payments"]).code,
        1
    );
}

#[test]
fn evidence_is_looked_at_in_the_tree_and_nowhere_else() {
    let what = "what = \"Every run is posted to the channel of the security team.\"";
    let named = |path: &str| {
        REGISTER.replace(
            what,
            &format!("{what}\nevidence = [{{ path = \"{path}\", contains = \"ci_runs\" }}]"),
        )
    };
    let project = project(&named("infra/log.tf"));
    let missing = |run: &Run| run.out.contains("register/evidence-missing");
    let run = judged(project.path(), &[]);
    assert!(run.code == 1 && missing(&run), "{}", run.out);
    put(project.path(), "infra/log.tf", "# ci_runs\n");
    assert_eq!(judged(project.path(), &[]).code, 0);
    // What is left out of the scan is there all the same.
    put(project.path(), ".ignore", "infra/\n");
    assert_eq!(judged(project.path(), &[]).code, 0);
    // `register check` looks too.
    let check = || run_check(project.path());
    assert_eq!(check().code, 0);
    put(project.path(), "infra/log.tf", "# nothing\n");
    let run = check();
    assert!(run.code == 1 && missing(&run), "{}", run.out);

    put(project.path(), "exceptions.toml", named("../log.tf"));
    let run = judged(project.path(), &[]);
    assert!(run.out.contains("register/malformed"), "{}", run.out);
    #[cfg(unix)]
    {
        let outside = folder();
        put(outside.path(), "log.tf", "# ci_runs\n");
        put(project.path(), "exceptions.toml", named("link/log.tf"));
        std::os::unix::fs::symlink(outside.path(), project.path().join("link")).unwrap();
        let run = judged(project.path(), &[]);
        assert!(run.code == 1 && missing(&run), "{}", run.out);
    }
}

fn run_check(folder: &Path) -> Run {
    let today = crate::common::TODAY;
    run(byway()
        .args(["register", "check"])
        .arg(folder)
        .args(["--today", today]))
}

#[test]
fn a_register_in_yaml_is_found_and_its_faults_point_into_it() {
    let text = "version: 1\nexception:\n  - id: EXC-1\n    title: t\n    category: other\n    owner: team:release\n    approved-by: [\"team:security\"]\n    reason: r\n    granted: 2026-10-01\n    expires: 2027-01-31\n    review: {every: P90D, last: 2026-10-01}\n    control: [{type: logging, what: w}]\n    covers: [{rules: [elevated-token/workflow-write-all], paths: [\".github/**\"], max: 1}]\n";
    for name in [
        "exceptions.yaml",
        "exceptions.yml",
        ".byway/exceptions.yaml",
        ".byway/exceptions.d/ci.yml",
    ] {
        let project = folder();
        put(project.path(), ".github/workflows/ci.yml", WORKFLOW);
        put(project.path(), name, text);
        assert_eq!(judged(project.path(), &[]).code, 0, "{name}");
        put(
            project.path(),
            name,
            text.replace("2027-01-31", "2026-11-01"),
        );
        let run = judged(project.path(), &[]);
        assert_eq!(run.code, 1, "{name}");
        assert!(run.out.contains(&format!("{name}:10:5")), "{}", run.out);
        put(
            project.path(),
            name,
            text.replace("version: 1", "version: &v 1"),
        );
        let run = judged(project.path(), &[]);
        assert_eq!(run.code, 2, "{name}");
        assert!(
            run.err.contains(&format!("{name}:1:13: an anchor")),
            "{}",
            run.err
        );
    }
}

#[test]
fn a_register_of_fifty_megabytes_is_refused() {
    let project = project(&format!(
        "version = 1\n{}",
        "# exceptions\n".repeat(4_000_000)
    ));
    let run = judged(project.path(), &[]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("exceptions.toml: the file is over 16 MiB"),
        "{}",
        run.err
    );
}

#[test]
fn the_schemas_are_printed() {
    for (option, title) in [
        (None, "register of declared exceptions"),
        (Some("--policy"), "limits of exceptions"),
    ] {
        let run = run(byway().args(["register", "schema"]).args(option));
        assert_eq!(run.code, 0);
        let schema: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        assert!(schema["title"].as_str().unwrap().contains(title));
    }
}
