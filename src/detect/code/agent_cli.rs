//! Command-line agents that are told to act without asking.

use crate::detect::settings;
use crate::detect::shell::{self, Command};
use crate::detect::{Cx, Hit};
use crate::finding::Severity;

/// What switches a program's questions off.
enum Off {
    /// A flag, bare.
    Flag(&'static str),
    /// A flag with a value that matches one of a list.
    Value(&'static [&'static str], &'static [&'static str]),
    /// A short flag, alone or bundled.
    Short(char),
}

use Off::{Flag, Short, Value};

/// A program by its names, and what switches its questions off.
struct Agent {
    names: &'static [&'static str],
    off: &'static [Off],
}

#[rustfmt::skip]
const AGENTS: &[Agent] = &[
    Agent { names: &["claude", "@anthropic-ai/claude-code", "claude-code"], off: &[
        Flag("--dangerously-skip-permissions"),
        Flag("--allow-dangerously-skip-permissions"),
        Value(&["--permission-mode"], &["bypassPermissions"]),
        Value(&["--allowedTools", "--allowed-tools"], &["*", "Bash", "Bash(*)", "Bash(:*)"]),
    ] },
    Agent { names: &["codex", "@openai/codex"], off: &[
        Flag("--yolo"),
        Flag("--dangerously-bypass-approvals-and-sandbox"),
        Value(&["-s", "--sandbox"], &["danger-full-access"]),
        Value(&["-c", "--config"], &["sandbox_mode=danger-full-access", "sandbox_mode=\"danger-full-access\"", "approval_policy=never", "approval_policy=\"never\""]),
        Value(&["-a", "--ask-for-approval"], &["never"]),
    ] },
    Agent { names: &["gemini", "@google/gemini-cli", "gemini-cli", "qwen", "@qwen-code/qwen-code"], off: &[
        Flag("--yolo"),
        Short('y'),
        Value(&["--approval-mode"], &["yolo"]),
    ] },
    Agent { names: &["copilot", "@github/copilot"], off: &[
        Flag("--allow-all-tools"),
        Flag("--allow-all"),
        Flag("--yolo"),
        Flag("--autopilot"),
        Value(&["--allow-tool"], &["shell", "*"]),
    ] },
    Agent { names: &["cursor-agent"], off: &[
        Flag("--force"),
        Short('f'),
        Flag("--yolo"),
        Flag("--approve-mcps"),
    ] },
    Agent { names: &["aider", "aider-chat"], off: &[Flag("--yes-always"), Flag("--yes")] },
    Agent { names: &["cline"], off: &[Flag("--yolo"), Value(&["--auto-approve"], &["true"])] },
    Agent { names: &["cn", "@continuedev/cli"], off: &[Flag("--auto"), Value(&["--allow"], &["*", "Bash"])] },
    Agent { names: &["q", "kiro-cli"], off: &[
        Flag("--trust-all-tools"),
        Value(&["--trust-tools"], &["execute_bash"]),
    ] },
    Agent { names: &["openhands"], off: &[Flag("--always-approve"), Flag("--yolo")] },
    Agent { names: &["devin"], off: &[Value(&["--permission-mode"], &["bypass", "dangerous"])] },
    Agent { names: &["amp", "droid", "crush", "kimi", "auggie", "plandex", "opencode"], off: &[
        Flag("--dangerously-allow-all"),
        Flag("--skip-permissions-unsafe"),
        Flag("--yolo"),
    ] },
];

/// Variables that switch a program's questions off.
const VARIABLES: &[(&str, &str, &str)] = &[
    ("AIDER_YES_ALWAYS", "aider", "true"),
    ("COPILOT_ALLOW_ALL", "copilot", "true"),
    ("GOOSE_MODE", "goose", "auto"),
    ("DANGEROUSLY_OMIT_AUTH", "mcp-inspector", "true"),
];

/// Agents run without approval.
pub(super) fn unattended(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let mut hits: Vec<_> = shell::commands(cx.document)
        .filter_map(of_command)
        .collect();
    let wanted = |name: &str| VARIABLES.iter().any(|(n, ..)| *n == name);
    for setting in settings::settings(cx.document, &wanted) {
        let found = VARIABLES.iter().find(|(name, _, value)| {
            *name == setting.name
                && (setting.value == *value || *value == "true" && setting.truth() == Some(true))
        });
        if let Some((name, _, value)) = found {
            hits.push(Hit::new(setting.span).about(format!("{name}={value}")));
        }
    }
    hits
}

fn of_command(command: &Command) -> Option<Hit> {
    let name = command.name();
    let agent = AGENTS.iter().find(|a| a.names.contains(&name))?;
    let off = agent.off.iter().find(|off| off.is_in(command))?;
    let shown = agent.names.first().copied().unwrap_or(name);
    let flag = off.shown();
    let hit = Hit::new(command.span).about(format!("{shown} {flag}"));
    // Answering questions is less than leaving the sandbox.
    let asks_only = matches!(off, Value(_, ["never"])) || shown == "aider";
    Some(if asks_only {
        hit.grave(Severity::Medium)
    } else {
        hit
    })
}

impl Off {
    fn is_in(&self, command: &Command) -> bool {
        match self {
            Flag(flag) => command.switch(&[flag]).is_some(),
            Value(flags, values) => command.value_of(flags).is_some_and(|(_, value)| {
                values.contains(&value) || value.split([',', ' ']).any(|v| values.contains(&v))
            }),
            Short(letter) => command.args().iter().any(|w| {
                w.text()
                    .strip_prefix('-')
                    .is_some_and(|t| t.chars().eq([*letter]))
            }),
        }
    }

    /// The flag as a subject names it.
    fn shown(&self) -> String {
        match self {
            Flag(flag) => (*flag).to_owned(),
            Value(flags, values) => format!(
                "{} {}",
                flags.last().copied().unwrap_or_default(),
                values.first().copied().unwrap_or_default()
            ),
            Short('y') => "--yolo".to_owned(),
            Short('f') => "--force".to_owned(),
            Short(letter) => format!("-{letter}"),
        }
    }
}
