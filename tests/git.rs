//! Registers in git: what a change may not declare for itself, and what a history shows.
//!
//! Repositories are made with the program `git`, which is wherever this one is built, apart
//! from any settings of the machine.

use std::fs;
use std::path::Path;
use std::process::Command;

use byway::rule::sample;
use serde_json::Value;
use tempfile::TempDir;

use crate::common::{TODAY, byway, findings, folder, put, run, scan};

/// A repository with a branch `main`.
struct Repo(TempDir);

impl Repo {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(init: &[&str]) -> Self {
        let repo = Self(folder());
        repo.git(&[&["init", "--quiet", "--initial-branch=main"], init].concat());
        repo
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn put(&self, name: &str, text: impl AsRef<[u8]>) {
        put(self.path(), name, text);
    }

    /// Commits all there is, at noon of a day.
    fn commit(&self, day: &str) {
        self.git(&["add", "--all"]);
        self.git_on(
            day,
            &["commit", "--quiet", "--allow-empty", "-m", "A change"],
        );
    }

    fn git(&self, args: &[&str]) -> String {
        self.git_on("2026-11-01", args)
    }

    fn git_on(&self, day: &str, args: &[&str]) -> String {
        git(self.path(), day, args)
    }
}

fn git(folder: &Path, day: &str, args: &[&str]) -> String {
    let time = format!("{day}T12:00:00Z");
    let output = Command::new("git")
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("GIT_AUTHOR_DATE", &time)
        .env("GIT_COMMITTER_DATE", &time)
        .args([
            "-c",
            "user.name=A. Author",
            "-c",
            "user.email=author@example.org",
        ])
        .args(["-c", "protocol.file.allow=always"])
        .args(args)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "git {args:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

const RULE: &str = "static-key/github-token";

/// A script with a key in it.
fn script(seed: &str) -> String {
    let key = sample::expand("ghp_{{base62:30}}{{crc32-base62}}", seed).unwrap();
    format!("#!/bin/sh\nexport GITHUB_TOKEN={key}\n./publish\n")
}

/// An entry that covers keys below a folder.
fn entry(id: &str, paths: &str, granted: &str, expires: &str, max: u32) -> String {
    format!(
        r#"
[[exception]]
id = "{id}"
title = "The release script uses a static token"
category = "legacy-credential"
owner = "team:release"
approved-by = ["user:appsec@example.org"]
reason = "The registry takes no identity tokens before its release 9."
granted = {granted}
expires = {expires}
review = {{ every = "P1Y", last = 2026-11-01 }}

[[exception.control]]
type = "network-restriction"
what = "The token is accepted from two addresses only."

[[exception.covers]]
rules = ["{RULE}"]
paths = ["{paths}"]
max = {max}
"#
    )
}

fn register(entries: &[String]) -> String {
    format!("version = 1\n{}", entries.concat())
}

fn valid(id: &str, max: u32) -> String {
    entry(id, "scripts/**", "2026-11-01", "2027-01-31", max)
}

/// The results of a rule in a SARIF log, and the run's properties.
fn sarif(folder: &Path, rule: &str, args: &[&str]) -> (Vec<Value>, Value) {
    let run = scan(folder, &[&["--format", "sarif"], args].concat());
    let log: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
    let results = log["runs"][0]["results"].as_array().unwrap().clone();
    let wanted = results.into_iter().filter(|r| r["ruleId"] == rule);
    (wanted.collect(), log["runs"][0]["properties"].clone())
}

fn message(result: &Value) -> &str {
    result["message"]["text"].as_str().unwrap()
}

// What a change may not declare for itself

#[test]
fn a_change_that_adds_a_key_and_its_own_exception_fails() {
    let repo = Repo::new();
    repo.put("readme.txt", "Nothing yet.\n");
    repo.commit("2026-11-01");
    repo.git(&["checkout", "--quiet", "-b", "change"]);
    repo.put("scripts/release.sh", script("attack"));
    repo.put("exceptions.toml", register(&[valid("EXC-2026-0009", 1)]));
    repo.commit("2026-11-02");

    // Why it matters: the change declares itself.
    let trusting = scan(repo.path(), &[]);
    assert_eq!(trusting.code, 0, "{}", trusting.out);

    let wary = scan(repo.path(), &["--trust-base", "main"]);
    assert_eq!(wary.code, 1, "{}{}", wary.out, wary.err);
    let why = "EXC-2026-0009 is proposed by this change and counts once it is merged";
    let flat = wary.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(why), "{}", wary.out);
    assert!(
        flat.contains("proposal: exceptions.toml:3: EXC-2026-0009"),
        "{flat}"
    );

    let (keys, properties) = sarif(repo.path(), RULE, &["--trust-base", "main"]);
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0]["properties"]["registerState"], "lapsed");
    assert_eq!(properties["proposals"][0]["exception"], "EXC-2026-0009");
    assert_eq!(properties["proposals"][0]["step"], "added");
    let lines = scan(repo.path(), &["--trust-base", "main", "--format", "jsonl"]);
    assert!(
        lines
            .out
            .contains(r#"{"proposal":{"exception":"EXC-2026-0009","step":"added""#),
        "{}",
        lines.out
    );

    // What the change ignores is looked at.
    repo.put(".ignore", "scripts\n");
    assert_eq!(scan(repo.path(), &["--trust-base", "main"]).code, 1);
    fs::remove_file(repo.path().join(".ignore")).unwrap();

    // Merged, it counts.
    repo.git(&["checkout", "--quiet", "main"]);
    repo.git(&["merge", "--quiet", "change"]);
    assert_eq!(scan(repo.path(), &["--trust-base", "main"]).code, 0);
}

