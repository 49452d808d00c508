//! The word lists by which names and values are judged.

/// Words that may follow the noun without changing it: `DB_PASSWORD_PROD`.
#[rustfmt::skip]
pub(super) const TAILS: &[&str] = &[
    "prod", "production", "live", "dev", "development", "stage", "staging", "qa", "uat",
    "default", "value", "val", "str", "string", "plain", "plaintext", "raw", "base64", "b64",
    "env", "old", "new", "current", "primary", "secondary", "v",
];

/// Words that make it something other than a credential in force, wherever they stand
/// in the name.
#[rustfmt::skip]
pub(super) const NEGATIONS: &[&str] = &[
    // Meant to be public, or worthless by itself.
    "public", "publishable", "publish", "subscribe", "pub", "anon", "site", "csrf", "xsrf", "nonce", "authenticity",
    "antiforgery", "verification", "captcha", "recaptcha", "challenge", "idempotency",
    // A place in a list or a stream.
    "next", "prev", "previous", "page", "paging", "pagination", "continuation", "cursor",
    "sync", "resume", "skip", "marker",
    // The tokens of a parser or a language model.
    "pad", "padding", "eos", "bos", "unk", "sep", "cls", "mask", "special", "stop", "start",
    "end", "lexer", "parser", "syntax", "comment", "keyword", "operator", "separator",
    "delimiter", "cancel", "cancellation", "design", "theme", "color", "colour", "css", "style",
    // A question, an action or a text about a credential.
    "no", "not", "non", "is", "has", "have", "use", "uses", "require", "requires", "required", "need",
    "needs", "show", "hide", "toggle", "reset", "forgot", "forget", "change", "confirm",
    "confirmation", "invalid", "wrong", "correct", "missing", "bad", "incorrect", "expected",
    "error", "err", "label", "placeholder", "title", "hint", "message", "msg", "get", "set",
    "create", "generate", "validate", "check", "parse", "decode", "encode", "verify", "enter",
    "repeat", "update", "delete", "remove", "revoke", "expired", "lost",
    // No longer the thing itself.
    "encrypted", "hashed", "hash", "sealed", "masked", "redacted", "obfuscated",
    // Keys of tables and caches.
    "foreign", "sort", "partition", "cache", "index", "row", "lookup", "dedup",
    // Said not to be real.
    "fake", "dummy", "example", "sample", "mock", "test", "tests", "testing", "demo",
];

/// What stands before `key` when the key opens something.
#[rustfmt::skip]
pub(super) const KEYS: &[&str] = &[
    "api", "access", "secret", "private", "auth", "authentication", "authorization", "signing",
    "signature", "encryption", "encrypt", "decryption", "crypt", "crypto", "aes", "hmac",
    "master", "service", "account", "storage", "shared", "admin", "deploy", "app",
    "subscription", "consumer", "client", "session", "jwt", "webhook", "root", "ssh", "host",
    "functions",
];

/// What stands before `key` when it only finds something.
#[rustfmt::skip]
pub(super) const COMMON_KEYS: &[&str] = &[
    "primary", "object", "item", "group", "data", "map", "dict", "hash", "json", "field",
    "column", "table", "property", "config", "setting", "option", "attribute", "attr", "param",
    "parameter", "query", "search", "storage", "message", "translation", "locale", "lang",
    "string", "type", "event", "state", "action", "route", "view", "component", "react",
    "unique", "composite", "natural", "surrogate", "file", "path", "dir", "folder", "bucket",
    "image", "asset", "resource", "node", "tree", "list", "array", "enum", "value", "hot",
    "short", "arrow", "shift", "ctrl", "control", "alt", "meta", "any", "esc", "escape",
    "return", "tab", "space", "home", "registry", "schema", "record", "entity", "parent",
    "child", "ref", "reference", "link", "build", "version", "package", "module", "class",
    "context", "metric", "label", "tag", "color", "style", "theme", "feature", "flag", "redis",
    "expected", "wrong", "musical", "answer", "piano", "default", "id", "uuid", "public",
];

/// What stands before `pass` when that is a password.
#[rustfmt::skip]
pub(super) const PASSES: &[&str] = &[
    "db", "database", "smtp", "mail", "email", "user", "admin", "root", "ftp", "sftp", "mysql",
    "pg", "postgres", "redis", "mongo", "rabbitmq", "amqp", "ldap", "ssh", "proxy", "api",
    "auth", "http", "login", "keystore", "my", "account", "service", "imap", "wifi", "sql",
];

