//! IAM: who may do what. It knows no regions.

pub(super) mod access_key;
mod arn;
mod details;
pub(super) mod document;
pub(super) mod instance_profile;
mod kept_secret;
pub(super) mod policy;
mod policy_versions;
pub(super) mod role;
pub(super) mod role_inline_policy;
pub(super) mod role_policy_attachment;
mod tags;
pub(super) mod user;

use super::Aws;
use crate::resource::Registry;

/// What there is of it; one line each.
pub(super) fn register(registry: Registry, aws: &Aws) -> Registry {
    registry
        .with::<access_key::AccessKey>(aws)
        .with::<instance_profile::InstanceProfile>(aws)
        .with::<policy::Policy>(aws)
        .with::<role::Role>(aws)
        .with::<role_inline_policy::RoleInlinePolicy>(aws)
        .with::<role_policy_attachment::RolePolicyAttachment>(aws)
        .with::<user::User>(aws)
}
