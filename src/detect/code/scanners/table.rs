//! The scanners there are, with their verbs, steps, images and the ways to have them
//! succeed whatever they find, as their own references list them.

use super::Scanner;

const fn scanner(name: &'static str) -> Scanner {
    Scanner {
        name,
        commands: &[],
        actions: &[],
        images: &[],
        soft: &[],
        inputs: &[],
        strict: &[],
        own: &[],
    }
}

/// One way to fill a row each, so that a row says only what its scanner has.
impl Scanner {
    const fn run(mut self, commands: &'static [&'static str]) -> Self {
        self.commands = commands;
        self
    }

    const fn step(mut self, actions: &'static [&'static str]) -> Self {
        self.actions = actions;
        self
    }

    const fn image(mut self, images: &'static [&'static str]) -> Self {
        self.images = images;
        self
    }

    const fn soft(mut self, flags: &'static [&'static str]) -> Self {
        self.soft = flags;
        self
    }

    const fn input(mut self, inputs: &'static [(&'static str, &'static [&'static str])]) -> Self {
        self.inputs = inputs;
        self
    }

    const fn strict(mut self, flags: &'static [&'static str]) -> Self {
        self.strict = flags;
        self
    }

    const fn own(mut self, own: &'static [&'static str]) -> Self {
        self.own = own;
        self
    }
}

const TRUE: &[&str] = &["true", "1", "yes", "on"];
const FALSE: &[&str] = &["false", "0", "no", "off"];

