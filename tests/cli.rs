//! The command line: exit codes, errors that say what to do, outputs.

use std::fs;

use serde_json::Value;

use crate::common::{byway, findings, fixture, folder, put, run, scan};

#[test]
fn bad_values_exit_with_2_and_say_what_to_write() {
    let folder = folder();
    put(folder.path(), "a.py", "x = 1\n");
    for (args, said) in [
        (&["--today", "2026-13-01"][..], "YYYY-MM-DD"),
        (
            &["--min-severity", "huge"],
            "possible values: low, medium, high, critical",
        ),
        (&["--rule", "static-keys/*"], "no rule's id matches"),
        (&["--skip-rule", "zzz"], "no rule's id matches"),
        (&["--today", "20261124"], "YYYY-MM-DD"),
        (&["--max-file-size", "1"], "nothing was scanned"),
        (&["--rule", "a{"], "write a glob such as 'static-key/*'"),
        (&["--exclude", "a{"], "write a glob such as 'vendor/**'"),
        (&["--max-file-size", "ten"], "write a number of bytes"),
        (&["--threads", "99999"], "write a number from 0 to 256"),
        (&["--exclude", "!x.py"], "write a glob such as 'vendor/**'"),
        (
            &["--output", "jsonl=x", "--output", "sarif=x"],
            "two reports",
        ),
        (&["--output", "no/such/x"], "its folder does not exist"),
        (&["--output", "pdf=x"], "write one of: text, jsonl, sarif"),
        (&["--output", "sarif="], "write a file's name"),
        (&["--register", "none.toml"], "none.toml"),
        (&["--policy", "none.toml"], "none.toml"),
        (&["--rules", "none"], "none can't be read"),
    ] {
        let run = run(byway().arg("scan").arg(folder.path()).args(args));
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}");
        assert!(run.err.contains(said), "{args:?}: {}", run.err);
    }
    let missing = scan(&folder.path().join("no"), &[]);
    assert_eq!(missing.code, 2);
    assert!(
        missing.err.contains("write a file or folder that exists"),
        "{}",
        missing.err
    );
}

#[test]
fn bad_register_policy_and_rule_stop_the_run_with_their_place() {
    let folder = folder();
    put(folder.path(), "a.py", "x = 1\n");
    put(
        folder.path(),
        "exceptions.toml",
        "version = 1\n\n[[exception]\n",
    );
    let broken = scan(folder.path(), &[]);
    assert_eq!(broken.code, 2);
    assert!(broken.err.contains("exceptions.toml:3:"), "{}", broken.err);
    put(folder.path(), "exceptions.toml", "version = 2\n");
    assert!(scan(folder.path(), &[]).err.contains("exceptions.toml:1:"));
    put(folder.path(), "exceptions.toml", "version = 1\n");
    put(
        folder.path(),
        "policy.toml",
        "version = 1\n\n[defaults]\nwarn-befor = \"P14D\"\n",
    );
    let policy = folder.path().join("policy.toml");
    let said = scan(folder.path(), &["--policy", policy.to_str().unwrap()]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("policy.toml:4:1") && said.err.contains("warn-before"),
        "{}",
        said.err
    );
    put(
        folder.path(),
        "rules/static-key/x.md",
        "+++\ntitle = \"x\"\nseverity = \"huge\"\n+++\n\nWhy.\n",
    );
    let rules = folder.path().join("rules");
    let said = scan(folder.path(), &["--rules", rules.to_str().unwrap()]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("x.md:3:") && said.err.contains("write one of: low"),
        "{}",
        said.err
    );
}

#[test]
fn exit_codes_follow_severity_and_not_format() {
    let payments = fixture("payments");
    for format in ["text", "jsonl", "sarif"] {
        assert_eq!(
            scan(payments.path(), &["--format", format]).code,
            1,
            "{format}"
        );
    }
    assert_eq!(scan(payments.path(), &["--exit-zero"]).code, 0);
    let none = [
        "--class",
        "elevated-token",
        "--fail-on",
        "critical",
        "--skip-rule",
        "*/database-*",
    ];
    assert_eq!(scan(payments.path(), &none).code, 0);
}

#[test]
fn one_scan_writes_every_output() {
    let payments = fixture("payments");
    let out = folder();
    let sarif = out.path().join("byway.sarif");
    let jsonl = out.path().join("byway.jsonl");
    let run = scan(
        payments.path(),
        &[
            "--output",
            &format!("sarif={}", sarif.display()),
            "--output",
            &format!("jsonl={}", jsonl.display()),
        ],
    );
    assert!(run.out.contains("undeclared"), "{}", run.out);
    let log: Value = serde_json::from_str(&fs::read_to_string(sarif).unwrap()).unwrap();
    let lines = fs::read_to_string(jsonl).unwrap();
    assert_eq!(
        log["runs"][0]["results"].as_array().unwrap().len(),
        lines.lines().count()
    );
    assert_eq!(
        fs::read_dir(out.path()).unwrap().count(),
        2,
        "no temporary file stays"
    );
    let plain = out.path().join("plain.sarif");
    let run = scan(
        payments.path(),
        &["--format", "sarif", "--output", plain.to_str().unwrap()],
    );
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(fs::read_to_string(plain).unwrap().starts_with('{'));
}

