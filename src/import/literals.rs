//! What every match of a regex has to hold, so that it is only searched for where that
//! stands.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::rule::Reach;
use crate::rule::filter::FARTHEST;

/// Texts, in lower case, one of which stands in every match, and where to search around it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Required {
    pub(super) words: Vec<String>,
    pub(super) reach: Reach,
}

/// Shortest text that is worth searching for.
const SHORTEST: usize = 3;
/// Longest one: what is cut off is only less telling.
const LONGEST: usize = 32;
/// Most texts of a regex.
const MOST: usize = 64;
/// Most characters, case folded, of a class that is written out.
const WIDEST: usize = 4;

/// Parses a translated regex.
pub(super) fn parse(regex: &str) -> Option<Hir> {
    let mut parser = ParserBuilder::new();
    parser.unicode(false).utf8(false);
    parser.build().parse(regex).ok()
}

/// What every match holds, when that is a text and stands near its begin.
pub(super) fn required(hir: &Hir) -> Option<Required> {
    let best = best(hir)?;
    let far = FARTHEST as usize;
    let before = best.before.filter(|before| *before < far / 4)?;
    let after = length(hir).min(far);
    let words = best.words.into_iter().map(String::from_utf8);
    Some(Required {
        words: words.collect::<Result<_, _>>().ok()?,
        reach: Reach::Within(count(before.max(16)), count(after.max(64))),
    })
}

/// How long a match may be. Of what has no bound and holds no space only the beginning
/// counts: a window is searched to the end of the token that it would cut.
fn length(hir: &Hir) -> usize {
    const BEGINNING: usize = 512;
    let sum = |parts: &[Hir]| parts.iter().map(length).fold(0, usize::saturating_add);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(_) | HirKind::Class(_) => hir.properties().maximum_len().unwrap_or(4),
        HirKind::Capture(capture) => length(&capture.sub),
        HirKind::Concat(parts) => sum(parts),
        HirKind::Alternation(parts) => parts.iter().map(length).max().unwrap_or(0),
        HirKind::Repetition(repeated) => {
            let once = length(&repeated.sub);
            match (repeated.max, repeated.sub.kind()) {
                (Some(most), _) => once.saturating_mul(most as usize),
                (None, HirKind::Class(class)) if !holds_space(class) => {
                    BEGINNING.max(repeated.min as usize)
                }
                (None, _) => usize::MAX,
            }
        }
    }
}

fn holds_space(class: &Class) -> bool {
    match class {
        Class::Bytes(class) => class.iter().any(|r| r.start() <= b' ' && b'\n' <= r.end()),
        Class::Unicode(class) => class.iter().any(|r| r.start() <= ' ' && '\n' <= r.end()),
    }
}

fn count(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(FARTHEST)
}

/// Whether the group of this name matches something in every match.
pub(super) fn always(hir: &Hir, name: &str) -> bool {
    match hir.kind() {
        HirKind::Capture(capture) if capture.name.as_deref() == Some(name) => capture
            .sub
            .properties()
            .minimum_len()
            .is_some_and(|n| n > 0),
        HirKind::Capture(capture) => always(&capture.sub, name),
        HirKind::Repetition(repeated) => repeated.min > 0 && always(&repeated.sub, name),
        HirKind::Concat(parts) => parts.iter().any(|part| always(part, name)),
        HirKind::Alternation(parts) => parts.iter().all(|part| always(part, name)),
        _ => false,
    }
}

/// Texts, one of which stands in every match of a part.
struct Best {
    words: Vec<Vec<u8>>,
    /// At most so many bytes of the match stand before; no bound without.
    before: Option<usize>,
}

impl Best {
    fn new(words: Vec<Vec<u8>>, before: Option<usize>) -> Option<Self> {
        let mut words: Vec<_> = words
            .into_iter()
            .map(|mut word| {
                word.truncate(LONGEST);
                word
            })
            .collect();
        words.sort_unstable();
        words.dedup();
        let fits = |word: &Vec<u8>| word.len() >= SHORTEST && word.is_ascii();
        (!words.is_empty() && words.len() <= MOST && words.iter().all(fits))
            .then_some(Self { words, before })
    }

    /// Bounded and longer is better, and then fewer.
    fn rank(&self) -> (bool, usize, usize) {
        let shortest = self.words.iter().map(Vec::len).min().unwrap_or(0);
        (self.before.is_some(), shortest, MOST - self.words.len())
    }
}

fn better(one: Option<Best>, other: Option<Best>) -> Option<Best> {
    match (one, other) {
        (Some(one), Some(other)) if other.rank() > one.rank() => Some(other),
        (one, other) => one.or(other),
    }
}

fn best(hir: &Hir) -> Option<Best> {
    match hir.kind() {
        HirKind::Concat(parts) => best_of_sequence(parts),
        HirKind::Alternation(parts) => {
            let each: Option<Vec<Best>> = parts.iter().map(best).collect();
            let each = each?;
            let before = each
                .iter()
                .map(|best| best.before)
                .try_fold(0, |most, n| Some(most.max(n?)));
            let words = each.into_iter().flat_map(|best| best.words).collect();
            Best::new(words, before)
        }
        HirKind::Capture(capture) => best(&capture.sub),
        HirKind::Repetition(repeated) if repeated.min > 0 => best(&repeated.sub),
        _ => Best::new(every(hir)?, Some(0)),
    }
}

