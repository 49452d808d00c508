//! Which of an organisation's stages a name speaks of: production, its rehearsal, a
//! test. Names of environments, hosts, namespaces, contexts, workspaces and files.

use crate::detect::shell::{Command, Word};
use crate::detect::words::words;

/// Where in the order of stages something runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Nothing says so.
    Unknown,
    /// For developers, tests and previews.
    Test,
    /// The last stop before production.
    Staging,
    /// What customers use.
    Production,
}

/// What one word of a name says.
fn of_word(word: &str) -> Option<Stage> {
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    Some(match word {
        "prod" | "prd" | "production" => Stage::Production,
        "staging" | "stage" | "stg" | "preprod" | "preproduction" | "uat" => Stage::Staging,
        "test" | "tests" | "testing" | "dev" | "devel" | "develop" | "development" | "qa"
        | "ci" | "e" | "preview" | "sandbox" | "local" | "localhost" | "nonprod"
        | "nonproduction" | "ephemeral" | "integration" | "review" | "minikube" => {
            // `e2e` is cut to `e`.
            if word == "e" {
                return None;
            }
            Stage::Test
        }
        _ => return None,
    })
}

/// The stage that a name speaks of. Production wins over others, for a name like
/// `test-prod` is no reason to look away; `live` counts only where nothing else is
/// said, for some call the folder of all stages so.
pub(crate) fn stage(name: &str) -> Stage {
    let words = words(name);
    let mut found = Stage::Unknown;
    let mut before = "";
    let mut live = false;
    for word in &words {
        let says = match (of_word(word), before) {
            (Some(Stage::Production), "pre") => Some(Stage::Staging),
            (Some(Stage::Production), "non" | "not" | "no") => Some(Stage::Test),
            (None, _) if word == "e2e" => Some(Stage::Test),
            (says, _) => says,
        };
        live |= word == "live" && !matches!(before, "non" | "not" | "pre");
        found = found.max(says.unwrap_or(Stage::Unknown));
        before = word;
    }
    if found == Stage::Unknown && live {
        return Stage::Production;
    }
    found
}

/// The stage that a command's values speak of: the names of its flags say nothing
/// (`--stage prod`, `--environment dev`), but for switches such as `--prod`.
pub(crate) fn of_command(command: &Command) -> Stage {
    let args = command.args().iter().map(Word::text).map(of_argument);
    let sets = command.sets.iter().map(|set| stage(&set.value));
    args.chain(sets).max().unwrap_or(Stage::Unknown)
}

fn of_argument(text: &str) -> Stage {
    if !text.starts_with('-') {
        return stage(text);
    }
    match text.split_once('=') {
        Some((_, value)) => stage(value),
        None if matches!(text, "--prod" | "--production") => Stage::Production,
        None => Stage::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_speak_of_a_stage() {
        for (name, expected) in [
            ("production", Stage::Production),
            ("eu-prod", Stage::Production),
            ("prod_eu", Stage::Production),
            ("ProdEu", Stage::Production),
            ("prod2", Stage::Production),
            ("Live", Stage::Production),
            ("envs/prd/main.tfvars", Stage::Production),
            ("deploy@web1.prod.example.com", Stage::Production),
            ("pre-prod", Stage::Staging),
            ("preprod", Stage::Staging),
            ("staging", Stage::Staging),
            ("non-prod", Stage::Test),
            ("nonprod", Stage::Test),
            ("non-production", Stage::Test),
            ("live/dev/app", Stage::Test),
            ("e2e", Stage::Test),
            ("products", Stage::Unknown),
            ("reproduction", Stage::Unknown),
            ("deliver", Stage::Unknown),
            ("main", Stage::Unknown),
        ] {
            assert_eq!(stage(name), expected, "{name}");
        }
    }
}
