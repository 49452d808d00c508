//! PHP and Ruby.

use super::{Found, is_one_of};
use crate::detect::tokens::Code;

pub(super) fn ruby(code: &Code<'_>, index: usize) -> Option<Found> {
    match code.text(index) {
        "VERIFY_NONE" => {
            let own = index >= 3 && code.reads(index - 3, &["SSL", ":", ":"]);
            // `x == VERIFY_NONE` asks, `x = VERIFY_NONE` sets.
            let mut first = index;
            while first >= 3 && code.reads(first - 2, &[":", ":"]) {
                first -= 3;
            }
            let sign = first.checked_sub(1).map_or("", |i| code.text(i));
            let compared = first >= 2 && matches!(code.text(first - 2), "=" | "!");
            let default = code.text(index + 1) == "}" && sign == "{";
            (own && matches!(sign, "=" | ":" | ">" | ",") && !compared && !default)
                .then(|| Found::new(first, index, "OpenSSL::SSL::VERIFY_NONE"))
        }
        "verify" if code.reads(index + 1, &[":", "false"]) => {
            // `ssl: { verify: false }`
            let open = code.enclosing(index)?;
            let inside_ssl =
                open >= 2 && code.text(open - 1) == ":" && code.text(open - 2) == "ssl";
            let (names, _) = code.dotted_before(open);
            let client = matches!(names.first(), Some(&("HTTParty" | "RestClient")));
            (inside_ssl || client).then(|| Found::new(index, index + 2, "verify: false"))
        }
        "verify_ssl" if code.reads(index + 1, &[":", "false"]) => {
            Some(Found::new(index, index + 2, "verify_ssl: false"))
        }
        _ => None,
    }
}

pub(super) fn php(code: &Code<'_>, index: usize) -> Option<Found> {
    let off = |at: usize| matches!(code.text(at), "false" | "FALSE" | "False" | "0");
    if is_one_of(
        code,
        index,
        &["CURLOPT_SSL_VERIFYPEER", "CURLOPT_SSL_VERIFYHOST"],
    ) {
        let value = match code.text(index + 1) {
            "," => index + 2,
            "=" if code.text(index + 2) == ">" => index + 3,
            _ => return None,
        };
        return off(value).then(|| Found::new(index, value, code.word(index)));
    }
    if is_one_of(code, index, &["verify_peer", "verify_peer_name"]) {
        let set = code.reads(index + 1, &["=", ">"]) && off(index + 3);
        return set.then(|| Found::new(index, index + 3, "verify_peer"));
    }
    if is_one_of(code, index, &["verify"]) && code.reads(index + 1, &["=", ">"]) && off(index + 3) {
        let list = code.enclosing(index)?;
        let open = code.enclosing(list)?;
        let (names, _) = code.dotted_before(open);
        let client = matches!(
            names.last().copied(),
            Some("Client" | "request" | "get" | "post" | "put" | "withOptions" | "GuzzleClient")
        );
        return client.then(|| Found::new(index, index + 3, "verify"));
    }
    None
}
