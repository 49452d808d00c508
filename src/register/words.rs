//! Keys in messages: how they are shown, and which one was meant.

/// A dotted key.
pub(super) fn join(path: &str, name: &str) -> String {
    let name = shown(name);
    if path.is_empty() {
        name
    } else {
        format!("{path}.{name}")
    }
}

/// A key as a message shows it: no control characters, not too long.
pub(super) fn shown(key: &str) -> String {
    key.chars().take(40).flat_map(char::escape_debug).collect()
}

/// Advice on an unknown key: the known key that looks most like it.
pub(super) fn nearest(name: &str, known: impl Iterator<Item = &'static str> + Clone) -> String {
    let close = name.len() / 3 + 1;
    let best = known
        .clone()
        .map(|k| (strsim::levenshtein(name, k), k))
        .min()
        .filter(|(d, _)| *d <= close && name.len() <= 40);
    if let Some((_, key)) = best {
        return format!("write `{key}`, or begin the name of a key of your own with `x-`");
    }
    let all: Vec<_> = known.collect();
    let all = all.join(", ");
    format!("known here are {all}; begin the name of a key of your own with `x-`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advises_the_key_that_was_meant() {
        let known = ["approved-by", "expires", "owner"];
        let advice = |name| nearest(name, known.into_iter());
        assert!(advice("approved_by").starts_with("write `approved-by`"));
        assert!(advice("expiry").starts_with("write `expires`"));
        assert!(advice("zzz").starts_with("known here are approved-by, expires, owner"));
    }
}
