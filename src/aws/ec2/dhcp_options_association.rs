//! Which DHCP options a VPC uses.

use serde::{Deserialize, Serialize};

use super::{dhcp_options::set_of_region, vpc::vpcs};
use crate::{
    aws::{Aws, error::refused},
    resource::{Error, Observed, Owner, Resource, gone},
};

/// AWS' word for no options at all.
const NONE: &str = "default";

/// A row of `ec2.dhcp_options_association`. Every VPC has one, so it is never made and never removed, but turned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DhcpOptionsAssociation {
    region: String,
    vpc: Option<String>,
    dhcp_options: Option<String>,
}

impl Resource for DhcpOptionsAssociation {
    const TABLE: &'static str = "ec2.dhcp_options_association";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let (vpcs, of_region) = (vpcs(aws).await?, set_of_region(aws).await?);
        let rows = vpcs.iter().map(|vpc| {
            // a VPC begins with those of its region: nobody asked for that
            let set = vpc.dhcp_options_id();
            let row = Self { region: aws.region().to_owned(), vpc: vpc.vpc_id().map(str::to_owned), dhcp_options: set.map(str::to_owned) };
            Observed::of(row).implicit(set == Some(NONE) || set == of_region.as_deref())
        });
        Ok(rows.collect())
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        self.associate(self.dhcp_options.as_deref().unwrap_or(NONE), aws).await?;
        Ok(Observed::of(self))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        if let Some(set) = self.dhcp_options.as_deref().filter(|set| Some(*set) != was.row.dhcp_options.as_deref()) {
            was.row.associate(set, aws).await?;
        }
        let row = Self { dhcp_options: self.dhcp_options.or(was.row.dhcp_options), ..was.row };
        Ok(Observed::of(row))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let set = set_of_region(aws).await?;
        gone(self.associate(set.as_deref().unwrap_or(NONE), aws).await)?;
        Ok(None)
    }
}

impl DhcpOptionsAssociation {
    async fn associate(&self, set: &str, aws: &Aws) -> Result<(), Error> {
        let call = aws.ec2().associate_dhcp_options().set_vpc_id(self.vpc.clone()).dhcp_options_id(set);
        call.send().await.map(drop).map_err(refused("AssociateDhcpOptions"))
    }
}
