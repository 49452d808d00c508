//! Rules on pipelines of every system: they read the neutral model, never a system's own
//! keys.

pub(super) mod accounts;
mod builders;
pub(super) mod forge_tokens;
pub(super) mod grants;
pub(super) mod identity;
pub(super) mod privileged;
pub(super) mod runners;
pub(super) mod spread;
mod strangers;
mod trust;
pub(super) mod untrusted;
