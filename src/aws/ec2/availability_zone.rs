//! An availability zone: a part of a region that fails by itself.

use aws_sdk_ec2::types::AvailabilityZone as Answer;
use serde::{Deserialize, Serialize};

use crate::{
    aws::{Aws, error::refused},
    resource::{Error, Kind, Observed, Owner, Resource},
};

/// A row of `ec2.availability_zone`. It can only be referred to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AvailabilityZone {
    region: String,
    name: String,
    zone_id: Option<String>,
    zone_type: Option<String>,
    group_name: Option<String>,
    network_border_group: Option<String>,
    opt_in_status: Option<String>,
    state: Option<String>,
}

impl Resource for AvailabilityZone {
    const TABLE: &'static str = "ec2.availability_zone";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let zones = aws.ec2().describe_availability_zones().all_availability_zones(true).send().await;
        let zones = zones.map_err(refused("DescribeAvailabilityZones"))?;
        Ok(zones.availability_zones().iter().map(|zone| Observed::of(Self::shown(zone, aws.region())).implicit(true)).collect())
    }

    async fn create(self, _: &Owner, _: &Aws) -> Result<Observed<Self>, Error> {
        Err(only_referred_to("CreateAvailabilityZone"))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, _: &Aws) -> Result<Observed<Self>, Error> {
        Ok(was)
    }

    async fn delete(self, _: &Aws) -> Result<Option<Observed<Self>>, Error> {
        Err(only_referred_to("DeleteAvailabilityZone"))
    }
}

fn only_referred_to(operation: &'static str) -> Error {
    Error::new(operation, Kind::Invalid, "an availability zone is AWS' own and can only be referred to")
}

impl AvailabilityZone {
    fn shown(zone: &Answer, region: &str) -> Self {
        Self {
            region: region.to_owned(),
            name: zone.zone_name().unwrap_or_default().to_owned(),
            zone_id: zone.zone_id().map(str::to_owned),
            zone_type: zone.zone_type().map(str::to_owned),
            group_name: zone.group_name().map(str::to_owned),
            network_border_group: zone.network_border_group().map(str::to_owned),
            opt_in_status: zone.opt_in_status().map(|status| status.as_str().to_owned()),
            state: zone.state().map(|state| state.as_str().to_owned()),
        }
    }
}
