//! The stages one by one, over text made here: no file is read, so that two runs on one
//! machine can be compared. Whole commands are compared by `benches/peers.sh`.

use byway::detect::{Engine, KeywordHit, Scratch};
use byway::document::{Document, Format, Lines, format};
use byway::finding::Finding;
use byway::register::{Coverage, Policy, Register, file, judge};
use byway::{line_hash, rule};
use data_encoding::{BASE64, HEXLOWER};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

fn engine() -> Engine {
    Engine::new(rule::builtin().to_vec()).expect("our own rules")
}

/// Code without anything to find, with some words that are keywords.
fn code(bytes: usize) -> String {
    let line =
        "    let session = connect(&config.host, token_from(env, \"SESSION\"))?; // retried\n";
    line.repeat(bytes / line.len() + 1)
}

fn workflow(jobs: usize) -> String {
    let mut text = "on: push\npermissions:\n  contents: read\njobs:\n".to_owned();
    for n in 0..jobs {
        let job = format!(
            "  job{n}:\n    runs-on: ubuntu-latest\n    permissions: write-all\n    steps:\n      - uses: actions/checkout@v4\n      - name: build\n        run: |\n          make build\n          make test\n"
        );
        text.push_str(&job);
    }
    text
}

#[divan::bench]
fn start() -> Engine {
    engine()
}

#[divan::bench(args = [512, 8 << 10, 1 << 20])]
fn keywords(bencher: Bencher<'_, '_>, bytes: usize) {
    let engine = engine();
    let text = code(bytes);
    let mut hits: Vec<KeywordHit> = Vec::new();
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
        hits.clear();
        engine
            .keywords()
            .find(black_box(text.as_bytes()), &mut hits);
        hits.len()
    });
}

#[divan::bench(args = [8 << 10, 1 << 20])]
fn scan_code(bencher: Bencher<'_, '_>, bytes: usize) {
    let engine = engine();
    let text = code(bytes);
    let mut scratch = Scratch::default();
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
        let document = Document::new("src/session.rs", black_box(text.as_bytes()));
        engine.scan(&document, &mut scratch).len()
    });
}

#[divan::bench(args = [1, 50])]
fn scan_workflow(bencher: Bencher<'_, '_>, jobs: usize) {
    let engine = engine();
    let text = workflow(jobs);
    let mut scratch = Scratch::default();
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
        let document = Document::new(".github/workflows/ci.yml", black_box(text.as_bytes()));
        engine.scan(&document, &mut scratch).len()
    });
}

/// One-line files of one thing over and over: what is linear takes ten times as long
/// for ten times the length.
const SHAPES: &[(&str, &str)] = &[
    ("a.js", concat!("pass", "word=\"Xk9vPq2LmZ7w\";")),
    ("a.py", concat!("pass", "word=\"…\";")),
    ("a.json", "{\"token\":\"xxx\",\"type\":\"token\"},"),
    ("a.go", "a:b@tcp("),
    ("a.py", "requests.get(a, verify=False);"),
    ("a.ts", "rejectUnauthorized: false,"),
    ("a.ts", "rejectUnauthorized: false,\n"),
    ("a.sh", "git push --force origin main && "),
    ("a.sh", "curl -k https://x $( "),
    ("Dockerfile", "RUN [\"curl\",\"-k\"]\n"),
    ("a.log", "token "),
    (
        "a.log",
        "12:00:00 INFO token refreshed for user=ada token=null status=200\n",
    ),
    ("a.txt", "eyJ"),
    ("a.txt", "AKIA"),
    ("a.txt", "-----BEGIN PRIVATE KEY-----"),
    ("a.txt", "postgres://"),
    ("a.txt", "\"'`"),
    ("a.txt", "lorem ipsum dolor sit amet "),
    ("a.txt", "token = "),
    ("a.yaml", "password: x\n"),
    (
        "a.tf",
        concat!("a \"b\" \"c\" {\n  pass", "word = \"Xk9vPq2LmZ7w\"\n}\n"),
    ),
    (
        "a.json",
        "{\"id\": 12, \"token\": null, \"auth\": {\"type\": \"oauth\"}},",
    ),
    (
        "a.min.js",
        "t.exports={a:!0,password:e,apiKey:e.apiKey||\"\",secret:void 0};",
    ),
];

#[divan::bench(args = 0..SHAPES.len(), consts = [100 << 10, 1000 << 10, 10_000 << 10])]
fn scan_shape<const BYTES: usize>(bencher: Bencher<'_, '_>, shape: usize) {
    let engine = engine();
    let Some((path, shape)) = SHAPES.get(shape) else {
        return;
    };
    let text = shape.repeat(BYTES / shape.len());
    let mut scratch = Scratch::default();
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
        let document = Document::new(path, black_box(text.as_bytes()));
        engine.scan(&document, &mut scratch).len()
    });
}

/// Text in encodings that are undone, and one of bytes that are no text.
const ENCODED: &[&str] = &["text", "nested", "picture", "wrapped", "unicode", "percent"];

