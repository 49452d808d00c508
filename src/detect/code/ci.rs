//! Rules on pipelines of every system: they read the neutral model, never a system's own
//! keys.

pub(super) mod break_glass;
pub(super) mod deploy;
pub(super) mod inputs;
pub(super) mod may_fail;
pub(super) mod messages;
pub(super) mod privileged;
pub(super) mod push;
pub(super) mod skippable;
pub(super) mod spoofable;
pub(super) mod standing;

mod deploying;
mod gates;
