//! Files in which a client keeps its login: whatever stands at the password's place in one
//! is a password, a plain word too.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::app_config::{ends, file_name};
use crate::detect::plausible::name::Noun;
use crate::detect::plausible::value;
use crate::detect::slots::{self, Slot, is_login, setting};
use crate::detect::{Cx, Hit, decode, lines};
use crate::document::Span;

/// The logins that `wants` points at.
fn logins(cx: &Cx<'_, '_>, wants: &dyn Fn(&Slot<'_, '_>) -> bool) -> Vec<Hit> {
    let mut hits = Vec::new();
    slots::each(cx.document, &mut |slot| {
        if wants(slot) && is_login(slot.text, slot.user()) {
            cx.keep(Hit::secret(slot.span).about(subject(slot)), &mut hits);
        }
    });
    hits
}

/// The host and the user of a login, else the way to it.
fn subject(slot: &Slot<'_, '_>) -> String {
    let host = slot.beside(&[
        "host",
        "hostname",
        "server",
        "machine",
        "account",
        "accountname",
    ]);
    match (host, slot.user()) {
        ("", _) => slot.path(),
        (host, "") => host.to_owned(),
        (host, user) => format!("{user}@{host}"),
    }
}

/// Each line of the document with where it begins, without those that are comments.
fn each_line(cx: &Cx<'_, '_>, visit: &mut dyn FnMut(&str, usize)) {
    for line in lines::all(cx.document) {
        let text = std::str::from_utf8(line.of(cx.document.bytes())).unwrap_or_default();
        if !text.trim().is_empty() && !text.trim_start().starts_with(['#', ';']) {
            visit(text, line.start);
        }
    }
}

/// Keeps the login whose password is `secret`, a part of `line`.
fn keep(cx: &Cx<'_, '_>, line: (&str, usize), secret: &str, about: String, hits: &mut Vec<Hit>) {
    let (text, start) = line;
    if secret.is_empty() {
        return;
    }
    // The same text may stand elsewhere on the line, so it isn't sought.
    let at = secret.as_ptr().addr().checked_sub(text.as_ptr().addr());
    if let Some(at) = at.filter(|at| text.get(*at..*at + secret.len()) == Some(secret)) {
        let span = Span::new(start + at, start + at + secret.len());
        cx.keep(Hit::secret(span).about(about), hits);
    }
}

/// Logins to databases: `.pgpass`, `.my.cnf`, `pg_service.conf`, `odbc.ini`, snowsql, dbt,
/// `PgBouncer`.
pub(super) fn database(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let name = file_name(cx);
    match name.as_str() {
        ".pgpass" | "pgpass" | "pgpass.conf" => pgpass(cx),
        "userlist.txt" => pgbouncer(cx),
        "profiles.yml" => logins(cx, &|slot| {
            !slot.beside(&["type"]).is_empty() && setting(slot.name).is_some()
        }),
        _ => logins(cx, &|slot| {
            setting(slot.name).is_some() || slot.name.eq_ignore_ascii_case("pwd")
        }),
    }
}

/// `host:port:database:user:password`, where a backslash keeps a colon from parting.
fn pgpass(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    each_line(cx, &mut |text, start| {
        let mut escaped = false;
        let mut parts = text.splitn(5, |c: char| {
            let parts = c == ':' && !escaped;
            escaped = c == '\\' && !escaped;
            parts
        });
        let (host, port) = (parts.next(), parts.next());
        let (Some(base), Some(user), Some(secret)) = (parts.next(), parts.next(), parts.next())
        else {
            return;
        };
        let port = port.is_some_and(|p| p == "*" || p.bytes().all(|b| b.is_ascii_digit()));
        if port && is_login(secret.trim_end(), user) {
            let about = format!("{user}@{}/{base}", host.unwrap_or_default());
            keep(cx, (text, start), secret.trim_end(), about, &mut hits);
        }
    });
    hits
}

/// `"user" "password"`; hashes are the other form.
fn pgbouncer(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    each_line(cx, &mut |text, start| {
        let mut parts = text.split('"');
        let (user, secret) = (parts.nth(1), parts.nth(1));
        if let (Some(user), Some(secret)) = (user, secret)
            && !secret.starts_with("md5")
            && !secret.starts_with("SCRAM-")
            && is_login(secret, user)
        {
            keep(cx, (text, start), secret, user.to_owned(), &mut hits);
        }
    });
    hits
}

