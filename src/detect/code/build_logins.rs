//! Logins in what builds and ships: Maven's settings, Gradle's properties and scripts,
//! Jenkins' stores, Windows' answer files.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::app_config::{ends, file_name};
use crate::detect::plausible::name::{Noun, credential};
use crate::detect::plausible::value;
use crate::detect::slots::{self, is_login};
use crate::detect::{Cx, Hit, decode};
use crate::document::Span;
use crate::finding::Confidence;

/// The servers and proxies of Maven's settings. What is in braces is encrypted.
pub(super) fn maven(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let name = file_name(cx);
    if !name.ends_with("settings.xml") {
        return Vec::new();
    }
    let mut hits = Vec::new();
    slots::each(cx.document, &mut |slot| {
        let login =
            slot.is_below(&["server", "proxy"]) && matches!(slot.name, "password" | "passphrase");
        let property =
            slot.is_below(&["properties"]) && credential(slot.name) == Some(Noun::Password);
        let good = login && is_login(slot.text, slot.user())
            || property && slots::is_set(Noun::Password, slot.text, "");
        if good {
            let id = slot.beside(&["id"]);
            let about = if id.is_empty() {
                slot.path()
            } else {
                format!("server {id}")
            };
            cx.keep(Hit::secret(slot.span).about(about), &mut hits);
        }
    });
    hits
}

/// `storePassword "…"`, `keyPassword = '…'`, and the password beside a repository's user.
static SCRIPT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?m-u)^[ \t]*(?:it\.|this\.)?(?P<key>storePassword|keyPassword|keystorePassword|password)"#,
        r#"(?:[ \t]*=[ \t]*|[ \t]+|[ \t]*\([ \t]*)(?:"(?P<a>[^"\r\n]{3,128})"|'(?P<b>[^'\r\n]{3,128})')"#,
        r#"[ \t]*\)?[ \t]*(?:;|//[^\r\n]*)?\r?$"#,
    ))
    .expect("a constant regex")
});

/// What Android apps are signed with, and what packages are published with.
pub(super) fn gradle(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let name = file_name(cx);
    if ends(&name, &[".gradle"]) || ends(&name, &[".gradle.kts"]) {
        return gradle_script(cx);
    }
    let known = [
        "gradle.properties",
        "key.properties",
        "keystore.properties",
        "signing.properties",
        "local.properties",
        "release.properties",
        "keystore.config",
        "publish.properties",
    ];
    if !known.contains(&name.as_str()) {
        return Vec::new();
    }
    let mut hits = Vec::new();
    slots::each(cx.document, &mut |slot| {
        let noun = slots::setting(slot.name);
        let good = match noun {
            Some(Noun::Password) => is_login(slot.text, ""),
            Some(noun) => slots::is_set(noun, slot.text, ""),
            None => false,
        };
        if good && !value::has_shape(slot.text) && !slot.name.contains("nalytics") {
            cx.keep(Hit::secret(slot.span).about(slot.name), &mut hits);
        }
    });
    hits
}

fn gradle_script(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    let mut hits = Vec::new();
    for found in SCRIPT.captures_iter(bytes) {
        let Some(secret) = found.name("a").or_else(|| found.name("b")) else {
            continue;
        };
        let key = found.name("key").map_or(&b""[..], |m| m.as_bytes());
        let text = std::str::from_utf8(secret.as_bytes()).unwrap_or_default();
        // Every Android SDK makes its debug key with this.
        if text == "android" || !is_login(text, "") || text.contains('$') {
            continue;
        }
        let hit = Hit::secret(Span::new(secret.start(), secret.end()))
            .about(String::from_utf8_lossy(key));
        cx.keep(hit, &mut hits);
    }
    hits
}

/// Jenkins' stores of credentials. What is encrypted is as good as the master key beside
/// it, and low.
pub(super) fn jenkins(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let name = file_name(cx);
    let store = name.starts_with("credentials") || cx.document.path().contains("jenkins");
    if !store && memchr::memmem::find(cx.document.bytes(), b"{AQAA").is_none() {
        return Vec::new();
    }
    let mut hits = Vec::new();
    slots::each(cx.document, &mut |slot| {
        let secret = matches!(
            slot.name,
            "password"
                | "passphrase"
                | "secret"
                | "apiToken"
                | "privateKey"
                | "secretBytes"
                | "accessKey"
                | "secretKey"
                | "token"
                | "bindPassword"
                | "managerPasswordSecret"
        );
        if !secret {
            return;
        }
        let sealed = slot.text.starts_with("{AQAA");
        let hit = Hit::secret(slot.span).about(slot.path());
        if sealed {
            cx.keep(hit.sure(Confidence::Low), &mut hits);
        } else if store && is_login(slot.text, slot.user()) && !value::has_shape(slot.text) {
            cx.keep(hit, &mut hits);
        }
    });
    hits
}

/// Passwords that Windows is set up with: answer files, and group policy preferences,
/// whose key Microsoft published.
pub(super) fn windows(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    slots::each(cx.document, &mut |slot| {
        if slot.name == "cpassword" {
            let decoded = decode::base64(slot.text).map_or(0, |bytes| bytes.len());
            if decoded >= 16 && decoded.is_multiple_of(16) {
                let user = slot.beside(&["userName", "accountName", "runAs"]);
                let about = if user.is_empty() {
                    "group policy"
                } else {
                    user
                };
                cx.keep(Hit::secret(slot.span).about(about), &mut hits);
            }
            return;
        }
        let parent = slot.parent();
        let password = slot.name == "Value" && parent.ends_with("Password");
        let login = slot.name == "Password" && slot.is_below(&["Credentials"]);
        if !password && !login {
            return;
        }
        // In the other form the name of the field is appended to it, in UTF-16.
        let coded = slot.beside(&["PlainText"]).eq_ignore_ascii_case("false");
        let set = if coded {
            decode::base64(slot.text).is_some_and(|bytes| bytes.len() > parent.len() * 2)
        } else {
            is_login(slot.text, "")
        };
        if set {
            cx.keep(Hit::secret(slot.span).about(slot.path()), &mut hits);
        }
    });
    hits
}
