//! How good a secret a value would make: what was generated is one whatever says so,
//! what a person chose needs a place where only secrets stand.

use super::super::entropy;
use super::value::{
    self, Classes, has_shape, is_one_token, is_random, is_set_password, is_wordy, names_itself,
};

/// How good a secret a value would make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::detect) enum Strength {
    /// A word.
    Word,
    /// A word with digits or signs, or digits alone.
    Weak,
    /// Short, or of few kinds of characters, but no word.
    Fair,
    /// As generated, or as a policy for passwords asks for.
    Strong,
}

/// How good a password this is; `None` for a placeholder and what has another shape.
pub(in crate::detect) fn of_password(value: &str) -> Option<Strength> {
    let bytes = value.as_bytes();
    if !(4..=128).contains(&bytes.len())
        || !is_one_token(value)
        || value::calls(bytes)
        || value::is_placeholder(value)
        || value::is_toy(value)
        || has_shape(value)
    {
        return None;
    }
    let classes = Classes::of(bytes);
    let letters = classes.has(Classes::LOWER | Classes::UPPER);
    let digits = classes.has(Classes::DIGIT);
    let signs = classes.has(Classes::SYMBOL);
    let strength = if is_identifier(bytes) {
        Strength::Word
    } else if !letters {
        if signs && digits && bytes.len() >= 8 {
            Strength::Fair
        } else {
            Strength::Weak
        }
    } else if is_of_words(value) {
        // `correct_horse_1!` is an identifier's kind of text.
        let sentence = value.contains(['_', '-', '.']) || bytes.len() >= 20;
        match (digits, signs) {
            (true, true) if !sentence && bytes.len() >= 8 => Strength::Fair,
            (false, false) => Strength::Word,
            _ => Strength::Weak,
        }
    } else if digits && signs && bytes.len() >= 8
        || digits && classes.count() >= 3 && bytes.len() >= 10
        || is_random(value)
    {
        Strength::Strong
    } else if bytes.len() >= 8 || digits && bytes.len() >= 6 {
        Strength::Fair
    } else if digits || signs {
        Strength::Weak
    } else {
        Strength::Word
    };
    Some(if names_itself(value) {
        strength.min(Strength::Word)
    } else {
        strength
    })
}

/// Whether a password in a program could look like this. A person's password is hard
/// to tell from a word, so it must have what a policy asks for: digits and signs.
pub(in crate::detect) fn is_strong_password(value: &str) -> bool {
    let bytes = value.as_bytes();
    let classes = Classes::of(bytes);
    let mixed = classes.count() >= 3;
    let good = classes.has(Classes::SYMBOL) && mixed
        || bytes.len() >= 10 && mixed && !is_wordy(value)
        || is_random(value);
    bytes.len() >= 8
        && classes.has(Classes::DIGIT)
        && good
        && of_password(value).is_some_and(|strength| strength >= Strength::Fair)
        && entropy::shannon(bytes) >= 2.75
}

/// Whether the value mixes three kinds of characters, as no word does.
pub(in crate::detect) fn is_mixed(value: &str) -> bool {
    Classes::of(value.as_bytes()).count() >= 3 && !is_wordy(value)
}

/// Whether the letters form words, and are more than ornament.
fn is_of_words(value: &str) -> bool {
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    letters > digits && is_wordy(value)
}

/// Words of one case with separators and without digits: `snmp_oid`, `API-KEY`.
fn is_identifier(value: &[u8]) -> bool {
    let separator = |b: &u8| matches!(b, b'_' | b'-' | b'.');
    let all = |case: fn(&u8) -> bool| value.iter().all(|b| case(b) || separator(b));
    value.iter().any(separator) && (all(u8::is_ascii_lowercase) || all(u8::is_ascii_uppercase))
}

/// How good a key, token or secret this is.
pub(in crate::detect) fn of_key(value: &str) -> Option<Strength> {
    if is_random(value) {
        return Some(Strength::Strong);
    }
    if value::is_uuid(value) {
        return (!value::is_placeholder(value)).then_some(Strength::Fair);
    }
    let strength = of_password(value)?;
    let bytes = value.as_bytes();
    let classes = Classes::of(bytes);
    let good = strength >= Strength::Fair
        && is_set_password(value, "")
        && (bytes.len() >= 10 && classes.count() >= 3 || bytes.len() >= 20 && !is_wordy(value));
    Some(if good {
        Strength::Fair
    } else {
        strength.min(Strength::Weak)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords() {
        for value in ["Tr0ub4dor&3x", "kX9#mQ2$vL", "Winter2019!!"] {
            assert!(is_strong_password(value), "{value}");
        }
        for value in [
            "password",
            "P@ssw0rd123",
            "correct_horse_1!",
            "changeme",
            "Mot de passe",
            "hunter2",
            "current-password",
            "Passwort",
            "${DB_PASS}",
            "<password>",
            "Base64Encoded",
            "oauth2",
            "s3cr3t!A",
        ] {
            assert!(!is_strong_password(value), "{value}");
        }
    }
}
