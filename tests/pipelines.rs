//! The pipelines' fixtures: a repository a system, in which exception paths stand among
//! ordinary jobs. Each path is found on its line and under its subject, and nothing else is.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::common::{findings, fixture, folder, put};

/// The systems of which all planted paths are found today, and nothing else. A system that
/// gets there is added; one that was there stays.
const READY: &[&str] = &[
    "argo",
    "aws",
    "azure",
    "bitbucket",
    "buildkite",
    "circleci",
    "cloudbuild",
    "drone",
    "gitea",
    "github",
    "gitlab",
    "governance",
    "jenkins",
    "tekton",
    "travis",
];

/// Path, line, rule and subject of a finding.
type Place = (String, u64, String, String);

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pipelines")
}

/// The systems that have a fixture, by name.
fn systems() -> BTreeSet<String> {
    fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// What `planted.txt` says: `path:line rule subject # why`.
fn planted(system: &str) -> BTreeSet<Place> {
    let text = fs::read_to_string(root().join(system).join("planted.txt")).unwrap();
    let places: Vec<_> = text.lines().map(|line| place(system, line)).collect();
    let set: BTreeSet<_> = places.iter().cloned().collect();
    assert_eq!(set.len(), places.len(), "{system} plants a path twice");
    set
}

fn place(system: &str, line: &str) -> Place {
    let read = || {
        let (place, why) = line.split_once(" # ")?;
        let mut words = place.splitn(3, ' ');
        let (path, number) = words.next()?.rsplit_once(':')?;
        let (rule, subject) = (words.next()?, words.next()?);
        (!why.is_empty()).then_some(())?;
        let number = number.parse().ok()?;
        Some((path.to_owned(), number, rule.to_owned(), subject.to_owned()))
    };
    read().unwrap_or_else(|| panic!("{system}: not `path:line rule subject # why`: {line}"))
}

/// What a scan of the system's repository reports, with the settings that everybody has.
fn found(system: &str) -> BTreeSet<Place> {
    let copy = fixture(&format!("pipelines/{system}"));
    fs::remove_file(copy.path().join("planted.txt")).unwrap();
    findings(copy.path(), &[])
        .iter()
        .map(|f| {
            let text = |key: &str| f[key].as_str().unwrap().to_owned();
            let line = f["line"].as_u64().unwrap();
            (text("path"), line, text("rule"), text("subject"))
        })
        .collect()
}

/// What is missing and what is too much, one a line; empty when all is as planted.
fn difference(system: &str) -> String {
    let (planted, found) = (planted(system), found(system));
    let mut out = String::new();
    let all = [("missing", &planted, &found), ("surplus", &found, &planted)];
    for (how, these, those) in all {
        for (path, line, rule, subject) in these.difference(those) {
            writeln!(out, "{how} {system}/{path}:{line} {rule} {subject}").unwrap();
        }
    }
    out
}

#[test]
fn every_planted_path_is_found_and_nothing_else() {
    let differences: Vec<_> = systems()
        .into_iter()
        .map(|system| (difference(&system), system))
        .collect();
    let mut wrong = String::new();
    for (difference, system) in &differences {
        let ready = READY.contains(&system.as_str());
        if ready {
            wrong.push_str(difference);
        } else if difference.is_empty() {
            writeln!(wrong, "{system} is ready: add it to READY").unwrap();
        } else {
            // Shown with `--nocapture`: what a system still wants.
            print!("{difference}");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_system_plants_a_dozen_paths_in_lines_that_exist() {
    let systems = systems();
    for system in READY {
        assert!(systems.contains(*system), "{system} has no fixture");
    }
    for system in &systems {
        let planted = planted(system);
        assert!(planted.len() >= 12, "{system}: only {}", planted.len());
        for (path, line, _, _) in planted {
            let text = fs::read_to_string(root().join(system).join(&path)).unwrap();
            let there = text.lines().nth(usize::try_from(line).unwrap() - 1);
            assert!(
                there.is_some_and(|line| !line.trim().is_empty()),
                "{system}/{path} has nothing in line {line}"
            );
        }
    }
}

/// The rules that fire on a workflow that deploys to an environment of this declaration.
fn beside(settings: &str) -> Vec<String> {
    let project = folder();
    put(
        project.path(),
        ".github/workflows/deploy.yml",
        "on: { push: { branches: [main] } }\njobs:\n  roll:\n    runs-on: ubuntu-latest\n    \
         environment: production\n    steps:\n      - run: kubectl --context prod apply -f k8s/\n",
    );
    put(project.path(), ".github/settings.yml", settings);
    let found = findings(project.path(), &[]);
    let rules = found.iter().map(|f| f["rule"].as_str().unwrap().to_owned());
    rules.collect()
}

#[test]
fn an_environment_holds_a_job_unless_the_project_leaves_it_open() {
    let open = beside("environments:\n  - name: production\n    reviewers: []\n");
    assert_eq!(
        open,
        [
            "bypass-route/deployment-environment-unprotected",
            "bypass-route/deploy-without-approval"
        ]
    );
    let guarded =
        "environments:\n  - name: production\n    reviewers:\n      - { type: Team, id: 7 }\n";
    assert!(beside(guarded).is_empty());
    assert!(beside("environments:\n  - name: staging\n    reviewers: []\n").is_empty());
}
