//! The organisation's limits on exceptions.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Span as Period;
use jiff::civil::Date;
use toml::de::{DeTable, DeValue};

use super::entry::{Category, Entry, Spot};
use super::keys;
use super::shape::{self, Checker, Kind};
use super::text::{RegisterError, Text};

/// What an exception has to keep to.
#[derive(Debug, Clone)]
pub struct Policy {
    /// How long before its end an entry is announced to end.
    pub warn_before: Period,
    /// How long an overdue review is a minor fault.
    pub review_grace: Period,
    /// The longest time from the first grant to the end, over all renewals.
    pub max_total_age: Option<Period>,
    /// The fewest characters of a reason.
    pub min_reason: u32,
    /// The fewest compensating controls.
    pub require_controls: u32,
    /// Globs that no entry may use, compared as text.
    pub forbid_paths: Vec<String>,
    /// Who may approve. Not enforced yet.
    pub approvers: Vec<String>,
    /// The longest time of one grant, by category.
    pub max_lifetime: BTreeMap<Category, Period>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            warn_before: Period::new().days(14),
            review_grace: Period::new(),
            max_total_age: None,
            min_reason: 0,
            require_controls: 1,
            forbid_paths: Vec::new(),
            approvers: Vec::new(),
            max_lifetime: BTreeMap::new(),
        }
    }
}

/// Reads a policy file. Any mistake in it is an error: a limit that was misspelt
/// must not turn into no limit.
pub fn read(path: Arc<str>, text: &str) -> Result<Policy, RegisterError> {
    let text = Arc::new(Text::new(path, text));
    let root = text.parse()?;
    let mut checker = Checker::new();
    checker.table(&root, &(0..0), "", keys::POLICY);
    let first = checker.complaints.into_iter().min_by_key(|c| c.at.start);
    if let Some(complaint) = first {
        return Err(text.error(complaint.at, complaint.what, complaint.mend));
    }
    if let Some(at) = root
        .get("version")
        .filter(|v| number(v.get_ref()) != Some(1))
    {
        let mend = "begin the file with `version = 1`";
        return Err(text.error(at.span(), "this version of the format is not known", mend));
    }
    let mut policy = Policy::default();
    if let Some(DeValue::Table(defaults)) = root.get("defaults").map(toml::Spanned::get_ref) {
        policy.set_defaults(defaults);
    }
    if let Some(DeValue::Table(categories)) = root.get("category").map(toml::Spanned::get_ref) {
        policy.set_lifetimes(categories);
    }
    Ok(policy)
}

impl Policy {
    fn set_defaults(&mut self, table: &DeTable<'_>) {
        let get = |key: &str| table.get(key).map(toml::Spanned::get_ref);
        let period = |key: &str| shape::period(&Kind::DaysOrNone, get(key)?.as_str()?);
        let count = |key: &str| number(get(key)?);
        self.warn_before = period("warn-before").unwrap_or(self.warn_before);
        self.review_grace = period("review-grace").unwrap_or(self.review_grace);
        self.max_total_age = period("max-total-age");
        self.min_reason = count("min-reason").unwrap_or(self.min_reason);
        self.require_controls = count("require-controls").unwrap_or(self.require_controls);
        self.forbid_paths = get("forbid-paths").map(texts).unwrap_or_default();
        self.approvers = get("approvers").map(texts).unwrap_or_default();
    }

    fn set_lifetimes(&mut self, categories: &DeTable<'_>) {
        for category in Category::ALL {
            let Some(DeValue::Table(limits)) =
                categories.get(category.name()).map(toml::Spanned::get_ref)
            else {
                continue;
            };
            let limit = limits
                .get("max-lifetime")
                .and_then(|v| v.get_ref().as_str());
            if let Some(period) = limit.and_then(|text| shape::period(&Kind::Days, text)) {
                self.max_lifetime.insert(*category, period);
            }
        }
    }

    /// Where and how an entry goes beyond the policy.
    pub(super) fn breaches<'e>(&self, entry: &'e Entry, today: Date) -> Vec<Breach<'e>> {
        let mut breaches = Vec::new();
        let mut say = |key: &str, spot: &'e Spot, message: String| {
            breaches.push(Breach {
                key: key.to_owned(),
                spot,
                message,
            });
        };
        let id = &entry.id.value;
        let expires = &entry.expires;
        if let Some(limit) = self.max_lifetime.get(&entry.category) {
            let too_long = |(from, to): &(Date, Date)| *to > end(*from, *limit);
            if let Some((from, to)) = terms(entry, today).into_iter().find(too_long) {
                let message = format!(
                    "{id} runs from {from} to {to}, longer than the policy allows in the category {}. Let the term end by {}, or renew it in time.",
                    entry.category,
                    end(from, *limit)
                );
                say("expires", &expires.spot, message);
            }
        }
        let last = self
            .max_total_age
            .map(|limit| end(entry.granted.value, limit));
        if let Some(last) = last.filter(|last| expires.value > *last) {
            let message = format!(
                "{id} was first granted on {} and by the policy ends for good on {last}. Remove what it excepts by then.",
                entry.granted.value
            );
            say("granted", &expires.spot, message);
        }
        if entry.reason.value.trim().chars().count() < self.min_reason as usize {
            let message = format!(
                "The reason of {id} has fewer than {} characters. Say what stands in the way of the normal path, and until when.",
                self.min_reason
            );
            say("reason", &entry.reason.spot, message);
        }
        if entry.controls.len() < self.require_controls as usize {
            let message = format!(
                "{id} has fewer compensating controls than the {} that the policy asks for. Add an `[[exception.control]]`.",
                self.require_controls
            );
            say("control", &entry.spot, message);
        }
        for (n, cover) in entry.covers.iter().enumerate() {
            for (i, path) in cover.paths.iter().enumerate() {
                if self.forbid_paths.contains(&path.value) {
                    let message =
                        format!("{id} uses a glob that the policy forbids. Name narrower paths.");
                    say(&format!("covers[{n}].paths[{i}]"), &path.spot, message);
                }
            }
        }
        breaches
    }
}

