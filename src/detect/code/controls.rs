//! Names that say a control is left out: `skip_approval`, `--no-verify`,
//! `DISABLE_SCAN`; and names of ways around all of them: `break-glass`.
//!
//! Among names that skip something few skip a control; most skip a platform or a
//! step. So the word for what is skipped decides.

use crate::detect::words::words;

/// What is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Control {
    /// Style and format.
    Lint,
    /// Tests.
    Test,
    /// Checks in general, validation, a plan or a preview.
    Check,
    /// Scans, audits and what else looks for faults that can be used.
    Security,
    /// Signatures and their verification.
    Signature,
    /// Rules that are enforced: policies, gates, freezes, protection.
    Gate,
    /// The agreement of people.
    Approval,
    /// Everything: `force`, `emergency`, `break_glass`.
    All,
}

/// What a name leaves out, and the word that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Skip {
    /// The word: `skip`, `bypass`.
    pub(crate) verb: &'static str,
    /// What is left out.
    pub(crate) control: Control,
}

/// Words that leave something out, and whether what is left out must follow at once:
/// `no` and `without` belong to the next word.
const VERBS: &[(&str, bool)] = &[
    ("skip", false),
    ("skips", false),
    ("skipping", false),
    ("bypass", false),
    ("disable", false),
    ("disabled", false),
    ("ignore", false),
    ("override", false),
    ("overrule", false),
    ("suppress", false),
    ("waive", false),
    ("omit", false),
    ("exempt", false),
    ("force", false),
    ("no", true),
    ("without", true),
];

/// Controls by their words.
const NOUNS: &[(Control, &[&str])] = &[
    (
        Control::Approval,
        &[
            "approval",
            "approvals",
            "approve",
            "approver",
            "approvers",
            "review",
            "reviews",
            "reviewer",
            "reviewers",
            "signoff",
            "cab",
        ],
    ),
    (
        Control::Gate,
        &[
            "gate",
            "gates",
            "policy",
            "policies",
            "freeze",
            "protection",
            "protections",
            "guardrail",
            "guardrails",
            "compliance",
            "enforcement",
        ],
    ),
    (
        Control::Signature,
        &[
            "signature",
            "signatures",
            "signing",
            "sign",
            "attestation",
            "attestations",
            "provenance",
            "checksum",
            "checksums",
        ],
    ),
    (
        Control::Security,
        &[
            "scan",
            "scans",
            "scanning",
            "scanner",
            "scanners",
            "security",
            "audit",
            "audits",
            "sast",
            "dast",
            "sca",
            "vulnerability",
            "vulnerabilities",
            "vulns",
            "cve",
            "cves",
            "codeql",
            "trivy",
            "snyk",
            "semgrep",
            "gitleaks",
            "checkov",
            "zizmor",
        ],
    ),
    (
        Control::Check,
        &[
            "check",
            "checks",
            "validation",
            "validations",
            "validate",
            "verify",
            "verification",
            "verifications",
            "plan",
            "preflight",
            "precheck",
            "prechecks",
            "precommit",
            "qa",
        ],
    ),
    (Control::Test, &["test", "tests", "testing", "e2e", "smoke"]),
    (Control::Lint, &["lint", "linting", "linter", "linters"]),
];

/// Words after which a control's word only tells which thing is meant: a name that ends
/// in one is no switch.
const THINGS: &[&str] = &[
    "account",
    "arch",
    "branch",
    "branches",
    "cache",
    "channel",
    "cluster",
    "config",
    "context",
    "data",
    "dir",
    "directory",
    "env",
    "environment",
    "file",
    "files",
    "folder",
    "group",
    "groups",
    "host",
    "id",
    "ids",
    "image",
    "images",
    "key",
    "label",
    "list",
    "log",
    "logs",
    "matrix",
    "message",
    "name",
    "names",
    "number",
    "output",
    "outputs",
    "path",
    "paths",
    "pattern",
    "patterns",
    "platform",
    "platforms",
    "project",
    "region",
    "report",
    "reports",
    "tag",
    "timeout",
    "upload",
    "url",
    "user",
    "version",
    "versions",
];

/// The control that a name speaks of, whatever it says of it.
pub(crate) fn names_control(name: &str) -> Option<Control> {
    words(name).iter().filter_map(|word| noun(word)).max()
}

/// What of `force`'s controls is skipped: to force a test is to run it.
const fn forced(control: Control) -> bool {
    matches!(control, Control::Approval | Control::Gate)
}

