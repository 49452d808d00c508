//! The conditions that are written with operators between values: GitLab's,
//! Buildkite's, Travis's and `CircleCI`'s expressions. They differ in how values are
//! written, not in how they are put together.

mod lex;

use super::{Condition, DEEPEST, LONGEST, Op, PARTS, Value};
use lex::Token;

/// Whose language is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Gitlab,
    Buildkite,
    Circle,
    Travis,
    Woodpecker,
}

/// Reads a condition; what isn't one is unknown.
pub(super) fn read(text: &str, dialect: Dialect) -> Condition {
    if text.len() > LONGEST {
        return Condition::Unknown;
    }
    let Some(tokens) = lex::tokens(text, dialect).filter(|tokens| tokens.len() <= PARTS) else {
        return Condition::Unknown;
    };
    let mut parser = Parser {
        tokens,
        at: 0,
        depth: 0,
        dialect,
    };
    match parser.any() {
        Some(condition) if parser.at == parser.tokens.len() => condition,
        _ => Condition::Unknown,
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    dialect: Dialect,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at)?.clone();
        self.at += 1;
        Some(token)
    }

    fn take(&mut self, token: &Token) -> bool {
        let is = self.peek() == Some(token);
        self.at += usize::from(is);
        is
    }

    fn deeper(&mut self, read: fn(&mut Self) -> Option<Condition>) -> Option<Condition> {
        if self.depth == DEEPEST {
            return None;
        }
        self.depth += 1;
        let condition = read(self);
        self.depth -= 1;
        condition
    }

    fn any(&mut self) -> Option<Condition> {
        let mut out = vec![self.all()?];
        while self.take(&Token::Or) {
            out.push(self.all()?);
        }
        Some(Condition::any(out))
    }

    fn all(&mut self) -> Option<Condition> {
        let mut out = vec![self.not()?];
        while self.take(&Token::And) {
            out.push(self.not()?);
        }
        Some(Condition::all(out))
    }

    fn not(&mut self) -> Option<Condition> {
        if self.take(&Token::Not) {
            let inner = self.deeper(Self::not)?;
            return Some(Condition::Not(Box::new(inner)));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Option<Condition> {
        let left = self.value()?;
        match self.peek() {
            Some(Token::Compare(op)) => {
                let op = *op;
                self.at += 1;
                let right = self.value()?;
                Some(Condition::compare(op, left, right))
            }
            Some(Token::Includes) => {
                self.at += 1;
                let right = self.value()?;
                Some(Condition::contains(left, right))
            }
            Some(Token::Begins(call)) => {
                let call = (*call).to_owned();
                self.at += 1;
                let right = self.value()?;
                Some(Condition::Call(call, vec![left, right]))
            }
            Some(Token::In) => {
                self.at += 1;
                self.entries(&left)
            }
            Some(Token::Not) => {
                self.at += 1;
                let inside = self.take(&Token::In).then(|| self.entries(&left))??;
                Some(inside.negated())
            }
            Some(Token::Is) => {
                self.at += 1;
                let not = self.take(&Token::Not);
                let Some(Token::Word(word)) = self.next() else {
                    return None;
                };
                match (word.to_ascii_lowercase().as_str(), not) {
                    ("present", false) | ("blank", true) => Some(left),
                    ("blank", false) | ("present", true) => Some(left.negated()),
                    _ => None,
                }
            }
            _ => Some(left),
        }
    }

    /// The entries that the value has to be one of.
    fn entries(&mut self, value: &Condition) -> Option<Condition> {
        let close = match self.next()? {
            Token::Open => Token::Close,
            Token::OpenList => Token::CloseList,
            _ => return None,
        };
        let equal = |entry| Condition::compare(Op::Equal, value.clone(), entry);
        let entries = self.many(&close)?;
        Some(Condition::any(entries.into_iter().map(equal)))
    }

    /// Values with commas between them, to the end of the list.
    fn many(&mut self, close: &Token) -> Option<Vec<Condition>> {
        let mut out = Vec::new();
        while !self.take(close) {
            out.push(self.deeper(Self::any)?);
            if !self.take(&Token::Comma) && self.peek() != Some(close) {
                return None;
            }
        }
        Some(out)
    }

    fn value(&mut self) -> Option<Condition> {
        match self.next()? {
            Token::Open => {
                let inner = self.deeper(Self::any)?;
                self.take(&Token::Close).then_some(inner)
            }
            Token::OpenList => {
                let entries = self.many(&Token::CloseList)?;
                let value = |entry| match entry {
                    Condition::Literal(value) => Some(value),
                    _ => None,
                };
                let list: Option<Vec<Value>> = entries.into_iter().map(value).collect();
                Some(list.map_or(Condition::Unknown, |list| {
                    Condition::Literal(Value::List(list))
                }))
            }
            Token::Text(text) => Some(Condition::Literal(Value::Text(text))),
            Token::Variable(path) => Some(Condition::reference(path)),
            Token::Word(word) => self.word(&word),
            _ => None,
        }
    }

    fn word(&mut self, word: &str) -> Option<Condition> {
        match word {
            "true" => return Some(Condition::constant(true)),
            "false" => return Some(Condition::constant(false)),
            "null" => return Some(Condition::Literal(Value::Null)),
            _ => {}
        }
        if word.starts_with(|c: char| c.is_ascii_digit())
            && let Ok(number) = word.parse()
        {
            return Some(Condition::Literal(Value::Number(number)));
        }
        if self.take(&Token::Open) {
            let args = self.many(&Token::Close)?;
            return Some(self.call(word, args));
        }
        match self.dialect {
            // A bare word is no value of GitLab's.
            Dialect::Gitlab => None,
            Dialect::Buildkite | Dialect::Circle => Some(Condition::reference(word.split('.'))),
            Dialect::Woodpecker => Some(Condition::reference(["env", word])),
            Dialect::Travis if ATTRIBUTES.contains(&word) => {
                Some(Condition::reference(["travis", word]))
            }
            Dialect::Travis => Some(Condition::text(word)),
        }
    }

    fn call(&self, name: &str, mut args: Vec<Condition>) -> Condition {
        let name = name.to_ascii_lowercase();
        match (self.dialect, name.as_str(), args.as_slice()) {
            (_, "env" | "build.env", [Condition::Literal(Value::Text(variable))]) => {
                Condition::reference(["env", variable])
            }
            (Dialect::Circle, "starts-with", [_, _]) => {
                Condition::Call("startswith".to_owned(), args)
            }
            // Travis has it to keep the value from being evaluated early.
            (Dialect::Travis, "concat", [_]) => args.pop().unwrap_or(Condition::Unknown),
            _ => Condition::Call(name, args),
        }
    }
}

/// What Travis knows of a build. Source: Travis CI Docs, "Conditions v1".
const ATTRIBUTES: [&str; 12] = [
    "type",
    "repo",
    "branch",
    "tag",
    "commit_message",
    "sender",
    "fork",
    "head_repo",
    "head_branch",
    "os",
    "dist",
    "group",
];
