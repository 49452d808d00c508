use data_encoding::{BASE64, HEXLOWER};
use proptest::prelude::*;

use super::{Layer, Marks, runs};
use crate::detect::{Engine, Scratch};
use crate::document::{Document, Span};
use crate::finding::{Confidence, Finding};
use crate::rule::{self, sample};

fn engine() -> Engine {
    Engine::new(rule::builtin().to_vec()).unwrap()
}

fn scan(path: &str, text: &str) -> Vec<Finding> {
    engine().scan(
        &Document::new(path, text.as_bytes()),
        &mut Scratch::default(),
    )
}

fn token(seed: &str) -> String {
    sample::expand("ghp_{{base62:30}}{{crc32-base62}}", seed).unwrap()
}

fn key(seed: &str) -> String {
    let text = "-----BEGIN{{-}} PRIVATE KEY-----\n{{der:600}}\n-----END PRIVATE KEY-----\n";
    sample::expand(text, seed).unwrap()
}

/// Base64 in lines of `width`, with `between` them.
fn wrap(text: &str, width: usize, between: &str) -> String {
    let packed = BASE64.encode(text.as_bytes());
    let lines: Vec<_> = packed
        .as_bytes()
        .chunks(width)
        .map(|line| String::from_utf8(line.to_vec()).unwrap())
        .collect();
    lines.join(between)
}

fn wide(text: &str) -> String {
    let bytes: Vec<_> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    BASE64.encode(&bytes)
}

/// The only finding: its rule, line and message.
#[track_caller]
fn only(path: &str, text: &str) -> (String, u32, String) {
    match scan(path, text).as_slice() {
        [one] => (
            one.rule.trim_start_matches("static-key/").to_owned(),
            one.place.region.line,
            one.message.clone(),
        ),
        other => panic!(
            "{path}: {:?}",
            other.iter().map(|f| &f.rule).collect::<Vec<_>>()
        ),
    }
}

#[test]
fn lines_of_base64_are_one_text() {
    let key = key("lines");
    let texts = [
        format!("key: |\n  {}\n", wrap(&key, 76, "\n  ")),
        format!("{{\"key\": \"{}\\n\"}}\n", wrap(&key, 60, "\\n")),
        format!("k = (\"{}\")\n", wrap(&key, 64, "\"\n     \"")),
        format!("k = \"{}\";\n", wrap(&key, 64, "\" +\n    \"")),
        format!("key: |\r\n  {}\r\n", wrap(&key, 64, "\r\n  ")),
    ];
    for text in texts {
        let (rule, _, message) = only("a.conf", &text);
        assert_eq!(rule, "private-key");
        assert!(message.ends_with("(in base64)."), "{message}");
    }
}

#[test]
fn a_line_of_a_long_text_is_pointed_at() {
    let text = format!("{}\ntoken: {}\n", "# remark\n".repeat(30), token("line"));
    let text = format!("data: |\n  {}\n", wrap(&text, 76, "\n  "));
    let (rule, line, _) = only("a.yaml", &text);
    // 277 bytes before the token in lines of 57.
    assert_eq!((rule.as_str(), line), ("github-token", 6));
}

#[test]
fn encodings_are_undone_two_deep() {
    let token = token("deep");
    let base64 = |text: &str| BASE64.encode(text.as_bytes());
    let hex = |text: &str| HEXLOWER.encode(text.as_bytes());
    let escaped = |text: &str| sample::expand(&format!("{{{{unicode {text}}}}}"), "").unwrap();
    let bytes = escaped(&token).replace("\\u00", "\\x");
    for (text, how) in [
        (base64(&token), Some("in base64")),
        (base64(&base64(&token)), Some("in base64 in base64")),
        (base64(&base64(&base64(&token))), None),
        (hex(&token), Some("in hex")),
        (format!("0x{}", hex(&token)), Some("in hex")),
        (hex(&base64(&token)), Some("in base64 in hex")),
        (escaped(&token), Some("in string escapes")),
        (
            escaped(&base64(&token)),
            Some("in base64 in string escapes"),
        ),
        (bytes, Some("in string escapes")),
        (wide(&format!("$t = '{token}'")), Some("in base64")),
        (format!("a\\n{token}"), Some("in string escapes")),
        (format!("a%3D{token}"), Some("in URL escapes")),
        (format!("deploy-{}", base64(&token)), Some("in base64")),
        (format!("deploy/{}", base64(&token)), Some("in base64")),
        (format!("a\\n{}", base64(&token)), Some("in base64")),
    ] {
        let text = format!("value = \"{text}\"\n");
        match how {
            Some(how) => {
                let (rule, _, message) = only("a.py", &text);
                assert_eq!(rule, "github-token", "{how}");
                assert!(message.ends_with(&format!(", {how}).")), "{message}");
            }
            None => assert!(scan("a.py", &text).is_empty()),
        }
    }
}