fn best_of_sequence(parts: &[Hir]) -> Option<Best> {
    let mut found = None;
    // What the parts since some place match, written out, and what stands before.
    let mut run: Vec<Vec<u8>> = vec![Vec::new()];
    let mut run_before = Some(0);
    let mut before = Some(0_usize);
    for part in parts {
        let written = every(part);
        let longer = written.as_ref().and_then(|words| joined(&run, words));
        if let Some(longer) = longer {
            run = longer;
        } else {
            found = better(found, Best::new(std::mem::take(&mut run), run_before));
            let inner = best(part).map(|inner| Best {
                before: before.zip(inner.before).map(|(a, b)| a + b),
                ..inner
            });
            found = better(found, inner);
            run_before = before;
            run = written.unwrap_or_else(|| {
                run_before = add(before, part);
                vec![Vec::new()]
            });
        }
        before = add(before, part);
    }
    better(found, Best::new(run, run_before))
}

fn add(before: Option<usize>, part: &Hir) -> Option<usize> {
    before?.checked_add(part.properties().maximum_len()?)
}

/// Every text of one list followed by every one of another, unless they are too many.
fn joined(heads: &[Vec<u8>], tails: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    let mut all: Vec<_> = heads
        .iter()
        .flat_map(|head| tails.iter().map(|tail| [head.as_slice(), tail].concat()))
        .collect();
    all.sort_unstable();
    all.dedup();
    let long = all.iter().any(|word| word.len() > LONGEST);
    (all.len() <= MOST && (!long || heads.iter().all(|h| h.len() < SHORTEST))).then_some(all)
}

/// Everything that a part matches, in lower case, if that is little.
fn every(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(vec![Vec::new()]),
        HirKind::Literal(literal) => Some(vec![literal.0.to_ascii_lowercase()]),
        HirKind::Class(class) => members(class),
        HirKind::Capture(capture) => every(&capture.sub),
        HirKind::Concat(parts) => parts.iter().try_fold(vec![Vec::new()], |so_far, part| {
            joined(&so_far, &every(part)?)
        }),
        HirKind::Alternation(parts) => {
            let all: Option<Vec<_>> = parts.iter().map(every).collect();
            let all = all?.concat();
            (all.len() <= MOST).then_some(all)
        }
        HirKind::Repetition(repeated) => {
            let once = every(&repeated.sub)?;
            match (repeated.min, repeated.max) {
                (0, Some(1)) => Some([once, vec![Vec::new()]].concat()),
                (n, Some(m)) if n == m && n <= 8 => {
                    (0..n).try_fold(vec![Vec::new()], |so_far, _| joined(&so_far, &once))
                }
                _ => None,
            }
        }
    }
}

fn members(class: &Class) -> Option<Vec<Vec<u8>>> {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Bytes(class) => class
            .iter()
            .map(|range| (range.start().into(), range.end().into()))
            .collect(),
        Class::Unicode(class) => class
            .iter()
            .map(|range| (range.start().into(), range.end().into()))
            .collect(),
    };
    let mut found: Vec<Vec<u8>> = Vec::new();
    for (from, to) in ranges {
        if to - from > 8 {
            return None;
        }
        for code in from..=to {
            let byte = u8::try_from(code).ok().filter(u8::is_ascii)?;
            found.push(vec![byte.to_ascii_lowercase()]);
        }
    }
    found.sort_unstable();
    found.dedup();
    (found.len() <= WIDEST).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(regex: &str) -> Option<(Vec<String>, Reach)> {
        let found = required(&parse(regex).unwrap())?;
        Some((found.words, found.reach))
    }

    #[test]
    fn texts_that_every_match_holds() {
        for (regex, expected) in [
            ("(?i)acme_[a-z0-9]{20}", &["acme_"][..]),
            ("(?:key|token)=[a-z]{9}", &["key=", "token="]),
            (
                r"(?i)[\w.-]{0,50}?(?:acme|widget)[ =]{1,3}([a-z0-9]{40})",
                &["acme", "widget"],
            ),
            ("(?:abc|[0-9]{1,9})-xyz", &["-xyz"]),
            ("(?i:s[ek]cret)", &["secret", "skcret"]),
            (r"a{3}\d+", &["aaa"]),
            ("xy?zz", &["xyzz", "xzz"]),
        ] {
            assert_eq!(words(regex).unwrap().0, expected, "{regex}");
        }
    }

    #[test]
    fn no_text_when_a_match_can_do_without() {
        for regex in [
            "[a-z]{20}",
            "(?:abc)?[0-9]{9}",
            "(?:abc|[0-9]{9})",
            "ab[0-9]",
        ] {
            assert_eq!(words(regex), None, "{regex}");
        }
        // It may stand however far from the begin.
        assert_eq!(words("[0-9]+abcdef"), None);
    }

    #[test]
    fn the_window_is_as_wide_as_a_match_may_be() {
        assert_eq!(
            words(r"\d{0,200}abc\d{9}").unwrap().1,
            Reach::Within(200, 212)
        );
        assert_eq!(words("abc.*def").unwrap().1, Reach::Within(16, FARTHEST));
        assert_eq!(words(r"abc[a-z]{9,};").unwrap().1, Reach::Within(16, 516));
    }

    #[test]
    fn a_group_that_always_matches() {
        let hir = parse("x(?P<secret>a+)|y(?P<secret>b)").or_else(|| parse("(?:x(?P<secret>a+))"));
        assert!(always(&hir.unwrap(), "secret"));
        let hir = parse("x(?P<secret>a+)?").unwrap();
        assert!(!always(&hir, "secret"));
    }
}
