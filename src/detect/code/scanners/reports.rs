//! Where a scanner's findings go, and who reads them afterwards: a scanner that may
//! fail is still a gate when a later step judges its report.

use crate::detect::shell::{Command, Word};

/// What a scanner writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// The file, if one is named.
    pub(crate) file: Option<String>,
    /// Whether it is SARIF, which forges take in.
    pub(crate) sarif: bool,
}

/// Flags that name the file of a report.
const FILES: &[&str] = &[
    "-o",
    "--output",
    "-out",
    "--out",
    "--output-file",
    "--output-path",
    "--report-path",
    "-r",
    "--report",
    "--report-file",
    "--report-output",
    "--output-file-path",
    "--sarif-output",
    "--sarif-file-output",
    "--json-output",
    "--json-file-output",
    "--outfile",
    "--sarif-file",
    "--file",
    "--results-file",
];

/// Flags that name its format.
const FORMATS: &[&str] = &[
    "-f",
    "--format",
    "--report-format",
    "-fmt",
    "--output-format",
    "-o",
    "--output",
];

/// Inputs of steps that name the file of a report.
const INPUTS: &[&str] = &[
    "output",
    "sarif-file",
    "sarif_file",
    "output-file",
    "output_file",
    "output-file-path",
    "output_file_path",
    "report-path",
    "report_path",
    "report",
    "output_path",
    "args",
    "sarif-output",
    "results_file",
];

/// The report that a scanner's command writes.
pub(crate) fn report_of(command: &Command) -> Option<Report> {
    let named = command
        .values_of(FILES)
        .map(|(_, value)| value)
        // Some give the format by the same flag: `-o json`.
        .find(|value| value.contains(['.', '/', '$']));
    let file = named.or_else(|| {
        let sent = command.to.iter().map(Word::text);
        sent.into_iter()
            .find(|to| !to.starts_with("/dev/") && !to.starts_with('&'))
    });
    let sarif = command.switch(&["--sarif"]).is_some()
        || command
            .values_of(FORMATS)
            .any(|(_, value)| value.eq_ignore_ascii_case("sarif"))
        || file.is_some_and(|file| file.contains("sarif"));
    (file.is_some() || sarif).then(|| Report {
        file: file.map(str::to_owned),
        sarif,
    })
}

/// The report that a scanner's step writes, by its inputs.
pub(crate) fn report_of_step(input: &dyn Fn(&str) -> Option<String>) -> Option<Report> {
    let file = INPUTS
        .iter()
        .filter_map(|name| input(name))
        .find(|value| !value.contains(' ') && value.contains('.'));
    let sarif = ["format", "output-format", "output_format"]
        .iter()
        .filter_map(|name| input(name))
        .any(|value| value.to_ascii_lowercase().contains("sarif"))
        || file.as_ref().is_some_and(|file| file.contains("sarif"));
    (file.is_some() || sarif).then_some(Report { file, sarif })
}

/// Actions, tasks and pipes that hand a report to what judges or keeps it.
const UPLOADS: &[(&str, &str)] = &[
    ("github/codeql-action/upload-sarif", "code scanning"),
    ("advancedsecurity-publish", "Advanced Security"),
    ("dependencytrack/gh-upload-sbom", "Dependency-Track"),
    ("upload-bom-to-dtrack", "Dependency-Track"),
    ("defectdojo/", "DefectDojo"),
    ("mivano/defectdojo-import", "DefectDojo"),
    ("c4tech/pipelines-defectdojo", "DefectDojo"),
    ("sonarsource/sonarqube-scan-action", "SonarQube"),
    ("sonarsource/sonarcloud-github-action", "SonarCloud"),
    ("sonarqubeprepare", "SonarQube"),
    ("sonarcloudprepare", "SonarCloud"),
];

/// What an action, task or pipe hands reports to.
pub(crate) fn uploads_by_action(name: &str) -> Option<&'static str> {
    let name = name.trim().to_ascii_lowercase();
    let row = UPLOADS.iter().find(|(start, _)| name.starts_with(start))?;
    Some(row.1)
}

/// What a command hands reports to.
pub(crate) fn uploads(command: &Command) -> Option<&'static str> {
    let says = |sign: &str| command.args().iter().any(|w| w.text().contains(sign));
    match command.name() {
        "codeql" if command.begins_with(&["github", "upload-results"]) => Some("code scanning"),
        "gh" | "curl" | "http" | "wget" => {
            if says("/code-scanning/sarifs") {
                Some("code scanning")
            } else if says("/api/v1/bom") {
                Some("Dependency-Track")
            } else if says("/import-scan") || says("/reimport-scan") {
                Some("DefectDojo")
            } else {
                None
            }
        }
        "reviewdog" => Some("reviewdog"),
        "dtrack-cli" | "dtrack-audit" => Some("Dependency-Track"),
        "defectdojo" | "defectdojo-cli" => Some("DefectDojo"),
        _ => None,
    }
}

/// Whether a command reads a report to judge it: it names the file and is neither what
/// keeps files nor what only shows them.
pub(crate) fn reads_report(command: &Command, file: &str) -> bool {
    let base = file.rsplit('/').next().unwrap_or(file);
    if base.len() < 3 || base.starts_with('$') {
        return false;
    }
    let keeps = matches!(
        command.name(),
        "rm" | "cp"
            | "mv"
            | "touch"
            | "chmod"
            | "chown"
            | "mkdir"
            | "ls"
            | "echo"
            | "printf"
            | "cat"
            | "head"
            | "tail"
            | "less"
            | "tee"
            | "tar"
            | "zip"
            | "gzip"
            | "aws"
            | "gsutil"
            | "git"
            | "curl"
    );
    let named = |text: &str| {
        text.match_indices(base).any(|(at, _)| {
            let before = text.get(..at).and_then(|t| t.chars().next_back());
            let after = text.get(at + base.len()..).and_then(|t| t.chars().next());
            let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            !before.is_some_and(inside) && !after.is_some_and(inside)
        })
    };
    !keeps
        && (command.args().iter().any(|w| named(w.text()))
            || command
                .input
                .as_ref()
                .is_some_and(|input| named(input.text())))
        && !command.to.iter().any(|w| named(w.text()))
        && !report_of(command).is_some_and(|r| r.file.as_deref().is_some_and(named))
}
