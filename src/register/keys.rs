//! Every key of a register and of a policy, as data.

use super::shape::Kind::{
    Count, Date, Days, DaysOrNone, Fingerprint, Fingerprints, Globs, Id, Name, Path, Period, Rules,
    Table, Tables, Text, Texts, Truth, Url,
};
use super::shape::{Key, may, must};

const CATEGORIES: &[&str] = &[
    "break-glass",
    "migration-window",
    "agent-exemption",
    "third-party-bypass",
    "legacy-credential",
    "other",
];
const STATUSES: &[&str] = &["proposed", "active", "closed", "revoked"];
const TREATMENTS: &[&str] = &["mitigated", "accepted", "transitional"];
const RISKS: &[&str] = &["low", "medium", "high", "critical"];

/// The `register` table at the head of a file.
pub(super) const HEAD: &[Key] = &[
    may("name", Text),
    may("owner", Text),
    // Dates are judged in UTC; another zone here would promise what isn't kept.
    may("timezone", Name(&["UTC"])),
];

/// One `[[exception]]`. `approved-by` is asked for apart: a proposal has none.
pub(super) const EXCEPTION: &[Key] = &[
    must("id", Id),
    must("title", Text),
    must("category", Name(CATEGORIES)),
    may("status", Name(STATUSES)),
    may("bypasses", Texts),
    may("normal-path", Text),
    may("treatment", Name(TREATMENTS)),
    must("owner", Text),
    may("owner-backup", Text),
    may("requested-by", Text),
    may("approved-by", Texts),
    may("approved-on", Date),
    must("reason", Text),
    must("granted", Date),
    may("starts", Date),
    must("expires", Date),
    must("review", Table(REVIEW)),
    may("risk", Table(RISK)),
    may("break-glass", Table(BREAK_GLASS)),
    may("credential", Table(CREDENTIAL)),
    may("agent", Table(AGENT)),
    may("third-party", Table(THIRD_PARTY)),
    may("tickets", Texts),
    may("exit", Table(EXIT)),
    may("renewal", Tables(RENEWAL)),
    must("control", Tables(CONTROL)),
    must("covers", Tables(COVERS)),
];

const REVIEW: &[Key] = &[must("every", Days), must("last", Date), may("by", Text)];

const RISK: &[Key] = &[
    may("inherent", Name(RISKS)),
    may("residual", Name(RISKS)),
    may("environments", Texts),
    may("data", Texts),
];

const BREAK_GLASS: &[Key] = &[
    may("max-session", Period),
    may("activation", Text),
    may("post-use-review-within", Period),
    may("last-tested", Date),
];

const CREDENTIAL: &[Key] = &[
    may("store", Text),
    may("name", Text),
    may("last-rotated", Date),
    may("rotate-every", Days),
];

const AGENT: &[Key] = &[
    may("tools", Texts),
    may("limits", Text),
    may("kill-switch", Text),
];

const THIRD_PARTY: &[Key] = &[
    may("name", Text),
    may("contract-end", Date),
    may("contact", Text),
];

const EXIT: &[Key] = &[
    may("criteria", Text),
    may("target", Date),
    may("plan", Text),
    may("evidence", Tables(EVIDENCE)),
];

const RENEWAL: &[Key] = &[
    must("on", Date),
    may("from", Date),
    must("to", Date),
    must("by", Text),
    must("reason", Text),
];

const CONTROL: &[Key] = &[
    may("id", Id),
    must("type", Text),
    must("what", Text),
    may("owner", Text),
    may("evidence", Tables(EVIDENCE)),
    may("verified-on", Date),
    may("verify-every", Days),
];

const EVIDENCE: &[Key] = &[may("path", Path), may("contains", Text), may("url", Url)];

const COVERS: &[Key] = &[
    must("rules", Rules),
    may("paths", Globs),
    may("repos", Globs),
    may("anchors", Texts),
    may("subjects", Texts),
    may("fingerprints", Fingerprints),
    must("max", MAX),
];

/// What says of which findings a cover is; one is asked for apart.
pub(super) const SELECTORS: &[&str] = &["paths", "anchors", "subjects", "fingerprints"];

/// What a ceiling may be.
pub(super) const MAX: super::shape::Kind = Count(1);

/// One `[[false-positive]]`. One of `fingerprint` and `fingerprints` is asked for
/// apart.
pub(super) const FALSE_POSITIVE: &[Key] = &[
    may("id", Id),
    may("fingerprint", Fingerprint),
    may("fingerprints", Fingerprints),
    must("reason", Text),
    must("by", Text),
    may("rules", Rules),
    may("paths", Globs),
    may("on", Date),
    may("recheck", Date),
];

/// A policy file without its categories, whose names are keys.
pub(super) const POLICY: &[Key] = &[
    must("version", Count(1)),
    may("defaults", Table(DEFAULTS)),
    may("category", Table(LIMITS_BY_CATEGORY)),
];

const DEFAULTS: &[Key] = &[
    may("warn-before", DaysOrNone),
    may("review-grace", DaysOrNone),
    may("review-overdue", Name(OVERDUES)),
    may("max-total-age", Days),
    may("require-controls", Count(0)),
    may("unused", Name(REACTIONS)),
    // A ceiling that nobody hears of is none.
    may("ceiling", Name(LOUD)),
    may("min-reason", Count(0)),
    may("max-paths-breadth", Count(1)),
    may("forbid-paths", Texts),
    may("approvers", Texts),
    may("owner-directory", Texts),
    may("separate-duties", Truth),
];

const REACTIONS: &[&str] = &["allow", "note", "warning", "error"];
const LOUD: &[&str] = &["note", "warning", "error"];
const OVERDUES: &[&str] = &["report", "uncover"];

const LIMITS_BY_CATEGORY: &[Key] = &[
    may("break-glass", Table(LIMITS)),
    may("migration-window", Table(LIMITS)),
    may("agent-exemption", Table(LIMITS)),
    may("third-party-bypass", Table(LIMITS)),
    may("legacy-credential", Table(LIMITS)),
    may("other", Table(LIMITS)),
];

const LIMITS: &[Key] = &[
    may("max-lifetime", Days),
    may("review-every", Days),
    may("renewals", Count(0)),
    may("approvals", Count(1)),
    may("require", Texts),
    may("require-controls-of", Texts),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::entry::{Category, Level, Status, Treatment};
    use crate::register::policy::{Overdue, Reaction};

    #[test]
    fn names_are_those_of_the_types() {
        let names: Vec<_> = Category::ALL.iter().map(|c| c.name()).collect();
        assert_eq!(names, CATEGORIES);
        let limits: Vec<_> = LIMITS_BY_CATEGORY.iter().map(|k| k.name).collect();
        assert_eq!(names, limits);
        let names: Vec<_> = Status::ALL.iter().map(|s| s.name()).collect();
        assert_eq!(names, STATUSES);
        let names: Vec<_> = Treatment::ALL.iter().map(|t| t.name()).collect();
        assert_eq!(names, TREATMENTS);
        let names: Vec<_> = Level::ALL.iter().map(|l| l.name()).collect();
        assert_eq!(names, RISKS);
        let names: Vec<_> = Reaction::ALL.iter().map(|r| r.name()).collect();
        assert_eq!(names, REACTIONS);
        let names: Vec<_> = Overdue::ALL.iter().map(|o| o.name()).collect();
        assert_eq!(names, OVERDUES);
    }
}
