//! Another tool's inline suppression of a check on identities, secrets, TLS or
//! authentication.

use std::sync::LazyLock;

use regex::bytes::{Captures, Regex};

use crate::detect::tokens::{self, Class};
use crate::detect::{Cx, Hit, lines};
use crate::document::Span;
use crate::finding::Confidence;
use crate::kind::Kind;

/// A tool's marker. Group `ids` holds the ids it names; without it the marker is
/// blanket.
struct Marker {
    tool: &'static str,
    regex: &'static str,
    /// Which of the named ids matter.
    matters: fn(&str) -> bool,
    /// How sure a marker without ids is; none when that is no finding.
    blanket: Option<Confidence>,
}

const fn marker(
    tool: &'static str,
    regex: &'static str,
    matters: fn(&str) -> bool,
    blanket: Option<Confidence>,
) -> Marker {
    Marker {
        tool,
        regex,
        matters,
        blanket,
    }
}

/// What may stand before a marker: it begins the comment, or follows another marker.
#[rustfmt::skip]
const MARKERS: &[Marker] = &[
    marker("bandit", r"(?i)#\s*nosec\b[:\s]*(?P<ids>(?:B\d{3}|[a-z_]+_[a-z_]+)(?:[,\s]+(?:B\d{3}|[a-z_]+_[a-z_]+))*)?", is_bandit, Some(Confidence::Low)),
    marker("gosec", r"(?:#\s*nosec\b|//\s*nosec\b|//\s*gosec:disable)\s*(?P<ids>G\d{3}(?:[,\s]+G\d{3})*)?", is_gosec, Some(Confidence::Low)),
    marker("ruff", r"(?i)#\s*(?:ruff:\s*)?noqa:\s*(?P<ids>[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*)", is_flake, None),
    marker("golangci", r"//\s*nolint:(?P<ids>[\w,\s]*gosec[\w,]*)", always, None),
    marker("semgrep", r"nosem(?:grep)?:\s*(?P<ids>[\w./-]+(?:\s*,\s*[\w./-]+)*)", is_named, None),
    marker("checkov", r"checkov:skip=(?P<ids>CKV\w+)", is_checkov, None),
    marker("trivy", r"(?:trivy|tfsec):ignore:(?P<ids>[\w-]+)", is_trivy, None),
    marker("gitleaks", r"\b(?:gitleaks|betterleaks):allow\b", always, Some(Confidence::High)),
    marker("trufflehog", r"\btrufflehog:ignore\b", always, Some(Confidence::High)),
    marker("kingfisher", r"\bkingfisher:ignore\b", always, Some(Confidence::High)),
    marker("ggshield", r"(?:#|//|/\*)\s*ggignore\b", always, Some(Confidence::High)),
    marker("detect-secrets", r"pragma:\s*(?:allowlist|whitelist)\s+(?:nextline\s+)?secret\b", always, Some(Confidence::High)),
    marker("kics", r"kics-scan\s+(?:ignore-line|ignore-block|ignore|disable=[\w,-]+)", always, Some(Confidence::High)),
    marker("zizmor", r"#\s*zizmor:\s*ignore\[(?P<ids>[\w,\s-]+)\]", is_zizmor, None),
    marker("codeql", r"(?:lgtm|codeql)\s*\[(?P<ids>[\w/-]+)\]", is_named, None),
    marker("eslint", r"eslint-disable(?:-next-line|-line)?\s[^*]*?(?P<ids>security/[\w-]+|no-secrets/[\w-]+)", is_eslint, None),
    marker("phpcs", r"phpcs:ignore\s+(?P<ids>[\w.]*Security[\w.]*)", always, None),
    marker("rubocop", r"rubocop:disable\s[^#]*?(?P<ids>Security/\w+)", always, None),
];

static COMPILED: LazyLock<Vec<(Regex, &'static Marker)>> = LazyLock::new(|| {
    MARKERS
        .iter()
        .filter_map(|m| Regex::new(m.regex).ok().map(|regex| (regex, m)))
        .collect()
});

fn always(_: &str) -> bool {
    true
}

/// Checks for passwords by name: most of what they find is none.
const GUESSES: &[&str] = &["B105", "B106", "B107", "S105", "S106", "S107", "G101"];

/// Hard-coded passwords, TLS, SSH.
fn is_bandit(id: &str) -> bool {
    const NAMES: &[&str] = &[
        "hardcoded_password_string",
        "hardcoded_password_funcarg",
        "hardcoded_password_default",
        "request_with_no_cert_validation",
        "ssl_with_bad_version",
        "ssl_with_no_version",
        "ssh_no_host_key_verification",
        "flask_debug_true",
    ];
    matches!(
        id.to_ascii_uppercase().as_str(),
        "B105" | "B106" | "B107" | "B201" | "B323" | "B501" | "B502" | "B504" | "B507"
    ) || NAMES.contains(&id)
}

