//! Checksums that tokens carry. A page's placeholders write them, and `detect`
//! compares them.

use crc::{CRC_16_XMODEM, Crc};
use data_encoding::{BASE32, BASE32_NOPAD, BASE64, HEXLOWER};
use sha2::{Digest, Sha256};

/// Digits of base62 in the order that GitHub, npm and Vercel use.
pub const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Digits of base36, as Ruby's `Integer#to_s` writes them.
const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// A checksum, as a token writes it.
pub type Sum = fn(&[u8]) -> String;

/// Checksums over one part of a token that stand in another, by name.
pub const SUMS: &[(&str, Sum)] = &[
    // GitHub's classic tokens (github.blog, 2021-04-05), npm's and Vercel's.
    ("crc32-base62", |body| digits(body, BASE62, 6)),
    // GitLab's routable tokens.
    ("crc32-base36", |body| digits(body, BASE36, 7)),
    ("crc32-hex", |body| format!("{:08x}", crc32fast::hash(body))),
    // Grafana's service accounts.
    ("crc32-hex-le", |body| HEXLOWER.encode(&le_bytes(body))),
    // Confluent's secrets. Four bytes fill six characters but for four bits.
    ("crc32-base64-le", |body| {
        let mut text = BASE64.encode(&le_bytes(body));
        text.truncate(6);
        text
    }),
    // GitHub's fine-grained tokens: the first eight characters.
    ("sha256-base32", |body| {
        let mut text = BASE32.encode(&Sha256::digest(body));
        text.truncate(8);
        text
    }),
];

/// The checksum of `body` of the kind called `name`.
pub fn of(name: &str, body: &[u8]) -> Option<String> {
    let (_, sum) = SUMS.iter().find(|(n, _)| *n == name)?;
    Some(sum(body))
}

/// Whether `check` is the checksum of `body`. Hexadecimal and base32 are written in
/// either case.
pub fn is_of(name: &str, body: &[u8], check: &str) -> bool {
    let Some(sum) = of(name, body) else {
        return false;
    };
    if name.contains("hex") || name.ends_with("base32") {
        sum.eq_ignore_ascii_case(check)
    } else {
        sum == check
    }
}

fn le_bytes(body: &[u8]) -> [u8; 4] {
    crc32fast::hash(body).to_le_bytes()
}

/// The CRC-32 in so many digits, padded with the first.
fn digits(body: &[u8], alphabet: &[u8], count: usize) -> String {
    let mut value = crc32fast::hash(body) as usize;
    let mut digits = vec![alphabet[0]; count];
    for digit in digits.iter_mut().rev() {
        *digit = alphabet[value % alphabet.len()];
        value /= alphabet.len();
    }
    digits.into_iter().map(char::from).collect()
}

/// The CRC of NATS's keys, in the order in which they end: CRC-16/XMODEM, least byte
/// first (github.com/nats-io/nkeys).
pub fn nkey(bytes: &[u8]) -> [u8; 2] {
    Crc::<u16>::new(&CRC_16_XMODEM)
        .checksum(bytes)
        .to_le_bytes()
}

/// An nkey: `bytes` and their CRC in base32.
pub fn nkey_text(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(&[bytes, &nkey(bytes)].concat())
}

/// Marvin32 as .NET has it: a keyed hash of 64 bits, of which both halves together
/// make the 32 that Azure's keys end in (github.com/dotnet/runtime, `Marvin.cs`).
pub fn marvin32(bytes: &[u8], seed: u64) -> u32 {
    let [low, high] = marvin(bytes, seed);
    low ^ high
}

fn marvin(bytes: &[u8], seed: u64) -> [u32; 2] {
    let half = |n: u64| u32::try_from(n & 0xFFFF_FFFF).unwrap_or_default();
    let mut state = [half(seed), half(seed >> 32)];
    let mut words = bytes.chunks_exact(4);
    for word in &mut words {
        let word = word.iter().rev().fold(0, |n, b| n << 8 | u32::from(*b));
        state = round(state, word);
    }
    let rest = words.remainder().iter().rev();
    let last = rest.fold(0x80, |n, b| n << 8 | u32::from(*b));
    round(round(state, last), 0)
}

const fn round([mut low, mut high]: [u32; 2], word: u32) -> [u32; 2] {
    low = low.wrapping_add(word);
    high ^= low;
    low = low.rotate_left(20).wrapping_add(high);
    high = high.rotate_left(9) ^ low;
    low = low.rotate_left(27).wrapping_add(high);
    [low, high.rotate_left(19)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_match_published_values() {
        // 0xCBF43926 is the check value of CRC-32/ISO-HDLC over this text.
        let sums = [
            ("crc32-base62", "3jZRME"),
            ("crc32-base36", "1kl8mjq"),
            ("crc32-hex", "cbf43926"),
            ("crc32-hex-le", "2639f4cb"),
            ("crc32-base64-le", "Jjn0yw"),
        ];
        for (name, sum) in sums {
            assert_eq!(of(name, b"123456789").as_deref(), Some(sum), "{name}");
        }
        // FIPS 180-4: SHA-256("abc") begins ba7816bf8f.
        assert_eq!(of("sha256-base32", b"abc").as_deref(), Some("XJ4BNP4P"));
        assert!(is_of("crc32-hex", b"123456789", "CBF43926"));
        assert!(!is_of("crc32-base62", b"123456789", "3JZRME"));
        // The check value of CRC-16/XMODEM is 0x31C3.
        assert_eq!(nkey(b"123456789"), [0xC3, 0x31]);
    }

    #[test]
    fn marvin_matches_the_vectors_of_dotnet() {
        // MarvinTests.cs of dotnet/runtime: one for each length of the rest.
        let vectors: [(&[u8], u64); 5] = [
            (&[], 0x30ED_35C1_00CD_3C7D),
            (&[0xAF], 0x48E7_3FC7_7D75_DDC1),
            (&[0xE7, 0x0F], 0xB5F6_E1FC_485D_BFF8),
            (&[0x37, 0xF4, 0x95], 0xF0B0_7C78_9B8C_F7E8),
            (&[0x15, 0x3F, 0xB7, 0x98, 0x26], 0xE6C0_8C6D_A2AF_A997),
        ];
        for (bytes, expected) in vectors {
            let [low, high] = marvin(bytes, 0x004F_B61A_001B_DBCC);
            let hash = u64::from(high) << 32 | u64::from(low);
            assert_eq!(hash, expected, "{bytes:02x?}");
        }
    }
}
