//! What the name of a key says: does it hold a credential, or something about one?

/// What a key's name promises of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::detect) enum Noun {
    /// Chosen by a person, perhaps short.
    Password,
    /// Made by a machine: a token, a key, a secret.
    Key,
}

/// Words that may follow the noun without changing it: `DB_PASSWORD_PROD`.
const TAILS: &[&str] = &[
    "prod",
    "production",
    "live",
    "dev",
    "development",
    "stage",
    "staging",
    "qa",
    "uat",
    "default",
    "value",
    "val",
    "str",
    "string",
    "plain",
    "plaintext",
    "raw",
    "base64",
    "b64",
    "env",
    "old",
    "new",
    "current",
    "primary",
    "secondary",
    "v",
];

/// Words that make it something other than a credential in force, wherever they stand
/// in the name.
const NEGATIONS: &[&str] = &[
    // Meant to be public, or worthless by itself.
    "public",
    "publishable",
    "pub",
    "anon",
    "site",
    "csrf",
    "xsrf",
    "nonce",
    "authenticity",
    "antiforgery",
    "verification",
    "captcha",
    "recaptcha",
    "challenge",
    "idempotency",
    // A place in a list or a stream.
    "next",
    "prev",
    "previous",
    "page",
    "paging",
    "pagination",
    "continuation",
    "cursor",
    "sync",
    "resume",
    "skip",
    "marker",
    // The tokens of a parser or a language model.
    "pad",
    "padding",
    "eos",
    "bos",
    "unk",
    "sep",
    "cls",
    "mask",
    "special",
    "stop",
    "start",
    "end",
    "lexer",
    "parser",
    "syntax",
    "comment",
    "keyword",
    "operator",
    "separator",
    "delimiter",
    "cancel",
    "cancellation",
    "design",
    "theme",
    "color",
    "colour",
    "css",
    "style",
    // A question, an action or a text about a credential.
    "no",
    "not",
    "is",
    "has",
    "have",
    "use",
    "uses",
    "require",
    "requires",
    "required",
    "need",
    "needs",
    "show",
    "hide",
    "toggle",
    "reset",
    "forgot",
    "forget",
    "change",
    "confirm",
    "confirmation",
    "invalid",
    "wrong",
    "missing",
    "bad",
    "incorrect",
    "expected",
    "error",
    "err",
    "label",
    "placeholder",
    "title",
    "hint",
    "message",
    "msg",
    "get",
    "set",
    "create",
    "generate",
    "validate",
    "check",
    "parse",
    "decode",
    "encode",
    "verify",
    "enter",
    "repeat",
    "update",
    "delete",
    "remove",
    "revoke",
    "expired",
    "lost",
    // No longer the thing itself.
    "encrypted",
    "hashed",
    "hash",
    "sealed",
    "masked",
    "redacted",
    "obfuscated",
    // Keys of tables and caches.
    "foreign",
    "sort",
    "partition",
    "cache",
    "index",
    "row",
    "lookup",
    "dedup",
    // Said not to be real.
    "fake",
    "dummy",
    "example",
    "sample",
    "mock",
    "test",
    "tests",
    "testing",
    "demo",
];

/// What stands before `key` when the key opens something.
const KEYS: &[&str] = &[
    "api",
    "access",
    "secret",
    "private",
    "auth",
    "authentication",
    "authorization",
    "signing",
    "signature",
    "encryption",
    "encrypt",
    "decryption",
    "crypt",
    "crypto",
    "aes",
    "hmac",
    "master",
    "service",
    "account",
    "storage",
    "shared",
    "admin",
    "deploy",
    "app",
    "subscription",
    "consumer",
    "client",
    "session",
    "jwt",
    "webhook",
    "root",
    "ssh",
    "host",
    "functions",
];

/// What stands before `pass` when that is a password.
const PASSES: &[&str] = &[
    "db", "database", "smtp", "mail", "email", "user", "admin", "root", "ftp", "sftp", "mysql",
    "pg", "postgres", "redis", "mongo", "rabbitmq", "amqp", "ldap", "ssh", "proxy", "api", "auth",
    "http", "login", "keystore", "my", "account", "service", "imap", "wifi", "sql",
];

