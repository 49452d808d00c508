//! Names of the guards that a pattern can ask for. What they do stands in `detect`;
//! the names are here so that the build script can check a page.

/// Checksums, by name.
pub const CHECKSUMS: &[&str] = &[
    // CRC-32 of the 30 characters after the prefix, in the last six (GitHub, npm).
    "crc32-base62",
    // SHA-256 of the token up to 16 characters before its end, in base32
    // (GitHub's fine-grained tokens).
    "sha256-base32",
];

/// Decoders, by name: a secret that does not decode is no secret.
pub const DECODERS: &[&str] = &[
    // Base64 of `user:password` (registry auth).
    "basic-auth",
    // A signed JSON Web Token (RFC 7519); its claims become facts.
    "jwt",
    // An AWS access key id; its account becomes a fact.
    "aws-key-id",
    // A PyPI macaroon.
    "pypi",
];
