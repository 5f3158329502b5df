//! The Elastic Container Registry: repositories, what is set on them, and their images.

pub(super) mod image;
pub(super) mod lifecycle_policy;
mod name;
pub(super) mod public_repository;
pub(super) mod repository;
pub(super) mod repository_policy;
mod tags;

use super::Aws;
use crate::resource::Registry;

/// What there is of it; one line each.
pub(super) fn register(registry: Registry, aws: &Aws) -> Registry {
    registry
        .with::<image::Image>(aws)
        .with::<lifecycle_policy::LifecyclePolicy>(aws)
        .with::<public_repository::PublicRepository>(aws)
        .with::<repository::Repository>(aws)
        .with::<repository_policy::RepositoryPolicy>(aws)
}
