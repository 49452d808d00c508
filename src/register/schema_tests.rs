//! Tests that the JSON Schemas say what the parser says.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::file::{Source, read};
use super::fixture::GOOD;
use super::keys;
use super::shape::{Key, Kind};
use super::{policy, schema};

const REGISTER: &str = include_str!("../../tests/data/every_key.toml");

const POLICY: &str = r#"version = 1

[defaults]
warn-before = "P14D"
review-grace = "P0D"
review-overdue = "report"
max-total-age = "P365D"
require-controls = 1
unused = "allow"
ceiling = "error"
min-reason = 40
max-paths-breadth = 500
forbid-paths = ["**"]
approvers = ["a", "b"]
owner-directory = ["CODEOWNERS"]
separate-duties = true

[category.break-glass]
max-lifetime = "P90D"
review-every = "P30D"
renewals = 3
approvals = 1
require = ["break-glass.last-tested"]
require-controls-of = ["logging"]
"#;

/// A TOML value as an editor hands it to a schema: a date is text.
fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::Datetime(when) => when.to_string().into(),
        toml::Value::Array(items) => items.iter().map(json).collect(),
        toml::Value::Table(table) => Value::Object(
            table
                .iter()
                .map(|(key, value)| (key.clone(), json(value)))
                .collect(),
        ),
        other => serde_json::to_value(other).unwrap(),
    }
}

fn valid(schema: &Value, document: &toml::Table) -> bool {
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(schema)
        .unwrap();
    validator.is_valid(&json(&toml::Value::Table(document.clone())))
}

fn parses(document: &toml::Table) -> bool {
    let text = toml::to_string(document).unwrap();
    let path = "exceptions.toml".into();
    let read = read(&[Source { path, text: &text }]);
    read.is_ok_and(|register| register.faults.is_empty())
}

fn is_policy(document: &toml::Table) -> bool {
    policy::read("p.toml".into(), &toml::to_string(document).unwrap()).is_ok()
}

/// The table that a path of keys leads to, of lists by the first item that has it.
fn reach<'t>(value: &'t mut toml::Value, path: &[&str]) -> Option<&'t mut toml::Table> {
    match (value, path) {
        (toml::Value::Array(items), _) => items.iter_mut().find_map(|item| reach(item, path)),
        (toml::Value::Table(table), []) => Some(table),
        (toml::Value::Table(table), [key, rest @ ..]) => reach(table.get_mut(*key)?, rest),
        _ => None,
    }
}

