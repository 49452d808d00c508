//! Filling in new entries from what is known.

use std::path::Path;

use jiff::Span;
use jiff::civil::Date;

use byway::register::edit::{
    CODEOWNERS, Draft, Found, Group, Owners, TO_DO, category_of, covers, group, next_id,
};
use byway::register::entry::{Category, Status};
use byway::rule::Rule;
use byway::source::{self, Project};

use super::super::register::{Rulings, counted};
use super::EntryArgs;
use super::pool::Pool;

/// What new entries are filled in from.
pub(crate) struct Plan<'a> {
    pub(crate) project: &'a Project,
    pub(crate) rulings: &'a Rulings,
    pub(crate) rules: &'a [Rule],
    pub(crate) owners: Owners<'a>,
    pub(crate) today: Date,
}

/// The project's CODEOWNERS, wherever it keeps it; empty without one.
pub(crate) fn codeowners(project: &Project) -> String {
    // GitHub takes no file above 3 MB.
    let read = |path: &&str| source::inside(project, path, 3 << 20);
    let bytes = CODEOWNERS.iter().find_map(read).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What stands in until a person writes it.
pub(crate) fn to_do(what: &str) -> String {
    format!("{TO_DO}: {what}")
}

impl Plan<'_> {
    /// A path that was typed, as findings have it.
    pub(super) fn relative(&self, path: &str) -> String {
        let full = Path::new(path).canonicalize();
        let inside = full
            .ok()
            .filter(|full| full.starts_with(&self.project.root));
        match inside {
            Some(full) if full == self.project.root => ".".to_owned(),
            Some(full) => self.project.relative(&full),
            None => path
                .trim_start_matches("./")
                .trim_end_matches('/')
                .to_owned(),
        }
    }

    /// One entry for findings that were named together.
    pub(super) fn one(&self, args: &EntryArgs, chosen: &[Found], pool: &Pool) -> Draft {
        let first = chosen.first();
        let rest = pool
            .open
            .iter()
            .filter(|found| !chosen.contains(found))
            .cloned();
        let others = pool
            .others()
            .into_iter()
            .filter(|found| !chosen.contains(found));
        let others: Vec<_> = rest.chain(others).collect();
        let (mine, others): (Vec<_>, Vec<_>) = (chosen.iter().collect(), others.iter().collect());
        let category = first.map_or(Category::Other, category_of);
        let owner = first.and_then(|found| self.owner_of(&found.path));
        let title = match chosen {
            [] => String::new(),
            [found, more @ ..] if more.iter().all(|other| other.rule == found.rule) => {
                let count = if more.is_empty() {
                    String::new()
                } else {
                    format!(" ({} findings)", chosen.len())
                };
                format!("{} in {}{count}", self.title(found), found.path)
            }
            _ => format!("{} exception paths", chosen.len()),
        };
        let mut draft = self.draft(args, category, owner, title);
        draft.covers = covers(&mine, &others, true);
        draft
    }

    /// A few entries for all open findings.
    pub(super) fn all(&self, args: &EntryArgs, pool: &Pool) -> Vec<Draft> {
        let owner = |path: &str| match &args.owner {
            Some(owner) => Some(owner.clone()),
            None => self.owner_of(path),
        };
        let groups = group(&pool.open, &pool.others(), args.category, owner);
        let ids = self.ids();
        let drafts = groups.into_iter().zip(ids).map(|(group, id)| {
            let title = title_of(&group);
            Draft {
                id,
                covers: group.covers,
                ..self.draft(args, group.category, group.owner, title)
            }
        });
        drafts.collect()
    }

    /// Who most likely answers for a file.
    pub(crate) fn owner_of(&self, path: &str) -> Option<String> {
        self.owners.of(path)
    }

    /// Free ids.
    pub(crate) fn ids(&self) -> impl Iterator<Item = String> {
        next_id(&self.rulings.register, self.today.year())
    }

    fn title(&self, found: &Found) -> String {
        let rule = self.rules.iter().find(|rule| rule.id == found.rule);
        rule.map_or_else(|| found.rule.clone(), |rule| rule.title.as_ref().to_owned())
    }

    /// An entry that covers nothing yet.
    pub(crate) fn draft(
        &self,
        args: &EntryArgs,
        category: Category,
        owner: Option<String>,
        title: String,
    ) -> Draft {
        let category = args.category.unwrap_or(category);
        let expires = args.expires.unwrap_or_else(|| self.longest(category));
        let controls = if args.control.is_empty() {
            let kind = "to-do".to_owned();
            vec![(
                kind,
                to_do(
                    "say what is done in place of the control that is bypassed, and where one can see it.",
                ),
            )]
        } else {
            args.control.clone()
        };
        Draft {
            id: self.ids().next().unwrap_or_default(),
            title: args.title.clone().unwrap_or(title),
            category,
            status: if args.active {
                Status::Active
            } else {
                Status::Proposed
            },
            owner: args
                .owner
                .clone()
                .or(owner)
                .unwrap_or_else(|| to_do("say who answers for it.")),
            requested_by: args.requested_by.clone(),
            approved_by: args.approved_by.clone(),
            reason: args.reason.clone().unwrap_or_else(|| {
                to_do("say what stands in the way of the normal path, and what ends that.")
            }),
            granted: self.today,
            expires,
            review_every: self.review_every(category),
            reviewed: self.today,
            tickets: args.ticket.clone(),
            controls,
            covers: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// The last day that the policy allows for a first term, else in 90 days.
    pub(crate) fn longest(&self, category: Category) -> Date {
        let policy = &self.rulings.policy;
        let limits = policy.category.get(&category);
        let term = limits.and_then(|limits| limits.max_lifetime);
        let term = term.unwrap_or_else(|| Span::new().days(90));
        let end = |span: Span| self.today.checked_add(span).unwrap_or(Date::MAX);
        policy
            .max_total_age
            .map_or(end(term), |age| end(term).min(end(age)))
    }

    /// How often an entry is reviewed: as the policy says, else every 90 days.
    pub(super) fn review_every(&self, category: Category) -> String {
        let limits = self.rulings.policy.category.get(&category);
        let every = limits.and_then(|limits| limits.review_every);
        every.map_or_else(|| "P90D".to_owned(), |every| every.to_string())
    }
}

fn title_of(group: &Group) -> String {
    let what = match group.class.name() {
        "static-key" => "static key",
        "elevated-token" => "elevated token",
        "bypass-route" => "bypass route",
        _ => "exception path",
    };
    let place = match group.folder.as_str() {
        "" => "at the root".to_owned(),
        folder => format!("in {folder}/"),
    };
    format!(
        "{} {place}, as found when byway was introduced",
        counted(group.count, what)
    )
}

/// What is said of an entry that was written.
pub(crate) fn told(draft: &Draft) -> String {
    let count: usize = draft.covers.iter().map(|cover| cover.max).sum();
    let state = match draft.status {
        Status::Active => format!("in force until {}", draft.expires),
        _ => format!(
            "proposed until {}, covers nothing before it is approved",
            draft.expires
        ),
    };
    format!("{}: {}, {state}\n", draft.id, counted(count, "finding"))
}
