//! Which instance has a volume, and under which name.

use aws_sdk_ec2::types::{Volume as Answer, VolumeAttachmentState as State};
use serde::{Deserialize, Serialize};

use super::volumes::came_with_its_instance;
use crate::{
    aws::{Aws, error::refused},
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `ec2.volume_attachment`. It has no tags, and no id but the volume's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct VolumeAttachment {
    region: String,
    volume: Option<String>,
    instance: Option<String>,
    device: Option<String>,
    state: Option<String>,
}

impl Resource for VolumeAttachment {
    const TABLE: &'static str = "ec2.volume_attachment";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let volumes = aws.ec2().describe_volumes().max_results(1000).into_paginator().items().send();
        let volumes = volumes.try_collect().await.map_err(refused("DescribeVolumes"))?;
        Ok(volumes.iter().filter_map(|volume| Self::shown(volume, aws.region())).collect())
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let call = aws.ec2().attach_volume().set_volume_id(self.volume.clone()).set_instance_id(self.instance.clone());
        let made = call.set_device(self.device.clone()).send().await.map_err(refused("AttachVolume"))?;
        let state = made.state().map(|state| state.as_str().to_owned());
        let pending = made.state().filter(|state| is_busy(state)).map(|state| state.as_str().to_owned());
        Ok(Observed::of(Self { state, ..self }).pending(pending))
    }

    /// Nothing about an attachment changes in place.
    async fn update(self, was: Observed<Self>, _: &Owner, _: &Aws) -> Result<Observed<Self>, Error> {
        Ok(was)
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let call = aws.ec2().detach_volume().set_volume_id(self.volume.clone()).set_instance_id(self.instance.clone());
        let answer = call.send().await.map_err(refused("DetachVolume"));
        // a volume that nobody has is available, and so in no state to be detached
        if answer.as_ref().is_err_and(|error| error.code.as_deref() == Some("IncorrectState")) {
            return self.unless_detached(answer.err(), aws).await;
        }
        gone(answer.as_ref().map_err(Clone::clone))?;
        let state = answer.ok().and_then(|answer| answer.state).filter(is_busy).map(|state| state.as_str().to_owned());
        Ok(state.map(|state| Observed::of(Self { state: Some(state.clone()), ..self }).pending(Some(state))))
    }
}

impl VolumeAttachment {
    /// That a volume is attached to nobody is no failure; else the refusal stands.
    async fn unless_detached(&self, refusal: Option<Error>, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let found = aws.ec2().describe_volumes().volume_ids(self.volume.as_deref().unwrap_or_default()).send().await;
        let found = found.map_err(refused("DescribeVolumes"))?;
        let attached = found.volumes().iter().flat_map(Answer::attachments).any(|it| it.instance_id() == self.instance.as_deref());
        refusal.filter(|_| attached).map_or(Ok(None), Err)
    }

    fn shown(volume: &Answer, region: &str) -> Option<Observed<Self>> {
        let attachment = volume.attachments().iter().find(|it| it.state() != Some(&State::Detached))?;
        let row = Self {
            region: region.to_owned(),
            volume: volume.volume_id().map(str::to_owned),
            instance: attachment.instance_id().map(str::to_owned),
            device: attachment.device().map(str::to_owned),
            state: attachment.state().map(|state| state.as_str().to_owned()),
        };
        let pending = row.state.clone().filter(|_| attachment.state().is_some_and(is_busy));
        Some(Observed::of(row).pending(pending).implicit(came_with_its_instance(volume)))
    }
}

fn is_busy(state: &State) -> bool {
    matches!(state, State::Attaching | State::Detaching | State::Busy)
}
