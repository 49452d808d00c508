//! Logins given as arguments of a call that takes them: `login("user", "password")`.

use crate::detect::plausible::login::{Grade, grade, is_production, shown};
use crate::detect::plausible::value;
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::Confidence;

/// Most bytes of a call's arguments that are looked at.
const LONGEST: usize = 500;

/// Finds the passwords.
pub(super) fn passwords(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let bytes = cx.document.bytes();
    cx.read_on(|keyword, _| {
        let (call, open) = call(bytes, keyword)?;
        let (arguments, end) = arguments(bytes, open + 1, !call.key);
        Some((judge(bytes, keyword, call, &arguments), end))
    })
}

/// A call: how its name ends, and which arguments are the user and the password; 9 where
/// they only stand at names, `password=`, as they may in any call.
struct Call {
    name: &'static str,
    user: usize,
    password: usize,
    /// Other things are called so too: both have to be literals.
    common: bool,
    /// What it takes is no password but a key to sign or encrypt with.
    key: bool,
}

const fn call_of(name: &'static str, user: usize, password: usize) -> Call {
    Call {
        name,
        user,
        password,
        common: false,
        key: false,
    }
}

const fn key(name: &'static str, place: usize) -> Call {
    Call {
        key: true,
        ..call_of(name, 9, place)
    }
}

const fn common(name: &'static str, user: usize, password: usize) -> Call {
    Call {
        common: true,
        ..call_of(name, user, password)
    }
}

