//! Reading the values of one table, once its shape has been checked.
//!
//! A value that isn't as the shape wants it was reported by the check; here it is
//! simply absent.

use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Span as Period;
use jiff::civil::Date;

use super::entry::{
    Agent, At, BreakGlass, Control, Cover, Credential, Entry, Evidence, Exit, Renewal, Review,
    Risk, Spot, Status, ThirdParty, Trust,
};
use super::given::Given;
use super::globs::Globs;
use super::keys;
use super::shape::{self, Kind};
use super::text::Text;
use super::value::{Node, Table, Value};
use crate::finding::Fingerprint;

/// A table and the file it stands in.
pub(super) struct Row<'a> {
    text: &'a Arc<Text>,
    table: &'a Table<'a>,
    /// Its header, or the whole of it when written inline.
    pub(super) header: Range<usize>,
}

impl<'a> Row<'a> {
    pub(super) const fn new(
        text: &'a Arc<Text>,
        table: &'a Table<'a>,
        header: Range<usize>,
    ) -> Self {
        Self {
            text,
            table,
            header,
        }
    }

    fn value(&self, key: &str) -> Option<&'a Value<'a>> {
        self.table.get(key)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.has(key)
    }

    /// Where a key and its value stand.
    pub(super) fn at(&self, key: &str) -> Option<Range<usize>> {
        self.table.at(key)
    }

    pub(super) fn spot(&self, key: &str) -> Option<Spot> {
        self.at(key).map(|at| self.text.spot(at))
    }

    pub(super) fn text(&self, key: &str) -> Option<String> {
        let text = self.value(key)?.text()?;
        (!text.trim().is_empty()).then(|| text.to_owned())
    }

    /// The id, where it is one.
    pub(super) fn id(&self) -> Option<String> {
        self.text("id").filter(|id| shape::is_id(id))
    }

    pub(super) fn date(&self, key: &str) -> Option<Date> {
        match self.value(key)? {
            Value::Date(date) => Some(*date),
            _ => None,
        }
    }

    pub(super) fn dated(&self, key: &str) -> Option<At<Date>> {
        self.at_key(key, self.date(key)?)
    }

    fn texted(&self, key: &str) -> Option<At<String>> {
        self.at_key(key, self.text(key)?)
    }

    fn at_key<T>(&self, key: &str, value: T) -> Option<At<T>> {
        let spot = self.spot(key)?;
        Some(At { value, spot })
    }

    fn period(&self, kind: &Kind, key: &str) -> Option<Period> {
        shape::period(kind, self.value(key)?.text()?)
    }

    fn named<T: FromStr>(&self, key: &str) -> Option<T> {
        self.value(key)?.text()?.parse().ok()
    }

    /// The table under a key.
    fn below(&self, key: &str) -> Option<Self> {
        let Value::Table(table) = self.value(key)? else {
            return None;
        };
        Some(Self::new(self.text, table, self.at(key)?))
    }

