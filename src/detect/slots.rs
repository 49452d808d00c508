//! The values of a document by the names they are given, for detectors that know what a
//! kind of file keeps where: a name that means nothing in prose is a login there.

use super::plausible::name::{Noun, credential};
use super::plausible::value;
use super::{Cx, Hit};
use crate::document::{Document, Node, Span, Value};

/// How many members of a mapping are looked at for what stands beside a text. Each text
/// asks, so that without an end a long mapping would cost its length squared; a login has
/// a few members.
const BESIDE: usize = 256;

/// A text and the name it is given.
pub(crate) struct Slot<'s, 'n> {
    /// The keys on the way down to it; XML's marks for attributes and text are left out.
    pub(crate) keys: &'s [&'n str],
    /// The name: its own key, or what stands beside it in `name` and `value`.
    pub(crate) name: &'s str,
    /// The text.
    pub(crate) text: &'s str,
    /// Where the text stands, without quotes.
    pub(crate) span: Span,
    /// The mapping that holds it.
    pub(crate) holder: Option<&'n Node>,
}

impl Slot<'_, '_> {
    /// Whether a key on the way down is one of these, whatever its case.
    pub(crate) fn is_below(&self, names: &[&str]) -> bool {
        self.keys
            .iter()
            .any(|key| names.iter().any(|name| key.eq_ignore_ascii_case(name)))
    }

    /// The key above its own.
    pub(crate) fn parent(&self) -> &str {
        self.keys.iter().rev().nth(1).copied().unwrap_or_default()
    }

    /// The keys joined by dots, with the name last.
    pub(crate) fn path(&self) -> String {
        let mut keys = self.keys.to_vec();
        if let Some(last) = keys.last_mut() {
            *last = self.name;
        }
        // A few levels tell enough, and a hostile file may have many.
        let from = keys.len().saturating_sub(5);
        let shown: Vec<_> = keys.iter().skip(from).map(|key| short(key)).collect();
        shown.join(".")
    }

    /// Where the end of the text stands that is `part`. With escapes in it the two are not
    /// of a length, and the whole text is the place.
    pub(crate) fn ending(&self, part: &str) -> Span {
        if self.span.len() == self.text.len() && self.text.ends_with(part) {
            Span::new(self.span.end - part.len(), self.span.end)
        } else {
            self.span
        }
    }

    /// The login that stands beside it.
    pub(crate) fn user(&self) -> &str {
        self.beside(&["user", "username", "login", "userid", "uid", "user_name"])
    }

    /// Whether it only names the secret key that stands beside it.
    pub(crate) fn is_key_id(&self) -> bool {
        let name = super::settings::plain(self.name);
        name.ends_with("accesskey")
            && !self
                .beside(&["secret_key", "secretKey", "secret-key", "secretAccessKey"])
                .is_empty()
    }

    /// The text of the first of these that stands beside it.
    pub(crate) fn beside(&self, names: &[&str]) -> &str {
        let members = self.holder.map_or(&[][..], Node::members);
        members
            .iter()
            .take(BESIDE)
            .find(|member| {
                let key = member.key.trim_start_matches('@');
                names.iter().any(|name| key.eq_ignore_ascii_case(name))
            })
            .and_then(|member| member.value.text().or_else(|| inner(&member.value)))
            .unwrap_or_default()
    }
}

/// The beginning of a key.
fn short(key: &str) -> &str {
    key.char_indices()
        .nth(60)
        .and_then(|(end, _)| key.get(..end))
        .unwrap_or(key)
}

/// The text of an XML element.
fn inner(node: &Node) -> Option<&str> {
    node.get("#text").and_then(Node::text)
}

/// Calls `visit` for every text of the document that is a literal.
pub(crate) fn each(document: &Document<'_>, visit: &mut dyn FnMut(&Slot<'_, '_>)) {
    let mut walk = Walk {
        bytes: document.bytes(),
        keys: Vec::new(),
        visit,
    };
    for root in document.tree().root.items() {
        walk.node(root);
    }
}

