//! Files that are keys: stores of them, told by their first bytes, and the one key by
//! which everything else is encrypted, told by its place.

use super::app_config::{ends, file_name};
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::{Confidence, Severity};

/// Most entries of a store that are looked through.
const MOST: u32 = 10_000;

/// Finds stores with private keys in them.
pub(super) fn stores(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    let name = file_name(cx);
    let Some(store) = Store::of(bytes, cx.document.path()) else {
        return Vec::new();
    };
    // What is secret is not shown, and the rest of a binary file says nothing.
    let mut hit = Hit::secret(Span::new(0, bytes.len())).about(match &store {
        Store::Keytab(principal) if !principal.is_empty() => principal.clone(),
        _ => name.clone(),
    });
    hit.span = Span::new(0, bytes.len().min(4));
    hit.facts.push(("kind".into(), store.kind().to_owned()));
    hit.detail = Some(store.kind().to_owned());
    let debug = name.starts_with("debug.");
    hit = match store {
        // The key is as safe as its password; every Android SDK has the same for `debug`.
        Store::Jks | Store::Pkcs12 if debug => hit.sure(Confidence::Low),
        Store::Sealed | Store::Passwords => hit.sure(Confidence::Low),
        Store::Keytab(_) | Store::Plain | Store::Vnc => hit.grave(Severity::High),
        Store::Jks | Store::Pkcs12 => hit,
    };
    vec![hit]
}

/// A file of keys.
enum Store {
    /// Java's, with a private or secret key among its entries.
    Jks,
    /// PKCS#12 with a key bag to be seen.
    Pkcs12,
    /// PKCS#12 that is encrypted as a whole: it may hold certificates only.
    Sealed,
    /// An unencrypted private key in DER.
    Plain,
    /// Kerberos', with the principal of its first entry.
    Keytab(String),
    /// VNC's, enciphered with a key that everyone knows.
    Vnc,
    /// A `KeePass` database.
    Passwords,
}

impl Store {
    fn of(bytes: &[u8], path: &str) -> Option<Self> {
        match bytes {
            [0xFE, 0xED, 0xFE, 0xED, ..] | [0xCE, 0xCE, 0xCE, 0xCE, ..] => {
                java_key(bytes).then_some(Self::Jks)
            }
            [0x05, 0x02, 0x00, 0x00, ..] => keytab(bytes).map(Self::Keytab),
            [0x03, 0xD9, 0xA2, 0x9A, 0x67, 0xFB, 0x4B, 0xB5, ..] => Some(Self::Passwords),
            [0x30, 0x82, _, _, 0x02, 0x01, 0x03, 0x30, ..] => {
                /// The OIDs of key bags, with and without a password.
                const SHROUDED: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x0C\x0A\x01\x02";
                const BARE: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x0C\x0A\x01\x01";
                let has = |oid| memchr::memmem::find(bytes, oid).is_some();
                Some(if has(SHROUDED) || has(BARE) {
                    Self::Pkcs12
                } else {
                    Self::Sealed
                })
            }
            // PKCS#8 and PKCS#1: a version of zero, then an algorithm or a modulus.
            [0x30, 0x82, _, _, 0x02, 0x01, 0x00, 0x30 | 0x02, ..] if bytes.len() > 256 => {
                Some(Self::Plain)
            }
            _ if ends(path, &[".vnc/passwd"]) && matches!(bytes.len(), 8..=17) => Some(Self::Vnc),
            _ => None,
        }
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Jks => "Java keystore",
            Self::Pkcs12 | Self::Sealed => "PKCS#12 bundle",
            Self::Plain => "private key in DER",
            Self::Keytab(_) => "Kerberos keytab",
            Self::Vnc => "VNC password",
            Self::Passwords => "KeePass database",
        }
    }
}

/// Reads big-endian fields.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn u16(&mut self) -> Option<usize> {
        let field: [u8; 2] = self.take(2)?.try_into().ok()?;
        Some(u16::from_be_bytes(field).into())
    }

    fn u32(&mut self) -> Option<u32> {
        let field: [u8; 4] = self.take(4)?.try_into().ok()?;
        Some(u32::from_be_bytes(field))
    }

    /// A field with its length before it.
    fn short(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.take(length)
    }
}

