//! The organisation's limits on exceptions.

mod breach;
mod join;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Span as Period;
use jiff::civil::{Date, date};

use super::entry::{Category, Fault, Spot};
use super::given;
use super::keys;
use super::shape::{self, Checker, Kind};
use super::text::{RegisterError, Text};
use super::value::{Table, Value};
use super::words::{meant, shown};
use crate::names::names;

pub use join::join;

names! {
    /// How a fault is reported.
    pub enum Reaction {
        /// Not at all.
        Allow = "allow",
        /// With low severity.
        Note = "note",
        /// With medium severity.
        Warning = "warning",
        /// With high severity.
        Error = "error",
    }
}

names! {
    /// What an overdue review does to an entry.
    pub enum Overdue {
        /// It is a fault.
        Report = "report",
        /// After the grace it also puts the entry out of force.
        Uncover = "uncover",
    }
}

/// What an exception has to keep to.
#[derive(Debug, Clone)]
pub struct Policy {
    /// How long before its end an entry is announced to end.
    pub warn_before: Period,
    /// How long an overdue review is a minor fault.
    pub review_grace: Period,
    /// What an overdue review does.
    pub review_overdue: Overdue,
    /// The longest time from the first grant to the end, over all renewals.
    pub max_total_age: Option<Period>,
    /// The fewest characters of a reason.
    pub min_reason: u32,
    /// The fewest compensating controls.
    pub require_controls: u32,
    /// How an entry that nothing matches is reported; as its rule says when absent.
    pub unused: Option<Reaction>,
    /// How a ceiling that is passed is reported; as its rule says when absent.
    pub ceiling: Option<Reaction>,
    /// The most files of a repository that one part of an entry may match.
    pub max_paths_breadth: Option<u32>,
    /// Globs that no entry may reach as far as.
    pub forbid_paths: Vec<String>,
    /// Who may approve; anyone when absent.
    pub approvers: Option<Vec<String>>,
    /// The files that say which owners there are; not asked when absent.
    pub owner_directory: Option<Vec<String>>,
    /// Whether who owns or asks for an exception may not approve it.
    pub separate_duties: bool,
    /// Limits of single categories.
    pub category: BTreeMap<Category, Limits>,
    /// Where each key stands, dotted.
    spots: BTreeMap<String, Spot>,
    /// Where a repository's policy is looser than the organisation's.
    pub faults: Vec<Fault>,
}

/// What an exception of one category has to keep to.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// The longest time of one grant.
    pub max_lifetime: Option<Period>,
    /// The longest time between reviews.
    pub review_every: Option<Period>,
    /// The most renewals.
    pub renewals: Option<u32>,
    /// The fewest who approve.
    pub approvals: Option<u32>,
    /// Keys that an entry has to give, dotted.
    pub require: Vec<String>,
    /// Types of controls that an entry has to have.
    pub require_controls_of: Vec<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            warn_before: Period::new().days(14),
            review_grace: Period::new(),
            review_overdue: Overdue::Report,
            max_total_age: None,
            min_reason: 0,
            require_controls: 1,
            unused: None,
            ceiling: None,
            max_paths_breadth: None,
            forbid_paths: Vec::new(),
            approvers: None,
            owner_directory: None,
            separate_duties: true,
            category: BTreeMap::new(),
            spots: BTreeMap::new(),
            faults: Vec::new(),
        }
    }
}

/// The names of files that can say which owners there are.
const DIRECTORIES: &[&str] = &["CODEOWNERS", "catalog-info.yaml"];

/// Reads a policy file. Any mistake in it is an error: a limit that was misspelt
/// must not turn into no limit.
///
/// # Errors
///
/// Says where the file is no policy, or contradicts itself.
pub fn read(path: Arc<str>, text: &str) -> Result<Policy, RegisterError> {
    let text = Arc::new(Text::new(path, text));
    let root = text.parse()?;
    let mut checker = Checker::new();
    checker.table(&root, &(0..0), "", keys::POLICY);
    let first = checker.complaints.into_iter().min_by_key(|c| c.at.start);
    if let Some(complaint) = first {
        return Err(text.error(complaint.at, complaint.what, complaint.mend));
    }
    if let Some((_, node)) = root
        .pair("version")
        .filter(|(_, node)| !matches!(node.value, Value::Whole(Some(1))))
    {
        let mend = "begin the file with `version = 1`";
        let what = "this version of the format is not known";
        return Err(text.error(node.span.clone(), what, mend));
    }
    let mut policy = Policy::default();
    if let Some(Value::Table(defaults)) = root.get("defaults") {
        policy.set_defaults(defaults);
        policy.keep_spots(&text, "defaults", defaults);
    }
    if let Some(Value::Table(categories)) = root.get("category") {
        for category in Category::ALL {
            if let Some(Value::Table(limits)) = categories.get(category.name()) {
                policy.category.insert(*category, limits_of(limits));
                policy.keep_spots(&text, &format!("category.{category}"), limits);
            }
        }
    }
    policy.check_names()?;
    policy.check_sense()?;
    Ok(policy)
}

