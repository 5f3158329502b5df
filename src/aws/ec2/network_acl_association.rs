//! Which network ACL a subnet uses.

use aws_sdk_ec2::types::{Filter, NetworkAcl as Acl, NetworkAclAssociation as Answer};
use serde::{Deserialize, Serialize};

use super::network_acl::acls;
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
    },
    resource::{Error, Kind, Observed, Owner, Resource, gone},
};

/// A row of `ec2.network_acl_association`. Every subnet has one, so it is never made and never removed, but replaced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct NetworkAclAssociation {
    region: String,
    subnet: Option<String>,
    network_acl: Option<String>,
    network_acl_association_id: Option<String>,
}

impl Resource for NetworkAclAssociation {
    const TABLE: &'static str = "ec2.network_acl_association";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let acls = acls(aws).await?;
        let all = acls.iter().flat_map(|acl| acl.associations().iter().map(move |association| (acl, association)));
        // a subnet begins with the default ACL of its VPC: nobody asked for that, and nothing can take it away
        let shown = all.map(|(acl, it)| Observed::of(Self::shown(it, aws.region())).implicit(acl.is_default().unwrap_or_default()));
        Ok(shown.collect())
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let acl = acl_of(aws, "association.subnet-id", self.subnet.as_deref().unwrap_or_default()).await?;
        let all = acl.iter().flat_map(|acl| acl.associations());
        let is = all.filter(|association| association.subnet_id() == self.subnet.as_deref()).map(|is| Self::shown(is, aws.region())).next();
        let is = is.ok_or_else(|| Error::new("DescribeNetworkAcls", Kind::Held, "the subnet has no network ACL yet"))?;
        is.replaced(self.network_acl, aws).await.map(Observed::of)
    }

    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let row = was.row.clone().replaced(self.network_acl, aws).await?;
        Ok(Observed::of(row))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let acl = acl_of(aws, "association.association-id", self.network_acl_association_id.as_deref().unwrap_or_default()).await?;
        // no ACL has it: the subnet is gone, or somebody was here before
        let Some(vpc) = acl.as_ref().filter(|acl| !acl.is_default().unwrap_or_default()).and_then(Acl::vpc_id) else { return Ok(None) };
        let default = default_acl(aws, vpc).await?.ok_or_else(|| empty("DescribeNetworkAcls"))?;
        gone(self.replaced(Some(default), aws).await)?;
        Ok(None)
    }
}

impl NetworkAclAssociation {
    /// Turns it to another ACL, if it is not that already; the association is another one from here on.
    async fn replaced(self, acl: Option<String>, aws: &Aws) -> Result<Self, Error> {
        let Some(acl) = acl.filter(|acl| Some(acl) != self.network_acl.as_ref()) else { return Ok(self) };
        let call = aws.ec2().replace_network_acl_association().set_association_id(self.network_acl_association_id).network_acl_id(&acl);
        let made = call.send().await.map_err(refused("ReplaceNetworkAclAssociation"))?;
        let id = made.new_association_id.ok_or_else(|| empty("ReplaceNetworkAclAssociation"))?;
        Ok(Self { network_acl: Some(acl), network_acl_association_id: Some(id), ..self })
    }

    fn shown(association: &Answer, region: &str) -> Self {
        Self {
            region: region.to_owned(),
            subnet: association.subnet_id().map(str::to_owned),
            network_acl: association.network_acl_id().map(str::to_owned),
            network_acl_association_id: association.network_acl_association_id().map(str::to_owned),
        }
    }
}

/// The ACL of one subnet, or of one association.
async fn acl_of(aws: &Aws, filter: &str, value: &str) -> Result<Option<Acl>, Error> {
    let of_it = Filter::builder().name(filter).values(value).build();
    let found = aws.ec2().describe_network_acls().filters(of_it).send().await.map_err(refused("DescribeNetworkAcls"))?;
    Ok(found.network_acls.unwrap_or_default().into_iter().next())
}

/// The ACL that subnets of a VPC have when nobody gave them another.
async fn default_acl(aws: &Aws, vpc: &str) -> Result<Option<String>, Error> {
    let is_default = Filter::builder().name("default").values("true").build();
    let of_vpc = Filter::builder().name("vpc-id").values(vpc).build();
    let found = aws.ec2().describe_network_acls().filters(is_default).filters(of_vpc).send().await;
    let found = found.map_err(refused("DescribeNetworkAcls"))?;
    Ok(found.network_acls().first().and_then(Acl::network_acl_id).map(str::to_owned))
}
