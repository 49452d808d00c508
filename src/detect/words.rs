//! The words of a name, however it is written.

/// The words of a name in lower case: cut at what is no letter or digit, and where a
/// capital begins a word.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let bytes = name.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        let after = bytes.get(at + 1);
        let begins = byte.is_ascii_uppercase()
            && (before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                || before.is_some_and(u8::is_ascii_uppercase)
                    && after.is_some_and(u8::is_ascii_lowercase));
        if begins || !byte.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if byte.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(char::from(byte.to_ascii_lowercase()));
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_all_ways_of_writing() {
        for name in ["SKIP_AUTH_CHECK", "skip-auth-check", "skipAuthCheck"] {
            assert_eq!(words(name), ["skip", "auth", "check"]);
        }
        assert_eq!(words("APIKey-v1"), ["api", "key", "v1"]);
        assert_eq!(words("--2fa"), ["2fa"]);
    }
}
