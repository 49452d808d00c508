//! Programs that take a password by its place among the words.

use super::{Command, Found, Place};
use crate::detect::plausible::name::{Noun, credential};
use crate::document::Span;

/// The passwords by place.
pub(super) fn of(command: &Command<'_>, name: &str) -> Vec<Found> {
    let found = match name {
        "net" => net(command),
        "htpasswd" => htpasswd(command),
        "sqlplus" | "sqlcl" | "rman" | "expdp" | "impdp" | "sqlldr" => oracle(command),
        "poetry" | "composer" => basic(command),
        "wpa_passphrase" => operands(command).nth(1).map(|at| plain(command, at)),
        "convertto-securestring" => secure_string(command),
        "mount" | "mount.cifs" => option(command),
        "kubectl" => return literals(command),
        _ => None,
    };
    found.into_iter().collect()
}

fn plain(command: &Command<'_>, at: usize) -> Found {
    let span = command.words.get(at).map_or(Span::default(), |w| w.span);
    Found {
        secret: command.bare(span),
        user: Span::default(),
        place: Place::Value,
    }
}

/// The words that are no flags, after the name.
fn operands(command: &Command<'_>) -> impl Iterator<Item = usize> {
    (1..command.words.len()).filter(|at| !command.text(*at).starts_with('-'))
}

/// `net use \\host password /user:name`, `net user name password /add`.
fn net(command: &Command<'_>) -> Option<Found> {
    let slash = |at: usize| command.text(at).starts_with('/');
    let named = |at: &usize| command.text(*at).to_ascii_lowercase().starts_with("/user:");
    let count = command.words.len();
    match command.text(1).to_ascii_lowercase().as_str() {
        "use" => {
            let host = (2..count).find(|at| command.text(*at).starts_with("\\\\"))?;
            let user = (2..count).find(named)?;
            let at = (host + 1..count).find(|at| !slash(*at))?;
            if command.text(at) == "*" {
                return None;
            }
            let word = command.words.get(user)?.span;
            let mut found = plain(command, at);
            found.user = Span::new(word.start + "/user:".len(), word.end);
            Some(found)
        }
        "user" => {
            let adds = (4..count).any(|at| command.text(at).eq_ignore_ascii_case("/add"));
            let given = !slash(3) && command.text(3) != "*" && !slash(2);
            let mut found = plain(command, 3);
            found.user = command.words.get(2)?.span;
            (given && adds).then_some(found)
        }
        _ => None,
    }
}

/// `htpasswd -b file user password`: the last operand.
fn htpasswd(command: &Command<'_>) -> Option<Found> {
    let batch = (1..command.words.len()).any(|at| {
        let text = command.text(at);
        text.starts_with('-') && !text.starts_with("--") && text.contains('b')
    });
    let mut all: Vec<usize> = operands(command).collect();
    if !batch || all.len() < 2 || all.len() > 3 {
        return None;
    }
    let at = all.pop()?;
    let mut found = plain(command, at);
    found.user = command.words.get(all.pop()?)?.span;
    Some(found)
}

/// `sqlplus user/password@database`.
fn oracle(command: &Command<'_>) -> Option<Found> {
    let at = (1..command.words.len()).find(|at| {
        let text = command.text(*at);
        let text = text.strip_prefix("userid=").unwrap_or(text);
        text.split_once('/').is_some_and(|(user, rest)| {
            !user.is_empty()
                && user.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                && rest.contains('@')
                && !rest.starts_with(['@', '/'])
        })
    })?;
    let word = command.words.get(at)?.span;
    let text = command.of(word);
    let skip = if text.starts_with("userid=") { 7 } else { 0 };
    let slash = word.start + text.find('/')?;
    let end = slash + 1 + text.get(slash - word.start + 1..)?.find('@')?;
    Some(Found {
        secret: Span::new(slash + 1, end),
        user: Span::new(word.start + skip, slash),
        place: Place::Value,
    })
}

/// `poetry config http-basic.name user password`.
fn basic(command: &Command<'_>) -> Option<Found> {
    let at = operands(command).find(|at| command.text(*at).starts_with("http-basic."))?;
    let mut found = plain(command, at + 2);
    found.user = command.words.get(at + 1)?.span;
    (command.words.len() > at + 2).then_some(found)
}

/// `ConvertTo-SecureString "password" -AsPlainText -Force`.
fn secure_string(command: &Command<'_>) -> Option<Found> {
    let at = operands(command).find(|at| {
        let flag = at.checked_sub(1).map_or("", |before| command.text(before));
        !flag.to_ascii_lowercase().starts_with("-k")
            && !flag.to_ascii_lowercase().starts_with("-sec")
    })?;
    Some(plain(command, at))
}

/// `mount -t cifs -o username=…,password=…`.
fn option(command: &Command<'_>) -> Option<Found> {
    (1..command.words.len()).find_map(|at| {
        let word = command.words.get(at)?.span;
        let text = command.of(word);
        let from = ["password=", "pass="].iter().find_map(|key| {
            let at = text.find(key)?;
            (at == 0 || text.get(..at)?.ends_with(',')).then_some(at + key.len())
        })?;
        let length = text.get(from..)?.find(',').unwrap_or(text.len() - from);
        let start = word.start + from;
        Some(Found {
            secret: command.bare(Span::new(start, start + length)),
            user: Span::default(),
            place: Place::Value,
        })
    })
}

/// `kubectl create secret generic name --from-literal=password=…`.
fn literals(command: &Command<'_>) -> Vec<Found> {
    let value = |at: usize| {
        let word = command.words.get(at)?.span;
        let text = command.of(word);
        let joined = text.strip_prefix("--from-literal=");
        let pair = match joined {
            Some(pair) => pair,
            None if command.text(at.checked_sub(1)?) == "--from-literal" => text,
            None => return None,
        };
        let (key, value) = pair.split_once('=')?;
        let noun = credential(key.trim_matches(['"', '\'']))?;
        let span = command.bare(Span::new(word.end - value.len(), word.end));
        let place = if noun == Noun::Password {
            Place::Value
        } else {
            Place::Key
        };
        Some(Found {
            secret: span,
            user: Span::default(),
            place,
        })
    };
    (1..command.words.len()).filter_map(value).collect()
}
