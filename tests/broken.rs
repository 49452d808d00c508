//! Broken input: every file that can't be read or parsed is reported in every format,
//! none stops the run, and what can be read is.

use std::fs::{self, File};
use std::path::Path;

use byway::rule::sample;
use serde_json::Value;

use crate::common::{findings, folder, put, scan};

/// A line that a text rule finds wherever it stands.
fn token(seed: &str) -> String {
    sample::expand("ghp_{{base62:30}}{{crc32-base62}}", seed).unwrap()
}

#[test]
fn a_truncated_file_is_a_problem_and_still_searched_as_text() {
    let folder = folder();
    let text = format!(
        "{{\"permissions\": {{\"defaultMode\": \"{}\", \"a\": [1, 2",
        token("truncated")
    );
    put(
        folder.path(),
        ".claude/settings.json",
        format!("{text} \"bypassPermissions"),
    );
    let run = scan(folder.path(), &[]);
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(run.out.contains("static-key/github-token"), "{}", run.out);
    assert!(
        run.out
            .contains(".claude/settings.json:1: could not be parsed"),
        "{}",
        run.out
    );
    let tolerant = scan(folder.path(), &["--tolerate-problems"]);
    assert_eq!(tolerant.code, 1);
    let jsonl = scan(folder.path(), &["--format", "jsonl"]);
    assert!(jsonl.out.contains("{\"problem\":"), "{}", jsonl.out);
    let sarif: Value =
        serde_json::from_str(&scan(folder.path(), &["--format", "sarif"]).out).unwrap();
    let notes = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert_eq!(notes[0]["level"], "error");
    assert_eq!(
        sarif["runs"][0]["invocations"][0]["executionSuccessful"],
        false
    );
}

#[test]
fn deep_nesting_is_a_problem_and_no_crash() {
    for (name, text) in [
        (
            "deep.json",
            "[".repeat(100_000) + " \"bypassPermissions\" \"write-all\"",
        ),
        (
            ".github/workflows/deep.yml",
            "[".repeat(100_000) + " write-all",
        ),
        (".github/workflows/deep2.yml", {
            let mut text: String = (0..3000).map(|n| " ".repeat(n) + "a:\n").collect();
            text.push_str("permissions: write-all\n");
            text
        }),
        (
            ".codex/config.toml",
            format!("a = {}\napproval_policy = \"never\"", "[".repeat(100_000)),
        ),
        (
            "infra/main.tf",
            format!("a = {}\n# cluster-admin", "[".repeat(100_000)),
        ),
    ] {
        let folder = folder();
        put(folder.path(), name, &text);
        put(folder.path(), "token.txt.py", token(name));
        let run = scan(folder.path(), &["--format", "jsonl"]);
        assert!(
            run.code == 1 || run.code == 2,
            "{name}: {} {}",
            run.code,
            run.err
        );
        assert!(
            run.out.contains("static-key/github-token"),
            "{name}: {}",
            run.out
        );
    }
}

#[test]
fn bytes_that_are_no_text_are_searched() {
    let folder = folder();
    let latin = [b"# caf\xe9\n".as_slice(), token("latin").as_bytes()].concat();
    put(folder.path(), "latin1.py", latin);
    let nul = [b"\0\0\x01".as_slice(), token("nul").as_bytes(), b"\0"].concat();
    put(folder.path(), "blob.bin", nul);
    let units: Vec<u8> = token("wide")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let bare: Vec<u8> = format!("$token = '{}'", token("bare"))
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    put(folder.path(), "unmarked.ps1", bare);
    put(
        folder.path(),
        "wide.ps1",
        [b"\xff\xfe".as_slice(), &units].concat(),
    );
    let found: Vec<_> = findings(folder.path(), &[])
        .iter()
        .map(|f| (f["path"].clone(), f["line"].clone(), f["column"].clone()))
        .collect();
    let at = |path: &str, line: u32, column: u32| (path.into(), line.into(), column.into());
    // In the blob each NUL and the control character take a column.
    assert_eq!(
        found,
        [
            at("blob.bin", 1, 4),
            at("latin1.py", 2, 1),
            at("unmarked.ps1", 1, 11),
            at("wide.ps1", 1, 1)
        ]
    );
}

#[test]
fn a_very_large_file_is_skipped_and_said_so() {
    let folder = folder();
    let big = File::create(folder.path().join("dump.sql")).unwrap();
    big.set_len(200 << 20).unwrap();
    put(folder.path(), "small.py", "x = 1\n");
    let run = scan(folder.path(), &[]);
    assert_eq!(run.code, 0, "{} {}", run.out, run.err);
    assert!(
        run.out.contains("dump.sql") && run.out.contains("200.0 MiB is over the limit of 10.0 MiB"),
        "{}",
        run.out
    );
}

