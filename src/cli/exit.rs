//! What a command's exit code means.

/// Nothing to do, or all of it done.
pub(crate) const DONE: u8 = 0;
/// What was asked for could not be done.
pub(crate) const FAILED: u8 = 1;
/// `plan` found something to do.
pub(crate) const CHANGES: u8 = 2;
