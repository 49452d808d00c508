//! The scanners whose verdict is a gate, by what runs them.

use crate::detect::shell::Command;

/// A scanner and the ways it is run.
pub(super) struct Scanner {
    /// Its name, which is the subject of a finding.
    pub(super) name: &'static str,
    /// Commands: the words that begin one.
    commands: &'static [&'static [&'static str]],
    /// Parts of an action's, orb's or task's name.
    actions: &'static [&'static str],
    /// Parts of an image's name.
    images: &'static [&'static str],
    /// Flags that make it succeed whatever it finds; `flag=value` needs the value.
    soft: &'static [&'static str],
}

const fn scanner(
    name: &'static str,
    commands: &'static [&'static [&'static str]],
    actions: &'static [&'static str],
    images: &'static [&'static str],
    soft: &'static [&'static str],
) -> Scanner {
    Scanner {
        name,
        commands,
        actions,
        images,
        soft,
    }
}

#[rustfmt::skip]
const SCANNERS: &[Scanner] = &[
    scanner("gitleaks", &[&["gitleaks", "detect"], &["gitleaks", "protect"], &["gitleaks", "git"], &["gitleaks", "dir"], &["gitleaks", "stdin"]], &["gitleaks/gitleaks-action"], &["gitleaks"], &["--exit-code=0"]),
    scanner("betterleaks", &[&["betterleaks"]], &[], &["betterleaks"], &["--exit-code=0"]),
    scanner("trufflehog", &[&["trufflehog"]], &["trufflesecurity/trufflehog"], &["trufflesecurity/trufflehog"], &["--no-fail"]),
    scanner("kingfisher", &[&["kingfisher", "scan"]], &["mongodb/kingfisher"], &["mongodb/kingfisher"], &[]),
    scanner("noseyparker", &[&["noseyparker", "scan"]], &[], &["noseyparker"], &[]),
    scanner("detect-secrets", &[&["detect-secrets-hook"]], &[], &[], &[]),
    scanner("ggshield", &[&["ggshield"]], &["gitguardian/ggshield"], &["gitguardian/ggshield"], &["--exit-zero"]),
    scanner("semgrep", &[&["semgrep", "ci"], &["semgrep", "scan"], &["semgrep", "--config"], &["semgrep", "--error"]], &["semgrep/semgrep-action", "returntocorp/semgrep-action"], &["semgrep/semgrep", "returntocorp/semgrep"], &[]),
    scanner("codeql", &[&["codeql", "database", "analyze"]], &["github/codeql-action/analyze"], &[], &[]),
    scanner("trivy", &[&["trivy"]], &["aquasecurity/trivy-action", "trivy@"], &["aquasec/trivy", "aquasecurity/trivy"], &["--exit-code=0"]),
    scanner("grype", &[&["grype"]], &["anchore/scan-action"], &["anchore/grype"], &[]),
    scanner("snyk", &[&["snyk", "test"], &["snyk", "code", "test"], &["snyk", "container", "test"], &["snyk", "iac", "test"]], &["snyk/actions", "SnykSecurityScan"], &["snyk/snyk"], &[]),
    scanner("checkov", &[&["checkov"]], &["bridgecrewio/checkov-action"], &["bridgecrew/checkov"], &["--soft-fail", "-s"]),
    scanner("tfsec", &[&["tfsec"]], &["aquasecurity/tfsec"], &["aquasec/tfsec", "tfsec/tfsec"], &["--soft-fail", "-s"]),
    scanner("kics", &[&["kics", "scan"]], &["checkmarx/kics-github-action"], &["checkmarx/kics"], &["--ignore-on-exit=all", "--ignore-on-exit=results"]),
    scanner("terrascan", &[&["terrascan", "scan"]], &["tenable/terrascan-action"], &["tenable/terrascan"], &[]),
    scanner("bandit", &[&["bandit"]], &["pycqa/bandit-action"], &[], &["--exit-zero"]),
    scanner("gosec", &[&["gosec"]], &["securego/gosec"], &["securego/gosec"], &["-no-fail", "--no-fail"]),
    scanner("brakeman", &[&["brakeman"]], &[], &["presidentbeef/brakeman"], &["--no-exit-on-warn"]),
    scanner("zizmor", &[&["zizmor"]], &["zizmorcore/zizmor-action"], &["zizmorcore/zizmor"], &["--no-exit-codes"]),
    scanner("osv-scanner", &[&["osv-scanner"]], &["google/osv-scanner-action"], &["google/osv-scanner"], &[]),
    scanner("cargo-audit", &[&["cargo", "audit"], &["cargo-audit"]], &["rustsec/audit-check", "actions-rust-lang/audit"], &[], &[]),
    scanner("cargo-deny", &[&["cargo", "deny"], &["cargo-deny"]], &["embarkstudios/cargo-deny-action"], &[], &[]),
    scanner("npm-audit", &[&["npm", "audit"], &["yarn", "audit"], &["yarn", "npm", "audit"], &["pnpm", "audit"]], &[], &[], &[]),
    scanner("pip-audit", &[&["pip-audit"], &["pip_audit"]], &["pypa/gh-action-pip-audit"], &[], &[]),
    scanner("safety", &[&["safety", "check"], &["safety", "scan"]], &["pyupio/safety"], &[], &["--continue-on-error"]),
    scanner("govulncheck", &[&["govulncheck"]], &["golang/govulncheck-action"], &[], &[]),
    scanner("bundler-audit", &[&["bundle-audit"], &["bundler-audit"]], &[], &[], &[]),
    scanner("dependency-check", &[&["dependency-check"], &["dependency-check.sh"]], &["dependency-check/dependency-check_action", "dependency-check-build-task"], &["owasp/dependency-check"], &[]),
    scanner("dependency-review", &[], &["actions/dependency-review-action"], &[], &[]),
    scanner("kubesec", &[&["kubesec", "scan"]], &["controlplaneio/kubesec-action"], &["kubesec/kubesec"], &[]),
    scanner("kube-score", &[&["kube-score", "score"]], &[], &["zegl/kube-score"], &[]),
    scanner("conftest", &[&["conftest", "test"], &["conftest", "verify"]], &[], &["openpolicyagent/conftest"], &["--no-fail"]),
    scanner("cosign", &[&["cosign", "verify"], &["cosign", "verify-attestation"], &["cosign", "verify-blob"]], &[], &[], &[]),
    scanner("slsa-verifier", &[&["slsa-verifier"]], &[], &[], &[]),
    scanner("byway", &[&["byway", "scan"]], &[], &[], &[]),
    scanner("azure-security", &[], &["MicrosoftSecurityDevOps", "microsoft/security-devops-action", "CredScan", "AdvancedSecurity-Codeql", "AdvancedSecurity-Dependency"], &[], &[]),
];

