//! Tests of reading: what is wrong, and exactly where.

use proptest::prelude::*;

use super::entry::{Category, Status};
use super::file::{Source, read};
use super::fixture::{GOOD, entry, register, with};

/// The faults of a register, each as `rule line:column key`.
fn faults(text: &str) -> Vec<String> {
    let faults = register(text).faults;
    faults
        .iter()
        .map(|f| {
            let region = f.spot.place().region;
            let rule = f.rule.strip_prefix("register/").unwrap();
            format!("{rule} {}:{} {}", region.line, region.column, f.key)
        })
        .collect()
}

#[test]
fn reads_the_smallest_entry() {
    let register = register(GOOD);
    assert!(register.faults.is_empty() && register.broken.is_empty());
    let entry = register.entries.first().unwrap();
    assert_eq!(entry.id.value, "EXC-1");
    assert_eq!(entry.category, Category::LegacyCredential);
    assert_eq!(entry.status, Status::Active);
    assert_eq!(entry.expires.value, jiff::civil::date(2027, 1, 31));
    assert_eq!(
        entry.expires.spot.excerpt().text.as_str(),
        "expires = 2027-01-31"
    );
    assert_eq!(entry.expires.spot.excerpt().highlight, 0..20);
    assert_eq!(entry.inert, None);
    let cover = entry.covers.first().unwrap();
    assert_eq!(cover.max.value, 2);
    assert_eq!(cover.max.spot.place().region.line, 21);
}

#[test]
fn reads_every_key() {
    let text = r#"
version = 1
register = { name = "payments", owner = "team:security", timezone = "UTC" }
x-note = "free"

[[exception]]
id = "EXC-9"
title = "Break-glass role"
category = "break-glass"
status = "active"
bypasses = ["approval", "central-iam"]
normal-path = "Deploy role through single sign-on"
treatment = "mitigated"
owner = "team:sre"
owner-backup = "user:r@example.org"
requested-by = "user:m@example.org"
approved-by = ["user:ciso@example.org"]
approved-on = 2026-09-01
reason = "Single sign-on fails when its region does."
granted = 2026-09-01
starts = 2026-09-02
expires = 2026-12-29
review = { every = "P30D", last = 2026-11-20, by = "user:ciso@example.org" }
risk = { inherent = "critical", residual = "medium", environments = ["production"], data = ["cards"] }
break-glass = { max-session = "PT4H", activation = "severity 1", post-use-review-within = "P3D", last-tested = 2026-10-15 }
credential = { store = "ci-secret", name = "KEY", last-rotated = 2026-09-01, rotate-every = "P90D" }
agent = { tools = ["refunds.create"], limits = "20 EUR", kill-switch = "flag" }
third-party = { name = "Acme", contract-end = 2027-06-30, contact = "security@acme.example" }
tickets = ["https://tickets.example.org/SEC-1"]
exit = { criteria = "second region", target = 2027-03-31, plan = "SEC-2", evidence = [{ path = "a.yml", contains = "x" }] }
x_cost = 4

  [[exception.renewal]]
  on = 2026-11-01
  from = 2026-11-02
  to = 2026-12-29
  by = "user:ciso@example.org"
  reason = "The region was moved."

  [[exception.control]]
  id = "alert"
  type = "alerting"
  what = "Every use pages somebody."
  owner = "team:detection"
  evidence = [{ path = "infra/alerts.tf", contains = "role" }, { url = "https://audit.example.org/" }]
  verified-on = 2026-10-15
  verify-every = "P90D"

  [[exception.covers]]
  rules = ["elevated-token/role"]
  paths = [".github/workflows/break-glass.yml"]
  repos = ["payments-*"]
  anchors = ["github:job:restore"]
  subjects = ["aws:role:arn:aws:iam::111122223333:role/BreakGlass"]
  fingerprints = ["byway1:9b1c0f3f0d6e4a1e8c55b0a7c1d2e3f4"]
  max = 1

[[false-positive]]
id = "FP-1"
rules = ["static-key/generic"]
paths = ["docs/examples/**"]
fingerprints = ["0f0e0d0c0b0a09080706050403020100", "byway1:1f0e0d0c0b0a09080706050403020100"]
reason = "An example key."
by = "user:appsec@example.org"
on = 2026-10-02
recheck = 2027-10-01
"#;
    let register = register(text);
    assert_eq!(register.faults, []);
    assert_eq!(register.entries.len(), 1);
    assert_eq!(register.false_positives.len(), 2);
}

