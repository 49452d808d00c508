//! Which keys an entry gives, so that a policy can ask for any of them by its name.

use std::sync::LazyLock;

use super::keys;
use super::shape::{Key, Kind};

/// The keys that an entry gives: its own, and dotted those of its tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Given(u128);

impl Given {
    /// Whether the entry gives a key, such as `exit.plan`.
    pub fn has(self, key: &str) -> bool {
        number(key).is_some_and(|n| self.0 & (1 << n) != 0)
    }

    /// The keys for which `has` holds; it is asked for `table` (empty for the entry
    /// itself) and key.
    pub(super) fn of(mut has: impl FnMut(&str, &str) -> bool) -> Self {
        let mut given = 0;
        for (n, key) in DOTTED.iter().enumerate() {
            let (table, name) = key.split_once('.').unwrap_or(("", key));
            given |= u128::from(has(table, name)) << n;
        }
        Self(given)
    }
}

/// Every key that can be asked for.
pub(super) fn askable() -> impl Iterator<Item = &'static str> + Clone {
    DOTTED.iter().map(String::as_str)
}

fn number(key: &str) -> Option<usize> {
    DOTTED.iter().position(|known| known == key)
}

static DOTTED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let below = |key: &Key| -> Vec<String> {
        let Kind::Table(inner) = key.kind else {
            return Vec::new();
        };
        let dotted = |inner: &Key| format!("{}.{}", key.name, inner.name);
        inner.iter().map(dotted).collect()
    };
    let all = keys::EXCEPTION.iter();
    all.flat_map(|key| std::iter::once(key.name.to_owned()).chain(below(key)))
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_bit() {
        assert!(DOTTED.len() < 128);
        let given = Given::of(|table, name| (table, name) == ("exit", "plan"));
        assert!(given.has("exit.plan"));
        assert!(!given.has("exit") && !given.has("exit.target") && !given.has("exit.pan"));
    }
}
