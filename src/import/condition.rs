//! The conditions in `filter` and `prefilter` of a betterleaks file: when a match is to be
//! thrown away. Of the language that they are written in, what rule files use most is
//! read: tests joined by `||`, each a comparison of the entropy, a list of regexes or
//! texts, or some of them joined by `&&`. What isn't understood of an `||` leaves the rest
//! as it is.

/// A test that throws a match away.
#[derive(Debug, PartialEq)]
pub(super) enum Test {
    /// The secret's entropy is below this; or not above it.
    Entropy { least: f64, above: bool },
    /// The secret looks like words to a tokenizer.
    Words,
    /// Some of these hold, by `when`: any, all or none.
    Texts(Joined, Vec<Texts>),
}

/// How lists of texts are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joined {
    /// One list alone.
    Any,
    /// All of them hold.
    All,
    /// None of them holds.
    None,
}

/// A list that is tried on a part of the match.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Texts {
    pub(super) target: Target,
    /// Regexes, or plain texts.
    pub(super) regexes: bool,
    pub(super) all: Vec<String>,
}

/// What a list is tried on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Secret,
    Match,
    Line,
    Path,
}

/// The tests of a condition, and offsets of those that can't be told.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Condition {
    pub(super) tests: Vec<Test>,
    pub(super) unknown: Vec<usize>,
}

/// Reads a condition.
pub(super) fn read(text: &str) -> Condition {
    let mut condition = Condition::default();
    let Some(tokens) = tokens(text) else {
        condition.unknown.push(0);
        return condition;
    };
    // Names are given before; what decides stands last.
    let last = split(&tokens, ";").pop().unwrap_or_default();
    alternatives(last, DEEPEST, &mut condition);
    condition
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Name(String),
    Text(String),
    Number(f64),
    Sign(&'static str),
}

#[derive(Debug, Clone, PartialEq)]
struct Token {
    at: usize,
    kind: Kind,
}

impl Token {
    fn is(&self, sign: &str) -> bool {
        matches!(&self.kind, Kind::Sign(s) if *s == sign)
    }
}

/// Longer signs first.
const SIGNS: &[&str] = &[
    "||", "&&", "<=", ">=", "==", "!=", "??", "?.", "(", ")", "[", "]", "{", "}", ",", ";", "!",
    "<", ">", "=", "+", "-", "*", "/", "?", ":", ".", "#", "%", "|",
];

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let first = rest.chars().next()?;
        if first.is_whitespace() {
            at += first.len_utf8();
        } else if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else {
            let (kind, length) = token(rest, first)?;
            tokens.push(Token { at, kind });
            at += length;
        }
    }
    Some(tokens)
}

fn token(rest: &str, first: char) -> Option<(Kind, usize)> {
    let run = |fits: fn(char) -> bool| rest.find(|c| !fits(c)).unwrap_or(rest.len());
    if first.is_ascii_digit() {
        let length = run(|c| c.is_ascii_digit() || c == '.');
        return Some((Kind::Number(rest.get(..length)?.parse().ok()?), length));
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let length = run(|c| c.is_ascii_alphanumeric() || c == '_');
        return Some((Kind::Name(rest.get(..length)?.to_owned()), length));
    }
    if matches!(first, '"' | '\'' | '`') {
        return quoted(rest, first);
    }
    let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign))?;
    Some((Kind::Sign(sign), sign.len()))
}

fn quoted(rest: &str, quote: char) -> Option<(Kind, usize)> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Some((Kind::Text(text), at + 1)),
            '\\' if quote != '`' => match chars.next()?.1 {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                c @ ('\\' | '"' | '\'' | '`') => text.push(c),
                // A number, perhaps: better not told than told wrongly.
                _ => return None,
            },
            c => text.push(c),
        }
    }
    None
}

/// The parts between a sign that stands in no bracket.
fn split<'t>(tokens: &'t [Token], sign: &str) -> Vec<&'t [Token]> {
    let mut depth = 0_i32;
    tokens
        .split(|token| {
            match token.kind {
                Kind::Sign("(" | "[" | "{") => depth += 1,
                Kind::Sign(")" | "]" | "}") => depth -= 1,
                _ => {}
            }
            depth == 0 && token.is(sign)
        })
        .collect()
}

