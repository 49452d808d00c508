//! A login at a place that can be nothing else: how real its password looks, and how
//! sure that and its host make a finding.

pub(in crate::detect) use super::host::{Where, is_production};
use super::words::{STAND_INS, WHOSE};
use super::{strength, value};
use crate::finding::Confidence;

/// How much a password looks like one in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::detect) enum Grade {
    /// Put in later, or nothing at all.
    Blank,
    /// A word that stands for a password: `password`, `my_secret`.
    StandIn,
    /// A password that examples use, or the user's name again.
    Toy,
    /// A word: a person's password, or a name.
    Weak,
    /// Of mixed characters.
    Set,
    /// What a policy asks for, or made by a machine.
    Strong,
}

/// Grades the password of `user`.
pub(in crate::detect) fn grade(password: &str, user: &str) -> Grade {
    let graphic = password.bytes().all(|b| b.is_ascii_graphic());
    if password.len() < 3 || !graphic || is_filled_in(password) || is_reference(password) {
        return Grade::Blank;
    }
    if value::is_random(password) || strength::is_strong_password(password) {
        return Grade::Strong;
    }
    if stands_in(password) {
        return Grade::StandIn;
    }
    if value::is_toy(password) || password.eq_ignore_ascii_case(user) {
        return Grade::Toy;
    }
    if value::is_placeholder(password) {
        return Grade::Blank;
    }
    if value::is_set_password(password, user) && !is_name(password) {
        return Grade::Set;
    }
    if password.len() < 5 || password.bytes().all(|b| b.is_ascii_digit()) {
        return Grade::Toy;
    }
    Grade::Weak
}

/// Whether the part is put in later: a template, a variable, a format.
pub(in crate::detect) fn is_filled_in(part: &str) -> bool {
    part.contains(['$', '{', '}', '<', '>', '[', '(', '*', '`'])
        && (part.contains(['{', '<', '[', '*', '`'])
            || part.contains("$(")
            || part.ends_with([')', '}', '>'])
            || part.starts_with(['$', '(']))
        || part.starts_with('%') && (part.ends_with('%') || !part.get(1..3).is_some_and(is_hex))
        || part.starts_with(':')
        || part.contains("...")
        || part.contains('…')
        || part.len() >= 3 && part.bytes().all(|b| matches!(b, b'x' | b'X' | b'*' | b'?'))
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// `settings.password`, `cfg->pw`, `self.pw`: a name that is looked up.
fn is_reference(part: &str) -> bool {
    let name = |piece: &str| {
        piece.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_') && !piece.is_empty()
    };
    (part.contains('.') && part.split('.').all(name)) || part.contains("->")
}

/// Words and a separator or digits at their end, as a name has: `app_user_2`.
fn is_name(part: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    part.contains(['_', '-', '.']) && part.bytes().all(plain) && value::is_wordy(part)
}

/// Whether every word in it says `password`, or whose.
fn stands_in(password: &str) -> bool {
    let words = crate::detect::words::words(password);
    let bare = |word: &str| {
        word.trim_end_matches(|c: char| c.is_ascii_digit())
            .to_owned()
    };
    let words: Vec<String> = words
        .iter()
        .map(|w| bare(w))
        .filter(|w| !w.is_empty())
        .collect();
    let is = |list: &[&str], word: &String| list.contains(&word.as_str());
    words.iter().any(|w| is(STAND_INS, w))
        && words.iter().all(|w| is(STAND_INS, w) || is(WHOSE, w))
        && words.iter().map(String::len).sum::<usize>() * 2 > password.len()
}

/// The user as a finding may name it. Not where it may be a secret itself: many services
/// take a key for the user and any word for the password.
pub(in crate::detect) fn shown<'u>(user: &'u str, password: &str) -> Option<&'u str> {
    let plain = !user.is_empty() && !user.contains(['$', '%', '{', '<', '#', '"', '\'']);
    let secret = user.eq_ignore_ascii_case(password) || value::is_random(user);
    (plain && !secret).then_some(user)
}

/// Whether a password is words and nothing else: with a digit in it, somebody chose it.
pub(in crate::detect) fn is_word(password: &str) -> bool {
    value::is_wordy(password) && !password.bytes().any(|b| b.is_ascii_digit())
}

/// How sure a login is: it counts for less where nobody is kept out by it.
#[expect(
    clippy::match_same_arms,
    reason = "the rows of a table, from the surest down"
)]
pub(in crate::detect) fn weigh(grade: Grade, place: Where, wordy: bool) -> Option<Confidence> {
    use Confidence::{High, Low, Medium};
    Some(match (grade, place) {
        (Grade::Strong, Where::Example) => Medium,
        (Grade::Strong, _) => High,
        (Grade::Set, Where::Short) if wordy => Low,
        (Grade::Set, Where::Example | Where::Local) => Low,
        (Grade::Set, _) => High,
        // A weak password in production is still its password.
        (Grade::Weak, Where::Production | Where::Named) => Medium,
        (Grade::Weak, Where::Short) => Low,
        (Grade::Toy, Where::Production) => Medium,
        (Grade::Toy, Where::Named) | (Grade::StandIn, Where::Production) => Low,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::sample::expand;

    #[test]
    fn users_that_may_be_named() {
        assert_eq!(shown("app@corp", "tiger"), Some("app@corp"));
        let key = expand("{{base62:30}}", "seed").unwrap();
        for user in ["", "Tiger", "${USER}", &key] {
            assert_eq!(shown(user, "tiger"), None, "{user}");
        }
    }

    #[test]
    fn parts_that_are_put_in_later() {
        for part in [
            "${PASS}", "$PASS", "{pass}", "%s", "%(pw)s", "<pw>", "{{ pw }}", "****", "...",
            "%PASS%", "$(pw)", "`pw`", "XXXXXX",
        ] {
            assert!(is_filled_in(part), "{part}");
        }
        for part in ["%40bc", "a$b", "pa%s"] {
            assert!(!is_filled_in(part), "{part}");
        }
    }

    #[test]
    fn grades() {
        for (password, grade_of) in [
            ("settings.password", Grade::Blank),
            ("PASSWORD", Grade::StandIn),
            ("my-db-password", Grade::StandIn),
            ("yourPassword", Grade::StandIn),
            ("tiger", Grade::Toy),
            ("scott", Grade::Toy),
            ("123456", Grade::Toy),
            ("goodspec", Grade::Weak),
            ("app_owner_2", Grade::Weak),
        ] {
            assert_eq!(grade(password, "scott"), grade_of, "{password}");
        }
        let made = |shape: &str| expand(shape, "seed").unwrap();
        assert_eq!(grade(&made("{{base62:20}}"), ""), Grade::Strong);
        assert_eq!(grade(&made("k7{{lower:3}}q"), ""), Grade::Set);
    }
}
