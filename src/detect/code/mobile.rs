//! Secrets in the resources of apps, which everyone unpacks who installs them.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::app_config::ends;
use crate::detect::plausible::name::{Noun, credential};
use crate::detect::plausible::{strength, value};
use crate::detect::slots::{self, is_set};
use crate::detect::{Cx, Hit};
use crate::document::Span;

/// A pair of a property list.
static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?-u)<key>(?P<name>[\w .-]{2,60})</key>\s{0,200}",
        r"<string>(?P<secret>[^<\s]{4,512})</string>",
    ))
    .expect("a constant regex")
});

/// Finds them in property lists and in Android's strings.
pub(super) fn secrets(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let path = cx.document.path();
    if ends(path, &[".plist"]) {
        return property_list(cx);
    }
    if !path.contains("res/values") {
        return Vec::new();
    }
    let mut hits = Vec::new();
    slots::each(cx.document, &mut |slot| {
        if slot.is_below(&["string"]) && is_secret(slot.name, slot.text) {
            cx.keep(Hit::secret(slot.span).about(slot.name), &mut hits);
        }
    });
    hits
}

fn property_list(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for found in PAIR.captures_iter(cx.document.bytes()) {
        let (Some(name), Some(secret)) = (found.name("name"), found.name("secret")) else {
            continue;
        };
        let text = |m: regex::bytes::Match<'_>| String::from_utf8_lossy(m.as_bytes()).into_owned();
        let (name, value) = (text(name), text(secret));
        if is_secret(&name, &value) {
            let hit = Hit::secret(Span::new(secret.start(), secret.end())).about(name);
            cx.keep(hit, &mut hits);
        }
    }
    hits
}

/// A text on a screen may be named after a password: only a generated one is taken.
fn is_secret(name: &str, text: &str) -> bool {
    // Facebook gives apps a token that is meant to be in them.
    if crate::detect::settings::plain(name).ends_with("clienttoken") {
        return false;
    }
    match credential(name) {
        Some(Noun::Password) => strength::is_strong_password(text),
        Some(noun) => is_set(noun, text, "") && value::is_random(text),
        None => false,
    }
}
