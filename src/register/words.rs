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
        .map(|k| (distance(name, k), k))
        .min()
        .filter(|(d, _)| *d <= close && name.len() <= 40);
    if let Some((_, key)) = best {
        return format!("write `{key}`, or begin the name of a key of your own with `x-`");
    }
    let all: Vec<_> = known.collect();
    let all = all.join(", ");
    format!("known here are {all}; begin the name of a key of your own with `x-`")
}

/// Levenshtein distance, in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, cb) in row.iter_mut().skip(1).zip(&b) {
            let replaced = diagonal + usize::from(ca != *cb);
            diagonal = *cell;
            left = replaced.min(left + 1).min(*cell + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_how_alike_two_keys_are() {
        assert_eq!(distance("approved_by", "approved-by"), 1);
        assert_eq!(distance("expiry", "expires"), 2);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