/// The texts of which `wants` says that they are credentials, and of which kind, as far
/// as they look set.
pub(crate) fn find(cx: &Cx<'_, '_>, wants: &dyn Fn(&Slot<'_, '_>) -> Option<Noun>) -> Vec<Hit> {
    let mut hits = Vec::new();
    each(cx.document, &mut |slot| {
        if let Some(noun) = wants(slot)
            && is_set(noun, slot.text, slot.user())
            && !slot.is_key_id()
        {
            let hit = Hit::secret(slot.span).about(slot.path());
            cx.keep(hit, &mut hits);
        }
    });
    hits
}

/// Whether this is a credential in force, where a credential of this kind stands.
pub(crate) fn is_set(noun: Noun, text: &str, user: &str) -> bool {
    if value::has_shape(text) {
        return false;
    }
    let set = value::is_set_password(text, user);
    match noun {
        Noun::Password => set && !is_name(text),
        _ => value::is_random(text) || set && text.len() >= 8 && !value::is_wordy(text),
    }
}

/// Whether this reads as the name of something: words joined by signs, or one that ends
/// with what names are made of.
fn is_name(text: &str) -> bool {
    let words = text.split(['-', '_', '.']).count();
    let plain = |c: char| c.is_ascii_lowercase() || matches!(c, '-' | '_' | '.');
    words > 1 && text.chars().all(plain)
}

/// Whether this is the password of a login, in a file that holds nothing but logins: a
/// plain word is one too.
pub(crate) fn is_login(text: &str, user: &str) -> bool {
    (3..=512).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_graphic())
        && !text.eq_ignore_ascii_case(user)
        && !value::is_toy(text)
        && !value::is_placeholder(text)
        && !says_what_it_is(text)
}

/// Words of manuals: `yourpass`, `my_password_here`.
fn says_what_it_is(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    [
        "password",
        "passwd",
        "secret",
        "your",
        "token_here",
        "here>",
    ]
    .iter()
    .any(|word| lower.contains(word))
}

/// What the name of a setting promises, where settings hold logins: `pass` alone counts.
pub(crate) fn setting(name: &str) -> Option<Noun> {
    let last = name.rsplit(['.', ':', '/']).next().unwrap_or(name);
    if ["pass", "pw", "pswd", "userpwd"]
        .iter()
        .any(|word| last.eq_ignore_ascii_case(word))
    {
        return Some(Noun::Password);
    }
    credential(name)
}

struct Walk<'w, 'n> {
    bytes: &'w [u8],
    keys: Vec<&'n str>,
    visit: &'w mut dyn FnMut(&Slot<'_, '_>),
}

impl<'n> Walk<'_, 'n> {
    fn node(&mut self, node: &'n Node) {
        match &node.value {
            Value::Object(members) => {
                let named = named(node);
                for member in members {
                    let key = member.key.trim_start_matches('@');
                    let text = key == "#text";
                    if !text {
                        self.keys.push(key);
                    }
                    let above = self.keys.last().copied().unwrap_or_default();
                    let is_value = text || is_value_key(key);
                    let name = named.filter(|_| is_value).unwrap_or(above);
                    self.value(&member.value, name, node);
                    if !text {
                        self.keys.pop();
                    }
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.item(item);
                    self.node(item);
                }
            }
            _ => {}
        }
    }

    fn value(&mut self, node: &'n Node, name: &str, holder: &'n Node) {
        match node.text() {
            Some(text) if node.tag.is_none() => {
                let slot = Slot {
                    keys: &self.keys,
                    name,
                    text: text.trim(),
                    span: trimmed(self.bytes, node.span),
                    holder: Some(holder),
                };
                (self.visit)(&slot);
            }
            _ => self.node(node),
        }
    }

    /// `NAME=value` as an item of a list.
    fn item(&mut self, item: &'n Node) {
        let Some(text) = item.text().filter(|_| item.tag.is_none()) else {
            return;
        };
        let Some((name, value)) = text.split_once('=') else {
            return;
        };
        let span = trimmed(self.bytes, item.span);
        if name.is_empty() || value.is_empty() || span.len() != text.len() {
            return;
        }
        let start = span.start + name.len() + 1;
        let bare = value.trim_matches(['"', '\'']);
        let quoted = usize::from(bare.len() < value.len());
        self.keys.push("");
        let slot = Slot {
            keys: &self.keys,
            name,
            text: bare,
            span: Span::new(start + quoted, start + quoted + bare.len()),
            holder: None,
        };
        (self.visit)(&slot);
        self.keys.pop();
    }
}

