//! The disks of an instance: those that somebody asked for, and how they change.
//!
//! A list would show every disk with all that can be said about it, and the rows say little about few. So what was asked for is
//! kept in a tag of the instance, and only that is shown.

use std::collections::HashMap;

use aws_sdk_ec2::types::{
    EbsInstanceBlockDeviceSpecification, Instance, InstanceBlockDeviceMapping, InstanceBlockDeviceMappingSpecification, ResourceType, Tag,
    TagSpecification, Volume,
};

use super::{
    block_device::{BlockDevice, sorted},
    volume::{Shape, reshape},
    volumes::{OF_INSTANCE, volumes, volumes_of},
};
use crate::{
    aws::{Aws, error::refused, tags::Tags},
    resource::{Error, Kind},
};

/// The tag that says what of which disks was asked for: `/dev/xvda:st /dev/sdf:`.
const ASKED: &str = "iasql:block_devices";
/// What AWS takes for a tag's value.
const LONGEST: usize = 256;

/// Volumes by their id.
pub(super) type Disks = HashMap<String, Volume>;

/// The volumes of a region, where any of these instances needs them to be shown.
pub(super) async fn disks(instances: &[&Instance], aws: &Aws) -> Result<Disks, Error> {
    let asks = |instance: &&Instance| instance.tags().iter().any(|tag| tag.key() == Some(ASKED));
    Ok(if instances.iter().any(asks) { by_id(volumes(aws).await?) } else { Disks::new() })
}

fn by_id(volumes: Vec<Volume>) -> Disks {
    volumes.into_iter().filter_map(|volume| Some((volume.volume_id()?.to_owned(), volume))).collect()
}

/// The tag for what is asked for, where anything is.
pub(super) fn tag(devices: Option<&Vec<BlockDevice>>) -> Option<(String, String)> {
    let asked = devices?.iter().map(|device| format!("{}:{}", device.device_name, letters(device)));
    Some((ASKED.to_owned(), asked.collect::<Vec<_>>().join(" ")))
}

/// Refuses more disks than a tag has room for.
pub(super) fn fits(devices: Option<&Vec<BlockDevice>>) -> Result<(), Error> {
    let length = tag(devices).map_or(0, |(_, value)| value.len());
    let said = "these are more disks than there is room for in a tag of the instance: make some of them rows of ec2.volume";
    if length > LONGEST { Err(Error::new("RunInstances", Kind::Invalid, said)) } else { Ok(()) }
}

/// Marks the disks that are asked for as their instance's own, in the call that starts it.
pub(super) fn mark(devices: Option<&Vec<BlockDevice>>, owner: &str) -> Option<TagSpecification> {
    let tag = Tag::builder().key(OF_INSTANCE).value(owner).build();
    devices.map(|_| TagSpecification::builder().resource_type(ResourceType::Volume).tags(tag).build())
}

fn letters(device: &BlockDevice) -> String {
    let all = [
        ('s', device.volume_size.is_some()),
        ('t', device.volume_type.is_some()),
        ('i', device.iops.is_some()),
        ('p', device.throughput.is_some()),
        ('n', device.snapshot_id.is_some()),
        ('e', device.encrypted.is_some()),
        ('k', device.kms_key_id.is_some()),
        ('d', device.delete_on_termination.is_some()),
    ];
    all.into_iter().filter_map(|(letter, asked)| asked.then_some(letter)).collect()
}

/// What was asked for, as it is now; `None` where nothing was.
pub(super) fn shown(instance: &Instance, ours: &Tags, disks: &Disks) -> Option<Vec<BlockDevice>> {
    let asked: HashMap<_, _> = ours.get(ASKED)?.split(' ').filter_map(|word| word.rsplit_once(':')).collect();
    let devices = instance.block_device_mappings().iter().filter_map(|mapping| {
        let letters = asked.get(mapping.device_name()?)?;
        let device = seen(mapping, disks.get(mapping.ebs()?.volume_id()?)?);
        Some(only(device, letters))
    });
    Some(sorted(devices.collect()))
}

fn seen(mapping: &InstanceBlockDeviceMapping, volume: &Volume) -> BlockDevice {
    BlockDevice {
        device_name: mapping.device_name().unwrap_or_default().to_owned(),
        volume_size: volume.size(),
        volume_type: volume.volume_type().map(|kind| kind.as_str().to_owned()),
        iops: volume.iops(),
        throughput: volume.throughput(),
        snapshot_id: volume.snapshot_id().map(str::to_owned),
        encrypted: volume.encrypted(),
        kms_key_id: volume.kms_key_id().map(str::to_owned),
        delete_on_termination: mapping.ebs().and_then(|disk| disk.delete_on_termination()),
    }
}

