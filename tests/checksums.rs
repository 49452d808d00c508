//! Tokens whose checksums other programs computed: what a page's placeholders write is
//! checked by the same code that wrote it, these are not.
//!
//! The values come from Python's `zlib`, `hashlib` and `base64`, and from plain renderings
//! of BIP-173, CRC-16/XMODEM and Marvin32. They stand in pieces, so that nothing here has
//! the shape of a token.

use byway::detect::{Engine, Scratch};
use byway::document::Document;
use byway::finding::Confidence;
use byway::rule;

#[rustfmt::skip]
const TOKENS: &[(&str, &[&str])] = &[
    ("github-token", &["ghp_X06xJkzzun", "QqjChnhYEim0dR", "TF9QRh1dO4B4"]),
    ("npm-token", &["npm_bri1Ma5Ilj", "Y0I55o3jl0lbaD", "F57W2O4cG05L"]),
    ("github-fine-grained-token", &["github_pat_1hf", "xKPaxBlLK968UT", "nduQm_BCDKFBtw", "8CkvVlgU2xdxf3", "Nm2zBPXv9ENxqY", "ZU8In7YQTXLVTA", "Knwv09Mox"]),
    ("gitlab-access-token", &["glpat-UbW1bmc8", "dHk0k0P0aNh4C7", "KqjBo51m8dGkIO", "tYJR.01.1k0f0u", "4ow"]),
    ("gitlab-runner-token", &["glrt-t1_cynDnU", "6S7lXfkfkFwsUu", "OtHcFZhATz2NHm", "KRO4YM.01.1k00", "es69w"]),
    ("grafana-token", &["glsa_28eGsjoHo", "C3ViKtF9Gn6gMw", "ftlpj5ITI_d760", "bc47"]),
    ("atlassian-api-token", &["ATATT3xFfGF0re", "rsANr9t6w4TCRa", "x4PRwarAtv6R6I", "Pe6GUcwz69bCQy", "gcssopl7XwfsMB", "fmGmOQIBg70UaU", "m7DqvcgbTjhY3C", "50P9p6H7CNTJWH", "d5rV3Up8EIvphA", "lCEuFSWzByNOqR", "CxWo0aQPpHHq9T", "jZpUgT46pAFILh", "0vX2R5GU87Cqu5", "3=D5AF9742"]),
    ("bitbucket-access-token", &["ATCTT3xFfGN0JZ", "PchPZkSUoLdY3J", "LcJ935HrL5USw4", "QXLaiSsPleLLYC", "iPyrqwCe7FWe8o", "lc2YxHi7uao2hj", "q93pbjrzTvF525", "bNclKt5KzHFK60", "4hglwKv1MpCr7a", "70OPn334HeeIvU", "7nEgWOBYx3hMuV", "oew17FFI7faGKz", "tmCXQN9FUuxmdr", "D=F15A918A"]),
    ("bitbucket-app-password", &["ATBB2fOP2rSPIH", "QtVYrRq2fzj4kT", "7FD84166"]),
    ("cloudflare-api-token", &["cfut_cQKVr5ZX2", "vxYmHoG2Fec4L7", "H5YR9GP8La1Tmj", "07Fbeda05f8"]),
    ("vercel-token", &["vcp_X0sdRltixY", "Byw1foCi6Y14HM", "4g5fV3FGpkVfma", "7ni5YEWcuZKU3d", "s3U3"]),
    ("confluent-api-secret", &["cflt2vzgtXX8XM", "8lXByKU7HUqttW", "CRn66fQ6FV8DTo", "sqe7xYtmBIps7g", "kIvFzd+Q"]),
    ("zuplo-api-key", &["zpka_8o2w636fr", "oj8sassoj2h7ui", "l4rl7sbns_bdc4", "82b6"]),
    ("age-secret-key", &["AGE-SE", "CRET-KEY-1E2TCZYK2RW7U", "47KZXXEE5G7UFK", "NCDMLCZ37YUU4E", "SPMCTTLWFZASKR", "4PNL"]),
    ("age-secret-key", &["AGE-SECRET-KEY", "-PQ-18C37S9SQ8", "9V55VUFFAJKFCD", "3XJ9M67SQ3R2ZC", "JKTW0H2A4VUQZW", "SQKX8VA"]),
    ("nats-nkey", &["SUABWFVR35JYXI", "JNYP4X5W5YLSVH", "AUGUNQKICNBJB7", "V2QD4CG3ED3OM4", "6Y"]),
    ("azure-storage-key", &["MuEoEhf6bLh1Cu", "hlo6nXBN9IUnrS", "CZwvm3U7f8WRU6", "SwBMYgmQPjoyWa", "sK4MjLw7hTNtHG", "xdMS9d+AStKRE6", "fQ=="]),
    ("azure-messaging-key", &["rOBgmYYyUiLDlH", "mlxWUKhhZJYa9j", "SfFGu+ASbPiOq6", "k="]),
    ("azure-search-key", &["JZjrSIqKrNRYUQ", "gBLki4xBWMkWt1", "GMOK5GZSvqLxlF", "AzSeC0NV6l"]),
    ("azure-container-registry-key", &["OQ3RlNvAQHxDwS", "u5JIecDfKJLBm1", "FHhovTr90gz7lO", "+ACRD7g9sa"]),
    ("azure-service-key", &["hRnwjv3uTO9vhq", "sE0zSnStowbBoO", "fUDyrAzCaKgvUu", "4="]),
];

/// How sure the rule called `name` is of `token`.
fn confidence(engine: &Engine, name: &str, token: &str) -> Option<Confidence> {
    // The seed of a NATS key wants its name near.
    let text = format!("nkey = \"{token}\"\n");
    let document = Document::new("src/a.py", text.as_bytes());
    let found = engine.scan(&document, &mut Scratch::default());
    let rule = format!("static-key/{name}");
    found.iter().find(|f| f.rule == rule).map(|f| f.confidence)
}

#[test]
fn checksums_of_others_hold() {
    let engine = Engine::new(rule::builtin().to_vec()).unwrap();
    for (name, pieces) in TOKENS {
        let token = pieces.concat();
        let found = confidence(&engine, name, &token);
        assert_eq!(found, Some(Confidence::Certain), "{name}");
    }
}

#[test]
fn one_character_off_is_not_certain() {
    let engine = Engine::new(rule::builtin().to_vec()).unwrap();
    for (name, pieces) in TOKENS {
        let token = pieces.concat();
        // A character that every checksum is over.
        let at = 20;
        let other = if token.as_bytes()[at] == b'Q' {
            "X"
        } else {
            "Q"
        };
        let (before, rest) = token.split_at(at);
        let changed = format!("{before}{other}{}", rest.split_at(1).1);
        let found = confidence(&engine, name, &changed);
        assert_ne!(found, Some(Confidence::Certain), "{name}");
    }
}
