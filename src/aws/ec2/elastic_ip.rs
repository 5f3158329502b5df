//! An Elastic IP address: a public IPv4 address that is the account's until it is released.

use aws_sdk_ec2::types::{Address as Answer, DomainType, ResourceType};
use serde::{Deserialize, Serialize};

use super::tags::{Labels, retag, specification, told};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        once::once,
        tags::Tags,
    },
    resource::{Error, Observed, Owner, Resource, gone},
};

/// A row of `ec2.elastic_ip`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ElasticIp {
    region: String,
    name: Option<String>,
    network_border_group: Option<String>,
    public_ipv4_pool: Option<String>,
    tags: Tags,
    allocation_id: Option<String>,
    public_ip: Option<String>,
}

impl Resource for ElasticIp {
    const TABLE: &'static str = "ec2.elastic_ip";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        Ok(addresses(aws).await?.iter().map(|address| Self::shown(address, aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let made = aws
            .ec2()
            .allocate_address()
            .domain(DomainType::Vpc)
            .set_network_border_group(self.network_border_group.clone())
            .set_public_ipv4_pool(self.public_ipv4_pool.clone().filter(|pool| pool != "amazon"))
            .tag_specifications(specification(ResourceType::ElasticIp, self.name.as_deref(), &self.tags, owner))
            .customize()
            .config_override(once())
            .send()
            .await
            .map_err(refused("AllocateAddress"))?;
        let row = Self {
            network_border_group: made.network_border_group.or(self.network_border_group),
            public_ipv4_pool: made.public_ipv4_pool.or(self.public_ipv4_pool),
            allocation_id: Some(made.allocation_id.ok_or_else(|| empty("AllocateAddress"))?),
            public_ip: made.public_ip,
            ..self
        };
        Ok(Observed::of(row).owned(Some(owner.tag.clone())))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let id = was.row.allocation_id.as_deref().unwrap_or_default();
        let before = Labels { name: was.row.name.as_deref(), tags: &was.row.tags, owner: was.owner.as_deref() };
        retag(aws, id, before, Labels { name: self.name.as_deref(), tags: &self.tags, owner: Some(&owner.tag) }).await?;
        let row = Self { name: self.name, tags: self.tags, ..was.row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        gone(aws.ec2().release_address().set_allocation_id(self.allocation_id).send().await.map_err(refused("ReleaseAddress")))?;
        Ok(None)
    }
}

impl ElasticIp {
    fn shown(address: &Answer, region: &str) -> Observed<Self> {
        let told = told(address.tags());
        let row = Self {
            region: region.to_owned(),
            name: told.name,
            network_border_group: address.network_border_group().map(str::to_owned),
            public_ipv4_pool: address.public_ipv4_pool().map(str::to_owned),
            tags: told.tags,
            allocation_id: address.allocation_id().map(str::to_owned),
            public_ip: address.public_ip().map(str::to_owned),
        };
        // a load balancer or a database that asks for addresses keeps them itself
        Observed::of(row).owned(told.owner).implicit(address.service_managed().is_some())
    }
}

/// Every address of the account; AWS has no pages for them.
pub(super) async fn addresses(aws: &Aws) -> Result<Vec<Answer>, Error> {
    let found = aws.ec2().describe_addresses().send().await.map_err(refused("DescribeAddresses"))?;
    Ok(found.addresses.unwrap_or_default())
}