impl Policy {
    fn set_defaults(&mut self, table: &Table<'_>) {
        let period = |key: &str| period(table, &Kind::DaysOrNone, key);
        let count = |key: &str| count(table, key);
        let list = |key: &str| table.has(key).then(|| texts(table, key));
        self.warn_before = period("warn-before").unwrap_or(self.warn_before);
        self.review_grace = period("review-grace").unwrap_or(self.review_grace);
        self.review_overdue = named(table, "review-overdue").unwrap_or(self.review_overdue);
        self.max_total_age = period("max-total-age");
        self.min_reason = count("min-reason").unwrap_or(self.min_reason);
        self.require_controls = count("require-controls").unwrap_or(self.require_controls);
        self.unused = named(table, "unused");
        self.ceiling = named(table, "ceiling");
        self.max_paths_breadth = count("max-paths-breadth");
        self.forbid_paths = texts(table, "forbid-paths");
        self.approvers = list("approvers");
        self.owner_directory = list("owner-directory");
        self.separate_duties = match table.get("separate-duties") {
            Some(Value::Truth(truth)) => *truth,
            _ => self.separate_duties,
        };
    }

    fn keep_spots(&mut self, text: &Arc<Text>, path: &str, table: &Table<'_>) {
        for (key, node) in &table.pairs {
            let at = super::value::whole(key, node);
            self.spots
                .insert(format!("{path}.{}", key.text), text.spot(at));
        }
    }

    /// Where a key stands, when it is given.
    fn spot(&self, key: &str) -> Option<&Spot> {
        self.spots.get(key)
    }

    /// Refuses names of things that there are not.
    fn check_names(&self) -> Result<(), RegisterError> {
        let unknown = self.owner_directory.iter().flatten();
        if let Some(name) = unknown
            .clone()
            .find(|name| !DIRECTORIES.contains(&name.as_str()))
        {
            let what = format!("'{}' is no list of owners that is known", shown(name));
            let mend = "write \"CODEOWNERS\", \"catalog-info.yaml\" or both";
            return Err(self.error("defaults.owner-directory", what, mend));
        }
        for (category, limits) in &self.category {
            for name in &limits.require {
                if given::askable().any(|known| known == name) {
                    continue;
                }
                let what = format!("no exception has the key '{}'", shown(name));
                let mend = meant(name, given::askable()).map_or_else(
                    || "write a key of `[[exception]]`, such as `exit.plan`".to_owned(),
                    |known| format!("write `{known}`"),
                );
                return Err(self.error(&format!("category.{category}.require"), what, mend));
            }
        }
        Ok(())
    }

    /// Refuses limits of which no exception can keep both.
    fn check_sense(&self) -> Result<(), RegisterError> {
        for (category, limits) in &self.category {
            let key = |name: &str| format!("category.{category}.{name}");
            let refuse = |name: &str, what: &str, mend: &str| {
                Err(self.error(&key(name), format!("`{}` {what}", key(name)), mend))
            };
            if let Some(life) = limits.max_lifetime {
                if limits.review_every.is_some_and(|every| longer(every, life)) {
                    let what = "is longer than the `max-lifetime` of its category";
                    return refuse("review-every", what, "write a shorter time");
                }
                if self.max_total_age.is_some_and(|age| longer(life, age)) {
                    let what = "is longer than `defaults.max-total-age`";
                    return refuse("max-lifetime", what, "write a shorter time");
                }
                if longer(self.warn_before, life) && self.spot("defaults.warn-before").is_some() {
                    let what = "is shorter than `defaults.warn-before`, so every exception is always about to expire";
                    return refuse("max-lifetime", what, "warn later, or allow more");
                }
            }
            let (asked, there) = (limits.approvals.unwrap_or(0), self.approvers.as_ref());
            if there.is_some_and(|list| list.len() < asked as usize) {
                let what = "asks for more approvals than there are `defaults.approvers`";
                return refuse("approvals", what, "name more approvers, or ask for fewer");
            }
            if !limits.require_controls_of.is_empty() && self.require_controls == 0 {
                let what = "asks for controls, but `defaults.require-controls` is 0";
                return refuse(
                    "require-controls-of",
                    what,
                    "write `require-controls = 1` or more",
                );
            }
        }
        Ok(())
    }

    /// An error at a key.
    fn error(&self, key: &str, what: impl Into<String>, mend: impl Into<String>) -> RegisterError {
        let spot = self.spot(key).or_else(|| self.spots.values().next());
        RegisterError::at(spot, what, mend)
    }
}

fn limits_of(table: &Table<'_>) -> Limits {
    Limits {
        max_lifetime: period(table, &Kind::Days, "max-lifetime"),
        review_every: period(table, &Kind::Days, "review-every"),
        renewals: count(table, "renewals"),
        approvals: count(table, "approvals"),
        require: texts(table, "require"),
        require_controls_of: texts(table, "require-controls-of"),
    }
}

