//! What a change may not declare for itself.

use super::*;

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
