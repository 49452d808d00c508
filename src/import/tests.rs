//! Rule files as people write them, and what becomes of them.

use super::*;
use crate::detect::{Engine, Scratch};
use crate::document::Document;
use crate::rule::{Confidence, Severity, sample};

fn nothing(_: &str, name: &str) -> Result<(String, String), String> {
    Err(format!("no {name}"))
}

fn import(text: &str) -> Imported {
    read("rules.toml", text, &nothing).unwrap_or_else(|errors| {
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        panic!("{}", errors.join("\n"))
    })
}

fn errors(text: &str) -> Vec<String> {
    let errors = read("rules.toml", text, &nothing).unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

/// What fires, as `NAME:LINE`, whatever the confidence.
fn fired(imported: &Imported, path: &str, text: &str) -> Vec<String> {
    let rules = imported.rules.iter().map(|brought| brought.rule.clone());
    let engine = Engine::new(rules.collect()).unwrap();
    let text = sample::expand(text, path).unwrap();
    let document = Document::new(path, text.as_bytes());
    let found = engine.scan(&document, &mut Scratch::default());
    let names = found.iter().map(|finding| {
        let name = finding.rule.strip_prefix("static-key/custom-").unwrap();
        format!("{name}:{}", finding.place.region.line)
    });
    names.collect()
}

/// What fires with the rules as they are, which has to be what fires with their pages.
fn fires(text: &str, path: &str, scanned: &str) -> Vec<String> {
    let imported = import(text);
    let direct = fired(&imported, path, scanned);
    let mut paged = Imported::default();
    for brought in imported.rules {
        let written = page(&brought, None);
        let name = format!("{}.md", brought.rule.id);
        let read =
            crate::rule::page::read(&name, &written).unwrap_or_else(|e| panic!("{e:?}\n{written}"));
        paged.rules.push(Brought {
            rule: read.rule,
            from: brought.from,
        });
    }
    assert_eq!(fired(&paged, path, scanned), direct);
    direct
}

const TOKEN: &str = r#"
[[rules]]
id = "acme-token"
description = "An Acme token."
regex = '''\bacme_([a-z0-9]{20})\b'''
"#;

#[test]
fn a_rule_without_keywords_is_woken_by_what_its_matches_hold() {
    let imported = import(TOKEN);
    let rule = &imported.rules[0].rule;
    assert_eq!(rule.id, "static-key/custom-acme-token");
    assert_eq!(rule.keywords.to_vec(), ["acme_"]);
    assert_eq!(
        (rule.severity, rule.confidence),
        (Severity::High, Confidence::Medium)
    );
    assert_eq!(imported.rules[0].from, "rules.toml:3");
    assert_eq!(imported.notices, []);
    assert_eq!(
        fires(TOKEN, "a.py", "x\nt = 'acme_{{lower-alnum:20}}'\n"),
        ["acme-token:2"]
    );
    // Tests and examples are no less searched than the rule's author asked for.
    let in_tests = "t = 'acme_{{lower-alnum:20}}'\n";
    assert_eq!(fires(TOKEN, "tests/a.py", in_tests), ["acme-token:1"]);
    // A placeholder is what the author's allowlists say is one.
    assert_eq!(
        fires(TOKEN, "a.py", "acme_exampleexampleexampl"),
        ["acme-token:1"]
    );
}

#[test]
fn a_keyword_may_stand_elsewhere_in_the_file() {
    let text = TOKEN.to_owned() + "keywords = ['Widget']\n";
    let token = "t = 'acme_{{lower-alnum:20}}'\n";
    assert_eq!(fires(&text, "a.py", token), [""; 0]);
    let far = format!("# WIDGET\n{}{token}", "\n".repeat(4000));
    assert_eq!(fires(&text, "a.py", &far), ["acme-token:4002"]);
}

#[test]
fn a_rule_that_holds_no_text_is_searched_everywhere() {
    let text = "[[rules]]\nid = 'a.b'\nregex = '[A-Z]{2}[0-9]{12}'\n";
    let imported = import(text);
    assert_eq!(imported.rules[0].rule.id, "static-key/custom-a-b");
    assert!(
        imported.notices[0].so.contains("slow"),
        "{:?}",
        imported.notices
    );
    assert_eq!(imported.notices[0].line, 2);
    let scanned = format!("{}QX{{{{digits:12}}}}\n", "a b\n".repeat(50_000));
    assert_eq!(fires(text, "a.txt", &scanned), ["a-b:50001"]);
    let with = text.to_owned() + "keywords = ['serial']\n";
    assert_eq!(import(&with).notices, []);
    assert_eq!(fires(&with, "a.txt", &scanned), [""; 0]);
    assert_eq!(
        fires(&with, "a.txt", &format!("serial\n{scanned}")),
        ["a-b:50002"]
    );
}

#[test]
fn the_secret_is_the_group_that_was_asked_for_or_the_first_that_matched() {
    let rule = |more: &str| {
        format!("[[rules]]\nid = 'a'\nregex = '''(key|pin)=(?:<(\\w+)>|(\\w+))'''\n{more}")
    };
    let allow = "[[rules.allowlists]]\nregexes = ['^(?:let|abc)']\n";
    // The first group, `key`, is the secret.
    assert_eq!(fires(&rule(allow), "a", "key=abcdef"), ["a:1"]);
    // The third, when it is asked for.
    let third = rule(&format!("secretGroup = 3\n{allow}"));
    assert_eq!(fires(&third, "a", "key=abcdef"), [""; 0]);
    assert_eq!(fires(&third, "a", "key=zabcdef"), ["a:1"]);
    let first = "[[rules]]\nid = 'a'\nregex = '''key=(?:<(\\w+)>|(\\w+))'''\n".to_owned() + allow;
    assert_eq!(
        fires(&first, "a", "key=<abcdef>\nkey=abcdef\nkey=<xyz>"),
        ["a:3"]
    );
    let error = errors(&rule("secretGroup = 4\n"));
    assert_eq!(
        error,
        [
            "rules.toml:4:15: the secret is group 4, and the regex has 3; write the number of a group, counted from 1"
        ]
    );
}

#[test]
fn entropy_has_to_be_above_what_is_asked() {
    let rule = |least: &str| {
        format!("[[rules]]\nid = 'a'\nregex = '''key=(\\w{{4}})'''\nentropy = {least}\n")
    };
    // Four different characters have two bits each.
    assert_eq!(fires(&rule("1.9"), "a", "key=wxyz"), ["a:1"]);
    assert_eq!(fires(&rule("2"), "a", "key=wxyz"), [""; 0]);
    assert_eq!(fires(&rule("0"), "a", "key=wwww"), ["a:1"]);
}

#[test]
fn allowlists_drop_by_secret_match_line_path_and_word() {
    let token = "lead acme_{{lower-alnum:20}} trail\n";
    for (allow, path, kept) in [
        ("regexes = ['^acme']", "a.py", true),
        ("regexes = ['^acme']\nregexTarget = 'match'", "a.py", false),
        ("regexes = ['trail$']\nregexTarget = 'line'", "a.py", false),
        ("regexes = ['trail$']\nregexTarget = 'match'", "a.py", true),
        ("paths = ['''\\.py$''']", "a.py", false),
        ("paths = ['''\\.py$''']", "a.go", true),
        (
            "condition = 'AND'\npaths = ['py$']\nregexes = ['nope']",
            "a.py",
            true,
        ),
        (
            "condition = 'AND'\npaths = ['py$']\nregexes = ['.']",
            "a.py",
            false,
        ),
        (
            "condition = 'AND'\npaths = ['py$']\nregexes = ['.']",
            "a.go",
            true,
        ),
        ("commits = ['abc']\npaths = ['py$']", "a.py", false),
        (
            "condition = 'AND'\ncommits = ['abc']\npaths = ['py$']",
            "a.py",
            true,
        ),
    ] {
        for table in [
            "[[rules.allowlists]]",
            "[rules.allowlist]",
            "[[allowlists]]",
            "[allowlist]",
        ] {
            let text = format!("{TOKEN}{table}\n{allow}\n");
            let expected: &[&str] = if kept { &["acme-token:1"] } else { &[] };
            assert_eq!(
                fires(&text, path, token),
                expected,
                "{table} {allow} {path}"
            );
        }
    }
    let words = format!("{TOKEN}[[rules.allowlists]]\nstopwords = ['Dummy']\n");
    assert_eq!(
        fires(&words, "a", "acme_00dumMY000000000000 acme_dummy"),
        [""; 0]
    );
    let other = format!("{TOKEN}[[allowlists]]\ntargetRules = ['other']\nregexes = ['.']\n");
    assert_eq!(fires(&other, "a", token), ["acme-token:1"]);
}

#[test]
fn a_path_alone_finds_the_file() {
    let text = "[[rules]]\nid = 'key-file'\npath = '''(?i)\\.(?:kdbx|p12)$'''\n";
    assert_eq!(fires(text, "a/b.KDBX", "\u{3}\n"), ["key-file:1"]);
    assert_eq!(fires(text, "a/b.txt", "\u{3}\n"), [""; 0]);
    let both = TOKEN.to_owned() + "path = '''\\.tf$'''\n";
    assert_eq!(
        fires(&both, "a.tf", "acme_{{lower-alnum:20}}"),
        ["acme-token:1"]
    );
    assert_eq!(fires(&both, "a.py", "acme_{{lower-alnum:20}}"), [""; 0]);
}

#[test]
fn a_required_rule_has_to_match_near_by() {
    let text = TOKEN.to_owned()
        + "[[rules.required]]\nid = 'acme-id'\nwithinLines = 2\n\
           [[rules]]\nid = 'acme-id'\nregex = 'acme-id-[0-9]+'\nskipReport = true\n";
    let token = "acme_{{lower-alnum:20}}\n";
    assert_eq!(
        fires(&text, "a", &format!("acme-id-7\n\n{token}")),
        ["acme-token:3"]
    );
    assert_eq!(
        fires(&text, "a", &format!("acme-id-7\n\n\n{token}")),
        [""; 0]
    );
    assert_eq!(fires(&text, "a", token), [""; 0]);
    let columns = text.replace("withinLines", "withinColumns");
    assert_eq!(
        fires(&columns, "a", &format!("{token}\n\n acme-id-7\n")),
        ["acme-token:1"]
    );
    assert_eq!(
        fires(&columns, "a", &format!("{token}\n    acme-id-7\n")),
        [""; 0]
    );
    let betterleaks = text
        .replace("[[rules.required]]", "[[rules.components]]")
        .replace("withinLines = 2", "within = '2L,9C'");
    assert_eq!(
        fires(&betterleaks, "a", &format!("acme-id-7\n\n{token}")),
        ["acme-token:3"]
    );
    let missing = errors(&format!("{TOKEN}[[rules.required]]\nid = 'other'\n"));
    assert!(missing[0].starts_with("rules.toml:7:6: `other` is no rule of this file"));
}

#[test]
fn conditions_of_betterleaks_are_read_as_far_as_they_go() {
    let rule = |filter: &str| format!("{TOKEN}filter = '''{filter}'''\n");
    let token = "acme_{{lower-alnum:20}}";
    let secret = r#"finding["secret"]"#;
    for (filter, kept) in [
        (format!("entropy({secret}) <= 4.5"), false),
        (format!("entropy({secret}) < 1.0"), true),
        (format!("matchesAny({secret}, [`^acme`])"), true),
        (format!("!matchesAny({secret}, [`^acme`])"), false),
        (
            r#"matchesAny(finding["match"], ["^acme"])"#.to_owned(),
            false,
        ),
        (
            r#"containsAny(attributes["path"], ["b.", "a."])"#.to_owned(),
            false,
        ),
        (
            r#"containsAny(attributes["path"], ["b?"])"#.to_owned(),
            true,
        ),
    ] {
        let expected: &[&str] = if kept { &["acme-token:1"] } else { &[] };
        assert_eq!(fires(&rule(&filter), "a.py", token), expected, "{filter}");
    }
    let words = rule(&format!("tokenRatio({secret}) >= 2.5"));
    assert_eq!(fires(&words, "a", token), ["acme-token:1"]);
    assert_eq!(fires(&words, "a", "acme_passwordforthisthings"), [""; 0]);
    assert_eq!(import(&words).notices[0].what, "byway has no tokenizer");
    let partly = rule(&format!("\nentropy({secret}) < 1.0 ||\n len({secret}) > 9"));
    let imported = import(&partly);
    assert_eq!((imported.notices.len(), imported.notices[0].line), (1, 8));
    assert_eq!(fires(&partly, "a", token), ["acme-token:1"]);
}

#[test]
fn a_file_extends_another_and_changes_its_rules() {
    let base = TOKEN.to_owned() + "[[rules]]\nid = 'other'\nregex = 'other-[0-9]{9}'\n";
    let open = |from: &str, name: &str| {
        assert_eq!((from, name), ("rules.toml", "base.toml"));
        Ok(("base.toml".to_owned(), base.clone()))
    };
    let text = "[extend]\npath = 'base.toml'\ndisabledRules = ['other', 'gone']\n\
                [[rules]]\nid = 'acme-token'\nentropy = 5.0\n";
    let imported = read("rules.toml", text, &open).unwrap();
    assert_eq!(imported.rules.len(), 1);
    assert!(imported.notices[0].what.contains("`gone`"));
    assert_eq!(fired(&imported, "a", "acme_{{lower-alnum:20}}"), [""; 0]);
    let missing = errors("[extend]\npath = 'base.toml'\n[[rules]]\nid = 'a'\nregex = 'abcd'\n");
    assert!(missing[0].starts_with("rules.toml:2:8: `base.toml` can't be read: no base.toml"));
}

#[test]
fn what_is_not_honoured_is_said_by_rule_and_line() {
    let text = format!(
        "[extend]\nuseDefault = true\nurl = 'https://rules.example/a.toml'\n{TOKEN}validate = 'x'\ntags = ['a']\ncolour = 'red'\n\
         [[rules.allowlists]]\ncommits = ['0123']\n[[rules]]\nid = 'generic-api-key'\nentropy = 4\n"
    );
    let imported = import(&text);
    let said: Vec<_> = imported
        .notices
        .iter()
        .map(|n| {
            (
                n.line,
                n.rule.as_deref().unwrap_or("-"),
                n.what.split('`').nth(1).unwrap_or("-"),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            (9, "acme-token", "validate"),
            (11, "acme-token", "colour"),
            (13, "acme-token", "commits"),
            (3, "-", "url"),
            (2, "-", "useDefault"),
            (15, "generic-api-key", "regex"),
        ]
    );
    assert_eq!(imported.rules.len(), 1);
}

#[test]
fn mistakes_stop_with_their_place_and_mend() {
    for (text, said) in [
        ("[[rules]\n", "rules.toml:1:"),
        (
            "title = 'a'\n",
            "rules.toml:1:1: the file holds no rule; write",
        ),
        (
            "[[rules]]\nregex = 'abcd'\n",
            "rules.toml:1:1: a rule without an id; add `id`",
        ),
        (
            "[[rules]]\nid = 'a'\nregex = '(?=abc)'\n",
            "rules.toml:3:9: the regex can't be read at its character 3: `(?=` looks around",
        ),
        (
            "[[rules]]\nid = 'a'\nregex = 'a('\n",
            "rules.toml:3:9: the regex can't be read: ",
        ),
        (
            "[[rules]]\nid = 'a'\nregex = 'a*'\n",
            "rules.toml:3:9: the regex matches the empty text",
        ),
        (
            "[[rules]]\nid = 'a'\nregex = '((\\w{999}){999}){99}'\n",
            "rules.toml:3:9: the regex is too large; make",
        ),
        (
            "[[rules]]\nid = 'a b'\nregex = 'abcd'\n[[rules]]\nid = 'a-b'\nregex = 'abcd'\n",
            "rules.toml:5:6: `a-b` has the name of the rule at rules.toml:2; give",
        ),
        (
            "[[rules]]\nid = 'a'\nregex = 'abcd'\nkeywords = 'abcd'\n",
            "rules.toml:4:12: `keywords` has the wrong form; write a list of texts",
        ),
        (
            "[[rules]]\nid = 'a'\nregex = 'abcd'\n[[rules.allowlists]]\ndescription = ''\n",
            "rules.toml:4:1: an allowlist that allows nothing; add",
        ),
        (
            "[[rules]]\nid = 'a'\nregex = 'abcd'\n[[rules.allowlists]]\nregexes = ['a']\ncondition = 'XOR'\n",
            "rules.toml:6:13: `condition` has the wrong form; write `OR` or `AND`",
        ),
    ] {
        let errors = errors(text);
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].starts_with(said), "{text}: {errors:?}");
    }
}

#[test]
fn an_example_is_made_that_fires() {
    for (regex, example) in [
        (r"\bacme_([a-z0-9]{20})\b", "acme_{{lower-alnum:20}}"),
        (r"(?i)(?:acme|widget)[ =]{1,3}([A-F0-9]{32})", "example"),
        (r"key-[0-9]{3}", "key-"),
        ("acme:\n  (\\w+)", "acme:\n  {{base62:24}}"),
    ] {
        let text = format!("[[rules]]\nid = 'a'\nregex = '''{regex}'''\n");
        let imported = import(&text);
        let shown = Shown::untried(&imported.rules[0].rule).unwrap();
        if example != "example" {
            assert!(shown.text.starts_with(example), "{}", shown.text);
        }
        assert_eq!(
            fired(&imported, &shown.path, &shown.text).len(),
            1,
            "{}",
            shown.text
        );
    }
}
