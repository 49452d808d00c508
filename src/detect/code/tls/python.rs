//! Python: requests, httpx, aiohttp, urllib3, ssl and the clients built on them.

use super::{Found, is_one_of, value_ends};
use crate::detect::tokens::{Class, Code};
use crate::finding::Confidence;

/// Calls whose keyword `verify` is about certificates: HTTP verbs, and clients.
const CALLS: &[&str] = &[
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "request",
    "stream",
    "send",
    "Client",
    "AsyncClient",
    "HTTPTransport",
    "AsyncHTTPTransport",
    "client",
    "resource",
    "create_client",
    "Session",
    "api_request",
];

/// Roots of a call that make `verify` certain to be about certificates.
const ROOTS: &[&str] = &[
    "requests", "httpx", "session", "client", "boto3", "hvac", "http", "s",
];

/// Keywords that are about certificates in whatever call: off by `False`.
const OFF_BY_FALSE: &[&str] = &[
    "verify_ssl",
    "verify_certs",
    "verify_tls",
    "ssl_verify",
    "tls_verify",
    "validate_certs",
    "verify_certificate",
    "verify_certificates",
    "ssl_check_hostname",
    "ssl_verify_cert",
    "check_certificate",
    "assert_hostname",
];

/// Keywords that are off by `True`.
const OFF_BY_TRUE: &[&str] = &[
    "disable_ssl_certificate_validation",
    "tlsAllowInvalidCertificates",
    "tlsInsecure",
    "tls_insecure",
    "insecure_skip_verify",
    "disable_ssl_verification",
];

pub(super) fn read(code: &Code<'_>, index: usize) -> Option<Found> {
    let name = code.text(index);
    if code.word(index) == "CERT_NONE" {
        return cert_none(code, index);
    }
    match name {
        "verify" => verify(code, index),
        "ssl" if code.reads(index + 1, &["=", "False"]) => session_ssl(code, index),
        "_create_unverified_context" => {
            let own = code.text(index.checked_sub(2)?) == "ssl";
            let after = code.text(index + 1);
            (own && after != "=")
                .then(|| Found::new(index - 2, index, "ssl._create_unverified_context"))
        }
        "check_hostname" => check_hostname(code, index),
        _ if OFF_BY_FALSE.contains(&name) => keyword(code, index, "False"),
        _ if OFF_BY_TRUE.contains(&name) => keyword(code, index, "True"),
        _ => environment(code, index),
    }
}

/// `name=VALUE` among the arguments of a call, not of a definition.
fn keyword(code: &Code<'_>, index: usize, value: &str) -> Option<Found> {
    if code.get(index)?.class != Class::Name
        || !code.reads(index + 1, &["=", value])
        || !value_ends(code, index + 3)
    {
        return None;
    }
    let (names, _) = callee(code, index)?;
    let name = code.text(index);
    let last = names.last()?;
    Some(Found::new(
        index,
        index + 2,
        format!("{last}: {name}={value}"),
    ))
}

/// The dotted name that is called with the argument at `index`.
fn callee<'c>(code: &Code<'c>, index: usize) -> Option<(Vec<&'c str>, usize)> {
    let open = code
        .enclosing(index)
        .filter(|open| code.text(*open) == "(")?;
    let (names, at) = code.dotted_before(open);
    let before = at.checked_sub(1).map_or("", |i| code.text(i));
    let settings = matches!(
        names.last().copied(),
        None | Some("dict" | "Field" | "field" | "Option" | "option" | "add_argument" | "partial")
    );
    (!settings && !matches!(before, "def" | "class")).then_some((names, at))
}

fn verify(code: &Code<'_>, index: usize) -> Option<Found> {
    if !code.reads(index + 1, &["=", "False"]) || !value_ends(code, index + 3) {
        return None;
    }
    // `session.verify = False`
    if index > 0 && code.text(index - 1) == "." {
        let (names, first) = code.dotted_before(index - 1);
        let owner = names.last()?.to_ascii_lowercase();
        let client = ["session", "client", "http", "requests"]
            .iter()
            .any(|word| owner.contains(word));
        return (client || owner == "s").then(|| Found::new(first, index + 2, "verify = False"));
    }
    let (names, _) = callee(code, index)?;
    let last = names.last()?;
    let root = names.first()?.to_ascii_lowercase();
    if matches!(*last, "decode" | "loads" | "load") {
        return None;
    }
    let known = CALLS.contains(last)
        || names.len() > 1
            && ROOTS
                .iter()
                .any(|r| root == *r || root.ends_with("session"));
    let found = Found::new(index, index + 2, format!("{last}: verify=False"));
    Some(if known {
        found
    } else {
        found.sure(Confidence::Low)
    })
}

