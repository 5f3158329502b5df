//! What is set on a VPC, apart from the VPC itself.

use aws_sdk_ec2::types::{AttributeBooleanValue, VpcAttributeName};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::{
    aws::{Aws, error::refused},
    resource::{Error, Observed, Owner, Reads, Resource, gone},
};

/// Questions in flight at a time.
const ASIDE: usize = 8;

/// A row of `ec2.vpc_attribute`. It takes AWS a call for each field of each VPC to tell, and another to change it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct VpcAttribute {
    region: String,
    vpc: Option<String>,
    enable_dns_support: Option<bool>,
    enable_dns_hostnames: Option<bool>,
    enable_network_address_usage_metrics: Option<bool>,
}

impl Resource for VpcAttribute {
    const TABLE: &'static str = "ec2.vpc_attribute";
    const READS: Reads = Reads::Named;
    type Cloud = Aws;

    async fn list(aws: &Aws, named: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let mut vpcs: Vec<_> = named.iter().filter_map(|row| row.vpc.clone()).collect();
        vpcs.sort_unstable();
        vpcs.dedup();
        let asked = stream::iter(vpcs).map(|vpc| async move {
            match Self::read(vpc, aws).await {
                Err(error) if error.is_absent() => Ok(None),
                answer => answer.map(Some),
            }
        });
        asked.buffer_unordered(ASIDE).try_filter_map(|row| async { Ok(row.map(Observed::of)) }).try_collect().await
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let new = self.at_first();
        new.turned(&self, aws).await.map(Observed::of)
    }

    async fn update(self, was: Observed<Self>, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let row = was.row.clone().turned(&self, aws).await?;
        Ok(Observed { row, ..was })
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let new = self.at_first();
        gone(self.turned(&new, aws).await)?;
        Ok(None)
    }
}

impl VpcAttribute {
    /// As a new VPC has it.
    fn at_first(&self) -> Self {
        Self {
            enable_dns_support: Some(true),
            enable_dns_hostnames: Some(false),
            enable_network_address_usage_metrics: Some(false),
            ..self.clone()
        }
    }

    async fn read(vpc: String, aws: &Aws) -> Result<Self, Error> {
        let asked = |name| aws.ec2().describe_vpc_attribute().vpc_id(&vpc).attribute(name).send();
        let (support, hostnames, metrics) = futures::try_join!(
            asked(VpcAttributeName::EnableDnsSupport),
            asked(VpcAttributeName::EnableDnsHostnames),
            asked(VpcAttributeName::EnableNetworkAddressUsageMetrics)
        )
        .map_err(refused("DescribeVpcAttribute"))?;
        let on = |value: Option<AttributeBooleanValue>| value.and_then(|value| value.value);
        Ok(Self {
            region: aws.region().to_owned(),
            enable_dns_support: on(support.enable_dns_support),
            enable_dns_hostnames: on(hostnames.enable_dns_hostnames),
            enable_network_address_usage_metrics: on(metrics.enable_network_address_usage_metrics),
            vpc: Some(vpc),
        })
    }

    /// A call for each field that is asked for and differs: AWS takes no two of them in one.
    async fn turned(mut self, should: &Self, aws: &Aws) -> Result<Self, Error> {
        let value = |on: bool| AttributeBooleanValue::builder().value(on).build();
        let asked = || aws.ec2().modify_vpc_attribute().set_vpc_id(self.vpc.clone());
        // host names need DNS: it comes on before them, and goes off after them
        let support = news(should.enable_dns_support, self.enable_dns_support);
        let hostnames = news(should.enable_dns_hostnames, self.enable_dns_hostnames);
        let metrics = news(should.enable_network_address_usage_metrics, self.enable_network_address_usage_metrics);
        let mut calls = vec![
            support.filter(|on| *on).map(|on| asked().enable_dns_support(value(on))),
            hostnames.map(|on| asked().enable_dns_hostnames(value(on))),
            support.filter(|on| !on).map(|on| asked().enable_dns_support(value(on))),
            metrics.map(|on| asked().enable_network_address_usage_metrics(value(on))),
        ];
        for call in calls.drain(..).flatten() {
            call.send().await.map_err(refused("ModifyVpcAttribute"))?;
        }
        self.enable_dns_support = should.enable_dns_support.or(self.enable_dns_support);
        self.enable_dns_hostnames = should.enable_dns_hostnames.or(self.enable_dns_hostnames);
        self.enable_network_address_usage_metrics =
            should.enable_network_address_usage_metrics.or(self.enable_network_address_usage_metrics);
        Ok(self)
    }
}

/// What is asked for and is not so.
fn news(should: Option<bool>, is: Option<bool>) -> Option<bool> {
    should.filter(|on| Some(*on) != is)
}
