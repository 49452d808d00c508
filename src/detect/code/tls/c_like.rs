//! JavaScript, Go, Rust, the JVM's languages and .NET's.

use super::{Found, is_one_of, value_ends};
use crate::detect::tokens::{Class, Code};

/// How many tokens away is still beside.
const NEAR: usize = 200;

/// `name: VALUE` or `name = VALUE`; the index after it.
fn set_to(code: &Code<'_>, index: usize, values: &[&str]) -> Option<usize> {
    let member = index > 0 && code.text(index - 1) == ".";
    // `a ? b.name : false` sets nothing.
    let sign = code.text(index + 1) == "=" || code.text(index + 1) == ":" && !member;
    let value = index + 2;
    (sign && values.contains(&code.word(value)) && value_ends(code, value + 1)).then_some(value)
}

pub(super) fn javascript(code: &Code<'_>, index: usize) -> Option<Found> {
    if is_one_of(code, index, &["rejectUnauthorized", "strictSSL"]) {
        let last = set_to(code, index, &["false"])?;
        // A quoted `"false"` is a text that is true.
        let plain = code.get(last)?.class == Class::Name;
        return plain.then(|| Found::new(index, last, format!("{}: false", code.word(index))));
    }
    if is_one_of(code, index, &["NODE_TLS_REJECT_UNAUTHORIZED"]) {
        let index_end = index + usize::from(code.text(index + 1) == "]");
        let last = set_to(code, index_end, &["0", "false"])?;
        return Some(Found::new(index, last, "NODE_TLS_REJECT_UNAUTHORIZED=0"));
    }
    if is_one_of(code, index, &["checkServerIdentity"]) && code.reads(index + 1, &[":", "("]) {
        let close = code.closing(index + 2);
        if !code.reads(close + 1, &["=", ">"]) {
            return None;
        }
        let body = close + 3;
        let nothing = matches!(code.text(body), "undefined" | "null" | "true")
            || code.reads(body, &["{", "}"])
            || code.reads(body, &["{", "return"])
                && matches!(
                    code.text(body + 2),
                    "undefined" | "null" | "true" | ";" | "}"
                );
        return nothing.then(|| Found::new(index, body, "checkServerIdentity"));
    }
    None
}

pub(super) fn go(code: &Code<'_>, index: usize) -> Option<Found> {
    if code.text(index) != "InsecureSkipVerify" {
        return None;
    }
    let last = set_to(code, index, &["true"])?;
    // Who checks by a function of their own says so beside it.
    if let Some(open) = code.enclosing(index)
        && code.text(index + 1) == ":"
    {
        let own = (open.max(index.saturating_sub(NEAR))..code.closing(open).min(index + NEAR))
            .any(|i| matches!(code.text(i), "VerifyPeerCertificate" | "VerifyConnection"));
        if own {
            return None;
        }
    }
    Some(Found::new(index, last, "InsecureSkipVerify: true"))
}

/// `ssh.InsecureIgnoreHostKey()`.
pub(super) fn go_host_key(code: &Code<'_>, index: usize) -> Option<Found> {
    let call = code.text(index) == "InsecureIgnoreHostKey" && code.text(index + 1) == "(";
    let own = index > 0 && code.text(index - 1) == ".";
    (call && own).then(|| Found::new(index, index, "ssh.InsecureIgnoreHostKey"))
}

pub(super) fn rust(code: &Code<'_>, index: usize) -> Option<Found> {
    let name = code.text(index);
    let called = index > 0 && code.text(index - 1) == ".";
    if matches!(
        name,
        "danger_accept_invalid_certs" | "danger_accept_invalid_hostnames"
    ) {
        return (called && code.reads(index + 1, &["(", "true", ")"]))
            .then(|| Found::new(index, index + 3, format!("{name}(true)")));
    }
    if name == "NONE" && index >= 3 && code.text(index - 3) == "SslVerifyMode" {
        let open = code.enclosing(index)?;
        let (names, _) = code.dotted_before(open);
        let set = names.last().is_some_and(|n| n.starts_with("set_verify"));
        return set.then(|| Found::new(index - 3, index, "SslVerifyMode::NONE"));
    }
    None
}

pub(super) fn jvm(code: &Code<'_>, index: usize) -> Option<Found> {
    let name = code.text(index);
    match name {
        "NoopHostnameVerifier" | "InsecureTrustManagerFactory" | "TrustAllStrategy" => {
            let made =
                code.reads(index + 1, &[".", "INSTANCE"]) || code.reads(index + 1, &["(", ")"]);
            let imported = code.text(index.wrapping_sub(1)) == "." || code.text(index + 1) == ";";
            (made && !imported).then(|| Found::new(index, index, name))
        }
        "ALLOW_ALL_HOSTNAME_VERIFIER" => {
            let used = index > 0 && code.text(index - 1) == "." && code.text(index + 1) != ";"
                || code.text(index + 1) == ")";
            used.then(|| Found::new(index, index, name))
        }
        "setUseInsecureTrustManager" => code
            .reads(index + 1, &["(", "true", ")"])
            .then(|| Found::new(index, index + 3, "setUseInsecureTrustManager(true)")),
        "checkServerTrusted" if code.text(index + 1) == "(" => {
            let mut body = code.closing(index + 1) + 1;
            if code.text(body) == "throws" {
                let limit = body + NEAR;
                while body < limit && !matches!(code.text(body), "{" | ";" | "") {
                    body += 1;
                }
            }
            code.reads(body, &["{", "}"])
                .then(|| Found::new(index, index, "checkServerTrusted: empty"))
        }
        "setHostnameVerifier" | "setDefaultHostnameVerifier" | "hostnameVerifier"
            if code.text(index + 1) == "(" =>
        {
            let close = code.closing(index + 1);
            let yes = code.text(close.saturating_sub(1)) == "true"
                && code.reads(close.saturating_sub(3), &["-", ">"]);
            yes.then(|| Found::new(index, index, format!("{name}: always true")))
        }
        _ => None,
    }
}

pub(super) fn dotnet(code: &Code<'_>, index: usize) -> Option<Found> {
    let name = code.text(index);
    match name {
        "DangerousAcceptAnyServerCertificateValidator" => {
            let used = index > 0 && code.text(index - 1) == ".";
            used.then(|| Found::new(index, index, name))
        }
        "ServerCertificateCustomValidationCallback"
        | "ServerCertificateValidationCallback"
        | "RemoteCertificateValidationCallback" => {
            // `= (…) => true`, `+= delegate { return true; }`
            let mut at = index + 1;
            while matches!(code.text(at), "+" | "=") && at < index + 8 {
                at += 1;
            }
            if at == index + 1 {
                return None;
            }
            if code.text(at) == "delegate" {
                at += 1;
            }
            if code.text(at) == "(" {
                at = code.closing(at) + 1;
            }
            let lambda = code.reads(at, &["=", ">"]);
            let body = if lambda { at + 2 } else { at };
            let yes = lambda && code.text(body) == "true" && value_ends(code, body + 1)
                || code.reads(body, &["{", "return", "true", ";", "}"]);
            yes.then(|| Found::new(index, index, name))
        }
        _ => None,
    }
}
