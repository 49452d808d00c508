//! Passwords and keys among the arguments of a command, in scripts and wherever else
//! commands are written down: prose, histories, strings of programs.

mod pipes;
mod places;
mod programs;
mod variables;
mod words;

use crate::detect::plausible::login::{Grade, grade, is_filled_in, shown};
use crate::detect::plausible::name::{Noun, credential};
use crate::detect::plausible::value;
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::Confidence;
use crate::kind::Kinds;

use programs::How;
use words::Word;

/// How many times its length of a file is read as words: a command within a quoted word
/// of another is read with both.
const REREAD: usize = 6;

/// Finds the credentials.
pub(super) fn credentials(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    let mut hits = Vec::new();
    let mut words = Vec::new();
    let mut done = 0;
    let mut left = bytes.len().saturating_mul(REREAD).saturating_add(1 << 14);
    let mut keywords = cx.keywords.iter().peekable();
    let ci = cx.document.kinds_by_path().meets(Kinds::CI);
    while let Some(keyword) = keywords.next() {
        // What is sent to a command stands before it.
        if pipes::is_sink(keyword.of(bytes))
            && let Some(hit) = pipes::piped(bytes, *keyword)
        {
            cx.keep(hit, &mut hits);
        }
        if keyword.start < done {
            continue;
        }
        let found = match kind(bytes, *keyword) {
            Kind::None => continue,
            Kind::Variable => {
                let (found, end) = variables::given(bytes, *keyword);
                done = end;
                found
            }
            Kind::Words(at) => {
                let end = words::read(bytes, at.max(done), &mut words);
                let Some(rest) = left.checked_sub(end - at.min(end)) else {
                    cx.document.note(
                        "holds more commands than are read: credentials in them may be missing",
                    );
                    break;
                };
                left = rest;
                // What stands in quotes may be a command too.
                let next = keywords.peek().map_or(bytes.len(), |next| next.start);
                let script = |w: &&Word| {
                    w.quoted
                        && w.span.start > keyword.end
                        && w.span.start <= next
                        && next < w.span.end
                        && w.span.of(bytes).contains(&b' ')
                };
                done = words.iter().find(script).map_or(end, |w| w.span.start);
                for hit in Command::new(bytes, &words).hits() {
                    cx.keep(graded(hit, ci), &mut hits);
                }
                continue;
            }
        };
        if let Some(hit) = found {
            cx.keep(hit, &mut hits);
        }
    }
    hits
}

/// A user that a pipeline adds to its own machine lives as long as the job.
fn graded(hit: Hit, ci: bool) -> Hit {
    let local = hit
        .subject
        .as_deref()
        .is_some_and(|subject| subject.starts_with("net "));
    if ci && local {
        hit.sure(Confidence::Low)
    } else {
        hit
    }
}

/// What a keyword begins.
enum Kind {
    None,
    /// A variable that holds one.
    Variable,
    /// A command, or a flag, where its word begins.
    Words(usize),
}

fn kind(bytes: &[u8], keyword: Span) -> Kind {
    let text = keyword.of(bytes);
    if programs::VARIABLES
        .iter()
        .any(|name| name.as_bytes() == text)
    {
        return Kind::Variable;
    }
    let part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let before = bytes
        .get(keyword.start.saturating_sub(48)..keyword.start)
        .unwrap_or_default();
    let length = before.iter().rev().take_while(part).count();
    let start = keyword.start - length;
    let last = before
        .get(..before.len() - length)
        .and_then(<[u8]>::last)
        .copied();
    let flag = text.first() == Some(&b'-') || length > 0;
    if flag {
        let dashes = bytes.get(start) == Some(&b'-');
        let opens = last.is_none_or(|b| b.is_ascii_whitespace() || b"\"'`([,|".contains(&b));
        return if dashes && opens {
            Kind::Words(start)
        } else {
            Kind::None
        };
    }
    if last.is_some_and(|b| matches!(b, b'.' | b'$' | b'@' | b'=')) {
        return Kind::None;
    }
    Kind::Words(keyword.start)
}

/// A command's words and what they say.
struct Command<'c> {
    bytes: &'c [u8],
    words: &'c [Word],
    /// The value of the flag that names the user, sought once for all passwords.
    user: Span,
}

impl<'c> Command<'c> {
    fn new(bytes: &'c [u8], words: &'c [Word]) -> Self {
        let mut command = Self {
            bytes,
            words,
            user: Span::default(),
        };
        command.user = command.user();
        command
    }

