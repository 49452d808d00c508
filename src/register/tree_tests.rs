//! Tests of what the judgement has to know of the tree: evidence, owners, breadth.

use std::collections::BTreeMap;

use super::fixture::{GOOD, faults, keys, register, rules, with};
use super::judge::judge;
use super::lifecycle_tests::{TODAY, on};
use super::policy::{self, Policy};
use super::{Coverage, Files, wanted};
use crate::finding::Finding;

/// The files of a tree that a register and a policy make the judgement look at.
fn tree(text: &str, policy: &Policy, files: &[(&str, &str)]) -> Files {
    let there: BTreeMap<_, _> = files.iter().copied().collect();
    let wanted = wanted(&register(text), policy).into_iter();
    wanted
        .map(|path| {
            let text = there.get(path.as_str()).map(|text| (*text).into());
            (path, text)
        })
        .collect()
}

#[test]
fn evidence_is_asked_for_only_where_the_tree_was_looked_at() {
    let evidence = "what = \"The key is accepted from two addresses only.\"\nevidence = [{ path = \"infra/a.tf\", contains = \"two\" }]";
    let text = with(
        "what = \"The key is accepted from two addresses only.\"",
        evidence,
    );
    let run = |files: Files| {
        let coverage = Coverage {
            files,
            ..Coverage::default()
        };
        faults(&on(&text, Vec::new(), TODAY, &coverage))
    };
    let policy = Policy::default();
    let fault = |key| format!("evidence-missing 17 exception/EXC-1/control[0].evidence[0].{key}");
    assert_eq!(run(Files::new()), [""; 0]);
    assert_eq!(run(tree(&text, &policy, &[])), [fault("path")]);
    assert_eq!(
        run(tree(&text, &policy, &[("infra/a.tf", "one")])),
        [fault("contains")]
    );
    assert_eq!(run(tree(&text, &policy, &[("infra/a.tf", "two")])), [""; 0]);
    // A record says what was; nothing is looked up for it.
    let closed = text.replace("owner =", "status = \"closed\"\nowner =");
    assert!(!wanted(&register(&closed), &policy).contains("infra/a.tf"));
}

#[test]
fn owners_are_known_by_either_directory() {
    let policy =
        "version = 1\n[defaults]\nowner-directory = [\"CODEOWNERS\", \"catalog-info.yaml\"]\n";
    let policy = policy::read("p.toml".into(), policy).unwrap();
    let run = |files: &[(&str, &str)]| {
        let coverage = Coverage {
            files: tree(GOOD, &policy, files),
            ..Coverage::default()
        };
        let judged = judge(
            Vec::new(),
            &register(GOOD),
            &policy,
            TODAY,
            &coverage,
            &rules(),
        );
        faults(&judged)
    };
    let unknown = ["owner-unknown 7 exception/EXC-1/owner"];
    let catalog = |spec| {
        format!(
            "kind: Component\nspec:\n  owner: {spec}\n---\nkind: Group\nmetadata: {{name: risk}}\n"
        )
    };
    // No directory knows anybody.
    assert_eq!(run(&[]), unknown);
    assert_eq!(
        run(&[("docs/CODEOWNERS", "* @acme/settlement # @x\n")]),
        [""; 0]
    );
    assert_eq!(
        run(&[("CODEOWNERS", "# @acme/settlement\n* @acme/other\n")]),
        unknown
    );
    assert_eq!(
        run(&[("catalog-info.yaml", &catalog("settlement"))]),
        [""; 0]
    );
    assert_eq!(
        run(&[("catalog-info.yaml", &catalog("user:default/x"))]),
        unknown
    );
    let names_a_group = "kind: Group\nmetadata:\n  name: settlement\n";
    assert_eq!(run(&[("catalog-info.yaml", names_a_group)]), [""; 0]);
    assert_eq!(run(&[("catalog-info.yaml", "kind: [")]), unknown);
}

