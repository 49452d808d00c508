//! Grants that put a database role above the database's own rules.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::sql::{self, Token, TokenKind};
use crate::detect::{Cx, Hit, lines};
use crate::document::{Document, Span};
use crate::finding::Severity;
use crate::kind::Kind;

/// Roles that hold more than data: the server, its files, or all other roles.
const MIGHTY: &[(&str, Severity)] = &[
    ("rds_superuser", Severity::Critical),
    ("cloudsqlsuperuser", Severity::Critical),
    ("alloydbsuperuser", Severity::Critical),
    ("azure_pg_admin", Severity::Critical),
    ("pg_execute_server_program", Severity::Critical),
    ("pg_write_server_files", Severity::Critical),
    ("pg_read_server_files", Severity::High),
    ("pg_write_all_data", Severity::High),
    ("accountadmin", Severity::Critical),
    ("securityadmin", Severity::Critical),
    ("dba", Severity::Critical),
    ("sysdba", Severity::Critical),
];

/// Options of `CREATE ROLE` and `ALTER ROLE`.
const OPTIONS: &[(&str, Severity)] = &[
    ("SUPERUSER", Severity::Critical),
    ("BYPASSRLS", Severity::High),
    ("CREATEROLE", Severity::High),
    ("CREATEUSER", Severity::Critical),
];

/// Accounts that stand above the rules from the start: dumps name them.
const BUILT_IN: &[&str] = &[
    "postgres",
    "root@localhost",
    "root@127.0.0.1",
    "root@::1",
    "rdsadmin",
    "cloudsqladmin",
    "mysql.sys@localhost",
    "mysql.session@localhost",
    "sa",
    "sys",
    "system",
];

/// Folders and names of migrations in code.
const MIGRATIONS: &[&str] = &["migrat", "alembic", "flyway", "liquibase"];

/// The longest statement looked at in code.
const LONGEST: usize = 600;

/// Finds the grants in SQL, and in the SQL that a migration's code holds.
pub(super) fn grants(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    let statements = if cx.document.is(Kind::Sql) {
        sql::statements(bytes, Span::new(0, bytes.len()))
    } else {
        let path = cx.document.path().to_ascii_lowercase();
        if !MIGRATIONS.iter().any(|word| path.contains(word)) {
            return Vec::new();
        }
        embedded(cx)
    };
    statements
        .iter()
        .filter_map(|tokens| {
            Statement {
                bytes,
                tokens: strip(bytes, tokens),
            }
            .judge()
        })
        .collect()
}

/// A function's body begins with words that are no statement.
fn strip<'t>(bytes: &[u8], tokens: &'t [Token]) -> &'t [Token] {
    let starts = |token: &Token| {
        token.kind == TokenKind::Word
            && ["grant", "create", "alter", "exec", "execute"]
                .iter()
                .any(|word| token.span.of(bytes).eq_ignore_ascii_case(word.as_bytes()))
    };
    let from = tokens.iter().position(starts).unwrap_or(tokens.len());
    // `REVOKE … GRANT OPTION FOR` and the like begin with a word of their own.
    let revokes = tokens
        .first()
        .is_some_and(|token| token.span.of(bytes).eq_ignore_ascii_case(b"revoke"));
    if revokes {
        &[]
    } else {
        tokens.get(from..).unwrap_or_default()
    }
}

/// The statements that begin near the keywords of a file of code.
fn embedded(cx: &Cx<'_, '_>) -> Vec<Vec<Token>> {
    static START: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(?:GRANT|grant|(?:CREATE|ALTER)\s+(?:ROLE|USER)|(?:create|alter)\s+(?:role|user))\s")
            .expect("a constant regex")
    });
    let bytes = cx.document.bytes();
    let mut found = Vec::new();
    let mut done = 0;
    for keyword in cx.keywords {
        let from = keyword.start.saturating_sub(LONGEST).max(done);
        let window = bytes.get(..keyword.end).unwrap_or(bytes);
        let Some(start) = START
            .find_iter(window.get(from..).unwrap_or_default())
            .last()
            .map(|found| from + found.start())
        else {
            continue;
        };
        done = keyword.end;
        if begins_comment(lines::around(cx.document, start).of(bytes)) {
            continue;
        }
        let end = statement_end(cx.document, start);
        found.extend(
            sql::statements(bytes, Span::new(start, end))
                .into_iter()
                .take(1),
        );
    }
    found
}