/// Whether an entry of a Java keystore is a key and not a certificate that is trusted.
fn java_key(bytes: &[u8]) -> bool {
    let entry = |fields: &mut Fields<'_>| -> Option<bool> {
        if fields.u32()? != 2 {
            return Some(true);
        }
        // Alias, date, and a certificate: its type and its bytes.
        fields.short()?;
        fields.take(8)?;
        fields.short()?;
        let length = usize::try_from(fields.u32()?).ok()?;
        fields.take(length)?;
        Some(false)
    };
    let mut fields = Fields(bytes);
    let count = fields
        .take(8)
        .and_then(|_| fields.u32())
        .unwrap_or_default();
    (0..count.min(MOST))
        .map_while(|_| entry(&mut fields))
        .any(|key| key)
}

/// The principal of a keytab's first entry.
fn keytab(bytes: &[u8]) -> Option<String> {
    let mut fields = Fields(bytes);
    fields.take(2)?;
    let length = usize::try_from(fields.u32()?).ok()?;
    let mut entry = Fields(fields.take(length)?);
    let parts = entry.u16()?.min(8);
    let realm = String::from_utf8_lossy(entry.short()?).into_owned();
    let mut names = Vec::new();
    for _ in 0..parts {
        names.push(String::from_utf8_lossy(entry.short()?).into_owned());
    }
    Some(format!("{}@{realm}", names.join("/")))
}

/// Finds the keys that other secrets of the repository are encrypted with.
pub(super) fn masters(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    let path = cx.document.path();
    if bytes.starts_with(b"\0GITCRYPTKEY") {
        let mut hit = Hit::secret(Span::new(0, bytes.len())).about("git-crypt");
        hit.span = Span::new(0, 12);
        return vec![hit];
    }
    let body = bytes.trim_ascii();
    let start = bytes.len() - bytes.trim_ascii_start().len();
    let span = Span::new(start, start + body.len());
    let hex =
        |lengths: &[usize]| lengths.contains(&body.len()) && body.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(body).unwrap_or_default();
    let about = if path.ends_with("secrets/master.key") && hex(&[256]) {
        "Jenkins"
    } else if ends(path, &[".key"]) && hex(&[32, 64]) && !path.contains("secrets/") {
        "Rails credentials"
    } else if file_name(cx).contains("vault")
        && text.len() >= 6
        && crate::detect::slots::is_login(text, "")
    {
        "Ansible vault"
    } else {
        return Vec::new();
    };
    vec![Hit::secret(span).about(about)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Engine, Scratch};
    use crate::document::Document;
    use crate::rule;

    fn found(path: &str, bytes: &[u8]) -> Vec<(String, String)> {
        let engine = Engine::new(rule::builtin().to_vec()).unwrap();
        let document = Document::new(path, bytes);
        engine
            .scan(&document, &mut Scratch::default())
            .into_iter()
            .filter(|f| f.confidence >= Confidence::Medium)
            .map(|f| (f.rule.into_owned(), f.subject))
            .collect()
    }

    /// A Java keystore with one entry of kind `tag`.
    fn java(tag: u8) -> Vec<u8> {
        let mut out = b"\xFE\xED\xFE\xED\0\0\0\x02\0\0\0\x01\0\0\0".to_vec();
        out.push(tag);
        out.extend(b"\0\x01a\0\0\0\0\0\0\0\0\0\x05X.509\0\0\0\x04abcd");
        out
    }

    #[test]
    fn a_store_of_trust_is_no_key() {
        let rule = || "static-key/keystore-file".to_owned();
        assert_eq!(found("a.jks", &java(1)), [(rule(), "a.jks".to_owned())]);
        assert!(found("cacerts.jks", &java(2)).is_empty());
        assert!(found("a.jks", b"\xFE\xED\xFE\xED\0\0").is_empty());
        assert!(found("debug.keystore", &java(1)).is_empty());
    }

    #[test]
    fn a_bundle_shows_its_key_bag() {
        let head = b"\x30\x82\x09\xD6\x02\x01\x03\x30\x82".to_vec();
        let mut with = head.clone();
        with.extend(b"..\x2A\x86\x48\x86\xF7\x0D\x01\x0C\x0A\x01\x02..");
        assert_eq!(found("a.p12", &with).len(), 1);
        assert!(found("a.pfx", &head).is_empty());
    }

    #[test]
    fn a_keytab_names_its_principal() {
        let mut bytes = b"\x05\x02\0\0\0\x15\0\x02\0\x04SHOP\0\x04HTTP\0\x03web....".to_vec();
        let subject = "HTTP/web@SHOP".to_owned();
        assert_eq!(
            found("a.keytab", &bytes),
            [("static-key/keystore-file".to_owned(), subject)]
        );
        bytes.truncate(12);
        assert!(found("a.keytab", &bytes).is_empty());
    }
}