#[test]
fn a_colour_does_not_hide_the_token_after_it() {
    for colour in ["93", "0", "1;31"] {
        let text = format!("ok\nkey: \u{1b}[{colour}m{}\u{1b}[0m;\n", token("colour"));
        let (rule, line, _) = only("build.log", &text);
        assert_eq!((rule.as_str(), line), ("github-token", 2), "{colour}");
    }
}

#[test]
fn an_escape_inside_of_a_key_does_not_hide_it() {
    let text = "{\"id\": \"AKIAQ{{base32:15}}\", \"k\": \"{{base62:12}}\\/{{base62:15}}\\/{{base62:11}}\"}\n";
    let text = sample::expand(text, "aws").unwrap();
    let found = scan("a.json", &text);
    let rules: Vec<_> = found.iter().map(|f| f.rule.as_ref()).collect();
    assert_eq!(rules, ["static-key/aws-access-key"]);
    let secret = text.rsplit('"').nth(1).unwrap();
    assert!(!found[0].excerpt.text.as_str().contains(secret));
    assert!(
        !found[0]
            .excerpt
            .text
            .as_str()
            .contains(secret.get(..12).unwrap())
    );
}

/// To encode a credential makes it no other one.
#[test]
fn the_fingerprint_is_that_of_the_credential_under_its_key() {
    let token = token("same");
    let line = |value: &str| {
        let found = scan("a.yaml", &format!("deploy:\n  login: {value}\n"));
        assert_eq!(found.len(), 1);
        (found[0].fingerprint, found[0].subject.clone())
    };
    let plain = line(&token);
    assert_eq!(plain, line(&BASE64.encode(token.as_bytes())));
    assert_eq!(plain, line(&HEXLOWER.encode(token.as_bytes())));
    assert_ne!(plain, line(&self::token("other")));
}

#[test]
fn a_secret_of_kubernetes_is_found_once() {
    let secret = |value: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\ndata:\n  token: {}\n",
            BASE64.encode(value.as_bytes())
        )
    };
    let random = sample::expand("{{base62:32}}", "random").unwrap();
    assert_eq!(only("a.yaml", &secret(&random)).0, "kubernetes-secret");
    assert_eq!(only("a.yaml", &secret(&token("k8s"))).0, "github-token");
    assert_eq!(only("a.yaml", &secret(&key("k8s"))).0, "kubernetes-secret");
}

#[test]
fn what_is_proven_in_a_test_is_shown() {
    let text = format!("T = '{}'\n", BASE64.encode(token("tests").as_bytes()));
    let found = scan("tests/a.py", &text);
    assert_eq!(found[0].confidence, Confidence::Certain);
}

#[test]
fn two_secrets_of_one_text_are_two() {
    let (one, two) = (token("one"), token("two"));
    let text = BASE64.encode(format!("A={one}\nB={two}\n").as_bytes());
    let found = scan("a.sh", &format!("ENV={text}\n"));
    assert_eq!(found.len(), 2);
    for finding in &found {
        // All of the text is masked, since it shows both.
        assert!(
            !finding
                .excerpt
                .text
                .as_str()
                .contains(text.get(..12).unwrap())
        );
        assert!(
            !finding
                .excerpt
                .text
                .as_str()
                .contains(text.get(60..72).unwrap())
        );
    }
}

#[test]
fn what_a_secret_decodes_to_is_masked_in_the_clear_too() {
    let token = token("clear");
    let packed = BASE64.encode(token.as_bytes());
    // The second line has a finding of its own, of another class.
    let text = format!("a = '{packed}'\nrequests.get('https://x/{token}x', verify=False)\n");
    let found = scan("a.py", &text);
    assert!(found.len() > 1);
    assert!(
        found
            .iter()
            .all(|f| !f.excerpt.text.as_str().contains(&token))
    );
}

#[test]
fn pictures_maps_and_names_are_passed_over() {
    let token = token("map");
    let map = BASE64.encode(format!("{{\"version\":3,\"x\":\"{token}\"}}").as_bytes());
    let mut picture = vec![0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13];
    picture.extend(token.bytes());
    for text in [
        format!("//# sourceMappingURL=data:application/json;base64,{map}\n"),
        format!("url(data:image/png;base64,{})\n", BASE64.encode(&picture)),
    ] {
        assert!(scan("a.css", &text).is_empty(), "{text}");
    }
}