#[test]
fn a_change_cannot_widen_an_entry_nor_add_a_false_positive() {
    let repo = Repo::new();
    repo.put("scripts/a.sh", script("a"));
    repo.put("exceptions.toml", register(&[valid("EXC-1", 1)]));
    repo.commit("2026-11-01");
    repo.put("scripts/b.sh", script("b"));
    let second = findings(repo.path(), &["--rule", RULE]);
    let fingerprint = second[1]["fingerprint"].as_str().unwrap();
    let wrong = format!(
        "\n[[false-positive]]\nfingerprint = \"{fingerprint}\"\nreason = \"An example.\"\nby = \"user:a@example.org\"\n"
    );
    for change in [
        register(&[valid("EXC-1", 2)]),
        register(&[
            valid("EXC-1", 1),
            entry("EXC-2", "scripts/b.sh", "2026-11-01", "2027-01-31", 1),
        ]),
        register(&[valid("EXC-1", 1), wrong]),
    ] {
        repo.put("exceptions.toml", &change);
        let base = ["--trust-base", "main"];
        let keys = findings(repo.path(), &[&base[..], &["--rule", RULE]].concat());
        let verdicts: Vec<_> = keys
            .iter()
            .map(|f| f["verdict"].as_str().unwrap())
            .collect();
        assert_eq!(verdicts[0], "declared", "{change}");
        assert_ne!(verdicts[1], "declared", "{change}");
        assert_ne!(verdicts[1], "false-positive", "{change}");
        assert_eq!(scan(repo.path(), &base).code, 1, "{change}");
        assert_eq!(scan(repo.path(), &[]).code, 0, "{change}");
    }
}

