//! Repositories of every kind.

use super::*;

#[test]
fn a_project_below_the_root_a_linked_worktree_and_long_ids_are_read() {
    let repo = Repo::with(&["--object-format=sha256"]);
    repo.put("readme.txt", "The root.\n");
    repo.put("part/scripts/a.sh", script("a"));
    repo.put("part/exceptions.toml", register(&[valid("EXC-1", 1)]));
    repo.commit("2026-11-01");
    let linked = folder();
    let tree = linked.path().join("tree");
    repo.git(&[
        "worktree",
        "add",
        "--quiet",
        tree.to_str().unwrap(),
        "-b",
        "change",
    ]);
    put(&tree, "part/scripts/b.sh", script("b"));
    put(
        &tree,
        "part/exceptions.toml",
        register(&[valid("EXC-1", 2)]),
    );
    let part = tree.join("part");
    assert_eq!(scan(&part, &[]).code, 0, "{}", scan(&part, &[]).out);
    let wary = scan(&part, &["--trust-base", "main"]);
    assert_eq!(wary.code, 1, "{}{}", wary.out, wary.err);
    assert!(
        wary.out.contains("covers at most 1 finding"),
        "{}",
        wary.out
    );
}

#[cfg(unix)]
#[test]
fn what_a_repository_is_set_to_run_is_not_run() {
    let repo = Repo::new();
    four_grants(&repo);
    let run_me = repo.path().join("run-me.sh");
    let trace = repo.path().join("trace");
    fs::write(
        &run_me,
        format!("#!/bin/sh\ntouch {}\ncat\n", trace.display()),
    )
    .unwrap();
    let mut mode = fs::metadata(&run_me).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
    fs::set_permissions(&run_me, mode).unwrap();
    let elsewhere = folder();
    put(
        elsewhere.path(),
        "config",
        format!("[core]\n\tfsmonitor = {}\n", run_me.display()),
    );
    let run_me = run_me.display();
    let config = format!(
        "\n[core]\n\tfsmonitor = {run_me}\n\thooksPath = {0}\n\tpager = {run_me}\n\tsshCommand = {run_me}\n\tworktree = {0}\n[include]\n\tpath = {0}/config\n[filter \"x\"]\n\tclean = {run_me}\n\tsmudge = {run_me}\n\tprocess = {run_me}\n[diff]\n\texternal = {run_me}\n[alias]\n\tlog = !{run_me}\n[uploadpack]\n\tpackObjectsHook = {run_me}\n[remote \"origin\"]\n\turl = ext::{run_me}\n\tpromisor = true\n\tpartialclonefilter = blob:none\n[gpg]\n\tprogram = {run_me}\n",
        elsewhere.path().display()
    );
    let own = repo.path().join(".git/config");
    let before = fs::read_to_string(&own).unwrap();
    fs::write(&own, before + &config).unwrap();
    repo.put(".gitattributes", "* filter=x diff=x\n");
    let (permanent, _) = sarif(repo.path(), PERMANENT, &["--trust-base", "HEAD"]);
    assert_eq!(permanent.len(), 1);
    assert!(!trace.exists());
}

#[test]
fn a_broken_repository_is_no_crash() {
    let repo = Repo::new();
    four_grants(&repo);
    // An object of the history goes missing.
    let lost = repo.git(&["rev-parse", "HEAD~3:exceptions.toml"]);
    let (first, rest) = lost.trim().split_at(2);
    let object = repo.path().join(".git/objects").join(first).join(rest);
    fs::remove_file(object).unwrap();
    let (unknown, _) = sarif(repo.path(), UNKNOWN, &[]);
    assert_eq!(unknown.len(), 1);
    fs::write(repo.path().join(".git/HEAD"), "nonsense\n").unwrap();
    assert_eq!(sarif(repo.path(), UNKNOWN, &[]).0.len(), 1);
    assert_eq!(scan(repo.path(), &["--trust-base", "HEAD"]).code, 2);
    // A folder of that name alone is nothing.
    fs::remove_dir_all(repo.path().join(".git")).unwrap();
    fs::create_dir(repo.path().join(".git")).unwrap();
    assert!(sarif(repo.path(), UNKNOWN, &[]).0.is_empty());
}