    fn items(&self, key: &str) -> &'a [Node<'a>] {
        match self.value(key) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }

    fn texts_at(&self, key: &str) -> Vec<At<String>> {
        let items = self.items(key).iter();
        items
            .filter_map(|item| {
                Some(At {
                    value: item.value.text()?.to_owned(),
                    spot: self.text.spot(item.span.clone()),
                })
            })
            .collect()
    }

    pub(super) fn texts(&self, key: &str) -> Vec<String> {
        let items = self.items(key).iter();
        items
            .filter_map(|item| item.value.text().map(str::to_owned))
            .collect()
    }

    /// The tables of a list.
    pub(super) fn rows(&self, key: &str) -> Vec<Self> {
        let items = self.items(key).iter();
        items
            .filter_map(|item| match &item.value {
                Value::Table(table) => Some(Self::new(self.text, table, item.span.clone())),
                _ => None,
            })
            .collect()
    }

    /// The globs of a list.
    pub(super) fn globs(&self, key: &str) -> Globs {
        Globs::new(self.texts(key).iter().map(String::as_str))
    }

    /// The fingerprints under `fingerprint` and `fingerprints`.
    pub(super) fn fingerprints(&self) -> Vec<At<Fingerprint>> {
        let one = self.text("fingerprint").zip(self.spot("fingerprint"));
        let one = one.map(|(value, spot)| At { value, spot });
        let many = self.texts_at("fingerprints");
        one.into_iter()
            .chain(many)
            .filter_map(|text| {
                Some(At {
                    value: shape::fingerprint(&text.value)?,
                    spot: text.spot,
                })
            })
            .collect()
    }

    /// The exception this table is, unless a required field is amiss.
    pub(super) fn entry(&self, inert: Option<&'static str>) -> Option<Entry> {
        let status = match self.named("status") {
            Some(status) => status,
            None if self.has("status") => return None,
            None => Status::Active,
        };
        let header = self.text.spot(self.header.clone());
        let entry = Entry {
            id: self.at_key("id", self.id()?)?,
            title: self.text("title")?,
            category: self.named("category")?,
            status,
            status_spot: self.spot("status").unwrap_or_else(|| header.clone()),
            bypasses: self.texts("bypasses"),
            normal_path: self.text("normal-path"),
            treatment: self.named("treatment"),
            owner: self.texted("owner")?,
            owner_backup: self.texted("owner-backup"),
            requested_by: self.texted("requested-by"),
            approved_by: self.texts_at("approved-by"),
            approved_on: self.date("approved-on"),
            reason: self.texted("reason")?,
            granted: self.dated("granted")?,
            starts: self.date("starts"),
            expires: self.dated("expires")?,
            review: self.review()?,
            risk: self.below("risk").map(|row| row.risk()),
            break_glass: self.below("break-glass").map(|row| row.break_glass()),
            credential: self.below("credential").map(|row| row.credential()),
            agent: self.below("agent").map(|row| row.agent()),
            third_party: self.below("third-party").map(|row| row.third_party()),
            tickets: self.texts("tickets"),
            exit: self.below("exit").map(|row| row.exit()),
            renewals: self.each("renewal", Self::renewal),
            controls: self.each("control", Self::control),
            covers: self.covers(),
            given: self.given(),
            inert,
            trust: Trust::Own,
            spot: header,
        };
        let whole = !entry.controls.is_empty() && !entry.covers.is_empty();
        (whole || inert.is_some()).then_some(entry)
    }

    fn given(&self) -> Given {
        Given::of(|table, key| match (table, self.value(table)) {
            ("", _) => self.has(key),
            (_, Some(Value::Table(table))) => table.has(key),
            _ => false,
        })
    }

    /// What the tables of a list are, those that are anything.
    fn each<T>(&self, key: &str, read: impl Fn(&Self) -> Option<T>) -> Vec<T> {
        self.rows(key).iter().filter_map(read).collect()
    }

    fn review(&self) -> Option<Review> {
        let row = self.below("review")?;
        Some(Review {
            every: row.at_key("every", row.period(&Kind::Days, "every")?)?,
            last: row.dated("last")?,
            by: row.texted("by"),
        })
    }

    fn risk(&self) -> Risk {
        Risk {
            inherent: self.named("inherent"),
            residual: self.named("residual"),
            environments: self.texts("environments"),
            data: self.texts("data"),
        }
    }

    fn break_glass(&self) -> BreakGlass {
        BreakGlass {
            max_session: self.period(&Kind::Period, "max-session"),
            activation: self.text("activation"),
            post_use_review_within: self.period(&Kind::Period, "post-use-review-within"),
            last_tested: self.date("last-tested"),
        }
    }

    fn credential(&self) -> Credential {
        Credential {
            store: self.text("store"),
            name: self.text("name"),
            last_rotated: self.dated("last-rotated"),
            rotate_every: self.period(&Kind::Days, "rotate-every"),
        }
    }

    fn agent(&self) -> Agent {
        Agent {
            tools: self.texts("tools"),
            limits: self.text("limits"),
            kill_switch: self.text("kill-switch"),
        }
    }

    fn third_party(&self) -> ThirdParty {
        ThirdParty {
            name: self.text("name"),
            contract_end: self.date("contract-end"),
            contact: self.text("contact"),
        }
    }

    fn exit(&self) -> Exit {
        Exit {
            criteria: self.text("criteria"),
            target: self.dated("target"),
            plan: self.text("plan"),
            evidence: self.each("evidence", |row| Some(row.evidence())),
        }
    }

    fn renewal(&self) -> Option<Renewal> {
        Some(Renewal {
            on: self.date("on")?,
            from: self.date("from"),
            to: self.date("to")?,
            by: self.texted("by")?,
            reason: self.texted("reason")?,
            spot: self.text.spot(self.header.clone()),
        })
    }

    fn control(&self) -> Option<Control> {
        Some(Control {
            id: self.text("id"),
            kind: self.text("type")?,
            what: self.text("what")?,
            owner: self.texted("owner"),
            evidence: self.each("evidence", |row| Some(row.evidence())),
            verified_on: self.dated("verified-on"),
            verify_every: self.period(&Kind::Days, "verify-every"),
            spot: self.text.spot(self.header.clone()),
        })
    }

    fn evidence(&self) -> Evidence {
        Evidence {
            path: self.texted("path"),
            contains: self.texted("contains"),
            url: self.text("url"),
        }
    }

    /// What the exception covers. What can't be read is left out in such a way that
    /// the cover matches less, never more.
    pub(super) fn covers(&self) -> Vec<Cover> {
        self.each("covers", Self::cover)
    }

    fn cover(&self) -> Option<Cover> {
        let cover = Cover {
            spot: self.text.spot(self.header.clone()),
            rules: self.texts_at("rules"),
            paths: self.texts_at("paths"),
            globs: self.globs("paths"),
            repos: self.globs("repos"),
            anchors: self.texts("anchors"),
            subjects: self.texts("subjects"),
            fingerprints: self.fingerprints().into_iter().map(|f| f.value).collect(),
            max: At {
                value: self
                    .value("max")
                    .and_then(|v| shape::count(&keys::MAX, v))
                    .unwrap_or(0),
                spot: self
                    .spot("max")
                    .unwrap_or_else(|| self.text.spot(self.header.clone())),
            },
        };
        let lost = |key: &str, read: usize| self.has(key) && read == 0;
        let narrower = lost("paths", cover.paths.len())
            || lost("repos", cover.repos.texts().count())
            || lost("anchors", cover.anchors.len())
            || lost("subjects", cover.subjects.len())
            || lost("fingerprints", cover.fingerprints.len());
        (!narrower).then_some(cover)
    }
}
