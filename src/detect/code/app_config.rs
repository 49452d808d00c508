//! Passwords in the configuration files that frameworks and servers read: each knows its
//! files by name, and which settings of them are logins.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::detect::plausible::name::{Noun, credential};
use crate::detect::plausible::value;
use crate::detect::slots::{self, Slot, setting};
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::Confidence;

/// The file's name in lower case.
pub(super) fn file_name(cx: &Cx<'_, '_>) -> String {
    let path = cx.document.path();
    path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase()
}

/// Whether the name ends with one of these.
pub(super) fn ends(name: &str, ends: &[&str]) -> bool {
    ends.iter().any(|end| name.ends_with(end))
}

/// Spring, Quarkus and Micronaut, the application servers, and the tools of databases.
pub(super) fn java(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let name = file_name(cx);
    let spring = (name.starts_with("application") || name.starts_with("bootstrap"))
        && ends(&name, &[".yml", ".yaml", ".properties"]);
    let server = [
        "tomcat-users.xml",
        "context.xml",
        "server.xml",
        "hibernate.cfg.xml",
        "hibernate.properties",
        "persistence.xml",
        "standalone.xml",
        "domain.xml",
        "jdbc.properties",
        "db.properties",
        "database.properties",
        "datasource.properties",
        "druid.properties",
        "c3p0.properties",
        "liquibase.properties",
        "flyway.properties",
        "flyway.conf",
        "kettle.properties",
        "mybatis-config.xml",
        "quartz.properties",
        "log4j.properties",
        "catalina.properties",
        "connect-distributed.properties",
    ]
    .contains(&name.as_str())
        || ends(&name, &["-ds.xml"]);
    if !spring && !server {
        return Vec::new();
    }
    slots::find(cx, &setting_of)
}

/// What a setting's name promises, unless it is about how logins are made.
fn setting_of(slot: &Slot<'_, '_>) -> Option<Noun> {
    setting(slot.name).filter(|_| !slot.is_below(&["message", "messages", "errors"]))
}

/// Rails: `database.yml`, `secrets.yml` and their like.
pub(super) fn rails(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let name = file_name(cx);
    let known = [
        "database.yml",
        "secrets.yml",
        "mongoid.yml",
        "cable.yml",
        "storage.yml",
        "redis.yml",
        "sidekiq.yml",
        "sunspot.yml",
        "application.yml",
        "smtp_settings.yml",
        "email.yml",
        "ldap.yml",
        "omniauth.yml",
        "settings.yml",
        "local_env.yml",
        "shards.yml",
    ];
    // `application.yml` is Spring's too; its page knows that one.
    if !known.contains(&name.as_str()) || name == "application.yml" {
        return Vec::new();
    }
    slots::find(cx, &|slot| {
        let noun = setting_of(slot)?;
        // What every developer has alike opens nothing.
        let local = slot.is_below(&["test", "development"]);
        (!local).then_some(noun)
    })
}

/// The charts' values.
pub(super) fn helm(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let name = file_name(cx);
    if !name.starts_with("values") && !ends(&name, &["values.yaml", "values.yml"]) {
        return Vec::new();
    }
    slots::find(cx, &|slot| {
        let reference = slot.is_below(&["secretKeyRef", "existingSecret", "secretRef", "keys"]);
        setting(slot.name).filter(|_| !reference)
    })
}

/// Connections that Airflow imports: an object with `conn_type`.
pub(super) fn airflow(cx: &Cx<'_, '_>) -> Vec<Hit> {
    slots::find(cx, &|slot| {
        let connection = !slot.beside(&["conn_type"]).is_empty();
        (connection && slot.name == "password").then_some(Noun::Password)
    })
}

/// .NET: `appsettings.json`, `web.config` and what deploys them.
pub(super) fn dotnet(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let name = file_name(cx);
    let known = name.starts_with("appsettings") && ends(&name, &[".json"])
        || ["local.settings.json", "secrets.json"].contains(&name.as_str())
        || ends(
            &name,
            &[".config", ".pubxml", ".pubxml.user", ".csproj.user"],
        ) && name != "nuget.config";
    if !known {
        return Vec::new();
    }
    let mut hits = slots::find(cx, &|slot| {
        let parent = slot.parent().to_ascii_lowercase();
        let signing = ["jwt", "token", "auth", "signing", "encrypt", "crypt"]
            .iter()
            .any(|word| parent.contains(word));
        if signing
            && ["key", "secret"]
                .iter()
                .any(|w| slot.name.eq_ignore_ascii_case(w))
        {
            return Some(Noun::Key);
        }
        if matches!(slot.name, "validationKey" | "decryptionKey") {
            return Some(Noun::Key);
        }
        let state = slot.is_below(&["assemblyIdentity", "bindingRedirect", "publicKeyToken"]);
        setting_of(slot).filter(|_| !state)
    });
    // `secrets.json` and profiles of other tools have the same name by chance.
    if name == "secrets.json" {
        for hit in &mut hits {
            hit.confidence = Some(Confidence::Medium);
        }
    }
    hits
}

/// `NAME = '…'` and `'NAME': '…'`, with what an environment variable falls back to.
static PYTHON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?m-u)^[ \t]*["']?(?P<name>[A-Za-z_][A-Za-z0-9_]{1,60})["']?[ \t]*[=:][ \t]*"#,
        r#"(?:[\w.]{2,30}\([ \t]*["'][\w.-]{1,60}["'][ \t]*,[ \t]*(?:default[ \t]*=[ \t]*)?)?"#,
        r#"[rub]?(?:"(?P<a>[^"\r\n]{4,200})"|'(?P<b>[^'\r\n]{4,200})')"#,
    ))
    .expect("a constant regex")
});