/// Logins by which files are moved: `FileZilla`, editors' upload settings, s3cmd, rclone,
/// boto.
pub(super) fn transfer(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let name = file_name(cx);
    if ends(&name, &[".xml"]) {
        return filezilla(cx);
    }
    logins(cx, &|slot| {
        let named = setting(slot.name).is_some()
            || matches!(
                slot.name,
                "secret_key" | "gs_oauth2_refresh_token" | "sas_url"
            );
        named && !slot.is_key_id()
    })
}

/// `<Pass encoding="base64">` below a server.
fn filezilla(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    slots::each(cx.document, &mut |slot| {
        if slot.name != "Pass" {
            return;
        }
        let encoding = slot.beside(&["encoding"]);
        let decoded = (encoding == "base64")
            .then(|| decode::base64(slot.text))
            .flatten()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let text = decoded.as_deref().unwrap_or(slot.text);
        if encoding != "crypt" && is_login(text, "") {
            cx.keep(Hit::secret(slot.span).about(slot.path()), &mut hits);
        }
    });
    hits
}

/// Logins of command-line tools.
pub(super) fn cli(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let name = file_name(cx);
    match name.as_str() {
        ".git-credentials" | "git-credentials" => return git_credentials(cx),
        ".vault-token" => return whole(cx, "vault", 20),
        _ => {}
    }
    let mut hits = Vec::new();
    slots::each(cx.document, &mut |slot| {
        let Some(noun) = tool_setting(&name, slot) else {
            return;
        };
        let bare = ["bearer ", "Bearer ", "token "]
            .iter()
            .find_map(|scheme| slot.text.strip_prefix(scheme))
            .unwrap_or(slot.text);
        // `user:password` in one.
        let (user, secret) = match noun {
            Noun::Password => bare.split_once(':').unwrap_or((slot.user(), bare)),
            _ => ("", bare),
        };
        let set = is_login(secret, user)
            && (noun == Noun::Password || secret.len() >= 8 && !value::is_wordy(secret));
        if set && !value::has_shape(secret) {
            cx.keep(
                Hit::secret(slot.ending(secret)).about(subject(slot)),
                &mut hits,
            );
        }
    });
    hits
}

/// What a setting of a tool holds, by the tool's file.
fn tool_setting(file: &str, slot: &Slot<'_, '_>) -> Option<Noun> {
    match file {
        // A key by the name of its host.
        "credentials" if slot.name.starts_with(':') => return Some(Noun::Key),
        "config" if slot.name.starts_with("BUNDLE_") && slot.text.contains(':') => {
            return Some(Noun::Password);
        }
        "kaggle.json" if slot.name == "key" => return Some(Noun::Key),
        // Composer's; other programs have a file of that name.
        "auth.json" => {
            let login = slot.is_below(&["http-basic"]) && slot.name == "password";
            let token = slot.is_below(&["github-oauth", "gitlab-token", "gitlab-oauth", "bearer"])
                || slot.is_below(&["bitbucket-oauth"]) && slot.name == "consumer-secret";
            return match (login, token) {
                (true, _) => Some(Noun::Password),
                (_, true) => Some(Noun::Key),
                _ => None,
            };
        }
        _ => {}
    }
    if slot.name == "npmAuthIdent" {
        return Some(Noun::Password);
    }
    let key = slot.name.to_ascii_lowercase();
    let token = key.ends_with("token") || key == "authtoken";
    setting(slot.name).or(token.then_some(Noun::Key))
}

/// `https://user:password@host`, one a line.
fn git_credentials(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    each_line(cx, &mut |text, start| {
        let login = text
            .trim_end()
            .split_once("://")
            .and_then(|(_, rest)| rest.rsplit_once('@'))
            .and_then(|(login, host)| Some((login.split_once(':')?, host)));
        if let Some(((user, secret), host)) = login
            && is_login(secret, user)
        {
            keep(
                cx,
                (text, start),
                secret,
                format!("{user}@{host}"),
                &mut hits,
            );
        }
    });
    hits
}

/// A file that is nothing but a credential.
fn whole(cx: &Cx<'_, '_>, about: &str, least: usize) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let body = text.trim();
    if body.len() < least || !is_login(body, "") || value::is_wordy(body) {
        return Vec::new();
    }
    let start = text.len() - text.trim_start().len();
    vec![Hit::secret(Span::new(start, start + body.len())).about(about)]
}