/// The scanner that a command runs, itself or in a container.
pub(super) fn by_command(command: &Command) -> Option<&'static Scanner> {
    // Asking a scanner for its version or database is no scan.
    let asks = command.flag(&["--version", "--help", "-h", "-V"]).is_some()
        || command.operands().take(2).any(|w| {
            matches!(
                w.text(),
                "version"
                    | "help"
                    | "plugin"
                    | "auth"
                    | "login"
                    | "completion"
                    | "server"
                    | "clean"
                    | "fix"
            )
        });
    if asks {
        return None;
    }
    if matches!(command.name(), "docker" | "podman" | "nerdctl") {
        let run = command.args().iter().any(|w| w.text() == "run");
        return run
            .then(|| command.operands().find_map(|w| by_image(w.text())))
            .flatten();
    }
    SCANNERS.iter().find(|scanner| {
        scanner.commands.iter().any(|words| {
            let Some((name, verbs)) = words.split_first() else {
                return false;
            };
            let own = command.name();
            own.strip_suffix(".sh").unwrap_or(own) == name.strip_suffix(".sh").unwrap_or(name)
                && verbs
                    .iter()
                    .zip(command.args())
                    .all(|(verb, word)| word.text() == *verb)
                && command.args().len() >= verbs.len()
        })
    })
}

/// The scanner that an action, orb or task is.
pub(super) fn by_action(uses: &str) -> Option<&'static Scanner> {
    let uses = uses.to_ascii_lowercase();
    let is = |action: &str| {
        let action = action.to_ascii_lowercase();
        uses.starts_with(&action)
    };
    SCANNERS.iter().find(|s| s.actions.iter().any(|a| is(a)))
}

/// The scanner that an image holds.
pub(super) fn by_image(image: &str) -> Option<&'static Scanner> {
    let name = image.split(['@', ':']).next().unwrap_or(image);
    SCANNERS.iter().find(|scanner| {
        scanner.images.iter().any(|part| {
            name == *part
                || name.ends_with(&format!("/{part}"))
                || part.contains('/') && name.ends_with(part)
        })
    })
}

impl Scanner {
    /// The flag by which a command tells this scanner to succeed whatever it finds.
    pub(super) fn softened(&self, command: &Command) -> Option<String> {
        self.soft.iter().find_map(|soft| {
            let set = match soft.split_once('=') {
                Some((flag, value)) => command.value_of(&[flag]).is_some_and(|(_, v)| v == value),
                None => command.switch(&[soft]).is_some(),
            };
            set.then(|| (*soft).replace('=', " "))
        })
    }
}