    fn text(&self, at: usize) -> &'c str {
        let span = self.words.get(at).map_or(Span::default(), |w| w.span);
        self.of(span)
    }

    fn of(&self, span: Span) -> &'c str {
        std::str::from_utf8(span.of(self.bytes)).unwrap_or_default()
    }

    /// The program's name in lower case without `.exe`.
    fn name(&self) -> String {
        let name = self.text(0).to_ascii_lowercase();
        let name = name.strip_suffix(".exe").unwrap_or(&name);
        name.strip_suffix(".py").unwrap_or(name).to_owned()
    }

    /// Every credential among the words.
    fn hits(&self) -> Vec<Hit> {
        let name = self.name();
        let mut hits = Vec::new();
        let mut seen = 0;
        for found in places::of(self, &name) {
            if let Some(hit) = self.judge(&name, found) {
                seen = seen.max(hit.secret.end);
                hits.push(hit);
            }
        }
        for at in 0..self.words.len() {
            if let Some(found) = self.known(&name, at) {
                hits.extend(self.judge(&name, found));
            } else if let Some(found) = self.flag(at).filter(|(span, _)| span.start >= seen) {
                hits.extend(self.unknown(at, found));
            }
        }
        hits
    }

    /// What a flag that the program is known to have gives.
    fn known(&self, name: &str, at: usize) -> Option<Found> {
        let word = self.words.get(at).filter(|_| at > 0)?;
        let text = self.text(at);
        for program in programs::named(name) {
            let verb = program.verb;
            if !verb.is_empty() && !(1..at).any(|n| self.text(n).eq_ignore_ascii_case(verb)) {
                continue;
            }
            for (flag, how) in program.flags {
                let found = self.value(*word, text, at, flag, *how);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    fn value(&self, word: Word, text: &str, at: usize, flag: &str, how: How) -> Option<Found> {
        let is = |text: &str| text == flag || flag.len() > 3 && text.eq_ignore_ascii_case(flag);
        let next = || {
            let next = self.words.get(at + 1)?;
            (next.quoted || !self.text(at + 1).starts_with('-')).then_some(next.span)
        };
        let after = |skip: usize| Span::new(word.span.start + skip, word.span.end);
        let equal = || {
            let (name, _) = text.split_once('=')?;
            (is(name) && name.len() > 2).then(|| after(name.len() + 1))
        };
        let glued = || {
            let head = text.get(..flag.len())?;
            (is(head) && text.len() > flag.len()).then(|| after(flag.len()))
        };
        // `-sSu`: the last flag of a bundle takes the value.
        let bundled = || {
            let letters = text.strip_prefix('-')?;
            let last = flag.strip_prefix('-').filter(|f| f.len() == 1)?;
            let plain = letters.bytes().all(|b| b.is_ascii_alphabetic());
            (letters.len() < 6 && plain && letters.ends_with(last)).then_some(())
        };
        let (span, kind) = match how {
            How::Value if is(text) => (next()?, Place::Value),
            How::Value => (equal()?, Place::Value),
            How::Glued if flag.len() > 2 => (glued()?, Place::Value),
            How::Glued => (glued()?, Place::Glued),
            How::Login | How::SplitAt(_) => {
                let span = if is(text) || bundled().is_some() {
                    next()?
                } else {
                    equal().or_else(|| glued().filter(|_| flag.len() == 2))?
                };
                let sign = if let How::SplitAt(sign) = how {
                    sign
                } else {
                    b':'
                };
                return self.split(span, sign);
            }
            How::Pass if is(text) => {
                let span = next()?;
                let rest = self.of(span).strip_prefix("pass:")?;
                (Span::new(span.end - rest.len(), span.end), Place::Value)
            }
            How::Pass => return None,
        };
        Some(Found {
            secret: self.bare(span),
            user: self.user,
            place: kind,
        })
    }

    /// `user:password` in a word.
    fn split(&self, span: Span, sign: u8) -> Option<Found> {
        let text = span.of(self.bytes);
        let at = span.start + memchr::memchr(sign, text)?;
        let user = self.bare(Span::new(span.start, at));
        let secret = self.bare(Span::new(at + 1, span.end));
        // A key for the user's name, and no password.
        if secret.is_empty() || secret.of(self.bytes).starts_with(b"@") {
            return Some(Found {
                secret: user,
                user: Span::default(),
                place: Place::Key,
            });
        }
        Some(Found {
            secret,
            user,
            place: Place::Value,
        })
    }

    /// A value without quotes and blanks around it.
    fn bare(&self, span: Span) -> Span {
        let text = span.of(self.bytes);
        let quote = |b: &u8| matches!(b, b'"' | b'\'' | b'\\' | b' ');
        let left = text.iter().take_while(|b| quote(b)).count();
        let rest = text.get(left..).unwrap_or_default();
        let right = rest.iter().rev().take_while(|b| quote(b)).count();
        Span::new(span.start + left, span.end - right)
    }

    /// The value of a flag that names the user.
    fn user(&self) -> Span {
        for at in 1..self.words.len() {
            let text = self.text(at).to_ascii_lowercase();
            let (name, has) = text
                .split_once('=')
                .map_or((&*text, false), |(n, _)| (n, true));
            if !matches!(name, "-u" | "--user" | "--username" | "-user" | "-username") {
                continue;
            }
            let span = if has {
                let word = self.words.get(at).map_or(Span::default(), |w| w.span);
                Span::new(word.start + name.len() + 1, word.end)
            } else {
                self.words.get(at + 1).map_or(Span::default(), |w| w.span)
            };
            return self.bare(span);
        }
        Span::default()
    }

    fn judge(&self, name: &str, found: Found) -> Option<Hit> {
        let secret = self.of(found.secret);
        let user = self.of(found.user);
        let account = user.rsplit('\\').next().unwrap_or(user);
        if is_filled_in(user) && !user.contains('{') {
            return None;
        }
        let sure = match (grade(secret, account), found.place) {
            (Grade::Strong, _) | (Grade::Set, Place::Value) => Confidence::High,
            (_, Place::Key) => return None,
            (Grade::Set, _) => Confidence::Medium,
            // `-protocol`, `-port`: another program's way to write a flag.
            (Grade::Weak, Place::Glued) if user.is_empty() || value::is_wordy(secret) => {
                return None;
            }
            (Grade::Weak, Place::Value | Place::Glued) if name != "curl" => Confidence::Medium,
            (Grade::Weak, _) => Confidence::Low,
            (Grade::Toy, Place::Value) if !user.is_empty() => Confidence::Low,
            _ => return None,
        };
        let subject = match shown(account, secret) {
            Some(account) => format!("{name} {account}"),
            None => name.to_owned(),
        };
        Some(Hit::secret(found.secret).sure(sure).about(subject))
    }

    /// The value of a flag whose name says that it is a credential.
    fn flag(&self, at: usize) -> Option<(Span, Noun)> {
        let word = self.words.get(at)?;
        let text = self.text(at);
        let (name, has) = text
            .split_once(['=', ':'])
            .map_or((text, false), |(name, _)| (name, true));
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        let bare = name.trim_start_matches('-');
        if !name.starts_with('-') || bare.len() < 3 || !bare.bytes().all(plain) {
            return None;
        }
        let noun = match credential(bare) {
            Some(noun) => noun,
            None if bare.ends_with("pass") || bare.ends_with("passwd") => Noun::Password,
            None => return None,
        };
        let span = if has {
            Span::new(word.span.start + name.len() + 1, word.span.end)
        } else {
            let next = self.words.get(at + 1)?;
            if !next.quoted && self.text(at + 1).starts_with('-') {
                return None;
            }
            // In a list of arguments the flag is one of many strings.
            next.span
        };
        Some((self.bare(span), noun))
    }

    fn unknown(&self, at: usize, (secret, noun): (Span, Noun)) -> Option<Hit> {
        let text = self.of(secret);
        // As the value of a flag that wants a key, a UUID is one.
        let uuid = value::is_uuid(text);
        if value::has_shape(text) && !uuid {
            return None;
        }
        let user = self.of(self.user);
        let sure = match (noun, grade(text, user)) {
            (Noun::Password, Grade::Strong) => Confidence::High,
            (Noun::Password, Grade::Set) if !value::is_wordy(text) => Confidence::Medium,
            _ if uuid || value::is_random(text) => Confidence::Medium,
            (_, Grade::Strong) => Confidence::Medium,
            _ => return None,
        };
        let name = self.text(at);
        let name = name.split(['=', ':']).next().unwrap_or(name);
        Some(
            Hit::secret(secret)
                .sure(sure)
                .about(name.trim_start_matches('-')),
        )
    }
}

/// A credential among the arguments.
#[derive(Debug, Clone, Copy)]
struct Found {
    secret: Span,
    user: Span,
    place: Place,
}

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where only a password stands.
    Value,
    /// At a short flag, which may be the beginning of a longer one.
    Glued,
    /// Where a name may stand as well.
    Key,
}
