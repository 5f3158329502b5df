//! An instance: a virtual machine.

use std::collections::HashMap;

use aws_sdk_ec2::types::{Filter, Instance as Answer, MonitoringState};
use serde::{Deserialize, Serialize};

use super::{
    block_device::BlockDevice,
    instance_attributes::{self, Attributes, attributes},
    instance_block_device::{self, Disks, disks},
    instance_change::{Settings, change, name_of},
    instance_metadata::{self, Metadata},
    instance_run::run,
    restart::{self, Machine, Wanted, restart},
    tags::{Labels, retag, told},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::Tags,
    },
    resource::{Error, Kind, Observed, Owner, Resource, Secret, gone},
};

/// The tag that says which writing of `user_data` it was started with: AWS has no version of them.
const USER_DATA_VERSION: &str = "iasql:user_data_version";

/// A row of `ec2.instance`, with its rows of `ec2.instance_security_group` and `ec2.instance_block_device`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Instance {
    region: String,
    pub(super) name: Option<String>,
    pub(super) image_id: Option<String>,
    pub(super) instance_type: Option<String>,
    pub(super) subnet: Option<String>,
    pub(super) availability_zone: Option<String>,
    pub(super) private_ip_address: Option<String>,
    pub(super) key_name: Option<String>,
    /// One of the two in a desired row, and the same in both in an observed one.
    pub(super) key_pair: Option<String>,
    pub(super) ebs_optimized: Option<bool>,
    #[serde(flatten)]
    pub(super) settings: Settings,
    #[serde(flatten)]
    pub(super) metadata: Metadata,
    #[serde(flatten)]
    pub(super) attributes: Attributes,
    pub(super) block_devices: Option<Vec<BlockDevice>>,
    pub(super) user_data: Option<Secret>,
    user_data_version: Option<String>,
    tags: Tags,
    desired_state: Option<String>,
    instance_id: Option<String>,
    state: Option<String>,
    public_ip_address: Option<String>,
    private_dns_name: Option<String>,
    public_dns_name: Option<String>,
}

/// What `DescribeInstances` does not tell of the instances in its answer.
#[derive(Default)]
struct Besides {
    attributes: HashMap<String, Attributes>,
    disks: Disks,
}

