//! Authentication that a flag or a variable switches off.

use std::collections::BTreeSet;

use crate::detect::settings::{self, Setting};
use crate::detect::shell::{self, Command};
use crate::detect::tokens::{Class, Code};
use crate::detect::words::words;
use crate::detect::{Cx, Hit, lines};
use crate::document::{Document, Node, Span};
use crate::finding::{Confidence, Severity};
use crate::kind::{Kind, Kinds};

/// Settings whose name tells it only to who knows the product: the name in lower
/// case without separators, and the value that opens the door.
const KNOWN: &[(&str, &str)] = &[
    ("langflowautologin", "true"),
    ("langflowskipauthautologin", "true"),
    ("webuiauth", "false"),
    ("gfauthanonymousenabled", "true"),
    ("allowanonymouslogin", "true"),
    ("dangerouslyomitauth", "true"),
    ("disablesecurityplugin", "true"),
    ("pluginssecuritydisabled", "true"),
    ("xpacksecurityenabled", "false"),
    ("postgreshostauthmethod", "trust"),
    ("neo4jauth", "none"),
    ("anonymousauth", "true"),
    ("allowanonymous", "true"),
    // MongoDB
    ("authorization", "disabled"),
];

/// Words that switch off what stands beside them.
const OFF: &[&str] = &[
    "disable", "disabled", "skip", "skipped", "bypass", "bypassed", "no", "ignore", "without",
    "omit",
];

/// Words for being authenticated.
const AUTH: &[&str] = &[
    "auth",
    "authn",
    "authz",
    "authentication",
    "authorization",
    "authorisation",
    "mfa",
    "2fa",
    "rbac",
];

/// How the words of [`AUTH`] begin.
const START_OF_AUTH: &[&[u8]] = &[b"aut", b"mfa", b"2fa", b"rba"];

/// Words after [`AUTH`] that keep its meaning; others (`cache`, `tooltip`, `header`)
/// make it a name of something else.
const AFTER: &[&str] = &[
    "check",
    "checks",
    "validation",
    "verification",
    "enforcement",
    "middleware",
];

/// Words before [`AUTH`] that name one method among several: switching that one off
/// may well be the safe choice.
const METHODS: &[&str] = &[
    "basic",
    "ldap",
    "saml",
    "google",
    "github",
    "gitlab",
    "oauth",
    "oauth2",
    "oidc",
    "password",
    "local",
    "kerberos",
    "digest",
    "anonymous",
    "token",
    "proxy",
    "smtp",
    "azure",
    "iam",
    "client",
    "cert",
    "certificate",
    "native",
    "legacy",
    "db",
    "database",
    "key",
    "shared",
    "access",
    "x509",
    "msi",
    "email",
    "phone",
    "sasl",
    "ntlm",
    "jwt",
    "session",
    "cookie",
    "header",
    "web",
    "firebase",
    "aws",
    "gcp",
    "plain",
    "form",
    "social",
    "facebook",
    "apple",
    "npm",
    "git",
    "registry",
    "bearer",
];

/// Whether a name says that authentication is off when it is true, or when false.
fn meaning(name: &str) -> Option<bool> {
    // Every key of every data file is asked for, and few hold such a word.
    let begins = |b: &[u8]| START_OF_AUTH.iter().any(|a| b.eq_ignore_ascii_case(a));
    if !name.as_bytes().windows(3).any(begins) {
        return None;
    }
    let words = words(name);
    let is =
        |index: usize, list: &[&str]| words.get(index).is_some_and(|w| list.contains(&w.as_str()));
    let word = |index: usize| words.get(index).map_or("", String::as_str);
    for (at, own) in words.iter().enumerate() {
        if !AUTH.contains(&own.as_str()) {
            continue;
        }
        let before = at.checked_sub(1);
        if before.is_some_and(|b| is(b, METHODS)) {
            continue;
        }
        let mut end = at + 1;
        if is(end, AFTER) {
            end += 1;
        }
        let last = end == words.len();
        // `DISABLE_AUTH`, `SKIP_AUTH_CHECK`
        if last && before.is_some_and(|b| is(b, OFF)) {
            return Some(true);
        }
        let next_is_last = end + 1 == words.len();
        // `AUTH_DISABLED`, `AUTH_BYPASS`
        if next_is_last
            && is(
                end,
                &["disabled", "disable", "bypass", "bypassed", "skip", "off"],
            )
        {
            return Some(true);
        }
        // `AUTH_ENABLED=false`, `REQUIRE_AUTH=false`
        let on = ["enabled", "enable", "required", "require", "requires"];
        if next_is_last && is(end, &on) {
            return Some(false);
        }
        let before_on = before.is_some_and(|b| matches!(word(b), "enable" | "require" | "enforce"));
        if last && before_on {
            return Some(false);
        }
    }
    None
}

