//! The commands that edit a register, on repositories made for each test.

use std::fs;
use std::path::Path;

use byway::rule::sample;
use tempfile::TempDir;

use crate::common::{Run, TODAY, byway, findings, folder, put, run, scan};

/// `byway ARGS`, in a folder, on [`TODAY`].
fn at(folder: &Path, args: &[&str]) -> Run {
    on(folder, args, TODAY)
}

fn on(folder: &Path, args: &[&str], today: &str) -> Run {
    run(byway()
        .args(args)
        .args(["--today", today])
        .current_dir(folder))
}

fn ok(folder: &Path, args: &[&str]) -> String {
    let run = at(folder, args);
    assert_eq!(run.code, 0, "{args:?}: {}{}", run.out, run.err);
    run.out
}

fn refused(folder: &Path, args: &[&str]) -> String {
    let run = at(folder, args);
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}");
    run.err
}

fn register(folder: &Path) -> String {
    fs::read_to_string(folder.join("exceptions.toml")).unwrap()
}

/// A repository with some hundred exception paths of two classes, of three owners.
fn large() -> TempDir {
    let folder = folder();
    for service in ["billing", "orders", "users"] {
        for n in 0..22 {
            let name = format!("services/{service}/mod{n}.py");
            let keys = ["A", "B", "C", "D", "E", "F"];
            let keys = keys.map(|k| format!("SERVICE_{k}_API_KEY = \"{{{{base62:36}}}}\"\n"));
            let text = keys.concat();
            put(folder.path(), &name, sample::expand(&text, &name).unwrap());
        }
    }
    for n in 0..16 {
        let job = "jobs:\n  build:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: make\n";
        let text = format!("on: push\npermissions: write-all\n{job}");
        put(folder.path(), format!(".github/workflows/w{n}.yml"), text);
    }
    put(
        folder.path(),
        ".github/CODEOWNERS",
        "* @acme/platform\n/services/billing/ @acme/billing\n/services/users/ users@example.org\n",
    );
    folder
}

const CONTROL: &str = "logging=Every use of these is logged and looked at.";

fn declare_all<'a>(expires: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let reason = "Found when byway came; every team has a ticket for its own.";
    let base = [
        "declare",
        "--all",
        "--expires",
        expires,
        "--reason",
        reason,
        "--control",
        CONTROL,
    ];
    [&base[..], more].concat()
}

#[test]
fn a_team_with_hundreds_of_findings_starts_today_and_everything_ends() {
    let repository = large();
    let path = repository.path();
    let found = findings(path, &[]).len();
    assert!(found >= 400, "{found}");
    assert_eq!(scan(path, &[]).code, 1);

    let shown = ok(path, &declare_all("2027-01-31", &["--dry-run"]));
    assert!(
        shown.starts_with("--- /dev/null\n+++ b/exceptions.toml\n"),
        "{shown}"
    );
    assert!(!path.join("exceptions.toml").exists());

    ok(path, &declare_all("2027-01-31", &[]));
    let entries = register(path).matches("[[exception]]").count();
    assert!((4..=8).contains(&entries), "{entries}: {}", register(path));
    assert!(
        register(path).contains("owner    = \"team:acme/billing\""),
        "{}",
        register(path)
    );
    assert!(register(path).contains("owner    = \"user:users@example.org\""));
    assert_eq!(scan(path, &[]).code, 1, "a proposal covers nothing");
    assert_eq!(
        ok(path, &declare_all("2027-01-31", &[])),
        "there is nothing to declare\n"
    );

    fs::remove_file(path.join("exceptions.toml")).unwrap();
    let active = ["--active", "--approved-by", "user:ciso@example.org"];
    ok(path, &declare_all("2027-01-31", &active));
    let after = scan(path, &[]);
    assert_eq!(after.code, 0, "{}", after.out);
    assert_eq!(
        findings(path, &[]).len(),
        found,
        "nothing of the register is a finding"
    );

    let day = |day: &str| run(byway().arg("scan").arg(path).args(["--today", day])).code;
    assert_eq!((day("2027-01-31"), day("2027-02-01")), (0, 1));

    fs::remove_file(path.join(".github/CODEOWNERS")).unwrap();
    fs::remove_file(path.join("exceptions.toml")).unwrap();
    let unowned = refused(path, &declare_all("2027-01-31", &active));
    assert!(unowned.contains("give one with --owner"), "{unowned}");
    let owned = [&active[..], &["--owner", "team:x"]].concat();
    ok(path, &declare_all("2027-01-31", &owned));

    // One more key has no room under any entry.
    let text = sample::expand("NEW_API_KEY = \"{{base62:36}}\"\n", "new").unwrap();
    put(path, "services/orders/new.py", text);
    assert_eq!(scan(path, &[]).code, 1);
}

