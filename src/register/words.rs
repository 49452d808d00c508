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

/// Longest name for which the one that was meant is looked for.
const LONGEST: usize = 120;

/// The known name that was meant by one that isn't: the one most like it, the first of
/// several, if at most a third of it is otherwise.
pub(super) fn meant<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    if name.len() > LONGEST {
        return None;
    }
    known
        .map(|known| (strsim::normalized_damerau_levenshtein(name, known), known))
        .filter(|(alike, _)| *alike > 0.66)
        .max_by(|(a, one), (b, other)| a.total_cmp(b).then(other.cmp(one)))
        .map(|(_, known)| known)
}

/// Advice on an unknown key: the known key that looks most like it.
pub(super) fn nearest(name: &str, known: impl Iterator<Item = &'static str> + Clone) -> String {
    if let Some(key) = meant(name, known.clone()) {
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
