//! Reading the fields of a TOML table with their places, so that each mistake can
//! be shown where it stands. Unknown fields are mistakes.

use std::borrow::Cow;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::expression;
use super::head::Text;
use super::page::{Fault, text_of};

/// The fields of one table. What is wrong with them is collected, not returned, so
/// that all mistakes of a page are shown at once.
pub(crate) struct Fields<'a, 'f> {
    table: &'a DeTable<'a>,
    /// Offset of the TOML text in the page.
    base: usize,
    /// Offset of the table in the TOML text.
    at: usize,
    known: Vec<&'static str>,
    faults: &'f mut Vec<Fault>,
}

impl<'a, 'f> Fields<'a, 'f> {
    pub(crate) fn new(
        table: &'a DeTable<'a>,
        base: usize,
        at: usize,
        faults: &'f mut Vec<Fault>,
    ) -> Self {
        Self {
            table,
            base,
            at,
            known: Vec::new(),
            faults,
        }
    }

    fn value(&mut self, name: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.known.push(name);
        self.table.get(name)
    }

    fn wrong(&mut self, offset: usize, name: &str, mend: impl Into<String>) {
        self.faults.push(Fault::new(
            self.base + offset,
            format!("`{name}` has the wrong form"),
            mend,
        ));
    }

    /// Says that a field has no good value, where it stands.
    pub(crate) fn unfit(&mut self, name: &str, mend: impl Into<String>) {
        let offset = self.offset_of(name) - self.base;
        self.wrong(offset, name, mend);
    }

    /// Says that a field has to be there, unless it is.
    pub(crate) fn require(&mut self, name: &str, what: impl Into<String>, mend: impl Into<String>) {
        if !self.table.contains_key(name) {
            self.faults
                .push(Fault::new(self.base + self.at, what, mend));
        }
    }

    /// Offset of a field in the page; of the table when the field is missing.
    pub(crate) fn offset_of(&self, name: &str) -> usize {
        self.base + self.table.get(name).map_or(self.at, |v| v.span().start)
    }

