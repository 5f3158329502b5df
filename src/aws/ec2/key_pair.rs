//! A key pair: the public key that an instance lets in at its first login.

use aws_sdk_ec2::types::{KeyPairInfo, ResourceType};
use aws_smithy_types::Blob;
use serde::{Deserialize, Serialize};

use super::tags::{Labels, retag, specification, told};
use crate::{
    aws::{Aws, error::refused, tags::Tags},
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `ec2.key_pair`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeyPair {
    region: String,
    name: String,
    public_key: Option<String>,
    tags: Tags,
    key_pair_id: Option<String>,
    key_fingerprint: Option<String>,
    key_type: Option<String>,
}

impl Resource for KeyPair {
    const TABLE: &'static str = "ec2.key_pair";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let found = aws.ec2().describe_key_pairs().include_public_key(true).send().await.map_err(refused("DescribeKeyPairs"))?;
        Ok(found.key_pairs().iter().map(|pair| Self::shown(pair, aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let made = aws
            .ec2()
            .import_key_pair()
            .key_name(&self.name)
            .set_public_key_material(self.public_key.as_ref().map(|key| Blob::new(key.as_bytes())))
            .tag_specifications(specification(ResourceType::KeyPair, None, &self.tags, owner))
            .send()
            .await
            .map_err(refused("ImportKeyPair"))?;
        let key_type = self.public_key.as_deref().and_then(kind).map(str::to_owned);
        let row = Self { key_pair_id: made.key_pair_id, key_fingerprint: made.key_fingerprint, key_type, ..self };
        Ok(Observed::of(row).owned(Some(owner.tag.clone())))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        if self.public_key.is_some() && self.public_key != was.row.public_key {
            // whoever refers to it does so by its name, and running instances have the old key in them anyway
            was.row.delete(aws).await?;
            return self.create(owner, aws).await;
        }
        let id = was.row.key_pair_id.as_deref().unwrap_or_default();
        let before = Labels { name: None, tags: &was.row.tags, owner: was.owner.as_deref() };
        retag(aws, id, before, Labels { name: None, tags: &self.tags, owner: Some(&owner.tag) }).await?;
        let row = Self { tags: self.tags, ..was.row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        gone(aws.ec2().delete_key_pair().key_name(self.name).send().await.map_err(refused("DeleteKeyPair")))?;
        Ok(None)
    }
}

impl KeyPair {
    fn shown(pair: &KeyPairInfo, region: &str) -> Observed<Self> {
        let told = told(pair.tags()).name_is_a_tag();
        let row = Self {
            region: region.to_owned(),
            name: pair.key_name().unwrap_or_default().to_owned(),
            public_key: pair.public_key().map(without_comment),
            tags: told.tags,
            key_pair_id: pair.key_pair_id().map(str::to_owned),
            key_fingerprint: pair.key_fingerprint().map(str::to_owned),
            key_type: pair.key_type().map(|kind| kind.as_str().to_owned()),
        };
        Observed::of(row).owned(told.owner)
    }
}

/// AWS puts the pair's name behind the key.
fn without_comment(key: &str) -> String {
    key.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

/// What AWS calls the kind of a key that OpenSSH calls `ssh-rsa` or `ssh-ed25519`.
fn kind(key: &str) -> Option<&str> {
    key.split(' ').next()?.strip_prefix("ssh-")
}