#[test]
fn a_change_makes_the_register_stricter_at_once() {
    let repo = Repo::new();
    repo.put("scripts/a.sh", script("a"));
    let declared = register(&[valid("EXC-1", 1)]);
    repo.put("exceptions.toml", &declared);
    repo.commit("2026-11-01");
    assert_eq!(scan(repo.path(), &["--trust-base", "main"]).code, 0);
    let closed = declared.replace("category =", "status = \"closed\"\ncategory =");
    let shorter = declared.replace("2027-01-31", "2026-11-23");
    let asked = declared.replace("category =", "status = \"proposed\"\ncategory =");
    let none = "version = 1\n".to_owned();
    for (change, step) in [
        (closed, "closed"),
        (shorter, "changed"),
        (asked, "changed"),
        (none, "removed"),
    ] {
        repo.put("exceptions.toml", &change);
        let (keys, properties) = sarif(repo.path(), RULE, &["--trust-base", "HEAD"]);
        assert_ne!(keys[0]["properties"]["registerState"], "declared", "{step}");
        assert_eq!(properties["proposals"][0]["step"], step);
        assert_eq!(
            scan(repo.path(), &["--trust-base", "HEAD"]).code,
            1,
            "{step}"
        );
    }
    // Comments and order are no change.
    let same = declared.replace("title =", "# Asked for in May.\ntitle =");
    repo.put("exceptions.toml", same);
    let (keys, properties) = sarif(repo.path(), RULE, &["--trust-base", "HEAD"]);
    assert_eq!(keys[0]["properties"]["registerState"], "declared");
    assert!(properties.get("proposals").is_none(), "{properties}");
}

#[test]
fn a_change_cannot_loosen_the_policy_nor_move_the_register() {
    let repo = Repo::new();
    repo.put("scripts/a.sh", script("a"));
    repo.put("exceptions.toml", register(&[valid("EXC-1", 1)]));
    let policy = "version = 1\n\n[category.legacy-credential]\nmax-lifetime = \"P30D\"\n";
    repo.put(".byway/policy.toml", policy);
    repo.commit("2026-11-01");
    repo.put(".byway/policy.toml", policy.replace("P30D", "P300D"));
    assert_eq!(scan(repo.path(), &[]).code, 0);
    let wary = scan(repo.path(), &["--trust-base", "main"]);
    assert_eq!(wary.code, 1, "{}", wary.out);
    assert!(wary.out.contains("register/over-policy"), "{}", wary.out);
    fs::remove_file(repo.path().join(".byway/policy.toml")).unwrap();
    assert_eq!(scan(repo.path(), &["--trust-base", "main"]).code, 1);

    // The same entry in another file is the same entry.
    repo.git(&["checkout", "--quiet", "."]);
    repo.put(".byway/policy.toml", policy.replace("P30D", "P300D"));
    repo.commit("2026-11-02");
    repo.git(&["mv", "exceptions.toml", ".byway/exceptions.toml"]);
    let (keys, properties) = sarif(repo.path(), RULE, &["--trust-base", "main"]);
    assert_eq!(keys[0]["properties"]["registerState"], "declared");
    assert!(properties.get("proposals").is_none(), "{properties}");
}