/// Authentication switched off.
pub(super) fn disabled_by_flag(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let document = cx.document;
    if document.is(Kind::Docs) || document.is(Kind::Lockfile) {
        return Vec::new();
    }
    if is_code(document) {
        return early_returns(cx);
    }
    let wanted = |name: &str| known(name).is_some() || meaning(name).is_some();
    let mut hits = Vec::new();
    for setting in settings::settings(document, &wanted) {
        hits.extend(of_setting(document, &setting));
    }
    for command in shell::commands(document) {
        hits.extend(of_command(command));
    }
    hits
}

fn is_code(document: &Document<'_>) -> bool {
    [
        Kind::Python,
        Kind::Javascript,
        Kind::Go,
        Kind::Jvm,
        Kind::Ruby,
        Kind::Php,
        Kind::Dotnet,
        Kind::Rust,
        Kind::Native,
        Kind::Sql,
        Kind::Notebook,
    ]
    .iter()
    .any(|kind| document.is(*kind))
}

fn known(name: &str) -> Option<&'static str> {
    let plain = settings::plain_bytes(name);
    KNOWN
        .iter()
        .find(|(known, _)| plain.clone().eq(known.bytes()))
        .map(|(_, value)| *value)
}

fn of_setting(document: &Document<'_>, setting: &Setting) -> Option<Hit> {
    let off = match known(&setting.name) {
        Some("true") => setting.truth() == Some(true),
        Some("false") => setting.truth() == Some(false),
        Some(value) => setting.value.eq_ignore_ascii_case(value),
        None => setting.truth() == Some(meaning(&setting.name)?),
    };
    let hit = Hit::new(setting.span).about(setting.name.clone());
    // A service that lives as long as a pipeline's job has nothing to protect.
    let throwaway = setting.name == "POSTGRES_HOST_AUTH_METHOD"
        && document.kinds_by_path().meets(Kinds::CI)
        || document.is(Kind::Circleci);
    // Data files have keys of any name; these have settings.
    let configures = !document.is(Kind::Json) && !document.is(Kind::Xml)
        || document.is(Kind::Kubernetes)
        || setting.name.bytes().all(|b| !b.is_ascii_lowercase());
    off.then(|| {
        if throwaway || !configures {
            hit.sure(Confidence::Low)
        } else {
            hit
        }
    })
}

/// Flags of servers that open them.
fn of_command(command: &Command) -> Option<Hit> {
    const FLAGS: &[&str] = &["--noauth", "--skip-grant-tables"];
    const WITH_VALUE: &[(&str, &str)] = &[
        ("--anonymous-auth", "true"),
        ("--authorization-mode", "AlwaysAllow"),
    ];
    if matches!(command.name(), "echo" | "printf" | "grep" | "cat" | "rg") {
        return None;
    }
    for (flag, value) in WITH_VALUE {
        if let Some((word, found)) = command.value_of(&[flag])
            && found == *value
        {
            return Some(Hit::new(word.span).about(format!("{flag}={value}")));
        }
    }
    if command.name() == "code-server"
        && let Some((word, "none")) = command.value_of(&["--auth"])
    {
        return Some(Hit::new(word.span).about("code-server --auth none"));
    }
    let word = command.args().iter().find(|word| {
        let text = word.text();
        let (flag, value) = text.split_once('=').unwrap_or((text, "true"));
        let named = flag.starts_with("--")
            // A bare `--require-auth` switches on.
            && meaning(flag).is_some_and(|off| Node::from(value).truth() == Some(off));
        named || FLAGS.contains(&text)
    })?;
    let flag = word.text().split('=').next().unwrap_or_default().to_owned();
    Some(Hit::new(word.span).about(flag))
}