/// What an object calls its value: `name: A` beside `value: b`, `<add key="A" value="b"/>`.
fn named(node: &Node) -> Option<&str> {
    let has_value = node.members().iter().any(|member| {
        let key = member.key.trim_start_matches('@');
        key == "#text" || is_value_key(key)
    });
    if !has_value {
        return None;
    }
    [
        "name",
        "@name",
        "key",
        "@key",
        "Name",
        "Key",
        "ParameterKey",
        "@id",
    ]
    .iter()
    .find_map(|key| node.get(key).and_then(Node::text))
}

fn is_value_key(key: &str) -> bool {
    matches!(key, "value" | "Value" | "ParameterValue")
}

/// The value without the quotes around it.
pub(crate) fn trimmed(bytes: &[u8], span: Span) -> Span {
    match span.of(bytes) {
        [b'"', b'"', b'"', .., b'"', b'"', b'"'] if span.len() > 6 => {
            Span::new(span.start + 3, span.end - 3)
        }
        [b'"' | b'\'', .., b'"' | b'\''] if span.len() > 2 => {
            Span::new(span.start + 1, span.end - 1)
        }
        _ => span,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(path: &str, text: &str) -> Vec<(String, String)> {
        let document = Document::new(path, text.as_bytes());
        let mut out = Vec::new();
        each(&document, &mut |slot| {
            assert_eq!(slot.span.of(text.as_bytes()), slot.text.as_bytes());
            out.push((slot.path(), slot.text.to_owned()));
        });
        out
    }

    #[test]
    fn names_every_literal() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            slots("a.yaml", "a:\n  b: 'c'\n  d: [E=f, \"G=h\"]\n"),
            [pair("a.b", "c"), pair("a.d.E", "f"), pair("a.d.G", "h")]
        );
        assert_eq!(
            slots("a.yaml", "env:\n- name: A\n  value: b\n"),
            [pair("env.name", "A"), pair("env.A", "b")]
        );
        assert_eq!(
            slots(
                "a.xml",
                "<r><add key=\"A\" value=\"b\"/><p name=\"C\">d</p></r>"
            ),
            [
                pair("r.add.key", "A"),
                pair("r.add.A", "b"),
                pair("r.p.name", "C"),
                pair("r.C", "d"),
            ]
        );
        assert!(slots("a.yaml", "a: !vault x\nb: {{ c }}\n").is_empty());
    }

    #[test]
    fn the_end_of_a_text_and_what_its_escapes_hide() {
        for (text, place) in [
            ("{\"a\": \"Bearer xyz\"}", "xyz"),
            ("{\"a\": \"Bearer x\\u0079z\"}", "Bearer x\\u0079z"),
        ] {
            let document = Document::new("a.json", text.as_bytes());
            each(&document, &mut |slot| {
                assert_eq!(slot.ending("xyz").of(text.as_bytes()), place.as_bytes());
            });
        }
    }

    #[test]
    fn a_long_mapping_is_not_searched_for_each_of_its_texts() {
        for (before, user) in [(10, "app"), (BESIDE, "")] {
            let text = "k: v\n".repeat(before) + "user: app\npassword: x\n";
            let document = Document::new("a.yaml", text.as_bytes());
            each(&document, &mut |slot| assert_eq!(slot.user(), user));
        }
    }

    #[test]
    fn logins_and_settings() {
        assert!(is_login("centipede", "") && is_login("q7wz", ""));
        for text in ["password", "changeme", "${PW}", "app", "<pw>", "your_pw1"] {
            assert!(!is_login(text, "app"), "{text}");
        }
        assert!(is_set(Noun::Password, "gr33nt3a", "app"));
        assert!(!is_set(Noun::Password, "db-secret.main", "app"));
        assert_eq!(setting("pass"), Some(Noun::Password));
        assert_eq!(setting("compass"), None);
    }
}