#[test]
fn an_empty_file_and_an_empty_folder() {
    let folder = folder();
    let nothing = scan(folder.path(), &[]);
    assert_eq!(nothing.code, 2);
    assert!(nothing.err.contains("nothing to scan"), "{}", nothing.err);
    put(folder.path(), "empty.py", "");
    assert_eq!(scan(folder.path(), &[]).code, 0);
    put(folder.path(), ".gitignore", "*\n");
    let ignored = scan(folder.path(), &[]);
    assert_eq!((ignored.code, ignored.out.as_str()), (2, ""));
    assert_eq!(scan(folder.path(), &["--no-ignore"]).code, 0);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let outside = folder();
    put(outside.path(), "secret.py", token("outside"));
    let folder = folder();
    put(folder.path(), "a/b.py", "x = 1\n");
    symlink(folder.path().join("a"), folder.path().join("a/loop")).unwrap();
    symlink(outside.path(), folder.path().join("out")).unwrap();
    symlink(
        outside.path().join("secret.py"),
        folder.path().join("link.py"),
    )
    .unwrap();
    let run = scan(folder.path(), &["--no-ignore"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
}

/// A script that a scan of a pipeline finds.
const DEPLOYS: &str = "helm upgrade --install web charts/web --namespace production";

/// What is said of the files of a project, in any order.
fn problems(out: &str) -> Vec<String> {
    let lines = out
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    lines
        .filter_map(|line: Value| Some(line.get("problem")?["message"].as_str()?.to_owned()))
        .collect()
}

#[cfg(unix)]
#[test]
fn what_leads_out_of_the_project_is_not_read_and_said_so() {
    use std::os::unix::fs::symlink;
    let outside = folder();
    let job = format!("ship:\n  stage: deploy\n  script: {DEPLOYS}\n");
    put(outside.path(), "ci.yml", &job);
    let absolute = outside.path().join("ci.yml").display().to_string();
    let folder = folder();
    symlink(outside.path(), folder.path().join("linked")).unwrap();
    symlink(
        outside.path().join("ci.yml"),
        folder.path().join("link.yml"),
    )
    .unwrap();
    let name = outside.path().file_name().unwrap().to_str().unwrap();
    for include in [
        "linked/ci.yml",
        "link.yml",
        "linked/*.yml",
        &format!("../{name}/ci.yml"),
        &format!("linked/../../{name}/ci.yml"),
        &absolute,
        &format!("file://{absolute}"),
        "https://example.org/ci.yml",
        "none.yml",
    ] {
        let text = format!("include: '{include}'\ncheck:\n  script: make check\n");
        put(folder.path(), ".gitlab-ci.yml", text);
        let run = scan(folder.path(), &["--no-ignore", "--format", "jsonl"]);
        assert!(
            !run.out.contains("helm") && !run.out.contains("ship"),
            "{include}: {}",
            run.out
        );
        let said = problems(&run.out);
        assert!(
            said.iter().any(|s| s.contains("not read")),
            "{include}: {said:?}"
        );
        assert_eq!(
            (run.code, run.err.as_str()),
            (0, ""),
            "{include}: {}",
            run.out
        );
    }
}

#[test]
fn what_lies_inside_is_followed_and_any_number_of_threads_finds_the_same() {
    let folder = folder();
    put(
        folder.path(),
        ".gitlab-ci.yml",
        "include: {local: /parts/ship.txt.yml}\ncheck:\n  script: make check\n",
    );
    put(
        folder.path(),
        "parts/ship.txt.yml",
        format!("include: ../.gitlab-ci.yml\nship:\n  stage: deploy\n  script: {DEPLOYS}\n"),
    );
    put(
        folder.path(),
        ".github/workflows/a.yml",
        "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: ./ship\n",
    );
    put(
        folder.path(),
        "ship/action.yml",
        format!("runs:\n  using: composite\n  steps:\n    - uses: ./ship\n    - run: {DEPLOYS}\n"),
    );
    // Enough that the work is shared.
    for at in 0..60 {
        let text =
            "on: push\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n    secrets: inherit\n";
        put(folder.path(), format!(".github/workflows/n{at}.yml"), text);
    }
    let one = scan(folder.path(), &["--format", "jsonl", "--threads", "1"]).out;
    for threads in ["2", "8"] {
        let more = scan(folder.path(), &["--format", "jsonl", "--threads", threads]).out;
        assert!(one == more, "differs with {threads} threads");
    }
    for (path, line) in [("parts/ship.txt.yml", 4), (".github/workflows/a.yml", 6)] {
        let is = |f: &Value| {
            f["rule"] == "bypass-route/deploy-without-approval"
                && f["path"] == path
                && f["line"] == line
        };
        let lines = one
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        assert!(
            lines
                .map(|l| l.get("finding").unwrap_or(&l).clone())
                .any(|f| is(&f)),
            "{path}: {one}"
        );
    }
}

#[test]
fn pipelines_that_are_bent_are_judged_as_far_as_they_go() {
    for (path, text) in [
        // No mapping where one belongs, and keys that nobody knows.
        (
            ".github/workflows/a.yml",
            "on: push\njobs: [a, 1, null]\nwhat: {ever: [1]}\n",
        ),
        (
            ".github/workflows/a.yml",
            "on: [[push]]\njobs: {a: {steps: {run: x}, needs: {a: b}}}\n",
        ),
        (
            ".gitlab-ci.yml",
            "a: {extends: b}\nb: {extends: a}\nc: {extends: c, script: !reference [c, script]}\n",
        ),
        (
            ".gitlab-ci.yml",
            "include: [.gitlab-ci.yml, {local: [1, {}]}, null]\nstages: {a: b}\na: {script: {x: y}}\n",
        ),
        (
            "azure-pipelines.yml",
            "stages: {stage: a}\njobs: 1\nvariables: [[x]]\nsteps: [template: azure-pipelines.yml]\n",
        ),
        (
            ".circleci/config.yml",
            "jobs: [a]\nworkflows: {w: {jobs: {a: b}}}\ncommands: {c: {steps: [c]}}\n",
        ),
        (
            "Jenkinsfile",
            "pipeline { stages { stage('a') { steps { sh \"\"\"x } } ",
        ),
        (
            "bitbucket-pipelines.yml",
            "pipelines: {default: {step: &s {script: [*s]}}}\n",
        ),
        (".drone.yml", "kind: pipeline\nsteps: {a: b}\n---\n- kind\n"),
        (".travis.yml", "jobs: {include: {a: b}}\nstages: 3\n"),
        ("cloudbuild.yaml", "steps: {a: 1}\noptions: []\n"),
    ] {
        let folder = folder();
        put(folder.path(), path, text);
        put(folder.path(), "b.py", token(path));
        let run = scan(folder.path(), &["--tolerate-problems", "--format", "jsonl"]);
        assert_eq!((run.code, run.err.as_str()), (1, ""), "{path}: {}", run.out);
        assert!(
            run.out.contains("static-key/github-token"),
            "{path}: {}",
            run.out
        );
        assert!(!run.out.contains("panic"), "{path}: {}", run.out);
    }
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_is_a_problem() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    put(folder.path(), "locked.py", "x = 1\n");
    put(folder.path(), "open.py", "x = 1\n");
    let locked = folder.path().join("locked.py");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    let run = scan(folder.path(), &[]);
    // An administrator may read it all the same.
    if File::open(&locked).is_ok() {
        assert_eq!(run.code, 0, "{}", run.out);
    } else {
        assert_eq!(run.code, 2, "{}", run.out);
        assert!(
            run.out
                .contains("locked.py: could not be read: permission denied"),
            "{}",
            run.out
        );
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_tree_is_passed_over() {
    let folder = folder();
    put(folder.path(), "a.py", "x = 1\n");
    let made = std::process::Command::new("mkfifo")
        .arg(folder.path().join("pipe"))
        .status();
    assert!(made.unwrap().success());
    assert_eq!(scan(folder.path(), &[]).code, 0);
}

#[test]
fn a_file_named_like_a_secret_or_oddly_is_no_trouble() {
    let folder = folder();
    for name in ["-rf", "a b.py", "é😀.py", "%41.py"] {
        put(folder.path(), Path::new(name), token(name));
    }
    let run = scan(folder.path(), &["--format", "sarif"]);
    let sarif: Value = serde_json::from_str(&run.out).unwrap();
    let uris: Vec<_> = sarif["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| {
            r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(
        uris,
        ["%2541.py", "-rf", "a%20b.py", "%C3%A9%F0%9F%98%80.py"]
    );
}

#[test]
fn what_is_only_large_is_a_note_without_a_line() {
    let folder = folder();
    let code = "requests.get(a, verify=False)\n".repeat(40_000);
    put(folder.path(), "big.py", code);
    let items = "1,".repeat(1_100_000);
    let tree = format!("{{\"permissions\": [{items}1], \"auth\": \"none\"}}");
    put(folder.path(), "big.json", tree);
    let run = scan(folder.path(), &["--format", "jsonl"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let problems: Vec<Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter_map(|value| value.get("problem").cloned())
        .collect();
    for (path, size) in [("big.py", "over 1 MiB"), ("big.json", "longer than 2 MiB")] {
        let problem = problems.iter().find(|p| p["path"] == path).unwrap();
        assert_eq!(problem["gravity"], "note", "{path}");
        assert!(problem["line"].is_null(), "{path}");
        assert!(
            problem["message"].as_str().unwrap().contains(size),
            "{path}"
        );
    }
}
