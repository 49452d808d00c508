//! The part of SARIF 2.1.0 that we write.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::{ROOT, Results, uri};
use crate::document::Region as Columns;
use crate::finding::Place;

#[derive(Serialize)]
pub(super) struct Log<'a> {
    #[serde(rename = "$schema")]
    pub(super) schema: &'static str,
    pub(super) version: &'static str,
    pub(super) runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Run<'a> {
    pub(super) tool: Tool<'a>,
    pub(super) automation_details: Value,
    pub(super) column_kind: &'static str,
    pub(super) original_uri_base_ids: Value,
    pub(super) invocations: [Invocation<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) taxonomies: Vec<Value>,
    pub(super) results: Results<'a>,
    pub(super) properties: Value,
}

#[derive(Serialize)]
pub(super) struct Tool<'a> {
    pub(super) driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Driver<'a> {
    pub(super) name: &'static str,
    pub(super) semantic_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) information_uri: Option<&'static str>,
    pub(super) rules: Vec<Rule<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) supported_taxonomies: Vec<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule<'a> {
    pub(super) id: &'a str,
    pub(super) name: String,
    pub(super) short_description: Message<'a>,
    pub(super) full_description: Message<'a>,
    pub(super) help: Message<'a>,
    pub(super) default_configuration: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) relationships: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) deprecated_ids: Vec<&'a str>,
    pub(super) properties: Value,
}

#[derive(Serialize)]
pub(super) struct Message<'a> {
    pub(super) text: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) markdown: Option<&'a str>,
}

impl<'a> Message<'a> {
    pub(super) fn plain(text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            text: text.into(),
            markdown: None,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation<'a> {
    pub(super) execution_successful: bool,
    pub(super) tool_execution_notifications: Vec<Notification<'a>>,
}

#[derive(Serialize)]
pub(super) struct Notification<'a> {
    pub(super) level: &'static str,
    pub(super) message: Message<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) locations: Vec<Location<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outcome<'a> {
    pub(super) rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule_index: Option<usize>,
    pub(super) kind: &'static str,
    pub(super) level: &'static str,
    pub(super) message: Message<'a>,
    pub(super) locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related_locations: Vec<Location<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) code_flows: Vec<CodeFlow<'a>>,
    pub(super) partial_fingerprints: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) suppressions: Option<Vec<Suppression<'a>>>,
    pub(super) properties: Value,
}

/// One way through one thread: the only kind that we tell.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CodeFlow<'a> {
    pub(super) thread_flows: [ThreadFlow<'a>; 1],
}

#[derive(Serialize)]
pub(super) struct ThreadFlow<'a> {
    pub(super) locations: Vec<FlowLocation<'a>>,
}

#[derive(Serialize)]
pub(super) struct FlowLocation<'a> {
    pub(super) location: Location<'a>,
}

#[derive(Serialize)]
pub(super) struct Suppression<'a> {
    pub(super) guid: String,
    pub(super) kind: &'static str,
    pub(super) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) justification: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<Location<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) properties: Option<Value>,
}

#[derive(Serialize)]
pub(super) struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<Message<'a>>,
    #[serde(rename = "physicalLocation")]
    pub(super) physical: Physical<'a>,
    #[serde(rename = "logicalLocations", skip_serializing_if = "Vec::is_empty")]
    pub(super) logical: Vec<Logical<'a>>,
}

impl<'a> Location<'a> {
    /// A line of a file, or the file.
    pub(super) fn line(path: &str, line: Option<u32>) -> Self {
        Self::physical(path, line.map(Region::line))
    }

    /// A place with its columns.
    pub(super) fn place(place: &Place) -> Self {
        Self::physical(&place.path, Some(Region::columns(place.region)))
    }

    fn physical(path: &str, region: Option<Region<'a>>) -> Self {
        Self {
            id: None,
            message: None,
            physical: Physical {
                artifact_location: Artifact::of(path),
                region,
                context_region: None,
            },
            logical: Vec::new(),
        }
    }

    /// Numbers and explains a related location.
    pub(super) fn explained(mut self, id: usize, message: impl Into<Cow<'a, str>>) -> Self {
        self.id = Some(id);
        self.message = Some(Message::plain(message));
        self
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Physical<'a> {
    pub(super) artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<Region<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) context_region: Option<Region<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

impl Artifact {
    /// A file of the project. A register kept elsewhere has a path from outside the
    /// project's root; only its name is told, and not as a file of the project.
    fn of(path: &str) -> Self {
        let (uri, inside) = uri::of_path(path);
        Self {
            uri,
            uri_base_id: inside.then_some(ROOT),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region<'a> {
    start_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) snippet: Option<Message<'a>>,
}

impl Region<'_> {
    /// A whole line.
    pub(super) const fn line(line: u32) -> Self {
        Self {
            start_line: line,
            start_column: None,
            end_line: None,
            end_column: None,
            snippet: None,
        }
    }

    fn columns(region: Columns) -> Self {
        Self {
            start_line: region.line,
            start_column: Some(region.column),
            end_line: Some(region.end_line),
            end_column: Some(region.end_column),
            snippet: None,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Logical<'a> {
    pub(super) fully_qualified_name: &'a str,
    pub(super) kind: &'static str,
}
