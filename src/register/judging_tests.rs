//! Tests of judging: verdicts, reasons, and the faults that show.

use jiff::civil::date;

use super::entry::Register;
use super::fixture::{GOOD, entry, faults, finding, keys, register, rule, rules, verdicts, with};
use super::judge::judge;
use super::policy::Policy;
use super::{Coverage, Judged, Verdict};
use crate::finding::Finding;
use crate::rule::Rule;

pub(super) const TODAY: (i8, i8) = (11, 24);

/// Judges by a day of 2026 after a scan of everything.
pub(super) fn on(
    register: &Register,
    findings: Vec<Finding>,
    (month, day): (i8, i8),
) -> Vec<Judged> {
    let coverage = Coverage {
        full: true,
        ..Coverage::default()
    };
    judge(
        findings,
        register,
        &Policy::default(),
        date(2026, month, day),
        &coverage,
        &rules(),
    )
}

/// What becomes of the first key under a register, and the faults.
fn first(text: &str, today: (i8, i8)) -> (String, Vec<String>) {
    let judged = on(&register(text), keys(), today);
    (verdicts(&judged).swap_remove(0), faults(&judged))
}

#[test]
fn the_state_of_an_entry_decides() {
    let review = "review-overdue 12 exception/EXC-1/review.last";
    let soon = "expires-soon 11 exception/EXC-1/expires";
    let cases = [
        ("", "", TODAY, "declared EXC-1: ", vec![]),
        (
            "2027-01-31",
            "2026-12-09",
            TODAY,
            "declared EXC-1: ",
            vec![],
        ),
        (
            "2027-01-31",
            "2026-12-08",
            TODAY,
            "declared EXC-1: ",
            vec![soon],
        ),
        (
            "2027-01-31",
            "2026-11-24",
            TODAY,
            "declared EXC-1: ",
            vec![soon],
        ),
        (
            "2027-01-31",
            "2026-11-23",
            TODAY,
            "lapsed EXC-1: EXC-1 expired on 2026-11-23.",
            vec!["expired 11 exception/EXC-1/expires"],
        ),
        (
            "owner =",
            "starts = 2026-11-24\nowner =",
            TODAY,
            "declared EXC-1: ",
            vec![],
        ),
        (
            "owner =",
            "starts = 2026-11-25\nowner =",
            TODAY,
            "lapsed EXC-1: EXC-1 covers nothing before 2026-11-25.",
            vec![],
        ),
        (
            "granted = 2026-10-01",
            "granted = 2026-11-25",
            TODAY,
            "lapsed EXC-1: EXC-1 covers nothing before 2026-11-25.",
            vec![],
        ),
        (
            "owner =",
            "status = \"proposed\"\nowner =",
            TODAY,
            "lapsed EXC-1: EXC-1 is only proposed.",
            vec![],
        ),
        (
            "owner =",
            "status = \"closed\"\nowner =",
            TODAY,
            "lapsed EXC-1: EXC-1 is closed.",
            vec!["reappeared 7 exception/EXC-1/status"],
        ),
        (
            "owner =",
            "status = \"revoked\"\nowner =",
            TODAY,
            "lapsed EXC-1: EXC-1 was revoked.",
            vec!["reappeared 7 exception/EXC-1/status"],
        ),
        (
            "max = 2",
            "max = 2\nmax-of = 3",
            TODAY,
            "lapsed EXC-1: EXC-1 covers nothing because of its fault register/malformed.",
            vec!["malformed 22 exception/EXC-1/covers[0].max-of"],
        ),
        (
            "owner = \"team:settlement\"\n",
            "",
            TODAY,
            "lapsed -: EXC-1 covers nothing because of its fault register/incomplete.",
            vec!["incomplete 3 exception/EXC-1/owner"],
        ),
        (
            "batch/**",
            "**",
            TODAY,
            "lapsed EXC-1: EXC-1 covers nothing because of its fault register/too-broad.",
            vec!["too-broad 20 exception/EXC-1/covers[0].paths[0]"],
        ),
        ("P90D", "P50D", TODAY, "declared EXC-1: ", vec![]),
        ("P90D", "P49D", TODAY, "declared EXC-1: ", vec![review]),
        (
            "last = 2026-10-05",
            "last = 2026-11-25",
            TODAY,
            "declared EXC-1: ",
            vec![review],
        ),
        (
            "batch/**",
            "other/**",
            TODAY,
            "undeclared -: ",
            vec!["unused 18 exception/EXC-1/covers[0]"],
        ),
        (
            "static-key/generic",
            "static-key/gener",
            TODAY,
            "undeclared -: ",
            vec![
                "unused 18 exception/EXC-1/covers[0]",
                "unknown-rule 19 exception/EXC-1/covers[0].rules[0]",
            ],
        ),
    ];
    for (from, to, today, verdict, expected) in cases {
        let (got, faults) = first(&with(from, to), today);
        assert_eq!(
            (got.as_str(), faults),
            (verdict, expected.into_iter().map(String::from).collect()),
            "{to}"
        );
    }
}