#[test]
fn one_finding_is_named_closely_and_written_where_the_register_is() {
    let repository = large();
    let path = repository.path();
    let one = &findings(path, &[])[40];
    let fingerprint = one["fingerprint"].as_str().unwrap();
    let said = ok(path, &["declare", &fingerprint[..8], "--owner", "team:x"]);
    assert!(
        said.starts_with("EXC-2026-0001: 1 finding, proposed until 2027-02-22"),
        "{said}"
    );
    let text = register(path);
    for line in [
        "version = 1\n",
        "status   = \"proposed\"\n",
        "owner    = \"team:x\"\n",
        "granted  = 2026-11-24\n",
        "max      = 1\n",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let place = format!("{}:{}", one["path"].as_str().unwrap(), one["line"]);
    let again = refused(path, &["declare", &place]);
    assert!(again.contains("EXC-2026-0001 is only proposed"), "{again}");
    assert!(refused(path, &["declare", "nowhere.py"]).contains("no finding is called"));
    assert!(refused(path, &["declare"]).contains("name what to declare"));

    fs::create_dir_all(path.join(".byway/exceptions.d")).unwrap();
    ok(path, &["declare", "services/users/mod1.py"]);
    let own = fs::read_to_string(path.join(".byway/exceptions.d/EXC-2026-0002.toml")).unwrap();
    assert!(
        own.contains("max      = 6\n") || own.contains("max   = 6\n"),
        "{own}"
    );
    ok(
        path,
        &[
            "declare",
            "services/users/mod2.py",
            "--to",
            "exceptions.toml",
        ],
    );
    assert!(register(path).contains("EXC-2026-0003"));
}

#[test]
fn a_report_takes_the_place_of_a_scan() {
    let repository = large();
    let path = repository.path();
    for format in ["sarif", "jsonl"] {
        let report = format!("report.{format}");
        let out = format!("{format}={}", path.join(&report).display());
        scan(path, &["--output", &out, "--exclude", "report.*"]);
        let dry = [
            "declare",
            "services/orders/mod3.py",
            "--dry-run",
            "--from",
            &report,
        ];
        let shown = ok(path, &dry);
        assert!(shown.contains("+max      = 6\n"), "{format}: {shown}");
    }
    put(path, "report.jsonl", "{\"a\": 1}\n");
    let said = refused(path, &["declare", "x.py", "--from", "report.jsonl"]);
    assert!(
        said.contains("report.jsonl:1: this is no finding"),
        "{said}"
    );
}

#[test]
fn entries_are_renewed_reviewed_closed_and_pruned() {
    let repository = large();
    let path = repository.path();
    let active = ["--active", "--approved-by", "user:ciso@example.org"];
    ok(path, &declare_all("2027-01-31", &active));
    let before = register(path);
    let by = ["--by", "user:ciso@example.org"];
    let id = "EXC-2026-0002";

    let renew = |until: &str, reason: &str, more: &[&str]| {
        let args = [
            "register", "renew", id, "--until", until, "--reason", reason,
        ];
        at(path, &[&args[..], &by, more].concat())
    };
    let same = renew(
        "2027-03-31",
        "Found when byway came; every team has a ticket for its own",
        &[],
    );
    assert_eq!(same.code, 2);
    assert!(
        same.err.contains("was given for EXC-2026-0002 before"),
        "{}",
        same.err
    );
    let dry = renew(
        "2027-03-31",
        "The vendor's release moved to March.",
        &["--dry-run"],
    );
    assert!(
        dry.out
            .contains("\n-expires     = 2027-01-31\n+expires     = 2027-03-31\n"),
        "{}",
        dry.out
    );
    assert_eq!(register(path), before);

    put(
        path,
        ".byway/policy.toml",
        "version = 1\n\n[defaults]\nmax-total-age = \"P120D\"\n",
    );
    let long = renew("2027-06-30", "The vendor's release moved to June.", &[]);
    assert_eq!(long.code, 2);
    assert!(long.err.contains("nothing was written"), "{}", long.err);
    assert_eq!(register(path), before);
    assert_eq!(
        renew("2027-02-28", "The vendor's release moved to March.", &[]).code,
        0
    );
    assert!(register(path).contains("[[exception.renewal]]\non     = 2026-11-24\n"));

    let review = [&["register", "review", id][..], &by].concat();
    assert_eq!(on(path, &review, "2026-12-01").code, 0);
    assert!(register(path).contains("last = 2026-12-01, by = \"user:ciso@example.org\" }"));

    ok(
        path,
        &[
            "register",
            "close",
            "EXC-2026-0001",
            "--reason",
            "Permissions were cut.",
        ],
    );
    assert!(register(path).contains("status      = \"closed\""));
    let ended = refused(path, &["declare", "--from", "none.jsonl", "x.py"]);
    assert!(ended.contains("none.jsonl can't be read"), "{ended}");
    ok(path, &["declare", ".github/workflows/w1.yml", "--dry-run"]);

    fs::remove_dir_all(path.join("services/users")).unwrap();
    let shown = ok(path, &["register", "prune", "--dry-run"]);
    assert!(
        shown.contains("-owner       = \"user:users@example.org\""),
        "{shown}"
    );
    ok(path, &["register", "prune", "--closed"]);
    let text = register(path);
    assert!(
        !text.contains("users@example.org") && !text.contains("EXC-2026-0001"),
        "{text}"
    );
    assert_eq!(ok(path, &["register", "prune"]), "nothing is unused\n");
}

#[test]
fn lists_and_calendars_repeat() {
    let repository = large();
    let path = repository.path();
    let active = ["--active", "--approved-by", "user:ciso@example.org"];
    ok(path, &declare_all("2027-01-31", &active));
    let list = ok(path, &["register", "list", "--scan"]);
    assert!(list.starts_with("id "), "{list}");
    assert!(
        list.contains("  active  legacy-credential  team:acme/billing "),
        "{list}"
    );
    let show = ok(path, &["register", "show", "EXC-2026-0002"]);
    assert!(
        show.starts_with("EXC-2026-0002 is active on 2026-11-24; exceptions.toml:"),
        "{show}"
    );
    assert!(show.contains("  [[exception.covers]]"), "{show}");
    assert!(
        refused(path, &["register", "show", "EXC-9"]).contains("no exception has the id EXC-9")
    );

    let due = ok(path, &["register", "due", "--within", "P80D"]);
    assert!(due.contains("2027-01-31  in 68 d  expires"), "{due}");
    let none = ok(path, &["register", "due"]);
    assert!(
        none.starts_with("nothing ends or is to be reviewed until 2026-12-24"),
        "{none}"
    );
    let calendar = ok(path, &["register", "due", "--ics"]);
    assert_eq!(calendar, ok(path, &["register", "due", "--ics"]));
    assert!(
        calendar.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"),
        "{calendar}"
    );
    assert!(calendar.contains("DTSTAMP:20261124T000000Z\r\nDTSTART;VALUE=DATE:20270131\r\n"));
    let uids: std::collections::BTreeSet<_> = calendar
        .lines()
        .filter(|line| line.starts_with("UID:"))
        .collect();
    assert_eq!(uids.len(), calendar.matches("BEGIN:VEVENT").count());

    let count = findings(path, &[]).len();
    assert_eq!(
        ok(path, &["inventory", "--format", "jsonl"])
            .lines()
            .count(),
        count
    );
    assert_eq!(
        ok(path, &["inventory", "--format", "csv"]).lines().count(),
        count + 1
    );
    let table = ok(path, &["inventory", "--format", "markdown"]);
    assert!(table.starts_with("| exception | verdict |"), "{table}");
}

#[test]
fn a_lock_binds_what_is_there() {
    let repository = large();
    let path = repository.path();
    let active = ["--active", "--approved-by", "user:ciso@example.org"];
    ok(path, &declare_all("2027-01-31", &active));
    let said = ok(path, &["register", "bind"]);
    assert!(
        said.ends_with(" findings bound in .byway/exceptions.lock\n"),
        "{said}"
    );
    let lock = fs::read_to_string(path.join(".byway/exceptions.lock")).unwrap();
    assert_eq!(lock.lines().count(), findings(path, &[]).len() + 1);
    assert_eq!(scan(path, &["--locked"]).code, 0);
    assert_eq!(ok(path, &["register", "bind", "--dry-run"]), "");
}

#[test]
fn what_stands_in_for_a_text_is_never_in_force() {
    let repository = large();
    let path = repository.path();
    ok(path, &["declare", "services/orders/mod3.py"]);
    let text = register(path);
    assert!(text.contains("reason   = \"TO DO: "), "{text}");
    let active = text.replace(
        "status   = \"proposed\"",
        "approved-by = [\"user:ciso@example.org\"]",
    );
    put(path, "exceptions.toml", active);
    let check = at(path, &["register", "check"]);
    assert_eq!(check.code, 1, "{}", check.out);
    assert!(check.out.contains("register/incomplete"), "{}", check.out);
}

#[cfg(unix)]
#[test]
fn edits_keep_the_mode_and_write_through_no_link() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let repository = large();
    let path = repository.path();
    ok(path, &["declare", "services/orders/mod3.py"]);
    let file = path.join("exceptions.toml");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    ok(path, &["declare", "services/orders/mod4.py"]);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    let left: Vec<_> = fs::read_dir(path)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert!(
        left.iter()
            .all(|name| !name.to_string_lossy().starts_with(".byway-")),
        "{left:?}"
    );

    let outside = folder();
    put(outside.path(), "r.toml", "version = 1\n");
    symlink(outside.path().join("r.toml"), path.join("linked.toml")).unwrap();
    let said = refused(
        path,
        &["declare", "services/orders/mod5.py", "--to", "linked.toml"],
    );
    assert!(said.contains("make it an ordinary file"), "{said}");
    assert_eq!(
        fs::read_to_string(outside.path().join("r.toml")).unwrap(),
        "version = 1\n"
    );
}

