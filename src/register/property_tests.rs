//! Properties of judging that hold for any register and any findings.

use proptest::prelude::*;

use super::entry::Register;
use super::fixture::{GOOD, entry, finding, register, verdicts, with};
use super::judging_tests::{TODAY, on};
use super::{Judged, Verdict, file, lock, policy};
use crate::finding::Finding;

/// A register in which entries compete: a wide one, a closer one, a lapsed one.
fn crowded() -> Register {
    let closer = entry(GOOD, "EXC-2").replace("paths =", "subjects = [\"A\", \"B\"]\npaths =");
    let lapsed = entry(&with("2027-01-31", "2026-11-01"), "EXC-3");
    register(&format!("{GOOD}{closer}{lapsed}"))
}

fn any_finding() -> impl Strategy<Value = Finding> {
    (0..3usize, 1..4u32, 0..3usize, 0..3usize).prop_map(|(path, line, subject, anchor)| {
        let path = ["batch/a.py", "batch/b.py", "c.py"].get(path).unwrap();
        let subject = ["A", "B", "C"].get(subject).unwrap();
        let anchor = ["key:a", "key:b", "key:c"].get(anchor).unwrap();
        finding(path, line, subject, anchor)
    })
}

/// Entries that compete in any way, some of them out of force, as texts.
fn any_entries() -> impl Strategy<Value = Vec<String>> {
    let selectors = [
        "paths = [\"batch/**\"]",
        "paths = [\"batch/a.py\"]",
        "paths = [\"**/*.py\"]",
        "subjects = [\"A\", \"B\"]",
        "anchors = [\"key:a\"]",
    ];
    let changes = [
        ("", ""),
        ("2027-01-31", "2026-11-01"),
        ("owner =", "status = \"proposed\"\nowner ="),
        ("owner =", "status = \"closed\"\nowner ="),
        ("reason =", "raison ="),
    ];
    let one = (
        prop::sample::select(selectors.to_vec()),
        prop::sample::select(changes.to_vec()),
        1..4u32,
    );
    prop::collection::vec(one, 0..6).prop_map(|entries| {
        let texts = entries.into_iter().enumerate();
        texts
            .map(|(n, (selector, (from, to), max))| {
                let text = with("paths = [\"batch/**\"]", selector);
                let text = text
                    .replacen(from, to, 1)
                    .replace("max = 2", &format!("max = {max}"));
                entry(&text, &format!("EXC-{n}"))
            })
            .collect()
    })
}

/// What a register makes of findings: which of them it declares.
fn declared(entries: &[String], findings: Vec<Finding>) -> Vec<bool> {
    let text = format!("version = 1\n{}", entries.concat());
    let judged = on(&register(&text), findings, TODAY);
    let heard = judged.iter().filter(|j| j.verdict != Verdict::Fault);
    heard.map(|j| j.verdict == Verdict::Declared).collect()
}

proptest! {
    #[test]
    fn taking_an_entry_out_never_declares_anything(
        entries in any_entries(),
        findings in prop::collection::vec(any_finding(), 0..12),
        out in 0..6usize,
    ) {
        let before = declared(&entries, findings.clone());
        let mut fewer = entries;
        if out < fewer.len() {
            fewer.remove(out);
        }
        for (after, before) in declared(&fewer, findings).into_iter().zip(before) {
            prop_assert!(!after || before);
        }
    }

    #[test]
    fn the_order_of_entries_does_not_matter(
        (entries, shuffled) in any_entries()
            .prop_flat_map(|entries| (Just(entries.clone()), Just(entries).prop_shuffle())),
        findings in prop::collection::vec(any_finding(), 0..12),
    ) {
        let verdicts = |entries: &[String]| {
            let text = format!("version = 1\n{}", entries.concat());
            let judged = on(&register(&text), findings.clone(), TODAY);
            (verdicts(&judged), declared(entries, findings.clone()))
        };
        prop_assert_eq!(verdicts(&entries), verdicts(&shuffled));
    }

    #[test]
    fn an_entry_with_a_fault_covers_nothing(
        findings in prop::collection::vec(any_finding(), 0..12),
        fault in prop::sample::select(vec![
            ("owner =", "owners ="),
            ("2027-01-31", "\"2027-01-31\""),
            ("max = 2", "max = 0"),
            ("max = 2", "max = 2\nlines = [3]"),
            ("batch/**", "**"),
            ("static-key/generic", "static-key/*"),
            ("P90D", "90"),
            ("legacy-credential", "legacy"),
            ("granted = 2026-10-01", "granted = 2027-10-01"),
        ]),
    ) {
        let broken = entry(&with(fault.0, fault.1), "EXC-1");
        prop_assert!(declared(&[broken], findings).iter().all(|declared| !declared));
    }

    /// A register of pieces of a good one, shuffled, doubled and cut.
    #[test]
    fn no_register_makes_the_judgement_panic(
        pieces in prop::collection::vec((0..60usize, 0..40usize, ".{0,12}"), 0..60),
        findings in prop::collection::vec(any_finding(), 0..4),
    ) {
        let good = include_str!("../../tests/data/every_key.toml");
        let lines: Vec<_> = good.lines().collect();
        let mut text = String::from("version = 1\n");
        for (line, cut, more) in pieces {
            let line = lines.get(line % lines.len()).copied().unwrap_or_default();
            let cut: String = line.chars().take(if cut < 30 { 400 } else { cut }).collect();
            text.push_str(&cut);
            if cut.len() < line.len() {
                text.push_str(&more);
            }
            text.push('\n');
        }
        let source = file::Source { path: "exceptions.toml".into(), text: &text };
        if let Ok(register) = file::read(&[source]) {
            on(&register, findings, TODAY);
        }
        let _ = policy::read("policy.toml".into(), &text);
        let _ = lock::read("lock".into(), &text);
    }
}

proptest! {
    #[test]
    fn the_order_of_findings_does_not_matter(
        (findings, shuffled) in prop::collection::vec(any_finding(), 0..12)
            .prop_flat_map(|findings| (Just(findings.clone()), Just(findings).prop_shuffle())),
    ) {
        let register = crowded();
        let key = |judged: Vec<Judged>| -> Vec<_> {
            judged.into_iter().map(|j| (j.finding, j.verdict, j.why)).collect()
        };
        let count = findings.len();
        let judged = on(&register, findings, TODAY);
        prop_assert!(judged.is_sorted_by(|a, b| a.finding.order() <= b.finding.order()));
        prop_assert_eq!(verdicts(&judged).len(), count);
        prop_assert_eq!(key(judged), key(on(&register, shuffled, TODAY)));
    }
}
