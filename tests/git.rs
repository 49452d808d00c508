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

mod history;
mod repositories;
mod trust;

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