#[test]
fn a_ceiling_is_filled_in_order_of_path_anchor_and_fingerprint() {
    let register = register(&with(
        "paths = [\"batch/**\"]",
        "paths = [\"batch/**\", \"x/**\"]",
    ));
    let findings = vec![
        finding("x/c.py", 1, "C", "key:c"),
        finding("batch/a.py", 9, "A", "key:a"),
        finding("batch/a.py", 2, "A", "key:z"),
    ];
    let judged = on(&register, findings, TODAY);
    assert_eq!(
        verdicts(&judged),
        [
            "declared EXC-1: ",
            "declared EXC-1: ",
            "lapsed EXC-1: EXC-1 covers at most 2 findings here and this is number 3.",
        ]
    );
    assert_eq!(
        faults(&judged),
        ["over-ceiling 21 exception/EXC-1/covers[0].max"]
    );

    // The key on line 2 comes later by its anchor, so it is the one too many.
    let one = super::fixture::register(&with("max = 2", "max = 1"));
    let two = vec![
        finding("batch/a.py", 2, "A", "key:z"),
        finding("batch/a.py", 9, "A", "key:a"),
    ];
    let why = "lapsed EXC-1: EXC-1 covers at most 1 finding here and this is number 2.";
    assert_eq!(verdicts(&on(&one, two, TODAY)), [why, "declared EXC-1: "]);
}

#[test]
fn the_most_specific_entry_wins() {
    let fingerprint = finding("batch/a.py", 3, "A", "key:a").fingerprint;
    let paths = "paths = [\"batch/**\"]";
    let ladder = [
        "paths = [\"**/*.py\"]".to_owned(),
        paths.to_owned(),
        "paths = [\"batch/a*\"]".to_owned(),
        "anchors = [\"key:a\"]".to_owned(),
        "subjects = [\"A\"]".to_owned(),
        format!("fingerprints = [\"{fingerprint}\"]"),
    ];
    for (n, pair) in ladder.windows(2).enumerate() {
        let [wider, closer] = pair else { panic!() };
        // The closer one stands second and comes second by id.
        let text = format!(
            "{}{}",
            with(paths, wider),
            entry(&with(paths, closer), "EXC-2")
        )
        .replace("max = 2", "max = 1");
        let judged = on(
            &register(&text),
            vec![finding("batch/a.py", 3, "A", "key:a")],
            TODAY,
        );
        assert_eq!(verdicts(&judged), ["declared EXC-2: "], "step {n}");
        assert_eq!(faults(&judged), [""; 0], "step {n}");
    }
}

#[test]
fn equals_go_by_id_and_overlap() {
    let text = format!("{}{}", with("EXC-1", "EXC-9"), entry(GOOD, "EXC-2"));
    let judged = on(&register(&text), keys(), TODAY);
    assert_eq!(verdicts(&judged), ["declared EXC-2: ", "declared EXC-2: "]);
    assert_eq!(
        faults(&judged),
        ["overlapping 18 exception/EXC-9/covers[0]"]
    );
}

#[test]
fn a_live_entry_goes_before_a_closer_one_that_lapsed() {
    let lapsed = entry(&with("2027-01-31", "2026-11-01"), "EXC-0")
        .replace("paths =", "subjects = [\"A\"]\npaths =");
    let judged = on(&register(&format!("{GOOD}{lapsed}")), keys(), TODAY);
    assert_eq!(verdicts(&judged), ["declared EXC-1: ", "declared EXC-1: "]);
}

#[test]
fn every_selector_must_hold() {
    for (key, value) in [
        ("subjects", "Z"),
        ("anchors", "key:z"),
        ("fingerprints", "0f0e0d0c0b0a09080706050403020100"),
    ] {
        let text = with("max = 2", &format!("max = 2\n{key} = [\"{value}\"]"));
        assert_eq!(first(&text, TODAY).0, "undeclared -: ", "{key}");
    }
}