fn encoded(how: &str, bytes: usize) -> String {
    let text = code(bytes);
    let base64 = |text: &[u8]| BASE64.encode(text);
    let mut out = match how {
        "text" => base64(text.as_bytes()),
        "nested" => base64(base64(text.as_bytes()).as_bytes()),
        "picture" => {
            let chance = (0_u32..).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]);
            base64(&chance.take(bytes).collect::<Vec<_>>())
        }
        "wrapped" => {
            let packed = base64(text.as_bytes());
            let lines: Vec<_> = packed.as_bytes().chunks(76).collect();
            String::from_utf8_lossy(&lines.join(&b'\n')).into_owned()
        }
        "unicode" => text
            .bytes()
            .flat_map(|b| ["\\u00".to_owned(), HEXLOWER.encode(&[b])])
            .collect(),
        _ => text.replace(' ', "%2F"),
    };
    out.truncate(bytes);
    out
}

#[divan::bench(args = ENCODED)]
fn scan_encoded(bencher: Bencher<'_, '_>, how: &str) {
    let engine = engine();
    let text = encoded(how, 4 << 20);
    let mut scratch = Scratch::default();
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
        let document = Document::new("src/session.ts", black_box(text.as_bytes()));
        engine.scan(&document, &mut scratch).len()
    });
}

/// Every keyword of every rule, over and over.
fn keywords_of_all_rules(bytes: usize) -> String {
    let rules = rule::builtin().iter();
    let words: Vec<_> = rules.flat_map(|rule| rule.keywords.iter()).collect();
    let mut text = String::new();
    for word in words.iter().cycle() {
        text.push_str(word);
        text.push(' ');
        if text.len() >= bytes {
            break;
        }
    }
    text
}

#[divan::bench]
fn scan_keywords(bencher: Bencher<'_, '_>) {
    scan_text(bencher, &keywords_of_all_rules(5 << 20));
}

fn scan_text(bencher: Bencher<'_, '_>, text: &str) {
    let engine = engine();
    let mut scratch = Scratch::default();
    bencher.counter(BytesCount::of_str(text)).bench_local(|| {
        let document = Document::new("a.txt", black_box(text.as_bytes()));
        engine.scan(&document, &mut scratch).len()
    });
}

/// A register in which many entries are about one rule, each about a folder of its own.
fn large_register(entries: usize) -> String {
    let mut text = "version = 1\n".to_owned();
    for n in 0..entries {
        let entry = format!(
            r#"
[[exception]]
id = "EXC-{n:05}"
title = "The CI workflow of service {n} may write to everything"
category = "other"
owner = "team:release-{n}"
approved-by = ["team:security"]
reason = "The release tool asks for every permission until its version 4."
granted = 2026-10-01
expires = 2027-01-31
review = {{ every = "P90D", last = 2026-10-01, by = "team:security" }}
tickets = ["https://tickets.example.org/{n}"]

[[exception.control]]
type = "logging"
what = "Every run is posted to the channel of the security team."
verified-on = 2026-11-01
verify-every = "P90D"

[[exception.covers]]
rules = ["elevated-token/workflow-write-all", "elevated-token/secrets-inherit"]
paths = ["services/s{n}/.github/workflows/*.yml", "services/s{n}/ci/**"]
max = 20
"#
        );
        text.push_str(&entry);
    }
    text
}

fn read_register(text: &str) -> Register {
    let path = "exceptions.toml".into();
    file::read(&[file::Source { path, text }]).expect("our own register")
}

#[divan::bench(args = [5_000])]
fn register_load(bencher: Bencher<'_, '_>, entries: usize) {
    let text = large_register(entries);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| read_register(black_box(&text)).entries.len());
}

#[divan::bench(args = [100_000])]
fn register_judge(bencher: Bencher<'_, '_>, count: usize) {
    let register = read_register(&large_register(5_000));
    let engine = engine();
    let text = workflow(1);
    let document = Document::new(".github/workflows/ci.yml", text.as_bytes());
    let found = engine.scan(&document, &mut Scratch::default());
    let of_rule = |f: &&Finding| f.rule == "elevated-token/workflow-write-all";
    let one = found
        .iter()
        .find(of_rule)
        .expect("one that the entries name");
    let findings: Vec<_> = (0..count)
        .map(|n| {
            let mut finding = one.clone();
            let path = format!("services/s{}/.github/workflows/{n}.yml", n * 7 % 6_000);
            finding.place.path = path.into();
            finding
        })
        .collect();
    let (policy, coverage) = (Policy::default(), Coverage::default());
    let day = jiff::civil::date(2026, 11, 24);
    bencher
        .with_inputs(|| findings.clone())
        .bench_local_values(|findings| {
            judge(findings, &register, &policy, day, &coverage, engine.rules()).len()
        });
}

#[divan::bench]
fn parse_yaml(bencher: Bencher<'_, '_>) {
    let text = workflow(200);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| format::parse(Format::Yaml, black_box(&text)));
}

#[divan::bench]
fn lines(bencher: Bencher<'_, '_>) {
    let text = code(1 << 20);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| Lines::new(black_box(text.as_bytes())));
}

#[divan::bench]
fn line_hashes(bencher: Bencher<'_, '_>) {
    let text = code(64 << 10);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| line_hash::of_line(black_box(text.as_bytes()), 700));
}
