//! Checksums that tokens carry; the names are those of `rule::guards`.

use crate::rule::sample::{crc32_base62, sha256_base32};

/// Whether `secret` carries a true checksum of the kind called `name`.
pub(crate) fn holds(name: &str, secret: &str) -> bool {
    match name {
        "crc32-base62" => {
            let body = secret.rsplit_once('_').map_or(secret, |(_, body)| body);
            let Some((body, check)) = body.split_at_checked(body.len().saturating_sub(6)) else {
                return false;
            };
            crc32_base62(body.as_bytes()) == check
        }
        "sha256-base32" => {
            let Some((body, tail)) = secret.split_at_checked(secret.len().saturating_sub(16))
            else {
                return false;
            };
            let check = sha256_base32(body.as_bytes());
            tail.get(..8)
                .is_some_and(|t| t.eq_ignore_ascii_case(&check))
        }
        _ => false,
    }
}
