//! Names of the guards that a pattern can ask for. What they do stands in `detect`;
//! the names are here so that the build script can check a page.

use super::sample::sums;

/// Checksums over the whole secret, by name. Those over a part of it are
/// [`sums::SUMS`]: their pattern names that part `body` and the checksum `check`.
const WHOLE: &[&str] = &[
    // Bech32 with the checksum of BIP-173 (age).
    "bech32",
    // NATS's keys: a CRC-16 in base32.
    "nkey",
    // Azure's identifiable keys. A hash that does not hold says nothing, as not all
    // seeds are published.
    "azure-key",
];

/// Checksums, by name.
pub fn checksums() -> Vec<&'static str> {
    let sums = sums::SUMS.iter().map(|(name, _)| *name);
    WHOLE.iter().copied().chain(sums).collect()
}

/// Whether the checksum called `name` is over a part of the secret.
pub fn is_partial(name: &str) -> bool {
    sums::SUMS.iter().any(|(n, _)| *n == name)
}

/// Decoders, by name: a secret that does not decode is no secret.
pub const DECODERS: &[&str] = &[
    // Base64 of `user:password` (registry auth).
    "basic-auth",
    // A signed JSON Web Token (RFC 7519); its claims become facts.
    "jwt",
    // An AWS access key id; its account becomes a fact.
    "aws-key-id",
    // An Amazon Bedrock key: its account, or how long it lives.
    "bedrock",
    // A PyPI macaroon.
    "pypi",
    // Macaroons of Fly.io.
    "fly",
    // A Grafana Cloud access policy's token.
    "grafana-cloud",
    // Grafana's old API key.
    "grafana-key",
    // A Sentry organization's token.
    "sentry",
    // A 1Password service account's token.
    "onepassword",
    // A Mapbox token; its user becomes a fact.
    "mapbox",
    // A TeamCity access token, which ends in a UUID.
    "teamcity",
    // A Discord bot's token, which begins with its id.
    "discord",
    // A token of Jira, Confluence or Bitbucket on one's own server.
    "atlassian-server",
    // An Artifactory reference token; its end becomes a fact.
    "artifactory",
    // Begins with an identifier that holds the time it was made (MongoDB's `ObjectId`).
    "object-id",
    // The query string of a shared access signature: rights, reach and end.
    "azure-sas",
    // An Azure key whose signature tells the service.
    "azure-key",
    // An Azure key with the date it was made in it.
    "azure-cask",
    // Base64 of 32 bytes.
    "32-bytes",
    // What looks like chance: letters and digits, and no words.
    "chance",
    // Anything: the form says enough.
    "any",
    // Base64 of a PKCS#12 bundle.
    "pkcs12",
];
