//! The fixtures, end to end.

use std::collections::BTreeSet;

use crate::common::{findings, fixture, line_of, scan};

#[test]
fn clean_repository_has_nothing_to_report() {
    let clean = fixture("clean");
    let run = scan(clean.path(), &[]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    assert!(run.out.starts_with("No exception path"), "{}", run.out);
    assert!(findings(clean.path(), &["--no-ignore"]).is_empty());
}

/// Rule, file, a text on the line, verdict, entry.
type Expected<'a> = (&'a str, &'a str, &'a str, &'a str, Option<&'a str>);

#[rustfmt::skip]
const PAYMENTS: &[Expected<'_>] = &[
    ("bypass-route/agent-permissions-bypassed", ".claude/settings.json", "bypassPermissions", "undeclared", None),
    ("bypass-route/break-glass-workflow", ".github/workflows/break-glass.yml", "name: break-glass", "undeclared", None),
    ("bypass-route/mcp-auto-approve", "agents/support-triage/mcp.json", "autoApprove", "declared", Some("EXC-2026-0003")),
    ("elevated-token/database-superuser-grant", "migrations/0042_backfill_ledger.sql", "SUPERUSER", "lapsed", Some("EXC-2026-0005")),
    ("elevated-token/oidc-admin-role", ".github/workflows/break-glass.yml", "role-to-assume", "undeclared", None),
    ("elevated-token/oidc-without-environment", ".github/workflows/break-glass.yml", "role-to-assume", "undeclared", None),
    ("register/expired", "exceptions.toml", "expires     = 2026-10-19", "fault", Some("EXC-2026-0005")),
    ("register/over-ceiling", "exceptions.toml", "# the settlement key", "fault", Some("EXC-2026-0002")),
    ("register/unused", "exceptions.toml", "# the importer's push", "fault", Some("EXC-2026-0001")),
    ("static-key/generic-secret", "batch/settlement/reconcile.py", "STATEMENT_API_KEY =", "declared", Some("EXC-2026-0002")),
    ("static-key/generic-secret", "batch/settlement/settle.py", "ACQUIRER_API_KEY =", "lapsed", Some("EXC-2026-0002")),
    ("static-key/kubernetes-secret", "integrations/analytics/export.yaml", "VENDOR_CLIENT_SECRET", "undeclared", None),
];

#[test]
fn payments_has_one_of_each_case() {
    let payments = fixture("payments");
    let found: BTreeSet<_> = findings(payments.path(), &[])
        .iter()
        .map(|f| {
            let text = |key: &str| f[key].as_str().map(str::to_owned);
            (
                text("rule"),
                text("path"),
                f["line"].as_u64(),
                text("verdict"),
                text("exception"),
            )
        })
        .collect();
    let wanted: BTreeSet<_> = PAYMENTS
        .iter()
        .map(|(rule, path, needle, verdict, entry)| {
            let text = |t: &str| Some(t.to_owned());
            let line = line_of(payments.path(), path, needle);
            (
                text(rule),
                text(path),
                Some(line),
                text(verdict),
                entry.and_then(text),
            )
        })
        .collect();
    assert_eq!(found, wanted);
    assert_eq!(scan(payments.path(), &[]).code, 1);
}