/// Calls by the end of their name in lower case; the longer of two comes first.
#[rustfmt::skip]
const CALLS: &[Call] = &[
    // Logins of HTTP.
    call_of("httpbasicauth", 0, 1), call_of("httpdigestauth", 0, 1), call_of("httpproxyauth", 0, 1),
    call_of("httpntlmauth", 0, 1), call_of("setbasicauth", 0, 1), call_of("basic_auth", 0, 1),
    call_of("basicauth", 0, 1), call_of("basic_authorize", 0, 1), call_of("httpbasicauthentication", 0, 1),
    call_of("usernamepasswordcredentials", 0, 1), call_of("networkcredential", 0, 1),
    call_of("passwordauthentication", 0, 1), call_of("credentials.basic", 0, 1),
    call_of("usernamepasswordcredential", 0, 1), call_of("plainauth", 1, 2),
    call_of("usernamepasswordauthenticationtoken", 0, 1), call_of("plaincredentials", 0, 1),
    call_of("usernamepasswordtoken", 0, 1), call_of("plainsaslprovider", 0, 1),
    call_of("plaintextauthprovider", 0, 1), call_of("plain_credentials", 0, 1),
    call_of("pikaplaincredentials", 0, 1), call_of("setcredentials", 0, 1),
    call_of("authenticationcredentials", 0, 1), call_of("add_password", 2, 3),
    call_of("authtokens.basic", 0, 1), call_of("auth.basic", 0, 1),
    // Databases.
    call_of("mysqli_connect", 1, 2), call_of("mysqli_real_connect", 2, 3), call_of("mysql_connect", 1, 2),
    call_of("mysql_pconnect", 1, 2), call_of("mysqli", 1, 2), call_of("pdo", 1, 2),
    call_of("mysql_real_connect", 2, 3), call_of("getconnection", 1, 2), call_of("dbi->connect", 1, 2),
    call_of("dbi.connect", 1, 2), call_of("oci_connect", 0, 1), call_of("oci_pconnect", 0, 1),
    call_of("odbc_connect", 1, 2), call_of("odbc_pconnect", 1, 2), call_of("sqlsrv_connect", 9, 9),
    call_of("mysqldb.connect", 1, 2), call_of("pymysql.connect", 1, 2),
    call_of("cx_oracle.connect", 0, 1), call_of("oracledb.connect", 0, 1),
    call_of("psycopg2.connect", 9, 9), call_of("psycopg.connect", 9, 9), call_of("asyncpg.connect", 9, 9),
    call_of("create_pool", 9, 9), call_of("mysql.connector.connect", 9, 9), call_of("connector.connect", 9, 9),
    call_of("pymssql.connect", 1, 2), call_of("pyodbc.connect", 9, 9), call_of("aiomysql.connect", 9, 9),
    call_of("snowflake.connector.connect", 9, 9), call_of("createconnection", 9, 9),
    call_of("createpool", 9, 9), call_of("mongoclient", 9, 9), call_of("strictredis", 9, 9),
    call_of("redis.redis", 9, 9), call_of("influxdbclient", 2, 3), call_of("neo4j.auth", 0, 1),
    call_of("create_connection", 9, 9), call_of("mysql2::client.new", 9, 9), call_of("pg.connect", 9, 9),
    call_of("pgconn.new", 9, 9), call_of("elasticsearch", 9, 9),
    // Mail, files and terminals.
    common("smtp.login", 0, 1), common("server.login", 0, 1), common("imap.login", 0, 1),
    common("mail.login", 0, 1), common("ftp.login", 0, 1), common("session.login", 0, 1),
    common("smtpobj.login", 0, 1), common("s.login", 0, 1), common("client.login", 0, 1),
    common(".login", 0, 1), call_of("ftp_login", 1, 2), call_of("ftplib.ftp", 1, 2),
    call_of("imap_open", 1, 2), call_of("ssh2_auth_password", 1, 2), call_of("ldap_bind", 1, 2),
    call_of("simple_bind_s", 0, 1), call_of("simple_bind", 0, 1), call_of("auth_password", 0, 1),
    call_of("userauth_password", 0, 1), call_of("authpassword", 0, 1),
    call_of("ssh.connect", 9, 9), call_of("ssh_client.connect", 9, 9), call_of("sshclient.connect", 9, 9),
    call_of("net::ssh.start", 9, 9), call_of("net::scp.start", 9, 9), call_of("net::sftp.start", 9, 9),
    call_of("client.connect", 9, 9), call_of("transport.connect", 9, 9), call_of("connecthandler", 9, 9),
    call_of("pysftp.connection", 9, 9), call_of("smartconnect", 9, 9), call_of("winrm.session", 9, 9),
    call_of("smbconnection", 0, 1), call_of("yagmail.smtp", 0, 1), call_of("session.auth", 0, 1),
    call_of("directoryentry", 1, 2), call_of("sequelize", 1, 2), call_of("wifi.begin", 0, 1),
    // Keys that sign or encrypt.
    key("jwt.sign", 1), key("jwt.encode", 1), key("jwt.decode", 1), key("jwt.verify", 1),
    key("createhmac", 1), key("signedstring", 0), key("algorithm.hmac256", 0),
    key("algorithm.hmac384", 0), key("algorithm.hmac512", 0), key("secretkeyspec", 0),
    key("rfc2898derivebytes", 0), key("createcipher", 1), key("createcipheriv", 1),
    key("aes.new", 0), key("fernet", 0), key("setsigningkey", 0), key("hmac.new", 0),
    key("aes.encrypt", 1), key("aes.decrypt", 1),
    // `auth=("user", "password")`.
    call_of("auth=", 0, 1), call_of("auth =", 0, 1), call_of("auth:", 9, 9), call_of("basic_auth=", 0, 1),
    call_of("http_auth=", 0, 1), call_of("credentials=", 0, 1),
];

/// The call whose name ends with the keyword, and where its parenthesis opens.
fn call(bytes: &[u8], keyword: Span) -> Option<(&'static Call, usize)> {
    let rest = bytes.get(keyword.end..)?;
    let part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'>' | b'.' | b':');
    let last = keyword.of(bytes).last();
    let tail = if matches!(last, Some(b'(' | b'=')) {
        0
    } else {
        rest.iter().take(24).take_while(part).count()
    };
    let blanks = rest
        .get(tail..)?
        .iter()
        .take(2)
        .take_while(|b| matches!(b, b' ' | b'='))
        .count();
    let open = keyword.end + tail + blanks;
    let inside = matches!(last, Some(b'(' | b'{'));
    let open = if inside { keyword.end - 1 } else { open };
    if !inside && bytes.get(open) != Some(&b'(') {
        return None;
    }
    let name = bytes.get(keyword.start.saturating_sub(32)..open)?;
    let name = name.trim_ascii_end().to_ascii_lowercase();
    let call = CALLS.iter().find(|call| {
        let end = call.name.trim_end().as_bytes();
        let before = name
            .len()
            .checked_sub(end.len() + 1)
            .and_then(|at| name.get(at));
        name.ends_with(end)
            && (end.first() == Some(&b'.')
                || !before.is_some_and(|b| b.is_ascii_lowercase() && end.len() < 6))
    })?;
    Some((call, open))
}