/// One way in which an entry goes beyond the policy.
pub(super) struct Breach<'e> {
    pub(super) key: String,
    pub(super) spot: &'e Spot,
    pub(super) message: String,
}

/// The entry's present term and those to come, each from its first day to the
/// first day of the next. A renewal that is decided later lengthens nothing yet,
/// and one that begins later doesn't make the present term any shorter.
fn terms(entry: &Entry, today: Date) -> Vec<(Date, Date)> {
    let decided = entry.renewals.iter().filter(|renewal| renewal.on <= today);
    let mut starts: Vec<_> = decided
        .map(|renewal| renewal.from.unwrap_or(renewal.on).max(entry.granted.value))
        .collect();
    starts.push(entry.granted.value);
    starts.sort_unstable();
    let present = starts.partition_point(|start| *start <= today).max(1) - 1;
    let ends = starts.iter().skip(present + 1).copied();
    let ends: Vec<_> = ends.chain([entry.expires.value]).collect();
    starts.into_iter().skip(present).zip(ends).collect()
}

/// The last day of a term; the end of the calendar when it lies beyond.
pub(super) fn end(start: Date, length: Period) -> Date {
    start.checked_add(length).unwrap_or(Date::MAX)
}

fn number(value: &DeValue<'_>) -> Option<u32> {
    shape::count(&Kind::Count(0), value)
}

fn texts(value: &DeValue<'_>) -> Vec<String> {
    let DeValue::Array(items) = value else {
        return Vec::new();
    };
    let texts = items.iter().filter_map(|item| item.get_ref().as_str());
    texts.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        read("policy.toml".into(), text).unwrap_err().to_string()
    }

    #[test]
    fn reads_every_key() {
        let text = r#"
version = 1
[defaults]
warn-before = "P7D"
review-grace = "P0D"
max-total-age = "P1Y"
require-controls = 2
unused = "warning"
ceiling = "error"
min-reason = 40
max-paths-breadth = 500
forbid-paths = ["**", "*"]
approvers = ["team:security"]
owner-directory = ["CODEOWNERS"]
[category.break-glass]
max-lifetime = "P90D"
review-every = "P30D"
renewals = 3
approvals = 2
require = ["break-glass.last-tested"]
require-controls-of = ["logging"]
"#;
        let policy = read("policy.toml".into(), text).unwrap();
        assert_eq!(policy.warn_before.fieldwise(), Period::new().days(7));
        assert_eq!((policy.min_reason, policy.require_controls), (40, 2));
        assert_eq!(policy.forbid_paths, ["**", "*"]);
        assert_eq!(policy.approvers, ["team:security"]);
        assert_eq!(
            policy.max_lifetime.keys().copied().collect::<Vec<_>>(),
            [Category::BreakGlass]
        );
    }

    #[test]
    fn any_mistake_is_an_error_at_its_place() {
        let cases = [
            ("", "policy.toml:1:1: `version` is missing; add"),
            (
                "version = 2",
                "policy.toml:1:11: this version of the format is not known; begin",
            ),
            (
                "version = 1\n[default]",
                "policy.toml:2:2: the key `default` is unknown; write `defaults`",
            ),
            (
                "version = 1\n[defaults]\nmin_reason = 4",
                "policy.toml:3:1: the key `min_reason` is unknown; write `min-reason`",
            ),
            (
                "version = 1\n[category.legacy]\nrenewals = 1",
                "policy.toml:2:11: the key `legacy` is unknown",
            ),
            (
                "version = 1\n[category.other]\nmax-lifetime = 90",
                "policy.toml:3:1: `category.other.max-lifetime` is a number; write an ISO 8601",
            ),
            (
                "version = 1\n[category.other]\nmax-lifetime = \"P0D\"",
                "policy.toml:3:1: `category.other.max-lifetime` is not such a duration",
            ),
            ("version = 1\n[defaults\n", "policy.toml:2:"),
        ];
        for (text, expected) in cases {
            let message = error(text);
            assert!(message.starts_with(expected), "{text:?}: {message}");
        }
    }
}