/// Deepest brackets that are opened.
const DEEPEST: usize = 32;

/// Without brackets around the whole.
fn bare(mut tokens: &[Token]) -> &[Token] {
    for _ in 0..DEEPEST {
        match tokens {
            [first, inner @ .., last]
                if first.is("(") && last.is(")") && closes_at_the_end(inner) =>
            {
                tokens = inner;
            }
            _ => break,
        }
    }
    tokens
}

/// Whether the brackets in the tokens are balanced at each place.
fn closes_at_the_end(tokens: &[Token]) -> bool {
    let mut depth = 0_i32;
    tokens.iter().all(|token| {
        match token.kind {
            Kind::Sign("(") => depth += 1,
            Kind::Sign(")") => depth -= 1,
            _ => {}
        }
        depth >= 0
    })
}

fn alternatives(tokens: &[Token], depth: usize, into: &mut Condition) {
    let parts = split(bare(tokens), "||");
    let alone = parts.len() == 1;
    for part in parts {
        let inner = bare(part);
        let more = !alone && split(inner, "||").len() > 1;
        if let (true, Some(depth)) = (more, depth.checked_sub(1)) {
            alternatives(inner, depth, into);
            continue;
        }
        match test(inner) {
            Some(test) => into.tests.push(test),
            None => into.unknown.push(part.first().map_or(0, |token| token.at)),
        }
    }
}

/// One test of an `||`.
fn test(tokens: &[Token]) -> Option<Test> {
    if let Some(test) = measured(tokens) {
        return Some(test);
    }
    let lists: Option<Vec<_>> = split(tokens, "&&").into_iter().map(list).collect();
    let lists = lists?;
    let negated = lists.iter().filter(|(negated, _)| *negated).count();
    let joined = match (lists.len(), negated) {
        (1, 0) => Joined::Any,
        (_, 0) => Joined::All,
        (all, negated) if all == negated => Joined::None,
        _ => return None,
    };
    let lists: Vec<_> = lists.into_iter().map(|(_, texts)| texts).collect();
    // Two lists on one part can't be told apart from one that holds both.
    let twice =
        |at: usize, list: &Texts| lists.iter().skip(at + 1).any(|l| l.target == list.target);
    let apart = joined != Joined::All || !lists.iter().enumerate().any(|(at, l)| twice(at, l));
    apart.then_some(Test::Texts(joined, lists))
}

/// A test of the entropy, or by a tokenizer.
fn measured(tokens: &[Token]) -> Option<Test> {
    let (name, inner, rest) = call(tokens)?;
    if target(inner)? != Target::Secret {
        return None;
    }
    match (name, rest) {
        ("entropy", [sign, number]) => {
            let Kind::Number(least) = number.kind else {
                return None;
            };
            let above = sign.is("<=");
            (above || sign.is("<")).then_some(Test::Entropy { least, above })
        }
        ("tokenRatio", [sign, _]) if sign.is(">=") || sign.is(">") => Some(Test::Words),
        ("failsTokenEfficiency", []) => Some(Test::Words),
        _ => None,
    }
}

/// A list of regexes or texts, and whether none of them may hold.
fn list(tokens: &[Token]) -> Option<(bool, Texts)> {
    let tokens = bare(tokens);
    let (negated, tokens) = match tokens {
        [first, rest @ ..] if first.is("!") => (true, bare(rest)),
        _ => (false, tokens),
    };
    let (name, inner, rest) = call(tokens)?;
    let regexes = match name {
        "matchesAny" => true,
        "containsAny" => false,
        _ => return None,
    };
    let mut arguments = split(inner, ",");
    // A comma may end the list of arguments, as it may that of texts.
    arguments.retain(|argument| !argument.is_empty());
    let [part, texts] = arguments.as_slice() else {
        return None;
    };
    let [open, texts @ .., close] = texts else {
        return None;
    };
    if !rest.is_empty() || !open.is("[") || !close.is("]") {
        return None;
    }
    let texts: Option<Vec<_>> = texts
        .iter()
        .filter(|token| !token.is(","))
        .map(|token| match &token.kind {
            Kind::Text(text) => Some(text.clone()),
            _ => None,
        })
        .collect();
    let texts = Texts {
        target: target(part)?,
        regexes,
        all: texts?,
    };
    (!texts.all.is_empty()).then_some((negated, texts))
}

