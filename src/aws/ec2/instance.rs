//! An instance: a virtual machine.

use aws_sdk_ec2::types::{
    Filter, IamInstanceProfileSpecification, Instance as Answer, MonitoringState, Placement, ResourceType, RunInstancesMonitoringEnabled,
};
use aws_smithy_types::base64;
use serde::{Deserialize, Serialize};

use super::{
    instance_change::{Settings, change},
    restart::{self, Machine, restart},
    tags::{Labels, retag, specification, told},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        tags::Tags,
    },
    resource::{Error, Observed, Owner, Resource, Secret, gone},
};

/// The tag that says which writing of `user_data` it was started with: AWS has no version of them.
const USER_DATA_VERSION: &str = "iasql:user_data_version";

/// A row of `ec2.instance`, with its rows of `ec2.instance_security_group`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Instance {
    region: String,
    name: Option<String>,
    image_id: Option<String>,
    instance_type: Option<String>,
    subnet: Option<String>,
    availability_zone: Option<String>,
    private_ip_address: Option<String>,
    key_name: Option<String>,
    ebs_optimized: Option<bool>,
    #[serde(flatten)]
    settings: Settings,
    user_data: Option<Secret>,
    user_data_version: Option<String>,
    tags: Tags,
    instance_id: Option<String>,
    state: Option<String>,
    public_ip_address: Option<String>,
    private_dns_name: Option<String>,
    public_dns_name: Option<String>,
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
        Ok(found.iter().flat_map(|reservation| reservation.instances()).map(|instance| Self::shown(instance, aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let made = self.run(owner, aws).await?;
        let made = made.map(|instance| Self::shown(&instance, aws.region())).ok_or_else(|| empty("RunInstances"))?;
        // what RunInstances was told is not to be told again, but for what it does not take
        let told = Settings { source_dest_check: made.row.settings.source_dest_check, ..self.settings.clone() };
        change(made.row.id(), &told, &self.settings, aws).await?;
        let settings = self.settings.or(&made.row.settings);
        Ok(Observed { row: Self { settings, ..made.row }, ..made })
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let version = self.user_data_version.clone().or_else(|| was.row.user_data_version.clone());
        let (before, after) = (tags_of(&was.row.tags, &was.row.user_data_version), tags_of(&self.tags, &version));
        let is = Labels { name: was.row.name.as_deref(), tags: &before, owner: was.owner.as_deref() };
        retag(aws, was.row.id(), is, Labels { name: self.name.as_deref(), tags: &after, owner: Some(&owner.tag) }).await?;
        change(was.row.id(), &was.row.settings, &self.settings, aws).await?;
        let settings = self.settings.or(&was.row.settings);
        let row = Self { name: self.name.clone(), tags: self.tags.clone(), settings, user_data_version: version, ..was.row };
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
        let (machine, busy) = restart(self.instance_type.as_deref(), self.ebs_optimized, machine, aws).await?;
        let state = busy.map(str::to_owned);
        let row = Self {
            state: state.clone().or(is.row.state.clone()),
            instance_type: machine.instance_type,
            ebs_optimized: machine.ebs_optimized,
            ..is.row
        };
        Ok(Observed { row, pending: state.or(is.pending), ..is })
    }

    fn busy(self, state: String) -> Observed<Self> {
        Observed::of(Self { state: Some(state.clone()), ..self }).pending(Some(state))
    }

    async fn run(&self, owner: &Owner, aws: &Aws) -> Result<Option<Answer>, Error> {
        let profile = self.settings.iam_instance_profile.clone().filter(|name| !name.is_empty());
        let made = aws
            .ec2()
            .run_instances()
            .min_count(1)
            .max_count(1)
            .client_token(&owner.token)
            .set_image_id(self.image_id.clone())
            .set_instance_type(self.instance_type.as_deref().map(Into::into))
            .set_subnet_id(self.subnet.clone())
            .set_security_group_ids(self.settings.security_groups.clone())
            .set_private_ip_address(self.private_ip_address.clone())
            .set_placement(self.availability_zone.clone().map(|zone| Placement::builder().availability_zone(zone).build()))
            .set_key_name(self.key_name.clone())
            .set_user_data(self.user_data.as_ref().map(|data| base64::encode(data.expose())))
            .set_iam_instance_profile(profile.map(|name| IamInstanceProfileSpecification::builder().name(name).build()))
            .set_ebs_optimized(self.ebs_optimized)
            .set_monitoring(self.settings.monitoring.map(|on| RunInstancesMonitoringEnabled::builder().enabled(on).build()))
            .tag_specifications(specification(
                ResourceType::Instance,
                self.name.as_deref(),
                &tags_of(&self.tags, &self.user_data_version),
                owner,
            ))
            .send()
            .await
            .map_err(refused("RunInstances"))?;
        Ok(made.instances.unwrap_or_default().into_iter().next())
    }

    fn shown(instance: &Answer, region: &str) -> Observed<Self> {
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
            ebs_optimized: instance.ebs_optimized(),
            settings: settings(instance),
            user_data: None,
            user_data_version: told.ours.remove(USER_DATA_VERSION),
            tags: told.tags,
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

/// The user's tags and the one of ours that stays.
fn tags_of(tags: &Tags, user_data_version: &Option<String>) -> Tags {
    let version = user_data_version.iter().map(|version| (USER_DATA_VERSION.to_owned(), version.clone()));
    tags.clone().into_iter().chain(version).collect()
}

fn settings(instance: &Answer) -> Settings {
    let mut groups: Vec<String> = instance.security_groups().iter().filter_map(|group| group.group_id()).map(str::to_owned).collect();
    groups.sort_unstable();
    let profile = instance.iam_instance_profile().and_then(|profile| profile.arn()).and_then(|arn| arn.rsplit('/').next());
    let monitoring = instance.monitoring().and_then(|monitoring| monitoring.state());
    Settings {
        iam_instance_profile: Some(profile.unwrap_or_default().to_owned()),
        monitoring: monitoring.map(|state| matches!(state, MonitoringState::Enabled | MonitoringState::Pending)),
        source_dest_check: instance.source_dest_check(),
        security_groups: Some(groups),
    }
}

/// AWS says "none" with an empty text.
fn filled(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}