fn period(table: &Table<'_>, kind: &Kind, key: &str) -> Option<Period> {
    shape::period(kind, table.get(key)?.text()?)
}

fn count(table: &Table<'_>, key: &str) -> Option<u32> {
    shape::count(&Kind::Count(0), table.get(key)?)
}

fn named<T: std::str::FromStr>(table: &Table<'_>, key: &str) -> Option<T> {
    table.get(key)?.text()?.parse().ok()
}

fn texts(table: &Table<'_>, key: &str) -> Vec<String> {
    let Some(Value::List(items)) = table.get(key) else {
        return Vec::new();
    };
    let texts = items.iter().filter_map(|item| item.value.text());
    texts.map(str::to_owned).collect()
}

/// The last day of a term; the end of the calendar when it lies beyond.
pub(super) fn end(start: Date, length: Period) -> Date {
    start.checked_add(length).unwrap_or(Date::MAX)
}

/// Whether one time is longer than another, counted from the same day.
fn longer(one: Period, other: Period) -> bool {
    let day = date(2000, 1, 1);
    end(day, one) > end(day, other)
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
review-overdue = "uncover"
max-total-age = "P1Y"
require-controls = 2
unused = "allow"
ceiling = "error"
min-reason = 40
max-paths-breadth = 500
forbid-paths = ["**", "*"]
approvers = ["team:security", "team:risk"]
owner-directory = ["CODEOWNERS"]
separate-duties = false
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
        assert_eq!(policy.review_overdue, Overdue::Uncover);
        let reactions = (policy.unused, policy.ceiling);
        assert_eq!(reactions, (Some(Reaction::Allow), Some(Reaction::Error)));
        assert_eq!(policy.max_paths_breadth, Some(500));
        assert_eq!(policy.forbid_paths, ["**", "*"]);
        assert_eq!(policy.approvers.unwrap(), ["team:security", "team:risk"]);
        assert_eq!(policy.owner_directory.unwrap(), ["CODEOWNERS"]);
        assert!(!policy.separate_duties);
        let limits = &policy.category[&Category::BreakGlass];
        assert_eq!((limits.renewals, limits.approvals), (Some(3), Some(2)));
        assert_eq!(limits.require, ["break-glass.last-tested"]);
        assert_eq!(limits.require_controls_of, ["logging"]);
        assert!(limits.max_lifetime.is_some() && limits.review_every.is_some());
        assert_eq!(policy.category.len(), 1);
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
            (
                "version = 1\n[defaults]\nowner-directory = [\"OWNERS\"]",
                "policy.toml:3:1: 'OWNERS' is no list of owners that is known; write",
            ),
            (
                "version = 1\n[category.other]\nrequire = [\"exit.plans\"]",
                "policy.toml:3:1: no exception has the key 'exit.plans'; write `exit.plan`",
            ),
            ("version = 1\n[defaults\n", "policy.toml:2:"),
        ];
        for (text, expected) in cases {
            let message = error(text);
            assert!(message.starts_with(expected), "{text:?}: {message}");
        }
    }

    #[test]
    fn a_policy_that_contradicts_itself_is_refused() {
        let cases = [
            (
                "[category.other]\nmax-lifetime = \"P30D\"\nreview-every = \"P31D\"",
                "policy.toml:4:1: `category.other.review-every` is longer than",
            ),
            (
                "[category.other]\nmax-lifetime = \"P1Y1D\"\n[defaults]\nmax-total-age = \"P366D\"",
                "policy.toml:3:1: `category.other.max-lifetime` is longer than `defaults.max-total-age`",
            ),
            (
                "[defaults]\nwarn-before = \"P31D\"\n[category.other]\nmax-lifetime = \"P30D\"",
                "policy.toml:5:1: `category.other.max-lifetime` is shorter than `defaults.warn-before`",
            ),
            (
                "[defaults]\napprovers = [\"a\"]\n[category.other]\napprovals = 2",
                "policy.toml:5:1: `category.other.approvals` asks for more",
            ),
            (
                "[defaults]\nrequire-controls = 0\n[category.other]\nrequire-controls-of = [\"logging\"]",
                "policy.toml:5:1: `category.other.require-controls-of` asks for controls",
            ),
        ];
        for (text, expected) in cases {
            let message = error(&format!("version = 1\n{text}\n"));
            assert!(message.starts_with(expected), "{text:?}: {message}");
        }
        let fits = "version = 1\n[defaults]\nwarn-before = \"P30D\"\napprovers = [\"a\"]\nmax-total-age = \"P30D\"\n[category.other]\nmax-lifetime = \"P30D\"\nreview-every = \"P30D\"\napprovals = 1\n";
        assert!(read("policy.toml".into(), fits).is_ok());
    }
}
