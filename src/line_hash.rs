//! GitHub's `primaryLocationLineHash`, computed exactly as the upload action does.
//!
//! A rolling hash over the hundred UTF-16 code units that follow a line's start,
//! white space left out, and the count of equal hashes so far. A value that
//! differs by one digit makes a code-scanning service close an alert and open a
//! new one, so the oddities are kept: a byte order mark counts as a character, and
//! bytes that aren't UTF-8 count as U+FFFD.

use std::collections::HashMap;

/// Code units in the window.
const WINDOW: usize = 100;
/// The base of the polynomial.
const BASE: u64 = 37;
/// Fed after the text; no code unit of valid UTF-16 text has a use for it.
const END: u16 = 0xFFFF;
const LF: u16 = b'\n' as u16;
const CR: u16 = b'\r' as u16;
const SPACE: u16 = b' ' as u16;
const TAB: u16 = b'\t' as u16;

/// The hash of one line, counted from 1.
pub fn of_line(text: &[u8], line: u32) -> String {
    of_lines(text, &[line]).pop().unwrap_or_default()
}

/// The hashes of several lines, counted from 1 and sorted, in one pass. Lines end
/// after LF, CR LF or CR. The hash of a line after the last is empty.
pub fn of_lines(text: &[u8], lines: &[u32]) -> Vec<String> {
    let mut hasher = Hasher::new(lines);
    for chunk in text.utf8_chunks() {
        let broken = (!chunk.invalid().is_empty()).then_some(0xFFFD);
        for unit in chunk.valid().encode_utf16().chain(broken) {
            if hasher.done() {
                return hasher.found;
            }
            hasher.feed(unit);
        }
    }
    hasher.finish()
}

/// The rolling hash and what it has found.
struct Hasher<'a> {
    hash: u64,
    /// `BASE` to the power of `WINDOW`: the weight of the unit that drops out.
    oldest: u64,
    units: [u16; WINDOW],
    /// The line that starts at each unit of the window; 0 for none.
    starts: [u32; WINDOW],
    /// The slot of the window that is written next.
    at: usize,
    line: u32,
    line_starts: bool,
    after_cr: bool,
    seen: HashMap<u64, u32>,
    asked: &'a [u32],
    found: Vec<String>,
}

impl<'a> Hasher<'a> {
    fn new(asked: &'a [u32]) -> Self {
        Self {
            hash: 0,
            oldest: (0..WINDOW).fold(1, |power: u64, _| power.wrapping_mul(BASE)),
            units: [0; WINDOW],
            starts: [0; WINDOW],
            at: 0,
            line: 0,
            line_starts: true,
            after_cr: false,
            seen: HashMap::new(),
            asked,
            found: Vec::with_capacity(asked.len()),
        }
    }

    fn done(&self) -> bool {
        self.found.len() == self.asked.len()
    }

    /// Takes the next code unit of the text.
    fn feed(&mut self, mut unit: u16) {
        let lf_of_crlf = self.after_cr && unit == LF;
        self.after_cr = unit == CR;
        if unit == SPACE || unit == TAB || lf_of_crlf {
            return;
        }
        if unit == CR {
            unit = LF;
        }
        self.emit();
        if self.line_starts {
            self.line += 1;
            self.set_start(self.line);
        }
        self.line_starts = unit == LF;
        self.roll(unit);
    }

    fn finish(mut self) -> Vec<String> {
        self.feed(END);
        for _ in 0..WINDOW {
            self.emit();
            self.roll(0);
        }
        self.found.resize(self.asked.len(), String::new());
        self.found
    }

    /// Notes the hash of the line whose start is about to drop out, if any.
    fn emit(&mut self) {
        let line = self.starts.get(self.at).copied().unwrap_or(0);
        if line == 0 {
            return;
        }
        self.set_start(0);
        let count = self.seen.entry(self.hash).or_insert(0);
        *count += 1;
        // `asked` is sorted and lines come in order; it may name a line twice.
        while self.asked.get(self.found.len()) == Some(&line) {
            self.found.push(format!("{:x}:{count}", self.hash));
        }
    }

    fn set_start(&mut self, line: u32) {
        if let Some(start) = self.starts.get_mut(self.at) {
            *start = line;
        }
    }

