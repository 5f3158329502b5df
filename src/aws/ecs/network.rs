//! Where the tasks of a service stand in the network, and what they answer for.

use aws_sdk_ecs::types::{AssignPublicIp, AwsVpcConfiguration, LoadBalancer as SentBalancer, NetworkConfiguration};
use serde::{Deserialize, Serialize};

use crate::resource::{Error, Kind};

/// The subnets, the security groups and the addresses of a service's tasks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Network {
    subnets: Option<Vec<String>>,
    security_groups: Option<Vec<String>>,
    assign_public_ip: Option<bool>,
}

impl Network {
    /// As it will be: what is not asked for stays.
    pub(super) fn over(&self, was: &Self) -> Self {
        Self {
            subnets: self.subnets.clone().or_else(|| was.subnets.clone()),
            security_groups: self.security_groups.clone().or_else(|| was.security_groups.clone()),
            assign_public_ip: self.assign_public_ip.or(was.assign_public_ip),
        }
    }

    /// The same as AWS takes it; `None` where there are no subnets, for then tasks have no addresses of their own.
    pub(super) fn sent(&self, operation: &'static str) -> Result<Option<NetworkConfiguration>, Error> {
        let Some(subnets) = self.subnets.clone().filter(|subnets| !subnets.is_empty()) else { return Ok(None) };
        let public = self.assign_public_ip.map(|on| if on { AssignPublicIp::Enabled } else { AssignPublicIp::Disabled });
        let vpc = AwsVpcConfiguration::builder()
            .set_subnets(Some(subnets))
            .set_security_groups(Some(self.security_groups.clone().unwrap_or_default()))
            .set_assign_public_ip(public);
        let vpc = vpc.build().map_err(|error| Error::new(operation, Kind::Row, error.to_string()))?;
        Ok(Some(NetworkConfiguration::builder().awsvpc_configuration(vpc).build()))
    }

    pub(super) fn shown(network: Option<&NetworkConfiguration>) -> Self {
        let Some(vpc) = network.and_then(|network| network.awsvpc_configuration()) else { return Self::default() };
        let sorted = |list: &[String]| {
            let mut list = list.to_vec();
            list.sort_unstable();
            Some(list)
        };
        Self {
            subnets: sorted(vpc.subnets()),
            security_groups: sorted(vpc.security_groups()),
            assign_public_ip: vpc.assign_public_ip().map(|public| *public == AssignPublicIp::Enabled),
        }
    }
}

/// A target group that a container answers for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Balancer {
    pub(super) target_group: String,
    container_name: String,
    container_port: i32,
}

impl Balancer {
    pub(super) fn sent(&self) -> SentBalancer {
        let balancer = SentBalancer::builder().target_group_arn(&self.target_group);
        balancer.container_name(&self.container_name).container_port(self.container_port).build()
    }

    /// `None` for one of the first kind, which has no target groups.
    pub(super) fn shown(balancer: &SentBalancer) -> Option<Self> {
        Some(Self {
            target_group: balancer.target_group_arn()?.to_owned(),
            container_name: balancer.container_name()?.to_owned(),
            container_port: balancer.container_port()?,
        })
    }
}
