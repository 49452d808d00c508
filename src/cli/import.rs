//! Rule files of other programs: loading them, and `byway rules import`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};

use byway::detect::Engine;
use byway::import::{self, Brought, Imported, Notice, Shown};
use byway::rule::{self, page};
use byway::{check, source};

use super::output;

/// How many rules a warning names, unless all are asked for.
const NAMED: usize = 8;

/// Reads a rule file and what it extends.
pub(crate) fn load(path: &Path) -> Result<Imported> {
    let shown = source::project::slashed(path);
    let text = source::text(path).with_context(|| format!("{shown} can't be read"))?;
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    import::read(&shown, &text, &open).map_err(|errors| {
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        anyhow!("{}", errors.join("\n"))
    })
}

/// Reads the file that another one extends: beside that one, else in the current folder.
fn open(from: &str, name: &str) -> Result<(String, String), String> {
    let beside = Path::new(from).parent().unwrap_or(Path::new("")).join(name);
    let path = if beside.is_file() {
        beside
    } else {
        Path::new(name).to_owned()
    };
    let text = source::text(&path).map_err(|error| error.to_string())?;
    let shown = source::project::slashed(&path);
    Ok((shown, text.replace("\r\n", "\n")))
}

/// Says what of a rule file can't be honoured: a line for each thing, with all its rules
/// or the first ones.
pub(crate) fn warn(notices: &[Notice], all: bool) {
    let mut by_thing: BTreeMap<(&str, &str, &str), Vec<&Notice>> = BTreeMap::new();
    for notice in notices {
        let thing = (
            notice.path.as_str(),
            notice.what.as_str(),
            notice.so.as_str(),
        );
        by_thing.entry(thing).or_default().push(notice);
    }
    let mut text = String::new();
    for ((path, what, so), of_thing) in by_thing {
        let line = match of_thing.as_slice() {
            [one] => {
                let rule = one.rule.iter().map(|rule| format!("{rule}: "));
                let rule: String = rule.collect();
                format!("{path}:{}: {rule}{what}; {so}", one.line)
            }
            several => {
                let most = if all { several.len() } else { NAMED };
                let named: Vec<_> = several.iter().take(most).map(|n| place(n)).collect();
                let rest = several.len().saturating_sub(most);
                let more = if rest > 0 {
                    format!(" and {rest} more, which `byway rules import` lists")
                } else {
                    String::new()
                };
                format!("{path}: {what}; {so}: {}{more}", named.join(", "))
            }
        };
        text.extend(["byway: warning: ", &line, "\n"]);
    }
    output::stderr(text.as_bytes());
}

/// A rule and its line, as several share a warning.
fn place(notice: &Notice) -> String {
    match &notice.rule {
        Some(rule) => format!("{rule} (line {})", notice.line),
        None => format!("line {}", notice.line),
    }
}

/// `byway rules import`: writes the rules of a file as pages.
pub(crate) fn run(file: &Path, folder: &Path) -> Result<ExitCode> {
    let imported = load(file)?;
    warn(&imported.notices, true);
    let own = rule::builtin().iter().cloned();
    let brought = imported.rules.iter().map(|brought| brought.rule.clone());
    let engine = Engine::new(own.chain(brought).collect()).map_err(|e| anyhow!(e))?;
    let mut pages = Vec::new();
    let mut shown = 0;
    for brought in &imported.rules {
        let path = folder.join(format!("{}.md", brought.rule.id));
        if path.exists() {
            bail!(
                "{} exists already; remove it, or name another folder",
                source::project::slashed(&path)
            );
        }
        let example = tried(brought, &engine);
        shown += usize::from(example.is_some());
        let text = import::page(brought, example.as_ref());
        let name = source::project::slashed(&path);
        page::read(&name, &text).map_err(|errors| {
            let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
            anyhow!("the page would not be read again: {}", errors.join("\n"))
        })?;
        pages.push((path, text));
    }
    for (path, text) in &pages {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)
                .with_context(|| format!("{} can't be made", parent.display()))?;
        }
        output::file(path, text.as_bytes())?;
    }
    let count = pages.len();
    let folder = source::project::slashed(folder);
    output::stdout(
        format!("{count} pages written to {folder}, {shown} of them with an example that fires\n")
            .as_bytes(),
    )?;
    Ok(ExitCode::SUCCESS)
}

/// An example on which the rule does fire.
fn tried(brought: &Brought, engine: &Engine) -> Option<Shown> {
    let mut shown = Shown::untried(&brought.rule)?;
    let id = brought.rule.id.as_ref();
    let fired = check::try_out(
        id,
        &shown.path,
        &shown.text,
        brought.rule.confidence,
        engine,
    );
    for (rule, line) in fired.ok()? {
        if rule == id {
            shown.lines.push(line);
        } else if !shown.also.contains(&rule) {
            shown.also.push(rule);
        }
    }
    (!shown.lines.is_empty()).then_some(shown)
}