/// Every key below a table, with the way to it.
fn all(
    shape: &'static [Key],
    path: &[&'static str],
    found: &mut Vec<(Vec<&'static str>, &'static Key)>,
) {
    for key in shape {
        found.push((path.to_vec(), key));
        if let Kind::Table(inner) | Kind::Tables(inner) = key.kind {
            all(inner, &[path, &[key.name]].concat(), found);
        }
    }
}

/// Values that a key may not have.
fn wrong(kind: &Kind) -> Vec<toml::Value> {
    let text = |text: &str| toml::Value::from(text);
    let empty = || toml::Value::Array(Vec::new());
    let one = |text: &str| toml::Value::Array(vec![text.into()]);
    let mut values = match kind {
        Kind::Truth => vec![text("true")],
        Kind::Count(0) => vec![(-1).into(), 1.5.into()],
        Kind::Count(_) => vec![0.into(), text("1")],
        Kind::Text => vec![text(" ")],
        Kind::Id => vec![text("a b"), text("")],
        Kind::Texts => vec![empty(), one(""), text("x")],
        Kind::Rules => vec![empty(), one("a/*"), one("a/{b}")],
        Kind::Globs => vec![empty(), one("/a"), one("a\\b"), one("")],
        Kind::Fingerprint => vec![text("0f"), text(&"g".repeat(32))],
        Kind::Fingerprints => vec![empty(), one("0f")],
        Kind::Date => vec![text("2026-02-30"), text("soon")],
        Kind::Days => vec![
            text("P0D"),
            text("PT4H"),
            text("90"),
            text("P"),
            text("P00W"),
        ],
        Kind::DaysOrNone => vec![text("PT4H"), text("-P1D"), text("P1.5D")],
        Kind::Period => vec![text("P"), text("PT"), text("4h")],
        Kind::Path => vec![
            text("/a"),
            text("../a"),
            text("a/../b"),
            text("a\\b"),
            text("a//b"),
        ],
        Kind::Url => vec![text("www.example.org"), text("https://")],
        Kind::Name(_) => vec![text("none"), text("")],
        Kind::Table(_) => vec![text("x"), empty()],
        Kind::Tables(_) => vec![empty(), one("x")],
    };
    values.extend(match kind {
        Kind::Truth => None,
        _ => Some(toml::Value::Boolean(true)),
    });
    values
}

/// Makes a table wrong, or not.
type Change = Box<dyn Fn(&mut toml::Table)>;

/// Whether parser and schema agree on a document with each key wrong, missing, misspelt.
fn agree(
    good: &toml::Table,
    root: &[&str],
    shape: &'static [Key],
    schema: &Value,
    takes: fn(&toml::Table) -> bool,
) -> usize {
    let mut keys = Vec::new();
    all(shape, &[], &mut keys);
    let mut tried = 0;
    for (path, key) in keys {
        let path = [root, &path].concat();
        let mut changes: Vec<Change> = vec![
            Box::new(|table| drop(table.remove(key.name))),
            Box::new(|table| drop(table.insert(format!("{}s", key.name), 1.into()))),
            Box::new(|table| drop(table.insert(format!("x-{}", key.name), 1.into()))),
        ];
        for value in wrong(&key.kind) {
            changes.push(Box::new(move |table| {
                table.insert(key.name.to_owned(), value.clone());
            }));
        }
        for (n, change) in changes.iter().enumerate() {
            let mut document = toml::Value::Table(good.clone());
            let Some(table) = reach(&mut document, &path) else {
                continue;
            };
            change(table);
            let document = document.as_table().unwrap();
            let (schema, parser) = (valid(schema, document), takes(document));
            assert_eq!(
                schema,
                parser,
                "change {n} of {}.{}",
                path.join("."),
                key.name
            );
            tried += 1;
        }
    }
    tried
}

#[test]
fn a_register_s_schema_agrees_with_its_parser() {
    let schema = schema::register();
    for good in [GOOD, REGISTER] {
        let good: toml::Table = good.parse().unwrap();
        assert!(parses(&good) && valid(&schema, &good));
    }
    let good: toml::Table = REGISTER.parse().unwrap();
    let root = ["exception"];
    assert!(agree(&good, &root, keys::EXCEPTION, &schema, parses) > 300);
    let root = ["false-positive"];
    assert!(agree(&good, &root, keys::FALSE_POSITIVE, &schema, parses) > 30);
    let proposed = GOOD.replace("approved-by", "status = \"proposed\"\nx-by");
    let unapproved = proposed.replace("proposed", "active");
    for (text, expected) in [(proposed, true), (unapproved, false)] {
        let document: toml::Table = text.parse().unwrap();
        assert_eq!(
            (parses(&document), valid(&schema, &document)),
            (expected, expected)
        );
    }
}

#[test]
fn a_policy_s_schema_agrees_with_its_parser() {
    let schema = schema::policy();
    let good: toml::Table = POLICY.parse().unwrap();
    assert!(is_policy(&good) && valid(&schema, &good));
    assert!(agree(&good, &[], keys::POLICY, &schema, is_policy) > 100);
}

#[test]
fn the_files_are_what_is_made_of_the_tables() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    for (name, schema, option) in [
        ("exceptions", schema::register(), ""),
        ("policy", schema::policy(), " --policy"),
    ] {
        let file = format!("{name}.schema.json");
        #[expect(
            clippy::disallowed_methods,
            reason = "a test looks at a file of the project"
        )]
        let text = fs::read_to_string(folder.join(&file)).unwrap_or_default();
        let text = text.replace("\r\n", "\n");
        let mend = format!("run `byway register schema{option} > schemas/{file}`");
        assert!(text == schema::text(&schema), "{mend}");
    }
}
