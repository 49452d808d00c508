//! PEM and PGP blocks that hold a private key, and Google's service-account keys, which
//! are such a block with a name.
//!
//! Code that writes or reads keys is full of header lines. Only a body that decodes to
//! what the header says is a key.

mod certificate;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::LazyLock;

use data_encoding::{BASE64_NOPAD, HEXLOWER};
use regex::bytes::Regex;
use sha2::{Digest, Sha256};

use crate::detect::tokens::{Class, Code};
use crate::detect::{Cx, Hit, decode};
use crate::document::{Document, Span};
use crate::finding::{Confidence, Severity};
use crate::kind::Kind;

/// The longest block: an RSA key of 16384 bits has about 12600 characters.
const LONGEST: usize = 20 * 1024;

/// Finds the blocks.
pub(super) fn private_keys(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    let code = OnceCell::new();
    let certificates = OnceCell::new();
    cx.read_on(|keyword, _| {
        let block = Block::around(bytes, keyword)?;
        let certificates = certificates.get_or_init(|| certificate::all(bytes));
        let facts = certificate::facts(certificates, &block.key);
        let (at, end) = (block.header.start, block.body.end);
        let mut hit = block.hit();
        hit.facts.extend(facts);
        if is_documentation(cx.document, &code, at) {
            hit.confidence = Some(Confidence::Low);
        }
        Some((Some(hit), end))
    })
}

/// Whether an offset is inside a docstring of Python, or inside the text that an Ansible
/// module documents itself by.
fn is_documentation<'d>(document: &Document<'d>, code: &OnceCell<Code<'d>>, at: usize) -> bool {
    if !document.kinds_by_path().has(Kind::Python) {
        return false;
    }
    let code = code.get_or_init(|| Code::new(document));
    let Some(index) = code.index_at(at) else {
        return false;
    };
    let text = code.text(index);
    if !text.starts_with("\"\"\"") && !text.starts_with("'''") {
        return false;
    }
    // A prefix such as `r` is a token of its own.
    let touches =
        |i: &usize| code.get(*i).map(|t| t.span.end) == code.get(i + 1).map(|t| t.span.start);
    let prefix = index.checked_sub(1).filter(touches);
    let first = prefix.filter(|i| code.text(*i).len() < 3).unwrap_or(index);
    let before = |n| first.checked_sub(n);
    match before(1).map_or("", |i| code.text(i)) {
        "=" => matches!(
            before(2).map_or("", |i| code.text(i)),
            "DOCUMENTATION" | "EXAMPLES" | "RETURN"
        ),
        // The value of a literal key, or what a function begins with.
        ":" => before(2)
            .and_then(|i| code.get(i))
            .is_some_and(|token| token.class != Class::Text),
        "(" | "[" | "{" | "," | "+" | "\\" | "%" | "return" => false,
        _ => true,
    }
}

/// Finds the keys of service accounts.
pub(super) fn service_accounts(cx: &Cx<'_, '_>) -> Vec<Hit> {
    static TYPE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?-u)type[\\'"]{1,3}\s*:\s*[\\'"]{1,3}service_account\b"#)
            .expect("a constant regex")
    });
    static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?-u)client_email[\\'"]{1,3}\s*:\s*[\\'"]{1,3}(?P<subject>[\w.@+-]+)"#)
            .expect("a constant regex")
    });
    /// How far the parts of one file stand from each other.
    const REACH: usize = 6000;
    let bytes = cx.document.bytes();
    let mut hits: Vec<Hit> = Vec::new();
    for keyword in cx.keywords {
        let start = keyword.start.saturating_sub(REACH);
        let Some(window) = bytes.get(start..(keyword.end + REACH).min(bytes.len())) else {
            continue;
        };
        if !TYPE.is_match(window) {
            continue;
        }
        let Some(header) = memchr::memmem::find(window, b"PRIVATE KEY-----") else {
            continue;
        };
        let at = Span::new(start + header, start + header + 16);
        let Some(block) = Block::around(bytes, at) else {
            continue;
        };
        let mut hit = block.hit();
        hit.subject = EMAIL
            .captures(window)
            .and_then(|c| c.name("subject"))
            .map(|m| String::from_utf8_lossy(m.as_bytes()).into_owned());
        hit.message = None;
        if hits.last().is_none_or(|last| last.span != hit.span) {
            cx.keep(hit, &mut hits);
        }
    }
    hits
}

