//! IAM: who may do what. It knows no regions.

pub(super) mod access_key;
mod arn;
mod details;
mod document;
pub(super) mod instance_profile;
mod kept_secret;
pub(super) mod policy;
mod policy_versions;
pub(super) mod role;
pub(super) mod role_inline_policy;
pub(super) mod role_policy_attachment;
mod tags;
pub(super) mod user;
