//! Who somebody is, however it is written.

/// A name without what says of which kind it is: `team:`, `user:`, `group:`, `@`, and an
/// organisation before a team.
pub(super) fn plain(name: &str) -> String {
    let name = name.trim();
    let name = ["team:", "user:", "group:"]
        .iter()
        .find_map(|kind| name.strip_prefix(kind))
        .unwrap_or(name);
    let name = name.strip_prefix('@').unwrap_or(name);
    let name = name.rsplit('/').next().unwrap_or(name);
    name.to_lowercase()
}

/// Whether two names are of the same person or team.
pub(super) fn same(one: &str, other: &str) -> bool {
    one == other || plain(one) == plain(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_name_in_every_dress() {
        for (one, other) in [
            ("team:sre", "team:sre"),
            ("team:sre", "@acme/sre"),
            ("group:default/sre", "SRE"),
            ("user:a@example.org", "A@example.org"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
        assert!(!same("team:sre", "team:sre-lead"));
    }
}