/// A call: its name, what stands in its brackets, and what after.
fn call(tokens: &[Token]) -> Option<(&str, &[Token], &[Token])> {
    let [name, open, rest @ ..] = tokens else {
        return None;
    };
    let Kind::Name(name) = &name.kind else {
        return None;
    };
    if !open.is("(") {
        return None;
    }
    let mut depth = 1_i32;
    let end = rest.iter().position(|token| {
        match token.kind {
            Kind::Sign("(") => depth += 1,
            Kind::Sign(")") => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    Some((name, rest.get(..end)?, rest.get(end + 1..)?))
}

/// `finding["secret"]` and the like.
fn target(tokens: &[Token]) -> Option<Target> {
    let [object, open, key, close] = tokens else {
        return None;
    };
    let (Kind::Name(object), Kind::Text(key)) = (&object.kind, &key.kind) else {
        return None;
    };
    if !open.is("[") || !close.is("]") {
        return None;
    }
    match (object.as_str(), key.as_str()) {
        ("finding", "secret") => Some(Target::Secret),
        ("finding", "match") => Some(Target::Match),
        ("finding", "line") => Some(Target::Line),
        ("attributes", "path") => Some(Target::Path),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(target: Target, regexes: bool, texts: &[&str]) -> Texts {
        Texts {
            target,
            regexes,
            all: texts.iter().map(|t| (*t).to_owned()).collect(),
        }
    }

    #[test]
    fn brackets_without_end_are_not_told() {
        let deep = format!("{}a{}", "(a || ".repeat(20_000), ")".repeat(20_000));
        let read = read(&deep);
        assert!(read.tests.is_empty() && read.unknown.len() > 1);
    }

    #[test]
    fn comparisons_and_lists() {
        let read = read(
            "// short\nentropy(finding[\"secret\"]) <= 3.5 || tokenRatio(finding[\"secret\"]) >= 2.5\n\
             || (matchesAny(attributes[\"path\"], [`\\.md$`, \"a\\\\.b\",]) || !matchesAny(finding['secret'], ['\\\\d'],))",
        );
        assert_eq!(read.unknown, [0; 0]);
        assert_eq!(
            read.tests,
            [
                Test::Entropy {
                    least: 3.5,
                    above: true
                },
                Test::Words,
                Test::Texts(
                    Joined::Any,
                    vec![texts(Target::Path, true, &[r"\.md$", r"a\.b"])]
                ),
                Test::Texts(Joined::None, vec![texts(Target::Secret, true, &[r"\d"])]),
            ]
        );
    }

    #[test]
    fn lists_that_hold_together() {
        let read =
            read(r#"matchesAny(attributes["path"], ["x"]) && containsAny(finding["line"], ["y"])"#);
        assert_eq!(
            read.tests,
            [Test::Texts(
                Joined::All,
                vec![
                    texts(Target::Path, true, &["x"]),
                    texts(Target::Line, false, &["y"])
                ]
            )]
        );
    }

    #[test]
    fn what_is_not_understood_leaves_the_rest() {
        let text = r#"let a = len(finding["secret"]); entropy(finding["secret"]) < 3 || a > 9 || matchesAny(finding["match"], ["z"])"#;
        let read = read(text);
        assert_eq!(read.tests.len(), 2);
        assert_eq!(read.unknown, [text.find("a > 9").unwrap()]);
        for unknown in [
            r#"matchesAny(finding["secret"], ["a"]) && matchesAny(finding["secret"], ["b"])"#,
            r#"matchesAny(finding["secret"], ["a"]) && !matchesAny(attributes["path"], ["b"])"#,
            r#"entropy(finding["match"]) < 3"#,
            r#"containsAny(finding["secret"], ["\x41"])"#,
            "",
            "\u{e9}",
        ] {
            let read = super::read(unknown);
            assert_eq!((read.tests.len(), read.unknown.len()), (0, 1), "{unknown}");
        }
    }
}
