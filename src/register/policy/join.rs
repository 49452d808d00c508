//! The organisation's policy and the repository's as one.
//!
//! A repository may tighten, never loosen: of each limit the stricter holds. One that is
//! looser has no effect and is a fault where it stands.

use jiff::Span as Period;

use super::{Limits, Policy, longer};
use crate::register::entry::Fault;
use crate::register::text::RegisterError;

const LOOSENED: &str = "register/policy-loosened";

/// The policy that holds, from the organisation's and the repository's own.
///
/// # Errors
///
/// Says where the two together can't be kept.
pub fn join(
    organisation: Option<Policy>,
    repository: Option<Policy>,
) -> Result<Policy, RegisterError> {
    let Some(own) = repository else {
        return Ok(organisation.unwrap_or_default());
    };
    let Some(policy) = organisation else {
        let mut own = own;
        // That nobody grants an exception to themselves is not the repository's to say.
        if !own.separate_duties {
            own.separate_duties = true;
            let fault = own.looser("defaults.separate-duties", "true");
            own.faults.extend(fault);
        }
        return Ok(own);
    };
    let mut joined = Joined { policy, own };
    joined.defaults();
    joined.categories();
    let Joined { mut policy, own } = joined;
    policy.spots.extend(own.spots);
    policy.check_sense()?;
    Ok(policy)
}

impl Policy {
    /// The fault that a key of this policy is looser than `held`.
    fn looser(&self, key: &str, held: &str) -> Option<Fault> {
        let (table, name) = key.rsplit_once('.').unwrap_or(("", key));
        let message = format!(
            "`{key}` is looser than the organisation's policy, which says {held}, and has no effect. Take it out, or make it stricter."
        );
        Some(Fault {
            rule: LOOSENED,
            table: "policy",
            entry: table.to_owned(),
            key: name.to_owned(),
            spot: self.spot(key)?.clone(),
            message,
            related: Vec::new(),
        })
    }
}

struct Joined {
    policy: Policy,
    own: Policy,
}

impl Joined {
    /// Says that the repository is looser in a key than what the organisation holds.
    fn blame(&mut self, key: &str, held: &str) {
        let fault = self.own.looser(key, held);
        self.policy.faults.extend(fault);
    }

    /// The stricter of two values, of which the repository's counts if it gives the key.
    fn stricter<T: Copy>(
        &mut self,
        key: &str,
        (held, own): (T, T),
        looser: impl Fn(T, T) -> bool,
        said: impl Fn(T) -> String,
    ) -> T {
        if self.own.spot(key).is_none() {
            return held;
        }
        if looser(own, held) {
            self.blame(key, &said(held));
            return held;
        }
        own
    }

    /// The same where there may be no limit.
    fn limit<T: Copy>(
        &mut self,
        key: &str,
        (held, own): (Option<T>, Option<T>),
        looser: impl Fn(T, T) -> bool,
        said: impl Fn(T) -> String,
    ) -> Option<T> {
        match (held, own) {
            (Some(held), Some(own)) => Some(self.stricter(key, (held, own), looser, said)),
            (held, own) => held.or(own),
        }
    }

    fn longest(&mut self, key: &str, pair: (Option<Period>, Option<Period>)) -> Option<Period> {
        self.limit(key, pair, longer, |held| held.to_string())
    }

    fn most(&mut self, key: &str, pair: (Option<u32>, Option<u32>)) -> Option<u32> {
        self.limit(key, pair, |own, held| own > held, |n| n.to_string())
    }

    fn fewest(&mut self, key: &str, pair: (Option<u32>, Option<u32>)) -> Option<u32> {
        self.limit(key, pair, |own, held| own < held, |n| n.to_string())
    }

    /// Names of which each allows something: those that both allow.
    fn both(
        &mut self,
        key: &str,
        (held, own): (Option<Vec<String>>, Option<Vec<String>>),
    ) -> Option<Vec<String>> {
        let (Some(held), Some(mut own)) = (held.clone(), own.clone()) else {
            return held.or(own);
        };
        if own.iter().any(|name| !held.contains(name)) {
            self.blame(key, &held.join(", "));
            own.retain(|name| held.contains(name));
        }
        Some(if own.is_empty() { held } else { own })
    }

