//! What a history shows.

use super::*;

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
