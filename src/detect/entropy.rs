//! How much a text looks like chance.

/// Shannon entropy in bits per byte (Shannon, 1948): 0 for an empty text, at most 8.
pub(super) fn shannon(text: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text {
        counts[usize::from(*byte)] += 1;
    }
    let total = count_as_f64(text.len());
    counts
        .iter()
        .filter(|n| **n > 0)
        .map(|n| {
            let share = f64::from(*n) / total;
            -share * share.log2()
        })
        .sum()
}

/// Entropy of the whole text in bits: a bound on how hard it is to guess.
pub(super) fn bits(text: &[u8]) -> f64 {
    shannon(text) * count_as_f64(text.len())
}

fn count_as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert!(shannon(b"") < f64::EPSILON);
        assert!(shannon(b"aaaa") < f64::EPSILON);
        assert!((shannon(b"abcd") - 2.0).abs() < 1e-12);
        assert!((bits(b"abcd") - 8.0).abs() < 1e-12);
    }
}