    fn defaults(&mut self) {
        let (held, own) = (self.policy.clone(), self.own.clone());
        let of = |name: &str| format!("defaults.{name}");
        let policy = Policy {
            warn_before: self.stricter(
                &of("warn-before"),
                (held.warn_before, own.warn_before),
                |own, held| longer(held, own),
                |held| held.to_string(),
            ),
            review_grace: self.stricter(
                &of("review-grace"),
                (held.review_grace, own.review_grace),
                longer,
                |held| held.to_string(),
            ),
            review_overdue: self.stricter(
                &of("review-overdue"),
                (held.review_overdue, own.review_overdue),
                |own, held| own < held,
                |held| held.to_string(),
            ),
            max_total_age: self.longest(
                &of("max-total-age"),
                (held.max_total_age, own.max_total_age),
            ),
            min_reason: self.stricter(
                &of("min-reason"),
                (held.min_reason, own.min_reason),
                |own, held| own < held,
                |held| held.to_string(),
            ),
            require_controls: self.stricter(
                &of("require-controls"),
                (held.require_controls, own.require_controls),
                |own, held| own < held,
                |held| held.to_string(),
            ),
            unused: self.limit(
                &of("unused"),
                (held.unused, own.unused),
                |own, held| own < held,
                |held| held.to_string(),
            ),
            ceiling: self.limit(
                &of("ceiling"),
                (held.ceiling, own.ceiling),
                |own, held| own < held,
                |held| held.to_string(),
            ),
            max_paths_breadth: self.most(
                &of("max-paths-breadth"),
                (held.max_paths_breadth, own.max_paths_breadth),
            ),
            forbid_paths: union(held.forbid_paths, own.forbid_paths),
            approvers: self.both(&of("approvers"), (held.approvers, own.approvers)),
            owner_directory: self.both(
                &of("owner-directory"),
                (held.owner_directory, own.owner_directory),
            ),
            separate_duties: self.stricter(
                &of("separate-duties"),
                (held.separate_duties, own.separate_duties),
                |own, held| held && !own,
                |held| held.to_string(),
            ),
            category: held.category,
            spots: held.spots,
            faults: Vec::new(),
        };
        let faults = std::mem::take(&mut self.policy.faults);
        self.policy = Policy { faults, ..policy };
    }

    fn categories(&mut self) {
        for (category, own) in self.own.category.clone() {
            let of = |name: &str| format!("category.{category}.{name}");
            let held = self.policy.category.remove(&category).unwrap_or_default();
            let limits = Limits {
                max_lifetime: self
                    .longest(&of("max-lifetime"), (held.max_lifetime, own.max_lifetime)),
                review_every: self
                    .longest(&of("review-every"), (held.review_every, own.review_every)),
                renewals: self.most(&of("renewals"), (held.renewals, own.renewals)),
                approvals: self.fewest(&of("approvals"), (held.approvals, own.approvals)),
                require: union(held.require, own.require),
                require_controls_of: union(held.require_controls_of, own.require_controls_of),
            };
            self.policy.category.insert(category, limits);
        }
    }
}