/// Where the literal ends that holds a statement: at the quote that opened it, if it
/// was opened on the same line, or at a semicolon or an empty line.
fn statement_end(document: &Document<'_>, start: usize) -> usize {
    let bytes = document.bytes();
    let limit = (start + LONGEST).min(bytes.len());
    let line = lines::near(document, Span::new(start, start));
    let quote = Span::new(line.start, start)
        .of(bytes)
        .iter()
        .rfind(|b| matches!(b, b'"' | b'\'' | b'`'));
    let text = bytes.get(start..limit).unwrap_or_default();
    let mut previous = 0;
    for (n, byte) in text.iter().enumerate() {
        let closes = Some(byte) == quote && previous != b'\\';
        let blank = *byte == b'\n' && previous == b'\n';
        if closes || blank || *byte == b';' || text.get(n..n + 3) == Some(b"\"\"\"") {
            return start + n;
        }
        previous = *byte;
    }
    limit
}

fn begins_comment(line: &[u8]) -> bool {
    let head = line.trim_ascii_start();
    [&b"#"[..], b"//", b"--", b"*", b"/*"]
        .iter()
        .any(|mark| head.starts_with(mark))
}

struct Statement<'t> {
    bytes: &'t [u8],
    tokens: &'t [Token],
}

impl Statement<'_> {
    fn is(&self, at: usize, word: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| {
            token
                .span
                .of(self.bytes)
                .eq_ignore_ascii_case(word.as_bytes())
        })
    }

    /// Whether the words stand at `at` one after the other.
    fn are(&self, at: usize, words: &[&str]) -> bool {
        words
            .iter()
            .enumerate()
            .all(|(n, word)| self.is(at + n, word))
    }

    fn position(&self, words: &[&str]) -> Option<usize> {
        (0..self.tokens.len()).find(|at| self.are(*at, words))
    }

    fn name(&self, at: usize) -> Option<String> {
        self.tokens
            .get(at)
            .map(|token| sql::name(self.bytes, *token))
    }

    fn judge(&self) -> Option<Hit> {
        if self.is(0, "grant") {
            self.grant()
        } else if self.is(0, "create") || self.is(0, "alter") {
            self.role()
        } else {
            self.server_role_call()
        }
    }

    /// `GRANT … TO …`.
    fn grant(&self) -> Option<Hit> {
        let to = self.position(&["to"])?;
        let grantee = self.grantee(to + 1)?;
        let on = self.position(&["on"]).filter(|on| *on < to);
        let passes_on = self.position(&["with", "grant", "option"]).is_some()
            || self.position(&["with", "admin", "option"]).is_some();
        let (what, severity) = match on {
            Some(on) => {
                let all = self.are(1, &["all", "on"]) || self.are(1, &["all", "privileges", "on"]);
                let (object, severity) = self
                    .object(on + 1, to, all)
                    .or_else(|| passes_on.then(|| (self.words(on + 1, to), Severity::Medium)))?;
                let right = if all {
                    "ALL".to_owned()
                } else {
                    self.words(1, on).to_uppercase()
                };
                (format!("{right} on {object}"), severity)
            }
            None => self.membership(to, passes_on)?,
        };
        let mut what = what;
        if passes_on {
            what.push_str(" with grant option");
        }
        self.hit(0, &grantee, &what, severity)
    }

    /// What `ALL` is granted on, where that is more than one object.
    fn object(&self, at: usize, to: usize, all: bool) -> Option<(String, Severity)> {
        let everywhere = self.are(at, &["*", ".", "*"]);
        if everywhere && (all || self.is(1, "super")) {
            Some(("*.*".to_owned(), Severity::High))
        } else if all && (self.is(at, "all") || self.is(at, "database")) {
            Some((self.words(at, to), Severity::Medium))
        } else {
            None
        }
    }

    /// `GRANT role TO …`, `GRANT ROLE role TO …`.
    fn membership(&self, to: usize, passes_on: bool) -> Option<(String, Severity)> {
        let from = if self.is(1, "role") { 2 } else { 1 };
        (from..to).find_map(|at| {
            let role = self.name(at)?;
            let (_, severity) = MIGHTY
                .iter()
                .find(|(name, _)| role.eq_ignore_ascii_case(name))?;
            let severity = if passes_on {
                Severity::Critical
            } else {
                *severity
            };
            Some((format!("role {}", role.to_lowercase()), severity))
        })
    }

    /// `CREATE ROLE x SUPERUSER`, `ALTER USER x WITH CREATEROLE`, and SQL Server's
    /// `ALTER SERVER ROLE sysadmin ADD MEMBER x`.
    fn role(&self) -> Option<Hit> {
        if self.are(1, &["server", "role"]) && self.are(4, &["add", "member"]) {
            let role = self.name(3)?.to_lowercase();
            let mighty = matches!(role.as_str(), "sysadmin" | "securityadmin");
            let member = self.name(6)?;
            return mighty
                .then(|| self.hit(0, &member, &format!("role {role}"), Severity::Critical))
                .flatten();
        }
        if !(self.is(1, "role") || self.is(1, "user") || self.is(1, "group")) {
            return None;
        }
        let named = if self.are(2, &["if", "not", "exists"]) {
            5
        } else {
            2
        };
        let grantee = self.grantee(named)?;
        // `ALTER ROLE x SET …` and `RENAME TO` give nothing.
        let options = (named + 1..self.tokens.len())
            .take_while(|at| !self.is(*at, "set") && !self.is(*at, "rename"));
        let (at, option, severity) = options
            .filter_map(|at| {
                let token = self.tokens.get(at)?;
                let (option, severity) = OPTIONS.iter().find(|(option, _)| {
                    token.kind == TokenKind::Word
                        && token
                            .span
                            .of(self.bytes)
                            .eq_ignore_ascii_case(option.as_bytes())
                })?;
                Some((at, *option, *severity))
            })
            .max_by_key(|(_, _, severity)| *severity)?;
        self.hit(at, &grantee, option, severity)
    }

    /// SQL Server's `sp_addsrvrolemember 'x', 'sysadmin'`.
    fn server_role_call(&self) -> Option<Hit> {
        let at = self.position(&["sp_addsrvrolemember"])?;
        let names: Vec<_> = self
            .tokens
            .iter()
            .skip(at + 1)
            .filter(|token| token.kind == TokenKind::Quoted)
            .map(|token| sql::name(self.bytes, *token))
            .collect();
        let role = names
            .iter()
            .find(|name| name.eq_ignore_ascii_case("sysadmin"))?;
        let member = names.first().filter(|name| *name != role)?;
        self.hit(at, member, "role sysadmin", Severity::Critical)
    }

    /// A role, `user@host`, or psql's `:variable`.
    fn grantee(&self, at: usize) -> Option<String> {
        let noun = |word: &&str| self.is(at, word);
        let skip = usize::from(["role", "user", "group"].iter().any(noun));
        let at = at + skip;
        // A variable of psql.
        if self.is(at, ":") {
            return self.name(at + 1).map(|name| format!(":{name}"));
        }
        let mut name = self.name(at)?;
        if self.is(at + 1, "@") {
            name.push('@');
            name.push_str(&self.name(at + 2)?);
        }
        Some(name)
    }

    /// Tokens as words, without their quotes.
    fn words(&self, from: usize, to: usize) -> String {
        let mut out = String::new();
        for at in from..to {
            let sign = |at: usize| {
                self.tokens
                    .get(at)
                    .is_some_and(|token| token.kind == TokenKind::Sign)
            };
            if at > from && !sign(at) && !sign(at - 1) {
                out.push(' ');
            }
            out.push_str(&self.name(at).unwrap_or_default());
        }
        out
    }

    fn hit(&self, at: usize, grantee: &str, what: &str, severity: Severity) -> Option<Hit> {
        if BUILT_IN.contains(&grantee.to_ascii_lowercase().as_str()) {
            return None;
        }
        let first = self.tokens.get(at)?;
        let severity = if grantee.eq_ignore_ascii_case("public") {
            Severity::Critical
        } else {
            severity
        };
        Some(
            Hit::new(first.span)
                .about(format!("{grantee}: {what}"))
                .grave(severity)
                .saying(format!("The database role '{grantee}' gets {what}.")),
        )
    }
}
