//! What the change under review does to the register.

use std::io::{self, Write};

use annotate_snippets::renderer as look;

use super::plain::plain;
use super::{Style, write_headed};
use crate::finding::veil;
use crate::register::trust::{Proposal, Step};

/// Writes a line for each.
pub(super) fn write(proposals: &[Proposal], style: Style, out: &mut dyn Write) -> io::Result<()> {
    for proposal in proposals {
        let effect = match proposal.step {
            Step::Added => "is added by this change; it covers nothing until that is merged",
            Step::Changed => {
                "is changed by this change; until that is merged it covers what it did before, and nothing more"
            }
            Step::Closed => "is closed by this change and covers nothing any more",
            Step::Removed => "is taken out by this change and covers nothing any more",
        };
        let text = format!(
            "{}:{}: {} ({}) {effect}",
            plain(proposal.spot.path()),
            proposal.spot.line(),
            plain(&veil(&proposal.id)),
            plain(&veil(&proposal.title)),
        );
        write_headed("proposal", look::DEFAULT_NOTE_STYLE, &text, style, out)?;
    }
    if proposals.is_empty() {
        return Ok(());
    }
    writeln!(out)
}
