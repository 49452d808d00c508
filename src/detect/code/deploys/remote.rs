//! Programs that reach another machine or a store, where the direction decides: what
//! is only fetched changes nothing there.

use super::tools;
use crate::detect::shell::{Command, Word};

/// What a command changes on another machine or in a store, and whether that is sure.
pub(super) fn of(command: &Command) -> Option<(&'static str, bool)> {
    match command.name() {
        "ssh" | "mosh" | "autossh" => shell(command),
        "scp" | "rsync" => uploads(command).then_some(("host", true)),
        "sftp" | "lftp" | "ncftpput" => (command.operands().next().is_some()
            || command.input.is_some())
        .then_some(("host", true)),
        "curl" => {
            let to = command.operands().any(|w| {
                let text = w.text();
                text.starts_with("ftp://")
                    || text.starts_with("ftps://")
                    || text.starts_with("sftp://")
            });
            (to && command.value_of(&["-T", "--upload-file"]).is_some()).then_some(("host", true))
        }
        "aws" => store(command, &["s3"], "s3://", "aws"),
        "gsutil" => store(command, &[], "gs://", "google"),
        "gcloud" => store(command, &["storage"], "gs://", "google"),
        "git" => platform(command).then_some(("hosting", true)),
        _ => None,
    }
}

/// A command, or a script from its input, on another host. A tunnel runs nothing, and
/// a forge answers with a greeting.
fn shell(command: &Command) -> Option<(&'static str, bool)> {
    const VALUES: &str = "BbcDEeFIiJLlmOopQRSWw";
    if command.short('N', VALUES).is_some() || command.short('V', VALUES).is_some() {
        return None;
    }
    let mut operands = Vec::new();
    let mut skip = false;
    for word in command.args() {
        let text = word.text();
        if std::mem::take(&mut skip) {
            continue;
        }
        match text.strip_prefix('-') {
            Some(flag) if operands.is_empty() => {
                skip = flag.len() == 1 && flag.chars().all(|c| VALUES.contains(c));
            }
            _ => operands.push(text),
        }
    }
    let host = operands.first()?;
    let forge = [
        "@github.com",
        "@gitlab.com",
        "@bitbucket.org",
        "@ssh.dev.azure.com",
    ];
    if forge.iter().any(|name| host.contains(name)) {
        return None;
    }
    let runs = operands.len() > 1 || command.input.is_some();
    Some(("host", runs))
}

/// Whether files go to another host: the last operand names one.
fn uploads(command: &Command) -> bool {
    let last = command.operands().last().map_or("", Word::text);
    is_remote(last)
}

/// `host:path`, `user@host:path` or a URL; a drive letter and a template are none.
fn is_remote(text: &str) -> bool {
    if text.starts_with("rsync://") || text.starts_with("scp://") {
        return true;
    }
    match text.find(':') {
        Some(at) => {
            let host = text.get(..at).unwrap_or_default();
            host.len() > 1 && !host.contains('/') || host.starts_with("${") && !host.contains("/$")
        }
        None => false,
    }
}

/// Files that go to a bucket. Where what is no longer there is deleted, the bucket is
/// a site rather than a shelf.
fn store(
    command: &Command,
    group: &[&str],
    scheme: &str,
    what: &'static str,
) -> Option<(&'static str, bool)> {
    let verbs = tools::verbs(command);
    let mut rest = verbs.as_slice();
    for name in group {
        let (first, after) = rest.split_first()?;
        if first != name {
            return None;
        }
        rest = after;
    }
    let (verb, places) = rest.split_first()?;
    let to = match *verb {
        "cp" | "mv" | "sync" | "rsync" => places.last()?,
        "rm" | "website" | "web" => places.first()?,
        _ => return None,
    };
    let mirrors = command
        .switch(&["--delete", "--delete-unmatched-destination-objects", "-d"])
        .is_some();
    // A bucket in a variable is one when the source is not.
    let there = to.starts_with(scheme);
    there.then_some((what, mirrors && matches!(*verb, "sync" | "rsync")))
}

/// `git push heroku main`: a remote that builds and runs what it is sent.
fn platform(command: &Command) -> bool {
    let mut operands = command.operands().map(Word::text);
    let push = operands.by_ref().any(|word| word == "push");
    push && operands.next().is_some_and(|remote| {
        matches!(remote, "heroku" | "dokku" | "piku" | "clever" | "scalingo")
            || remote.contains("@git.heroku.com")
            || remote.contains("git.heroku.com/")
            || remote.starts_with("dokku@")
    })
}
