//! The shapes of registers and policies as JSON Schema, for editors.
//!
//! It is made of the tables by which files are checked, so the two say the same. What a
//! schema can't say is left to the check: that dates follow each other, that an id is
//! used once, that a glob isn't too broad.

use serde_json::{Map, Value, json};

use super::keys;
use super::shape::{Key, Kind};

/// The JSON Schema of a register.
pub fn register() -> Value {
    let mut exception = table(keys::EXCEPTION);
    put(
        &mut exception,
        "if",
        json!({ "properties": { "status": { "const": "proposed" } }, "required": ["status"] }),
    );
    put(
        &mut exception,
        "else",
        json!({ "required": ["approved-by"] }),
    );
    if let Some(covers) = exception.pointer_mut("/properties/covers/items") {
        let selectors = keys::SELECTORS
            .iter()
            .map(|key| json!({ "required": [key] }));
        put(covers, "anyOf", selectors.collect());
    }
    let mut wrong = table(keys::FALSE_POSITIVE);
    let either = json!([{ "required": ["fingerprint"] }, { "required": ["fingerprints"] }]);
    put(&mut wrong, "anyOf", either);
    let mut properties = Map::new();
    properties.insert("version".to_owned(), json!({ "const": 1 }));
    properties.insert("register".to_owned(), table(keys::HEAD));
    for (name, items) in [("exception", exception), ("false-positive", wrong)] {
        let list = json!({ "type": "array", "items": items });
        properties.insert(name.to_owned(), list);
    }
    let root = object(&properties, &["version"]);
    titled(root, "A register of declared exceptions, as byway reads it")
}

/// The JSON Schema of a policy.
pub fn policy() -> Value {
    let mut root = table(keys::POLICY);
    if let Some(version) = root.pointer_mut("/properties/version") {
        *version = json!({ "const": 1 });
    }
    titled(root, "The limits of exceptions, as byway reads them")
}

/// A schema as its file has it.
pub fn text(schema: &Value) -> String {
    format!("{schema:#}\n")
}

fn titled(mut schema: Value, title: &str) -> Value {
    // Editors of TOML know this draft best.
    let draft = "http://json-schema.org/draft-07/schema#";
    put(&mut schema, "$schema", json!(draft));
    put(&mut schema, "title", json!(title));
    schema
}

fn put(schema: &mut Value, key: &str, value: Value) {
    if let Some(schema) = schema.as_object_mut() {
        schema.insert(key.to_owned(), value);
    }
}

fn table(keys: &[Key]) -> Value {
    let properties = keys.iter().map(|key| {
        let mut schema = kind(&key.kind);
        if let Some(evidence) = schema.get_mut("items").filter(|_| key.name == "evidence") {
            let either = json!([{ "required": ["path"] }, { "required": ["url"] }]);
            put(evidence, "anyOf", either);
            put(evidence, "dependencies", json!({ "contains": ["path"] }));
        }
        (key.name.to_owned(), schema)
    });
    let properties = properties.collect();
    let required: Vec<_> = keys.iter().filter(|k| k.required).map(|k| k.name).collect();
    object(&properties, &required)
}

fn object(properties: &Map<String, Value>, required: &[&str]) -> Value {
    json!({
        "type": "object",
        "properties": properties,
        "patternProperties": { "^x[-_]": true },
        "additionalProperties": false,
        "required": required,
    })
}

fn kind(kind: &Kind) -> Value {
    const FINGERPRINT: &str = "^(byway1:)?[0-9A-Fa-f]{32}$";
    const DAYS: &str = r"^P(?=\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?$";
    const SOME_DAYS: &str = r"^P(?=\d*[1-9]|.*\D0*[1-9])(\d+Y)?(\d+M)?(\d+W)?(\d+D)?$";
    const PERIOD: &str = r"^P(?=[\dT])(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$";
    let like = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    let list = |items: Value| json!({ "type": "array", "items": items, "minItems": 1 });
    match kind {
        Kind::Text => like(r"\S"),
        Kind::Id => like(r"^[\p{L}\p{N}_.:/-]+$"),
        Kind::Texts => list(like(r"\S")),
        Kind::Rules => list(like(r"^[^*?\[{]*[^*?\[{\s][^*?\[{]*$")),
        Kind::Globs => list(like(r"^[^/~\\][^\\]*$")),
        Kind::Fingerprint => like(FINGERPRINT),
        Kind::Fingerprints => list(like(FINGERPRINT)),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Days => like(SOME_DAYS),
        Kind::DaysOrNone => like(DAYS),
        Kind::Period => like(PERIOD),
        Kind::Count(least) => json!({ "type": "integer", "minimum": least, "maximum": u32::MAX }),
        Kind::Truth => json!({ "type": "boolean" }),
        Kind::Path => like(r"^(?!.*(^|/)\.{0,2}(/|$))[^\\]+$"),
        Kind::Url => like(r"^https?://\S+$"),
        Kind::Name(names) => json!({ "enum": names }),
        Kind::Table(keys) => table(keys),
        Kind::Tables(keys) => list(table(keys)),
    }
}
