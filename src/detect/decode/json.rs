//! Tokens that hold JSON in base64: whom they act for is written in them.

use serde_json::Value;

use super::Hit;

/// How a token holds its JSON.
struct Shape {
    name: &'static str,
    /// What comes before the JSON.
    before: &'static str,
    /// What ends it, when more follows.
    end: Option<char>,
    /// JSON pointers of what there has to be.
    needs: &'static [&'static str],
    /// Names of facts, and where they stand. None of them is secret.
    facts: &'static [(&'static str, &'static str)],
    /// Where the time it was made stands, in seconds since 1970.
    made: Option<&'static str>,
}

const SHAPES: &[Shape] = &[
    Shape {
        name: "grafana-cloud",
        before: "glc_",
        end: None,
        needs: &["/o", "/n", "/k"],
        facts: &[("organization", "/o"), ("name", "/n"), ("region", "/m/r")],
        made: None,
    },
    Shape {
        name: "grafana-key",
        before: "",
        end: None,
        needs: &["/k", "/n", "/id"],
        facts: &[("name", "/n"), ("organization", "/id")],
        made: None,
    },
    Shape {
        name: "sentry",
        before: "sntrys_",
        end: Some('_'),
        needs: &["/iat", "/org"],
        facts: &[("organization", "/org"), ("url", "/url")],
        made: Some("/iat"),
    },
    Shape {
        name: "onepassword",
        before: "ops_",
        end: None,
        needs: &["/signInAddress", "/email"],
        facts: &[("account", "/signInAddress"), ("email", "/email")],
        made: None,
    },
    Shape {
        name: "mapbox",
        before: "sk.",
        end: Some('.'),
        needs: &["/u"],
        facts: &[("user", "/u")],
        made: None,
    },
];

/// Decodes `secret` by the shape called `name`.
pub(super) fn by_name(name: &str, secret: &str, mut hit: Hit) -> Option<Hit> {
    let shape = SHAPES.iter().find(|s| s.name == name)?;
    let body = secret.strip_prefix(shape.before)?;
    let body = match shape.end {
        Some(end) => body.split(end).next()?,
        None => body,
    };
    let json = parse(body)?;
    if !shape.needs.iter().all(|at| json.pointer(at).is_some()) {
        return None;
    }
    for (name, at) in shape.facts {
        if let Some(text) = json.pointer(at).and_then(plain) {
            hit.facts.push(((*name).into(), text));
        }
    }
    let made = shape.made.and_then(|at| json.pointer(at)).and_then(plain);
    let seconds = made.and_then(|text| text.split('.').next()?.parse().ok());
    if let Some(day) = seconds.and_then(super::day) {
        hit.facts.push(("created".into(), day));
    }
    Some(hit)
}

/// JSON in base64.
fn parse(body: &str) -> Option<Value> {
    serde_json::from_slice(&super::base64(body)?).ok()
}

/// A short text or a number.
fn plain(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let fits = !text.is_empty() && text.len() <= 120 && !text.chars().any(char::is_control);
    fits.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Span;
    use crate::rule::sample;

    fn facts(name: &str, token: &str) -> Option<String> {
        let token = sample::expand(token, "json").unwrap();
        let hit = by_name(name, &token, Hit::secret(Span::new(0, 1)))?;
        let facts: Vec<_> = hit.facts.iter().map(|(k, v)| format!("{k} {v}")).collect();
        Some(facts.join(", "))
    }

    #[test]
    fn what_is_written_in_a_token_is_told_but_for_its_secret() {
        let tokens = [
            (
                "grafana-cloud",
                "glc_{{base64 {\"o\":\"204630\",\"n\":\"writer\",\"k\":\"{{base62:24}}\",\"m\":{\"r\":\"eu\"} } }}",
                "organization 204630, name writer, region eu",
            ),
            (
                "grafana-key",
                "{{base64 {\"k\":\"{{base62:32}}\",\"n\":\"annotate\",\"id\":1} }}",
                "name annotate, organization 1",
            ),
            (
                "sentry",
                "sntrys_{{base64 {\"iat\":1741264356.5,\"url\":\"https://sentry.io\",\"org\":\"shop\"} }}_{{base62:43}}",
                "organization shop, url https://sentry.io, created 2025-03-06",
            ),
            (
                "onepassword",
                "ops_{{base64url {\"signInAddress\":\"shop.1password.eu\",\"email\":\"a@b.c\",\"secretKey\":\"{{base62:34}}\"} }}",
                "account shop.1password.eu, email a@b.c",
            ),
            (
                "mapbox",
                "sk.{{base64url {\"u\":\"shop\",\"a\":\"{{base62:25}}\"} }}.{{base62:22}}",
                "user shop",
            ),
        ];
        for (name, token, expected) in tokens {
            assert_eq!(facts(name, token).as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn other_json_is_no_token() {
        assert_eq!(
            facts("sentry", "sntrys_{{base64 {\"iat\":1} }}_{{base62:43}}"),
            None
        );
        assert_eq!(facts("grafana-cloud", "glc_{{base62:60}}"), None);
        assert_eq!(facts("mapbox", "sk."), None);
        assert_eq!(facts("none", "{{base64:40}}"), None);
    }
}