/// A key between its header and its end.
struct Block {
    header: Span,
    body: Span,
    label: String,
    /// How it is encrypted, if it is.
    cipher: Option<String>,
    /// Whether it decodes to all of what it claims to be.
    whole: bool,
    /// First bytes of the SHA-256 of the decoded key.
    name: String,
    /// The decoded key.
    key: Vec<u8>,
}

impl Block {
    /// The block whose header holds `keyword`.
    fn around(bytes: &[u8], keyword: Span) -> Option<Self> {
        static HEADER: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"(?-u)-----BEGIN (?P<label>(?:[A-Z0-9]+ ){0,2}PRIVATE KEY(?: BLOCK)?)-----")
                .expect("a constant regex")
        });
        let start = keyword.start.saturating_sub(40);
        let window = bytes.get(start..(keyword.end + 16).min(bytes.len()))?;
        let found = HEADER
            .captures_iter(window)
            .find(|c| c.get(0).is_some_and(|m| start + m.end() > keyword.start))?;
        let whole = found.get(0)?;
        let header = Span::new(start + whole.start(), start + whole.end());
        let label = String::from_utf8_lossy(found.name("label")?.as_bytes()).into_owned();
        let limit = (header.end + LONGEST).min(bytes.len());
        let rest = bytes.get(header.end..limit)?;
        // The next dashes have to be its end: looked for further on, the end of the last of
        // many headers would be found for each of them.
        let end = memchr::memmem::find(rest, b"-----")?;
        if !rest.get(end..)?.starts_with(b"-----END ") {
            return None;
        }
        let body = Span::new(header.end, header.end + end);
        let line = memchr::memrchr(b'\n', bytes.get(..header.start)?).map_or(0, |at| at + 1);
        let text = Text::of(body.of(bytes), Span::new(line, header.start).of(bytes))?;
        let key = decode::base64(&text.base64)
            .or_else(|| {
                BASE64_NOPAD
                    .decode(text.base64.trim_end_matches('=').as_bytes())
                    .ok()
            })
            .filter(|key| key.len() >= 32)?;
        let cipher = text.cipher.or_else(|| cipher(&label, &key));
        let whole = is_whole(&label, &key, cipher.is_some());
        let name = HEXLOWER.encode(Sha256::digest(&key).get(..6)?);
        Some(Self {
            header,
            body,
            label,
            cipher,
            whole,
            name,
            key,
        })
    }

    fn hit(self) -> Hit {
        let mut hit = Hit::new(self.header).about(format!("private-key:{}", self.name));
        hit.secret = self.body;
        hit.facts.push(("kind".into(), self.label.clone()));
        if !self.whole {
            // Cut short, or made up: most often an illustration.
            hit.confidence = Some(Confidence::Low);
        }
        if let Some(cipher) = self.cipher {
            hit.severity = Some(Severity::Medium);
            hit.message = Some(format!(
                "Encrypted private key in the repository ({cipher}): only its passphrase protects it."
            ));
            hit.facts.push(("encryption".into(), cipher));
        }
        hit
    }
}

/// The lines of a body.
struct Text {
    base64: String,
    cipher: Option<String>,
}

impl Text {
    /// Reads a body however it is written: in lines, with `\n` in a string, as pieces
    /// of a sum, behind a comment's or a quote's sign. Anything else makes it no key.
    /// `margin` is what stands before the header on its line, and perhaps on others.
    fn of(body: &[u8], margin: &[u8]) -> Option<Self> {
        let text = unescaped(std::str::from_utf8(body).ok()?);
        // In a string the line begins after an escape.
        let margin = unescaped(std::str::from_utf8(margin).unwrap_or_default());
        let margin = margin.rsplit('\n').next().unwrap_or_default();
        let mut base64 = String::new();
        let mut cipher = None;
        for line in text.lines() {
            let line = bare(line.strip_prefix(margin).unwrap_or(line));
            if let Some((name, value)) = line.split_once(':') {
                if name == "DEK-Info" {
                    cipher = value.trim().split(',').next().map(str::to_owned);
                } else if name == "Proc-Type" && value.contains("ENCRYPTED") {
                    cipher = cipher.or_else(|| Some("PEM".to_owned()));
                } else if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                    return None;
                }
                continue;
            }
            // The check sum of a PGP block, and what joins the pieces of a sum.
            if line.len() == 5 && line.starts_with('=') || matches!(line, "+" | ".") {
                continue;
            }
            let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b' ');
            if !line.bytes().all(plain) {
                return None;
            }
            base64.extend(line.chars().filter(|c| *c != ' '));
        }
        Some(Self { base64, cipher })
    }
}

