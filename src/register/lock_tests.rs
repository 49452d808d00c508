//! Tests of the lock: what it binds, and how it is written and read.

use super::fixture::GOOD;
use super::fixture::{finding, keys, verdicts, with};
use super::lifecycle_tests::{TODAY, on};
use super::{Coverage, Lock, lock};
use crate::finding::Finding;

/// The lock that binds what a register declares of findings.
fn locked(text: &str, findings: Vec<Finding>) -> (String, Lock) {
    let judged = on(text, findings, TODAY, &Coverage::default());
    let written = lock::of(&judged);
    let read = lock::read(lock::PATH.into(), &written).unwrap();
    (written, read)
}

fn under(lock: &Lock, text: &str, findings: Vec<Finding>) -> Vec<String> {
    let coverage = Coverage {
        lock: Some(lock.clone()),
        ..Coverage::default()
    };
    verdicts(&on(text, findings, TODAY, &coverage))
}

#[test]
fn a_lock_binds_what_was_there() {
    let wide = with("max = 2", "max = 9");
    let (written, lock) = locked(&wide, keys());
    let [a, b] = keys().try_into().unwrap();
    let mut lines = [
        format!("EXC-1 {} static-key/generic batch/a.py\n", a.fingerprint),
        format!("EXC-1 {} static-key/generic batch/b.py\n", b.fingerprint),
    ];
    lines.sort();
    let first = "# byway lock 1; `byway register bind` writes it\n";
    assert_eq!(written, format!("{first}{}", lines.concat()));

    let declared = "declared EXC-1: ";
    let unbound = "lapsed EXC-1: EXC-1 would cover this, but the lock doesn't bind it to EXC-1; have it reviewed, and run `byway register bind`.";
    assert_eq!(under(&lock, &wide, keys()), [declared, declared]);
    // A third is a widening, though the ceiling has room.
    let third = finding("batch/c.py", 1, "C", "key:c");
    let three = [keys(), vec![third]].concat();
    assert_eq!(under(&lock, &wide, three), [declared, declared, unbound]);
    // Moved within the glob it is still bound; a copy of it is not.
    let moved = finding("batch/new/a.py", 1, "A", "key:a");
    assert_eq!(under(&lock, &wide, vec![moved.clone()]), [declared]);
    let copy = [keys(), vec![moved.clone()]].concat();
    assert_eq!(under(&lock, &wide, copy), [declared, declared, unbound]);
    let earlier = finding("batch/0.py", 1, "A", "key:a");
    let copy = [keys(), vec![earlier]].concat();
    assert_eq!(under(&lock, &wide, copy), [unbound, declared, declared]);
    // Moved out of the glob it is nobody's.
    let out = finding("web/a.py", 1, "A", "key:a");
    assert_eq!(under(&lock, &wide, vec![out]), ["undeclared -: "]);
    // What is bound to one entry isn't bound to another.
    let other = wide.replace("EXC-1", "EXC-2");
    let why = unbound.replace("EXC-1", "EXC-2");
    assert_eq!(under(&lock, &other, vec![moved]), [why]);
}

#[test]
fn what_is_unbound_takes_no_place_under_a_ceiling() {
    let (_, lock) = locked(GOOD, vec![finding("batch/z.py", 1, "Z", "key:z")]);
    let one = with("max = 2", "max = 1");
    let verdicts = under(
        &lock,
        &one,
        [keys(), vec![finding("batch/z.py", 1, "Z", "key:z")]].concat(),
    );
    assert!(
        verdicts.last().unwrap().starts_with("declared"),
        "{verdicts:?}"
    );
}

#[test]
fn a_lock_keeps_any_path_and_refuses_what_it_did_not_write() {
    let odd = finding("batch/a b\n%41\u{1b}é.py", 1, "A", "key:a");
    let (written, lock) = locked(GOOD, vec![odd.clone()]);
    assert!(written.ends_with("batch/a b%0A%2541%1Bé.py\n"), "{written}");
    assert_eq!(under(&lock, GOOD, vec![odd]), ["declared EXC-1: "]);

    let first = "# byway lock 1; `byway register bind` writes it";
    let (one, two) = ("0".repeat(32), "1".repeat(32));
    let cases = [
        (String::new(), "l:1:1: the lock is empty"),
        ("EXC-1 x\n".to_owned(), "l:1:1: this is not a lock"),
        (
            format!("{first}\nEXC-1 x y z\n"),
            "l:2:1: this line binds nothing",
        ),
        (
            format!("{first}\nEXC-1 {one} rule\n"),
            "l:2:1: this line binds nothing",
        ),
        (
            format!("{first}\nA {one} r p%4\n"),
            "l:2:1: this line binds nothing",
        ),
        (format!("{first}\n\n"), "l:2:1: this line binds nothing"),
        (
            format!("{first}\nA {two} r p\nA {one} r p\n"),
            "l:3:1: the lines are not sorted",
        ),
    ];
    for (text, expected) in cases {
        let error = lock::read("l".into(), &text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{text:?}: {error}");
    }
    assert!(lock::read("l".into(), &format!("{first}\r\nA {one} r p\r\n")).is_ok());
}
