//! An RFC 9535 `JSONPath` over the spanned tree, and a test of what it selects.

use jsonpath_rust::parser::model::{JpQuery, Segment};
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::js_path_process;
use regex::Regex;

use super::{Cx, Hit};
use crate::document::Node;
use crate::rule::Query;
use crate::rule::head::Test;

pub(super) struct Compiled {
    path: JpQuery,
    /// For `absent`: the last segment, taken off `path`.
    last: Option<Segment>,
    regex: Option<Regex>,
    query: Query,
}

impl Compiled {
    /// Compiles a query; the page check has parsed the same path before.
    pub(super) fn new(query: &Query) -> Option<Self> {
        let mut path = parse_json_path(&query.path).ok()?;
        let last = match query.test {
            Test::Absent => path.segments.pop(),
            _ => None,
        };
        let regex = match &query.test {
            Test::Matches(text) => Some(Regex::new(text).ok()?),
            _ => None,
        };
        Some(Self {
            path,
            last,
            regex,
            query: query.clone(),
        })
    }

    pub(super) fn run(&self, cx: &Cx<'_, '_>, hits: &mut Vec<Hit>) {
        let root = &cx.document.tree().root;
        let Ok(selected) = js_path_process(&self.path, root) else {
            return;
        };
        for node in selected.into_iter().map(|found| found.val) {
            if self.accepts(node) {
                hits.push(Hit {
                    subject: self.subject(node),
                    ..Hit::new(node.span)
                });
            }
        }
    }

    fn accepts(&self, node: &Node) -> bool {
        match &self.query.test {
            Test::Any => true,
            Test::Equals(text) => node.scalar().is_some_and(|value| value == *text),
            Test::Matches(_) => match (&self.regex, node.scalar()) {
                (Some(regex), Some(value)) => regex.is_match(&value),
                _ => false,
            },
            Test::Absent => self.last.as_ref().is_some_and(|last| {
                let below = JpQuery::new(vec![last.clone()]);
                !node.members().is_empty()
                    && js_path_process(&below, node).is_ok_and(|found| found.is_empty())
            }),
        }
    }

    fn subject(&self, node: &Node) -> Option<String> {
        match &self.query.subject {
            Some(text) => Some(text.clone().into_owned()),
            None => node.scalar().map(std::borrow::Cow::into_owned),
        }
    }
}