    /// A text.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<Text> {
        let value = self.value(name)?;
        match text_of(value.get_ref()) {
            Some(text) if !text.trim().is_empty() => Some(Cow::Owned(text.to_owned())),
            _ => {
                self.wrong(value.span().start, name, "write a text that isn't blank");
                None
            }
        }
    }

    /// A text that may be blank.
    pub(crate) fn text_or_blank(&mut self, name: &'static str) -> Option<String> {
        let value = self.value(name)?;
        let text = text_of(value.get_ref());
        if text.is_none() {
            self.unfit(name, "write a text");
        }
        text.map(str::to_owned)
    }

    /// A field that is of no use here, whatever it holds.
    pub(crate) fn skip(&mut self, name: &'static str) {
        self.known.push(name);
    }

    /// A text that must be there.
    pub(crate) fn required_text(&mut self, name: &'static str) -> Option<Text> {
        self.require(
            name,
            format!("`{name}` is missing"),
            format!("add `{name} = \"…\"` to the head"),
        );
        self.text(name)
    }

    /// A text with a closed set of values.
    pub(crate) fn parsed<T: FromStr<Err = String>>(&mut self, name: &'static str) -> Option<T> {
        let text = self.text(name)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(mend) => {
                self.unfit(name, mend);
                None
            }
        }
    }

    /// A text with a closed set of values that must be there.
    pub(crate) fn required<T: FromStr<Err = String>>(&mut self, name: &'static str) -> Option<T> {
        if self.table.contains_key(name) {
            self.parsed(name)
        } else {
            self.required_text(name);
            None
        }
    }

    /// A text out of a list.
    pub(crate) fn one_of(&mut self, name: &'static str, names: &[&str]) -> Option<Text> {
        let text = self.text(name)?;
        if names.contains(&text.as_ref()) {
            return Some(text);
        }
        self.unfit(name, format!("write one of: {}", names.join(", ")));
        None
    }

    /// A text that is a regex.
    pub(crate) fn regex(&mut self, name: &'static str) -> Option<Text> {
        let text = self.text(name)?;
        match expression::compile(&text) {
            Ok(_) => Some(text),
            Err(error) => {
                let offset = self.offset_of(name);
                self.faults.push(Fault::new(
                    offset,
                    format!("`{name}` is no regex: {}", expression::why(&error)),
                    "see the syntax of the crate `regex`",
                ));
                None
            }
        }
    }

    /// A list of texts; empty when missing.
    pub(crate) fn texts(&mut self, name: &'static str) -> Vec<Text> {
        let Some(value) = self.value(name) else {
            return Vec::new();
        };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong(value.span().start, name, "write a list of texts");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in items {
            match text_of(item.get_ref()) {
                Some(text) => texts.push(Cow::Owned(text.to_owned())),
                None => self.wrong(item.span().start, name, "write a list of texts"),
            }
        }
        texts
    }

    /// A list of regexes; empty when missing.
    pub(crate) fn regexes(&mut self, name: &'static str) -> Vec<Text> {
        let texts = self.texts(name);
        for text in &texts {
            if let Err(error) = expression::compile(text) {
                let offset = self.offset_of(name);
                self.faults.push(Fault::new(
                    offset,
                    format!(
                        "`{text}` in `{name}` is no regex: {}",
                        expression::why(&error)
                    ),
                    "see the syntax of the crate `regex`",
                ));
            }
        }
        texts
    }

    /// A truth value; false when missing.
    pub(crate) fn flag(&mut self, name: &'static str) -> bool {
        match self.value(name).map(|v| (v.span().start, v.get_ref())) {
            None => false,
            Some((_, DeValue::Boolean(flag))) => *flag,
            Some((offset, _)) => {
                self.wrong(offset, name, "write true or false");
                false
            }
        }
    }

    /// A number.
    pub(crate) fn number(&mut self, name: &'static str) -> Option<f64> {
        let value = self.value(name)?;
        let number = match value.get_ref() {
            DeValue::Float(float) => float.as_str().parse().ok(),
            DeValue::Integer(int) => int.as_str().parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.wrong(value.span().start, name, "write a number");
        }
        number
    }

    /// A whole number.
    pub(crate) fn count(&mut self, name: &'static str) -> Option<u32> {
        let value = self.value(name)?;
        let count = match value.get_ref() {
            DeValue::Integer(int) => int.as_str().parse().ok(),
            _ => None,
        };
        if count.is_none() {
            self.wrong(value.span().start, name, "write a whole number from 0 on");
        }
        count
    }

    /// A table and its offset in the TOML text.
    pub(crate) fn table(&mut self, name: &'static str) -> Option<(&'a DeTable<'a>, usize)> {
        let value = self.value(name)?;
        let at = value.span().start;
        if let DeValue::Table(table) = value.get_ref() {
            return Some((table, at));
        }
        self.wrong(at, name, "write a table");
        None
    }

    /// A list of tables with their offsets; empty when missing.
    pub(crate) fn tables(&mut self, name: &'static str) -> Vec<(&'a DeTable<'a>, usize)> {
        let Some(value) = self.value(name) else {
            return Vec::new();
        };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong(value.span().start, name, "write a list of tables");
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::Table(table) => tables.push((table, item.span().start)),
                _ => self.wrong(item.span().start, name, "write a list of tables"),
            }
        }
        tables
    }

    /// Reports the fields that nothing asked for.
    pub(crate) fn finish(self) {
        for (name, offset) in self.rest() {
            self.faults.push(Fault::new(
                offset,
                format!("`{name}` is no field of a rule page"),
                format!("write one of: {}", self.known.join(", ")),
            ));
        }
    }

    /// The fields that nothing asked for, with their offsets in the page.
    pub(crate) fn rest(&self) -> Vec<(&'a str, usize)> {
        let keys = self.table.iter().map(|(key, _)| key);
        keys.filter(|key| !self.known.contains(&key.get_ref().as_ref()))
            .map(|key| (key.get_ref().as_ref(), self.base + key.span().start))
            .collect()
    }
}
