//! Checksums that tokens carry; the names are those of `rule::guards`.

use bech32::Bech32;
use bech32::primitives::decode::CheckedHrpstring;
use data_encoding::BASE32_NOPAD;

use crate::rule::sample::{azure, sums};

/// What a checksum says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is a key, and of this kind if one is named.
    Holds(&'static str),
    /// It is none, or none any more.
    Fails,
    /// Nothing.
    Unknown,
}

/// Checks `secret` by the checksum called `name`; `parts` are what that is over and the
/// checksum itself, where the pattern tells them.
pub(super) fn check(name: &str, secret: &str, parts: Option<(&[u8], &[u8])>) -> Verdict {
    let verdict = |holds| {
        if holds {
            Verdict::Holds("")
        } else {
            Verdict::Fails
        }
    };
    match name {
        "bech32" => verdict(CheckedHrpstring::new::<Bech32>(secret).is_ok()),
        "nkey" => nkey(secret),
        "azure-key" => azure::kind_of(secret)
            .and_then(|kind| kind.proven(secret))
            .map_or(Verdict::Unknown, Verdict::Holds),
        _ => parts.map_or(Verdict::Unknown, |(body, check)| {
            let check = std::str::from_utf8(check).unwrap_or_default();
            verdict(sums::is_of(name, body, check))
        }),
    }
}

/// A NATS seed: base32 of two bytes that say the kind, 32 of the key, and a CRC.
fn nkey(secret: &str) -> Verdict {
    let decoded = BASE32_NOPAD.decode(secret.as_bytes()).unwrap_or_default();
    let Some((body, check)) = decoded.split_last_chunk::<2>() else {
        return Verdict::Fails;
    };
    if sums::nkey(body) != *check {
        return Verdict::Fails;
    }
    Verdict::Holds(match secret.as_bytes().get(1) {
        Some(b'O') => "operator",
        Some(b'A') => "account",
        Some(b'U') => "user",
        Some(b'N') => "server",
        Some(b'C') => "cluster",
        Some(b'X') => "curve",
        _ => "",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_keys_hold() {
        // The README of nats-io/nkeys; age's key of 32 times 0x42.
        let nkey = concat!(
            "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6B",
            "FDTJ7M6USDXIEDNPPQYYYCU3VY"
        );
        assert_eq!(check("nkey", nkey, None), Verdict::Holds("user"));
        let age = concat!(
            "AGE-SECRET-KEY-",
            "1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
        );
        assert_eq!(check("bech32", age, None), Verdict::Holds(""));
        // Grafana's own test (satokengen).
        let (body, sum) = ("glsa_yscW25imSKJIuav8zF37RZmnbiDvB05G", "fcaaf58a");
        let parts = Some((body.as_bytes(), sum.as_bytes()));
        assert_eq!(check("crc32-hex-le", "", parts), Verdict::Holds(""));
    }

    #[test]
    fn one_character_off_fails() {
        let nkey = concat!(
            "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6B",
            "FDTJ7M6USDXIEDNPPQYYYCU3VZ"
        );
        assert_eq!(check("nkey", nkey, None), Verdict::Fails);
        assert_eq!(check("nkey", "", None), Verdict::Fails);
        assert_eq!(
            check("bech32", "AGE-SECRET-KEY-1QQQQ", None),
            Verdict::Fails
        );
        assert_eq!(
            check("crc32-hex", "", Some((b"a", b"00000000"))),
            Verdict::Fails
        );
    }

    #[test]
    fn an_azure_key_is_proven_or_nothing_is_known() {
        let key = crate::rule::sample::expand("{{azure-key:AzSe query}}", "").unwrap();
        assert_eq!(check("azure-key", &key, None), Verdict::Holds("query"));
        let key = crate::rule::sample::expand("{{azure-key:AzFu}}", "").unwrap();
        assert_eq!(check("azure-key", &key, None), Verdict::Unknown);
        assert_eq!(check("azure-key", "", None), Verdict::Unknown);
    }
}
