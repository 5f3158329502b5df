//! A peering connection: two VPCs that reach each other by private addresses.

use aws_sdk_ec2::types::{ResourceType, VpcPeeringConnection as Answer, VpcPeeringConnectionStateReasonCode as Status};
use serde::{Deserialize, Serialize};

use super::tags::{Labels, retag, specification, told};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        once::once,
        tags::Tags,
    },
    resource::{Cloud, Error, Observed, Owner, Resource, gone},
};

/// A row of `ec2.vpc_peering_connection`. What is observed shows the other side both ways, so that a row may name either.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct VpcPeeringConnection {
    region: String,
    name: Option<String>,
    vpc: Option<String>,
    peer_vpc: Option<String>,
    peer_vpc_id: Option<String>,
    peer_region: Option<String>,
    peer_owner_id: Option<String>,
    accepted: Option<bool>,
    tags: Tags,
    vpc_peering_connection_id: Option<String>,
    status: Option<String>,
}

impl Resource for VpcPeeringConnection {
    const TABLE: &'static str = "ec2.vpc_peering_connection";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let found = aws.ec2().describe_vpc_peering_connections().max_results(1000).into_paginator().items().send();
        let found = found.try_collect().await.map_err(refused("DescribeVpcPeeringConnections"))?;
        // a connection to another region stands in both, and is a thing of the one that asked
        let ours = found.iter().filter(|connection| is_of(connection, aws.region()));
        Ok(ours.filter_map(|connection| Self::shown(connection, aws.region())).collect())
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let made = aws
            .ec2()
            .create_vpc_peering_connection()
            .set_vpc_id(self.vpc.clone())
            .set_peer_vpc_id(self.peer_vpc.clone().or(self.peer_vpc_id.clone()))
            .set_peer_region(self.peer_region.clone())
            .set_peer_owner_id(self.peer_owner_id.clone())
            .tag_specifications(specification(ResourceType::VpcPeeringConnection, self.name.as_deref(), &self.tags, owner))
            .customize()
            .config_override(once())
            .send()
            .await
            .map_err(refused("CreateVpcPeeringConnection"))?;
        let made = made.vpc_peering_connection.ok_or_else(|| empty("CreateVpcPeeringConnection"))?;
        // it can be accepted only when AWS has looked at it, and is so once it is seen to wait for that
        Self::shown(&made, aws.region()).ok_or_else(|| empty("CreateVpcPeeringConnection"))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let mut row = was.row.clone();
        if self.accepted == Some(true) && row.accepted == Some(false) {
            row.accept(aws).await?;
        }
        let before = Labels { name: was.row.name.as_deref(), tags: &was.row.tags, owner: was.owner.as_deref() };
        let after = Labels { name: self.name.as_deref(), tags: &self.tags, owner: Some(&owner.tag) };
        retag(aws, row.id(), before, after).await?;
        let row = Self { name: self.name, tags: self.tags, ..row };
        Ok(Observed { row, ..was }.owned(Some(owner.tag.clone())))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let call = aws.ec2().delete_vpc_peering_connection().vpc_peering_connection_id(self.id());
        gone(call.send().await.map_err(refused("DeleteVpcPeeringConnection")))?;
        Ok(None)
    }
}

impl VpcPeeringConnection {
    fn id(&self) -> &str {
        self.vpc_peering_connection_id.as_deref().unwrap_or_default()
    }

    /// In the region of the VPC that is asked, as AWS wants it.
    async fn accept(&mut self, aws: &Aws) -> Result<(), Error> {
        let there = aws.at(self.peer_region.as_deref().unwrap_or(&self.region));
        let call = there.ec2().accept_vpc_peering_connection().vpc_peering_connection_id(self.id());
        call.send().await.map_err(refused("AcceptVpcPeeringConnection"))?;
        self.accepted = Some(true);
        self.status = Some("active".to_owned());
        Ok(())
    }

    /// `None` for what is over: AWS shows it for hours.
    fn shown(connection: &Answer, region: &str) -> Option<Observed<Self>> {
        let status = connection.status().and_then(|status| status.code()).cloned();
        if matches!(status, Some(Status::Deleted | Status::Expired)) {
            return None;
        }
        let told = told(connection.tags());
        let (asks, asked) = (connection.requester_vpc_info(), connection.accepter_vpc_info());
        let peer_vpc = asked.and_then(|side| side.vpc_id()).map(str::to_owned);
        let peer_owner_id = asked.and_then(|side| side.owner_id());
        let waits_for_us = status == Some(Status::PendingAcceptance) && peer_owner_id == asks.and_then(|side| side.owner_id());
        let busy = matches!(status, Some(Status::InitiatingRequest | Status::Provisioning | Status::Deleting));
        let status = status.map(|status| status.as_str().to_owned());
        let row = Self {
            region: region.to_owned(),
            name: told.name,
            vpc: asks.and_then(|side| side.vpc_id()).map(str::to_owned),
            peer_vpc: peer_vpc.clone(),
            peer_vpc_id: peer_vpc,
            peer_region: asked.and_then(|side| side.region()).map(str::to_owned),
            peer_owner_id: peer_owner_id.map(str::to_owned),
            accepted: Some(!waits_for_us),
            tags: told.tags,
            vpc_peering_connection_id: connection.vpc_peering_connection_id().map(str::to_owned),
            status: status.clone(),
        };
        // nobody can delete what failed or was rejected, and AWS forgets it by itself
        let is_over = matches!(status.as_deref(), Some("failed" | "rejected"));
        Some(Observed::of(row).owned(told.owner).pending(status.filter(|_| busy)).implicit(is_over))
    }
}

/// Whether the side that asked is of this region.
fn is_of(connection: &Answer, region: &str) -> bool {
    connection.requester_vpc_info().and_then(|side| side.region()).is_none_or(|asked| asked == region)
}
