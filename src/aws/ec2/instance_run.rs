//! The call that starts a new instance.

use aws_sdk_ec2::types::{Instance as Answer, Placement, ResourceType, RunInstancesMonitoringEnabled};
use aws_smithy_types::base64;

use super::{block_device::BlockDevice, instance::Instance, instance_block_device::mark, tags::specification};
use crate::{
    aws::{Aws, error::refused},
    resource::{Error, Owner},
};

/// Starts one, with its tags in the same call.
pub(super) async fn run(row: &Instance, owner: &Owner, aws: &Aws) -> Result<Option<Answer>, Error> {
    let own = specification(ResourceType::Instance, row.name.as_deref(), &row.all_tags(), owner);
    let tags = [Some(own), mark(row.block_devices.as_ref(), &owner.tag)].into_iter().flatten().collect();
    let made = aws
        .ec2()
        .run_instances()
        .min_count(1)
        .max_count(1)
        .client_token(&owner.token)
        .set_image_id(row.image_id.clone())
        .set_instance_type(row.instance_type.as_deref().map(Into::into))
        .set_subnet_id(row.subnet.clone())
        .set_security_group_ids(row.settings.security_groups.clone())
        .set_private_ip_address(row.private_ip_address.clone())
        .set_placement(row.availability_zone.clone().map(|zone| Placement::builder().availability_zone(zone).build()))
        .set_key_name(row.key_pair.clone().or_else(|| row.key_name.clone()))
        .set_user_data(row.user_data.as_ref().map(|data| base64::encode(data.expose())))
        .set_iam_instance_profile(row.settings.profile())
        .set_ebs_optimized(row.ebs_optimized)
        .set_monitoring(row.settings.monitoring.map(|on| RunInstancesMonitoringEnabled::builder().enabled(on).build()))
        .set_metadata_options(row.metadata.request())
        .set_disable_api_termination(row.attributes.disable_api_termination)
        .set_instance_initiated_shutdown_behavior(row.attributes.shutdown())
        .set_block_device_mappings(row.block_devices.as_ref().map(|devices| devices.iter().map(BlockDevice::mapping).collect()))
        .set_tag_specifications(Some(tags))
        .send()
        .await
        .map_err(refused("RunInstances"))?;
    Ok(made.instances.unwrap_or_default().into_iter().next())
}
