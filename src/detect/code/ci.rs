//! Rules on pipelines of every system: they read the neutral model, never a system's own
//! keys.

pub(super) mod break_glass;
pub(super) mod deploy;
pub(super) mod keys;
pub(super) mod privileged;
pub(super) mod push;
pub(super) mod standing;

mod deploying;
