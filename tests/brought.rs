//! Rule files of other programs, through the binary.

use std::fs;

use byway::import;
use byway::rule::{self, sample};

use crate::common::{byway, findings, folder, put, run, scan};

const RULES: &str = r#"
title = "House rules"

[[rules]]
id = "shop.token"
description = "A token of the shop. Ask the platform team."
regex = '''(?i)shop[_-]token["' :=]{1,4}(st[0-9]_[a-z0-9]{24})\b'''
entropy = 3.0
keywords = ["shop"]
tags = ["shop"]
validate = "ask"

[[rules.allowlists]]
condition = "AND"
paths = ['''\.lock$''']
regexes = ['''^st9''']

[[rules]]
id = "keystore"
path = '''(?i)\.keystore$'''

[[allowlists]]
stopwords = ["000000"]
"#;

fn project() -> tempfile::TempDir {
    let folder = folder();
    let token = sample::expand("st1_{{lower-alnum:24}}", "a").unwrap();
    let used = format!("\nSHOP_TOKEN='{token}'\n");
    put(folder.path(), "app/a.py", used);
    let zeros = format!("shop_token='st1_{}'\n", "0".repeat(24));
    put(folder.path(), "app/none.py", zeros);
    put(folder.path(), "app/release.keystore", "\u{1}\n");
    folder
}

#[test]
fn a_rule_file_and_its_pages_find_the_same() {
    let folder = project();
    let rules = crate::common::folder();
    put(rules.path(), "house.toml", RULES);
    let file = rules.path().join("house.toml");
    let pages = rules.path().join("pages");
    let found = |rules: &str| -> Vec<String> {
        let args = ["--rules", rules, "--rule", "static-key/custom-*"];
        let line = |f: &serde_json::Value| {
            format!(
                "{} {}:{} {}",
                f["rule"], f["path"], f["line"], f["fingerprint"]
            )
        };
        findings(folder.path(), &args).iter().map(line).collect()
    };
    let direct = found(file.to_str().unwrap());
    assert_eq!(direct.len(), 2, "{direct:?}");
    assert!(direct[0].starts_with(r#""static-key/custom-shop-token" "app/a.py":2 "#));
    assert!(direct[1].starts_with(r#""static-key/custom-keystore" "app/release.keystore":1 "#));

    let import = || {
        let mut command = byway();
        command.args(["rules", "import"]).arg(&file);
        run(command.arg("--to").arg(&pages))
    };
    let written = import();
    assert_eq!(written.code, 0, "{}", written.err);
    assert!(
        written.out.starts_with("2 pages written to ")
            && written
                .out
                .ends_with(", 1 of them with an example that fires\n"),
        "{}",
        written.out
    );
    assert!(
        written
            .err
            .contains("house.toml:11: shop.token: `validate`"),
        "{}",
        written.err
    );
    assert_eq!(found(pages.to_str().unwrap()), direct);
    let text = fs::read_to_string(pages.join("static-key/custom-shop-token.md")).unwrap();
    assert!(text.contains("_{{base62:24}}"), "{text}");
    let checked = run(byway().args(["rules", "check"]).arg(&pages));
    assert_eq!(checked.code, 0, "{}", checked.out);

    let again = import();
    assert_eq!(again.code, 2);
    assert!(
        again.err.contains("exists already; remove it"),
        "{}",
        again.err
    );
}

#[test]
fn a_bad_rule_file_stops_the_run_and_a_strange_one_warns() {
    let folder = project();
    let rules = crate::common::folder();
    let file = rules.path().join("house.toml");
    let args = ["--rules", file.to_str().unwrap()];
    let bad = RULES.replace("(?i)shop", "(?<=x)shop");
    put(rules.path(), "house.toml", bad);
    let bad = scan(folder.path(), &args);
    assert_eq!((bad.code, bad.out.as_str()), (2, ""));
    let said = "house.toml:7:9: the regex can't be read at its character 4: `(?<=`";
    assert!(bad.err.contains(said), "{}", bad.err);

    put(rules.path(), "house.toml", RULES.replace("tags", "mood"));
    let strange = scan(folder.path(), &args);
    assert_eq!(strange.code, 1, "{}", strange.err);
    let said = "house.toml:10: shop.token: `mood` is no key";
    assert!(strange.err.contains(said), "{}", strange.err);

    let code = folder.path().join("app/a.py");
    let other = scan(folder.path(), &["--rules", code.to_str().unwrap()]);
    let said = "is no rule file; name a TOML file";
    assert!(other.err.contains(said), "{}", other.err);
}

#[test]
fn no_rule_of_our_own_is_named_like_a_brought_one() {
    for rule in rule::builtin() {
        let name = rule.id.split('/').next_back().unwrap();
        assert!(!name.starts_with(import::PREFIX), "{}", rule.id);
    }
}