/// Logins to networks and mail: Wi-Fi, VPN, PPP, shares, relays.
pub(super) fn network(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let name = file_name(cx);
    if name.ends_with("-secrets") || ends(&name, &[".secrets"]) {
        return secrets_table(cx);
    }
    if name.starts_with("sasl_passwd") {
        return relay(cx);
    }
    if ends(&name, &[".ovpn"]) {
        return inline_login(cx);
    }
    if ends(&name, &[".txt"]) {
        return two_lines(cx);
    }
    let mut hits = Vec::new();
    each_line(cx, &mut |text, start| {
        let Some(found) = SETTING.captures(text.as_bytes()) else {
            return;
        };
        let Some(secret) = found.name("secret") else {
            return;
        };
        let secret = std::str::from_utf8(secret.as_bytes()).unwrap_or_default();
        let key = found.name("key").map_or(&b""[..], |m| m.as_bytes());
        let hash = key == b"psk" && secret.len() == 64;
        if is_login(secret, "") && (hash || secret.len() < 64) {
            let about = String::from_utf8_lossy(key).into_owned();
            keep(cx, (text, start), secret, about, &mut hits);
        }
    });
    hits
}

/// A password in the settings of a client of networks or mail.
static SETTING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"^(?i-u)[ \t]*(?:set[ \t]+)?(?P<key>psk|sae_password|wpa_passphrase|wep_key[0-3]|password"#,
        r#"|pass|passwd|remotepass|imap_pass|smtp_pass)[ \t]*[= \t][ \t]*["']?(?P<secret>[^\s"']+)"#,
    ))
    .expect("a constant regex")
});

/// `client server secret addresses` of PPP, and `… : PSK "secret"` of `IPsec`.
fn secrets_table(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let ipsec = ends(&file_name(cx), &[".secrets"]);
    let mut hits = Vec::new();
    each_line(cx, &mut |text, start| {
        let (who, secret) = if ipsec {
            let Some((who, rest)) = text.split_once(':') else {
                return;
            };
            let mut words = rest.split_whitespace();
            let kind = words.next().unwrap_or_default();
            if !matches!(kind, "PSK" | "EAP" | "XAUTH" | "NTLM") {
                return;
            }
            (who.trim(), words.next().unwrap_or_default())
        } else {
            let mut words = text.split_whitespace();
            let who = words.next().unwrap_or_default();
            (who, words.nth(1).unwrap_or_default())
        };
        let secret = secret.trim_matches('"');
        if is_login(secret, who) {
            keep(cx, (text, start), secret, who.to_owned(), &mut hits);
        }
    });
    hits
}

/// `[host]:port user:password` of Postfix.
fn relay(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    each_line(cx, &mut |text, start| {
        let mut words = text.split_whitespace();
        let host = words.next().unwrap_or_default();
        if let Some((user, secret)) = words.next().and_then(|login| login.split_once(':'))
            && is_login(secret, user)
        {
            keep(
                cx,
                (text, start),
                secret,
                format!("{user} at {host}"),
                &mut hits,
            );
        }
    });
    hits
}

/// The login between `<auth-user-pass>` tags.
fn inline_login(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut user: Option<String> = None;
    let mut inside = false;
    each_line(cx, &mut |text, start| match text.trim() {
        "<auth-user-pass>" => inside = true,
        "</auth-user-pass>" => (inside, user) = (false, None),
        line if inside => match user.take() {
            None => user = Some(line.to_owned()),
            Some(name) if is_login(line, &name) => keep(cx, (text, start), line, name, &mut hits),
            Some(_) => {}
        },
        _ => {}
    });
    hits
}

/// The file of `--auth-user-pass`: a user, a password, nothing else.
fn two_lines(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut all = Vec::new();
    each_line(cx, &mut |text, start| {
        if all.len() < 3 {
            all.push((text.to_owned(), start));
        }
    });
    let mut hits = Vec::new();
    if let [(user, _), (secret, start)] = all.as_slice()
        && !user.trim().contains(char::is_whitespace)
        && is_login(secret.trim(), user.trim())
    {
        keep(
            cx,
            (secret, *start),
            secret.trim(),
            user.trim().to_owned(),
            &mut hits,
        );
    }
    hits
}
