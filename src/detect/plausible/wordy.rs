//! Words or chance, told by which letters follow which.

use super::words::PAIRS;

/// What a letter that stands alone or in a pair takes from the score: words are longer.
const SHORT: i32 = -4;

/// Whether the letters of a value form words rather than chance.
///
/// The score is the log-likelihood of the letter pairs, words against chance, summed
/// over the runs of letters. A capital begins a run, as in `camelCase`. Of words with
/// eight letters one in fifty fails, of chance one in twenty passes.
pub(in crate::detect) fn is_wordy(value: &str) -> bool {
    let mut letters = 0;
    let mut score = 0;
    let mut run = Run::default();
    let mut last = b' ';
    for byte in value.bytes().chain([b' ']) {
        let rises = byte.is_ascii_uppercase() && last.is_ascii_lowercase();
        if (!byte.is_ascii_alphabetic() || rises) && run.letters > 0 {
            score += run.score();
            letters += run.letters;
            run = Run::default();
        }
        if byte.is_ascii_alphabetic() {
            run.push(byte);
        }
        last = byte;
    }
    letters >= 3 && score > 0
}

/// Letters without a break.
#[derive(Default)]
struct Run {
    letters: u32,
    capitals: u32,
    capital_first: bool,
    last: u8,
    pairs: i32,
}

impl Run {
    fn push(&mut self, byte: u8) {
        let letter = byte.to_ascii_lowercase();
        self.capitals += u32::from(byte.is_ascii_uppercase());
        self.capital_first |= self.letters == 0 && byte.is_ascii_uppercase();
        if self.letters > 0 {
            self.pairs += odds(self.last, letter);
        }
        self.last = letter;
        self.letters += 1;
    }

    /// Words are `lower`, `UPPER` or `Capitalised`.
    const fn score(&self) -> i32 {
        let cased = match self.capitals {
            0 => true,
            1 => self.capital_first,
            n => n == self.letters,
        };
        if self.letters < 3 || !cased {
            SHORT
        } else {
            self.pairs
        }
    }
}

/// How much likelier the second letter is after the first in words, in half bits.
fn odds(first: u8, second: u8) -> i32 {
    let row = PAIRS.get(usize::from(first.wrapping_sub(b'a')));
    let cell = row.and_then(|row| row.get(usize::from(second.wrapping_sub(b'a'))));
    cell.map_or(0, |cell| i32::from(*cell) - i32::from(b'n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_every_form() {
        for value in [
            "sunshine",
            "authentication-service",
            "my_application_name_2024",
            "userPasswordField",
            "com.example.service",
            "DATABASE_URL",
            "Handler",
        ] {
            assert!(is_wordy(value), "{value}");
        }
    }

    #[test]
    fn chance() {
        for value in [
            "kfhsjdeq",
            "dkajcoxq",
            "NsIdksKJdj",
            "tDAcArb1qNTEd24x",
            "xk9vpq2lm",
            "12345678",
            "a1b2",
        ] {
            assert!(!is_wordy(value), "{value}");
        }
    }
}