#[test]
fn the_first_codeowners_guards_the_register_or_not() {
    let policy = Policy::default();
    let run = |files: &[(&str, &str)]| {
        let files = [&[("exceptions.toml", GOOD)], files].concat();
        let coverage = Coverage {
            files: tree(GOOD, &policy, &files),
            ..Coverage::default()
        };
        let judged = on(GOOD, Vec::new(), TODAY, &coverage);
        let messages = judged.into_iter().map(|j| j.finding.message);
        messages.collect::<Vec<_>>()
    };
    let open = |files: &str, by: &str| {
        vec![format!(
            "Nobody has to approve a change of {files}: {by} gives it no owner. Add a line for it after all that match it."
        )]
    };
    let root = "CODEOWNERS";
    assert_eq!(run(&[]), [""; 0]);
    assert_eq!(run(&[(root, "* @acme/sec\n")]), [""; 0]);
    assert_eq!(
        run(&[(root, "/exceptions.toml @a\n")]),
        open("CODEOWNERS", root)
    );
    let by = "/exceptions.toml @a\n/CODEOWNERS @a\n";
    assert_eq!(run(&[(root, by)]), [""; 0]);
    assert_eq!(
        run(&[(root, &format!("{by}*.toml\n"))]),
        open("exceptions.toml", root)
    );
    assert_eq!(
        run(&[(root, by), (".byway/policy.toml", "")]),
        open(".byway/policy.toml", root)
    );
    let github = ".github/CODEOWNERS";
    assert_eq!(
        run(&[(root, "* @a\n"), (github, "/exceptions.toml @a\n")]),
        open(github, github)
    );
    // GitLab's optional section asks for nobody's approval.
    let optional = "^[Register]\n/exceptions.toml @a\n[Rest]\nCODEOWNERS @a\n";
    assert_eq!(run(&[(root, optional)]), open("exceptions.toml", root));
}

#[test]
fn a_register_from_elsewhere_is_guarded_elsewhere() {
    let files = tree(GOOD, &Policy::default(), &[("CODEOWNERS", "/src/ @a\n")]);
    let coverage = Coverage {
        files,
        ..Coverage::default()
    };
    assert_eq!(faults(&on(GOOD, Vec::new(), TODAY, &coverage)), [""; 0]);
}

#[test]
fn breadth_is_what_the_globs_match_in_this_scan() {
    let policy = policy::read(
        "p.toml".into(),
        "version = 1\n[defaults]\nmax-paths-breadth = 2\n",
    );
    let policy = policy.unwrap();
    let run = |count: usize| {
        let mut paths: Vec<_> = (0..count).map(|n| format!("batch/{n}.py").into()).collect();
        paths.push("web/a.py".into());
        let coverage = Coverage {
            paths,
            ..Coverage::default()
        };
        faults(&judge(
            keys(),
            &register(GOOD),
            &policy,
            TODAY,
            &coverage,
            &rules(),
        ))
    };
    assert_eq!(run(2), [""; 0]);
    assert_eq!(run(3), ["over-policy 20 exception/EXC-1/covers[0].paths"]);
}

#[test]
fn the_policy_says_how_grave_an_unused_entry_and_a_surplus_are() {
    let run = |keys: &str, text: &str, findings: Vec<Finding>| {
        let policy = format!("version = 1\n[defaults]\n{keys}\n");
        let policy = policy::read("p.toml".into(), &policy).unwrap();
        let coverage = Coverage {
            full: true,
            ..Coverage::default()
        };
        let judged = judge(
            findings,
            &register(text),
            &policy,
            TODAY,
            &coverage,
            &rules(),
        );
        let faults = judged.iter().filter(|j| j.verdict == super::Verdict::Fault);
        let severity = faults.map(|j| j.finding.severity.to_string());
        severity.collect::<Vec<_>>().join(" ")
    };
    let one = with("max = 2", "max = 1");
    assert_eq!(run("unused = \"allow\"", GOOD, Vec::new()), "");
    for (reaction, severity) in [("note", "low"), ("warning", "medium"), ("error", "high")] {
        let unused = format!("unused = \"{reaction}\"");
        assert_eq!(run(&unused, GOOD, Vec::new()), severity);
        let ceiling = format!("ceiling = \"{reaction}\"");
        assert_eq!(run(&ceiling, &one, keys()), severity);
    }
}
