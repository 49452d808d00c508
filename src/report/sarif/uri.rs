//! Paths as URI references.

use std::fmt::Write as _;

/// The path as a URI reference relative to the project's root, and whether it lies
/// below the root. Of a path outside only the file's name is given, so that a log
/// never tells how somebody's machine is laid out.
pub(super) fn of_path(path: &str) -> (String, bool) {
    let inside = !path.starts_with('/')
        && path.split('/').all(|part| part != "..")
        && path.as_bytes().get(1) != Some(&b':')
        && !path.starts_with('\\');
    let shown = if inside {
        path
    } else {
        path.rsplit(['/', '\\']).next().unwrap_or(path)
    };
    (encode(shown), inside)
}

/// Percent-encodes all but the characters of RFC 3986 that have no meaning in a
/// path. A colon is encoded too: in the first part of a relative reference it would
/// end a scheme.
fn encode(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/@!$&'()*+,;=".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::of_path;

    #[test]
    fn encodes_what_a_path_may_not_hold() {
        let inside = |path| of_path(path).0;
        assert_eq!(
            inside(".github/workflows/ci.yml"),
            ".github/workflows/ci.yml"
        );
        assert_eq!(
            inside("dé ploy/50%#?.yml"),
            "d%C3%A9%20ploy/50%25%23%3F.yml"
        );
        assert_eq!(inside("ab:c/[id].ts"), "ab%3Ac/%5Bid%5D.ts");
        assert_eq!(inside("a\\b.yml"), "a%5Cb.yml");
    }

    #[test]
    fn tells_only_the_name_of_what_lies_outside() {
        let outside = ("register.toml".to_owned(), false);
        assert_eq!(of_path("/home/user/register.toml"), outside);
        assert_eq!(of_path("../central/register.toml"), outside);
        assert_eq!(of_path("C:\\central\\register.toml"), outside);
    }
}