impl Resource for Instance {
    const TABLE: &'static str = "ec2.instance";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        // the terminated ones are shown for an hour more
        let alive = ["pending", "running", "shutting-down", "stopping", "stopped"].map(str::to_owned).to_vec();
        let alive = Filter::builder().name("instance-state-name").set_values(Some(alive)).build();
        let found = aws.ec2().describe_instances().filters(alive).max_results(1000).into_paginator().items().send();
        let found = found.try_collect().await.map_err(refused("DescribeInstances"))?;
        let found: Vec<_> = found.iter().flat_map(|reservation| reservation.instances()).collect();
        let besides = Besides { attributes: attributes(&found, aws).await?, disks: disks(&found, aws).await? };
        Ok(found.into_iter().map(|instance| Self::shown(instance, &besides, aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        instance_block_device::fits(self.block_devices.as_ref())?;
        let made = run(&self, owner, aws).await?;
        let made = made.map(|instance| Self::shown(&instance, &Besides::default(), aws.region())).ok_or_else(|| empty("RunInstances"))?;
        // what RunInstances was told is not to be told again, but for what it does not take
        let told = Settings { source_dest_check: made.row.settings.source_dest_check, ..self.settings.clone() };
        change(made.row.id(), &told, &self.settings, aws).await?;
        let settings = self.settings.or(&made.row.settings);
        Ok(Observed { row: Self { settings, attributes: self.attributes, block_devices: self.block_devices, ..made.row }, ..made })
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        if self.key_pair.is_some() && self.key_pair != was.row.key_pair {
            let said = "an instance keeps the key pair that it was started with: delete its row and insert it again under another name";
            return Err(Error::new("RunInstances", Kind::Invalid, said));
        }
        instance_block_device::fits(self.block_devices.as_ref())?;
        let id = was.row.id();
        instance_block_device::change(id, was.row.block_devices.as_ref(), self.block_devices.as_ref(), aws).await?;
        let user_data_version = self.user_data_version.clone().or_else(|| was.row.user_data_version.clone());
        let after = Self { user_data_version, ..self.clone() };
        let (before, tags) = (was.row.all_tags(), after.all_tags());
        let is = Labels { name: was.row.name.as_deref(), tags: &before, owner: was.owner.as_deref() };
        retag(aws, id, is, Labels { name: self.name.as_deref(), tags: &tags, owner: Some(&owner.tag) }).await?;
        change(id, &was.row.settings, &self.settings, aws).await?;
        instance_metadata::change(id, &was.row.metadata, &self.metadata, aws).await?;
        instance_attributes::change(id, &was.row.attributes, &self.attributes, aws).await?;
        let row = Self {
            name: after.name,
            tags: after.tags,
            settings: self.settings.or(&was.row.settings),
            metadata: self.metadata.or(&was.row.metadata),
            attributes: after.attributes,
            block_devices: after.block_devices,
            user_data_version: after.user_data_version,
            ..was.row
        };
        self.restarted(Observed { row, ..was }.owned(Some(owner.tag.clone())), aws).await
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let ended = aws.ec2().terminate_instances().instance_ids(self.id()).send().await.map_err(refused("TerminateInstances"));
        gone(ended.as_ref().map_err(Clone::clone))?;
        let changes = ended.map(|ended| ended.terminating_instances.unwrap_or_default()).unwrap_or_default();
        let state =
            changes.first().and_then(|change| change.current_state()).and_then(|state| state.name()).map(|state| state.as_str().to_owned());
        Ok(state.filter(|state| state != "terminated").map(|state| self.busy(state)))
    }
}

impl Instance {
    fn id(&self) -> &str {
        self.instance_id.as_deref().unwrap_or_default()
    }

    /// Goes on with what it must be stopped for, if there is anything.
    async fn restarted(&self, is: Observed<Self>, aws: &Aws) -> Result<Observed<Self>, Error> {
        let machine = Machine {
            id: is.row.id().to_owned(),
            state: is.row.state.clone(),
            instance_type: is.row.instance_type.clone(),
            ebs_optimized: is.row.ebs_optimized,
        };
        let wanted = Wanted {
            instance_type: self.instance_type.as_deref(),
            ebs_optimized: self.ebs_optimized,
            state: self.desired_state.as_deref(),
        };
        let (machine, busy) = restart(wanted, machine, aws).await?;
        let state = busy.map(str::to_owned);
        let row = Self {
            desired_state: state.as_deref().map(lasting).or(is.row.desired_state),
            state: state.clone().or(is.row.state.clone()),
            instance_type: machine.instance_type,
            ebs_optimized: machine.ebs_optimized,
            ..is.row
        };
        Ok(Observed { row, pending: state.or(is.pending), ..is })
    }

    /// The user's tags and those of ours that stay.
    pub(super) fn all_tags(&self) -> Tags {
        let version = self.user_data_version.as_ref().map(|version| (USER_DATA_VERSION.to_owned(), version.clone()));
        let ours = [version, self.attributes.tag(), instance_block_device::tag(self.block_devices.as_ref())];
        self.tags.clone().into_iter().chain(ours.into_iter().flatten()).collect()
    }

    fn busy(self, state: String) -> Observed<Self> {
        Observed::of(Self { state: Some(state.clone()), ..self }).pending(Some(state))
    }

    fn shown(instance: &Answer, besides: &Besides, region: &str) -> Observed<Self> {
        let mut told = told(instance.tags());
        let state = instance.state().and_then(|state| state.name()).map(|state| state.as_str().to_owned());
        let kind = instance.instance_type().map(|kind| kind.as_str().to_owned());
        let row = Self {
            region: region.to_owned(),
            name: told.name,
            image_id: instance.image_id().map(str::to_owned),
            instance_type: if restart::is_under_way(&told.ours) { kind.as_deref().map(restart::noted) } else { kind },
            subnet: instance.subnet_id().map(str::to_owned),
            availability_zone: instance.placement().and_then(|placement| placement.availability_zone()).map(str::to_owned),
            private_ip_address: instance.private_ip_address().map(str::to_owned),
            key_name: instance.key_name().map(str::to_owned),
            key_pair: instance.key_name().map(str::to_owned),
            ebs_optimized: instance.ebs_optimized(),
            settings: settings(instance),
            metadata: Metadata::shown(instance),
            attributes: instance.instance_id().and_then(|id| besides.attributes.get(id)).cloned().unwrap_or_default(),
            block_devices: instance_block_device::shown(instance, &told.ours, &besides.disks),
            user_data: None,
            user_data_version: told.ours.remove(USER_DATA_VERSION),
            tags: told.tags,
            desired_state: state.as_deref().map(lasting),
            instance_id: instance.instance_id().map(str::to_owned),
            state: state.clone(),
            public_ip_address: filled(instance.public_ip_address()),
            private_dns_name: filled(instance.private_dns_name()),
            public_dns_name: filled(instance.public_dns_name()),
        };
        Observed::of(row)
            .owned(told.owner)
            .pending(state.filter(|state| matches!(state.as_str(), "pending" | "stopping" | "shutting-down")))
    }
}

/// Whether a state is that of an instance that runs, or of one that does not.
fn lasting(state: &str) -> String {
    if matches!(state, "pending" | "running") { "running" } else { "stopped" }.to_owned()
}

fn settings(instance: &Answer) -> Settings {
    let mut groups: Vec<String> = instance.security_groups().iter().filter_map(|group| group.group_id()).map(str::to_owned).collect();
    groups.sort_unstable();
    let profile = instance.iam_instance_profile().and_then(|profile| profile.arn());
    let monitoring = instance.monitoring().and_then(|monitoring| monitoring.state());
    Settings {
        instance_profile: profile.map(str::to_owned),
        iam_instance_profile: Some(profile.map(name_of).unwrap_or_default()),
        monitoring: monitoring.map(|state| matches!(state, MonitoringState::Enabled | MonitoringState::Pending)),
        source_dest_check: instance.source_dest_check(),
        security_groups: Some(groups),
    }
}

/// AWS says "none" with an empty text.
fn filled(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}
