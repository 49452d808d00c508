//! Commands, environment variables and configuration.

use super::guard;
use crate::detect::Hit;
use crate::detect::settings::{self, Setting};
use crate::detect::shell::{self, Command, Word};
use crate::detect::spans::Spans;
use crate::document::Document;
use crate::finding::{Confidence, Severity};
use crate::kind::Kind;

/// Short flags of curl that take a value, which a bundle may end with.
const CURL_VALUES: &str = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";

/// Programs and the long flags that stop them from verifying; a flag with `=` needs
/// that value.
#[rustfmt::skip]
const FLAGS: &[(&[&str], &[&str])] = &[
    (&["curl"], &["--insecure", "--proxy-insecure"]),
    (&["wget"], &["--no-check-certificate"]),
    (&["aria2c"], &["--check-certificate=false"]),
    (&["http", "https", "xh", "xhs"], &["--verify=no", "--verify=false"]),
    (&["kubectl", "oc", "helm", "flux", "k"], &["--insecure-skip-tls-verify", "--kube-insecure-skip-tls-verify"]),
    (&["argocd"], &["--insecure"]),
    (&["aws"], &["--no-verify-ssl"]),
    (&["docker", "podman", "buildah", "skopeo"], &["--tls-verify=false", "--src-tls-verify=false", "--dest-tls-verify=false"]),
    (&["vault", "nomad"], &["-tls-skip-verify", "--tls-skip-verify"]),
    (&["npm", "pnpm", "yarn"], &["--no-strict-ssl", "--strict-ssl=false"]),
    (&["pip", "pip3"], &["--trusted-host"]),
    (&["grpcurl"], &["-insecure", "--insecure"]),
    (&["Invoke-WebRequest", "Invoke-RestMethod", "iwr", "irm"], &["-SkipCertificateCheck"]),
];

/// Names of settings, in lower case without separators, and the value that switches
/// verification off.
#[rustfmt::skip]
const SETTINGS: &[(&str, Off)] = &[
    ("nodetlsrejectunauthorized", Off::False),
    ("pythonhttpsverify", Off::False),
    ("gitsslnoverify", Off::True),
    ("vaultskipverify", Off::True),
    ("nomadskipverify", Off::True),
    ("consulhttpsslverify", Off::False),
    ("azureclidisableconnectionverification", Off::True),
    ("npmconfigstrictssl", Off::False),
    ("strictssl", Off::False),
    ("enablestrictssl", Off::False),
    ("sslverify", Off::False),
    ("verifyssl", Off::False),
    ("tlsverify", Off::False),
    ("verifytls", Off::False),
    ("validatecerts", Off::False),
    ("rejectunauthorized", Off::False),
    ("skiptlsverify", Off::True),
    ("tlsskipverify", Off::True),
    ("insecureskipverify", Off::True),
    ("insecureskiptlsverify", Off::True),
    ("tlsinsecureskipverify", Off::True),
    ("ldaptlsreqcert", Off::Text("never")),
];

