//! Tests of the policy in judging, and of what a fault's finding is.

use jiff::civil::date;

use super::Coverage;
use super::fixture::{faults, keys, register, rule, rules, verdicts, with};
use super::judge::judge;
use super::policy::{self, Policy};
use crate::finding::{Class, Confidence, Fingerprint, Severity};
use crate::rule::Rule;

#[test]
fn a_policy_puts_entries_out_of_force() {
    let lapsed = "lapsed EXC-1: EXC-1 covers nothing because of its fault register/over-policy.";
    let renewal = "[[exception.renewal]]\non = 2026-11-20\nfrom = 2026-11-20\nto = 2027-01-31\nby = \"x\"\nreason = \"y\"\n\n[[exception.control]]";
    let to_come = renewal.replace("2026-11-20", "2026-12-20");
    // Decided early, it must not hide how long the term before it is.
    let early = renewal.replace("from = 2026-11-20", "from = 2027-01-30");
    let control = "[[exception.control]]";
    let cases = [
        (
            "[category.legacy-credential]\nmax-lifetime = \"P122D\"",
            control,
            control,
            None,
        ),
        (
            "[category.legacy-credential]\nmax-lifetime = \"P121D\"",
            control,
            control,
            Some("11 exception/EXC-1/expires"),
        ),
        (
            "[category.other]\nmax-lifetime = \"P1D\"",
            control,
            control,
            None,
        ),
        (
            "[category.legacy-credential]\nmax-lifetime = \"P90D\"",
            control,
            renewal,
            None,
        ),
        (
            "[category.legacy-credential]\nmax-lifetime = \"P90D\"",
            control,
            &to_come,
            Some("11 exception/EXC-1/expires"),
        ),
        (
            "[category.legacy-credential]\nmax-lifetime = \"P90D\"",
            control,
            &early,
            Some("11 exception/EXC-1/expires"),
        ),
        (
            "[category.legacy-credential]\nmax-lifetime = \"P121D\"",
            control,
            &early,
            None,
        ),
        (
            "[defaults]\nmax-total-age = \"P4M\"",
            control,
            renewal,
            None,
        ),
        (
            "[defaults]\nmax-total-age = \"P3M\"",
            control,
            renewal,
            Some("11 exception/EXC-1/granted"),
        ),
        ("[defaults]\nmin-reason = 54", control, control, None),
        (
            "[defaults]\nmin-reason = 55",
            control,
            control,
            Some("9 exception/EXC-1/reason"),
        ),
        (
            "[defaults]\nrequire-controls = 2",
            control,
            control,
            Some("3 exception/EXC-1/control"),
        ),
        (
            "[defaults]\nforbid-paths = [\"batch/**\"]",
            control,
            control,
            Some("20 exception/EXC-1/covers[0].paths[0]"),
        ),
    ];
    for (limits, from, to, fault) in cases {
        let policy = policy::read("p.toml".into(), &format!("version = 1\n{limits}\n")).unwrap();
        let register = register(&with(from, to));
        let coverage = Coverage::default();
        let judged = judge(
            keys(),
            &register,
            &policy,
            date(2026, 11, 24),
            &coverage,
            &rules(),
        );
        let expected: Vec<_> = fault.iter().map(|f| format!("over-policy {f}")).collect();
        assert_eq!(faults(&judged), expected, "{limits}");
        let verdict = if fault.is_some() {
            lapsed
        } else {
            "declared EXC-1: "
        };
        assert_eq!(verdicts(&judged).first().unwrap(), verdict, "{limits}");
    }
}

#[test]
fn a_category_has_limits_of_its_own() {
    let owner = "owner = \"team:settlement\"";
    let renewal = "[[exception.renewal]]\non = 2026-11-20\nto = 2027-01-31\nby = \"x\"\nreason = \"y\"\n\n[[exception.control]]";
    let control = "[[exception.control]]";
    let given = |more: &str| with(owner, &format!("{owner}\n{more}"));
    let good = || given("");
    // Limits, an entry that just keeps them, one that doesn't, and where that shows.
    let cases = [
        (
            "max-lifetime = \"P1Y\"\nreview-every = \"P89D\"",
            with("P90D", "P89D"),
            with("P90D", "P90D"),
            "over-policy 12 exception/EXC-1/review.every",
        ),
        (
            "renewals = 0",
            good(),
            with(control, renewal),
            "over-policy 14 exception/EXC-1/renewal[0]",
        ),
        (
            "approvals = 2",
            with("[\"user:appsec@example.org\"]", "[\"a\", \"b\"]"),
            with("[\"user:appsec@example.org\"]", "[\"user:a\", \"@A\"]"),
            "over-policy 8 exception/EXC-1/approved-by",
        ),
        (
            "require = [\"exit.plan\"]",
            given("exit = { plan = \"see SET-1\" }"),
            given("exit = { criteria = \"release 9\" }"),
            "over-policy 3 exception/EXC-1/exit.plan",
        ),
        (
            "require = [\"owner-backup\"]",
            given("owner-backup = \"user:x\""),
            good(),
            "over-policy 3 exception/EXC-1/owner-backup",
        ),
        (
            "require-controls-of = [\"network-restriction\"]",
            good(),
            with("network-restriction", "logging"),
            "over-policy 3 exception/EXC-1/control",
        ),
        (
            "renewals = 1\n[defaults]\napprovers = [\"user:appsec@example.org\"]",
            good(),
            with("user:appsec@example.org", "user:dev@example.org"),
            "approver-not-allowed 8 exception/EXC-1/approved-by[0]",
        ),
    ];
    for (limits, kept, passed, fault) in cases {
        let limits = format!("version = 1\n[category.legacy-credential]\n{limits}\n");
        let policy = policy::read("p.toml".into(), &limits).unwrap();
        let run = |text: &str| {
            let (day, coverage) = (date(2026, 11, 24), Coverage::default());
            judge(keys(), &register(text), &policy, day, &coverage, &rules())
        };
        let judged = run(&kept);
        assert_eq!(faults(&judged), [""; 0], "{limits}");
        assert_eq!(
            verdicts(&judged).swap_remove(0),
            "declared EXC-1: ",
            "{limits}"
        );
        let judged = run(&passed);
        assert_eq!(faults(&judged), [fault], "{limits}");
        assert!(
            verdicts(&judged).swap_remove(0).starts_with("lapsed"),
            "{limits}"
        );
        // What is kept as a record has nothing to keep to.
        let closed = passed.replace("owner =", "status = \"closed\"\nowner =");
        let record = ["reappeared 7 exception/EXC-1/status"];
        assert_eq!(faults(&run(&closed)), record, "{limits}");
    }
}

