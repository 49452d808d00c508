//! How much of what one reason says another said before.

use std::collections::BTreeSet;

/// How many words two texts have in common, and how many there are in both together. A
/// word counts once, and capitals play no part. The quotient is Jaccard's index.
pub(super) fn in_common(a: &str, b: &str) -> (usize, usize) {
    let words = |text: &str| -> BTreeSet<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let (a, b) = (words(a), words(b));
    (a.intersection(&b).count(), a.union(&b).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_words_once_whatever_stands_between() {
        assert_eq!(
            in_common("The vendor, the key.", "key of THE vendor"),
            (3, 4)
        );
        assert_eq!(in_common("", "--"), (0, 0));
    }
}