#[test]
fn a_renamed_rule_keeps_its_entries() {
    let rule = Rule {
        id: "static-key/generic".into(),
        renamed_from: vec!["static-key/old".into()].into(),
        ..rule("static-key/generic")
    };
    let register = register(&with("static-key/generic", "static-key/old"));
    let coverage = Coverage::default();
    let judged = judge(
        keys(),
        &register,
        &Policy::default(),
        date(2026, 11, 24),
        &coverage,
        &[rule],
    );
    assert_eq!(verdicts(&judged), ["declared EXC-1: ", "declared EXC-1: "]);
}

#[test]
fn a_false_positive_is_no_exception() {
    let key = finding("batch/a.py", 3, "A", "key:a");
    let table = |extra: &str| {
        format!(
            "version = 1\n[[false-positive]]\nfingerprint = \"{}\"\nreason = \"A sample.\"\nby = \"x\"\n{extra}\n",
            key.fingerprint
        )
    };
    let judged = on(&register(&table("")), keys(), TODAY);
    assert_eq!(
        verdicts(&judged),
        ["false-positive -: A sample.", "undeclared -: "]
    );
    for extra in ["rules = [\"static-key/other\"]", "paths = [\"docs/**\"]"] {
        let judged = on(&register(&table(extra)), keys(), TODAY);
        assert_eq!(verdicts(&judged), ["undeclared -: ", "undeclared -: "]);
        let anchor = format!("unused 3 false-positive/{}/fingerprint", key.fingerprint);
        assert_eq!(faults(&judged), [anchor]);
    }
}

#[test]
fn unused_needs_a_scan_of_everything_that_the_entry_names() {
    let run = |full, unread: &[&str], text: &str| {
        let coverage = Coverage {
            full,
            unread: unread.iter().map(|path| (*path).into()).collect(),
            ..Coverage::default()
        };
        faults(&judge(
            Vec::new(),
            &register(text),
            &Policy::default(),
            date(2026, 11, 24),
            &coverage,
            &rules(),
        ))
        .len()
    };
    assert_eq!(run(true, &[], GOOD), 1);
    assert_eq!(run(true, &["other/a.py"], GOOD), 1);
    assert_eq!(run(true, &["batch/a.py"], GOOD), 0);
    assert_eq!(run(false, &[], GOOD), 0);
    let anywhere = with("paths = [\"batch/**\"]", "subjects = [\"A\"]");
    assert_eq!(run(true, &["other/a.py"], &anywhere), 0);
    assert_eq!(run(true, &[], &anywhere), 1);
}

#[test]
fn a_scan_of_everything_shows_where_a_ceiling_is_too_high() {
    let one = || vec![finding("batch/a.py", 3, "A", "key:a")];
    let judged = on(&register(GOOD), one(), TODAY);
    assert_eq!(
        faults(&judged),
        ["ceiling-slack 21 exception/EXC-1/covers[0].max"]
    );
    let coverage = Coverage {
        full: true,
        unread: vec!["batch/b.py".into()],
        ..Coverage::default()
    };
    let (policy, day) = (Policy::default(), date(2026, 11, 24));
    let judged = judge(one(), &register(GOOD), &policy, day, &coverage, &rules());
    assert_eq!(faults(&judged), [""; 0]);
}

#[test]
fn equal_faults_have_fingerprints_of_their_own() {
    let text = format!("{GOOD}{}{}", entry(GOOD, "EXC-1"), entry(GOOD, "EXC-1"));
    let judged = on(&register(&text), keys(), TODAY);
    let faults: Vec<_> = judged
        .iter()
        .filter(|j| j.verdict == Verdict::Fault)
        .collect();
    let [a, b] = faults.as_slice() else { panic!() };
    assert_eq!(a.finding.anchor, b.finding.anchor);
    assert_ne!(a.finding.fingerprint, b.finding.fingerprint);
}

#[test]
fn a_surplus_goes_to_a_wider_entry_that_has_room() {
    let closer = entry(
        &with("paths = [\"batch/**\"]", "subjects = [\"A\"]"),
        "EXC-2",
    );
    let text = format!("{GOOD}{closer}").replacen("max = 2", "max = 1", 2);
    let findings = || {
        let path = ["batch/a.py", "batch/b.py", "batch/c.py"].into_iter();
        path.map(|path| finding(path, 1, "A", "key:a")).collect()
    };
    let judged = on(&register(&text), findings(), TODAY);
    assert_eq!(
        verdicts(&judged),
        [
            "declared EXC-2: ",
            "declared EXC-1: ",
            "lapsed EXC-2: EXC-2 covers at most 1 finding here and this is number 2.",
        ]
    );
    assert_eq!(
        faults(&judged),
        ["over-ceiling 41 exception/EXC-2/covers[0].max"]
    );
}