#[rustfmt::skip]
pub(super) const SCANNERS: &[Scanner] = &[
    // Secrets.
    scanner("gitleaks").run(&["gitleaks detect", "gitleaks protect", "gitleaks git", "gitleaks dir", "gitleaks stdin"]).step(&["gitleaks/gitleaks-action", "gacts/gitleaks", "zricethezav/gitleaks-action", "gitleaks@", "upgundecha/gitleaks", "guidion/gitleaks"]).image(&["gitleaks"]).soft(&["--exit-code=0"]),
    scanner("betterleaks").run(&["betterleaks"]).image(&["betterleaks"]).soft(&["--exit-code=0"]),
    scanner("trufflehog").run(&["trufflehog"]).step(&["trufflesecurity/trufflehog", "edplato/trufflehog-actions-scan"]).image(&["trufflesecurity/trufflehog"]).soft(&["--no-fail"]).strict(&["--fail"]),
    scanner("kingfisher").run(&["kingfisher scan"]).step(&["mongodb/kingfisher"]).image(&["mongodb/kingfisher"]),
    scanner("noseyparker").run(&["noseyparker scan"]).image(&["noseyparker"]),
    scanner("detect-secrets").run(&["detect-secrets-hook"]).step(&["reviewdog/action-detect-secrets"]).own(&["detect_secrets"]),
    scanner("git-secrets").run(&["git-secrets --scan", "git-secrets --scan-history", "git secrets --scan", "git secrets --scan-history"]).step(&["atlassian/git-secrets-scan"]),
    scanner("ggshield").run(&["ggshield"]).step(&["gitguardian/ggshield"]).image(&["gitguardian/ggshield"]).soft(&["--exit-zero"]).own(&["ggshield-action"]),
    scanner("secretlint").run(&["secretlint"]).step(&["secretlint/secretlint"]).image(&["secretlint/secretlint"]),
    scanner("ripsecrets").run(&["ripsecrets"]),
    scanner("talisman").run(&["talisman --scan", "talisman --githook"]).image(&["thoughtworks/talisman"]),
    scanner("whispers").run(&["whispers"]),
    scanner("leaktk").run(&["leaktk scan"]),
    scanner("credscan").step(&["CredScan@", "PostAnalysis@"]),
    // Code.
    scanner("semgrep").run(&["semgrep ci", "semgrep scan", "semgrep --config", "semgrep --error", "semgrep -c", "semgrep-agent"]).step(&["semgrep/semgrep-action", "returntocorp/semgrep-action"]).image(&["semgrep/semgrep", "returntocorp/semgrep", "returntocorp/semgrep-agent"]).strict(&["--error", "--strict"]).own(&["returntocorp/semgrep", "semgrep-rules"]),
    scanner("opengrep").run(&["opengrep scan", "opengrep ci", "opengrep --config"]).strict(&["--error"]),
    scanner("codeql").run(&["codeql database analyze"]).step(&["github/codeql-action/analyze", "AdvancedSecurity-Codeql-Analyze"]).own(&["codeql-action"]),
    scanner("bandit").run(&["bandit"]).step(&["pycqa/bandit-action", "tj-actions/bandit", "mdegis/bandit-action", "jpetrucciani/bandit-check", "shundor/python-bandit-scan", "abirismyname/bandit"]).image(&["pycqa/bandit"]).soft(&["--exit-zero"]).input(&[("exit_zero", TRUE)]),
    scanner("gosec").run(&["gosec"]).step(&["securego/gosec"]).image(&["securego/gosec"]).soft(&["-no-fail", "--no-fail"]),
    scanner("brakeman").run(&["brakeman"]).step(&["reviewdog/action-brakeman", "artplan1/brakeman-action"]).image(&["presidentbeef/brakeman"]).soft(&["--no-exit-on-warn"]),
    scanner("njsscan").run(&["njsscan"]).step(&["ajinabraham/njsscan-action"]).image(&["opensecurity/njsscan"]),
    scanner("mobsfscan").run(&["mobsfscan"]).step(&["mobsf/mobsfscan"]).image(&["opensecurity/mobsfscan"]),
    scanner("flawfinder").run(&["flawfinder"]).step(&["david-a-wheeler/flawfinder"]).strict(&["--error-level"]),
    scanner("sobelow").run(&["mix sobelow", "sobelow"]).strict(&["--exit"]),
    scanner("psalm-taint").run(&["psalm --taint-analysis"]),
    scanner("devskim").run(&["devskim analyze"]).step(&["microsoft/devskim-action"]),
    scanner("bearer").run(&["bearer scan"]).step(&["bearer/bearer-action"]).image(&["bearer/bearer"]).soft(&["--exit-code=0"]).input(&[("exit-code", &["0"])]),
    scanner("horusec").run(&["horusec start"]).step(&["fike/horusec-action"]).image(&["horuszup/horusec-cli"]).strict(&["--return-error", "-e"]),
    scanner("sonarqube").run(&["sonar-scanner"]).step(&["sonarsource/sonarqube-quality-gate-action", "sonarsource/sonarqube-quality-gate", "sonarsource/sonarcloud-quality-gate", "SonarQubePublish@", "SonarCloudPublish@", "sonarqube-quality-gate-check"]).strict(&["-Dsonar.qualitygate.wait"]),
    scanner("checkmarx").run(&["cx scan", "runCxConsole.sh"]).step(&["checkmarx/ast-github-action", "checkmarx-ts/checkmarx-cxflow", "checkmarx ast@", "CheckmarxAST@", "checkmarx/ast-scan"]).image(&["checkmarx/ast-cli"]),
    scanner("fortify").run(&["sourceanalyzer", "fcli sast-scan", "fcli fod"]).step(&["fortify/github-action", "FortifyScanCentralSAST@", "FortifyOnDemandStatic@"]).image(&["fortifydocker/fortify-ci-tools"]),
    scanner("veracode").run(&["veracode static scan"]).step(&["veracode/veracode-pipeline-scan-action", "veracode/veracode-uploadandscan-action", "Veracode@"]).image(&["veracode/pipeline-scan"]).input(&[("fail_build", FALSE)]),
    scanner("black-duck").run(&["detect.sh", "synopsys-detect"]).step(&["blackduck-inc/black-duck-security-scan", "synopsys-sig/synopsys-action", "blackducksoftware/detect-action", "BlackDuckSecurityScan@", "SynopsysDetectTask@"]),
    scanner("appscan").step(&["hclsoftware/appscan-sast-action", "HCLAppScan@"]),
    scanner("contrast").step(&["contrast-security-oss/contrastscan-action"]),
    // Dependencies.
    scanner("snyk").run(&["snyk test", "snyk code test", "snyk container test", "snyk iac test"]).step(&["snyk/actions", "snyk/scan", "snyk/snyk-scan", "snyk/snyk", "SnykSecurityScan@"]).image(&["snyk/snyk", "snyk/snyk-cli"]).input(&[("fail-on-issues", FALSE), ("failOnIssues", FALSE), ("DONT_BREAK_BUILD", TRUE)]),
    scanner("osv-scanner").run(&["osv-scanner"]).step(&["google/osv-scanner-action", "google/osv-scanner/actions"]).image(&["google/osv-scanner"]).own(&["google/osv-scanner", "google/osv-scanner-action"]),
    scanner("cargo-audit").run(&["cargo audit", "cargo-audit"]).step(&["rustsec/audit-check", "actions-rs/audit-check", "actions-rust-lang/audit"]).own(&["rustsec/rustsec"]),
    scanner("cargo-deny").run(&["cargo deny", "cargo-deny"]).step(&["embarkstudios/cargo-deny-action"]),
    scanner("cargo-vet").run(&["cargo vet"]),
    scanner("npm-audit").run(&["npm audit", "yarn audit", "yarn npm audit", "pnpm audit", "bun audit", "audit-ci", "better-npm-audit audit", "auditjs ossi", "npm-audit-resolver"]).step(&["oke-py/npm-audit-action", "naugtur/npm-audit-action"]),
    scanner("retire").run(&["retire"]).soft(&["--exitwith=0"]),
    scanner("pip-audit").run(&["pip-audit", "pip_audit"]).step(&["pypa/gh-action-pip-audit", "trailofbits/gh-action-pip-audit"]).own(&["pip_audit"]),
    scanner("safety").run(&["safety check", "safety scan"]).step(&["pyupio/safety"]).image(&["pyupio/safety"]).soft(&["--continue-on-error"]),
    scanner("govulncheck").run(&["govulncheck"]).step(&["golang/govulncheck-action"]).own(&["golang/vuln"]),
    scanner("nancy").run(&["nancy sleuth"]).step(&["sonatype-nexus-community/nancy-github-action"]).image(&["sonatypecommunity/nancy"]),
    scanner("nexus-iq").run(&["nexus-iq-cli"]).step(&["sonatype/actions/evaluate", "NexusIqPipelineTask@"]).image(&["sonatype/nexus-iq-cli"]),
    scanner("bundler-audit").run(&["bundle-audit", "bundler-audit", "bundle audit"]).own(&["rubysec/bundler-audit"]),
    scanner("composer-audit").run(&["composer audit", "local-php-security-checker", "symfony security:check", "symfony check:security"]).step(&["symfonycorp/security-checker-action"]),
    scanner("mix-audit").run(&["mix deps.audit", "mix hex.audit"]),
    scanner("dependency-check").run(&["dependency-check", "dependency-check.sh"]).step(&["dependency-check/dependency-check_action", "dependency-check-build-task"]).image(&["owasp/dependency-check", "owasp/dependency-check-action"]).strict(&["--failOnCVSS"]).own(&["dependencycheck"]),
    scanner("dependency-review").step(&["actions/dependency-review-action"]).input(&[("warn-only", TRUE)]),
    scanner("dependency-scanning").step(&["AdvancedSecurity-Dependency-Scanning"]),
    scanner("mend").run(&["mend", "wss-unified-agent.jar"]).step(&["WhiteSource@", "MendDependencies@", "mend/"]),
    scanner("jfrog").run(&["jf audit", "jf scan", "jf docker scan", "jf build-scan", "jf curation-audit"]).step(&["jfrog/frogbot", "JFrogAudit@", "JfrogXrayScan@"]).soft(&["--fail=false"]),
    scanner("socket").run(&["socket ci", "socket scan create"]).step(&["socketdev/socket-security"]),
    scanner("ort").run(&["ort evaluate"]).step(&["oss-review-toolkit/ort-ci-github-action"]),
    // Images and hosts.
    scanner("trivy").run(&["trivy"]).step(&["aquasecurity/trivy-action", "lazy-actions/gitrivy", "trivy@", "aquasecurity/trivy-pipe", "fifteen5/trivy-orb", "trivy-orb/scan"]).image(&["aquasec/trivy", "aquasecurity/trivy"]).soft(&["--exit-code=0"]).input(&[("exit-code", &["0"]), ("exitCode", &["0"])]).strict(&["--exit-code"]).own(&["trivy-azure-pipelines-task"]),
    scanner("grype").run(&["grype"]).step(&["anchore/scan-action", "anchore/scan@"]).image(&["anchore/grype"]).input(&[("fail-build", FALSE)]).strict(&["--fail-on", "-f"]),
    scanner("anchore").run(&["anchorectl image check", "anchore-cli evaluate"]).step(&["anchore/anchore-engine", "anchore-engine/"]).image(&["anchore/inline-scan"]),
    scanner("docker-scout").run(&["docker scout cves", "docker scout quickview"]).step(&["docker/scout-action"]).strict(&["--exit-code", "-e"]).input(&[("exit-code", FALSE)]),
    scanner("dockle").run(&["dockle"]).step(&["goodwithtech/dockle-action", "erzz/dockle-action"]).image(&["goodwithtech/dockle"]).strict(&["--exit-code"]),
    scanner("clair").run(&["clairctl report", "clair-scanner"]).image(&["arminc/clair-scanner", "clairctl"]),
    scanner("prisma-cloud").run(&["twistcli images scan", "twistcli iac scan"]).step(&["paloaltonetworks/prisma-cloud-scan", "prisma-cloud-jenkins"]),
    scanner("wiz").run(&["wizcli docker scan", "wizcli dir scan", "wizcli iac scan", "wizcli scan"]).image(&["wiziocli", "wizcli"]),
    scanner("sysdig").run(&["sysdig-cli-scanner"]).step(&["sysdiglabs/scan-action", "sysdig-cli-scan@"]).image(&["sysdiglabs/secure-inline-scan", "sysdig/secure-inline-scan"]).input(&[("stop-on-failed-policy-eval", FALSE)]),
    scanner("lacework").run(&["lacework vulnerability", "lw-scanner image evaluate"]).step(&["lacework/lw-scanner-action"]),
    scanner("aqua").run(&["scannercli scan"]).step(&["aqua-security/aqua"]).image(&["aquasec/scanner"]),
    scanner("clamav").run(&["clamscan", "clamdscan"]).step(&["djdefi/gitavscan"]).image(&["clamav/clamav"]),
    scanner("ecr-scan").step(&["alexjurkiewicz/ecr-scan-image"]),
    scanner("microsoft-security-devops").step(&["MicrosoftSecurityDevOps@", "microsoft/security-devops-action"]).input(&[("break", FALSE)]),
    // Infrastructure as code and clusters.
    scanner("checkov").run(&["checkov"]).step(&["bridgecrewio/checkov-action", "bridgecrewio/bridgecrew-action", "bridgecrew/checkov"]).image(&["bridgecrew/checkov"]).soft(&["--soft-fail", "-s"]).input(&[("soft_fail", TRUE)]),
    scanner("tfsec").run(&["tfsec"]).step(&["aquasecurity/tfsec", "tfsec/tfsec", "triat/terraform-security-scan"]).image(&["aquasec/tfsec", "tfsec/tfsec"]).soft(&["--soft-fail", "-s"]).input(&[("soft_fail", TRUE)]),
    scanner("kics").run(&["kics scan"]).step(&["checkmarx/kics-github-action"]).image(&["checkmarx/kics"]).soft(&["--ignore-on-exit=all", "--ignore-on-exit=results"]).input(&[("ignore_on_exit", &["all", "results"])]),
    scanner("terrascan").run(&["terrascan scan"]).step(&["tenable/terrascan-action", "accurics/terrascan-action"]).image(&["tenable/terrascan", "accurics/terrascan"]).input(&[("only_warn", TRUE)]),
    scanner("regula").run(&["regula run"]).step(&["fugue/regula-action"]).image(&["fugue/regula"]),
    scanner("cfn-nag").run(&["cfn_nag_scan", "cfn_nag"]).step(&["stelligent/cfn_nag"]).image(&["stelligent/cfn_nag"]),
    scanner("cfn-guard").run(&["cfn-guard validate"]),
    scanner("kubescape").run(&["kubescape scan"]).step(&["kubescape/github-action", "armosec/kubescape-action"]).image(&["kubescape/kubescape"]).strict(&["--compliance-threshold", "--severity-threshold", "--fail-threshold"]),
    scanner("kube-linter").run(&["kube-linter lint"]).step(&["stackrox/kube-linter-action"]).image(&["stackrox/kube-linter"]),
    scanner("kubesec").run(&["kubesec scan"]).step(&["controlplaneio/kubesec-action"]).image(&["kubesec/kubesec"]).soft(&["--exit-code=0"]),
    scanner("kube-score").run(&["kube-score score"]).image(&["zegl/kube-score"]),
    scanner("kubeaudit").run(&["kubeaudit all"]).image(&["shopify/kubeaudit"]),
    scanner("polaris").run(&["polaris audit"]).step(&["fairwindsops/polaris"]).image(&["fairwinds/polaris"]).strict(&["--set-exit-code-on-danger", "--set-exit-code-below-score"]),
    scanner("datree").run(&["datree test"]).step(&["datreeio/action-datree"]).soft(&["--no-fail"]),
    scanner("conftest").run(&["conftest test", "conftest verify"]).step(&["instrumenta/conftest-action"]).image(&["openpolicyagent/conftest", "instrumenta/conftest"]).soft(&["--no-fail"]),
    scanner("kyverno").run(&["kyverno apply", "kyverno test"]),
    scanner("gator").run(&["gator test", "gator verify"]),
    scanner("prowler").run(&["prowler aws", "prowler gcp", "prowler azure", "prowler kubernetes"]).image(&["prowlercloud/prowler", "toniblyx/prowler"]).soft(&["--ignore-exit-code-3", "-z"]),
    // Pipelines.
    scanner("zizmor").run(&["zizmor"]).step(&["zizmorcore/zizmor-action", "woodruffw/zizmor"]).image(&["zizmorcore/zizmor", "woodruffw/zizmor"]).soft(&["--no-exit-codes"]),
    scanner("poutine").run(&["poutine analyze_local", "poutine analyze_repo", "poutine analyze_org"]).step(&["boostsecurityio/poutine-action"]).image(&["boostsecurityio/poutine"]).strict(&["--fail-on-violation"]),
    scanner("octoscan").run(&["octoscan scan"]).step(&["synacktiv/action-octoscan"]),
    scanner("ghalint").run(&["ghalint run"]),
    scanner("legitify").run(&["legitify analyze"]).step(&["legit-labs/legitify"]),
    scanner("byway").run(&["byway scan"]).soft(&["--exit-zero"]),
    // What runs.
    scanner("zap").run(&["zap-baseline.py", "zap-full-scan.py", "zap-api-scan.py"]).step(&["zaproxy/action-baseline", "zaproxy/action-full-scan", "zaproxy/action-api-scan"]).image(&["zaproxy/zap-stable", "zaproxy/zaproxy", "owasp/zap2docker-stable"]).soft(&["-I"]).input(&[("fail_action", FALSE)]),
    scanner("nuclei").run(&["nuclei"]).step(&["projectdiscovery/nuclei-action"]).image(&["projectdiscovery/nuclei"]),
    scanner("testssl").run(&["testssl.sh"]).image(&["drwetter/testssl.sh"]),
    // Signatures and provenance.
    scanner("cosign").run(&["cosign verify", "cosign verify-attestation", "cosign verify-blob", "cosign verify-blob-attestation"]),
    scanner("notation").run(&["notation verify"]).step(&["notaryproject/notation-action/verify"]),
    scanner("slsa-verifier").run(&["slsa-verifier"]),
    scanner("gh-attestation").run(&["gh attestation verify"]),
    scanner("in-toto").run(&["in-toto-verify"]),
];
