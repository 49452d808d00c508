//! What a file's content tells of its kind, where its path doesn't.

use crate::document::node::Node;
use crate::kind::{Kind, Kinds};

/// A cheap look at the bytes: could the file be of a kind that its shape tells?
pub(in crate::document) fn may_have_shape(bytes: &[u8]) -> bool {
    const SIGNS: &[&[u8]] = &[
        b"apiVersion",
        b"auths",
        b"Statement",
        b"service_account",
        b"ervers",
        b"context_servers",
    ];
    SIGNS
        .iter()
        .any(|sign| memchr::memmem::find(bytes, sign).is_some())
}

/// The kinds by shape.
pub(in crate::document) fn by_shape(root: &Node) -> Kinds {
    let mut kinds = Kinds::NONE;
    for document in root.items() {
        let text = |key| document.get(key).and_then(Node::text);
        if text("apiVersion").is_some() && text("kind").is_some() {
            kinds = kinds.with(
                if document.get("users").is_some() && text("kind") == Some("Config") {
                    Kind::Kubeconfig
                } else {
                    Kind::Kubernetes
                },
            );
            let version = text("apiVersion").unwrap_or_default();
            let of_argo = [
                "Workflow",
                "WorkflowTemplate",
                "ClusterWorkflowTemplate",
                "CronWorkflow",
            ];
            if version.starts_with("tekton.dev/") {
                kinds = kinds.with(Kind::Tekton);
            } else if version.starts_with("argoproj.io/")
                && text("kind").is_some_and(|kind| of_argo.contains(&kind))
            {
                kinds = kinds.with(Kind::ArgoWorkflow);
            }
        }
        if document
            .get("auths")
            .is_some_and(|a| !a.members().is_empty())
        {
            kinds = kinds.with(Kind::DockerConfig);
        }
        if document.get("Statement").is_some_and(is_statement) {
            kinds = kinds.with(Kind::IamPolicy);
        }
        if text("type") == Some("service_account") && text("private_key").is_some() {
            kinds = kinds.with(Kind::GcpServiceAccount);
        }
        if has_servers(document) {
            kinds = kinds.with(Kind::McpConfig);
        }
    }
    kinds
}

fn is_statement(node: &Node) -> bool {
    node.one_or_many().iter().any(|s| s.get("Effect").is_some())
}

/// An MCP client lists servers by name, each with a command or a URL. Other files
/// called `mcp.json` don't.
fn has_servers(document: &Node) -> bool {
    ["mcpServers", "mcp_servers", "servers", "context_servers"]
        .iter()
        .filter_map(|key| document.get(key))
        .flat_map(Node::members)
        .any(|server| {
            ["command", "url", "serverUrl", "httpUrl"]
                .iter()
                .any(|key| server.value.get(key).is_some())
        })
}

/// A script without an extension, by its first line.
pub(in crate::document) fn is_shell(bytes: &[u8]) -> bool {
    let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    line.starts_with(b"#!")
        && [&b"sh"[..], b"bash", b"zsh", b"dash", b"ksh"]
            .iter()
            .any(|shell| line.trim_ascii_end().ends_with(shell))
}