#[test]
fn the_same_input_gives_the_same_bytes_for_any_number_of_threads() {
    let payments = fixture("payments");
    for n in 0..60 {
        let text = format!("permissions: write-all\nname: w{n}\n");
        put(payments.path(), format!(".github/workflows/w{n}.yml"), text);
    }
    for format in ["text", "jsonl", "sarif"] {
        let one = scan(payments.path(), &["--format", format, "--threads", "1"]).out;
        assert!(one.len() > 1000);
        for threads in ["2", "8"] {
            let more = scan(payments.path(), &["--format", format, "--threads", threads]).out;
            assert!(one == more, "{format} differs with {threads} threads");
        }
    }
}

#[test]
fn jsonl_keys_are_a_contract() {
    let payments = fixture("payments");
    let run = scan(payments.path(), &["--format", "jsonl"]);
    let keys = [
        "rule",
        "class",
        "severity",
        "confidence",
        "verdict",
        "exception",
        "path",
        "line",
        "column",
        "endLine",
        "endColumn",
        "subject",
        "anchor",
        "fingerprint",
        "message",
        "frameworks",
        "facts",
    ];
    for line in run.out.lines() {
        let mut from = 0;
        for key in keys {
            let quoted = format!("\"{key}\":");
            let at = line[from..]
                .find(&quoted)
                .unwrap_or_else(|| panic!("{key} in {line}"));
            from += at;
        }
        let value: Value = serde_json::from_str(line).unwrap();
        assert_eq!(value.as_object().unwrap().len(), keys.len());
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::process::Stdio;
    let payments = fixture("payments");
    let mut child = byway()
        .arg("scan")
        .arg(payments.path())
        .args(["--format", "sarif"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn rules_are_listed_shown_and_checked() {
    let list = run(byway().args(["rules", "list"]));
    assert!(list.out.contains("static-key/github-token"), "{}", list.out);
    let show = run(byway().args(["rules", "show", "static-key/github-token"]));
    assert!(show.out.contains("## Fix"), "{}", show.out);
    let unknown = run(byway().args(["rules", "show", "github-token"]));
    assert_eq!(unknown.code, 2);
    assert!(
        unknown
            .err
            .contains("did you mean static-key/github-token?"),
        "{}",
        unknown.err
    );
    let own = run(byway().args(["rules", "check"]));
    assert_eq!((own.code, own.err.as_str()), (0, ""), "{}", own.out);
}

#[test]
fn a_rule_of_ones_own_is_checked_and_used() {
    let page = |bad: &str| {
        format!(
            "+++\ntitle = \"Route past the gateway\"\nseverity = \"high\"\nconfidence = \"high\"\nsince = \"1.0.0\"\nkeywords = [\"backdoor.internal\"]\n\n[[detect.pattern]]\nregex = '(?P<subject>backdoor\\.internal)'\n+++\n\nIt goes around the gateway.\n\n```yaml {bad} a.yaml\nurl: https://backdoor.internal/\n```\n\n```yaml good a.yaml\nurl: https://frontdoor.internal/\n```\n\n```yaml good a.yaml\nurl: https://backdoor.external/\n```\n"
        )
    };
    let folder = folder();
    put(
        folder.path(),
        "rules/bypass-route/gateway.md",
        page("bad=1"),
    );
    put(
        folder.path(),
        "src/a.yaml",
        "url: https://backdoor.internal/\n",
    );
    let rules = folder.path().join("rules");
    let check = run(byway().args(["rules", "check"]).arg(&rules));
    assert_eq!((check.code, check.err.as_str()), (0, ""), "{}", check.out);
    let found = scan(
        folder.path(),
        &["--rules", rules.to_str().unwrap(), "--exclude", "rules/**"],
    );
    assert!(found.out.contains("bypass-route/gateway"), "{}", found.out);
    put(
        folder.path(),
        "rules/bypass-route/gateway.md",
        page("bad=2"),
    );
    let wrong = run(byway().args(["rules", "check"]).arg(&rules));
    assert_eq!(wrong.code, 2);
    assert!(wrong.out.contains("gateway.md:15:"), "{}", wrong.out);
}

#[test]
fn register_check_needs_no_scan() {
    let payments = fixture("payments");
    let check = run(byway()
        .args(["register", "check", "--today", "2026-11-24"])
        .arg(payments.path()));
    assert_eq!(check.code, 1, "{}", check.out);
    assert!(check.out.contains("register/expired"), "{}", check.out);
    assert!(!check.out.contains("register/unused"), "{}", check.out);
    assert!(check.out.contains("4 exceptions read"), "{}", check.out);
}

#[test]
fn version_and_completions() {
    let version = run(byway().arg("--version"));
    assert_eq!(
        version.out.trim(),
        format!("byway {}", env!("CARGO_PKG_VERSION"))
    );
    let bash = run(byway().args(["completions", "bash"]));
    assert!(bash.out.contains("_byway()"), "{}", bash.out.len());
}

#[test]
fn a_part_of_a_project_keeps_its_root_and_calls_nothing_unused() {
    let payments = fixture("payments");
    let part = scan(&payments.path().join("batch"), &["--format", "jsonl"]);
    assert!(
        part.out.contains("\"path\":\"batch/settlement/settle.py\""),
        "{}",
        part.out
    );
    assert!(!part.out.contains("register/unused"), "{}", part.out);
    let excluded = scan(
        payments.path(),
        &["--format", "jsonl", "--exclude", "batch/**"],
    );
    assert!(
        !excluded.out.contains("register/unused"),
        "{}",
        excluded.out
    );
}

#[test]
fn a_file_that_is_reached_twice_is_reported_once() {
    let folder = folder();
    put(folder.path(), ".git/HEAD", "");
    put(
        folder.path(),
        ".github/workflows/a.yml",
        "permissions: write-all\n",
    );
    let part = folder.path().join(".github");
    let file = folder.path().join(".github/workflows/a.yml");
    let twice = run(byway()
        .arg("scan")
        .args([folder.path(), &part, &file])
        .args(["--format", "jsonl"]));
    assert_eq!(twice.out.lines().count(), 1, "{}", twice.out);
}

#[test]
fn ignore_files_above_the_project_have_no_say_and_those_on_the_way_have() {
    let above = folder();
    put(above.path(), ".gitignore", "*\n");
    put(above.path(), "p/.git/HEAD", "");
    put(above.path(), "p/.gitignore", "secret.yml\n");
    let workflow = "permissions: write-all\n";
    put(above.path(), "p/.github/workflows/a.yml", workflow);
    put(above.path(), "p/.github/workflows/secret.yml", workflow);
    let project = above.path().join("p");
    for path in [
        project.clone(),
        project.join(".github"),
        project.join(".github/workflows"),
    ] {
        let found: Vec<_> = findings(&path, &[])
            .iter()
            .map(|f| f["path"].clone())
            .collect();
        assert_eq!(found, [".github/workflows/a.yml"], "{}", path.display());
    }
    // A file that was named is scanned all the same.
    let named = project.join(".github/workflows/secret.yml");
    assert_eq!(findings(&named, &[]).len(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_a_register_or_policy_stops_the_run() {
    use std::os::unix::fs::symlink;
    let outside = folder();
    put(outside.path(), "r.toml", "version = 1\n");
    for name in [
        "exceptions.toml",
        ".byway/policy.toml",
        ".byway/exceptions.d/a.toml",
    ] {
        for target in [outside.path().join("r.toml"), outside.path().join("gone")] {
            let folder = folder();
            put(folder.path(), "a.py", "x = 1\n");
            let link = folder.path().join(name);
            fs::create_dir_all(link.parent().unwrap()).unwrap();
            symlink(&target, &link).unwrap();
            let run = scan(folder.path(), &[]);
            assert_eq!(run.code, 2, "{name}");
            assert!(
                run.err.contains(&format!("{name}: it is a link")),
                "{}",
                run.err
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn a_report_goes_through_a_link_and_to_a_device() {
    use std::os::unix::fs::symlink;
    let payments = fixture("payments");
    let out = folder();
    put(out.path(), "real", "old");
    let link = out.path().join("link");
    symlink(out.path().join("real"), &link).unwrap();
    scan(
        payments.path(),
        &["--output", &format!("jsonl={}", link.display())],
    );
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert!(
        fs::read_to_string(out.path().join("real"))
            .unwrap()
            .starts_with('{')
    );
    let device = scan(
        payments.path(),
        &["--quiet", "--output", "jsonl=/dev/stdout"],
    );
    assert!(device.out.contains("\"rule\":"), "{}", device.out);
    assert!(
        std::path::Path::new("/dev/stdout")
            .symlink_metadata()
            .unwrap()
            .is_symlink()
    );
}

#[test]
fn a_false_positive_covers_one_finding() {
    let folder = folder();
    let key = byway::rule::sample::expand("api_token: \"{{base62:32}}\"\n", "fp").unwrap();
    put(folder.path(), "a/app.yaml", &key);
    let found = findings(folder.path(), &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    let register = format!(
        "version = 1\n\n[[false-positive]]\nfingerprint = {}\nreason = \"The key of a public demo.\"\nby = \"team:web\"\n",
        found[0]["fingerprint"]
    );
    put(folder.path(), "exceptions.toml", register);
    assert_eq!(scan(folder.path(), &[]).code, 0);
    put(folder.path(), "b/app.yaml", &key);
    let verdicts: Vec<_> = findings(folder.path(), &[])
        .iter()
        .map(|f| f["verdict"].clone())
        .collect();
    assert_eq!(verdicts, ["false-positive", "undeclared"]);
}
