//! Macaroons: tokens that list their own limits.

use data_encoding::BASE64URL_NOPAD;

use super::Hit;

/// A `PyPI` token: a macaroon whose location is `pypi.org` or `test.pypi.org`. A caveat
/// that names projects limits it.
pub(super) fn pypi(secret: &str, mut hit: Hit) -> Option<Hit> {
    let body = secret.strip_prefix("pypi-")?;
    // Any length is a token; only whole groups of four can be decoded.
    let whole = body.get(..body.len() / 4 * 4)?;
    let bytes = BASE64URL_NOPAD.decode(whole.as_bytes()).ok()?;
    let has = |needle: &[u8]| memchr::memmem::find(&bytes, needle).is_some();
    if !has(b"pypi.org") {
        return None;
    }
    let limited = has(b"\"projects\"") || has(b"[1,");
    let scope = if limited { "projects" } else { "user" };
    hit.facts.push(("scope".into(), scope.to_owned()));
    Some(hit)
}

/// Macaroons of Fly.io: `MessagePack` lists of four, the first of three, in base64.
pub(super) fn fly(secret: &str, mut hit: Hit) -> Option<Hit> {
    let list = secret.rsplit(' ').next()?;
    let first = list.split(',').next()?;
    let (_, body) = first.split_once('_')?;
    let bytes = super::base64_start(body)?;
    if !bytes.starts_with(&[0x94, 0x93]) {
        return None;
    }
    let tokens = list.split(',').count();
    hit.facts.push(("tokens".into(), tokens.to_string()));
    Some(hit)
}