/// The control that a name leaves out, if it leaves out one.
pub(crate) fn control_noun(name: &str) -> Option<Skip> {
    let split = words(name);
    let words: Vec<&str> = split.iter().map(String::as_str).collect();
    if let Some(verb) = everything(&words) {
        return Some(Skip {
            verb,
            control: Control::All,
        });
    }
    if words.last().is_some_and(|last| THINGS.contains(last)) {
        return None;
    }
    words.iter().enumerate().find_map(|(at, word)| {
        let (verb, at_once, rest) = verb(word)?;
        let after = words.get(at + 1..).unwrap_or_default();
        let after = if at_once {
            after.get(..1).unwrap_or_default()
        } else {
            after
        };
        let controls = rest
            .into_iter()
            .chain(after.iter().copied())
            .filter_map(noun);
        let control = controls.max()?;
        (verb != "force" || forced(control)).then_some(Skip { verb, control })
    })
}

/// The word that leaves something out, and what is written together with it:
/// `skiptests`.
fn verb(word: &str) -> Option<(&'static str, bool, Option<&str>)> {
    if let Some((verb, at_once)) = VERBS.iter().find(|(verb, _)| *verb == word) {
        return Some((verb, *at_once, None));
    }
    ["skip", "bypass", "disable", "ignore", "no"]
        .into_iter()
        .find_map(|verb| {
            let rest = word.strip_prefix(verb)?;
            noun(rest).map(|_| (verb, true, Some(rest)))
        })
}

fn noun(word: &str) -> Option<Control> {
    let (control, _) = NOUNS.iter().find(|(_, nouns)| nouns.contains(&word))?;
    Some(*control)
}

/// Whole names that leave out whatever there is.
fn everything(words: &[&str]) -> Option<&'static str> {
    match words {
        ["force"] | ["force", "deploy" | "deployment" | "release" | "merge"] => Some("force"),
        ["emergency"] => Some("emergency"),
        ["hotfix"] | ["hot", "fix"] => Some("hotfix"),
        ["breakglass"] | ["break", "glass"] => Some("break glass"),
        ["override"] => Some("override"),
        _ => None,
    }
}

/// Words, one after the other, by which people call a way around approval.
const ROUTES: &[&[&str]] = &[
    &["break", "glass"],
    &["breakglass"],
    &["emergency"],
    &["firecall"],
    &["fire", "call"],
    &["hotfix", "override"],
    &["bypass", "approval"],
    &["bypass", "approvals"],
    &["bypass", "review"],
    &["skip", "approval"],
    &["skip", "approvals"],
    &["skip", "review"],
    &["override", "approval"],
    &["without", "approval"],
    &["no", "approval"],
];

/// Whether a name says that it is a way around, read word by word.
pub(crate) fn is_break_glass(name: &str) -> bool {
    holds(name, ROUTES)
}

fn holds(name: &str, sought: &[&[&str]]) -> bool {
    let words = words(name);
    sought.iter().any(|sought| {
        words
            .windows(sought.len())
            .any(|window| window.iter().zip(*sought).all(|(a, b)| a == b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_skip_a_control_are_told_from_others() {
        for (name, control) in [
            ("skip_approval", Control::Approval),
            ("bypassReview", Control::Approval),
            ("force-approve", Control::Approval),
            ("ignore_change_freeze", Control::Gate),
            ("disable-policy", Control::Gate),
            ("SKIP_SECURITY_SCAN", Control::Security),
            ("skip-signing", Control::Signature),
            ("skip-checks", Control::Check),
            ("no-verify", Control::Check),
            ("skipTests", Control::Test),
            ("skiptests", Control::Test),
            ("force_skip_tests", Control::Test),
            ("without_tests", Control::Test),
            ("skip-lint", Control::Lint),
            ("force", Control::All),
            ("emergency", Control::All),
            ("break_glass", Control::All),
            ("breakGlass", Control::All),
        ] {
            assert_eq!(
                control_noun(name).map(|s| s.control),
                Some(control),
                "{name}"
            );
        }
        for name in [
            "skip-macos",
            "skip_checkout",
            "forceARMTests",
            "force_tests",
            "force_build",
            "no_cache",
            "no_new_test_data",
            "override_test_image",
            "ignore_scan_paths",
            "disable_security_group",
            "test",
            "approval",
            "notests_today_please",
            "node_test",
            "forced_colors",
        ] {
            let expected = (name == "notests_today_please").then_some(Control::Test);
            assert_eq!(control_noun(name).map(|s| s.control), expected, "{name}");
        }
    }

    #[test]
    fn ways_around_are_told_from_hurried_ones() {
        assert!(is_break_glass("Break Glass deploy"));
        assert!(is_break_glass("skipApproval"));
        assert!(!is_break_glass("hotfix"));
    }
}
