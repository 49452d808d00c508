//! Rows of a table by a word that what is looked up has to share with them: a step of a
//! pipeline is compared with a few rows and not with hundreds.

use std::collections::HashMap;

/// Rows of a table by a key, each key's in the order of the table.
pub(crate) struct Index<R: 'static> {
    rows: HashMap<String, Vec<&'static R>>,
}

impl<R> Index<R> {
    /// Files each row under its keys.
    pub(crate) fn new<K: Into<String>>(
        table: &'static [R],
        keys: impl Fn(&'static R) -> Vec<K>,
    ) -> Self {
        let mut rows: HashMap<String, Vec<&'static R>> = HashMap::new();
        for row in table {
            for key in keys(row) {
                let filed = rows.entry(key.into()).or_default();
                if !filed.last().is_some_and(|last| std::ptr::eq(*last, row)) {
                    filed.push(row);
                }
            }
        }
        Self { rows }
    }

    /// The rows under a key.
    pub(crate) fn get(&self, key: &str) -> &[&'static R] {
        self.rows.get(key).map_or(&[], Vec::as_slice)
    }
}

/// The first two letters of a name, in lower case: the key for names that are compared
/// by how they begin.
pub(crate) fn start(name: &str) -> String {
    name.chars().take(2).flat_map(char::to_lowercase).collect()
}

/// The last part of an image's name, the key for names that are compared by their end.
pub(crate) fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_the_order_of_the_table() {
        const TABLE: &[(&str, u8)] = &[("Azure/login", 1), ("aws/x", 2), ("azure/k8s", 3)];
        let index = Index::new(TABLE, |row| vec![start(row.0), start(row.0)]);
        let found: Vec<_> = index.get("az").iter().map(|row| row.1).collect();
        assert_eq!(found, [1, 3]);
        assert!(index.get("zz").is_empty());
        assert_eq!((start("é"), last("ghcr.io/a/trivy")), ("é".into(), "trivy"));
    }
}