#[test]
fn other_tools_lists_become_proposals() {
    let repository = large();
    let path = repository.path();
    put(
        path,
        ".gitleaksignore",
        "# Rotated with release 9.\nservices/orders/mod1.py:generic-api-key:2\nservices/orders/mod1.py:generic-api-key:3\n\na/b.py:etsy-access-token:1\n",
    );
    put(path, ".trivyignore", "CVE-2025-31337 exp:2027-01-31\n");
    let dry = ["import", ".gitleaksignore", "--dry-run"];
    let shown = at(path, &dry);
    assert!(
        shown.out.contains(
            "+# From .gitleaksignore: generic-api-key (line 2), generic-api-key (line 3).\n"
        ),
        "{}",
        shown.out
    );
    assert!(
        shown.err.contains(
            "left out: .gitleaksignore:5: etsy-access-token (no rule of byway's looks for it)"
        ),
        "{}",
        shown.err
    );

    let said = ok(path, &["import", ".gitleaksignore", ".trivyignore"]);
    assert!(
        said.contains("EXC-2026-0001: 2 findings, proposed until 2027-02-22"),
        "{said}"
    );
    assert!(
        said.contains("EXC-2026-0001: had no end\nEXC-2026-0001: had no owner\n"),
        "{said}"
    );
    assert!(
        said.contains("left out: .trivyignore:1: CVE-2025-31337 ("),
        "{said}"
    );
    let text = register(path);
    for line in [
        "reason   = \"Rotated with release 9.\"\n",
        "owner    = \"team:acme/platform\"\n",
        "rules = [\"static-key/generic-secret\"]\npaths = [\"services/orders/mod1.py\"]\nmax   = 2\n",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let unknown = refused(path, &["import", "services/orders/mod1.py"]);
    assert!(
        unknown.contains("of no kind that can be imported; give a .gitleaksignore"),
        "{unknown}"
    );
}

#[test]
fn help_and_completions_know_the_commands() {
    for args in [
        &["declare"][..],
        &["inventory"],
        &["import"],
        &["register", "renew"],
    ] {
        let help = run(byway().args(args).arg("--help"));
        assert_eq!(help.code, 0, "{args:?}");
        assert!(help.out.contains("Usage: byway "), "{}", help.out);
    }
    let script = run(byway().args(["completions", "bash"]));
    for word in ["declare", "inventory", "import", "renew", "prune", "due"] {
        assert!(script.out.contains(word), "{word}");
    }
}
