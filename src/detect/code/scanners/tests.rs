use super::*;
use crate::detect::shell;
use crate::document::Document;

fn all(text: &str) -> Vec<Command> {
    let document = Document::new("a.sh", text.as_bytes());
    shell::commands(&document).cloned().collect()
}

fn name(text: &str) -> Option<&'static str> {
    all(text).iter().find_map(by_command).map(|s| s.name)
}

#[test]
fn scanners_are_known_by_their_commands() {
    for (text, expected) in [
        ("gitleaks detect --source .", "gitleaks"),
        ("sudo time ./bin/trivy fs .", "trivy"),
        ("python -m bandit -r src", "bandit"),
        ("python3.12 -m bandit -r src", "bandit"),
        ("poetry run bandit -r src", "bandit"),
        ("pdm run pip-audit", "pip-audit"),
        ("npx --yes audit-ci --high", "npm-audit"),
        ("npm audit --audit-level=high", "npm-audit"),
        (
            "go run github.com/securego/gosec/v2/cmd/gosec@latest ./...",
            "gosec",
        ),
        ("go tool govulncheck ./...", "govulncheck"),
        (
            "docker run --rm -v .:/src bridgecrew/checkov:3 -d /src",
            "checkov",
        ),
        (
            "docker run registry.local:5000/aquasec/trivy image x",
            "trivy",
        ),
        ("docker scout cves x --exit-code", "docker-scout"),
        ("bundle exec brakeman", "brakeman"),
        ("pre-commit run gitleaks --all-files", "gitleaks"),
        ("zap-baseline.py -t https://x", "zap"),
        ("gh attestation verify a -o b", "gh-attestation"),
        ("mix sobelow --exit", "sobelow"),
    ] {
        assert_eq!(name(text), Some(expected), "{text}");
    }
    for text in [
        "trivy --version",
        "grype db update",
        "trivy convert --format sarif a.json",
        "grep trivy notes.txt",
        "cat gitleaks.toml",
        "docker pull aquasec/trivy",
        "npm install",
        "pre-commit run black",
        "pip install bandit",
    ] {
        assert_eq!(name(text), None, "{text}");
    }
}

#[test]
fn scanners_are_known_by_their_steps_and_images() {
    for (uses, expected) in [
        ("aquasecurity/trivy-action@0.28.0", "trivy"),
        ("Snyk/actions/node@master", "snyk"),
        ("snyk/scan", "snyk"),
        ("SnykSecurityScan@1", "snyk"),
        ("MicrosoftSecurityDevOps@1", "microsoft-security-devops"),
        ("atlassian/git-secrets-scan:1.0.0", "git-secrets"),
        ("docker://ghcr.io/zricethezav/gitleaks:v8", "gitleaks"),
    ] {
        assert_eq!(by_action(uses).map(|s| s.name), Some(expected), "{uses}");
    }
    assert!(by_action("actions/checkout@v4").is_none());
    assert!(by_image("postgres:16").is_none());
    assert!(by_image("mygitleaks").is_none());
    assert!(gitlab_template("semgrep-sast").is_some());
    assert!(gitlab_template("build").is_none());
}

#[test]
fn soft_scanners_say_by_what() {
    let soft = |text: &str| {
        let commands = all(text);
        let scan = commands.iter().find_map(|c| Some((c, by_command(c)?)));
        scan.and_then(|(command, scanner)| scanner.softened(command))
    };
    assert_eq!(
        soft("trivy fs --exit-code 0 .").as_deref(),
        Some("--exit-code 0")
    );
    assert_eq!(
        soft("jf audit --fail=false").as_deref(),
        Some("--fail false")
    );
    assert_eq!(
        soft("checkov -d . --soft-fail").as_deref(),
        Some("--soft-fail")
    );
    assert_eq!(soft("trivy fs --exit-code 1 ."), None);
    let input = |name: &str| (name == "soft_fail").then(|| "True".to_owned());
    let checkov = by_action("bridgecrewio/checkov-action@v12").unwrap();
    assert_eq!(checkov.softened_by_input(&input), Some("soft_fail"));
    let trivy = by_action("aquasecurity/trivy-action@v1").unwrap();
    assert_eq!(trivy.softened_by_input(&input), None);
}

#[test]
fn some_scanners_only_report_unless_told_otherwise() {
    let only = |text: &str| {
        let commands = all(text);
        let scan = commands.iter().find_map(|c| Some((c, by_command(c)?)));
        scan.is_some_and(|(command, scanner)| scanner.only_reports(command))
    };
    for text in [
        "trivy fs .",
        "semgrep scan --config auto",
        "grype x",
        "kubescape scan",
    ] {
        assert!(only(text), "{text}");
    }
    for text in [
        "trivy fs --exit-code 1 .",
        "semgrep scan --config auto --error",
        "semgrep ci",
        "grype x --fail-on high",
        "gitleaks detect",
    ] {
        assert!(!only(text), "{text}");
    }
}

#[test]
fn a_scanner_in_its_own_repository_is_what_is_tested() {
    let scanner = |name: &str| SCANNERS.iter().find(|s| s.name == name).unwrap();
    assert!(scanner("trivy").is_own("aquasecurity/trivy"));
    assert!(scanner("trivy").is_own("aquasecurity/trivy-action"));
    assert!(scanner("semgrep").is_own("semgrep-rules"));
    assert!(scanner("detect-secrets").is_own("detect_secrets"));
    assert!(scanner("cargo-audit").is_own("https://github.com/rustsec/rustsec.git"));
    assert!(!scanner("trivy").is_own("acme/shop"));
    assert!(!scanner("safety").is_own("acme/safetynet"));
}

#[test]
fn reports_are_followed_to_their_readers() {
    let report = |text: &str| all(text).iter().find_map(report_of);
    let file = |text: &str| report(text).and_then(|r| r.file);
    assert_eq!(
        file("trivy fs -f json -o out/r.json .").as_deref(),
        Some("out/r.json")
    );
    assert_eq!(
        file("npm audit --json > audit.json").as_deref(),
        Some("audit.json")
    );
    assert!(report("semgrep scan --sarif -o out.sarif").is_some_and(|r| r.sarif));
    assert_eq!(report("trivy fs . 2>/dev/null"), None);
    let reads = |text: &str, file: &str| all(text).iter().any(|c| reads_report(c, file));
    assert!(reads("jq -e '.x == 0' out/r.json", "out/r.json"));
    assert!(reads("python check.py r.json", "out/r.json"));
    assert!(reads("test ! -s r.json", "r.json"));
    assert!(!reads("cat r.json", "r.json"));
    assert!(!reads("rm -f r.json", "r.json"));
    assert!(!reads("jq . other.json", "r.json"));
    assert!(!reads("trivy fs -o r.json .", "r.json"));
    assert_eq!(
        uploads_by_action("github/codeql-action/upload-sarif@v3"),
        Some("code scanning")
    );
    assert_eq!(uploads_by_action("actions/upload-artifact@v4"), None);
    let upload = all("curl -F bom=@bom.json https://dt.example.com/api/v1/bom");
    assert_eq!(upload.iter().find_map(uploads), Some("Dependency-Track"));
}
