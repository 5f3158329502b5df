//! DHCP options: what the machines of a VPC are told about names, time and the like.

use aws_sdk_ec2::types::{DhcpConfiguration, DhcpOptions as Answer, NewDhcpConfiguration, ResourceType};
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

/// A row of `ec2.dhcp_options`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DhcpOptions {
    region: String,
    name: Option<String>,
    domain_name: Option<String>,
    domain_name_servers: Option<Vec<String>>,
    ntp_servers: Option<Vec<String>>,
    netbios_name_servers: Option<Vec<String>>,
    netbios_node_type: Option<i32>,
    ipv6_address_preferred_lease_time: Option<i32>,
    tags: Tags,
    dhcp_options_id: Option<String>,
}

impl Resource for DhcpOptions {
    const TABLE: &'static str = "ec2.dhcp_options";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        Ok(sets(aws).await?.iter().map(|set| Self::shown(set, aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let tags = specification(ResourceType::DhcpOptions, self.name.as_deref(), &self.tags, owner);
        let call = aws.ec2().create_dhcp_options().set_dhcp_configurations(Some(self.configurations())).tag_specifications(tags);
        let made = call.customize().config_override(once()).send().await.map_err(refused("CreateDhcpOptions"))?;
        let id = made.dhcp_options.and_then(|set| set.dhcp_options_id).ok_or_else(|| empty("CreateDhcpOptions"))?;
        Ok(Observed::of(Self { dhcp_options_id: Some(id), ..self }).owned(Some(owner.tag.clone())))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let id = was.row.dhcp_options_id.as_deref().unwrap_or_default();
        let before = Labels { name: was.row.name.as_deref(), tags: &was.row.tags, owner: was.owner.as_deref() };
        retag(aws, id, before, Labels { name: self.name.as_deref(), tags: &self.tags, owner: Some(&owner.tag) }).await?;
        let row = Self { name: self.name, tags: self.tags, ..was.row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let id = self.dhcp_options_id.unwrap_or_default();
        gone(aws.ec2().delete_dhcp_options().dhcp_options_id(id).send().await.map_err(refused("DeleteDhcpOptions")))?;
        Ok(None)
    }
}

impl DhcpOptions {
    /// The options as the API takes them: all values are lists of texts.
    fn configurations(&self) -> Vec<NewDhcpConfiguration> {
        let one = |text: Option<String>| text.map(|text| vec![text]);
        let all = [
            ("domain-name", one(self.domain_name.clone())),
            ("domain-name-servers", self.domain_name_servers.clone()),
            ("ntp-servers", self.ntp_servers.clone()),
            ("netbios-name-servers", self.netbios_name_servers.clone()),
            ("netbios-node-type", one(self.netbios_node_type.map(|kind| kind.to_string()))),
            ("ipv6-address-preferred-lease-time", one(self.ipv6_address_preferred_lease_time.map(|seconds| seconds.to_string()))),
        ];
        let given = all.into_iter().filter_map(|(key, values)| Some((key, values?)));
        given.map(|(key, values)| NewDhcpConfiguration::builder().key(key).set_values(Some(values)).build()).collect()
    }

    fn shown(set: &Answer, region: &str) -> Observed<Self> {
        let told = told(set.tags());
        let row = Self {
            region: region.to_owned(),
            name: told.name,
            domain_name: values(set, "domain-name").map(|values| values.join(" ")),
            domain_name_servers: values(set, "domain-name-servers"),
            ntp_servers: values(set, "ntp-servers"),
            netbios_name_servers: values(set, "netbios-name-servers"),
            netbios_node_type: number(set, "netbios-node-type"),
            ipv6_address_preferred_lease_time: number(set, "ipv6-address-preferred-lease-time"),
            tags: told.tags,
            dhcp_options_id: set.dhcp_options_id().map(str::to_owned),
        };
        Observed::of(row).owned(told.owner).implicit(comes_with_a_region(set, region))
    }
}

fn values(set: &Answer, key: &str) -> Option<Vec<String>> {
    let found = set.dhcp_configurations().iter().find(|option| option.key() == Some(key)).map(DhcpConfiguration::values)?;
    Some(found.iter().filter_map(|value| value.value()).map(str::to_owned).collect()).filter(|values: &Vec<_>| !values.is_empty())
}

fn number(set: &Answer, key: &str) -> Option<i32> {
    values(set, key)?.first()?.parse().ok()
}

/// AWS makes one set in each region, and says of it only what all its VPCs are told.
///
/// <https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html>
fn comes_with_a_region(set: &Answer, region: &str) -> bool {
    let domain = if region == "us-east-1" { "ec2.internal".to_owned() } else { format!("{region}.compute.internal") };
    let only = |key: &str, value: &str| values(set, key).is_some_and(|values| values == [value]);
    let bare = set.tags().is_empty() && set.dhcp_configurations().len() == 2;
    bare && only("domain-name", &domain) && only("domain-name-servers", "AmazonProvidedDNS")
}

async fn sets(aws: &Aws) -> Result<Vec<Answer>, Error> {
    let sets = aws.ec2().describe_dhcp_options().max_results(1000).into_paginator().items().send();
    sets.try_collect().await.map_err(refused("DescribeDhcpOptions"))
}

/// The set that AWS made for a region's VPCs, where it is still there.
pub(super) async fn set_of_region(aws: &Aws) -> Result<Option<String>, Error> {
    let sets = sets(aws).await?;
    let of_region = sets.iter().find(|set| comes_with_a_region(set, aws.region()));
    Ok(of_region.and_then(|set| set.dhcp_options_id()).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{AttributeValue, Tag};

    use super::*;

    fn set(domain: &str, server: &str) -> aws_sdk_ec2::types::builders::DhcpOptionsBuilder {
        let option =
            |key: &str, value: &str| DhcpConfiguration::builder().key(key).values(AttributeValue::builder().value(value).build()).build();
        Answer::builder().dhcp_configurations(option("domain-name", domain)).dhcp_configurations(option("domain-name-servers", server))
    }

    #[test]
    fn the_set_that_comes_with_a_region_is_nobodys() {
        assert!(comes_with_a_region(&set("ec2.internal", "AmazonProvidedDNS").build(), "us-east-1"));
        assert!(comes_with_a_region(&set("eu-west-1.compute.internal", "AmazonProvidedDNS").build(), "eu-west-1"));
        assert!(!comes_with_a_region(&set("ec2.internal", "10.0.0.2").build(), "us-east-1"));
        let named = set("ec2.internal", "AmazonProvidedDNS").tags(Tag::builder().key("Name").value("mine").build());
        assert!(!comes_with_a_region(&named.build(), "us-east-1"));
    }
}
