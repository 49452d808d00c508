//! Tests of an entry's life: its states from day to day, what binds it to findings, and
//! what happens to these.

use jiff::civil::{Date, date};

use super::fixture::{GOOD, entry, faults, finding, keys, register, rules, verdicts, with};
use super::judge::judge;
use super::policy::{self, Policy};
use super::{Coverage, Judged, State};
use crate::finding::Finding;

pub(super) fn on(
    text: &str,
    findings: Vec<Finding>,
    day: Date,
    coverage: &Coverage,
) -> Vec<Judged> {
    let policy = Policy::default();
    judge(findings, &register(text), &policy, day, coverage, &rules())
}

/// The day by which everything is judged that isn't about days.
pub(super) const TODAY: Date = date(2026, 11, 24);

fn verdict(text: &str, finding: Finding) -> String {
    let judged = on(text, vec![finding], TODAY, &Coverage::default());
    verdicts(&judged).swap_remove(0)
}

/// An entry granted in a leap year, from its start to its end.
fn leap(status: &str) -> String {
    let text = with(
        "granted = 2026-10-01",
        "granted = 2028-02-10\nstarts = 2028-02-28",
    )
    .replace("expires = 2027-01-31", "expires = 2028-02-29")
    .replace("last = 2026-10-05", "last = 2028-02-10");
    text.replace("owner =", &format!("status = \"{status}\"\nowner ="))
}

/// Every way to name the first key, and the same way naming another.
const BINDINGS: &[(&str, &str)] = &[
    ("paths = [\"batch/**\"]", "paths = [\"other/**\"]"),
    ("paths = [\"batch/a.py\"]", "paths = [\"batch/b.py\"]"),
    ("subjects = [\"A\"]", "subjects = [\"B\"]"),
    ("anchors = [\"key:a\"]", "anchors = [\"key:b\"]"),
    ("fingerprints = [\"FIRST\"]", "fingerprints = [\"SECOND\"]"),
];

#[test]
fn every_state_binding_and_day() {
    let days = [
        ("the day before the start", date(2028, 2, 27)),
        ("the first day", date(2028, 2, 28)),
        ("the last day, a leap day", date(2028, 2, 29)),
        ("the day after the end", date(2028, 3, 1)),
    ];
    let states = [
        ("proposed", [State::Proposed; 4]),
        (
            "active",
            [
                State::NotStarted,
                State::Expiring,
                State::Expiring,
                State::Expired,
            ],
        ),
        ("closed", [State::Closed; 4]),
        ("revoked", [State::Revoked; 4]),
    ];
    let [first, second] = [("A", "key:a"), ("B", "key:b")]
        .map(|(subject, anchor)| finding("batch/a.py", 3, subject, anchor));
    let fill = |text: &str| {
        text.replace("FIRST", &first.fingerprint.to_string())
            .replace("SECOND", &second.fingerprint.to_string())
    };
    for (status, expected) in states {
        for ((day, today), expected) in days.into_iter().zip(expected) {
            for (named, other) in BINDINGS {
                let bound = |selector| {
                    let text = leap(status).replace("paths = [\"batch/**\"]", selector);
                    on(
                        &fill(&text),
                        vec![first.clone()],
                        today,
                        &Coverage::default(),
                    )
                };
                let cell = format!("{status}, {named}, {day}");
                let hit = verdicts(&bound(named)).swap_remove(0);
                let verdict = if expected.covers() {
                    "declared "
                } else {
                    "lapsed "
                };
                assert!(hit.starts_with(verdict), "{cell}: {hit}");
                assert_eq!(verdicts(&bound(other)), ["undeclared -: "], "{cell}");
            }
            let register = register(&leap(status));
            let entry = register.entries.first().unwrap();
            let state = State::of(entry, &Policy::default(), today);
            assert_eq!(state, expected, "{status}, {day}");
        }
    }
}

#[test]
fn a_state_has_a_name_and_faults_have_one_too() {
    let of = |text: &str, policy: &str, today| {
        let policy = policy::read("p.toml".into(), &format!("version = 1\n{policy}")).unwrap();
        State::of(register(text).entries.first().unwrap(), &policy, today).to_string()
    };
    assert_eq!(of(GOOD, "", TODAY), "active");
    assert_eq!(of(GOOD, "", date(2027, 1, 16)), "active");
    assert_eq!(of(GOOD, "", date(2027, 1, 17)), "expiring");
    assert_eq!(
        of(&with("max = 2", "max = 2\nmax-of = 3"), "", TODAY),
        "faulty"
    );
    let limit = "[category.legacy-credential]\nmax-lifetime = \"P1D\"\n";
    assert_eq!(of(GOOD, limit, TODAY), "faulty");
    let overdue = "[defaults]\nreview-overdue = \"uncover\"\nreview-grace = \"P7D\"\n";
    assert_eq!(of(GOOD, overdue, date(2027, 1, 10)), "active");
    assert_eq!(of(GOOD, overdue, date(2027, 1, 11)), "faulty");
    let length = "[defaults]\nmin-reason = 90\n";
    let closed = with("owner =", "status = \"closed\"\nowner =");
    assert_eq!(of(&closed, length, TODAY), "closed");
}

