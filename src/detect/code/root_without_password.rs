//! Service users that become root of the machine that they run on.

use std::sync::LazyLock;

use regex::bytes::{Captures, Regex};

use crate::detect::shell::{self, Command, Word};
use crate::detect::{Cx, Hit, lines};
use crate::document::Span;
use crate::finding::Confidence;
use crate::kind::Kind;

/// A line of sudoers: who, on which hosts, as whom, what.
static RULE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?-u)(?P<who>%?[A-Za-z_][\w.@-]*)[ \t]+ALL[ \t]*=[ \t]*(?:\([^)\n]{0,40}\)[ \t]*)?",
        r"(?:[A-Z_]+:[ \t]*){0,3}NOPASSWD:[ \t]*(?:[A-Z_]+:[ \t]*){0,3}(?P<what>[^\n]*)",
    ))
    .expect("a constant regex")
});

/// Programs that open a root shell: a rule for them is a rule for everything.
const SHELLS: &[&str] = &[
    "bash", "sh", "zsh", "su", "docker", "podman", "vim", "vi", "nano", "less", "python",
    "python3", "perl", "env", "tee", "chmod", "chown",
];

/// Parts of the names of users that no person logs in as.
const SERVICES: &[&str] = &[
    "ci",
    "cd",
    "jenkins",
    "runner",
    "gitlab",
    "github",
    "actions",
    "builder",
    "build",
    "deploy",
    "deployer",
    "agent",
    "buildkite",
    "bamboo",
    "teamcity",
    "drone",
    "woodpecker",
    "circleci",
    "travis",
    "azp",
    "ansible",
    "terraform",
    "nagios",
    "zabbix",
    "www",
    "nginx",
    "apache",
    "svc",
    "service",
    "bot",
    "backup",
    "robot",
];

/// Finds sudo without a password and membership of the group `docker`.
pub(super) fn escalations(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    let document = cx.document;
    if document.is(Kind::Docs) {
        return hits;
    }
    for keyword in cx.keywords {
        let line = lines::near(document, *keyword);
        // A rule is short; a line may be a whole minified file.
        let around = Span::new(
            line.start.max(keyword.start.saturating_sub(128)),
            line.end.min(keyword.end + 256),
        );
        hits.extend(sudo(around.of(document.bytes()), around.start, *keyword));
    }
    let sudoers = |keyword: &Span| {
        keyword
            .of(document.bytes())
            .eq_ignore_ascii_case(b"nopasswd")
    };
    if !cx.keywords.iter().all(sudoers) {
        hits.extend(shell::commands(document).filter_map(member));
    }
    hits
}

/// The rule that a keyword is part of.
fn sudo(line: &[u8], at: usize, keyword: Span) -> Option<Hit> {
    let holds = |found: &Captures<'_>| {
        let whole = found
            .get(0)
            .map(|m| Span::new(at + m.start(), at + m.end()));
        whole.is_some_and(|whole| whole.contains(keyword))
    };
    let found = RULE.captures_iter(line).find(holds)?;
    let who = found.name("who")?;
    let before = line.get(..who.start()).unwrap_or_default().trim_ascii();
    // A comment, of sudoers or of a script.
    if before.starts_with(b"#") || before.starts_with(b"//") || before.starts_with(b";") {
        return None;
    }
    let what = std::str::from_utf8(found.name("what")?.as_bytes()).ok()?;
    if !opens_root(what) {
        return None;
    }
    let name = std::str::from_utf8(who.as_bytes()).ok()?;
    let whole = found.get(0)?;
    let span = Span::new(at + who.start(), at + whole.end());
    Some(hit(span, name, "becomes root without a password"))
}

/// Whether the commands of a rule come to everything.
fn opens_root(what: &str) -> bool {
    let end = what
        .find(['"', '\'', '>', '#', '\\', '|'])
        .unwrap_or(what.len());
    let commands = what.get(..end).unwrap_or_default();
    commands.split(',').any(|command| {
        let mut words = command.split_whitespace();
        let program = words.next().unwrap_or_default();
        let bare = words.next().is_none();
        let name = program.rsplit('/').next().unwrap_or(program);
        program == "ALL" || bare && SHELLS.contains(&name)
    })
}

/// `usermod -aG docker NAME`, `adduser NAME docker`, `gpasswd -a NAME docker`.
fn member(command: &Command) -> Option<Hit> {
    let words: Vec<_> = command.operands().map(Word::text).collect();
    let user = match (command.name(), words.as_slice()) {
        ("usermod", [groups, user]) if groups.split(',').any(|g| g == "docker") => user,
        ("adduser" | "addgroup" | "gpasswd", [user, "docker"]) => user,
        ("useradd", [.., user]) => {
            let (_, groups) = command.value_of(&["-G", "--groups"])?;
            groups.split(',').any(|g| g == "docker").then_some(user)?
        }
        _ => return None,
    };
    let hit = hit(
        command.span,
        user,
        "is in the group docker, which is to be root of the host",
    );
    Some(hit)
}

/// What a person does on their own machine is theirs; a service's rights are everybody's
/// who can change what it runs.
fn hit(span: Span, who: &str, what: &str) -> Hit {
    let lower = who.to_ascii_lowercase();
    let service = lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| SERVICES.contains(&word));
    let sure = if service && !who.contains('$') {
        Confidence::Medium
    } else {
        Confidence::Low
    };
    Hit::new(span)
        .about(who)
        .sure(sure)
        .saying(format!("The service user '{who}' {what}."))
}

#[cfg(test)]
mod tests {
    use super::opens_root;

    #[test]
    fn a_shell_is_everything() {
        for all in [
            "ALL",
            "ALL\" >> /etc/sudoers",
            "/bin/ls, /usr/bin/docker",
            "/bin/bash",
        ] {
            assert!(opens_root(all), "{all}");
        }
        for some in [
            "/usr/bin/systemctl restart x",
            "/usr/bin/docker ps",
            "SHUTDOWN",
        ] {
            assert!(!opens_root(some), "{some}");
        }
    }
}