/// An argument of a call.
#[derive(Debug, Clone, Copy)]
struct Argument {
    /// Its name, in calls with names; empty else.
    name: Span,
    /// The literal that it is; empty when it is none.
    literal: Span,
}

/// The arguments from `at` to the parenthesis that closes, and where that is. With `names`
/// an object among them is a list of named ones.
fn arguments(bytes: &[u8], at: usize, names: bool) -> (Vec<Argument>, usize) {
    let end = (at + LONGEST).min(bytes.len());
    let mut out = Vec::new();
    let mut depth = 0_usize;
    let mut start = at;
    let mut at = at;
    while at < end && out.len() < 24 {
        match bytes.get(at).copied().unwrap_or(b')') {
            quote @ (b'"' | b'\'') => {
                let rest = bytes.get(at + 1..end).unwrap_or_default();
                let close = rest.iter().position(|b| *b == quote || *b == b'\n');
                at += close.unwrap_or(rest.len()) + 1;
            }
            b'(' | b'[' | b'{' => {
                // `{password: "…"}` is a list of named arguments.
                if names && bytes.get(at) == Some(&b'{') && depth == 0 {
                    start = at + 1;
                } else {
                    depth += 1;
                }
            }
            b')' | b']' | b'}' => {
                if depth == 0 {
                    break;
                }
                depth -= 1;
            }
            b',' if depth == 0 => {
                out.push(argument(bytes, Span::new(start, at)));
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    out.push(argument(bytes, Span::new(start, at)));
    (out, at)
}

fn argument(bytes: &[u8], span: Span) -> Argument {
    let empty = Span::default();
    let text = span.of(bytes);
    let lead = text.len() - text.trim_ascii_start().len();
    let mut at = span.start + lead;
    let mut name = empty;
    let part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'"' | b'\'' | b':');
    let word = bytes
        .get(at..span.end)
        .unwrap_or_default()
        .iter()
        .take_while(part)
        .count();
    let rest = bytes.get(at + word..span.end).unwrap_or_default();
    let after = rest.trim_ascii_start();
    let colon = bytes.get(at + word.saturating_sub(1)) == Some(&b':');
    let sign = if word > 0 && colon {
        Some(0)
    } else if after.starts_with(b"=>") {
        Some(2)
    } else if after.starts_with(b"=") && !after.starts_with(b"==") {
        Some(1)
    } else {
        None
    };
    if let Some(sign) = sign.filter(|_| word > 0) {
        name = Span::new(at, at + word);
        let value = after.get(sign..).unwrap_or_default();
        at = span.end - value.trim_ascii_start().len();
    }
    Argument {
        name,
        literal: literal(bytes, Span::new(at, span.end)).unwrap_or(empty),
    }
}

/// The inside of the literal that an expression is: also with what turns it into
/// characters, or says that it is there.
fn literal(bytes: &[u8], span: Span) -> Option<Span> {
    let text = span.of(bytes);
    let mut start = span.start;
    for wrap in [
        &b"Some("[..],
        b"[]byte(",
        b"String::from(",
        b"r\"",
        b"b\"",
        b"u\"",
        b"b'",
        b"@\"",
        b"u'",
    ] {
        if text.starts_with(wrap) {
            let quote = usize::from(wrap.len() == 2);
            start += wrap.len() - quote;
            break;
        }
    }
    let quote = *bytes.get(start).filter(|b| matches!(b, b'"' | b'\''))?;
    let rest = bytes.get(start + 1..span.end)?;
    let length = rest.iter().position(|b| *b == quote)?;
    let inside = Span::new(start + 1, start + 1 + length);
    let after = rest.get(length + 1..)?.trim_ascii();
    let kept = after.is_empty()
        || after == b")"
        || after.starts_with(b".to")
        || after.starts_with(b".into")
        || after.starts_with(b".getBytes")
        || after.starts_with(b".encode");
    (kept && !inside.of(bytes).contains(&b'\n')).then_some(inside)
}

/// A key that signs or encrypts, written out.
fn judge_key(bytes: &[u8], keyword: Span, call: &Call, arguments: &[Argument]) -> Option<Hit> {
    let argument = arguments.get(call.password)?;
    let secret = argument.literal;
    let key = std::str::from_utf8(secret.of(bytes)).ok()?;
    let sure = match grade(key, "") {
        _ if key.len() < 8 || value::has_shape(key) => return None,
        Grade::Strong => Confidence::High,
        Grade::Set if !key.contains(['-', '_', '.', ':', '/']) => Confidence::Medium,
        Grade::Set | Grade::Weak => Confidence::Low,
        _ => return None,
    };
    let called = called(bytes, keyword);
    let hit = Hit::secret(secret).sure(sure);
    let hit = hit.saying(format!(
        "Key written out in a call that signs or encrypts: '{called}'."
    ));
    Some(hit.about(called))
}

/// What is called, as a finding names it.
fn called(bytes: &[u8], keyword: Span) -> String {
    let called = String::from_utf8_lossy(keyword.of(bytes)).to_ascii_lowercase();
    let called = called.trim_matches(['(', '=', ' ', '.', ':']);
    called.to_owned()
}

fn judge(bytes: &[u8], keyword: Span, call: &Call, arguments: &[Argument]) -> Option<Hit> {
    if call.key {
        return judge_key(bytes, keyword, call, arguments);
    }
    let text = |span: Span| std::str::from_utf8(span.of(bytes)).unwrap_or_default();
    let named = |names: &[&str]| {
        arguments.iter().find_map(|argument| {
            let name = text(argument.name)
                .trim_matches(['"', '\'', ':'])
                .to_ascii_lowercase();
            names.contains(&name.as_str()).then_some(argument.literal)
        })
    };
    let place = |at: usize| {
        let argument = arguments.get(at)?;
        argument.name.is_empty().then_some(argument.literal)
    };
    #[rustfmt::skip]
    let secret = named(&["password", "passwd", "pass", "pwd", "userpassword"])
        .or_else(|| place(call.password))
        .filter(|literal| !literal.is_empty())?;
    let user = named(&["user", "username", "login", "uid"])
        .or_else(|| place(call.user))
        .unwrap_or_default();
    let (password, name) = (text(secret), text(user));
    let host = named(&["host", "server", "hostname"])
        .or_else(|| place(0))
        .map_or("", text);
    if call.common && user.is_empty() {
        return None;
    }
    let local = ["localhost", "127.0.0.1", "::1", "0.0.0.0"].contains(&host);
    #[expect(
        clippy::match_same_arms,
        reason = "the rows of a table, from the surest down"
    )]
    let sure = match grade(password, name) {
        Grade::Strong => Confidence::High,
        Grade::Set if value::is_wordy(password) || local => Confidence::Medium,
        Grade::Set => Confidence::High,
        Grade::Weak if !local && !call.common && !value::has_shape(password) => Confidence::Medium,
        Grade::Weak => Confidence::Low,
        Grade::Toy if is_production(host) => Confidence::Medium,
        Grade::Toy if !name.is_empty() && !local => Confidence::Low,
        _ => return None,
    };
    let called = called(bytes, keyword);
    let subject = match shown(name, password) {
        Some(name) => format!("{called} {name}"),
        None => called,
    };
    Some(Hit::secret(secret).sure(sure).about(subject))
}