/// Django's settings.
pub(super) fn django(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let name = file_name(cx);
    let folder = cx.document.path().rsplit('/').nth(1).unwrap_or_default();
    let known = ends(&name, &["settings.py"])
        || name.starts_with("settings") && ends(&name, &[".py"])
        || folder == "settings" && ends(&name, &[".py"]);
    if !known || !is_django(cx.document.bytes()) {
        return Vec::new();
    }
    literals(cx, &PYTHON, &|name, text| {
        if name == "SECRET_KEY" {
            // Django's own generator draws from signs too, and old ones had no prefix.
            return text.len() >= 20 && is_generated(text);
        }
        credential(name).is_some_and(|noun| slots::is_set(noun, text, ""))
    })
}

/// Whether the settings are Django's: other programs have files of that name.
fn is_django(bytes: &[u8]) -> bool {
    const SIGNS: &[&[u8]] = &[
        b"django",
        b"SECRET_KEY",
        b"DATABASES",
        b"INSTALLED_APPS",
        b"EMAIL_HOST",
        b"from .base import",
        b"from .common import",
        b"from .settings import",
    ];
    SIGNS
        .iter()
        .any(|sign| memchr::memmem::find(bytes, sign).is_some())
}

/// `define('NAME', '…')`, `'name' => '…'`, `$name = '…'`, `$a['name'] = '…'`, and the
/// default of `env('NAME', '…')`.
static PHP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?m-u)(?:\bdefine[ \t]*\([ \t]*["']|["']|\$)(?P<name>[A-Za-z_][A-Za-z0-9_]{2,60})"#,
        r#"["']?\]?[ \t]*(?:,|=>|=)[ \t]*"#,
        r#"(?:env\([ \t]*["']\w{1,60}["'][ \t]*,[ \t]*)?"#,
        r#"(?:"(?P<a>[^"\r\n]{4,200})"|'(?P<b>[^'\r\n]{4,200})')[ \t]*[;,)\]]"#,
    ))
    .expect("a constant regex")
});

/// `WordPress`, Joomla, Drupal, Laravel, `MediaWiki` and programs of one's own.
pub(super) fn php(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let name = file_name(cx);
    let folder = cx.document.path().rsplit('/').nth(1).unwrap_or_default();
    let known = name.starts_with("wp-config")
        || matches!(folder, "config" | "conf")
        || [
            "config",
            "configuration",
            "settings",
            "localsettings",
            "database",
            "db",
            "conn",
            "connect",
            "connection",
            "dbconfig",
            "dbconnect",
            "db_config",
            "db_connect",
            "parameters",
        ]
        .iter()
        .any(|stem| {
            name.strip_suffix(".php")
                .is_some_and(|n| n == *stem || n.ends_with(&format!(".{stem}")))
        });
    if !known || !name.contains(".php") {
        return Vec::new();
    }
    literals(cx, &PHP, &|name, text| {
        if is_salt(name) {
            return text.len() >= 32 && is_generated(text) && !text.contains("unique phrase");
        }
        setting(name).is_some_and(|noun| slots::is_set(noun, text, ""))
    })
}

/// The keys and salts by which `WordPress` signs its cookies.
fn is_salt(name: &str) -> bool {
    ["AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE"]
        .iter()
        .any(|start| {
            name.strip_prefix(start)
                .is_some_and(|end| matches!(end, "_KEY" | "_SALT"))
        })
}

/// Whether a generator made this, from letters, digits and signs, blanks among them.
fn is_generated(text: &str) -> bool {
    let kinds = [
        text.bytes().any(|b| b.is_ascii_digit()),
        text.bytes().any(|b| b.is_ascii_lowercase()),
        text.bytes().any(|b| b.is_ascii_uppercase()),
        text.bytes().any(|b| b.is_ascii_punctuation()),
    ];
    let random = text.strip_prefix("django-insecure-").unwrap_or(text);
    kinds.iter().filter(|has| **has).count() >= 2
        && crate::detect::entropy::shannon(random.as_bytes()) >= 3.5
        && !value::is_wordy(random)
        && !holds_reference(random)
}

/// Whether the value is put together elsewhere. Signs by themselves are part of a salt.
fn holds_reference(text: &str) -> bool {
    [
        "${", "{{", "}}", "<%", "getenv", "environ", "example", "change",
    ]
    .iter()
    .any(|mark| text.contains(mark))
}

/// The literals of a program that `wants` takes for set, subjects being their names.
fn literals(cx: &Cx<'_, '_>, regex: &Regex, wants: &dyn Fn(&str, &str) -> bool) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    let mut hits = Vec::new();
    for found in regex.captures_iter(bytes) {
        let Some(secret) = found.name("a").or_else(|| found.name("b")) else {
            continue;
        };
        let name = found.name("name").map_or(&b""[..], |m| m.as_bytes());
        let (Ok(name), Ok(text)) = (
            std::str::from_utf8(name),
            std::str::from_utf8(secret.as_bytes()),
        ) else {
            continue;
        };
        if wants(name, text) {
            let hit = Hit::secret(Span::new(secret.start(), secret.end())).about(name);
            cx.keep(hit, &mut hits);
        }
    }
    hits
}