/// Nouns that begin a run-together name's end: `dbpassword`, `clientsecret`.
const ENDINGS: &[(&str, Noun)] = &[
    ("password", Noun::Password),
    ("passwd", Noun::Password),
    ("passphrase", Noun::Password),
    ("passwort", Noun::Password),
    ("pwd", Noun::Password),
    ("secret", Noun::Key),
    ("token", Noun::Key),
    ("apikey", Noun::Key),
    ("secretkey", Noun::Key),
    ("accesskey", Noun::Key),
    ("privatekey", Noun::Key),
    ("authkey", Noun::Key),
    ("masterkey", Noun::Key),
    ("encryptionkey", Noun::Key),
    ("signingkey", Noun::Key),
    ("accountkey", Noun::Key),
    ("sharedkey", Noun::Key),
];

/// The noun that `key` ends with, if it names a credential.
///
/// The noun has to come last: `token_url`, `secretName` and `password_field` name
/// something else, and need no list of their own.
pub(in crate::detect) fn credential(key: &str) -> Option<Noun> {
    let last = key.rsplit(['.', ':', '/']).next()?;
    let mut words = words(last);
    if words.iter().any(|w| NEGATIONS.contains(&w.as_str())) {
        return None;
    }
    while words.len() > 1 && words.last().is_some_and(|w| TAILS.contains(&w.as_str())) {
        words.pop();
    }
    let noun = words.pop()?;
    let before = words.last().map(String::as_str);
    match noun.as_str() {
        "base" if before == Some("key") => Some(Noun::Key),
        "key" => before.filter(|b| KEYS.contains(b)).map(|_| Noun::Key),
        "pass" => before
            .filter(|b| PASSES.contains(b))
            .map(|_| Noun::Password),
        "credential" | "credentials" | "creds" | "bearer" | "authorization" | "auth" | "pat" => {
            Some(Noun::Key)
        }
        _ => ENDINGS
            .iter()
            .find(|(end, _)| noun.ends_with(end))
            .map(|(_, noun)| *noun),
    }
}

/// The words of an identifier in lower case, without digits at their ends.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = text.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|i| chars.get(i));
        let after = chars.get(at + 1);
        let starts = c.is_ascii_uppercase()
            && (before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                || before.is_some_and(char::is_ascii_uppercase)
                    && after.is_some_and(char::is_ascii_lowercase));
        if starts || !c.is_ascii_alphanumeric() {
            push(&mut words, &mut word);
        }
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
    }
    push(&mut words, &mut word);
    words
}

fn push(words: &mut Vec<String>, word: &mut String) {
    let plain = match word.as_str() {
        "base64" | "b64" => word.as_str(),
        other => other.trim_end_matches(|c: char| c.is_ascii_digit()),
    };
    if !plain.is_empty() {
        words.push(plain.to_owned());
    }
    word.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_all_ways_of_writing() {
        assert_eq!(words("DB_PASSWORD2"), ["db", "password"]);
        assert_eq!(
            words("awsSecretAccessKey"),
            ["aws", "secret", "access", "key"]
        );
        assert_eq!(words("APIKey-v1"), ["api", "key", "v"]);
    }

    #[test]
    fn nouns() {
        for (name, noun) in [
            ("password", Some(Noun::Password)),
            ("DB_PASSWORD", Some(Noun::Password)),
            ("dbPassword", Some(Noun::Password)),
            ("mysqlpwd", Some(Noun::Password)),
            ("SMTP_PASS", Some(Noun::Password)),
            ("spring.datasource.password", Some(Noun::Password)),
            ("PASSWORD_PROD", Some(Noun::Password)),
            ("secret", Some(Noun::Key)),
            ("clientSecret", Some(Noun::Key)),
            ("clientsecret", Some(Noun::Key)),
            ("SECRET_KEY", Some(Noun::Key)),
            ("secret_key_base", Some(Noun::Key)),
            ("api_key", Some(Noun::Key)),
            ("apikey", Some(Noun::Key)),
            ("X-API-Key", Some(Noun::Key)),
            ("AccountKey", Some(Noun::Key)),
            ("authToken", Some(Noun::Key)),
            ("password_field", None),
            ("passwordHash", None),
            ("hashed_password", None),
            ("token_url", None),
            ("tokenType", None),
            ("token_count", None),
            ("secretName", None),
            ("public_token", None),
            ("PublicKeyToken", None),
            ("csrf_token", None),
            ("nextPageToken", None),
            ("eos_token", None),
            ("primary_key", None),
            ("key", None),
            ("compass", None),
            ("render_pass", None),
            ("access_key_id", None),
            ("forgotPassword", None),
            ("author", None),
        ] {
            assert_eq!(credential(name), noun, "{name}");
        }
    }
}
