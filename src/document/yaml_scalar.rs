//! What a YAML scalar means: the core schema of YAML 1.2.

use super::node::Value;

/// Resolves a plain scalar. `yes`, `on` and their like stay text, as YAML 1.2 has it.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).unwrap_or_else(|| Value::Str(text.to_owned())),
    }
}

/// Resolves a scalar with a tag of the core schema (`!!int`); what doesn't fit the
/// tag stays text.
pub(super) fn tagged(tag: &str, text: &str) -> Value {
    match (tag, plain(text)) {
        ("null", _) => Value::Null,
        ("bool", value @ Value::Bool(_))
        | ("int", value @ Value::Int(_))
        | ("float", value @ Value::Float(_)) => value,
        #[expect(clippy::cast_precision_loss, reason = "the author asked for a float")]
        ("float", Value::Int(n)) => Value::Float(n as f64),
        _ => Value::Str(text.to_owned()),
    }
}

fn number(text: &str) -> Option<Value> {
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned {
        ".inf" | ".Inf" | ".INF" => {
            let infinity = if text.starts_with('-') {
                f64::NEG_INFINITY
            } else {
                f64::INFINITY
            };
            return Some(Value::Float(infinity));
        }
        ".nan" | ".NaN" | ".NAN" if unsigned.len() == text.len() => {
            return Some(Value::Float(f64::NAN));
        }
        _ => {}
    }
    let first = unsigned.bytes().find(|b| *b != b'.')?;
    let numeric = |b: u8| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    if !first.is_ascii_digit() || !unsigned.bytes().all(numeric) {
        return None;
    }
    // Digits that don't fit stay text: an identifier of twenty digits loses its
    // last ones as a float.
    if unsigned.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok().map(Value::Int);
    }
    text.parse().ok().map(Value::Float)
}

fn radix(digits: &str, radix: u32) -> Option<Value> {
    if digits.starts_with(['+', '-']) {
        return None;
    }
    i64::from_str_radix(digits, radix).ok().map(Value::Int)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_core_schema() {
        let shown = |value: Value| match value {
            Value::Null => "null".to_owned(),
            Value::Bool(b) => b.to_string(),
            Value::Int(n) => format!("i{n}"),
            Value::Float(n) => format!("f{n}"),
            Value::Str(s) => format!("'{s}'"),
            _ => "?".to_owned(),
        };
        for (text, expected) in [
            ("", "null"),
            ("~", "null"),
            ("TRUE", "true"),
            ("on", "'on'"),
            ("no", "'no'"),
            ("-12", "i-12"),
            ("+7", "i7"),
            ("0x1F", "i31"),
            ("0o17", "i15"),
            ("0x-1", "'0x-1'"),
            ("1.5", "f1.5"),
            (".5", "f0.5"),
            ("1e3", "f1000"),
            ("-.inf", "f-inf"),
            (".nan", "fNaN"),
            ("nan", "'nan'"),
            ("1.2.3", "'1.2.3'"),
            ("12:30", "'12:30'"),
            ("2026-01-02", "'2026-01-02'"),
            ("e5", "'e5'"),
            (".", "'.'"),
            ("123456789012345678901", "'123456789012345678901'"),
        ] {
            assert_eq!(shown(plain(text)), expected, "{text}");
        }
        assert_eq!(shown(tagged("str", "12")), "'12'");
        assert_eq!(shown(tagged("float", "12")), "f12");
        assert_eq!(shown(tagged("int", "x")), "'x'");
    }
}
