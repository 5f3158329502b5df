//! What no list tells of a key: its policy, and whether its material is made anew now and then.

use aws_sdk_kms::types::{KeyMetadata, KeySpec, KeyUsageType, OriginType};
use serde_json::Value;

use crate::{
    aws::{Aws, canonical_policy::spelt, error::refused},
    resource::Error,
};

/// The name of a key's policy: there is no other.
pub(super) const POLICY: &str = "default";

/// The policy of one key.
pub(super) async fn policy(aws: &Aws, id: &str) -> Result<Option<Value>, Error> {
    let answer = aws.kms().get_key_policy().key_id(id).policy_name(POLICY).send().await.map_err(refused("GetKeyPolicy"))?;
    answer.policy().map(|text| spelt("GetKeyPolicy", text)).transpose()
}

/// Whether a key's material is made anew, and every how many days: nothing for a key of which AWS can't make any.
pub(super) async fn rotation(aws: &Aws, key: &KeyMetadata) -> Result<(Option<bool>, Option<i32>), Error> {
    let rotates = key.key_spec() == Some(&KeySpec::SymmetricDefault)
        && key.key_usage().is_none_or(|usage| *usage == KeyUsageType::EncryptDecrypt)
        && key.origin() == Some(&OriginType::AwsKms);
    if !rotates {
        return Ok((None, None));
    }
    let answer = aws.kms().get_key_rotation_status().key_id(key.key_id()).send().await.map_err(refused("GetKeyRotationStatus"))?;
    Ok((Some(answer.key_rotation_enabled), answer.rotation_period_in_days))
}
