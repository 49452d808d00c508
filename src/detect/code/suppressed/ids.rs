//! The checks of other tools that are about identities, secrets, TLS or authentication,
//! by their ids.

pub(super) fn always(_: &str) -> bool {
    true
}

/// Hard-coded passwords, TLS, SSH.
pub(super) fn is_bandit(id: &str) -> bool {
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

pub(super) fn is_gosec(id: &str) -> bool {
    matches!(id, "G101" | "G106" | "G108" | "G402")
}

/// flake8-bandit's numbers, which ruff has too.
pub(super) fn is_flake(id: &str) -> bool {
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
pub(super) fn is_named(id: &str) -> bool {
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

pub(super) fn is_zizmor(id: &str) -> bool {
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

pub(super) fn is_eslint(id: &str) -> bool {
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

pub(super) fn is_checkov(id: &str) -> bool {
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

pub(super) fn is_trivy(id: &str) -> bool {
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
