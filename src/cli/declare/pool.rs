//! The findings that can be declared: of a scan, or of a report.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use byway::finding::{Class, Fingerprint};
use byway::register::edit::Found;
use byway::register::{Judged, Verdict};
use byway::source;

/// The findings of a project, by what the register says of them.
#[derive(Debug, Default)]
pub(super) struct Pool {
    /// No exception names them, or there are more of them than one covers.
    pub(super) open: Vec<Found>,
    /// An exception names them and is not in force, with the reason why.
    pub(super) lapsed: Vec<(Found, String)>,
    /// They are back although an exception that was for them has ended.
    pub(super) back: Vec<Found>,
    /// Declared already, or false.
    pub(super) settled: Vec<Found>,
}

impl Pool {
    fn add(&mut self, found: Found, verdict: &str, why: Option<&str>) {
        match verdict {
            "undeclared" => self.open.push(found),
            // The surplus over a ceiling is nobody's yet.
            "lapsed" if why.is_some_and(|why| why.contains(" covers at most ")) => {
                self.open.push(found);
            }
            "lapsed"
                if why.is_some_and(|w| {
                    w.ends_with(" is closed.") || w.ends_with(" was revoked.")
                }) =>
            {
                self.back.push(found);
            }
            "lapsed" => {
                let why = why.unwrap_or("An exception names it and is not in force.");
                self.lapsed.push((found, why.to_owned()));
            }
            "declared" | "false-positive" => self.settled.push(found),
            _ => {}
        }
    }

    /// The findings that no new entry may cover.
    pub(super) fn others(&self) -> Vec<Found> {
        let lapsed = self.lapsed.iter().map(|(found, _)| found);
        lapsed
            .chain(&self.settled)
            .chain(&self.back)
            .cloned()
            .collect()
    }

    /// How many findings an exception names without covering them.
    pub(super) fn left_out(&self) -> usize {
        self.lapsed.len() + self.back.len()
    }

    /// The open findings that are named.
    pub(super) fn pick(
        &self,
        names: &[String],
        relative: impl Fn(&str) -> String,
    ) -> Result<Vec<Found>> {
        let mut chosen: Vec<Found> = Vec::new();
        for name in names {
            let found = self.named(name, &relative)?;
            for one in found {
                if !chosen.contains(one) {
                    chosen.push(one.clone());
                }
            }
        }
        Ok(chosen)
    }

    fn named(&self, name: &str, relative: &impl Fn(&str) -> String) -> Result<Vec<&Found>> {
        let digits = name.strip_prefix("byway1:").unwrap_or(name);
        let hex = digits.len() >= 6 && digits.chars().all(|c| c.is_ascii_hexdigit());
        let (path, line) = match name.rsplit_once(':') {
            Some((path, line)) if line.parse::<u32>().is_ok() => (path, line.parse::<u32>().ok()),
            _ => (name, None),
        };
        let path = relative(path);
        let below = format!("{path}/");
        let is_there = |found: &Found| {
            (found.path == path
                || path == "."
                || (line.is_none() && found.path.starts_with(&below)))
                && line.is_none_or(|line| found.line == line)
        };
        let start = digits.to_ascii_lowercase();
        let is_called = |found: &Found| hex && found.fingerprint.to_string().starts_with(&start);
        let matches = |found: &Found| is_called(found) || is_there(found);
        let open = self.open.iter().chain(&self.back);
        let hits: Vec<&Found> = open.filter(|found| matches(found)).collect();
        let mut called: Vec<_> = hits
            .iter()
            .filter(|f| is_called(f))
            .map(|f| f.fingerprint)
            .collect();
        called.sort_unstable();
        called.dedup();
        if called.len() > 1 {
            bail!(
                "{name} begins {} fingerprints; write more digits",
                called.len()
            );
        }
        if !hits.is_empty() {
            return Ok(hits);
        }
        if let Some((_, why)) = self.lapsed.iter().find(|(found, _)| matches(found)) {
            bail!(
                "{name} is named by an exception already. {why} Approve or renew that one instead"
            );
        }
        if self.settled.iter().any(matches) {
            bail!("{name} is declared already, or a false positive; `byway scan -v` shows by what");
        }
        bail!("no finding is called {name}; `byway scan -vv` shows fingerprints and places")
    }
}

/// The findings of a scan.
pub(super) fn of_judged(judged: &[Judged]) -> Pool {
    let mut pool = Pool::default();
    for one in judged.iter().filter(|j| j.verdict != Verdict::Fault) {
        let found = Found::from(&one.finding);
        pool.add(found, one.verdict.name(), one.why.as_deref());
    }
    pool
}

/// The findings of a report in SARIF or JSON Lines.
pub(super) fn of_report(path: &Path) -> Result<Pool> {
    let shown = source::project::slashed(path);
    let text = source::text(path).with_context(|| {
        format!("{shown} can't be read; give a report of `byway scan --format jsonl` or `sarif`")
    })?;
    let wrong = |line: usize| {
        anyhow!(
            "{shown}:{line}: this is no finding of byway's; give a report of `byway scan --format jsonl` or `sarif`"
        )
    };
    let mut pool = Pool::default();
    if let Ok(log) = serde_json::from_str::<Value>(&text)
        && let Some(runs) = log.get("runs").and_then(Value::as_array)
    {
        let results = runs.iter().filter_map(|run| run.get("results")?.as_array());
        for result in results.flatten() {
            let (found, verdict, why) = of_sarif(result).ok_or_else(|| wrong(1))?;
            pool.add(found, verdict, why);
        }
        return Ok(pool);
    }
    for (n, line) in text.lines().enumerate() {
        let value: Value = serde_json::from_str(line).map_err(|_| wrong(n + 1))?;
        if value.get("problem").is_some() {
            continue;
        }
        let (found, verdict) = of_jsonl(&value).ok_or_else(|| wrong(n + 1))?;
        pool.add(found, verdict, None);
    }
    Ok(pool)
}

fn class_of(rule: &str) -> Option<Class> {
    rule.split('/').next()?.parse().ok()
}

fn of_jsonl(value: &Value) -> Option<(Found, &str)> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let found = Found {
        rule: text("rule")?.to_owned(),
        class: class_of(text("rule")?)?,
        subject: text("subject")?.to_owned(),
        anchor: text("anchor")?.to_owned(),
        path: text("path")?.to_owned(),
        line: u32::try_from(value.get("line")?.as_u64()?).ok()?,
        fingerprint: text("fingerprint")?.parse().ok()?,
    };
    Some((found, text("verdict")?))
}

fn of_sarif(result: &Value) -> Option<(Found, &str, Option<&str>)> {
    let text = |pointer: &str| result.pointer(pointer).and_then(Value::as_str);
    let place = "/locations/0/physicalLocation";
    let fingerprint: Fingerprint = text("/partialFingerprints/byway~1v1")?.parse().ok()?;
    let found = Found {
        rule: text("/ruleId")?.to_owned(),
        class: class_of(text("/ruleId")?)?,
        subject: text("/properties/subject")?.to_owned(),
        anchor: text("/properties/anchor")?.to_owned(),
        path: decoded(text(&format!("{place}/artifactLocation/uri"))?)?,
        line: u32::try_from(
            result
                .pointer(&format!("{place}/region/startLine"))?
                .as_u64()?,
        )
        .ok()?,
        fingerprint,
    };
    Some((
        found,
        text("/properties/registerState")?,
        text("/properties/registerReason"),
    ))
}

/// A path from a URI.
fn decoded(uri: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = uri.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let value = digit(rest.next()?)? * 16 + digit(rest.next()?)?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}
