//! The words of a condition.

use super::{Dialect, Op};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Open,
    Close,
    OpenList,
    CloseList,
    Comma,
    And,
    Or,
    Not,
    In,
    Is,
    Includes,
    /// An operator that other languages write as this function.
    Begins(&'static str),
    Compare(Op),
    /// A quoted text, or a pattern without its slashes.
    Text(String),
    Variable(Vec<String>),
    Word(String),
}

/// The signs, longest first.
const SIGNS: [(&str, Token); 17] = [
    ("&&", Token::And),
    ("||", Token::Or),
    ("==", Token::Compare(Op::Equal)),
    ("!=", Token::Compare(Op::Unequal)),
    ("=~", Token::Compare(Op::Matches)),
    ("!~", Token::Compare(Op::MatchesNot)),
    ("<=", Token::Compare(Op::AtMost)),
    (">=", Token::Compare(Op::AtLeast)),
    ("<", Token::Compare(Op::Less)),
    (">", Token::Compare(Op::Greater)),
    ("=", Token::Compare(Op::Equal)),
    ("!", Token::Not),
    ("(", Token::Open),
    (")", Token::Close),
    ("[", Token::OpenList),
    ("]", Token::CloseList),
    (",", Token::Comma),
];

/// The words of a text; `None` when it has a character that no word begins with.
pub(super) fn tokens(text: &str, dialect: Dialect) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let matching = matches!(
            out.last(),
            Some(Token::Compare(Op::Matches | Op::MatchesNot))
        );
        rest = if dialect == Dialect::Buildkite && rest.starts_with("//") {
            rest.split_once('\n').map_or("", |(_, after)| after)
        } else if first == '"' || first == '\'' {
            let (text, after) = quoted(rest, first, dialect)?;
            out.push(Token::Text(text));
            after
        } else if first == '/' {
            let (text, after) = slashed(rest)?;
            out.push(Token::Text(text));
            after
        } else if first == '$' && dialect == Dialect::Gitlab {
            let (path, after) = variable(rest)?;
            out.push(Token::Variable(path));
            after
        } else if matching && dialect == Dialect::Travis && first != '(' {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let (pattern, after) = rest.split_at_checked(end)?;
            out.push(Token::Text(pattern.to_owned()));
            after
        } else if let Some((sign, token)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
            out.push(token.clone());
            rest.get(sign.len()..)?
        } else {
            let (word, after) = word(rest, dialect)?;
            out.push(named(word, dialect));
            after
        }
        .trim_start();
    }
    Some(out)
}

fn quoted(text: &str, quote: char, dialect: Dialect) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        match c {
            c if c == quote => return Some((out, text.get(at + 1..)?)),
            // GitLab's texts have no escapes.
            '\\' if dialect != Dialect::Gitlab => out.push(characters.next()?.1),
            c => out.push(c),
        }
    }
    None
}

/// A pattern between slashes; the letters behind it say how its case is taken.
fn slashed(text: &str) -> Option<(String, &str)> {
    let mut characters = text.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => {
                characters.next()?;
            }
            '/' => {
                let pattern = text.get(1..at)?.to_owned();
                let after = text.get(at + 1..)?;
                return Some((
                    pattern,
                    after.trim_start_matches(|c: char| c.is_ascii_alphabetic()),
                ));
            }
            _ => {}
        }
    }
    None
}

/// `$NAME`, `${NAME}` or `$[[ inputs.name ]]`.
fn variable(text: &str) -> Option<(Vec<String>, &str)> {
    if let Some(inner) = text.strip_prefix("$[[") {
        let (path, after) = inner.split_once("]]")?;
        let path = path.split('|').next().unwrap_or_default().trim();
        let parts = path.split('.').map(str::to_owned).collect();
        return Some((parts, after));
    }
    let after = text.strip_prefix('$')?;
    let braces = after.strip_prefix('{');
    let (name, after) = word(braces.unwrap_or(after), Dialect::Gitlab)?;
    let after = match braces {
        Some(_) => after.strip_prefix('}')?,
        None => after,
    };
    Some((vec!["variables".to_owned(), name.to_owned()], after))
}

fn word(text: &str, dialect: Dialect) -> Option<(&str, &str)> {
    let part = |c: char| {
        c.is_alphanumeric()
            || c == '_'
            || dialect != Dialect::Gitlab && matches!(c, '.' | '-')
            || dialect == Dialect::Travis && matches!(c, '/' | '@' | ':' | '*' | '+')
    };
    let end = text.find(|c| !part(c)).unwrap_or(text.len());
    text.split_at_checked(end)
        .filter(|(word, _)| !word.is_empty())
}

fn named(word: &str, dialect: Dialect) -> Token {
    let lower = word.to_ascii_lowercase();
    match (dialect, lower.as_str()) {
        (Dialect::Circle | Dialect::Travis | Dialect::Woodpecker, "and") => Token::And,
        (Dialect::Circle | Dialect::Travis | Dialect::Woodpecker, "or") => Token::Or,
        (Dialect::Circle | Dialect::Travis | Dialect::Woodpecker, "not") => Token::Not,
        (dialect, "in") if dialect != Dialect::Gitlab => Token::In,
        (Dialect::Woodpecker, "contains") | (Dialect::Buildkite, "includes") => Token::Includes,
        (Dialect::Woodpecker, "matches") => Token::Compare(Op::Matches),
        (Dialect::Woodpecker, "startswith") => Token::Begins("startswith"),
        (Dialect::Woodpecker, "endswith") => Token::Begins("endswith"),
        (Dialect::Travis, "is") => Token::Is,
        _ => Token::Word(word.to_owned()),
    }
}