/// Code that asks for such a variable and then lets through.
fn early_returns(cx: &Cx<'_, '_>) -> Vec<Hit> {
    // `auth` stands in most code; only a variable's name is worth reading tokens for.
    let names: Vec<_> = cx
        .keywords
        .iter()
        .filter(|keyword| may_name_variable(cx.document, **keyword))
        .collect();
    if names.is_empty() {
        return Vec::new();
    }
    let code = Code::new(cx.document);
    let mut hits: Vec<Hit> = Vec::new();
    let mut seen = BTreeSet::new();
    for keyword in names {
        let Some(index) = code.index_at(keyword.start) else {
            continue;
        };
        let span = code.span(index, index);
        if !seen.insert(span) || !reads_variable(&code, index) {
            continue;
        }
        let name = code.word(index);
        if meaning(name) == Some(true) && returns(cx.document, span) {
            hits.push(
                Hit::new(span)
                    .about(name)
                    .sure(Confidence::Medium)
                    .grave(Severity::Medium),
            );
        }
    }
    hits
}

/// Longest name that is looked at.
const LONGEST_NAME: usize = 96;

/// How much of a line's beginning is looked at.
const HEAD: usize = 512;

/// Whether a keyword is part of a name in capitals that says authentication is off.
fn may_name_variable(document: &Document<'_>, keyword: Span) -> bool {
    let bytes = document.bytes();
    let part = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_';
    let before = bytes.get(..keyword.start).unwrap_or_default();
    let after = bytes.get(keyword.end..).unwrap_or_default();
    let name = Span::new(
        keyword.start
            - before
                .iter()
                .rev()
                .take(LONGEST_NAME)
                .take_while(part)
                .count(),
        keyword.end + after.iter().take(LONGEST_NAME).take_while(part).count(),
    );
    let name = name.of(bytes);
    !name.iter().any(u8::is_ascii_lowercase)
        && std::str::from_utf8(name).is_ok_and(|name| meaning(name) == Some(true))
}

/// `os.getenv("X")`, `process.env.X`, `ENV["X"]`, `std::env::var("X")`.
fn reads_variable(code: &Code<'_>, index: usize) -> bool {
    let upper = code.word(index).bytes().all(|b| !b.is_ascii_lowercase());
    let Some(before) = index.checked_sub(1) else {
        return false;
    };
    let (names, _) = code.dotted_before(before);
    let text = code.get(index).is_some_and(|t| t.class == Class::Text);
    let reader = match names.last().copied() {
        Some("getenv" | "Getenv" | "LookupEnv" | "environ" | "var" | "ENV" | "env") => true,
        Some("get") => names.iter().any(|n| matches!(*n, "environ" | "env")),
        _ => false,
    };
    let opened = match code.text(before) {
        "(" | "[" => text,
        "." => names.last() == Some(&"env"),
        _ => false,
    };
    upper && opened && reader
}

/// Whether the line is a condition and what follows goes back to the caller.
fn returns(document: &Document<'_>, span: Span) -> bool {
    let at = document.lines().index_of(span.start);
    let head = |index| {
        let line = lines::nth(document, index);
        let head = Span::new(line.start, line.end.min(line.start + HEAD));
        String::from_utf8_lossy(head.of(document.bytes()))
    };
    let own = String::from_utf8_lossy(lines::near(document, span).of(document.bytes()));
    let condition = head(at)
        .trim_start()
        .trim_start_matches("} else ")
        .starts_with("if");
    let back = |line: &str| {
        line.split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| matches!(word, "return" | "next"))
    };
    condition && (back(&own) || back(&head(at + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_by_words() {
        for (name, expected) in [
            ("AUTH_DISABLED", Some(true)),
            ("DISABLE_AUTH", Some(true)),
            ("skipAuth", Some(true)),
            ("--no-auth", Some(true)),
            ("APP_BYPASS_AUTHENTICATION_CHECK", Some(true)),
            ("AUTH_ENABLED", Some(false)),
            ("require-auth", Some(false)),
            ("SKIP_AUTHORS", None),
            ("NO_AUTHORITY", None),
            ("noauth", None),
            ("DISABLE_BASIC_AUTH", None),
            ("BASIC_AUTH_ENABLED", None),
            ("DISABLE_AUTH_TOOLTIP", None),
            ("DISABLE_AUTH_CACHE", None),
            ("AUTH_ENABLED_METHODS", None),
        ] {
            assert_eq!(meaning(name), expected, "{name}");
        }
    }
}