fn only(device: BlockDevice, letters: &str) -> BlockDevice {
    let asked = |letter| letters.contains(letter);
    BlockDevice {
        volume_size: device.volume_size.filter(|_| asked('s')),
        volume_type: device.volume_type.filter(|_| asked('t')),
        iops: device.iops.filter(|_| asked('i')),
        throughput: device.throughput.filter(|_| asked('p')),
        snapshot_id: device.snapshot_id.filter(|_| asked('n')),
        encrypted: device.encrypted.filter(|_| asked('e')),
        kms_key_id: device.kms_key_id.filter(|_| asked('k')),
        delete_on_termination: device.delete_on_termination.filter(|_| asked('d')),
        ..device
    }
}

/// Turns the disks of one instance into what is asked for; what can't change while it lives is refused before anything is done.
pub(super) async fn change(id: &str, is: Option<&Vec<BlockDevice>>, should: Option<&Vec<BlockDevice>>, aws: &Aws) -> Result<(), Error> {
    let Some(should) = should.filter(|should| is != Some(should)) else { return Ok(()) };
    let found = aws.ec2().describe_instances().instance_ids(id).send().await.map_err(refused("DescribeInstances"))?;
    let instance = found.reservations().iter().flat_map(|reservation| reservation.instances()).next();
    let disks = by_id(volumes_of(id, aws).await?);
    let mappings = instance.map(Instance::block_device_mappings).unwrap_or_default();
    let now: HashMap<_, _> = mappings
        .iter()
        .filter_map(|mapping| {
            let volume = disks.get(mapping.ebs()?.volume_id()?)?;
            Some((mapping.device_name()?, (seen(mapping, volume), volume)))
        })
        .collect();
    let mut pairs = Vec::new();
    for device in should {
        let Some((seen, volume)) = now.get(&device.device_name[..]) else {
            return Err(never(&device.device_name, "is not there, and a disk of this kind comes only with a new instance"));
        };
        if let Some(what) = fixed(seen, device) {
            return Err(never(&device.device_name, &format!("has another {what}, which can't change while it lives")));
        }
        pairs.push((device, seen, *volume));
    }
    for (device, seen, volume) in pairs {
        let shape = Shape {
            size: device.volume_size,
            volume_type: device.volume_type.clone(),
            iops: device.iops,
            throughput: device.throughput,
            multi_attach_enabled: None,
        };
        reshape(volume.volume_id().unwrap_or_default(), &Shape::shown(volume), &shape, aws).await?;
        if let Some(goes) = device.delete_on_termination.filter(|goes| seen.delete_on_termination != Some(*goes)) {
            let disk = EbsInstanceBlockDeviceSpecification::builder().delete_on_termination(goes).build();
            let device = InstanceBlockDeviceMappingSpecification::builder().device_name(&device.device_name).ebs(disk).build();
            let call = aws.ec2().modify_instance_attribute().instance_id(id).block_device_mappings(device);
            call.send().await.map_err(refused("ModifyInstanceAttribute"))?;
        }
    }
    Ok(())
}

/// What differs that can't change.
fn fixed(is: &BlockDevice, should: &BlockDevice) -> Option<&'static str> {
    let other = |should: &Option<String>, is: &Option<String>| should.is_some() && should != is;
    if other(&should.snapshot_id, &is.snapshot_id) {
        Some("snapshot")
    } else if should.encrypted.is_some() && should.encrypted != is.encrypted {
        Some("encryption")
    } else if other(&should.kms_key_id, &is.kms_key_id) {
        Some("KMS key")
    } else {
        None
    }
}

fn never(device: &str, said: &str) -> Error {
    let said = format!(
        "{device} {said}: delete the row of the instance and insert it again under another name, or make the disk a row of ec2.volume"
    );
    Error::new("ModifyVolume", Kind::Invalid, said)
}

#[cfg(test)]
mod tests {
    use super::{BlockDevice, only, tag};

    #[test]
    fn what_is_asked_for_is_kept_in_a_tag_and_nothing_else_is_shown() {
        let asked =
            BlockDevice { device_name: "/dev/xvda".to_owned(), volume_size: Some(20), encrypted: Some(true), ..BlockDevice::default() };
        let (_, value) = tag(Some(&vec![asked.clone()])).expect("a tag");
        assert_eq!(value, "/dev/xvda:se");
        let full =
            BlockDevice { volume_type: Some("gp3".to_owned()), iops: Some(3000), delete_on_termination: Some(true), ..asked.clone() };
        assert_eq!(only(full, "se"), asked);
    }
}
