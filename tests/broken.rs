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
