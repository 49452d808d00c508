//! Azure's identifiable keys: four fixed characters tell the service, and the last
//! four bytes are a keyed hash of the others
//! (github.com/microsoft/security-utilities).

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD};

use super::sums::marvin32;

/// A kind of key.
pub struct Kind {
    /// The four characters, ten before the end but for padding.
    pub signature: &'static str,
    /// Whose key it is.
    pub service: &'static str,
    /// Length of the decoded key.
    len: usize,
    /// Seeds of the hash, and what the key may do where they differ by that.
    seeds: &'static [(&'static [u8; 8], &'static str)],
}

const MESSAGING: &[(&[u8; 8], &str)] = &[
    (b"System00", ""),
    (b"Send0000", "send"),
    (b"Manage00", "manage"),
    (b"Listen00", "listen"),
];

/// Every kind. Without seeds: they are not published, so that only the shape tells.
pub const KINDS: &[Kind] = &[
    kind("+ASt", "Storage", 64, &[(b"Default0", "")]),
    kind("ACDb", "Cosmos DB", 64, &[]),
    kind("+ABa", "Batch", 64, &[(b"AbAcct00", "")]),
    kind("+AMC", "Machine Learning", 64, &[(b"Classic0", "")]),
    kind(
        "APIM",
        "API Management",
        64,
        &[
            (b"Tenant00", "tenant"),
            (b"IoTHub00", ""),
            (b"GitKey00", "git"),
        ],
    ),
    kind("+ASb", "Service Bus", 32, MESSAGING),
    kind("+AEh", "Event Hubs", 32, MESSAGING),
    kind("+ARm", "Relay", 32, MESSAGING),
    kind("AIoT", "IoT Hub", 32, &[]),
    kind("AzCa", "Cache for Redis", 32, &[(b"Access00", "")]),
    kind("AZEG", "Event Grid", 32, &[]),
    kind("+ACR", "Container Registry", 39, &[(b"ACRDflt0", "")]),
    kind(
        "AzSe",
        "AI Search",
        39,
        &[(b"Query000", "query"), (b"PAdmin00", "admin")],
    ),
    kind("AzFu", "Functions", 40, &[]),
];

const fn kind(
    signature: &'static str,
    service: &'static str,
    len: usize,
    seeds: &'static [(&'static [u8; 8], &'static str)],
) -> Kind {
    Kind {
        signature,
        service,
        len,
        seeds,
    }
}

/// The kind of `key`, by its signature and its length.
pub fn kind_of(key: &str) -> Option<&'static Kind> {
    let text = key.trim_end_matches('=');
    let at = text.len().checked_sub(10)?;
    let signature = text.get(at..at + 4)?;
    KINDS
        .iter()
        .find(|k| k.signature == signature && BASE64_NOPAD.encode_len(k.len) == text.len())
}

impl Kind {
    /// What the key may do, when its hash holds; `None` when it does not, which says
    /// nothing: not all seeds are published.
    pub fn proven(&self, key: &str) -> Option<&'static str> {
        let text = key.trim_end_matches('=').as_bytes();
        let bytes = BASE64_NOPAD
            .decode(text)
            .or_else(|_| BASE64URL_NOPAD.decode(text))
            .ok()?;
        let (body, sum) = bytes.split_last_chunk::<4>()?;
        let (_, rights) = self.seeds.iter().find(|(seed, _)| {
            let hash = marvin32(body, u64::from_be_bytes(**seed));
            // Either order of bytes is as unlikely by chance.
            hash == u32::from_le_bytes(*sum) || hash == u32::from_be_bytes(*sum)
        })?;
        Some(rights)
    }

    /// The kind of key, and a seed, that a placeholder `SIGNATURE RIGHTS` asks for.
    pub fn asked(what: &str) -> Option<(&'static Self, Option<u64>)> {
        let (signature, rights) = what.split_once(' ').unwrap_or((what, ""));
        let kind = KINDS.iter().find(|k| k.signature == signature)?;
        let seed = kind.seeds.iter().find(|(_, r)| *r == rights);
        (seed.is_some() || rights.is_empty())
            .then(|| (kind, seed.map(|(s, _)| u64::from_be_bytes(**s))))
    }

    /// A key of the kind, out of random bytes. `None` when these give one that the
    /// service would throw away for its `+` or `/`.
    pub fn key(&self, seed: Option<u64>, random: &[u8]) -> Option<String> {
        let mut text = BASE64_NOPAD.encode(random.get(..self.len)?).into_bytes();
        let at = text.len() - 10;
        text[at..at + 4].copy_from_slice(self.signature.as_bytes());
        // Bits between the signature and the hash are none.
        text[at + 4] = b'A';
        let mut bytes = BASE64_NOPAD.decode(&text).ok()?;
        if let Some(seed) = seed {
            let (body, sum) = bytes.split_last_chunk_mut::<4>()?;
            *sum = marvin32(body, seed).to_le_bytes();
        }
        let key = BASE64.encode(&bytes);
        let plain = !key.replacen(self.signature, "", 1).contains(['+', '/']);
        (plain && kind_of(&key).is_some()).then_some(key)
    }

    /// How many random bytes [`Self::key`] takes.
    pub const fn takes(&self) -> usize {
        self.len
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_those_published() {
        // IdentifiableMetadata.cs writes them as numbers.
        assert_eq!(u64::from_be_bytes(*b"Default0"), 0x4465_6661_756c_7430);
        assert_eq!(u64::from_be_bytes(*b"AbAcct00"), 0x4162_4163_6374_3030);
        assert_eq!(u64::from_be_bytes(*b"Classic0"), 0x436c_6173_7369_6330);
        assert_eq!(u64::from_be_bytes(*b"Access00"), 0x4163_6365_7373_3030);
        assert_eq!(u64::from_be_bytes(*b"ACRDflt0"), 0x4143_5244_666c_7430);
        assert_eq!(u64::from_be_bytes(*b"Query000"), 0x5175_6572_7930_3030);
        assert_eq!(u64::from_be_bytes(*b"PAdmin00"), 0x5041_646d_696e_3030);
    }

    #[test]
    fn a_key_is_proven_by_its_own_seed_alone() {
        let (kind, seed) = Kind::asked("AzSe admin").unwrap();
        let key = (0..=255_u8)
            .find_map(|n| {
                let random: Vec<u8> = (0..39_u8)
                    .map(|i| i.wrapping_mul(73).wrapping_add(n.wrapping_mul(37)))
                    .collect();
                kind.key(seed, &random)
            })
            .unwrap();
        assert_eq!(kind_of(&key).unwrap().service, "AI Search");
        assert_eq!(kind.proven(&key), Some("admin"));
        let (first, rest) = key.split_at(1);
        let other = if first == "A" { "B" } else { "A" };
        assert_eq!(kind.proven(&format!("{other}{rest}")), None);
        assert!(Kind::asked("AzSe owner").is_none());
        assert!(Kind::asked("none").is_none());
    }
}
