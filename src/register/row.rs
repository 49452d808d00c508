//! Reading the values of one table, once its shape has been checked.
//!
//! A value that isn't as the shape wants it was reported by the check; here it is
//! simply absent.

use std::ops::Range;

use globset::GlobSet;
use jiff::civil::Date;
use toml::de::{DeArray, DeTable, DeValue};

use super::entry::{At, Control, Cover, Entry, Renewal, Review, Spot, Status};
use super::globs;
use super::keys;
use super::shape::{self, Kind};
use super::text::Text;
use crate::finding::Fingerprint;

/// A table and the file it stands in.
pub(super) struct Row<'a, 't> {
    text: &'a Text<'t>,
    table: &'a DeTable<'a>,
    /// Its header, or the whole of it when written inline.
    pub(super) header: Range<usize>,
}

impl<'a, 't> Row<'a, 't> {
    pub(super) const fn new(
        text: &'a Text<'t>,
        table: &'a DeTable<'a>,
        header: Range<usize>,
    ) -> Self {
        Self {
            text,
            table,
            header,
        }
    }

    fn value(&self, key: &str) -> Option<&'a DeValue<'a>> {
        self.table.get(key).map(toml::Spanned::get_ref)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Where a key and its value stand.
    pub(super) fn at(&self, key: &str) -> Option<Range<usize>> {
        shape::pair_in(self.table, key)
    }

    pub(super) fn spot(&self, key: &str) -> Option<Spot> {
        self.at(key).map(|at| self.text.spot(at))
    }

    pub(super) fn text(&self, key: &str) -> Option<String> {
        let text = self.value(key)?.as_str()?;
        (!text.trim().is_empty()).then(|| text.to_owned())
    }

    /// The id, where it is one.
    pub(super) fn id(&self) -> Option<String> {
        self.text("id").filter(|id| shape::is_id(id))
    }

    pub(super) fn date(&self, key: &str) -> Option<Date> {
        shape::date(self.value(key)?)
    }

    fn dated(&self, key: &str) -> Option<At<Date>> {
        Some(At {
            value: self.date(key)?,
            spot: self.spot(key)?,
        })
    }

    fn array(&self, key: &str) -> Option<&'a DeArray<'a>> {
        match self.value(key)? {
            DeValue::Array(items) => Some(items),
            _ => None,
        }
    }

    fn texts_at(&self, key: &str) -> Vec<At<String>> {
        let items = self.array(key).into_iter().flatten();
        items
            .filter_map(|item| {
                Some(At {
                    value: item.get_ref().as_str()?.to_owned(),
                    spot: self.text.spot(item.span()),
                })
            })
            .collect()
    }

    pub(super) fn texts(&self, key: &str) -> Vec<String> {
        self.texts_at(key).into_iter().map(|t| t.value).collect()
    }

    /// The tables of a list.
    pub(super) fn rows(&self, key: &str) -> Vec<Self> {
        let items = self.array(key).into_iter().flatten();
        items
            .filter_map(|item| match item.get_ref() {
                DeValue::Table(table) => Some(Self::new(self.text, table, item.span())),
                _ => None,
            })
            .collect()
    }

    /// The globs of a list, compiled.
    pub(super) fn globs(&self, key: &str) -> Option<GlobSet> {
        globs::set(self.texts(key).iter().map(String::as_str))
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
        let status = match self.text("status") {
            Some(name) => name.parse().ok()?,
            None if self.has("status") => return None,
            None => Status::Active,
        };
        let entry = Entry {
            id: At {
                value: self.id()?,
                spot: self.spot("id")?,
            },
            title: self.text("title")?,
            category: self.text("category")?.parse().ok()?,
            status,
            owner: self.text("owner")?,
            approved_by: self.texts("approved-by"),
            reason: self.text("reason")?,
            reason_spot: self.spot("reason")?,
            granted: self.date("granted")?,
            starts: self.date("starts"),
            expires: self.dated("expires")?,
            review: self.review()?,
            renewals: self
                .rows("renewal")
                .iter()
                .filter_map(Self::renewal)
                .collect(),
            controls: self
                .rows("control")
                .iter()
                .filter_map(Self::control)
                .collect(),
            covers: self.covers(),
            inert,
            spot: self.text.spot(self.header.clone()),
        };
        let whole = !entry.controls.is_empty() && !entry.covers.is_empty();
        (whole || inert.is_some()).then_some(entry)
    }

    fn review(&self) -> Option<Review> {
        let DeValue::Table(table) = self.value("review")? else {
            return None;
        };
        let row = Self::new(self.text, table, self.at("review")?);
        Some(Review {
            every: shape::period(&Kind::Days, &row.text("every")?)?,
            last: row.dated("last")?,
        })
    }

    fn renewal(&self) -> Option<Renewal> {
        Some(Renewal {
            on: self.date("on")?,
            from: self.date("from"),
            to: self.date("to")?,
        })
    }

    fn control(&self) -> Option<Control> {
        Some(Control {
            kind: self.text("type")?,
            what: self.text("what")?,
        })
    }

    /// What the exception covers. What can't be read is left out in such a way that
    /// the cover matches less, never more.
    pub(super) fn covers(&self) -> Vec<Cover> {
        self.rows("covers").iter().filter_map(Self::cover).collect()
    }

    fn cover(&self) -> Option<Cover> {
        let cover = Cover {
            spot: self.text.spot(self.header.clone()),
            rules: self.texts_at("rules"),
            paths: self.texts_at("paths"),
            globs: self.globs("paths")?,
            repos: self.texts("repos"),
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
            || lost("anchors", cover.anchors.len())
            || lost("subjects", cover.subjects.len())
            || lost("fingerprints", cover.fingerprints.len());
        (!narrower).then_some(cover)
    }
}
