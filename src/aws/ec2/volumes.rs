//! The volumes of a region as they will be, once what is being changed about them is done.

use std::collections::HashMap;

use aws_sdk_ec2::types::{Filter, Volume, VolumeAttachment, VolumeModification};

use crate::{
    aws::{Aws, error::refused},
    resource::Error,
};

/// All volumes; one that is being changed is shown with what it is changed to, for AWS shows it as it was until it is done.
pub(super) async fn volumes(aws: &Aws) -> Result<Vec<Volume>, Error> {
    let all = aws.ec2().describe_volumes().max_results(1000).into_paginator().items().send();
    let all = all.try_collect().await.map_err(refused("DescribeVolumes"))?;
    settled(all, aws).await
}

/// Those that one instance has.
pub(super) async fn volumes_of(instance: &str, aws: &Aws) -> Result<Vec<Volume>, Error> {
    let of_it = Filter::builder().name("attachment.instance-id").values(instance).build();
    let all = aws.ec2().describe_volumes().filters(of_it).into_paginator().items().send();
    let all = all.try_collect().await.map_err(refused("DescribeVolumes"))?;
    settled(all, aws).await
}

async fn settled(volumes: Vec<Volume>, aws: &Aws) -> Result<Vec<Volume>, Error> {
    if volumes.is_empty() {
        return Ok(volumes);
    }
    let under_way = Filter::builder().name("modification-state").values("modifying").build();
    let changes = aws.ec2().describe_volumes_modifications().filters(under_way).max_results(500).into_paginator().items().send();
    let changes = changes.try_collect().await.map_err(refused("DescribeVolumesModifications"))?;
    let changes: HashMap<_, _> = changes.iter().filter_map(|change| Some((change.volume_id()?, change))).collect();
    Ok(volumes
        .into_iter()
        .map(|volume| changes.get(volume.volume_id().unwrap_or_default()).map_or(volume.clone(), |to| changed(volume, to)))
        .collect())
}

fn changed(volume: Volume, to: &VolumeModification) -> Volume {
    let mut volume = volume;
    volume.size = to.target_size().or(volume.size);
    volume.volume_type = to.target_volume_type().cloned().or(volume.volume_type);
    volume.iops = to.target_iops().or(volume.iops);
    volume.throughput = to.target_throughput().or(volume.throughput);
    volume.multi_attach_enabled = to.target_multi_attach_enabled().or(volume.multi_attach_enabled);
    volume
}

/// The tag on a disk that was asked for together with its instance; its value is whose the instance is.
pub(super) const OF_INSTANCE: &str = "iasql:instance";

/// Whether an attached volume is one of its instance's own: what the instance starts from, what goes with it, what was asked for with it.
pub(super) fn came_with_its_instance(volume: &Volume) -> bool {
    let asked_for = volume.tags().iter().any(|tag| tag.key() == Some(OF_INSTANCE));
    let goes_with_it = |it: &VolumeAttachment| it.delete_on_termination().unwrap_or_default() || it.device().is_some_and(is_root);
    volume.attachments().iter().any(|attachment| asked_for || goes_with_it(attachment))
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html>
fn is_root(device: &str) -> bool {
    matches!(device, "/dev/sda1" | "/dev/xvda" | "/dev/sda" | "xvda")
}

#[cfg(test)]
mod tests {
    use super::{Volume, VolumeModification, changed};

    #[test]
    fn a_volume_that_grows_is_as_large_as_it_will_be() {
        let volume = Volume::builder().size(10).iops(3000).build();
        let volume = changed(volume, &VolumeModification::builder().target_size(20).build());
        assert_eq!((volume.size(), volume.iops()), (Some(20), Some(3000)));
    }
}
