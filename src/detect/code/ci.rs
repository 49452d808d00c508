//! Rules on pipelines of every system: they read the neutral model, never a system's own
//! keys.

pub(super) mod keys;
pub(super) mod privileged;
