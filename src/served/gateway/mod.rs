//! The gateway's own tables.

pub(super) mod certificate;
pub(super) mod database;
pub(super) mod domain;
pub(super) mod machine;
pub(super) mod pin;
pub(super) mod version;
