//! Tests of registers in YAML: the same values as in TOML, and what is refused.

use jiff::civil::date;

use super::file::{RegisterError, Source, read};
use super::fixture::{GOOD, faults, keys, register, rules, verdicts};
use super::{Coverage, Policy, Register, judge};

/// The good register of the other tests.
const YAML: &str = r#"version: 1

exception:
  - id: EXC-1
    title: Nightly batch uses a static key
    category: legacy-credential
    owner: team:settlement
    approved-by: ["user:appsec@example.org"]
    reason: The adapter accepts only a header key until release 9.
    granted: 2026-10-01
    expires: 2027-01-31
    review: { every: P90D, last: 2026-10-05 }
    control:
      - type: network-restriction
        what: The key is accepted from two addresses only.
    covers:
      - rules: [static-key/generic]
        paths:
          - batch/**
        max: 2
"#;

fn yaml(text: &str) -> Result<Register, RegisterError> {
    let path = "exceptions.yaml".into();
    read(&[Source { path, text }])
}

fn on(register: &Register) -> (Vec<String>, Vec<String>) {
    let (policy, coverage) = (Policy::default(), Coverage::default());
    let day = date(2026, 11, 24);
    let judged = judge(keys(), register, &policy, day, &coverage, &rules());
    (verdicts(&judged), faults(&judged))
}

#[test]
fn says_the_same_as_toml() {
    assert_eq!(on(&yaml(YAML).unwrap()), on(&register(GOOD)));
    assert_eq!(on(&yaml(YAML).unwrap()).0, ["declared EXC-1: "; 2]);
    let json =
        r#"{"version": 1, "exception": [{"id": "EXC-1", "title": "t", "category": "other"}]}"#;
    assert_eq!(yaml(json).unwrap().broken.len(), 1);
}

#[test]
fn a_fault_points_at_its_key() {
    let cases = [
        (
            "2027-01-31",
            "2027-02-30",
            "malformed 11 exception/EXC-1/expires",
        ),
        (
            "2027-01-31",
            "\"2027-01-31\"",
            "malformed 11 exception/EXC-1/expires",
        ),
        (
            "2027-01-31",
            "2027-01-31T10:00:00Z",
            "malformed 11 exception/EXC-1/expires",
        ),
        (
            "max: 2",
            "max: 2.0",
            "malformed 20 exception/EXC-1/covers[0].max",
        ),
        (
            "max: 2",
            "max: -2",
            "malformed 20 exception/EXC-1/covers[0].max",
        ),
        (
            "max: 2",
            "max:",
            "malformed 20 exception/EXC-1/covers[0].max",
        ),
        (
            "batch/**",
            "'**'",
            "too-broad 19 exception/EXC-1/covers[0].paths[0]",
        ),
        (
            "owner: team:settlement",
            "owner: 7",
            "malformed 7 exception/EXC-1/owner",
        ),
        (
            "    owner: team:settlement\n",
            "",
            "incomplete 4 exception/EXC-1/owner",
        ),
        (
            "owner:",
            "ovner: x\n    owner:",
            "malformed 7 exception/EXC-1/ovner",
        ),
    ];
    for (from, to, expected) in cases {
        assert!(YAML.contains(from), "{from}");
        let register = yaml(&YAML.replacen(from, to, 1)).unwrap();
        assert_eq!(on(&register).1, [expected], "{to}");
    }
    let register = yaml(&YAML.replace("2027-01-31", "2026-11-24")).unwrap();
    let spot = &register.entries.first().unwrap().expires.spot;
    assert_eq!(spot.excerpt().text.as_str(), "    expires: 2026-11-24");
}

#[test]
fn refuses_what_can_be_read_in_two_ways() {
    let cases = [
        (
            "version: 1\nversion: 1\n",
            "2:1: this key stands here already; keep",
        ),
        (
            "version: 1\nx-a: &a 1\n",
            "2:9: an anchor stands before this value; take",
        ),
        ("version: 1\nx-a: *a\n", "2:6: "),
        (
            "version: 1\n<<: {a: 1}\n",
            "2:1: a merge key says elsewhere",
        ),
        ("version: !!str 1\n", "1:16: a tag stands before this value"),
        (
            "version: 1\n---\nversion: 1\n",
            "3:1: a second document begins here",
        ),
        (
            "version: 1\n? [a]\n: 1\n",
            "2:3: a key is a list or a table",
        ),
        ("- version: 1\n", "1:1: the file is not a table; begin"),
        ("", "1:1: the file does not say which version"),
        (
            "version: '1'\n",
            "1:10: this version of the format is not known",
        ),
        (
            "version: 1\nexception: {}\n",
            "2:1: `exception` is a table and not an array of tables; write a list of tables under `exception:`",
        ),
        ("version: 1\n\texception: []\n", "1:10: this is not YAML"),
        ("version: 1\nexception: [\n", "2:12: this is not YAML"),
        (
            "version: 1\nexceptions: []\n",
            "2:1: the key `exceptions` is unknown at the top",
        ),
    ];
    for (text, expected) in cases {
        let error = yaml(text).unwrap_err().to_string();
        let expected = format!("exceptions.yaml:{expected}");
        assert!(error.starts_with(&expected), "{text:?}: {error}");
    }
    let deep = format!("version: 1\nx-a: {}{}\n", "[".repeat(99), "]".repeat(99));
    assert!(yaml(&deep).is_err());
}