/// Passwords of examples, without digits and signs around them.
#[rustfmt::skip]
pub(super) const TOYS: &[&str] = &[
    "", "abc", "admin", "administrator", "adminpass", "app", "apikey", "asdf", "bar", "baz", "boolean",
    "changeit", "clickhouse", "db", "database", "dbpass", "dbpassword", "default", "demo",
    "dev", "devpass", "devpassword", "docker", "empty", "enter", "false", "fixme", "foo",
    "foobar", "guest", "hello", "hidden", "hunter", "key", "letmein", "local", "localhost",
    "login", "mariadb", "master", "mongo", "mongodb", "my", "mypass", "mypassword", "mysecret",
    "mysecretpassword", "mysql", "mytoken", "nil", "none", "notset", "null", "opensesame",
    "pass", "passwd", "password", "passphrase", "pg", "placeholder", "postgres", "postgresql",
    "private", "public", "pw", "pwd", "qwerty", "rabbit", "rabbitmq", "redis", "root",
    "rootpassword", "rootpass", "sa", "sample", "secret", "secretkey", "secretpassword",
    "required", "optional", "string", "strongpassword", "supersecret", "swordfish", "tbd", "test", "tester", "testing",
    "testpass", "testpassword", "tiger", "todo", "token", "topsecret", "true", "undefined",
    "unset", "unused", "user", "pbkdf", "bcrypt", "sha", "md", "hmac", "oauth", "base", "aes", "rsa", "argon",
    "utf", "digest", "scram", "ntlm", "kerberos", "username", "userpass", "userpassword", "value", "verysecret",
    "welcome", "yourpassword", "yourstrongpassword", "yourstrongpassw",
];

/// Words that an author puts into a value to say that it isn't real.
#[rustfmt::skip]
pub(super) const EXAMPLES: &[&str] = &[
    "example", "xxxx", "placeholder", "changeme", "change-me", "change_me",
    "your-", "your_", "yourtoken", "yourkey", "dummy", "redacted",
    "insert", "replace", "....", "****", "fake", "sample",
    "notreal", "not-real", "abcdef", "a1b2c3", "123456789", "deadbeef",
    "000000", "aaaaaa",
];

/// Words in a value that speak of its being a secret, as no generated one does.
#[rustfmt::skip]
pub(super) const SAY_SECRET: &[&str] = &[
    "password", "passwd", "secret", "token", "apikey", "credential", "bearer", "private",
    "invalid", "testing", "username", "default", "mykey", "unused", "letmein", "qwerty",
];

/// Words that stand for a password.
#[rustfmt::skip]
pub(super) const STAND_INS: &[&str] = &[
    "pass", "password", "passwd", "passwort", "passphrase", "pwd", "pw", "psw", "secret",
    "token", "key", "apikey", "credential", "credentials", "creds", "mypassword", "mypass",
    "yourpassword", "dbpassword", "userpassword", "passw", "word", "changepw",
    "changepass", "changepassword",
];

/// Words beside such a one that say whose or what it is.
#[rustfmt::skip]
pub(super) const WHOSE: &[&str] = &[
    "my", "your", "the", "a", "our", "some", "user", "users", "db", "database", "admin",
    "root", "new", "old", "api", "auth", "access", "login", "mysql", "postgres", "pg", "redis",
    "mongo", "smtp", "ftp", "ldap", "proxy", "bind", "here", "in", "super", "strong", "very",
    "actual", "real", "test", "default", "app", "account", "service", "client", "server",
    "sudo", "is", "this", "long", "random", "plain", "text", "encoded", "url", "change", "me",
    "secure", "complex", "complexity", "master", "temp", "initial", "x", "hashed", "encrypted",
    "wrong", "bad", "invalid", "top", "personal", "value", "string", "goes", "host", "git",
    "github", "docker", "hub", "registry", "basic", "bearer", "base64", "base", "http", "to",
    "for", "of", "with", "connection", "certificate", "keystore", "truststore", "web",
];

/// How much likelier each letter follows another in words than by chance: a row for the
/// first letter, a column for the second, in half bits from `n`, which is as likely.
/// Counted over the 26,000 commonest words of identifiers and comments in three large
/// bodies of code.
#[rustfmt::skip]
pub(super) const PAIRS: [&[u8; 26]; 26] = [
    b"hnpogjnemcjqoqcoaqprlkiikf", b"qlnlqkigqmhrkjpldoplphefmd", b"qkmkqjhqncookiskenmqmihfja",
    b"pllntljirgfnljolfoolnjmija", b"ojpqlmlgkcgonqjmjrqphljnjc", b"pjmmprjfsafpklqkdoomnfhfka",
    b"pljjskmopafnlooldqploghfhe", b"sklmsighqahlmkqkfomomgkblg", b"mlponmndfdgonspmdmppfmcjam",
    b"rjlhthghoalfjkrlfiqlqjkaga", b"pkkmtlkjrcenkmllilrmlilfje", b"qjkmsjifrcipiiqnbinnmjfcoe",
    b"rnkksjhfqbglnipqijolngfehb", b"pioqqnrhoekkilokeiprmlfdhd", b"klonillelekoosmobrnnolnifc",
    b"qjmlrkhmoahpkjpodroonjkeka", b"ljllmjiejeaomnjlimojvkjaaa", b"qimmskleqakknlqkemoolkgema",
    b"nhojrijoqaklkjoohkpsoijflk", b"qimjsjfosaelkipkaqonmghhof", b"nonmomlboaaqprjoaqqqfcciae",
    b"rjmkukhiradklinlbkmlfbefeb", b"rknmqlgnrdhmlppmfpqmghifah", b"okpmqnikpddlnjlrhkmsiijnme",
    b"mlnlnkkiodioppmtdkqohjkfik", b"pjmmulgjpagkkkolainkkkhglm",
];
