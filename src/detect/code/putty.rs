//! `putty-key`: a private key in `PuTTY`'s own format, which is lines `Name: value` and
//! base64 after each count of lines.

use std::sync::LazyLock;

use data_encoding::HEXLOWER;
use regex::bytes::Regex;
use sha2::{Digest, Sha256};

use crate::detect::{Cx, Hit, decode};
use crate::document::Span;
use crate::finding::{Confidence, Severity};

/// The longest key: RSA of 16384 bits has about 170 lines of 64 characters in all.
const LONGEST: usize = 16 * 1024;

pub(super) fn private_keys(cx: &Cx<'_, '_>) -> Vec<Hit> {
    static HEAD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?x-u)^PuTTY-User-Key-File-[1-3]:\ (?P<kind>[\w-]{3,40})\r?\n
            Encryption:\ (?P<cipher>[\w-]{3,20})\r?\n",
        )
        .expect("a constant regex")
    });
    static BODY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?-u)\nPrivate-Lines: [0-9]{1,3}\r?\n(?P<secret>(?:[0-9A-Za-z+/=]{1,64}(?:\r?\n|$))+)")
            .expect("a constant regex")
    });
    let bytes = cx.document.bytes();
    let mut hits = Vec::new();
    for keyword in cx.keywords {
        let end = (keyword.start + LONGEST).min(bytes.len());
        let file = Span::new(keyword.start, end).of(bytes);
        let Some(head) = HEAD.captures(file) else {
            continue;
        };
        let Some(body) = BODY.captures(file).and_then(|c| c.name("secret")) else {
            continue;
        };
        let text = String::from_utf8_lossy(body.as_bytes());
        let packed: String = text.split_whitespace().collect();
        let Some(key) = decode::base64(&packed).filter(|key| key.len() >= 32) else {
            continue;
        };
        let part = |name| {
            head.name(name)
                .map(|m| String::from_utf8_lossy(m.as_bytes()).into_owned())
                .unwrap_or_default()
        };
        let digest = Sha256::digest(&key);
        let name = HEXLOWER.encode(digest.get(..6).unwrap_or_default());
        let line = Span::new(keyword.start, keyword.end);
        let mut hit = Hit::new(line).about(format!("private-key:{name}"));
        let secret = body.as_bytes().trim_ascii_end();
        hit.secret = Span::new(
            keyword.start + body.start(),
            keyword.start + body.start() + secret.len(),
        );
        hit.facts.push(("kind".into(), part("kind")));
        let cipher = part("cipher");
        if cipher != "none" {
            hit = hit.grave(Severity::Medium).sure(Confidence::Medium).saying(format!(
                "Encrypted PuTTY private key in the repository ({cipher}): only its passphrase protects it."
            ));
            hit.facts.push(("encryption".into(), cipher));
        }
        hits.push(hit);
    }
    hits
}