#[test]
fn a_base_that_cannot_be_read_stops_the_run() {
    let repo = Repo::new();
    repo.put("a.py", "x = 1\n");
    repo.commit("2026-11-01");
    repo.commit("2026-11-02");
    let unknown = scan(repo.path(), &["--trust-base", "nowhere"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (2, ""));
    assert!(
        unknown
            .err
            .contains("no revision 'nowhere'; write a branch"),
        "{}",
        unknown.err
    );

    let shallow = folder();
    let from = format!("file://{}", repo.path().display());
    git(
        shallow.path(),
        TODAY,
        &["clone", "--quiet", "--depth=1", &from, "clone"],
    );
    let clone = shallow.path().join("clone");
    let cut = scan(&clone, &["--trust-base", "HEAD~1"]);
    assert_eq!((cut.code, cut.out.as_str()), (2, ""));
    assert!(
        cut.err.contains("git fetch --depth=1 origin HEAD~1"),
        "{}",
        cut.err
    );

    let none = folder();
    put(none.path(), "a.py", "x = 1\n");
    let none = scan(none.path(), &["--trust-base", "main"]);
    assert_eq!(none.code, 2);
    assert!(
        none.err.contains("lies in no git repository"),
        "{}",
        none.err
    );

    repo.put("exceptions.toml", "version = 2\n");
    repo.commit("2026-11-03");
    repo.put("exceptions.toml", "version = 1\n");
    let broken = scan(repo.path(), &["--trust-base", "main"]);
    assert_eq!(broken.code, 2);
    assert!(
        broken.err.contains("in main: exceptions.toml:1:11"),
        "{}",
        broken.err
    );
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_a_register_in_the_base_stops_the_run() {
    let repo = Repo::new();
    repo.put("a.py", "x = 1\n");
    std::os::unix::fs::symlink("/etc/hostname", repo.path().join("exceptions.toml")).unwrap();
    repo.commit("2026-11-01");
    fs::remove_file(repo.path().join("exceptions.toml")).unwrap();
    let run = scan(repo.path(), &["--trust-base", "main"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("exceptions.toml in main: it is a link"),
        "{}",
        run.err
    );
}

// What a history shows

const PERMANENT: &str = "register/permanent";
const EDITED: &str = "register/history-edited";
const UNKNOWN: &str = "register/history-unknown";

fn renewed(expires: &str, renewals: &[(&str, &str)]) -> String {
    let renewals = renewals.iter().map(|(on, to)| {
        format!(
            "\n[[exception.renewal]]\non = {on}\nto = {to}\nby = \"user:appsec@example.org\"\nreason = \"Release 9 was moved again, on {on}.\"\n"
        )
    });
    let text = entry("EXC-1", "scripts/**", "2025-01-01", expires, 1);
    let text: String = std::iter::once(text).chain(renewals).collect();
    register(&[text])
}

/// Four grants, the register renamed between them and back.
fn four_grants(repo: &Repo) {
    repo.put("scripts/a.sh", script("a"));
    let mut renewals = Vec::new();
    let mut place = "exceptions.toml";
    for (on, to, next) in [
        ("2025-01-01", "2025-03-01", "exceptions.toml"),
        ("2025-02-25", "2025-06-01", ".byway/exceptions.toml"),
        (
            "2025-05-30",
            "2025-09-01",
            ".byway/exceptions.d/release.toml",
        ),
        ("2025-08-31", "2026-12-31", "exceptions.toml"),
    ] {
        if on != "2025-01-01" {
            renewals.push((on, to));
            fs::remove_file(repo.path().join(place)).unwrap();
        }
        repo.put(next, renewed(to, &renewals));
        place = next;
        repo.commit(on);
    }
}

#[test]
fn renewals_are_found_over_renames_of_the_register() {
    let repo = Repo::new();
    four_grants(&repo);
    let (permanent, _) = sarif(repo.path(), PERMANENT, &[]);
    assert_eq!(permanent.len(), 1);
    let said = message(&permanent[0]);
    assert!(
        said.contains("renewed 3 times: granted on 2025-01-01 for 59 days, it now lasts 729"),
        "{said}"
    );
    assert!(
        said.contains("2 of the renewals came in the last three days"),
        "{said}"
    );
    let related = permanent[0]["relatedLocations"].as_array().unwrap();
    let commit = repo.git(&["rev-parse", "HEAD~2"]);
    let told: Vec<_> = related.iter().map(message).collect();
    assert_eq!(
        told[0],
        format!(
            "Renewed from 2025-03-01 to 2025-06-01 by commit {} of 2025-02-25 (A. Author).",
            commit.get(..9).unwrap()
        )
    );
    // After them the entry itself.
    assert_eq!(told.len(), 4, "{told:?}");
    let line = |n: usize| related[n]["physicalLocation"]["region"]["startLine"].as_u64();
    let text = fs::read_to_string(repo.path().join("exceptions.toml")).unwrap();
    let lines = (1..).zip(text.lines());
    let lines = lines.filter(|(_, line)| line.contains("exception.renewal"));
    let lines: Vec<u64> = lines.map(|(n, _)| n).collect();
    assert_eq!(
        [line(0), line(1), line(2)],
        [Some(lines[0]), Some(lines[1]), Some(lines[2])]
    );
    assert!(sarif(repo.path(), EDITED, &[]).0.is_empty());
    assert!(
        sarif(repo.path(), PERMANENT, &["--no-register-history"])
            .0
            .is_empty()
    );
    let check = run(byway()
        .args(["register", "check", "--today", TODAY])
        .arg(repo.path()));
    assert!(check.out.contains(PERMANENT), "{}", check.out);
}

#[test]
fn a_file_that_had_another_name_is_followed() {
    let repo = Repo::new();
    repo.put("scripts/a.sh", script("a"));
    repo.put("governance/allowed.toml", renewed("2025-03-01", &[]));
    repo.commit("2025-01-01");
    repo.put(
        "governance/allowed.toml",
        renewed("2025-09-01", &[("2025-02-28", "2025-09-01")]),
    );
    repo.commit("2025-02-28");
    repo.git(&["mv", "governance/allowed.toml", "exceptions.toml"]);
    let text = renewed("2025-09-01", &[("2025-02-28", "2025-09-01")]);
    repo.put(
        "exceptions.toml",
        text.replace("title =", "# Moved here.\ntitle ="),
    );
    repo.commit("2025-04-01");
    let twice = [("2025-02-28", "2025-09-01"), ("2025-08-31", "2026-12-31")];
    repo.put("exceptions.toml", renewed("2026-12-31", &twice));
    repo.commit("2025-08-31");
    let (permanent, _) = sarif(repo.path(), PERMANENT, &[]);
    let said = message(&permanent[0]);
    assert!(
        said.contains("renewed twice: granted on 2025-01-01 for 59 days"),
        "{said}"
    );
    let related = permanent[0]["relatedLocations"].as_array().unwrap();
    assert!(message(&related[0]).contains("by commit"), "{related:?}");
}

#[test]
fn a_merge_does_not_talk_a_history_away() {
    let repo = Repo::new();
    four_grants(&repo);
    // The same register without a past, and a merge that takes it.
    repo.git(&["checkout", "--quiet", "--orphan", "fresh"]);
    let fresh = entry("EXC-1", "scripts/**", "2026-10-01", "2026-12-31", 1);
    repo.put("exceptions.toml", register(&[fresh]));
    repo.commit("2026-10-01");
    repo.git(&[
        "merge",
        "--quiet",
        "--allow-unrelated-histories",
        "-s",
        "ours",
        "-m",
        "Merge",
        "main",
    ]);
    let (permanent, _) = sarif(repo.path(), PERMANENT, &[]);
    assert_eq!(permanent.len(), 1);
    assert!(
        message(&permanent[0]).contains("renewed 3 times"),
        "{}",
        message(&permanent[0])
    );
    let edited = sarif(repo.path(), EDITED, &[]).0;
    assert!(
        edited
            .iter()
            .any(|r| message(r).contains("renewals are missing")),
        "{edited:?}"
    );
}

#[test]
fn an_entry_that_goes_on_under_a_new_id_keeps_its_history() {
    let repo = Repo::new();
    repo.put("scripts/a.sh", script("a"));
    let first = entry("EXC-1", "scripts/**", "2025-01-01", "2025-06-30", 1);
    repo.put("exceptions.toml", register(&[first]));
    repo.commit("2025-01-01");
    let second = entry("EXC-2", "scripts/**", "2025-06-29", "2025-12-31", 1);
    repo.put("exceptions.toml", register(&[second]));
    repo.commit("2025-06-29");
    let third = entry("EXC-3", "scripts/**", "2026-01-02", "2026-12-31", 1);
    repo.put("exceptions.toml", register(&[third]));
    repo.commit("2026-01-02");
    let (permanent, _) = sarif(repo.path(), PERMANENT, &[]);
    let said = message(&permanent[0]);
    assert!(
        said.contains("EXC-3 is called temporary and has been renewed twice"),
        "{said}"
    );
    assert!(said.contains("It went on from EXC-2, EXC-1"), "{said}");
    assert!(said.contains("granted on 2025-01-01"), "{said}");

    // Something else in the same place is not it.
    let other = entry("EXC-4", "jobs/**", "2026-01-02", "2026-12-31", 1);
    repo.put("exceptions.toml", register(&[other]));
    repo.commit("2026-01-03");
    assert!(sarif(repo.path(), PERMANENT, &[]).0.is_empty());
}

#[test]
fn what_is_edited_is_told_and_what_is_put_right_is_not() {
    let repo = Repo::new();
    repo.put("scripts/a.sh", script("a"));
    let at = |granted: &str, expires: &str| {
        register(&[entry("EXC-1", "scripts/**", granted, expires, 1)])
    };
    repo.put("exceptions.toml", at("2026-06-01", "2026-08-31"));
    repo.commit("2026-06-01");
    // Days later the date is put right.
    repo.put("exceptions.toml", at("2026-06-02", "2026-09-30"));
    repo.commit("2026-06-04");
    assert!(sarif(repo.path(), EDITED, &[]).0.is_empty());
    repo.put("exceptions.toml", at("2026-06-02", "2026-12-31"));
    // Not committed yet, it is told already.
    let edited = sarif(repo.path(), EDITED, &[]).0;
    assert_eq!(edited.len(), 1);
    assert!(
        message(&edited[0]).contains(
            "The end of EXC-1 was moved from 2026-09-30 to 2026-12-31 by a change that is not committed yet"
        ),
        "{edited:?}"
    );
    repo.commit("2026-09-29");
    repo.put("exceptions.toml", at("2026-10-01", "2026-12-31"));
    repo.commit("2026-10-01");
    let edited = sarif(repo.path(), EDITED, &[]).0;
    assert_eq!(edited.len(), 2);
    let granted = message(&edited[0]);
    assert!(
        granted.contains("says that it was granted on 2026-10-01, and said 2026-06-02"),
        "{granted}"
    );
}

#[test]
fn a_shallow_clone_says_that_it_does_not_know() {
    let repo = Repo::new();
    four_grants(&repo);
    let shallow = folder();
    let from = format!("file://{}", repo.path().display());
    git(
        shallow.path(),
        TODAY,
        &["clone", "--quiet", "--depth=1", &from, "clone"],
    );
    let clone = shallow.path().join("clone");
    let (unknown, _) = sarif(&clone, UNKNOWN, &[]);
    assert_eq!(unknown.len(), 1);
    assert_eq!(scan(&clone, &["--no-register-history"]).code, 0);
    assert!(
        sarif(&clone, UNKNOWN, &["--no-register-history"])
            .0
            .is_empty()
    );
    // The whole history is known, and so is that of what was never in git.
    assert!(sarif(repo.path(), UNKNOWN, &[]).0.is_empty());
    fs::remove_dir_all(clone.join(".git")).unwrap();
    assert!(sarif(&clone, UNKNOWN, &[]).0.is_empty());
}

#[test]
fn a_revision_that_is_no_register_is_passed_over_and_told() {
    let repo = Repo::new();
    four_grants(&repo);
    let good = fs::read_to_string(repo.path().join("exceptions.toml")).unwrap();
    repo.put("exceptions.toml", "version = 1\n[[exception\n");
    repo.commit("2025-10-01");
    repo.put("exceptions.toml", good);
    repo.commit("2025-10-02");
    let run = scan(repo.path(), &[]);
    let flat = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains("note: exceptions.toml: has one earlier revision in git that can't be read"),
        "{}",
        run.out
    );
    assert_eq!(sarif(repo.path(), PERMANENT, &[]).0.len(), 1);
}

// Repositories of every kind

#[test]
fn a_project_below_the_root_a_linked_worktree_and_long_ids_are_read() {
    let repo = Repo::with(&["--object-format=sha256"]);
    repo.put("readme.txt", "The root.\n");
    repo.put("part/scripts/a.sh", script("a"));
    repo.put("part/exceptions.toml", register(&[valid("EXC-1", 1)]));
    repo.commit("2026-11-01");
    let linked = folder();
    let tree = linked.path().join("tree");
    repo.git(&[
        "worktree",
        "add",
        "--quiet",
        tree.to_str().unwrap(),
        "-b",
        "change",
    ]);
    put(&tree, "part/scripts/b.sh", script("b"));
    put(
        &tree,
        "part/exceptions.toml",
        register(&[valid("EXC-1", 2)]),
    );
    let part = tree.join("part");
    assert_eq!(scan(&part, &[]).code, 0, "{}", scan(&part, &[]).out);
    let wary = scan(&part, &["--trust-base", "main"]);
    assert_eq!(wary.code, 1, "{}{}", wary.out, wary.err);
    assert!(
        wary.out.contains("covers at most 1 finding"),
        "{}",
        wary.out
    );
}

#[cfg(unix)]
#[test]
fn what_a_repository_is_set_to_run_is_not_run() {
    let repo = Repo::new();
    four_grants(&repo);
    let run_me = repo.path().join("run-me.sh");
    let trace = repo.path().join("trace");
    fs::write(
        &run_me,
        format!("#!/bin/sh\ntouch {}\ncat\n", trace.display()),
    )
    .unwrap();
    let mut mode = fs::metadata(&run_me).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
    fs::set_permissions(&run_me, mode).unwrap();
    let elsewhere = folder();
    put(
        elsewhere.path(),
        "config",
        format!("[core]\n\tfsmonitor = {}\n", run_me.display()),
    );
    let run_me = run_me.display();
    let config = format!(
        "\n[core]\n\tfsmonitor = {run_me}\n\thooksPath = {0}\n\tpager = {run_me}\n\tsshCommand = {run_me}\n\tworktree = {0}\n[include]\n\tpath = {0}/config\n[filter \"x\"]\n\tclean = {run_me}\n\tsmudge = {run_me}\n\tprocess = {run_me}\n[diff]\n\texternal = {run_me}\n[alias]\n\tlog = !{run_me}\n[uploadpack]\n\tpackObjectsHook = {run_me}\n[remote \"origin\"]\n\turl = ext::{run_me}\n\tpromisor = true\n\tpartialclonefilter = blob:none\n[gpg]\n\tprogram = {run_me}\n",
        elsewhere.path().display()
    );
    let own = repo.path().join(".git/config");
    let before = fs::read_to_string(&own).unwrap();
    fs::write(&own, before + &config).unwrap();
    repo.put(".gitattributes", "* filter=x diff=x\n");
    let (permanent, _) = sarif(repo.path(), PERMANENT, &["--trust-base", "HEAD"]);
    assert_eq!(permanent.len(), 1);
    assert!(!trace.exists());
}

#[test]
fn a_broken_repository_is_no_crash() {
    let repo = Repo::new();
    four_grants(&repo);
    // An object of the history goes missing.
    let lost = repo.git(&["rev-parse", "HEAD~3:exceptions.toml"]);
    let (first, rest) = lost.trim().split_at(2);
    let object = repo.path().join(".git/objects").join(first).join(rest);
    fs::remove_file(object).unwrap();
    let (unknown, _) = sarif(repo.path(), UNKNOWN, &[]);
    assert_eq!(unknown.len(), 1);
    fs::write(repo.path().join(".git/HEAD"), "nonsense\n").unwrap();
    assert_eq!(sarif(repo.path(), UNKNOWN, &[]).0.len(), 1);
    assert_eq!(scan(repo.path(), &["--trust-base", "HEAD"]).code, 2);
    // A folder of that name alone is nothing.
    fs::remove_dir_all(repo.path().join(".git")).unwrap();
    fs::create_dir(repo.path().join(".git")).unwrap();
    assert!(sarif(repo.path(), UNKNOWN, &[]).0.is_empty());
}
