//! The Elastic Container Registry: repositories, what is set on them, and their images.

pub(super) mod image;
pub(super) mod lifecycle_policy;
mod name;
pub(super) mod public_repository;
pub(super) mod repository;
pub(super) mod repository_policy;
mod tags;
