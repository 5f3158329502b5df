//! A volume: a disk of its own, that outlives the instances it is attached to.

use aws_sdk_ec2::types::{ResourceType, Volume as Answer, VolumeState, VolumeType};
use serde::{Deserialize, Serialize};

use super::{
    tags::{Labels, retag, specification, told},
    volumes::{came_with_its_instance, volumes},
};
use crate::{
    aws::{Aws, error::refused, tags::Tags},
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `ec2.volume`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Volume {
    region: String,
    name: Option<String>,
    availability_zone: Option<String>,
    #[serde(flatten)]
    shape: Shape,
    snapshot_id: Option<String>,
    encrypted: Option<bool>,
    kms_key: Option<String>,
    tags: Tags,
    volume_id: Option<String>,
    state: Option<String>,
}

/// What changes about a volume while it is in use. `None` asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Shape {
    pub(super) size: Option<i32>,
    pub(super) volume_type: Option<String>,
    pub(super) iops: Option<i32>,
    pub(super) throughput: Option<i32>,
    pub(super) multi_attach_enabled: Option<bool>,
}

impl Resource for Volume {
    const TABLE: &'static str = "ec2.volume";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        Ok(volumes(aws).await?.iter().map(|volume| Self::shown(volume, aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let made = aws
            .ec2()
            .create_volume()
            .set_availability_zone(self.availability_zone.clone())
            .set_size(self.shape.size)
            .set_volume_type(self.shape.volume_type.as_deref().map(VolumeType::from))
            .set_iops(self.shape.iops)
            .set_throughput(self.shape.throughput)
            .set_multi_attach_enabled(self.shape.multi_attach_enabled)
            .set_snapshot_id(self.snapshot_id.clone())
            // a key without this is refused
            .set_encrypted(self.encrypted.or(self.kms_key.as_ref().map(|_| true)))
            .set_kms_key_id(self.kms_key.clone())
            .client_token(&owner.token)
            .tag_specifications(specification(ResourceType::Volume, self.name.as_deref(), &self.tags, owner))
            .send()
            .await
            .map_err(refused("CreateVolume"))?;
        let row = Self {
            shape: self.shape.or(&Shape {
                size: made.size(),
                volume_type: made.volume_type().map(|kind| kind.as_str().to_owned()),
                iops: made.iops(),
                throughput: made.throughput(),
                multi_attach_enabled: made.multi_attach_enabled(),
            }),
            encrypted: made.encrypted(),
            kms_key: made.kms_key_id().map(str::to_owned),
            snapshot_id: made.snapshot_id().filter(|id| !id.is_empty()).map(str::to_owned),
            volume_id: made.volume_id().map(str::to_owned),
            state: made.state().map(|state| state.as_str().to_owned()),
            ..self
        };
        let pending = row.state.clone().filter(|state| state == "creating");
        Ok(Observed::of(row).owned(Some(owner.tag.clone())).pending(pending))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let id = was.row.volume_id.as_deref().unwrap_or_default();
        let before = Labels { name: was.row.name.as_deref(), tags: &was.row.tags, owner: was.owner.as_deref() };
        retag(aws, id, before, Labels { name: self.name.as_deref(), tags: &self.tags, owner: Some(&owner.tag) }).await?;
        reshape(id, &was.row.shape, &self.shape, aws).await?;
        let row = Self { name: self.name, tags: self.tags, shape: self.shape.or(&was.row.shape), ..was.row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let id = self.volume_id.unwrap_or_default();
        gone(aws.ec2().delete_volume().volume_id(id).send().await.map_err(refused("DeleteVolume")))?;
        Ok(None)
    }
}

/// Turns one volume from `is` into `should`: one call, or none where nothing differs.
pub(super) async fn reshape(id: &str, is: &Shape, should: &Shape, aws: &Aws) -> Result<(), Error> {
    let news = should.beside(is);
    if news == Shape::default() {
        return Ok(());
    }
    let call = aws
        .ec2()
        .modify_volume()
        .volume_id(id)
        .set_size(news.size)
        .set_volume_type(news.volume_type.as_deref().map(VolumeType::from))
        .set_iops(news.iops)
        .set_throughput(news.throughput)
        .set_multi_attach_enabled(news.multi_attach_enabled);
    call.send().await.map_err(refused("ModifyVolume"))?;
    Ok(())
}

impl Shape {
    pub(super) fn shown(volume: &Answer) -> Self {
        Self {
            size: volume.size(),
            volume_type: volume.volume_type().map(|kind| kind.as_str().to_owned()),
            iops: volume.iops(),
            throughput: volume.throughput(),
            multi_attach_enabled: volume.multi_attach_enabled(),
        }
    }

    /// What it asks for that the other one is not.
    fn beside(&self, is: &Self) -> Self {
        Self {
            size: self.size.filter(|size| is.size != Some(*size)),
            volume_type: self.volume_type.clone().filter(|kind| is.volume_type.as_ref() != Some(kind)),
            iops: self.iops.filter(|iops| is.iops != Some(*iops)),
            throughput: self.throughput.filter(|throughput| is.throughput != Some(*throughput)),
            multi_attach_enabled: self.multi_attach_enabled.filter(|enabled| is.multi_attach_enabled.unwrap_or_default() != *enabled),
        }
    }

    fn or(self, is: &Self) -> Self {
        Self {
            size: self.size.or(is.size),
            volume_type: self.volume_type.or_else(|| is.volume_type.clone()),
            iops: self.iops.or(is.iops),
            throughput: self.throughput.or(is.throughput),
            multi_attach_enabled: self.multi_attach_enabled.or(is.multi_attach_enabled),
        }
    }
}

impl Volume {
    fn shown(volume: &Answer, region: &str) -> Observed<Self> {
        let told = told(volume.tags());
        let state = volume.state().map(|state| state.as_str().to_owned());
        let busy = matches!(volume.state(), Some(VolumeState::Creating | VolumeState::Deleting));
        let row = Self {
            region: region.to_owned(),
            name: told.name,
            availability_zone: volume.availability_zone().map(str::to_owned),
            shape: Shape::shown(volume),
            snapshot_id: volume.snapshot_id().filter(|id| !id.is_empty()).map(str::to_owned),
            encrypted: volume.encrypted(),
            kms_key: volume.kms_key_id().map(str::to_owned),
            tags: told.tags,
            volume_id: volume.volume_id().map(str::to_owned),
            state: state.clone(),
        };
        let ours = told.owner.is_some();
        Observed::of(row).owned(told.owner).pending(state.filter(|_| busy)).implicit(came_with_its_instance(volume) && !ours)
    }
}