fn is_gosec(id: &str) -> bool {
    matches!(id, "G101" | "G106" | "G108" | "G402")
}

/// flake8-bandit's numbers, which ruff has too.
fn is_flake(id: &str) -> bool {
    matches!(
        id.to_ascii_uppercase().as_str(),
        "S105"
            | "S106"
            | "S107"
            | "S201"
            | "S323"
            | "S501"
            | "S502"
            | "S504"
            | "S507"
            | "S508"
            | "S509"
    )
}

/// Ids that are names: they say what they look for.
fn is_named(id: &str) -> bool {
    const WORDS: &[&str] = &[
        "secret",
        "tls",
        "ssl",
        "auth",
        "jwt",
        "verif",
        "credential",
        "password",
        "csrf",
        "iam",
        "rbac",
        "cert",
        "token",
        "private-key",
        "api-key",
        "access-control",
    ];
    let id = id.to_ascii_lowercase();
    WORDS.iter().any(|word| id.contains(word))
}

fn is_zizmor(id: &str) -> bool {
    matches!(
        id,
        "excessive-permissions"
            | "secrets-inherit"
            | "overprovisioned-secrets"
            | "unredacted-secrets"
            | "hardcoded-container-credentials"
            | "github-app"
            | "use-trusted-publishing"
            | "dangerous-triggers"
            | "bot-conditions"
            | "secrets-outside-env"
            | "insecure-commands"
            | "self-hosted-runner"
            | "artipacked"
    )
}

fn is_eslint(id: &str) -> bool {
    id.starts_with("no-secrets/")
        || matches!(
            id,
            "security/detect-possible-timing-attacks"
                | "security/detect-no-csrf-before-method-override"
                | "security/detect-disable-mustache-escape"
        )
}

/// Checks of checkov about identities, secrets and privilege, by family and number.
#[rustfmt::skip]
const CHECKOV: &[(&str, &[(u16, u16)])] = &[
    ("CKV_AWS_", &[(1, 1), (40, 41), (45, 46), (49, 49), (60, 63), (70, 70), (107, 111), (258, 258), (273, 274), (283, 283), (286, 290), (309, 309), (316, 316), (334, 334), (348, 348), (355, 356), (358, 358), (366, 366)]),
    ("CKV2_AWS_", &[(40, 40), (56, 56), (70, 70)]),
    ("CKV_GCP_", &[(7, 7), (13, 13), (28, 28), (30, 31), (41, 49), (113, 113), (115, 118), (125, 125)]),
    ("CKV_AZURE_", &[(1, 1), (5, 5), (13, 13), (39, 39), (45, 45), (137, 137), (141, 141), (149, 149), (192, 192), (195, 195), (236, 236), (249, 249)]),
    ("CKV_K8S_", &[(2, 2), (16, 16), (20, 20), (23, 23), (27, 27), (35, 35), (38, 39), (41, 42), (49, 49), (68, 77), (108, 108), (138, 139), (157, 159)]),
    ("CKV2_K8S_", &[(1, 1), (3, 5)]),
    ("CKV_SECRET_", &[(0, u16::MAX)]),
    ("CKV_DOCKER_", &[(8, 8)]),
];

fn is_checkov(id: &str) -> bool {
    in_table(id, CHECKOV)
}

/// Checks of trivy, which were tfsec's, by family and number.
#[rustfmt::skip]
const TRIVY: &[(&str, &[(u16, u16)])] = &[
    ("KSV-", &[(5, 6), (9, 10), (17, 17), (36, 36), (41, 41), (43, 47), (50, 55), (103, 103), (109, 109), (111, 115), (122, 123), (1010, 1011)]),
    ("AWS-", &[(57, 57), (123, 123), (140, 146), (165, 167), (342, 342), (345, 345)]),
    ("GCP-", &[(3, 11), (68, 68)]),
    ("AZU-", &[(17, 17), (30, 30), (52, 52)]),
    ("DS-", &[(2, 2)]),
];

fn is_trivy(id: &str) -> bool {
    let id = id.to_ascii_uppercase();
    let id = id.strip_prefix("AVD-").unwrap_or(&id);
    if in_table(id, TRIVY) || in_table(&id.replacen("KSV", "KSV-", 1), TRIVY) {
        return true;
    }
    let lower = id.to_ascii_lowercase();
    let named = ["-iam-", "-secrets", "-secret-", "-ssm-"];
    lower.contains("privilege") || named.iter().any(|part| lower.contains(part))
}

