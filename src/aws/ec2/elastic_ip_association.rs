//! Which instance an Elastic IP address leads to.

use aws_sdk_ec2::types::Address as Answer;
use serde::{Deserialize, Serialize};

use super::elastic_ip::addresses;
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
    },
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `ec2.elastic_ip_association`. It has no tags.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ElasticIpAssociation {
    region: String,
    elastic_ip: Option<String>,
    instance: Option<String>,
    association_id: Option<String>,
}

impl Resource for ElasticIpAssociation {
    const TABLE: &'static str = "ec2.elastic_ip_association";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        Ok(addresses(aws).await?.iter().filter_map(|address| Self::shown(address, aws.region())).map(Observed::of).collect())
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        self.associated(aws).await.map(Observed::of)
    }

    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        if self.instance.is_none() || self.instance == was.row.instance {
            return Ok(was);
        }
        let row = Self { instance: self.instance, ..was.row.clone() }.associated(aws).await?;
        Ok(Observed { row, ..was })
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.ec2().disassociate_address().set_association_id(self.association_id);
        gone(asked.send().await.map_err(refused("DisassociateAddress")))?;
        Ok(None)
    }
}

impl ElasticIpAssociation {
    /// The same call takes the address from whatever has it.
    async fn associated(self, aws: &Aws) -> Result<Self, Error> {
        let asked = aws
            .ec2()
            .associate_address()
            .set_allocation_id(self.elastic_ip.clone())
            .set_instance_id(self.instance.clone())
            .allow_reassociation(true);
        let made = asked.send().await.map_err(refused("AssociateAddress"))?;
        Ok(Self { association_id: Some(made.association_id.ok_or_else(|| empty("AssociateAddress"))?), ..self })
    }

    /// `None` for an address that leads nowhere, or to what is no instance.
    fn shown(address: &Answer, region: &str) -> Option<Self> {
        let instance = address.instance_id().filter(|id| !id.is_empty())?;
        Some(Self {
            region: region.to_owned(),
            elastic_ip: address.allocation_id().map(str::to_owned),
            instance: Some(instance.to_owned()),
            association_id: address.association_id().map(str::to_owned),
        })
    }
}