/// The text with its escaped line breaks for what they stand for, however often they are
/// escaped: a string may hold the source of a string.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split('\\');
    out.push_str(parts.next().unwrap_or_default());
    let mut escaped = false;
    for part in parts {
        escaped = true;
        let Some(letter) = part.chars().next() else {
            continue;
        };
        match letter {
            'n' => out.push('\n'),
            't' => out.push(' '),
            'r' => {}
            _ => {
                // A break of the line, or a quote: what is no such makes it no key.
                if !matches!(letter, '\n' | '\r' | ' ' | '"' | '\'') {
                    out.push('\\');
                }
                out.push(letter);
            }
        }
        out.push_str(part.get(letter.len_utf8()..).unwrap_or_default());
        escaped = false;
    }
    if escaped {
        out.push('\\');
    }
    Cow::Owned(out)
}

/// A line without what stands around it: the signs of comments, quotes, and what joins
/// the pieces of a sum.
fn bare(line: &str) -> &str {
    let mut line = line.trim_start();
    while let Some((sign, rest)) = line.split_once([' ', '\t'])
        && sign.bytes().all(|b| b"/#*+>;-\"'".contains(&b))
    {
        line = rest.trim_start();
    }
    let line = line.strip_prefix("/*").unwrap_or(line);
    let line = line.strip_suffix("*/").unwrap_or(line);
    let line = line.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | '\\' | '#' | '*' | '>' | ';')
    });
    // The plus of a sum is one of base64 too, but for the quote or the blank before it.
    let line = line
        .strip_suffix('+')
        .map(str::trim_end)
        .filter(|rest| rest.ends_with(['"', '\'']))
        .unwrap_or(line);
    line.trim_end_matches(" +").trim_matches(['"', '\'', ' '])
}

/// The cipher that the key itself tells of.
fn cipher(label: &str, key: &[u8]) -> Option<String> {
    if label.starts_with("ENCRYPTED") {
        return Some("PKCS#8".to_owned());
    }
    // OpenSSH: magic, then the cipher's name with its length in four bytes.
    let rest = key.strip_prefix(b"openssh-key-v1\0")?;
    let (len, rest) = rest.split_first_chunk::<4>()?;
    let len = usize::try_from(u32::from_be_bytes(*len)).ok()?;
    let name = std::str::from_utf8(rest.get(..len)?).ok()?;
    (name != "none" && len <= 40 && name.bytes().all(|b| b.is_ascii_graphic()))
        .then(|| name.to_owned())
}

/// Whether the decoded key is as long as it says and of the right kind.
fn is_whole(label: &str, key: &[u8], encrypted: bool) -> bool {
    // Tools that write the old label around the new form are common.
    if label.starts_with("OPENSSH") || key.starts_with(b"openssh-key-v1\0") {
        return key.starts_with(b"openssh-key-v1\0") && key.len() >= 100;
    }
    if label.starts_with("PGP") {
        // A packet's first byte has its highest bit set (RFC 9580).
        return key.first().is_some_and(|b| b & 0x80 != 0) && key.len() >= 100;
    }
    // PKCS#1's own encryption covers the structure.
    let opaque = encrypted && !label.starts_with("ENCRYPTED");
    opaque || is_sequence(key)
}

/// Whether the bytes are one DER sequence and nothing else.
fn is_sequence(key: &[u8]) -> bool {
    let (length, head) = match key {
        [0x30, 0x82, a, b, ..] => (usize::from(*a) << 8 | usize::from(*b), 4),
        [0x30, 0x81, a, ..] => (usize::from(*a), 3),
        [0x30, a, ..] if *a < 0x80 => (usize::from(*a), 2),
        _ => return false,
    };
    length + head == key.len()
}