/// All runs, one byte at a time.
fn naive(bytes: &[u8]) -> Vec<(usize, usize)> {
    let symbol = |b: &u8| b.is_ascii_alphanumeric() || b"+/-_".contains(b);
    let mut out = Vec::new();
    let mut start = 0;
    for end in 0..=bytes.len() {
        if bytes.get(end).is_none_or(|b| !symbol(b)) {
            if end - start >= 32 {
                out.push((start, end));
            }
            start = end + 1;
        }
    }
    out
}

/// How many bytes are decoded of a text, at one level.
fn decoded(bytes: &[u8], engine: &Engine) -> Vec<Layer> {
    let mut layers = Vec::new();
    let mut at = 0;
    while let Some(run) = runs::next(bytes, at) {
        let next = runs::read(bytes, run, &mut |layer| layers.push(layer));
        assert!(next >= run.end);
        at = next;
    }
    let mut hits = Vec::new();
    engine.keywords.find(bytes, &mut hits);
    let length = |keyword| engine.keywords.length_of(keyword);
    Marks::new(bytes, &hits, length, |k| engine.decodes(k))
        .layers(bytes, &mut |layer| layers.push(layer));
    layers
}

fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let salt = prop_oneof![
        Just("dG9rZW46IGdocF9hYmNkZWZnaGlqa2xtbm9w"),
        Just("746f6b656e3a206768705f6162636465666768"),
        Just("%2F"),
        Just("%3d%40"),
        Just("\\u0067"),
        Just("\\x67"),
        Just("\\/"),
        Just("\\nghp_aaaabbbbccccdddd"),
        Just("\\n"),
        Just("\n  "),
        Just("\" +\n \""),
        Just("-"),
        Just("/"),
        Just("="),
        Just(" "),
    ];
    let part = prop_oneof![
        4 => (salt, 1..40_usize).prop_map(|(text, n)| text.repeat(n).into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
        1 => "[A-Za-z0-9+/_-]{0,90}".prop_map(String::into_bytes),
    ];
    prop::collection::vec(part, 0..16).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn runs_are_those_of_a_naive_search(text in "[a-fA-Z0-9+/_ .=@\\[{-]{0,30}([A-Za-z0-9+/_-]{20,60}[ .@\\[`{:~]){0,6}[a-z0-9]{0,50}") {
        let bytes = text.as_bytes();
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(run) = runs::next(bytes, at) {
            found.push((run.start, run.end));
            at = run.end;
        }
        prop_assert_eq!(found, naive(bytes));
    }

    /// Hostile text decodes to no more than a small multiple of it, and every part of a
    /// decoded text has a place inside of what encodes it.
    #[test]
    fn what_is_decoded_is_bounded_and_has_its_place(bytes in hostile()) {
        static ENGINE: std::sync::LazyLock<Engine> = std::sync::LazyLock::new(engine);
        let layers = decoded(&bytes, &ENGINE);
        let total: usize = layers.iter().map(|layer| layer.text().len()).sum();
        prop_assert!(total <= 3 * bytes.len());
        for layer in &layers {
            let length = layer.text().len();
            let mut last = layer.run.start;
            for start in (0..length).step_by(7) {
                let place = layer.place(Span::new(start, length.min(start + 7)));
                prop_assert!(last <= place.start && place.start < place.end);
                prop_assert!(place.end <= layer.run.end && layer.run.end <= bytes.len());
                last = place.start;
            }
        }
    }

    /// The place of a secret decodes to the secret again.
    #[test]
    fn a_place_is_where_the_text_is_encoded(before in "[ -~]{0,40}", after in "[ -~]{0,40}") {
        let token = token("place");
        let text = format!("{before:>24} {token} {after}");
        let packed = format!("x = '{}'", BASE64.encode(text.as_bytes()));
        let mut layers = Vec::new();
        let run = runs::next(packed.as_bytes(), 0).unwrap();
        runs::read(packed.as_bytes(), run, &mut |layer| layers.push(layer));
        let layer = layers.first().unwrap();
        prop_assert_eq!(layer.text(), text.as_bytes());
        let start = text.find(&token).unwrap();
        let place = layer.place(Span::new(start, start + token.len()));
        // Whole groups of four around it hold it.
        let from = (place.start - 5) / 4 * 4 + 5;
        let to = ((place.end - 5).div_ceil(4) * 4 + 5).min(packed.len() - 1);
        let back = BASE64.decode(&packed.as_bytes()[from..to]).unwrap();
        prop_assert!(memchr::memmem::find(&back, token.as_bytes()).is_some());
        prop_assert!(place.len() <= token.len() * 4 / 3 + 4);
    }
}