#[test]
fn a_third_party_is_not_excepted_beyond_its_contract() {
    let policy = "version = 1\n[category.third-party-bypass]\nrenewals = 2\n";
    let policy = policy::read("p.toml".into(), policy).unwrap();
    let run = |end: &str| {
        let text = with("legacy-credential", "third-party-bypass").replace(
            "owner =",
            &format!("third-party = {{ contract-end = {end} }}\nowner ="),
        );
        let (day, coverage) = (date(2026, 11, 24), Coverage::default());
        faults(&judge(
            Vec::new(),
            &register(&text),
            &policy,
            day,
            &coverage,
            &rules(),
        ))
    };
    assert_eq!(run("2027-01-31"), [""; 0]);
    assert_eq!(
        run("2027-01-30"),
        ["over-policy 12 exception/EXC-1/expires"]
    );
}

#[test]
fn an_owner_who_approves_is_a_fault_that_leaves_the_entry_in_force() {
    let text = with("user:appsec@example.org", "@acme/settlement");
    let (day, coverage) = (date(2026, 11, 24), Coverage::default());
    let run = |policy: &Policy| judge(keys(), &register(&text), policy, day, &coverage, &rules());
    let judged = run(&Policy::default());
    assert_eq!(
        faults(&judged),
        ["owner-is-approver 8 exception/EXC-1/approved-by[0]"]
    );
    assert_eq!(verdicts(&judged), ["declared EXC-1: ", "declared EXC-1: "]);
    let relaxed = "version = 1\n[defaults]\nseparate-duties = false\n";
    let relaxed = policy::read("p.toml".into(), relaxed).unwrap();
    assert_eq!(faults(&run(&relaxed)), [""; 0]);
}

#[test]
fn a_policy_sets_when_to_warn_and_how_gravely() {
    let policy = policy::read(
        "p.toml".into(),
        "version = 1\n[defaults]\nwarn-before = \"P0D\"\nreview-grace = \"P7D\"\n",
    )
    .unwrap();
    let severities = |every: &str, expires: &str| {
        let register = register(&with("P90D", every).replace("2027-01-31", expires));
        let coverage = Coverage::default();
        let judged = judge(
            Vec::new(),
            &register,
            &policy,
            date(2026, 11, 24),
            &coverage,
            &rules(),
        );
        judged
            .iter()
            .map(|j| j.finding.severity)
            .collect::<Vec<_>>()
    };
    assert_eq!(severities("P90D", "2026-11-25"), []);
    assert_eq!(severities("P43D", "2027-01-31"), [Severity::Low]);
    assert_eq!(severities("P42D", "2027-01-31"), [Severity::Medium]);
}

#[test]
fn a_fault_is_a_finding_with_an_identity() {
    let known = Rule {
        severity: Severity::Critical,
        confidence: Confidence::Medium,
        ..rule("register/expired")
    };
    let register = register(&with("2027-01-31", "2026-11-23"));
    let coverage = Coverage::default();
    let judged = judge(
        Vec::new(),
        &register,
        &Policy::default(),
        date(2026, 11, 24),
        &coverage,
        &[known],
    );
    let finding = &judged.first().unwrap().finding;
    assert_eq!(
        (finding.class, finding.severity),
        (Class::Register, Severity::Critical)
    );
    assert_eq!(
        (finding.subject.as_str(), finding.confidence),
        ("EXC-1", Confidence::Medium)
    );
    assert_eq!(finding.excerpt.text.as_str(), "expires = 2026-11-23");
    let fields: [&[u8]; 3] = [b"register/expired", b"EXC-1", b"exception/EXC-1/expires"];
    assert_eq!(finding.fingerprint, Fingerprint::of(&fields));
}
