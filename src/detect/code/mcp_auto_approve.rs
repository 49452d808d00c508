//! MCP tools that an agent may call without being asked.

use crate::detect::{Cx, Hit};
use crate::document::{Member, Node, Span};
use crate::finding::Severity;
use crate::kind::Kind;

/// Where clients list their servers.
const SERVERS: &[&str] = &["mcpServers", "mcp_servers", "servers", "context_servers"];

/// Lists of tools to call without asking: Cline's and Kiro's, and Roo Code's.
const LISTS: &[&str] = &["autoApprove", "alwaysAllow"];

/// Finds the approvals: in a client's list of servers, told by its shape, and in
/// Claude Code's settings.
pub(super) fn approvals(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    let kinds = cx.document.kinds();
    for root in cx.document.tree().root.items() {
        if kinds.has(Kind::ClaudeSettings) {
            hits.extend(project_servers(root));
        }
        if kinds.has(Kind::McpConfig) || kinds.has(Kind::CodexConfig) {
            let servers = SERVERS.iter().filter_map(|key| root.get(key));
            for server in servers.flat_map(Node::members) {
                self::server(server, &mut hits);
            }
        }
    }
    hits
}

/// `enableAllProjectMcpServers`: whatever server a repository brings is started.
fn project_servers(root: &Node) -> Option<Hit> {
    const KEY: &str = "enableAllProjectMcpServers";
    let value = root.get(KEY)?;
    (value.truth() == Some(true)).then(|| {
        Hit::new(value.span)
            .about(format!("{KEY}: true"))
            .grave(Severity::High)
            .saying("The agent starts every MCP server that a repository names, without asking.")
    })
}

fn server(server: &Member, hits: &mut Vec<Hit>) {
    let node = &server.value;
    if node.get("disabled").and_then(Node::truth) == Some(true)
        || node.get("enabled").and_then(Node::truth) == Some(false)
    {
        return;
    }
    for list in LISTS.iter().filter_map(|key| node.get(key)) {
        if list.truth() == Some(true) {
            hits.push(approval(&server.key, "*", list.span));
        }
        for tool in list.items() {
            if let Some(name) = tool.text().filter(|name| !name.is_empty()) {
                hits.push(approval(&server.key, name, tool.span));
            }
        }
    }
    if let Some(trust) = node.get("trust").filter(|t| t.truth() == Some(true)) {
        hits.push(approval(&server.key, "*", trust.span));
    }
    let approves = |node: &&Node| node.text() == Some("approve");
    if let Some(mode) = node.get("default_tools_approval_mode").filter(approves) {
        hits.push(approval(&server.key, "*", mode.span));
    }
    for tool in node.get("tools").map_or(&[][..], Node::members) {
        if let Some(mode) = tool.value.get("approval_mode").filter(approves) {
            hits.push(approval(&server.key, &tool.key, mode.span));
        }
    }
}

fn approval(server: &str, tool: &str, span: Span) -> Hit {
    let all = tool.contains('*');
    let (severity, message) = if all {
        (
            Severity::High,
            format!("The agent calls every tool of the MCP server '{server}' without asking."),
        )
    } else {
        (
            Severity::Medium,
            format!(
                "The agent calls the tool '{tool}' of the MCP server '{server}' without asking."
            ),
        )
    };
    let mut hit = Hit::new(span)
        .about(format!("{server}/{tool}"))
        .grave(severity)
        .saying(message);
    hit.anchor = Some(format!("mcp:server:{server}"));
    hit
}