fn in_table(id: &str, table: &[(&str, &[(u16, u16)])]) -> bool {
    table.iter().any(|(family, ranges)| {
        id.strip_prefix(family)
            .and_then(|number| number.parse::<u16>().ok())
            .is_some_and(|n| ranges.iter().any(|(from, to)| (*from..=*to).contains(&n)))
    })
}

/// Inline suppressions in comments.
pub(super) fn checks(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let document = cx.document;
    if document.is(Kind::Docs) {
        return Vec::new();
    }
    let bytes = document.bytes();
    // Most markers are about other checks (`noqa: E501`); what is left is worth telling
    // comments from texts for.
    let marked: Vec<_> = cx.keywords.iter().filter(|k| matters(cx, **k)).collect();
    if marked.is_empty() {
        return Vec::new();
    }
    let comments: Vec<_> = tokens::tokens(document)
        .into_iter()
        .filter(|t| t.class == Class::Comment)
        .map(|t| t.span)
        .filter(|span| marked.iter().any(|k| span.contains(**k)))
        .collect();
    let mut hits: Vec<Hit> = Vec::new();
    for comment in comments {
        let text = comment.of(bytes);
        for (regex, marker) in COMPILED.iter() {
            for found in regex.captures_iter(text) {
                let Some(hit) = judge(cx, &found, comment, marker) else {
                    continue;
                };
                if !hits.iter().any(|h| h.span.overlaps(hit.span)) {
                    hits.push(hit);
                }
            }
        }
    }
    hits
}

/// Whether the line of a keyword has a marker for a check that matters here.
fn matters(cx: &Cx<'_, '_>, keyword: Span) -> bool {
    let line = lines::around(cx.document, keyword.start).of(cx.document.bytes());
    COMPILED.iter().any(|(regex, marker)| {
        regex
            .captures_iter(line)
            .any(|found| match found.name("ids") {
                None => marker.blanket.is_some(),
                Some(ids) => mattering(ids.as_bytes(), marker).is_some(),
            })
    })
}

/// The first of several check ids that matters here.
fn mattering<'t>(ids: &'t [u8], marker: &Marker) -> Option<&'t str> {
    std::str::from_utf8(ids)
        .ok()?
        .split([',', ' ', '\t'])
        .map(str::trim)
        .find(|id| !id.is_empty() && (marker.matters)(id))
}

fn judge(cx: &Cx<'_, '_>, found: &Captures<'_>, comment: Span, marker: &Marker) -> Option<Hit> {
    let text = comment.of(cx.document.bytes());
    let go = cx.document.is(Kind::Go);
    let whole = found.get(0)?;
    if (marker.tool == "bandit" && go) || (marker.tool == "gosec" && !go) {
        return None;
    }
    if is_prose(text, whole.start()) {
        return None;
    }
    let span = Span::new(comment.start + whole.start(), comment.start + whole.end());
    let Some(ids) = found.name("ids") else {
        let confidence = marker.blanket?;
        return Some(Hit::new(span).about(marker.tool).sure(confidence));
    };
    let id = mattering(ids.as_bytes(), marker)?;
    let hit = Hit::new(span).about(format!("{}:{id}", marker.tool));
    let guess = GUESSES.contains(&id) && !assigns_secret(cx, span);
    Some(if guess {
        hit.sure(Confidence::Low)
    } else {
        hit
    })
}

/// Whether a text on the line could be a password: letters and digits, and neither a
/// name in capitals nor a path.
fn assigns_secret(cx: &Cx<'_, '_>, span: Span) -> bool {
    let line = lines::around(cx.document, span.start);
    Span::new(line.start, span.start)
        .of(cx.document.bytes())
        .split(|b| matches!(b, b'"' | b'\'' | b'`'))
        .skip(1)
        .step_by(2)
        .any(|text| {
            text.len() >= 6
                && text.iter().any(u8::is_ascii_digit)
                && text.iter().any(u8::is_ascii_lowercase)
                && !text
                    .iter()
                    .any(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'{'))
        })
}

/// Whether a comment only talks about a marker: more than a few words stand before
/// it, or it is quoted.
fn is_prose(text: &[u8], at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    if matches!(before.last(), Some(b'`' | b'\'' | b'"' | b'(')) {
        return true;
    }
    let line = before.rsplit(|b| *b == b'\n').next().unwrap_or_default();
    // Code that is commented out has its own comments.
    if line.iter().any(|b| matches!(b, b'=' | b'(' | b'{')) {
        return true;
    }
    let words = line
        .split(u8::is_ascii_whitespace)
        .filter(|w| w.iter().any(u8::is_ascii_alphabetic))
        .count();
    words > 4
}