#[test]
fn a_wrong_value_is_a_fault_at_its_key() {
    let cases = [
        (
            "expires = 2027-01-31",
            "expires = \"2027-01-31\"",
            "malformed 11:1 expires",
        ),
        (
            "expires = 2027-01-31",
            "expires = 2027-01-31T10:00:00",
            "malformed 11:1 expires",
        ),
        (
            "expires = 2027-01-31",
            "expires = 2026-09-30",
            "malformed 11:1 expires",
        ),
        ("owner = \"", "owner = 3 # \"", "malformed 7:1 owner"),
        (
            "category = \"legacy-credential\"",
            "category = \"legacy\"",
            "malformed 6:1 category",
        ),
        (
            "owner =",
            "status = \"live\"\nowner =",
            "malformed 7:1 status",
        ),
        (
            "owner =",
            "  owner_backup = \"x\"\nowner =",
            "malformed 7:3 owner_backup",
        ),
        (
            "every = \"P90D\"",
            "every = \"90 days\"",
            "malformed 12:12 review.every",
        ),
        (
            "every = \"P90D\"",
            "every = \"PT4H\"",
            "malformed 12:12 review.every",
        ),
        (
            "last = 2026-10-05",
            "last = 5",
            "malformed 12:28 review.last",
        ),
        ("max = 2", "max = 0", "malformed 21:1 covers[0].max"),
        ("max = 2", "max = -1", "malformed 21:1 covers[0].max"),
        ("max = 2", "max = \"2\"", "malformed 21:1 covers[0].max"),
        (
            "[\"static-key/generic\"]",
            "[]",
            "malformed 19:1 covers[0].rules",
        ),
        (
            "[\"static-key/generic\"]",
            "[\"ä\", 7]",
            "malformed 19:15 covers[0].rules[1]",
        ),
        (
            "max = 2",
            "max = 2\nfingerprints = [\"xyz\"]",
            "malformed 22:17 covers[0].fingerprints[0]",
        ),
        (
            "max = 2",
            "max = 2\nanchors = [\" \"]",
            "malformed 22:12 covers[0].anchors[0]",
        ),
        (
            "\"batch/**\"",
            "\"./batch/**\"",
            "malformed 20:10 covers[0].paths[0]",
        ),
        ("id = \"EXC-1\"", "id = \"EXC 1\"", "malformed 4:1 id"),
        (
            "owner =",
            "starts = 2026-09-01\nowner =",
            "malformed 7:1 starts",
        ),
        (
            "owner =",
            "starts = 2027-09-01\nowner =",
            "malformed 12:1 expires",
        ),
        (
            "owner =",
            "risk = { residual = \"none\" }\nowner =",
            "malformed 7:10 risk.residual",
        ),
        (
            "owner = \"team:settlement\"",
            "owner = \" \"",
            "incomplete 7:1 owner",
        ),
        ("owner = \"team:settlement\"\n", "", "incomplete 3:1 owner"),
        ("id = \"EXC-1\"\n", "", "incomplete 3:1 id"),
        (
            "approved-by = [\"user:appsec@example.org\"]\n",
            "",
            "incomplete 3:1 approved-by",
        ),
        ("every = \"P90D\", ", "", "incomplete 12:10 review.every"),
        (
            "what = \"The key",
            "x-what = \"The key",
            "incomplete 14:1 control[0].what",
        ),
        ("max = 2\n", "", "incomplete 18:1 covers[0].max"),
        (
            "\"batch/**\"",
            "\"a/**\", \"**\"",
            "too-broad 20:18 covers[0].paths[1]",
        ),
        (
            "\"batch/**\"",
            "\n  \"*\",\n",
            "too-broad 21:3 covers[0].paths[0]",
        ),
        (
            "static-key/generic\"",
            "static-key/*\"",
            "too-broad 19:10 covers[0].rules[0]",
        ),
        ("paths = [\"batch/**\"]\n", "", "too-broad 18:1 covers[0]"),
        (
            "paths = [\"batch/**\"]",
            "repos = [\"batch-*\"]",
            "too-broad 18:1 covers[0]",
        ),
    ];
    for (from, to, expected) in cases {
        let text = with(from, to);
        assert_eq!(faults(&text), [expected], "{to}");
        let register = register(&text);
        let inert = register.entries.first().map(|e| e.inert);
        let inert = inert.unwrap_or_else(|| register.broken.first().map(|b| b.inert));
        let rule = expected.split(' ').next().unwrap();
        assert_eq!(inert, Some(format!("register/{rule}").as_str()), "{to}");
    }
}

#[test]
fn a_fault_says_what_to_write() {
    let message = |from, to| {
        register(&with(from, to))
            .faults
            .first()
            .unwrap()
            .message
            .clone()
    };
    assert_eq!(
        message("expires = 2027-01-31", "expires = \"2027-01-31\""),
        "In EXC-1, `expires` is a date written as text. Write a date without quotes, such as 2026-12-31."
    );
    assert_eq!(
        message("owner =", "owner_backup = \"x\"\nowner ="),
        "In EXC-1, the key `owner_backup` is unknown. Write `owner-backup`, or begin the name of a key of your own with `x-`."
    );
    assert_eq!(
        message("id = \"EXC-1\"\n", ""),
        "In exception #1, `id` is missing. Add `id`: an id of letters, digits, `-`, `_`, `.`, `:` and `/`, such as \"EXC-2026-0001\"."
    );
    assert_eq!(
        message("\"batch/**\"", "\"**\""),
        "In EXC-1, the glob matches nearly every path (`covers[0].paths[0]`). Name the files or folders that the exception is about, such as `batch/settlement/**`."
    );
}

