//! What other tools were told to pass over, as a base for exceptions: one file for each
//! format.
//!
//! Their entries keep reason, owner and dates. A rule of theirs becomes one of ours only
//! where both plainly look for the same (`names`); anything else is left out, and said so.

mod azure;
mod checkov;
mod detect_secrets;
mod github;
mod gitleaks;
mod kyverno;
mod names;
mod osv;
mod propose;
mod snyk;
mod trivy;
mod zizmor;

#[cfg(test)]
mod tests;

use jiff::civil::Date;

use crate::document::format::parse;
use crate::document::{Format, Lines, Node, Tier};

pub use propose::{Left, Proposal, propose};

/// Something that another tool passes over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Foreign {
    /// The line it stands on, counted from 1.
    pub line: usize,
    /// What the tool calls it: a rule, an advisory, a policy.
    pub ids: Vec<String>,
    /// The rules of ours that look for the same; empty when there is none.
    pub rules: Vec<&'static str>,
    /// Globs of the files that it is confined to.
    pub paths: Vec<String>,
    /// Why.
    pub reason: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Who granted it.
    pub approved_by: Vec<String>,
    /// Where it is worked on.
    pub tickets: Vec<String>,
    /// Since when.
    pub granted: Option<Date>,
    /// Last day.
    pub expires: Option<Date>,
}

/// The tool that a file is of, and what it passes over.
pub type Read = (&'static str, Vec<Foreign>);

/// Reads a file of another tool. `path` is the file's, from the root of the project.
///
/// # Errors
///
/// Says that the file is of no tool that is known, or that it can't be read as what its
/// name promises.
pub fn read(path: &str, text: &str) -> Result<Read, String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let file = |format| File::new(path, text, format);
    Ok(match name {
        ".gitleaksignore" => ("gitleaks", gitleaks::read(text)),
        ".trivyignore" => ("trivy", trivy::lines(text)),
        ".secrets.baseline" => ("detect-secrets", detect_secrets::read(&file(Format::Json)?)),
        ".checkov.baseline" => ("checkov", checkov::read(&file(Format::Json)?)),
        ".trivyignore.yaml" | ".trivyignore.yml" => ("trivy", trivy::tree(&file(Format::Yaml)?)),
        "zizmor.yml" | "zizmor.yaml" | ".zizmor.yml" => {
            ("zizmor", zizmor::read(&file(Format::Yaml)?))
        }
        "osv-scanner.toml" => ("osv-scanner", osv::read(&file(Format::Toml)?)),
        ".snyk" => ("snyk", snyk::read(&file(Format::Yaml)?)),
        _ => return by_content(path, text, name),
    })
}

type Reader = fn(&File<'_>) -> Vec<Foreign>;

/// Files that are called anything: what is in them tells.
fn by_content(path: &str, text: &str, name: &str) -> Result<Read, String> {
    let format = match name.rsplit('.').next().unwrap_or_default() {
        "yaml" | "yml" => Format::Yaml,
        "tf" => Format::Hcl,
        "json" => Format::Json,
        _ => return Err(unknown(path)),
    };
    let file = File::new(path, text, format)?;
    let readers: [(&'static str, Reader); 3] = [
        ("kyverno", kyverno::read),
        ("github", github::read),
        ("azure", azure::read),
    ];
    for (tool, read) in readers {
        let found = read(&file);
        if !found.is_empty() {
            return Ok((tool, found));
        }
    }
    Err(unknown(path))
}

fn unknown(path: &str) -> String {
    format!(
        "{path}: this is of no kind that can be imported; give a .gitleaksignore, .secrets.baseline, .trivyignore, .trivyignore.yaml, .checkov.baseline, zizmor.yml, osv-scanner.toml, .snyk, a Kyverno PolicyException, an Azure policy exemption, or a GitHub ruleset with bypass actors"
    )
}

/// A file with a tree.
struct File<'t> {
    path: &'t str,
    text: &'t str,
    lines: Lines,
    roots: Vec<Node>,
}

impl<'t> File<'t> {
    fn new(path: &'t str, text: &'t str, format: Format) -> Result<Self, String> {
        let parsed = parse(format, text);
        if parsed.tier == Tier::Lexical {
            let name = format.name();
            return Err(format!(
                "{path}: this can't be read as {name}; mend the file first"
            ));
        }
        Ok(Self {
            path,
            text,
            lines: Lines::new(text.as_bytes()),
            roots: parsed.documents,
        })
    }

    /// The line that a node begins on.
    fn line(&self, node: &Node) -> usize {
        self.lines.index_of(node.span.start.min(self.text.len())) + 1
    }

    /// Something passed over that begins at a node.
    fn at(&self, node: &Node, id: &str) -> Foreign {
        Foreign {
            line: self.line(node),
            ids: vec![id.to_owned()],
            ..Foreign::default()
        }
    }
}

/// What the lines of a list pass over, each by `one`. A comment above a line says why; one
/// above a block says so for all of it.
fn noted_lines(text: &str, one: impl Fn(&str) -> Foreign) -> Vec<Foreign> {
    let mut found = Vec::new();
    let mut reason = None;
    for (n, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            reason = None;
        } else if let Some(comment) = line.strip_prefix('#') {
            reason = Some(comment.trim().to_owned()).filter(|text| !text.is_empty());
        } else {
            found.push(Foreign {
                line: n + 1,
                reason: reason.clone(),
                ..one(line)
            });
        }
    }
    found
}

/// A text of a node, unless it is blank.
fn text(node: &Node, key: &str) -> Option<String> {
    let text = node.get(key)?.scalar()?;
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// The texts of a list, or the one that stands in its place.
fn texts(node: Option<&Node>) -> Vec<String> {
    let items = node.map(Node::one_or_many).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| Some(item.scalar()?.into_owned()))
        .collect()
}

/// The day of a date, with or without a time after it.
fn date(node: &Node, key: &str) -> Option<Date> {
    day(&text(node, key)?)
}

fn day(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}