#[test]
fn reviews_and_terms_end_with_the_day_in_leap_years_too() {
    let due = |every: &str, last: &str| {
        let text = with("P90D", every).replace("last = 2026-10-05", &format!("last = {last}"));
        let text = text.replace("granted = 2026-10-01", "granted = 2024-02-01");
        let expires = text.replace("expires = 2027-01-31", "expires = 2029-12-31");
        register(&expires).entries.first().unwrap().review.due()
    };
    assert_eq!(due("P1Y", "2028-02-29"), date(2029, 2, 28));
    assert_eq!(due("P1M", "2028-01-31"), date(2028, 2, 29));
    assert_eq!(due("P1D", "2028-02-28"), date(2028, 2, 29));
    assert_eq!(due("P365D", "2027-03-01"), date(2028, 2, 29));
}

#[test]
fn a_review_that_is_overdue_can_put_an_entry_out_of_force() {
    let policy = "version = 1\n[defaults]\nreview-overdue = \"uncover\"\n";
    let policy = policy::read("p.toml".into(), policy).unwrap();
    let run = |every: &str| {
        let register = register(&with("P90D", every));
        judge(
            keys(),
            &register,
            &policy,
            TODAY,
            &Coverage::default(),
            &rules(),
        )
    };
    let judged = run("P49D");
    assert_eq!(
        verdicts(&judged).swap_remove(0),
        "lapsed EXC-1: EXC-1 covers nothing because of its fault register/review-overdue."
    );
    assert_eq!(
        faults(&judged),
        ["review-overdue 12 exception/EXC-1/review.last"]
    );
    assert_eq!(verdicts(&run("P50D")).swap_remove(0), "declared EXC-1: ");
}

/// What register.md calls events: a finding as it was, and as it became.
#[test]
fn what_happens_to_a_finding_and_what_becomes_of_its_declaration() {
    let paths = "paths = [\"batch/**\"]";
    let by_name = with(paths, "subjects = [\"secret:API_KEY\"]");
    let named = with(
        paths,
        "paths = [\"batch/**\"]\nsubjects = [\"secret:API_KEY\"]",
    );
    let key = |path, line| finding(path, line, "secret:API_KEY", "key:a");
    let declared = "declared EXC-1: ";
    let undeclared = "undeclared -: ";
    let cases = [
        ("as it was", GOOD, key("batch/a.py", 3), declared),
        ("lines shift", GOOD, key("batch/a.py", 90), declared),
        (
            "renamed within the glob",
            GOOD,
            key("batch/new/b.py", 3),
            declared,
        ),
        (
            "moved out of the glob",
            GOOD,
            key("web/a.py", 3),
            undeclared,
        ),
        (
            "moved, bound by what it is",
            &by_name,
            key("web/a.py", 3),
            declared,
        ),
        (
            "rotated, of the same name",
            &named,
            key("batch/a.py", 3),
            declared,
        ),
        (
            "rotated, known by its value",
            &named,
            finding("batch/a.py", 3, "key-id:NEW", "key:a"),
            undeclared,
        ),
        (
            "another role",
            &with(paths, "subjects = [\"role:reader\"]"),
            finding("batch/a.py", 3, "role:admin", "job:deploy"),
            undeclared,
        ),
        (
            "another job",
            &with(paths, "anchors = [\"job:test\"]"),
            finding("batch/a.py", 3, "role:admin", "job:deploy"),
            undeclared,
        ),
    ];
    for (event, text, after, expected) in cases {
        assert_eq!(verdict(text, after), expected, "{event}");
    }
    // A second of the same kind, or a rule that finds more: the surplus is open.
    let one = with("max = 2", "max = 1");
    let two = vec![key("batch/a.py", 3), key("batch/a.py", 9)];
    let judged = on(&one, two, TODAY, &Coverage::default());
    assert_eq!(
        verdicts(&judged),
        [
            declared,
            "lapsed EXC-1: EXC-1 covers at most 1 finding here and this is number 2."
        ]
    );
}

#[test]
fn a_fork_is_another_repository() {
    let text = with("max = 2", "max = 2\nrepos = [\"acme/pay*\"]");
    let run = |repo: Option<&str>| {
        let coverage = Coverage {
            full: true,
            repo: repo.map(str::to_owned),
            ..Coverage::default()
        };
        let judged = on(&text, keys(), TODAY, &coverage);
        (verdicts(&judged).swap_remove(0), faults(&judged))
    };
    assert_eq!(
        run(Some("acme/payments")),
        ("declared EXC-1: ".to_owned(), vec![])
    );
    // It isn't called unused either: it has its use elsewhere.
    assert_eq!(
        run(Some("mallory/payments")),
        ("undeclared -: ".to_owned(), vec![])
    );
    let why = "lapsed EXC-1: EXC-1 is for certain repositories, and which one this is isn't known; say so with --repo.";
    assert_eq!(run(None), (why.to_owned(), vec![]));
}

#[test]
fn a_tombstone_speaks_only_when_nothing_else_covers() {
    let closed = with("owner =", "status = \"revoked\"\nowner =");
    let closed = closed.replace("last = 2026-10-05", "last = 2026-01-05");
    // Its dates are a record: neither its end nor its review is a fault.
    let judged = on(&closed, keys(), date(2028, 1, 1), &Coverage::default());
    assert_eq!(faults(&judged), ["reappeared 7 exception/EXC-1/status"]);
    let message = &judged.first().unwrap().finding;
    assert_eq!(message.place.path.as_ref(), "batch/a.py");
    let text = format!("{closed}{}", entry(GOOD, "EXC-2"));
    let judged = on(&text, keys(), TODAY, &Coverage::default());
    assert_eq!(verdicts(&judged), ["declared EXC-2: ", "declared EXC-2: "]);
    assert_eq!(faults(&judged), [""; 0]);
}
