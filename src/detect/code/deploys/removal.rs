//! Commands that only take something down: a job of such alone changes what runs when that
//! mattered, and tidies up when it was for a test.

use crate::detect::shell::{Command, Word};
use crate::detect::words::words;

/// What a command removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removes {
    /// Something that is named after a test or a trial.
    Trial,
    /// Nothing says what it was for.
    Something,
}

/// What a command removes from a cluster, if it only removes.
pub(crate) fn removes(command: &Command) -> Option<Removes> {
    let verb = command.operands().next().map(Word::text)?;
    let only = match command.name() {
        "kubectl" | "oc" | "kubecolor" | "skaffold" | "kapp" | "tk" => verb == "delete",
        "helm" => matches!(verb, "uninstall" | "delete"),
        "helmfile" => matches!(verb, "destroy" | "delete"),
        _ => false,
    };
    let trial = || {
        let mut args = command.args().iter().map(Word::text);
        args.any(|text| words(text).iter().any(|word| is_trial(word)))
    };
    only.then(|| {
        if trial() {
            Removes::Trial
        } else {
            Removes::Something
        }
    })
}

/// Whether a word of a name says that what has it is for a test: `pgtest`, `smoke`.
fn is_trial(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let word = word.strip_suffix('s').unwrap_or(word);
    let ends = |end: &str| word.ends_with(end) && word != "latest";
    ends("test")
        || word.ends_with("bench")
        || word.starts_with("test")
        || matches!(
            word,
            "tmp" | "temp" | "temporary" | "smoke" | "scratch" | "benchmark" | "throwaway"
        )
}

/// Whether a job's or stage's name says that it clears away what a test left.
pub(crate) fn is_clean_up(name: &str) -> bool {
    let words = words(name);
    let has = |sought: &[&str]| words.iter().any(|word| sought.contains(&word.as_str()));
    has(&["clean", "cleanup", "cleaning", "teardown", "tidy"]) || has(&["tear"]) && has(&["down"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::shell;
    use crate::document::Document;

    #[test]
    fn what_is_removed_is_told_from_what_is_set_up() {
        for (text, expected) in [
            ("oc delete all -l app=pgbench", Some(Removes::Trial)),
            ("kubectl delete pod pgtest", Some(Removes::Trial)),
            ("helm uninstall smoke-7", Some(Removes::Trial)),
            ("kubectl delete ns tmp", Some(Removes::Trial)),
            ("kubectl delete deployment shop", Some(Removes::Something)),
            ("kubectl delete pod shop:latest", Some(Removes::Something)),
            ("kubectl apply -f test.yaml", None),
            ("helm upgrade test ./chart", None),
        ] {
            let document = Document::new("a.sh", text.as_bytes());
            let found = shell::commands(&document).find_map(removes);
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_clean_up_is_told_by_its_name() {
        for (name, expected) in [
            ("Clean up pgtest pod", true),
            ("teardown-cluster", true),
            ("tear down", true),
            ("Retire the old shop", false),
            ("deploy", false),
        ] {
            assert_eq!(is_clean_up(name), expected, "{name}");
        }
    }
}
