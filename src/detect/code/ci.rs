//! Rules on pipelines of every system: they read the neutral model, never a system's own
//! keys.

pub(super) mod accounts;
pub(super) mod audience;
pub(super) mod break_glass;
pub(super) mod deploy;
pub(super) mod forge_tokens;
pub(super) mod grants;
pub(super) mod identity;
pub(super) mod ignored;
pub(super) mod inputs;
pub(super) mod keys;
pub(super) mod may_fail;
pub(super) mod messages;
pub(super) mod privileged;
pub(super) mod push;
pub(super) mod runners;
pub(super) mod skippable;
pub(super) mod spoofable;
pub(super) mod spread;
pub(super) mod standing;
pub(super) mod untrusted;

mod builders;
mod deploying;
mod gates;
mod strangers;
mod trust;