    /// Moves the window by one unit.
    fn roll(&mut self, unit: u16) {
        let mut old = 0;
        if let Some(slot) = self.units.get_mut(self.at) {
            old = std::mem::replace(slot, unit);
        }
        self.hash = self
            .hash
            .wrapping_mul(BASE)
            .wrapping_add(u64::from(unit))
            .wrapping_sub(self.oldest.wrapping_mul(u64::from(old)));
        self.at = (self.at + 1) % WINDOW;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Every expected value comes from Microsoft's SARIF Multitool 5.7.0 (`rewrite
    // --insert RollingHashPartialFingerprints`) and from the upload action's own
    // function under Node, which agree but for the byte order mark: the Multitool
    // drops it, and GitHub, which is what counts, keeps it.
    const EMPTY: &str = "c129715d7a2bc9a3:1";

    #[track_caller]
    fn check(text: &[u8], expected: &[&str]) {
        let lines: Vec<u32> = (1..).take(expected.len()).collect();
        assert_eq!(of_lines(text, &lines), expected);
        for (line, expected) in lines.iter().zip(expected) {
            assert_eq!(of_line(text, *line), *expected, "line {line} alone");
        }
        let after = lines.last().map_or(1, |last| last + 1);
        assert_eq!(of_line(text, after), "", "after the last");
    }

    #[test]
    fn short_texts() {
        check(b"", &[EMPTY]);
        check(b"key", &["c7cbacb9ff6d0cf8:1"]);
        check(
            b"first\nsecond\nthird",
            &[
                "4f0bb1bc81d8a396:1",
                "87bc1c02d7a88c7c:1",
                "faada04c32282796:1",
            ],
        );
    }

    #[test]
    fn line_breaks_and_white_space() {
        check(
            b"a: 1\r\n\tkey = 2\r\n\r\nend\r\n",
            &[
                "d9a7a9a10367dcb2:1",
                "9db612ff94c578ec:1",
                "302b919be9a80de2:1",
                "fe2be582c6296f40:1",
                EMPTY,
            ],
        );
        check(
            b"a\rb\r\rc \r \nx",
            &[
                "5eed27e00bd8db23:1",
                "9aa1954ac7fad48c:1",
                "b2d48ec9767ddfb8:1",
                "e0987d182110c32e:1",
                "a88801a1799b48b5:1",
                "638816509450efbf:1",
            ],
        );
        check(
            b"\tkey:\t1\n  key: 1\nkey:1",
            &[
                "fa7e60d87b1ee6bb:1",
                "291948ff9b79a99:1",
                "faf09c92518513e7:1",
            ],
        );
    }

    #[test]
    fn characters_outside_ascii() {
        let astral = "x = \"😀é\"\ny = \"𝒳\"\n";
        check(
            astral.as_bytes(),
            &["f2b36cb47e467ccc:1", "f736342f9e5b19b3:1", EMPTY],
        );
        check(
            "\u{feff}key\nkey\n".as_bytes(),
            &["c3170e7e96c9f028:1", "82414c1deb8e0c56:1", EMPTY],
        );
        check(
            b"a\xff\xfeb\nc\xe2\x82d\n\xf0\x9f\x98\n\xe2\x82",
            &[
                "df4221fa5bff6940:1",
                "aa673e490ad84e0d:1",
                "8e82b41228c03af3:1",
                "8989dec65f08d110:1",
            ],
        );
    }

    #[test]
    fn equal_lines_are_counted() {
        let line = "a line that is rather long, so that the window of one hundred \
                    ends before the next equal line ";
        let text = format!("{line}{line}\n").repeat(10);
        let hashes = of_lines(text.as_bytes(), &[1, 2, 10, 10, 12]);
        assert_eq!(
            hashes,
            [
                "75c0f9944aff8738:1",
                "75c0f9944aff8738:2",
                "75c0f9944aff8738:10",
                "75c0f9944aff8738:10",
                "",
            ],
        );
        // Short ones differ, since the window reaches over the lines that follow.
        assert_eq!(of_line(&b"same\n".repeat(10), 1), "541a672188cafd8b:1");
        assert_eq!(of_line(&b"same\n".repeat(10), 10), "930af01a65e2307f:1");
    }
}
