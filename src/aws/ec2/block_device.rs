//! A disk that an instance is started with, as a row of a list says it.

use aws_sdk_ec2::types::{
    BlockDeviceMapping, EbsBlockDevice, LaunchTemplateBlockDeviceMapping, LaunchTemplateBlockDeviceMappingRequest,
    LaunchTemplateEbsBlockDeviceRequest, VolumeType,
};
use serde::{Deserialize, Serialize};

/// A row of `ec2.instance_block_device` or `ec2.launch_template_block_device`, without whose it is. `None` asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct BlockDevice {
    pub(super) device_name: String,
    pub(super) volume_size: Option<i32>,
    pub(super) volume_type: Option<String>,
    pub(super) iops: Option<i32>,
    pub(super) throughput: Option<i32>,
    pub(super) snapshot_id: Option<String>,
    pub(super) encrypted: Option<bool>,
    pub(super) kms_key_id: Option<String>,
    pub(super) delete_on_termination: Option<bool>,
}

/// In the order in which Postgres folds them: that of their texts, in which shorter keys come first.
pub(super) fn sorted(mut devices: Vec<BlockDevice>) -> Vec<BlockDevice> {
    devices.sort_by_cached_key(|it| {
        let short = (it.iops, it.encrypted, &it.kms_key_id, it.throughput, &it.device_name);
        let long = (&it.snapshot_id, it.volume_size, &it.volume_type, it.delete_on_termination);
        serde_json::to_string(&(short, long)).unwrap_or_default()
    });
    devices
}

impl BlockDevice {
    /// As `RunInstances` takes it.
    pub(super) fn mapping(&self) -> BlockDeviceMapping {
        let disk = EbsBlockDevice::builder()
            .set_volume_size(self.volume_size)
            .set_volume_type(self.volume_type.as_deref().map(VolumeType::from))
            .set_iops(self.iops)
            .set_throughput(self.throughput)
            .set_snapshot_id(self.snapshot_id.clone())
            .set_encrypted(self.encryption())
            .set_kms_key_id(self.kms_key_id.clone())
            .set_delete_on_termination(self.delete_on_termination);
        BlockDeviceMapping::builder().device_name(&self.device_name).ebs(disk.build()).build()
    }

    /// As a launch template takes it.
    pub(super) fn templated(&self) -> LaunchTemplateBlockDeviceMappingRequest {
        let disk = LaunchTemplateEbsBlockDeviceRequest::builder()
            .set_volume_size(self.volume_size)
            .set_volume_type(self.volume_type.as_deref().map(VolumeType::from))
            .set_iops(self.iops)
            .set_throughput(self.throughput)
            .set_snapshot_id(self.snapshot_id.clone())
            .set_encrypted(self.encrypted)
            .set_kms_key_id(self.kms_key_id.clone())
            .set_delete_on_termination(self.delete_on_termination);
        LaunchTemplateBlockDeviceMappingRequest::builder().device_name(&self.device_name).ebs(disk.build()).build()
    }

    /// As a launch template shows it.
    pub(super) fn of_template(mapping: &LaunchTemplateBlockDeviceMapping) -> Self {
        let disk = mapping.ebs();
        Self {
            device_name: mapping.device_name().unwrap_or_default().to_owned(),
            volume_size: disk.and_then(|disk| disk.volume_size()),
            volume_type: disk.and_then(|disk| disk.volume_type()).map(|kind| kind.as_str().to_owned()),
            iops: disk.and_then(|disk| disk.iops()),
            throughput: disk.and_then(|disk| disk.throughput()),
            snapshot_id: disk.and_then(|disk| disk.snapshot_id()).map(str::to_owned),
            encrypted: disk.and_then(|disk| disk.encrypted()),
            kms_key_id: disk.and_then(|disk| disk.kms_key_id()).map(str::to_owned),
            delete_on_termination: disk.and_then(|disk| disk.delete_on_termination()),
        }
    }

    /// A key for a disk that is not said to be encrypted is refused.
    fn encryption(&self) -> Option<bool> {
        self.encrypted.or(self.kms_key_id.as_ref().map(|_| true))
    }
}

#[cfg(test)]
mod tests {
    use super::{BlockDevice, sorted};

    #[test]
    fn disks_stand_in_the_order_of_their_texts_in_postgres() {
        let named = |device_name: &str, iops| BlockDevice { device_name: device_name.to_owned(), iops, ..BlockDevice::default() };
        let devices = sorted(vec![named("/dev/sdf", None), named("/dev/sdh", Some(30)), named("/dev/sdg", Some(3000))]);
        // {"iops": 30, …} is after {"iops": 3000, …} where a comma is after a digit; it is not: and null comes last
        let order: Vec<_> = devices.iter().map(|device| &device.device_name[..]).collect();
        assert_eq!(order, ["/dev/sdh", "/dev/sdg", "/dev/sdf"]);
    }
}