fn union(mut held: Vec<String>, own: Vec<String>) -> Vec<String> {
    for name in own {
        if !held.contains(&name) {
            held.push(name);
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::policy::read;

    fn joined(organisation: &str, own: &str) -> Policy {
        let read =
            |path: &str, text: &str| read(path.into(), &format!("version = 1\n{text}\n")).unwrap();
        join(
            Some(read("o.toml", organisation)),
            Some(read("p.toml", own)),
        )
        .unwrap()
    }

    /// The keys that were loosened.
    fn loosened(policy: &Policy) -> Vec<String> {
        let faults = policy.faults.iter();
        faults
            .map(|f| format!("{} {}.{}", f.spot.line(), f.entry, f.key))
            .collect()
    }

    #[test]
    fn of_each_limit_the_stricter_holds() {
        // Each key, strict and loose; the organisation leaves it out too.
        let keys = [
            ("defaults", "warn-before", "\"P30D\"", "\"P7D\""),
            ("defaults", "review-grace", "\"P0D\"", "\"P7D\""),
            ("defaults", "review-overdue", "\"uncover\"", "\"report\""),
            ("defaults", "max-total-age", "\"P90D\"", "\"P1Y\""),
            ("defaults", "require-controls", "2", "1"),
            ("defaults", "unused", "\"error\"", "\"allow\""),
            ("defaults", "ceiling", "\"error\"", "\"note\""),
            ("defaults", "min-reason", "40", "20"),
            ("defaults", "max-paths-breadth", "10", "500"),
            ("defaults", "approvers", "[\"a\"]", "[\"a\", \"b\"]"),
            ("defaults", "separate-duties", "true", "false"),
            (
                "defaults",
                "owner-directory",
                "[\"CODEOWNERS\"]",
                "[\"CODEOWNERS\", \"catalog-info.yaml\"]",
            ),
            ("category.other", "max-lifetime", "\"P90D\"", "\"P91D\""),
            ("category.other", "review-every", "\"P7D\"", "\"P30D\""),
            ("category.other", "renewals", "0", "1"),
            ("category.other", "approvals", "2", "1"),
        ];
        for (table, key, strict, loose) in keys {
            let text = |value: &str| format!("[{table}]\n{key} = {value}");
            let shown = |policy: &Policy| {
                let mut policy = policy.clone();
                policy.spots.clear();
                policy.faults.clear();
                format!("{policy:?}")
            };
            let alone = shown(&joined(&text(strict), ""));
            let both = joined(&text(strict), &text(loose));
            assert_eq!(shown(&both), alone, "{key}");
            assert_eq!(loosened(&both), [format!("3 {table}.{key}")], "{key}");
            let tightened = joined(&text(loose), &text(strict));
            assert_eq!(shown(&tightened), alone, "{key}");
            assert_eq!(loosened(&tightened), [""; 0], "{key}");
            let equal = joined(&text(strict), &text(strict));
            assert_eq!((shown(&equal), equal.faults.len()), (alone, 0), "{key}");
        }
    }

    #[test]
    fn what_is_asked_for_adds_up() {
        let policy = joined(
            "[defaults]\nforbid-paths = [\"a/**\"]\n[category.other]\nrequire = [\"exit\"]\nrequire-controls-of = [\"logging\"]",
            "[defaults]\nforbid-paths = [\"b/**\"]\n[category.other]\nrequire = [\"risk\", \"exit\"]\nrequire-controls-of = [\"alerting\"]",
        );
        assert_eq!(policy.forbid_paths, ["a/**", "b/**"]);
        let limits = policy.category.values().next().unwrap();
        assert_eq!(limits.require, ["exit", "risk"]);
        assert_eq!(limits.require_controls_of, ["logging", "alerting"]);
        assert!(policy.faults.is_empty());
    }

    #[test]
    fn a_default_of_the_organisation_holds_too() {
        let policy = joined(
            "",
            "[defaults]\nrequire-controls = 0\nwarn-before = \"P0D\"",
        );
        assert_eq!(policy.require_controls, 1);
        assert_eq!(
            loosened(&policy),
            ["4 defaults.warn-before", "3 defaults.require-controls"]
        );
    }

    #[test]
    fn a_repository_alone_can_do_all_but_join_duties() {
        let text = "version = 1\n[defaults]\nrequire-controls = 0\nseparate-duties = false\n";
        let own = read("p.toml".into(), text).unwrap();
        let policy = join(None, Some(own.clone())).unwrap();
        assert_eq!(policy.require_controls, 0);
        assert!(policy.separate_duties);
        assert_eq!(loosened(&policy), ["4 defaults.separate-duties"]);
        assert!(!join(Some(own), None).unwrap().separate_duties);
    }

    #[test]
    fn two_policies_that_no_exception_can_keep_are_refused() {
        let read =
            |path: &str, text: &str| read(path.into(), &format!("version = 1\n{text}\n")).unwrap();
        let organisation = read(
            "o.toml",
            "[defaults]\napprovers = [\"a\", \"b\"]\n[category.other]\napprovals = 2",
        );
        let own = read("p.toml", "[defaults]\napprovers = [\"a\"]");
        let error = join(Some(organisation), Some(own)).unwrap_err();
        let expected = "o.toml:5:1: `category.other.approvals` asks for more";
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}
