//! Google API keys. Those that a web page or an app shows to everyone are told by what
//! stands beside them.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::detect::{Cx, Hit, entropy, plausible};
use crate::document::Span;
use crate::finding::Confidence;

/// Finds the keys.
pub(super) fn api_keys(cx: &Cx<'_, '_>) -> Vec<Hit> {
    static KEY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?-u)\bAIza[0-9A-Za-z_-]{35}(?:[^0-9A-Za-z_-]|$)").expect("a constant regex")
    });
    // The configuration of a Firebase client, a map in a page.
    static SHOWN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)authDomain|messagingSenderId|firebaseapp\.com|firebaseio\.com|mobilesdk_app_id|current_key|GOOGLE_APP_ID|maps/api/js|GCM_SENDER_ID|maps\.googleapis\.com|com\.google\.android\.geo|NEXT_PUBLIC_|VITE_|REACT_APP_")
            .expect("a constant regex")
    });
    let bytes = cx.document.bytes();
    let mut hits = Vec::new();
    for keyword in cx.keywords {
        let window = bytes.get(..(keyword.start + 40).min(bytes.len()));
        let Some(found) = window.and_then(|w| KEY.find_at(w, keyword.start)) else {
            continue;
        };
        let key = Span::new(found.start(), found.start() + 39);
        if key.start != keyword.start
            || plausible::is_filler(key.of(bytes))
            || entropy::shannon(key.of(bytes)) < 3.8
        {
            continue;
        }
        let near = Span::new(
            key.start.saturating_sub(400),
            (key.end + 400).min(bytes.len()),
        );
        let mut hit = Hit::secret(key);
        if SHOWN.is_match(near.of(bytes)) {
            hit.facts.push(("kind".into(), "client".to_owned()));
            hit.confidence = Some(Confidence::Low);
        }
        cx.keep(hit, &mut hits);
    }
    hits
}
