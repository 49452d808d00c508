//! What the name of a key says: does it hold a credential, or something about one?

use super::words::{COMMON_KEYS, KEYS, NEGATIONS, PASSES, TAILS};

/// What a key's name promises of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::detect) enum Noun {
    /// Chosen by a person, perhaps short.
    Password,
    /// A secret of either origin.
    Secret,
    /// Made by a machine: a token, a key.
    Key,
    /// A `pass` of something unknown: perhaps the pass of a renderer.
    Pass,
    /// `key` alone, or the key of something that nobody knows: perhaps that of a table.
    Vague,
}

/// Nouns that begin a run-together name's end: `dbpassword`, `clientsecret`.
const ENDINGS: &[(&str, Noun)] = &[
    ("password", Noun::Password),
    ("passwd", Noun::Password),
    ("passphrase", Noun::Password),
    ("passcode", Noun::Password),
    ("passwort", Noun::Password),
    ("kennwort", Noun::Password),
    ("senha", Noun::Password),
    ("contrasena", Noun::Password),
    ("pwd", Noun::Password),
    ("secret", Noun::Secret),
    ("token", Noun::Key),
    ("apikey", Noun::Key),
    ("secretkey", Noun::Secret),
    ("accesskey", Noun::Key),
    ("privatekey", Noun::Key),
    ("authkey", Noun::Key),
    ("masterkey", Noun::Key),
    ("encryptionkey", Noun::Key),
    ("signingkey", Noun::Key),
    ("accountkey", Noun::Key),
    ("sharedkey", Noun::Key),
];

/// `password` as people write it in haste.
fn is_hasty_password(word: &str) -> bool {
    const HASTY: &[&str] = &[
        "pw", "psw", "pswd", "psswd", "pword", "pswrd", "psword", "psswrd", "pssword", "paswd",
        "paswrd", "pasword", "passord",
    ];
    HASTY.contains(&word) || word.starts_with("passw") && word.ends_with(['d', 't'])
}

/// The noun that `key` ends with, if it names a credential.
///
/// The noun has to come last: `token_url`, `secretName` and `password_field` name
/// something else, and need no list of their own.
pub(in crate::detect) fn credential(key: &str) -> Option<Noun> {
    let last = key.rsplit(['.', ':', '/']).next()?;
    noun(words(last)).filter(|noun| !matches!(noun, Noun::Pass | Noun::Vague))
}

/// The same, for whoever can tell a credential by its value alone: `key` may be one, and
/// a function may be given it, as in `setPassword`, `withToken`.
pub(in crate::detect) fn perhaps_credential(key: &str) -> Option<Noun> {
    let last = key.rsplit(['.', ':', '/']).next()?;
    let mut words = words(last);
    if words.len() > 1 && matches!(words.first().map(String::as_str), Some("set" | "with")) {
        words.remove(0);
    }
    noun(words)
}

fn noun(mut words: Vec<String>) -> Option<Noun> {
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
        // Chosen by people as often as made: Flask's, Django's, that of a session.
        "key" if before == Some("secret") => Some(Noun::Secret),
        "key" => match before {
            Some(before) if KEYS.contains(&before) => Some(Noun::Key),
            Some(before) if COMMON_KEYS.contains(&before) => None,
            _ => Some(Noun::Vague),
        },
        "pass" => match before {
            Some(before) if !PASSES.contains(&before) => Some(Noun::Pass),
            _ => Some(Noun::Password),
        },
        "credential" | "credentials" | "creds" | "bearer" | "authorization" | "auth" | "pat" => {
            Some(Noun::Key)
        }
        word if is_hasty_password(word) => Some(Noun::Password),
        word if word
            .strip_suffix("pass")
            .is_some_and(|user| PASSES.contains(&user)) =>
        {
            Some(Noun::Password)
        }
        _ => ENDINGS
            .iter()
            .find(|(end, _)| noun.ends_with(end))
            .map(|(_, noun)| *noun),
    }
}

/// The words of an identifier, without digits at their ends.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = crate::detect::words::words(text);
    for word in &mut words {
        if !matches!(word.as_str(), "base64" | "b64") {
            word.truncate(word.trim_end_matches(|c: char| c.is_ascii_digit()).len());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_at_the_end_of_a_word_do_not_count() {
        assert_eq!(words("DB_PASSWORD2"), ["db", "password"]);
        assert_eq!(words("key_v1_base64"), ["key", "v", "base64"]);
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
            ("secret", Some(Noun::Secret)),
            ("clientSecret", Some(Noun::Secret)),
            ("clientsecret", Some(Noun::Secret)),
            ("SECRET_KEY", Some(Noun::Secret)),
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
            ("pw", Some(Noun::Password)),
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
