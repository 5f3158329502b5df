//! A target: one instance, or one address, that answers for a target group.

use std::collections::BTreeSet;

use aws_sdk_elasticloadbalancingv2::types::{TargetDescription, TargetHealthDescription, TargetHealthReasonEnum, TargetHealthStateEnum};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::ASIDE;
use crate::{
    aws::{Aws, error::refused},
    resource::{Error, Observed, Owner, Reads, Resource, gone},
};

/// A row of `elbv2.target`. It has no tags, and no id but where it stands and what it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Target {
    region: String,
    target_group: String,
    instance: Option<String>,
    ip: Option<String>,
    port: i32,
    availability_zone: Option<String>,
    state: Option<String>,
    reason: Option<String>,
    target_id: Option<String>,
}

impl Resource for Target {
    const TABLE: &'static str = "elbv2.target";
    // a group tells its own only, and all targets of one to which a service registers its tasks are the service's
    const READS: Reads = Reads::Named;
    type Cloud = Aws;

    async fn list(aws: &Aws, named: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let groups: BTreeSet<String> = named.iter().map(|target| target.target_group.clone()).collect();
        let rows = stream::iter(groups).map(|group| async move {
            let found = registered(aws, &group).await?;
            Ok(found.iter().filter_map(|target| Self::shown(target, &group, aws.region())).collect::<Vec<_>>())
        });
        let rows: Vec<_> = rows.buffer_unordered(ASIDE).try_collect().await?;
        Ok(rows.into_iter().flatten().collect())
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let asked = aws.elbv2().register_targets().target_group_arn(&self.target_group).targets(self.sent());
        asked.send().await.map_err(refused("RegisterTargets"))?;
        let state = Some(TargetHealthStateEnum::Initial.as_str().to_owned());
        Ok(Observed::of(Self { target_id: Some(self.id()), state, ..self }))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, _: &Aws) -> Result<Observed<Self>, Error> {
        Ok(was)
    }

    // what it is still at, it finishes: AWS sends it nothing new from now on
    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.elbv2().deregister_targets().target_group_arn(&self.target_group).targets(self.sent());
        gone(asked.send().await.map_err(refused("DeregisterTargets")))?;
        Ok(None)
    }
}

impl Target {
    /// The instance's id, or the address without its length.
    fn what(&self) -> &str {
        let address = self.ip.as_deref().map(|ip| ip.split('/').next().unwrap_or_default());
        self.instance.as_deref().or(address).unwrap_or_default()
    }

    fn id(&self) -> String {
        format!("{},{},{}", self.target_group, self.what(), self.port)
    }

    fn sent(&self) -> TargetDescription {
        TargetDescription::builder().id(self.what()).port(self.port).set_availability_zone(self.availability_zone.clone()).build()
    }

    /// `None` for one that is on its way out.
    fn shown(found: &TargetHealthDescription, group: &str, region: &str) -> Option<Observed<Self>> {
        let (target, health) = (found.target()?, found.target_health());
        let (what, port) = (target.id()?, target.port()?);
        let leaving = health.is_some_and(|health| {
            health.state() == Some(&TargetHealthStateEnum::Draining) || health.reason() == Some(&TargetHealthReasonEnum::NotRegistered)
        });
        let is_instance = what.starts_with("i-");
        let row = Self {
            region: region.to_owned(),
            target_group: group.to_owned(),
            instance: is_instance.then(|| what.to_owned()),
            ip: (!is_instance).then(|| what.to_owned()),
            port,
            availability_zone: target.availability_zone().map(str::to_owned),
            state: health.and_then(|health| health.state()).map(|state| state.as_str().to_owned()),
            reason: health.and_then(|health| health.reason()).map(|reason| reason.as_str().to_owned()),
            target_id: None,
        };
        (!leaving).then(|| Observed::of(Self { target_id: Some(row.id()), ..row }))
    }
}

/// All targets of a group; none where it is gone.
async fn registered(aws: &Aws, group: &str) -> Result<Vec<TargetHealthDescription>, Error> {
    match aws.elbv2().describe_target_health().target_group_arn(group).send().await.map_err(refused("DescribeTargetHealth")) {
        Err(error) if error.is_absent() => Ok(Vec::new()),
        told => Ok(told?.target_health_descriptions.unwrap_or_default()),
    }
}
