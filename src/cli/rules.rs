//! `byway rules …`, and reading a user's own rules.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};

use byway::detect::{self, Engine};
use byway::rule;
use byway::rule::page::{self, Page};
use byway::{check, source};

use super::{RulesCommand, import, output};

/// Our own rules and those of the given folders and files.
pub(crate) fn engine(given: &[PathBuf]) -> Result<Engine> {
    let mut rules = rule::builtin().to_vec();
    for path in given {
        let brought: Vec<_> = if path.is_file() {
            if path.extension().is_none_or(|e| e != "toml") {
                bail!(
                    "{} is no rule file; name a TOML file, or a folder with pages at CLASS/NAME.md",
                    source::project::slashed(path)
                );
            }
            let imported = import::load(path)?;
            import::warn(&imported.notices, false);
            let rules = imported.rules.into_iter();
            rules.map(|brought| (brought.from, brought.rule)).collect()
        } else {
            let pages = pages(path)?.into_iter();
            let placed = |(name, page): (String, Page)| (format!("{name}:1:1"), page.rule);
            pages.map(placed).collect()
        };
        for (place, rule) in brought {
            let id = &rule.id;
            if rules.iter().any(|other| other.id == *id) {
                bail!("{place}: there is a rule {id} already; give this one another name");
            }
            rules.push(rule);
        }
    }
    Engine::new(rules).map_err(|e| anyhow!(e))
}

/// Reads every page of a folder.
fn pages(folder: &Path) -> Result<Vec<(String, Page)>> {
    let shown = source::project::slashed(folder);
    let paths = source::pages(folder).with_context(|| format!("{shown} can't be read"))?;
    if paths.is_empty() {
        bail!("{shown} holds no rule page; write pages at CLASS/NAME.md");
    }
    let mut pages = Vec::new();
    let mut wrong = Vec::new();
    for path in paths {
        let name = source::project::slashed(&path);
        let text = match source::text(&path) {
            Ok(text) => text.replace("\r\n", "\n"),
            Err(error) => {
                wrong.push(format!("{name}:1:1: {error}; write the page as UTF-8 text"));
                continue;
            }
        };
        match page::read(&name, text.trim_start_matches('\u{feff}')) {
            Ok(page) => match &page.rule.code {
                Some(code) if !detect::code::is_known(code) => wrong.push(format!(
                    "{name}:1:1: `{code}` is no detector; use patterns or queries"
                )),
                _ => pages.push((name, page)),
            },
            Err(errors) => wrong.extend(errors.iter().map(ToString::to_string)),
        }
    }
    if wrong.is_empty() {
        Ok(pages)
    } else {
        bail!("{}", wrong.join("\n"))
    }
}

pub(crate) fn run(command: &RulesCommand) -> Result<ExitCode> {
    match command {
        RulesCommand::List => list(),
        RulesCommand::Keywords => keywords(),
        RulesCommand::Show { id } => show(id),
        RulesCommand::Check { dir } => check_pages(dir.as_deref()),
        RulesCommand::Import { file, to } => import::run(file, to),
    }
}

fn list() -> Result<ExitCode> {
    let rules = rule::builtin();
    let wide = rules.iter().map(|r| r.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for rule in rules {
        let line = [rule.id.as_ref(), rule.severity.name(), rule.title.as_ref()];
        let [id, severity, title] = line;
        text.extend([&format!("{id:wide$}  {severity:8}  "), title, "\n"]);
    }
    output::stdout(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn keywords() -> Result<ExitCode> {
    let rules = rule::builtin();
    let all: BTreeSet<_> = rules.iter().flat_map(|r| r.keywords.iter()).collect();
    let lines: Vec<_> = all.into_iter().map(|k| format!("{k}\n")).collect();
    output::stdout(lines.concat().as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn show(id: &str) -> Result<ExitCode> {
    let rules = rule::builtin();
    let Some(rule) = rules
        .iter()
        .find(|r| r.id == id || r.renamed_from.iter().any(|old| old == id))
    else {
        let name = id.rsplit('/').next().unwrap_or(id);
        let near: Vec<_> = rules
            .iter()
            .filter(|r| r.id.contains(name))
            .map(|r| r.id.as_ref())
            .collect();
        let hint = if near.is_empty() {
            "`byway rules list` shows all".to_owned()
        } else {
            format!("did you mean {}?", near.join(" or "))
        };
        bail!("there is no rule {id}; {hint}");
    };
    let list = |items: &[rule::head::Text]| items.join(", ");
    let text = format!(
        "# {}\n\n{}\n\nseverity {}, confidence {}, since {}\nframeworks: {}\n\n{}\n",
        rule.id,
        rule.title,
        rule.severity,
        rule.confidence,
        rule.since,
        list(&rule.frameworks),
        rule.help.trim_end()
    );
    output::stdout(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn check_pages(folder: Option<&Path>) -> Result<ExitCode> {
    let (pages, engine) = match folder {
        Some(folder) => (pages(folder)?, engine(&[folder.to_owned()])?),
        None => (own_pages(), engine(&[])?),
    };
    let errors: Vec<_> = pages
        .iter()
        .flat_map(|(path, page)| check::page(page, path, &engine))
        .map(|error| format!("{error}\n"))
        .collect();
    output::stdout(errors.concat().as_bytes())?;
    let examples: usize = pages.iter().map(|(_, page)| page.examples.len()).sum();
    output::stdout(
        format!(
            "{} pages with {examples} examples checked, {} mistakes\n",
            pages.len(),
            errors.len()
        )
        .as_bytes(),
    )?;
    Ok(if errors.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    })
}

/// Our own pages, from what is built in; lines count from the end of the head.
fn own_pages() -> Vec<(String, Page)> {
    rule::builtin()
        .iter()
        .map(|rule| {
            let page = Page {
                rule: rule.clone(),
                examples: rule::examples::of_help(&rule.help),
            };
            (format!("{} (after its head)", rule.id), page)
        })
        .collect()
}