#[test]
fn a_renewal_agrees_with_the_end() {
    let renewal = |from, to| {
        let text = format!(
            "[[exception.renewal]]\non = 2026-11-01\nfrom = {from}\nto = {to}\nby = \"x\"\nreason = \"y\"\n\n[[exception.control]]"
        );
        faults(&with("[[exception.control]]", &text))
    };
    assert_eq!(renewal("2026-11-02", "2027-01-31"), [""; 0]);
    assert_eq!(
        renewal("2026-11-02", "2027-02-28"),
        ["malformed 17:1 renewal[0].to"]
    );
    assert_eq!(
        renewal("2027-02-01", "2027-01-31"),
        ["malformed 17:1 renewal[0].to"]
    );
}

#[test]
fn a_proposal_needs_no_approver() {
    let text = with(
        "approved-by = [\"user:appsec@example.org\"]",
        "status = \"proposed\"",
    );
    assert_eq!(faults(&text), [""; 0]);
}

#[test]
fn an_id_is_taken_once_over_all_files() {
    let text = format!("{GOOD}{}", entry(GOOD, "EXC-1"));
    assert_eq!(faults(&text), ["duplicate-id 24:1 id"]);
    let sources = ["a.toml", "b.toml"].map(|path| Source {
        path: path.into(),
        text: GOOD,
    });
    let register = read(&sources).unwrap();
    let fault = register.faults.first().unwrap();
    assert_eq!(&**fault.spot.path(), "b.toml");
    let related = fault.related.first().unwrap();
    assert_eq!(
        (&*related.place.path, related.place.region.line),
        ("a.toml", 4)
    );
    let inert: Vec<_> = register.entries.iter().map(|e| e.inert).collect();
    assert_eq!(inert, [None, Some("register/duplicate-id")]);
}

#[test]
fn a_false_positive_needs_all_three() {
    let text = "version = 1\n[[false-positive]]\nfingerprint = \"0f0e0d0c0b0a09080706050403020100\"\nreason = \"x\"\nby = \"y\"\n";
    assert_eq!(register(text).false_positives.len(), 1);
    let cases = [
        (
            "fingerprint = \"0f0e0d0c0b0a09080706050403020100\"\n",
            "incomplete 2:1 fingerprint",
        ),
        ("reason = \"x\"\n", "incomplete 2:1 reason"),
        ("by = \"y\"\n", "incomplete 2:1 by"),
        ("0f0e", "malformed 3:1 fingerprint"),
    ];
    for (out, expected) in cases {
        let text = text.replace(out, "");
        assert_eq!(faults(&text), [expected]);
        assert!(register(&text).false_positives.is_empty());
    }
}

#[test]
fn a_file_whose_frame_is_wrong_stops_the_run() {
    let cases = [
        (
            "",
            "r.toml:1:1: the file does not say which version of the format it has; begin the file with `version = 1`",
        ),
        (
            "version = 2",
            "r.toml:1:11: this version of the format is not known; begin",
        ),
        ("version = \"1\"", "r.toml:1:11: this version"),
        (
            "version = 1\nexceptions = []",
            "r.toml:2:1: the key `exceptions` is unknown at the top of a register; write `exception`",
        ),
        (
            "version = 1\n[exception]\nid = \"x\"",
            "r.toml:2:2: `exception` is a table and not an array of tables; write `[[exception]]`",
        ),
        (
            "version = 1\nexception = [1]",
            "r.toml:2:14: `exception` is a number and not an array of tables",
        ),
        (
            "version = 1\nfalse-positive = 3",
            "r.toml:2:1: `false-positive` is a number",
        ),
        (
            "version = 1\nregister = { timezone = \"CET\" }",
            "r.toml:2:14: `register.timezone` is none of the names that are known; write one of \"UTC\"",
        ),
        ("version = 1\n\"é\" = \n", "r.toml:2:"),
        (
            "version = 1\r\nversion = 1",
            "r.toml:2:1: this is not TOML (duplicate key)",
        ),
    ];
    for (text, expected) in cases {
        let source = Source {
            path: "r.toml".into(),
            text,
        };
        let message = read(&[source]).unwrap_err().to_string();
        assert!(message.starts_with(expected), "{text:?}: {message}");
    }
}

fn never_panics(text: &str) {
    let source = Source {
        path: "r.toml".into(),
        text,
    };
    if let Ok(register) = read(&[source]) {
        let live = register.entries.iter().filter(|e| e.inert.is_none());
        assert!(
            live.clone()
                .all(|e| !e.covers.is_empty() && !e.controls.is_empty())
        );
    }
    drop(super::policy::read("p.toml".into(), text));
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "\\PC*") {
        never_panics(&text);
    }

    #[test]
    fn any_damage_to_a_register_is_read_without_panic(
        at in 0..GOOD.len(),
        len in 0..40usize,
        text in "[\\[\\]{}\"'=.,*0-9a-z\\-\\n é]{0,8}",
    ) {
        let end = GOOD.len().min(at + len);
        never_panics(&format!("{}{text}{}", GOOD.get(..at).unwrap(), GOOD.get(end..).unwrap()));
    }
}