/// The value that switches a setting off.
#[derive(Clone, Copy)]
enum Off {
    True,
    False,
    Text(&'static str),
}

pub(super) fn read(document: &Document<'_>) -> Vec<Hit> {
    let mut hits: Vec<_> = shell::commands(document)
        .filter_map(of_command)
        .map(|hit| optional(document, hit))
        .collect();
    let known = |name: &str| {
        let plain = settings::plain(name);
        SETTINGS
            .iter()
            .find(|(n, _)| *n == plain)
            .map(|(_, off)| *off)
    };
    for setting in settings::settings(document, &|name| known(name).is_some()) {
        let off = match known(&setting.name) {
            Some(Off::True) => is_set(&setting),
            Some(Off::False) => setting.truth() == Some(false),
            Some(Off::Text(text)) => setting.value == text,
            None => false,
        };
        if off && !is_schema(document) {
            hits.push(optional(
                document,
                Hit::new(setting.span).about(setting.name),
            ));
        }
    }
    hits
}

/// Lowers a hit in a script that switches off only when it is asked to.
fn optional(document: &Document<'_>, hit: Hit) -> Hit {
    let script = document.is(Kind::Shell) || document.is(Kind::GithubWorkflow);
    if script && guard::by_indentation(document, hit.span) {
        hit.sure(Confidence::Low)
    } else {
        hit
    }
}

/// `GIT_SSL_NO_VERIFY=anything` switches off, but `false` shows what was meant.
fn is_set(setting: &Setting) -> bool {
    setting.truth() == Some(true)
}

/// A JSON schema or an interface description names such settings without setting
/// them.
fn is_schema(document: &Document<'_>) -> bool {
    document.is(Kind::Json)
        && document.tree().root.items().iter().any(|root| {
            ["$schema", "openapi", "swagger"]
                .iter()
                .any(|key| root.get(key).is_some())
                && root
                    .get("properties")
                    .or_else(|| root.get("paths"))
                    .is_some()
        })
}

fn of_command(command: &Command) -> Option<Hit> {
    let (subject, word) = off(command)?;
    if command.words.iter().any(|w| is_local(w.text())) {
        return None;
    }
    let hit = Hit::new(word.map_or(command.span, |w| w.span)).about(subject);
    Some(if carries_secret(command) {
        hit
    } else {
        hit.grave(Severity::Medium)
    })
}

/// The flag that stops a command from verifying: a subject, and the word.
fn off(command: &Command) -> Option<(String, Option<&Word>)> {
    let name = command.name();
    if name == "curl"
        && let Some(word) = command.short('k', CURL_VALUES)
    {
        return Some(("curl --insecure".to_owned(), Some(word)));
    }
    let by_name = FLAGS.iter().find(|(names, _)| names.contains(&name));
    if let Some((_, flags)) = by_name {
        for flag in *flags {
            let found = match flag.split_once('=') {
                Some((flag, value)) => command
                    .value_of(&[flag])
                    .filter(|(_, v)| v.eq_ignore_ascii_case(value))
                    .map(|(word, _)| word),
                None => command.switch(&[flag]),
            };
            if let Some(word) = found {
                return Some((format!("{name} {flag}"), Some(word)));
            }
        }
    }
    let words: Vec<_> = command.args().iter().map(Word::text).collect();
    let says = |key: &str, value: &str| {
        words.windows(2).any(|pair| {
            matches!(pair, [a, b] if a.eq_ignore_ascii_case(key) && b.eq_ignore_ascii_case(value))
        })
    };
    match name {
        "git" => {
            let set = words.iter().enumerate().find_map(|(i, word)| {
                let lower = word.to_ascii_lowercase();
                let key = lower.starts_with("http.");
                let inline = key && lower.ends_with(".sslverify=false");
                let apart = key
                    && lower.ends_with(".sslverify")
                    && words
                        .get(i + 1)
                        .is_some_and(|v| v.eq_ignore_ascii_case("false"));
                (inline || apart).then_some(i)
            })?;
            Some((
                "git http.sslVerify=false".to_owned(),
                command.args().get(set),
            ))
        }
        "npm" | "yarn" | "pnpm" if says("strict-ssl", "false") => {
            Some((format!("{name} strict-ssl=false"), None))
        }
        "gcloud" if says("auth/disable_ssl_validation", "true") => {
            Some(("gcloud auth/disable_ssl_validation".to_owned(), None))
        }
        _ => None,
    }
}

/// Whether a word names this machine, where a certificate proves nothing.
fn is_local(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    [
        "localhost",
        "127.0.0.1",
        "[::1]",
        "0.0.0.0",
        "host.docker.internal",
        "//$local",
        "local_url",
        "::1",
    ]
    .iter()
    .any(|host| word.contains(host))
}

/// Whether a request sends what a listener could use.
fn carries_secret(command: &Command) -> bool {
    command.args().iter().any(|word| {
        let text = word.text().to_ascii_lowercase();
        text == "-u"
            || text == "--user"
            || [
                "authorization",
                "token",
                "password",
                "api-key",
                "apikey",
                "secret",
            ]
            .iter()
            .any(|word| text.contains(word))
    })
}

/// `ssh -o StrictHostKeyChecking=no` in commands and in configuration.
pub(super) fn host_key(document: &Document<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for command in shell::commands(document) {
        if command.words.iter().any(|w| is_local(w.text())) {
            continue;
        }
        let ssh = matches!(
            command.name(),
            "ssh" | "scp" | "sftp" | "rsync" | "sshpass" | "autossh" | "ssh-copy-id" | "export"
        );
        for word in command
            .words
            .iter()
            .filter(|w| ssh && is_unchecked(w.text()))
        {
            hits.push(Hit::new(word.span).about("StrictHostKeyChecking=no"));
        }
        for set in command.sets.iter().filter(|set| is_unchecked(&set.value)) {
            hits.push(Hit::new(set.span).about("StrictHostKeyChecking=no"));
        }
    }
    let known = Spans::new(hits.iter().map(|hit| hit.span));
    let wanted = |name: &str| {
        matches!(
            settings::plain(name).as_str(),
            "ansiblehostkeychecking"
                | "hostkeychecking"
                | "gitsshcommand"
                | "stricthostkeychecking"
        )
    };
    for setting in settings::settings(document, &wanted) {
        let plain = settings::plain(&setting.name);
        let off = match plain.as_str() {
            "gitsshcommand" => is_unchecked(&setting.value),
            _ => setting.truth() == Some(false),
        };
        let known = known.overlap(setting.span);
        if off && !known {
            hits.push(
                Hit::new(setting.span)
                    .about(setting.name)
                    .sure(Confidence::Medium),
            );
        }
    }
    hits
}

fn is_unchecked(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    [
        "stricthostkeychecking=no",
        "stricthostkeychecking=off",
        "stricthostkeychecking no",
    ]
    .iter()
    .any(|option| lower.contains(option))
}