/// `ssl=False` of aiohttp: the same keyword of a database means no TLS at all.
fn session_ssl(code: &Code<'_>, index: usize) -> Option<Found> {
    let (names, _) = callee(code, index)?;
    let last = *names.last()?;
    let root = names.first()?.to_ascii_lowercase();
    let session = root.contains("session") || root.contains("aiohttp") || root.contains("client");
    let verb = matches!(
        last,
        "get" | "post" | "put" | "patch" | "delete" | "head" | "options" | "request" | "ws_connect"
    );
    (last == "TCPConnector" || session && verb)
        .then(|| Found::new(index, index + 2, format!("{last}: ssl=False")))
}

/// `cert_reqs=ssl.CERT_NONE`, `context.verify_mode = ssl.CERT_NONE`.
fn cert_none(code: &Code<'_>, index: usize) -> Option<Found> {
    let mut first = index;
    while first >= 2 && code.text(first - 1) == "." {
        first -= 2;
    }
    let assigned = first >= 2
        && code.text(first - 1) == "="
        && matches!(
            code.text(first - 2),
            "verify_mode" | "cert_reqs" | "ssl_cert_reqs"
        );
    if !assigned || !value_ends(code, index + 1) || is_server(code, index) {
        return None;
    }
    let target = first - 2;
    let name = code.text(target);
    // `def f(cert_reqs=CERT_NONE)` and `cert_reqs = CERT_NONE` of a class are defaults.
    let in_call = callee(code, target).is_some();
    let attribute = target > 1 && code.text(target - 1) == ".";
    let own = attribute && code.text(target - 2) == "self";
    (in_call || attribute && !own).then(|| Found::new(target, index, format!("{name} = CERT_NONE")))
}

/// `context.check_hostname = False`, unless the certificate's check is off close by:
/// that is the finding then.
fn check_hostname(code: &Code<'_>, index: usize) -> Option<Found> {
    let attribute = index > 1 && code.text(index - 1) == "." && code.text(index - 2) != "self";
    if !attribute || !code.reads(index + 1, &["=", "False"]) || !value_ends(code, index + 3) {
        return None;
    }
    if is_server(code, index) {
        return None;
    }
    let near = (index.saturating_sub(12)..index + 14).any(|i| code.text(i) == "CERT_NONE");
    let (_, first) = code.dotted_before(index - 1);
    (!near).then(|| Found::new(first, index + 2, "check_hostname = False"))
}

/// Whether the context is a server's: it has no host name to check, and asks its
/// clients for no certificate unless told to.
fn is_server(code: &Code<'_>, index: usize) -> bool {
    (index.saturating_sub(60)..index)
        .any(|i| matches!(code.text(i), "CLIENT_AUTH" | "PROTOCOL_TLS_SERVER"))
}

/// `os.environ["PYTHONHTTPSVERIFY"] = "0"`.
fn environment(code: &Code<'_>, index: usize) -> Option<Found> {
    let name = code.word(index);
    if !is_one_of(
        code,
        index,
        &[
            "PYTHONHTTPSVERIFY",
            "NODE_TLS_REJECT_UNAUTHORIZED",
            "GIT_SSL_NO_VERIFY",
        ],
    ) {
        return None;
    }
    let off = if name.starts_with("GIT") { "1" } else { "0" };
    let set =
        code.text(index + 1) == "]" && code.text(index + 2) == "=" && code.word(index + 3) == off;
    set.then(|| Found::new(index, index + 3, name))
}

/// paramiko's `AutoAddPolicy` and `WarningPolicy`, handed to a client.
pub(super) fn host_key(code: &Code<'_>, index: usize) -> Option<Found> {
    let name = code.text(index);
    if !matches!(name, "AutoAddPolicy" | "WarningPolicy") {
        return None;
    }
    let open = code.enclosing(index)?;
    let (names, _) = code.dotted_before(open);
    (names.last() == Some(&"set_missing_host_key_policy"))
        .then(|| Found::new(index, index, format!("paramiko.{name}")))
}
