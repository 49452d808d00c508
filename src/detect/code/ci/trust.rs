//! Roles and accounts of clouds by their names, and whom they trust where that is
//! declared as code beside the pipelines.
//!
//! Facts: AWS, "IAM identifiers"; GitHub Docs, "`OpenID` Connect reference" (the subject of
//! a token: `repo:ORG/REPO:ref:…`, `repo:ORG/REPO:environment:…`).

use std::collections::HashMap;

use crate::document::{Document, Neighbours, Node};
use crate::kind::Kind;

/// Whom a role trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Branches or environments that are named.
    Limited,
    /// Every branch of the repository, or more.
    Wide,
    Unknown,
}

/// The roles and service accounts that a text names in full.
pub(super) fn roles(text: &str) -> impl Iterator<Item = &str> {
    let ends =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '=' | '`' | '(' | ')');
    text.split(ends).filter(|word| role_of(word).is_some())
}

/// A role's or account's own name.
pub(super) fn role_of(text: &str) -> Option<&str> {
    let text = text.trim();
    if let Some((_, name)) = text.split_once(":role/") {
        return text
            .starts_with("arn:")
            .then(|| name.rsplit('/').next().unwrap_or(name));
    }
    if text.ends_with(".iam.gserviceaccount.com") {
        let name = text.split('@').next().unwrap_or(text);
        return Some(name.rsplit('/').next().unwrap_or(name));
    }
    None
}

/// Words of a name: `AdministratorAccess-CI` is `administrator`, `access`, `ci`.
fn words(name: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut before = '_';
    for c in name.chars() {
        let begins = c.is_ascii_uppercase() && before.is_ascii_lowercase();
        if begins || !c.is_ascii_alphanumeric() {
            out.push(String::new());
        }
        if let (true, Some(last)) = (c.is_ascii_alphanumeric(), out.last_mut()) {
            last.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    out.retain(|word| !word.is_empty());
    out
}

/// Whether a name is that of who may do everything.
pub(super) fn is_admin(role: &str) -> bool {
    let name = role_of(role).unwrap_or(role);
    let words = words(name);
    let admin = |word: &String| {
        matches!(
            word.as_str(),
            "admin"
                | "admins"
                | "administrator"
                | "poweruser"
                | "superuser"
                | "superadmin"
                | "root"
                | "owner"
                | "breakglass"
        )
    };
    // `dns-admin` administers one thing; `admin`, `ci-admin` and `org-admin` all.
    let one_thing = |word: &String| {
        matches!(
            word.as_str(),
            "dns"
                | "db"
                | "database"
                | "s3"
                | "bucket"
                | "storage"
                | "ecr"
                | "registry"
                | "artifact"
                | "cache"
                | "cdn"
                | "logs"
                | "read"
                | "readonly"
                | "docs"
                | "kms"
                | "lambda"
                | "sql"
                | "pubsub"
                | "queue"
        )
    };
    name.eq_ignore_ascii_case("OrganizationAccountAccessRole")
        || words
            .windows(2)
            .any(|pair| pair == ["power", "user"] || pair == ["break", "glass"])
        || words.iter().any(admin) && !words.iter().any(one_thing)
}

/// Whether a role's name says that it only reads.
pub(super) fn only_reads(role: &str) -> bool {
    let words = words(role);
    let reads = |word: &String| {
        matches!(
            word.as_str(),
            "read"
                | "readonly"
                | "reader"
                | "ro"
                | "viewer"
                | "view"
                | "pull"
                | "puller"
                | "plan"
                | "audit"
                | "cache"
        )
    };
    let writes = |word: &String| {
        matches!(
            word.as_str(),
            "write" | "writer" | "rw" | "push" | "deploy" | "admin" | "apply"
        )
    };
    words.iter().any(reads) && !words.iter().any(writes)
}

/// Whom each role trusts, by the Terraform that lies beside the pipelines.
#[derive(Default)]
pub(super) struct Trusts(HashMap<String, Trust>);

impl Trusts {
    pub(super) fn of(document: &Document<'_>) -> Self {
        let mut out = Self::default();
        let all = document.neighbours().into_iter().flat_map(Neighbours::iter);
        for file in all.filter(|file| file.kinds().has(Kind::Terraform)) {
            out.add(&file.tree().root);
        }
        out
    }

    /// The roles that a file makes trust the subjects that it names.
    fn add(&mut self, root: &Node) {
        let mut names: Vec<&str> = Vec::new();
        let mut subjects: Vec<&str> = Vec::new();
        root.walk(&mut |member, node: &Node| {
            let Some(text) = node.text() else {
                return;
            };
            if member.is_some_and(|m| m.key == "name" || m.key == "account_id") {
                names.push(text);
            }
            if text.starts_with("repo:") {
                subjects.push(text);
            }
        });
        if subjects.is_empty() {
            return;
        }
        let wide = |subject: &&str| subject.ends_with('*') || subject.ends_with(":pull_request");
        let trust = if subjects.iter().any(wide) {
            Trust::Wide
        } else {
            Trust::Limited
        };
        for name in names {
            let known = self.0.entry(name.to_owned()).or_insert(trust);
            if trust == Trust::Wide {
                *known = trust;
            }
        }
    }

    /// Whom a role trusts, by its name.
    pub(super) fn whom(&self, role: &str) -> Trust {
        self.0.get(role).copied().unwrap_or(Trust::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_who_may_do_everything() {
        for name in [
            "arn:aws:iam::1:role/AdministratorAccess-CI",
            "arn:aws:iam::1:role/ci/org-admin",
            "arn:aws:iam::1:role/PowerUserAccess",
            "terraform-admin@acme.iam.gserviceaccount.com",
            "arn:aws:iam::1:role/OrganizationAccountAccessRole",
        ] {
            assert!(is_admin(name), "{name}");
        }
        for name in [
            "arn:aws:iam::1:role/web-deploy",
            "arn:aws:iam::1:role/dns-admin",
            "arn:aws:iam::1:role/badminton",
            "arn:aws:iam::1:role/admiral",
        ] {
            assert!(!is_admin(name), "{name}");
        }
    }

    #[test]
    fn roles_are_told_from_other_text() {
        let found: Vec<_> =
            roles("--role-arn=arn:aws:iam::1:role/a b x@y.iam.gserviceaccount.com").collect();
        assert_eq!(
            found,
            ["arn:aws:iam::1:role/a", "x@y.iam.gserviceaccount.com"]
        );
        assert_eq!(role_of("arn:aws:iam::1:user/a"), None);
        assert!(only_reads("ci-read") && !only_reads("parcel-write"));
    }
}
