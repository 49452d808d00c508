//! Each format, as its tool writes it.

use jiff::civil::date;

use super::{Foreign, propose, read};

fn of(path: &str, text: &str, tool: &str) -> Vec<Foreign> {
    let (is, found) = read(path, text).unwrap();
    assert_eq!(is, tool, "{path}");
    found
}

#[test]
fn reads_gitleaks_with_commit_and_comment() {
    let commit = "0123456789".repeat(4);
    let text = format!("# Old key.\n{commit}:a/[x].py:github-pat:4\nb.py:odd:1\n\nc.py:jwt:9\n");
    let found = of(".gitleaksignore", &text, "gitleaks");
    let [first, second, third] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(
        (first.line, &*first.rules),
        (2, &["static-key/github-token"][..])
    );
    assert_eq!(first.paths, ["a/[[]x].py"]);
    assert_eq!(first.reason.as_deref(), Some("Old key."));
    assert!(second.rules.is_empty());
    assert_eq!((third.line, third.reason.as_deref()), (5, None));
}

#[test]
fn reads_detect_secrets() {
    let text = r#"{"version": "1.5.0", "generated_at": "2026-03-02T10:00:00Z", "results": {
"a.py": [{"type": "Private Key", "filename": "a.py", "line_number": 3},
{"type": "Secret Keyword", "filename": "a.py", "line_number": 9, "is_secret": false}]}}"#;
    let found = of(".secrets.baseline", text, "detect-secrets");
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].rules, ["static-key/private-key"]);
    assert_eq!(
        (found[0].line, found[0].granted),
        (2, Some(date(2026, 3, 2)))
    );
    assert!(found[1].reason.as_ref().unwrap().contains("no secret"));
}

#[test]
fn reads_trivy_in_both_formats() {
    let lines = of(
        ".trivyignore",
        "# why\nprivate-key exp:2027-01-31\n",
        "trivy",
    );
    assert_eq!(lines[0].expires, Some(date(2027, 1, 31)));
    let tree = of(
        ".trivyignore.yaml",
        "secrets:\n  - id: github-pat\n    paths: [\"src/*.py\"]\n    statement: moves to OIDC\n    expired_at: 2027-02-01\n",
        "trivy",
    );
    assert_eq!(tree[0].paths, ["src/*.py"]);
    assert_eq!(tree[0].reason.as_deref(), Some("moves to OIDC"));
    assert_eq!(tree[0].expires, Some(date(2027, 1, 31)), "inclusive here");
    let (proposals, left) = propose(&[lines, tree].concat(), date(2026, 11, 24));
    assert_eq!((proposals.len(), left.len()), (1, 1));
    assert_eq!(left[0].why, "it names no file");
}

#[test]
fn reads_checkov_and_zizmor() {
    let text = r#"{"failed_checks": [{"file": "/infra/iam.tf", "findings":
[{"resource": "aws_iam_policy.x", "check_ids": ["CKV_AWS_62", "CKV_AWS_1"]}]}]}"#;
    let found = of(".checkov.baseline", text, "checkov");
    assert_eq!(found[0].paths, ["infra/iam.tf"]);
    assert_eq!(found[0].rules, ["elevated-token/iam-wildcard-policy"]);
    assert!(found[1].rules.is_empty());
    let text = "rules:\n  artipacked:\n    ignore:\n      - ci.yml:10:3\n      - cd.yml\n  template-injection:\n    ignore: [ci.yml]\n";
    let found = of("zizmor.yml", text, "zizmor");
    assert_eq!(found.len(), 3);
    assert_eq!(found[0].paths, [".github/workflows/ci.yml"]);
    assert_eq!(found[1].line, 5);
    let (proposals, left) = propose(&found, date(2026, 11, 24));
    assert_eq!(proposals[0].covers[0].max, 2);
    assert_eq!(left[0].why, "no rule of byway's looks for it");
}

#[test]
fn lists_advisories_with_their_dates() {
    let osv = of(
        "osv-scanner.toml",
        "[[IgnoredVulns]]\nid = \"GO-2025-1\"\nignoreUntil = 2027-01-31\nreason = \"not reached\"\n",
        "osv-scanner",
    );
    assert_eq!((osv[0].expires, osv[0].line), (Some(date(2027, 1, 31)), 1));
    let snyk = of(
        ".snyk",
        "version: v1.25.0\nignore:\n  HardcodedSecret:\n    - src/a.js:\n        reason: moves\n        expires: 2026-11-23T00:00:00.000Z\n        created: 2026-10-01T00:00:00.000Z\n        ignoredBy: {email: a@example.org}\n",
        "snyk",
    );
    assert_eq!(snyk[0].owner.as_deref(), Some("user:a@example.org"));
    assert_eq!(snyk[0].granted, Some(date(2026, 10, 1)));
    let (proposals, left) = propose(&snyk, date(2026, 11, 24));
    assert!(proposals.is_empty());
    assert_eq!(left[0].why, "it ended on 2026-11-23");
}

#[test]
fn reads_platforms() {
    let kyverno = of(
        "policies/exceptions.yaml",
        "apiVersion: kyverno.io/v2\nkind: PolicyException\nmetadata:\n  name: x\n  annotations: {owner: 'team:x'}\nspec:\n  expiresAt: 2027-01-31T00:00:00Z\n  exceptions:\n    - policyName: no-root\n      ruleNames: [a, b]\n",
        "kyverno",
    );
    assert_eq!(kyverno[0].ids, ["no-root: a, b"]);
    assert_eq!(kyverno[0].owner.as_deref(), Some("team:x"));
    let azure = of(
        "infra/exemption.json",
        r#"{"resources": [{"type": "Microsoft.Authorization/policyExemptions", "name": "x", "properties":
{"displayName": "Old VM", "expiresOn": "2027-01-31T00:00:00Z", "metadata": {"requestedBy": "ops", "approvedBy": "ciso", "ticketRef": "T-1"}}}]}"#,
        "azure",
    );
    assert_eq!(
        (azure[0].ids[0].as_str(), azure[0].expires),
        ("Old VM", Some(date(2027, 1, 31)))
    );
    assert_eq!(azure[0].tickets, ["T-1"]);
    let json =
        r#"{"name": "main", "bypass_actors": [{"actor_id": 5, "actor_type": "RepositoryRole"}]}"#;
    let github = of(".github/rulesets/main.json", json, "github");
    assert_eq!(github[0].ids, ["RepositoryRole 5"]);
    assert_eq!(github[0].paths, [".github/rulesets/main.json"]);
    let hcl = "resource \"github_repository_ruleset\" \"main\" {\n  bypass_actors {\n    actor_id   = 5\n    actor_type = \"Team\"\n  }\n  bypass_actors {\n    actor_id   = 6\n    actor_type = \"Team\"\n  }\n}\n";
    let terraform = of("infra/github.tf", hcl, "github");
    assert_eq!(terraform.len(), 2, "{terraform:?}");
    assert_eq!(terraform[1].ids, ["Team 6"]);
}

#[test]
fn says_what_can_be_given() {
    assert!(
        read("x.txt", "")
            .unwrap_err()
            .contains("give a .gitleaksignore")
    );
    assert!(
        read(".secrets.baseline", "{")
            .unwrap_err()
            .contains("can't be read as json")
    );
    assert!(
        read("a.yaml", "a: 1\n")
            .unwrap_err()
            .contains("of no kind that can be imported")
    );
}
